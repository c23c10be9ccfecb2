#include "formula/formula.h"
#include <math.h>
#include <string.h>

/* The convention of every row: 0/0 is 0, a positive numerator over 0 is +infinity. */
static double ratio(double numerator, double denominator)
{
	if (denominator > 0 || denominator < 0)
		return numerator / denominator;
	return numerator > 0 ? INFINITY : 0;
}

/* A term of a sum: without a denominator it says nothing. */
static double term(double numerator, double denominator)
{
	return denominator > 0 ? numerator / denominator : 0;
}

/* a - b, and 0 where only the rounding of weighted sums tells them apart: noise around 0 would rank neurons that say
 * nothing. */
static double minus(double a, double b)
{
	return fabs(a - b) <= 1e-12 * (fabs(a) + fabs(b)) ? 0 : a - b;
}

static double failed(gd_counts c)
{
	return c.ef + c.nf;
}

static double passed(gd_counts c)
{
	return c.ep + c.np;
}

static double all(gd_counts c)
{
	return failed(c) + passed(c);
}

/* Agreement ef + np and disagreement nf + ep of activity with failure. */
static double agree(gd_counts c)
{
	return c.ef + c.np;
}

static double differ(gd_counts c)
{
	return c.nf + c.ep;
}

static double cross(gd_counts c)
{
	return minus(c.ef * c.np, c.nf * c.ep);
}

/* Weighted sums end near 0 where the exact sum is 0. */
static int is_missed(double nf)
{
	return nf > 1e-12;
}

static double tarantula(gd_counts c)
{
	double f = term(c.ef, failed(c)), p = term(c.ep, passed(c));
	return ratio(f, f + p);
}

static double sbi(gd_counts c)
{
	return ratio(c.ef, c.ef + c.ep);
}

static double barinel(gd_counts c)
{
	return c.ef + c.ep > 0 ? 1 - c.ep / (c.ep + c.ef) : 0;
}

static double cbi_inc(gd_counts c)
{
	return minus(term(c.ef, c.ef + c.ep), term(failed(c), all(c)));
}

static double cbi_log(gd_counts c)
{
	double increase = cbi_inc(c);
	if (increase <= 0 || c.ef <= 1)
		return 0;
	return 2 / (1 / increase + log(failed(c)) / log(c.ef));
}

static double cbi_sqrt(gd_counts c)
{
	double increase = cbi_inc(c);
	if (increase <= 0)
		return 0;
	return 2 / (1 / increase + sqrt(failed(c)) / sqrt(c.ef));
}

static double ochiai(gd_counts c)
{
	return ratio(c.ef, sqrt(failed(c) * (c.ef + c.ep)));
}

static double ochiai2(gd_counts c)
{
	return ratio(c.ef * c.np, sqrt((c.ef + c.ep) * (c.nf + c.np) * failed(c) * passed(c)));
}

static double jaccard(gd_counts c)
{
	return ratio(c.ef, c.ef + differ(c));
}

static double sorensen_dice(gd_counts c)
{
	return ratio(2 * c.ef, 2 * c.ef + differ(c));
}

static double dice(gd_counts c)
{
	return ratio(2 * c.ef, c.ef + differ(c));
}

static double anderberg(gd_counts c)
{
	return ratio(c.ef, c.ef + 2 * differ(c));
}

static double goodman(gd_counts c)
{
	return ratio(minus(2 * c.ef, differ(c)), 2 * c.ef + differ(c));
}

static double kulczynski1(gd_counts c)
{
	return ratio(c.ef, differ(c));
}

static double kulczynski2(gd_counts c)
{
	return (term(c.ef, failed(c)) + term(c.ef, c.ef + c.ep)) / 2;
}

static double mccon(gd_counts c)
{
	return ratio(minus(c.ef * c.ef, c.nf * c.ep), failed(c) * (c.ef + c.ep));
}

static double dstar2(gd_counts c)
{
	return ratio(c.ef * c.ef, differ(c));
}

static double dstar3(gd_counts c)
{
	return ratio(c.ef * c.ef * c.ef, differ(c));
}

static double dstar4(gd_counts c)
{
	return ratio(c.ef * c.ef * c.ef * c.ef, differ(c));
}

static double dstar5(gd_counts c)
{
	return ratio(c.ef * c.ef * c.ef * c.ef * c.ef, differ(c));
}

static double op1(gd_counts c)
{
	return is_missed(c.nf) ? -1 : c.np;
}

static double op2(gd_counts c)
{
	return c.ef - c.ep / (passed(c) + 1);
}

static double binary(gd_counts c)
{
	return is_missed(c.nf) ? 0 : 1;
}

static double wong1(gd_counts c)
{
	return c.ef;
}

static double russell_rao(gd_counts c)
{
	return ratio(c.ef, all(c));
}

static double wong2(gd_counts c)
{
	return minus(c.ef, c.ep);
}

static double wong3(gd_counts c)
{
	if (c.ep <= 2)
		return c.ef - c.ep;
	return c.ef - (c.ep <= 10 ? 2 + 0.1 * (c.ep - 2) : 2.8 + 0.001 * (c.ep - 10));
}

static double hamming(gd_counts c)
{
	return agree(c);
}

static double euclid(gd_counts c)
{
	return sqrt(agree(c));
}

static double simple_matching(gd_counts c)
{
	return ratio(agree(c), all(c));
}

static double sokal(gd_counts c)
{
	return ratio(2 * agree(c), 2 * agree(c) + differ(c));
}

static double rogers_tanimoto(gd_counts c)
{
	return ratio(agree(c), agree(c) + 2 * differ(c));
}

static double hamann(gd_counts c)
{
	return ratio(minus(agree(c), differ(c)), all(c));
}

static double m1(gd_counts c)
{
	return ratio(agree(c), differ(c));
}

static double m2(gd_counts c)
{
	return ratio(c.ef, agree(c) + 2 * differ(c));
}

static double ample2(gd_counts c)
{
	return minus(term(c.ef, failed(c)), term(c.ep, passed(c)));
}

static double ample(gd_counts c)
{
	return fabs(ample2(c));
}

static double zoltar(gd_counts c)
{
	return c.ef > 0 ? c.ef / (c.ef + differ(c) + 10000 * c.nf * c.ep / c.ef) : 0;
}

static double overlap(gd_counts c)
{
	return ratio(c.ef, fmin(c.ef, fmin(c.nf, c.ep)));
}

static double rogot1(gd_counts c)
{
	return (term(c.ef, 2 * c.ef + differ(c)) + term(c.np, 2 * c.np + differ(c))) / 2;
}

static double rogot2(gd_counts c)
{
	return (term(c.ef, c.ef + c.ep) + term(c.ef, failed(c)) + term(c.np, passed(c)) + term(c.np, c.np + c.nf)) / 4;
}

static double scott_numerator(gd_counts c)
{
	return minus(4 * cross(c), minus(c.nf, c.ep) * minus(c.nf, c.ep));
}

static double scott(gd_counts c)
{
	return ratio(scott_numerator(c), (2 * c.ef + differ(c)) * (2 * c.np + differ(c)));
}

static double fleiss(gd_counts c)
{
	return ratio(scott_numerator(c), 2 * c.ef + 2 * c.np + 2 * differ(c));
}

static double cohen(gd_counts c)
{
	return ratio(2 * cross(c), (c.ef + c.ep) * passed(c) + failed(c) * (c.nf + c.np));
}

static double arithmetic_mean(gd_counts c)
{
	return ratio(2 * cross(c), (c.ef + c.ep) * (c.nf + c.np) + failed(c) * passed(c));
}

static double geometric_mean(gd_counts c)
{
	return ratio(cross(c), sqrt((c.ef + c.ep) * (c.nf + c.np) * failed(c) * passed(c)));
}

static double harmonic_mean(gd_counts c)
{
	double active = (c.ef + c.ep) * (c.nf + c.np), verdict = failed(c) * passed(c);
	return ratio(cross(c) * (active + verdict), active * verdict);
}

static double gp02(gd_counts c)
{
	return 2 * (c.ef + sqrt(c.np)) + sqrt(c.ep);
}

static double gp03(gd_counts c)
{
	return sqrt(fabs(c.ef * c.ef - sqrt(c.ep)));
}

static double gp13(gd_counts c)
{
	return c.ef > 0 ? c.ef * (1 + 1 / (2 * c.ep + c.ef)) : 0;
}

/* ep - ef + F - P is nf - np; written so, it does not leave rounding where it is 0 */
static double gp19(gd_counts c)
{
	return c.ef * sqrt(fabs(minus(c.nf, c.np)));
}

/* clang-format off */
const gd_formula gd_formulas[] = {
	{ "ochiai", "cosine of activity and failure; the usual first choice",
		"ef / sqrt(F (ef+ep))", "Ochiai 1957; Abreu 2006", true, ochiai },
	{ "tarantula", "share of failed tests against share of passed tests",
		"(ef/F) / (ef/F + ep/P)", "Jones and Harrold 2005", true, tarantula },
	{ "sbi", "share of failures among the tests that activate it",
		"ef / (ef+ep)", "Liblit 2005; Yu 2008", true, sbi },
	{ "barinel", "the same from the health of a single component",
		"1 - ep/(ep+ef)", "Abreu 2009", true, barinel },
	{ "cbi-inc", "increase of the failure rate by activity",
		"ef/(ef+ep) - F/N", "Liblit 2005", true, cbi_inc },
	{ "cbi-log", "harmonic mean of the increase and logarithmic recall",
		"2 / (1/CBIinc + ln F / ln ef)", "Liblit 2005", false, cbi_log },
	{ "cbi-sqrt", "harmonic mean of the increase and square-root recall",
		"2 / (1/CBIinc + sqrt F / sqrt ef)", "Liblit 2005; Naish 2011", true, cbi_sqrt },
	{ "ochiai2", "Ochiai for activity and inactivity together",
		"ef np / sqrt((ef+ep)(nf+np) F P)", "Ochiai 1957", true, ochiai2 },
	{ "jaccard", "intersection over union of activity and failure",
		"ef / (ef+nf+ep)", "Jaccard 1901; Chen 2002", true, jaccard },
	{ "sorensen-dice", "overlap counted twice",
		"2ef / (2ef+nf+ep)", "Sorensen 1948; Dice 1945", true, sorensen_dice },
	{ "dice", "twice Jaccard",
		"2ef / (ef+nf+ep)", "Naish 2011", true, dice },
	{ "anderberg", "disagreement counted twice",
		"ef / (ef+2(nf+ep))", "Anderberg 1973", true, anderberg },
	{ "goodman", "agreement minus disagreement",
		"(2ef-nf-ep) / (2ef+nf+ep)", "Goodman and Kruskal 1954", true, goodman },
	{ "kulczynski1", "agreement against disagreement; D* with exponent 1",
		"ef / (nf+ep)", "Kulczynski 1928", true, kulczynski1 },
	{ "kulczynski2", "mean of recall and precision",
		"(ef/F + ef/(ef+ep)) / 2", "Kulczynski 1928", true, kulczynski2 },
	{ "mccon", "recall plus precision minus one, as one fraction",
		"(ef^2 - nf ep) / (F (ef+ep))", "McConnaughey 1964", true, mccon },
	{ "dstar1", "D* with exponent 1",
		"ef / (ep+nf)", "Wong 2014", true, kulczynski1 },
	{ "dstar2", "D* with its usual exponent 2",
		"ef^2 / (ep+nf)", "Wong 2014", false, dstar2 },
	{ "dstar3", "D* with exponent 3, DeepFault's",
		"ef^3 / (ep+nf)", "Wong 2014", false, dstar3 },
	{ "dstar4", "D* with exponent 4",
		"ef^4 / (ep+nf)", "Wong 2014", false, dstar4 },
	{ "dstar5", "D* with exponent 5",
		"ef^5 / (ep+nf)", "Wong 2014", false, dstar5 },
	{ "op1", "optimal for one fault that every failure meets",
		"nf > 0: -1; else np", "Naish 2011", false, op1 },
	{ "op2", "its graded form",
		"ef - ep/(P+1)", "Naish 2011", false, op2 },
	{ "binary", "active in every failed test or not",
		"nf > 0: 0; else 1", "Naish 2011", true, binary },
	{ "wong1", "failures met",
		"ef", "Wong 2007", false, wong1 },
	{ "russell-rao", "failures met among all tests",
		"ef / N", "Russell and Rao 1940", true, russell_rao },
	{ "wong2", "failures met minus passes met",
		"ef - ep", "Wong 2007", false, wong2 },
	{ "wong3", "the same with passes counting less and less",
		"ef - h(ep); h = ep, 2 + 0.1(ep-2) from 2, 2.8 + 0.001(ep-10) from 10", "Wong 2007", false, wong3 },
	{ "hamming", "tests whose verdict agrees with activity",
		"ef + np", "Hamming 1950", false, hamming },
	{ "euclid", "square root of the agreeing tests",
		"sqrt(ef + np)", "Krause 1973", false, euclid },
	{ "simple-matching", "share of the agreeing tests",
		"(ef+np) / N", "Sokal and Michener 1958", true, simple_matching },
	{ "sokal", "agreement counted twice",
		"2(ef+np) / (2(ef+np)+nf+ep)", "Sokal and Sneath 1963", true, sokal },
	{ "rogers-tanimoto", "disagreement counted twice",
		"(ef+np) / (ef+np+2(nf+ep))", "Rogers and Tanimoto 1960", true, rogers_tanimoto },
	{ "hamann", "agreement minus disagreement over all tests",
		"(ef+np-nf-ep) / N", "Hamann 1961", true, hamann },
	{ "m1", "agreement against disagreement",
		"(ef+np) / (nf+ep)", "Everitt 1980", true, m1 },
	{ "m2", "failures met, agreement and disagreement below",
		"ef / (ef+np+2(nf+ep))", "Everitt 1980", true, m2 },
	{ "ample", "distance of the two shares",
		"|ef/F - ep/P|", "Dallmeier 2005", true, ample },
	{ "ample2", "difference of the two shares",
		"ef/F - ep/P", "Dallmeier 2005; Naish 2011", true, ample2 },
	{ "zoltar", "Jaccard with a penalty for missed failures",
		"ef / (ef+nf+ep+10000 nf ep/ef)", "Gonzalez 2007; Janssen 2009", true, zoltar },
	{ "overlap", "failures met against the smallest count",
		"ef / min(ef, nf, ep)", "Krause 1973", true, overlap },
	{ "rogot1", "mean of two Sorensen halves",
		"(ef/(2ef+nf+ep) + np/(2np+nf+ep)) / 2", "Rogot and Goldberg 1966", true, rogot1 },
	{ "rogot2", "mean of four conditional shares",
		"(ef/(ef+ep) + ef/F + np/P + np/(np+nf)) / 4", "Rogot and Goldberg 1966", true, rogot2 },
	{ "scott", "agreement beyond chance, common margins",
		"(4(ef np - nf ep) - (nf-ep)^2) / ((2ef+nf+ep)(2np+nf+ep))", "Scott 1955", true, scott },
	{ "fleiss", "the same numerator over the sum of the margins",
		"(4(ef np - nf ep) - (nf-ep)^2) / ((2ef+nf+ep)+(2np+nf+ep))", "Fleiss 1965", false, fleiss },
	{ "cohen", "agreement beyond chance, own margins",
		"2(ef np - nf ep) / ((ef+ep)P + F(nf+np))", "Cohen 1960", true, cohen },
	{ "arithmetic-mean", "covariance over the arithmetic mean of the variances",
		"2(ef np - nf ep) / ((ef+ep)(nf+np) + F P)", "Maxwell and Pilliner 1968", true, arithmetic_mean },
	{ "geometric-mean", "phi: correlation of activity and failure",
		"(ef np - nf ep) / sqrt((ef+ep)(nf+np) F P)", "Pearson 1900; Maxwell and Pilliner 1968", true, geometric_mean },
	{ "harmonic-mean", "covariance over the harmonic mean of the variances",
		"(ef np - nf ep)((ef+ep)(nf+np)+F P) / ((ef+ep)(nf+np) F P)", "Maxwell and Pilliner 1968", true, harmonic_mean },
	{ "gp02", "found by genetic programming",
		"2(ef + sqrt np) + sqrt ep", "Yoo 2012", false, gp02 },
	{ "gp03", "found by genetic programming",
		"sqrt|ef^2 - sqrt ep|", "Yoo 2012", false, gp03 },
	{ "gp13", "found by genetic programming; orders as Op2",
		"ef (1 + 1/(2ep+ef))", "Yoo 2012", false, gp13 },
	{ "gp19", "found by genetic programming",
		"ef sqrt|ep - ef + F - P|", "Yoo 2012", false, gp19 },
	{ 0 },
};
/* clang-format on */

const gd_formula *gd_formula_find(const char *name)
{
	for (const gd_formula *row = gd_formulas; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}
