/* activation.h - activations beyond those that a name alone says: with an axis, or layers used as an activation. */
#ifndef GD_KERAS_ACTIVATION_H
#define GD_KERAS_ACTIVATION_H
#include "model/keras/keras.h"

/* axis: of flow.shape, for softmax and its like. */
gd_flow gd_keras_activate_named(gd_keras *k, const char *name, gd_flow flow, int axis);
/* {"class_name": "LeakyReLU", "config": {...}} in the place of an activation's name. */
gd_flow gd_keras_activate_layer(gd_keras *k, const char *class_name, const json_t *object, gd_flow flow);

#endif
