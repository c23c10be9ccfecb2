/* split.h - which tests fit and which judge: seeded, stratified by verdict and label, two thirds to one. */
#ifndef GD_REFIT_SPLIT_H
#define GD_REFIT_SPLIT_H
#include "base/arena.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct {
	int64_t *fit, *judge; /* indexes of tests, ascending */
	int64_t fit_count, judge_count;
} gd_split;

/* strata: one number a test (tests of one number are split alike). At most most_fit and most_judge are taken, evenly over
 * the strata's order. */
GD_MUST_USE gd_status gd_split_make(const int64_t *strata, int64_t tests, int64_t most_fit, int64_t most_judge, gd_arena *arena, gd_split *out, gd_error *err);

#endif
