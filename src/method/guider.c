#include "method/guider.h"
#include "aggregate/aggregate.h"
#include "method/stability.h"
#include <math.h>
#include <stdlib.h>

enum { TOP = 10 };
static const double steady = 0.8; /* share of draws below which a first place is called unsteady */

static void score_neurons(const gd_counts *counts, size_t n, const gd_formula *formula, double *scores)
{
	for (size_t i = 0; i < n; i++)
		scores[i] = formula->score(counts[i]);
}

/* Infinite suspiciousness becomes one above the largest finite one, as the aggregations read it. */
static void make_finite(double *scores, size_t n)
{
	double largest = -INFINITY;
	for (size_t i = 0; i < n; i++)
		if (isfinite(scores[i]))
			largest = fmax(largest, scores[i]);
	for (size_t i = 0; i < n; i++)
		if (!isfinite(scores[i]))
			scores[i] = isfinite(largest) ? largest + 1 : 1;
}

typedef struct {
	const gd_weighting *policy;
	const gd_formula *formula;
	const gd_aggregation *aggregation;
	gd_confidence_kind kind;
} recipe;

static gd_status read_options(const gd_options *options, recipe *out, gd_error *err)
{
	*out = (recipe){ gd_weighting_find(options->text[GD_OPTION_WEIGHTING]),
		gd_formula_find(options->text[GD_OPTION_FORMULA]), gd_aggregation_find(options->text[GD_OPTION_AGGREGATION]),
		GD_CONFIDENCE_GINI };
	bool known = gd_confidence_find(options->text[GD_OPTION_CONFIDENCE], &out->kind);
	return known && out->policy && out->formula && out->aggregation
			   ? GD_OK
			   : gd_fail(err, GD_E_USAGE, "an option of the method guider has no value");
}

static gd_status score_all(const gd_spectrum *spectrum, const gd_options *options, const uint32_t *times,
	double *neurons, double *entries, bool *fell_back, gd_error *err)
{
	recipe how;
	gd_status status = read_options(options, &how, err);
	if (status)
		return status;
	size_t n = spectrum->neuron_count;
	gd_counts *counts = calloc(n + 1, sizeof *counts);
	double *scratch = calloc(n + 8 * spectrum->entry_count + 1, sizeof *scratch);
	if (!counts || !scratch)
		status = gd_fail_memory(err, "ranking the layers");
	else if (times)
		status = gd_spectrum_counts_drawn(spectrum, how.policy, how.kind, times, counts, err);
	else
		status = gd_spectrum_counts(spectrum, how.policy, how.kind, counts, fell_back, err);
	if (!status && spectrum->failed > 0) {
		gd_neuron_scores in = { neurons, spectrum->start, spectrum->entry_count };
		score_neurons(counts, n, how.formula, neurons);
		how.aggregation->fold(&in, scratch, entries);
		make_finite(neurons, n);
	}
	free(counts);
	free(scratch);
	return status;
}

gd_status gd_guider_scores(const gd_spectrum *spectrum, const gd_options *options, double *neurons, double *entries,
	bool *fell_back, gd_error *err)
{
	return score_all(spectrum, options, NULL, neurons, entries, fell_back, err);
}

gd_status gd_guider_scores_drawn(const gd_spectrum *spectrum, const gd_options *options, const uint32_t *times,
	double *neurons, double *entries, gd_error *err)
{
	return score_all(spectrum, options, times, neurons, entries, NULL, err);
}

bool gd_guider_top_neurons(gd_ranking *ranking, gd_ranked_entry *entry, const double *scores)
{
	size_t room = entry->units < TOP ? entry->units : TOP;
	gd_ranked_neuron *top = gd_arena_new(&ranking->arena, room ? room : 1, sizeof *top);
	entry->neuron_scores = gd_arena_copy(&ranking->arena, scores, entry->units * sizeof *scores);
	if (!top || !entry->neuron_scores)
		return false;
	size_t count = 0;
	for (size_t i = 0; i < entry->units; i++) {
		size_t place = count;
		while (place > 0 && top[place - 1].score < scores[i])
			place--;
		if (place >= room)
			continue;
		count += count < room;
		for (size_t k = count - 1; k > place; k--)
			top[k] = top[k - 1];
		top[place] = (gd_ranked_neuron){ i, scores[i] };
	}
	entry->neurons = top;
	entry->neuron_count = count;
	return true;
}

static bool record_options(gd_ranking *ranking, const gd_spectrum *spectrum, const gd_options *options)
{
	static const gd_option_id texts[] = { GD_OPTION_FORMULA, GD_OPTION_AGGREGATION, GD_OPTION_WEIGHTING,
		GD_OPTION_CONFIDENCE };
	bool fine = true;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		fine = fine && gd_ranking_option_text(ranking, gd_option_table[texts[i]].name, options->text[texts[i]]);
	fine = fine && gd_ranking_option_text(ranking, "coverage", spectrum->coverage->name);
	if (!spectrum->coverage->graded)
		fine = fine && gd_ranking_option_number(ranking, "threshold", spectrum->threshold);
	fine = fine && gd_ranking_option_text(ranking, "reduce", spectrum->reduction) &&
		   gd_ranking_option_text(ranking, "outputs", spectrum->form);
	if (spectrum->task == GD_TASK_REGRESSION)
		fine = fine && gd_ranking_option_number(ranking, "tolerance", spectrum->tolerance);
	return fine;
}

static bool note_degenerate(gd_ranking *ranking, const gd_spectrum *spectrum, bool fell_back)
{
	bool fine = true;
	if (fell_back)
		fine = gd_ranking_note(ranking, "all tests of one verdict would weigh 0, so each of them counts 1");
	if (spectrum->failed > 0 && spectrum->failed < spectrum->tests)
		return fine;
	ranking->verdict = "none";
	if (spectrum->failed == 0)
		return fine && gd_ranking_note(ranking,
						   "no test fails, so a spectrum has nothing to blame: the layers stand in model order");
	return fine && gd_ranking_note(ranking, "no test passes, so a spectrum cannot tell guilty neurons from busy ones: "
											"the order follows activity alone");
}

static bool note_stability(gd_ranking *ranking, gd_stability stability)
{
	if (stability.draws == 0 || stability.kept >= steady * stability.draws)
		return true;
	return gd_ranking_note(ranking,
		"the first layer stays first in only %d of %d draws of the tests with replacement; more tests would settle the "
		"order",
		stability.kept, stability.draws);
}

static bool fill(
	gd_ranking *ranking, const gd_method_input *input, const double *neurons, const double *entries, bool fell_back)
{
	const gd_spectrum *spectrum = input->spectrum;
	bool fine = record_options(ranking, spectrum, input->options) && note_degenerate(ranking, spectrum, fell_back);
	ranking->method = "guider";
	for (size_t i = 0; fine && i < ranking->layer_count; i++) {
		ranking->layers[i].score = entries[i];
		fine = gd_guider_top_neurons(ranking, &ranking->layers[i], neurons + spectrum->start[i]);
	}
	gd_ranking_sort(ranking);
	return fine;
}

gd_status gd_guider_rank(const gd_method_input *input, gd_ranking **out, gd_error *err)
{
	const gd_spectrum *spectrum = input->spectrum;
	bool fell_back = false;
	double *neurons = calloc(spectrum->neuron_count + 1, sizeof *neurons);
	double *entries = calloc(spectrum->entry_count + 1, sizeof *entries);
	gd_ranking *ranking = NULL;
	gd_stability stability = { 0 };
	gd_status status = GD_OK;
	if (neurons && entries)
		status = gd_guider_scores(spectrum, input->options, neurons, entries, &fell_back, err);
	if (!status && neurons && entries)
		status = gd_stability_of(spectrum, input->options, entries, &stability, err);
	if (!status && (!neurons || !entries || !(ranking = gd_ranking_of_spectrum(spectrum)) ||
					   !fill(ranking, input, neurons, entries, fell_back) || !note_stability(ranking, stability)))
		status = gd_fail_memory(err, "ranking the layers");
	free(neurons);
	free(entries);
	if (status)
		gd_ranking_free(ranking);
	else
		*out = ranking;
	return status;
}
