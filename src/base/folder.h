/* folder.h - a folder of output files that is complete or absent: made beside its target under another name, put in place
 * by gd_folder_commit with one rename.
 *
 * The target must not exist, or be empty. Exactly one of commit and abort ends it; abort removes what is in it, which is of
 * our own making.
 */
#ifndef GD_FOLDER_H
#define GD_FOLDER_H
#include "base/arena.h"

typedef struct {
	const char *target, *path; /* path: where the files go until it is put in place */
} gd_folder;

/* Paths lie in the arena. */
GD_MUST_USE gd_status gd_folder_open(const char *target, gd_arena *arena, gd_folder *out, gd_error *err);
GD_MUST_USE gd_status gd_folder_commit(const gd_folder *folder, gd_error *err); /* on failure it is removed */
void gd_folder_abort(const gd_folder *folder);

#endif
