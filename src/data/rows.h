/* rows.h - tests as rows of numbers, read from a file a batch at a time; never the whole file in memory.
 *
 * Format by content: .npy (little and big endian, C and Fortran order, bool, ints, float16/32/64), .npz (one array, or
 * FILE.npz:NAME), folders of PNG and JPEG images (images.h), IDX and IDX.gz (MNIST's), HDF5 (FILE.h5:PATH), .csv (whole in memory; columns after
 * the colon, see csv.c). To add a format: rows_format.h says how.
 */
#ifndef GD_ROWS_H
#define GD_ROWS_H
#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gd_rows gd_rows;

typedef enum { GD_NUMBER_BOOL, GD_NUMBER_INTEGER, GD_NUMBER_FLOAT } gd_number;

typedef struct {
	const char *path;   /* as given; for messages */
	int64_t count;      /* tests: the first dimension */
	int rank;           /* of one test: 0 for labels of shape (n) */
	int64_t dim[32];    /* of one test */
	size_t width;       /* numbers in one test: product of dim */
	gd_number kind;     /* of what the file stores */
	const char *dtype;  /* as the file writes it: "<f4" */
	const char *const *class_names; /* of labels that are words, or as gd_rows_name_classes was told; else NULL */
	size_t class_count;
	bool classes_told;  /* by gd_rows_name_classes */
	bool images;        /* height, width, channels; 0 and width 0 until they are known */
} gd_rows_info;

GD_MUST_USE gd_status gd_rows_open(const char *path, gd_rows **out, gd_error *err);
/* Inputs and labels; the same .csv for both means: its last column is the label, the others are inputs. */
GD_MUST_USE gd_status gd_rows_open_pair(
	const char *inputs, const char *labels, gd_rows **x, gd_rows **y, gd_error *err);
const gd_rows_info *gd_rows_about(const gd_rows *rows);
/* count x width numbers of the tests [first, first + count) into the caller's buffer, row-major. */
GD_MUST_USE gd_status gd_rows_floats(gd_rows *rows, int64_t first, int64_t count, float *out, gd_error *err);
GD_MUST_USE gd_status gd_rows_doubles(gd_rows *rows, int64_t first, int64_t count, double *out, gd_error *err);
/* Fails with the place of the first number that is no whole number. */
GD_MUST_USE gd_status gd_rows_integers(gd_rows *rows, int64_t first, int64_t count, int64_t *out, gd_error *err);
void gd_rows_close(gd_rows *rows);

/* The size that the images of a folder are brought to, and 1 or 3 channels. */
GD_MUST_USE gd_status gd_rows_size_images(gd_rows *rows, int64_t height, int64_t width, int64_t channels, gd_error *err);

/* Says the classes in the order of the model's outputs: "cat,dog,bird". Words are numbered so, and must be among them. */
GD_MUST_USE gd_status gd_rows_name_classes(gd_rows *rows, const char *list, gd_error *err);

/* Numbers already in memory (the Python package, the C API); borrowed until close. dtype as in .npy: "<f4", "<i8" ... */
GD_MUST_USE gd_status gd_rows_open_memory(const char *what, const void *data, const char *dtype, int rank, const int64_t *dims, gd_rows **out, gd_error *err);
/* The bytes of a .npy file, for fuzzing and archives; borrowed. */
GD_MUST_USE gd_status gd_rows_open_bytes(const char *path, const void *bytes, size_t size, gd_rows **out, gd_error *err);

#endif
