/* Composite operators as primitive ones, so that they need no derivative of their own. */
#include "gradient/tape_priv.h"
#include <string.h>

const char *gd_lower_emit(gd_tape *tape, const char *op, const char *output, gd_shape shape, const char *const *inputs)
{
	const char *name = gd_emit(tape, op, output, inputs);
	gd_tape_set(tape, name, shape);
	return name;
}

#define LOWER(name) static gd_status name(gd_tape *t, const gd_node *node, gd_error *err)
#define LAST(op, ...) gd_lower_emit(t, op, node->outputs[0], shape, (const char *const[]){ __VA_ARGS__, NULL })
#define X node->inputs[0]

static const char *times_number(gd_tape *t, const char *a, float number, gd_shape shape)
{
	return GD_LOWER(t, "Mul", shape, a, gd_emit_scalar(t, number));
}

/* x Phi(x), exactly or by the tanh approximation (Hendrycks and Gimpel 2016). */
LOWER(gelu)
{
	(void)err;
	gd_shape shape = gd_tape_shape(t, X);
	const char *bent;
	if (strcmp(gd_node_text(node, "approximate", "none"), "tanh") == 0) {
		const char *cube = GD_LOWER(t, "Mul", shape, GD_LOWER(t, "Mul", shape, X, X), X);
		const char *inner = GD_LOWER(t, "Add", shape, X, times_number(t, cube, 0.044715f, shape));
		bent = GD_LOWER(t, "Tanh", shape, times_number(t, inner, 0.7978845608028654f, shape));
	} else {
		bent = GD_LOWER(t, "Erf", shape, times_number(t, X, 0.7071067811865476f, shape));
	}
	const char *raised = GD_LOWER(t, "Add", shape, bent, gd_emit_scalar(t, 1.0f));
	LAST("Mul", times_number(t, X, 0.5f, shape), raised);
	return GD_OK;
}

LOWER(hard_swish)
{
	(void)err;
	gd_shape shape = gd_tape_shape(t, X);
	const char *gate = GD_LOWER(t, "HardSigmoid", shape, X);
	gd_emit_float(t, "alpha", 1.0f / 6.0f);
	gd_emit_float(t, "beta", 0.5f);
	LAST("Mul", X, gate);
	return GD_OK;
}

LOWER(mish)
{
	(void)err;
	gd_shape shape = gd_tape_shape(t, X);
	LAST("Mul", X, GD_LOWER(t, "Tanh", shape, GD_LOWER(t, "Softplus", shape, X)));
	return GD_OK;
}

/* (x - mean) * 1 / sqrt(variance + epsilon), given mean of the shape it has after reduction. */
static const char *standardize(gd_tape *t, const char *x, gd_shape shape, const int64_t *axes, size_t count, float epsilon)
{
	gd_shape reduced = shape;
	for (size_t i = 0; i < count; i++)
		reduced.dim[axes[i]] = 1;
	const char *mean = gd_emit_reduce(t, "ReduceMean", x, axes, count, true);
	gd_tape_set(t, mean, reduced);
	const char *centred = GD_LOWER(t, "Sub", shape, x, mean);
	const char *variance = gd_emit_reduce(t, "ReduceMean", GD_LOWER(t, "Mul", shape, centred, centred), axes, count, true);
	gd_tape_set(t, variance, reduced);
	const char *root = GD_LOWER(t, "Sqrt", reduced, GD_LOWER(t, "Add", reduced, variance, gd_emit_scalar(t, epsilon)));
	return GD_LOWER(t, "Div", shape, centred, root);
}

LOWER(layer_normalization)
{
	gd_shape shape = gd_tape_shape(t, X);
	if (shape.rank < 1)
		return gd_tape_unsupported(node, "its input's rank is not known", err);
	int64_t axis = gd_node_integer(node, "axis", -1), axes[GD_MAX_RANK];
	size_t count = 0;
	for (int64_t i = axis < 0 ? axis + shape.rank : axis; i >= 0 && i < shape.rank; i++)
		axes[count++] = i;
	const char *unit = standardize(t, X, shape, axes, count, gd_node_number(node, "epsilon", 1e-5f));
	bool has_shift = node->input_count > 2 && *node->inputs[2];
	if (!has_shift) {
		LAST("Mul", unit, node->inputs[1]);
		return GD_OK;
	}
	LAST("Add", GD_LOWER(t, "Mul", shape, unit, node->inputs[1]), node->inputs[2]);
	return GD_OK;
}

/* A per-channel vector against (batch, channels, places...): (channels, 1, 1 ...). */
static const char *per_channel(gd_tape *t, const char *vector, gd_shape shape)
{
	if (shape.rank <= 2)
		return vector;
	gd_shape column = { .rank = shape.rank - 1, .dim = { shape.dim[1], 1, 1, 1, 1, 1, 1, 1 } };
	const char *list = gd_emit_integers(t, column.dim, (size_t)column.rank);
	return GD_LOWER(t, "Reshape", column, vector, list);
}

/* At inference: fixed mean and variance. Inputs: x, scale, shift, mean, variance. */
LOWER(batch_normalization)
{
	gd_shape shape = gd_tape_shape(t, X);
	if (shape.rank < 2 || node->input_count < 5)
		return gd_tape_unsupported(node, "its input's rank is not known", err);
	gd_shape vector = gd_tape_shape(t, node->inputs[4]);
	const char *raised = GD_LOWER(t, "Add", vector, node->inputs[4], gd_emit_scalar(t, gd_node_number(node, "epsilon", 1e-5f)));
	const char *factor = GD_LOWER(t, "Div", vector, node->inputs[1], GD_LOWER(t, "Sqrt", vector, raised));
	const char *centred = GD_LOWER(t, "Sub", shape, X, per_channel(t, node->inputs[3], shape));
	const char *scaled = GD_LOWER(t, "Mul", shape, centred, per_channel(t, factor, shape));
	LAST("Add", scaled, per_channel(t, node->inputs[2], shape));
	return GD_OK;
}

LOWER(instance_normalization)
{
	gd_shape shape = gd_tape_shape(t, X);
	if (shape.rank < 3)
		return gd_tape_unsupported(node, "its input's rank is not known", err);
	int64_t axes[GD_MAX_RANK];
	for (int i = 2; i < shape.rank; i++)
		axes[i - 2] = i;
	const char *unit = standardize(t, X, shape, axes, (size_t)shape.rank - 2, gd_node_number(node, "epsilon", 1e-5f));
	const char *scaled = GD_LOWER(t, "Mul", shape, unit, per_channel(t, node->inputs[1], shape));
	LAST("Add", scaled, per_channel(t, node->inputs[2], shape));
	return GD_OK;
}

LOWER(global_pool)
{
	gd_shape x = gd_tape_shape(t, X), shape = gd_tape_shape(t, node->outputs[0]);
	if (x.rank < 3)
		return gd_tape_unsupported(node, "its input's rank is not known", err);
	int64_t axes[GD_MAX_RANK];
	for (int i = 2; i < x.rank; i++)
		axes[i - 2] = i;
	const char *list = gd_emit_integers(t, axes, (size_t)x.rank - 2);
	LAST(strcmp(node->op, "GlobalMaxPool") == 0 ? "ReduceMax" : "ReduceMean", X, list);
	return GD_OK;
}

/* Nearest neighbour by whole factors: each place becomes a block. */
LOWER(resize)
{
	gd_shape x = gd_tape_shape(t, X), shape = gd_tape_shape(t, node->outputs[0]);
	bool nearest = strcmp(gd_node_text(node, "mode", "nearest"), "nearest") == 0;
	bool known = nearest && x.rank >= 3 && x.rank == shape.rank && 2 * (x.rank - 1) <= GD_MAX_RANK && x.dim[1] == shape.dim[1];
	gd_shape apart = { .rank = 2 * (x.rank - 1) }, blocks;
	apart.dim[0] = -1;
	if (known)
		apart.dim[1] = x.dim[1];
	blocks = apart;
	for (int i = 2; i < x.rank && known; i++) {
		known = x.dim[i] > 0 && shape.dim[i] > 0 && shape.dim[i] % x.dim[i] == 0;
		apart.dim[2 * i - 2] = blocks.dim[2 * i - 2] = x.dim[i];
		apart.dim[2 * i - 1] = 1;
		blocks.dim[2 * i - 1] = known ? shape.dim[i] / x.dim[i] : 1;
	}
	if (!known)
		return gd_tape_unsupported(node, "only nearest-neighbour scaling by whole factors has one", err);
	const char *list = gd_emit_integers(t, apart.dim, (size_t)apart.rank);
	const char *split = GD_LOWER(t, "Reshape", apart, X, list);
	gd_shape ones = blocks;
	ones.dim[0] = 1; /* Expand leaves the batch as it is */
	const char *wide = GD_LOWER(t, "Expand", blocks, split, gd_emit_integers(t, ones.dim, (size_t)ones.rank));
	int64_t whole[GD_MAX_RANK];
	memcpy(whole, shape.dim, sizeof whole);
	whole[0] = -1;
	LAST("Reshape", wide, gd_emit_integers(t, whole, (size_t)shape.rank));
	return GD_OK;
}

const gd_lowering gd_lowerings[] = {
	{ "Gelu", gelu }, { "HardSwish", hard_swish }, { "Mish", mish }, { "LayerNormalization", layer_normalization },
	{ "BatchNormalization", batch_normalization }, { "InstanceNormalization", instance_normalization },
	{ "GlobalAveragePool", global_pool }, { "GlobalMaxPool", global_pool }, { "Resize", resize }, { "Upsample", resize }, { NULL, NULL },
};
