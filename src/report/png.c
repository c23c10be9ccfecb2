#include "report/png.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void put_u32(unsigned char *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(value >> (24 - 8 * i));
}

/* Length, kind, bytes, and the check sum over kind and bytes. */
static void put_chunk(gd_text *out, const char kind[4], const unsigned char *bytes, size_t size)
{
	unsigned char number[4];
	uLong sum = crc32(crc32(0, (const Bytef *)kind, 4), bytes, (uInt)size);
	put_u32(number, (uint32_t)size);
	gd_text_add(out, number, 4);
	gd_text_add(out, kind, 4);
	gd_text_add(out, bytes, size);
	put_u32(number, (uint32_t)sum);
	gd_text_add(out, number, 4);
}

static void put_palette(gd_text *out, const gd_color *palette, size_t size)
{
	unsigned char colors[3 * 256], alphas[256];
	for (size_t i = 0; i < size; i++) {
		colors[3 * i] = palette[i].red;
		colors[3 * i + 1] = palette[i].green;
		colors[3 * i + 2] = palette[i].blue;
		alphas[i] = palette[i].alpha;
	}
	put_chunk(out, "PLTE", colors, 3 * size);
	put_chunk(out, "tRNS", alphas, size);
}

gd_status gd_png_put(gd_text *out, const uint8_t *pixels, uint32_t width, uint32_t height, const gd_color *palette, size_t palette_size, gd_error *err)
{
	unsigned char head[13] = { 0 };
	size_t raw_size = (size_t)height * (width + 1);
	uLongf packed_size = compressBound((uLong)raw_size);
	unsigned char *raw = malloc(raw_size + 1), *packed = malloc(packed_size);
	if (!raw || !packed) {
		free(raw);
		free(packed);
		return gd_fail_memory(err, "drawing a picture");
	}
	for (uint32_t row = 0; row < height; row++) {
		raw[(size_t)row * (width + 1)] = 0; /* no filter */
		memcpy(raw + (size_t)row * (width + 1) + 1, pixels + (size_t)row * width, width);
	}
	bool fine = compress2(packed, &packed_size, raw, (uLong)raw_size, 9) == Z_OK;
	put_u32(head, width);
	put_u32(head + 4, height);
	head[8] = 8; /* bits */
	head[9] = 3; /* palette */
	gd_text_add(out, "\x89PNG\r\n\x1a\n", 8);
	put_chunk(out, "IHDR", head, sizeof head);
	put_palette(out, palette, palette_size);
	put_chunk(out, "IDAT", packed, packed_size);
	put_chunk(out, "IEND", head, 0);
	free(raw);
	free(packed);
	return fine ? GD_OK : gd_fail_memory(err, "drawing a picture");
}
