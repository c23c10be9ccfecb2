#include "spectrum/coverage.h"
#include <math.h>
#include <string.h>

/* clang-format off */
const gd_coverage gd_coverages[] = {
	{ "layer", "scaled to 0..1 over the layer's neurons in that test; active above the threshold", GD_SCALE_LAYER, false, 0.5 },
	{ "neuron", "scaled to 0..1 over the tests for each neuron; active above the threshold", GD_SCALE_NEURON, false, 0.25 },
	{ "raw", "not scaled; active above the threshold", GD_SCALE_NONE, false, 0 },
	{ "graded-layer", "scaled as in layer; activity is the scaled value, in steps of 1/255", GD_SCALE_LAYER, true, 0 },
	{ "graded-neuron", "scaled as in neuron; activity is the scaled value, in steps of 1/255", GD_SCALE_NEURON, true, 0 },
	{ 0 },
};
/* clang-format on */

const gd_bounds gd_bounds_none = { INFINITY, -INFINITY };

const gd_coverage *gd_coverage_find(const char *name)
{
	for (const gd_coverage *row = gd_coverages; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

void gd_bounds_add(gd_bounds *bounds, float value)
{
	if (!isfinite(value))
		return;
	if (value < bounds->low)
		bounds->low = value;
	if (value > bounds->high)
		bounds->high = value;
}

gd_bounds gd_bounds_of(const float *values, size_t n)
{
	gd_bounds bounds = gd_bounds_none;
	for (size_t i = 0; i < n; i++)
		gd_bounds_add(&bounds, values[i]);
	return bounds;
}

double gd_scaled(float value, gd_bounds bounds)
{
	if (!isfinite(value) || !(bounds.high > bounds.low))
		return 0;
	return ((double)value - (double)bounds.low) / ((double)bounds.high - (double)bounds.low);
}
