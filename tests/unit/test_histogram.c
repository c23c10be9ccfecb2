#include "spectrum/histogram.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants its includes before it */
#include <cmocka.h>

enum { COUNT = 4000 };

/* Sizes from 1e-30 to 1e30, both signs, zeros, exact powers of two and their negatives. */
static void make_values(float *values)
{
	uint64_t state = 7;
	for (size_t i = 0; i < COUNT; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		double part = (double)(state >> 40) / (1 << 24);
		int power = (int)(state >> 20 & 63) - 50 + (i > COUNT / 2 ? 60 : 0);
		values[i] = (float)ldexp(i % 5 ? part - .5 : i % 2 ? 1 : -1, power);
		if (i % 17 == 0)
			values[i] = 0;
	}
}

static void assert_counts(const gd_histogram *h, const float *values)
{
	int64_t expected[2][GD_HISTOGRAM_BINS] = { 0 };
	for (size_t i = 0; i < COUNT; i++)
		expected[i % 3 == 0][GD_HISTOGRAM_BINS / 2 + (int)floor((double)values[i] / ldexp(1, h->scale))]++;
	assert_memory_equal(h->counts, expected, sizeof expected);
}

static void counts_are_those_of_the_last_scale_in_any_order(void **state)
{
	(void)state;
	float values[COUNT];
	make_values(values);
	gd_histogram up, down;
	gd_histogram_start(&up);
	gd_histogram_start(&down);
	for (size_t i = 0; i < COUNT; i++) {
		gd_histogram_add(&up, i % 3 == 0, &values[i], 1);
		gd_histogram_add(&down, (COUNT - 1 - i) % 3 == 0, &values[COUNT - 1 - i], 1);
	}
	assert_counts(&up, values);
	assert_memory_equal(&up, &down, sizeof up);
	assert_int_equal(up.zeros[0] + up.zeros[1], COUNT / 17 + 1);
}

static void what_is_no_number_is_counted_apart(void **state)
{
	(void)state;
	const float values[] = { NAN, INFINITY, -INFINITY, 3.4028234e38f, -3.4028234e38f, 1e-44f, -1e-44f };
	gd_histogram h;
	gd_histogram_start(&h);
	gd_histogram_add(&h, true, values, sizeof values / sizeof *values);
	assert_int_equal(h.unsound, 3);
	assert_int_equal(h.counts[1][GD_HISTOGRAM_BINS - 1], 1);
	assert_int_equal(h.counts[1][0], 1);
	assert_int_equal(h.counts[1][GD_HISTOGRAM_BINS / 2], 1);
	assert_int_equal(h.counts[1][GD_HISTOGRAM_BINS / 2 - 1], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_are_those_of_the_last_scale_in_any_order),
		cmocka_unit_test(what_is_no_number_is_counted_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
