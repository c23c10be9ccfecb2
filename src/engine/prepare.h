/* prepare.h - preprocessing that lies outside the model: numbers scaled and normalized, images brought to the model's layout.
 *
 * A number becomes (number * scale - mean of its channel) / deviation of its channel, in double. Only inputs of real numbers
 * that are looked up in no table are scaled; the layout is that of the files, and the model's is told by its shape (where
 * both fit: Keras counts channels last, ONNX first).
 */
#ifndef GD_PREPARE_H
#define GD_PREPARE_H
#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>

enum { GD_PREPARE_CHANNELS = 64 };

typedef enum { GD_LAYOUT_AUTO, GD_LAYOUT_FIRST /* nchw */, GD_LAYOUT_LAST /* nhwc */ } gd_layout;

typedef struct {
	bool scales, normalizes;
	double scale;
	double mean[GD_PREPARE_CHANNELS], deviation[GD_PREPARE_CHANNELS];
	size_t channels; /* 1: the same for all */
	gd_layout layout;
} gd_preparation; /* = {0}: none */

/* As typed: "1/255" or "0.5"; "MEAN,STD", or a mean for each channel and then a deviation for each; "nchw", "nhwc", "auto".
 * NULL: none. */
GD_MUST_USE gd_status gd_preparation_parse(const char *scale, const char *normalize, const char *layout, gd_preparation *out, gd_error *err);
/* count numbers (float32, or float64 where wide) in place, row-major; axis: size of the channels' axis, after: numbers from one
 * channel to the next. */
void gd_preparation_apply(const gd_preparation *preparation, void *numbers, bool wide, size_t count, size_t axis, size_t after);

#endif
