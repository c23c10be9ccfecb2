/* Derivatives of convolutions and pooling, one to three spatial axes.
 *
 * With y = conv(x, w): dx is the transposed convolution of dy with w, which for a stride of 1 is a plain one with w turned
 * round; the engine's plain convolution is several times as fast. dw is, for each place of the kernel, the product of dy and
 * the x that met it, over batch and places. With groups or very large kernels it is the convolution of x with dy as kernel,
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

static const char *slice(gd_tape *t, const char *value, const int64_t *starts, const int64_t *ends, const int64_t *axes, const int64_t *steps, int count)
{
	const size_t n = (size_t)count;
	const char *from = gd_emit_integers(t, starts, n), *to = gd_emit_integers(t, ends, n);
	const char *along = gd_emit_integers(t, axes, n), *by = gd_emit_integers(t, steps, n);
	return GD_EMIT(t, "Slice", value, from, to, along, by);
}

/* The kernel with its channels exchanged and its places in reverse. */
static const char *turn_kernel(gd_tape *t, const char *kernel, const window *w)
{
	const int64_t swap[2 + MOST_AXES] = { 1, 0, 2, 3, 4 };
	int64_t starts[MOST_AXES], ends[MOST_AXES], axes[MOST_AXES], steps[MOST_AXES];
	int count = 0;
	for (int i = 0; i < w->axes; i++)
		if (w->kernel[i] > 1) {
			starts[count] = steps[count] = -1;
			ends[count] = INT32_MIN;
			axes[count++] = i + 2;
		}
	const char *turned = gd_emit_transpose(t, kernel, swap, 2 + w->axes);
	return count ? slice(t, turned, starts, ends, axes, steps, count) : turned;
}

/* Back to x's places by a plain convolution; NULL where strides, groups or wide pads forbid it. */
static const char *spread_plainly(gd_tape *t, const char *dy, const char *kernel, const window *w)
{
	const int64_t ones[MOST_AXES] = { 1, 1, 1 };
	window back = *w;
	bool plain = w->group == 1;
	for (int i = 0; i < w->axes; i++) {
		const int64_t reach = w->dilation[i] * (w->kernel[i] - 1);
		back.before[i] = reach - w->before[i];
		back.after[i] = w->in[i] - w->out[i] + w->before[i];
		plain = plain && w->stride[i] == 1 && back.before[i] >= 0 && back.after[i] >= 0;
	}
	if (!plain)
		return NULL;
	const char *dx = GD_EMIT(t, "Conv", dy, turn_kernel(t, kernel, w));
	emit_window(t, &back, ones, w->dilation);
	return dx;
}

/* The transposed convolution that leads from y's places back to x's. */
static const char *spread(gd_tape *t, const char *dy, const char *kernel, const window *w)
{
	const char *plain = spread_plainly(t, dy, kernel, w);
	if (plain)
		return plain;
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

/* What of `from` (padded, its places from axis `first` on) met place `at` of the kernel. */
static const char *met(gd_tape *t, const char *from, const window *w, int first, size_t at)
{
	int64_t starts[MOST_AXES], ends[MOST_AXES], axes[MOST_AXES];
	for (int i = w->axes - 1; i >= 0; i--) {
		starts[i] = (int64_t)(at % (size_t)w->kernel[i]) * w->dilation[i];
		ends[i] = starts[i] + (w->out[i] - 1) * w->stride[i] + 1;
		axes[i] = first + i;
		at /= (size_t)w->kernel[i];
	}
	return slice(t, from, starts, ends, axes, w->stride, w->axes);
}

static const char *pad(gd_tape *t, const char *from, const window *w)
{
	int64_t pads[2 * (2 + MOST_AXES)] = { 0 };
	bool padded = false;
	for (int i = 0; i < w->axes; i++) {
		pads[2 + i] = w->before[i];
		pads[4 + w->axes + i] = w->after[i];
		padded = padded || w->before[i] || w->after[i];
	}
	return padded ? GD_EMIT(t, "Pad", from, gd_emit_integers(t, pads, 2 * (2 + (size_t)w->axes))) : from;
}

enum { MOST_TAPS = 64, FEW_CHANNELS = 8 };

static const char *join(gd_tape *t, const char *const *parts, size_t count, int64_t axis)
{
	if (count == 1)
		return parts[0];
	const char *joined = gd_emit(t, "Concat", NULL, parts);
	gd_emit_int(t, "axis", axis);
	return joined;
}

/* Products over the places of each test, taps and channels side by side; then the sum over the tests. */
static const char *sum_of_tests(gd_tape *t, const char *x, const char *to, const window *w, size_t taps)
{
	const char *parts[MOST_TAPS + 1] = { NULL };
	const int64_t rows[3] = { 0, (int64_t)taps * w->channels_in, -1 }, units[3] = { 0, w->channels_out, -1 }, batch = 0;
	for (size_t k = 0; k < taps; k++)
		parts[k] = met(t, x, w, 2, k);
	const char *all = gd_emit_swap_last(t, gd_emit_reshape(t, join(t, parts, taps, 1), rows, 3), 3);
	return gd_emit_reduce(t, "ReduceSum", GD_EMIT(t, "MatMul", gd_emit_reshape(t, to, units, 3), all), &batch, 1, false);
}

/* Products over tests and places, one for each tap: no copy of the input for all of them. */
static const char *one_by_one(gd_tape *t, const char *x, const char *to, const window *w, size_t taps)
{
	const char *parts[MOST_TAPS + 1] = { NULL };
	const int64_t front[2 + MOST_AXES] = { 1, 0, 2, 3, 4 }, rows[2] = { w->channels_out, -1 }, columns[2] = { -1, w->channels_in };
	int64_t last[2 + MOST_AXES] = { 0 };
	for (int i = 0; i < w->axes; i++)
		last[1 + i] = 2 + i;
	last[1 + w->axes] = 1;
	const char *turned = gd_emit_transpose(t, x, last, 2 + w->axes);
	const char *g = gd_emit_reshape(t, gd_emit_transpose(t, to, front, 2 + w->axes), rows, 2);
	for (size_t k = 0; k < taps; k++)
		parts[k] = GD_EMIT(t, "MatMul", g, gd_emit_reshape(t, met(t, turned, w, 1, k), columns, 2));
	return join(t, parts, taps, 1);
}

/* dw of a convolution without groups, as products of matrices. */
static const char *correlate_by_taps(gd_tape *t, const char *from, const char *to, const window *w, size_t taps)
{
	const char *x = pad(t, from, w);
	const char *joined = w->channels_in <= FEW_CHANNELS ? sum_of_tests(t, x, to, w, taps) : one_by_one(t, x, to, w, taps);
	int64_t apart[2 + MOST_AXES] = { w->channels_out }, order[2 + MOST_AXES] = { 0, 1 + w->axes };
	for (int i = 0; i < w->axes; i++) {
		apart[1 + i] = w->kernel[i];
		order[2 + i] = 1 + i;
	}
	apart[1 + w->axes] = w->channels_in;
	return gd_emit_transpose(t, gd_emit_reshape(t, joined, apart, 2 + w->axes), order, 2 + w->axes);
}

/* dw (channels_out, channels_in / group, kernel...) of a convolution from `from` (w->in places) to `to` (w->out places). */
static const char *correlate(gd_tape *t, const char *from, const char *to, const window *w)
{
	size_t taps = 1;
	for (int i = 0; i < w->axes && taps <= MOST_TAPS; i++)
		taps *= w->kernel[i] <= MOST_TAPS ? (size_t)w->kernel[i] : MOST_TAPS + 1;
	if (w->group == 1 && taps <= MOST_TAPS)
		return correlate_by_taps(t, from, to, w, taps);
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
