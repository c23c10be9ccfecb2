/* Short lists of whole numbers that exporters compute in the graph (shapes for Reshape, ends for Slice), followed as
 * far as they are known: what depends on the batch stays GD_UNKNOWN_INTEGER. */
#include "model/onnx/file.h"
#include <string.h>

enum { MOST = 64 };

/* Shape, extra 0; Size, extra 1. */
void gd_onnx_rule_shape(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!in || !out)
		return;
	out->type = GD_I64;
	if (step->extra) {
		out->shape.rank = 0;
		return;
	}
	if (in->shape.rank < 0)
		return;
	int64_t from = gd_node_integer(step->node, "start", 0), to = gd_node_integer(step->node, "end", in->shape.rank),
			dims[GD_MAX_RANK];
	from = from < 0 ? from + in->shape.rank : from;
	to = to < 0 ? to + in->shape.rank : to;
	from = from < 0 ? 0 : from > in->shape.rank ? in->shape.rank : from;
	to = to < from ? from : to > in->shape.rank ? in->shape.rank : to;
	for (int64_t i = from; i < to; i++)
		dims[i - from] = in->shape.dim[i] >= 0 ? in->shape.dim[i]
						 : i == in->batch      ? GD_BATCH_INTEGER
											   : GD_UNKNOWN_INTEGER;
	out->shape = (gd_shape){ 1, { to - from } };
	gd_onnx_keep(step, out, dims, (int)(to - from));
}

static void take_gather(const gd_onnx_step *step, const gd_onnx_value *in, gd_onnx_value *out)
{
	const gd_onnx_value *which = gd_onnx_in(step, 1);
	int64_t picked[MOST];
	if (!which || !which->integers || which->integer_count > MOST)
		return;
	for (int i = 0; i < which->integer_count; i++) {
		int64_t at = which->integers[i] < 0 && which->integers[i] > GD_BATCH_INTEGER
						 ? which->integers[i] + in->integer_count
						 : which->integers[i];
		picked[i] = at >= 0 && at < in->integer_count ? in->integers[at] : GD_UNKNOWN_INTEGER;
	}
	gd_onnx_keep(step, out, picked, which->integer_count);
}

static void take_slice(const gd_onnx_step *step, const gd_onnx_value *in, gd_onnx_value *out)
{
	size_t starts, paces;
	const int64_t *start = gd_onnx_list(step, "starts", 1, &starts), *pace = gd_onnx_list(step, "steps", 4, &paces);
	if (!start || starts != 1 || start[0] <= GD_BATCH_INTEGER || (pace && pace[0] != 1) || out->shape.rank != 1)
		return;
	int64_t from = start[0] < 0 ? start[0] + in->integer_count : start[0], count = out->shape.dim[0];
	if (from >= 0 && count >= 0 && from <= in->integer_count && count <= in->integer_count - from)
		gd_onnx_keep(step, out, in->integers + from, (int)count);
}

static void take_concat(const gd_onnx_step *step, const gd_onnx_value *in, gd_onnx_value *out)
{
	(void)in;
	int64_t all[MOST];
	int count = 0;
	for (size_t k = 0; k < step->node->input_count; k++) {
		const gd_onnx_value *part = gd_onnx_in(step, k);
		int more = part && part->integers ? part->integer_count
				   : part && part->shape.rank == 1 && part->shape.dim[0] >= 0 && part->shape.dim[0] <= MOST
					   ? (int)part->shape.dim[0]
					   : -1;
		if (more < 0 || count + more > MOST)
			return;
		for (int i = 0; i < more; i++)
			all[count++] = part->integers ? part->integers[i] : GD_UNKNOWN_INTEGER;
	}
	gd_onnx_keep(step, out, all, count);
}

static int64_t compute(const char *op, int64_t a, int64_t b)
{
	int64_t result;
	bool wrong = a <= GD_BATCH_INTEGER || b <= GD_BATCH_INTEGER;
	if (wrong)
		return GD_UNKNOWN_INTEGER;
	if (strcmp(op, "Add") == 0)
		wrong = __builtin_add_overflow(a, b, &result);
	else if (strcmp(op, "Sub") == 0)
		wrong = __builtin_sub_overflow(a, b, &result);
	else if (strcmp(op, "Mul") == 0)
		wrong = __builtin_mul_overflow(a, b, &result);
	else if (b == 0 || b == -1)
		return GD_UNKNOWN_INTEGER;
	else
		result = a / b;
	return wrong ? GD_UNKNOWN_INTEGER : result;
}

static void take_arithmetic(const gd_onnx_step *step, const gd_onnx_value *in, gd_onnx_value *out)
{
	const gd_onnx_value *by = gd_onnx_in(step, 1);
	int64_t all[MOST];
	if (!by || !by->integers || in->integer_count > MOST || by->integer_count > MOST)
		return;
	int count = in->integer_count > by->integer_count ? in->integer_count : by->integer_count;
	if ((in->integer_count != count && in->integer_count != 1) ||
		(by->integer_count != count && by->integer_count != 1))
		return;
	for (int i = 0; i < count; i++)
		all[i] = compute(
			step->node->op, in->integers[in->integer_count == 1 ? 0 : i], by->integers[by->integer_count == 1 ? 0 : i]);
	gd_onnx_keep(step, out, all, count);
}

static void take_same(const gd_onnx_step *step, const gd_onnx_value *in, gd_onnx_value *out)
{
	if (out->type == GD_I64 || out->type == GD_I32)
		gd_onnx_keep(step, out, in->integers, in->integer_count);
}

static void take_filled(const gd_onnx_step *step, const gd_onnx_value *in, gd_onnx_value *out)
{
	const gd_attr *value = gd_node_attr(step->node, "value");
	bool whole =
		value && value->kind == GD_ATTR_TENSOR && (value->tensor->type == GD_I64 || value->tensor->type == GD_I32);
	if (!whole || in->integer_count != 1 || in->integers[0] < 0 || in->integers[0] > MOST)
		return;
	int64_t all[MOST];
	for (int i = 0; i < (int)in->integers[0]; i++)
		all[i] = gd_tensor_integer(value->tensor, 0);
	gd_onnx_keep(step, out, all, (int)in->integers[0]);
}

/* 1 and 0; a size that depends on the tests is no negative number. */
static void take_equal(const gd_onnx_step *step, const gd_onnx_value *in, gd_onnx_value *out)
{
	const gd_onnx_value *by = gd_onnx_in(step, 1);
	int64_t all[MOST];
	if (!by || !by->integers || in->integer_count > MOST || by->integer_count != in->integer_count)
		return;
	for (int i = 0; i < in->integer_count; i++) {
		int64_t a = in->integers[i], b = by->integers[i];
		bool open = a <= GD_BATCH_INTEGER || b <= GD_BATCH_INTEGER;
		if (open && (a <= GD_BATCH_INTEGER ? b : a) >= 0)
			return;
		all[i] = !open && a == b;
	}
	gd_onnx_keep(step, out, all, in->integer_count);
}

static void take_where(const gd_onnx_step *step, const gd_onnx_value *in, gd_onnx_value *out)
{
	const gd_onnx_value *a = gd_onnx_in(step, 1), *b = gd_onnx_in(step, 2);
	int64_t all[MOST];
	int count = in->integer_count;
	if (!a || !b || !a->integers || !b->integers || count > MOST || a->integer_count != count ||
		b->integer_count != count)
		return;
	for (int i = 0; i < count; i++)
		all[i] = in->integers[i] ? a->integers[i] : b->integers[i];
	gd_onnx_keep(step, out, all, count);
}

static const struct {
	const char *op;
	void (*take)(const gd_onnx_step *step, const gd_onnx_value *in, gd_onnx_value *out);
} takers[] = { { "ConstantOfShape", take_filled }, { "Equal", take_equal }, { "Where", take_where },
	{ "Gather", take_gather }, { "Slice", take_slice }, { "Concat", take_concat }, { "Add", take_arithmetic },
	{ "Sub", take_arithmetic }, { "Mul", take_arithmetic }, { "Div", take_arithmetic }, { "Cast", take_same },
	{ "Identity", take_same }, { "Unsqueeze", take_same }, { "Squeeze", take_same },
	{ "Reshape", take_same } };

void gd_onnx_rule_integers(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!in || !out || out->integers || (!in->integers && strcmp(step->node->op, "Concat") != 0) || in->data ||
		out->shape.rank > 1 || (out->shape.rank < 0 && strcmp(step->node->op, "Reshape") == 0))
		return;
	for (size_t i = 0; i < sizeof takers / sizeof takers[0]; i++)
		if (strcmp(takers[i].op, step->node->op) == 0)
			takers[i].take(step, in, out);
}
