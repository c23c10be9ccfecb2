/* work.h - what re-fitting an entry will take, counted and not timed, so that what fits into a budget is the same on every
 * machine, at any load and for any number of threads.
 *
 * Multiply-adds of what lies behind the entry, forward and back, times steps and tests; what lies in front once; passes over
 * the weights; nodes, for small models spend their time between them. Told in seconds of one core of a usual machine of 2020.
 */
#ifndef GD_REFIT_WORK_H
#define GD_REFIT_WORK_H
#include "refit/tests.h"
#include "refit/weights.h"

typedef struct {
	const gd_model *model;
	const gd_graph *graph; /* with the shapes of all values */
	const gd_refit_tests *tests;
	double *each;          /* of each node for one test, seconds */
	size_t *first;         /* node i's inputs come from the nodes makers[first[i] .. first[i + 1]) */
	size_t *makers;
	bool *behind;          /* scratch */
} gd_work;

GD_MUST_USE gd_status gd_work_open(const gd_model *model, const gd_graph *graph, const gd_refit_tests *tests, gd_arena *arena, gd_work *out, gd_error *err);
/* Seconds. steps: of the plain re-fit. weights: of all entries. columns: of its kernel, 0 when none are fitted. alternatives:
 * how many are tried. */
typedef struct {
	int entry, steps;
	const gd_refit_weight *weights;
	size_t weight_count, columns, alternatives;
} gd_work_plan;
double gd_work_of(const gd_work *work, const gd_work_plan *plan);

#endif
