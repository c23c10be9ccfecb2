#include "base/checked.h"
#include "data/images.h"
#include "data/rows_format.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FORGET_FROM = 16 << 20 }; /* smaller arrays may stay in memory */

/* How a file is told by its first bytes, and who reads it; a reader of NULL: what people try and nobody takes. */
static const struct {
	const char *magic;
	size_t size;
	gd_rows_reader read;
	const char *advice;
} formats[] = {
	{ "\x93NUMPY", 6, gd_rows_read_npy, NULL },
	{ "PK\3\4", 4, gd_rows_read_npz, NULL },
	{ "PK\5\6", 4, gd_rows_read_npz, NULL },
	{ "\0\0\x08", 3, gd_rows_read_idx, NULL },
	{ "\0\0\x09", 3, gd_rows_read_idx, NULL },
	{ "\0\0\x0b", 3, gd_rows_read_idx, NULL },
	{ "\0\0\x0c", 3, gd_rows_read_idx, NULL },
	{ "\0\0\x0d", 3, gd_rows_read_idx, NULL },
	{ "\0\0\x0e", 3, gd_rows_read_idx, NULL },
	{ "\x1f\x8b", 2, gd_rows_read_gzip, NULL },
	{ "\x80\x02", 2, NULL, "looks like a pickle, which dlguider never opens; save the array with numpy.save" },
	{ "\x80\x03", 2, NULL, "looks like a pickle, which dlguider never opens; save the array with numpy.save" },
	{ "\x80\x04", 2, NULL, "looks like a pickle, which dlguider never opens; save the array with numpy.save" },
	{ "\x80\x05", 2, NULL, "looks like a pickle, which dlguider never opens; save the array with numpy.save" },
	{ "\x89HDF\r\n\x1a\n", 8, gd_rows_read_h5, NULL },
};

static gd_status unknown_format(const unsigned char *bytes, size_t size, gd_error *err)
{
	char start[4 * 3 + 1] = "";
	for (size_t i = 0; i < 4 && i < size; i++)
		snprintf(start + 3 * i, 4, " %02x", bytes[i]);
	return gd_fail(err, GD_E_INPUT,
		"is no file of tests that dlguider knows (starts with%s); it reads .npy, .npz, .csv, HDF5, IDX, IDX.gz and folders of images: "
		"save the tests with numpy.save",
		start);
}

static gd_status read_content(gd_rows *rows, const unsigned char *bytes, size_t size, const char *name, gd_error *err)
{
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		if (size < formats[i].size || memcmp(bytes, formats[i].magic, formats[i].size) != 0)
			continue;
		if (formats[i].read)
			return formats[i].read(rows, bytes, size, name, err);
		return gd_fail(err, GD_E_INPUT, "%s", formats[i].advice);
	}
	return gd_rows_is_csv(bytes, size) ? gd_rows_read_csv(rows, bytes, size, name, err)
									   : unknown_format(bytes, size, err);
}

gd_rows *gd_rows_new(const char *path)
{
	gd_rows *rows = calloc(1, sizeof *rows);
	if (!rows)
		return NULL;
	rows->info.path = gd_arena_text(&rows->arena, path, strlen(path));
	if (rows->info.path)
		return rows;
	gd_rows_close(rows);
	return NULL;
}

/* The end of every opening: the path goes before the sentence, or the rows to the caller. */
static gd_status hand_over(gd_rows *rows, gd_status status, gd_rows **out, gd_error *err)
{
	if (status == GD_OK)
		*out = rows;
	else {
		status = gd_fail_in(err, rows->info.path);
		gd_rows_close(rows);
	}
	return status;
}

/* "data.npz:x_test" is the array x_test of data.npz, unless a file of the whole name is there. */
static gd_status open_file(gd_rows *rows, const char **name, gd_error *err)
{
	const char *path = rows->info.path, *colon = strrchr(path, ':');
	*name = NULL;
	if (!colon || colon == path || !colon[1] || access(path, F_OK) == 0)
		return gd_map_open(path, 0, &rows->map, err);
	const char *file = gd_arena_text(&rows->arena, path, (size_t)(colon - path));
	if (!file)
		return gd_fail_memory(err, "opening the tests");
	*name = colon + 1;
	return gd_map_open(file, 0, &rows->map, err);
}

gd_status gd_rows_open(const char *path, gd_rows **out, gd_error *err)
{
	if (gd_images_is(path))
		return gd_images_open(path, NULL, out, NULL, err);
	gd_rows *rows = gd_rows_new(path);
	const char *name;
	if (!rows)
		return gd_fail_memory(err, "opening the tests");
	gd_status status = open_file(rows, &name, err);
	if (status != GD_OK) { /* its sentence names the file already */
		gd_rows_close(rows);
		return status;
	}
	status = read_content(rows, rows->map.bytes, rows->map.size, name, err);
	gd_map_forget(&rows->map, 0, rows->map.size); /* checksums may have looked at all of it */
	return hand_over(rows, status, out, err);
}

static gd_status open_columns(const char *path, const char *columns, gd_rows **out, gd_error *err)
{
	gd_arena arena = { 0 };
	const char *chosen = gd_arena_printf(&arena, "%s:%s", path, columns);
	gd_status status = chosen ? gd_rows_open(chosen, out, err) : gd_fail_memory(err, "opening the tests");
	gd_arena_free(&arena);
	return status;
}

/* Is there a file of this name that is text with columns? */
static bool is_table(const char *path)
{
	gd_map map = { 0 };
	gd_error err = { 0 };
	bool known = false;
	if (gd_map_open(path, 0, &map, &err) != GD_OK)
		return false;
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		known = known || (map.size >= formats[i].size && memcmp(map.bytes, formats[i].magic, formats[i].size) == 0);
	const bool table = !known && gd_rows_is_csv(map.bytes, map.size);
	gd_map_close(&map);
	return table;
}

gd_status gd_rows_open_pair(const char *inputs, const char *labels, gd_rows **x, gd_rows **y, gd_error *err)
{
	gd_rows *first = NULL, *second = NULL;
	const bool split = strcmp(inputs, labels) == 0 && is_table(inputs);
	gd_status status = split ? open_columns(inputs, "@rest", &first, err) : gd_rows_open(inputs, &first, err);
	if (status == GD_OK)
		status = split ? open_columns(labels, "@last", &second, err) : gd_rows_open(labels, &second, err);
	if (status != GD_OK) {
		gd_rows_close(first);
		return status;
	}
	*x = first;
	*y = second;
	return GD_OK;
}

gd_status gd_rows_open_bytes(const char *path, const void *bytes, size_t size, gd_rows **out, gd_error *err)
{
	gd_rows *rows = gd_rows_new(path);
	return rows ? hand_over(rows, read_content(rows, bytes, size, NULL, err), out, err)
				: gd_fail_memory(err, "opening the tests");
}

gd_status gd_rows_open_memory(
	const char *what, const void *data, const char *dtype, int rank, const int64_t *dims, gd_rows **out, gd_error *err)
{
	gd_rows *rows = gd_rows_new(what);
	return rows ? hand_over(rows, gd_rows_set(rows, dtype, rank, dims, false, data, SIZE_MAX, err), out, err)
				: gd_fail_memory(err, "opening the tests");
}

void gd_rows_close(gd_rows *rows)
{
	if (!rows)
		return;
	gd_map_close(&rows->map);
	gd_arena_free(&rows->arena);
	free(rows);
}

const gd_rows_info *gd_rows_about(const gd_rows *rows)
{
	return &rows->info;
}

static uint64_t element_bits(const unsigned char *p, size_t size, bool big_endian)
{
	uint64_t bits = 0;
	for (size_t i = 0; i < size; i++)
		bits |= (uint64_t)p[i] << 8 * (big_endian ? size - 1 - i : i);
	return bits;
}

/* Byte distance from one test to the next, and for each number of a test, in row-major order, from the test's first. */
typedef struct {
	size_t test, at[GD_ROWS_MAX_RANK], index[GD_ROWS_MAX_RANK], offset;
} strides;

static strides strides_of(const gd_rows *rows)
{
	const size_t size = rows->element->size;
	strides s = { .test = rows->fortran ? size : rows->info.width * size };
	size_t step = rows->fortran ? (size_t)rows->info.count * size : size;
	for (int i = 0; i < rows->info.rank; i++) { /* the fastest of a test's axes first */
		const int axis = rows->fortran ? i : rows->info.rank - 1 - i;
		s.at[axis] = step;
		step *= (size_t)rows->info.dim[axis];
	}
	return s;
}

/* To the next number of a test in row-major order. */
static void strides_next(strides *s, const gd_rows_info *info)
{
	for (int axis = info->rank - 1; axis >= 0; axis--) {
		s->offset += s->at[axis];
		if (++s->index[axis] < (size_t)info->dim[axis])
			return;
		s->offset -= s->at[axis] * s->index[axis];
		s->index[axis] = 0;
	}
}

/* What a reading is to give; exactly one of the buffers is set. */
typedef struct {
	float *floats;
	double *doubles;
	int64_t *integers;
} target;

static bool is_host_float(const gd_rows *rows, const target *to)
{
	const uint16_t one = 1;
	const bool host_is_big = *(const unsigned char *)&one == 0;
	return rows->element->kind == GD_NUMBER_FLOAT && !rows->fortran && rows->big_endian == host_is_big &&
		   ((to->floats && rows->element->size == 4) || (to->doubles && rows->element->size == 8));
}

static gd_status no_whole_number(const gd_rows *rows, int64_t test, double value, gd_error *err)
{
	return gd_fail(err, GD_E_INPUT, "%s: test %lld holds %.9g, which is no whole number that fits", rows->info.path,
		(long long)test, value);
}

static gd_status store(
	const gd_rows *rows, const unsigned char *p, int64_t test, const target *to, size_t at, gd_error *err)
{
	const gd_element *e = rows->element;
	const uint64_t bits = element_bits(p, e->size, rows->big_endian);
	if (to->floats)
		to->floats[at] = (float)e->value(bits);
	else if (to->doubles)
		to->doubles[at] = e->value(bits);
	else if (e->whole) {
		to->integers[at] = e->whole(bits);
		if (to->integers[at] < 0 && e->value(bits) > 0) /* an unsigned number too large */
			return no_whole_number(rows, test, e->value(bits), err);
	} else {
		const double value = e->value(bits);
		if (!(fabs(value) < 9.2e18) || value != floor(value))
			return no_whole_number(rows, test, value, err);
		to->integers[at] = (int64_t)value;
	}
	return GD_OK;
}

/* Number by number; the inner loop runs along the axis that is contiguous in the file. */
static gd_status gather(const gd_rows *rows, int64_t first, int64_t count, const target *to, gd_error *err)
{
	const size_t width = rows->info.width;
	strides s = strides_of(rows);
	gd_status status = GD_OK;
	const unsigned char *base = rows->data + (size_t)first * s.test;
	if (!rows->fortran) {
		for (size_t i = 0; i < (size_t)count * width && status == GD_OK; i++)
			status = store(rows, base + i * rows->element->size, first + (int64_t)(i / width), to, i, err);
		return status;
	}
	for (size_t k = 0; k < width && status == GD_OK; k++) {
		for (size_t t = 0; t < (size_t)count && status == GD_OK; t++)
			status = store(rows, base + t * s.test + s.offset, first + (int64_t)t, to, t * width + k, err);
		strides_next(&s, &rows->info);
	}
	return status;
}

/* Pages that were read are given back, so that streaming through a large file keeps memory flat. */
static void forget(const gd_rows *rows, int64_t first, int64_t count)
{
	const size_t page = 4096, row = rows->info.width * rows->element->size, whole = row * (size_t)rows->info.count;
	if (!rows->map.bytes || whole < FORGET_FROM || rows->data < rows->map.bytes ||
		rows->data >= rows->map.bytes + rows->map.size)
		return;
	size_t start = (size_t)(rows->data - rows->map.bytes), length = whole;
	if (!rows->fortran) {
		start += row * (size_t)first;
		length = row * (size_t)count;
	}
	const size_t before = start < page ? start : page; /* the page shared with the batch before */
	gd_map_forget(&rows->map, start - before, length + before);
}

/* Tests that are made when they are asked for, a single one at a time where they are not wanted as floats. */
static gd_status make_rows(gd_rows *rows, int64_t first, int64_t count, const target *to, gd_error *err)
{
	const size_t width = rows->info.width;
	if (to->floats)
		return rows->read(rows, first, count, to->floats, err);
	float *numbers = calloc(width ? width : 1, sizeof *numbers);
	gd_status status = numbers ? GD_OK : gd_fail_memory(err, "reading the tests");
	for (int64_t t = 0; t < count && status == GD_OK; t++) {
		status = rows->read(rows, first + t, 1, numbers, err);
		for (size_t i = 0; i < width && status == GD_OK; i++) {
			const size_t at = (size_t)t * width + i;
			if (to->doubles)
				to->doubles[at] = (double)numbers[i];
			else
				to->integers[at] = lrintf(numbers[i]);
		}
	}
	free(numbers);
	return status;
}

static gd_status read_rows(gd_rows *rows, int64_t first, int64_t count, const target *to, gd_error *err)
{
	if (first < 0 || count < 0 || count > rows->info.count || first > rows->info.count - count)
		return gd_fail(err, GD_E_INTERNAL, "%s: asked for %lld tests from %lld on; it has %lld", rows->info.path,
			(long long)count, (long long)first, (long long)rows->info.count);
	if (rows->read)
		return make_rows(rows, first, count, to, err);
	gd_status status = GD_OK;
	const size_t bytes = (size_t)count * rows->info.width * rows->element->size;
	if (bytes > 0 && is_host_float(rows, to))
		memcpy(to->floats ? (void *)to->floats : (void *)to->doubles,
			rows->data + (size_t)first * rows->info.width * rows->element->size, bytes);
	else
		status = gather(rows, first, count, to, err);
	forget(rows, first, count);
	return status;
}

gd_status gd_rows_floats(gd_rows *rows, int64_t first, int64_t count, float *out, gd_error *err)
{
	return read_rows(rows, first, count, &(target){ .floats = out }, err);
}

gd_status gd_rows_doubles(gd_rows *rows, int64_t first, int64_t count, double *out, gd_error *err)
{
	return read_rows(rows, first, count, &(target){ .doubles = out }, err);
}

gd_status gd_rows_integers(gd_rows *rows, int64_t first, int64_t count, int64_t *out, gd_error *err)
{
	return read_rows(rows, first, count, &(target){ .integers = out }, err);
}
