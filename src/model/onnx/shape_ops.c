/* What an operator makes of the shapes that enter it. To add one: a row in `rules`, and a rule if none fits. */
#include "model/onnx/file.h"
#include <string.h>

static int64_t times(int64_t a, int64_t b)
{
	int64_t product;
	return a < 0 || b < 0 || __builtin_mul_overflow(a, b, &product) || product > INT32_MAX ? -1 : product;
}

static int axis_of(const gd_onnx_step *step, const char *name, int64_t otherwise, int rank)
{
	int64_t axis = gd_node_integer(step->node, name, otherwise);
	axis = axis < 0 ? axis + rank : axis;
	return axis < 0 || axis > rank || rank < 0 ? -1 : (int)axis;
}

static void copy(gd_onnx_value *to, const gd_onnx_value *from)
{
	to->type = from->type;
	to->shape = from->shape;
	to->channel = from->channel;
	to->batch = from->batch;
}

/* Same as input `extra`; also for the further outputs, which nobody asks the shape of, only the type. */
static void same(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, (size_t)step->extra);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (in && out)
		copy(out, in);
}

/* extra: the type of the result, 0: as the first numeric input. */
static void broadcast(const gd_onnx_step *step)
{
	gd_onnx_value *out = gd_onnx_out(step, 0);
	const gd_onnx_value *lead = NULL;
	if (!out)
		return;
	int rank = 0;
	for (size_t k = 0; k < step->node->input_count; k++) {
		const gd_onnx_value *in = gd_onnx_in(step, k);
		if (!in || in->shape.rank < 0)
			continue; /* not known: taken to fit into what is */
		rank = in->shape.rank > rank ? in->shape.rank : rank;
		bool better = !lead || (in->data && !lead->data) || (in->data && in->shape.rank > lead->shape.rank);
		if (!(k == 0 && strcmp(step->node->op, "Where") == 0) && better)
			lead = in;
	}
	if (!lead)
		return;
	out->shape.rank = rank;
	for (int i = 0; i < rank; i++) {
		out->shape.dim[i] = 1;
		for (size_t k = 0; k < step->node->input_count; k++) {
			const gd_onnx_value *in = gd_onnx_in(step, k);
			int at = in && in->shape.rank >= 0 ? i - (rank - in->shape.rank) : -1;
			if (at >= 0 && in->shape.dim[at] != 1 && (out->shape.dim[i] == 1 || out->shape.dim[i] < 0))
				out->shape.dim[i] = in->shape.dim[at];
		}
	}
	int shift = rank - lead->shape.rank;
	out->type = step->extra ? (gd_type)step->extra : lead->type;
	out->channel = lead->channel < 0 ? -1 : lead->channel + shift;
	out->batch = lead->batch < 0 ? lead->batch : lead->batch + shift;
}

static void cast(const gd_onnx_step *step)
{
	same(step);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	int64_t to = gd_node_integer(step->node, "to", 0);
	if (out)
		out->type = (gd_type)(to > 0 && to < 1000 ? to : 0);
}

static void quantize(const gd_onnx_step *step)
{
	same(step);
	const gd_onnx_value *zero = gd_onnx_in(step, 2);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (out)
		out->type = step->extra ? GD_F32 : zero ? zero->type : GD_U8;
	if (out && strcmp(step->node->op, "DequantizeLinear") == 0) {
		const gd_onnx_value *in = gd_onnx_in(step, 0), *scale = gd_onnx_in(step, 1);
		if (in)
			copy(out, in);
		out->type = scale && scale->type ? scale->type : GD_F32;
	}
}

static void gemm(const gd_onnx_step *step)
{
	const gd_onnx_value *a = gd_onnx_in(step, 0), *b = gd_onnx_in(step, 1);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!a || !b || !out)
		return;
	bool ta = gd_node_integer(step->node, "transA", 0) != 0, tb = gd_node_integer(step->node, "transB", 0) != 0;
	out->type = a->type;
	out->shape = (gd_shape){ 2, { -1, -1 } };
	if (a->shape.rank == 2)
		out->shape.dim[0] = a->shape.dim[ta];
	if (b->shape.rank == 2)
		out->shape.dim[1] = b->shape.dim[!tb];
	out->channel = 1;
	out->batch = a->batch >= 0 ? (a->batch ^ ta) & 1 : a->batch;
}

/* extra: place of the second factor. */
static void matmul(const gd_onnx_step *step)
{
	const gd_onnx_value *a = gd_onnx_in(step, 0), *b = gd_onnx_in(step, (size_t)step->extra);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!a || !b || !out || a->shape.rank < 1 || b->shape.rank < 1)
		return;
	int ra = a->shape.rank, rb = b->shape.rank, rank = ra > rb ? ra : rb;
	out->type = strcmp(step->node->op, "MatMulInteger") == 0 ? GD_I32 : a->type;
	if (ra == 1 || rb == 1) { /* a vector: its axis goes */
		const gd_onnx_value *wide = ra == 1 ? b : a;
		out->shape = wide->shape;
		out->shape.rank--;
		if (ra == 1 && rb > 1)
			out->shape.dim[out->shape.rank - 1] = b->shape.dim[rb - 1];
		out->batch = wide->batch < out->shape.rank ? wide->batch : -1;
		return;
	}
	out->shape.rank = rank;
	for (int i = 0; i < rank - 2; i++) {
		int ia = i - (rank - ra), ib = i - (rank - rb);
		int64_t da = ia < 0 ? 1 : a->shape.dim[ia], db = ib < 0 ? 1 : b->shape.dim[ib];
		out->shape.dim[i] = da == 1 ? db : da;
	}
	out->shape.dim[rank - 2] = a->shape.dim[ra - 2];
	out->shape.dim[rank - 1] = b->shape.dim[rb - 1];
	out->channel = rank - 1;
	const gd_onnx_value *lead = a->data ? a : b;
	out->batch = lead->batch < 0 ? lead->batch : lead->batch + rank - lead->shape.rank;
}

typedef struct {
	int64_t kernel, stride, dilation, before, after, extra;
} window;

static int64_t list_at(const gd_node *node, const char *name, size_t at, int64_t otherwise)
{
	const gd_attr *attr = gd_node_attr(node, name);
	return attr && attr->kind == GD_ATTR_INTS && at < attr->count ? attr->integers[at] : otherwise;
}

static window window_of(const gd_node *node, int axis, int spatial, int64_t kernel)
{
	size_t i = (size_t)axis, n = (size_t)spatial;
	return (window){ list_at(node, "kernel_shape", i, kernel), list_at(node, "strides", i, 1), list_at(node, "dilations", i, 1),
		list_at(node, "pads", i, 0), list_at(node, "pads", i + n, 0), list_at(node, "output_padding", i, 0) };
}

static bool sane(int64_t value)
{
	return value >= -INT32_MAX && value <= INT32_MAX;
}

static int64_t windowed(const gd_node *node, int64_t size, window w)
{
	const gd_attr *pad = gd_node_attr(node, "auto_pad");
	if (size < 0 || w.stride < 1 || !sane(w.kernel) || !sane(w.stride) || !sane(w.dilation) || !sane(w.before) || !sane(w.after))
		return -1;
	if (pad && pad->kind == GD_ATTR_STRING && strncmp(pad->text, "SAME", 4) == 0)
		return (size + w.stride - 1) / w.stride;
	int64_t room = size + w.before + w.after - w.dilation * (w.kernel - 1) - 1;
	if (room < 0 || w.dilation < 0 || w.kernel < 1)
		return -1;
	bool up = gd_node_integer(node, "ceil_mode", 0) != 0;
	int64_t places = (up ? room + w.stride - 1 : room) / w.stride + 1;
	if (up && (places - 1) * w.stride >= size + w.before) /* a window must begin inside */
		places--;
	return places;
}

/* extra: place of the weight. */
static void conv(const gd_onnx_step *step)
{
	const gd_onnx_value *x = gd_onnx_in(step, 0), *w = gd_onnx_in(step, (size_t)step->extra);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!x || !w || !out || w->shape.rank < 3)
		return;
	out->type = strcmp(step->node->op, "ConvInteger") == 0 ? GD_I32 : x->type;
	out->shape = w->shape; /* its rank */
	out->channel = 1;
	out->batch = 0;
	out->shape.dim[0] = x->shape.rank == w->shape.rank ? x->shape.dim[0] : -1;
	out->shape.dim[1] = w->shape.dim[0];
	for (int i = 2; i < out->shape.rank; i++)
		out->shape.dim[i] = x->shape.rank != w->shape.rank ? -1
			: windowed(step->node, x->shape.dim[i], window_of(step->node, i - 2, out->shape.rank - 2, w->shape.dim[i]));
}

static int64_t unwindowed(const gd_node *node, int64_t size, int axis, window w)
{
	int64_t given = list_at(node, "output_shape", (size_t)axis, -1);
	const gd_attr *pad = gd_node_attr(node, "auto_pad");
	if (given >= 0)
		return given;
	if (size < 0 || size > INT32_MAX || !sane(w.kernel) || !sane(w.stride) || !sane(w.dilation) || !sane(w.before) || !sane(w.after) || !sane(w.extra))
		return -1;
	if (pad && pad->kind == GD_ATTR_STRING && strncmp(pad->text, "SAME", 4) == 0)
		return times(size, w.stride);
	int64_t made = times(size - 1, w.stride), reach = times(w.kernel - 1, w.dilation);
	return made < 0 || reach < 0 ? -1 : made + w.extra + reach + 1 - w.before - w.after;
}

static void conv_transpose(const gd_onnx_step *step)
{
	const gd_onnx_value *x = gd_onnx_in(step, 0), *w = gd_onnx_in(step, 1);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!x || !w || !out || w->shape.rank < 3)
		return;
	out->type = x->type;
	out->shape = w->shape;
	out->channel = 1;
	out->batch = 0;
	out->shape.dim[0] = x->shape.rank == w->shape.rank ? x->shape.dim[0] : -1;
	out->shape.dim[1] = times(w->shape.dim[1], gd_node_integer(step->node, "group", 1));
	for (int i = 2; i < out->shape.rank; i++)
		out->shape.dim[i] = x->shape.rank != w->shape.rank ? -1
			: unwindowed(step->node, x->shape.dim[i], i - 2, window_of(step->node, i - 2, out->shape.rank - 2, w->shape.dim[i]));
}

/* extra 1: over all places. */
static void pool(const gd_onnx_step *step)
{
	same(&(gd_onnx_step){ step->file, step->node, step->note, 0 });
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!out || out->shape.rank < 3)
		return;
	out->channel = 1;
	for (int i = 2; i < out->shape.rank; i++)
		out->shape.dim[i] = step->extra ? 1 : windowed(step->node, out->shape.dim[i], window_of(step->node, i - 2, out->shape.rank - 2, 1));
}

static void channels_second(const gd_onnx_step *step)
{
	same(step);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (out && out->shape.rank > 1)
		out->channel = 1;
}

static void features_last(const gd_onnx_step *step)
{
	same(step);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (out)
		out->channel = out->shape.rank - 1;
}

static void recurrent(const gd_onnx_step *step)
{
	const gd_onnx_value *x = gd_onnx_in(step, 0), *r = gd_onnx_in(step, 2);
	if (!x || !r || x->shape.rank != 3 || r->shape.rank != 3)
		return;
	bool batch_first = gd_node_integer(step->node, "layout", 0) != 0;
	int64_t hidden = r->shape.dim[2], dirs = r->shape.dim[0], steps = x->shape.dim[batch_first], batch = x->shape.dim[!batch_first];
	gd_onnx_value *y = gd_onnx_out(step, 0);
	if (y) {
		y->type = x->type;
		y->shape = batch_first ? (gd_shape){ 4, { batch, steps, dirs, hidden } } : (gd_shape){ 4, { steps, dirs, batch, hidden } };
		y->channel = 3;
		y->batch = batch_first ? 0 : 2;
	}
	for (size_t k = 1; k < 3; k++) {
		gd_onnx_value *last = gd_onnx_out(step, k);
		if (!last)
			continue;
		last->type = x->type;
		last->shape = batch_first ? (gd_shape){ 3, { batch, dirs, hidden } } : (gd_shape){ 3, { dirs, batch, hidden } };
		last->channel = 2;
		last->batch = batch_first ? 0 : 1;
	}
}

/* Which axes go or come: attribute in old opsets, input in new ones. False: not known. */
static bool axes_of(const gd_onnx_step *step, int rank, bool *marked)
{
	size_t count;
	const int64_t *axes = gd_onnx_list(step, "axes", 1, &count);
	memset(marked, 0, GD_MAX_RANK * sizeof *marked);
	if (!axes && (gd_node_attr(step->node, "axes") || gd_onnx_in(step, 1)))
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

static void reduce(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	bool marked[GD_MAX_RANK];
	if (!in || !out || in->shape.rank < 0 || !axes_of(step, in->shape.rank, marked))
		return;
	copy(out, in);
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

static void arg(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	int axis = in ? axis_of(step, "axis", 0, in->shape.rank) : -1;
	if (!out || axis < 0 || axis >= in->shape.rank)
		return;
	bool marked[GD_MAX_RANK] = { false };
	marked[axis] = true;
	copy(out, in);
	if (gd_node_integer(step->node, "keepdims", 1) == 0)
		drop_axes(out, in, marked);
	else
		out->shape.dim[axis] = 1;
	out->type = GD_I64;
}

static void squeeze(const gd_onnx_step *step)
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

static void unsqueeze(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	size_t count;
	const int64_t *axes = gd_onnx_list(step, "axes", 1, &count);
	bool marked[GD_MAX_RANK];
	if (!in || !out || !axes || in->shape.rank < 0 || count > GD_MAX_RANK || in->shape.rank + (int)count > GD_MAX_RANK || count == 0
		|| !axes_of(step, in->shape.rank + (int)count, marked))
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

static void transpose(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	const gd_attr *perm = gd_node_attr(step->node, "perm");
	if (!in || !out || in->shape.rank < 0 || (perm && (perm->kind != GD_ATTR_INTS || perm->count != (size_t)in->shape.rank)))
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

static void flatten(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!in || !out)
		return;
	int axis = axis_of(step, "axis", 1, in->shape.rank);
	out->type = in->type;
	out->shape = (gd_shape){ 2, { 1, 1 } };
	out->channel = 1;
	out->batch = 0;
	if (axis < 0)
		out->shape.dim[0] = out->shape.dim[1] = -1;
	for (int i = 0; axis >= 0 && i < in->shape.rank; i++)
		out->shape.dim[i >= axis] = times(out->shape.dim[i >= axis], in->shape.dim[i]);
}

/* The one size that -1 stands for: known when the sizes behind the first `kept` ones, which stay as they were, are. */
static int64_t left_over(const gd_shape *in, const gd_shape *out, int hole, int kept)
{
	int64_t have = 1, used = 1;
	for (int i = kept; i < in->rank; i++)
		have = times(have, in->dim[i]);
	for (int i = kept; i < out->rank; i++)
		if (i != hole)
			used = times(used, out->dim[i]);
	return have < 0 || used <= 0 || have % used ? -1 : have / used;
}

/* How many leading sizes surely stay as they are: equal numbers, copies, the batch. */
static int leading_kept(const gd_onnx_value *in, const gd_onnx_value *out, const int64_t *to, int hole)
{
	int kept = 0;
	while (kept < in->shape.rank && kept < out->shape.rank && kept != hole && in->shape.dim[kept] == out->shape.dim[kept]
		&& (in->shape.dim[kept] >= 0 || to[kept] == 0 || kept == in->batch))
		kept++;
	return kept;
}

/* How many times the other sizes of `in` have those of `out`: above 1, they went into the axis of the tests (1 also when
 * not known, 0 when they come out of it again). */
static int64_t mixed_into_batch(const gd_onnx_value *in, const gd_shape *out)
{
	int64_t before = 1, after = 1;
	int holes = 0;
	for (int i = 0; i < in->shape.rank; i++)
		before = i == in->batch ? before : times(before, in->shape.dim[i]);
	for (int i = 0; i < out->rank; i++) {
		holes += out->dim[i] < 0;
		after = out->dim[i] < 0 ? after : times(after, out->dim[i]);
	}
	return in->shape.dim[in->batch] >= 0 || holes != 1 || before <= 0 || after <= 0 ? 1 : before / after;
}

static void reshape(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	size_t count;
	const int64_t *to = gd_onnx_list(step, "shape", 1, &count);
	if (!in || !out || !to || count > GD_MAX_RANK)
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
	int64_t mixed = in->batch >= 0 ? mixed_into_batch(in, &out->shape) : 1;
	if (mixed != 1)
		out->batch = mixed > 1 ? GD_BATCH_MIXED : -1;
	bool channels_stay = in->channel == 1 && count > 2 && in->shape.rank > 2 && out->shape.dim[1] == in->shape.dim[1] && in->shape.dim[1] > 0;
	out->channel = channels_stay ? 1 : (int)count - 1;
}

static void concat(const gd_onnx_step *step)
{
	gd_onnx_value *out = gd_onnx_out(step, 0);
	const gd_onnx_value *lead = NULL;
	for (size_t k = 0; k < step->node->input_count; k++) {
		const gd_onnx_value *in = gd_onnx_in(step, k);
		if (!in || in->shape.rank < 0 || (lead && in->shape.rank != lead->shape.rank))
			return;
		if (!lead || (in->data && !lead->data))
			lead = in;
	}
	int axis = lead ? axis_of(step, "axis", 1, lead->shape.rank) : -1;
	if (!out || axis < 0 || axis >= lead->shape.rank)
		return;
	copy(out, lead);
	int64_t sum = 0;
	for (size_t k = 0; k < step->node->input_count; k++) {
		int64_t dim = gd_onnx_in(step, k)->shape.dim[axis];
		sum = sum < 0 || dim < 0 || sum + dim > INT32_MAX ? -1 : sum + dim;
		for (int i = 0; i < out->shape.rank; i++)
			if (out->shape.dim[i] < 0)
				out->shape.dim[i] = gd_onnx_in(step, k)->shape.dim[i];
	}
	out->shape.dim[axis] = sum;
}

static void split(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	int axis = in ? axis_of(step, "axis", 0, in->shape.rank) : -1;
	if (axis < 0 || axis >= in->shape.rank)
		return;
	size_t count, outputs = step->node->output_count;
	const int64_t *sizes = gd_onnx_list(step, "split", 1, &count);
	int64_t whole = in->shape.dim[axis], each = whole < 0 ? -1 : (whole + (int64_t)outputs - 1) / (int64_t)outputs;
	for (size_t k = 0; k < outputs; k++) {
		gd_onnx_value *out = gd_onnx_out(step, k);
		if (!out)
			continue;
		copy(out, in);
		out->shape.dim[axis] = sizes && k < count ? sizes[k] : k + 1 < outputs || each < 0 ? each : whole - each * (int64_t)k;
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
	if (size < 0 || start == GD_UNKNOWN_INTEGER || end == GD_UNKNOWN_INTEGER || pace == 0 || !sane(pace))
		return -1;
	start = start < 0 && start > -INT64_MAX ? start + size : start;
	end = end < 0 && end > -INT64_MAX ? end + size : end;
	start = clamp(start, 0, pace > 0 ? size : size - 1);
	end = clamp(end, pace > 0 ? 0 : -1, size);
	int64_t reach = pace > 0 ? end - start : start - end, step = pace > 0 ? pace : -pace;
	return reach <= 0 ? 0 : (reach + step - 1) / step;
}

static void slice(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	size_t starts, ends, axes, paces;
	const int64_t *start = gd_onnx_list(step, "starts", 1, &starts), *end = gd_onnx_list(step, "ends", 2, &ends);
	const int64_t *axis = gd_onnx_list(step, "axes", 3, &axes), *pace = gd_onnx_list(step, "steps", 4, &paces);
	if (!in || !out || in->shape.rank < 0)
		return;
	copy(out, in);
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

static void gather(const gd_onnx_step *step)
{
	const gd_onnx_value *from = gd_onnx_in(step, 0), *which = gd_onnx_in(step, 1);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	int axis = from ? axis_of(step, "axis", 0, from->shape.rank) : -1;
	if (!out || !which || which->shape.rank < 0 || axis < 0 || axis >= from->shape.rank || from->shape.rank - 1 + which->shape.rank > GD_MAX_RANK)
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

static void pad(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	size_t count;
	const int64_t *pads = gd_onnx_list(step, "pads", 1, &count);
	if (!in || !out || in->shape.rank < 0)
		return;
	copy(out, in);
	size_t rank = (size_t)in->shape.rank;
	for (size_t i = 0; i < rank; i++) {
		bool known = pads && count == 2 * rank && sane(pads[i]) && sane(pads[i + rank]) && !gd_onnx_in(step, 3);
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
	const gd_onnx_value *value = gd_onnx_in(step, strcmp(step->node->op, "Upsample") == 0 || step->node->input_count == 2 ? 1 : 2);
	const gd_tensor *tensor = value && value->tensor >= 0 ? &step->file->graph->tensors[value->tensor] : NULL;
	return tensor && tensor->type == GD_F32 && tensor->bytes == rank * sizeof(float) ? gd_tensor_floats(tensor, step->file->arena) : NULL;
}

static void resize(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0), *sizes = gd_onnx_in(step, 3);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!in || !out || in->shape.rank < 0)
		return;
	copy(out, in);
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
static void by_list(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	size_t count;
	const int64_t *list = gd_onnx_list(step, "shape", step->extra == 2 ? 0 : 1, &count);
	if (!in || !out || !list || count > GD_MAX_RANK || (step->extra != 2 && in->shape.rank < 0) || (step->extra == 1 && (int)count != in->shape.rank))
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
		out->shape.dim[i] = step->extra == 1 ? times(have, want) : want == 1 ? have : want;
	}
	if (step->extra != 2) {
		out->channel = in->channel < 0 ? -1 : in->channel + rank - in->shape.rank;
		out->batch = in->batch < 0 ? in->batch : in->batch + rank - in->shape.rank;
	}
}

/* extra 1: DepthToSpace. */
static void blocks(const gd_onnx_step *step)
{
	channels_second(&(gd_onnx_step){ step->file, step->node, step->note, 0 });
	gd_onnx_value *out = gd_onnx_out(step, 0);
	int64_t size = gd_node_integer(step->node, "blocksize", 1), area = times(size, size);
	if (!out || out->shape.rank != 4 || size < 1 || area < 1)
		return;
	int64_t *dim = out->shape.dim;
	dim[1] = step->extra ? (dim[1] < 0 ? -1 : dim[1] / area) : times(dim[1], area);
	for (int i = 2; i < 4; i++)
		dim[i] = step->extra ? times(dim[i], size) : dim[i] < 0 ? -1 : dim[i] / size;
}

static void range(const gd_onnx_step *step)
{
	const gd_onnx_value *in[3] = { gd_onnx_in(step, 0), gd_onnx_in(step, 1), gd_onnx_in(step, 2) };
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!out || !in[0] || !in[1] || !in[2])
		return;
	out->type = in[0]->type;
	out->shape = (gd_shape){ 1, { -1 } };
	for (int i = 0; i < 3; i++)
		if (!in[i]->integers || in[i]->integer_count != 1 || !sane(in[i]->integers[0]))
			return;
	int64_t from = in[0]->integers[0], to = in[1]->integers[0], by = in[2]->integers[0];
	if (by != 0)
		out->shape.dim[0] = by > 0 ? (to > from ? (to - from + by - 1) / by : 0) : (from > to ? (from - to - by - 1) / -by : 0);
}

static void one_hot(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0), *depth = gd_onnx_in(step, 1), *values = gd_onnx_in(step, 2);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!in || !out || in->shape.rank < 0 || in->shape.rank == GD_MAX_RANK || gd_node_integer(step->node, "axis", -1) != -1)
		return;
	copy(out, in);
	out->type = values ? values->type : 0;
	out->shape.dim[out->shape.rank] = depth && depth->integers && depth->integer_count == 1 && depth->integers[0] >= 0 ? depth->integers[0] : -1;
	out->channel = out->shape.rank++;
}

static void top_k(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0), *k = gd_onnx_in(step, 1);
	int axis = in ? axis_of(step, "axis", -1, in->shape.rank) : -1;
	for (size_t i = 0; axis >= 0 && axis < in->shape.rank && i < 2; i++) {
		gd_onnx_value *out = gd_onnx_out(step, i);
		if (!out)
			continue;
		copy(out, in);
		out->type = i ? GD_I64 : in->type;
		out->shape.dim[axis] = k && k->integers && k->integer_count == 1 && k->integers[0] >= 0 ? k->integers[0] : -1;
	}
}

/* The dimension of `letter` in the inputs' terms of an equation; -1 when not known. */
static int64_t letter_size(const gd_onnx_step *step, const char *equation, char letter, bool *batch)
{
	size_t input = 0;
	int place = 0;
	int64_t size = -1;
	for (const char *at = equation; *at && !(at[0] == '-' && at[1] == '>'); at++) {
		if (*at == ' ')
			continue;
		if (*at == ',') {
			input++;
			place = 0;
			continue;
		}
		const gd_onnx_value *in = gd_onnx_in(step, input);
		if (*at == letter && in && place < in->shape.rank) {
			size = in->shape.dim[place] >= 0 ? in->shape.dim[place] : size;
			*batch = *batch || (in->data && in->batch == place);
		}
		place++;
	}
	return size;
}

static void einsum(const gd_onnx_step *step)
{
	const gd_attr *attr = gd_node_attr(step->node, "equation");
	gd_onnx_value *out = gd_onnx_out(step, 0);
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	const char *arrow = attr && attr->kind == GD_ATTR_STRING ? strstr(attr->text, "->") : NULL;
	if (!arrow || !out || !in || strchr(attr->text, '.'))
		return;
	gd_shape shape = { 0 };
	int batch_at = -1;
	for (const char *at = arrow + 2; *at; at++) {
		if (*at == ' ')
			continue;
		if (shape.rank == GD_MAX_RANK)
			return;
		bool batch = false;
		shape.dim[shape.rank] = letter_size(step, attr->text, *at, &batch);
		batch_at = batch ? shape.rank : batch_at;
		shape.rank++;
	}
	out->type = in->type;
	out->shape = shape;
	out->batch = batch_at;
	out->channel = shape.rank - 1;
}

/* com.microsoft's Attention: weights (in, 3 x hidden). */
static void fused_attention(const gd_onnx_step *step)
{
	features_last(step);
	const gd_onnx_value *weights = gd_onnx_in(step, 1);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (out && out->shape.rank == 3)
		out->shape.dim[2] = weights && weights->shape.rank == 2 && weights->shape.dim[1] > 0 ? weights->shape.dim[1] / 3 : -1;
}

static void embed_norm(const gd_onnx_step *step)
{
	const gd_onnx_value *ids = gd_onnx_in(step, 0), *table = gd_onnx_in(step, 2);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!ids || !table || !out || ids->shape.rank != 2 || table->shape.rank != 2)
		return;
	out->type = table->type;
	out->shape = (gd_shape){ 3, { ids->shape.dim[0], ids->shape.dim[1], table->shape.dim[1] } };
	out->channel = 2;
	out->batch = ids->batch;
}

/* Attention of opset 23: as wide as the values. */
static void attention(const gd_onnx_step *step)
{
	features_last(step);
	const gd_onnx_value *v = gd_onnx_in(step, 2);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	int64_t heads = gd_node_integer(step->node, "q_num_heads", 0), groups = gd_node_integer(step->node, "kv_num_heads", 0);
	if (!out || !v || v->shape.rank != out->shape.rank || out->shape.rank < 3)
		return;
	int64_t wide = v->shape.dim[v->shape.rank - 1];
	out->shape.dim[out->shape.rank - 1] = out->shape.rank == 3 && groups > 0 && heads > 0 && wide > 0 ? times(wide / groups, heads) : wide;
}

static const struct {
	const char *op;
	gd_onnx_rule rule;
	int extra;
} rules[] = {
	{ "Abs", same, 0 }, { "Acos", same, 0 }, { "Add", broadcast, 0 }, { "And", broadcast, GD_BOOL }, { "ArgMax", arg, 0 },
	{ "ArgMin", arg, 0 }, { "Asin", same, 0 }, { "Atan", same, 0 }, { "Attention", attention, 0 }, { "AveragePool", pool, 0 },
	{ "BatchNormalization", channels_second, 0 }, { "BiasAdd", same, 0 }, { "BiasGelu", same, 0 }, { "BitShift", broadcast, 0 },
	{ "Cast", cast, 0 }, { "CastLike", same, 0 }, { "Ceil", same, 0 }, { "Celu", same, 0 }, { "Clip", same, 0 },
	{ "Concat", concat, 0 }, { "ConstantOfShape", by_list, 2 }, { "Conv", conv, 1 }, { "ConvInteger", conv, 1 },
	{ "ConvTranspose", conv_transpose, 0 }, { "Cos", same, 0 }, { "Cosh", same, 0 }, { "CumSum", same, 0 },
	{ "DepthToSpace", blocks, 1 }, { "DequantizeLinear", quantize, 1 }, { "Div", broadcast, 0 }, { "Dropout", same, 0 },
	{ "DynamicQuantizeLinear", quantize, 0 }, { "Einsum", einsum, 0 }, { "Elu", same, 0 }, { "EmbedLayerNormalization", embed_norm, 0 },
	{ "Equal", broadcast, GD_BOOL }, { "Erf", same, 0 }, { "Exp", same, 0 }, { "Expand", by_list, 0 }, { "FastGelu", same, 0 },
	{ "Flatten", flatten, 0 }, { "Floor", same, 0 }, { "FusedConv", conv, 1 }, { "FusedGemm", gemm, 0 }, { "FusedMatMul", matmul, 1 },
	{ "GRU", recurrent, 0 }, { "Gather", gather, 0 }, { "GatherElements", same, 1 }, { "Gelu", same, 0 }, { "Gemm", gemm, 0 },
	{ "GlobalAveragePool", pool, 1 }, { "GlobalLpPool", pool, 1 }, { "GlobalMaxPool", pool, 1 }, { "Greater", broadcast, GD_BOOL },
	{ "GreaterOrEqual", broadcast, GD_BOOL }, { "GroupNorm", same, 0 }, { "GroupNormalization", channels_second, 0 },
	{ "HardSigmoid", same, 0 }, { "HardSwish", same, 0 }, { "Hardmax", same, 0 }, { "Identity", same, 0 },
	{ "InstanceNormalization", channels_second, 0 }, { "IsInf", same, 0 }, { "IsNaN", same, 0 }, { "LRN", channels_second, 0 },
	{ "LSTM", recurrent, 0 }, { "LayerNormalization", features_last, 0 }, { "LeakyRelu", same, 0 }, { "Less", broadcast, GD_BOOL },
	{ "LessOrEqual", broadcast, GD_BOOL }, { "Log", same, 0 }, { "LogSoftmax", same, 0 }, { "LpNormalization", same, 0 },
	{ "LpPool", pool, 0 }, { "MatMul", matmul, 1 }, { "MatMulInteger", matmul, 1 }, { "Max", broadcast, 0 }, { "MaxPool", pool, 0 },
	{ "Mean", broadcast, 0 }, { "MeanVarianceNormalization", same, 0 }, { "Min", broadcast, 0 }, { "Mish", same, 0 }, { "Mod", broadcast, 0 },
	{ "Mul", broadcast, 0 }, { "MultiHeadAttention", features_last, 0 }, { "Neg", same, 0 }, { "Not", same, 0 }, { "OneHot", one_hot, 0 },
	{ "Or", broadcast, GD_BOOL }, { "PRelu", same, 0 }, { "Pad", pad, 0 }, { "Pow", broadcast, 0 }, { "QLinearAdd", same, 0 },
	{ "QLinearConv", conv, 3 }, { "QLinearMatMul", matmul, 3 }, { "QuantizeLinear", quantize, 0 }, { "QuickGelu", same, 0 },
	{ "RMSNormalization", features_last, 0 }, { "RNN", recurrent, 0 }, { "Range", range, 0 }, { "Reciprocal", same, 0 }, { "ReduceL1", reduce, 0 },
	{ "ReduceL2", reduce, 0 }, { "ReduceLogSum", reduce, 0 }, { "ReduceLogSumExp", reduce, 0 }, { "ReduceMax", reduce, 0 },
	{ "ReduceMean", reduce, 0 }, { "ReduceMin", reduce, 0 }, { "ReduceProd", reduce, 0 }, { "ReduceSum", reduce, 0 },
	{ "ReduceSumSquare", reduce, 0 }, { "Relu", same, 0 }, { "Reshape", reshape, 0 }, { "Resize", resize, 0 },
	{ "ReverseSequence", same, 0 }, { "RotaryEmbedding", same, 0 }, { "Round", same, 0 }, { "ScatterElements", same, 0 },
	{ "ScatterND", same, 0 }, { "Selu", same, 0 }, { "Shape", gd_onnx_rule_shape, 0 }, { "Shrink", same, 0 }, { "Sigmoid", same, 0 },
	{ "Sign", same, 0 }, { "SimplifiedLayerNormalization", features_last, 0 }, { "Sin", same, 0 }, { "Sinh", same, 0 },
	{ "Size", gd_onnx_rule_shape, 1 }, { "SkipLayerNormalization", features_last, 0 }, { "SkipSimplifiedLayerNormalization", features_last, 0 },
	{ "Slice", slice, 0 }, { "Softmax", same, 0 }, { "Softplus", same, 0 }, { "Softsign", same, 0 }, { "SpaceToDepth", blocks, 0 },
	{ "Split", split, 0 }, { "Sqrt", same, 0 }, { "Squeeze", squeeze, 0 }, { "Sub", broadcast, 0 }, { "Sum", broadcast, 0 },
	{ "Swish", same, 0 }, { "Tan", same, 0 }, { "Tanh", same, 0 }, { "ThresholdedRelu", same, 0 }, { "Tile", by_list, 1 }, { "TopK", top_k, 0 },
	{ "Transpose", transpose, 0 }, { "Trilu", same, 0 }, { "Unsqueeze", unsqueeze, 0 }, { "Upsample", resize, 0 },
	{ "Where", broadcast, 0 }, { "Xor", broadcast, GD_BOOL },
};

gd_onnx_rule gd_onnx_rule_find(const gd_node *node, int *extra)
{
	bool own = *node->domain == 0, microsoft = strncmp(node->domain, "com.microsoft", 13) == 0;
	if (microsoft && strcmp(node->op, "Attention") == 0)
		return fused_attention;
	size_t low = 0, high = own || microsoft ? sizeof rules / sizeof rules[0] : 0;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(node->op, rules[middle].op);
		if (order == 0) {
			*extra = rules[middle].extra;
			return rules[middle].rule;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
