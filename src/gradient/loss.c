/* The loss behind the output: mean over the tests of a batch. Where the output is the softmax or sigmoid of logits, the
 * logits are taken: the loss of a test that is surely wrong then still has a gradient. */
#include "gradient/tape_priv.h"
#include <string.h>

static const float LEAST_PROBABILITY = 1e-7f; /* as Keras clips */

static const gd_node *maker(const gd_tape *t, const char *value)
{
	for (size_t i = t->graph.node_count; i-- > 0;)
		if (strcmp(t->graph.nodes[i].outputs[0], value) == 0)
			return &t->graph.nodes[i];
	return NULL;
}

/* The logits of a value that is op(logits), seen through nodes that pass it on; NULL when it is none. */
static const char *logits_of(gd_tape *t, const char *value, const char *op)
{
	const gd_node *node = maker(t, value);
	while (node && (strcmp(node->op, "Identity") == 0 || strcmp(node->op, "Dropout") == 0))
		node = maker(t, node->inputs[0]);
	if (!node || strcmp(node->op, op) != 0)
		return NULL;
	gd_shape shape = gd_tape_shape(t, node->outputs[0]);
	int64_t axis = gd_node_integer(node, "axis", -1);
	bool last = strcmp(op, "Softmax") != 0 || (shape.rank == 2 && (axis == -1 || axis == 1) && shape.dim[1] > 1);
	return last ? node->inputs[0] : NULL;
}

static const char *flat(gd_tape *t, const char *value, gd_shape pair)
{
	const char *rows = GD_LOWER(t, "Flatten", pair, value);
	gd_emit_int(t, "axis", 1);
	return rows;
}

static const char *cross_entropy(gd_tape *t, const char *logarithms, const char *target, gd_shape pair)
{
	gd_shape column = { 1, { pair.dim[0] } };
	const char *picked = gd_emit_reduce(t, "ReduceSum", GD_LOWER(t, "Mul", pair, logarithms, target), &(int64_t){ 1 }, 1, false);
	gd_tape_set(t, picked, column);
	return GD_LOWER(t, "Neg", column, picked);
}

static const char *categorical(gd_tape *t, const char *p, const char *target, gd_shape pair)
{
	gd_shape column = { 2, { pair.dim[0], 1 } };
	const char *sum = gd_emit_reduce(t, "ReduceSum", GD_LOWER(t, "Abs", pair, p), &(int64_t){ 1 }, 1, true);
	gd_tape_set(t, sum, column);
	const char *bottom = GD_LOWER(t, "Add", column, sum, gd_emit_scalar(t, LEAST_PROBABILITY));
	const char *share = GD_LOWER(t, "Div", pair, p, bottom);
	const char *clipped = GD_LOWER(t, "Clip", pair, share, gd_emit_scalar(t, LEAST_PROBABILITY), gd_emit_scalar(t, 1.0f));
	return cross_entropy(t, GD_LOWER(t, "Log", pair, clipped), target, pair);
}

static const char *categorical_logits(gd_tape *t, const char *logits, const char *target, gd_shape pair)
{
	const char *logarithms = GD_LOWER(t, "LogSoftmax", pair, logits);
	gd_emit_int(t, "axis", 1);
	return cross_entropy(t, logarithms, target, pair);
}

/* softplus(z) - t z */
static const char *binary_logits(gd_tape *t, const char *logits, const char *target, gd_shape pair)
{
	return GD_LOWER(t, "Sub", pair, GD_LOWER(t, "Softplus", pair, logits), GD_LOWER(t, "Mul", pair, target, logits));
}

static const char *binary(gd_tape *t, const char *output, const char *target, gd_shape pair)
{
	const char *one = gd_emit_scalar(t, 1.0f);
	const char *p = GD_LOWER(t, "Clip", pair, output, gd_emit_scalar(t, LEAST_PROBABILITY), gd_emit_scalar(t, 1.0f - LEAST_PROBABILITY));
	const char *yes = GD_LOWER(t, "Mul", pair, target, GD_LOWER(t, "Log", pair, p));
	const char *no = GD_LOWER(t, "Mul", pair, GD_LOWER(t, "Sub", pair, one, target), GD_LOWER(t, "Log", pair, GD_LOWER(t, "Sub", pair, one, p)));
	return GD_LOWER(t, "Neg", pair, GD_LOWER(t, "Add", pair, yes, no));
}

static const char *squared(gd_tape *t, const char *output, const char *target, gd_shape pair)
{
	const char *error = GD_LOWER(t, "Sub", pair, output, target);
	return GD_LOWER(t, "Mul", pair, error, error);
}

static const char *absolute(gd_tape *t, const char *output, const char *target, gd_shape pair)
{
	return GD_LOWER(t, "Abs", pair, GD_LOWER(t, "Sub", pair, output, target));
}

static const char *hinge(gd_tape *t, const char *output, const char *target, gd_shape pair)
{
	const char *margin = GD_LOWER(t, "Mul", pair, target, output);
	return GD_LOWER(t, "Relu", pair, GD_LOWER(t, "Sub", pair, gd_emit_scalar(t, 1.0f), margin));
}

static const struct {
	const char *squash; /* operator whose input is taken instead, with the loss on logits */
	const char *(*probabilities)(gd_tape *t, const char *output, const char *target, gd_shape pair);
	const char *(*logits)(gd_tape *t, const char *output, const char *target, gd_shape pair);
} losses[] = {
	[GD_LOSS_CATEGORICAL] = { "Softmax", categorical, categorical_logits },
	[GD_LOSS_CATEGORICAL_LOGITS] = { NULL, categorical_logits, NULL },
	[GD_LOSS_BINARY] = { "Sigmoid", binary, binary_logits },
	[GD_LOSS_BINARY_LOGITS] = { NULL, binary_logits, NULL },
	[GD_LOSS_SQUARED] = { NULL, squared, NULL },
	[GD_LOSS_ABSOLUTE] = { NULL, absolute, NULL },
	[GD_LOSS_HINGE] = { NULL, hinge, NULL },
};

static void add_ends(gd_tape *t, const char *target, gd_shape pair, const char *loss)
{
	gd_value *input = gd_builder_input(&t->builder), *output = gd_builder_output(&t->builder);
	if (!input || !output || !loss) {
		t->failed = true;
		return;
	}
	*input = (gd_value){ .name = target, .type = GD_F32, .shape = pair };
	*output = (gd_value){ .name = loss, .type = GD_F32, .shape = { .rank = 0 } };
}

gd_status gd_tape_loss(gd_tape *tape, gd_loss loss, const char *output, const char *target, const char **out, gd_error *err)
{
	gd_shape shape = gd_tape_shape(tape, output);
	size_t width;
	if (shape.rank < 1 || !gd_shape_count(&shape, 1, &width))
		return gd_fail(err, GD_E_UNSUPPORTED, "the size of the output %s is not known, so it has no loss", output);
	gd_shape pair = { 2, { shape.dim[0], (int64_t)width } };
	const char *logits = losses[loss].squash ? logits_of(tape, output, losses[loss].squash) : NULL;
	const char *rows = flat(tape, logits ? logits : output, pair);
	gd_tape_set(tape, target, pair);
	const char *each = (logits ? losses[loss].logits : losses[loss].probabilities)(tape, rows, target, pair);
	*out = GD_LOWER(tape, "ReduceMean", ((gd_shape){ .rank = 0 }), each); /* without axes: over all */
	gd_emit_int(tape, "keepdims", 0);
	add_ends(tape, target, pair, *out);
	return tape->failed ? gd_fail_memory(err, "writing the loss") : GD_OK;
}
