/* Images brought to a size: Resizing, CenterCrop; and pooling to a given number of places. */
#include "model/keras/family.h"
#include "model/keras/image.h"
#include <string.h>

enum { NEAREST, BILINEAR, BICUBIC };

/* The size in places of both axes of an image; both are known. */
static void sizes_of(gd_keras *k, const gd_image *image, int64_t size[2])
{
	for (int i = 0; i < 2; i++) {
		size[i] = image->flow.shape.dim[image->first + i];
		if (size[i] < 1) {
			(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "changes the size of images whose size is not known");
			size[i] = 1;
		}
	}
}

static void set_sizes(gd_keras *k, gd_image *image, const int64_t size[2])
{
	for (int i = 0; i < 2; i++)
		gd_keras_dim(k, &image->flow.shape, image->first + i, size[i]);
}

static void crop(gd_keras *k, gd_image *image, const int64_t from[2], const int64_t size[2])
{
	const char *in[] = { image->flow.name, gd_put_integers(k, from, 2), gd_put_integers(k, (int64_t[]){ from[0] + size[0], from[1] + size[1] }, 2),
		gd_put_integers(k, (int64_t[]){ 2, 3 }, 2) };
	image->flow.name = gd_put_list(k, "Slice", in, 4);
	set_sizes(k, image, size);
}

static void resize(gd_keras *k, gd_image *image, const int64_t size[2], int way)
{
	static const char *const modes[] = { "nearest", "linear" };
	int64_t have[2];
	if (way == BICUBIC) {
		sizes_of(k, image, have);
		gd_image_bicubic(k, image, size);
		return;
	}
	const char *kept = gd_put_slice(k, gd_put(k, "Shape", image->flow.name), 0, 0, 2);
	const char *sizes = gd_put2(k, "Concat", kept, gd_put_integers(k, size, 2));
	gd_put_int(k, "axis", 0);
	image->flow.name = gd_put_list(k, "Resize", (const char *[]){ image->flow.name, "", "", sizes }, 4);
	gd_put_string(k, "mode", modes[way]);
	gd_put_string(k, "coordinate_transformation_mode", "half_pixel");
	if (way == NEAREST)
		gd_put_string(k, "nearest_mode", "round_prefer_ceil");
	set_sizes(k, image, size);
}

static int64_t between(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

/* The largest part around the middle that has the proportions of `size`. */
static void crop_to_proportions(gd_keras *k, gd_image *image, const int64_t size[2])
{
	int64_t have[2], part[2], from[2];
	sizes_of(k, image, have);
	for (int i = 0; i < 2; i++) {
		part[i] = between((int64_t)((float)(have[1 - i] * size[i]) / (float)size[1 - i]), 1, have[i]);
		from[i] = (have[i] - part[i]) / 2;
	}
	crop(k, image, from, part);
}

static void pad_to_proportions(gd_keras *k, gd_image *image, const int64_t size[2])
{
	int64_t have[2], pads[8] = { 0 };
	sizes_of(k, image, have);
	int64_t now[2] = { have[0], have[1] };
	for (int i = 0; i < 2; i++) {
		int64_t wanted = (int64_t)((float)(have[1 - i] * size[i]) / (float)size[1 - i]);
		pads[2 + i] = pads[6 + i] = wanted > have[i] ? (wanted - have[i]) / 2 : 0;
		now[i] += 2 * pads[2 + i];
	}
	double value = gd_keras_number_or(k, "fill_value", 0);
	image->flow.name = gd_put3(k, "Pad", image->flow.name, gd_put_integers(k, pads, 8), gd_put_scalar(k, value));
	set_sizes(k, image, now);
}

static void read_size(gd_keras *k, int64_t size[2])
{
	size[0] = gd_keras_whole(k, "height", 1, 1 << 16);
	size[1] = gd_keras_whole(k, "width", 1, 1 << 16);
}

gd_status gd_family_resizing(gd_keras *k, gd_keras_call *call)
{
	static const char *const ways[] = { "nearest", "bilinear", "bicubic", NULL };
	gd_image image = gd_image_in(k, call, 2);
	int64_t size[2];
	read_size(k, size);
	int way = gd_keras_choice(k, "interpolation", ways, BILINEAR);
	if (gd_keras_flag(k, "antialias", false))
		return gd_keras_fail(k, GD_E_UNSUPPORTED, "resizes with antialias, which dlguider does not know");
	if (gd_keras_flag(k, "crop_to_aspect_ratio", false))
		crop_to_proportions(k, &image, size);
	else if (gd_keras_flag(k, "pad_to_aspect_ratio", false))
		pad_to_proportions(k, &image, size);
	resize(k, &image, size, way);
	return gd_keras_out(k, call, image.flow);
}

gd_status gd_family_center_crop(gd_keras *k, gd_keras_call *call)
{
	gd_image image = gd_image_in(k, call, 2);
	int64_t have[2], size[2];
	read_size(k, size);
	sizes_of(k, &image, have);
	if (k->status != GD_OK)
		return k->status;
	if (have[0] >= size[0] && have[1] >= size[1]) {
		crop(k, &image, (int64_t[]){ (have[0] - size[0]) / 2, (have[1] - size[1]) / 2 }, size);
	} else {
		crop_to_proportions(k, &image, size);
		resize(k, &image, size, BILINEAR);
	}
	return gd_keras_out(k, call, image.flow);
}

/* Place i of n takes what lies from floor(i size / n) up to ceil((i + 1) size / n). */
static const char *pool_axis(gd_keras *k, const char *x, int axis, int64_t size, int64_t n, const char *op)
{
	const char **places = gd_keras_new(k, (size_t)n, sizeof *places);
	for (int64_t i = 0; places && i < n && k->status == GD_OK; i++) {
		const char *part = gd_put_slice(k, x, axis, i * size / n, ((i + 1) * size + n - 1) / n);
		places[i] = gd_put2(k, op, part, gd_put_axes(k, axis));
		gd_put_int(k, "keepdims", 1);
	}
	const char *y = places && k->status == GD_OK ? gd_put_list(k, "Concat", places, (size_t)n) : NULL;
	gd_put_int(k, "axis", axis);
	return y;
}

static gd_status adaptive(gd_keras *k, gd_keras_call *call, int spatial, const char *op)
{
	gd_image image = gd_image_in(k, call, spatial);
	int64_t places[GD_MAX_SPATIAL];
	gd_keras_sizes(k, "output_size", spatial, 1, 1, 1024, places);
	for (int i = 0; i < spatial; i++) {
		int64_t size = image.flow.shape.dim[image.first + i];
		if (size < 1)
			return gd_keras_fail(k, GD_E_UNSUPPORTED, "pools a value whose size is not known");
		image.flow.name = pool_axis(k, image.flow.name, 2 + i, size, places[i], op);
		gd_keras_dim(k, &image.flow.shape, image.first + i, places[i]);
	}
	image.flow.mask = NULL;
	return gd_keras_out(k, call, image.flow);
}

gd_status gd_family_adaptive_average(gd_keras *k, gd_keras_call *call)
{
	return adaptive(k, call, call->in_count ? call->in[0].shape.rank - 2 : 1, "ReduceMean");
}

gd_status gd_family_adaptive_max(gd_keras *k, gd_keras_call *call)
{
	return adaptive(k, call, call->in_count ? call->in[0].shape.rank - 2 : 1, "ReduceMax");
}
