#include "refit/fitting.h"
#include "refit/shapes.h"
#include <math.h>
#include <string.h>
#include <time.h>

enum { STEPS = 40 };

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

bool gd_fitting_late(const gd_fitting *f)
{
	return now() > f->deadline;
}

bool gd_fitting_is_of(const gd_fitting *f, size_t weight, int entry)
{
	return f->engines.weights[weight].entry == entry && f->engines.gradients[weight];
}

gd_status gd_fitting_step(gd_fitting *f, int entry, double *loss, gd_error *err)
{
	const int64_t tests = f->tests.split.fit_count;
	gd_status status = GD_OK;
	*loss = 0;
	for (size_t w = 0; w < f->engines.weight_count; w++)
		if (gd_fitting_is_of(f, w, entry))
			memset(f->sums[w], 0, f->engines.weights[w].count * sizeof(double));
	for (int64_t at = 0; at < tests && status == GD_OK; at += f->tests.chunk) {
		int64_t count = tests - at < f->tests.chunk ? tests - at : f->tests.chunk;
		double part, share = (double)count / (double)tests;
		gd_refit_batch batch = gd_refit_tests_batch(&f->tests, GD_REFIT_FIT, at, count);
		status = gd_refit_engines_step(&f->engines, &batch, entry, share, &part, f->sums, err);
		*loss += status == GD_OK ? share * part : 0;
	}
	return status;
}

gd_status gd_fitting_judge(gd_fitting *f, double *loss, gd_turned *turned, gd_error *err)
{
	const int64_t tests = f->tests.split.judge_count;
	gd_status status = GD_OK;
	*loss = 0;
	for (int64_t at = 0; at < tests && status == GD_OK; at += f->tests.chunk) {
		int64_t count = tests - at < f->tests.chunk ? tests - at : f->tests.chunk;
		double part;
		gd_array output;
		gd_refit_batch batch = gd_refit_tests_batch(&f->tests, GD_REFIT_JUDGE, at, count);
		status = gd_refit_engines_judge(&f->engines, &batch, &part, &output, err);
		if (status != GD_OK)
			break;
		*loss += (double)count / (double)tests * part;
		const float *values = output.data;
		for (int64_t i = 0; i < count && status == GD_OK && turned; i++) {
			gd_verdict verdict;
			status = gd_oracle_judge(&f->tests.oracle, f->tests.split.judge[at + i], 1, values + (size_t)i * f->tests.target_width, &verdict, err);
			turned->mended += status == GD_OK && f->tests.failed[at + i] && !verdict.failed;
			turned->broken += status == GD_OK && !f->tests.failed[at + i] && verdict.failed;
		}
	}
	return status;
}

double gd_fitting_share(double before, double after)
{
	if (!isfinite(before) || !isfinite(after))
		return isfinite(after) ? 1.0 : -5.0;
	double share = (before - after) / (fabs(before) + 1e-9);
	return share < -5.0 ? -5.0 : share > 1.0 ? 1.0 : share;
}

float gd_refit_weight_original(const gd_refit_weight *weight, size_t at)
{
	float value; /* the file's bytes may lie at any address */
	memcpy(&value, (const char *)weight->tensor->data + at * sizeof value, sizeof value);
	return value;
}

void gd_fitting_restore(gd_fitting *f, int entry)
{
	for (size_t w = 0; w < f->engines.weight_count; w++)
		if (gd_fitting_is_of(f, w, entry)) {
			const gd_refit_weight *weight = &f->engines.weights[w];
			memcpy(weight->values, weight->tensor->data, weight->count * sizeof *weight->values);
			memset(f->first[w], 0, weight->count * sizeof(double));
			memset(f->second[w], 0, weight->count * sizeof(double));
		}
}

static double **arrays(const gd_refit_engines *engines, gd_arena *arena)
{
	double **list = gd_arena_new(arena, engines->weight_count + 1, sizeof *list);
	for (size_t w = 0; list && w < engines->weight_count; w++)
		if (!(list[w] = gd_arena_new(arena, engines->weights[w].count, sizeof(double))))
			return NULL;
	return list;
}

static void say_why(gd_refit *result, const char *why)
{
	for (size_t i = 0; i < result->entry_count; i++)
		if (!result->entries[i].tried && !result->entries[i].why_not)
			result->entries[i].why_not = why;
}

/* Entries that have no weights, or whose weights no gradient reaches. */
static void say_what_cannot(gd_fitting *f, const gd_refit_weight *all, size_t all_count, const char *obstacle)
{
	for (size_t e = 0; e < f->result->entry_count; e++) {
		bool has = false, reached = false;
		for (size_t w = 0; w < all_count; w++)
			has = has || all[w].entry == (int)e;
		for (size_t w = 0; w < f->engines.weight_count; w++)
			reached = reached || gd_fitting_is_of(f, w, (int)e);
		if (!has)
			f->result->entries[e].why_not = "it has no weights to fit";
		else if (!reached)
			f->result->entries[e].why_not = obstacle ? obstacle : "the output does not depend on its weights";
	}
}

gd_status gd_fitting_open(gd_fitting *f, const gd_refit_request *request, gd_refit *result, gd_error *err)
{
	*f = (gd_fitting){ .request = request, .result = result, .steps = request->steps > 0 ? request->steps : STEPS };
	f->deadline = isfinite(request->seconds) ? now() + request->seconds : INFINITY;
	const char *why_not = NULL, *obstacle = NULL;
	gd_refit_weight *all;
	size_t all_count;
	gd_status status = gd_refit_tests_open(request->model, request->inputs, request->labels, request->spectrum, &result->arena, &f->tests, &why_not, err);
	if (status != GD_OK || why_not) {
		say_why(result, why_not);
		return status;
	}
	result->fit_tests = f->tests.split.fit_count;
	result->judge_tests = f->tests.split.judge_count;
	result->judge_failed = f->tests.judge_failed;
	result->loss = f->tests.loss;
	gd_graph graph;
	gd_refit_batch two = gd_refit_tests_batch(&f->tests, GD_REFIT_FIT, 0, 2), three = gd_refit_tests_batch(&f->tests, GD_REFIT_FIT, 0, 3);
	status = gd_refit_shapes(request->model, &two, &three, request->threads, &result->arena, &graph, err);
	if (status == GD_OK)
		status = gd_refit_weights(request->model, &result->arena, &all, &all_count, err);
	if (status == GD_OK)
		status = gd_refit_engines_open(request->model, &graph, all, all_count, f->tests.loss, request->threads, &result->arena, &f->engines, &obstacle, err);
	if (status != GD_OK)
		return status;
	say_what_cannot(f, all, all_count, obstacle);
	f->sums = arrays(&f->engines, &result->arena);
	f->first = arrays(&f->engines, &result->arena);
	f->second = arrays(&f->engines, &result->arena);
	if (!f->sums || !f->first || !f->second)
		return gd_fail_memory(err, "preparing to re-fit");
	return f->engines.weight_count ? gd_fitting_judge(f, &result->loss_judge, NULL, err) : GD_OK;
}

void gd_fitting_close(gd_fitting *f)
{
	gd_refit_engines_close(&f->engines);
}
