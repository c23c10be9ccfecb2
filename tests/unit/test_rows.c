#include "data/rows.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants its includes before it */
#include <cmocka.h>

/* Numbers against numpy are compared by tests/py/test_rows.py; here: memory rows, batches and spoiled files. */
static void numbers_in_memory_are_rows(void **state)
{
	(void)state;
	const float x[2][3] = { { 1, 2.5f, 3 }, { 4, 5, 6 } };
	const int64_t dims[] = { 2, 3 };
	gd_rows *rows;
	gd_error err = { 0 };
	assert_int_equal(gd_rows_open_memory("x", x, "<f4", 2, dims, &rows, &err), GD_OK);
	assert_int_equal(gd_rows_about(rows)->count, 2);
	assert_int_equal(gd_rows_about(rows)->rank, 1);
	assert_int_equal(gd_rows_about(rows)->width, 3);
	double out[6];
	int64_t whole[3];
	assert_int_equal(gd_rows_doubles(rows, 0, 2, out, &err), GD_OK);
	for (int i = 0; i < 6; i++)
		assert_true(out[i] == (double)x[i / 3][i % 3]);
	assert_int_equal(gd_rows_integers(rows, 1, 1, whole, &err), GD_OK);
	assert_int_equal(whole[2], 6);
	assert_int_equal(gd_rows_doubles(rows, 2, 0, out, &err), GD_OK);
	assert_int_equal(gd_rows_integers(rows, 0, 1, whole, &err), GD_E_INPUT);
	assert_string_equal(err.message, "x: test 0 holds 2.5, which is no whole number that fits");
	const int64_t bad[][2] = { { -1, 1 }, { 0, 3 }, { 3, 0 }, { 2, 1 }, { INT64_MAX, 1 }, { 1, INT64_MAX } };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		gd_error out_of_range = { 0 };
		assert_int_equal(gd_rows_doubles(rows, bad[i][0], bad[i][1], out, &out_of_range), GD_E_INTERNAL);
	}
	gd_rows_close(rows);
	gd_rows_close(NULL);
	gd_error other = { 0 };
	assert_int_equal(gd_rows_open_memory("x", x, "|O", 2, dims, &rows, &other), GD_E_UNSUPPORTED);
	gd_error null_rank = { 0 };
	assert_int_equal(gd_rows_open_memory("x", x, "<f4", 0, dims, &rows, &null_rank), GD_E_INPUT);
}

static const char npy[] = "\x93NUMPY\1\0\x45\0{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }          \n"
						  "\1\0\2\0\3\0\4\0\5\0\6\0";

static void every_truncation_is_refused_and_bits_are_harmless(void **state)
{
	(void)state;
	const size_t whole = sizeof npy - 1;
	gd_rows *rows;
	gd_error err = { 0 };
	double out[64];
	assert_int_equal(gd_rows_open_bytes("a", npy, whole, &rows, &err), GD_OK);
	assert_int_equal(gd_rows_doubles(rows, 0, 2, out, &err), GD_OK);
	assert_true(out[0] == 1 && out[1] == 3 && out[2] == 5 && out[3] == 2);
	gd_rows_close(rows);
	for (size_t size = 0; size < whole; size++) {
		char *exact = malloc(size ? size : 1); /* of its own, so that the sanitizer sees a read past it */
		memcpy(exact, npy, size);
		gd_error one = { 0 };
		assert_int_equal(gd_rows_open_bytes("a", exact, size, &rows, &one), GD_E_INPUT);
		assert_memory_equal(one.message, "a: ", 3);
		free(exact);
	}
	char copy[sizeof npy];
	memcpy(copy, npy, sizeof npy);
	for (size_t bit = 0; bit < whole * 8; bit++) {
		copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
		gd_error one = { 0 };
		if (gd_rows_open_bytes("a", copy, whole, &rows, &one) == GD_OK) {
			assert_true(gd_rows_about(rows)->width <= 64);
			assert_int_equal(gd_rows_doubles(rows, 0, 1, out, &one), GD_OK);
			gd_rows_close(rows);
		} else
			assert_true(one.message[0]);
		copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_in_memory_are_rows),
		cmocka_unit_test(every_truncation_is_refused_and_bits_are_harmless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
