/* image.h - what convolutions and poolings share: values with 1 to 3 spatial axes, channels-first in the graph. */
#ifndef GD_KERAS_IMAGE_H
#define GD_KERAS_IMAGE_H
#include "model/keras/keras.h"

enum { GD_MAX_SPATIAL = 3 };

typedef enum { GD_PAD_VALID, GD_PAD_SAME, GD_PAD_CAUSAL } gd_padding;

typedef struct {
	gd_flow flow;
	int spatial;   /* 1, 2 or 3 axes */
	int first;     /* the Keras axis of the first of them */
	int channel;   /* the Keras axis of the channels */
	int64_t kernel[GD_MAX_SPATIAL], strides[GD_MAX_SPATIAL], dilation[GD_MAX_SPATIAL];
	gd_padding padding;
} gd_image;

/* The layer's input with its data_format, strides, dilation_rate and padding; the graph's value is channels-first. */
gd_image gd_image_in(gd_keras *k, gd_keras_call *call, int spatial);
/* kernel_size, or nb_row and nb_col of Keras 1. */
void gd_image_kernel(gd_keras *k, gd_image *image);
/* The weight (positions..., in, out) as an initializer (out, in, positions...). */
const char *gd_image_weights(gd_keras *k, const gd_image *image, const char *name, int64_t in, int64_t out);
int64_t gd_image_channels(gd_keras *k, const gd_image *image);
/* Attributes of the last node (Conv, MaxPool ...) and the shape that comes out of it. */
void gd_image_window(gd_keras *k, gd_image *image, bool dilated);
/* Two spatial axes of known sizes brought to others as TensorFlow does by bicubic interpolation. */
void gd_image_bicubic(gd_keras *k, gd_image *image, const int64_t size[2]);
void gd_image_set_channels(gd_keras *k, gd_image *image, int64_t channels);

#endif
