#include "engine/tokens.h"
#include <string.h>

enum { MOST_NAMES = 16 };

static bool keeps_numbers(const gd_node *node)
{
	static const char *const ops[] = { "Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Transpose" };
	for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
		if (strcmp(node->op, ops[i]) == 0)
			return node->input_count > 0 && node->output_count > 0;
	return false;
}

static bool is_among(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void look_up(const gd_model *model, const gd_node *node, gd_tokens *out)
{
	const gd_tensor *table = gd_graph_tensor(&model->graph, node->inputs[0]);
	const int64_t axis = gd_node_integer(node, "axis", 0);
	if (!table || axis < 0 || axis >= table->shape.rank || (out->layer && table->shape.dim[axis] >= out->rows))
		return;
	out->rows = table->shape.dim[axis];
	out->least = model->format == GD_FORMAT_ONNX ? -out->rows : 0;
	out->layer = node->layer >= 0 && (size_t)node->layer < model->layer_count ? model->layers[node->layer].name : node->inputs[0];
}

gd_tokens gd_tokens_of(const gd_model *model, const char *input)
{
	const char *names[MOST_NAMES] = { input };
	size_t count = 1;
	gd_tokens out = { 0 };
	for (size_t i = 0; i < model->graph.node_count; i++) {
		const gd_node *node = &model->graph.nodes[i];
		if (keeps_numbers(node) && count < MOST_NAMES && is_among(names, count, node->inputs[0]))
			names[count++] = node->outputs[0];
		if (strcmp(node->op, "Gather") == 0 && node->input_count == 2 && is_among(names, count, node->inputs[1]))
			look_up(model, node, &out);
	}
	return out;
}
