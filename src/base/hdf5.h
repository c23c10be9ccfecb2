/* hdf5.h - reads, in place, the small subset of HDF5 that Keras and h5py write (superblock 0, object headers 1, symbol
 * tables, contiguous layout). Anything outside it is refused by name. Never allocates by a size from the file without
 * checking it against the bytes present; all work is bounded; nothing outside `bytes` is ever opened.
 */
#ifndef GD_HDF5_H
#define GD_HDF5_H
#include "base/arena.h"
#include "base/bytes.h"
#include <stdbool.h>
#include <stddef.h>

enum { GD_H5_MAX_RANK = 8 };

typedef struct gd_h5 gd_h5;
typedef uint64_t gd_h5_object; /* address of an object header; 0: none */

/* h5 lies in arena; bytes are borrowed. */
GD_MUST_USE gd_status gd_h5_open(gd_bytes bytes, gd_arena *arena, gd_h5 **out, gd_error *err);
gd_h5_object gd_h5_root(const gd_h5 *h5);
/* A member of a group by path ("layers/dense/vars/0"); *out is 0 when there is none. */
GD_MUST_USE gd_status gd_h5_find(gd_h5 *h5, gd_h5_object group, const char *path, gd_h5_object *out, gd_error *err);
bool gd_h5_is_group(const gd_h5 *h5, gd_h5_object object);
/* Names of a group's members, sorted by strcmp as stored. */
GD_MUST_USE gd_status gd_h5_members(gd_h5 *h5, gd_h5_object group, const char *const **names, size_t *count, gd_error *err);

typedef struct {
	const char *name;  /* as given to gd_h5_read */
	const char *dtype; /* as numpy writes it: "<f4", "|b1"; "bfloat16" for what Keras marks so */
	int rank;
	int64_t dim[GD_H5_MAX_RANK];
	const void *data; /* row-major, little-endian, maybe unaligned */
	size_t bytes;
} gd_h5_array;

/* A dataset as a view into the file. name is for messages. */
GD_MUST_USE gd_status gd_h5_read(gd_h5 *h5, gd_h5_object dataset, const char *name, gd_h5_array *out, gd_error *err);
/* A text attribute; *out is NULL when the object has none of that name. Lists that Keras splits (name0, name1 ...) are
 * joined by gd_h5_texts. */
GD_MUST_USE gd_status gd_h5_text(gd_h5 *h5, gd_h5_object object, const char *name, const char **out, gd_error *err);
GD_MUST_USE gd_status gd_h5_texts(gd_h5 *h5, gd_h5_object object, const char *name, const char *const **out, size_t *count, gd_error *err);

#endif
