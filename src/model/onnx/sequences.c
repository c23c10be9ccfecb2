/* Pieces of a tensor that an exporter takes by way of a sequence, as plain operators.
 *
 * PyTorch's newer exporter writes x.split, x.chunk and x.unbind as SplitToSequence with SequenceAt behind it. To all that
 * follows (shapes, gradients, re-fit) the same pieces are Slice or Gather of the tensor itself. Names of values stay, so the
 * engine, which runs the file's own nodes, and the graph here mean the same. Sequences used otherwise are left alone. */
#include "model/onnx/file.h"
#include <string.h>

typedef struct {
	gd_onnx_file *file;
	gd_builder builder;
	int *taken; /* per value: how many SequenceAt with a known place read it */
	bool any, failed;
} pieces;

static bool is_plain(const gd_node *node, const char *op)
{
	return strcmp(node->op, op) == 0 && !*node->domain;
}

/* The place that a SequenceAt takes; false when it is not known or counts from the end. */
static bool place_of(const gd_onnx_file *file, size_t node, int64_t *out)
{
	const gd_tensor *place = gd_onnx_constant(file, node, 1);
	*out = place ? gd_tensor_integer(place, 0) : -1;
	return place && *out >= 0 && *out < INT32_MAX;
}

/* Where piece number `at` begins and ends; false when the sizes are not known. A size for all may leave a shorter end. */
static bool bounds_of(const gd_onnx_file *file, size_t split, int64_t at, int64_t *from, int64_t *to)
{
	const gd_node *node = &file->graph->nodes[split];
	const gd_tensor *sizes = gd_onnx_constant(file, split, 1);
	if (node->input_count < 2 || !*node->inputs[1]) {
		*from = at;
		*to = at + 1;
		return true;
	}
	if (!sizes || sizes->shape.rank < 0 || sizes->shape.rank > 1)
		return false;
	if (sizes->shape.rank == 0) {
		int64_t size = gd_tensor_integer(sizes, 0);
		if (size <= 0 || size >= INT32_MAX)
			return false;
		*from = at * size; /* at is below 2^31 too */
		*to = *from + size;
		return true;
	}
	if (at >= sizes->shape.dim[0])
		return false;
	*from = 0;
	for (int64_t i = 0; i <= at; i++) {
		int64_t size = gd_tensor_integer(sizes, (size_t)i);
		if (size < 0 || size >= INT32_MAX)
			return false;
		*from = i ? *to : 0;
		*to = *from + size;
	}
	return true;
}

/* Pieces of one, without their axis: the engine drops it also where the size is given as the number 1. */
static bool drops_axis(const gd_onnx_file *file, size_t split)
{
	const gd_node *node = &file->graph->nodes[split];
	const gd_tensor *sizes = gd_onnx_constant(file, split, 1);
	bool ones = node->input_count < 2 || !*node->inputs[1] || (sizes && sizes->shape.rank == 0 && gd_tensor_integer(sizes, 0) == 1);
	return ones && gd_node_integer(node, "keepdims", 1) == 0;
}

static bool can_replace(const pieces *p, size_t node, size_t *split)
{
	const gd_onnx_file *file = p->file;
	int64_t place, from, to;
	if (!is_plain(&file->graph->nodes[node], "SequenceAt") || file->graph->nodes[node].input_count != 2 || !place_of(file, node, &place) ||
		file->nodes[node].inputs[0] < 0)
		return false;
	int maker = file->values[file->nodes[node].inputs[0]].node;
	if (maker < 0 || file->graph->nodes[maker].input_count < 1 || !is_plain(&file->graph->nodes[maker], "SplitToSequence"))
		return false;
	*split = (size_t)maker;
	if (gd_node_integer(&file->graph->nodes[maker], "keepdims", 1) == 0 && !drops_axis(file, *split))
		return false;
	return bounds_of(file, *split, place, &from, &to);
}

static const char *integer(pieces *p, int64_t value, bool scalar)
{
	const char *name = gd_builder_integers(&p->builder, "dlguider.piece", &value, 1);
	if (name && scalar)
		p->file->graph->tensors[p->file->graph->tensor_count - 1].shape.rank = 0;
	p->failed = p->failed || !name;
	return name ? name : "";
}

static void replace(pieces *p, size_t at, size_t split)
{
	gd_node *node = &p->file->graph->nodes[at];
	const gd_node *from_node = &p->file->graph->nodes[split];
	bool drops = drops_axis(p->file, split);
	int64_t place, from, to, axis = gd_node_integer(from_node, "axis", 0);
	if (!place_of(p->file, at, &place) || !bounds_of(p->file, split, place, &from, &to))
		return;
	const char **inputs = gd_arena_new(p->file->arena, 4, sizeof *inputs);
	gd_attr *attr = gd_arena_new(p->file->arena, 1, sizeof *attr);
	if (!inputs || !attr) {
		p->failed = true;
		return;
	}
	inputs[0] = from_node->inputs[0];
	inputs[1] = integer(p, drops ? place : from, drops);
	if (!drops) {
		inputs[2] = integer(p, to, false);
		inputs[3] = integer(p, axis, false);
	}
	*attr = (gd_attr){ .name = "axis", .kind = GD_ATTR_INT, .integer = axis };
	node->op = drops ? "Gather" : "Slice";
	node->inputs = inputs;
	node->input_count = drops ? 2 : 4;
	node->attrs = attr;
	node->attr_count = drops;
	p->any = true;
}

/* Sequences that nobody reads any more go. */
static void drop_unread(pieces *p)
{
	gd_graph *g = p->file->graph;
	size_t kept = 0;
	for (size_t i = 0; i < g->node_count; i++) {
		int value = g->nodes[i].output_count ? p->file->nodes[i].outputs[0] : -1;
		if (is_plain(&g->nodes[i], "SplitToSequence") && value >= 0 && p->taken[value] == p->file->values[value].readers &&
			!p->file->values[value].result)
			continue;
		g->nodes[kept] = g->nodes[i];
		p->file->nodes[kept++] = p->file->nodes[i];
	}
	g->node_count = kept;
}

gd_status gd_onnx_sequences(gd_onnx_file *file, gd_error *err)
{
	pieces p = { .file = file, .builder = { .arena = file->arena, .graph = file->graph, .layer = -1, .tensor_room = file->graph->tensor_count } };
	size_t count = file->graph->node_count, split;
	if (file->graph->opset < 11)
		return GD_OK;
	p.taken = gd_arena_new(file->arena, file->value_count, sizeof *p.taken);
	if (!p.taken)
		return gd_fail_memory(err, "reading the graph");
	for (size_t i = 0; i < count; i++)
		if (can_replace(&p, i, &split))
			p.taken[file->nodes[i].inputs[0]]++;
	for (size_t i = 0; i < count && !p.failed; i++)
		if (can_replace(&p, i, &split) && p.taken[file->nodes[i].inputs[0]] == file->values[file->nodes[i].inputs[0]].readers)
			replace(&p, i, split);
	if (p.failed)
		return gd_fail_memory(err, "reading the graph");
	if (!p.any)
		return GD_OK;
	drop_unread(&p);
	return gd_onnx_names(file, err); /* numbers of values and nodes have changed */
}
