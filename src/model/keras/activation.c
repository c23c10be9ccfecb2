/* Keras's activation functions as ONNX nodes: one row each. */
#include "model/keras/keras.h"
#include "model/keras/activation.h"
#include <math.h>
#include <string.h>

typedef struct {
	const char *x;
	int axis, rank; /* of softmax and its like, in the graph's value */
} operand;

typedef const char *(*apply)(gd_keras *k, operand o);

static const char *binary(gd_keras *k, const char *op, const char *a, double scalar)
{
	return gd_put2(k, op, a, gd_put_scalar(k, scalar));
}

static const char *with_alpha(gd_keras *k, const char *op, const char *x, double alpha)
{
	const char *y = gd_put(k, op, x);
	gd_put_float(k, "alpha", alpha);
	return y;
}

static const char *clip(gd_keras *k, const char *x, double low, double high)
{
	return gd_put3(k, "Clip", x, gd_put_scalar(k, low), gd_put_scalar(k, high));
}

static const char *where(gd_keras *k, const char *condition, const char *yes, const char *no)
{
	return gd_put3(k, "Where", condition, yes, no);
}

static const char *linear(gd_keras *k, operand o)
{
	(void)k;
	return o.x;
}

static const char *relu(gd_keras *k, operand o)
{
	return gd_put(k, "Relu", o.x);
}

static const char *relu6(gd_keras *k, operand o)
{
	return clip(k, o.x, 0, 6);
}

static const char *sigmoid(gd_keras *k, operand o)
{
	return gd_put(k, "Sigmoid", o.x);
}

static const char *hyperbolic(gd_keras *k, operand o)
{
	return gd_put(k, "Tanh", o.x);
}

static const char *exponential(gd_keras *k, operand o)
{
	return gd_put(k, "Exp", o.x);
}

static const char *softplus(gd_keras *k, operand o)
{
	return gd_put(k, "Softplus", o.x);
}

static const char *softsign(gd_keras *k, operand o)
{
	return gd_put(k, "Softsign", o.x);
}

static const char *mish(gd_keras *k, operand o)
{
	return gd_put(k, "Mish", o.x);
}

static const char *selu(gd_keras *k, operand o)
{
	return gd_put(k, "Selu", o.x);
}

static const char *elu(gd_keras *k, operand o)
{
	return with_alpha(k, "Elu", o.x, 1);
}

static const char *celu(gd_keras *k, operand o)
{
	return with_alpha(k, "Celu", o.x, 1);
}

static const char *leaky(gd_keras *k, operand o)
{
	return with_alpha(k, "LeakyRelu", o.x, 0.2);
}

/* Keras 1 and 2: clip(0.2 x + 0.5, 0, 1); Keras 3: relu6(x + 3) / 6. */
static const char *hard_sigmoid(gd_keras *k, operand o)
{
	const char *y = with_alpha(k, "HardSigmoid", o.x, k->version >= 3 ? 1.0 / 6.0 : 0.2);
	gd_put_float(k, "beta", 0.5);
	return y;
}

static const char *hard_silu(gd_keras *k, operand o)
{
	return gd_put(k, "HardSwish", o.x);
}

static const char *hard_tanh(gd_keras *k, operand o)
{
	return clip(k, o.x, -1, 1);
}

static const char *silu(gd_keras *k, operand o)
{
	return gd_put2(k, "Mul", o.x, gd_put(k, "Sigmoid", o.x));
}

static const char *gelu(gd_keras *k, operand o)
{
	return gd_put(k, "Gelu", o.x);
}

static const char *gelu_tanh(gd_keras *k, operand o)
{
	const char *y = gd_put(k, "Gelu", o.x);
	gd_put_string(k, "approximate", "tanh");
	return y;
}

static const char *softmax(gd_keras *k, operand o)
{
	const char *y = gd_put(k, "Softmax", o.x);
	gd_put_int(k, "axis", o.axis);
	return y;
}

static const char *log_softmax(gd_keras *k, operand o)
{
	const char *y = gd_put(k, "LogSoftmax", o.x);
	gd_put_int(k, "axis", o.axis);
	return y;
}

/* log(1 / (1 + exp(-x))) = -softplus(-x), which does not overflow. */
static const char *log_sigmoid(gd_keras *k, operand o)
{
	return gd_put(k, "Neg", gd_put(k, "Softplus", gd_put(k, "Neg", o.x)));
}

static const char *tanh_shrink(gd_keras *k, operand o)
{
	return gd_put2(k, "Sub", o.x, gd_put(k, "Tanh", o.x));
}

static const char *shrink(gd_keras *k, operand o, double threshold, double bias)
{
	const char *y = gd_put(k, "Shrink", o.x);
	gd_put_float(k, "lambd", threshold);
	gd_put_float(k, "bias", bias);
	return y;
}

static const char *soft_shrink(gd_keras *k, operand o)
{
	return shrink(k, o, 0.5, 0.5);
}

static const char *hard_shrink(gd_keras *k, operand o)
{
	return shrink(k, o, 0.5, 0);
}

/* (x + sqrt(x^2 + 4)) / 2 */
static const char *squareplus(gd_keras *k, operand o)
{
	const char *root = gd_put(k, "Sqrt", binary(k, "Add", gd_put2(k, "Mul", o.x, o.x), 4));
	return binary(k, "Mul", gd_put2(k, "Add", o.x, root), 0.5);
}

static const char *sparse_plus(gd_keras *k, operand o)
{
	const char *inside = binary(k, "Add", clip(k, o.x, -1, 1), 1);
	const char *square = binary(k, "Mul", gd_put2(k, "Mul", inside, inside), 0.25);
	return where(k, binary(k, "Less", o.x, 1), square, o.x);
}

static const char *sparse_sigmoid(gd_keras *k, operand o)
{
	return clip(k, binary(k, "Mul", binary(k, "Add", o.x, 1), 0.5), 0, 1);
}

static const char *reduce(gd_keras *k, const char *op, const char *x, int axis)
{
	const char *y = gd_put2(k, op, x, gd_put_axes(k, axis));
	gd_put_int(k, "keepdims", 1);
	return y;
}

/* Sort, find the support's size, shift by its threshold. Martins and Astudillo 2016, algorithm 1, sum the sorted numbers
 * of the support; Keras 3 sums their cumulative sums, and its models were trained with that. */
static const char *sparsemax(gd_keras *k, operand o)
{
	const char *axis = gd_put_axes(k, o.axis), *size = gd_put2(k, "Gather", gd_put(k, "Shape", o.x), axis);
	const char *sorted = gd_put2(k, "TopK", o.x, size);
	gd_put_int(k, "axis", o.axis);
	if (k->status == GD_OK && !gd_builder_more(&k->builder, NULL))
		(void)gd_keras_memory(k);
	const char *scalar_axis = gd_put2(k, "Squeeze", axis, gd_put_axes(k, 0));
	const char *sums = gd_put2(k, "CumSum", sorted, scalar_axis);
	const char *ones = gd_put2(k, "Add", binary(k, "Mul", sorted, 0), gd_put_scalar(k, 1));
	const char *rank = gd_put2(k, "CumSum", ones, scalar_axis);
	const char *inside = gd_put2(k, "Greater", gd_put2(k, "Add", gd_put2(k, "Mul", rank, sorted), gd_put_scalar(k, 1)), sums);
	const char *kept = gd_put_cast(k, inside, GD_F32);
	const char *count = reduce(k, "ReduceSum", kept, o.axis);
	const char *total = reduce(k, "ReduceSum", gd_put2(k, "Mul", sums, kept), o.axis);
	const char *threshold = gd_put2(k, "Div", binary(k, "Sub", total, 1), count);
	return gd_put(k, "Relu", gd_put2(k, "Sub", o.x, threshold));
}

static const char *glu(gd_keras *k, operand o)
{
	const char *half[2];
	gd_put_split(k, o.x, o.axis, 2, half);
	return gd_put2(k, "Mul", half[0], gd_put(k, "Sigmoid", half[1]));
}

static const struct {
	const char *name, *alias;
	apply apply;
} functions[] = {
	{ "linear", "", linear }, { "relu", "", relu }, { "relu6", "", relu6 }, { "sigmoid", "", sigmoid }, { "tanh", "", hyperbolic },
	{ "softmax", "", softmax }, { "log_softmax", "", log_softmax }, { "elu", "", elu }, { "celu", "", celu }, { "selu", "", selu },
	{ "leaky_relu", "", leaky }, { "gelu", "", gelu }, { "gelu_tanh", "", gelu_tanh }, { "silu", "swish", silu }, { "mish", "", mish },
	{ "softplus", "", softplus }, { "softsign", "", softsign }, { "exponential", "", exponential }, { "hard_sigmoid", "", hard_sigmoid },
	{ "hard_silu", "hard_swish", hard_silu }, { "hard_tanh", "", hard_tanh }, { "hard_shrink", "", hard_shrink },
	{ "soft_shrink", "", soft_shrink }, { "tanh_shrink", "", tanh_shrink }, { "log_sigmoid", "", log_sigmoid },
	{ "squareplus", "", squareplus }, { "sparse_plus", "", sparse_plus }, { "sparse_sigmoid", "", sparse_sigmoid },
	{ "sparsemax", "", sparsemax }, { "glu", "", glu },
};

static int find(const char *name)
{
	for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
		if (strcmp(functions[i].name, name) == 0 || strcmp(functions[i].alias, name) == 0)
			return (int)i;
	return -1;
}

const char *gd_keras_activation_name(const json_t *activation)
{
	if (!activation || json_is_null(activation))
		return "linear";
	if (json_is_string(activation))
		return json_string_value(activation);
	/* {"class_name": "function", "config": "my_function"}, or a layer used as an activation. */
	const char *function = json_string_value(json_object_get(activation, "config"));
	const char *class_name = json_string_value(json_object_get(activation, "class_name"));
	return function ? function : class_name ? class_name : "unknown";
}

/* "keras.activations>relu" or "keras.activations.relu" are Keras's own all the same. */
static const char *bare(const char *name)
{
	static const char prefix[] = "keras.activations";
	size_t length = sizeof prefix - 1;
	return strncmp(name, prefix, length) == 0 && (name[length] == '>' || name[length] == '.') ? name + length + 1 : name;
}

gd_flow gd_keras_activate_named(gd_keras *k, const char *name, gd_flow flow, int axis)
{
	int at = find(bare(name));
	if (at < 0) {
		(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "has the activation %.100s, which dlguider does not know; export the model to ONNX", name);
		return flow;
	}
	flow.name = functions[at].apply(k, (operand){ flow.name, gd_flow_axis(&flow, axis), flow.shape.rank });
	if (functions[at].apply == glu) {
		if (flow.shape.dim[axis] % 2 != 0)
			(void)gd_keras_fail(k, GD_E_INPUT, "glu halves a dimension of %lld", (long long)flow.shape.dim[axis]);
		flow.shape.dim[axis] /= 2;
	}
	return flow;
}

gd_flow gd_keras_activate(gd_keras *k, const json_t *activation, gd_flow flow)
{
	bool object = json_is_object(activation) && json_is_object(json_object_get(activation, "config"));
	const char *class_name = json_string_value(json_object_get(activation, "class_name"));
	if (k->status != GD_OK)
		return flow;
	if (object && class_name)
		return gd_keras_activate_layer(k, class_name, activation, flow);
	return gd_keras_activate_named(k, gd_keras_activation_name(activation), flow, flow.shape.rank - 1);
}
