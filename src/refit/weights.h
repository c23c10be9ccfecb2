/* weights.h - the graph's initializers that are an entry's weights: what a re-fit may change. */
#ifndef GD_REFIT_WEIGHTS_H
#define GD_REFIT_WEIGHTS_H
#include "model/model.h"

typedef struct {
	const char *name;   /* initializer */
	const gd_tensor *tensor;
	int entry;
	size_t count;       /* numbers */
	float *values;      /* working copy */
} gd_refit_weight;

/* All float32 weights of all entries, in the order of the graph's initializers; statistics of normalisations are left out:
 * training does not fit them. In arena. */
GD_MUST_USE gd_status gd_refit_weights(const gd_model *model, gd_arena *arena, gd_refit_weight **out, size_t *count, gd_error *err);

#endif
