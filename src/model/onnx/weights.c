/* The weights of a layer: which inputs of which operator are what, and where they are stored. */
#include "base/checked.h"
#include "model/onnx/file.h"
#include <string.h>

/* Roles of an operator's constant inputs. order: of kernels; rows of one operator stand together. */
static const struct {
	const char *op;
	int input;
	gd_role role;
	gd_order order;
	const char *name;
} roles[] = {
	{ "Gemm", 1, GD_KERNEL, GD_UNITS_LAST, "kernel" },
	{ "Gemm", 2, GD_BIAS, GD_UNITS_LAST, "bias" },
	{ "FusedGemm", 1, GD_KERNEL, GD_UNITS_LAST, "kernel" },
	{ "FusedGemm", 2, GD_BIAS, GD_UNITS_LAST, "bias" },
	{ "MatMul", 1, GD_KERNEL, GD_UNITS_LAST, "kernel" },
	{ "MatMul", 0, GD_KERNEL, GD_UNITS_FIRST, "kernel" },
	{ "Einsum", 1, GD_KERNEL, GD_UNITS_LAST, "kernel" },
	{ "FusedMatMul", 1, GD_KERNEL, GD_UNITS_LAST, "kernel" },
	{ "MatMulInteger", 1, GD_KERNEL, GD_UNITS_LAST, "kernel" },
	{ "MatMulNBits", 1, GD_OTHER_WEIGHT, GD_UNITS_FIRST, "kernel" },
	{ "QLinearMatMul", 3, GD_KERNEL, GD_UNITS_LAST, "kernel" },
	{ "Conv", 1, GD_KERNEL, GD_UNITS_FIRST, "kernel" },
	{ "Conv", 2, GD_BIAS, GD_UNITS_FIRST, "bias" },
	{ "FusedConv", 1, GD_KERNEL, GD_UNITS_FIRST, "kernel" },
	{ "FusedConv", 2, GD_BIAS, GD_UNITS_FIRST, "bias" },
	{ "ConvInteger", 1, GD_KERNEL, GD_UNITS_FIRST, "kernel" },
	{ "QLinearConv", 3, GD_KERNEL, GD_UNITS_FIRST, "kernel" },
	{ "QLinearConv", 8, GD_OTHER_WEIGHT, GD_UNITS_FIRST, "bias" },
	{ "ConvTranspose", 1, GD_KERNEL, GD_UNITS_FIRST, "kernel" },
	{ "ConvTranspose", 2, GD_BIAS, GD_UNITS_FIRST, "bias" },
	{ "LSTM", 1, GD_KERNEL, GD_UNITS_FIRST, "kernel" },
	{ "LSTM", 2, GD_RECURRENT, GD_UNITS_FIRST, "recurrent_kernel" },
	{ "LSTM", 3, GD_BIAS, GD_UNITS_FIRST, "bias" },
	{ "LSTM", 7, GD_OTHER_WEIGHT, GD_UNITS_FIRST, "peepholes" },
	{ "GRU", 1, GD_KERNEL, GD_UNITS_FIRST, "kernel" },
	{ "GRU", 2, GD_RECURRENT, GD_UNITS_FIRST, "recurrent_kernel" },
	{ "GRU", 3, GD_BIAS, GD_UNITS_FIRST, "bias" },
	{ "RNN", 1, GD_KERNEL, GD_UNITS_FIRST, "kernel" },
	{ "RNN", 2, GD_RECURRENT, GD_UNITS_FIRST, "recurrent_kernel" },
	{ "RNN", 3, GD_BIAS, GD_UNITS_FIRST, "bias" },
	{ "Gather", 0, GD_TABLE, GD_UNITS_LAST, "embeddings" },
	{ "EmbedLayerNormalization", 2, GD_TABLE, GD_UNITS_LAST, "word" },
	{ "EmbedLayerNormalization", 3, GD_TABLE, GD_UNITS_LAST, "position" },
	{ "EmbedLayerNormalization", 4, GD_TABLE, GD_UNITS_LAST, "segment" },
	{ "EmbedLayerNormalization", 5, GD_GAMMA, GD_UNITS_LAST, "gamma" },
	{ "EmbedLayerNormalization", 6, GD_BETA, GD_UNITS_LAST, "beta" },
	{ "BatchNormalization", 1, GD_GAMMA, GD_UNITS_LAST, "gamma" },
	{ "BatchNormalization", 2, GD_BETA, GD_UNITS_LAST, "beta" },
	{ "BatchNormalization", 3, GD_MEAN, GD_UNITS_LAST, "moving_mean" },
	{ "BatchNormalization", 4, GD_VARIANCE, GD_UNITS_LAST, "moving_variance" },
	{ "LayerNormalization", 1, GD_GAMMA, GD_UNITS_LAST, "gamma" },
	{ "LayerNormalization", 2, GD_BETA, GD_UNITS_LAST, "beta" },
	{ "RMSNormalization", 1, GD_GAMMA, GD_UNITS_LAST, "gamma" },
	{ "SimplifiedLayerNormalization", 1, GD_GAMMA, GD_UNITS_LAST, "gamma" },
	{ "SkipLayerNormalization", 2, GD_GAMMA, GD_UNITS_LAST, "gamma" },
	{ "SkipLayerNormalization", 3, GD_BETA, GD_UNITS_LAST, "beta" },
	{ "SkipSimplifiedLayerNormalization", 2, GD_GAMMA, GD_UNITS_LAST, "gamma" },
	{ "InstanceNormalization", 1, GD_GAMMA, GD_UNITS_LAST, "gamma" },
	{ "InstanceNormalization", 2, GD_BETA, GD_UNITS_LAST, "beta" },
	{ "GroupNormalization", 1, GD_GAMMA, GD_UNITS_LAST, "gamma" },
	{ "GroupNormalization", 2, GD_BETA, GD_UNITS_LAST, "beta" },
	{ "GroupNorm", 1, GD_GAMMA, GD_UNITS_LAST, "gamma" },
	{ "GroupNorm", 2, GD_BETA, GD_UNITS_LAST, "beta" },
	{ "Attention", 1, GD_KERNEL, GD_UNITS_LAST, "kernel" },
	{ "Attention", 2, GD_BIAS, GD_UNITS_LAST, "bias" },
	{ "PRelu", 1, GD_OTHER_WEIGHT, GD_UNITS_LAST, "alpha" },
	{ "BiasGelu", 1, GD_BIAS, GD_UNITS_LAST, "bias" },
};

enum { LONGEST_WAY = 8 };

/* One step back from a value made by a node that only re-labels or re-scales; false: the way ends. */
static bool step_back(const gd_onnx_file *file, int *value, gd_onnx_source *source)
{
	static const char *const passing[] = { "Identity", "Cast", "DequantizeLinear", "Transpose", "Reshape", "Squeeze",
		"Unsqueeze", "CastLike" };
	int node = file->values[*value].node;
	if (node < 0 || file->graph->nodes[node].input_count == 0 || file->nodes[node].inputs[0] < 0)
		return false;
	const char *op = file->graph->nodes[node].op;
	size_t i = 0;
	while (i < sizeof passing / sizeof passing[0] && strcmp(op, passing[i]) != 0)
		i++;
	if (i == sizeof passing / sizeof passing[0])
		return false;
	const gd_attr *perm = gd_node_attr(&file->graph->nodes[node], "perm");
	if (strcmp(op, "Transpose") == 0) {
		if (file->values[*value].shape.rank != 2 || (perm && (perm->count != 2 || perm->integers[0] != 1)))
			return false;
		source->turned = !source->turned;
	}
	if (strcmp(op, "DequantizeLinear") == 0) {
		if (source->scaled_by >= 0)
			return false;
		source->scaled_by = node;
	}
	*value = file->nodes[node].inputs[0];
	return true;
}

gd_onnx_source gd_onnx_source_of(const gd_onnx_file *file, int value)
{
	gd_onnx_source source = { .scaled_by = -1 };
	if (value < 0 || file->values[value].data)
		return source;
	source.name = file->values[value].name;
	source.shape = file->values[value].shape;
	for (int i = 0; i < LONGEST_WAY; i++) {
		if (file->values[value].tensor >= 0) {
			source.stored = &file->graph->tensors[file->values[value].tensor];
			return source;
		}
		if (!step_back(file, &value, &source))
			break;
	}
	return source;
}

static bool is_number(const gd_tensor *tensor)
{
	return tensor && tensor->data &&
		   (tensor->type == GD_F32 || tensor->type == GD_F16 || tensor->type == GD_F64 || tensor->type == GD_BF16);
}

static bool is_weight(const gd_onnx_source *source, bool whole_numbers)
{
	size_t count;
	bool numbers = is_number(source->stored) || source->scaled_by >= 0 ||
				   (whole_numbers && source->stored && gd_type_bytes(source->stored->type) == 1);
	return numbers && source->stored->data && gd_shape_count(&source->stored->shape, 0, &count) && count > 0;
}

int gd_onnx_weight_input(const gd_onnx_file *file, size_t node)
{
	const gd_node *n = &file->graph->nodes[node];
	const gd_onnx_op *op = gd_onnx_op_find(n);
	int tries[2] = { op->weight, strcmp(n->op, "MatMul") == 0 || strcmp(n->op, "Einsum") == 0 ? 0 : -1 };
	for (int i = 0; i < 2; i++) {
		if (tries[i] < 0 || (size_t)tries[i] >= n->input_count || file->nodes[node].inputs[tries[i]] < 0)
			continue;
		gd_onnx_source source = gd_onnx_source_of(file, file->nodes[node].inputs[tries[i]]);
		bool matrix =
			op->family == GD_FAMILY_NORMALIZATION || op->family == GD_FAMILY_ACTIVATION || source.shape.rank >= 2;
		if (source.stored && matrix && is_weight(&source, true))
			return tries[i];
	}
	return -1;
}

typedef struct {
	const gd_onnx_file *file;
	gd_layer *layer;
	size_t room;
	gd_error *err;
} listing;

static bool is_listed(const listing *l, const gd_onnx_source *source)
{
	for (size_t i = 0; i < l->layer->weight_count; i++)
		if (l->layer->weights[i].initializer && strcmp(l->layer->weights[i].initializer, source->stored->name) == 0)
			return true;
	return false;
}

static gd_weight *add_weight(listing *l)
{
	gd_layer *layer = l->layer;
	if (layer->weight_count == l->room) {
		size_t wider = l->room ? 2 * l->room : 4;
		gd_weight *moved = gd_arena_new(l->file->arena, wider, sizeof *moved);
		if (!moved)
			return NULL;
		if (layer->weight_count)
			memcpy(moved, layer->weights, layer->weight_count * sizeof *moved);
		layer->weights = moved;
		l->room = wider;
	}
	return &layer->weights[layer->weight_count++];
}

/* An int8 weight as the numbers it stands for: (stored - zero) x scale, along one axis or as a whole. */
static bool dequantize(const gd_onnx_file *file, const gd_onnx_source *source, gd_tensor *out)
{
	size_t node = (size_t)source->scaled_by, count, scales, after = 1;
	const gd_tensor *scale = gd_onnx_constant(file, node, 1), *zero = gd_onnx_constant(file, node, 2);
	const gd_shape *shape = &source->stored->shape;
	int64_t axis = gd_node_integer(&file->graph->nodes[node], "axis", 1);
	axis = axis < 0 ? axis + shape->rank : axis;
	if (!scale || !gd_shape_count(shape, 0, &count) || !gd_shape_count(&scale->shape, 0, &scales) || scales == 0 ||
		gd_type_bytes(source->stored->type) == 0)
		return false;
	if (scales > 1 &&
		(scale->shape.rank != 1 || axis < 0 || axis >= shape->rank || shape->dim[axis] != (int64_t)scales))
		return false;
	for (int i = scales > 1 ? (int)axis + 1 : shape->rank; i < shape->rank; i++)
		after *= (size_t)shape->dim[i];
	const float *by = gd_tensor_floats(scale, file->arena), *stored = gd_tensor_floats(source->stored, file->arena);
	float *numbers = gd_arena_new(file->arena, count, sizeof *numbers);
	if (!by || !stored || !numbers)
		return false;
	for (size_t i = 0; i < count; i++) {
		size_t at = scales > 1 ? i / after % scales : 0;
		numbers[i] = (stored[i] - (zero ? (float)gd_tensor_integer(zero, zero->shape.rank ? at : 0) : 0.0f)) * by[at];
	}
	*out = (gd_tensor){ .type = GD_F32, .shape = *shape, .data = numbers, .bytes = count * sizeof *numbers };
	return true;
}

/* Which part of an attention layer a weight belongs to, by what exporters and frameworks call it. */
static const char *part_of(const char *name)
{
	static const char *const parts[][2] = { { "in_proj", "in_proj" }, { "out_proj", "output" },
		{ "attention_output", "output" }, { "query", "query" }, { "q_proj", "query" }, { "key", "key" },
		{ "k_proj", "key" }, { "value", "value" }, { "v_proj", "value" } };
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (strstr(name, parts[i][0]))
			return parts[i][1];
	return "";
}

static gd_weight *store(listing *l, const gd_onnx_source *source, gd_role role, gd_order order, const char *name)
{
	gd_weight *weight = add_weight(l);
	if (!weight) {
		gd_fail_memory(l->err, "listing weights");
		return NULL;
	}
	*weight = (gd_weight){ .role = role,
		.order = order,
		.part = l->layer->family == GD_FAMILY_ATTENTION ? part_of(source->name) : "",
		.tensor = *source->stored,
		.initializer = source->stored->name };
	if (source->scaled_by >= 0 && dequantize(l->file, source, &weight->tensor))
		weight->initializer = NULL;
	if (source->turned)
		weight->order = order == GD_UNITS_FIRST ? GD_UNITS_LAST : GD_UNITS_FIRST;
	weight->tensor.name = name;
	return weight;
}

/* (in, out, places...) to (out, in, places...). */
static gd_status turn_channels(listing *l, gd_weight *weight)
{
	static const int64_t turned[GD_MAX_RANK] = { 1, 0, 2, 3, 4, 5, 6, 7 };
	gd_tensor *t = &weight->tensor;
	size_t size = gd_type_bytes(t->type), in = (size_t)t->shape.dim[0], out = (size_t)t->shape.dim[1], count;
	if (t->shape.rank < 3 || !gd_shape_count(&t->shape, 2, &count) || !size)
		return GD_OK;
	size_t piece = count * size;
	unsigned char *copy = gd_arena_new(l->file->arena, t->bytes, 1);
	if (!copy)
		return gd_fail_memory(l->err, "listing weights");
	for (size_t i = 0; i < in; i++)
		for (size_t o = 0; o < out && piece; o++)
			memcpy(copy + (o * in + i) * piece, (const unsigned char *)t->data + (i * out + o) * piece, piece);
	t->data = copy;
	t->shape.dim[0] = (int64_t)out;
	t->shape.dim[1] = (int64_t)in;
	weight->permutation = turned;
	return GD_OK;
}

/* Recurrent weights have a leading axis of one or two directions: one weight each. */
static gd_status split_directions(listing *l, const gd_weight *whole, const char *direction)
{
	gd_tensor t = whole->tensor;
	size_t parts = (size_t)t.shape.dim[0], piece = parts ? t.bytes / parts : 0;
	if (t.shape.rank < 2 || parts < 1 || parts > 2)
		return GD_OK;
	for (size_t i = 0; i < parts; i++) {
		gd_weight *weight = i == 0 ? &l->layer->weights[l->layer->weight_count - 1] : add_weight(l);
		if (!weight)
			return gd_fail_memory(l->err, "listing weights");
		gd_weight saved = *whole;
		*weight = saved;
		weight->tensor.data = (const unsigned char *)t.data + i * piece;
		weight->tensor.bytes = piece;
		weight->tensor.shape.rank = t.shape.rank - 1;
		for (int k = 1; k < t.shape.rank; k++)
			weight->tensor.shape.dim[k - 1] = t.shape.dim[k];
		weight->part = parts == 2 ? (i ? "backward" : "forward") : direction;
		if (parts == 2)
			weight->initializer = NULL;
	}
	return GD_OK;
}

static bool is_depthwise(const gd_node *node, const gd_tensor *kernel)
{
	int64_t groups = gd_node_integer(node, "group", 1);
	return groups > 1 && kernel->shape.rank > 2 && kernel->shape.dim[1] == 1 && kernel->shape.dim[0] % groups == 0;
}

static gd_status finish_weight(listing *l, const gd_node *node, gd_weight *weight)
{
	const gd_onnx_op *op = gd_onnx_op_find(node);
	if (op->family == GD_FAMILY_CONV && weight->role == GD_KERNEL && is_depthwise(node, &weight->tensor))
		weight->role = GD_DEPTHWISE;
	if (op->family == GD_FAMILY_CONV_TRANSPOSE && weight->role == GD_KERNEL)
		return turn_channels(l, weight);
	if (op->family == GD_FAMILY_RECURRENT) {
		const gd_attr *direction = gd_node_attr(node, "direction");
		bool back = direction && direction->kind == GD_ATTR_STRING && strcmp(direction->text, "reverse") == 0;
		gd_weight whole = *weight;
		return split_directions(l, &whole, back ? "backward" : "");
	}
	return GD_OK;
}

/* Constants that stand beside the operators with weights: a bias added, a scale and shift of a normalization. */
static gd_status list_beside(listing *l, size_t node, bool kernel, bool norm)
{
	const gd_node *n = &l->file->graph->nodes[node];
	bool add = strcmp(n->op, "Add") == 0, mul = strcmp(n->op, "Mul") == 0, sub = strcmp(n->op, "Sub") == 0;
	for (size_t k = 0; (add || mul || sub) && k < n->input_count && n->input_count == 2; k++) {
		int value = l->file->nodes[node].inputs[k];
		gd_onnx_source source = value < 0 ? (gd_onnx_source){ .scaled_by = -1 } : gd_onnx_source_of(l->file, value);
		size_t count;
		bool vector = source.stored && is_weight(&source, false) && gd_shape_count(&source.stored->shape, 0, &count) &&
					  (count > 1 || (add && kernel && source.stored->shape.rank > 0));
		if (!vector || is_listed(l, &source))
			continue;
		bool bias = add && kernel && !gd_layer_weight(l->layer, GD_BIAS);
		gd_role role = bias ? GD_BIAS : norm && mul ? GD_GAMMA : norm && add ? GD_BETA : GD_OTHER_WEIGHT;
		const char *name = role == GD_BIAS    ? "bias"
						   : role == GD_GAMMA ? "gamma"
						   : role == GD_BETA  ? "beta"
											  : source.name;
		if (!store(l, &source, role, GD_UNITS_LAST, name))
			return l->err->status;
	}
	return GD_OK;
}

static gd_status list_inputs(listing *l, size_t node)
{
	const gd_node *n = &l->file->graph->nodes[node];
	gd_status status = GD_OK;
	for (size_t i = 0; i < sizeof roles / sizeof roles[0] && status == GD_OK; i++) {
		if (strcmp(roles[i].op, n->op) != 0 || (size_t)roles[i].input >= n->input_count ||
			l->file->nodes[node].inputs[roles[i].input] < 0)
			continue;
		gd_onnx_source source = gd_onnx_source_of(l->file, l->file->nodes[node].inputs[roles[i].input]);
		bool whole_numbers = roles[i].role == GD_KERNEL || roles[i].role == GD_OTHER_WEIGHT;
		if (!source.stored || !is_weight(&source, whole_numbers) || is_listed(l, &source))
			continue;
		gd_order order = roles[i].order;
		if (roles[i].role == GD_KERNEL && strstr(n->op, "Gemm") && gd_node_integer(n, "transB", 0))
			order = GD_UNITS_FIRST;
		gd_weight *weight = store(l, &source, roles[i].role, order, roles[i].name);
		status = weight ? finish_weight(l, n, weight) : l->err->status;
	}
	return status;
}

gd_status gd_onnx_weights(const gd_onnx_file *file, const int *nodes, size_t count, gd_layer *layer, gd_error *err)
{
	listing l = { .file = file, .layer = layer, .err = err };
	gd_status status = GD_OK;
	bool norm = layer->family == GD_FAMILY_NORMALIZATION, kernel = false;
	for (size_t i = 0; i < count && status == GD_OK; i++) {
		status = list_inputs(&l, (size_t)nodes[i]);
		kernel = kernel || gd_layer_weight(layer, GD_KERNEL) || gd_layer_weight(layer, GD_DEPTHWISE);
		if (status == GD_OK)
			status = list_beside(&l, (size_t)nodes[i], kernel, norm);
	}
	return status;
}
