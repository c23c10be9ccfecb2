/* rows_dump FILE BATCH - what the readers of tests see, for comparing with numpy: the shape, then checksums of all
 * numbers as floats, doubles and whole numbers (or the sentence why not), read BATCH tests at a time.
 */
#include "data/rows.h"
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

typedef gd_status (*reader)(gd_rows *rows, int64_t first, int64_t count, void *out, gd_error *err);

static gd_status floats(gd_rows *rows, int64_t first, int64_t count, void *out, gd_error *err)
{
	return gd_rows_floats(rows, first, count, out, err);
}

static gd_status doubles(gd_rows *rows, int64_t first, int64_t count, void *out, gd_error *err)
{
	return gd_rows_doubles(rows, first, count, out, err);
}

static gd_status integers(gd_rows *rows, int64_t first, int64_t count, void *out, gd_error *err)
{
	return gd_rows_integers(rows, first, count, out, err);
}

static void dump(gd_rows *rows, int64_t batch, reader read, size_t size, const char *what)
{
	const gd_rows_info *info = gd_rows_about(rows);
	const size_t row = info->width * size;
	gd_error err = { 0 };
	gd_status status = GD_OK;
	uLong crc = 0;
	void *out = malloc(row * (size_t)batch);
	for (int64_t first = 0; first < info->count && status == GD_OK; first += batch) {
		const int64_t count = info->count - first < batch ? info->count - first : batch;
		status = out ? read(rows, first, count, out, &err) : GD_E_LIMIT;
		if (status == GD_OK)
			crc = crc32_z(crc, out, row * (size_t)count);
	}
	free(out);
	if (status == GD_OK)
		printf("%s %lu\n", what, crc);
	else
		printf("%s refused %s\n", what, err.message);
}

int main(int argc, char **argv)
{
	gd_rows *rows;
	gd_error err = { 0 };
	if (argc != 3)
		return GD_E_USAGE;
	gd_status status = gd_rows_open(argv[1], &rows, &err);
	if (status != GD_OK) {
		fprintf(stderr, "%s\n", err.message);
		return (int)status;
	}
	const gd_rows_info *info = gd_rows_about(rows);
	printf("count %lld width %zu kind %d dtype %s shape", (long long)info->count, info->width, (int)info->kind,
		info->dtype);
	for (int i = 0; i < info->rank; i++)
		printf(" %lld", (long long)info->dim[i]);
	for (size_t i = 0; i < info->class_count; i++)
		printf("%s%s", i ? "|" : " classes ", info->class_names[i]);
	printf("\n");
	const int64_t batch = strtol(argv[2], NULL, 10);
	dump(rows, batch, floats, sizeof(float), "floats");
	dump(rows, batch, doubles, sizeof(double), "doubles");
	dump(rows, batch, integers, sizeof(int64_t), "integers");
	gd_rows_close(rows);
	return 0;
}
