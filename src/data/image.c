#include "data/image.h"
#include <math.h>
#include <string.h>

static const struct {
	const char *magic;
	size_t size;
	gd_status (*decode)(const unsigned char *bytes, size_t size, gd_arena *arena, gd_image *out, gd_error *err);
} decoders[] = { { "\x89PNG\r\n\x1a\n", 8, gd_image_png }, { "\xff\xd8\xff", 3, gd_image_jpeg } };

static int decoder_of(const unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < sizeof decoders / sizeof decoders[0]; i++)
		if (size >= decoders[i].size && memcmp(bytes, decoders[i].magic, decoders[i].size) == 0)
			return (int)i;
	return -1;
}

bool gd_image_is_known(const unsigned char *bytes, size_t size)
{
	return decoder_of(bytes, size) >= 0;
}

gd_status gd_image_room(gd_arena *arena, size_t width, size_t height, size_t channels, gd_image *out, gd_error *err)
{
	if (width == 0 || height == 0)
		return gd_fail(err, GD_E_INPUT, "is an image without pixels");
	if (width > GD_IMAGE_MAX_SIDE || height > GD_IMAGE_MAX_SIDE || width * height > GD_IMAGE_MAX_PIXELS)
		return gd_fail(err, GD_E_LIMIT, "is an image of %zu x %zu pixels; the limit is %d on a side and %d in all", width, height, GD_IMAGE_MAX_SIDE,
			GD_IMAGE_MAX_PIXELS);
	*out = (gd_image){ width, height, channels, gd_arena_new(arena, width * height, channels) };
	return out->pixels ? GD_OK : gd_fail_memory(err, "decoding an image");
}

gd_status gd_image_decode(const unsigned char *bytes, size_t size, gd_arena *arena, gd_image *out, gd_error *err)
{
	const int at = decoder_of(bytes, size);
	if (at < 0)
		return gd_fail(err, GD_E_INPUT, "is neither PNG nor JPEG by its content");
	return decoders[at].decode(bytes, size, arena, out, err);
}

/* Grey of ITU-R 601-2 in 16 bits of fraction, as Pillow rounds it. */
static unsigned char grey_of(const unsigned char *rgb)
{
	return (unsigned char)((rgb[0] * 19595u + rgb[1] * 38470u + rgb[2] * 7471u + 0x8000u) >> 16);
}

static gd_status convert(const gd_image *image, size_t channels, gd_arena *arena, gd_image *out, gd_error *err)
{
	gd_status status = gd_image_room(arena, image->width, image->height, channels, out, err);
	for (size_t i = 0; status == GD_OK && i < image->width * image->height; i++)
		if (channels == 1)
			out->pixels[i] = grey_of(image->pixels + 3 * i);
		else
			memset(out->pixels + 3 * i, image->pixels[i], 3);
	return status;
}

/* Where the at-th of `to` pixels lies among `from`: between two of them, in float as the original computes it. */
typedef struct {
	size_t low, high;
	float share; /* of the high one */
} between;

static between place(size_t at, size_t to, size_t from)
{
	const float scale = (float)from / (float)to, in = ((float)at + 0.5f) * scale - 0.5f, floored = floorf(in);
	between b = { .low = floored > 0 ? (size_t)floored : 0, .share = in - floored };
	const float above = ceilf(in);
	b.high = above > 0 ? (size_t)above : 0;
	b.high = b.high < from ? b.high : from - 1;
	b.low = b.low < from ? b.low : from - 1;
	return b;
}

gd_status gd_image_resize(const gd_image *image, size_t height, size_t width, size_t channels, gd_arena *arena, float *out, gd_error *err)
{
	gd_image converted = *image;
	gd_status status = channels == image->channels ? GD_OK : convert(image, channels, arena, &converted, err);
	if (status != GD_OK)
		return status;
	const size_t line = converted.width * channels;
	for (size_t y = 0; y < height; y++) {
		const between v = place(y, height, converted.height);
		const unsigned char *upper = converted.pixels + v.low * line, *lower = converted.pixels + v.high * line;
		for (size_t x = 0; x < width; x++) {
			const between h = place(x, width, converted.width);
			for (size_t c = 0; c < channels; c++) {
				const float tl = upper[h.low * channels + c], tr = upper[h.high * channels + c];
				const float bl = lower[h.low * channels + c], br = lower[h.high * channels + c];
				const float top = tl + (tr - tl) * h.share, bottom = bl + (br - bl) * h.share;
				*out++ = top + (bottom - top) * v.share;
			}
		}
	}
	return GD_OK;
}
