#include "refit/split.h"
#include <stdlib.h>

typedef struct {
	int64_t stratum, test;
	uint64_t lot;
} ticket;

/* SplitMix64 (Steele, Lea, Flood 2014), its state moved on by each number. */
uint64_t gd_split_lot(uint64_t lot, uint64_t number)
{
	uint64_t x = (lot ^ number) + 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

/* Tests of one lot are the same test twice, so that their places decide nothing that shows. */
static int by_lot(const void *a, const void *b)
{
	const ticket *p = a, *q = b;
	if (p->lot != q->lot)
		return p->lot < q->lot ? -1 : 1;
	return (p->test > q->test) - (p->test < q->test);
}

static int by_stratum(const void *a, const void *b)
{
	const ticket *p = a, *q = b;
	return p->stratum != q->stratum ? (p->stratum < q->stratum ? -1 : 1) : by_lot(a, b);
}

/* Every count/most-th of a list, so that all strata stay in proportion. */
static int64_t thin(ticket *list, int64_t count, int64_t most)
{
	if (count <= most)
		return count;
	for (int64_t i = 0; i < most; i++)
		list[i] = list[i * count / most];
	return most;
}

static int64_t *list_by_lot(ticket *list, int64_t count, gd_arena *arena)
{
	int64_t *tests = gd_arena_new(arena, (size_t)count, sizeof *tests);
	qsort(list, (size_t)count, sizeof *list, by_lot);
	for (int64_t i = 0; tests && i < count; i++)
		tests[i] = list[i].test;
	return tests;
}

gd_status gd_split_make(const int64_t *strata, const uint64_t *lots, int64_t tests, int64_t most_fit, int64_t most_judge, gd_arena *arena, gd_split *out,
	gd_error *err)
{
	ticket *tickets = gd_arena_new(arena, (size_t)tests, sizeof *tickets), *judges = gd_arena_new(arena, (size_t)tests / 3 + 1, sizeof *judges);
	if (!tickets || !judges)
		return gd_fail_memory(err, "splitting the tests");
	for (int64_t i = 0; i < tests; i++)
		tickets[i] = (ticket){ strata[i], i, lots[i] };
	qsort(tickets, (size_t)tests, sizeof *tickets, by_stratum);
	*out = (gd_split){ 0 };
	for (int64_t i = 0; i < tests; i++) /* every third one judges, running on from stratum to stratum */
		if (i % 3 == 2)
			judges[out->judge_count++] = tickets[i];
		else
			tickets[out->fit_count++] = tickets[i];
	out->fit_count = thin(tickets, out->fit_count, most_fit);
	out->judge_count = thin(judges, out->judge_count, most_judge);
	out->fit = list_by_lot(tickets, out->fit_count, arena);
	out->judge = list_by_lot(judges, out->judge_count, arena);
	return out->fit && out->judge ? GD_OK : gd_fail_memory(err, "splitting the tests");
}
