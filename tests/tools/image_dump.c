/* image_dump FILE OUT [HxWxC]: the decoded pixels as bytes, or brought to a size as float32; prints "width height channels". */
#include "base/file.h"
#include "data/image.h"
#include <stdio.h>
#include <stdlib.h>

static gd_status write_sized(const gd_image *image, const char *size, gd_arena *arena, FILE *to, gd_error *err)
{
	size_t h = 0, w = 0, c = 0;
	if (sscanf(size, "%zux%zux%zu", &h, &w, &c) != 3)
		return GD_E_USAGE;
	float *out = gd_arena_new(arena, h * w * c, sizeof *out);
	gd_status status = out ? gd_image_resize(image, h, w, c, arena, out, err) : GD_E_LIMIT;
	if (status == GD_OK)
		fwrite(out, sizeof *out, h * w * c, to);
	return status;
}

int main(int argc, char **argv)
{
	gd_error err = { 0 };
	gd_arena arena = { 0 };
	gd_map map = { 0 };
	gd_image image;
	if (argc < 3)
		return 2;
	gd_status status = gd_map_open(argv[1], 0, &map, &err);
	if (status == GD_OK)
		status = gd_image_decode(map.bytes, map.size, &arena, &image, &err);
	FILE *to = status == GD_OK ? fopen(argv[2], "wb") : NULL;
	if (to) {
		printf("%zu %zu %zu\n", image.width, image.height, image.channels);
		if (argc > 3)
			status = write_sized(&image, argv[3], &arena, to, &err);
		else
			fwrite(image.pixels, image.channels, image.width * image.height, to);
		fclose(to);
	}
	if (status != GD_OK)
		fprintf(stderr, "%s\n", err.message);
	gd_map_close(&map);
	gd_arena_free(&arena);
	return (int)status;
}
