/* png.h - a small picture as a PNG file in memory: one byte a pixel into a palette with transparency (PNG 1.2, type 3). */
#ifndef GD_PNG_H
#define GD_PNG_H
#include "base/text.h"
#include <stdint.h>

typedef struct {
	uint8_t red, green, blue, alpha;
} gd_color;

/* pixels: height rows of width indexes, each below palette_size (1..256). */
GD_MUST_USE gd_status gd_png_put(gd_text *out, const uint8_t *pixels, uint32_t width, uint32_t height, const gd_color *palette,
	size_t palette_size, gd_error *err);

#endif
