/* Normalisations: over the batch's statistics, over features, over groups; and preprocessing by mean and variance. */
#include "model/keras/family.h"
#include <math.h>
#include <string.h>

/* A vector along one Keras axis as an initializer that broadcasts over the graph's value. */
static const char *along(gd_keras *k, const char *stem, const float *values, const gd_flow *flow, int axis)
{
	int64_t dims[GD_MAX_RANK];
	int at = gd_flow_axis(flow, axis), rank = flow->shape.rank - at;
	for (int i = 0; i < rank; i++)
		dims[i] = i == 0 ? flow->shape.dim[axis] : 1;
	return gd_put_floats(k, stem, values, rank, dims);
}

static float *filled(gd_keras *k, int64_t count, float value)
{
	float *values = gd_keras_new(k, (size_t)count, sizeof *values);
	for (int64_t i = 0; values && i < count; i++)
		values[i] = value;
	return values;
}

/* scale = gamma / sqrt(variance + epsilon), shift = beta - mean scale, worked out in double. */
static void fold(gd_keras *k, gd_flow *flow, int axis, double epsilon, bool scaled, bool centred)
{
	int64_t n = flow->shape.dim[axis];
	const float *gamma = scaled ? gd_keras_weight_floats(k, "", "gamma", 1, &n) : NULL;
	const float *beta = centred ? gd_keras_weight_floats(k, "", "beta", 1, &n) : NULL;
	const float *mean = gd_keras_weight_floats(k, "", "moving_mean", 1, &n), *variance = gd_keras_weight_floats(k, "", "moving_variance", 1, &n);
	float *scale = filled(k, n, 0), *shift = filled(k, n, 0);
	if (k->status != GD_OK)
		return;
	for (int64_t i = 0; i < n; i++) {
		double s = (gamma ? (double)gamma[i] : 1.0) / sqrt((double)variance[i] + epsilon);
		scale[i] = (float)s;
		shift[i] = (float)((beta ? (double)beta[i] : 0.0) - (double)mean[i] * s);
	}
	const char *scaled_value = gd_put2(k, "Mul", flow->name, along(k, "scale", scale, flow, axis));
	flow->name = gd_put2(k, "Add", scaled_value, along(k, "shift", shift, flow, axis));
}

gd_status gd_family_batch_norm(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_keras_in(k, call, 2, GD_MAX_RANK);
	int64_t list[GD_MAX_RANK] = { -1 };
	if (gd_keras_get(k->now, "axis"))
		(void)gd_keras_list(k, "axis", -GD_MAX_RANK, GD_MAX_RANK, list);
	int axis = gd_keras_axis(k, "axis", list[0], flow.shape.rank);
	int64_t n = flow.shape.dim[axis];
	double epsilon = gd_keras_number_or(k, "epsilon", 1e-3);
	bool scale = gd_keras_flag(k, "scale", true), centre = gd_keras_flag(k, "center", true);
	if (n < 1)
		return gd_keras_fail(k, GD_E_INPUT, "the size of axis %d, which it normalises, is not known", axis);
	if (gd_flow_axis(&flow, axis) != 1) {
		fold(k, &flow, axis, epsilon, scale, centre);
	} else {
		const char *in[5] = { flow.name };
		in[1] = scale ? gd_keras_tensor(k, "", "gamma", 1, &n) : gd_put_floats(k, "gamma", filled(k, n, 1), 1, &n);
		in[2] = centre ? gd_keras_tensor(k, "", "beta", 1, &n) : gd_put_floats(k, "beta", filled(k, n, 0), 1, &n);
		in[3] = gd_keras_tensor(k, "", "moving_mean", 1, &n);
		in[4] = gd_keras_tensor(k, "", "moving_variance", 1, &n);
		flow.name = gd_put_list(k, "BatchNormalization", in, 5);
		gd_put_float(k, "epsilon", epsilon);
	}
	return gd_keras_out(k, call, flow);
}

typedef struct {
	int axes[GD_MAX_RANK], count;
	int64_t dims[GD_MAX_RANK];   /* of the axes */
	int64_t graph[GD_MAX_RANK];  /* the axes in the graph's value */
	int64_t spread[GD_MAX_RANK]; /* the shape that makes a weight of dims broadcast */
} axis_set;

/* The setting "axis" of a normalisation over features; sorted, as its weights are. */
static axis_set read_axes(gd_keras *k, const gd_flow *flow, int64_t otherwise)
{
	axis_set set = { .count = 1 };
	int64_t list[GD_MAX_RANK] = { otherwise };
	int rank = flow->shape.rank;
	if (gd_keras_get(k->now, "axis"))
		set.count = gd_keras_list(k, "axis", -GD_MAX_RANK, GD_MAX_RANK, list);
	for (int i = 0; i < set.count; i++) {
		int axis = gd_keras_axis(k, "axis", list[i], rank), at = i;
		for (; at > 0 && set.axes[at - 1] > axis; at--)
			set.axes[at] = set.axes[at - 1];
		set.axes[at] = axis;
	}
	for (int i = 0; i < rank; i++)
		set.spread[i] = 1;
	for (int i = 0; i < set.count; i++) {
		set.dims[i] = flow->shape.dim[set.axes[i]];
		set.graph[i] = gd_flow_axis(flow, set.axes[i]);
		set.spread[set.axes[i]] = set.dims[i];
	}
	return set;
}

static const char *mean_over(gd_keras *k, const char *x, const axis_set *set)
{
	const char *y = gd_put2(k, "ReduceMean", x, gd_put_integers(k, set->graph, (size_t)set->count));
	gd_put_int(k, "keepdims", 1);
	return y;
}

/* A weight over the axes, shaped to broadcast. */
static const char *spread(gd_keras *k, const char *name, const axis_set *set, int rank)
{
	const char *weight = gd_keras_tensor(k, "", name, set->count, set->dims);
	bool trailing = true;
	for (int i = 0; i < set->count; i++)
		trailing = trailing && set->axes[i] == rank - set->count + i;
	return trailing ? weight : gd_put_reshape(k, weight, set->spread, (size_t)rank);
}

static const char *over_root(gd_keras *k, const char *x, const char *variance, double epsilon)
{
	return gd_put2(k, "Div", x, gd_put(k, "Sqrt", gd_put2(k, "Add", variance, gd_put_scalar(k, epsilon))));
}

gd_status gd_family_layer_norm(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 2, GD_MAX_RANK));
	int rank = flow.shape.rank;
	axis_set set = read_axes(k, &flow, -1);
	double epsilon = gd_keras_number_or(k, "epsilon", 1e-3);
	bool root = gd_keras_flag(k, "rms_scaling", false), scale = gd_keras_flag(k, "scale", true) || root;
	bool centre = gd_keras_flag(k, "center", true) && !root, trailing = true;
	for (int i = 0; i < set.count; i++)
		trailing = trailing && set.axes[i] == rank - set.count + i;
	if (trailing && !root && scale) {
		const char *in[3] = { flow.name, gd_keras_tensor(k, "", "gamma", set.count, set.dims) };
		if (centre)
			in[2] = gd_keras_tensor(k, "", "beta", set.count, set.dims);
		flow.name = gd_put_list(k, "LayerNormalization", in, centre ? 3 : 2);
		gd_put_int(k, "axis", rank - set.count);
		gd_put_float(k, "epsilon", epsilon);
		return gd_keras_out(k, call, flow);
	}
	const char *middle = gd_put2(k, "Sub", flow.name, mean_over(k, flow.name, &set));
	const char *variance = mean_over(k, gd_put2(k, "Mul", middle, middle), &set);
	flow.name = over_root(k, root ? flow.name : middle, variance, epsilon); /* Keras's rms_scaling divides by the variance's root too */
	if (scale)
		flow.name = gd_put2(k, "Mul", flow.name, spread(k, "gamma", &set, rank));
	if (centre)
		flow.name = gd_put2(k, "Add", flow.name, spread(k, "beta", &set, rank));
	return gd_keras_out(k, call, flow);
}

gd_status gd_family_rms_norm(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 2, GD_MAX_RANK));
	axis_set set = read_axes(k, &flow, -1);
	const char *square = mean_over(k, gd_put2(k, "Mul", flow.name, flow.name), &set);
	flow.name = over_root(k, flow.name, square, gd_keras_number_or(k, "epsilon", 1e-6));
	flow.name = gd_put2(k, "Mul", flow.name, spread(k, "scale", &set, flow.shape.rank));
	return gd_keras_out(k, call, flow);
}

/* Of keras.applications' ConvNeXt: each channel times its own number. */
gd_status gd_family_layer_scale(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 2, GD_MAX_RANK));
	flow.name = gd_put2(k, "Mul", flow.name, gd_keras_tensor(k, "", "gamma", 1, &flow.shape.dim[flow.shape.rank - 1]));
	return gd_keras_out(k, call, flow);
}

/* x / max(|x|, epsilon)'s root: Keras's normalize of order 2. */
gd_status gd_family_unit_norm(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_keras_in(k, call, 2, GD_MAX_RANK);
	axis_set set = read_axes(k, &flow, -1);
	const char *sum = gd_put2(k, "ReduceSum", gd_put2(k, "Mul", flow.name, flow.name), gd_put_integers(k, set.graph, (size_t)set.count));
	gd_put_int(k, "keepdims", 1);
	const char *norm = gd_put(k, "Sqrt", gd_put2(k, "Max", sum, gd_put_scalar(k, 1e-12)));
	flow.name = gd_put2(k, "Div", flow.name, norm);
	return gd_keras_out(k, call, flow);
}

/* The channels in groups: (batch, groups, the rest) normalised over the rest, then back to the value's own shape. */
gd_status gd_family_group_norm(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_keras_in(k, call, 2, GD_MAX_RANK);
	int rank = flow.shape.rank, axis = gd_keras_axis(k, "axis", gd_keras_whole_or(k, "axis", -1, -GD_MAX_RANK, GD_MAX_RANK), rank);
	int64_t channels = flow.shape.dim[axis], groups = gd_keras_whole_or(k, "groups", 32, -1, GD_KERAS_MAX_UNITS);
	groups = groups == -1 ? channels : groups;
	if (channels < 1 || groups < 1 || channels % groups != 0 || axis == 0)
		return gd_keras_fail(k, GD_E_INPUT, "%lld groups do not divide %lld channels", (long long)groups, (long long)channels);
	if (axis == rank - 1)
		flow = gd_flow_moved(k, flow);
	else
		flow = gd_flow_plain(k, flow);
	if (gd_flow_axis(&flow, axis) != 1)
		return gd_keras_fail(k, GD_E_UNSUPPORTED, "normalises groups of axis %d, which dlguider knows for the first and last only", axis);
	const char *shape = gd_put(k, "Shape", flow.name);
	const char *grouped = gd_put_reshape(k, flow.name, (int64_t[]){ 0, groups, -1 }, 3);
	axis_set set = { .count = 1, .graph = { 2 } };
	const char *middle = gd_put2(k, "Sub", grouped, mean_over(k, grouped, &set));
	const char *variance = mean_over(k, gd_put2(k, "Mul", middle, middle), &set);
	grouped = over_root(k, middle, variance, gd_keras_number_or(k, "epsilon", 1e-3));
	flow.name = gd_put2(k, "Reshape", grouped, shape);
	if (gd_keras_flag(k, "scale", true)) {
		const float *gamma = gd_keras_weight_floats(k, "", "gamma", 1, &channels);
		flow.name = gd_put2(k, "Mul", flow.name, along(k, "gamma", gamma, &flow, axis));
	}
	if (gd_keras_flag(k, "center", true)) {
		const float *beta = gd_keras_weight_floats(k, "", "beta", 1, &channels);
		flow.name = gd_put2(k, "Add", flow.name, along(k, "beta", beta, &flow, axis));
	}
	return gd_keras_out(k, call, flow);
}

/* Numbers of a nested list in order; false when there is something else or more than room. */
static bool flatten(const json_t *value, float *out, size_t room, size_t *count)
{
	if (json_is_object(value)) { /* {"class_name": "__numpy__", "config": {"value": ...}} */
		const json_t *inside = json_object_get(value, "config");
		return flatten(inside ? inside : json_object_get(value, "value"), out, room, count);
	}
	if (json_is_number(value) && *count < room) {
		out[(*count)++] = (float)json_number_value(value);
		return true;
	}
	bool good = json_is_array(value);
	for (size_t i = 0; good && i < json_array_size(value); i++)
		good = flatten(json_array_get(value, i), out, room, count);
	return good;
}

/* A constant of the configuration: one number for all, or one for each of the `wanted` places. */
static float *constant(gd_keras *k, const char *key, size_t wanted, float otherwise)
{
	json_t *value = gd_keras_get(k->now, key);
	float *out = filled(k, (int64_t)wanted, otherwise);
	size_t count = 0;
	if (!out || !value)
		return out;
	if (!flatten(value, out, wanted, &count) || (count != 1 && count != wanted)) {
		(void)gd_keras_fail(k, GD_E_INPUT, "%s must be one number or %zu of them", key, wanted);
		return out;
	}
	for (size_t i = 1; count == 1 && i < wanted; i++)
		out[i] = out[0];
	return out;
}

gd_status gd_family_rescaling(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_keras_in(k, call, 1, GD_MAX_RANK);
	int last = flow.shape.rank - 1;
	bool vector = json_is_array(gd_keras_get(k->now, "scale")) || json_is_array(gd_keras_get(k->now, "offset"));
	int64_t n = vector ? flow.shape.dim[last] : 1;
	if (n < 1)
		return gd_keras_fail(k, GD_E_INPUT, "the size of its input's last axis is not known");
	float *scale = constant(k, "scale", (size_t)n, 1), *offset = constant(k, "offset", (size_t)n, 0);
	if (!scale || !offset)
		return k->status;
	const char *s = vector ? along(k, "scale", scale, &flow, last) : gd_put_scalar(k, (double)scale[0]);
	const char *o = vector ? along(k, "offset", offset, &flow, last) : gd_put_scalar(k, (double)offset[0]);
	flow.name = gd_put2(k, "Add", gd_put2(k, "Mul", flow.name, s), o);
	return gd_keras_out(k, call, flow);
}

/* Mean and variance from the configuration or the file, over the kept axes. */
static void statistics(gd_keras *k, const axis_set *set, size_t count, const float **mean, const float **variance)
{
	if (gd_keras_get(k->now, "mean")) {
		*mean = constant(k, "mean", count, 0);
		*variance = constant(k, "variance", count, 1);
	} else {
		*mean = gd_keras_weight_floats(k, "", "mean", set->count, set->dims);
		*variance = gd_keras_weight_floats(k, "", "variance", set->count, set->dims);
	}
}

gd_status gd_family_normalization(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 1, GD_MAX_RANK));
	json_t *axis = json_object_get(k->now->config, "axis");
	bool none = json_is_null(axis) || (json_is_array(axis) && json_array_size(axis) == 0);
	axis_set set = read_axes(k, &flow, -1);
	set.count = none ? 0 : set.count;
	size_t count = 1;
	gd_shape kept = { .rank = set.count };
	for (int i = 0; i < set.count; i++)
		kept.dim[i] = set.dims[i];
	if (!gd_shape_count(&kept, 0, &count) || count == 0 || count > GD_KERAS_MAX_UNITS)
		return gd_keras_fail(k, GD_E_INPUT, "the sizes of the axes that it normalises are not known or too large");
	const float *mean = NULL, *variance = NULL;
	statistics(k, &set, count, &mean, &variance);
	float *root = filled(k, (int64_t)count, 1);
	if (k->status != GD_OK || !root)
		return k->status;
	for (size_t i = 0; i < count; i++)
		root[i] = fmaxf(sqrtf(variance[i]), 1e-7f);
	for (int i = 0; none && i < flow.shape.rank; i++)
		set.spread[i] = 1;
	const char *m = gd_put_floats(k, "mean", mean, flow.shape.rank, set.spread), *r = gd_put_floats(k, "root", root, flow.shape.rank, set.spread);
	if (gd_keras_flag(k, "invert", false))
		flow.name = gd_put2(k, "Add", gd_put2(k, "Mul", flow.name, r), m);
	else
		flow.name = gd_put2(k, "Div", gd_put2(k, "Sub", flow.name, m), r);
	return gd_keras_out(k, call, flow);
}
