/* libjpeg-turbo's part of image.h. Its errors are long jumps: what must survive one lies in `reading`, never in a local. */
#include "data/image.h"
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* needs FILE and size_t before it */
#include <jpeglib.h>
#include <jerror.h>

typedef struct {
	struct jpeg_error_mgr errors; /* first: libjpeg hands it back */
	struct jpeg_progress_mgr progress;
	struct jpeg_decompress_struct jpeg;
	gd_arena *arena;
	gd_image *out;
	gd_error *err;
	gd_status status;
	bool cut_off, too_many;
	jmp_buf jump;
	char message[JMSG_LENGTH_MAX];
} reading;

static void on_error(j_common_ptr jpeg)
{
	reading *r = (reading *)(void *)jpeg->err;
	r->errors.format_message(jpeg, r->message);
	longjmp(r->jump, 1);
}

static void on_message(j_common_ptr jpeg, int level)
{
	reading *r = (reading *)(void *)jpeg->err;
	if (level < 0 && (r->errors.msg_code == JWRN_JPEG_EOF || r->errors.msg_code == JWRN_HIT_MARKER || r->errors.msg_code == JWRN_HUFF_BAD_CODE))
		r->cut_off = true;
}

/* A small file may hold thousands of scans over a large image. */
static void on_progress(j_common_ptr jpeg)
{
	reading *r = (reading *)(void *)jpeg->err;
	if (r->jpeg.input_scan_number > GD_IMAGE_MAX_SCANS) {
		r->too_many = true;
		snprintf(r->message, sizeof r->message, "more than %d scans", GD_IMAGE_MAX_SCANS);
		longjmp(r->jump, 1);
	}
}

/* Whatever fails in here jumps out; `r` is all that is looked at afterwards. */
static void read_all(reading *r, const unsigned char *bytes, size_t size)
{
	struct jpeg_decompress_struct *jpeg = &r->jpeg;
	jpeg_create_decompress(jpeg);
	jpeg->progress = &r->progress;
	jpeg_mem_src(jpeg, bytes, (unsigned long)size);
	jpeg_read_header(jpeg, TRUE);
	if (jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK) {
		r->status = gd_fail(r->err, GD_E_UNSUPPORTED, "is a JPEG in CMYK; save it in RGB");
		return;
	}
	const size_t channels = jpeg->num_components == 1 ? 1 : 3;
	jpeg->out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
	r->status = gd_image_room(r->arena, jpeg->image_width, jpeg->image_height, channels, r->out, r->err);
	if (r->status != GD_OK)
		return;
	jpeg_start_decompress(jpeg);
	while (jpeg->output_scanline < jpeg->output_height) {
		JSAMPROW line = r->out->pixels + (size_t)jpeg->output_scanline * r->out->width * channels;
		jpeg_read_scanlines(jpeg, &line, 1);
	}
	jpeg_finish_decompress(jpeg);
}

gd_status gd_image_jpeg(const unsigned char *bytes, size_t size, gd_arena *arena, gd_image *out, gd_error *err)
{
	reading *r = gd_arena_new(arena, 1, sizeof *r);
	if (!r)
		return gd_fail_memory(err, "decoding an image");
	r->arena = arena;
	r->out = out;
	r->err = err;
	r->jpeg.err = jpeg_std_error(&r->errors);
	r->errors.error_exit = on_error;
	r->errors.emit_message = on_message;
	r->progress.progress_monitor = on_progress;
	if (setjmp(r->jump) == 0)
		read_all(r, bytes, size);
	else
		r->status = gd_fail(err, r->too_many ? GD_E_LIMIT : GD_E_INPUT, "is a damaged JPEG (%s); save it again", r->message);
	jpeg_destroy_decompress(&r->jpeg);
	if (r->status == GD_OK && r->cut_off)
		r->status = gd_fail(err, GD_E_INPUT, "is a damaged JPEG (it is cut off, or its data is corrupt); save it again");
	return r->status;
}
