/* Convolutions of 1 to 3 spatial axes, depthwise, separable and transposed. */
#include "model/keras/family.h"
#include "model/keras/image.h"
#include <string.h>

/* (positions..., channels, multiplier) to (channels * multiplier, 1, positions...). */
static const char *depthwise_kernel(gd_keras *k, const gd_image *image, const char *name, int64_t channels, int64_t multiplier)
{
	int n = image->spatial;
	int64_t dims[5], permutation[5] = { n, n + 1 }, shape[5] = { channels * multiplier, 1 };
	for (int i = 0; i < n; i++) {
		dims[i] = shape[i + 2] = image->kernel[i];
		permutation[i + 2] = i;
	}
	dims[n] = channels;
	dims[n + 1] = multiplier;
	return gd_keras_transposed(k, "", name, n + 2, dims, permutation, n + 2, shape);
}

static const char *emit_conv(gd_keras *k, const char *op, const char *x, const char *w, int64_t units)
{
	if (!gd_keras_flag(k, "use_bias", true))
		return gd_put2(k, op, x, w);
	return gd_put3(k, op, x, w, gd_keras_tensor(k, "", "bias", 1, &units));
}

static gd_status finish(gd_keras *k, gd_keras_call *call, gd_image *image)
{
	image->flow.mask = NULL;
	return gd_keras_out(k, call, gd_keras_activate(k, gd_keras_get(k->now, "activation"), image->flow));
}

static gd_status conv(gd_keras *k, gd_keras_call *call, int spatial)
{
	gd_image image = gd_image_in(k, call, spatial);
	gd_image_kernel(k, &image);
	int64_t filters = gd_keras_whole(k, "filters", 1, GD_KERAS_MAX_UNITS), channels = gd_image_channels(k, &image);
	int64_t groups = gd_keras_whole_or(k, "groups", 1, 1, GD_KERAS_MAX_UNITS);
	if (channels % groups != 0 || filters % groups != 0)
		return gd_keras_fail(k, GD_E_INPUT, "%lld groups do not divide %lld channels and %lld filters", (long long)groups, (long long)channels,
			(long long)filters);
	image.flow.name = emit_conv(k, "Conv", image.flow.name, gd_image_weights(k, &image, "kernel", channels / groups, filters), filters);
	gd_put_int(k, "group", groups);
	gd_image_window(k, &image, true);
	gd_image_set_channels(k, &image, filters);
	return finish(k, call, &image);
}

gd_status gd_family_conv1d(gd_keras *k, gd_keras_call *call)
{
	return conv(k, call, 1);
}

gd_status gd_family_conv2d(gd_keras *k, gd_keras_call *call)
{
	return conv(k, call, 2);
}

gd_status gd_family_conv3d(gd_keras *k, gd_keras_call *call)
{
	return conv(k, call, 3);
}

static gd_status depthwise(gd_keras *k, gd_keras_call *call, int spatial)
{
	gd_image image = gd_image_in(k, call, spatial);
	gd_image_kernel(k, &image);
	int64_t channels = gd_image_channels(k, &image), multiplier = gd_keras_whole_or(k, "depth_multiplier", 1, 1, 1 << 12);
	int64_t units = channels * multiplier;
	image.flow.name = emit_conv(k, "Conv", image.flow.name, depthwise_kernel(k, &image, "kernel", channels, multiplier), units);
	gd_put_int(k, "group", channels);
	gd_image_window(k, &image, true);
	gd_image_set_channels(k, &image, units);
	return finish(k, call, &image);
}

gd_status gd_family_depthwise1d(gd_keras *k, gd_keras_call *call)
{
	return depthwise(k, call, 1);
}

gd_status gd_family_depthwise2d(gd_keras *k, gd_keras_call *call)
{
	return depthwise(k, call, 2);
}

static gd_status separable(gd_keras *k, gd_keras_call *call, int spatial)
{
	gd_image image = gd_image_in(k, call, spatial), one = { .spatial = spatial, .kernel = { 1, 1, 1 } };
	gd_image_kernel(k, &image);
	int64_t channels = gd_image_channels(k, &image), multiplier = gd_keras_whole_or(k, "depth_multiplier", 1, 1, 1 << 12);
	int64_t filters = gd_keras_whole(k, "filters", 1, GD_KERAS_MAX_UNITS);
	const char *depth = depthwise_kernel(k, &image, "depthwise_kernel", channels, multiplier);
	image.flow.name = gd_put2(k, "Conv", image.flow.name, depth);
	gd_put_int(k, "group", channels);
	gd_image_window(k, &image, true);
	const char *point = gd_image_weights(k, &one, "pointwise_kernel", channels * multiplier, filters);
	image.flow.name = emit_conv(k, "Conv", image.flow.name, point, filters);
	gd_image_set_channels(k, &image, filters);
	return finish(k, call, &image);
}

gd_status gd_family_separable1d(gd_keras *k, gd_keras_call *call)
{
	return separable(k, call, 1);
}

gd_status gd_family_separable2d(gd_keras *k, gd_keras_call *call)
{
	return separable(k, call, 2);
}

/* Sizes of a transposed convolution along axis i: what Keras gives out, what ONNX pads and adds. */
static void transposed_axis(gd_keras *k, const gd_image *image, int i, const int64_t *extra, int64_t *pads, int64_t *added, int64_t *grown)
{
	int64_t window = (image->kernel[i] - 1) * image->dilation[i] + 1, stride = image->strides[i], total = 0;
	int64_t wider = stride > window ? stride - window : 0;
	if (image->padding == GD_PAD_SAME)
		total = extra ? 2 * (window / 2) - extra[i] : window > stride ? window - stride : 0;
	if (total < 0) {
		wider = -total;
		total = 0;
	}
	pads[i] = total / 2;
	pads[i + image->spatial] = total - total / 2;
	added[i] = !extra ? wider : image->padding == GD_PAD_SAME ? wider : extra[i];
	*grown = window - total + added[i]; /* size out = (size in - 1) * stride + grown */
	if (added[i] >= stride && added[i] > 0 && added[i] >= image->dilation[i])
		(void)gd_keras_fail(k, GD_E_INPUT, "its output_padding of %lld is not below its stride", (long long)added[i]);
}

static gd_status transposed(gd_keras *k, gd_keras_call *call, int spatial)
{
	gd_image image = gd_image_in(k, call, spatial);
	gd_image_kernel(k, &image);
	int64_t filters = gd_keras_whole(k, "filters", 1, GD_KERAS_MAX_UNITS), channels = gd_image_channels(k, &image);
	int64_t extra[GD_MAX_SPATIAL], pads[2 * GD_MAX_SPATIAL] = { 0 }, added[GD_MAX_SPATIAL] = { 0 };
	bool given = gd_keras_get(k->now, "output_padding") != NULL;
	gd_keras_sizes(k, "output_padding", spatial, 0, 0, 1 << 16, extra);
	const char *w = gd_image_weights(k, &image, "kernel", filters, channels); /* (positions, out, in) to (in, out, positions) */
	image.flow.name = emit_conv(k, "ConvTranspose", image.flow.name, w, filters);
	for (int i = 0; i < spatial; i++) {
		int64_t size = image.flow.shape.dim[image.first + i], grown;
		transposed_axis(k, &image, i, given ? extra : NULL, pads, added, &grown);
		gd_keras_dim(k, &image.flow.shape, image.first + i, size < 0 ? -1 : (size - 1) * image.strides[i] + grown);
	}
	gd_put_ints(k, "strides", image.strides, (size_t)spatial);
	gd_put_ints(k, "dilations", image.dilation, (size_t)spatial);
	gd_put_ints(k, "pads", pads, 2 * (size_t)spatial);
	gd_put_ints(k, "output_padding", added, (size_t)spatial);
	gd_image_set_channels(k, &image, filters);
	return finish(k, call, &image);
}

gd_status gd_family_conv1d_transpose(gd_keras *k, gd_keras_call *call)
{
	return transposed(k, call, 1);
}

gd_status gd_family_conv2d_transpose(gd_keras *k, gd_keras_call *call)
{
	return transposed(k, call, 2);
}

gd_status gd_family_conv3d_transpose(gd_keras *k, gd_keras_call *call)
{
	return transposed(k, call, 3);
}
