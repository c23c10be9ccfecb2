/* Aggregations: rows worked by hand and the laws that hold for all or some of them. */
#include "aggregate/aggregate.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants its includes before it */
#include <cmocka.h>

enum { NEURONS = 9, ENTRIES = 3 };

/* Four neurons, one neuron, four neurons. Pool ascending: 0 .1 .2 .2 .2 .3 .4 .5 .9, mean 2.8/9. */
static const double scores[NEURONS] = { 0.9, 0.1, 0.2, 0.0, 0.5, 0.4, 0.2, 0.3, 0.2 };
static const size_t start[ENTRIES + 1] = { 0, 4, 5, 9 };

static void fold(const char *name, const double *values, const size_t *starts, size_t entries, double *out)
{
	const gd_aggregation *row = gd_aggregation_find(name);
	assert_non_null(row);
	gd_neuron_scores in = { values, starts, entries };
	size_t room = starts[entries] + 8 * entries;
	double *scratch = malloc(room * sizeof *scratch); /* exactly what the header grants: a sanitizer sees more */
	assert_non_null(scratch);
	row->fold(&in, scratch, out);
	free(scratch);
}

static void expect(const char *name, double a, double b, double c)
{
	double out[ENTRIES], wanted[ENTRIES] = { a, b, c };
	fold(name, scores, start, ENTRIES, out);
	for (int i = 0; i < ENTRIES; i++)
		if (!(fabs(out[i] - wanted[i]) <= 1e-12))
			fail_msg("%s of entry %d: %.17g, by hand %.17g", name, i, out[i], wanted[i]);
}

static void rows_worked_by_hand(void **state)
{
	(void)state;
	expect("mean", 0.3, 0.5, 0.275);
	expect("max", 0.9, 0.5, 0.4);
	expect("median", 0.15, 0.5, 0.25);
	expect("topk", 0.55, 0.5, 0.35);
	expect("top1pct", 0.9, 0.5, 0.4);
	expect("top10pct", 0.9, 0.5, 0.4);
	expect("rms", sqrt(0.86 / 4), 0.5, sqrt(0.33 / 4));
	/* G: (-3*0 - 0.1 + 0.2 + 3*0.9) / (4*1.2) = 2.8/4.8;  0;  (-0.6 - 0.2 + 0.3 + 1.2) / (4*1.1) = 0.7/4.4 */
	const double g = 2.8 / 4.8, h = 0.7 / 4.4;
	expect("inequality", g, 0, h);
	expect("gini", 0.3 * (1 + g), 0.5, 0.275 * (1 + h));
	expect("gini-even", 0.3 * (1 - g), 0.5, 0.275 * (1 - h));
	/* the highest tenth of nine is one neuron, the 0.9 */
	expect("share", 0.25, 0, 0);
	/* scaled: mean 1/9 1 0; max 1 0.2 0; Gini 1 0 h/g; share 1 0 0 */
	expect("balanced", 1 - sqrt(64.0 / 81 / 3), 1 - sqrt(2.0 / 3), 1 - sqrt((2 + (1 - h / g) * (1 - h / g)) / 3));
	expect("mean-max", sqrt(1.0 / 81 + 1), sqrt(1.04), 0);
	expect("mean-gini", sqrt(1.0 / 81 + 1), 1, h / g);
	expect("max-gini", sqrt(2), 0.2, h / g);
	/* pool of nine, four draws: sum of x_i (i^4 - (i-1)^4) / 9^4 */
	double four = (0.1 * (16 - 1) + 0.2 * (625 - 16) + 0.3 * (1296 - 625) + 0.4 * (2401 - 1296) + 0.5 * (4096 - 2401) +
					  0.9 * (6561 - 4096)) /
				  6561;
	expect("excess-max", 0.9 - four, 0.5 - 2.8 / 9, 0.4 - four);
	expect("max-chance", (pow(8.0 / 9, 4) + 1) / 2, 7.5 / 9, (pow(6.0 / 9, 4) + pow(7.0 / 9, 4)) / 2);
	/* squares of the pool: 0 + .01 + 3*.04 + .09 + .16 + .25 + .81 = 1.44 */
	double centre = 2.8 / 9, spread = sqrt(1.44 / 9 - centre * centre);
	expect("zscore", (0.3 - centre) / spread * 2, (0.5 - centre) / spread, (0.275 - centre) / spread * 2);
	/* mid-ranks: 0: .5, .1: 1.5, .2: 3.5, .3: 5.5, .4: 6.5, .5: 7.5, .9: 8.5 */
	expect("rank-mean", 14.0 / 36, 7.5 / 9, 19.0 / 36);
}

static void permuting_neurons_changes_no_bit(void **state)
{
	(void)state;
	static const double mixed[NEURONS] = { 0.0, 0.9, 0.1, 0.2, 0.5, 0.2, 0.2, 0.4, 0.3 };
	for (const gd_aggregation *row = gd_aggregations; row->name; row++) {
		double out[ENTRIES], again[ENTRIES];
		fold(row->name, scores, start, ENTRIES, out);
		fold(row->name, mixed, start, ENTRIES, again);
		assert_memory_equal(out, again, sizeof out);
	}
}

static void permuting_entries_permutes_scores(void **state)
{
	(void)state;
	static const double turned[NEURONS] = { 0.5, 0.4, 0.2, 0.3, 0.2, 0.9, 0.1, 0.2, 0.0 };
	static const size_t turned_start[ENTRIES + 1] = { 0, 1, 5, 9 };
	for (const gd_aggregation *row = gd_aggregations; row->name; row++) {
		double out[ENTRIES], again[ENTRIES];
		fold(row->name, scores, start, ENTRIES, out);
		fold(row->name, turned, turned_start, ENTRIES, again);
		double expected[ENTRIES] = { out[1], out[2], out[0] };
		assert_memory_equal(expected, again, sizeof expected);
	}
}

static void layers_of_one_neuron_and_constant_ones(void **state)
{
	(void)state;
	static const char *const plain[] = { "mean", "max", "median", "topk", "top1pct", "top10pct", "rms", "gini",
		"gini-even" };
	static const double values[] = { 0.7, 0.25, 0.25, 0.25, 0.5 };
	static const size_t starts[] = { 0, 1, 4, 5 };
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
		double out[3];
		fold(plain[i], values, starts, 3, out);
		assert_true(fabs(out[0] - 0.7) < 1e-12 && fabs(out[1] - 0.25) < 1e-12 && fabs(out[2] - 0.5) < 1e-12);
	}
	/* nothing stands out: every aggregation says the same of every entry of one width */
	static const double flat[] = { 0.3, 0.3, 0.3, 0.3, 0.3, 0.3 };
	static const size_t flat_starts[] = { 0, 2, 4, 6 };
	for (const gd_aggregation *row = gd_aggregations; row->name; row++) {
		double out[3];
		fold(row->name, flat, flat_starts, 3, out);
		assert_true(isfinite(out[0]) && out[0] == out[1] && out[1] == out[2]);
	}
	/* nor does width alone say anything */
	static const char *const plain_by_width[] = { "excess-max", "max-chance", "zscore", "rank-mean", "share",
		"balanced", "mean-max" };
	static const size_t wide_starts[] = { 0, 1, 2, 6 };
	for (size_t i = 0; i < sizeof plain_by_width / sizeof *plain_by_width; i++) {
		double out[3];
		fold(plain_by_width[i], flat, wide_starts, 3, out);
		assert_true(fabs(out[0] - out[1]) < 1e-12 && fabs(out[1] - out[2]) < 1e-12);
	}
	/* a single entry, and one without neurons */
	static const size_t odd_starts[] = { 0, 0, 5 };
	for (const gd_aggregation *row = gd_aggregations; row->name; row++) {
		double out[2];
		fold(row->name, values, odd_starts, 2, out);
		assert_true(isfinite(out[0]) && isfinite(out[1]));
		fold(row->name, values, starts, 1, out);
		assert_true(isfinite(out[0]));
		fold(row->name, values, odd_starts, 1, out);
		assert_true(isfinite(out[0]));
	}
}

static void infinite_scores_count_one_above_the_largest(void **state)
{
	(void)state;
	static const double values[] = { INFINITY, 1, 4, 0, INFINITY, INFINITY };
	static const size_t starts[] = { 0, 2, 4, 6 };
	double out[3];
	fold("mean", values, starts, 3, out);
	assert_true(out[0] == 3 && out[1] == 2 && out[2] == 5);
	fold("max", values, starts, 3, out);
	assert_true(out[0] == 5 && out[1] == 4 && out[2] == 5);
	static const double only[] = { INFINITY, INFINITY };
	static const size_t only_starts[] = { 0, 1, 2 };
	for (const gd_aggregation *row = gd_aggregations; row->name; row++) {
		fold(row->name, values, starts, 3, out);
		assert_true(isfinite(out[0]) && isfinite(out[1]) && isfinite(out[2]));
		fold(row->name, only, only_starts, 2, out);
		assert_true(isfinite(out[0]) && out[0] == out[1]);
	}
}

static void negative_scores_are_shifted_for_gini(void **state)
{
	(void)state;
	double sorted[4];
	assert_true(fabs(gd_gini((const double[]){ -1, 0, 0, 1 }, 4, sorted) - 6.0 / 16) < 1e-15); /* of 0 1 1 2 */
	assert_true(gd_gini((const double[]){ 0, 0, 0, 0 }, 4, sorted) == 0);
	assert_true(gd_gini((const double[]){ -2, -2 }, 2, sorted) == 0);
	assert_true(gd_gini((const double[]){ 0, 0, 0, 5 }, 4, sorted) == 0.75);
	assert_true(gd_gini(sorted, 0, sorted) == 0);
	/* the higher of two layers stays the higher one below 0 */
	static const double values[] = { -0.9, -0.8, -0.2, -0.1 };
	static const size_t starts[] = { 0, 2, 4 };
	double out[2];
	fold("gini", values, starts, 2, out);
	assert_true(out[0] < out[1]);
	fold("rms", values, starts, 2, out); /* heights above -0.9: 0 and 0.1, 0.7 and 0.8 */
	assert_true(fabs(out[0] + 0.9 - sqrt(0.005)) < 1e-12 && fabs(out[1] + 0.9 - sqrt(0.565)) < 1e-12);
}

/* Every neuron more suspicious by one and the same factor: the order of the layers stays. */
static void scaling_keeps_the_order(void **state)
{
	(void)state;
	double doubled[NEURONS];
	for (int i = 0; i < NEURONS; i++)
		doubled[i] = 2 * scores[i];
	for (const gd_aggregation *row = gd_aggregations; row->name; row++) {
		double out[ENTRIES], again[ENTRIES];
		fold(row->name, scores, start, ENTRIES, out);
		fold(row->name, doubled, start, ENTRIES, again);
		for (int i = 0; i < ENTRIES; i++)
			for (int j = 0; j < ENTRIES; j++)
				assert_true((out[i] > out[j] + 1e-12) == (again[i] > again[j] + 1e-12));
	}
}

static void rounding_noise_is_no_difference(void **state)
{
	(void)state;
	static const double values[] = { 4e-16, 0, -3e-17, 0.5, -0.5, 0 };
	static const size_t starts[] = { 0, 3, 6 };
	double out[2];
	fold("inequality", values, starts, 2, out);
	assert_true(out[0] == 0);
	fold("gini-even", values, starts, 2, out);
	assert_true(out[0] == 0);
	fold("max-chance", values, starts, 2, out); /* all three are the middle of the pool */
	assert_true(fabs(out[0] - (1.0 / 216 + 125.0 / 216) / 2) < 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_worked_by_hand),
		cmocka_unit_test(permuting_neurons_changes_no_bit),
		cmocka_unit_test(permuting_entries_permutes_scores),
		cmocka_unit_test(layers_of_one_neuron_and_constant_ones),
		cmocka_unit_test(infinite_scores_count_one_above_the_largest),
		cmocka_unit_test(negative_scores_are_shifted_for_gini),
		cmocka_unit_test(scaling_keeps_the_order),
		cmocka_unit_test(rounding_noise_is_no_difference),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
