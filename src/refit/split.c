#include "refit/split.h"
#include <stdlib.h>

typedef struct {
	int64_t stratum, test;
	uint64_t lot;
} ticket;

/* SplitMix64 (Steele, Lea, Flood 2014): a fixed lot for each test, so the split depends on nothing but the tests. */
static uint64_t lot_of(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static int by_lot(const void *a, const void *b)
{
	const ticket *p = a, *q = b;
	if (p->stratum != q->stratum)
		return p->stratum < q->stratum ? -1 : 1;
	return (p->lot > q->lot) - (p->lot < q->lot);
}

static int by_test(const void *a, const void *b)
{
	int64_t p = *(const int64_t *)a, q = *(const int64_t *)b;
	return (p > q) - (p < q);
}

/* Every count/most-th of a list, so that all strata stay in proportion. */
static int64_t thin(int64_t *list, int64_t count, int64_t most)
{
	if (count <= most)
		return count;
	for (int64_t i = 0; i < most; i++)
		list[i] = list[i * count / most];
	return most;
}

gd_status gd_split_make(const int64_t *strata, int64_t tests, int64_t most_fit, int64_t most_judge, gd_arena *arena, gd_split *out, gd_error *err)
{
	ticket *tickets = gd_arena_new(arena, (size_t)tests, sizeof *tickets);
	*out = (gd_split){ .fit = gd_arena_new(arena, (size_t)tests, sizeof(int64_t)), .judge = gd_arena_new(arena, (size_t)tests, sizeof(int64_t)) };
	if (!tickets || !out->fit || !out->judge)
		return gd_fail_memory(err, "splitting the tests");
	for (int64_t i = 0; i < tests; i++)
		tickets[i] = (ticket){ strata[i], i, lot_of((uint64_t)i) };
	qsort(tickets, (size_t)tests, sizeof *tickets, by_lot);
	for (int64_t i = 0; i < tests; i++) /* every third one judges, running on from stratum to stratum */
		if (i % 3 == 2)
			out->judge[out->judge_count++] = tickets[i].test;
		else
			out->fit[out->fit_count++] = tickets[i].test;
	out->fit_count = thin(out->fit, out->fit_count, most_fit);
	out->judge_count = thin(out->judge, out->judge_count, most_judge);
	qsort(out->fit, (size_t)out->fit_count, sizeof *out->fit, by_test);
	qsort(out->judge, (size_t)out->judge_count, sizeof *out->judge, by_test);
	return GD_OK;
}
