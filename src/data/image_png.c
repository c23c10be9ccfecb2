/* libpng's part of image.h. Its errors are long jumps: what must survive one lies in `reading`, never in a local. */
#include "base/text.h"
#include "data/image.h"
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

enum { MAX_CHUNK = 8 << 20, MAX_CHUNKS = 1000 };

typedef struct {
	const unsigned char *bytes;
	size_t left;
	gd_arena *arena;
	gd_image *out;
	gd_error *err;
	png_bytep *lines;
	gd_status status;
	jmp_buf jump;
	char message[120];
} reading;

static void on_error(png_structp png, png_const_charp text)
{
	reading *r = png_get_error_ptr(png);
	snprintf(r->message, sizeof r->message, "%s", text);
	longjmp(r->jump, 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
	(void)png;
	(void)text;
}

static void on_read(png_structp png, png_bytep to, size_t size)
{
	reading *r = png_get_io_ptr(png);
	if (size > r->left)
		png_error(png, "it is cut off");
	memcpy(to, r->bytes, size);
	r->bytes += size;
	r->left -= size;
}

/* 8 bits, grey or RGB, nothing else done to the numbers. */
static size_t ask_for_plain(png_structp png, png_infop info)
{
	const png_byte type = png_get_color_type(png, info), depth = png_get_bit_depth(png, info);
	if (depth == 16)
		png_set_strip_16(png);
	if (type == PNG_COLOR_TYPE_PALETTE)
		png_set_palette_to_rgb(png);
	else if (depth < 8)
		png_set_expand_gray_1_2_4_to_8(png);
	if ((type & PNG_COLOR_MASK_ALPHA) || png_get_valid(png, info, PNG_INFO_tRNS))
		png_set_strip_alpha(png);
	png_set_interlace_handling(png);
	png_read_update_info(png, info);
	return type == PNG_COLOR_TYPE_GRAY || type == PNG_COLOR_TYPE_GRAY_ALPHA ? 1 : 3;
}

/* Whatever fails in here jumps out; `r` is all that is looked at afterwards. */
static void read_all(reading *r, png_structp png, png_infop info)
{
	png_set_read_fn(png, r, on_read);
	png_set_user_limits(png, GD_IMAGE_MAX_SIDE, GD_IMAGE_MAX_SIDE);
	png_set_chunk_malloc_max(png, MAX_CHUNK);
	png_set_chunk_cache_max(png, MAX_CHUNKS);
	png_read_info(png, info);
	const size_t width = png_get_image_width(png, info), height = png_get_image_height(png, info), channels = ask_for_plain(png, info);
	r->status = gd_image_room(r->arena, width, height, channels, r->out, r->err);
	if (r->status != GD_OK)
		return;
	r->lines = gd_arena_new(r->arena, height, sizeof *r->lines);
	if (!r->lines || png_get_rowbytes(png, info) != width * channels) {
		r->status = r->lines ? gd_fail(r->err, GD_E_UNSUPPORTED, "is a PNG of a kind that dlguider does not read") : gd_fail_memory(r->err, "decoding an image");
		return;
	}
	for (size_t y = 0; y < height; y++)
		r->lines[y] = r->out->pixels + y * width * channels;
	png_read_image(png, r->lines);
	png_read_end(png, NULL);
}

gd_status gd_image_png(const unsigned char *bytes, size_t size, gd_arena *arena, gd_image *out, gd_error *err)
{
	reading r = { .bytes = bytes, .left = size, .arena = arena, .out = out, .err = err };
	png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &r, on_error, on_warning);
	png_infop info = png ? png_create_info_struct(png) : NULL;
	if (!info) {
		png_destroy_read_struct(&png, NULL, NULL);
		return gd_fail_memory(err, "decoding an image");
	}
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
	png_set_crc_action(png, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
#endif
	if (setjmp(r.jump) == 0)
		read_all(&r, png, info);
	else
		r.status = gd_fail(err, GD_E_INPUT, "is a damaged PNG (%s); save it again", r.message);
	png_destroy_read_struct(&png, &info, NULL);
	return r.status;
}
