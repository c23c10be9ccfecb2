/* algebra.h - the little mathematics that the detectors share: symmetric eigenvalues, correlation, robust figures. Pure;
 * for this room only. Matrices are row-major doubles.
 */
#ifndef GD_ALGEBRA_H
#define GD_ALGEBRA_H
#include <stdbool.h>
#include <stddef.h>

/* Eigenvalues of the symmetric n x n matrix a, ascending, into values; a becomes the eigenvectors, one a COLUMN in the
 * same order (vectors false: a is destroyed). work: n numbers. Converges for every finite matrix; not finite: all 0. */
void gd_eigen(double *a, size_t n, double *values, double *work, bool vectors);

/* log((a + tiny) / (b + tiny)): ratios that may be 0 stay finite. */
double gd_log_ratio(double a, double b);
/* sign(v) log(1 + |v|); NaN stays. */
double gd_signed_log(double v);
/* Pearson's correlation; NaN when one side is constant. */
double gd_correlation(const double *a, const double *b, size_t n);
/* The same over the numbers off the diagonal of two n x n matrices. */
double gd_correlation_off(const double *a, const double *b, size_t n);
double gd_mean(const double *v, size_t n);
double gd_deviation(const double *v, size_t n); /* divided by n */
double gd_largest(const double *v, size_t n);
/* Sorts v. NaN-free input. n 0: 0. */
void gd_sort(double *v, size_t n);
double gd_median_sorted(const double *v, size_t n);
/* Share of the variance that the best split of the sorted v into two groups explains: 0.64 for a normal sample, near 1 for
 * two clusters; 0 below four numbers. */
double gd_two_groups_sorted(const double *v, size_t n);
/* Number k of `kept` evenly spaced picks out of n. */
static inline size_t gd_pick(size_t k, size_t n, size_t kept)
{
	return kept < 2 || kept >= n ? k : k * (n - 1) / (kept - 1);
}
/* A value as the statistics take it: NaN counts 0, infinite ones a million. */
static inline double gd_bounded(double v)
{
	return v != v ? 0.0 : v > 1e6 ? 1e6 : v < -1e6 ? -1e6 : v;
}

#endif
