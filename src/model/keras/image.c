#include "model/keras/image.h"
#include <string.h>

gd_image gd_image_in(gd_keras *k, gd_keras_call *call, int spatial)
{
	static const char *const paddings[] = { "valid", "same", "causal", NULL };
	gd_image image = { .spatial = spatial };
	bool last = gd_keras_channels_last(k);
	image.flow = gd_keras_in(k, call, spatial + 2, spatial + 2);
	image.first = last ? 1 : 2;
	image.channel = last ? spatial + 1 : 1;
	image.flow = last ? gd_flow_moved(k, image.flow) : gd_flow_plain(k, image.flow);
	image.flow.channels = last ? -1 : 1;
	image.padding = (gd_padding)gd_keras_choice(k, "padding", paddings, GD_PAD_VALID);
	if (image.padding == GD_PAD_CAUSAL && spatial != 1)
		(void)gd_keras_fail(k, GD_E_INPUT, "padding causal makes sense for one spatial axis only");
	for (int i = 0; i < GD_MAX_SPATIAL; i++)
		image.kernel[i] = image.strides[i] = image.dilation[i] = 1;
	gd_keras_sizes(k, "strides", spatial, 1, 1, 1 << 16, image.strides);
	gd_keras_sizes(k, "dilation_rate", spatial, 1, 1, 1 << 16, image.dilation);
	return image;
}

void gd_image_kernel(gd_keras *k, gd_image *image)
{
	if (image->spatial == 2 && gd_keras_get(k->now, "nb_row")) { /* Keras 1 */
		image->kernel[0] = gd_keras_whole(k, "nb_row", 1, 1 << 16);
		image->kernel[1] = gd_keras_whole(k, "nb_col", 1, 1 << 16);
		return;
	}
	if (!gd_keras_get(k->now, "kernel_size"))
		(void)gd_keras_fail(k, GD_E_INPUT, "has no kernel_size");
	gd_keras_sizes(k, "kernel_size", image->spatial, 1, 1, 1 << 16, image->kernel);
}

int64_t gd_image_channels(gd_keras *k, const gd_image *image)
{
	int64_t channels = image->flow.shape.dim[image->channel];
	if (channels < 1)
		(void)gd_keras_fail(k, GD_E_INPUT, "the number of channels of its input is not known");
	return channels < 1 ? 1 : channels;
}

static int64_t effective(const gd_image *image, int i)
{
	return (image->kernel[i] - 1) * image->dilation[i] + 1;
}

/* Padding before and after along spatial axis i; TensorFlow's "same" puts the odd one behind. */
static void pads_of(const gd_image *image, int i, int64_t size, int64_t *before, int64_t *after)
{
	int64_t window = effective(image, i), stride = image->strides[i];
	*before = *after = 0;
	if (image->padding == GD_PAD_CAUSAL)
		*before = window - 1;
	if (image->padding != GD_PAD_SAME)
		return;
	int64_t total = ((size + stride - 1) / stride - 1) * stride + window - size;
	total = total > 0 ? total : 0;
	*before = total / 2;
	*after = total - total / 2;
}

static int64_t size_out(gd_keras *k, const gd_image *image, int i, int64_t size)
{
	int64_t stride = image->strides[i], window = effective(image, i);
	if (size < 0)
		return -1;
	if (image->padding != GD_PAD_VALID)
		return (size + stride - 1) / stride;
	if (size < window) {
		(void)gd_keras_fail(k, GD_E_INPUT, "its window of %lld does not fit into %lld", (long long)window, (long long)size);
		return 1;
	}
	return (size - window) / stride + 1;
}

void gd_image_window(gd_keras *k, gd_image *image, bool dilated)
{
	int64_t pads[2 * GD_MAX_SPATIAL] = { 0 };
	bool known = true;
	size_t n = (size_t)image->spatial;
	for (int i = 0; i < image->spatial; i++) {
		int64_t size = image->flow.shape.dim[image->first + i];
		known = known && size >= 0;
		pads_of(image, i, size < 0 ? 1 : size, &pads[i], &pads[i + image->spatial]);
		gd_keras_dim(k, &image->flow.shape, image->first + i, size_out(k, image, i, size));
	}
	gd_put_ints(k, "strides", image->strides, n);
	if (dilated)
		gd_put_ints(k, "dilations", image->dilation, n);
	if (image->padding == GD_PAD_SAME && !known)
		gd_put_string(k, "auto_pad", "SAME_UPPER");
	else
		gd_put_ints(k, "pads", pads, 2 * n);
}

void gd_image_set_channels(gd_keras *k, gd_image *image, int64_t channels)
{
	gd_keras_dim(k, &image->flow.shape, image->channel, channels);
}
