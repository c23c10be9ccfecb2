#include "spectrum/spectrum.h"
#include <math.h>
#include <stdlib.h>

enum { BLOCK = 256, BLOCK_WORDS = BLOCK / 64 };

/* The tests of one verdict and what each weighs. */
typedef struct {
	uint64_t *tests; /* bits */
	double *weight;  /* of every test, 0 for tests of the other verdict */
	bool whole;      /* every weight is 1: bits are counted */
	double total;
} side;

static double sum_all(const gd_spectrum *spectrum, const side *s)
{
	double sum = 0;
	for (int64_t block = 0; block < spectrum->tests; block += BLOCK) {
		double part = 0;
		for (int64_t t = block; t < block + BLOCK && t < spectrum->tests; t++)
			part += s->weight[t];
		sum += part;
	}
	return sum;
}

/* A sum in the same order as sum_all, of the active tests alone: equal to it to the last bit when all are active. */
static double sum_active(const gd_spectrum *spectrum, const side *s, const uint64_t *active)
{
	double sum = 0;
	for (size_t block = 0; block < spectrum->words; block += BLOCK_WORDS) {
		double part = 0;
		for (size_t word = block; word < block + BLOCK_WORDS && word < spectrum->words; word++)
			for (uint64_t bits = active[word] & s->tests[word]; bits; bits &= bits - 1)
				part += s->weight[word * 64 + (size_t)__builtin_ctzll(bits)];
		sum += part;
	}
	return sum;
}

/* 255 / 255.0 is exactly 1, so a neuron that is fully active gets exactly sum_all. */
static double sum_graded(const gd_spectrum *spectrum, const side *s, const uint8_t *activity)
{
	double sum = 0;
	for (int64_t block = 0; block < spectrum->tests; block += BLOCK) {
		double part = 0;
		for (int64_t t = block; t < block + BLOCK && t < spectrum->tests; t++)
			part += s->weight[t] * (activity[t] / 255.0);
		sum += part;
	}
	return sum;
}

static double count_graded(const gd_spectrum *spectrum, const side *s, const uint8_t *activity)
{
	int64_t sum = 0;
	for (int64_t t = 0; t < spectrum->tests; t++)
		sum += s->tests[t / 64] >> (t % 64) & 1 ? activity[t] : 0;
	return (double)sum / 255;
}

static double count_active(const gd_spectrum *spectrum, const side *s, const uint64_t *active)
{
	int64_t count = 0;
	for (size_t word = 0; word < spectrum->words; word++)
		count += __builtin_popcountll(active[word] & s->tests[word]);
	return (double)count;
}

static double weight_active(const gd_spectrum *spectrum, const side *s, size_t neuron)
{
	if (spectrum->graded) {
		const uint8_t *activity = spectrum->graded + neuron * (size_t)spectrum->tests;
		return s->whole ? count_graded(spectrum, s, activity) : sum_graded(spectrum, s, activity);
	}
	const uint64_t *active = spectrum->active + neuron * spectrum->words;
	return s->whole ? count_active(spectrum, s, active) : sum_active(spectrum, s, active);
}

static void set_weights(
	const gd_spectrum *spectrum, const gd_weighting *policy, const double *confidence, bool failed, side *s)
{
	s->whole = failed ? policy->failed_base == 1 && policy->failed_slope == 0
					  : policy->passed_base == 1 && policy->passed_slope == 0;
	for (int64_t t = 0; t < spectrum->tests; t++) {
		bool mine = gd_spectrum_is_failed(spectrum, t) == failed;
		s->tests[t / 64] |= (uint64_t)mine << (t % 64);
		s->weight[t] = mine ? gd_weight_of(policy, failed, confidence[t]) : 0;
	}
	s->total = sum_all(spectrum, s);
}

/* false when memory is out. */
static bool open_side(const gd_spectrum *spectrum, const gd_weighting *policy, gd_confidence_kind kind, bool failed,
	side *s, bool *fell_back)
{
	int64_t mine = failed ? spectrum->failed : spectrum->tests - spectrum->failed;
	s->tests = calloc(spectrum->words, sizeof *s->tests);
	s->weight = calloc((size_t)spectrum->tests, sizeof *s->weight);
	if (!s->tests || !s->weight)
		return false;
	set_weights(spectrum, policy, spectrum->confidence[kind], failed, s);
	if (mine > 0 && !(s->total > 0)) {
		*fell_back = true;
		set_weights(spectrum, gd_weighting_find("none"), spectrum->confidence[kind], failed, s);
	}
	return true;
}

gd_status gd_spectrum_counts(const gd_spectrum *spectrum, const gd_weighting *policy, gd_confidence_kind kind,
	gd_counts *out, bool *fell_back, gd_error *err)
{
	side failed = { 0 }, passed = { 0 };
	bool unweighted = false;
	bool fine = open_side(spectrum, policy, kind, true, &failed, &unweighted) &&
				open_side(spectrum, policy, kind, false, &passed, &unweighted);
	for (size_t n = 0; fine && n < spectrum->neuron_count; n++) {
		gd_counts *c = &out[n];
		c->ef = weight_active(spectrum, &failed, n);
		c->ep = weight_active(spectrum, &passed, n);
		c->nf = fmax(0, failed.total - c->ef); /* so that ef + nf is the same for every neuron */
		c->np = fmax(0, passed.total - c->ep);
	}
	free(failed.tests);
	free(failed.weight);
	free(passed.tests);
	free(passed.weight);
	if (!fine)
		return gd_fail_memory(err, "counting the spectrum");
	if (fell_back)
		*fell_back = unweighted;
	return GD_OK;
}
