#include "base/folder.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void gd_folder_abort(const gd_folder *folder)
{
	DIR *open = opendir(folder->path);
	struct dirent *item;
	char path[4096];
	while (open && (item = readdir(open))) {
		int length = snprintf(path, sizeof path, "%s/%s", folder->path, item->d_name);
		if (length > 0 && (size_t)length < sizeof path && strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0)
			unlink(path);
	}
	if (open)
		closedir(open);
	rmdir(folder->path);
}

static gd_status check_target(const char *target, gd_error *err)
{
	DIR *open = opendir(target);
	if (!open)
		return errno == ENOENT ? GD_OK : gd_fail(err, GD_E_USAGE, "%s: cannot be the output folder: %s", target, strerror(errno));
	size_t items = 0;
	while (readdir(open))
		items++;
	closedir(open);
	return items <= 2 ? GD_OK : gd_fail(err, GD_E_USAGE, "%s: the output folder exists and is not empty; choose another -o", target);
}

gd_status gd_folder_open(const char *target, gd_arena *arena, gd_folder *out, gd_error *err)
{
	gd_status status = check_target(target, err);
	if (status != GD_OK)
		return status;
	size_t length = strlen(target);
	while (length > 1 && target[length - 1] == '/')
		length--;
	out->target = gd_arena_text(arena, target, length);
	out->path = gd_arena_printf(arena, "%.*s.%ld.part", (int)length, target, (long)getpid());
	if (!out->target || !out->path)
		return gd_fail_memory(err, "making the output folder");
	if (mkdir(out->path, 0777) != 0)
		return gd_fail(err, GD_E_INTERNAL, "%s: cannot make the folder: %s", out->path, strerror(errno));
	return GD_OK;
}

gd_status gd_folder_commit(const gd_folder *folder, gd_error *err)
{
	if (rename(folder->path, folder->target) == 0)
		return GD_OK;
	gd_status status = gd_fail(err, GD_E_INTERNAL, "%s: cannot make the folder: %s", folder->target, strerror(errno));
	gd_folder_abort(folder);
	return status;
}
