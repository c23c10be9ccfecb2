/* images.h - a folder of PNG and JPEG images as tests: one image a test, in subfolders that are the classes, or flat.
 *
 * Subfolders and files are taken in the order of their names (strcmp); names that begin with a dot and files that are no
 * images by their ending are passed over. Images are decoded a batch at a time, brought to one size and given as float32 of
 * 0 to 255, channels last.
 */
#ifndef GD_IMAGES_H
#define GD_IMAGES_H
#include "data/rows.h"

bool gd_images_is(const char *path);
/* size: "HxW"; NULL: the model's, by gd_rows_size_images. labels NULL: none are asked for; *labels NULL: the folder is flat. */
GD_MUST_USE gd_status gd_images_open(const char *path, const char *size, gd_rows **images, gd_rows **labels, gd_error *err);

#endif
