/* rows_format.h - what the readers of test files share: an array somewhere in memory, and how its elements are stored.
 *
 * To add a format: (1) a file with a gd_rows_reader that finds the array in `bytes` and calls gd_rows_set, (2) a row in
 * rows.c, (3) tests and a fuzz target.
 */
#ifndef GD_ROWS_FORMAT_H
#define GD_ROWS_FORMAT_H
#include "base/arena.h"
#include "base/file.h"
#include "data/rows.h"

enum { GD_ROWS_MAX_RANK = 32 };

/* How one number is stored. value and whole take its bits, low byte first; whole is NULL for floats. */
typedef struct {
	const char *code; /* numpy's: "f4" */
	size_t size;
	gd_number kind;
	double (*value)(uint64_t bits);
	int64_t (*whole)(uint64_t bits);
} gd_element;

struct gd_rows {
	gd_rows_info info;
	gd_arena arena;
	gd_map map; /* closed for rows in memory */
	const unsigned char *data;
	const gd_element *element;
	/* Instead of data: count x width numbers of the tests [first, first + count), made when they are asked for. */
	gd_status (*read)(gd_rows *rows, int64_t first, int64_t count, float *out, gd_error *err);
	struct gd_image_files *folder; /* of images */
	bool big_endian, fortran; /* fortran: the first index runs fastest */
};

gd_rows *gd_rows_new(const char *path); /* NULL: memory is out */

/* Fills rows from the array found: dtype as numpy writes it ("<f4"), the number of tests first in dims. Refuses types
 * that are no numbers, shapes without tests, and a shape that does not need exactly `size` bytes. */
GD_MUST_USE gd_status gd_rows_set(gd_rows *rows, const char *dtype, int rank, const int64_t *dims, bool fortran,
	const void *data, size_t size, gd_error *err);

/* name: which array of the file, NULL when the user named none. */
typedef gd_status (*gd_rows_reader)(
	gd_rows *rows, const unsigned char *bytes, size_t size, const char *name, gd_error *err);

gd_status gd_rows_read_npy(gd_rows *rows, const unsigned char *bytes, size_t size, const char *name, gd_error *err);
gd_status gd_rows_read_npz(gd_rows *rows, const unsigned char *bytes, size_t size, const char *name, gd_error *err);
gd_status gd_rows_read_h5(gd_rows *rows, const unsigned char *bytes, size_t size, const char *name, gd_error *err);
gd_status gd_rows_read_csv(gd_rows *rows, const unsigned char *bytes, size_t size, const char *name, gd_error *err);
bool gd_rows_is_csv(const unsigned char *bytes, size_t size); /* it is text */
gd_status gd_rows_read_idx(gd_rows *rows, const unsigned char *bytes, size_t size, const char *name, gd_error *err);
gd_status gd_rows_read_gzip(gd_rows *rows, const unsigned char *bytes, size_t size, const char *name, gd_error *err); /* IDX.gz */

#endif
