/* A dataset of an HDF5 file, as h5py writes it unless told otherwise: FILE.h5:PATH, or the only one there is. */
#include "base/hdf5.h"
#include "base/text.h"
#include "data/rows_format.h"
#include <string.h>

enum { MAX_NAMED = 8, MAX_DEPTH = 32 };

/* The datasets found, for choosing the only one and for naming them all. */
typedef struct {
	gd_h5 *h5;
	gd_arena *arena;
	gd_text names;
	const char *last; /* path of the last one */
	gd_h5_object only;
	size_t count;
} listing;

static gd_status list(listing *l, gd_h5_object object, const char *path, int depth, gd_error *err)
{
	const char *const *names;
	size_t count;
	if (!gd_h5_is_group(l->h5, object)) {
		if (l->count++ < MAX_NAMED)
			gd_text_printf(&l->names, "%s%s", l->names.length ? ", " : "", path);
		l->only = object;
		l->last = path;
		return GD_OK;
	}
	gd_status status = gd_h5_members(l->h5, object, &names, &count, err);
	for (size_t i = 0; status == GD_OK && i < count && depth < MAX_DEPTH; i++) {
		gd_h5_object child;
		const char *below = gd_arena_printf(l->arena, "%s%s%s", path, *path ? "/" : "", names[i]);
		if (!below)
			return gd_fail_memory(err, "opening the tests");
		status = gd_h5_find(l->h5, object, names[i], &child, err);
		if (status == GD_OK)
			status = list(l, child, below, depth + 1, err);
	}
	return status;
}

static gd_status ask_which(const gd_rows *rows, const listing *l, const char *name, gd_error *err)
{
	const char *path = rows->info.path;
	const int file = (int)(strlen(path) - (name ? strlen(name) + 1 : 0));
	const char *more = l->count > MAX_NAMED ? ", and more" : "",
			   *names = l->names.bytes ? l->names.bytes : "no dataset";
	if (l->count == 0)
		return gd_fail(err, GD_E_INPUT, "is an HDF5 file without datasets");
	if (name)
		return gd_fail(err, GD_E_USAGE, "has no dataset %s; it holds %s%s: say which, as %.*s:%s", name, names, more,
			file, path, l->last);
	return gd_fail(err, GD_E_USAGE, "holds %s%s; say which: %.*s:%s", names, more, file, path, l->last);
}

/* The dataset that was named, or the only one. */
static gd_status choose(gd_rows *rows, listing *l, const char *name, gd_h5_object *out, gd_error *err)
{
	gd_status status = GD_OK;
	*out = 0;
	if (name)
		status = gd_h5_find(l->h5, gd_h5_root(l->h5), name, out, err);
	if (status != GD_OK || (*out && !gd_h5_is_group(l->h5, *out)))
		return status;
	status = list(l, gd_h5_root(l->h5), "", 0, err);
	if (status != GD_OK)
		return status;
	*out = l->only;
	return name || l->count != 1 ? ask_which(rows, l, name, err) : GD_OK;
}

gd_status gd_rows_read_h5(gd_rows *rows, const unsigned char *bytes, size_t size, const char *name, gd_error *err)
{
	listing l = { .arena = &rows->arena };
	gd_h5_object dataset;
	gd_h5_array array;
	gd_status status = gd_h5_open((gd_bytes){ bytes, size }, &rows->arena, &l.h5, err);
	if (status != GD_OK)
		return status;
	status = choose(rows, &l, name, &dataset, err);
	gd_text_free(&l.names);
	if (status == GD_OK)
		status = gd_h5_read(l.h5, dataset, name ? name : l.last, &array, err);
	return status == GD_OK ? gd_rows_set(rows, array.dtype, array.rank, array.dim, false, array.data, array.bytes, err)
						   : status;
}
