#include "model/keras/image.h"
#include <math.h>
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

const char *gd_image_weights(gd_keras *k, const gd_image *image, const char *name, int64_t in, int64_t out)
{
	int n = image->spatial;
	int64_t dims[5], permutation[5] = { n + 1, n }, shape[5] = { out, in };
	for (int i = 0; i < n; i++) {
		dims[i] = shape[i + 2] = image->kernel[i];
		permutation[i + 2] = i;
	}
	dims[n] = in;
	dims[n + 1] = out;
	return gd_keras_transposed(k, "", name, n + 2, dims, permutation, n + 2, shape);
}

/* Keys's kernel with a = -1/2 at distance x from 0 to 2. */
static float keys(double x)
{
	return (float)(x <= 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2);
}

/* What the places of one axis take from the places before: (to, from), or (from, to) when `across`. TensorFlow looks the
 * kernel up at 1,024 places, and drops weights outside the image. */
static const char *cubic_weights(gd_keras *k, int64_t from, int64_t to, bool across)
{
	enum { TABLE = 1024 };
	if (from * to > GD_KERAS_MAX_UNITS) {
		(void)gd_keras_fail(k, GD_E_LIMIT, "resizes %lld places to %lld, which is too many", (long long)from, (long long)to);
		return NULL;
	}
	float *weights = gd_keras_new(k, (size_t)(from * to), sizeof *weights);
	float scale = (float)from / (float)to;
	for (int64_t i = 0; weights && i < to; i++) {
		float at = ((float)i + 0.5f) * scale - 0.5f, sum = 0, taps[4];
		int64_t first = (int64_t)floorf(at) - 1;
		double part = (double)lrintf((at - floorf(at)) * (float)TABLE) / (double)TABLE;
		for (int t = 0; t < 4; t++) {
			taps[t] = first + t < 0 || first + t >= from ? 0 : keys(fabs(part + 1 - t));
			sum += taps[t];
		}
		for (int t = 0; t < 4; t++)
			if (taps[t] != 0)
				weights[across ? (first + t) * to + i : i * from + first + t] = taps[t] / sum;
	}
	return gd_put_floats(k, "cubic", weights, 2, across ? (int64_t[]){ from, to } : (int64_t[]){ to, from });
}

void gd_image_bicubic(gd_keras *k, gd_image *image, const int64_t size[2])
{
	const int64_t *have = &image->flow.shape.dim[image->first];
	image->flow.name = gd_put2(k, "MatMul", cubic_weights(k, have[0], size[0], false), image->flow.name);
	image->flow.name = gd_put2(k, "MatMul", image->flow.name, cubic_weights(k, have[1], size[1], true));
	for (int i = 0; i < 2; i++)
		gd_keras_dim(k, &image->flow.shape, image->first + i, size[i]);
}
