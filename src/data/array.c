/* Which arrays can be tests: numbers of a known type, at least one test, exactly the bytes that the shape needs. */
#include "base/checked.h"
#include "base/half.h"
#include "base/text.h"
#include "data/rows_format.h"
#include <string.h>

static const int64_t max_tests = 10000000;
static const size_t max_test_bytes = 64u << 20;

static double from_half(uint64_t bits)
{
	return (double)gd_half_to_float((uint16_t)bits);
}

static double from_float(uint64_t bits)
{
	return (double)gd_bits_to_float((uint32_t)bits);
}

static double from_double(uint64_t bits)
{
	double value;
	memcpy(&value, &bits, sizeof value);
	return value;
}

static int64_t whole_i8(uint64_t bits)
{
	return (int8_t)bits;
}

static int64_t whole_i16(uint64_t bits)
{
	return (int16_t)bits;
}

static int64_t whole_i32(uint64_t bits)
{
	return (int32_t)bits;
}

static int64_t whole_64(uint64_t bits)
{
	return (int64_t)bits;
}

static int64_t whole_bool(uint64_t bits)
{
	return bits != 0;
}

static double from_i8(uint64_t bits)
{
	return (int8_t)bits;
}

static double from_i16(uint64_t bits)
{
	return (int16_t)bits;
}

static double from_i32(uint64_t bits)
{
	return (int32_t)bits;
}

static double from_i64(uint64_t bits)
{
	return (double)(int64_t)bits;
}

static double from_unsigned(uint64_t bits)
{
	return (double)bits;
}

static double from_bool(uint64_t bits)
{
	return bits != 0;
}

static const gd_element elements[] = {
	{ "b1", 1, GD_NUMBER_BOOL, from_bool, whole_bool },
	{ "i1", 1, GD_NUMBER_INTEGER, from_i8, whole_i8 },
	{ "i2", 2, GD_NUMBER_INTEGER, from_i16, whole_i16 },
	{ "i4", 4, GD_NUMBER_INTEGER, from_i32, whole_i32 },
	{ "i8", 8, GD_NUMBER_INTEGER, from_i64, whole_64 },
	{ "u1", 1, GD_NUMBER_INTEGER, from_unsigned, whole_64 },
	{ "u2", 2, GD_NUMBER_INTEGER, from_unsigned, whole_64 },
	{ "u4", 4, GD_NUMBER_INTEGER, from_unsigned, whole_64 },
	{ "u8", 8, GD_NUMBER_INTEGER, from_unsigned, whole_64 },
	{ "f2", 2, GD_NUMBER_FLOAT, from_half, NULL },
	{ "f4", 4, GD_NUMBER_FLOAT, from_float, NULL },
	{ "f8", 8, GD_NUMBER_FLOAT, from_double, NULL },
};

/* Kinds of numpy that are no numbers for us, with what to do about them. */
static const struct {
	char kind;
	const char *advice;
} strangers[] = {
	{ 'O', "holds Python objects (pickle), which dlguider never opens; save numbers" },
	{ 'U', "holds text; tests must be numbers: encode them first" },
	{ 'S', "holds text; tests must be numbers: encode them first" },
	{ 'a', "holds text; tests must be numbers: encode them first" },
	{ 'M', "holds dates; tests must be numbers: encode them first" },
	{ 'm', "holds time spans; tests must be numbers: encode them first" },
	{ 'c', "holds complex numbers; give real and imaginary part as numbers of their own" },
	{ 'V', "holds records; tests must be plain numbers" },
};

static gd_status find_element(gd_rows *rows, const char *dtype, gd_error *err)
{
	const bool ordered = dtype[0] && strchr("<>|=", dtype[0]);
	const char *code = dtype + ordered;
	for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
		if (code[0] == strangers[i].kind)
			return gd_fail(err, GD_E_UNSUPPORTED, "%s (dtype %.40s)", strangers[i].advice, dtype);
	for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++)
		if (strcmp(code, elements[i].code) == 0 && (elements[i].size == 1 || dtype[0] == '<' || dtype[0] == '>')) {
			rows->element = &elements[i];
			rows->big_endian = dtype[0] == '>';
			return GD_OK;
		}
	return gd_fail(err, GD_E_UNSUPPORTED,
		"has dtype %.40s; dlguider reads bool, whole numbers of 8 to 64 bits, float16, float32 and float64", dtype);
}

/* "(3, 4)" for messages. */
static const char *shape_text(gd_rows *rows, int rank, const int64_t *dims)
{
	gd_text text = { 0 };
	gd_text_put(&text, "(");
	for (int i = 0; i < rank; i++)
		gd_text_printf(&text, "%s%lld", i ? ", " : "", (long long)dims[i]);
	gd_text_put(&text, rank == 1 ? ",)" : ")");
	const char *copy = text.failed ? NULL : gd_arena_text(&rows->arena, text.bytes, text.length);
	gd_text_free(&text);
	return copy ? copy : "(?)";
}

static gd_status check_rank(int rank, gd_error *err)
{
	if (rank == 0)
		return gd_fail(err, GD_E_INPUT, "holds a single number (shape ()); the first dimension must count the tests");
	if (rank < 0 || rank > GD_ROWS_MAX_RANK)
		return gd_fail(err, GD_E_INPUT, "has %d dimensions; dlguider reads up to %d", rank, GD_ROWS_MAX_RANK);
	return GD_OK;
}

/* Number of bytes that the shape needs, with all that is wrong with it. */
static gd_status measure(gd_rows *rows, int rank, const int64_t *dims, size_t *bytes, gd_error *err)
{
	size_t width = 1;
	bool fits = true, empty = false;
	for (int i = 0; i < rank; i++) {
		if (dims[i] < 0)
			return gd_fail(err, GD_E_INPUT, "has a negative dimension (shape %s)", shape_text(rows, rank, dims));
		empty = empty || dims[i] == 0;
		fits = fits && (i == 0 || gd_mul_size(width, (size_t)dims[i], &width));
	}
	if (empty)
		return gd_fail(err, GD_E_INPUT, "has no %s (shape %s)", dims[0] == 0 ? "tests" : "numbers in its tests",
			shape_text(rows, rank, dims));
	size_t test_bytes = 0;
	fits = fits && gd_mul_size(width, rows->element->size, &test_bytes);
	if (!fits || test_bytes > max_test_bytes)
		return gd_fail(err, GD_E_LIMIT, "has tests larger than %zu bytes (shape %s), the limit", max_test_bytes,
			shape_text(rows, rank, dims));
	if (dims[0] > max_tests)
		return gd_fail(err, GD_E_LIMIT, "has %lld tests; the limit is %lld", (long long)dims[0], (long long)max_tests);
	rows->info.width = width;
	if (!gd_mul_size(test_bytes, (size_t)dims[0], bytes))
		return gd_fail(err, GD_E_INPUT, "shape %s needs more bytes than any file has", shape_text(rows, rank, dims));
	return GD_OK;
}

gd_status gd_rows_set(gd_rows *rows, const char *dtype, int rank, const int64_t *dims, bool fortran, const void *data,
	size_t size, gd_error *err)
{
	size_t bytes = 0;
	gd_status status = find_element(rows, dtype, err);
	if (status == GD_OK)
		status = check_rank(rank, err);
	if (status == GD_OK)
		status = measure(rows, rank, dims, &bytes, err);
	if (status != GD_OK)
		return status;
	if (size != SIZE_MAX && bytes != size)
		return gd_fail(err, GD_E_INPUT, "shape %s needs %zu bytes, %zu are there; save it again",
			shape_text(rows, rank, dims), bytes, size);
	rows->info.count = dims[0];
	rows->info.rank = rank - 1;
	for (int i = 1; i < rank; i++)
		rows->info.dim[i - 1] = dims[i];
	rows->info.kind = rows->element->kind;
	rows->info.dtype = gd_arena_text(&rows->arena, dtype, strlen(dtype));
	rows->fortran = fortran && rank > 1;
	rows->data = data;
	return rows->info.dtype ? GD_OK : gd_fail_memory(err, "opening the tests");
}
