/* Alternatives to what an entry computes, tried on the judging tests: as they are, and after a quarter of the steps on the
 * entry's own weights, for weights that were trained around the wrong function do not suit the right one either. The same
 * quarter without an alternative is what the latter must be compared with. */
#include "refit/alternatives.h"
#include "refit/fitting.h"
#include <math.h>
#include <string.h>

/* What a trial puts in place of f's own, and back. */
typedef struct {
	gd_refit_engines engines;
	double **sums, **first, **second;
	gd_loss loss;
	gd_form form;
} kept;

static kept keep(const gd_fitting *f)
{
	return (kept){ f->engines, f->sums, f->first, f->second, f->tests.loss, f->tests.oracle.form };
}

static void put_back(gd_fitting *f, const kept *k)
{
	f->engines = k->engines;
	f->sums = k->sums;
	f->first = k->first;
	f->second = k->second;
	f->tests.loss = k->loss;
	f->tests.oracle.form = k->form;
}

static void read_as_probability(gd_refit_tests *tests)
{
	tests->oracle.form = GD_FORM_PROBABILITY;
	tests->loss = tests->loss == GD_LOSS_CATEGORICAL_LOGITS ? GD_LOSS_CATEGORICAL : tests->loss == GD_LOSS_BINARY_LOGITS ? GD_LOSS_BINARY : tests->loss;
}

static gd_status judge(gd_fitting *f, gd_refit_swap *out, gd_error *err)
{
	gd_turned turned = { 0 };
	double loss = 0;
	gd_status status = gd_fitting_judge(f, &loss, &turned, err);
	out->end = gd_fitting_share(f->result->loss_judge, loss);
	out->mended = turned.mended;
	out->broken = turned.broken;
	return status;
}

/* The engine is open: judge, take the steps, judge again. */
static gd_status run(gd_fitting *f, bool change, gd_refit_swap *plain, gd_refit_swap *fitted, gd_error *err)
{
	gd_fitting_restore(f);
	if (!change) {
		f->known_before = true;
		return gd_fitting_judge(f, &f->result->loss_judge, NULL, err);
	}
	gd_status status = judge(f, plain, err);
	for (int step = 1; step <= f->steps / 4 && f->engines.weight_count && status == GD_OK; step++) {
		double loss;
		status = gd_fitting_step(f, &loss, err);
		gd_fitting_adam(f, step);
	}
	return status == GD_OK && f->engines.weight_count ? judge(f, fitted, err) : status;
}

/* change false: the entry as it is, for the loss before. forward: without gradients, cut at the operator itself. *done:
 * whether it could be tried. */
static gd_status try_one(gd_fitting *f, int entry, const gd_alternative *at, bool change, bool forward, gd_refit_swap *plain, gd_refit_swap *fitted,
	bool *done, gd_error *err)
{
	const kept before = keep(f);
	gd_arena arena = { 0 };
	gd_graph graph;
	float zero = 0;
	const char *why_not = NULL;
	gd_status status = gd_alternative_graph(&f->graph, at, change, forward, &arena, &graph, err);
	gd_refit_weight gate = { gd_alternative_gate, status == GD_OK ? gd_graph_tensor(&graph, gd_alternative_gate) : NULL, entry, 1, &zero };
	gd_refit_part part = { f->request->model, &graph, f->weights, f->weight_count, entry, forward, &f->tests, f->request->threads, &before.engines };
	if (forward) {
		part.weights = &gate;
		part.weight_count = 1;
		part.front = NULL;
	}
	if (at->at_output && at->probability && change)
		read_as_probability(&f->tests);
	*plain = *fitted = (gd_refit_swap){ .with = at->with, .instead = at->instead, .end = -5 };
	if (status == GD_OK)
		status = gd_fitting_open_part(f, &part, &why_not, err);
	*done = status == GD_OK && !why_not;
	if (*done) {
		status = run(f, change, plain, fitted, err);
		gd_fitting_restore(f);
		gd_fitting_close_entry(f);
	}
	put_back(f, &before);
	gd_arena_free(&arena);
	return status;
}

static void take_better(gd_refit_swap *best, const gd_refit_swap *one)
{
	if (!best->with || one->end > best->end)
		*best = *one;
}

gd_status gd_fit_alternatives(gd_fitting *f, int entry, gd_refit_entry *out, gd_error *err)
{
	gd_alternative found[GD_MOST_ALTERNATIVES];
	const size_t count = gd_alternatives_find(f->request->model, &f->graph, entry, &f->tests, found);
	const bool forward = !f->engines.engine;
	gd_refit_swap plain, fitted;
	bool done = false;
	gd_status status = GD_OK;
	if (count && !f->known_before)
		status = try_one(f, entry, &found[0], false, true, &plain, &fitted, &done, err);
	for (size_t i = 0; i < count && f->known_before && status == GD_OK; i++) {
		status = try_one(f, entry, &found[i], true, forward, &plain, &fitted, &done, err);
		if (!done)
			continue;
		out->has_alternatives = true;
		take_better(&out->swap, &plain);
		if (!forward)
			take_better(&out->swap_fit, &fitted);
	}
	return status;
}
