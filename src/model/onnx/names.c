/* Values by number: a sorted table of all names, who makes each, and the nodes' inputs and outputs as indexes into it.
 */
#include "model/onnx/file.h"
#include "model/onnx/schema.h"
#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
	return strcmp(((const gd_onnx_value *)a)->name, ((const gd_onnx_value *)b)->name);
}

int gd_onnx_find(const gd_onnx_file *file, const char *name)
{
	size_t low = 0, high = file->value_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(name, file->values[middle].name);
		if (order == 0)
			return (int)middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

static void add(gd_onnx_file *file, const char *name, int node, int tensor, int input)
{
	file->values[file->value_count++] = (gd_onnx_value){
		.name = name, .node = node, .tensor = tensor, .input = input, .shape.rank = -1, .channel = -1, .batch = -1
	};
}

static gd_status list_values(gd_onnx_file *file, gd_error *err)
{
	const gd_graph *g = file->graph;
	size_t count = g->input_count + g->tensor_count;
	for (size_t i = 0; i < g->node_count; i++)
		count += g->nodes[i].output_count;
	if (count > INT32_MAX)
		return gd_fail(err, GD_E_LIMIT, "has too many values");
	file->value_count = 0;
	file->values = gd_arena_new(file->arena, count, sizeof *file->values);
	if (!file->values)
		return gd_fail_memory(err, "reading the graph");
	for (size_t i = 0; i < g->input_count; i++)
		add(file, g->inputs[i].name, -1, -1, (int)i);
	for (size_t i = 0; i < g->tensor_count; i++)
		add(file, g->tensors[i].name, -1, (int)i, -1);
	for (size_t i = 0; i < g->node_count; i++)
		for (size_t k = 0; k < g->nodes[i].output_count; k++)
			if (*g->nodes[i].outputs[k])
				add(file, g->nodes[i].outputs[k], (int)i, -1, -1);
	qsort(file->values, file->value_count, sizeof *file->values, by_name);
	return GD_OK;
}

static gd_status refuse_doubles(const gd_onnx_file *file, gd_error *err)
{
	for (size_t i = 1; i < file->value_count; i++) {
		const gd_onnx_value *a = &file->values[i - 1], *b = &file->values[i];
		if (strcmp(a->name, b->name) != 0)
			continue;
		if (a->node >= 0 && b->node >= 0)
			return gd_fail(err, GD_E_INPUT, "value %s is made by two nodes", a->name);
		return gd_fail(err, GD_E_INPUT, "the name %s stands for two values", a->name);
	}
	return GD_OK;
}

static const char *label(const gd_node *node)
{
	return *node->name ? node->name : node->op;
}

/* Names that the graphs inside a node take from outside: every input in them that is a value of the main graph made
 * before. Names made inside may hide outer ones only where ONNX forbids it. */
static void walk_captured(gd_onnx_file *file, size_t at, gd_wire wire, bool graph, int *list, size_t *count)
{
	gd_wire_field f;
	while (gd_wire_read(&wire, &f)) {
		if (graph && f.number == GD_GRAPH_NODE) {
			walk_captured(file, at, f.body, false, list, count);
		} else if (!graph && f.number == GD_NODE_ATTRIBUTE) {
			gd_wire_field a;
			while (gd_wire_read(&f.body, &a))
				if (a.number == GD_ATTRIBUTE_G || a.number == GD_ATTRIBUTE_GRAPHS)
					walk_captured(file, at, a.body, true, list, count);
		} else if ((!graph && f.number == GD_NODE_INPUT) || (graph && f.number == GD_GRAPH_OUTPUT)) {
			if (graph) { /* a graph may hand on an outer value as it is */
				gd_wire_field v;
				gd_wire body = f.body;
				while (gd_wire_read(&body, &v))
					if (v.number == GD_VALUE_NAME)
						f.body = v.body;
			}
			char name[GD_MAX_NAME + 1];
			size_t length = gd_wire_left(&f.body);
			if (length > GD_MAX_NAME)
				continue;
			memcpy(name, f.body.at, length);
			name[length] = 0;
			int value = gd_onnx_find(file, name);
			if (value < 0 || file->values[value].node >= (int)at)
				continue;
			if (list)
				list[*count] = value;
			(*count)++;
		}
	}
}

static size_t list_captured(gd_onnx_file *file, size_t at, int *list)
{
	const gd_node *node = &file->graph->nodes[at];
	size_t count = 0;
	for (size_t k = 0; k < node->attr_count; k++) {
		gd_wire wire = gd_wire_of(node->attrs[k].text, node->attrs[k].kind == GD_ATTR_OTHER ? node->attrs[k].count : 0);
		gd_wire_field a;
		while (gd_wire_read(&wire, &a))
			if (a.number == GD_ATTRIBUTE_G || a.number == GD_ATTRIBUTE_GRAPHS)
				walk_captured(file, at, a.body, true, list, &count);
	}
	return count;
}

/* ONNX wants nodes after what they read; a cycle has no such order. */
static gd_status number_inputs(gd_onnx_file *file, size_t at, gd_error *err)
{
	const gd_node *node = &file->graph->nodes[at];
	for (size_t k = 0; k < node->input_count; k++) {
		file->nodes[at].inputs[k] = -1;
		if (!*node->inputs[k])
			continue;
		int value = gd_onnx_find(file, node->inputs[k]);
		if (value < 0)
			return gd_fail(err, GD_E_INPUT, "node %s reads %s, which nothing makes", label(node), node->inputs[k]);
		if (file->values[value].node >= (int)at)
			return gd_fail(err, GD_E_INPUT,
				"node %s reads %s before node %s makes it, so the nodes feed each other or are out of order",
				label(node), node->inputs[k], label(&file->graph->nodes[file->values[value].node]));
		file->nodes[at].inputs[k] = value;
		file->values[value].readers++;
	}
	return GD_OK;
}

static gd_status number_node(gd_onnx_file *file, size_t at, gd_error *err)
{
	const gd_node *node = &file->graph->nodes[at];
	gd_onnx_node *note = &file->nodes[at];
	size_t captured = note->subgraph ? list_captured(file, at, NULL) : 0;
	note->reads = node->input_count + captured;
	note->inputs = gd_arena_new(file->arena, note->reads, sizeof *note->inputs);
	note->outputs = gd_arena_new(file->arena, node->output_count, sizeof *note->outputs);
	if (!note->inputs || !note->outputs)
		return gd_fail_memory(err, "reading the graph");
	for (size_t k = 0; k < node->output_count; k++)
		note->outputs[k] = *node->outputs[k] ? gd_onnx_find(file, node->outputs[k]) : -1;
	if (captured)
		list_captured(file, at, note->inputs + node->input_count);
	for (size_t k = node->input_count; k < note->reads; k++)
		file->values[note->inputs[k]].readers++;
	return number_inputs(file, at, err);
}

gd_status gd_onnx_names(gd_onnx_file *file, gd_error *err)
{
	gd_status status = list_values(file, err);
	if (status == GD_OK)
		status = refuse_doubles(file, err);
	for (size_t i = 0; i < file->graph->node_count && status == GD_OK; i++)
		status = number_node(file, i, err);
	for (size_t i = 0; i < file->graph->output_count && status == GD_OK; i++) {
		int value = gd_onnx_find(file, file->graph->outputs[i].name);
		if (value < 0)
			return gd_fail(err, GD_E_INPUT, "the output %s is made by no node", file->graph->outputs[i].name);
		file->values[value].result = true;
	}
	return status;
}

const gd_tensor *gd_onnx_constant(const gd_onnx_file *file, size_t node, size_t input)
{
	if (input >= file->graph->nodes[node].input_count || file->nodes[node].inputs[input] < 0)
		return NULL;
	int tensor = file->values[file->nodes[node].inputs[input]].tensor;
	return tensor < 0 ? NULL : &file->graph->tensors[tensor];
}
