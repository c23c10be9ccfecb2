/* Confidence, weights, coverage and counts, by hand. */
#include "spectrum/spectrum.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants its includes before it */
#include <cmocka.h>

static void near(double seen, double expected)
{
	if (!(fabs(seen - expected) <= 1e-12))
		fail_msg("%.17g, by hand %.17g", seen, expected);
}

static void confidence_by_hand(void **state)
{
	(void)state;
	gd_confidence c = gd_confidence_of((const double[]){ 0.5, 0.25, 0.25, 0 }, 4);
	near(c.of[GD_CONFIDENCE_MAX], (0.5 - 0.25) / 0.75);
	near(c.of[GD_CONFIDENCE_MARGIN], 0.25);
	near(c.of[GD_CONFIDENCE_GINI], 1 - (1 - 0.375) / 0.75);
	near(c.of[GD_CONFIDENCE_ENTROPY], 1 - 1.5 * log(2) / log(4)); /* 1.5 bits of 2 */
	c = gd_confidence_binary(0.9);
	near(c.of[GD_CONFIDENCE_MAX], 0.8);
	near(c.of[GD_CONFIDENCE_MARGIN], 0.8);
	near(c.of[GD_CONFIDENCE_GINI], 0.64);
	near(c.of[GD_CONFIDENCE_ENTROPY], 1 + (0.9 * log(0.9) + 0.1 * log(0.1)) / log(2));
	for (size_t n = 2; n < 9; n++) {
		double flat[8], sure[8] = { 0 };
		for (size_t i = 0; i < n; i++)
			flat[i] = 1 / (double)n;
		sure[n - 1] = 1;
		gd_confidence low = gd_confidence_of(flat, n), high = gd_confidence_of(sure, n);
		for (int kind = 0; kind < GD_CONFIDENCES; kind++) {
			assert_true(low.of[kind] == 0 && high.of[kind] == 1); /* exactly, or noise would weigh */
		}
	}
	gd_confidence_kind kind;
	assert_true(
		gd_confidence_find("entropy", &kind) && kind == GD_CONFIDENCE_ENTROPY && !gd_confidence_find("Gini", &kind));
	assert_null(gd_confidence_name(GD_CONFIDENCES));
}

static void outputs_become_probabilities(void **state)
{
	(void)state;
	double logits[3] = { 1000, 1000 - log(2), 1000 - log(4) };
	gd_softmax(logits, 3);
	near(logits[0], 4.0 / 7);
	near(logits[1], 2.0 / 7);
	near(logits[2], 1.0 / 7);
	double odd[3] = { 3, -1, 1 }, nothing[2] = { 0, -5 };
	gd_normalize(odd, 3);
	near(odd[0], 0.75);
	near(odd[1], 0);
	gd_normalize(nothing, 2);
	near(nothing[1], 0.5);
	near(gd_sigmoid(log(3)), 0.75);
	near(gd_sigmoid(-log(3)), 0.25);
	assert_true(gd_sigmoid(-1e300) == 0 && gd_sigmoid(1e300) == 1);
}

static void weights_by_hand(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		double failed, passed;
	} rows[] = { { "none", 1, 1 }, { "confidence", 0.75, 0.75 }, { "failed-only", 0.75, 1 }, { "passed-only", 1, 0.75 },
		{ "inverse-passed", 0.75, 0.25 }, { "inverse-failed", 0.25, 0.75 }, { "inverse", 0.25, 0.25 } };
	size_t known = 0;
	for (; gd_weightings[known].name; known++)
		;
	assert_int_equal(known, sizeof rows / sizeof *rows);
	for (size_t i = 0; i < known; i++) {
		const gd_weighting *policy = gd_weighting_find(rows[i].name);
		assert_non_null(policy);
		near(gd_weight_of(policy, true, 0.75), rows[i].failed);
		near(gd_weight_of(policy, false, 0.75), rows[i].passed);
	}
	assert_null(gd_weighting_find("None"));
}

/* Two layers: three neurons and one. */
static gd_spectrum *new_spectrum(const char *coverage, double threshold, int64_t tests)
{
	static const char *members[] = { "a", "relu" };
	const gd_spectrum_entry entries[] = {
		{ .name = "a", .kind = "Dense", .members = members, .member_count = 2, .units = 3 },
		{ .name = "b", .kind = "Dense", .members = members, .member_count = 0, .units = 1, .is_output = true }
	};
	gd_spectrum_size size = { entries, 2, tests, gd_coverage_find(coverage) };
	gd_spectrum *spectrum = NULL;
	gd_error err = { 0 };
	assert_non_null(size.coverage);
	assert_int_equal(gd_spectrum_new(&size, &spectrum, &err), GD_OK);
	spectrum->threshold = threshold;
	return spectrum;
}

static bool is_active(const gd_spectrum *spectrum, size_t neuron, int64_t test)
{
	return spectrum->active[neuron * spectrum->words + (size_t)test / 64] >> (test % 64) & 1;
}

static void coverage_is_strict_and_leaves_nan_out(void **state)
{
	(void)state;
	gd_spectrum *s = new_spectrum("layer", 0.5, 5);
	gd_spectrum_set_active(s, 0, 0, (const float[]){ 0, 1, 2 }, NULL);         /* 0, .5, 1: equality is inactive */
	gd_spectrum_set_active(s, 0, 1, (const float[]){ 3, 3, 3 }, NULL);         /* equal: all 0 */
	gd_spectrum_set_active(s, 0, 2, (const float[]){ NAN, 5, 1 }, NULL);       /* bounds 1 and 5 */
	gd_spectrum_set_active(s, 0, 3, (const float[]){ INFINITY, -1, 7 }, NULL); /* infinite: left out */
	gd_spectrum_set_active(s, 1, 4, (const float[]){ 9 }, NULL);               /* a layer of one neuron */
	assert_true(!is_active(s, 0, 0) && !is_active(s, 1, 0) && is_active(s, 2, 0));
	assert_true(!is_active(s, 0, 1) && !is_active(s, 1, 1) && !is_active(s, 2, 1));
	assert_true(!is_active(s, 0, 2) && is_active(s, 1, 2) && !is_active(s, 2, 2));
	assert_true(!is_active(s, 0, 3) && !is_active(s, 1, 3) && is_active(s, 2, 3));
	assert_true(!is_active(s, 3, 4));
	assert_true(s->entries[0].unsound == 2 && s->entries[1].unsound == 0);
	gd_spectrum_free(s);

	s = new_spectrum("raw", 0, 2);
	gd_spectrum_set_active(s, 0, 0, (const float[]){ 0, -1, 1e-30f }, NULL);
	gd_spectrum_set_active(s, 0, 1, (const float[]){ INFINITY, -INFINITY, 2 }, NULL);
	assert_true(!is_active(s, 0, 0) && !is_active(s, 1, 0) && is_active(s, 2, 0));
	assert_true(!is_active(s, 0, 1) && !is_active(s, 1, 1) && is_active(s, 2, 1));
	gd_spectrum_free(s);

	s = new_spectrum("raw", -2, 1);
	gd_spectrum_set_active(s, 0, 0, (const float[]){ -1, -3, -INFINITY }, NULL);
	assert_true(is_active(s, 0, 0) && !is_active(s, 1, 0) && !is_active(s, 2, 0));
	gd_spectrum_free(s);

	s = new_spectrum("neuron", 0.75, 1);
	const gd_bounds bounds[] = { { 0, 4 }, { -1, 1 }, { 2, 2 } };
	gd_spectrum_set_active(s, 0, 0, (const float[]){ 3, 0.75f, 2 }, bounds);
	assert_true(!is_active(s, 0, 0) && is_active(s, 1, 0) && !is_active(s, 2, 0));
	gd_spectrum_free(s);

	s = new_spectrum("graded-layer", 0, 1);
	gd_spectrum_set_active(s, 0, 0, (const float[]){ -1, 0, 3 }, NULL);
	assert_true(s->graded[0] == 0 && s->graded[1] == 64 && s->graded[2] == 255 && !s->active);
	gd_spectrum_free(s);
}

static void bounds_see_finite_values_only(void **state)
{
	(void)state;
	gd_bounds bounds = gd_bounds_of((const float[]){ NAN, 2, -INFINITY, -3 }, 4);
	assert_true(bounds.low == -3 && bounds.high == 2);
	bounds = gd_bounds_of((const float[]){ NAN, INFINITY }, 2);
	assert_true(bounds.low > bounds.high && gd_scaled(1, bounds) == 0);
	near(gd_scaled(3e38f, (gd_bounds){ -3e38f, 3e38f }), 1); /* the difference does not fit a float */
}

static gd_spectrum *counted_spectrum(void)
{
	static const double sure[] = { 0.9, 0.4, 0.7, 0.2, 1.0, 0.3 };
	static const float values[][4] = { { 1, 0, 1, 1 }, { 1, 1, 0, 1 }, { 0, 1, 1, 1 }, { 0, 1, 0, 1 }, { 1, 0, 0, 0 },
		{ 0, 0, 0, 0 } };
	gd_spectrum *s = new_spectrum("raw", 0.5, 6);
	s->failing[0] = 7; /* the first three */
	s->failed = 3;
	for (int64_t t = 0; t < 6; t++) {
		gd_spectrum_set_active(s, 0, t, values[t], NULL);
		gd_spectrum_set_active(s, 1, t, values[t] + 3, NULL);
		for (int kind = 0; kind < GD_CONFIDENCES; kind++)
			s->confidence[kind][t] = sure[t];
	}
	return s;
}

static void expect_counts(const char *policy, int neuron, double ef, double nf, double ep, double np)
{
	gd_spectrum *s = counted_spectrum();
	gd_counts counts[4];
	gd_error err = { 0 };
	bool fell_back = true;
	assert_int_equal(
		gd_spectrum_counts(s, gd_weighting_find(policy), GD_CONFIDENCE_MAX, counts, &fell_back, &err), GD_OK);
	near(counts[neuron].ef, ef);
	near(counts[neuron].nf, nf);
	near(counts[neuron].ep, ep);
	near(counts[neuron].np, np);
	assert_false(fell_back);
	gd_spectrum_free(s);
}

static void counts_by_hand(void **state)
{
	(void)state;
	expect_counts("none", 0, 2, 1, 1, 2);
	expect_counts("none", 1, 2, 1, 1, 2);
	expect_counts("none", 2, 2, 1, 0, 3);
	expect_counts("none", 3, 3, 0, 1, 2);
	expect_counts("confidence", 0, 1.3, 0.7, 1, 0.5);
	expect_counts("confidence", 3, 2, 0, 0.2, 1.3);
	expect_counts("failed-only", 2, 1.6, 0.4, 0, 3);
	expect_counts("passed-only", 1, 2, 1, 0.2, 1.3);
	expect_counts("inverse-passed", 0, 1.3, 0.7, 0, 1.5);
	expect_counts("inverse", 1, 0.9, 0.1, 0.8, 0.7);
}

static void a_verdict_without_weight_counts_unweighted(void **state)
{
	(void)state;
	gd_spectrum *s = counted_spectrum();
	for (int64_t t = 0; t < 3; t++)
		s->confidence[GD_CONFIDENCE_GINI][t] = 0;
	gd_counts counts[4];
	gd_error err = { 0 };
	bool fell_back = false;
	assert_int_equal(
		gd_spectrum_counts(s, gd_weighting_find("confidence"), GD_CONFIDENCE_GINI, counts, &fell_back, &err), GD_OK);
	assert_true(fell_back);
	near(counts[3].ef, 3);
	near(counts[3].ep, 0.2);
	gd_spectrum_free(s);
}

/* Random activity over 1,000 tests against a plain loop; a neuron active in every failed test has exactly nf = 0. */
static void counts_equal_a_plain_loop(void **state)
{
	(void)state;
	enum { TESTS = 1000 };
	static const char *const coverages[] = { "raw", "graded-layer" };
	for (int which = 0; which < 2; which++) {
		gd_spectrum *s = new_spectrum(coverages[which], 0, TESTS);
		uint32_t seed = 12345;
		double cover[4][TESTS];
		for (int64_t t = 0; t < TESTS; t++) {
			float values[4];
			for (int n = 0; n < 4; n++) {
				seed = seed * 1664525u + 1013904223u;
				values[n] = (float)(seed >> 16) / 32768.0f - 1;
			}
			bool failed = values[3] > 0.2f || t == 700;
			seed = seed * 1664525u + 1013904223u;
			s->failing[t / 64] |= (uint64_t)failed << (t % 64);
			s->failed += failed;
			s->confidence[GD_CONFIDENCE_MARGIN][t] = (double)(seed >> 8) / 16777216.0;
			values[0] = failed ? 1 : values[0];
			gd_spectrum_set_active(s, 0, t, values, NULL);
			gd_spectrum_set_active(s, 1, t, values + 3, NULL);
			for (int n = 0; n < 4; n++)
				cover[n][t] = which ? s->graded[n * TESTS + t] / 255.0 : values[n] > 0;
		}
		gd_counts counts[4];
		gd_error err = { 0 };
		assert_int_equal(
			gd_spectrum_counts(s, gd_weighting_find("inverse-passed"), GD_CONFIDENCE_MARGIN, counts, NULL, &err),
			GD_OK);
		for (int n = 0; n < 4; n++) {
			gd_counts plain = { 0, 0, 0, 0 };
			for (int64_t t = 0; t < TESTS; t++) {
				bool failed = gd_spectrum_is_failed(s, t);
				double c = s->confidence[GD_CONFIDENCE_MARGIN][t], w = failed ? c : 1 - c;
				*(failed ? &plain.ef : &plain.ep) += w * cover[n][t];
				*(failed ? &plain.nf : &plain.np) += w * (1 - cover[n][t]);
			}
			assert_true(fabs(counts[n].ef - plain.ef) < 1e-9 && fabs(counts[n].nf - plain.nf) < 1e-9);
			assert_true(fabs(counts[n].ep - plain.ep) < 1e-9 && fabs(counts[n].np - plain.np) < 1e-9);
		}
		if (!which)
			assert_true(counts[0].nf == 0);
		gd_spectrum_free(s);
	}
}

static void hopeless_sizes_are_refused(void **state)
{
	(void)state;
	const gd_spectrum_entry entries[] = { { .name = "a", .kind = "Dense", .units = SIZE_MAX / 4 },
		{ .name = "b", .kind = "Dense", .units = SIZE_MAX - 2 } };
	gd_spectrum *spectrum = NULL;
	for (size_t count = 1; count < 3; count++) {
		gd_error err = { 0 };
		gd_spectrum_size size = { entries, count, 10, gd_coverage_find("layer") };
		assert_int_equal(gd_spectrum_new(&size, &spectrum, &err), GD_E_LIMIT);
		assert_null(spectrum);
	}
	gd_error err = { 0 };
	gd_spectrum_size none = { entries, 0, 0, gd_coverage_find("layer") };
	assert_int_equal(gd_spectrum_new(&none, &spectrum, &err), GD_E_INPUT);
	gd_spectrum_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(confidence_by_hand),
		cmocka_unit_test(outputs_become_probabilities),
		cmocka_unit_test(weights_by_hand),
		cmocka_unit_test(coverage_is_strict_and_leaves_nan_out),
		cmocka_unit_test(bounds_see_finite_values_only),
		cmocka_unit_test(counts_by_hand),
		cmocka_unit_test(a_verdict_without_weight_counts_unweighted),
		cmocka_unit_test(counts_equal_a_plain_loop),
		cmocka_unit_test(hopeless_sizes_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
