/* Derivatives of reductions, products of matrices and softmax. */
#include "gradient/tape_priv.h"
#include <string.h>

#define RULE(name) static gd_status name(gd_tape *t, const gd_node *node, const char *dy, gd_error *err)

/* y (or dy) of a reduction, with the reduced axes kept as 1 so that it broadcasts against x. *count is 0 when all axes
 * are reduced. False when the axes are not known. */
static const char *kept(gd_tape *t, const gd_node *node, const char *value)
{
	if (gd_node_integer(node, "keepdims", 1))
		return value;
	gd_shape x = gd_tape_shape(t, node->inputs[0]);
	size_t count = 0;
	const int64_t *axes = gd_tape_list(t, node, "axes", 1, &count);
	if (x.rank < 0)
		return NULL;
	int64_t all[GD_MAX_RANK];
	for (int i = 0; i < x.rank; i++)
		all[i] = i;
	const char *list = axes && count ? gd_emit_integers(t, axes, count) : gd_emit_integers(t, all, (size_t)x.rank);
	return GD_EMIT(t, "Unsqueeze", value, list);
}

/* How many elements of x went into one of y; also where the batch is free. */
static const char *share(gd_tape *t, const gd_node *node)
{
	const char *many = GD_EMIT(t, "Cast", GD_EMIT(t, "Size", node->inputs[0]));
	gd_emit_int(t, "to", GD_F32);
	const char *few = GD_EMIT(t, "Cast", GD_EMIT(t, "Size", node->outputs[0]));
	gd_emit_int(t, "to", GD_F32);
	return GD_EMIT(t, "Div", few, many);
}

RULE(reduce_sum)
{
	const char *wide = kept(t, node, dy);
	if (!wide && !t->failed)
		return gd_tape_unsupported(node, "its input's rank is not known", err);
	if (strcmp(node->op, "ReduceMean") == 0)
		wide = GD_EMIT(t, "Mul", wide, share(t, node));
	gd_tape_give(t, node, 0, gd_emit_expand_like(t, wide, node->inputs[0]));
	return GD_OK;
}

/* Equal extremes share the gradient, as TensorFlow does. */
RULE(reduce_extreme)
{
	const char *wide = kept(t, node, dy), *top = kept(t, node, node->outputs[0]);
	if ((!wide || !top) && !t->failed)
		return gd_tape_unsupported(node, "its input's rank is not known", err);
	const char *mask = gd_emit_mask(t, "Equal", node->inputs[0], top);
	size_t count = 0;
	const int64_t *axes = gd_tape_list(t, node, "axes", 1, &count);
	const char *ties = axes && count ? gd_emit_reduce(t, "ReduceSum", mask, axes, count, true) : GD_EMIT(t, "ReduceSum", mask);
	gd_tape_give(t, node, 0, GD_EMIT(t, "Mul", mask, GD_EMIT(t, "Div", wide, ties)));
	return GD_OK;
}

RULE(reduce_squares)
{
	const char *wide = kept(t, node, dy), *top = kept(t, node, node->outputs[0]);
	if ((!wide || !top) && !t->failed)
		return gd_tape_unsupported(node, "its input's rank is not known", err);
	const char *x = node->inputs[0];
	const char *local = strcmp(node->op, "ReduceL2") == 0 ? GD_EMIT(t, "Div", x, top) : GD_EMIT(t, "Mul", x, gd_emit_scalar(t, 2.0f));
	gd_tape_give(t, node, 0, GD_EMIT(t, "Mul", wide, local));
	return GD_OK;
}

/* Softmax along one axis: dx = y (dy - sum(dy y)); LogSoftmax: dx = dy - exp(y) sum(dy). */
RULE(softmax)
{
	gd_shape y = gd_tape_shape(t, node->outputs[0]);
	int64_t axis = gd_node_integer(node, "axis", t->forward->opset < 13 ? 1 : -1);
	if (t->forward->opset < 13 && y.rank > 2 && axis != y.rank - 1 && axis != -1)
		return gd_tape_unsupported(node, "the old softmax over several axes", err);
	bool logarithm = strcmp(node->op, "LogSoftmax") == 0;
	const char *p = logarithm ? GD_EMIT(t, "Exp", node->outputs[0]) : node->outputs[0];
	const char *weighed = GD_EMIT(t, "Mul", dy, p);
	const char *total = gd_emit_reduce(t, "ReduceSum", logarithm ? dy : weighed, &axis, 1, true);
	const char *pull = GD_EMIT(t, "Mul", p, total);
	gd_tape_give(t, node, 0, GD_EMIT(t, "Sub", logarithm ? dy : weighed, pull));
	return GD_OK;
}

/* A (.., n, k) times a weight (k, m): the batch is folded into the rows, one plain product. */
static void give_shared_weight(gd_tape *t, const gd_node *node, const char *dy, const gd_shape *b)
{
	const char *rows = gd_emit_reshape(t, node->inputs[0], (int64_t[]){ -1, b->dim[0] }, 2);
	const char *grads = gd_emit_reshape(t, dy, (int64_t[]){ -1, b->dim[1] }, 2);
	gd_tape_give(t, node, 1, GD_EMIT(t, "MatMul", gd_emit_swap_last(t, rows, 2), grads));
}

RULE(matrix_product)
{
	gd_shape a = gd_tape_shape(t, node->inputs[0]), b = gd_tape_shape(t, node->inputs[1]), y = gd_tape_shape(t, node->outputs[0]);
	if (a.rank < 2 || b.rank < 2 || y.rank < 2)
		return gd_tape_unsupported(node, "one operand is a vector or of unknown shape", err);
	if (gd_tape_needs(t, node, 0))
		gd_tape_give(t, node, 0, gd_emit_unbroadcast(t, GD_EMIT(t, "MatMul", dy, gd_emit_swap_last(t, node->inputs[1], b.rank)), y, node->inputs[0]));
	if (!gd_tape_needs(t, node, 1))
		return GD_OK;
	if (b.rank == 2 && b.dim[0] > 0 && b.dim[1] > 0)
		give_shared_weight(t, node, dy, &b);
	else
		gd_tape_give(t, node, 1, gd_emit_unbroadcast(t, GD_EMIT(t, "MatMul", gd_emit_swap_last(t, node->inputs[0], a.rank), dy), y, node->inputs[1]));
	return GD_OK;
}

static const char *product(gd_tape *t, const char *a, bool turn_a, const char *b, bool turn_b)
{
	const char *made = GD_EMIT(t, "Gemm", a, b);
	gd_emit_int(t, "transA", turn_a);
	gd_emit_int(t, "transB", turn_b);
	return made;
}

/* Y = alpha A' B' + beta C, A' = A or its transpose: dA' = dY B'^T, dB' = A'^T dY, each turned back. */
RULE(gemm)
{
	(void)err;
	const char *a = node->inputs[0], *b = node->inputs[1];
	bool ta = gd_node_integer(node, "transA", 0) != 0, tb = gd_node_integer(node, "transB", 0) != 0;
	float alpha = gd_node_number(node, "alpha", 1.0f), beta = gd_node_number(node, "beta", 1.0f);
	const char *scaled = alpha == 1.0f ? dy : GD_EMIT(t, "Mul", dy, gd_emit_scalar(t, alpha));
	if (gd_tape_needs(t, node, 0))
		gd_tape_give(t, node, 0, ta ? product(t, b, tb, scaled, true) : product(t, scaled, false, b, !tb));
	if (gd_tape_needs(t, node, 1))
		gd_tape_give(t, node, 1, tb ? product(t, scaled, true, a, ta) : product(t, a, !ta, scaled, false));
	if (gd_tape_needs(t, node, 2)) {
		const char *pushed = beta == 1.0f ? dy : GD_EMIT(t, "Mul", dy, gd_emit_scalar(t, beta));
		gd_tape_give(t, node, 2, gd_emit_unbroadcast(t, pushed, gd_tape_shape(t, node->outputs[0]), node->inputs[2]));
	}
	return GD_OK;
}

const gd_rule gd_rules_reduce[] = {
	{ "ReduceSum", reduce_sum }, { "ReduceMean", reduce_sum }, { "ReduceMax", reduce_extreme }, { "ReduceMin", reduce_extreme },
	{ "ReduceL2", reduce_squares }, { "ReduceSumSquare", reduce_squares }, { "Softmax", softmax }, { "LogSoftmax", softmax },
	{ "MatMul", matrix_product }, { "Gemm", gemm }, { NULL, NULL },
};
