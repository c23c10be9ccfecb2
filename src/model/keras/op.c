#include "model/keras/op.h"
#include <string.h>

/* One argument of the call: a tensor, or a number of the configuration. */
typedef struct {
	const gd_flow *flow; /* NULL: a number */
	double number;
} argument;

static bool is_tensor(const json_t *value)
{
	const char *class_name = json_string_value(json_object_get(value, "class_name"));
	return class_name && strcmp(class_name, "__keras_tensor__") == 0;
}

/* Argument `at`, counting tensors and numbers; lists of tensors are not asked for here. */
static argument read_argument(gd_keras *k, const gd_keras_call *call, size_t at)
{
	json_t *value = json_array_get(call->args, at);
	size_t tensors = 0;
	for (size_t i = 0; i < at; i++)
		tensors += is_tensor(json_array_get(call->args, i));
	if (is_tensor(value) && tensors < call->in_count)
		return (argument){ .flow = &call->in[tensors] };
	if (json_is_number(value))
		return (argument){ .number = json_number_value(value) };
	if (json_is_boolean(value))
		return (argument){ .number = json_is_true(value) };
	(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "has an argument that is neither a tensor nor a number, which dlguider does not know");
	return (argument){ .number = 0 };
}

static const struct {
	const char *name, *op;
	enum { NUMBERS, COMPARISON, LOGIC } kind;
	bool negated;
} binaries[] = {
	{ "Add", "Add", NUMBERS, false }, { "Subtract", "Sub", NUMBERS, false }, { "Multiply", "Mul", NUMBERS, false },
	{ "Divide", "Div", NUMBERS, false }, { "TrueDivide", "Div", NUMBERS, false }, { "Maximum", "Max", NUMBERS, false },
	{ "Minimum", "Min", NUMBERS, false }, { "Power", "Pow", NUMBERS, false }, { "Equal", "Equal", COMPARISON, false },
	{ "NotEqual", "Equal", COMPARISON, true }, { "Greater", "Greater", COMPARISON, false }, { "Less", "Less", COMPARISON, false },
	{ "GreaterEqual", "GreaterOrEqual", COMPARISON, false }, { "LessEqual", "LessOrEqual", COMPARISON, false },
	{ "LogicalOr", "Or", LOGIC, false }, { "LogicalAnd", "And", LOGIC, false },
};

static const struct {
	const char *name, *op;
} unaries[] = {
	{ "Negative", "Neg" }, { "Absolute", "Abs" }, { "Abs", "Abs" }, { "Exp", "Exp" }, { "Log", "Log" }, { "Sqrt", "Sqrt" }, { "Sin", "Sin" },
	{ "Cos", "Cos" }, { "Tanh", "Tanh" }, { "Sigmoid", "Sigmoid" }, { "Relu", "Relu" }, { "Floor", "Floor" }, { "Erf", "Erf" },
};

static gd_flow as_bool(gd_keras *k, gd_flow flow)
{
	if (flow.type != GD_BOOL)
		flow.name = gd_put_cast(k, flow.name, GD_BOOL);
	flow.type = GD_BOOL;
	return flow;
}

/* Broadcast as numpy does: from the last axis on. */
static gd_shape broadcast(gd_keras *k, const gd_shape *a, const gd_shape *b)
{
	const gd_shape *longer = a->rank >= b->rank ? a : b, *shorter = longer == a ? b : a;
	gd_shape shape = *longer;
	for (int i = 0; i < shorter->rank; i++) {
		int64_t x = longer->dim[longer->rank - 1 - i], y = shorter->dim[shorter->rank - 1 - i];
		if (x != y && x > 1 && y > 1)
			(void)gd_keras_fail(k, GD_E_INPUT, "its arguments have %lld and %lld in one dimension", (long long)x, (long long)y);
		shape.dim[longer->rank - 1 - i] = x == 1 ? y : x;
	}
	return shape;
}

static gd_status binary(gd_keras *k, gd_keras_call *call)
{
	size_t at = 0;
	while (strcmp(binaries[at].name, k->now->family->name) != 0)
		at++;
	argument a = read_argument(k, call, 0), b = read_argument(k, call, 1);
	bool logic = binaries[at].kind == LOGIC;
	if (k->status != GD_OK || (!a.flow && !b.flow) || (logic && (!a.flow || !b.flow)))
		return gd_keras_fail(k, GD_E_INPUT, "is called without tensors");
	gd_flow out = gd_flow_plain(k, a.flow ? *a.flow : *b.flow), other = out;
	if (a.flow && b.flow) {
		other = gd_flow_plain(k, *b.flow);
		out.shape = broadcast(k, &out.shape, &other.shape);
	}
	out = logic ? as_bool(k, out) : gd_flow_float(k, out);
	other = logic ? as_bool(k, other) : gd_flow_float(k, other);
	const char *left = a.flow ? out.name : gd_put_scalar(k, a.number), *right = b.flow ? other.name : gd_put_scalar(k, b.number);
	out.name = gd_put2(k, binaries[at].op, left, right);
	if (binaries[at].negated)
		out.name = gd_put(k, "Not", out.name);
	out.type = binaries[at].kind == NUMBERS ? GD_F32 : GD_BOOL;
	out.channels = -1;
	return gd_keras_out(k, call, out);
}

static gd_status unary(gd_keras *k, gd_keras_call *call)
{
	size_t at = 0;
	while (strcmp(unaries[at].name, k->now->family->name) != 0)
		at++;
	gd_flow flow = gd_keras_in(k, call, 1, GD_MAX_RANK);
	flow.name = gd_put(k, unaries[at].op, flow.name);
	return gd_keras_out(k, call, flow);
}

/* The value as it is, whatever its type. */
static gd_status same(gd_keras *k, gd_keras_call *call)
{
	if (call->in_count != 1)
		return gd_keras_fail(k, GD_E_INPUT, "takes one input");
	return gd_keras_out(k, call, call->in[0]);
}

static gd_status square(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_keras_in(k, call, 1, GD_MAX_RANK);
	flow.name = gd_put2(k, "Mul", flow.name, flow.name);
	return gd_keras_out(k, call, flow);
}

static gd_status logical_not(gd_keras *k, gd_keras_call *call)
{
	if (call->in_count != 1)
		return gd_keras_fail(k, GD_E_INPUT, "takes one input");
	gd_flow flow = as_bool(k, call->in[0]);
	flow.name = gd_put(k, "Not", flow.name);
	return gd_keras_out(k, call, flow);
}

/* Zeros or ones of the input's shape and type. */
static gd_status constant_like(gd_keras *k, gd_keras_call *call, int64_t value)
{
	if (call->in_count != 1)
		return gd_keras_fail(k, GD_E_INPUT, "takes one input");
	gd_flow flow = gd_flow_plain(k, call->in[0]);
	const char *type = json_string_value(gd_keras_get(k->now, "dtype"));
	flow.type = type && strcmp(type, "bool") == 0 ? GD_BOOL : flow.type == GD_BOOL ? GD_BOOL : GD_F32;
	const char *one = gd_put2(k, "Squeeze", gd_put_axes(k, value), gd_put_axes(k, 0)), *shape = gd_put(k, "Shape", flow.name);
	flow.name = gd_put2(k, "Expand", gd_put_cast(k, one, flow.type), shape);
	return gd_keras_out(k, call, flow);
}

static gd_status zeros_like(gd_keras *k, gd_keras_call *call)
{
	return constant_like(k, call, 0);
}

static gd_status ones_like(gd_keras *k, gd_keras_call *call)
{
	return constant_like(k, call, 1);
}

static const struct {
	const char *name, *op;
	bool logic;
} reductions[] = {
	{ "Mean", "ReduceMean", false }, { "Sum", "ReduceSum", false }, { "Max", "ReduceMax", false }, { "Min", "ReduceMin", false },
	{ "Any", "ReduceMax", true }, { "All", "ReduceMin", true },
};

static gd_status reduction(gd_keras *k, gd_keras_call *call)
{
	size_t at = 0;
	while (strcmp(reductions[at].name, k->now->family->name) != 0)
		at++;
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 1, GD_MAX_RANK));
	bool keep = gd_keras_flag(k, "keepdims", false), gone[GD_MAX_RANK] = { false };
	int64_t axes[GD_MAX_RANK];
	int rank = flow.shape.rank, count = 0;
	if (!gd_keras_get(k->now, "axis"))
		return gd_keras_fail(k, GD_E_UNSUPPORTED, "reduces over all tests, which dlguider does not know");
	count = gd_keras_list(k, "axis", -rank, rank - 1, axes);
	for (int i = 0; i < count; i++) {
		axes[i] = gd_keras_axis(k, "axis", axes[i], rank);
		gone[axes[i]] = true;
	}
	flow.name = gd_put2(k, reductions[at].op, flow.name, gd_put_integers(k, axes, (size_t)count));
	gd_put_int(k, "keepdims", keep);
	gd_shape shape = { 0 };
	for (int i = 0; i < rank; i++)
		if (!gone[i] || keep)
			shape.dim[shape.rank++] = gone[i] ? 1 : flow.shape.dim[i];
	flow.shape = shape;
	flow.channels = -1;
	return gd_keras_out(k, call, reductions[at].logic ? as_bool(k, flow) : flow);
}

static gd_status expand_dims(gd_keras *k, gd_keras_call *call)
{
	if (call->in_count != 1 || call->in[0].shape.rank >= GD_MAX_RANK)
		return gd_keras_fail(k, GD_E_INPUT, "takes one input of fewer than %d dimensions", GD_MAX_RANK);
	gd_flow flow = gd_flow_plain(k, call->in[0]);
	int64_t list[GD_MAX_RANK] = { -1 };
	if (gd_keras_get(k->now, "axis") && gd_keras_list(k, "axis", -GD_MAX_RANK, GD_MAX_RANK, list) != 1)
		return gd_keras_fail(k, GD_E_UNSUPPORTED, "adds several axes at once, which dlguider does not know");
	int axis = gd_keras_axis(k, "axis", list[0], flow.shape.rank + 1);
	flow.name = gd_put2(k, "Unsqueeze", flow.name, gd_put_axes(k, axis));
	for (int i = flow.shape.rank++; i > axis; i--)
		flow.shape.dim[i] = flow.shape.dim[i - 1];
	flow.shape.dim[axis] = 1;
	flow.channels = -1;
	return gd_keras_out(k, call, flow);
}

/* An axis of size 1, taken out. */
static void drop_axis(gd_keras *k, gd_flow *flow, int axis)
{
	flow->name = gd_put2(k, "Squeeze", flow->name, gd_put_axes(k, axis));
	flow->shape.rank--;
	for (int i = axis; i < flow->shape.rank; i++)
		flow->shape.dim[i] = flow->shape.dim[i + 1];
}

static gd_status squeeze(gd_keras *k, gd_keras_call *call)
{
	if (call->in_count != 1)
		return gd_keras_fail(k, GD_E_INPUT, "takes one input");
	gd_flow flow = gd_flow_plain(k, call->in[0]);
	int axis = gd_keras_axis(k, "axis", gd_keras_whole(k, "axis", -GD_MAX_RANK, GD_MAX_RANK), flow.shape.rank);
	if (flow.shape.dim[axis] != 1)
		return gd_keras_fail(k, GD_E_INPUT, "removes an axis of size %lld", (long long)flow.shape.dim[axis]);
	drop_axis(k, &flow, axis);
	flow.channels = -1;
	return gd_keras_out(k, call, flow);
}

static gd_status concatenate(gd_keras *k, gd_keras_call *call)
{
	bool logic = call->in_count > 0;
	for (size_t i = 0; i < call->in_count; i++)
		logic = logic && call->in[i].type == GD_BOOL;
	gd_status status = gd_keras_family_find("Concatenate")->translate(k, call);
	if (status == GD_OK && logic)
		call->out[0] = as_bool(k, call->out[0]);
	return status;
}

static int64_t bound(gd_keras *k, json_t *slice, const char *key, int64_t otherwise)
{
	json_t *value = json_object_get(json_object_get(slice, "config"), key);
	return !value || json_is_null(value) ? otherwise : gd_keras_whole_of(k, key, value, -INT32_MAX, INT32_MAX);
}

/* What a slice [from, to) keeps of a dimension. */
static int64_t kept(int64_t size, int64_t from, int64_t to)
{
	if (size < 0)
		return -1;
	from = from < 0 ? from + size : from;
	to = to < 0 ? to + size : to;
	from = from < 0 ? 0 : from > size ? size : from;
	to = to < 0 ? 0 : to > size ? size : to;
	return to - from;
}

/* x[:, 1:, 0]: slices and single places, the batch whole. */
static gd_status get_item(gd_keras *k, gd_keras_call *call)
{
	json_t *key = json_array_get(call->args, 1);
	if (call->in_count != 1 || !json_is_array(key) || json_array_size(key) > (size_t)call->in[0].shape.rank)
		return gd_keras_fail(k, GD_E_UNSUPPORTED, "indexes its input in a way that dlguider does not know");
	gd_flow flow = gd_flow_plain(k, call->in[0]);
	int axis = 0;
	for (size_t i = 0; i < json_array_size(key) && k->status == GD_OK; i++) {
		json_t *part = json_array_get(key, i);
		const char *class_name = json_string_value(json_object_get(part, "class_name"));
		bool slice = class_name && strcmp(class_name, "__slice__") == 0, single = json_is_integer(part);
		if ((!slice && !single) || (slice && bound(k, part, "step", 1) != 1) || (i == 0 && single))
			return gd_keras_fail(k, GD_E_UNSUPPORTED, "indexes its input in a way that dlguider does not know");
		int64_t from = single ? gd_keras_whole_of(k, "an index", part, -INT32_MAX, INT32_MAX) : bound(k, part, "start", 0);
		int64_t to = single ? from == -1 ? INT64_MAX : from + 1 : bound(k, part, "stop", INT64_MAX), left = kept(flow.shape.dim[axis], from, to);
		if (i == 0 && (from != 0 || to != INT64_MAX))
			return gd_keras_fail(k, GD_E_UNSUPPORTED, "takes some of the tests, which dlguider does not know");
		if (left == 0 || (single && left > 1))
			return gd_keras_fail(k, GD_E_INPUT, "takes nothing of a dimension of %lld", (long long)flow.shape.dim[axis]);
		if (from != 0 || to != INT64_MAX)
			flow.name = gd_put_slice(k, flow.name, axis, from, to);
		flow.shape.dim[axis] = left;
		if (!single) {
			axis++;
			continue;
		}
		drop_axis(k, &flow, axis);
	}
	flow.channels = -1;
	return gd_keras_out(k, call, flow);
}

/* TensorFlow's functions in functional models of Keras 2, by the operation of Keras 3 that computes the same. */
static const struct {
	const char *function, *operation;
	enum { TWO, ONE, REDUCED } kind;
} functions[] = {
	{ "__operators__.add", "Add", TWO }, { "math.add", "Add", TWO }, { "math.subtract", "Subtract", TWO }, { "math.multiply", "Multiply", TWO },
	{ "math.truediv", "Divide", TWO }, { "math.divide", "Divide", TWO }, { "math.maximum", "Maximum", TWO }, { "math.minimum", "Minimum", TWO },
	{ "math.pow", "Power", TWO }, { "math.negative", "Negative", ONE }, { "math.abs", "Abs", ONE }, { "math.exp", "Exp", ONE }, { "math.log", "Log", ONE },
	{ "math.sqrt", "Sqrt", ONE }, { "math.sin", "Sin", ONE }, { "math.cos", "Cos", ONE }, { "math.tanh", "Tanh", ONE }, { "nn.tanh", "Tanh", ONE },
	{ "math.sigmoid", "Sigmoid", ONE }, { "nn.sigmoid", "Sigmoid", ONE }, { "nn.relu", "Relu", ONE }, { "math.square", "Square", ONE },
	{ "math.reduce_mean", "Mean", REDUCED }, { "math.reduce_sum", "Sum", REDUCED }, { "math.reduce_max", "Max", REDUCED }, { "math.reduce_min", "Min", REDUCED },
};

/* The arguments x and y of ["layer", 0, 0, {"y": 2.0}] or ["_CONSTANT_VALUE", -1, 2.0, {"y": ["layer", 0, 0]}], as Keras 3
 * would write them: tensors and numbers. NULL when they are something else. */
static json_t *two_arguments(const gd_keras_call *call)
{
	json_t *first = json_array_get(call->args, 0), *y = json_object_get(call->keywords, "y");
	first = json_is_array(first) ? first : call->args;
	const char *name = json_string_value(json_array_get(first, 0));
	json_t *tensor = json_pack("{s:s}", "class_name", "__keras_tensor__");
	bool constant = name && strcmp(name, "_CONSTANT_VALUE") == 0;
	json_t *list = json_pack("[O, O]", constant ? json_array_get(first, 2) : tensor, json_is_array(y) ? tensor : y);
	json_decref(tensor);
	return list;
}

static gd_status function(gd_keras *k, gd_keras_call *call)
{
	const char *name = json_string_value(gd_keras_get(k->now, "function"));
	size_t at = 0, count = sizeof functions / sizeof functions[0];
	while (at < count && (!name || strcmp(functions[at].function, name) != 0))
		at++;
	if (at == count)
		return gd_keras_fail(k, GD_E_UNSUPPORTED, "is TensorFlow's function %.60s, which dlguider does not know; export the model to ONNX", name ? name : "(none)");
	gd_keras_layer layer = { .name = k->now->name, .own = k->now->own, .kind = k->now->kind, .family = gd_keras_op_find(functions[at].operation), .row = -1 };
	layer.config = functions[at].kind == REDUCED ? call->keywords : NULL;
	gd_keras_call inside = { .in = call->in, .in_count = functions[at].kind == TWO || call->in_count == 0 ? call->in_count : 1 };
	json_t *list = functions[at].kind == TWO ? two_arguments(call) : NULL;
	inside.args = list;
	if (functions[at].kind == TWO && !list)
		(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "is called with something that is neither a tensor nor a number");
	if (gd_keras_translate_inner(k, &layer, &inside) == GD_OK)
		(void)gd_keras_out(k, call, inside.out[0]);
	json_decref(list);
	return k->status;
}

#define OP(name, family, function) { name, "", family, false, GD_MASK_DROPPED, NULL, function, GD_KERAS_PLAIN }

static const gd_keras_family operations[] = {
	OP("Add", GD_FAMILY_MERGE, binary), OP("Subtract", GD_FAMILY_MERGE, binary), OP("Multiply", GD_FAMILY_MERGE, binary),
	OP("Divide", GD_FAMILY_MERGE, binary), OP("TrueDivide", GD_FAMILY_MERGE, binary), OP("Maximum", GD_FAMILY_MERGE, binary),
	OP("Minimum", GD_FAMILY_MERGE, binary), OP("Power", GD_FAMILY_MERGE, binary), OP("Equal", GD_FAMILY_OTHER, binary),
	OP("NotEqual", GD_FAMILY_OTHER, binary), OP("Greater", GD_FAMILY_OTHER, binary), OP("Less", GD_FAMILY_OTHER, binary),
	OP("GreaterEqual", GD_FAMILY_OTHER, binary), OP("LessEqual", GD_FAMILY_OTHER, binary), OP("LogicalOr", GD_FAMILY_OTHER, binary),
	OP("LogicalAnd", GD_FAMILY_OTHER, binary), OP("LogicalNot", GD_FAMILY_OTHER, logical_not), OP("Negative", GD_FAMILY_ACTIVATION, unary),
	OP("Absolute", GD_FAMILY_ACTIVATION, unary), OP("Abs", GD_FAMILY_ACTIVATION, unary), OP("Exp", GD_FAMILY_ACTIVATION, unary),
	OP("Log", GD_FAMILY_ACTIVATION, unary), OP("Sqrt", GD_FAMILY_ACTIVATION, unary), OP("Sin", GD_FAMILY_ACTIVATION, unary),
	OP("Cos", GD_FAMILY_ACTIVATION, unary), OP("Tanh", GD_FAMILY_ACTIVATION, unary), OP("Sigmoid", GD_FAMILY_ACTIVATION, unary),
	OP("Relu", GD_FAMILY_ACTIVATION, unary), OP("Floor", GD_FAMILY_ACTIVATION, unary), OP("Erf", GD_FAMILY_ACTIVATION, unary),
	OP("Square", GD_FAMILY_ACTIVATION, square), OP("ZerosLike", GD_FAMILY_OTHER, zeros_like), OP("OnesLike", GD_FAMILY_OTHER, ones_like),
	OP("Mean", GD_FAMILY_POOLING, reduction), OP("Sum", GD_FAMILY_POOLING, reduction), OP("Max", GD_FAMILY_POOLING, reduction),
	OP("Min", GD_FAMILY_POOLING, reduction), OP("Any", GD_FAMILY_OTHER, reduction), OP("All", GD_FAMILY_OTHER, reduction),
	OP("ExpandDims", GD_FAMILY_SHAPE, expand_dims), OP("Squeeze", GD_FAMILY_SHAPE, squeeze), OP("Concatenate", GD_FAMILY_MERGE, concatenate),
	OP("TFOpLambda", GD_FAMILY_OTHER, function), OP("ConvertToTensor", GD_FAMILY_SHAPE, same), OP("GetItem", GD_FAMILY_SHAPE, get_item),
};

const gd_keras_family *gd_keras_op_find(const char *class_name)
{
	for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
		if (strcmp(operations[i].name, class_name) == 0)
			return &operations[i];
	return NULL;
}

/* Some tensor among the arguments of the first call is of bools. */
static bool takes_bools(const json_t *value, int depth)
{
	const char *type = json_string_value(json_object_get(json_object_get(value, "config"), "dtype"));
	if (is_tensor(value))
		return type && strcmp(type, "bool") == 0;
	bool any = false;
	for (size_t i = 0; i < json_array_size(value) && depth < 4 && !any; i++)
		any = takes_bools(json_array_get(value, i), depth + 1);
	return any;
}

bool gd_keras_op_is_mask(const gd_keras_layer *layer)
{
	const gd_keras_family *family = layer->family;
	if (family < operations || family >= operations + sizeof operations / sizeof operations[0])
		return false;
	json_t *call = json_array_get(json_object_get(layer->object, "inbound_nodes"), 0);
	return (family->family == GD_FAMILY_OTHER && family->translate != function) || takes_bools(json_object_get(call, "args"), 0);
}
