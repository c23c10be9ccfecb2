/* Derivatives of element-wise operators. dx is always dy times the local derivative; with broadcasting, summed back. */
#include "gradient/tape_priv.h"
#include <math.h>
#include <string.h>

static const char *times(gd_tape *t, const char *a, const char *b)
{
	return GD_EMIT(t, "Mul", a, b);
}

static const char *times_number(gd_tape *t, const char *a, float number)
{
	return times(t, a, gd_emit_scalar(t, number));
}

static const char *plus_number(gd_tape *t, const char *a, float number)
{
	return GD_EMIT(t, "Add", a, gd_emit_scalar(t, number));
}

/* Gives input `at` a gradient that has the output's shape. */
static void give(gd_tape *t, const gd_node *node, size_t at, const char *gradient)
{
	if (gd_tape_needs(t, node, at))
		gd_tape_give(t, node, at, gd_emit_unbroadcast(t, gradient, gd_tape_shape(t, node->outputs[0]), node->inputs[at]));
}

#define RULE(name) static gd_status name(gd_tape *t, const gd_node *node, const char *dy, gd_error *err)
#define X node->inputs[0]
#define Y node->outputs[0]
/* A unary operator whose dx is one expression. */
#define UNARY(name, expression)                     \
	RULE(name)                                      \
	{                                               \
		(void)err, (void)dy;                        \
		gd_tape_give(t, node, 0, (expression));     \
		return GD_OK;                               \
	}

UNARY(identity, dy)
UNARY(negate, GD_EMIT(t, "Neg", dy))
UNARY(exponential, times(t, dy, Y))
UNARY(logarithm, GD_EMIT(t, "Div", dy, X))
UNARY(root, GD_EMIT(t, "Div", times_number(t, dy, 0.5f), Y))
UNARY(reciprocal, GD_EMIT(t, "Neg", times(t, dy, times(t, Y, Y))))
UNARY(absolute, times(t, dy, GD_EMIT(t, "Sign", X)))
UNARY(relu, times(t, dy, GD_EMIT(t, "Sign", Y)))
UNARY(sigmoid, times(t, dy, GD_EMIT(t, "Sub", Y, times(t, Y, Y))))
UNARY(tangent, GD_EMIT(t, "Sub", dy, times(t, dy, times(t, Y, Y))))
UNARY(softplus, times(t, dy, GD_EMIT(t, "Sigmoid", X)))
UNARY(sine, times(t, dy, GD_EMIT(t, "Cos", X)))
UNARY(cosine, GD_EMIT(t, "Neg", times(t, dy, GD_EMIT(t, "Sin", X))))
UNARY(constant, gd_emit_zeros_like(t, X)) /* Floor, Sign ...: flat almost everywhere */

UNARY(error_function, times(t, times_number(t, dy, 1.1283791670955126f),
	GD_EMIT(t, "Exp", GD_EMIT(t, "Neg", times(t, X, X)))))

RULE(softsign)
{
	(void)err;
	const char *bottom = plus_number(t, GD_EMIT(t, "Abs", X), 1.0f);
	gd_tape_give(t, node, 0, GD_EMIT(t, "Div", dy, times(t, bottom, bottom)));
	return GD_OK;
}

/* dy where x >= 0, else dy * below. */
static const char *two_sided(gd_tape *t, const char *x, const char *dy, const char *below)
{
	return GD_EMIT(t, "Where", GD_EMIT(t, "Less", x, gd_emit_scalar(t, 0.0f)), times(t, dy, below), dy);
}

UNARY(leaky_relu, two_sided(t, X, dy, gd_emit_scalar(t, gd_node_number(node, "alpha", 0.01f))))
UNARY(elu, two_sided(t, X, dy, plus_number(t, Y, gd_node_number(node, "alpha", 1.0f))))

RULE(selu)
{
	(void)err;
	float alpha = gd_node_number(node, "alpha", 1.6732632f), gamma = gd_node_number(node, "gamma", 1.0507010f);
	const char *scaled = times_number(t, dy, gamma);
	gd_tape_give(t, node, 0, two_sided(t, X, scaled, times_number(t, plus_number(t, Y, gamma * alpha), 1.0f / gamma)));
	return GD_OK;
}

/* exp(x / alpha) below 0. */
UNARY(celu, two_sided(t, X, dy, GD_EMIT(t, "Exp", times_number(t, X, 1.0f / gd_node_number(node, "alpha", 1.0f)))))

RULE(hard_sigmoid)
{
	(void)err;
	const char *inside = times(t, gd_emit_mask(t, "Greater", Y, gd_emit_scalar(t, 0.0f)), gd_emit_mask(t, "Less", Y, gd_emit_scalar(t, 1.0f)));
	gd_tape_give(t, node, 0, times(t, times_number(t, dy, gd_node_number(node, "alpha", 0.2f)), inside));
	return GD_OK;
}

UNARY(thresholded, times(t, dy, gd_emit_mask(t, "Greater", X, gd_emit_scalar(t, gd_node_number(node, "alpha", 1.0f)))))

RULE(clip)
{
	(void)err;
	const char *gradient = dy;
	if (node->input_count > 1 && *node->inputs[1])
		gradient = times(t, gradient, gd_emit_mask(t, "GreaterOrEqual", X, node->inputs[1]));
	if (node->input_count > 2 && *node->inputs[2])
		gradient = times(t, gradient, gd_emit_mask(t, "LessOrEqual", X, node->inputs[2]));
	gd_tape_give(t, node, 0, gradient);
	return GD_OK;
}

RULE(prelu)
{
	(void)err;
	const char *negative = gd_emit_mask(t, "Less", X, gd_emit_scalar(t, 0.0f));
	give(t, node, 0, two_sided(t, X, dy, node->inputs[1]));
	give(t, node, 1, times(t, negative, times(t, dy, X)));
	return GD_OK;
}

RULE(add)
{
	(void)err;
	give(t, node, 0, dy);
	give(t, node, 1, dy);
	return GD_OK;
}

RULE(subtract)
{
	(void)err;
	give(t, node, 0, dy);
	if (gd_tape_needs(t, node, 1))
		give(t, node, 1, GD_EMIT(t, "Neg", dy));
	return GD_OK;
}

RULE(multiply)
{
	(void)err;
	for (size_t at = 0; at < 2; at++)
		if (gd_tape_needs(t, node, at))
			give(t, node, at, times(t, dy, node->inputs[1 - at]));
	return GD_OK;
}

RULE(divide)
{
	(void)err;
	const char *share = GD_EMIT(t, "Div", dy, node->inputs[1]);
	give(t, node, 0, share);
	if (gd_tape_needs(t, node, 1))
		give(t, node, 1, GD_EMIT(t, "Neg", times(t, share, Y)));
	return GD_OK;
}

RULE(power)
{
	if (gd_tape_needs(t, node, 1))
		return gd_tape_unsupported(node, "the exponent depends on a weight", err);
	const char *lower = GD_EMIT(t, "Pow", X, GD_EMIT(t, "Sub", node->inputs[1], gd_emit_scalar(t, 1.0f)));
	give(t, node, 0, times(t, dy, times(t, node->inputs[1], lower)));
	return GD_OK;
}

/* Max, Min: to the first input that equals the output. */
RULE(extreme)
{
	(void)err;
	const char *left = gd_emit_mask(t, "Equal", Y, Y); /* ones where no input took the gradient yet (NaN: none) */
	for (size_t at = 0; at < node->input_count; at++) {
		const char *mine = times(t, left, gd_emit_mask(t, "Equal", node->inputs[at], Y));
		give(t, node, at, times(t, dy, mine));
		left = GD_EMIT(t, "Sub", left, mine);
	}
	return GD_OK;
}

RULE(sum)
{
	(void)err;
	const char *share = strcmp(node->op, "Mean") == 0 ? times_number(t, dy, 1.0f / (float)node->input_count) : dy;
	for (size_t at = 0; at < node->input_count; at++)
		give(t, node, at, share);
	return GD_OK;
}

RULE(choose)
{
	(void)err;
	const char *zero = gd_emit_scalar(t, 0.0f);
	if (gd_tape_needs(t, node, 1))
		give(t, node, 1, GD_EMIT(t, "Where", node->inputs[0], dy, zero));
	if (gd_tape_needs(t, node, 2))
		give(t, node, 2, GD_EMIT(t, "Where", node->inputs[0], zero, dy));
	return GD_OK;
}

const gd_rule gd_rules_math[] = {
	{ "Identity", identity }, { "Dropout", identity }, { "Cast", identity }, { "Neg", negate }, { "Exp", exponential },
	{ "Log", logarithm }, { "Sqrt", root }, { "Reciprocal", reciprocal }, { "Abs", absolute }, { "Relu", relu },
	{ "Sigmoid", sigmoid }, { "Tanh", tangent }, { "Softplus", softplus }, { "Softsign", softsign }, { "Sin", sine },
	{ "Cos", cosine }, { "Floor", constant }, { "Ceil", constant }, { "Round", constant }, { "Sign", constant },
	{ "Erf", error_function }, { "LeakyRelu", leaky_relu }, { "Elu", elu }, { "Selu", selu }, { "Celu", celu },
	{ "HardSigmoid", hard_sigmoid }, { "ThresholdedRelu", thresholded }, { "Clip", clip }, { "PRelu", prelu }, { "Add", add },
	{ "Sub", subtract }, { "Mul", multiply }, { "Div", divide }, { "Pow", power }, { "Max", extreme }, { "Min", extreme },
	{ "Sum", sum }, { "Mean", sum }, { "Where", choose }, { NULL, NULL },
};
