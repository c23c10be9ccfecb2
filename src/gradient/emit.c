/* Emitting nodes: thin over gd_builder, with one sticky failure flag. */
#include "gradient/tape_priv.h"

static const char *checked(gd_tape *tape, const char *name)
{
	if (!name)
		tape->failed = true;
	return name;
}

const char *gd_emit(gd_tape *tape, const char *op, const char *output, const char *const *inputs)
{
	return tape->failed ? NULL : checked(tape, gd_builder_node(&tape->builder, op, output, inputs));
}

#define ATTR(call)          \
	if (tape->failed || !(call)) \
	tape->failed = true

void gd_emit_int(gd_tape *tape, const char *name, int64_t value)
{
	ATTR(gd_builder_attr_int(&tape->builder, name, value));
}

void gd_emit_float(gd_tape *tape, const char *name, float value)
{
	ATTR(gd_builder_attr_float(&tape->builder, name, value));
}

void gd_emit_text(gd_tape *tape, const char *name, const char *value)
{
	ATTR(gd_builder_attr_text(&tape->builder, name, value));
}

void gd_emit_ints(gd_tape *tape, const char *name, const int64_t *values, size_t count)
{
	ATTR(gd_builder_attr_ints(&tape->builder, name, values, count));
}

const char *gd_emit_more(gd_tape *tape)
{
	return tape->failed ? NULL : checked(tape, gd_builder_more(&tape->builder, NULL));
}

const char *gd_emit_scalar(gd_tape *tape, float value)
{
	return tape->failed ? NULL : checked(tape, gd_builder_scalar(&tape->builder, "constant", value));
}

const char *gd_emit_integers(gd_tape *tape, const int64_t *values, size_t count)
{
	return tape->failed ? NULL : checked(tape, gd_builder_integers(&tape->builder, "list", values, count));
}

const char *gd_emit_floats(gd_tape *tape, const float *values, int rank, const int64_t *dims)
{
	return tape->failed ? NULL : checked(tape, gd_builder_floats(&tape->builder, "constant", values, rank, dims));
}

const char *gd_emit_reshape(gd_tape *tape, const char *value, const int64_t *dims, int rank)
{
	const char *list = gd_emit_integers(tape, dims, (size_t)rank);
	return GD_EMIT(tape, "Reshape", value, list);
}

const char *gd_emit_reshape_like(gd_tape *tape, const char *value, const char *like)
{
	const char *shape = GD_EMIT(tape, "Shape", like);
	return GD_EMIT(tape, "Reshape", value, shape);
}

const char *gd_emit_expand_like(gd_tape *tape, const char *value, const char *like)
{
	const char *shape = GD_EMIT(tape, "Shape", like);
	return GD_EMIT(tape, "Expand", value, shape);
}

const char *gd_emit_zeros_like(gd_tape *tape, const char *like)
{
	const char *shape = GD_EMIT(tape, "Shape", like);
	return GD_EMIT(tape, "ConstantOfShape", shape); /* its default value is float 0 */
}

/* One that moves nothing is left out: ONNX Runtime 1.28 fuses even that with a Gemm in front, as if it swapped the axes. */
const char *gd_emit_transpose(gd_tape *tape, const char *value, const int64_t *permutation, int rank)
{
	bool moves = false;
	for (int i = 0; i < rank; i++)
		moves = moves || permutation[i] != i;
	if (!moves)
		return value;
	const char *turned = GD_EMIT(tape, "Transpose", value);
	gd_emit_ints(tape, "perm", permutation, (size_t)rank);
	return turned;
}

const char *gd_emit_swap_last(gd_tape *tape, const char *value, int rank)
{
	int64_t permutation[GD_MAX_RANK] = { 0 };
	for (int i = 0; i < rank; i++)
		permutation[i] = i;
	permutation[rank - 1] = rank - 2;
	permutation[rank - 2] = rank - 1;
	return gd_emit_transpose(tape, value, permutation, rank);
}

const char *gd_emit_reduce(gd_tape *tape, const char *op, const char *value, const int64_t *axes, size_t count, bool keep)
{
	const char *list = gd_emit_integers(tape, axes, count);
	const char *reduced = GD_EMIT(tape, op, value, list);
	gd_emit_int(tape, "keepdims", keep);
	return reduced;
}

const char *gd_emit_mask(gd_tape *tape, const char *op, const char *a, const char *b)
{
	const char *truth = GD_EMIT(tape, op, a, b);
	const char *mask = GD_EMIT(tape, "Cast", truth);
	gd_emit_int(tape, "to", GD_F32);
	return mask;
}

const char *gd_emit_slice(gd_tape *tape, const char *value, int64_t axis, int64_t first, int64_t last)
{
	const char *starts = gd_emit_integers(tape, &first, 1), *ends = gd_emit_integers(tape, &last, 1);
	const char *axes = gd_emit_integers(tape, &axis, 1);
	return GD_EMIT(tape, "Slice", value, starts, ends, axes);
}

const char *gd_emit_unbroadcast(gd_tape *tape, const char *value, gd_shape from, const char *operand)
{
	gd_shape to = gd_tape_shape(tape, operand);
	int64_t axes[GD_MAX_RANK];
	size_t count = 0;
	int ahead = from.rank - to.rank;
	for (int i = 0; i < from.rank; i++)
		if (i < ahead || (to.dim[i - ahead] == 1 && from.dim[i] != 1))
			axes[count++] = i;
	if (count)
		value = gd_emit_reduce(tape, "ReduceSum", value, axes, count, true);
	return ahead > 0 ? gd_emit_reshape_like(tape, value, operand) : value;
}
