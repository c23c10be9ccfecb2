/* hdf5_format.h - what the files hdf5*.c share: the open file, object headers, types and spaces, as the HDF5 file
 * format specification (version 3.0) lays them out. Every address and length from the file goes through gd_h5_view.
 */
#ifndef GD_HDF5_FORMAT_H
#define GD_HDF5_FORMAT_H
#include "base/hdf5.h"

enum {
	GD_H5_MAX_DEPTH = 32,
	GD_H5_MAX_OBJECTS = 500000,
	GD_H5_MAX_NAME = 1024,
	GD_H5_MAX_ATTRIBUTES = 1000,
	GD_H5_MAX_CONTINUATIONS = 1000,
	GD_H5_MAX_PENDING = 16, /* continuations seen and not yet followed */
	GD_H5_MAX_LIST_CHUNKS = 10000,
	GD_H5_ENTRY_BYTES = 40 /* of a group's member in the file */
};

/* A group or dataset that the walk at opening has reached; each exactly once. */
typedef struct {
	gd_h5_object address;
	const char *const *names; /* of a group's members, strictly increasing; views into the file */
	const gd_h5_object *children;
	size_t count;
	bool is_group, open; /* open: the walk is inside it */
} gd_h5_node;

struct gd_h5 {
	const unsigned char *bytes;
	uint64_t size;
	gd_arena *arena;
	gd_h5_object root;
	gd_h5_node **table; /* open addressing by address; slot_count is a power of two */
	size_t slot_count, node_count;
	uint64_t entries;   /* members of all groups: each has bytes of its own, so the file's size bounds them */
	uint64_t declared;  /* bytes of all datasets, likewise */
	uint64_t text_left; /* bytes of text that may still be copied: many attributes may share one text of the file */
	uint64_t work;      /* structures that may still be looked at */
};

/* size bytes at `at`, or NULL when they are not all in the file. */
const unsigned char *gd_h5_view(const gd_h5 *h5, uint64_t at, uint64_t size);
GD_MUST_USE gd_status gd_h5_spend(gd_h5 *h5, gd_error *err);
/* "a group points to byte N of a file of M bytes" */
gd_status gd_h5_outside(const gd_h5 *h5, const char *what, uint64_t at, gd_error *err);
const gd_h5_node *gd_h5_node_at(const gd_h5 *h5, gd_h5_object address); /* NULL when the walk has not met it */

/* Object headers: the messages of one, continuation blocks included. */
enum {
	GD_H5_SPACE = 1,
	GD_H5_TYPE = 3,
	GD_H5_EXTERNAL = 7,
	GD_H5_LAYOUT = 8,
	GD_H5_FILTERS = 11,
	GD_H5_ATTRIBUTE = 12,
	GD_H5_SYMBOLS = 17
};

typedef struct {
	unsigned type;
	const unsigned char *data; /* NULL: no more messages */
	size_t size;
} gd_h5_message;

typedef struct {
	uint64_t at, end;
	struct {
		uint64_t at, length;
	} pending[GD_H5_MAX_PENDING];
	size_t pending_count, continuations, left; /* left: messages still to come */
	gd_h5_object header;
} gd_h5_cursor;

GD_MUST_USE gd_status gd_h5_messages(gd_h5 *h5, gd_h5_object header, gd_h5_cursor *cursor, gd_error *err);
GD_MUST_USE gd_status gd_h5_next(gd_h5 *h5, gd_h5_cursor *cursor, gd_h5_message *out, gd_error *err);

/* The messages that say what an object is; data NULL where there is none. */
typedef struct {
	gd_h5_message space, type, layout, filters, external, symbols;
} gd_h5_header;

GD_MUST_USE gd_status gd_h5_read_header(gd_h5 *h5, gd_h5_object object, gd_h5_header *out, gd_error *err);

/* Members of the group whose symbol table message is given, into node. */
GD_MUST_USE gd_status gd_h5_load_group(gd_h5 *h5, const gd_h5_message *symbols, gd_h5_node *node, gd_error *err);

typedef enum { GD_H5_NUMBER, GD_H5_FIXED_TEXT, GD_H5_VLEN_TEXT, GD_H5_OPAQUE, GD_H5_OTHER } gd_h5_kind;

typedef struct {
	gd_h5_kind kind;
	const char *dtype; /* of GD_H5_NUMBER */
	size_t size;       /* of one element in the file; never 0 */
	bool space_padded; /* of GD_H5_FIXED_TEXT */
	const char *name;  /* of GD_H5_OTHER: "a compound type" */
} gd_h5_type;

GD_MUST_USE gd_status gd_h5_read_type(const unsigned char *data, size_t size, gd_h5_type *out, gd_error *err);
/* count: product of the dimensions; 0 for a null dataspace. */
GD_MUST_USE gd_status gd_h5_read_space(
	const unsigned char *data, size_t size, gd_h5_array *out, size_t *count, gd_error *err);
/* Where a contiguous layout lies; *contiguous false for others. */
GD_MUST_USE gd_status gd_h5_read_layout(
	const gd_h5_message *layout, bool *contiguous, uint64_t *at, uint64_t *size, gd_error *err);

#define GD_H5_NOWHERE UINT64_MAX /* the address of what has no storage */

#endif
