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
	double shares[256]; /* k / 255: exactly 1 at the end, so a neuron that is fully active gets exactly the total */
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

static double sum_graded(const gd_spectrum *spectrum, const side *s, const uint8_t *activity)
{
	double sum = 0;
	for (int64_t block = 0; block < spectrum->tests; block += BLOCK) {
		double part = 0;
		for (int64_t t = block; t < block + BLOCK && t < spectrum->tests; t++)
			part += s->weight[t] * s->shares[activity[t]];
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

/* What the counts are asked for. */
typedef struct {
	const gd_spectrum *spectrum;
	const gd_weighting *policy;
	gd_confidence_kind kind;
	const uint32_t *times; /* of each test; NULL: once */
} question;

static void set_weights(const question *q, const gd_weighting *policy, bool failed, side *s)
{
	const gd_spectrum *spectrum = q->spectrum;
	const double *confidence = spectrum->confidence[q->kind];
	bool plain = failed ? policy->failed_base == 1 && policy->failed_slope == 0
						: policy->passed_base == 1 && policy->passed_slope == 0;
	s->whole = plain && !q->times;
	for (int64_t t = 0; t < spectrum->tests; t++) {
		bool mine = gd_spectrum_is_failed(spectrum, t) == failed;
		s->tests[t / 64] |= (uint64_t)mine << (t % 64);
		s->weight[t] = mine ? gd_weight_of(policy, failed, confidence[t]) * (q->times ? q->times[t] : 1) : 0;
	}
	s->total = sum_all(spectrum, s);
}

/* false when memory is out. */
static bool open_side(const question *q, bool failed, side *s, bool *fell_back)
{
	const gd_spectrum *spectrum = q->spectrum;
	int64_t mine = failed ? spectrum->failed : spectrum->tests - spectrum->failed;
	s->tests = calloc(spectrum->words, sizeof *s->tests);
	s->weight = calloc((size_t)spectrum->tests, sizeof *s->weight);
	if (!s->tests || !s->weight)
		return false;
	for (int i = 0; i < 256; i++)
		s->shares[i] = i / 255.0;
	set_weights(q, q->policy, failed, s);
	if (mine > 0 && !(s->total > 0)) {
		*fell_back = true;
		set_weights(q, gd_weighting_find("none"), failed, s);
	}
	return true;
}

static gd_status count(const question *q, gd_counts *out, bool *fell_back, gd_error *err)
{
	side failed = { 0 }, passed = { 0 };
	bool fine = open_side(q, true, &failed, fell_back) && open_side(q, false, &passed, fell_back);
	for (size_t n = 0; fine && n < q->spectrum->neuron_count; n++) {
		gd_counts *c = &out[n];
		c->ef = weight_active(q->spectrum, &failed, n);
		c->ep = weight_active(q->spectrum, &passed, n);
		c->nf = fmax(0, failed.total - c->ef); /* so that ef + nf is the same for every neuron */
		c->np = fmax(0, passed.total - c->ep);
	}
	free(failed.tests);
	free(failed.weight);
	free(passed.tests);
	free(passed.weight);
	return fine ? GD_OK : gd_fail_memory(err, "counting the spectrum");
}

gd_status gd_spectrum_counts(const gd_spectrum *spectrum, const gd_weighting *policy, gd_confidence_kind kind,
	gd_counts *out, bool *fell_back, gd_error *err)
{
	bool unweighted = false;
	gd_status status = count(&(question){ spectrum, policy, kind, NULL }, out, &unweighted, err);
	if (!status && fell_back)
		*fell_back = unweighted;
	return status;
}

gd_status gd_spectrum_counts_drawn(const gd_spectrum *spectrum, const gd_weighting *policy, gd_confidence_kind kind,
	const uint32_t *times, gd_counts *out, gd_error *err)
{
	bool unweighted = false;
	return count(&(question){ spectrum, policy, kind, times }, out, &unweighted, err);
}
