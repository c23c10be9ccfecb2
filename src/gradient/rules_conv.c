/* Derivatives of convolutions and pooling, one to three spatial axes.
 *
 * With y = conv(x, w): dx is the transposed convolution of dy with w, and dw the convolution of x with dy as kernel,
 * batch and channels exchanged, strides and dilations exchanged (groups side by side).
 */
#include "gradient/tape_priv.h"
#include <string.h>

#define RULE(name) static gd_status name(gd_tape *t, const gd_node *node, const char *dy, gd_error *err)

enum { MOST_AXES = 3 };

typedef struct {
	int axes; /* spatial */
	int64_t in[MOST_AXES], out[MOST_AXES], kernel[MOST_AXES], stride[MOST_AXES], dilation[MOST_AXES], before[MOST_AXES], after[MOST_AXES];
	int64_t channels_in, channels_out, group;
} window;

static void list_or(const gd_node *node, const char *name, int axes, int64_t otherwise, int64_t *out)
{
	const gd_attr *attr = gd_node_attr_of(node, name, GD_ATTR_INTS);
	for (int i = 0; i < axes; i++)
		out[i] = attr && attr->count >= (size_t)axes ? attr->integers[i] : otherwise;
}

/* Explicit pads of a convolution or pooling, whatever form they were given in. */
static void set_pads(const gd_node *node, window *w)
{
	const gd_attr *given = gd_node_attr_of(node, "pads", GD_ATTR_INTS);
	const char *mode = gd_node_text(node, "auto_pad", "NOTSET");
	bool same = strncmp(mode, "SAME", 4) == 0;
	for (int i = 0; i < w->axes; i++) {
		w->before[i] = !same && given && given->count >= 2 * (size_t)w->axes ? given->integers[i] : 0;
		w->after[i] = !same && given && given->count >= 2 * (size_t)w->axes ? given->integers[i + w->axes] : 0;
		if (!same)
			continue;
		int64_t total = (w->out[i] - 1) * w->stride[i] + w->dilation[i] * (w->kernel[i] - 1) + 1 - w->in[i];
		total = total < 0 ? 0 : total;
		w->before[i] = strcmp(mode, "SAME_LOWER") == 0 ? (total + 1) / 2 : total / 2;
		w->after[i] = total - w->before[i];
	}
}

/* x and y: (batch, channels, places...). False when a size is not known. */
static bool read_window(gd_tape *t, const gd_node *node, const char *x, const char *y, const char *kernel, window *w)
{
	gd_shape sx = gd_tape_shape(t, x), sy = gd_tape_shape(t, y), sk = gd_tape_shape(t, kernel);
	*w = (window){ .axes = sx.rank - 2, .group = gd_node_integer(node, "group", 1) };
	if (w->axes < 1 || w->axes > MOST_AXES || sy.rank != sx.rank || (kernel && sk.rank != sx.rank))
		return false;
	list_or(node, "strides", w->axes, 1, w->stride);
	list_or(node, "dilations", w->axes, 1, w->dilation);
	list_or(node, "kernel_shape", w->axes, 1, w->kernel);
	w->channels_in = sx.dim[1];
	w->channels_out = sy.dim[1];
	bool known = w->channels_in > 0 && w->channels_out > 0 && w->group > 0;
	for (int i = 0; i < w->axes; i++) {
		w->in[i] = sx.dim[i + 2];
		w->out[i] = sy.dim[i + 2];
		if (kernel)
			w->kernel[i] = sk.dim[i + 2];
		known = known && w->in[i] > 0 && w->out[i] > 0 && w->kernel[i] > 0 && w->stride[i] > 0 && w->dilation[i] > 0;
	}
	if (known)
		set_pads(node, w);
	return known;
}

static void emit_window(gd_tape *t, const window *w, const int64_t *strides, const int64_t *dilations)
{
	int64_t pads[2 * MOST_AXES];
	for (int i = 0; i < w->axes; i++) {
		pads[i] = w->before[i];
		pads[i + w->axes] = w->after[i];
	}
	gd_emit_ints(t, "strides", strides, (size_t)w->axes);
	gd_emit_ints(t, "dilations", dilations, (size_t)w->axes);
	gd_emit_ints(t, "pads", pads, 2 * (size_t)w->axes);
}

/* The transposed convolution that leads from y's places back to x's. */
static const char *spread(gd_tape *t, const char *dy, const char *kernel, const window *w)
{
	int64_t rest[MOST_AXES]; /* places at the end that no whole stride reached */
	for (int i = 0; i < w->axes; i++)
		rest[i] = w->in[i] + w->before[i] + w->after[i] - w->dilation[i] * (w->kernel[i] - 1) - 1 - (w->out[i] - 1) * w->stride[i];
	const char *dx = GD_EMIT(t, "ConvTranspose", dy, kernel);
	emit_window(t, w, w->stride, w->dilation);
	gd_emit_ints(t, "output_padding", rest, (size_t)w->axes);
	gd_emit_int(t, "group", w->group);
	return dx;
}

/* (batch, group g of c channels, places) -> (c, group x batch, places), or with `group_out` (group x c, batch, places). */
static const char *exchange(gd_tape *t, const char *value, int64_t channels, int64_t group, const int64_t *places, int axes, bool group_out)
{
	int64_t apart[3 + MOST_AXES] = { -1, group, channels / group }, perm[3 + MOST_AXES] = { 2, 1, 0 };
	int64_t joined[2 + MOST_AXES] = { channels / group, -1 };
	if (group_out) {
		perm[0] = 1;
		perm[1] = 2;
		joined[0] = channels;
	}
	for (int i = 0; i < axes; i++) {
		apart[3 + i] = joined[2 + i] = places[i];
		perm[3 + i] = 3 + i;
	}
	const char *split = gd_emit_reshape(t, value, apart, 3 + axes);
	const char *turned = gd_emit_transpose(t, split, perm, 3 + axes);
	return gd_emit_reshape(t, turned, joined, 2 + axes);
}

/* dw (channels_out, channels_in / group, kernel...) of a convolution from `from` (w->in places) to `to` (w->out places). */
static const char *correlate(gd_tape *t, const char *from, const char *to, const window *w)
{
	const char *x = exchange(t, from, w->channels_in, w->group, w->in, w->axes, false);
	const char *g = exchange(t, to, w->channels_out, w->group, w->out, w->axes, true);
	const char *wide = GD_EMIT(t, "Conv", x, g);
	emit_window(t, w, w->dilation, w->stride);
	gd_emit_int(t, "group", w->group);
	for (int i = 0; i < w->axes; i++) /* the unreached places made it larger than the kernel */
		wide = gd_emit_slice(t, wide, i + 2, 0, w->kernel[i]);
	int64_t swap[2 + MOST_AXES] = { 1, 0, 2, 3, 4 };
	return gd_emit_transpose(t, wide, swap, 2 + w->axes);
}

static void give_bias(gd_tape *t, const gd_node *node, const char *dy, int axes)
{
	int64_t all[1 + MOST_AXES] = { 0, 2, 3, 4 };
	if (gd_tape_needs(t, node, 2))
		gd_tape_give(t, node, 2, gd_emit_reduce(t, "ReduceSum", dy, all, 1 + (size_t)axes, false));
}

RULE(convolution)
{
	window w;
	if (!read_window(t, node, node->inputs[0], node->outputs[0], node->inputs[1], &w))
		return gd_tape_unsupported(node, "a size is not known", err);
	if (gd_tape_needs(t, node, 0))
		gd_tape_give(t, node, 0, spread(t, dy, node->inputs[1], &w));
	if (gd_tape_needs(t, node, 1))
		gd_tape_give(t, node, 1, correlate(t, node->inputs[0], dy, &w));
	give_bias(t, node, dy, w.axes);
	return GD_OK;
}

/* The roles of x and y are exchanged: y = spread(x, w), so dx is the plain convolution of dy. */
RULE(transposed_convolution)
{
	window w;
	if (!read_window(t, node, node->outputs[0], node->inputs[0], node->inputs[1], &w) || gd_node_attr(node, "output_shape"))
		return gd_tape_unsupported(node, "a size is not known", err);
	if (strncmp(gd_node_text(node, "auto_pad", "NOTSET"), "SAME", 4) == 0)
		return gd_tape_unsupported(node, "its padding is automatic", err);
	int64_t rest[MOST_AXES]; /* output padding: places after the last stride that a plain convolution must not read */
	list_or(node, "output_padding", w.axes, 0, rest);
	if (gd_tape_needs(t, node, 0)) {
		const char *dx = GD_EMIT(t, "Conv", dy, node->inputs[1]);
		emit_window(t, &w, w.stride, w.dilation);
		gd_emit_int(t, "group", w.group);
		for (int i = 0; i < w.axes; i++)
			if (rest[i] >= w.stride[i])
				dx = gd_emit_slice(t, dx, i + 2, 0, w.out[i]);
		gd_tape_give(t, node, 0, dx);
	}
	if (gd_tape_needs(t, node, 1))
		gd_tape_give(t, node, 1, correlate(t, dy, node->inputs[0], &w));
	give_bias(t, node, dy, w.axes);
	return GD_OK;
}

/* The engine says which place was the largest; each gets the gradients of all windows it won. */
RULE(max_pool)
{
	(void)err;
	gd_node *pool = NULL;
	for (size_t i = 0; i < t->graph.node_count && !pool; i++)
		if (t->graph.nodes[i].outputs[0] == node->outputs[0])
			pool = &t->graph.nodes[i];
	if (pool && pool->output_count == 1) {
		pool->outputs[1] = gd_builder_name(&t->builder, "places");
		pool->output_count = 2;
	}
	if (!pool || !pool->outputs[1]) {
		t->failed = true;
		return GD_OK;
	}
	int64_t line[] = { -1 };
	const char *indices = gd_emit_reshape(t, pool->outputs[1], line, 1), *updates = gd_emit_reshape(t, dy, line, 1);
	const char *zeros = gd_emit_reshape(t, gd_emit_zeros_like(t, node->inputs[0]), line, 1);
	const char *flat = GD_EMIT(t, "ScatterElements", zeros, indices, updates);
	gd_emit_int(t, "axis", 0);
	gd_emit_text(t, "reduction", "add");
	gd_tape_give(t, node, 0, gd_emit_reshape_like(t, flat, node->inputs[0]));
	return GD_OK;
}

/* How many places of the input each window of one axis covers. */
static int64_t covered(const window *w, int axis, int64_t at, bool count_pads)
{
	int64_t count = 0;
	for (int64_t k = 0; k < w->kernel[axis]; k++) {
		int64_t place = at * w->stride[axis] - w->before[axis] + k * w->dilation[axis];
		bool inside = place >= 0 && place < w->in[axis];
		bool padded = place >= -w->before[axis] && place < w->in[axis] + w->after[axis];
		count += count_pads ? padded : inside;
	}
	return count < 1 ? 1 : count;
}

/* 1 / (places per window), of shape (1, 1, out...). */
static const char *shares(gd_tape *t, const window *w, bool count_pads)
{
	size_t total = 1;
	int64_t dims[2 + MOST_AXES] = { 1, 1, 1, 1, 1 };
	for (int i = 0; i < w->axes; i++) {
		total *= (size_t)w->out[i];
		dims[i + 2] = w->out[i];
	}
	float *values = gd_arena_new(t->arena, total, sizeof *values);
	if (!values) {
		t->failed = true;
		return NULL;
	}
	for (size_t at = 0; at < total; at++) {
		size_t rest = at;
		double count = 1;
		for (int i = w->axes - 1; i >= 0; i--) {
			count *= (double)covered(w, i, (int64_t)(rest % (size_t)w->out[i]), count_pads);
			rest /= (size_t)w->out[i];
		}
		values[at] = (float)(1.0 / count);
	}
	return gd_emit_floats(t, values, 2 + w->axes, dims);
}

RULE(average_pool)
{
	window w;
	if (!read_window(t, node, node->inputs[0], node->outputs[0], NULL, &w))
		return gd_tape_unsupported(node, "a size is not known", err);
	if (gd_node_integer(node, "ceil_mode", 0))
		return gd_tape_unsupported(node, "its last window may be cut", err);
	size_t taps = 1;
	int64_t dims[2 + MOST_AXES] = { w.channels_in, 1, 1, 1, 1 };
	for (int i = 0; i < w.axes; i++) {
		taps *= (size_t)w.kernel[i];
		dims[i + 2] = w.kernel[i];
	}
	size_t count = taps * (size_t)w.channels_in;
	float *ones = gd_arena_new(t->arena, count, sizeof *ones);
	for (size_t i = 0; ones && i < count; i++)
		ones[i] = 1.0f;
	if (!ones) {
		t->failed = true;
		return GD_OK;
	}
	const char *kernel = gd_emit_floats(t, ones, 2 + w.axes, dims);
	w.group = w.channels_in;
	const char *scaled = GD_EMIT(t, "Mul", dy, shares(t, &w, gd_node_integer(node, "count_include_pad", 0) != 0));
	gd_tape_give(t, node, 0, spread(t, scaled, kernel, &w));
	return GD_OK;
}

const gd_rule gd_rules_conv[] = {
	{ "Conv", convolution }, { "ConvTranspose", transposed_convolution }, { "MaxPool", max_pool }, { "AveragePool", average_pool },
	{ NULL, NULL },
};
