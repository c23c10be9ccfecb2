/* archive.h - members of a zip archive held in memory: stored ones are views, deflated ones are unpacked into an arena.
 *
 * The central directory is the truth, local headers must agree, members must not overlap, names are unique and relative,
 * nothing is encrypted, unpacked sizes obey a ratio and a cumulative budget, CRCs are checked. Serves .keras and .npz.
 */
#ifndef GD_ARCHIVE_H
#define GD_ARCHIVE_H
#include "base/arena.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct {
	const char *name;
	size_t offset, packed, unpacked; /* of the data in the file */
	uint32_t crc;
	bool deflated;
} gd_archive_member;

typedef struct {
	const unsigned char *bytes;
	size_t size;
	gd_archive_member *members; /* in directory order */
	size_t member_count;
	size_t budget; /* bytes that may still be unpacked */
} gd_archive;

GD_MUST_USE gd_status gd_archive_open(const void *bytes, size_t size, gd_arena *arena, gd_archive *out, gd_error *err);
const gd_archive_member *gd_archive_find(const gd_archive *archive, const char *name); /* NULL when absent */
GD_MUST_USE gd_status gd_archive_read(gd_archive *archive, const gd_archive_member *member, gd_arena *arena, const void **bytes, size_t *size, gd_error *err);

#endif
