/* image.h - one PNG or JPEG image as rows of pixels, decoded by libpng and libjpeg-turbo.
 *
 * Values are those of Pillow's convert("RGB") or convert("L"): the alpha channel is dropped, 16 bits keep the upper 8, grey
 * from colours is ITU-R 601-2. Hostile files are one sentence: sizes are bounded before memory is taken, and so is the number
 * of scans of a progressive JPEG.
 */
#ifndef GD_IMAGE_H
#define GD_IMAGE_H
#include "base/arena.h"
#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>

enum { GD_IMAGE_MAX_SIDE = 16384, GD_IMAGE_MAX_PIXELS = 1 << 25, GD_IMAGE_MAX_SCANS = 100 };

typedef struct {
	size_t width, height, channels; /* channels 1 or 3 */
	unsigned char *pixels;          /* height x width x channels; in the arena given */
} gd_image;

bool gd_image_is_known(const unsigned char *bytes, size_t size);
/* As the file has it: grey or RGB. */
GD_MUST_USE gd_status gd_image_decode(const unsigned char *bytes, size_t size, gd_arena *arena, gd_image *out, gd_error *err);
/* Bilinear, without smoothing, pixel centres at halves: tf.image.resize, as keras.utils.image_dataset_from_directory does by
 * default. out: height x width x channels; another number of channels than the image's is converted first. */
GD_MUST_USE gd_status gd_image_resize(const gd_image *image, size_t height, size_t width, size_t channels, gd_arena *arena, float *out, gd_error *err);

/* For image.c: the two decoders. */
gd_status gd_image_png(const unsigned char *bytes, size_t size, gd_arena *arena, gd_image *out, gd_error *err);
gd_status gd_image_jpeg(const unsigned char *bytes, size_t size, gd_arena *arena, gd_image *out, gd_error *err);
gd_status gd_image_room(gd_arena *arena, size_t width, size_t height, size_t channels, gd_image *out, gd_error *err);

#endif
