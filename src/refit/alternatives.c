#include "refit/alternatives.h"
#include <stdlib.h>
#include <string.h>

const char gd_alternative_gate[] = "dlguider.gate";

/* Where an operator stands. What suits an output depends on the labels. */
enum { INNER = 1, OUT_CLASSES = 2, OUT_FLAGS = 4 /* one unit, or several labels */, OUT_NUMBERS = 8, OUT = OUT_CLASSES | OUT_FLAGS | OUT_NUMBERS };

typedef struct {
	gd_builder *builder;
	const gd_graph *graph; /* the model's */
	const gd_node *node;   /* what is replaced */
	const char *x, *y;
} place;

/* Emits nodes from x to y. */
typedef bool (*emit)(const place *p, const char *op);

struct gd_alternative_row {
	const char *op; /* "": none */
	unsigned where;
	const char *to; /* operator */
	const char *with, *instead;
	emit emit;
};

static bool plain(const place *p, const char *op)
{
	return gd_builder_node(p->builder, op, p->y, (const char *const[]){ p->x, NULL }) != NULL;
}

static bool softmax(const place *p, const char *op)
{
	return plain(p, op) && gd_builder_attr_int(p->builder, "axis", -1);
}

/* Windows as they are; what only one kind of pooling knows is dropped. */
static bool pooling(const place *p, const char *op)
{
	static const char *const kept[] = { "kernel_shape", "strides", "pads", "auto_pad", "ceil_mode", "dilations", "axes", "keepdims" };
	const char *list = p->node->input_count > 1 && *p->node->inputs[1] ? p->node->inputs[1] : NULL; /* axes of a reduction */
	if (!gd_builder_node(p->builder, op, p->y, (const char *const[]){ p->x, list, NULL }))
		return false;
	gd_attr *attrs = gd_arena_new(p->builder->arena, p->node->attr_count, sizeof *attrs);
	gd_node *node = gd_builder_last(p->builder);
	for (size_t a = 0; attrs && a < p->node->attr_count; a++)
		for (size_t k = 0; k < sizeof kept / sizeof kept[0]; k++)
			if (strcmp(p->node->attrs[a].name, kept[k]) == 0)
				attrs[node->attr_count++] = p->node->attrs[a];
	node->attrs = attrs;
	return attrs != NULL;
}

/* Inner values, inputs and outputs. */
static const gd_value *value_of(const gd_graph *graph, const char *name)
{
	for (size_t i = 0; i < graph->input_count; i++)
		if (strcmp(graph->inputs[i].name, name) == 0)
			return &graph->inputs[i];
	const gd_value *value = gd_graph_value(graph, name);
	for (size_t i = 0; i < graph->output_count && !value; i++)
		if (strcmp(graph->outputs[i].name, name) == 0)
			return &graph->outputs[i];
	return value;
}

static const char *known(const place *p, const char *name, gd_shape shape)
{
	gd_value *value = name ? gd_builder_value(p->builder) : NULL;
	if (value)
		*value = (gd_value){ .name = name, .type = GD_F32, .shape = shape };
	return value ? name : NULL;
}

static const char *computed(const place *p, const char *op, gd_shape shape, const char *a, const char *b)
{
	return known(p, gd_builder_node(p->builder, op, NULL, (const char *const[]){ a, b, NULL }), shape);
}

static const char *mean_over(const place *p, const char *x, gd_shape shape)
{
	int64_t axes[GD_MAX_RANK];
	size_t count = 0;
	for (int i = 0; i < shape.rank; i++)
		if (i != 1) {
			axes[count++] = i;
			shape.dim[i] = 1;
		}
	const char *mean = computed(p, "ReduceMean", shape, x, NULL);
	return mean && gd_builder_attr_ints(p->builder, "axes", axes, count) ? mean : NULL;
}

/* (x - mean) / sqrt(variance + epsilon) * gamma + beta with mean and variance of the tests at hand. */
static bool normalize(const place *p, const char *op)
{
	(void)op;
	const gd_value *x = value_of(p->graph, p->node->inputs[0]);
	const gd_attr *epsilon = gd_node_attr(p->node, "epsilon");
	if (!x)
		return false;
	gd_shape whole = x->shape, column = { .rank = whole.rank };
	int64_t dims[GD_MAX_RANK];
	for (int i = 0; i < whole.rank; i++) {
		column.dim[i] = i == 1 ? whole.dim[i] : 1;
		dims[i] = i == 1 ? -1 : 1;
	}
	const char *list = gd_builder_integers(p->builder, "list", dims, (size_t)whole.rank);
	const char *gamma = list ? computed(p, "Reshape", column, p->node->inputs[1], list) : NULL;
	const char *beta = gamma ? computed(p, "Reshape", column, p->node->inputs[2], list) : NULL;
	const char *mean = beta ? mean_over(p, p->x, whole) : NULL;
	const char *off = mean ? computed(p, "Sub", whole, p->x, mean) : NULL;
	const char *square = off ? computed(p, "Mul", whole, off, off) : NULL;
	const char *variance = square ? mean_over(p, square, whole) : NULL;
	const char *tiny = gd_builder_scalar(p->builder, "epsilon", epsilon && epsilon->kind == GD_ATTR_FLOAT ? epsilon->number : 1e-5f);
	const char *above = variance && tiny ? computed(p, "Add", column, variance, tiny) : NULL;
	const char *root = above ? computed(p, "Sqrt", column, above, NULL) : NULL;
	const char *unit = root ? computed(p, "Div", whole, off, root) : NULL;
	const char *scaled = unit ? computed(p, "Mul", whole, unit, gamma) : NULL;
	return scaled && gd_builder_node(p->builder, "Add", p->y, (const char *const[]){ scaled, beta, NULL });
}

#define TESTS_STATISTICS "the statistics of these tests", "those kept from training"

/* In the order in which they are tried. */
static const gd_alternative_row rows[] = {
	{ "Sigmoid", INNER, "Relu", "relu", "sigmoid", plain },
	{ "Sigmoid", INNER, "Tanh", "tanh", "sigmoid", plain },
	{ "HardSigmoid", INNER, "Relu", "relu", "hard sigmoid", plain },
	{ "Tanh", INNER, "Relu", "relu", "tanh", plain },
	{ "Softmax", INNER, "Relu", "relu", "softmax", plain },
	{ "Exp", INNER, "Relu", "relu", "exponential", plain },
	{ "Softplus", INNER, "Relu", "relu", "softplus", plain },
	{ "Softsign", INNER, "Relu", "relu", "softsign", plain },
	{ "Relu", INNER, "LeakyRelu", "leaky relu", "relu", plain },
	{ "", INNER, "Relu", "relu", "no activation", plain },
	{ "Softmax", OUT_FLAGS, "Sigmoid", "sigmoid", "softmax", plain },
	{ "Softmax", OUT_NUMBERS, "Identity", "no activation", "softmax", plain },
	{ "Sigmoid", OUT_CLASSES, "Softmax", "softmax", "sigmoid", softmax },
	{ "Sigmoid", OUT_NUMBERS, "Identity", "no activation", "sigmoid", plain },
	{ "Relu", OUT_CLASSES, "Softmax", "softmax", "relu", softmax },
	{ "Relu", OUT_FLAGS, "Sigmoid", "sigmoid", "relu", plain },
	{ "Relu", OUT_NUMBERS, "Identity", "no activation", "relu", plain },
	{ "Tanh", OUT_CLASSES, "Softmax", "softmax", "tanh", softmax },
	{ "Tanh", OUT_FLAGS, "Sigmoid", "sigmoid", "tanh", plain },
	{ "Tanh", OUT_NUMBERS, "Identity", "no activation", "tanh", plain },
	{ "Exp", OUT_CLASSES, "Softmax", "softmax", "exponential", softmax },
	{ "Exp", OUT_FLAGS, "Sigmoid", "sigmoid", "exponential", plain },
	{ "Exp", OUT_NUMBERS, "Identity", "no activation", "exponential", plain },
	{ "Softplus", OUT_CLASSES, "Softmax", "softmax", "softplus", softmax },
	{ "Softplus", OUT_FLAGS, "Sigmoid", "sigmoid", "softplus", plain },
	{ "Softplus", OUT_NUMBERS, "Identity", "no activation", "softplus", plain },
	{ "", OUT_CLASSES, "Softmax", "softmax", "no activation", softmax },
	{ "", OUT_FLAGS, "Sigmoid", "sigmoid", "no activation", plain },
	{ "MaxPool", INNER | OUT, "AveragePool", "average pooling", "max pooling", pooling },
	{ "AveragePool", INNER | OUT, "MaxPool", "max pooling", "average pooling", pooling },
	{ "GlobalMaxPool", INNER | OUT, "GlobalAveragePool", "average pooling", "max pooling", plain },
	{ "GlobalAveragePool", INNER | OUT, "GlobalMaxPool", "max pooling", "average pooling", plain },
	{ "ReduceMax", INNER | OUT, "ReduceMean", "average pooling", "max pooling", pooling },
	{ "ReduceMean", INNER | OUT, "ReduceMax", "max pooling", "average pooling", pooling },
	{ "BatchNormalization", INNER | OUT, "", TESTS_STATISTICS, normalize },
	{ "LSTM", INNER | OUT, "", "the usual activations", "its own", NULL },
	{ "GRU", INNER | OUT, "", "the usual activations", "its own", NULL },
	{ "RNN", INNER | OUT, "", "the usual activations", "its own", NULL },
};

/* ---- finding them ------------------------------------------------------------------------------------------------ */

static bool takes(const gd_node *node, const char *value)
{
	for (size_t i = 0; i < node->input_count; i++)
		if (strcmp(node->inputs[i], value) == 0)
			return true;
	return false;
}

/* Does nothing to numbers but move them. */
static bool only_moves(const gd_node *node)
{
	static const char *const ops[] = { "Identity", "Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Dropout" };
	for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
		if (strcmp(node->op, ops[i]) == 0)
			return true;
	return false;
}

/* A function of its own, not a piece of one (silu is x times its sigmoid, glu halves times sigmoid): no other node of the
 * layer takes what enters it, and none computes with what it gives. */
static bool stands_alone(const gd_graph *graph, const gd_node *node)
{
	for (size_t i = 0; i < graph->node_count; i++) {
		const gd_node *other = &graph->nodes[i];
		if (other == node)
			continue;
		if (takes(other, node->inputs[0]) && takes(other, node->outputs[0]))
			return false;
		if (other->layer != node->layer)
			continue;
		if (takes(other, node->inputs[0]) || (takes(other, node->outputs[0]) && !only_moves(other)))
			return false;
	}
	return true;
}

static bool is_activation(const char *op)
{
	static const char *const ops[] = { "Sigmoid", "HardSigmoid", "Tanh", "Relu", "LeakyRelu", "PRelu", "Elu", "Selu", "Celu", "Gelu", "Softmax", "LogSoftmax",
		"Exp", "Softplus", "Softsign", "Mish", "Clip", "HardSwish", "ThresholdedRelu", "Shrink" };
	for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
		if (strcmp(ops[i], op) == 0)
			return true;
	return false;
}

/* Inside attention a softmax is no activation to choose, a mean inside a normalisation no pooling. */
static bool may_change(const gd_model *model, const gd_node *node)
{
	gd_family family = model->layers[node->layer].family;
	if (family == GD_FAMILY_NORMALIZATION)
		return strcmp(node->op, "BatchNormalization") == 0;
	if (strncmp(node->op, "Reduce", 6) == 0)
		return family == GD_FAMILY_POOLING;
	if (family == GD_FAMILY_RECURRENT) /* the reader's own step-by-step form is no single activation */
		return !is_activation(node->op) && gd_node_attr(node, "activations");
	return family != GD_FAMILY_ATTENTION && family != GD_FAMILY_EMBEDDING;
}

/* Does the output come from the value with nothing computed between? */
static bool reaches_output(const gd_graph *graph, const char *value)
{
	const char *at = graph->outputs[0].name;
	for (size_t i = graph->node_count; i-- > 0 && strcmp(at, value) != 0;)
		if (strcmp(graph->nodes[i].outputs[0], at) == 0) {
			if (!only_moves(&graph->nodes[i]))
				return false;
			at = graph->nodes[i].inputs[0];
		}
	return strcmp(at, value) == 0;
}

static unsigned kind_of_output(const gd_refit_tests *tests)
{
	gd_task task = tests->oracle.labels->task;
	if (tests->loss == GD_LOSS_HINGE)
		return 0;
	return task == GD_TASK_REGRESSION ? OUT_NUMBERS : tests->oracle.units > 1 && task != GD_TASK_MULTILABEL ? OUT_CLASSES : OUT_FLAGS;
}

typedef struct {
	const gd_graph *graph;
	const gd_refit_tests *tests;
	gd_alternative *out;
	size_t count;
} search;

static void add(search *s, size_t at, const char *op, bool behind)
{
	const char *value = s->graph->nodes[at].outputs[0];
	const gd_value *x = value_of(s->graph, behind ? value : s->graph->nodes[at].inputs[0]);
	if (!x || x->shape.rank < 2 || x->type != GD_F32)
		return;
	bool out = reaches_output(s->graph, value);
	unsigned where = out ? kind_of_output(s->tests) : INNER;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0] && s->count < GD_MOST_ALTERNATIVES; i++)
		if (strcmp(rows[i].op, op) == 0 && (rows[i].where & where))
			s->out[s->count++] = (gd_alternative){ &rows[i], at, behind, out && rows[i].where != (INNER | OUT),
				strcmp(rows[i].to, "Identity") != 0, rows[i].with, rows[i].instead };
}

static bool has_kernel(gd_family family)
{
	return family == GD_FAMILY_DENSE || family == GD_FAMILY_CONV || family == GD_FAMILY_DEPTHWISE || family == GD_FAMILY_CONV_TRANSPOSE;
}

size_t gd_alternatives_find(const gd_model *model, const gd_graph *graph, int entry, const gd_refit_tests *tests, gd_alternative *out)
{
	search s = { graph, tests, out, 0 };
	bool active = false;
	size_t last = graph->node_count;
	for (size_t i = 0; i < graph->node_count; i++) {
		const gd_node *node = &graph->nodes[i];
		if (node->layer < 0 || model->layers[node->layer].entry != entry || *node->domain)
			continue;
		active = active || is_activation(node->op);
		last = strcmp(node->outputs[0], model->entries[entry].output) == 0 ? i : last;
		if (node->output_count == 1 && may_change(model, node) && stands_alone(graph, node))
			add(&s, i, node->op, false);
	}
	if (!active && last < graph->node_count && has_kernel(model->layers[model->entries[entry].head].family))
		add(&s, last, "", true);
	return s.count;
}

/* ---- writing the graph ------------------------------------------------------------------------------------------- */

/* The node without what makes its activations other than usual. */
static bool usual(const place *p)
{
	gd_attr *attrs = gd_arena_new(p->builder->arena, p->node->attr_count + 1, sizeof *attrs);
	const char **inputs = gd_arena_copy(p->builder->arena, p->node->inputs, p->node->input_count * sizeof *inputs);
	if (!attrs || !inputs || !gd_builder_node(p->builder, p->node->op, p->y, (const char *const[]){ NULL }))
		return false;
	gd_node *node = gd_builder_last(p->builder);
	inputs[0] = p->x;
	node->inputs = inputs;
	node->input_count = p->node->input_count;
	for (size_t i = 0; i < p->node->attr_count; i++)
		if (strncmp(p->node->attrs[i].name, "activation", 10) != 0)
			attrs[node->attr_count++] = p->node->attrs[i];
	node->attrs = attrs;
	return true;
}

/* The node as it is, but for where its data come from. */
static bool repeat(const place *p)
{
	const char **inputs = gd_arena_copy(p->builder->arena, p->node->inputs, p->node->input_count * sizeof *inputs);
	if (!inputs || !gd_builder_node(p->builder, p->node->op, p->y, (const char *const[]){ NULL }))
		return false;
	inputs[0] = p->x;
	*gd_builder_last(p->builder) = *p->node;
	gd_builder_last(p->builder)->inputs = inputs;
	return true;
}

static bool pass_gate(place *p)
{
	const gd_value *x = value_of(p->graph, p->x);
	for (size_t i = 0; i < p->builder->graph->value_count && !x; i++) /* made here, behind the operator */
		x = strcmp(p->builder->graph->values[i].name, p->x) == 0 ? &p->builder->graph->values[i] : NULL;
	gd_tensor *gate = gd_builder_tensor(p->builder);
	static const float zero = 0;
	if (!x || !gate)
		return false;
	*gate = (gd_tensor){ gd_alternative_gate, GD_F32, { 1, { 1 } }, &zero, sizeof zero };
	p->x = computed(p, "Add", x->shape, p->x, gd_alternative_gate);
	return p->x != NULL;
}

/* The nodes in place of node `at`, in a small graph of their own. */
static bool write_part(const gd_graph *graph, const gd_alternative *at, bool change, bool gate, gd_builder *builder)
{
	const gd_node *node = &graph->nodes[at->node];
	place p = { builder, graph, node, node->inputs[0], node->outputs[0] };
	builder->layer = node->layer;
	if (at->behind) {
		const gd_value *y = value_of(graph, p.y);
		gd_node *first = y && gd_builder_node(builder, node->op, NULL, (const char *const[]){ NULL }) ? gd_builder_last(builder) : NULL;
		if (!first)
			return false;
		const char **outputs = first->outputs;
		*first = *node;
		first->outputs = outputs;
		first->output_count = 1; /* a normalization may give its mean too, which nobody reads */
		p.x = known(&p, outputs[0], y->shape);
		if (!p.x)
			return false;
	}
	if (gate && !pass_gate(&p))
		return false;
	return !change ? (at->behind ? plain(&p, "Identity") : repeat(&p)) : at->row->emit ? at->row->emit(&p, at->row->to) : usual(&p);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const gd_value *)a)->name, ((const gd_value *)b)->name);
}

/* graph's list with what `part` has of the kind put at `at`, `skipped` of graph's left out there. */
static void *joined(gd_arena *arena, const void *list, size_t count, size_t at, size_t skipped, const void *part, size_t part_count, size_t size)
{
	char *all = gd_arena_new(arena, count + part_count, size);
	if (!all)
		return NULL;
	if (at)
		memcpy(all, list, at * size);
	if (part_count)
		memcpy(all + at * size, part, part_count * size);
	if (count > at + skipped)
		memcpy(all + (at + part_count) * size, (const char *)list + (at + skipped) * size, (count - at - skipped) * size);
	return all;
}

gd_status gd_alternative_graph(const gd_graph *graph, const gd_alternative *at, bool change, bool gate, gd_arena *arena, gd_graph *out, gd_error *err)
{
	gd_graph part = { .opset = graph->opset };
	gd_builder builder = { .arena = arena, .graph = &part, .serial = 1u << 29 }; /* names that neither reader nor tape gives */
	if (!write_part(graph, at, change, gate, &builder))
		return gd_fail_memory(err, "writing an alternative");
	*out = *graph;
	out->nodes = joined(arena, graph->nodes, graph->node_count, at->node, 1, part.nodes, part.node_count, sizeof *out->nodes);
	out->node_count += part.node_count - 1;
	out->tensors = joined(arena, graph->tensors, graph->tensor_count, graph->tensor_count, 0, part.tensors, part.tensor_count, sizeof *out->tensors);
	out->tensor_count += part.tensor_count;
	out->values = joined(arena, graph->values, graph->value_count, graph->value_count, 0, part.values, part.value_count, sizeof *out->values);
	out->value_count += part.value_count;
	if (!out->nodes || !out->tensors || !out->values)
		return gd_fail_memory(err, "writing an alternative");
	qsort(out->values, out->value_count, sizeof *out->values, by_name);
	return GD_OK;
}
