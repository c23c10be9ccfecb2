/* Layers that move values without computing: shapes, padding, cropping, repetition; and those that do nothing at all. */
#include "model/keras/family.h"
#include "model/keras/image.h"
#include <string.h>

/* The product of dimensions from `from` on; -1 when one is free. */
static int64_t product(gd_keras *k, const gd_shape *shape, int from)
{
	size_t count = 0;
	bool free_one = false;
	for (int i = from; i < shape->rank; i++)
		free_one = free_one || shape->dim[i] < 0;
	if (free_one)
		return -1;
	if (!gd_shape_count(shape, from, &count) || count > INT32_MAX)
		(void)gd_keras_fail(k, GD_E_INPUT, "its output would be too large");
	return (int64_t)count;
}

gd_status gd_family_same(gd_keras *k, gd_keras_call *call)
{
	return gd_keras_out(k, call, gd_keras_in(k, call, 1, GD_MAX_RANK));
}

gd_status gd_family_flatten(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 1, GD_MAX_RANK));
	int64_t count = product(k, &flow.shape, 1);
	if (!gd_keras_channels_last(k) && flow.shape.rank > 2) { /* to channels-last first */
		int64_t permutation[GD_MAX_RANK] = { 0 };
		for (int i = 1; i < flow.shape.rank; i++)
			permutation[i] = i + 1 < flow.shape.rank ? i + 1 : 1;
		flow.name = gd_put_transpose(k, flow.name, permutation, flow.shape.rank);
	}
	flow.name = gd_put(k, "Flatten", flow.name);
	gd_put_int(k, "axis", 1);
	flow.shape = (gd_shape){ .rank = 2, .dim = { flow.shape.dim[0], count } };
	flow.channels = -1;
	return gd_keras_out(k, call, flow);
}

gd_status gd_family_reshape(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 1, GD_MAX_RANK));
	json_t *target = gd_keras_get(k->now, "target_shape");
	size_t rank = json_array_size(target) + 1;
	int64_t dims[GD_MAX_RANK] = { 0 }, known = 1, total = product(k, &flow.shape, 1);
	int open = 0;
	if (!json_is_array(target) || rank > GD_MAX_RANK)
		return gd_keras_fail(k, GD_E_INPUT, "target_shape must be a list of at most %d numbers", GD_MAX_RANK - 1);
	gd_shape shape = { .rank = (int)rank, .dim = { flow.shape.dim[0] } };
	for (size_t i = 1; i < rank && k->status == GD_OK; i++) {
		json_t *size = json_array_get(target, i - 1);
		dims[i] = json_is_null(size) ? -1 : gd_keras_whole_of(k, "target_shape", size, -1, INT32_MAX);
		if (dims[i] == 0)
			return gd_keras_fail(k, GD_E_INPUT, "target_shape has a 0");
		open = dims[i] < 0 ? open ? -1 : (int)i : open;
		if (dims[i] > 0 && __builtin_mul_overflow(known, dims[i], &known))
			return gd_keras_fail(k, GD_E_INPUT, "target_shape is too large");
		gd_keras_dim(k, &shape, (int)i, dims[i]);
	}
	if (open < 0 || (total >= 0 && (open ? total % known != 0 : total != known)))
		return gd_keras_fail(k, GD_E_INPUT, "target_shape does not fit its input of %lld numbers", (long long)total);
	if (open && total >= 0)
		gd_keras_dim(k, &shape, open, dims[open] = total / known);
	flow.name = gd_put_reshape(k, flow.name, dims, rank);
	flow.shape = shape;
	flow.channels = -1;
	return gd_keras_out(k, call, flow);
}

gd_status gd_family_permute(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 2, GD_MAX_RANK));
	int rank = flow.shape.rank;
	int64_t permutation[GD_MAX_RANK] = { 0 };
	gd_shape shape = flow.shape;
	unsigned seen = 0;
	if (gd_keras_list(k, "dims", 1, rank - 1, permutation + 1) != rank - 1)
		return gd_keras_fail(k, GD_E_INPUT, "dims must be %d numbers", rank - 1);
	for (int i = 1; i < rank; i++) {
		seen |= 1u << permutation[i];
		shape.dim[i] = flow.shape.dim[permutation[i]];
	}
	if (seen != (1u << rank) - 2)
		return gd_keras_fail(k, GD_E_INPUT, "dims names an axis twice");
	flow.name = gd_put_transpose(k, flow.name, permutation, rank);
	flow.shape = shape;
	flow.channels = -1;
	return gd_keras_out(k, call, flow);
}

gd_status gd_family_repeat(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_keras_in(k, call, 2, 2);
	int64_t n = gd_keras_whole(k, "n", 1, GD_KERAS_MAX_UNITS);
	flow.name = gd_put2(k, "Unsqueeze", flow.name, gd_put_axes(k, 1));
	flow.name = gd_put2(k, "Tile", flow.name, gd_put_integers(k, (int64_t[]){ 1, n, 1 }, 3));
	flow.shape = (gd_shape){ .rank = 3, .dim = { flow.shape.dim[0], n, flow.shape.dim[1] } };
	flow.channels = -1;
	return gd_keras_out(k, call, flow);
}

typedef struct {
	gd_flow flow;
	int first;            /* Keras axis of the first spatial one */
	int64_t side[3][2];   /* before and after */
} margins;

/* padding or cropping: one number, one for each axis, or a pair for each. */
static margins read_margins(gd_keras *k, gd_keras_call *call, int spatial, const char *key)
{
	margins m = { .first = gd_keras_channels_last(k) ? 1 : 2 };
	json_t *value = gd_keras_get(k->now, key);
	m.flow = gd_keras_in(k, call, spatial + 2, spatial + 2);
	m.flow.channels = m.first == 1 ? -1 : 1;
	bool pair = spatial == 1 && json_array_size(value) == 2; /* of the only axis */
	if (json_is_array(value) && !pair && json_array_size(value) != (size_t)spatial)
		(void)gd_keras_fail(k, GD_E_INPUT, "%s has %zu parts, expected %d", key, json_array_size(value), spatial);
	for (int i = 0; i < spatial; i++) {
		json_t *part = json_is_array(value) && !pair ? json_array_get(value, (size_t)i) : value;
		for (size_t s = 0; s < 2; s++) {
			json_t *side = json_is_array(part) ? json_array_get(part, s) : part;
			m.side[i][s] = value ? gd_keras_whole_of(k, key, side, 0, 1 << 20) : 1;
		}
	}
	return m;
}

static gd_status pad(gd_keras *k, gd_keras_call *call, int spatial)
{
	margins m = read_margins(k, call, spatial, "padding");
	int64_t pads[2 * GD_MAX_RANK] = { 0 };
	int rank = m.flow.shape.rank;
	for (int i = 0; i < spatial; i++) {
		int axis = m.first + i, at = gd_flow_axis(&m.flow, axis);
		int64_t size = m.flow.shape.dim[axis];
		pads[at] = m.side[i][0];
		pads[rank + at] = m.side[i][1];
		gd_keras_dim(k, &m.flow.shape, axis, size < 0 ? -1 : size + m.side[i][0] + m.side[i][1]);
	}
	m.flow.name = gd_put2(k, "Pad", m.flow.name, gd_put_integers(k, pads, 2 * (size_t)rank));
	return gd_keras_out(k, call, m.flow);
}

gd_status gd_family_pad1d(gd_keras *k, gd_keras_call *call)
{
	return pad(k, call, 1);
}

gd_status gd_family_pad2d(gd_keras *k, gd_keras_call *call)
{
	return pad(k, call, 2);
}

gd_status gd_family_pad3d(gd_keras *k, gd_keras_call *call)
{
	return pad(k, call, 3);
}

static gd_status crop(gd_keras *k, gd_keras_call *call, int spatial)
{
	margins m = read_margins(k, call, spatial, "cropping");
	int64_t from[3], to[3], axes[3];
	size_t n = (size_t)spatial;
	for (int i = 0; i < spatial; i++) {
		int axis = m.first + i;
		int64_t size = m.flow.shape.dim[axis], left = size - m.side[i][0] - m.side[i][1];
		axes[i] = gd_flow_axis(&m.flow, axis);
		from[i] = m.side[i][0];
		to[i] = m.side[i][1] ? -m.side[i][1] : INT64_MAX;
		if (size >= 0 && left < 1)
			return gd_keras_fail(k, GD_E_INPUT, "cropping leaves nothing of a dimension of %lld", (long long)size);
		gd_keras_dim(k, &m.flow.shape, axis, size < 0 ? -1 : left);
	}
	const char *in[] = { m.flow.name, gd_put_integers(k, from, n), gd_put_integers(k, to, n), gd_put_integers(k, axes, n) };
	m.flow.name = gd_put_list(k, "Slice", in, 4);
	return gd_keras_out(k, call, m.flow);
}

gd_status gd_family_crop1d(gd_keras *k, gd_keras_call *call)
{
	return crop(k, call, 1);
}

gd_status gd_family_crop2d(gd_keras *k, gd_keras_call *call)
{
	return crop(k, call, 2);
}

gd_status gd_family_crop3d(gd_keras *k, gd_keras_call *call)
{
	return crop(k, call, 3);
}

static gd_status upsample(gd_keras *k, gd_keras_call *call, int spatial)
{
	static const char *const ways[] = { "nearest", "bilinear", "bicubic", NULL };
	gd_image image = gd_image_in(k, call, spatial);
	int64_t size[3];
	float scales[5] = { 1, 1 };
	int way = spatial == 2 ? gd_keras_choice(k, "interpolation", ways, 0) : 0;
	gd_keras_sizes(k, "size", spatial, 2, 1, 1 << 16, size);
	int64_t have[2] = { image.flow.shape.dim[image.first], image.flow.shape.dim[image.first + spatial - 1] };
	if (way == 2 && have[0] > 0 && have[1] > 0 && have[0] * size[0] <= INT32_MAX && have[1] * size[1] <= INT32_MAX) {
		gd_image_bicubic(k, &image, (int64_t[]){ have[0] * size[0], have[1] * size[1] });
		return gd_keras_out(k, call, image.flow);
	}
	for (int i = 0; i < spatial; i++) {
		int64_t from = image.flow.shape.dim[image.first + i];
		scales[i + 2] = (float)size[i];
		gd_keras_dim(k, &image.flow.shape, image.first + i, from < 0 ? -1 : from * size[i]);
	}
	const char *in[] = { image.flow.name, "", gd_put_floats(k, "scales", scales, 1, (int64_t[]){ spatial + 2 }) };
	image.flow.name = gd_put_list(k, "Resize", in, 3);
	gd_put_string(k, "mode", way == 0 ? "nearest" : way == 1 ? "linear" : "cubic");
	gd_put_string(k, "coordinate_transformation_mode", way == 0 ? "asymmetric" : "half_pixel");
	if (way == 0)
		gd_put_string(k, "nearest_mode", "floor");
	if (way == 2) { /* TensorFlow's: Keys's kernel, weights outside the image dropped */
		gd_put_float(k, "cubic_coeff_a", -0.5);
		gd_put_int(k, "exclude_outside", 1);
	}
	return gd_keras_out(k, call, image.flow);
}

gd_status gd_family_up1d(gd_keras *k, gd_keras_call *call)
{
	return upsample(k, call, 1);
}

gd_status gd_family_up2d(gd_keras *k, gd_keras_call *call)
{
	return upsample(k, call, 2);
}

gd_status gd_family_up3d(gd_keras *k, gd_keras_call *call)
{
	return upsample(k, call, 3);
}

/* Steps whose features all equal mask_value become zeros, and are masked. */
gd_status gd_family_masking(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 2, GD_MAX_RANK));
	int rank = flow.shape.rank;
	const char *value = gd_put_scalar(k, gd_keras_number_or(k, "mask_value", 0));
	const char *differs = gd_put_cast(k, gd_put(k, "Not", gd_put2(k, "Equal", flow.name, value)), GD_F32);
	const char *any = gd_put2(k, "ReduceMax", differs, gd_put_axes(k, rank - 1));
	gd_put_int(k, "keepdims", 1);
	const char *kept = gd_put_cast(k, any, GD_BOOL);
	flow.mask = rank == 3 ? gd_put2(k, "Squeeze", kept, gd_put_axes(k, 2)) : NULL;
	flow.name = gd_put3(k, "Where", kept, flow.name, gd_put_scalar(k, 0));
	return gd_keras_out(k, call, flow);
}
