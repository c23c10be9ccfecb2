/* guider.h - the method of the paper as reconstructed: weighted counts of each neuron, a formula, balanced aggregation.
 *
 * Reads options formula, aggregation, weighting, confidence. Without failing tests every score is 0; without passing ones
 * the formulas still order by activity; both get the verdict "none" and a note.
 */
#ifndef GD_GUIDER_H
#define GD_GUIDER_H
#include "method/method.h"

GD_MUST_USE gd_status gd_guider_rank(const gd_method_input *input, gd_ranking **out, gd_error *err);

/* The same scores for other methods: suspiciousness of every neuron (finite) and of every entry. *fell_back as in
 * gd_spectrum_counts. */
GD_MUST_USE gd_status gd_guider_scores(
	const gd_spectrum *spectrum, const gd_options *options, double *neurons, double *entries, bool *fell_back, gd_error *err);

/* The same on a draw of the tests with replacement: test t counts times[t] times. */
GD_MUST_USE gd_status gd_guider_scores_drawn(const gd_spectrum *spectrum, const gd_options *options, const uint32_t *times,
	double *neurons, double *entries, gd_error *err);

/* The scores of an entry's neurons into a ranking's row, and the highest ten in order; false when memory is out. */
bool gd_guider_top_neurons(gd_ranking *ranking, gd_ranked_entry *entry, const double *scores);

#endif
