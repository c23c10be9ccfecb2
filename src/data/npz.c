/* NumPy's .npz: a zip archive of .npy files. Stored members are read in place, deflated ones are unpacked into memory.
 */
#include "base/archive.h"
#include "base/text.h"
#include "data/rows_format.h"
#include <string.h>

enum { MAX_NAMED = 8 }; /* arrays named in a message */

static bool is_array(const gd_archive_member *m)
{
	const size_t length = strlen(m->name);
	return length > 4 && strcmp(m->name + length - 4, ".npy") == 0;
}

static bool is_called(const gd_archive_member *m, const char *name)
{
	const size_t length = strlen(name);
	return strncmp(m->name, name, length) == 0 && (m->name[length] == 0 || strcmp(m->name + length, ".npy") == 0);
}

/* "holds x and y; say which: data.npz:y" */
static gd_status ask_which(
	const gd_rows *rows, const gd_archive *archive, size_t arrays, const char *name, gd_error *err)
{
	gd_text list = { 0 };
	size_t said = 0;
	const gd_archive_member *last = NULL;
	for (size_t i = 0; i < archive->member_count && said < MAX_NAMED; i++) {
		last = is_array(&archive->members[i]) ? &archive->members[i] : last;
		if (last == &archive->members[i])
			gd_text_printf(&list, "%s%.*s",
				said++ == 0      ? ""
				: said == arrays ? " and "
								 : ", ",
				(int)(strlen(last->name) - 4), last->name);
	}
	if (said < arrays)
		gd_text_printf(&list, " and %zu more", arrays - said);
	const char *path = rows->info.path, *colon = name ? strrchr(path, ':') : NULL;
	const int file = (int)(colon ? (size_t)(colon - path) : strlen(path)),
			  stem = last ? (int)strlen(last->name) - 4 : 0;
	gd_status status = name ? gd_fail(err, GD_E_USAGE, "holds %s, but no %s; say which: %.*s:%.*s",
								  list.bytes ? list.bytes : "", name, file, path, stem, last ? last->name : "")
							: gd_fail(err, GD_E_USAGE, "holds %s; say which: %.*s:%.*s", list.bytes ? list.bytes : "",
								  file, path, stem, last ? last->name : "");
	gd_text_free(&list);
	return status;
}

gd_status gd_rows_read_npz(gd_rows *rows, const unsigned char *bytes, size_t size, const char *name, gd_error *err)
{
	gd_archive archive;
	const gd_archive_member *chosen = NULL;
	size_t arrays = 0;
	gd_status status = gd_archive_open(bytes, size, &rows->arena, &archive, err);
	if (status != GD_OK)
		return status;
	for (size_t i = 0; i < archive.member_count; i++) {
		const gd_archive_member *m = &archive.members[i];
		arrays += is_array(m);
		if (is_array(m) && (name ? !chosen && is_called(m, name) : arrays == 1))
			chosen = m;
	}
	if (arrays == 0)
		return gd_fail(err, GD_E_INPUT, "is a zip archive without arrays; save the tests with numpy.savez");
	if (!chosen || (!name && arrays > 1))
		return ask_which(rows, &archive, arrays, name, err);
	const void *data;
	size_t length;
	status = gd_archive_read(&archive, chosen, &rows->arena, &data, &length, err);
	if (status == GD_OK && (length < 6 || memcmp(data, "\x93NUMPY", 6) != 0))
		status = gd_fail(err, GD_E_INPUT, "its entry %s is no NumPy array; save it again", chosen->name);
	return status == GD_OK ? gd_rows_read_npy(rows, data, length, NULL, err) : status;
}
