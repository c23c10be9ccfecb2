/* split.h - which tests fit and which judge: seeded, stratified by verdict and label, two thirds to one.
 *
 * A test's lot is drawn from what it says (inputs and label), not from its place: another order of the tests gives the
 * same parts in the same order, and so the same sums.
 */
#ifndef GD_REFIT_SPLIT_H
#define GD_REFIT_SPLIT_H
#include "base/arena.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct {
	int64_t *fit, *judge; /* indexes of tests, by lot */
	int64_t fit_count, judge_count;
} gd_split;

/* A lot after one more number of a test; the first comes from GD_SPLIT_SEED. */
enum { GD_SPLIT_SEED = 1 };
uint64_t gd_split_lot(uint64_t lot, uint64_t number);

/* strata, lots: one number a test (tests of one stratum are split alike). At most most_fit and most_judge are taken, evenly
 * over the strata's order. */
GD_MUST_USE gd_status gd_split_make(const int64_t *strata, const uint64_t *lots, int64_t tests, int64_t most_fit, int64_t most_judge, gd_arena *arena, gd_split *out, gd_error *err);

#endif
