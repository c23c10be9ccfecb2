#include "refit/assignment.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
/* cmocka wants its includes before it */
#include <cmocka.h>

enum { MOST = 7 };

static double best_by_trying(const double *cost, size_t n, size_t row, unsigned used)
{
	if (row == n)
		return 0;
	double best = 1e300;
	for (size_t c = 0; c < n; c++)
		if (!(used >> c & 1)) {
			double here = cost[row * n + c] + best_by_trying(cost, n, row + 1, used | 1u << c);
			best = here < best ? here : best;
		}
	return best;
}

static void the_assignment_is_one_to_one_and_the_cheapest(void **state)
{
	(void)state;
	uint32_t seed = 1;
	for (int round = 0; round < 400; round++) {
		size_t n = 1 + (size_t)round % MOST, column[MOST], places[2 * (MOST + 1)];
		double cost[MOST * MOST], scratch[3 * (MOST + 1)], sum = 0;
		for (size_t i = 0; i < n * n; i++) {
			seed = seed * 1664525u + 1013904223u;
			cost[i] = (double)(seed >> 24) - 100; /* small whole numbers: many ties, negatives too */
		}
		gd_assign(cost, n, scratch, places, column);
		unsigned used = 0;
		for (size_t r = 0; r < n; r++) {
			assert_true(column[r] < n);
			used |= 1u << column[r];
			sum += cost[r * n + column[r]];
		}
		assert_int_equal(used, (1u << n) - 1);
		double want = best_by_trying(cost, n, 0, 0);
		assert_true(sum - want < 1e-9 && want - sum < 1e-9);
	}
}

static void a_clear_order_is_found(void **state)
{
	(void)state;
	enum { N = 60 };
	static double cost[N * N], scratch[3 * (N + 1)];
	size_t column[N], places[2 * (N + 1)];
	for (size_t i = 0; i < N * N; i++)
		cost[i] = 1;
	for (size_t r = 0; r < N; r++)
		cost[r * N + (r * 7 + 3) % N] = 0;
	gd_assign(cost, N, scratch, places, column);
	for (size_t r = 0; r < N; r++)
		assert_int_equal(column[r], (r * 7 + 3) % N);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_assignment_is_one_to_one_and_the_cheapest), cmocka_unit_test(a_clear_order_is_found) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
