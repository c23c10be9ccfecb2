/* The table of layer classes. */
#include "model/keras/family.h"
#include <string.h>

#define END { 0 }

static const gd_keras_spec dense[] = { { "kernel", GD_KERNEL, "", "", NULL, false }, { "bias", GD_BIAS, "", "", "use_bias", false }, END };

static const gd_keras_spec separable[] = { { "depthwise_kernel", GD_DEPTHWISE, "", "", NULL, false },
	{ "pointwise_kernel", GD_POINTWISE, "", "", NULL, false }, { "bias", GD_BIAS, "", "", "use_bias", false }, END };

static const gd_keras_spec depthwise[] = { { "kernel", GD_DEPTHWISE, "", "", NULL, false }, { "bias", GD_BIAS, "", "", "use_bias", false }, END };

static const gd_keras_spec prelu[] = { { "alpha", GD_OTHER_WEIGHT, "", "", NULL, false }, END };

static const gd_keras_spec embedding[] = { { "embeddings", GD_TABLE, "", "", NULL, false }, END };

static const gd_keras_spec batch_norm[] = { { "gamma", GD_GAMMA, "", "", "scale", false }, { "beta", GD_BETA, "", "", "center", false },
	{ "moving_mean", GD_MEAN, "", "", NULL, true }, { "moving_variance", GD_VARIANCE, "", "", NULL, true }, END };

static const gd_keras_spec layer_norm[] = { { "gamma", GD_GAMMA, "", "", "scale|rms_scaling", false },
	{ "beta", GD_BETA, "", "", "center !rms_scaling", false }, END };

static const gd_keras_spec group_norm[] = { { "gamma", GD_GAMMA, "", "", "scale", false }, { "beta", GD_BETA, "", "", "center", false }, END };

static const gd_keras_spec rms_norm[] = { { "scale", GD_GAMMA, "", "", NULL, false }, END };

static const gd_keras_spec layer_scale[] = { { "gamma", GD_GAMMA, "", "", NULL, false }, END };

static const gd_keras_spec normalization[] = { { "mean", GD_MEAN, "", "", "-mean", true }, { "variance", GD_VARIANCE, "", "", "-mean", true },
	{ "count", GD_OTHER_WEIGHT, "", "", "-mean", true }, END };

static const gd_keras_spec cell[] = { { "kernel", GD_KERNEL, "cell", "", NULL, false }, { "recurrent_kernel", GD_RECURRENT, "cell", "", NULL, false },
	{ "bias", GD_BIAS, "cell", "", "use_bias", false }, END };

static const gd_keras_spec inner_cell[] = { { "kernel", GD_KERNEL, "", "", NULL, false }, { "recurrent_kernel", GD_RECURRENT, "", "", NULL, false },
	{ "bias", GD_BIAS, "", "", "use_bias", false }, END };

static const gd_keras_spec reversible[] = { { "embeddings", GD_TABLE, "", "", NULL, false },
	{ "reverse_embeddings", GD_KERNEL, "", "", "!tie_weights", false }, END };

static const gd_keras_spec einsum[] = { { "kernel", GD_KERNEL, "", "", NULL, false }, { "bias", GD_BIAS, "", "", "+bias_axes", false }, END };

static const gd_keras_spec attention[] = { { "scale", GD_OTHER_WEIGHT, "", "", "+use_scale", false },
	{ "concat_score_weight", GD_OTHER_WEIGHT, "", "", "score_mode=concat", false }, END };

static const gd_keras_spec additive[] = { { "scale", GD_OTHER_WEIGHT, "", "", "use_scale", false }, END };

/* Its kernel is the inner layer's; beside it, an .h5 has the vector of the power iteration. */
static const gd_keras_spec spectral[] = { { "vector_u", GD_OTHER_WEIGHT, "", "", "@h5", true }, END };

#define PROJECTION(path, part, more) { "kernel", GD_KERNEL, path, part, more, false }, { "bias", GD_BIAS, path, part, more " use_bias", false }

static const gd_keras_spec grouped_query[] = { PROJECTION("_query_dense", "query", ""), PROJECTION("_key_dense", "key", ""),
	PROJECTION("_gate_dense", "gate", "+use_gate"), PROJECTION("_value_dense", "value", ""), PROJECTION("_output_dense", "output", ""), END };

static const gd_keras_spec multi_head[] = { PROJECTION("query_dense", "query", ""), PROJECTION("key_dense", "key", ""),
	PROJECTION("_gate_dense", "gate", "+use_gate"), PROJECTION("value_dense", "value", ""), PROJECTION("output_dense", "output", ""), END };

#define ROW(name, old, family, entry, mask, specs, function) { name, old, family, entry, mask, specs, gd_family_##function, GD_KERAS_PLAIN }
#define WRAPPER(name, family, entry, mask, specs, function) { name, "", family, entry, mask, specs, gd_family_##function, GD_KERAS_WRAPPER }
#define CELL(name, specs, nesting) { name, "", GD_FAMILY_RECURRENT, false, GD_MASK_DROPPED, specs, gd_family_cell, nesting }
/* Changes images while a model is trained, and nothing afterwards. */
#define AUGMENTATION(name) ROW(name, "", GD_FAMILY_REGULARIZER, false, GD_MASK_KEPT, NULL, same)
#define NET(name, old) { name, old, GD_FAMILY_OTHER, false, GD_MASK_SET, NULL, NULL, GD_KERAS_NET }

static const gd_keras_family families[] = {
	NET("Sequential", ""),
	NET("Functional", "Model"),
	ROW("InputLayer", "", GD_FAMILY_INPUT, false, GD_MASK_DROPPED, NULL, input),
	ROW("Dense", "TimeDistributedDense", GD_FAMILY_DENSE, true, GD_MASK_KEPT, dense, dense),
	ROW("EinsumDense", "", GD_FAMILY_DENSE, true, GD_MASK_DROPPED, einsum, einsum),
	ROW("Embedding", "", GD_FAMILY_EMBEDDING, true, GD_MASK_SET, embedding, embedding),
	ROW("ReversibleEmbedding", "", GD_FAMILY_EMBEDDING, true, GD_MASK_SET, reversible, reversible_embedding),
	ROW("Conv1D", "Convolution1D AtrousConvolution1D", GD_FAMILY_CONV, true, GD_MASK_DROPPED, dense, conv1d),
	ROW("Conv2D", "Convolution2D AtrousConvolution2D", GD_FAMILY_CONV, true, GD_MASK_DROPPED, dense, conv2d),
	ROW("Conv3D", "Convolution3D", GD_FAMILY_CONV, true, GD_MASK_DROPPED, dense, conv3d),
	ROW("DepthwiseConv1D", "", GD_FAMILY_DEPTHWISE, true, GD_MASK_DROPPED, depthwise, depthwise1d),
	ROW("DepthwiseConv2D", "", GD_FAMILY_DEPTHWISE, true, GD_MASK_DROPPED, depthwise, depthwise2d),
	ROW("SeparableConv1D", "SeparableConvolution1D", GD_FAMILY_CONV, true, GD_MASK_DROPPED, separable, separable1d),
	ROW("SeparableConv2D", "SeparableConvolution2D", GD_FAMILY_CONV, true, GD_MASK_DROPPED, separable, separable2d),
	ROW("Conv1DTranspose", "Convolution1DTranspose", GD_FAMILY_CONV_TRANSPOSE, true, GD_MASK_DROPPED, dense, conv1d_transpose),
	ROW("Conv2DTranspose", "Convolution2DTranspose Deconvolution2D", GD_FAMILY_CONV_TRANSPOSE, true, GD_MASK_DROPPED, dense, conv2d_transpose),
	ROW("Conv3DTranspose", "Convolution3DTranspose Deconvolution3D", GD_FAMILY_CONV_TRANSPOSE, true, GD_MASK_DROPPED, dense, conv3d_transpose),
	ROW("MaxPooling1D", "MaxPool1D", GD_FAMILY_POOLING, true, GD_MASK_DROPPED, NULL, max1d),
	ROW("MaxPooling2D", "MaxPool2D", GD_FAMILY_POOLING, true, GD_MASK_DROPPED, NULL, max2d),
	ROW("MaxPooling3D", "MaxPool3D", GD_FAMILY_POOLING, true, GD_MASK_DROPPED, NULL, max3d),
	ROW("AveragePooling1D", "AvgPool1D", GD_FAMILY_POOLING, true, GD_MASK_DROPPED, NULL, average1d),
	ROW("AveragePooling2D", "AvgPool2D", GD_FAMILY_POOLING, true, GD_MASK_DROPPED, NULL, average2d),
	ROW("AveragePooling3D", "AvgPool3D", GD_FAMILY_POOLING, true, GD_MASK_DROPPED, NULL, average3d),
	ROW("GlobalMaxPooling1D", "GlobalMaxPool1D", GD_FAMILY_POOLING, true, GD_MASK_DROPPED, NULL, global_max1d),
	ROW("GlobalMaxPooling2D", "GlobalMaxPool2D", GD_FAMILY_POOLING, true, GD_MASK_DROPPED, NULL, global_max2d),
	ROW("GlobalMaxPooling3D", "GlobalMaxPool3D", GD_FAMILY_POOLING, true, GD_MASK_DROPPED, NULL, global_max3d),
	ROW("GlobalAveragePooling1D", "GlobalAvgPool1D", GD_FAMILY_POOLING, true, GD_MASK_DROPPED, NULL, global_average1d),
	ROW("GlobalAveragePooling2D", "GlobalAvgPool2D", GD_FAMILY_POOLING, true, GD_MASK_DROPPED, NULL, global_average2d),
	ROW("GlobalAveragePooling3D", "GlobalAvgPool3D", GD_FAMILY_POOLING, true, GD_MASK_DROPPED, NULL, global_average3d),
	ROW("AdaptiveAveragePooling1D", "", GD_FAMILY_POOLING, true, GD_MASK_DROPPED, NULL, adaptive_average),
	ROW("AdaptiveAveragePooling2D", "", GD_FAMILY_POOLING, true, GD_MASK_DROPPED, NULL, adaptive_average),
	ROW("AdaptiveAveragePooling3D", "", GD_FAMILY_POOLING, true, GD_MASK_DROPPED, NULL, adaptive_average),
	ROW("AdaptiveMaxPooling1D", "", GD_FAMILY_POOLING, true, GD_MASK_DROPPED, NULL, adaptive_max),
	ROW("AdaptiveMaxPooling2D", "", GD_FAMILY_POOLING, true, GD_MASK_DROPPED, NULL, adaptive_max),
	ROW("AdaptiveMaxPooling3D", "", GD_FAMILY_POOLING, true, GD_MASK_DROPPED, NULL, adaptive_max),
	ROW("SimpleRNN", "", GD_FAMILY_RECURRENT, true, GD_MASK_SET, cell, recurrent),
	ROW("LSTM", "", GD_FAMILY_RECURRENT, true, GD_MASK_SET, cell, recurrent),
	ROW("GRU", "", GD_FAMILY_RECURRENT, true, GD_MASK_SET, cell, recurrent),
	WRAPPER("RNN", GD_FAMILY_RECURRENT, true, GD_MASK_SET, NULL, recurrent),
	CELL("StackedRNNCells", NULL, GD_KERAS_CELLS),
	CELL("SimpleRNNCell", inner_cell, GD_KERAS_PLAIN),
	CELL("LSTMCell", inner_cell, GD_KERAS_PLAIN),
	CELL("GRUCell", inner_cell, GD_KERAS_PLAIN),
	ROW("ConvLSTM1D", "", GD_FAMILY_RECURRENT, true, GD_MASK_SET, cell, conv_lstm),
	ROW("ConvLSTM2D", "", GD_FAMILY_RECURRENT, true, GD_MASK_SET, cell, conv_lstm),
	ROW("ConvLSTM3D", "", GD_FAMILY_RECURRENT, true, GD_MASK_SET, cell, conv_lstm),
	WRAPPER("Bidirectional", GD_FAMILY_RECURRENT, true, GD_MASK_SET, NULL, bidirectional),
	WRAPPER("TimeDistributed", GD_FAMILY_OTHER, true, GD_MASK_KEPT, NULL, time_distributed),
	WRAPPER("SpectralNormalization", GD_FAMILY_OTHER, true, GD_MASK_SET, spectral, wrapped),
	ROW("MultiHeadAttention", "", GD_FAMILY_ATTENTION, true, GD_MASK_TAKEN, multi_head, multi_head),
	ROW("GroupQueryAttention", "GroupedQueryAttention", GD_FAMILY_ATTENTION, true, GD_MASK_KEPT, grouped_query, grouped_query),
	ROW("Attention", "", GD_FAMILY_ATTENTION, true, GD_MASK_SET, attention, attention),
	ROW("AdditiveAttention", "", GD_FAMILY_ATTENTION, true, GD_MASK_SET, additive, additive_attention),
	ROW("BatchNormalization", "SyncBatchNormalization BatchNormalizationV1 BatchNormalizationV2", GD_FAMILY_NORMALIZATION, false, GD_MASK_KEPT,
		batch_norm, batch_norm),
	ROW("LayerNormalization", "", GD_FAMILY_NORMALIZATION, false, GD_MASK_KEPT, layer_norm, layer_norm),
	ROW("GroupNormalization", "", GD_FAMILY_NORMALIZATION, false, GD_MASK_KEPT, group_norm, group_norm),
	ROW("RMSNormalization", "", GD_FAMILY_NORMALIZATION, false, GD_MASK_DROPPED, rms_norm, rms_norm),
	ROW("LayerScale", "", GD_FAMILY_NORMALIZATION, false, GD_MASK_DROPPED, layer_scale, layer_scale),
	ROW("UnitNormalization", "", GD_FAMILY_NORMALIZATION, false, GD_MASK_KEPT, NULL, unit_norm),
	ROW("Normalization", "", GD_FAMILY_NORMALIZATION, false, GD_MASK_KEPT, normalization, normalization),
	ROW("Rescaling", "", GD_FAMILY_NORMALIZATION, false, GD_MASK_KEPT, NULL, rescaling),
	ROW("Activation", "", GD_FAMILY_ACTIVATION, false, GD_MASK_KEPT, NULL, activation),
	ROW("ReLU", "", GD_FAMILY_ACTIVATION, false, GD_MASK_KEPT, NULL, relu),
	ROW("LeakyReLU", "", GD_FAMILY_ACTIVATION, false, GD_MASK_KEPT, NULL, leaky_relu),
	ROW("ELU", "", GD_FAMILY_ACTIVATION, false, GD_MASK_KEPT, NULL, elu),
	ROW("PReLU", "", GD_FAMILY_ACTIVATION, false, GD_MASK_KEPT, prelu, prelu),
	ROW("ThresholdedReLU", "", GD_FAMILY_ACTIVATION, false, GD_MASK_KEPT, NULL, thresholded_relu),
	ROW("Softmax", "", GD_FAMILY_ACTIVATION, false, GD_MASK_KEPT, NULL, softmax),
	ROW("Identity", "", GD_FAMILY_ACTIVATION, false, GD_MASK_KEPT, NULL, same),
	ROW("Dropout", "", GD_FAMILY_REGULARIZER, false, GD_MASK_KEPT, NULL, same),
	ROW("SpatialDropout1D", "", GD_FAMILY_REGULARIZER, false, GD_MASK_KEPT, NULL, same),
	ROW("SpatialDropout2D", "", GD_FAMILY_REGULARIZER, false, GD_MASK_KEPT, NULL, same),
	ROW("SpatialDropout3D", "", GD_FAMILY_REGULARIZER, false, GD_MASK_KEPT, NULL, same),
	ROW("GaussianNoise", "", GD_FAMILY_REGULARIZER, false, GD_MASK_KEPT, NULL, same),
	ROW("GaussianDropout", "", GD_FAMILY_REGULARIZER, false, GD_MASK_KEPT, NULL, same),
	ROW("AlphaDropout", "", GD_FAMILY_REGULARIZER, false, GD_MASK_KEPT, NULL, same),
	ROW("ActivityRegularization", "", GD_FAMILY_REGULARIZER, false, GD_MASK_KEPT, NULL, same),
	AUGMENTATION("AugMix"),
	AUGMENTATION("CutMix"),
	AUGMENTATION("Equalization"),
	AUGMENTATION("MixUp"),
	AUGMENTATION("RandAugment"),
	AUGMENTATION("RandomBrightness"),
	AUGMENTATION("RandomColorDegeneration"),
	AUGMENTATION("RandomColorJitter"),
	AUGMENTATION("RandomContrast"),
	AUGMENTATION("RandomCrop"),
	AUGMENTATION("RandomElasticTransform"),
	AUGMENTATION("RandomErasing"),
	AUGMENTATION("RandomFlip"),
	AUGMENTATION("RandomGaussianBlur"),
	AUGMENTATION("RandomGrayscale"),
	AUGMENTATION("RandomHue"),
	AUGMENTATION("RandomInvert"),
	AUGMENTATION("RandomPerspective"),
	AUGMENTATION("RandomPosterization"),
	AUGMENTATION("RandomRotation"),
	AUGMENTATION("RandomSaturation"),
	AUGMENTATION("RandomSharpness"),
	AUGMENTATION("RandomShear"),
	AUGMENTATION("RandomTranslation"),
	AUGMENTATION("RandomZoom"),
	AUGMENTATION("Solarization"),
	ROW("Flatten", "", GD_FAMILY_SHAPE, false, GD_MASK_DROPPED, NULL, flatten),
	ROW("Reshape", "", GD_FAMILY_SHAPE, false, GD_MASK_DROPPED, NULL, reshape),
	ROW("Permute", "", GD_FAMILY_SHAPE, false, GD_MASK_DROPPED, NULL, permute),
	ROW("RepeatVector", "", GD_FAMILY_SHAPE, false, GD_MASK_DROPPED, NULL, repeat),
	ROW("ZeroPadding1D", "", GD_FAMILY_SHAPE, false, GD_MASK_DROPPED, NULL, pad1d),
	ROW("ZeroPadding2D", "", GD_FAMILY_SHAPE, false, GD_MASK_DROPPED, NULL, pad2d),
	ROW("ZeroPadding3D", "", GD_FAMILY_SHAPE, false, GD_MASK_DROPPED, NULL, pad3d),
	ROW("Cropping1D", "", GD_FAMILY_SHAPE, false, GD_MASK_DROPPED, NULL, crop1d),
	ROW("Cropping2D", "", GD_FAMILY_SHAPE, false, GD_MASK_DROPPED, NULL, crop2d),
	ROW("Cropping3D", "", GD_FAMILY_SHAPE, false, GD_MASK_DROPPED, NULL, crop3d),
	ROW("UpSampling1D", "", GD_FAMILY_UPSAMPLING, true, GD_MASK_DROPPED, NULL, up1d),
	ROW("UpSampling2D", "", GD_FAMILY_UPSAMPLING, true, GD_MASK_DROPPED, NULL, up2d),
	ROW("UpSampling3D", "", GD_FAMILY_UPSAMPLING, true, GD_MASK_DROPPED, NULL, up3d),
	ROW("Resizing", "", GD_FAMILY_SHAPE, false, GD_MASK_DROPPED, NULL, resizing),
	ROW("CenterCrop", "", GD_FAMILY_SHAPE, false, GD_MASK_DROPPED, NULL, center_crop),
	ROW("CategoryEncoding", "", GD_FAMILY_OTHER, false, GD_MASK_DROPPED, NULL, category),
	ROW("Discretization", "", GD_FAMILY_OTHER, false, GD_MASK_DROPPED, NULL, discretization),
	ROW("IntegerLookup", "", GD_FAMILY_OTHER, false, GD_MASK_DROPPED, NULL, integer_lookup),
	ROW("Masking", "", GD_FAMILY_SHAPE, false, GD_MASK_SET, NULL, masking),
	ROW("Add", "", GD_FAMILY_MERGE, false, GD_MASK_SET, NULL, add),
	ROW("Subtract", "", GD_FAMILY_MERGE, false, GD_MASK_SET, NULL, subtract),
	ROW("Multiply", "", GD_FAMILY_MERGE, false, GD_MASK_SET, NULL, multiply),
	ROW("Average", "", GD_FAMILY_MERGE, false, GD_MASK_SET, NULL, average),
	ROW("Maximum", "", GD_FAMILY_MERGE, false, GD_MASK_SET, NULL, maximum),
	ROW("Minimum", "", GD_FAMILY_MERGE, false, GD_MASK_SET, NULL, minimum),
	ROW("Concatenate", "", GD_FAMILY_MERGE, false, GD_MASK_SET, NULL, concatenate),
	ROW("Dot", "", GD_FAMILY_MERGE, false, GD_MASK_SET, NULL, dot),
};

/* Classes of Keras that are not taken, and why: "layer NAME is a CLASS, WHY". */
static const gd_keras_refusal refusals[] = {
	{ "Lambda", "whose code cannot be read safely" },
	{ "StringLookup", "which takes texts, and dlguider's tests are numbers" },
	{ "TextVectorization", "which takes texts, and dlguider's tests are numbers" },
	{ "Hashing", "whose hash no operator of ONNX computes" },
	{ "HashedCrossing", "whose hash no operator of ONNX computes" },
	{ "JaxLayer", "which runs another framework's code" },
	{ "FlaxLayer", "which runs another framework's code" },
	{ "TFSMLayer", "which runs another framework's code" },
	{ "TorchModuleWrapper", "which runs another framework's code" },
	{ "AutoContrast", "which measures every image anew" },
	{ "CLAHE", "which measures every image anew" },
	{ "ContrastLimitedAdaptiveHistogramEqualization", "which measures every image anew" },
	{ "MelSpectrogram", "which dlguider does not compute: give it the spectrograms as tests" },
	{ "STFTSpectrogram", "which dlguider does not compute: give it the spectrograms as tests" },
	{ "MaxNumBoundingBoxes", "which works on boxes" },
	{ "Pipeline", "a list of layers: put them into the model one by one" },
	{ "CuDNNLSTM", "whose weights are laid out for one library: load them into an LSTM and save that" },
	{ "CuDNNGRU", "whose weights are laid out for one library: load them into a GRU and save that" },
	{ "LocallyConnected1D", "which Keras itself has dropped" },
	{ "LocallyConnected2D", "which Keras itself has dropped" },
	{ "Merge", "which Keras 2 has split into Add, Concatenate and others: load the model there and save it again" },
	{ "Layer", "which computes nothing by itself" },
	{ "Wrapper", "which computes nothing by itself" },
};

static bool is_among(const char *names, const char *name)
{
	size_t length = strlen(name);
	for (const char *at = strstr(names, name); at && length; at = strstr(at + 1, name))
		if ((at == names || at[-1] == ' ') && (at[length] == 0 || at[length] == ' '))
			return true;
	return false;
}

const gd_keras_family *gd_keras_family_find(const char *class_name)
{
	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
		if (strcmp(families[i].name, class_name) == 0 || is_among(families[i].old, class_name))
			return &families[i];
	return NULL;
}

const gd_keras_family *gd_keras_family_at(size_t at)
{
	return at < sizeof families / sizeof families[0] ? &families[at] : NULL;
}

const gd_keras_refusal *gd_keras_refusal_at(size_t at)
{
	return at < sizeof refusals / sizeof refusals[0] ? &refusals[at] : NULL;
}
