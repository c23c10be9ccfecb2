/* shapes.h - the shapes of all inner values of a model, seen in two short runs of two and three tests.
 *
 * Derivatives need them; files and readers tell only some. A dimension that differs between the runs counts tests.
 */
#ifndef GD_REFIT_SHAPES_H
#define GD_REFIT_SHAPES_H
#include "refit/tests.h"

/* *out: the model's graph with `values` complete (in arena). two, three: batches of that many tests. */
GD_MUST_USE gd_status gd_refit_shapes(const gd_model *model, const gd_refit_batch *two, const gd_refit_batch *three, int threads, gd_arena *arena,
	gd_graph *out, gd_error *err);

#endif
