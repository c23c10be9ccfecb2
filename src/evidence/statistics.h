/* statistics.h - what the detectors need of a pass over the tests, gathered batch by batch in one pass; memory does not
 * grow with the number of tests.
 *
 * A site is a place where values are watched: the output of an entry (neuron values), a value that enters a layer and is
 * no entry's output, the inputs per channel, the inputs as a whole (projected to at most GD_KEPT numbers). Means and
 * variances are kept of all units, products of pairs of GD_KEPT evenly spaced ones.
 * Use: gd_statistics_new, its probes and observer into gd_collect, then read.
 */
#ifndef GD_STATISTICS_H
#define GD_STATISTICS_H
#include "spectrum/collect.h"

enum { GD_KEPT = 64, GD_TARGETS = 16 };

typedef struct {
	size_t units, kept; /* 0: not seen (no such value) */
	double *mean, *scatter; /* of all units; scatter: sum over the tests of the squared distance to the mean */
	int64_t *positive;  /* tests above 0, of all units */
	double *products;   /* kept x kept: centred sums of products */
	double *with_targets, *with_errors; /* kept x targets: centred sums of products; with_errors NULL when there are none */
	double squares;     /* sum over tests and units of the square */
	int64_t zeros, ones, bounds, unsound; /* values: about 0; about -1 or 1; about 0 or 1; NaN or infinite. Of all units */
} gd_site;

typedef struct {
	gd_arena arena;
	int64_t tests;
	gd_site *sites;     /* entries, then extras, then inputs per channel, then inputs as a whole */
	size_t site_count, entry_count;
	gd_probe *probes;   /* of the extras */
	size_t probe_count;
	/* targets: classes as 0 and 1, flags, or numbers; at most GD_TARGETS, evenly spaced. errors: target minus output, where
	 * the output can be compared */
	size_t targets, all_targets;
	double target_mean[GD_TARGETS], *target_products; /* targets x targets, centred sums */
	double error_mean[GD_TARGETS], error_squares[GD_TARGETS]; /* centred */
	double output_mean[GD_TARGETS], output_squares[GD_TARGETS];
	double target_low, target_high; /* range of the numbers */
	int64_t *target_count; /* tests that name it; all_targets of them; NULL for regression */
	bool comparable;
	gd_task task;
	gd_form form;
	double input_rms;
	float *signs;          /* of the projection of the inputs: row d, GD_KEPT of -1 and 1; NULL until it is needed */
	const gd_model *model;
	/* scratch, made at the first batch */
	double *centred, *target_rows, *error_rows, *output_rows, *input_rows, *labels;
	double *unit_means, *unit_squares; /* of one batch: as many as the widest site */
	float *unit_values;
	size_t widest;
	int64_t *classes, room;
} gd_statistics;

/* The model is borrowed. */
GD_MUST_USE gd_status gd_statistics_new(const gd_model *model, gd_statistics **out, gd_error *err);
gd_observer gd_statistics_observer(gd_statistics *statistics);
void gd_statistics_free(gd_statistics *statistics); /* NULL is fine */

const gd_site *gd_statistics_all_inputs(const gd_statistics *statistics);
/* The site whose values are `value` of the graph, past layers that only reshape; NULL when none watches it. */
const gd_site *gd_statistics_site(const gd_statistics *statistics, const char *value);
/* Where `value` comes from when layers that only reshape, drop or add noise are passed: the layer's index, -1 for the
 * model's input; *behind is the value there. */
int gd_value_origin(const gd_model *model, const char *value, const char **behind);

#endif
