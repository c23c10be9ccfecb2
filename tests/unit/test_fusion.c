/* Columns of the fusion against numbers worked out by hand, and the promise that the terms of an explanation add up to the
 * logit of the score. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "method/fused.h"

enum { ENTRIES = 5 };

static void make(gd_evidence *evidence, gd_evidence_entry *entries)
{
	static const double spread[ENTRIES] = { 1, 2, NAN, 4, 10 }, labels[ENTRIES] = { .1, .2, .3, .5, .9 };
	memset(entries, 0, ENTRIES * sizeof *entries);
	for (int i = 0; i < ENTRIES; i++) {
		for (int k = 0; k < GD_FIGURES; k++)
			entries[i].of[k] = NAN;
		entries[i].of[GD_FIGURE_WIDTH] = spread[i];
		entries[i].of[GD_FIGURE_KNOWS] = labels[i];
		entries[i].before = i - 1;
		entries[i].after = i + 1 < ENTRIES ? i + 1 : -1;
		entries[i].kernel_before = i == 3 ? 1 : i == 2 ? 1 : i - 1; /* entry 2 has no kernel */
		entries[i].kernel_after = i == 1 ? 3 : entries[i].after;
	}
	*evidence = (gd_evidence){ .entries = entries, .entry_count = ENTRIES };
	for (int k = 0; k < GD_OUTSIDES; k++)
		evidence->outside[k] = NAN;
}

static void check(const gd_fusion_column *column, const double *wanted)
{
	gd_evidence evidence;
	gd_evidence_entry entries[ENTRIES];
	double scratch[2 * ENTRIES], out[ENTRIES];
	make(&evidence, entries);
	gd_fusion_values(&evidence, column, scratch, out);
	for (int i = 0; i < ENTRIES; i++)
		assert_true(isnan(wanted[i]) ? isnan(out[i]) : fabs(out[i] - wanted[i]) < 1e-12);
}

static void values(void **state)
{
	(void)state;
	gd_fusion_column plain = { .figure = GD_FIGURE_WIDTH, .base = GD_AS_IT_IS, .relation = GD_ALONE };
	check(&plain, (double[]){ 1, 2, NAN, 4, 10 });
	plain.base = GD_OVER_BEFORE; /* kernels: past the entry that has none */
	check(&plain, (double[]){ NAN, 1, NAN, 2, 6 });
	plain.base = GD_OVER_AFTER;
	check(&plain, (double[]){ -1, -2, NAN, -6, NAN });
	plain.base = GD_AS_IT_IS;
	plain.relation = GD_PLACE;
	check(&plain, (double[]){ 0, 1 / 3.0, NAN, 2 / 3.0, 1 });
	plain.relation = GD_AMONG; /* median 3, median distance 1.5 (of 2, 1, 1, 7), unit 1.5 + 0.05 x 3.2 */
	check(&plain, (double[]){ -2 / 1.66, -1 / 1.66, NAN, 1 / 1.66, 7 / 1.66 });
	plain.relation = GD_LEAD; /* the best over the second, the others behind the best */
	check(&plain, (double[]){ -9, -8, NAN, -6, 6 });
	gd_fusion_column knows = { .figure = GD_FIGURE_KNOWS, .base = GD_OVER_BEFORE, .relation = GD_ALONE }; /* no kernel needed */
	check(&knows, (double[]){ NAN, .1, .1, .2, .4 });
}

static void terms(void **state)
{
	(void)state;
	const double edges[] = { 0, 1 }, of[] = { 9, 10, 11, 12 };
	assert_true(fabs(gd_fusion_term(edges, of, 2, NAN) - 9) < 1e-12);
	assert_true(fabs(gd_fusion_term(edges, of, 2, -1) - 10) < 1e-12);
	assert_true(fabs(gd_fusion_term(edges, of, 2, 0) - 11) < 1e-12);
	assert_true(fabs(gd_fusion_term(edges, of, 2, .5) - 11) < 1e-12);
	assert_true(fabs(gd_fusion_term(edges, of, 2, 1) - 12) < 1e-12);
	assert_true(fabs(gd_fusion_term(NULL, of, 0, 5) - 10) < 1e-12);
}

static void sums(void **state)
{
	(void)state;
	gd_evidence evidence;
	gd_evidence_entry entries[ENTRIES];
	gd_fusion_entry weighed[ENTRIES];
	double scratch[3 * ENTRIES], values_[ENTRIES];
	make(&evidence, entries);
	gd_fusion_weigh(&gd_fusion_plain, &evidence, scratch, weighed);
	for (int i = 0; i < ENTRIES; i++) {
		double logit = gd_fusion_plain.start, parts = gd_fusion_plain.start;
		for (size_t c = 0; c < gd_fusion_plain.column_count; c++) {
			const gd_fusion_column *column = &gd_fusion_plain.columns[c];
			gd_fusion_values(&evidence, column, scratch, values_);
			logit += gd_fusion_term(column->edges, column->terms, column->edge_count, values_[i]);
		}
		for (int d = 0; d < GD_DETECTORS; d++)
			parts += weighed[i].parts[d].term;
		assert_true(fabs(weighed[i].logit - logit) < 1e-9 && fabs(parts - logit) < 1e-9);
	}
}

static void table_is_sound(void **state)
{
	(void)state;
	for (size_t c = 0; c < gd_fusion_plain.column_count; c++) {
		const gd_fusion_column *column = &gd_fusion_plain.columns[c];
		for (size_t k = 0; k < column->edge_count; k++)
			assert_true(isfinite(column->edges[k]) && (k == 0 || column->edges[k] > column->edges[k - 1]));
		for (size_t k = 0; k < column->edge_count + 2; k++)
			assert_true(isfinite(column->terms[k]));
	}
}

/* Every figure has words; a percentage and a ratio are shown as such. */
static void words(void **state)
{
	(void)state;
	gd_arena arena = { 0 };
	for (int k = 0; k < GD_FIGURES; k++) {
		gd_fusion_column column = { .figure = (gd_figure_id)k };
		gd_fusion_part part = { .column = &column, .seen = .5, .other = k % 2 ? .25 : NAN };
		const char *sentence = gd_fused_sentence(&part, &arena);
		assert_non_null(sentence);
		assert_null(strstr(sentence, "%s"));
		assert_null(strstr(sentence, "%%"));
	}
	gd_fusion_column dead = { .figure = GD_FIGURE_DEAD };
	gd_fusion_part part = { .column = &dead, .seen = .5, .other = NAN };
	assert_string_equal(gd_fused_sentence(&part, &arena), "50 % of its units are the same on all tests");
	dead.base = GD_OVER_BEFORE;
	part.other = .25;
	assert_string_equal(gd_fused_sentence(&part, &arena), "50 % of its units are the same on all tests (the layer before it: 25)");
	for (int k = 0; k < GD_OUTSIDES; k++)
		assert_non_null(gd_fused_outside_sentence((gd_outside_id)k, .25, &arena));
	gd_arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(values), cmocka_unit_test(terms), cmocka_unit_test(sums),
		cmocka_unit_test(table_is_sound), cmocka_unit_test(words) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
