/* Shape rules of operators that re-arrange: what goes where, and what becomes of the two axes that are followed. */
#include "model/onnx/shape_help.h"
#include <string.h>

/* Which axes go or come: attribute in old opsets, input in new ones. False: not known. */
static bool axes_of(const gd_onnx_step *step, int rank, bool *marked)
{
	size_t count;
	const int64_t *axes = gd_onnx_list(step, "axes", 1, &count);
	memset(marked, 0, GD_MAX_RANK * sizeof *marked);
	if (rank < 0 || (!axes && (gd_node_attr(step->node, "axes") || gd_onnx_in(step, 1))))
		return false;
	for (size_t i = 0; i < count; i++) {
		int64_t axis = axes[i] < 0 ? axes[i] + rank : axes[i];
		if (axis < 0 || axis >= rank || axis >= GD_MAX_RANK)
			return false;
		marked[axis] = true;
	}
	if (count == 0)
		for (int i = 0; i < rank; i++)
			marked[i] = true;
	return true;
}

/* Takes the marked axes out. */
static void drop_axes(gd_onnx_value *out, const gd_onnx_value *in, const bool *marked)
{
	out->shape.rank = 0;
	out->channel = out->batch = -1;
	for (int i = 0; i < in->shape.rank; i++) {
		if (marked[i])
			continue;
		if (i == in->channel)
			out->channel = out->shape.rank;
		if (i == in->batch)
			out->batch = out->shape.rank;
		out->shape.dim[out->shape.rank++] = in->shape.dim[i];
	}
}

void gd_onnx_rule_reduce(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	bool marked[GD_MAX_RANK];
	if (!in || !out || in->shape.rank < 0 || !axes_of(step, in->shape.rank, marked))
		return;
	gd_onnx_copy(out, in);
	size_t count;
	gd_onnx_list(step, "axes", 1, &count);
	if (count == 0 && gd_node_integer(step->node, "noop_with_empty_axes", 0))
		return;
	if (gd_node_integer(step->node, "keepdims", 1) == 0)
		drop_axes(out, in, marked);
	else
		for (int i = 0; i < in->shape.rank; i++)
			out->shape.dim[i] = marked[i] ? 1 : out->shape.dim[i];
}

void gd_onnx_rule_arg(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	int axis = in ? gd_onnx_axis(step, "axis", 0, in->shape.rank) : -1;
	if (!out || axis < 0 || axis >= in->shape.rank)
		return;
	bool marked[GD_MAX_RANK] = { false };
	marked[axis] = true;
	gd_onnx_copy(out, in);
	if (gd_node_integer(step->node, "keepdims", 1) == 0)
		drop_axes(out, in, marked);
	else
		out->shape.dim[axis] = 1;
	out->type = GD_I64;
}

void gd_onnx_rule_squeeze(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	bool marked[GD_MAX_RANK];
	if (!in || !out || in->shape.rank < 0 || !axes_of(step, in->shape.rank, marked))
		return;
	size_t count;
	gd_onnx_list(step, "axes", 1, &count);
	for (int i = 0; count == 0 && i < in->shape.rank; i++)
		marked[i] = in->shape.dim[i] == 1;
	drop_axes(out, in, marked);
	out->type = in->type;
}

void gd_onnx_rule_unsqueeze(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	size_t count;
	const int64_t *axes = gd_onnx_list(step, "axes", 1, &count);
	bool marked[GD_MAX_RANK];
	if (!in || !out || !axes || in->shape.rank < 0 || count > GD_MAX_RANK ||
		in->shape.rank + (int)count > GD_MAX_RANK || count == 0 || !axes_of(step, in->shape.rank + (int)count, marked))
		return;
	out->type = in->type;
	out->shape.rank = in->shape.rank + (int)count;
	int from = 0;
	for (int i = 0; i < out->shape.rank; i++) {
		if (!marked[i] && from == in->shape.rank) { /* an axis was given twice */
			out->shape.rank = -1;
			return;
		}
		if (!marked[i] && from == in->channel)
			out->channel = i;
		if (!marked[i] && from == in->batch)
			out->batch = i;
		out->shape.dim[i] = marked[i] ? 1 : in->shape.dim[from++];
	}
}

void gd_onnx_rule_transpose(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	const gd_attr *perm = gd_node_attr(step->node, "perm");
	if (!in || !out || in->shape.rank < 0 ||
		(perm && (perm->kind != GD_ATTR_INTS || perm->count != (size_t)in->shape.rank)))
		return;
	out->type = in->type;
	out->shape.rank = in->shape.rank;
	out->batch = in->batch < 0 ? in->batch : -1;
	for (int i = 0; i < in->shape.rank; i++) {
		int64_t from = perm ? perm->integers[i] : in->shape.rank - 1 - i;
		if (from < 0 || from >= in->shape.rank) {
			out->shape.rank = -1;
			return;
		}
		out->shape.dim[i] = in->shape.dim[from];
		if (from == in->channel)
			out->channel = i;
		if (from == in->batch)
			out->batch = i;
	}
}

void gd_onnx_rule_flatten(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!in || !out)
		return;
	int axis = gd_onnx_axis(step, "axis", 1, in->shape.rank);
	out->type = in->type;
	out->shape = (gd_shape){ 2, { 1, 1 } };
	out->channel = 1;
	out->batch = 0;
	if (axis < 0)
		out->shape.dim[0] = out->shape.dim[1] = -1;
	for (int i = 0; axis >= 0 && i < in->shape.rank; i++)
		out->shape.dim[i >= axis] = gd_dims_times(out->shape.dim[i >= axis], in->shape.dim[i]);
}

/* The one size that -1 stands for: known when the sizes behind the first `kept` ones, which stay as they were, are. */
static int64_t left_over(const gd_shape *in, const gd_shape *out, int hole, int kept)
{
	int64_t have = 1, used = 1;
	for (int i = kept; i < in->rank; i++)
		have = gd_dims_times(have, in->dim[i]);
	for (int i = kept; i < out->rank; i++)
		if (i != hole)
			used = gd_dims_times(used, out->dim[i]);
	return have < 0 || used <= 0 || have % used ? -1 : have / used;
}

/* How many leading sizes surely stay as they are: equal numbers, copies, the batch. */
static int leading_kept(const gd_onnx_value *in, const gd_onnx_value *out, const int64_t *to, int hole)
{
	int kept = 0;
	while (kept < in->shape.rank && kept < out->shape.rank && kept != hole &&
		   in->shape.dim[kept] == out->shape.dim[kept] &&
		   (in->shape.dim[kept] >= 0 || to[kept] == 0 || (kept == in->batch && to[kept] == GD_BATCH_INTEGER)))
		kept++;
	return kept;
}

/* How many times the other sizes of `in` have those of `out`: above 1, they went into the axis of the tests (1 also
 * when not known, 0 when they come out of it again). */
static int64_t mixed_into_batch(const gd_onnx_value *in, const gd_shape *out)
{
	int64_t before = 1, after = 1;
	int holes = 0;
	for (int i = 0; i < in->shape.rank; i++)
		before = i == in->batch ? before : gd_dims_times(before, in->shape.dim[i]);
	for (int i = 0; i < out->rank; i++) {
		holes += out->dim[i] < 0;
		after = out->dim[i] < 0 ? after : gd_dims_times(after, out->dim[i]);
	}
	return in->shape.dim[in->batch] >= 0 || holes != 1 || before <= 0 || after <= 0 ? 1 : before / after;
}

/* Back to the shape that another value has, whole: then its axes mean the same, too. */
static bool like_another(const gd_onnx_step *step, gd_onnx_value *out)
{
	const gd_onnx_value *list = gd_onnx_in(step, 1);
	const gd_node *maker = list && list->node >= 0 ? &step->file->graph->nodes[list->node] : NULL;
	if (!maker || strcmp(maker->op, "Shape") != 0 || maker->attr_count || step->file->nodes[list->node].inputs[0] < 0)
		return false;
	const gd_onnx_value *other = &step->file->values[step->file->nodes[list->node].inputs[0]];
	if (other->shape.rank < 0 || !other->data)
		return false;
	gd_type type = out->type;
	gd_onnx_copy(out, other);
	out->type = type;
	return true;
}

void gd_onnx_rule_reshape(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	size_t count;
	const int64_t *to = gd_onnx_list(step, "shape", 1, &count);
	if (!in || !out || !to || count > GD_MAX_RANK)
		return;
	if (like_another(step, out))
		return;
	int hole = -1;
	bool zero = gd_node_integer(step->node, "allowzero", 0) != 0;
	out->type = in->type;
	out->shape.rank = (int)count;
	for (int i = 0; i < (int)count; i++) {
		int64_t dim = to[i] == 0 && !zero ? (i < in->shape.rank ? in->shape.dim[i] : -1) : to[i];
		if (to[i] == -1)
			hole = i;
		out->shape.dim[i] = dim < 0 || dim > INT32_MAX ? -1 : dim;
	}
	int kept = leading_kept(in, out, to, hole);
	if (hole >= 0 && in->shape.rank >= 0)
		out->shape.dim[hole] = left_over(&in->shape, &out->shape, hole, kept);
	out->batch = in->batch >= 0 && in->batch < kept ? in->batch : in->batch == 0 && count > 0 ? 0 : -1;
	for (int i = 0; i < (int)count; i++)
		if (to[i] == GD_BATCH_INTEGER)
			out->batch = i;
	int64_t mixed = in->batch >= 0 ? mixed_into_batch(in, &out->shape) : 1;
	if (mixed != 1)
		out->batch = mixed > 1 ? GD_BATCH_MIXED : -1;
	bool channels_stay = in->channel == 1 && count > 2 && in->shape.rank > 2 && out->shape.dim[1] == in->shape.dim[1] &&
						 in->shape.dim[1] > 0;
	out->channel = channels_stay ? 1 : (int)count - 1;
}

void gd_onnx_rule_concat(const gd_onnx_step *step)
{
	gd_onnx_value *out = gd_onnx_out(step, 0);
	const gd_onnx_value *lead = NULL;
	for (size_t k = 0; k < step->node->input_count; k++) {
		const gd_onnx_value *in = gd_onnx_in(step, k);
		if (!in || (lead && in->shape.rank >= 0 && in->shape.rank != lead->shape.rank))
			return;
		if (in->shape.rank < 0)
			continue; /* then so much of the result is not known */
		if (!lead || (in->data && !lead->data))
			lead = in;
	}
	int axis = lead ? gd_onnx_axis(step, "axis", 1, lead->shape.rank) : -1;
	if (!out || axis < 0 || axis >= lead->shape.rank)
		return;
	gd_onnx_copy(out, lead);
	int64_t sum = 0;
	for (size_t k = 0; k < step->node->input_count; k++) {
		if (gd_onnx_in(step, k)->shape.rank < 0) {
			sum = -1;
			continue;
		}
		int64_t dim = gd_onnx_in(step, k)->shape.dim[axis];
		sum = sum < 0 || dim < 0 || sum + dim > INT32_MAX ? -1 : sum + dim;
		for (int i = 0; i < out->shape.rank; i++)
			if (out->shape.dim[i] < 0)
				out->shape.dim[i] = gd_onnx_in(step, k)->shape.dim[i];
	}
	out->shape.dim[axis] = sum;
}

void gd_onnx_rule_split(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	int axis = in ? gd_onnx_axis(step, "axis", 0, in->shape.rank) : -1;
	if (axis < 0 || axis >= in->shape.rank)
		return;
	size_t count, outputs = step->node->output_count;
	const int64_t *sizes = gd_onnx_list(step, "split", 1, &count);
	int64_t whole = in->shape.dim[axis], each = whole < 0 ? -1 : (whole + (int64_t)outputs - 1) / (int64_t)outputs;
	for (size_t k = 0; k < outputs; k++) {
		gd_onnx_value *out = gd_onnx_out(step, k);
		if (!out)
			continue;
		gd_onnx_copy(out, in);
		out->shape.dim[axis] = sizes && k < count            ? sizes[k]
							   : k + 1 < outputs || each < 0 ? each
															 : whole - each * (int64_t)k;
		if (out->shape.dim[axis] < 0 || out->shape.dim[axis] > INT32_MAX)
			out->shape.dim[axis] = -1;
	}
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

static int64_t sliced(int64_t size, int64_t start, int64_t end, int64_t pace)
{
	if (size < 0 || start <= GD_BATCH_INTEGER || end <= GD_BATCH_INTEGER || pace == 0 || !gd_dim_sane(pace))
		return -1;
	start = start < 0 && start > -INT64_MAX ? start + size : start;
	end = end < 0 && end > -INT64_MAX ? end + size : end;
	start = clamp(start, 0, pace > 0 ? size : size - 1);
	end = clamp(end, pace > 0 ? 0 : -1, size);
	int64_t reach = pace > 0 ? end - start : start - end, step = pace > 0 ? pace : -pace;
	return reach <= 0 ? 0 : (reach + step - 1) / step;
}

void gd_onnx_rule_slice(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	size_t starts, ends, axes, paces;
	const int64_t *start = gd_onnx_list(step, "starts", 1, &starts), *end = gd_onnx_list(step, "ends", 2, &ends);
	const int64_t *axis = gd_onnx_list(step, "axes", 3, &axes), *pace = gd_onnx_list(step, "steps", 4, &paces);
	if (!in || !out || in->shape.rank < 0)
		return;
	gd_onnx_copy(out, in);
	bool known = start && end && starts == ends && (axis || !gd_onnx_in(step, 3)) && (pace || !gd_onnx_in(step, 4));
	for (int i = 0; !known && i < out->shape.rank; i++)
		if (i != out->batch && i != out->channel)
			out->shape.dim[i] = -1;
	for (size_t i = 0; known && i < starts; i++) {
		int64_t at = axis && i < axes ? axis[i] : (int64_t)i;
		at = at < 0 ? at + in->shape.rank : at;
		if (at >= 0 && at < in->shape.rank)
			out->shape.dim[at] = sliced(in->shape.dim[at], start[i], end[i], pace && i < paces ? pace[i] : 1);
	}
}

void gd_onnx_rule_gather(const gd_onnx_step *step)
{
	const gd_onnx_value *from = gd_onnx_in(step, 0), *which = gd_onnx_in(step, 1);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	int axis = from ? gd_onnx_axis(step, "axis", 0, from->shape.rank) : -1;
	if (!out || !which || which->shape.rank < 0 || axis < 0 || axis >= from->shape.rank ||
		from->shape.rank - 1 + which->shape.rank > GD_MAX_RANK)
		return;
	out->type = from->type;
	out->shape.rank = 0;
	for (int i = 0; i < from->shape.rank; i++) {
		if (i == axis) {
			if (!from->data && which->batch >= 0)
				out->batch = out->shape.rank + which->batch;
			for (int k = 0; k < which->shape.rank; k++)
				out->shape.dim[out->shape.rank++] = which->shape.dim[k];
			continue;
		}
		if (from->data && i == from->channel)
			out->channel = out->shape.rank;
		if (from->data && i == from->batch)
			out->batch = out->shape.rank;
		out->shape.dim[out->shape.rank++] = from->shape.dim[i];
	}
}

void gd_onnx_rule_pad(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	size_t count;
	const int64_t *pads = gd_onnx_list(step, "pads", 1, &count);
	if (!in || !out || in->shape.rank < 0)
		return;
	gd_onnx_copy(out, in);
	size_t rank = (size_t)in->shape.rank;
	for (size_t i = 0; i < rank; i++) {
		bool known =
			pads && count == 2 * rank && gd_dim_sane(pads[i]) && gd_dim_sane(pads[i + rank]) && !gd_onnx_in(step, 3);
		int64_t wide = known && in->shape.dim[i] >= 0 ? in->shape.dim[i] + pads[i] + pads[i + rank] : -1;
		out->shape.dim[i] = wide > INT32_MAX ? -1 : wide;
	}
	if (!pads || count != 2 * rank) /* batch and channels are never padded in practice */
		for (int i = 0; i < 2 && i < in->shape.rank; i++)
			out->shape.dim[i] = in->shape.dim[i];
}

static const float *scales_of(const gd_onnx_step *step, size_t rank)
{
	const gd_attr *attr = gd_node_attr(step->node, "scales");
	if (attr && attr->kind == GD_ATTR_FLOATS)
		return attr->count == rank ? attr->numbers : NULL;
	const gd_onnx_value *value =
		gd_onnx_in(step, strcmp(step->node->op, "Upsample") == 0 || step->node->input_count == 2 ? 1 : 2);
	const gd_tensor *tensor = value && value->tensor >= 0 ? &step->file->graph->tensors[value->tensor] : NULL;
	return tensor && tensor->type == GD_F32 && tensor->bytes == rank * sizeof(float)
			   ? gd_tensor_floats(tensor, step->file->arena)
			   : NULL;
}

void gd_onnx_rule_resize(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0), *sizes = gd_onnx_in(step, 3);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!in || !out || in->shape.rank < 0)
		return;
	gd_onnx_copy(out, in);
	const float *scales = scales_of(step, (size_t)in->shape.rank);
	for (int i = 0; i < in->shape.rank; i++) {
		int64_t dim = i < 2 ? in->shape.dim[i] : -1;
		if (sizes && sizes->integers && sizes->integer_count == in->shape.rank && sizes->integers[i] >= 0)
			dim = sizes->integers[i];
		else if (scales && in->shape.dim[i] >= 0 && scales[i] > 0 && scales[i] < 1e6f)
			dim = (int64_t)((double)in->shape.dim[i] * (double)scales[i]);
		out->shape.dim[i] = dim > INT32_MAX ? -1 : dim;
	}
}

/* Expand, extra 0; Tile, extra 1; ConstantOfShape and RandomNormal, extra 2. */
/* Expand to a shape that is not known: sizes other than 1 stay. */
static void expand_unknown(const gd_onnx_value *in, const gd_onnx_value *list, gd_onnx_value *out)
{
	bool as_long = list && list->shape.rank == 1 && list->shape.dim[0] == in->shape.rank;
	if (in->shape.rank < 0 || !as_long)
		return;
	gd_onnx_copy(out, in);
	for (int i = 0; i < out->shape.rank; i++)
		if (out->shape.dim[i] == 1)
			out->shape.dim[i] = -1;
}

void gd_onnx_rule_by_list(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	size_t count;
	const int64_t *list = gd_onnx_list(step, "shape", step->extra == 2 ? 0 : 1, &count);
	if (in && out && !list && step->extra == 0)
		expand_unknown(in, gd_onnx_in(step, 1), out);
	if (!in || !out || !list || count > GD_MAX_RANK || (step->extra != 2 && in->shape.rank < 0) ||
		(step->extra == 1 && (int)count != in->shape.rank))
		return;
	int rank = step->extra != 2 && in->shape.rank > (int)count ? in->shape.rank : (int)count;
	out->type = step->extra == 2 ? GD_F32 : in->type;
	const gd_attr *value = gd_node_attr(step->node, "value");
	if (step->extra == 2 && value && value->kind == GD_ATTR_TENSOR)
		out->type = value->tensor->type;
	out->shape.rank = rank;
	for (int i = 0; i < rank; i++) {
		int at = i - (rank - (int)count), from = i - (rank - in->shape.rank);
		int64_t want = at < 0 ? 1 : list[at], have = step->extra == 2 || from < 0 ? 1 : in->shape.dim[from];
		want = want < 0 || want > INT32_MAX ? -1 : want;
		out->shape.dim[i] = step->extra == 1 ? gd_dims_times(have, want) : want == 1 ? have : want;
	}
	if (step->extra != 2) {
		out->channel = in->channel < 0 ? -1 : in->channel + rank - in->shape.rank;
		out->batch = in->batch < 0 ? in->batch : in->batch + rank - in->shape.rank;
	}
}

/* extra 1: DepthToSpace. */
void gd_onnx_rule_blocks(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	int64_t size = gd_node_integer(step->node, "blocksize", 1), area = gd_dims_times(size, size);
	if (!in || !out || in->shape.rank != 4 || size < 1 || area < 1)
		return;
	gd_onnx_copy(out, in);
	out->channel = 1;
	int64_t *dim = out->shape.dim;
	dim[1] = step->extra ? (dim[1] < 0 ? -1 : dim[1] / area) : gd_dims_times(dim[1], area);
	for (int i = 2; i < 4; i++)
		dim[i] = step->extra ? gd_dims_times(dim[i], size) : dim[i] < 0 ? -1 : dim[i] / size;
}

void gd_onnx_rule_range(const gd_onnx_step *step)
{
	const gd_onnx_value *in[3] = { gd_onnx_in(step, 0), gd_onnx_in(step, 1), gd_onnx_in(step, 2) };
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!out || !in[0] || !in[1] || !in[2])
		return;
	out->type = in[0]->type;
	out->shape = (gd_shape){ 1, { -1 } };
	for (int i = 0; i < 3; i++)
		if (!in[i]->integers || in[i]->integer_count != 1 || !gd_dim_sane(in[i]->integers[0]))
			return;
	int64_t from = in[0]->integers[0], to = in[1]->integers[0], by = in[2]->integers[0];
	if (by != 0)
		out->shape.dim[0] =
			by > 0 ? (to > from ? (to - from + by - 1) / by : 0) : (from > to ? (from - to - by - 1) / -by : 0);
}

void gd_onnx_rule_one_hot(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0), *depth = gd_onnx_in(step, 1), *values = gd_onnx_in(step, 2);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!in || !out || in->shape.rank < 0 || in->shape.rank == GD_MAX_RANK ||
		gd_node_integer(step->node, "axis", -1) != -1)
		return;
	gd_onnx_copy(out, in);
	out->type = values ? values->type : 0;
	out->shape.dim[out->shape.rank] =
		depth && depth->integers && depth->integer_count == 1 && depth->integers[0] >= 0 ? depth->integers[0] : -1;
	out->channel = out->shape.rank++;
}
