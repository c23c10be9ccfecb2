/* file.h - the only doors to the file system: reading a whole regular file through a mapping, and writing one that is
 * either complete or absent.
 */
#ifndef GD_FILE_H
#define GD_FILE_H
#include "base/error.h"
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct {
	const unsigned char *bytes; /* NULL when closed */
	size_t size;
} gd_map;

/* Maps a regular, non-empty file of at most max_bytes (0: no limit). Never blocks on a FIFO or device: they are refused. */
GD_MUST_USE gd_status gd_map_open(const char *path, uint64_t max_bytes, gd_map *out, gd_error *err);
/* Tells the system that pages of [offset, offset + length) are not needed again, so streaming keeps memory flat. */
void gd_map_forget(const gd_map *map, size_t offset, size_t length);
void gd_map_close(gd_map *map);

/* A file in the making: written beside its target under a random name, put in place by gd_output_commit with one rename.
 * path "-" writes to standard output; a device or a pipe is written in place, and a link stays a link.
 * Exactly one of commit and abort ends it; abort accepts a zeroed struct. */
typedef struct {
	FILE *stream;
	char *path, *temporary;
} gd_output;

GD_MUST_USE gd_status gd_output_open(const char *path, gd_output *out, gd_error *err);
GD_MUST_USE gd_status gd_output_commit(gd_output *output, gd_error *err);
void gd_output_abort(gd_output *output);

#endif
