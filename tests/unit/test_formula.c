/* Formulas: rows worked by hand, the corners, and the laws between them, by enumeration. */
#include "formula/formula.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants its includes before it */
#include <cmocka.h>

enum { MOST = 6 };

#define SQRT2 1.41421356237309504880
#define SQRT3 1.73205080756887729353
#define SQRT6 2.44948974278317809819
#define SQRT7 2.64575131106459059050
#define SQRT10 3.16227766016837933199
#define SQRT20 4.47213595499957939281
#define LOG3_OF_4 1.26185950714291487419

typedef struct {
	const char *name;
	double middle;    /* ef 3, nf 1, ep 2, np 4 */
	double perfect;   /* ef 4, nf 0, ep 0, np 6 */
	double uncovered; /* ef 0, nf 4, ep 0, np 6 */
} worked;

/* clang-format off */
static const worked by_hand[] = {
	{ "tarantula", 9.0 / 13, 1, 0 }, { "sbi", 0.6, 1, 0 }, { "barinel", 0.6, 1, 0 }, { "cbi-inc", 0.2, 0.6, -0.4 },
	{ "cbi-log", 2 / (5 + LOG3_OF_4), 0.75, 0 }, { "cbi-sqrt", 2 / (5 + 2 / SQRT3), 0.75, 0 },
	{ "ochiai", 3 / SQRT20, 1, 0 }, { "ochiai2", 1.2 / SQRT6, 1, 0 },
	{ "jaccard", 0.5, 1, 0 }, { "sorensen-dice", 2.0 / 3, 1, 0 }, { "dice", 1, 2, 0 }, { "anderberg", 1.0 / 3, 1, 0 },
	{ "goodman", 1.0 / 3, 1, -1 }, { "kulczynski1", 1, INFINITY, 0 }, { "kulczynski2", 0.675, 1, 0 }, { "mccon", 0.35, 1, 0 },
	{ "dstar1", 1, INFINITY, 0 }, { "dstar2", 3, INFINITY, 0 }, { "dstar3", 9, INFINITY, 0 }, { "dstar4", 27, INFINITY, 0 },
	{ "dstar5", 81, INFINITY, 0 }, { "op1", -1, 6, -1 }, { "op2", 19.0 / 7, 4, 0 }, { "binary", 0, 1, 0 },
	{ "wong1", 3, 4, 0 }, { "russell-rao", 0.3, 0.4, 0 }, { "wong2", 1, 4, 0 }, { "wong3", 1, 4, 0 },
	{ "hamming", 7, 10, 6 }, { "euclid", SQRT7, SQRT10, SQRT6 },
	{ "simple-matching", 0.7, 1, 0.6 }, { "sokal", 14.0 / 17, 1, 0.75 }, { "rogers-tanimoto", 7.0 / 13, 1, 3.0 / 7 },
	{ "hamann", 0.4, 1, 0.2 }, { "m1", 7.0 / 3, INFINITY, 1.5 }, { "m2", 3.0 / 13, 0.4, 0 }, { "ample", 5.0 / 12, 1, 0 },
	{ "ample2", 5.0 / 12, 1, 0 }, { "zoltar", 9.0 / 20018, 1, 0 }, { "overlap", 3, INFINITY, 0 },
	{ "rogot1", 23.0 / 66, 0.5, 3.0 / 16 }, { "rogot2", 169.0 / 240, 1, 0.4 }, { "scott", 39.0 / 99, 1, -0.25 },
	{ "fleiss", 1.95, 4.8, -0.8 }, { "cohen", 0.4, 1, 0 }, { "arithmetic-mean", 20.0 / 49, 1, 0 },
	{ "geometric-mean", 1 / SQRT6, 1, 0 }, { "harmonic-mean", 49.0 / 60, 2, 0 },
	{ "gp02", 10 + SQRT2, 8 + 2 * SQRT6, 2 * SQRT6 },
	{ "gp03", 2.75423064350589653938, 4, 0 }, { "gp13", 24.0 / 7, 5, 0 },
	{ "gp19", 3 * SQRT3, 4 * SQRT6, 0 },
};
/* clang-format on */

static double score(const char *name, double ef, double nf, double ep, double np)
{
	const gd_formula *formula = gd_formula_find(name);
	assert_non_null(formula);
	return formula->score((gd_counts){ ef, nf, ep, np });
}

static void same(const char *name, double seen, double expected)
{
	if (isinf(expected) ? !(seen == expected) : !(fabs(seen - expected) <= 1e-12 * fmax(1, fabs(expected))))
		fail_msg("%s: %.17g, by hand %.17g", name, seen, expected);
}

static void rows_worked_by_hand(void **state)
{
	(void)state;
	assert_true(
		fabs(SQRT2 * SQRT2 - 2) + fabs(SQRT3 * SQRT3 - 3) + fabs(SQRT6 * SQRT6 - 6) + fabs(SQRT7 * SQRT7 - 7) < 1e-14);
	assert_true(fabs(SQRT10 * SQRT10 - 10) + fabs(SQRT20 * SQRT20 - 20) + fabs(pow(3, LOG3_OF_4) - 4) < 1e-14);
	size_t rows = sizeof by_hand / sizeof *by_hand, known = 0;
	for (size_t i = 0; i < rows; i++) {
		same(by_hand[i].name, score(by_hand[i].name, 3, 1, 2, 4), by_hand[i].middle);
		same(by_hand[i].name, score(by_hand[i].name, 4, 0, 0, 6), by_hand[i].perfect);
		same(by_hand[i].name, score(by_hand[i].name, 0, 4, 0, 6), by_hand[i].uncovered);
	}
	for (const gd_formula *row = gd_formulas; row->name; row++, known++)
		assert_true(row->about && row->text && row->origin && gd_formula_find(row->name) == row);
	assert_int_equal(known, rows); /* no formula without a worked row */
	assert_true(known >= 45);
	assert_null(gd_formula_find("Ochiai"));
	assert_null(gd_formula_find(""));
}

static void corners_are_the_stated_ones(void **state)
{
	(void)state;
	same("wong3", score("wong3", 5, 0, 2, 0), 3);
	same("wong3", score("wong3", 5, 0, 10, 0), 2.2);
	same("wong3", score("wong3", 5, 0, 110, 0), 2.1);
	same("cbi-log", score("cbi-log", 1, 3, 0, 6), 0); /* ln 1 = 0 */
	same("cbi-log", score("cbi-log", 2, 2, 6, 6), 0); /* no increase */
	same("cbi-sqrt", score("cbi-sqrt", 1, 3, 0, 6), 2 / (1 / 0.6 + 2));
	same("overlap", score("overlap", 2, 0, 3, 1), INFINITY);
	same("overlap", score("overlap", 0, 2, 3, 1), 0);
	same("mccon", score("mccon", 0, 2, 0, 3), 0);
	same("op1", score("op1", 2, 1e-13, 1, 3), 3); /* what rounding leaves of a weighted 0 */
	same("op1", score("op1", 2, 1e-11, 1, 3), -1);
	same("binary", score("binary", 0, 0, 1, 3), 1);
	same("tarantula", score("tarantula", 0, 0, 2, 1), 0); /* nothing failed */
	same("tarantula", score("tarantula", 2, 1, 0, 0), 1); /* nothing passed */
	same("gp19", score("gp19", 2, 3, 4, 3), 0);
}

static void nothing_is_ever_nan(void **state)
{
	(void)state;
	static const double scale[] = { 1, 0.37, 1e-9, 1e9 };
	for (const gd_formula *row = gd_formulas; row->name; row++)
		for (int at = 0; at < 4 * (MOST + 1) * (MOST + 1) * (MOST + 1) * (MOST + 1); at++) {
			int rest = at / 4;
			double s = scale[at % 4], value[4];
			for (int i = 0; i < 4; i++, rest /= MOST + 1)
				value[i] = rest % (MOST + 1) * s;
			double seen = row->score((gd_counts){ value[0], value[1], value[2], value[3] });
			if (isnan(seen) || (isinf(seen) && seen < 0))
				fail_msg("%s(%g %g %g %g) is %g", row->name, value[0], value[1], value[2], value[3], seen);
			if (row->scale_free && s > 1e-3) {
				double plain = row->score((gd_counts){ value[0] / s, value[1] / s, value[2] / s, value[3] / s });
				if (!(seen == plain) && fabs(seen - plain) > 1e-9 * fmax(1, fabs(plain)))
					fail_msg("%s is not scale-free: %.17g and %.17g", row->name, seen, plain);
			}
		}
}

static int compare(double a, double b)
{
	if (a == b || fabs(a - b) <= 1e-11)
		return 0;
	return a < b ? -1 : 1;
}

typedef enum { ANY, ACTIVE /* ef + ep > 0 */, ACCUSED /* ef > 0 */ } scope;

static int within(scope which, int ef, int ep)
{
	return which == ANY || ef > 0 || (which == ACTIVE && ep > 0);
}

/* Counts every pair of neurons, of every spectrum with F, P in 1..MOST, that the two formulas order differently. */
static int orders_apart(const char *first, const char *second, scope which)
{
	const gd_formula *p = gd_formula_find(first), *q = gd_formula_find(second);
	assert_true(p && q);
	int apart = 0;
	for (int f = 1; f <= MOST; f++)
		for (int s = 1; s <= MOST; s++)
			for (int a = 0; a < (f + 1) * (s + 1); a++)
				for (int b = 0; b < a; b++) {
					int ef = a % (f + 1), ep = a / (f + 1), eg = b % (f + 1), eq = b / (f + 1);
					if (!within(which, ef, ep) || !within(which, eg, eq))
						continue;
					gd_counts x = { ef, f - ef, ep, s - ep }, y = { eg, f - eg, eq, s - eq };
					apart += compare(p->score(x), p->score(y)) != compare(q->score(x), q->score(y));
				}
	return apart;
}

static void equivalent_formulas_order_alike(void **state)
{
	(void)state;
	static const struct {
		const char *first, *second;
		scope which;
	} pairs[] = {
		{ "tarantula", "sbi", ANY },
		{ "tarantula", "barinel", ANY },
		{ "tarantula", "cbi-inc", ANY },
		{ "jaccard", "sorensen-dice", ANY },
		{ "jaccard", "dice", ANY },
		{ "jaccard", "anderberg", ANY },
		{ "jaccard", "goodman", ANY },
		{ "jaccard", "kulczynski1", ANY },
		{ "jaccard", "dstar1", ANY },
		{ "wong1", "russell-rao", ANY },
		{ "scott", "rogot1", ANY },
		{ "wong2", "hamming", ANY },
		{ "wong2", "euclid", ANY },
		{ "wong2", "simple-matching", ANY },
		{ "wong2", "sokal", ANY },
		{ "wong2", "rogers-tanimoto", ANY },
		{ "wong2", "hamann", ANY },
		{ "wong2", "m1", ANY },
		{ "kulczynski2", "mccon", ACTIVE },
		{ "op2", "gp13", ACCUSED },
	};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (orders_apart(pairs[i].first, pairs[i].second, pairs[i].which))
			fail_msg("%s and %s order differently", pairs[i].first, pairs[i].second);
	/* easily assumed, and wrong */
	assert_true(orders_apart("op1", "op2", ANY) && orders_apart("wong1", "binary", ANY));
	assert_true(orders_apart("geometric-mean", "arithmetic-mean", ANY));
	assert_true(orders_apart("geometric-mean", "harmonic-mean", ANY));
	assert_true(orders_apart("kulczynski2", "mccon", ANY));
}

/* A fault that every failing test meets (ef = F): how often does `from` place a neuron strictly above it that `to` does
 * not, or `to` one strictly below it that `from` does not? 0: `to` is never worse. */
static int orderings_broken(const char *from, const char *to)
{
	const gd_formula *p = gd_formula_find(from), *q = gd_formula_find(to);
	assert_true(p && q);
	int broken = 0;
	for (int f = 1; f <= MOST; f++)
		for (int s = 1; s <= MOST; s++)
			for (int fault = 0; fault <= s; fault++)
				for (int at = 0; at < (f + 1) * (s + 1); at++) {
					int ef = at % (f + 1), ep = at / (f + 1);
					gd_counts x = { f, 0, fault, s - fault }, y = { ef, f - ef, ep, s - ep };
					int a = compare(p->score(y), p->score(x)), b = compare(q->score(y), q->score(x));
					broken += (a > 0 && b <= 0) || (b < 0 && a >= 0);
				}
	return broken;
}

static void better_formulas_stay_better(void **state)
{
	(void)state;
	static const char *const chains[][2] = { { "op1", "op2" }, { "op2", "op1" }, { "op2", "gp13" }, { "gp13", "op2" },
		{ "op2", "kulczynski2" }, { "kulczynski2", "ochiai" }, { "ochiai", "jaccard" }, { "jaccard", "tarantula" },
		{ "jaccard", "wong2" }, { "ochiai", "tarantula" }, { "op2", "wong2" } };
	for (size_t i = 0; i < sizeof chains / sizeof *chains; i++)
		if (orderings_broken(chains[i][0], chains[i][1]))
			fail_msg("%s -> %s is broken", chains[i][0], chains[i][1]);
	assert_true(orderings_broken("op2", "wong1") && orderings_broken("wong2", "tarantula"));
	assert_true(orderings_broken("geometric-mean", "tarantula"));
}

static void a_passing_test_nobody_meets_changes_nothing(void **state)
{
	(void)state;
	static const char *const names[] = { "sbi", "barinel", "jaccard", "ochiai", "dstar1", "dstar2", "dstar3",
		"kulczynski2" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (int at = 0; at < 256; at++) {
			int ef = at % 4, nf = at / 4 % 4, ep = at / 16 % 4, np = at / 64;
			same(names[i], score(names[i], ef, nf, ep, np + 1), score(names[i], ef, nf, ep, np));
		}
	assert_true(score("ample", 1, 1, 1, 2) > score("ample", 1, 1, 1, 1)); /* Ample does ask for all passing tests */
}

static void swapping_verdicts_mirrors(void **state)
{
	(void)state;
	static const char *const odd[] = { "ample2", "geometric-mean", "harmonic-mean" };
	for (int at = 0; at < 625; at++) {
		int ef = at % 5, nf = at / 5 % 5, ep = at / 25 % 5, np = at / 125;
		same("ample", score("ample", ep, np, ef, nf), score("ample", ef, nf, ep, np));
		for (size_t i = 0; i < 3; i++)
			same(odd[i], score(odd[i], ep, np, ef, nf), -score(odd[i], ef, nf, ep, np));
	}
}

/* Weighted counts with common sums F and P keep the equivalences. */
static void fractional_counts_keep_the_laws(void **state)
{
	(void)state;
	static const double share[] = { 0, 0.1, 0.35, 0.6180339887, 0.9, 1 };
	const double f = 2.7, p = 4.3;
	for (int a = 0; a < 36; a++)
		for (int b = 0; b < a; b++) {
			gd_counts x = { f * share[a % 6], f - f * share[a % 6], p * share[a / 6], p - p * share[a / 6] };
			gd_counts y = { f * share[b % 6], f - f * share[b % 6], p * share[b / 6], p - p * share[b / 6] };
			static const char *const alike[][2] = { { "tarantula", "barinel" }, { "jaccard", "dstar1" },
				{ "scott", "rogot1" }, { "wong2", "hamann" }, { "wong1", "russell-rao" } };
			for (size_t i = 0; i < sizeof alike / sizeof *alike; i++) {
				const gd_formula *g = gd_formula_find(alike[i][0]), *h = gd_formula_find(alike[i][1]);
				assert_int_equal(compare(g->score(x), g->score(y)), compare(h->score(x), h->score(y)));
			}
		}
	same("ochiai", score("ochiai", 0.5, 0.25, 0.125, 3), 0.5 / sqrt(0.75 * 0.625));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_worked_by_hand),
		cmocka_unit_test(corners_are_the_stated_ones),
		cmocka_unit_test(nothing_is_ever_nan),
		cmocka_unit_test(equivalent_formulas_order_alike),
		cmocka_unit_test(better_formulas_stay_better),
		cmocka_unit_test(a_passing_test_nobody_meets_changes_nothing),
		cmocka_unit_test(swapping_verdicts_mirrors),
		cmocka_unit_test(fractional_counts_keep_the_laws),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
