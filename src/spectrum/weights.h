/* weights.h - what a test counts in the spectrum, by its verdict and the model's confidence in it.
 *
 * To add a policy: (1) a row in weights.c, (2) a line in tests/unit/test_spectrum.c.
 */
#ifndef GD_WEIGHTS_H
#define GD_WEIGHTS_H
#include <stdbool.h>

/* The weight is base + slope x confidence, within [0, 1]; base 1 with slope 0 keeps counts whole numbers. */
typedef struct {
	const char *name;  /* as typed after --weighting */
	const char *about;
	double failed_base, failed_slope, passed_base, passed_slope;
} gd_weighting;

extern const gd_weighting gd_weightings[]; /* ends with a row whose name is NULL */
const gd_weighting *gd_weighting_find(const char *name);
double gd_weight_of(const gd_weighting *policy, bool failed, double confidence);

#endif
