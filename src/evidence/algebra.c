#include "evidence/algebra.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double TINY = 1e-9;

double gd_log_ratio(double a, double b)
{
	return log((a + TINY) / (b + TINY));
}

double gd_signed_log(double v)
{
	return v < 0 ? -log1p(-v) : log1p(v);
}

double gd_mean(const double *v, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return n ? sum / (double)n : 0;
}

double gd_deviation(const double *v, size_t n)
{
	double mean = gd_mean(v, n), sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += (v[i] - mean) * (v[i] - mean);
	return n ? sqrt(sum / (double)n) : 0;
}

double gd_largest(const double *v, size_t n)
{
	double largest = n ? v[0] : 0;
	for (size_t i = 1; i < n; i++)
		largest = v[i] > largest ? v[i] : largest;
	return largest;
}

/* Pearson's from centred sums; what only rounding varies is constant. */
static double correlation_of(double ab, double aa, double bb, double ma, double mb, double count)
{
	bool constant = aa <= 1e-20 * count * ma * ma || bb <= 1e-20 * count * mb * mb;
	double norm = sqrt(aa * bb);
	return norm > 1e-30 && !constant ? ab / norm : NAN;
}

double gd_correlation(const double *a, const double *b, size_t n)
{
	double ma = gd_mean(a, n), mb = gd_mean(b, n), ab = 0, aa = 0, bb = 0;
	for (size_t i = 0; i < n; i++) {
		ab += (a[i] - ma) * (b[i] - mb);
		aa += (a[i] - ma) * (a[i] - ma);
		bb += (b[i] - mb) * (b[i] - mb);
	}
	return correlation_of(ab, aa, bb, ma, mb, (double)n);
}

double gd_correlation_off(const double *a, const double *b, size_t n)
{
	double count = (double)(n * n - n), ma = 0, mb = 0, ab = 0, aa = 0, bb = 0;
	for (size_t i = 0; i < n * n; i++)
		if (i % (n + 1) != 0) {
			ma += a[i] / count;
			mb += b[i] / count;
		}
	for (size_t i = 0; i < n * n; i++)
		if (i % (n + 1) != 0) {
			ab += (a[i] - ma) * (b[i] - mb);
			aa += (a[i] - ma) * (a[i] - ma);
			bb += (b[i] - mb) * (b[i] - mb);
		}
	return correlation_of(ab, aa, bb, ma, mb, count);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

void gd_sort(double *v, size_t n)
{
	if (n)
		qsort(v, n, sizeof *v, ascending);
}

double gd_median_sorted(const double *v, size_t n)
{
	return n == 0 ? 0 : n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

double gd_two_groups_sorted(const double *v, size_t n)
{
	double deviation = gd_deviation(v, n), total = gd_mean(v, n) * (double)n, sum = 0, best = 0;
	if (n < 4 || deviation < 1e-9)
		return 0;
	for (size_t k = 1; k < n; k++) {
		sum += v[k - 1];
		double left = (double)k, right = (double)(n - k), gap = sum / left - (total - sum) / right;
		best = fmax(best, left * right / ((double)n * (double)n) * gap * gap);
	}
	return best / (deviation * deviation);
}

/* Householder's reduction to three diagonals: values gets the diagonal, below the one beneath it; a becomes the
 * transformation when vectors are wanted. */
static void tridiagonal(double *a, size_t n, double *values, double *below, bool vectors)
{
	for (size_t i = n - 1; i > 0; i--) {
		double h = 0, scale = 0;
		if (i > 1)
			for (size_t k = 0; k < i; k++)
				scale += fabs(a[i * n + k]);
		if (scale == 0) {
			below[i] = a[i * n + i - 1];
			values[i] = 0;
			continue;
		}
		for (size_t k = 0; k < i; k++) {
			a[i * n + k] /= scale;
			h += a[i * n + k] * a[i * n + k];
		}
		double f = a[i * n + i - 1], g = f >= 0 ? -sqrt(h) : sqrt(h);
		below[i] = scale * g;
		h -= f * g;
		a[i * n + i - 1] = f - g;
		f = 0;
		for (size_t j = 0; j < i; j++) {
			if (vectors)
				a[j * n + i] = a[i * n + j] / h;
			g = 0;
			for (size_t k = 0; k <= j; k++)
				g += a[j * n + k] * a[i * n + k];
			for (size_t k = j + 1; k < i; k++)
				g += a[k * n + j] * a[i * n + k];
			below[j] = g / h;
			f += below[j] * a[i * n + j];
		}
		double half = f / (h + h);
		for (size_t j = 0; j < i; j++) {
			f = a[i * n + j];
			below[j] = g = below[j] - half * f;
			for (size_t k = 0; k <= j; k++)
				a[j * n + k] -= f * below[k] + g * a[i * n + k];
		}
		values[i] = h;
	}
	values[0] = below[0] = 0;
}

static void accumulate(double *a, size_t n, double *values, bool vectors)
{
	for (size_t i = 0; i < n; i++) {
		if (!vectors) {
			values[i] = a[i * n + i];
			continue;
		}
		if (values[i] != 0)
			for (size_t j = 0; j < i; j++) {
				double g = 0;
				for (size_t k = 0; k < i; k++)
					g += a[i * n + k] * a[k * n + j];
				for (size_t k = 0; k < i; k++)
					a[k * n + j] -= g * a[k * n + i];
			}
		values[i] = a[i * n + i];
		a[i * n + i] = 1;
		for (size_t j = 0; j < i; j++)
			a[j * n + i] = a[i * n + j] = 0;
	}
}

/* One sweep of the implicit QL steps on the block [l, m]. */
static void sweep(double *a, size_t n, double *values, double *below, size_t l, size_t m, bool vectors)
{
	double g = (values[l + 1] - values[l]) / (2 * below[l]), r = hypot(g, 1);
	g = values[m] - values[l] + below[l] / (g + copysign(r, g));
	double s = 1, c = 1, p = 0;
	size_t i = m;
	while (i > l) {
		i--;
		double f = s * below[i], b = c * below[i];
		below[i + 1] = r = hypot(f, g);
		if (r == 0) {
			values[i + 1] -= p;
			below[m] = 0;
			return;
		}
		s = f / r;
		c = g / r;
		g = values[i + 1] - p;
		r = (values[i] - g) * s + 2 * c * b;
		p = s * r;
		values[i + 1] = g + p;
		g = c * r - b;
		for (size_t k = 0; vectors && k < n; k++) {
			f = a[k * n + i + 1];
			a[k * n + i + 1] = s * a[k * n + i] + c * f;
			a[k * n + i] = c * a[k * n + i] - s * f;
		}
	}
	values[l] -= p;
	below[l] = g;
	below[m] = 0;
}

static void diagonalise(double *a, size_t n, double *values, double *below, bool vectors)
{
	enum { SWEEPS = 60 };
	for (size_t i = 1; i < n; i++)
		below[i - 1] = below[i];
	below[n - 1] = 0;
	for (size_t l = 0; l < n; l++)
		for (int tries = 0; tries < SWEEPS; tries++) {
			size_t m = l;
			while (m + 1 < n && fabs(below[m]) > 1e-16 * (fabs(values[m]) + fabs(values[m + 1])))
				m++;
			if (m == l)
				break;
			sweep(a, n, values, below, l, m, vectors);
		}
}

static void order(double *a, size_t n, double *values, bool vectors)
{
	for (size_t i = 0; i + 1 < n; i++) {
		size_t least = i;
		for (size_t k = i + 1; k < n; k++)
			least = values[k] < values[least] ? k : least;
		if (least == i)
			continue;
		double value = values[i];
		values[i] = values[least];
		values[least] = value;
		for (size_t k = 0; vectors && k < n; k++) {
			double number = a[k * n + i];
			a[k * n + i] = a[k * n + least];
			a[k * n + least] = number;
		}
	}
}

void gd_eigen(double *a, size_t n, double *values, double *work, bool vectors)
{
	if (n == 0)
		return;
	for (size_t i = 0; i < n * n; i++)
		if (!isfinite(a[i])) {
			memset(values, 0, n * sizeof *values);
			return;
		}
	tridiagonal(a, n, values, work, vectors);
	accumulate(a, n, values, vectors);
	diagonalise(a, n, values, work, vectors);
	order(a, n, values, vectors);
}
