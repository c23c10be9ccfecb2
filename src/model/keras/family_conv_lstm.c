/* ConvLSTM1D to 3D: an LSTM whose products are convolutions; a node for every step. */
#include "model/keras/activation.h"
#include "model/keras/family.h"
#include "model/keras/image.h"
#include <string.h>

/* Values are (batch, units, positions...) in the graph. */
typedef struct {
	gd_image image;      /* of one step; its channels are the four gates' */
	int64_t filters, steps;
	const char *recurrent; /* initializer */
	const char *activation, *recurrent_activation;
	const char *h, *c, *out;
	const char *mask;    /* (batch, steps) of bool; NULL: every step counts */
} conv_lstm;

/* (batch, steps, rest) to (batch * steps, rest). */
static gd_flow folded(gd_keras *k, gd_flow flow)
{
	int64_t dims[GD_MAX_RANK] = { -1 };
	flow.shape.rank--;
	for (int i = 1; i < flow.shape.rank; i++) {
		dims[i] = flow.shape.dim[i] = flow.shape.dim[i + 1];
		if (dims[i] < 1)
			(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "works on images whose size is not known");
	}
	flow.name = gd_put_reshape(k, flow.name, dims, (size_t)flow.shape.rank);
	return flow;
}

/* The input's part of all gates at all steps: (batch, steps, 4 filters, positions...). */
static const char *convolved(gd_keras *k, conv_lstm *l)
{
	gd_image *image = &l->image;
	int64_t all = 4 * l->filters, channels = gd_image_channels(k, image), dims[GD_MAX_RANK] = { -1, l->steps, all };
	const char *w = gd_image_weights(k, image, "kernel", channels, all), *b = gd_keras_flag(k, "use_bias", true) ? gd_keras_tensor(k, "", "bias", 1, &all) : NULL;
	const char *y = b ? gd_put3(k, "Conv", image->flow.name, w, b) : gd_put2(k, "Conv", image->flow.name, w);
	gd_image_window(k, image, true);
	gd_image_set_channels(k, image, l->filters);
	for (int i = 0; i < image->spatial; i++)
		dims[3 + i] = image->flow.shape.dim[image->first + i];
	return gd_put_reshape(k, y, dims, (size_t)image->spatial + 3);
}

static const char *activate(gd_keras *k, const conv_lstm *l, const char *name, const char *x)
{
	gd_flow flow = l->image.flow;
	flow.name = x;
	flow.moved = true;
	return gd_keras_activate_named(k, name, flow, l->image.channel).name;
}

static const char *counted(gd_keras *k, const conv_lstm *l, int64_t step, const char *fresh, const char *old)
{
	if (!l->mask)
		return fresh;
	int64_t axes[3] = { 2, 3, 4 };
	const char *counts = gd_put_slice(k, l->mask, 1, step, step + 1);
	return gd_put3(k, "Where", gd_put2(k, "Unsqueeze", counts, gd_put_integers(k, axes, (size_t)l->image.spatial)), fresh, old);
}

/* One step: x is the input's part, (batch, 4 filters, positions...). */
static void step(gd_keras *k, conv_lstm *l, int64_t at, const char *x)
{
	const char *gate[4];
	gd_image inner = l->image;
	const char *own = gd_put2(k, "Conv", l->h, l->recurrent);
	inner.padding = GD_PAD_SAME;
	for (int i = 0; i < GD_MAX_SPATIAL; i++)
		inner.strides[i] = inner.dilation[i] = 1;
	gd_image_window(k, &inner, true);
	gd_put_split(k, gd_put2(k, "Add", x, own), 1, 4, gate);
	const char *in = activate(k, l, l->recurrent_activation, gate[0]), *forget = activate(k, l, l->recurrent_activation, gate[1]);
	const char *fresh = activate(k, l, l->activation, gate[2]), *open = activate(k, l, l->recurrent_activation, gate[3]);
	const char *c = gd_put2(k, "Add", gd_put2(k, "Mul", forget, l->c), gd_put2(k, "Mul", in, fresh));
	const char *h = gd_put2(k, "Mul", open, activate(k, l, l->activation, c));
	l->out = counted(k, l, at, h, l->out);
	l->c = counted(k, l, at, c, l->c);
	l->h = counted(k, l, at, h, l->h);
}

static const char *zeros(gd_keras *k, const conv_lstm *l, const char *x)
{
	int64_t dims[GD_MAX_RANK] = { l->filters };
	for (int i = 0; i < l->image.spatial; i++)
		dims[1 + i] = l->image.flow.shape.dim[l->image.first + i];
	const char *batch = gd_put_slice(k, gd_put(k, "Shape", x), 0, 0, 1);
	const char *shape = gd_put2(k, "Concat", batch, gd_put_integers(k, dims, (size_t)l->image.spatial + 1));
	gd_put_int(k, "axis", 0);
	return gd_put2(k, "Expand", gd_put_scalar(k, 0), shape);
}

static const char *named(gd_keras *k, const char *key, const char *otherwise)
{
	json_t *value = gd_keras_get(k->now, key);
	const char *name = value ? gd_keras_activation_name(value) : json_object_get(k->now->config, key) ? "linear" : otherwise;
	return gd_keras_text(k, name ? name : otherwise);
}

/* Runs over all steps; what each gives out goes to `outputs`. */
static void run(gd_keras *k, conv_lstm *l, const char *x, const char **outputs)
{
	bool backwards = gd_keras_flag(k, "go_backwards", false);
	for (int64_t t = 0; t < l->steps && k->status == GD_OK; t++) {
		int64_t at = backwards ? l->steps - 1 - t : t;
		step(k, l, at, gd_put2(k, "Squeeze", gd_put_slice(k, x, 1, at, at + 1), gd_put_axes(k, 1)));
		outputs[t] = gd_put2(k, "Unsqueeze", l->out, gd_put_axes(k, 1));
	}
}

/* The steps beside each other, in Keras's layout. */
static gd_flow sequence(gd_keras *k, const conv_lstm *l, const char *const *outputs, gd_flow flow)
{
	int rank = l->image.spatial + 3;
	int64_t permutation[GD_MAX_RANK] = { 0, 1 };
	flow.name = gd_put_list(k, "Concat", outputs, (size_t)l->steps);
	gd_put_int(k, "axis", 1);
	if (l->image.first == 1) { /* channels last */
		for (int i = 2; i < rank - 1; i++)
			permutation[i] = i + 1;
		permutation[rank - 1] = 2;
		flow.name = gd_put_transpose(k, flow.name, permutation, rank);
	}
	gd_shape one = l->image.flow.shape;
	flow.shape = (gd_shape){ .rank = rank, .dim = { one.dim[0], l->steps } };
	for (int i = 2; i < rank; i++)
		flow.shape.dim[i] = one.dim[i - 1];
	flow.channels = l->image.first == 1 ? -1 : 2;
	flow.moved = false;
	return flow;
}

gd_status gd_family_conv_lstm(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 4, 6));
	conv_lstm l = { .steps = flow.shape.dim[1], .filters = gd_keras_whole(k, "filters", 1, GD_KERAS_MAX_UNITS), .mask = flow.mask };
	if (l.steps < 1 || l.steps > GD_KERAS_MAX_UNROLLED)
		return gd_keras_fail(k, GD_E_UNSUPPORTED, "is computed for 1 to %d known steps only", GD_KERAS_MAX_UNROLLED);
	if (gd_keras_flag(k, "return_state", false) || call->in_count > 1)
		return gd_keras_fail(k, GD_E_UNSUPPORTED, "gives out or is given its states, which dlguider does not know");
	gd_flow one = folded(k, flow);
	gd_keras_call inside = { .in = &one, .in_count = 1 };
	l.image = gd_image_in(k, &inside, one.shape.rank - 2);
	gd_image_kernel(k, &l.image);
	l.activation = named(k, "activation", "tanh");
	l.recurrent_activation = named(k, "recurrent_activation", k->version >= 3 ? "sigmoid" : "hard_sigmoid");
	const char *x = convolved(k, &l), **outputs = gd_keras_new(k, (size_t)l.steps, sizeof *outputs);
	l.recurrent = gd_image_weights(k, &l.image, "recurrent_kernel", l.filters, 4 * l.filters);
	l.h = l.c = l.out = zeros(k, &l, x);
	if (k->status != GD_OK)
		return k->status;
	run(k, &l, x, outputs);
	bool sequences = gd_keras_flag(k, "return_sequences", false);
	if (sequences)
		return gd_keras_out(k, call, sequence(k, &l, outputs, flow));
	flow = l.image.flow;
	flow.name = l.out;
	flow.mask = NULL;
	return gd_keras_out(k, call, flow);
}
