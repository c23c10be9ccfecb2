/* engines.h - one entry's part of a model opened for re-fitting: its weights are inputs, what lies in front of it was run
 * once and is remembered, what lies behind it runs forward and back.
 *
 * One session an entry and not one for all (as the first design had it): the engine computes every output a graph has, so
 * a session for all entries pays for all their gradients at every step; measured on a residual network of 5 convolutions,
 * a step of one entry alone is several times as fast, and opening a session takes milliseconds.
 */
#ifndef GD_REFIT_ENGINES_H
#define GD_REFIT_ENGINES_H
#include "gradient/tape.h"
#include "refit/tests.h"
#include "refit/weights.h"

typedef struct gd_refit_engines {
	gd_arena arena;
	const gd_refit_tests *tests;
	gd_refit_weight *weights; /* of the entry; those that the loss depends on */
	size_t weight_count;
	const char **names;       /* of what comes out: loss, output, then a gradient for each weight */
	gd_engine *engine;
	size_t entering_count, input_count;
	const char **input_names; /* what enters, the target, then the weights */
	gd_array *inputs;
	gd_array *entering[2];    /* by part of the tests: the remembered values of all its tests */
} gd_refit_engines;

typedef struct {
	const gd_model *model;
	const gd_graph *graph;    /* the model's or an alternative to it, with the shapes of all values */
	const gd_refit_weight *weights; /* of all entries */
	size_t weight_count;
	int entry;
	bool forward;             /* no gradients: the model from the entry's weights on, no more */
	const gd_refit_tests *tests;
	int threads;
	const gd_refit_engines *front; /* lends what it remembers, if the same enters, as long as it is open; NULL */
} gd_refit_part;

/* *why_not says why the entry cannot be re-fitted (in result_arena or static); then there is no engine. */
GD_MUST_USE gd_status gd_refit_engines_open(const gd_refit_part *part, gd_arena *result_arena, gd_refit_engines *out, const char **why_not, gd_error *err);
/* Tests [first, first + count) of one part with the weights as they are: the loss (a mean over them), the model's output
 * (lent until the next run), and, where sums is given, the gradients, times share, added to one array a weight. */
GD_MUST_USE gd_status gd_refit_engines_run(gd_refit_engines *engines, int part, int64_t first, int64_t count, double *loss, gd_array *output, double share,
	double **sums, gd_error *err);
void gd_refit_engines_close(gd_refit_engines *engines);

#endif
