/* family.h - the translate functions of family.c's table, by the file they stand in. Each takes the layer being
 * translated (k->now) and its call, and gives the call's outputs. */
#ifndef GD_KERAS_FAMILY_H
#define GD_KERAS_FAMILY_H
#include "model/keras/keras.h"

/* family_input.c */
gd_status gd_family_input(gd_keras *k, gd_keras_call *call);

/* family_dense.c */
gd_status gd_family_dense(gd_keras *k, gd_keras_call *call);
gd_status gd_family_embedding(gd_keras *k, gd_keras_call *call);
gd_status gd_family_reversible_embedding(gd_keras *k, gd_keras_call *call);

/* family_activation.c */
gd_status gd_family_activation(gd_keras *k, gd_keras_call *call);
gd_status gd_family_relu(gd_keras *k, gd_keras_call *call);
gd_status gd_family_leaky_relu(gd_keras *k, gd_keras_call *call);
gd_status gd_family_elu(gd_keras *k, gd_keras_call *call);
gd_status gd_family_thresholded_relu(gd_keras *k, gd_keras_call *call);
gd_status gd_family_prelu(gd_keras *k, gd_keras_call *call);
gd_status gd_family_softmax(gd_keras *k, gd_keras_call *call);

/* family_shape.c */
gd_status gd_family_same(gd_keras *k, gd_keras_call *call);
gd_status gd_family_flatten(gd_keras *k, gd_keras_call *call);
gd_status gd_family_reshape(gd_keras *k, gd_keras_call *call);
gd_status gd_family_permute(gd_keras *k, gd_keras_call *call);
gd_status gd_family_repeat(gd_keras *k, gd_keras_call *call);
gd_status gd_family_pad1d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_pad2d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_pad3d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_crop1d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_crop2d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_crop3d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_up1d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_up2d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_up3d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_masking(gd_keras *k, gd_keras_call *call);

/* family_conv.c */
gd_status gd_family_conv1d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_conv2d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_conv3d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_depthwise1d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_depthwise2d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_separable1d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_separable2d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_conv1d_transpose(gd_keras *k, gd_keras_call *call);
gd_status gd_family_conv2d_transpose(gd_keras *k, gd_keras_call *call);
gd_status gd_family_conv3d_transpose(gd_keras *k, gd_keras_call *call);

/* family_pool.c */
gd_status gd_family_max1d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_max2d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_max3d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_average1d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_average2d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_average3d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_global_average1d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_global_average2d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_global_average3d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_global_max1d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_global_max2d(gd_keras *k, gd_keras_call *call);
gd_status gd_family_global_max3d(gd_keras *k, gd_keras_call *call);

/* family_norm.c */
gd_status gd_family_batch_norm(gd_keras *k, gd_keras_call *call);
gd_status gd_family_layer_norm(gd_keras *k, gd_keras_call *call);
gd_status gd_family_rms_norm(gd_keras *k, gd_keras_call *call);
gd_status gd_family_layer_scale(gd_keras *k, gd_keras_call *call);
gd_status gd_family_unit_norm(gd_keras *k, gd_keras_call *call);
gd_status gd_family_group_norm(gd_keras *k, gd_keras_call *call);
gd_status gd_family_rescaling(gd_keras *k, gd_keras_call *call);
gd_status gd_family_normalization(gd_keras *k, gd_keras_call *call);

/* family_merge.c */
gd_status gd_family_add(gd_keras *k, gd_keras_call *call);
gd_status gd_family_subtract(gd_keras *k, gd_keras_call *call);
gd_status gd_family_multiply(gd_keras *k, gd_keras_call *call);
gd_status gd_family_average(gd_keras *k, gd_keras_call *call);
gd_status gd_family_maximum(gd_keras *k, gd_keras_call *call);
gd_status gd_family_minimum(gd_keras *k, gd_keras_call *call);
gd_status gd_family_concatenate(gd_keras *k, gd_keras_call *call);
gd_status gd_family_dot(gd_keras *k, gd_keras_call *call);

/* family_recurrent.c */
gd_status gd_family_recurrent(gd_keras *k, gd_keras_call *call);
gd_status gd_family_cell(gd_keras *k, gd_keras_call *call);

/* family_bidirectional.c */
gd_status gd_family_bidirectional(gd_keras *k, gd_keras_call *call);

/* family_conv_lstm.c */
gd_status gd_family_conv_lstm(gd_keras *k, gd_keras_call *call);

/* family_time.c */
gd_status gd_family_time_distributed(gd_keras *k, gd_keras_call *call);
gd_status gd_family_wrapped(gd_keras *k, gd_keras_call *call);

/* family_attention.c */
gd_status gd_family_multi_head(gd_keras *k, gd_keras_call *call);
gd_status gd_family_grouped_query(gd_keras *k, gd_keras_call *call);

/* family_plain_attention.c */
gd_status gd_family_attention(gd_keras *k, gd_keras_call *call);
gd_status gd_family_additive_attention(gd_keras *k, gd_keras_call *call);

/* family_einsum.c */
gd_status gd_family_einsum(gd_keras *k, gd_keras_call *call);

/* family_category.c */
gd_status gd_family_category(gd_keras *k, gd_keras_call *call);
gd_status gd_family_discretization(gd_keras *k, gd_keras_call *call);
gd_status gd_family_integer_lookup(gd_keras *k, gd_keras_call *call);

/* family_resize.c */
gd_status gd_family_resizing(gd_keras *k, gd_keras_call *call);
gd_status gd_family_center_crop(gd_keras *k, gd_keras_call *call);
gd_status gd_family_adaptive_average(gd_keras *k, gd_keras_call *call);
gd_status gd_family_adaptive_max(gd_keras *k, gd_keras_call *call);

#endif
