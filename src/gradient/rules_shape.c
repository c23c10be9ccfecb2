/* Derivatives of operators that only move numbers. */
#include "gradient/tape_priv.h"
#include <string.h>

#define RULE(name) static gd_status name(gd_tape *t, const gd_node *node, const char *dy, gd_error *err)

RULE(reshape)
{
	(void)err;
	gd_tape_give(t, node, 0, gd_emit_reshape_like(t, dy, node->inputs[0]));
	return GD_OK;
}

RULE(transpose)
{
	gd_shape x = gd_tape_shape(t, node->inputs[0]);
	const gd_attr *perm = gd_node_attr_of(node, "perm", GD_ATTR_INTS);
	if (x.rank < 0 || (perm && perm->count != (size_t)x.rank))
		return gd_tape_unsupported(node, "its input's rank is not known", err);
	int64_t back[GD_MAX_RANK] = { 0 };
	for (int i = 0; i < x.rank; i++) {
		int64_t from = perm ? perm->integers[i] : x.rank - 1 - i;
		if (from < 0 || from >= x.rank)
			return gd_tape_unsupported(node, "its permutation is wrong", err);
		back[from] = i;
	}
	gd_tape_give(t, node, 0, gd_emit_transpose(t, dy, back, x.rank));
	return GD_OK;
}

/* Axis counted from the front; -1 when it does not fit. */
static int64_t axis_of(const gd_node *node, const gd_shape *shape, int64_t otherwise)
{
	int64_t axis = gd_node_integer(node, "axis", otherwise);
	axis = axis < 0 ? axis + shape->rank : axis;
	return axis >= 0 && axis < shape->rank ? axis : -1;
}

RULE(concatenate)
{
	gd_shape y = gd_tape_shape(t, node->outputs[0]);
	int64_t axis = axis_of(node, &y, 0), first = 0;
	for (size_t at = 0; at < node->input_count; at++) {
		gd_shape x = gd_tape_shape(t, node->inputs[at]);
		if (axis < 0 || axis >= x.rank || x.dim[axis] < 0)
			return gd_tape_unsupported(node, "a part's size is not known", err);
		if (gd_tape_needs(t, node, at))
			gd_tape_give(t, node, at, gd_emit_slice(t, dy, axis, first, first + x.dim[axis]));
		first += x.dim[axis];
	}
	return GD_OK;
}

/* The parts' gradients side by side again; a part nobody used gives zeros. */
RULE(split)
{
	(void)dy;
	const char *parts[65];
	gd_shape x = gd_tape_shape(t, node->inputs[0]);
	int64_t axis = axis_of(node, &x, 0);
	if (axis < 0 || node->output_count > 64)
		return gd_tape_unsupported(node, "its input's rank is not known", err);
	for (size_t i = 0; i < node->output_count; i++) {
		const char *part = gd_tape_gradient(t, node->outputs[i]);
		parts[i] = part ? part : gd_emit_zeros_like(t, node->outputs[i]);
	}
	parts[node->output_count] = NULL;
	const char *whole = gd_emit(t, "Concat", NULL, parts);
	gd_emit_int(t, "axis", axis);
	gd_tape_give(t, node, 0, whole);
	return GD_OK;
}

/* Where a slice took one axis from, in whole steps: [first, first + count * step) of dim. */
typedef struct {
	int64_t axis, first, last, step;
} cut;

static bool read_cut(gd_tape *t, const gd_node *node, const gd_shape *x, size_t i, cut *out)
{
	size_t starts = 0, ends = 0, axes = 0, steps = 0;
	const int64_t *start = gd_tape_list(t, node, "starts", 1, &starts), *end = gd_tape_list(t, node, "ends", 2, &ends);
	const int64_t *axis = gd_tape_list(t, node, "axes", 3, &axes), *step = gd_tape_list(t, node, "steps", 4, &steps);
	if (!start || !end || i >= starts || i >= ends || (axis && i >= axes) || (step && i >= steps))
		return false;
	out->axis = axis ? axis[i] : (int64_t)i;
	out->axis = out->axis < 0 ? out->axis + x->rank : out->axis;
	out->step = step ? step[i] : 1;
	if (out->axis < 0 || out->axis >= x->rank)
		return false;
	int64_t dim = x->dim[out->axis];
	if (dim < 0)
		return false;
	int64_t first = start[i] < 0 ? start[i] + dim : start[i], last = end[i] < 0 && end[i] >= -dim ? end[i] + dim : end[i];
	out->first = first < 0 ? 0 : first > dim ? dim : first;
	out->last = last < 0 ? 0 : last > dim ? dim : last;
	return out->step == 1 || (out->step == -1 && first >= dim - 1 && end[i] < -dim);
}

static const char *reverse(gd_tape *t, const char *value, int64_t axis)
{
	const char *starts = gd_emit_integers(t, &(int64_t){ -1 }, 1), *ends = gd_emit_integers(t, &(int64_t){ INT64_MIN + 1 }, 1);
	const char *axes = gd_emit_integers(t, &axis, 1), *steps = gd_emit_integers(t, &(int64_t){ -1 }, 1);
	return GD_EMIT(t, "Slice", value, starts, ends, axes, steps);
}

/* Whole reversals are turned again; the others are padded with zeros to the old size. */
RULE(slice)
{
	gd_shape x = gd_tape_shape(t, node->inputs[0]);
	size_t count = 0;
	const int64_t *starts = gd_tape_list(t, node, "starts", 1, &count);
	int64_t pads[2 * GD_MAX_RANK] = { 0 };
	const char *gradient = dy;
	if (!starts || x.rank < 0)
		return gd_tape_unsupported(node, "what it cuts is not constant", err);
	for (size_t i = 0; i < count; i++) {
		cut c = { 0 };
		if (!read_cut(t, node, &x, i, &c))
			return gd_tape_unsupported(node, "it steps over elements or cuts an axis of unknown size", err);
		if (c.step == -1) {
			gradient = reverse(t, gradient, c.axis);
		} else {
			pads[c.axis] = c.first;
			pads[x.rank + c.axis] = x.dim[c.axis] - (c.last > c.first ? c.last : c.first);
		}
	}
	bool any = false;
	for (int i = 0; i < 2 * x.rank; i++)
		any = any || pads[i] != 0;
	gd_tape_give(t, node, 0, any ? GD_EMIT(t, "Pad", gradient, gd_emit_integers(t, pads, 2 * (size_t)x.rank)) : gradient);
	return GD_OK;
}

/* A constant pad: what was added is cut off; a negative pad (a crop) is padded again. */
RULE(pad)
{
	gd_shape x = gd_tape_shape(t, node->inputs[0]);
	size_t count = 0;
	const int64_t *pads = gd_tape_list(t, node, "pads", 1, &count);
	if (!pads || x.rank < 0 || count != 2 * (size_t)x.rank || strcmp(gd_node_text(node, "mode", "constant"), "constant") != 0)
		return gd_tape_unsupported(node, "only constant padding of known size has one", err);
	int64_t back[2 * GD_MAX_RANK];
	for (size_t i = 0; i < count; i++)
		back[i] = -pads[i];
	gd_tape_give(t, node, 0, GD_EMIT(t, "Pad", dy, gd_emit_integers(t, back, count)));
	return GD_OK;
}

RULE(expand)
{
	gd_shape y = gd_tape_shape(t, node->outputs[0]);
	if (y.rank < 0 || gd_tape_shape(t, node->inputs[0]).rank < 0)
		return gd_tape_unsupported(node, "its shape is not known", err);
	gd_tape_give(t, node, 0, gd_emit_unbroadcast(t, dy, y, node->inputs[0]));
	return GD_OK;
}

/* dy of (r0 d0, r1 d1 ...) seen as (r0, d0, r1, d1 ...) and summed over the repeats. */
RULE(tile)
{
	gd_shape x = gd_tape_shape(t, node->inputs[0]);
	size_t count = 0;
	const int64_t *repeats = gd_tape_list(t, node, "repeats", 1, &count);
	if (!repeats || x.rank < 0 || count != (size_t)x.rank || x.rank > GD_MAX_RANK / 2)
		return gd_tape_unsupported(node, "its repeats are not constant", err);
	int64_t dims[GD_MAX_RANK], axes[GD_MAX_RANK];
	for (int i = 0; i < x.rank; i++) {
		dims[2 * i] = repeats[i];
		dims[2 * i + 1] = x.dim[i];
		axes[i] = 2 * i;
	}
	const char *apart = gd_emit_reshape(t, dy, dims, 2 * x.rank);
	gd_tape_give(t, node, 0, gd_emit_reduce(t, "ReduceSum", apart, axes, (size_t)x.rank, false));
	return GD_OK;
}

/* Rows of a table by index (an embedding): each test adds its gradient to the rows it read. Other axes are turned to the
 * front and back. */
RULE(gather)
{
	gd_shape x = gd_tape_shape(t, node->inputs[0]), index = gd_tape_shape(t, node->inputs[1]);
	int64_t axis = axis_of(node, &x, 0);
	if (axis < 0 || index.rank < 0 || x.rank - 1 + index.rank > GD_MAX_RANK)
		return gd_tape_unsupported(node, "its input's rank is not known", err);
	int64_t perm[GD_MAX_RANK], back[GD_MAX_RANK];
	perm[0] = axis; /* x's axes with `axis` in front */
	for (int i = 0, k = 1; i < x.rank; i++)
		if (i != axis)
			perm[k++] = i;
	for (int i = 0; i < x.rank; i++)
		back[perm[i]] = i;
	int64_t rows[GD_MAX_RANK]; /* dy's axes with those of the index in front */
	int k = 0;
	for (int i = 0; i < index.rank; i++)
		rows[k++] = axis + i;
	for (int i = 0; i < x.rank - 1; i++)
		rows[k++] = i < axis ? i : i + index.rank;
	const char *updates = axis == 0 ? dy : gd_emit_transpose(t, dy, rows, k);
	const char *table = axis == 0 ? node->inputs[0] : gd_emit_transpose(t, node->inputs[0], perm, x.rank);
	const char *last = gd_emit_integers(t, &(int64_t){ -1 }, 1);
	const char *whole = GD_EMIT(t, "Cast", node->inputs[1]);
	gd_emit_int(t, "to", GD_I64);
	const char *places = GD_EMIT(t, "Unsqueeze", whole, last);
	const char *gradient = GD_EMIT(t, "ScatterND", gd_emit_zeros_like(t, table), places, updates);
	gd_emit_text(t, "reduction", "add");
	gd_tape_give(t, node, 0, axis == 0 ? gradient : gd_emit_transpose(t, gradient, back, x.rank));
	return GD_OK;
}

const gd_rule gd_rules_shape[] = {
	{ "Reshape", reshape }, { "Flatten", reshape }, { "Squeeze", reshape }, { "Unsqueeze", reshape }, { "Transpose", transpose },
	{ "Concat", concatenate }, { "Split", split }, { "Slice", slice }, { "Pad", pad }, { "Expand", expand }, { "Tile", tile },
	{ "Gather", gather }, { NULL, NULL },
};
