#include "refit/fitting.h"
#include "refit/shapes.h"
#include <math.h>
#include <string.h>

enum { STEPS = 40 };

/* Adam's constants; the step is a share of the weights' own size, so that one rate suits layers of any scale. */
static const double RATE = 0.01, LEAST_SCALE = 0.2, MEAN_SCALE = 10.0, DECAY = 0.9, DECAY_SQUARE = 0.99, TINY = 1e-8;

gd_status gd_fitting_watch(const gd_fitting *f, gd_error *err)
{
	const gd_refit_request *r = f->request;
	bool goes_on = !r->progress || !f->layer || r->progress(r->progress_state, f->layer, f->done, f->total);
	return goes_on ? GD_OK : gd_fail(err, GD_E_INTERRUPTED, "stopped while re-fitting %s", f->layer);
}

gd_status gd_fitting_step(gd_fitting *f, double *loss, gd_error *err)
{
	const int64_t tests = f->tests.split.fit_count;
	gd_status status = gd_fitting_watch(f, err);
	*loss = 0;
	for (size_t w = 0; w < f->engines.weight_count; w++)
		memset(f->sums[w], 0, f->engines.weights[w].count * sizeof(double));
	for (int64_t at = 0; at < tests && status == GD_OK; at += f->tests.chunk) {
		int64_t count = tests - at < f->tests.chunk ? tests - at : f->tests.chunk;
		double part = 0, share = (double)count / (double)tests;
		status = gd_refit_engines_run(&f->engines, GD_REFIT_FIT, at, count, &part, NULL, share, f->sums, err);
		*loss += share * part;
	}
	return status;
}

static double mean_size(const gd_refit_weight *weight)
{
	double sum = 0;
	size_t finite = 0;
	for (size_t i = 0; i < weight->count; i++) {
		float v = gd_refit_weight_original(weight, i);
		if (isfinite(v)) {
			sum += fabs((double)v);
			finite++;
		}
	}
	return finite ? sum / (double)finite : 0.0;
}

void gd_fitting_adam(gd_fitting *f, int step)
{
	const double c1 = 1.0 - pow(DECAY, step), c2 = 1.0 - pow(DECAY_SQUARE, step);
	for (size_t w = 0; w < f->engines.weight_count; w++) {
		const gd_refit_weight *weight = &f->engines.weights[w];
		const double rate = RATE * fmax(LEAST_SCALE, MEAN_SCALE * mean_size(weight));
		for (size_t i = 0; i < weight->count; i++) {
			double g = f->sums[w][i], *m = &f->first[w][i], *v = &f->second[w][i];
			*m = DECAY * *m + (1.0 - DECAY) * g;
			*v = DECAY_SQUARE * *v + (1.0 - DECAY_SQUARE) * g * g;
			double next = (double)weight->values[i] - rate * (*m / c1) / (sqrt(*v / c2) + TINY);
			weight->values[i] = isfinite(next) ? (float)next : 0.0f; /* a NaN weight is mended by starting anew */
		}
	}
}

gd_status gd_fitting_judge(gd_fitting *f, double *loss, gd_turned *turned, gd_error *err)
{
	const int64_t tests = f->tests.split.judge_count;
	gd_status status = GD_OK;
	*loss = 0;
	for (int64_t at = 0; at < tests && status == GD_OK; at += f->tests.chunk) {
		int64_t count = tests - at < f->tests.chunk ? tests - at : f->tests.chunk;
		double part = 0;
		gd_array output = { 0 };
		status = gd_refit_engines_run(&f->engines, GD_REFIT_JUDGE, at, count, &part, &output, 0, NULL, err);
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

void gd_fitting_restore(gd_fitting *f)
{
	for (size_t w = 0; w < f->engines.weight_count; w++) {
		const gd_refit_weight *weight = &f->engines.weights[w];
		memcpy(weight->values, weight->tensor->data, weight->count * sizeof *weight->values);
		memset(f->first[w], 0, weight->count * sizeof(double));
		memset(f->second[w], 0, weight->count * sizeof(double));
	}
}

static void say_why(gd_refit *result, const char *why)
{
	for (size_t i = 0; i < result->entry_count; i++)
		if (!result->entries[i].tried && !result->entries[i].why_not)
			result->entries[i].why_not = why;
}

gd_status gd_fitting_open(gd_fitting *f, const gd_refit_request *request, gd_refit *result, gd_error *err)
{
	*f = (gd_fitting){ .request = request, .result = result, .steps = request->steps > 0 ? request->steps : STEPS };
	f->left = request->seconds;
	const char *why_not = NULL;
	gd_status status = gd_refit_tests_open(request->model, request->inputs, request->labels, request->spectrum, &result->arena, &f->tests, &why_not, err);
	if (status != GD_OK || why_not) {
		say_why(result, why_not);
		return status;
	}
	result->fit_tests = f->tests.split.fit_count;
	result->judge_tests = f->tests.split.judge_count;
	result->judge_failed = f->tests.judge_failed;
	result->loss = f->tests.loss;
	gd_refit_batch two = gd_refit_tests_batch(&f->tests, GD_REFIT_FIT, 0, 2), three = gd_refit_tests_batch(&f->tests, GD_REFIT_FIT, 0, 3);
	status = gd_refit_shapes(request->model, &two, &three, request->threads, &result->arena, &f->graph, err);
	if (status == GD_OK)
		status = gd_work_open(request->model, &f->graph, &f->tests, &result->arena, &f->work, err);
	return status == GD_OK ? gd_refit_weights(request->model, &result->arena, &f->weights, &f->weight_count, err) : status;
}

static double **arrays(gd_refit_engines *engines)
{
	double **list = gd_arena_new(&engines->arena, engines->weight_count, sizeof *list);
	for (size_t w = 0; list && w < engines->weight_count; w++)
		if (!(list[w] = gd_arena_new(&engines->arena, engines->weights[w].count, sizeof(double))))
			return NULL;
	return list;
}

gd_status gd_fitting_open_part(gd_fitting *f, const gd_refit_part *part, const char **why_not, gd_error *err)
{
	gd_status status = gd_refit_engines_open(part, &f->result->arena, &f->engines, why_not, err);
	if (status != GD_OK || *why_not)
		return status;
	f->sums = arrays(&f->engines);
	f->first = arrays(&f->engines);
	f->second = arrays(&f->engines);
	if (f->sums && f->first && f->second)
		return GD_OK;
	gd_fitting_close_entry(f);
	return gd_fail_memory(err, "preparing to re-fit");
}

gd_status gd_fitting_open_entry(gd_fitting *f, int entry, const char **why_not, gd_error *err)
{
	gd_refit_part part = { f->request->model, &f->graph, f->weights, f->weight_count, entry, false, &f->tests, f->request->threads, NULL };
	gd_status status = gd_fitting_open_part(f, &part, why_not, err);
	if (status != GD_OK || *why_not)
		return status;
	if (!f->known_before)
		status = gd_fitting_judge(f, &f->result->loss_judge, NULL, err);
	f->known_before = f->known_before || status == GD_OK;
	if (status != GD_OK)
		gd_fitting_close_entry(f);
	return status;
}

void gd_fitting_close_entry(gd_fitting *f)
{
	gd_refit_engines_close(&f->engines);
}
