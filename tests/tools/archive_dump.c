/* archive_dump FILE - a line "name size crc" for every member, for comparing with Python's zipfile. */
#include "base/archive.h"
#include "base/file.h"
#include <zlib.h>

static gd_status dump(const gd_map *map, gd_arena *arena, gd_error *err)
{
	gd_archive archive;
	gd_status status = gd_archive_open(map->bytes, map->size, arena, &archive, err);
	for (size_t i = 0; status == GD_OK && i < archive.member_count; i++) {
		const gd_archive_member *m = &archive.members[i];
		const void *data;
		size_t size;
		status = gd_archive_read(&archive, m, arena, &data, &size, err);
		if (status == GD_OK)
			printf("%s %zu %lu\n", m->name, size, crc32_z(0, data, size));
	}
	return status;
}

int main(int argc, char **argv)
{
	gd_map map = { 0 };
	gd_arena arena = { 0 };
	gd_error err = { 0 };
	gd_status status =
		argc == 2 ? gd_map_open(argv[1], 0, &map, &err) : gd_fail(&err, GD_E_USAGE, "usage: archive_dump FILE");
	if (status == GD_OK)
		status = dump(&map, &arena, &err);
	if (status != GD_OK)
		fprintf(stderr, "%s\n", err.message);
	gd_arena_free(&arena);
	gd_map_close(&map);
	return (int)status;
}
