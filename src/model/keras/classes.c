#include "model/keras/classes.h"
#include "model/keras/keras.h"
#include <string.h>

/* What a class may have that is refused; what its weights or shape rule out in Keras itself is not named. */
static const struct {
	const char *name, *limit;
} limits[] = {
	{ "SimpleRNN", "activations without an ONNX counterpart in the recurrence: up to 1,024 known steps" },
	{ "LSTM", "activations without an ONNX counterpart in the recurrence: up to 1,024 known steps" },
	{ "GRU", "activations without an ONNX counterpart in the recurrence: up to 1,024 known steps" },
	{ "RNN", "of SimpleRNNCell, LSTMCell, GRUCell and stacks of them" },
	{ "StackedRNNCells", "inside an RNN" },
	{ "SimpleRNNCell", "inside an RNN" },
	{ "LSTMCell", "inside an RNN" },
	{ "GRUCell", "inside an RNN" },
	{ "ConvLSTM1D", "up to 1,024 known steps; no states given in or out" },
	{ "ConvLSTM2D", "up to 1,024 known steps; no states given in or out" },
	{ "ConvLSTM3D", "up to 1,024 known steps; no states given in or out" },
	{ "MultiHeadAttention", "over the steps (batch, steps, features)" },
	{ "GroupQueryAttention", "over the steps (batch, steps, features)" },
	{ "Attention", "over the steps (batch, steps, features)" },
	{ "AdditiveAttention", "over the steps (batch, steps, features)" },
	{ "LayerScale", "of keras.applications" },
	{ "Dot", "of values with 2 or 3 dimensions" },
	{ "GroupNormalization", "groups of the first or last axis" },
	{ "Softmax", "no mask of steps over 3 dimensions" },
	{ "Resizing", "known sizes; nearest, bilinear, bicubic, without antialias" },
	{ "CenterCrop", "known sizes" },
	{ "IntegerLookup", "vocabulary in the configuration, at most one index for unknown numbers, no tf_idf" },
	{ "Discretization", "boundaries in the configuration" },
	{ "SpectralNormalization", "its stored kernel is the scaled one" },
	{ "TimeDistributed", "of a layer with one output" },
};

static const char *limit_of(const char *name)
{
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
		if (strcmp(limits[i].name, name) == 0)
			return limits[i].limit;
	return "";
}

bool gd_keras_class_at(size_t at, gd_keras_class *out)
{
	size_t count = 0;
	while (gd_keras_family_at(count))
		count++;
	const gd_keras_family *family = gd_keras_family_at(at);
	const gd_keras_refusal *refusal = at >= count ? gd_keras_refusal_at(at - count) : NULL;
	if (family)
		*out = (gd_keras_class){ family->name, family->old, family->family == GD_FAMILY_REGULARIZER ? "no effect" : "computed", limit_of(family->name) };
	else if (refusal)
		*out = (gd_keras_class){ refusal->name, "", "refused", refusal->reason };
	return family || refusal;
}
