/* assignment.h - the cheapest one-to-one assignment of n rows to n columns (Kuhn 1955; shortest augmenting paths after
 * Jonker and Volgenant 1987). O(n^3). Ties go to the lower column. Pure but for the caller's scratch.
 */
#ifndef GD_REFIT_ASSIGNMENT_H
#define GD_REFIT_ASSIGNMENT_H
#include <stddef.h>

/* cost: n x n, row-major, finite. column[r] is the column of row r. scratch: 3 * (n + 1) doubles and 2 * (n + 1) size_t. */
void gd_assign(const double *cost, size_t n, double *scratch, size_t *places, size_t *column);

#endif
