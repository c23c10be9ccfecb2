/* fitting.h - a re-fit under way: tests, engines, and the steps that all its kinds share. For this room only. */
#ifndef GD_REFIT_FITTING_H
#define GD_REFIT_FITTING_H
#include "refit/engines.h"
#include "refit/refit.h"
#include "refit/work.h"

typedef struct {
	const gd_refit_request *request;
	gd_refit *result;
	gd_refit_tests tests;
	gd_graph graph;           /* the model's, all shapes known */
	gd_refit_weight *weights; /* of all entries */
	size_t weight_count;
	/* the entry under way */
	gd_refit_engines engines;
	double **sums, **first, **second; /* gradient and its two moments, one array a weight */
	bool known_before; /* the judging tests' loss with the file's weights */
	gd_work work;
	double left;        /* of the budget */
	const char *layer;  /* the entry under way, and its place among all, for progress */
	size_t done, total;
	int steps;
} gd_fitting;

/* Tests, shapes and weights ready; result->entries say why where nothing can be tried at all. */
GD_MUST_USE gd_status gd_fitting_open(gd_fitting *f, const gd_refit_request *request, gd_refit *result, gd_error *err);
/* One entry's engine, of the model's own graph; *why_not says why it cannot be re-fitted, then there is nothing to close. */
GD_MUST_USE gd_status gd_fitting_open_entry(gd_fitting *f, int entry, const char **why_not, gd_error *err);
void gd_fitting_close_entry(gd_fitting *f);
/* The same for any part; what f has open is not closed but overwritten: whoever opens a second one keeps the first. */
GD_MUST_USE gd_status gd_fitting_open_part(gd_fitting *f, const gd_refit_part *part, const char **why_not, gd_error *err);

/* GD_E_INTERRUPTED when whoever watches wants no more. */
GD_MUST_USE gd_status gd_fitting_watch(const gd_fitting *f, gd_error *err);
/* Mean loss over the fitting tests, and the gradients in sums. */
GD_MUST_USE gd_status gd_fitting_step(gd_fitting *f, double *loss, gd_error *err);
/* One Adam step (counted from 1) against the gradients in sums. */
void gd_fitting_adam(gd_fitting *f, int step);
/* Mean loss over the judging tests with the weights as they are now; how many verdicts turned (NULL: not asked). */
typedef struct {
	int64_t mended, broken;
} gd_turned;
GD_MUST_USE gd_status gd_fitting_judge(gd_fitting *f, double *loss, gd_turned *turned, gd_error *err);
/* The entry's weights and moments as at the start. */
void gd_fitting_restore(gd_fitting *f);
/* (before - after) / |before|, within -5 .. 1; a loss that was not finite and now is: 1. */
double gd_fitting_share(double before, double after);
/* The value the file has. */
float gd_refit_weight_original(const gd_refit_weight *weight, size_t at);

/* Alternatives to what the entry computes, each as it is and with a short re-fit of the entry's weights (swap.c). f has the
 * entry open, or nothing. */
GD_MUST_USE gd_status gd_fit_alternatives(gd_fitting *f, int entry, gd_refit_entry *out, gd_error *err);

enum { GD_MOST_COLUMNS = 256 };
/* The kernel's columns alone: their order, and their signs and scales (columns.c). */
GD_MUST_USE gd_status gd_fit_columns(gd_fitting *f, gd_refit_entry *out, gd_error *err);

#endif
