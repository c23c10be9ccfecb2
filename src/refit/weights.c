#include "refit/weights.h"
#include <string.h>

/* Where operators take weights. Constants of activations and shapes stand elsewhere. */
static const struct {
	const char *op;
	unsigned inputs; /* bit i: input i */
} places[] = {
	{ "MatMul", 1 | 2 }, { "Gemm", 2 | 4 }, { "Conv", 2 | 4 }, { "ConvTranspose", 2 | 4 }, { "Add", 1 | 2 }, { "Mul", 1 | 2 },
	{ "LSTM", 2 | 4 | 8 }, { "GRU", 2 | 4 | 8 }, { "RNN", 2 | 4 | 8 }, { "Gather", 1 }, { "BatchNormalization", 2 | 4 },
	{ "LayerNormalization", 2 | 4 }, { "InstanceNormalization", 2 | 4 }, { "GroupNormalization", 2 | 4 }, { "PRelu", 2 },
	{ "Einsum", 1 | 2 },
};

static bool takes_weight(const char *op, size_t input)
{
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (strcmp(places[i].op, op) == 0)
			return input < 8 && (places[i].inputs >> input & 1);
	return false;
}

/* The entry whose layer's node takes the tensor as a weight; -1. */
static int owner_by_node(const gd_model *model, const char *tensor)
{
	for (size_t n = 0; n < model->graph.node_count; n++) {
		const gd_node *node = &model->graph.nodes[n];
		if (node->layer < 0 || model->layers[node->layer].weight_count == 0)
			continue;
		for (size_t i = 0; i < node->input_count; i++)
			if (takes_weight(node->op, i) && strcmp(node->inputs[i], tensor) == 0)
				return model->layers[node->layer].entry;
	}
	return -1;
}

static bool is_statistic(const gd_weight *weight)
{
	return weight->role == GD_MEAN || weight->role == GD_VARIANCE;
}

/* -1: nobody's; -2: a statistic. */
static int owner_by_table(const gd_model *model, const char *tensor)
{
	for (size_t l = 0; l < model->layer_count; l++)
		for (size_t w = 0; w < model->layers[l].weight_count; w++) {
			const gd_weight *weight = &model->layers[l].weights[w];
			if (weight->initializer && strcmp(weight->initializer, tensor) == 0)
				return is_statistic(weight) ? -2 : model->layers[l].entry;
		}
	return -1;
}

gd_status gd_refit_weights(const gd_model *model, gd_arena *arena, gd_refit_weight **out, size_t *count, gd_error *err)
{
	gd_refit_weight *found = gd_arena_new(arena, model->graph.tensor_count, sizeof *found);
	size_t n = 0;
	if (!found)
		return gd_fail_memory(err, "listing weights");
	for (size_t i = 0; i < model->graph.tensor_count; i++) {
		const gd_tensor *tensor = &model->graph.tensors[i];
		size_t numbers;
		if (tensor->type != GD_F32 || tensor->shape.rank < 1 || !gd_shape_count(&tensor->shape, 0, &numbers) || numbers == 0)
			continue;
		int entry = owner_by_table(model, tensor->name);
		if (entry == -1)
			entry = owner_by_node(model, tensor->name);
		if (entry < 0)
			continue;
		float *values = gd_arena_new(arena, numbers, sizeof *values);
		if (!values)
			return gd_fail_memory(err, "copying weights");
		memcpy(values, tensor->data, numbers * sizeof *values);
		found[n++] = (gd_refit_weight){ tensor->name, tensor, entry, numbers, values };
	}
	*out = found;
	*count = n;
	return GD_OK;
}
