/* coverage.h - when a neuron counts as active in a test.
 *
 * A value is scaled (within its layer for that test, over the tests, or not at all), and is active when it lies strictly
 * above the threshold; graded rows keep the scaled value itself, in steps of 1/255. Equal bounds scale to 0. A value that is NaN or
 * infinite is left out of the bounds and is not active.
 * To add one: (1) a row in coverage.c, (2) a line in tests/unit/test_spectrum.c.
 */
#ifndef GD_COVERAGE_H
#define GD_COVERAGE_H
#include <stdbool.h>
#include <stddef.h>

typedef enum { GD_SCALE_LAYER, GD_SCALE_NEURON, GD_SCALE_NONE } gd_scale;

typedef struct {
	const char *name; /* as typed after --coverage */
	const char *about;
	gd_scale scale;
	bool graded;
	double threshold; /* the default */
} gd_coverage;

extern const gd_coverage gd_coverages[]; /* ends with a row whose name is NULL */
const gd_coverage *gd_coverage_find(const char *name);

typedef struct {
	float low, high; /* of finite values; low > high: none seen */
} gd_bounds;

extern const gd_bounds gd_bounds_none;
void gd_bounds_add(gd_bounds *bounds, float value);
gd_bounds gd_bounds_of(const float *values, size_t n);
/* The scaled value, 0 when it is not finite or the bounds are equal. */
double gd_scaled(float value, gd_bounds bounds);

#endif
