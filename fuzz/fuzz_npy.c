/* Any bytes as a file of tests: all numbers are read in each way, in batches; the sanitizers watch. */
#include "data/rows.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_all(gd_rows *rows)
{
	const gd_rows_info *info = gd_rows_about(rows);
	const int64_t batch = info->count < 5 ? info->count : 5;
	const size_t numbers = info->width * (size_t)batch;
	double *doubles = malloc(numbers * sizeof *doubles);
	if (!doubles)
		abort();
	for (int64_t first = 0; first < info->count; first += batch) {
		const int64_t count = info->count - first < batch ? info->count - first : batch;
		gd_error err = { 0 };
		if (gd_rows_doubles(rows, first, count, doubles, &err) != GD_OK ||
			gd_rows_floats(rows, first, count, (float *)doubles, &err) != GD_OK)
			abort();
		if (gd_rows_integers(rows, first, count, (int64_t *)doubles, &err) != GD_OK && !err.message[0])
			abort();
	}
	free(doubles);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	gd_rows *rows;
	gd_error err = { 0 };
	if (gd_rows_open_bytes("fuzz", bytes, size, &rows, &err) == GD_OK) {
		read_all(rows);
		gd_rows_close(rows);
	} else if (!err.message[0])
		abort();
	return 0;
}
