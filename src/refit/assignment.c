#include "refit/assignment.h"
#include <math.h>

/* Indexes are shifted by one: row 0 and column 0 stand for "nothing yet". owner[c]: row of column c. */
typedef struct {
	const double *cost;
	size_t n;
	double *row_price, *column_price, *slack;
	size_t *owner, *from;
} search;

static double reduced(const search *s, size_t row, size_t column)
{
	return s->cost[(row - 1) * s->n + column - 1] - s->row_price[row] - s->column_price[column];
}

/* Lets the tree of alternating paths from column `at` grow by one column: the one with the least slack. slack is negative
 * (-1 - slack) for columns in the tree. */
static size_t grow(search *s, size_t at)
{
	const size_t row = s->owner[at];
	size_t nearest = 0;
	double least = INFINITY;
	for (size_t c = 1; c <= s->n; c++) {
		if (s->slack[c] < 0)
			continue;
		double r = reduced(s, row, c);
		r = r < 0 ? 0 : r; /* rounding */
		if (r < s->slack[c]) {
			s->slack[c] = r;
			s->from[c] = at;
		}
		if (s->slack[c] < least) {
			least = s->slack[c];
			nearest = c;
		}
	}
	for (size_t c = 0; c <= s->n; c++) {
		if (c == 0 || s->slack[c] < 0) {
			s->row_price[s->owner[c]] += least;
			s->column_price[c] -= least;
		} else {
			s->slack[c] -= least;
		}
	}
	s->slack[nearest] = -1;
	return nearest;
}

static void add_row(search *s, size_t row)
{
	double least = INFINITY;
	for (size_t c = 0; c <= s->n; c++) {
		s->slack[c] = INFINITY;
		s->from[c] = 0;
		if (c > 0)
			least = fmin(least, reduced(s, row, c));
	}
	s->row_price[row] = least; /* from here on no reduced cost is negative */
	s->owner[0] = row;
	size_t at = 0;
	do
		at = grow(s, at);
	while (s->owner[at] != 0);
	while (at != 0) { /* turn the path over */
		s->owner[at] = s->owner[s->from[at]];
		at = s->from[at];
	}
}

void gd_assign(const double *cost, size_t n, double *scratch, size_t *places, size_t *column)
{
	search s = { cost, n, scratch, scratch + n + 1, scratch + 2 * (n + 1), places, places + n + 1 };
	for (size_t i = 0; i <= n; i++) {
		s.row_price[i] = s.column_price[i] = 0;
		s.owner[i] = 0;
	}
	for (size_t row = 1; row <= n; row++)
		add_row(&s, row);
	for (size_t c = 1; c <= n; c++)
		column[s.owner[c] - 1] = c - 1;
}
