#include "method/fusion.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Figures that compare kernels are compared with the next kernel, the others with the next entry. */
static bool is_of_kernel(gd_figure_id figure)
{
	gd_detector_id detector = gd_figures[figure].detector;
	return detector == GD_DETECT_KERNEL || detector == GD_DETECT_BIAS || detector == GD_DETECT_INTERFACE ||
		   figure == GD_FIGURE_SLOPE || figure == GD_FIGURE_SLOPE_ERROR;
}

/* The neighbour's figure; NaN when there is none. */
static double beside(const gd_evidence *evidence, const gd_fusion_column *column, size_t at)
{
	const gd_evidence_entry *entry = &evidence->entries[at];
	bool kernel = is_of_kernel(column->figure);
	int other = column->base == GD_OVER_BEFORE ? (kernel ? entry->kernel_before : entry->before)
											   : (kernel ? entry->kernel_after : entry->after);
	return other < 0 ? NAN : evidence->entries[other].of[column->figure];
}

static double based(const gd_evidence *evidence, const gd_fusion_column *column, size_t at)
{
	double own = evidence->entries[at].of[column->figure];
	return column->base == GD_AS_IT_IS ? own : own - beside(evidence, column, at);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, ascending);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void among(double *out, size_t n, double *known, size_t count)
{
	double middle = median(known, count);
	for (size_t i = 0; i < count; i++)
		known[i] = fabs(known[i] - middle);
	double unit = median(known, count) + .05 * (fabs(middle) + .2);
	for (size_t i = 0; i < n; i++)
		if (!isnan(out[i]))
			out[i] = fmax(-20, fmin(20, (out[i] - middle) / unit));
}

static void place(double *out, size_t n, const double *known, size_t count)
{
	for (size_t i = 0; i < n; i++) {
		double below = 0, equal = 0;
		if (isnan(out[i]))
			continue;
		for (size_t k = 0; k < count; k++) {
			below += known[k] < out[i];
			equal += known[k] <= out[i] && known[k] >= out[i];
		}
		out[i] = (below + .5 * (equal - 1)) / (double)(count - 1);
	}
}

static void lead(double *out, size_t n, const double *known, size_t count)
{
	double best = -INFINITY, second = -INFINITY;
	for (size_t k = 0; k < count; k++) {
		second = fmax(second, fmin(best, known[k]));
		best = fmax(best, known[k]);
	}
	for (size_t i = 0; i < n; i++)
		if (!isnan(out[i]))
			out[i] -= out[i] >= best ? second : best;
}

void gd_fusion_values(const gd_evidence *evidence, const gd_fusion_column *column, double *scratch, double *out)
{
	size_t n = evidence->entry_count, count = 0;
	for (size_t i = 0; i < n; i++) {
		out[i] = based(evidence, column, i);
		if (!isnan(out[i]))
			scratch[count++] = out[i];
	}
	if (column->relation == GD_ALONE)
		return;
	if (count < (column->relation == GD_LEAD ? 2 : 3)) /* nothing to compare with */
		for (size_t i = 0; i < n; i++)
			out[i] = NAN;
	else if (column->relation == GD_AMONG)
		among(out, n, scratch, count);
	else if (column->relation == GD_LEAD)
		lead(out, n, scratch, count);
	else { /* place overwrites out while it reads known */
		memcpy(scratch + n, scratch, count * sizeof *scratch);
		place(out, n, scratch + n, count);
	}
}

double gd_fusion_term(const double *edges, const double *terms, size_t edge_count, double value)
{
	size_t low = 0, high = edge_count;
	if (isnan(value))
		return terms[0];
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (edges[middle] <= value)
			low = middle + 1;
		else
			high = middle;
	}
	return terms[low + 1];
}

/* What a sentence sets the entry's figure against: the neighbour's, else the median of the model. */
static double compared(const gd_evidence *evidence, const gd_fusion_column *column, size_t at, double *scratch)
{
	size_t count = 0;
	if (column->base != GD_AS_IT_IS)
		return beside(evidence, column, at);
	for (size_t i = 0; i < evidence->entry_count; i++)
		if (!isnan(evidence->entries[i].of[column->figure]))
			scratch[count++] = evidence->entries[i].of[column->figure];
	return column->relation == GD_ALONE || count == 0 ? NAN : median(scratch, count);
}

/* Adds the column's terms up (loud false), or keeps it where it says most in the direction of the sum (true). */
static void weigh_column(
	const gd_evidence *evidence, const gd_fusion_column *column, double *values, bool loud, gd_fusion_entry *entries)
{
	double *scratch = values + evidence->entry_count;
	for (size_t i = 0; i < evidence->entry_count; i++) {
		gd_fusion_part *part = &entries[i].parts[gd_figures[column->figure].detector];
		double term = gd_fusion_term(column->edges, column->terms, column->edge_count, values[i]);
		if (!loud) {
			part->term += term;
		} else if (term * part->term > 0 && (!part->column || fabs(term) > fabs(part->column_term))) {
			part->column = column;
			part->column_term = term;
			part->seen = evidence->entries[i].of[column->figure];
			part->other = compared(evidence, column, i, scratch);
		}
	}
}

const gd_fusion_table *gd_fusion_for(const gd_evidence *evidence)
{
	return evidence->refitted ? &gd_fusion_refitted : &gd_fusion_plain;
}

void gd_fusion_weigh(
	const gd_fusion_table *table, const gd_evidence *evidence, double *scratch, gd_fusion_entry *entries)
{
	size_t n = evidence->entry_count;
	memset(entries, 0, n * sizeof *entries);
	for (int loud = 0; loud < 2; loud++)
		for (size_t c = 0; c < table->column_count; c++) {
			gd_fusion_values(evidence, &table->columns[c], scratch + n, scratch);
			weigh_column(evidence, &table->columns[c], scratch, loud, entries);
		}
	for (size_t i = 0; i < n; i++) {
		entries[i].logit = table->start;
		for (size_t d = 0; d < GD_DETECTORS; d++)
			entries[i].logit += entries[i].parts[d].term;
	}
}

double gd_fusion_weigh_outside(const gd_fusion_table *table, const gd_evidence *evidence, gd_outside_id *loudest_figure)
{
	double logit = table->outside_start, most = -INFINITY, sums[GD_OUTSIDES] = { 0 };
	for (size_t c = 0; c < table->outside_count; c++) {
		const gd_fusion_outside *column = &table->outsides[c];
		double term =
			gd_fusion_term(column->edges, column->terms, column->edge_count, evidence->outside[column->figure]);
		logit += term;
		sums[column->figure] += term;
	}
	for (size_t k = 0; k < GD_OUTSIDES; k++)
		if (sums[k] > most) {
			most = sums[k];
			*loudest_figure = (gd_outside_id)k;
		}
	return logit;
}
