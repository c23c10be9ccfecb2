/* The method guider by hand, its options, and spectra that come and go through a file. */
#include "method/guider.h"
#include "method/stability.h"
#include "spectrum/spectrum_file.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka wants its includes before it */
#include <cmocka.h>

enum { TESTS = 6 };

/* Two layers of two neurons and one of one; tests 0, 1, 2 fail. Row: what neuron n does in tests 0 .. 5. */
static const char *const activity[5] = { "110100", "000011", "111000", "100111", "101010" };
static const double sure[TESTS] = { 0.9, 0.4, 0.7, 0.2, 1.0, 0.3 };
static const char digest[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static gd_spectrum *new_spectrum(const char *coverage, unsigned failing)
{
	static const char *one[] = { "conv", "bn" }, *two[] = { "dense" }, *three[] = { "out" };
	const gd_spectrum_entry entries[] = {
		{ .name = "conv", .kind = "Conv2D", .members = one, .member_count = 2, .units = 2 },
		{ .name = "dense", .kind = "Dense", .members = two, .member_count = 1, .units = 2 },
		{ .name = "out", .kind = "Dense", .members = three, .member_count = 1, .units = 1, .is_output = true }
	};
	gd_spectrum_size size = { entries, 3, TESTS, gd_coverage_find(coverage) };
	gd_spectrum *s = NULL;
	gd_error err = { 0 };
	assert_int_equal(gd_spectrum_new(&size, &s, &err), GD_OK);
	s->model_path = "model.keras";
	s->model_format = "keras3";
	s->sha256 = digest;
	s->parameters = 42;
	s->task = GD_TASK_MULTICLASS;
	s->threshold = 0.5;
	s->reduction = "mean";
	s->form = "probability";
	for (int t = 0; t < TESTS; t++) {
		float values[5];
		for (int n = 0; n < 5; n++)
			values[n] = activity[n][t] == '1';
		for (size_t entry = 0; entry < 3; entry++)
			gd_spectrum_set_active(s, entry, t, values + s->entries[entry].first, NULL);
		s->failing[0] |= (uint64_t)(failing >> t & 1) << t;
		s->failed += failing >> t & 1;
		s->expected[t] = t;
		s->predicted[t] = t - 1;
		s->error[t] = failing >> t & 1;
		for (int kind = 0; kind < GD_CONFIDENCES; kind++)
			s->confidence[kind][t] = sure[t];
	}
	assert_true(gd_spectrum_note(s, "a note of the %s", "pass"));
	return s;
}

static gd_ranking *rank(const gd_spectrum *s, const char *formula, const char *aggregation, const char *weighting)
{
	gd_options options;
	gd_error err = { 0 };
	gd_options_init(&options);
	assert_int_equal(gd_options_set(&options, "method", "guider", &err), GD_OK);
	assert_int_equal(gd_options_set(&options, "--formula", formula, &err), GD_OK);
	assert_int_equal(gd_options_set(&options, "aggregation", aggregation, &err), GD_OK);
	assert_int_equal(gd_options_set(&options, "weighting", weighting, &err), GD_OK);
	gd_method_input input = { .spectrum = s, .options = &options };
	gd_ranking *ranking = NULL;
	assert_int_equal(gd_rank(&input, &ranking, &err), GD_OK);
	return ranking;
}

static void near(double seen, double expected)
{
	if (!(fabs(seen - expected) <= 1e-12))
		fail_msg("%.17g, by hand %.17g", seen, expected);
}

static void a_ranking_by_hand(void **state)
{
	(void)state;
	gd_spectrum *s = new_spectrum("raw", 7);
	/* ef and ep: 2 1 | 0 2 || 3 0 | 1 3 || 2 1; Ochiai ef / sqrt(3 (ef+ep)) */
	gd_ranking *ranking = rank(s, "ochiai", "mean", "none");
	assert_string_equal(ranking->layers[0].name, "out");
	near(ranking->layers[0].score, 2.0 / 3);
	const gd_ranked_entry *second = &ranking->layers[1];
	assert_string_equal(second->name, "dense");
	near(second->score, (1 + 1 / sqrt(12)) / 2);
	assert_true(second->index == 1 && second->units == 2 && second->neuron_count == 2);
	assert_true(second->neurons[0].index == 0 && second->neurons[1].index == 1);
	near(second->neurons[1].score, 1 / sqrt(12));
	near(ranking->layers[2].score, 1.0 / 3);
	assert_true(ranking->layers[2].member_count == 2 && strcmp(ranking->layers[2].members[1], "bn") == 0);
	assert_true(ranking->tests == 6 && ranking->failed == 3 && ranking->passed == 3 && ranking->parameters == 42);
	assert_string_equal(ranking->task, "multiclass");
	assert_string_equal(ranking->verdict, "layer");
	assert_true(ranking->note_count >= 1 && strcmp(ranking->notes[0], "a note of the pass") == 0);
	assert_string_equal(ranking->options[0].name, "formula");
	assert_string_equal(ranking->options[0].text, "ochiai");
	gd_ranking_free(ranking);
	/* confident: F 2.0, P 1.5; conv ef 1.3 0 ep 0.2 1.3; dense ef 2 0.9 ep 0 1.5; out ef 1.6 ep 1 */
	ranking = rank(s, "tarantula", "max", "confidence");
	assert_string_equal(ranking->layers[0].name, "dense");
	near(ranking->layers[0].score, 1);
	near(ranking->layers[1].score, 0.65 / (0.65 + 0.2 / 1.5));
	near(ranking->layers[2].score, 0.8 / (0.8 + 1 / 1.5));
	gd_ranking_free(ranking);
	/* an infinite score counts one above the largest: D* of dense 0 is 9/0, conv 0 is 4/2 */
	ranking = rank(s, "dstar2", "max", "none");
	near(ranking->layers[0].score, 3);
	near(ranking->layers[0].neurons[0].score, 3);
	gd_ranking_free(ranking);
	gd_spectrum_free(s);
}

static void verdicts_without_a_counterpart_are_said(void **state)
{
	(void)state;
	gd_spectrum *s = new_spectrum("raw", 0);
	gd_ranking *ranking = rank(s, "hamming", "mean", "none");
	assert_string_equal(ranking->verdict, "none");
	for (size_t i = 0; i < 3; i++)
		assert_true(ranking->layers[i].index == (int)i && ranking->layers[i].score == 0);
	assert_non_null(strstr(ranking->notes[1], "no test fails"));
	gd_ranking_free(ranking);
	gd_spectrum_free(s);
	s = new_spectrum("raw", 63);
	for (const gd_formula *formula = gd_formulas; formula->name; formula++) {
		ranking = rank(s, formula->name, "balanced", "confidence");
		assert_string_equal(ranking->verdict, "none");
		assert_non_null(strstr(ranking->notes[1], "no test passes"));
		for (size_t i = 0; i < 3; i++)
			assert_true(isfinite(ranking->layers[i].score));
		gd_ranking_free(ranking);
	}
	gd_spectrum_free(s);
}

static void every_default_is_a_choice(void **state)
{
	(void)state;
	gd_options options;
	gd_error err = { 0 };
	gd_options_init(&options);
	for (gd_option_id id = 0; id < GD_OPTIONS; id++) {
		const gd_option *row = &gd_option_table[id];
		assert_true(row->name && row->help && row->standard);
		assert_int_equal(gd_options_set(&options, row->name, row->standard, &err), GD_OK);
		if (row->kind == GD_OPTION_CHOICE) {
			assert_non_null(options.text[id]);
			for (size_t i = 0; row->choice(i); i++) {
				assert_non_null(row->choice_about(i));
				assert_int_equal(gd_options_set(&options, row->name, row->choice(i), &err), GD_OK);
				assert_string_equal(options.text[id], row->choice(i));
			}
			assert_null(row->choice(1000));
		}
	}
	gd_options_init(&options);
	assert_true(isnan(options.number[GD_OPTION_THRESHOLD]) && options.number[GD_OPTION_BATCH] == 0);
	assert_int_equal(gd_options_set(&options, "threshold", "0.25", &err), GD_OK);
	assert_true(options.number[GD_OPTION_THRESHOLD] == 0.25);
}

static void bad_options_are_refused(void **state)
{
	(void)state;
	static const char *const bad[][3] = { { "formula", "Ochiai", "tarantula" }, { "formula", "", "ochiai" },
		{ "batch", "2.5", "whole" }, { "batch", "0", "1 to" }, { "threshold", "x", "auto" },
		{ "threshold", "1e999", "auto" }, { "tolerance", "-1", "from 0" }, { "threshold", "0,5", "number" },
		{ "tolerance", "nan", "number" }, { "colour", "red", "no option" } };
	gd_options options;
	gd_options_init(&options);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		gd_error err = { 0 };
		assert_int_equal(gd_options_set(&options, bad[i][0], bad[i][1], &err), GD_E_USAGE);
		assert_non_null(strstr(err.message, bad[i][2]));
	}
}

static unsigned char *save(const gd_spectrum *s, char *path, size_t *size)
{
	gd_error err = { 0 };
	assert_int_equal(gd_spectrum_save(s, path, &err), GD_OK);
	FILE *stream = fopen(path, "rb");
	assert_non_null(stream);
	unsigned char *bytes = malloc(1 << 16);
	assert_non_null(bytes);
	*size = fread(bytes, 1, 1 << 16, stream);
	fclose(stream);
	return bytes;
}

static void a_saved_spectrum_ranks_the_same(void **state)
{
	(void)state;
	char folder[] = "/tmp/dlguider-spectrum-XXXXXX", path[64], other[64];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/a", folder);
	snprintf(other, sizeof other, "%s/b", folder);
	static const char *const coverages[] = { "raw", "graded-layer" };
	for (int i = 0; i < 2; i++) {
		gd_spectrum *s = new_spectrum(coverages[i], 7), *again = NULL;
		size_t size, other_size;
		unsigned char *bytes = save(s, path, &size);
		gd_error err = { 0 };
		assert_int_equal(gd_spectrum_load(path, &again, &err), GD_OK);
		unsigned char *copy = save(again, other, &other_size);
		assert_int_equal(size, other_size);
		assert_memory_equal(bytes, copy, size);
		gd_ranking *ranking = rank(s, "ochiai", "balanced", "confidence"),
				   *same = rank(again, "ochiai", "balanced", "confidence");
		for (size_t k = 0; k < 3; k++) {
			assert_true(ranking->layers[k].score == same->layers[k].score);
			assert_string_equal(ranking->layers[k].name, same->layers[k].name);
		}
		assert_string_equal(same->sha256, digest);
		assert_string_equal(same->notes[0], "a note of the pass");
		gd_ranking_free(ranking);
		gd_ranking_free(same);
		gd_spectrum_free(s);
		gd_spectrum_free(again);
		free(bytes);
		free(copy);
	}
	unlink(path);
	unlink(other);
	rmdir(folder);
}

static void damaged_files_are_refused(void **state)
{
	(void)state;
	char folder[] = "/tmp/dlguider-spectrum-XXXXXX", path[64];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/a", folder);
	gd_spectrum *s = new_spectrum("raw", 7), *again = NULL;
	size_t size;
	unsigned char *bytes = save(s, path, &size);
	for (size_t i = 0; i < size; i++) {
		gd_error err = { 0 };
		unsigned char *cut = malloc(i ? i : 1); /* of its own size, so that reading past the end is seen */
		memcpy(cut, bytes, i);
		assert_true(gd_spectrum_load_bytes("cut", cut, i, &again, &err) != GD_OK && err.message[0] && !again);
		free(cut);
		for (int bit = 0; bit < 8; bit++) {
			gd_error other = { 0 };
			bytes[i] ^= (unsigned char)(1 << bit);
			assert_true(
				gd_spectrum_load_bytes("flipped", bytes, size, &again, &other) != GD_OK && other.message[0] && !again);
			bytes[i] ^= (unsigned char)(1 << bit);
		}
	}
	gd_error err = { 0 };
	assert_int_equal(gd_spectrum_load_bytes("no", "not a spectrum at all", 21, &again, &err), GD_E_INPUT);
	free(bytes);
	gd_spectrum_free(s);
	unlink(path);
	rmdir(folder);
}

/* A sound checksum around unsound content: what only the checks of the content can see. */
static void unsound_content_is_refused(void **state)
{
	(void)state;
	char folder[] = "/tmp/dlguider-spectrum-XXXXXX", path[64];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/a", folder);
	for (int which = 0; which < 8; which++) {
		gd_spectrum *s = new_spectrum("raw", 7), *again = NULL;
		gd_error err = { 0 };
		switch (which) {
		case 0:
			s->confidence[GD_CONFIDENCE_GINI][3] = 1.5;
			break;
		case 1:
			s->confidence[GD_CONFIDENCE_MAX][0] = NAN;
			break;
		case 2:
			s->failed = 2;
			break;
		case 3:
			s->failing[0] |= (uint64_t)1 << 40;
			break;
		case 4:
			s->active[2] |= (uint64_t)1 << 63;
			break;
		case 5:
			s->sha256 = "../../etc/passwd";
			break;
		case 6:
			s->threshold = INFINITY;
			break;
		default:
			s->form = "unknown";
			break;
		}
		assert_int_equal(gd_spectrum_save(s, path, &err), GD_OK);
		assert_int_equal(gd_spectrum_load(path, &again, &err), GD_E_INPUT);
		assert_non_null(strstr(err.message, "damaged"));
		gd_spectrum_free(s);
	}
	unlink(path);
	rmdir(folder);
}

static gd_stability stability_of(const gd_spectrum *s)
{
	gd_options options;
	gd_error err = { 0 };
	gd_stability out;
	double neurons[5], entries[3];
	bool fell_back;
	gd_options_init(&options);
	assert_int_equal(gd_options_set(&options, "formula", "ochiai", &err), GD_OK);
	assert_int_equal(gd_options_set(&options, "aggregation", "max", &err), GD_OK);
	assert_int_equal(gd_options_set(&options, "weighting", "none", &err), GD_OK);
	assert_int_equal(gd_guider_scores(s, &options, neurons, entries, &fell_back, &err), GD_OK);
	assert_int_equal(gd_stability_of(s, &options, entries, &out, &err), GD_OK);
	return out;
}

static void a_steady_first_place_is_told_from_a_lucky_one(void **state)
{
	(void)state;
	gd_spectrum *s = new_spectrum("raw", 7);
	gd_stability steady = stability_of(s), again = stability_of(s);
	/* dense 0 is active in all failed tests and no passed one: first in every draw that has a failed test */
	assert_true(steady.draws == 100 && steady.kept >= 95 && again.kept == steady.kept);
	s->active[2] = 0; /* now nothing stands out: out 2/3, conv 2/3 */
	gd_stability lucky = stability_of(s);
	assert_true(lucky.kept < 80);
	gd_ranking *ranking = rank(s, "ochiai", "max", "none");
	assert_non_null(strstr(ranking->notes[ranking->note_count - 1], "stays first in only"));
	gd_ranking_free(ranking);
	gd_spectrum_free(s);
	s = new_spectrum("raw", 0);
	assert_int_equal(stability_of(s).draws, 0);
	gd_spectrum_free(s);
}

static void drawn_counts_by_hand(void **state)
{
	(void)state;
	static const uint32_t once[TESTS] = { 1, 1, 1, 1, 1, 1 }, drawn[TESTS] = { 2, 0, 1, 3, 0, 0 };
	gd_error err = { 0 };
	gd_counts plain[5], same[5], other[5];
	gd_spectrum *s = new_spectrum("raw", 7);
	assert_int_equal(gd_spectrum_counts(s, gd_weighting_find("none"), GD_CONFIDENCE_MAX, plain, NULL, &err), GD_OK);
	assert_int_equal(
		gd_spectrum_counts_drawn(s, gd_weighting_find("none"), GD_CONFIDENCE_MAX, once, same, &err), GD_OK);
	assert_memory_equal(plain, same, sizeof plain);
	assert_int_equal(
		gd_spectrum_counts_drawn(s, gd_weighting_find("none"), GD_CONFIDENCE_MAX, drawn, other, &err), GD_OK);
	assert_true(other[0].ef == 2 && other[0].nf == 1 && other[0].ep == 3 && other[0].np == 0); /* "110100" */
	assert_true(other[4].ef == 3 && other[4].nf == 0 && other[4].ep == 0 && other[4].np == 3); /* "101010" */
	gd_spectrum_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ranking_by_hand),
		cmocka_unit_test(verdicts_without_a_counterpart_are_said),
		cmocka_unit_test(every_default_is_a_choice),
		cmocka_unit_test(bad_options_are_refused),
		cmocka_unit_test(a_saved_spectrum_ranks_the_same),
		cmocka_unit_test(damaged_files_are_refused),
		cmocka_unit_test(unsound_content_is_refused),
		cmocka_unit_test(drawn_counts_by_hand),
		cmocka_unit_test(a_steady_first_place_is_told_from_a_lucky_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
