/* engines.h - a model opened twice with its weights as inputs: forward with the loss, and forward with loss and gradients.
 * One pair serves all entries and steps: nothing is compiled again.
 */
#ifndef GD_REFIT_ENGINES_H
#define GD_REFIT_ENGINES_H
#include "engine/engine.h"
#include "gradient/tape.h"
#include "refit/weights.h"

typedef struct {
	const gd_model *model;
	gd_refit_weight *weights; /* of the entries that have a gradient */
	size_t weight_count;
	const char **gradients;   /* name of each weight's gradient; NULL: the loss does not depend on it */
	const char *loss, *output;
	gd_engine *forward, *backward;
	const char **input_names; /* the tests, the target, then the weights */
	gd_array *inputs;
} gd_refit_engines;

/* A batch of tests with their targets (count x width floats); rows as the model's input takes them. */
typedef struct {
	gd_array rows, target;
	int64_t count;
} gd_refit_batch;

/* graph: the model's, with the shapes of all values. all: every weight of the model. Those in front of an operator without derivative are left out, *obstacle then says which
 * (in arena; NULL when there is none). No weight left: the engines stay NULL. */
GD_MUST_USE gd_status gd_refit_engines_open(const gd_model *model, const gd_graph *graph, const gd_refit_weight *all, size_t all_count, gd_loss loss, int threads,
	gd_arena *arena, gd_refit_engines *out, const char **obstacle, gd_error *err);
/* Loss (a mean over the batch) and the model's output, lent until the next run. */
GD_MUST_USE gd_status gd_refit_engines_judge(gd_refit_engines *engines, const gd_refit_batch *batch, double *loss, gd_array *output, gd_error *err);
/* Loss, and the gradients of the entry's weights added, times share, to sums (one array a weight; others untouched). */
GD_MUST_USE gd_status gd_refit_engines_step(gd_refit_engines *engines, const gd_refit_batch *batch, int entry, double share, double *loss, double **sums, gd_error *err);
void gd_refit_engines_close(gd_refit_engines *engines);

#endif
