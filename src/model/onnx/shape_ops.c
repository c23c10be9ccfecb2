/* What an operator makes of the shapes that enter it. To add one: a row in `rules`, and a rule if none fits. */
#include "model/onnx/shape_help.h"
#include <string.h>

/* Same as input `extra`; also for the further outputs, which nobody asks the shape of, only the type. */
static void same(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, (size_t)step->extra);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (in && out)
		gd_onnx_copy(out, in);
}

/* extra: the type of the result, 0: as the first numeric input. */
static void broadcast(const gd_onnx_step *step)
{
	gd_onnx_value *out = gd_onnx_out(step, 0);
	const gd_onnx_value *lead = NULL;
	if (!out)
		return;
	int rank = 0;
	bool unknown = false;
	for (size_t k = 0; k < step->node->input_count; k++) {
		const gd_onnx_value *in = gd_onnx_in(step, k);
		if (!in || in->shape.rank < 0) {
			unknown = unknown || (in && in->data);
			continue; /* taken to fit into what is known of the data */
		}
		rank = in->shape.rank > rank ? in->shape.rank : rank;
		bool better = !lead || (in->data && !lead->data) || (in->data && in->shape.rank > lead->shape.rank);
		if (!(k == 0 && strcmp(step->node->op, "Where") == 0) && better)
			lead = in;
	}
	if (!lead || (unknown && !lead->data))
		return;
	out->shape.rank = rank;
	for (int i = 0; i < rank; i++) {
		out->shape.dim[i] = 1;
		for (size_t k = 0; k < step->node->input_count; k++) {
			const gd_onnx_value *in = gd_onnx_in(step, k);
			int at = in && in->shape.rank >= 0 ? i - (rank - in->shape.rank) : -1;
			if (at >= 0 && in->shape.dim[at] != 1 && (out->shape.dim[i] == 1 || out->shape.dim[i] < 0))
				out->shape.dim[i] = in->shape.dim[at];
		}
	}
	int shift = rank - lead->shape.rank;
	out->type = step->extra ? (gd_type)step->extra : lead->type;
	out->channel = lead->channel < 0 ? -1 : lead->channel + shift;
	out->batch = lead->batch < 0 ? lead->batch : lead->batch + shift;
}

static void cast(const gd_onnx_step *step)
{
	same(step);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	int64_t to = gd_node_integer(step->node, "to", 0);
	if (out)
		out->type = (gd_type)(to > 0 && to < 1000 ? to : 0);
}

static void cast_like(const gd_onnx_step *step)
{
	same(step);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	const gd_onnx_value *like = gd_onnx_in(step, 1);
	if (out)
		out->type = like ? like->type : 0;
}

static void quantize(const gd_onnx_step *step)
{
	same(step);
	const gd_onnx_value *zero = gd_onnx_in(step, 2);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (out)
		out->type = step->extra ? GD_F32 : zero ? zero->type : GD_U8;
	if (out && strcmp(step->node->op, "DequantizeLinear") == 0) {
		const gd_onnx_value *in = gd_onnx_in(step, 0), *scale = gd_onnx_in(step, 1);
		if (in)
			gd_onnx_copy(out, in);
		out->type = scale && scale->type ? scale->type : GD_F32;
	}
}

static void gemm(const gd_onnx_step *step)
{
	const gd_onnx_value *a = gd_onnx_in(step, 0), *b = gd_onnx_in(step, 1);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!a || !b || !out)
		return;
	bool ta = gd_node_integer(step->node, "transA", 0) != 0, tb = gd_node_integer(step->node, "transB", 0) != 0;
	out->type = a->type;
	out->shape = (gd_shape){ 2, { -1, -1 } };
	if (a->shape.rank == 2)
		out->shape.dim[0] = a->shape.dim[ta];
	if (b->shape.rank == 2)
		out->shape.dim[1] = b->shape.dim[!tb];
	out->channel = 1;
	out->batch = a->batch >= 0 ? (a->batch ^ ta) & 1 : a->batch;
}

/* extra: place of the second factor. */
static void matmul(const gd_onnx_step *step)
{
	const gd_onnx_value *a = gd_onnx_in(step, 0), *b = gd_onnx_in(step, (size_t)step->extra);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!a || !b || !out || a->shape.rank < 1 || b->shape.rank < 1)
		return;
	int ra = a->shape.rank, rb = b->shape.rank, rank = ra > rb ? ra : rb;
	out->type = strcmp(step->node->op, "MatMulInteger") == 0 ? GD_I32 : a->type;
	if (ra == 1 || rb == 1) { /* a vector: its axis goes */
		const gd_onnx_value *wide = ra == 1 ? b : a;
		out->shape = wide->shape;
		out->shape.rank--;
		if (ra == 1 && rb > 1)
			out->shape.dim[out->shape.rank - 1] = b->shape.dim[rb - 1];
		out->batch = wide->batch < out->shape.rank ? wide->batch : -1;
		return;
	}
	out->shape.rank = rank;
	for (int i = 0; i < rank - 2; i++) {
		int ia = i - (rank - ra), ib = i - (rank - rb);
		int64_t da = ia < 0 ? 1 : a->shape.dim[ia], db = ib < 0 ? 1 : b->shape.dim[ib];
		out->shape.dim[i] = da == 1 ? db : da;
	}
	out->shape.dim[rank - 2] = a->shape.dim[ra - 2];
	out->shape.dim[rank - 1] = b->shape.dim[rb - 1];
	out->channel = rank - 1;
	const gd_onnx_value *lead = a->data ? a : b;
	out->batch = lead->batch < 0 ? lead->batch : lead->batch + rank - lead->shape.rank;
}

typedef struct {
	int64_t kernel, stride, dilation, before, after, extra;
} window;

static int64_t list_at(const gd_node *node, const char *name, size_t at, int64_t otherwise)
{
	const gd_attr *attr = gd_node_attr(node, name);
	return attr && attr->kind == GD_ATTR_INTS && at < attr->count ? attr->integers[at] : otherwise;
}

static window window_of(const gd_node *node, int axis, int spatial, int64_t kernel)
{
	size_t i = (size_t)axis, n = (size_t)spatial;
	return (window){ list_at(node, "kernel_shape", i, kernel), list_at(node, "strides", i, 1),
		list_at(node, "dilations", i, 1), list_at(node, "pads", i, 0), list_at(node, "pads", i + n, 0),
		list_at(node, "output_padding", i, 0) };
}

static int64_t windowed(const gd_node *node, int64_t size, window w)
{
	const gd_attr *pad = gd_node_attr(node, "auto_pad");
	if (size < 0 || w.stride < 1 || !gd_dim_sane(w.kernel) || !gd_dim_sane(w.stride) || !gd_dim_sane(w.dilation) ||
		!gd_dim_sane(w.before) || !gd_dim_sane(w.after))
		return -1;
	if (pad && pad->kind == GD_ATTR_STRING && strncmp(pad->text, "SAME", 4) == 0)
		return (size + w.stride - 1) / w.stride;
	int64_t room = size + w.before + w.after - w.dilation * (w.kernel - 1) - 1;
	if (room < 0 || w.dilation < 0 || w.kernel < 1)
		return -1;
	bool up = gd_node_integer(node, "ceil_mode", 0) != 0;
	int64_t places = (up ? room + w.stride - 1 : room) / w.stride + 1;
	if (up && (places - 1) * w.stride >= size + w.before) /* a window must begin inside */
		places--;
	return places;
}

/* extra: place of the weight. */
static void conv(const gd_onnx_step *step)
{
	const gd_onnx_value *x = gd_onnx_in(step, 0), *w = gd_onnx_in(step, (size_t)step->extra);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!x || !w || !out || w->shape.rank < 3)
		return;
	out->type = strcmp(step->node->op, "ConvInteger") == 0 ? GD_I32 : x->type;
	out->shape = w->shape; /* its rank */
	out->channel = 1;
	out->batch = 0;
	out->shape.dim[0] = x->shape.rank == w->shape.rank ? x->shape.dim[0] : -1;
	out->shape.dim[1] = w->shape.dim[0];
	for (int i = 2; i < out->shape.rank; i++)
		out->shape.dim[i] = x->shape.rank != w->shape.rank
								? -1
								: windowed(step->node, x->shape.dim[i],
									  window_of(step->node, i - 2, out->shape.rank - 2, w->shape.dim[i]));
}

static int64_t unwindowed(const gd_node *node, int64_t size, int axis, window w)
{
	int64_t given = list_at(node, "output_shape", (size_t)axis, -1);
	const gd_attr *pad = gd_node_attr(node, "auto_pad");
	if (given >= 0)
		return given;
	if (size < 0 || size > INT32_MAX || !gd_dim_sane(w.kernel) || !gd_dim_sane(w.stride) || !gd_dim_sane(w.dilation) ||
		!gd_dim_sane(w.before) || !gd_dim_sane(w.after) || !gd_dim_sane(w.extra))
		return -1;
	if (pad && pad->kind == GD_ATTR_STRING && strncmp(pad->text, "SAME", 4) == 0)
		return gd_dims_times(size, w.stride);
	int64_t made = gd_dims_times(size - 1, w.stride), reach = gd_dims_times(w.kernel - 1, w.dilation);
	return made < 0 || reach < 0 ? -1 : made + w.extra + reach + 1 - w.before - w.after;
}

static void conv_transpose(const gd_onnx_step *step)
{
	const gd_onnx_value *x = gd_onnx_in(step, 0), *w = gd_onnx_in(step, 1);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!x || !w || !out || w->shape.rank < 3)
		return;
	out->type = x->type;
	out->shape = w->shape;
	out->channel = 1;
	out->batch = 0;
	out->shape.dim[0] = x->shape.rank == w->shape.rank ? x->shape.dim[0] : -1;
	out->shape.dim[1] = gd_dims_times(w->shape.dim[1], gd_node_integer(step->node, "group", 1));
	for (int i = 2; i < out->shape.rank; i++)
		out->shape.dim[i] = x->shape.rank != w->shape.rank
								? -1
								: unwindowed(step->node, x->shape.dim[i], i - 2,
									  window_of(step->node, i - 2, out->shape.rank - 2, w->shape.dim[i]));
}

/* extra 1: over all places. */
static void pool(const gd_onnx_step *step)
{
	same(&(gd_onnx_step){ step->file, step->node, step->note, 0 });
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!out || out->shape.rank < 3)
		return;
	out->channel = 1;
	for (int i = 2; i < out->shape.rank; i++)
		out->shape.dim[i] =
			step->extra ? 1
						: windowed(step->node, out->shape.dim[i], window_of(step->node, i - 2, out->shape.rank - 2, 1));
}

static void channels_second(const gd_onnx_step *step)
{
	same(step);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (out && out->shape.rank > 1)
		out->channel = 1;
}

/* What scikit-learn's converters put before a network: always float32. */
static void floats(const gd_onnx_step *step)
{
	same(step);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (out)
		out->type = GD_F32;
}

static void features_last(const gd_onnx_step *step)
{
	same(step);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (out)
		out->channel = out->shape.rank - 1;
}

static void recurrent(const gd_onnx_step *step)
{
	const gd_onnx_value *x = gd_onnx_in(step, 0), *r = gd_onnx_in(step, 2);
	if (!x || !r || x->shape.rank != 3 || r->shape.rank != 3)
		return;
	bool batch_first = gd_node_integer(step->node, "layout", 0) != 0;
	int64_t hidden = r->shape.dim[2], dirs = r->shape.dim[0], steps = x->shape.dim[batch_first],
			batch = x->shape.dim[!batch_first];
	gd_onnx_value *y = gd_onnx_out(step, 0);
	if (y) {
		y->type = x->type;
		y->shape = batch_first ? (gd_shape){ 4, { batch, steps, dirs, hidden } }
							   : (gd_shape){ 4, { steps, dirs, batch, hidden } };
		y->channel = 3;
		y->batch = batch_first ? 0 : 2;
	}
	for (size_t k = 1; k < 3; k++) {
		gd_onnx_value *last = gd_onnx_out(step, k);
		if (!last)
			continue;
		last->type = x->type;
		last->shape = batch_first ? (gd_shape){ 3, { batch, dirs, hidden } } : (gd_shape){ 3, { dirs, batch, hidden } };
		last->channel = 2;
		last->batch = batch_first ? 0 : 1;
	}
}

static void top_k(const gd_onnx_step *step)
{
	const gd_onnx_value *in = gd_onnx_in(step, 0), *k = gd_onnx_in(step, 1);
	int axis = in ? gd_onnx_axis(step, "axis", -1, in->shape.rank) : -1;
	for (size_t i = 0; axis >= 0 && axis < in->shape.rank && i < 2; i++) {
		gd_onnx_value *out = gd_onnx_out(step, i);
		if (!out)
			continue;
		gd_onnx_copy(out, in);
		out->type = i ? GD_I64 : in->type;
		out->shape.dim[axis] = k && k->integers && k->integer_count == 1 && k->integers[0] >= 0 ? k->integers[0] : -1;
	}
}

/* The dimension of `letter` in the inputs' terms of an equation; -1 when not known. */
static int64_t letter_size(const gd_onnx_step *step, const char *equation, char letter, bool *batch)
{
	size_t input = 0;
	int place = 0;
	int64_t size = -1;
	for (const char *at = equation; *at && !(at[0] == '-' && at[1] == '>'); at++) {
		if (*at == ' ')
			continue;
		if (*at == ',') {
			input++;
			place = 0;
			continue;
		}
		const gd_onnx_value *in = gd_onnx_in(step, input);
		if (*at == letter && in && place < in->shape.rank) {
			size = in->shape.dim[place] >= 0 ? in->shape.dim[place] : size;
			*batch = *batch || (in->data && in->batch == place);
		}
		place++;
	}
	return size;
}

static void einsum(const gd_onnx_step *step)
{
	const gd_attr *attr = gd_node_attr(step->node, "equation");
	gd_onnx_value *out = gd_onnx_out(step, 0);
	const gd_onnx_value *in = gd_onnx_in(step, 0);
	const char *arrow = attr && attr->kind == GD_ATTR_STRING ? strstr(attr->text, "->") : NULL;
	if (!arrow || !out || !in || strchr(attr->text, '.'))
		return;
	gd_shape shape = { 0 };
	int batch_at = -1;
	for (const char *at = arrow + 2; *at; at++) {
		if (*at == ' ')
			continue;
		if (shape.rank == GD_MAX_RANK)
			return;
		bool batch = false;
		shape.dim[shape.rank] = letter_size(step, attr->text, *at, &batch);
		batch_at = batch ? shape.rank : batch_at;
		shape.rank++;
	}
	out->type = in->type;
	out->shape = shape;
	out->batch = batch_at;
	out->channel = shape.rank - 1;
}

/* com.microsoft's Attention: weights (in, 3 x hidden). */
static void fused_attention(const gd_onnx_step *step)
{
	features_last(step);
	const gd_onnx_value *weights = gd_onnx_in(step, 1);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (out && out->shape.rank == 3)
		out->shape.dim[2] =
			weights && weights->shape.rank == 2 && weights->shape.dim[1] > 0 ? weights->shape.dim[1] / 3 : -1;
}

static void embed_norm(const gd_onnx_step *step)
{
	const gd_onnx_value *ids = gd_onnx_in(step, 0), *table = gd_onnx_in(step, 2);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	if (!ids || !table || !out || ids->shape.rank != 2 || table->shape.rank != 2)
		return;
	out->type = table->type;
	out->shape = (gd_shape){ 3, { ids->shape.dim[0], ids->shape.dim[1], table->shape.dim[1] } };
	out->channel = 2;
	out->batch = ids->batch;
}

/* Attention of opset 23: as wide as the values. */
static void attention(const gd_onnx_step *step)
{
	features_last(step);
	const gd_onnx_value *v = gd_onnx_in(step, 2);
	gd_onnx_value *out = gd_onnx_out(step, 0);
	int64_t heads = gd_node_integer(step->node, "q_num_heads", 0),
			groups = gd_node_integer(step->node, "kv_num_heads", 0);
	if (!out || !v || v->shape.rank != out->shape.rank || out->shape.rank < 3)
		return;
	int64_t wide = v->shape.dim[v->shape.rank - 1];
	out->shape.dim[out->shape.rank - 1] =
		out->shape.rank == 3 && groups > 0 && heads > 0 && wide > 0 ? gd_dims_times(wide / groups, heads) : wide;
}

static const struct {
	const char *op;
	gd_onnx_rule rule;
	int extra;
} rules[] = {
	{ "Abs", same, 0 },
	{ "Acos", same, 0 },
	{ "Add", broadcast, 0 },
	{ "And", broadcast, GD_BOOL },
	{ "ArgMax", gd_onnx_rule_arg, 0 },
	{ "ArgMin", gd_onnx_rule_arg, 0 },
	{ "Asin", same, 0 },
	{ "Atan", same, 0 },
	{ "Attention", attention, 0 },
	{ "AveragePool", pool, 0 },
	{ "BatchNormalization", channels_second, 0 },
	{ "BiasAdd", same, 0 },
	{ "BiasGelu", same, 0 },
	{ "Binarizer", floats, 0 },
	{ "BitShift", broadcast, 0 },
	{ "Cast", cast, 0 },
	{ "CastLike", cast_like, 0 },
	{ "Ceil", same, 0 },
	{ "Celu", same, 0 },
	{ "Clip", same, 0 },
	{ "Concat", gd_onnx_rule_concat, 0 },
	{ "ConstantOfShape", gd_onnx_rule_by_list, 2 },
	{ "Conv", conv, 1 },
	{ "ConvInteger", conv, 1 },
	{ "ConvTranspose", conv_transpose, 0 },
	{ "Cos", same, 0 },
	{ "Cosh", same, 0 },
	{ "CumSum", same, 0 },
	{ "DepthToSpace", gd_onnx_rule_blocks, 1 },
	{ "DequantizeLinear", quantize, 1 },
	{ "Div", broadcast, 0 },
	{ "Dropout", same, 0 },
	{ "DynamicQuantizeLinear", quantize, 0 },
	{ "Einsum", einsum, 0 },
	{ "Elu", same, 0 },
	{ "EmbedLayerNormalization", embed_norm, 0 },
	{ "Equal", broadcast, GD_BOOL },
	{ "Erf", same, 0 },
	{ "Exp", same, 0 },
	{ "Expand", gd_onnx_rule_by_list, 0 },
	{ "FastGelu", same, 0 },
	{ "Flatten", gd_onnx_rule_flatten, 0 },
	{ "Floor", same, 0 },
	{ "FusedConv", conv, 1 },
	{ "FusedGemm", gemm, 0 },
	{ "FusedMatMul", matmul, 1 },
	{ "GRU", recurrent, 0 },
	{ "Gather", gd_onnx_rule_gather, 0 },
	{ "GatherElements", same, 1 },
	{ "Gelu", same, 0 },
	{ "Gemm", gemm, 0 },
	{ "GlobalAveragePool", pool, 1 },
	{ "GlobalLpPool", pool, 1 },
	{ "GlobalMaxPool", pool, 1 },
	{ "Greater", broadcast, GD_BOOL },
	{ "GreaterOrEqual", broadcast, GD_BOOL },
	{ "GroupNorm", same, 0 },
	{ "GroupNormalization", channels_second, 0 },
	{ "HardSigmoid", same, 0 },
	{ "HardSwish", same, 0 },
	{ "Hardmax", same, 0 },
	{ "Identity", same, 0 },
	{ "Imputer", same, 0 },
	{ "InstanceNormalization", channels_second, 0 },
	{ "IsInf", same, 0 },
	{ "IsNaN", same, 0 },
	{ "LRN", channels_second, 0 },
	{ "LSTM", recurrent, 0 },
	{ "LayerNormalization", features_last, 0 },
	{ "LeakyRelu", same, 0 },
	{ "Less", broadcast, GD_BOOL },
	{ "LessOrEqual", broadcast, GD_BOOL },
	{ "Log", same, 0 },
	{ "LogSoftmax", same, 0 },
	{ "LpNormalization", same, 0 },
	{ "LpPool", pool, 0 },
	{ "MatMul", matmul, 1 },
	{ "MatMulInteger", matmul, 1 },
	{ "Max", broadcast, 0 },
	{ "MaxPool", pool, 0 },
	{ "Mean", broadcast, 0 },
	{ "MeanVarianceNormalization", same, 0 },
	{ "Min", broadcast, 0 },
	{ "Mish", same, 0 },
	{ "Mod", broadcast, 0 },
	{ "Mul", broadcast, 0 },
	{ "MultiHeadAttention", features_last, 0 },
	{ "Neg", same, 0 },
	{ "Normalizer", floats, 0 },
	{ "Not", same, 0 },
	{ "OneHot", gd_onnx_rule_one_hot, 0 },
	{ "Or", broadcast, GD_BOOL },
	{ "PRelu", same, 0 },
	{ "Pad", gd_onnx_rule_pad, 0 },
	{ "Pow", broadcast, 0 },
	{ "QLinearAdd", same, 0 },
	{ "QLinearConv", conv, 3 },
	{ "QLinearMatMul", matmul, 3 },
	{ "QuantizeLinear", quantize, 0 },
	{ "QuickGelu", same, 0 },
	{ "RMSNormalization", features_last, 0 },
	{ "RNN", recurrent, 0 },
	{ "Range", gd_onnx_rule_range, 0 },
	{ "Reciprocal", same, 0 },
	{ "ReduceL1", gd_onnx_rule_reduce, 0 },
	{ "ReduceL2", gd_onnx_rule_reduce, 0 },
	{ "ReduceLogSum", gd_onnx_rule_reduce, 0 },
	{ "ReduceLogSumExp", gd_onnx_rule_reduce, 0 },
	{ "ReduceMax", gd_onnx_rule_reduce, 0 },
	{ "ReduceMean", gd_onnx_rule_reduce, 0 },
	{ "ReduceMin", gd_onnx_rule_reduce, 0 },
	{ "ReduceProd", gd_onnx_rule_reduce, 0 },
	{ "ReduceSum", gd_onnx_rule_reduce, 0 },
	{ "ReduceSumSquare", gd_onnx_rule_reduce, 0 },
	{ "Relu", same, 0 },
	{ "Reshape", gd_onnx_rule_reshape, 0 },
	{ "Resize", gd_onnx_rule_resize, 0 },
	{ "ReverseSequence", same, 0 },
	{ "RotaryEmbedding", same, 0 },
	{ "Round", same, 0 },
	{ "Scaler", floats, 0 },
	{ "ScatterElements", same, 0 },
	{ "ScatterND", same, 0 },
	{ "Selu", same, 0 },
	{ "Shape", gd_onnx_rule_shape, 0 },
	{ "Shrink", same, 0 },
	{ "Sigmoid", same, 0 },
	{ "Sign", same, 0 },
	{ "SimplifiedLayerNormalization", features_last, 0 },
	{ "Sin", same, 0 },
	{ "Sinh", same, 0 },
	{ "Size", gd_onnx_rule_shape, 1 },
	{ "SkipLayerNormalization", features_last, 0 },
	{ "SkipSimplifiedLayerNormalization", features_last, 0 },
	{ "Slice", gd_onnx_rule_slice, 0 },
	{ "Softmax", same, 0 },
	{ "Softplus", same, 0 },
	{ "Softsign", same, 0 },
	{ "SpaceToDepth", gd_onnx_rule_blocks, 0 },
	{ "Split", gd_onnx_rule_split, 0 },
	{ "Sqrt", same, 0 },
	{ "Squeeze", gd_onnx_rule_squeeze, 0 },
	{ "Sub", broadcast, 0 },
	{ "Sum", broadcast, 0 },
	{ "Swish", same, 0 },
	{ "Tan", same, 0 },
	{ "Tanh", same, 0 },
	{ "ThresholdedRelu", same, 0 },
	{ "Tile", gd_onnx_rule_by_list, 1 },
	{ "TopK", top_k, 0 },
	{ "Transpose", gd_onnx_rule_transpose, 0 },
	{ "Trilu", same, 0 },
	{ "Unsqueeze", gd_onnx_rule_unsqueeze, 0 },
	{ "Upsample", gd_onnx_rule_resize, 0 },
	{ "Where", broadcast, 0 },
	{ "Xor", broadcast, GD_BOOL },
};

gd_onnx_rule gd_onnx_rule_find(const gd_node *node, int *extra)
{
	bool own = *node->domain == 0, microsoft = strncmp(node->domain, "com.microsoft", 13) == 0;
	if (microsoft && strcmp(node->op, "Attention") == 0)
		return fused_attention;
	bool learning = strcmp(node->domain, "ai.onnx.ml") == 0;
	size_t low = 0, high = own || microsoft || learning ? sizeof rules / sizeof rules[0] : 0;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(node->op, rules[middle].op);
		if (order == 0) {
			*extra = rules[middle].extra;
			return rules[middle].rule;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
