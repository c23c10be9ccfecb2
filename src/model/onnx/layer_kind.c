#include "model/onnx/layer_kind.h"
#include <string.h>

/* What a group is called after, most telling first. */
static const gd_family precedence[] = { GD_FAMILY_ATTENTION, GD_FAMILY_RECURRENT, GD_FAMILY_CONV, GD_FAMILY_DEPTHWISE,
	GD_FAMILY_CONV_TRANSPOSE, GD_FAMILY_DENSE, GD_FAMILY_EMBEDDING, GD_FAMILY_NORMALIZATION, GD_FAMILY_POOLING,
	GD_FAMILY_UPSAMPLING, GD_FAMILY_ACTIVATION, GD_FAMILY_REGULARIZER, GD_FAMILY_MERGE, GD_FAMILY_OTHER,
	GD_FAMILY_SHAPE };

static size_t precedence_of(gd_family family)
{
	for (size_t i = 0; i < sizeof precedence / sizeof precedence[0]; i++)
		if (precedence[i] == family)
			return i;
	return sizeof precedence / sizeof precedence[0];
}

static const gd_node *node_at(const gd_onnx_span *span, size_t i)
{
	return &span->file->graph->nodes[span->nodes[i]];
}

static const gd_onnx_value *value_of(const gd_onnx_span *span, size_t i, bool output, size_t k)
{
	const gd_onnx_node *note = &span->file->nodes[span->nodes[i]];
	const int *list = output ? note->outputs : note->inputs;
	size_t count = output ? node_at(span, i)->output_count : node_at(span, i)->input_count;
	return k < count && list[k] >= 0 ? &span->file->values[list[k]] : NULL;
}

static int count_op(const gd_onnx_span *span, size_t from, const char *op)
{
	int count = 0;
	for (size_t i = from; i < span->count; i++)
		count += strcmp(node_at(span, i)->op, op) == 0;
	return count;
}

/* A reduction that leaves the units alone is a pooling; over the units it is arithmetic. */
static bool keeps_units(const gd_onnx_span *span, size_t i)
{
	const gd_onnx_value *in = value_of(span, i, false, 0), *out = value_of(span, i, true, 0);
	if (!in || !out || in->shape.rank < 1 || out->shape.rank < 0 || in->channel < 0)
		return true;
	return out->shape.rank > 0 && out->channel >= 0 && out->shape.dim[out->channel] == in->shape.dim[in->channel] &&
		   out->shape.rank >= 2;
}

static bool is_product(const gd_onnx_span *span, size_t i)
{
	const gd_onnx_value *a = value_of(span, i, false, 0), *b = value_of(span, i, false, 1);
	bool op = strcmp(node_at(span, i)->op, "MatMul") == 0 || strcmp(node_at(span, i)->op, "Einsum") == 0;
	return op && a && b && a->data && b->data;
}

static bool is_depthwise(const gd_onnx_span *span, size_t i)
{
	int input = gd_onnx_weight_input(span->file, (size_t)span->nodes[i]);
	const gd_onnx_value *kernel = input < 0 ? NULL : value_of(span, i, false, (size_t)input);
	int64_t groups = gd_node_integer(node_at(span, i), "group", 1);
	return kernel && groups > 1 && kernel->shape.rank > 2 && kernel->shape.dim[1] == 1 &&
		   kernel->shape.dim[0] % groups == 0;
}

/* A constant with more than one element enters beside the data. */
static bool has_vector(const gd_onnx_span *span, size_t i)
{
	for (size_t k = 0; k < node_at(span, i)->input_count; k++) {
		const gd_onnx_value *in = value_of(span, i, false, k);
		size_t count;
		if (in && !in->data && gd_shape_count(&in->shape, 0, &count) && count > 1)
			return true;
	}
	return false;
}

static gd_family family_at(const gd_onnx_span *span, size_t i)
{
	const gd_node *node = node_at(span, i);
	const gd_onnx_op *op = gd_onnx_op_find(node);
	const gd_onnx_value *a = value_of(span, i, false, 0), *b = value_of(span, i, false, 1);
	bool weighty = gd_onnx_weight_input(span->file, (size_t)span->nodes[i]) >= 0;
	const gd_onnx_value *weight = op->weight < 0 ? NULL : value_of(span, i, false, (size_t)op->weight);
	bool made =
		weight && !weight->data; /* computed from weights, as unfolded exports do: of the family, but not listed */
	if (op->weight >= 0 && !weighty && !made && op->family != GD_FAMILY_NORMALIZATION &&
		op->family != GD_FAMILY_ACTIVATION)
		return strcmp(node->op, "Gather") == 0 ? GD_FAMILY_SHAPE : GD_FAMILY_OTHER;
	if (op->family == GD_FAMILY_CONV && is_depthwise(span, i))
		return GD_FAMILY_DEPTHWISE;
	if (op->family == GD_FAMILY_POOLING && strncmp(node->op, "Reduce", 6) == 0 && !keeps_units(span, i))
		return GD_FAMILY_OTHER;
	if (op->family == GD_FAMILY_MERGE && node->input_count == 2 &&
		!(a && b && a->data && b->data)) /* with a constant */
		return strcmp(node->op, "Mul") == 0 && has_vector(span, i) ? GD_FAMILY_NORMALIZATION : GD_FAMILY_OTHER;
	return op->family;
}

/* Does this Clip cut below 0 and above 6? Limits are attributes in old opsets, inputs in new ones. */
static bool is_relu6(const gd_onnx_span *span, size_t i)
{
	static const struct {
		const char *name;
		size_t input;
		float want;
	} limits[] = { { "min", 1, 0.0f }, { "max", 2, 6.0f } };
	size_t node = (size_t)span->nodes[i];
	for (size_t k = 0; k < 2; k++) {
		const gd_attr *attr = gd_node_attr(node_at(span, i), limits[k].name);
		bool given = limits[k].input < node_at(span, i)->input_count;
		const gd_tensor *tensor = given ? gd_onnx_source_of(span->file, span->file->nodes[node].inputs[limits[k].input]).stored : NULL;
		const float *number = tensor && tensor->bytes ? gd_tensor_floats(tensor, span->file->arena) : NULL;
		float limit = attr && attr->kind == GD_ATTR_FLOAT ? attr->number : number ? *number : -1.0f;
		if (limit < limits[k].want || limit > limits[k].want)
			return false;
	}
	return true;
}

/* An activation spelled out as arithmetic, or the last operator that is one, from node `from` of the group on. */
static const char *activation_from(const gd_onnx_span *span, size_t from)
{
	const char *last = NULL;
	if (count_op(span, from, "Erf"))
		return "gelu";
	if (count_op(span, from, "Softplus") && count_op(span, from, "Tanh"))
		return "mish";
	if (count_op(span, from, "Tanh") && (count_op(span, from, "Pow") || count_op(span, from, "Mul") > 2))
		return "gelu";
	if (count_op(span, from, "Mul") == 1 && count_op(span, from, "Sigmoid"))
		return "silu";
	if (count_op(span, from, "Mul") && count_op(span, from, "HardSigmoid"))
		return "hard_silu";
	for (size_t i = from; i < span->count; i++) {
		const char *name = gd_onnx_op_find(node_at(span, i))->activation;
		if (name && strcmp(name, "clip") == 0 && is_relu6(span, i))
			name = "relu6";
		last = name ? name : last;
	}
	return last;
}

/* Quantization cuts below zero by itself when zero is the lowest number; exporters then leave the relu out. */
static bool is_cut_by_quantization(const gd_onnx_span *span, size_t from)
{
	for (size_t i = from; i < span->count; i++) {
		const gd_tensor *zero = strcmp(node_at(span, i)->op, "QuantizeLinear") == 0 ? gd_onnx_constant(span->file, (size_t)span->nodes[i], 2) : NULL;
		if (zero && ((zero->type == GD_U8 && gd_tensor_integer(zero, 0) == 0) || (zero->type == GD_I8 && gd_tensor_integer(zero, 0) == -128)))
			return true;
	}
	return false;
}

static bool is_spelled_norm(const gd_onnx_span *span)
{
	bool deviation = count_op(span, 0, "Sqrt") || count_op(span, 0, "Reciprocal") || count_op(span, 0, "Pow");
	return span->group->norm || (count_op(span, 0, "ReduceMean") && deviation);
}

static bool is_attention(const gd_onnx_span *span)
{
	int products = 0;
	for (size_t i = 0; i < span->count; i++) {
		if (gd_onnx_op_find(node_at(span, i))->family == GD_FAMILY_ATTENTION)
			return true;
		products += is_product(span, i);
	}
	return products >= 2 && count_op(span, 0, "Softmax");
}

static bool is_computed(gd_family family)
{
	return family == GD_FAMILY_DENSE || family == GD_FAMILY_CONV || family == GD_FAMILY_DEPTHWISE ||
		   family == GD_FAMILY_CONV_TRANSPOSE;
}

/* PyTorch's newer exporter spells recurrent modules out, one step after another, and says of each node whose it is. */
static bool is_spelled_recurrent(const gd_onnx_span *span, int node)
{
	static const char *const names[] = { "LSTM", "GRU", "RNN" };
	const gd_onnx_node *note = &span->file->nodes[node];
	for (size_t i = 0; i < 3 && span->group->whole && note->standard; i++)
		if (strcmp(note->kind, names[i]) == 0)
			return true;
	return false;
}

gd_onnx_kind gd_onnx_kind_of(const gd_onnx_span *span)
{
	gd_onnx_kind kind = { .family = GD_FAMILY_SHAPE, .main = span->nodes[span->count - 1] };
	size_t best = SIZE_MAX, at = span->count - 1;
	for (size_t i = 0; i < span->count; i++) {
		gd_family family = family_at(span, i);
		size_t rank = precedence_of(family);
		kind.computes = kind.computes || span->file->nodes[span->nodes[i]].subgraph ||
						gd_onnx_weight_input(span->file, (size_t)span->nodes[i]) >= 0 ||
						(family == GD_FAMILY_OTHER && *node_at(span, i)->domain &&
							strncmp(node_at(span, i)->domain, "ai.onnx", 7) != 0);
		if (rank < best) {
			best = rank;
			at = i;
			kind.family = family;
		}
	}
	kind.main = span->nodes[at];
	for (size_t i = 0; i < span->count && best > precedence_of(GD_FAMILY_NORMALIZATION); i++)
		if (span->file->nodes[span->nodes[i]]
				.subgraph) { /* nobody here looks into loops: only that they compute is known */
			kind.family = GD_FAMILY_OTHER;
			kind.main = span->nodes[i];
			return kind;
		}
	if (is_spelled_recurrent(span, kind.main))
		kind.family = GD_FAMILY_RECURRENT;
	else if (is_attention(span))
		kind.family = GD_FAMILY_ATTENTION;
	else if (best > precedence_of(GD_FAMILY_NORMALIZATION) && is_spelled_norm(span))
		kind.family = GD_FAMILY_NORMALIZATION;
	if (is_computed(kind.family)) {
		const char *activation = activation_from(span, at + 1);
		kind.activation = activation ? activation : is_cut_by_quantization(span, at + 1) ? "relu" : "linear";
	} else if (kind.family == GD_FAMILY_RECURRENT) {
		kind.activation = "tanh";
	} else if (kind.family == GD_FAMILY_ACTIVATION ||
			   (best > precedence_of(GD_FAMILY_ACTIVATION) && (span->group->fused || span->group->whole))) {
		kind.activation = activation_from(span, 0);
		if (!kind.activation && span->group->whole && is_cut_by_quantization(span, 0))
			kind.activation = "relu";
		kind.family = kind.activation ? GD_FAMILY_ACTIVATION : kind.family;
	}
	return kind;
}
