/* What the weights of a layer look like by themselves: against what an initializer draws, among columns and rows. */
#include "evidence/algebra.h"
#include "evidence/scene.h"
#include <math.h>
#include <string.h>

enum { SORTED = 8192, COUNTED = 4096 }; /* weights that are sorted and told apart at most, evenly spaced */

static const gd_figure_id figures[] = { GD_FIGURE_WIDTH, GD_FIGURE_PEAK, GD_FIGURE_TAILS, GD_FIGURE_NORMAL, GD_FIGURE_BEYOND,
	GD_FIGURE_VALUES, GD_FIGURE_ZEROS, GD_FIGURE_WEAKEST, GD_FIGURE_STRONGEST, GD_FIGURE_TWO_KINDS, GD_FIGURE_ROWS,
	GD_FIGURE_SINGULAR, GD_FIGURE_FLATNESS, GD_FIGURE_ALIKE, GD_FIGURE_SKEW, GD_FIGURE_TABLE };
enum { FIGURES = sizeof figures / sizeof figures[0] };

typedef struct {
	const gd_kernel *kernel;
	double of[GD_FIGURES];
	double mean, deviation, largest;
	double *sorted;  /* scratch of SORTED numbers */
	double *lengths; /* scratch: as many as columns and rows */
	double *gram, *values, *work;
} look;

static size_t size_of(const gd_kernel *kernel)
{
	return kernel->of.rows * kernel->of.columns;
}

static void moments(look *l)
{
	const float *w = l->kernel->of.values;
	size_t n = size_of(l->kernel), zeros = 0, beyond = 0;
	double sum = 0, second = 0, third = 0, fourth = 0;
	for (size_t i = 0; i < n; i++) {
		sum += (double)w[i];
		l->largest = fmax(l->largest, fabs((double)w[i]));
	}
	l->mean = sum / (double)n;
	for (size_t i = 0; i < n; i++) {
		double c = (double)w[i] - l->mean, cc = c * c;
		second += cc;
		third += cc * c;
		fourth += cc * cc;
		zeros += fabs((double)w[i]) < 1e-6 * (l->largest + 1e-30);
		beyond += fabs((double)w[i]) > l->kernel->limit * 1.0001;
	}
	double s = l->deviation = sqrt(second / (double)n) + 1e-12;
	l->of[GD_FIGURE_WIDTH] = gd_log_ratio(s, l->kernel->limit / sqrt(3));
	l->of[GD_FIGURE_PEAK] = gd_log_ratio(l->largest, l->kernel->limit);
	l->of[GD_FIGURE_TAILS] = s > 1e-9 ? log(fourth / (double)n / (s * s * s * s) + 1e-9) : 0;
	l->of[GD_FIGURE_SKEW] = s > 1e-9 ? third / (double)n / (s * s * s) : 0;
	l->of[GD_FIGURE_BEYOND] = (double)beyond / (double)n;
	l->of[GD_FIGURE_ZEROS] = l->largest > 0 ? (double)zeros / (double)n : 1;
}

/* Distance of the sizes of the weights from a normal law's (Kolmogorov and Smirnov), times the root of their number. */
static void against_normal(look *l)
{
	size_t n = size_of(l->kernel), used = n < SORTED ? n : SORTED;
	double distance = 0;
	for (size_t i = 0; i < used; i++)
		l->sorted[i] = fabs((double)l->kernel->of.values[gd_pick(i, n, used)]);
	gd_sort(l->sorted, used);
	for (size_t i = 0; i < used && l->deviation > 1e-9; i++) {
		double share = used > 1 ? (double)i / (double)(used - 1) : 0;
		distance = fmax(distance, fabs(erf(l->sorted[i] / l->deviation / sqrt(2)) - share));
	}
	l->of[GD_FIGURE_NORMAL] = l->deviation > 1e-9 ? distance * sqrt(fmin((double)n, 400)) : 9;
}

/* Share of different sizes, to five digits of the largest. */
static void tell_apart(look *l)
{
	size_t n = size_of(l->kernel), used = n < COUNTED ? n : COUNTED, different = 1;
	l->of[GD_FIGURE_VALUES] = 1;
	if (n <= 8)
		return;
	for (size_t i = 0; i < used; i++)
		l->sorted[i] = rint(fabs((double)l->kernel->of.values[gd_pick(i, n, used)]) / (l->largest + 1e-30) * 1e5);
	gd_sort(l->sorted, used);
	for (size_t i = 1; i < used; i++)
		different += l->sorted[i] != l->sorted[i - 1];
	l->of[GD_FIGURE_VALUES] = (double)different / (double)used;
}

static double floored(double length, double largest)
{
	return log(length + 1e-3 * largest + 1e-12);
}

static void columns(look *l)
{
	const gd_matrix *m = &l->kernel->of;
	memset(l->lengths, 0, m->columns * sizeof(double));
	for (size_t r = 0; r < m->rows; r++)
		for (size_t c = 0; c < m->columns; c++)
			l->lengths[c] += (double)m->values[r * m->columns + c] * (double)m->values[r * m->columns + c];
	for (size_t c = 0; c < m->columns; c++)
		l->lengths[c] = sqrt(l->lengths[c]);
	gd_sort(l->lengths, m->columns);
	double largest = l->lengths[m->columns - 1], median = gd_median_sorted(l->lengths, m->columns);
	l->of[GD_FIGURE_STRONGEST] = gd_log_ratio(largest, median);
	l->of[GD_FIGURE_WEAKEST] = floored(l->lengths[0], largest) - floored(median, largest);
	for (size_t c = 0; c < m->columns; c++)
		l->lengths[c] = floored(l->lengths[c], largest);
	if (m->columns > 3)
		l->of[GD_FIGURE_TWO_KINDS] =
			gd_two_groups_sorted(l->lengths, m->columns) * fmin(1, 5 * gd_deviation(l->lengths, m->columns));
}

static void rows(look *l)
{
	const gd_matrix *m = &l->kernel->of;
	for (size_t r = 0; r < m->rows; r++) {
		double sum = 0;
		for (size_t c = 0; c < m->columns; c++)
			sum += (double)m->values[r * m->columns + c] * (double)m->values[r * m->columns + c];
		l->lengths[r] = sqrt(sum);
	}
	double largest = gd_largest(l->lengths, m->rows);
	for (size_t r = 0; r < m->rows; r++)
		l->lengths[r] = floored(l->lengths[r], largest);
	l->of[GD_FIGURE_ROWS] = gd_deviation(l->lengths, m->rows);
}

/* Products of pairs of columns (by_rows: of rows), at most GD_KEPT of them. */
static size_t products(look *l, bool by_rows)
{
	const gd_matrix *m = &l->kernel->of;
	size_t n = by_rows ? m->rows : m->columns, other = by_rows ? m->columns : m->rows, kept = n < GD_KEPT ? n : GD_KEPT;
	size_t step = by_rows ? m->columns : 1, along = by_rows ? 1 : m->columns;
	memset(l->gram, 0, kept * kept * sizeof(double));
	for (size_t k = 0; k < other; k++)
		for (size_t a = 0; a < kept; a++) {
			double left = (double)m->values[gd_pick(a, n, kept) * step + k * along];
			for (size_t b = 0; b <= a; b++)
				l->gram[a * kept + b] += left * (double)m->values[gd_pick(b, n, kept) * step + k * along];
		}
	for (size_t a = 0; a < kept; a++)
		for (size_t b = 0; b < a; b++)
			l->gram[b * kept + a] = l->gram[a * kept + b];
	return kept;
}

/* Are columns more alike than columns of independent weights? In standard deviations of that case, as a signed log. */
static void likeness(look *l, size_t kept)
{
	double sum = 0, pairs = (double)(kept * (kept - 1)), rows_ = (double)l->kernel->of.rows, s4 = pow(l->deviation, 4);
	for (size_t i = 0; i < kept * kept; i++)
		sum += i % (kept + 1) ? l->gram[i] * l->gram[i] : 0;
	l->of[GD_FIGURE_ALIKE] = gd_signed_log((sum - pairs * rows_ * s4) / (sqrt(2 * pairs) * rows_ * s4 + 1e-30));
}

static void singular_values(look *l)
{
	const gd_matrix *m = &l->kernel->of;
	size_t least = m->rows < m->columns ? m->rows : m->columns, kept = products(l, false);
	if (m->columns > 3 && m->rows > 3)
		likeness(l, kept);
	if (least < 2)
		return;
	if (m->columns > GD_KEPT && m->rows < m->columns)
		kept = products(l, true);
	gd_eigen(l->gram, kept, l->values, l->work, false);
	size_t length = kept < least ? kept : least, gone = 0;
	double sum = 0, squares = 0, top = sqrt(fmax(l->values[kept - 1], 0));
	for (size_t k = kept - length; k < kept; k++) {
		double s = sqrt(fmax(l->values[k], 0));
		gone += s < 1e-4 * top;
		sum += s;
		squares += s * s;
	}
	l->of[GD_FIGURE_SINGULAR] = top > 0 ? (double)gone / (double)length : 1;
	l->of[GD_FIGURE_FLATNESS] = sum * sum / (squares + 1e-30) / (double)length;
}

static void look_at(look *l)
{
	for (size_t k = 0; k < GD_FIGURES; k++)
		l->of[k] = NAN;
	l->largest = 0;
	moments(l);
	against_normal(l);
	tell_apart(l);
	columns(l);
	rows(l);
	singular_values(l);
	if (l->kernel->role != GD_TABLE)
		return;
	l->of[GD_FIGURE_TABLE] = l->of[GD_FIGURE_WIDTH]; /* tables are drawn otherwise and grow: figures of their own */
	l->of[GD_FIGURE_WIDTH] = l->of[GD_FIGURE_PEAK] = l->of[GD_FIGURE_TAILS] = NAN;
	l->of[GD_FIGURE_NORMAL] = l->of[GD_FIGURE_BEYOND] = l->of[GD_FIGURE_SKEW] = NAN;
}

/* Of several kernels the one that is furthest from 0 speaks. */
static void keep_furthest(gd_scene *scene, size_t at, const look *l)
{
	for (size_t k = 0; k < FIGURES; k++) {
		double *to = gd_figure_of(scene, at, figures[k]), v = l->of[figures[k]];
		if (!isnan(v) && (isnan(*to) || fabs(v) > fabs(*to)))
			*to = v;
	}
}

gd_status gd_detect_kernel(gd_scene *scene, gd_error *err)
{
	size_t longest = 1;
	for (size_t i = 0; i < scene->count; i++)
		for (size_t k = 0; k < scene->parts[i].kernel_count; k++) {
			const gd_matrix *m = &scene->parts[i].kernels[k].of;
			size_t length = m->rows > m->columns ? m->rows : m->columns;
			longest = length > longest ? length : longest;
		}
	gd_arena *arena = &scene->arena;
	look l = { .sorted = gd_arena_new(arena, SORTED, sizeof(double)), .lengths = gd_arena_new(arena, longest, sizeof(double)),
		.gram = gd_arena_new(arena, (size_t)GD_KEPT * GD_KEPT, sizeof(double)), .values = gd_arena_new(arena, GD_KEPT, sizeof(double)),
		.work = gd_arena_new(arena, GD_KEPT, sizeof(double)) };
	if (!l.sorted || !l.lengths || !l.gram || !l.values || !l.work)
		return gd_fail_memory(err, "looking at weights");
	for (size_t i = 0; i < scene->count; i++)
		for (size_t k = 0; k < scene->parts[i].kernel_count; k++) {
			l.kernel = &scene->parts[i].kernels[k];
			look_at(&l);
			keep_furthest(scene, i, &l);
		}
	return GD_OK;
}
