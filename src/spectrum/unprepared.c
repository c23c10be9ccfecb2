#include "spectrum/unprepared.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TESTS = 128, LEAST_TESTS = 20, MOST_INPUTS = 16 };
static const double least_gain = 0.3; /* share of the tests: far beyond what another scale does to a model that suits them */

typedef enum { RANGE_BYTES, RANGE_SHARES, RANGE_SIGNED, RANGE_OTHER } range;

/* What programs do to numbers of that range, by the options that do the same. */
static const struct {
	range from;
	const char *scale, *normalize, *said;
} candidates[] = {
	{ RANGE_BYTES, "1/255", NULL, "--scale 1/255" },
	{ RANGE_BYTES, NULL, "127.5,127.5", "--normalize 127.5,127.5" },
	{ RANGE_SHARES, "255", NULL, "--scale 255" },
	{ RANGE_SHARES, NULL, "0.5,0.5", "--normalize 0.5,0.5" },
	{ RANGE_SIGNED, NULL, "-1,2", "--normalize -1,2" },
	{ RANGE_SIGNED, "127.5", "-127.5,1", "--scale 127.5 --normalize -127.5,1" },
};

typedef struct {
	const gd_unprepared *request;
	int64_t tests;
	float low, high;
	bool whole, any;
} trial;

static void look(trial *t, const gd_array *rows)
{
	const size_t count = rows->type == GD_F32 ? rows->bytes / sizeof(float) : 0;
	const float *numbers = rows->data;
	for (size_t i = 0; i < count; i++) {
		t->low = fminf(t->low, numbers[i]);
		t->high = fmaxf(t->high, numbers[i]);
		t->whole = t->whole && numbers[i] == floorf(numbers[i]);
	}
	t->any = t->any || count > 0;
}

static range range_of(const trial *t)
{
	if (!t->any || !isfinite(t->low) || !isfinite(t->high))
		return RANGE_OTHER;
	if (t->whole)
		return t->low >= 0 && t->high <= 255 && t->high >= 16 ? RANGE_BYTES : RANGE_OTHER;
	if (t->low >= 0)
		return t->high <= 1 ? RANGE_SHARES : RANGE_OTHER;
	return t->low >= -1 && t->high <= 1 ? RANGE_SIGNED : RANGE_OTHER;
}

static gd_status survey(trial *t, gd_error *err)
{
	const gd_unprepared *r = t->request;
	gd_status status = GD_OK;
	for (int64_t first = 0; first < t->tests && status == GD_OK; first += r->batch) {
		const gd_array *rows;
		status = gd_feed_read(r->feed, first, t->tests - first < r->batch ? t->tests - first : r->batch, &rows, err);
		for (size_t i = 0; status == GD_OK && i < gd_feed_inputs(r->feed); i++)
			look(t, &rows[i]);
	}
	return status;
}

/* The arrays of one batch with their numbers changed; copies lie in the arena. */
static gd_status change(const gd_array *rows, size_t count, const gd_preparation *how, gd_arena *arena, gd_array *out, gd_error *err)
{
	for (size_t i = 0; i < count; i++) {
		out[i] = rows[i];
		if (rows[i].type != GD_F32)
			continue;
		out[i].data = gd_arena_new(arena, rows[i].bytes, 1);
		if (!out[i].data)
			return gd_fail_memory(err, "trying other inputs");
		memcpy(out[i].data, rows[i].data, rows[i].bytes);
		gd_preparation_apply(how, out[i].data, false, rows[i].bytes / sizeof(float), 1, 1);
	}
	return GD_OK;
}

static gd_status count_passed(const trial *t, const gd_preparation *how, int64_t *passed, gd_error *err)
{
	const gd_unprepared *r = t->request;
	gd_status status = GD_OK;
	*passed = 0;
	for (int64_t first = 0; first < t->tests && status == GD_OK; first += r->batch) {
		const int64_t count = t->tests - first < r->batch ? t->tests - first : r->batch;
		const gd_array *rows;
		gd_array changed[MOST_INPUTS];
		gd_arena arena = { 0 };
		status = gd_feed_read(r->feed, first, count, &rows, err);
		if (status == GD_OK)
			status = change(rows, gd_feed_inputs(r->feed), how, &arena, changed, err);
		if (status == GD_OK)
			status = gd_session_run(r->session, changed, r->outputs, err);
		if (status == GD_OK && r->outputs[0].bytes == (size_t)count * r->oracle->units * r->oracle->places * sizeof(float))
			status = gd_oracle_judge(r->oracle, first, count, r->outputs[0].data, r->verdicts, err);
		for (int64_t i = 0; i < count && status == GD_OK; i++)
			*passed += !r->verdicts[i].failed;
		gd_arena_free(&arena);
	}
	return status;
}

static int64_t passed_before(const trial *t)
{
	int64_t passed = 0;
	for (int64_t i = 0; i < t->tests; i++)
		passed += !gd_spectrum_is_failed(t->request->spectrum, i);
	return passed;
}

static gd_status try_all(const trial *t, gd_error *err)
{
	const range from = range_of(t);
	const int64_t before = passed_before(t);
	int64_t best = before + (int64_t)ceil(least_gain * (double)t->tests) - 1;
	const char *said = NULL;
	for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++) {
		gd_preparation how;
		int64_t passed;
		if (candidates[i].from != from)
			continue;
		gd_status status = gd_preparation_parse(candidates[i].scale, candidates[i].normalize, NULL, &how, err);
		if (status == GD_OK)
			status = count_passed(t, &how, &passed, err);
		if (status != GD_OK)
			return status;
		if (passed > best) {
			best = passed;
			said = candidates[i].said;
		}
	}
	bool fine = !said || gd_spectrum_note(t->request->spectrum,
							 "the inputs look unprepared: of the first %lld tests the model passes %lld as they are and %lld with %s; does the program change them "
							 "before the model sees them?",
							 (long long)t->tests, (long long)before, (long long)best, said);
	return fine ? GD_OK : gd_fail_memory(err, "trying other inputs");
}

gd_status gd_unprepared_note(const gd_unprepared *request, gd_error *err)
{
	const gd_spectrum *s = request->spectrum;
	trial t = { .request = request, .tests = s->tests < MOST_TESTS ? s->tests : MOST_TESTS, .low = INFINITY, .high = -INFINITY, .whole = true };
	if (2 * s->failed <= s->tests || t.tests < LEAST_TESTS || gd_feed_is_prepared(request->feed) || gd_feed_inputs(request->feed) > MOST_INPUTS)
		return GD_OK;
	gd_status status = survey(&t, err);
	return status == GD_OK && range_of(&t) != RANGE_OTHER ? try_all(&t, err) : status;
}
