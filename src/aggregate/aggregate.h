/* aggregate.h - from the suspiciousness of neurons to that of the entries they belong to ("balanced aggregation").
 *
 * An aggregation sees all entries at once, since balancing means comparing layers of different size and inequality.
 * Scores may be +infinity (they are first replaced by the largest finite score + 1, so that results stay finite and
 * ordered). Finite ones are rounded to a grid of 2^-40 of the largest, so that rounding noise is no difference. Pure but for
 * the scratch memory the caller gives.
 *
 * To add one: (1) a static function and a row in aggregate.c, (2) a worked row in tests/unit/test_aggregate.c.
 */
#ifndef GD_AGGREGATE_H
#define GD_AGGREGATE_H
#include <stddef.h>

typedef struct {
	const double *scores; /* of all neurons; entry e owns [start[e], start[e + 1]) */
	const size_t *start;  /* entry_count + 1 of them */
	size_t entry_count;
} gd_neuron_scores;

typedef struct {
	const char *name;  /* as typed after --aggregation */
	const char *about;
	/* scratch: as many doubles as there are neurons, plus 8 per entry. out: one finite score per entry. */
	void (*fold)(const gd_neuron_scores *in, double *scratch, double *out);
} gd_aggregation;

extern const gd_aggregation gd_aggregations[]; /* ends with a row whose name is NULL */
const gd_aggregation *gd_aggregation_find(const char *name);

/* Gini coefficient of n scores, 0 (all equal, or all 0) .. 1 - 1/n; negative scores are shifted up to 0 first. sorted is
 * scratch for n doubles. */
double gd_gini(const double *scores, size_t n, double *sorted);

#endif
