/* npy.h - .npy files written a piece at a time: version 1.0, C order, little-endian. Each piece opens and closes the file,
 * so any number of arrays can grow side by side. */
#ifndef GD_NPY_H
#define GD_NPY_H
#include "base/error.h"
#include "model/graph.h"

typedef struct {
	char *path;        /* borrowed */
	const char *dtype; /* "<f4" */
	size_t item;       /* bytes of a number */
	gd_shape shape;    /* whole, tests first; known from the first piece on */
	int64_t written;   /* tests so far */
} gd_npy;

/* Appends `count` tests, width numbers each; the first call writes the header with shape (tests, dims of one test). */
GD_MUST_USE gd_status gd_npy_append(gd_npy *file, const void *numbers, int64_t count, size_t width, gd_error *err);

#endif
