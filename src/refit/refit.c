#include "refit/alternatives.h"
#include "refit/fitting.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Norms and the angle before the first step, from the gradient in sums. */
static void measure(const gd_fitting *f, gd_refit_entry *out)
{
	double gg = 0, ww = 0, gw = 0;
	for (size_t w = 0; w < f->engines.weight_count; w++)
		for (size_t i = 0; i < f->engines.weights[w].count; i++) {
			double g = f->sums[w][i], v = (double)f->engines.weights[w].values[i];
			gg += g * g;
			ww += v * v;
			gw += g * v;
		}
	out->gradient_norm = sqrt(gg);
	out->weight_norm = sqrt(ww);
	out->cosine = gg > 0 && ww > 0 ? gw / sqrt(gg * ww) : 0.0;
}

static double change_of(const gd_fitting *f, double weight_norm)
{
	double sum = 0;
	for (size_t w = 0; w < f->engines.weight_count; w++) {
		const gd_refit_weight *weight = &f->engines.weights[w];
		for (size_t i = 0; i < weight->count; i++) {
			double d = (double)weight->values[i] - (double)gd_refit_weight_original(weight, i);
			sum += isfinite(d) ? d * d : 0;
		}
	}
	return weight_norm > 0 ? sqrt(sum) / weight_norm : 0.0;
}

/* Leaves the fitted weights in place. */
static gd_status fit_entry(gd_fitting *f, gd_refit_entry *out, gd_error *err)
{
	double loss = 0, start = 0, best = INFINITY, quarter = INFINITY, end;
	gd_fitting_restore(f);
	gd_status status = GD_OK;
	for (int step = 1; step <= f->steps && status == GD_OK; step++) {
		if (step == 1 + f->steps / 4) {
			gd_turned early = { 0 };
			status = gd_fitting_judge(f, &end, &early, err);
			out->short_end = gd_fitting_share(f->result->loss_judge, end);
			out->short_mended = early.mended;
			out->short_broken = early.broken;
		}
		if (status == GD_OK)
			status = gd_fitting_step(f, &loss, err);
		if (step == 1) {
			start = loss;
			measure(f, out);
		}
		best = fmin(best, loss);
		if (step <= 1 + f->steps / 4)
			quarter = loss;
		if (status == GD_OK)
			gd_fitting_adam(f, step);
	}
	gd_turned turned = { 0 };
	if (status == GD_OK)
		status = gd_fitting_judge(f, &end, &turned, err);
	if (status != GD_OK)
		return status;
	out->mended = turned.mended;
	out->broken = turned.broken;
	out->fit_quarter = gd_fitting_share(start, quarter);
	out->fit_end = gd_fitting_share(start, best);
	out->judge_end = gd_fitting_share(f->result->loss_judge, end);
	out->change = change_of(f, out->weight_norm);
	out->tried = out->fitted = true;
	f->result->loss_fit = start;
	return GD_OK;
}

static gd_refit *refit_new(const gd_model *model)
{
	gd_refit *result = calloc(1, sizeof *result);
	if (!result)
		return NULL;
	result->entry_count = model->entry_count;
	result->entries = gd_arena_new(&result->arena, model->entry_count, sizeof *result->entries);
	if (result->entries)
		return result;
	gd_refit_free(result);
	return NULL;
}

/* All that can be found out about one entry; the file's weights are in place again afterwards. */
static gd_status try_entry(gd_fitting *f, int entry, gd_error *err)
{
	gd_refit_entry *out = &f->result->entries[entry], fresh = { 0 };
	gd_status status = gd_fitting_open_entry(f, entry, &fresh.why_not, err);
	const bool fits = status == GD_OK && !fresh.why_not;
	if (fits)
		status = fit_entry(f, &fresh, err);
	if (fits && status == GD_OK)
		status = gd_fit_columns(f, &fresh, err);
	if (status == GD_OK)
		status = gd_fit_alternatives(f, entry, &fresh, err);
	if (fits) {
		gd_fitting_restore(f);
		gd_fitting_close_entry(f);
	}
	if (status == GD_OK) {
		fresh.seconds = out->seconds;
		fresh.tried = fresh.fitted || fresh.has_alternatives;
		*out = fresh;
		f->result->tried += fresh.tried;
	}
	return status;
}

/* The model itself has run on these tests, so what the engine has against the gradient of one layer is no fault of the
 * user's files, and no reason to go without a ranking. */
static bool is_of_the_entry(gd_status status)
{
	return status == GD_E_INPUT || status == GD_E_UNSUPPORTED;
}

/* An entry is tried whole or not at all, and by what it takes as it is counted, not timed: the same layers are tried on
 * every machine. */
static bool fits_budget(gd_fitting *f, int entry)
{
	const gd_model *model = f->request->model;
	const size_t units = model->entries[entry].units;
	gd_alternative found[GD_MOST_ALTERNATIVES];
	gd_work_plan plan = { .entry = entry, .steps = f->steps, .weights = f->weights, .weight_count = f->weight_count };
	plan.columns = units >= 2 && units <= GD_MOST_COLUMNS ? units : 0;
	plan.alternatives = gd_alternatives_find(model, &f->graph, entry, &f->tests, found);
	double seconds = gd_work_of(&f->work, &plan);
	f->result->entries[entry].seconds = seconds;
	if (seconds > f->left)
		return false;
	f->left -= seconds;
	return true;
}

static gd_status fit_in_order(gd_fitting *f, gd_error *err)
{
	const gd_refit_request *request = f->request;
	f->total = request->order ? request->order_count : f->result->entry_count;
	for (f->done = 0; f->done < f->total; f->done++) {
		int entry = request->order ? request->order[f->done] : (int)f->done;
		gd_refit_entry *out = &f->result->entries[entry];
		f->layer = request->model->layers[request->model->entries[entry].head].name;
		if (!fits_budget(f, entry)) {
			out->late = true;
			out->why_not = "re-fitting it does not fit into the budget";
			continue;
		}
		gd_error why = { 0 };
		gd_status status = gd_fitting_watch(f, err);
		if (status == GD_OK)
			status = try_entry(f, entry, &why);
		if (!is_of_the_entry(status) && status != GD_OK)
			return why.status ? gd_fail(err, status, "%s", why.message) : status;
		if (status != GD_OK && !(out->why_not = gd_arena_text(&f->result->arena, why.message, strlen(why.message))))
			return gd_fail_memory(err, "re-fitting");
	}
	return GD_OK;
}

gd_status gd_refit_run(const gd_refit_request *request, gd_refit **out, gd_error *err)
{
	gd_refit *result = refit_new(request->model);
	if (!result)
		return gd_fail_memory(err, "preparing to re-fit");
	gd_fitting f;
	gd_status status = gd_fitting_open(&f, request, result, err);
	if (status == GD_OK && f.weights)
		status = fit_in_order(&f, err);
	if (status == GD_OK)
		*out = result;
	else
		gd_refit_free(result);
	return status;
}

void gd_refit_free(gd_refit *refit)
{
	if (!refit)
		return;
	gd_arena_free(&refit->arena);
	free(refit);
}

/* The model's graph with the fitted weights in place of the file's. */
static gd_status encode_mended(const gd_fitting *f, gd_arena *arena, gd_text *onnx, gd_error *err)
{
	gd_graph graph = f->request->model->graph;
	gd_tensor *tensors = gd_arena_copy(arena, graph.tensors, graph.tensor_count * sizeof *tensors);
	if (!tensors)
		return gd_fail_memory(err, "writing the mended model");
	for (size_t i = 0; i < graph.tensor_count; i++)
		for (size_t w = 0; w < f->engines.weight_count; w++)
			if (strcmp(f->engines.weights[w].name, tensors[i].name) == 0)
				tensors[i].data = f->engines.weights[w].values;
	graph.tensors = tensors;
	return gd_onnx_encode(&graph, onnx, err);
}

static gd_status mend(gd_fitting *f, int entry, gd_text *onnx, gd_refit_entry *outcome, gd_error *err)
{
	const char *name = f->request->model->layers[f->request->model->entries[entry].head].name, *why_not = f->result->entries[entry].why_not;
	gd_status status = why_not ? GD_OK : gd_fitting_open_entry(f, entry, &why_not, err);
	if (status == GD_OK && why_not)
		status = gd_fail(err, GD_E_UNSUPPORTED, "layer %s cannot be re-fitted: %s", name, why_not);
	if (status != GD_OK)
		return status;
	status = fit_entry(f, outcome, err);
	if (status == GD_OK)
		status = encode_mended(f, &f->result->arena, onnx, err);
	gd_fitting_close_entry(f);
	return status;
}

gd_status gd_refit_mend(const gd_refit_request *request, int entry, gd_text *onnx, gd_refit_outcome *outcome, gd_error *err)
{
	gd_refit *result = refit_new(request->model);
	if (!result)
		return gd_fail_memory(err, "preparing to re-fit");
	gd_fitting f;
	*outcome = (gd_refit_outcome){ 0 };
	gd_status status = gd_fitting_open(&f, request, result, err);
	if (status == GD_OK)
		status = mend(&f, entry, onnx, &outcome->entry, err);
	outcome->fit_tests = result->fit_tests;
	outcome->judge_tests = result->judge_tests;
	outcome->judge_failed = result->judge_failed;
	gd_refit_free(result);
	return status;
}
