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

/* Leaves the fitted weights in place. GD_E_LIMIT without a message: the time is up. */
static gd_status fit_entry(gd_fitting *f, gd_refit_entry *out, gd_error *err)
{
	double loss = 0, start = 0, best = INFINITY, quarter = INFINITY, end;
	gd_fitting_restore(f);
	gd_status status = GD_OK;
	for (int step = 1; step <= f->steps && status == GD_OK; step++) {
		if (gd_fitting_late(f))
			return GD_E_LIMIT;
		if (step == 1 + f->steps / 4) {
			status = gd_fitting_judge(f, &end, NULL, err);
			out->short_end = gd_fitting_share(f->result->loss_judge, end);
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

static gd_status fit_in_order(gd_fitting *f, gd_error *err)
{
	const gd_refit_request *request = f->request;
	size_t count = request->order ? request->order_count : f->result->entry_count;
	for (size_t i = 0; i < count; i++) {
		int entry = request->order ? request->order[i] : (int)i;
		const char *name = request->model->layers[request->model->entries[entry].head].name;
		if (request->progress && !request->progress(request->progress_state, name, i, count))
			return gd_fail(err, GD_E_INTERRUPTED, "stopped while re-fitting %s", name);
		gd_error why = { 0 };
		gd_status status = gd_fitting_late(f) ? GD_E_LIMIT : try_entry(f, entry, &why);
		if (status == GD_E_LIMIT && gd_fitting_late(f))
			break;
		if (!is_of_the_entry(status) && status != GD_OK)
			return why.status ? gd_fail(err, status, "%s", why.message) : status;
		if (status != GD_OK && !(f->result->entries[entry].why_not = gd_arena_text(&f->result->arena, why.message, strlen(why.message))))
			return gd_fail_memory(err, "re-fitting");
	}
	for (size_t e = 0; e < f->result->entry_count; e++)
		if (!f->result->entries[e].tried && !f->result->entries[e].why_not) {
			f->result->entries[e].late = true;
			f->result->entries[e].why_not = "the time for re-fitting was used up";
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
	if (status == GD_E_LIMIT && err->status == GD_OK)
		status = gd_fail(err, GD_E_LIMIT, "re-fitting layer %s took longer than the time given; raise --budget", name);
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
