/* stability.h - would other tests of the same kind blame the same layer? The tests are drawn anew with replacement, many
 * times, and the method guider ranks each draw. The draws are the same on every run and machine.
 */
#ifndef GD_STABILITY_H
#define GD_STABILITY_H
#include "method/options.h"
#include "spectrum/spectrum.h"

typedef struct {
	int draws; /* 0: too large to be worth the time, and then nothing is said */
	int kept;  /* draws in which no entry is above the first of all tests */
} gd_stability;

/* entries: the scores of all tests. */
GD_MUST_USE gd_status gd_stability_of(
	const gd_spectrum *spectrum, const gd_options *options, const double *entries, gd_stability *out, gd_error *err);

#endif
