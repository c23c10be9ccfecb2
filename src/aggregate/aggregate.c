#include "aggregate/aggregate.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* One fold: the scores with +infinity replaced, on a grid, and where to sort them. The grid is 2^-40 of the largest
 * score: what differs by rounding only becomes equal, which ranks, inequality and scaling would otherwise blow up. Sums
 * run over sorted scores, so the order of the neurons changes no bit of a result. */
typedef struct {
	const gd_neuron_scores *in;
	double infinite;  /* what +infinity counts as */
	double grid;      /* 0: all finite scores are 0 */
	double *sorted;   /* as many as neurons */
	double *features; /* 8 per entry */
} fold;

static int by_value(const void *a, const void *b)
{
	double p = *(const double *)a, q = *(const double *)b;
	return (p > q) - (p < q);
}

static size_t neuron_count(const gd_neuron_scores *in)
{
	return in->start[in->entry_count];
}

static fold fold_start(const gd_neuron_scores *in, double *scratch)
{
	double largest = -INFINITY, size = 0;
	for (size_t i = 0; i < neuron_count(in); i++) {
		if (!isfinite(in->scores[i]))
			continue;
		largest = fmax(largest, in->scores[i]);
		size = fmax(size, fabs(in->scores[i]));
	}
	double infinite = isfinite(largest) ? largest + 1 : 1;
	return (fold){ in, infinite, size * 0x1p-40, scratch, scratch + neuron_count(in) };
}

static double score_at(const fold *f, size_t i)
{
	double score = f->in->scores[i];
	if (!(score < INFINITY))
		return f->infinite;
	return f->grid > 0 ? round(score / f->grid) * f->grid + 0.0 : score; /* + 0.0: no negative zero */
}

/* The scores [from, to) ascending in f->sorted; how many there are. */
static size_t sort_range(const fold *f, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		f->sorted[i - from] = score_at(f, i);
	qsort(f->sorted, to - from, sizeof *f->sorted, by_value);
	return to - from;
}

static size_t sort_entry(const fold *f, size_t entry)
{
	return sort_range(f, f->in->start[entry], f->in->start[entry + 1]);
}

/* Folds that look at one entry's ascending scores alone; n > 0. */

static double mean_of(const double *sorted, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += sorted[i];
	return sum / (double)n;
}

static double max_of(const double *sorted, size_t n)
{
	return sorted[n - 1];
}

static double median_of(const double *sorted, size_t n)
{
	return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

static double top_mean(const double *sorted, size_t n, double count)
{
	size_t k = (size_t)ceil(count);
	k = k < 1 ? 1 : k > n ? n : k;
	return mean_of(sorted + n - k, k);
}

static double top_root(const double *sorted, size_t n)
{
	return top_mean(sorted, n, sqrt((double)n));
}

static double top_hundredth(const double *sorted, size_t n)
{
	return top_mean(sorted, n, (double)n / 100);
}

static double top_tenth(const double *sorted, size_t n)
{
	return top_mean(sorted, n, (double)n / 10);
}

static double gini_of(const double *sorted, size_t n)
{
	double shift = n > 0 && sorted[0] < 0 ? -sorted[0] : 0, sum = 0, weighted = 0;
	for (size_t i = 0; i < n; i++) {
		sum += sorted[i] + shift;
		weighted += (2 * (double)i + 1 - (double)n) * (sorted[i] + shift);
	}
	return sum > 0 ? fmax(0, weighted / ((double)n * sum)) : 0;
}

static void fold_each(const fold *f, double (*one)(const double *, size_t), double *out)
{
	for (size_t entry = 0; entry < f->in->entry_count; entry++) {
		size_t n = sort_entry(f, entry);
		out[entry] = n ? one(f->sorted, n) : 0;
	}
}

#define EACH(name, one)                                                                                                \
	static void name(const gd_neuron_scores *in, double *scratch, double *out)                                         \
	{                                                                                                                  \
		fold f = fold_start(in, scratch);                                                                              \
		fold_each(&f, one, out);                                                                                       \
	}

EACH(fold_mean, mean_of)
EACH(fold_max, max_of)
EACH(fold_median, median_of)
EACH(fold_top_root, top_root)
EACH(fold_top_hundredth, top_hundredth)
EACH(fold_top_tenth, top_tenth)
EACH(fold_inequality, gini_of)

/* Heights are measured from here: 0, or the lowest score of the model when scores are negative. */
static double ground(const fold *f)
{
	double lowest = 0;
	for (size_t i = 0; i < neuron_count(f->in); i++)
		lowest = fmin(lowest, score_at(f, i));
	return lowest;
}

/* The mean alone hides a few guilty neurons among many innocent ones; inequality gives back (or takes away) up to the
 * mean's height. */
static void corrected_mean(const gd_neuron_scores *in, double *scratch, double sign, double *out)
{
	fold f = fold_start(in, scratch);
	double lowest = ground(&f);
	for (size_t entry = 0; entry < in->entry_count; entry++) {
		size_t n = sort_entry(&f, entry);
		double mean = n ? mean_of(f.sorted, n) : 0;
		out[entry] = mean + sign * gini_of(f.sorted, n) * (mean - lowest);
	}
}

static void fold_rms(const gd_neuron_scores *in, double *scratch, double *out)
{
	fold f = fold_start(in, scratch);
	double lowest = ground(&f);
	for (size_t entry = 0; entry < in->entry_count; entry++) {
		size_t n = sort_entry(&f, entry);
		double squares = 0;
		for (size_t i = 0; i < n; i++)
			squares += (f.sorted[i] - lowest) * (f.sorted[i] - lowest);
		out[entry] = n ? lowest + sqrt(squares / (double)n) : 0;
	}
}

static void fold_gini(const gd_neuron_scores *in, double *scratch, double *out)
{
	corrected_mean(in, scratch, 1, out);
}

static void fold_gini_even(const gd_neuron_scores *in, double *scratch, double *out)
{
	corrected_mean(in, scratch, -1, out);
}

/* Folds that balance layers against each other: features per layer, each min-max scaled over the layers. */

static void scale_over_entries(double *feature, size_t n)
{
	double low = INFINITY, high = -INFINITY;
	for (size_t i = 0; i < n; i++) {
		low = fmin(low, feature[i]);
		high = fmax(high, feature[i]);
	}
	for (size_t i = 0; i < n; i++)
		feature[i] = high > low ? (feature[i] - low) / (high - low) : 0;
}

/* The share of each entry's neurons among the model's highest tenth (with all that tie with its last). */
static void top_share(const fold *f, double *out)
{
	size_t all = sort_range(f, 0, neuron_count(f->in));
	double bar = all ? f->sorted[all - (all + 9) / 10] : 0;
	for (size_t entry = 0; entry < f->in->entry_count; entry++) {
		size_t from = f->in->start[entry], to = f->in->start[entry + 1], above = 0;
		for (size_t i = from; i < to; i++)
			above += score_at(f, i) >= bar;
		out[entry] = to > from ? (double)above / (double)(to - from) : 0;
	}
}

static void fold_share(const gd_neuron_scores *in, double *scratch, double *out)
{
	fold f = fold_start(in, scratch);
	top_share(&f, out);
}

/* 1 minus the distance of (mean, top share, Gini) from (1, 1, 1), in units of the cube's diagonal. */
static void fold_balanced(const gd_neuron_scores *in, double *scratch, double *out)
{
	fold f = fold_start(in, scratch);
	size_t n = in->entry_count;
	double *mean = f.features, *share = mean + n, *gini = share + n;
	fold_each(&f, mean_of, mean);
	fold_each(&f, gini_of, gini);
	top_share(&f, share);
	scale_over_entries(mean, n);
	scale_over_entries(share, n);
	scale_over_entries(gini, n);
	for (size_t i = 0; i < n; i++) {
		double a = 1 - mean[i], b = 1 - share[i], c = 1 - gini[i];
		out[i] = 1 - sqrt((a * a + b * b + c * c) / 3);
	}
}

/* Distance of a scaled pair of features from the origin. */
static void fold_pair(const gd_neuron_scores *in, double *scratch, double (*first)(const double *, size_t),
	double (*second)(const double *, size_t), double *out)
{
	fold f = fold_start(in, scratch);
	size_t n = in->entry_count;
	double *u = f.features, *v = u + n;
	fold_each(&f, first, u);
	fold_each(&f, second, v);
	scale_over_entries(u, n);
	scale_over_entries(v, n);
	for (size_t i = 0; i < n; i++)
		out[i] = sqrt(u[i] * u[i] + v[i] * v[i]);
}

static void fold_mean_max(const gd_neuron_scores *in, double *scratch, double *out)
{
	fold_pair(in, scratch, mean_of, max_of, out);
}

static void fold_mean_gini(const gd_neuron_scores *in, double *scratch, double *out)
{
	fold_pair(in, scratch, mean_of, gini_of, out);
}

static void fold_max_gini(const gd_neuron_scores *in, double *scratch, double *out)
{
	fold_pair(in, scratch, max_of, gini_of, out);
}

/* Folds that ask what a layer of that width would show if its neurons were drawn from the model's pool. */

/* Expected maximum of `draws` scores from the pool: sum of x_i ((i/N)^draws - ((i-1)/N)^draws). The sum starts at the
 * top and ends where the rest weighs nothing. */
static double expected_max(const double *pool, size_t n, size_t draws)
{
	double sum = 0, upper = 1;
	for (size_t i = n; i > 0 && upper > 1e-18; i--) {
		double lower = pow((double)(i - 1) / (double)n, (double)draws);
		sum += pool[i - 1] * (upper - lower);
		upper = lower;
	}
	return sum;
}

static void fold_excess_max(const gd_neuron_scores *in, double *scratch, double *out)
{
	fold f = fold_start(in, scratch);
	fold_each(&f, max_of, f.features);
	size_t all = sort_range(&f, 0, neuron_count(in));
	for (size_t entry = 0; entry < in->entry_count; entry++) {
		size_t width = in->start[entry + 1] - in->start[entry];
		out[entry] = width ? f.features[entry] - expected_max(f.sorted, all, width) : 0;
	}
}

/* How many of the pool's scores are below `score`, or (when `also_equal`) below or equal. */
static size_t count_below(const double *pool, size_t n, double score, bool also_equal)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (pool[middle] < score || (also_equal && pool[middle] <= score))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The chance that the highest of as many neurons, drawn from the pool, stays below the layer's own; equality counts
 * half, so that layers say nothing by their width alone when all scores are equal. */
static void fold_max_chance(const gd_neuron_scores *in, double *scratch, double *out)
{
	fold f = fold_start(in, scratch);
	fold_each(&f, max_of, f.features);
	size_t all = sort_range(&f, 0, neuron_count(in));
	for (size_t entry = 0; entry < in->entry_count; entry++) {
		double width = (double)(in->start[entry + 1] - in->start[entry]), most = f.features[entry];
		double below = (double)count_below(f.sorted, all, most, false) / (double)all;
		double up_to = (double)count_below(f.sorted, all, most, true) / (double)all;
		out[entry] = width > 0 ? (pow(below, width) + pow(up_to, width)) / 2 : 0;
	}
}

static void fold_zscore(const gd_neuron_scores *in, double *scratch, double *out)
{
	fold f = fold_start(in, scratch);
	fold_each(&f, mean_of, f.features);
	size_t all = sort_range(&f, 0, neuron_count(in));
	double centre = all ? mean_of(f.sorted, all) : 0, squares = 0;
	for (size_t i = 0; i < all; i++)
		squares += (f.sorted[i] - centre) * (f.sorted[i] - centre);
	double spread = all ? sqrt(squares / (double)all) : 0;
	for (size_t entry = 0; entry < in->entry_count; entry++) {
		size_t width = in->start[entry + 1] - in->start[entry];
		/* constant scores leave rounding only */
		bool flat = spread <= 1e-12 * (1 + fabs(centre));
		out[entry] = width && !flat ? (f.features[entry] - centre) / spread * sqrt((double)width) : 0;
	}
}

static void fold_rank_mean(const gd_neuron_scores *in, double *scratch, double *out)
{
	fold f = fold_start(in, scratch);
	size_t all = sort_range(&f, 0, neuron_count(in));
	for (size_t entry = 0; entry < in->entry_count; entry++) {
		size_t from = in->start[entry], to = in->start[entry + 1];
		size_t sum = 0; /* of mid-ranks times 2 */
		for (size_t i = from; i < to; i++)
			sum +=
				count_below(f.sorted, all, score_at(&f, i), false) + count_below(f.sorted, all, score_at(&f, i), true);
		out[entry] = to > from ? (double)sum / (2 * (double)all * (double)(to - from)) : 0;
	}
}

/* clang-format off */
const gd_aggregation gd_aggregations[] = {
	{ "mean", "mean over the layer's neurons", fold_mean },
	{ "max", "its most suspicious neuron", fold_max },
	{ "median", "its middle neuron", fold_median },
	{ "topk", "mean of its ceil(sqrt(width)) highest neurons", fold_top_root },
	{ "top1pct", "mean of its highest hundredth, one neuron at least", fold_top_hundredth },
	{ "top10pct", "mean of its highest tenth, one neuron at least", fold_top_tenth },
	{ "rms", "root mean square of the heights above 0, or above the lowest score", fold_rms },
	{ "gini", "mean raised by the Gini coefficient: mean (1 + G)", fold_gini },
	{ "gini-even", "mean lowered by the Gini coefficient: mean (1 - G)", fold_gini_even },
	{ "inequality", "the Gini coefficient alone", fold_inequality },
	{ "share", "share of its neurons among the model's highest tenth", fold_share },
	{ "balanced", "nearness of (mean, top share, Gini), each scaled over the layers, to the ideal point", fold_balanced },
	{ "mean-max", "distance of (mean, max), each scaled over the layers, from the origin", fold_mean_max },
	{ "mean-gini", "distance of (mean, Gini), each scaled over the layers, from the origin", fold_mean_gini },
	{ "max-gini", "distance of (max, Gini), each scaled over the layers, from the origin", fold_max_gini },
	{ "excess-max", "max minus the expected max of as many neurons of the whole model", fold_excess_max },
	{ "max-chance", "chance that the max of as many neurons of the whole model is lower", fold_max_chance },
	{ "zscore", "mean in standard errors from the mean of the whole model", fold_zscore },
	{ "rank-mean", "mean rank of its neurons in the whole model, 0 to 1", fold_rank_mean },
	{ 0 },
};
/* clang-format on */

const gd_aggregation *gd_aggregation_find(const char *name)
{
	for (const gd_aggregation *row = gd_aggregations; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

double gd_gini(const double *scores, size_t n, double *sorted)
{
	if (n == 0)
		return 0;
	memcpy(sorted, scores, n * sizeof *sorted);
	qsort(sorted, n, sizeof *sorted, by_value);
	return gini_of(sorted, n);
}
