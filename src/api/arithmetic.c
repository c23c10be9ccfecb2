/* Formulas and aggregations for spectra that were not made here. */
#include "aggregate/aggregate.h"
#include "api/api.h"
#include "formula/formula.h"
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

static bool is_weight(double value)
{
	return isfinite(value) && value >= 0;
}

dlg_status dlg_formula_scores(const char *formula, const dlg_counts *counts, size_t count, double *out, dlg_error *err)
{
	if (!formula || (count && (!counts || !out)))
		return api_usage(err, "dlg_formula_scores needs a formula, counts, and a place for the scores");
	const gd_formula *row = gd_formula_find(formula);
	if (!row)
		return api_usage(err, "no formula \"%.40s\"; dlguider formulas lists them", formula);
	for (size_t i = 0; i < count; i++) {
		gd_counts c = { .ef = counts[i].ef, .nf = counts[i].nf, .ep = counts[i].ep, .np = counts[i].np };
		if (!is_weight(c.ef) || !is_weight(c.nf) || !is_weight(c.ep) || !is_weight(c.np))
			return api_usage(err, "the counts of component %zu are %g, %g, %g, %g; all must be finite and at least 0", i, c.ef, c.nf, c.ep, c.np);
		out[i] = row->score(c);
	}
	return DLG_OK;
}

static dlg_status check_groups(const double *scores, const size_t *start, size_t groups, dlg_error *err)
{
	if (start[0] != 0)
		return api_usage(err, "the first group starts at %zu, not at 0", start[0]);
	for (size_t g = 0; g < groups; g++)
		if (start[g + 1] < start[g])
			return api_usage(err, "group %zu ends at %zu, before it starts", g, start[g + 1]);
	for (size_t i = 0; i < start[groups]; i++)
		if (isnan(scores[i]))
			return api_usage(err, "the score of component %zu is not a number", i);
	return DLG_OK;
}

dlg_status dlg_aggregate(const char *aggregation, const double *scores, const size_t *start, size_t groups, double *out, dlg_error *err)
{
	if (!aggregation || !start || (groups && (!scores || !out)))
		return api_usage(err, "dlg_aggregate needs an aggregation, scores, the starts of their groups, and a place for the scores of these");
	const gd_aggregation *row = gd_aggregation_find(aggregation);
	if (!row)
		return api_usage(err, "no aggregation \"%.40s\"; dlguider rank --help lists them", aggregation);
	dlg_status status = check_groups(scores, start, groups, err);
	if (status != DLG_OK || groups == 0)
		return status;
	gd_error inner = { 0 };
	double *scratch = groups < SIZE_MAX / 64 && start[groups] < SIZE_MAX / 16 ? calloc(start[groups] + 8 * groups, sizeof *scratch) : NULL;
	if (!scratch)
		return api_pass(gd_fail_memory(&inner, "aggregating scores"), &inner, err);
	gd_neuron_scores in = { .scores = scores, .start = start, .entry_count = groups };
	row->fold(&in, scratch, out);
	free(scratch);
	return DLG_OK;
}
