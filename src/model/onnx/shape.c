/* Types, ranks and sizes of all values, node by node; what the file says itself (value_info, outputs) goes first. The
 * batch stays free. Beside the shape two axes are followed: which one counts units and which one counts tests. */
#include "model/onnx/file.h"
#include "model/onnx/schema.h"
#include <string.h>

gd_onnx_value *gd_onnx_in(const gd_onnx_step *step, size_t k)
{
	return k < step->node->input_count && step->note->inputs[k] >= 0 ? &step->file->values[step->note->inputs[k]]
																	 : NULL;
}

gd_onnx_value *gd_onnx_out(const gd_onnx_step *step, size_t k)
{
	return k < step->node->output_count && step->note->outputs[k] >= 0 ? &step->file->values[step->note->outputs[k]]
																	   : NULL;
}

bool gd_onnx_keep(const gd_onnx_step *step, gd_onnx_value *value, const int64_t *integers, int count)
{
	value->integers = gd_arena_copy(step->file->arena, integers, (size_t)count * sizeof *integers);
	value->integer_count = value->integers ? count : 0;
	return value->integers != NULL;
}

const int64_t *gd_onnx_list(const gd_onnx_step *step, const char *name, size_t k, size_t *count)
{
	const gd_attr *attr = gd_node_attr(step->node, name);
	const gd_onnx_value *value = gd_onnx_in(step, k);
	if (attr && attr->kind == GD_ATTR_INTS) {
		*count = attr->count;
		return attr->integers;
	}
	*count = value && value->integers ? (size_t)value->integer_count : 0;
	return value ? value->integers : NULL;
}

static void take_shape(gd_onnx_value *value, const gd_shape *given)
{
	if (given->rank < 0)
		return;
	gd_shape known = value->shape;
	value->shape = *given;
	for (int i = 0; known.rank == given->rank && i < known.rank; i++)
		if (value->shape.dim[i] < 0)
			value->shape.dim[i] = known.dim[i];
}

/* What the file says of a value beats what follows from the operators. */
static void take_given(gd_onnx_file *file, gd_onnx_value *value)
{
	const gd_value *given = gd_graph_value(file->graph, value->name);
	for (size_t i = 0; value->result && !given && i < file->graph->output_count; i++)
		if (strcmp(file->graph->outputs[i].name, value->name) == 0)
			given = &file->graph->outputs[i];
	if (!given)
		return;
	take_shape(value, &given->shape);
	value->type = given->type ? given->type : value->type;
	if (value->channel >= value->shape.rank)
		value->channel = -1;
	if (value->batch >= value->shape.rank)
		value->batch = -1;
}

static void set_tensor(gd_onnx_file *file, gd_onnx_value *value)
{
	enum { MOST = 64 };
	const gd_tensor *tensor = &file->graph->tensors[value->tensor];
	value->type = tensor->type;
	value->shape = tensor->shape;
	size_t count;
	bool whole = tensor->type == GD_I64 || tensor->type == GD_I32;
	if (!whole || tensor->shape.rank > 1 || !gd_shape_count(&tensor->shape, 0, &count) || count > MOST)
		return;
	int64_t integers[MOST];
	for (size_t i = 0; i < count; i++)
		integers[i] = gd_tensor_integer(tensor, i);
	value->integers = gd_arena_copy(file->arena, integers, count * sizeof *integers);
	value->integer_count = value->integers ? (int)count : 0;
}

/* Images stand channels first in ONNX; everything else has its features last. */
static void set_input(gd_onnx_file *file, gd_onnx_value *value)
{
	const gd_value *input = &file->graph->inputs[value->input];
	value->type = input->type;
	value->shape = input->shape;
	value->data = true;
	value->batch = value->shape.rank > 0 ? 0 : -1;
	value->channel = value->shape.rank > 3 ? 1 : value->shape.rank - 1;
}

static bool reads_data(const gd_onnx_step *step)
{
	if (strcmp(step->node->op, "Shape") == 0 || strcmp(step->node->op, "Size") == 0)
		return false;
	size_t reads = strcmp(step->node->op, "CastLike") == 0 ? 1 : step->note->reads; /* of the other only its type counts */
	for (size_t k = 0; k < reads && k < step->note->reads; k++)
		if (step->note->inputs[k] >= 0 && step->file->values[step->note->inputs[k]].data)
			return true;
	return false;
}

/* The axis of the tests gets lost in what exporters compute with it (Reshape to a computed shape). It is the only size
 * that is not known, or the first one if that has the size of the tests that the model insists on. */
static void find_batch(const gd_onnx_file *file, gd_onnx_value *value)
{
	int free_axis = -1, count = 0;
	for (int i = 0; i < value->shape.rank; i++)
		if (value->shape.dim[i] < 0) {
			free_axis = i;
			count++;
		}
	const gd_value *input = &file->graph->inputs[0];
	int64_t batch = input->shape.rank > 0 ? input->shape.dim[0] : -1;
	if (batch < 0 && count == 1)
		value->batch = free_axis;
	else if (batch >= 0 && value->shape.rank > 1 && value->shape.dim[0] == batch)
		value->batch = 0;
}

/* The k-th output of the first graph inside a node, as that graph declares it. */
static bool declared_output(const gd_node *node, const char *attribute, size_t k, gd_value *out)
{
	const gd_attr *attr = gd_node_attr(node, attribute);
	gd_wire wire = gd_wire_of(attr ? attr->text : NULL, attr && attr->kind == GD_ATTR_OTHER ? attr->count : 0);
	gd_wire_field a, f, v;
	*out = (gd_value){ .shape.rank = -1 };
	while (gd_wire_read(&wire, &a)) {
		if (a.number != GD_ATTRIBUTE_G)
			continue;
		while (gd_wire_read(&a.body, &f)) {
			if (f.number != GD_GRAPH_OUTPUT || k-- > 0)
				continue;
			while (gd_wire_read(&f.body, &v))
				if (v.number == GD_VALUE_TYPE)
					gd_onnx_type(v.body, out);
			return true;
		}
	}
	return false;
}

/* If and Loop; what a Loop collects gets an axis of rounds in front. */
static void infer_subgraph(const gd_onnx_step *step)
{
	bool loop = strcmp(step->node->op, "Loop") == 0;
	size_t states = step->node->input_count > 2 ? step->node->input_count - 2 : 0;
	for (size_t k = 0; k < step->node->output_count; k++) {
		gd_onnx_value *out = gd_onnx_out(step, k);
		gd_value given;
		if (!out || !declared_output(step->node, loop ? "body" : "then_branch", loop ? k + 1 : k, &given))
			continue;
		out->type = given.type;
		out->shape = given.shape;
		if (!loop || k < states || given.shape.rank < 0)
			continue;
		out->shape.rank = given.shape.rank < GD_MAX_RANK ? given.shape.rank + 1 : -1;
		for (int i = 1; i < out->shape.rank; i++)
			out->shape.dim[i] = given.shape.dim[i - 1];
		out->shape.dim[0] = -1;
	}
}

static void infer_node(gd_onnx_file *file, size_t at)
{
	gd_onnx_step step = { .file = file, .node = &file->graph->nodes[at], .note = &file->nodes[at] };
	bool data = reads_data(&step);
	gd_onnx_rule rule = gd_onnx_rule_find(step.node, &step.extra);
	if (rule)
		rule(&step);
	else if (step.note->subgraph && (strcmp(step.node->op, "If") == 0 || strcmp(step.node->op, "Loop") == 0))
		infer_subgraph(&step);
	for (size_t k = 0; k < step.node->output_count; k++) {
		gd_onnx_value *out = gd_onnx_out(&step, k);
		if (!out)
			continue;
		out->data = data;
		take_given(file, out);
		if (out->shape.rank > 0 && out->channel < 0)
			out->channel = out->shape.rank - 1;
		if (!data)
			out->batch = -1;
		else if (out->batch == -1)
			find_batch(file, out);
	}
	gd_onnx_rule_integers(&step);
}

gd_status gd_onnx_infer(gd_onnx_file *file, gd_error *err)
{
	(void)err;
	for (size_t i = 0; i < file->value_count; i++) {
		if (file->values[i].tensor >= 0)
			set_tensor(file, &file->values[i]);
		if (file->values[i].input >= 0)
			set_input(file, &file->values[i]);
	}
	for (size_t i = 0; i < file->graph->node_count; i++)
		infer_node(file, i);
	return GD_OK;
}
