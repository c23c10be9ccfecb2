#include "method/stability.h"
#include "aggregate/aggregate.h"
#include "method/guider.h"
#include <stdlib.h>
#include <string.h>

enum { DRAWS = 100, LEAST_DRAWS = 20 };
static const double most_work = 2e8; /* tests x neurons x draws: some tenths of a second */

/* SplitMix64: small, well spread, the same everywhere. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static size_t first_of(const double *entries, size_t n)
{
	size_t best = 0;
	for (size_t i = 1; i < n; i++)
		if (entries[i] > entries[best])
			best = i;
	return best;
}

static void draw_tests(uint32_t *times, int64_t tests, uint64_t *state)
{
	memset(times, 0, (size_t)tests * sizeof *times);
	for (int64_t i = 0; i < tests; i++)
		times[next_random(state) % (uint64_t)tests]++;
}

gd_status gd_stability_of(
	const gd_spectrum *spectrum, const gd_options *options, const double *entries, gd_stability *out, gd_error *err)
{
	double work = (double)spectrum->tests * (double)spectrum->neuron_count;
	int draws = work * (double)DRAWS <= most_work ? DRAWS : (int)(most_work / work);
	*out = (gd_stability){ 0 };
	if (draws < LEAST_DRAWS || spectrum->entry_count < 2 || spectrum->failed == 0 ||
		spectrum->failed == spectrum->tests)
		return GD_OK;
	uint32_t *times = calloc((size_t)spectrum->tests, sizeof *times);
	double *neurons = calloc(spectrum->neuron_count + 1, sizeof *neurons);
	double *drawn = calloc(spectrum->entry_count, sizeof *drawn);
	gd_status status = times && neurons && drawn ? GD_OK : gd_fail_memory(err, "drawing tests");
	size_t first = first_of(entries, spectrum->entry_count);
	uint64_t state = 1;
	for (int i = 0; !status && i < draws; i++) {
		draw_tests(times, spectrum->tests, &state);
		status = gd_guider_scores_drawn(spectrum, options, times, neurons, drawn, err);
		out->kept += !status && drawn[first] >= drawn[first_of(drawn, spectrum->entry_count)];
	}
	out->draws = status ? 0 : draws;
	free(times);
	free(neurons);
	free(drawn);
	return status;
}
