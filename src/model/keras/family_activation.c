/* Layers that are an activation: Activation, ReLU, LeakyReLU, ELU, PReLU, Softmax ... */
#include "model/keras/activation.h"
#include "model/keras/family.h"
#include <math.h>
#include <string.h>

gd_status gd_family_activation(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_keras_in(k, call, 1, GD_MAX_RANK);
	return gd_keras_out(k, call, gd_keras_activate(k, gd_keras_get(k->now, "activation"), flow));
}

/* max_value, negative_slope and threshold as Keras's ReLU defines them: x above threshold (up to max_value), else
 * negative_slope (x - threshold). */
gd_status gd_family_relu(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_keras_in(k, call, 1, GD_MAX_RANK);
	double slope = gd_keras_number_or(k, "negative_slope", 0), threshold = gd_keras_number_or(k, "threshold", 0);
	double most = gd_keras_number_or(k, "max_value", INFINITY);
	const char *x = flow.name;
	if (threshold != 0) {
		const char *zero = gd_put_scalar(k, 0);
		flow.name = gd_put3(k, "Where", gd_put2(k, "Greater", x, gd_put_scalar(k, threshold)), x, zero);
	} else {
		flow.name = gd_put(k, "Relu", x);
	}
	if (most < INFINITY)
		flow.name = gd_put3(k, "Clip", flow.name, gd_put_scalar(k, 0), gd_put_scalar(k, most));
	if (slope != 0) {
		const char *below = gd_put(k, "Relu", gd_put2(k, "Sub", gd_put_scalar(k, threshold), x));
		flow.name = gd_put2(k, "Sub", flow.name, gd_put2(k, "Mul", below, gd_put_scalar(k, slope)));
	}
	return gd_keras_out(k, call, flow);
}

static gd_status with_alpha(gd_keras *k, gd_keras_call *call, const char *op, const char *key, double otherwise)
{
	gd_flow flow = gd_keras_in(k, call, 1, GD_MAX_RANK);
	double alpha = gd_keras_number_or(k, key, otherwise);
	flow.name = gd_put(k, op, flow.name);
	gd_put_float(k, "alpha", alpha);
	return gd_keras_out(k, call, flow);
}

gd_status gd_family_leaky_relu(gd_keras *k, gd_keras_call *call)
{
	return with_alpha(k, call, "LeakyRelu", "negative_slope", 0.3);
}

gd_status gd_family_elu(gd_keras *k, gd_keras_call *call)
{
	return with_alpha(k, call, "Elu", "alpha", 1);
}

gd_status gd_family_thresholded_relu(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_keras_in(k, call, 1, GD_MAX_RANK);
	const char *above = gd_put2(k, "Greater", flow.name, gd_put_scalar(k, gd_keras_number_or(k, "threshold", 1)));
	flow.name = gd_put3(k, "Where", above, flow.name, gd_put_scalar(k, 0));
	return gd_keras_out(k, call, flow);
}

/* alpha has the input's shape without the batch, and 1 on shared axes. */
gd_status gd_family_prelu(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 2, GD_MAX_RANK));
	int64_t shared[GD_MAX_RANK], dims[GD_MAX_RANK];
	int rank = flow.shape.rank, count = gd_keras_get(k->now, "shared_axes") ? gd_keras_list(k, "shared_axes", 1, rank - 1, shared) : 0;
	for (int i = 1; i < rank; i++) {
		dims[i - 1] = flow.shape.dim[i];
		for (int s = 0; s < count; s++)
			if (shared[s] == i)
				dims[i - 1] = 1;
	}
	flow.name = gd_put2(k, "PRelu", flow.name, gd_keras_tensor(k, "", "alpha", rank - 1, dims));
	return gd_keras_out(k, call, flow);
}

/* Softmax over several axes at once: their exponentials, shifted by the largest, over their sum. */
static const char *softmax_axes(gd_keras *k, const char *x, const int64_t *axes, int count)
{
	const char *list = gd_put_integers(k, axes, (size_t)count), *largest = gd_put2(k, "ReduceMax", x, list);
	gd_put_int(k, "keepdims", 1);
	const char *power = gd_put(k, "Exp", gd_put2(k, "Sub", x, largest)), *sum = gd_put2(k, "ReduceSum", power, list);
	gd_put_int(k, "keepdims", 1);
	return gd_put2(k, "Div", power, sum);
}

gd_status gd_family_softmax(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_keras_in(k, call, 1, GD_MAX_RANK);
	int64_t axes[GD_MAX_RANK] = { -1 };
	int rank = flow.shape.rank, count = gd_keras_get(k->now, "axis") ? gd_keras_list(k, "axis", -rank, rank - 1, axes) : 1;
	if (flow.mask && rank == 3 && call->in_count == 1) /* Keras adds the mask (batch, steps) to scores of its own shape only */
		return gd_keras_fail(k, GD_E_UNSUPPORTED, "is a Softmax of masked steps, which dlguider does not know");
	for (int i = 0; i < count; i++)
		axes[i] = gd_flow_axis(&flow, gd_keras_axis(k, "axis", axes[i], rank));
	if (count == 1) {
		flow.name = gd_put(k, "Softmax", flow.name);
		gd_put_int(k, "axis", axes[0]);
	} else {
		flow.name = softmax_axes(k, flow.name, axes, count);
	}
	return gd_keras_out(k, call, flow);
}

gd_flow gd_keras_activate_layer(gd_keras *k, const char *class_name, const json_t *object, gd_flow flow)
{
	const gd_keras_family *family = gd_keras_family_find(class_name);
	if (!family || family->family != GD_FAMILY_ACTIVATION || family->specs) {
		(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "has the activation %.100s, which dlguider does not know; export the model to ONNX", class_name);
		return flow;
	}
	gd_keras_layer layer = { .name = k->now->name, .own = k->now->own, .kind = class_name, .family = family, .row = -1 };
	layer.config = json_object_get(object, "config");
	gd_keras_call call = { .in = &flow, .in_count = 1 };
	if (gd_keras_translate_inner(k, &layer, &call) == GD_OK)
		flow = call.out[0];
	return flow;
}
