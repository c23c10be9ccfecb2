/* The sweep back: nodes in reverse order, each giving its inputs their share of the gradient. */
#include "gradient/tape_priv.h"
#include <stdlib.h>
#include <string.h>

const char *gd_tape_gradient(gd_tape *tape, const char *value)
{
	const gd_slot *slot = *value ? gd_tape_slot(tape, value) : NULL;
	return slot ? slot->gradient : NULL;
}

void gd_tape_give(gd_tape *tape, const gd_node *node, size_t at, const char *gradient)
{
	if (!gradient || !gd_tape_needs(tape, node, at))
		return;
	const char *before = gd_tape_gradient(tape, node->inputs[at]);
	const char *sum = before ? GD_EMIT(tape, "Add", before, gradient) : gradient;
	gd_slot *slot = gd_tape_slot(tape, node->inputs[at]);
	if (slot)
		slot->gradient = sum;
}

gd_node gd_node_padded(const gd_node *node, const char *room[GD_PADDED_INPUTS])
{
	gd_node padded = *node;
	for (size_t i = 0; i < GD_PADDED_INPUTS && node->input_count < GD_PADDED_INPUTS; i++)
		room[i] = i < node->input_count ? node->inputs[i] : "";
	padded.inputs = node->input_count < GD_PADDED_INPUTS ? room : node->inputs;
	return padded;
}

gd_status gd_tape_unsupported(const gd_node *node, const char *what, gd_error *err)
{
	return gd_fail(err, GD_E_UNSUPPORTED, "operator %s (node %s) has no derivative here: %s", node->op, node->name, what);
}

const int64_t *gd_tape_list(gd_tape *tape, const gd_node *node, const char *attr, size_t input, size_t *count)
{
	const gd_attr *given = gd_node_attr_of(node, attr, GD_ATTR_INTS);
	if (given) {
		*count = given->count;
		return given->integers;
	}
	const gd_tensor *tensor = input < node->input_count ? gd_graph_tensor(&tape->graph, node->inputs[input]) : NULL;
	size_t size = tensor ? gd_type_bytes(tensor->type) : 0;
	if (size == 0)
		return NULL;
	int64_t *list = gd_arena_new(tape->arena, tensor->bytes / size, sizeof *list);
	for (size_t i = 0; list && i < tensor->bytes / size; i++)
		list[i] = gd_tensor_integer(tensor, i);
	*count = tensor->bytes / size;
	return list;
}

const char *gd_node_text(const gd_node *node, const char *name, const char *otherwise)
{
	const gd_attr *attr = gd_node_attr_of(node, name, GD_ATTR_STRING);
	return attr && attr->text ? attr->text : otherwise;
}

float gd_node_number(const gd_node *node, const char *name, float otherwise)
{
	const gd_attr *attr = gd_node_attr_of(node, name, GD_ATTR_FLOAT);
	return attr ? attr->number : otherwise;
}

static const gd_rule *const rule_tables[] = { gd_rules_math, gd_rules_reduce, gd_rules_shape, gd_rules_conv };

static gd_rule_function find_rule(const gd_node *node)
{
	for (size_t t = 0; t < sizeof rule_tables / sizeof rule_tables[0] && !*node->domain; t++)
		for (const gd_rule *row = rule_tables[t]; row->op; row++)
			if (strcmp(row->op, node->op) == 0)
				return row->rule;
	return NULL;
}

/* Nothing to do where no gradient arrives or no wanted weight flows in. */
static gd_status sweep_node(gd_tape *tape, size_t at, gd_error *err)
{
	const char *room[GD_PADDED_INPUTS];
	gd_node node = gd_node_padded(&tape->graph.nodes[at], room); /* a copy: emitting moves the array */
	const char *dy = NULL;
	bool needs = false;
	for (size_t i = 0; i < node.output_count && !dy; i++)
		dy = gd_tape_gradient(tape, node.outputs[i]);
	for (size_t i = 0; i < node.input_count; i++)
		needs = needs || gd_tape_needs(tape, &node, i);
	if (!dy || !needs)
		return GD_OK;
	gd_rule_function rule = find_rule(&node);
	if (!rule)
		return gd_tape_unsupported(&node, "layers before it cannot be re-fitted", err);
	tape->builder.layer = node.layer;
	return rule(tape, &node, dy, err);
}

/* An Identity gives each gradient a name of its own: two weights may share one value. */
static void hand_out(gd_tape *tape, const char **gradients)
{
	for (size_t i = 0; i < tape->wanted_count && !tape->failed; i++) {
		const char *gradient = gd_tape_gradient(tape, tape->wanted[i]);
		gradients[i] = gradient ? GD_EMIT(tape, "Identity", gradient) : NULL;
		gd_value *output = gradients[i] ? gd_builder_output(&tape->builder) : NULL;
		if (output)
			*output = (gd_value){ .name = gradients[i], .type = GD_F32, .shape = gd_tape_shape(tape, tape->wanted[i]) };
		else if (gradient)
			tape->failed = true;
	}
}

gd_status gd_tape_backward(gd_tape *tape, const char *loss, const char **gradients, gd_error *err)
{
	for (size_t i = 0; i < tape->graph.node_count; i++) /* the lowered graph and the loss have values that forward had not */
		gd_tape_mark(tape, &tape->graph.nodes[i]);
	size_t count = tape->graph.node_count;
	const char *one = gd_emit_scalar(tape, 1.0f);
	gd_slot *slot = gd_tape_slot(tape, loss);
	if (slot)
		slot->gradient = one;
	gd_status status = GD_OK;
	for (size_t i = count; i-- > 0 && status == GD_OK && !tape->failed;)
		status = sweep_node(tape, i, err);
	tape->builder.layer = -1;
	if (status == GD_OK)
		hand_out(tape, gradients);
	if (status == GD_OK && tape->failed)
		status = gd_fail_memory(err, "writing the backward graph");
	return status;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

gd_status gd_tape_operators(gd_arena *arena, const char *const **out, gd_error *err)
{
	enum { ROOM = 256 };
	const char **names = gd_arena_new(arena, ROOM, sizeof *names);
	size_t count = 0;
	if (!names)
		return gd_fail_memory(err, "listing operators");
	for (size_t t = 0; t < sizeof rule_tables / sizeof rule_tables[0]; t++)
		for (const gd_rule *row = rule_tables[t]; row->op && count < ROOM - 1; row++)
			names[count++] = row->op;
	for (const gd_lowering *row = gd_lowerings; row->op && count < ROOM - 1; row++)
		names[count++] = row->op;
	for (const gd_lowering *row = gd_lowerings_recurrent; row->op && count < ROOM - 1; row++)
		names[count++] = row->op;
	qsort(names, count, sizeof *names, by_text);
	*out = names;
	return GD_OK;
}
