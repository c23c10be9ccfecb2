/* The class that the author wrote, where the file has only operators: by the framework that the names are of. */
#include "model/onnx/layer_kind.h"
#include <string.h>

/* %d: over how many dimensions; NULL: the operator's own name. */
static const struct {
	const char *op, *torch, *keras;
} classes[] = {
	{ "Gemm", "Linear", "Dense" },
	{ "MatMul", "Linear", "Dense" },
	{ "Conv", "Conv%dd", "Conv%dD" },
	{ "ConvTranspose", "ConvTranspose%dd", "Conv%dDTranspose" },
	{ "MaxPool", "MaxPool%dd", "MaxPooling%dD" },
	{ "AveragePool", "AvgPool%dd", "AveragePooling%dD" },
	{ "GlobalAveragePool", "AdaptiveAvgPool%dd", "GlobalAveragePooling%dD" },
	{ "GlobalMaxPool", "AdaptiveMaxPool%dd", "GlobalMaxPooling%dD" },
	{ "ReduceMean", NULL, "GlobalAveragePooling%dD" },
	{ "ReduceMax", NULL, "GlobalMaxPooling%dD" },
	{ "Gather", "Embedding", "Embedding" },
	{ "RNN", "RNN", "SimpleRNN" },
	{ "BatchNormalization", "BatchNorm%dd", "BatchNormalization" },
	{ "InstanceNormalization", "InstanceNorm%dd", NULL },
	{ "LayerNormalization", "LayerNorm", "LayerNormalization" },
	{ "GroupNormalization", "GroupNorm", "GroupNormalization" },
	{ "Resize", "Upsample", "UpSampling%dD" },
	{ "Relu", "ReLU", "ReLU" },
	{ "LeakyRelu", "LeakyReLU", "LeakyReLU" },
	{ "Elu", "ELU", "ELU" },
	{ "Selu", "SELU", NULL },
	{ "PRelu", "PReLU", "PReLU" },
	{ "HardSwish", "Hardswish", NULL },
};

static bool is_one_of(gd_family family, const gd_family *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == family)
			return true;
	return false;
}

/* Dimensions of space and time of the value that enters: all but tests and channels. */
static int dimensions(const gd_onnx_span *span, int node)
{
	const gd_onnx_node *note = &span->file->nodes[node];
	const gd_onnx_value *in = span->file->graph->nodes[node].input_count && note->inputs[0] >= 0 ? &span->file->values[note->inputs[0]] : NULL;
	return !in || in->shape.rank < 2 ? -1 : in->shape.rank == 2 ? 1 : in->shape.rank - 2;
}

const char *gd_onnx_class_of(const gd_onnx_span *span, const gd_onnx_kind *kind, const char *op)
{
	static const gd_family named[] = { GD_FAMILY_DENSE, GD_FAMILY_CONV, GD_FAMILY_DEPTHWISE, GD_FAMILY_CONV_TRANSPOSE, GD_FAMILY_RECURRENT,
		GD_FAMILY_EMBEDDING, GD_FAMILY_POOLING, GD_FAMILY_UPSAMPLING, GD_FAMILY_NORMALIZATION, GD_FAMILY_ACTIVATION };
	bool dotted = span->file->nodes[kind->main].dotted;
	if (!span->group->scope || !is_one_of(kind->family, named, sizeof named / sizeof named[0]) || (dotted && !span->group->whole))
		return op;
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
		if (strcmp(classes[i].op, op) != 0)
			continue;
		const char *pattern = dotted ? classes[i].torch : classes[i].keras;
		const char *place = pattern ? strstr(pattern, "%d") : NULL;
		int over = dimensions(span, kind->main);
		if (!pattern || (place && over < 1))
			return op;
		bool depthwise = !dotted && kind->family == GD_FAMILY_DEPTHWISE;
		const char *made = !place ? pattern
								  : gd_arena_printf(span->file->arena, "%s%.*s%d%s", depthwise ? "Depthwise" : "", (int)(place - pattern),
										pattern, over, place + 2);
		return made ? made : op;
	}
	return op;
}
