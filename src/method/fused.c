#include "method/fused.h"
#include "method/guider.h"
#include "method/refitted.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const detector_names[GD_DETECTORS] = {
	[GD_DETECT_ROLE] = "role",
	[GD_DETECT_OUTPUT] = "output",
	[GD_DETECT_SETTINGS] = "settings",
	[GD_DETECT_ACTIVATION] = "activation",
	[GD_DETECT_INFORMATION] = "information",
	[GD_DETECT_NORMALIZATION] = "normalization",
	[GD_DETECT_KERNEL] = "kernel",
	[GD_DETECT_BIAS] = "bias",
	[GD_DETECT_INTERFACE] = "interface",
	[GD_DETECT_DOWNSTREAM] = "downstream",
	[GD_DETECT_REFIT] = "refit",
};

static double probability(double logit)
{
	return 1 / (1 + exp(-logit));
}

/* The heaviest rule that this detector found broken: its sentence is better than a figure. */
static const gd_finding *finding_of(const gd_evidence_entry *entry, gd_detector_id detector)
{
	size_t length = strlen(detector_names[detector]);
	for (size_t i = 0; i < entry->finding_count; i++)
		if (strncmp(entry->findings[i].id, detector_names[detector], length) == 0 &&
			entry->findings[i].id[length] == '.')
			return &entry->findings[i];
	return NULL;
}

static const char *copy(gd_ranking *ranking, const char *text)
{
	return text ? gd_arena_text(&ranking->arena, text, strlen(text)) : NULL;
}

/* The name of the member that a finding is about, as the ranked entry has it; NULL when it is the head. */
static const char *member_of(const gd_method_input *input, const gd_ranked_entry *to, const gd_layer *member)
{
	const gd_entry *entry = &input->model->entries[to->index];
	for (size_t k = 0; member && k < entry->member_count; k++)
		if (&input->model->layers[entry->members[k]] == member && entry->members[k] != entry->head)
			return to->members[k];
	return NULL;
}

static bool make_item(gd_ranking *ranking, const gd_method_input *input, size_t at, const gd_fusion_part *part,
	gd_detector_id detector, gd_evidence_item *item)
{
	const gd_finding *finding = finding_of(&input->evidence->entries[at], detector);
	item->term = part->term;
	if (finding && part->term > 0) {
		*item = (gd_evidence_item){ .id = copy(ranking, finding->id),
			.term = part->term,
			.value = finding->value,
			.message = copy(ranking, finding->message),
			.mend = copy(ranking, finding->mend),
			.member = member_of(input, &ranking->layers[at], finding->member) };
		return item->id && item->message;
	}
	item->id = gd_figures[part->column->figure].name;
	item->value = isnan(part->seen) ? NAN : gd_figure_seen(part->column->figure, part->seen);
	item->message = gd_fused_sentence(part, &ranking->arena);
	item->mend = part->term > 0 ? gd_fused_mend(part->column->figure) : NULL;
	return item->message != NULL;
}

static int by_size(const void *a, const void *b)
{
	double x = ((const gd_evidence_item *)a)->term, y = ((const gd_evidence_item *)b)->term;
	return (x < y) - (x > y);
}

/* What re-fitting did, whether it speaks for or against: the counterfactual that anyone can check. */
static bool say_refit(gd_ranking *ranking, size_t at, const gd_method_input *input, double term)
{
	gd_ranked_entry *to = &ranking->layers[at];
	if (!input->refit || !input->refit->entries[at].tried)
		return true;
	const char *sentence = gd_refitted_sentence(input->refit, at, to->name, &ranking->arena);
	const bool fitted = input->refit->entries[at].fitted;
	double mended = input->evidence->entries[at].of[fitted ? GD_FIGURE_REFIT_MENDED : GD_FIGURE_REFIT_SWAP_MENDED];
	const char *advice = fitted ? "train this layer again; dlguider mend writes the model with it re-fitted" : "look at what the layer computes";
	to->evidence[to->evidence_count++] = (gd_evidence_item){ .id = fitted ? "refit.mended" : "refit.swap-mended",
		.term = term,
		.value = isnan(mended) ? NAN : 100 * mended,
		.message = sentence,
		.mend = term > 0 ? advice : NULL };
	return sentence != NULL;
}

/* Layers that could have been tried with a larger budget. */
static bool say_what_was_not_tried(gd_ranking *ranking, const gd_method_input *input)
{
	const gd_refit *refit = input->refit;
	size_t late = 0, first = 0;
	for (size_t i = 0; refit && i < refit->entry_count; i++)
		if (refit->entries[i].late && !late++)
			first = i;
	if (!late)
		return true;
	return gd_ranking_note(ranking, "%zu of %zu layers were re-fitted; %zu, %s among them, did not fit into the budget: --budget gives more, --deep all",
		refit->tried, refit->entry_count, late, input->spectrum->entries[first].name);
}

static bool explain(gd_ranking *ranking, size_t at, const gd_method_input *input, const gd_fusion_entry *weighed)
{
	gd_ranked_entry *to = &ranking->layers[at];
	const double start = gd_fusion_for(input->evidence)->start;
	to->evidence = gd_arena_new(&ranking->arena, GD_DETECTORS + 2, sizeof *to->evidence);
	if (!to->evidence)
		return false;
	for (int d = 0; d < GD_DETECTORS; d++) {
		const gd_fusion_part *part = &weighed->parts[d];
		if (!part->column || part->term == 0 ||
			(d == GD_DETECT_REFIT && input->refit && input->refit->entries[at].tried))
			continue;
		if (!make_item(ranking, input, at, part, (gd_detector_id)d, &to->evidence[to->evidence_count++]))
			return false;
	}
	if (!say_refit(ranking, at, input, weighed->parts[GD_DETECT_REFIT].term))
		return false;
	qsort(to->evidence, to->evidence_count, sizeof *to->evidence, by_size);
	to->evidence[to->evidence_count++] = (gd_evidence_item){ .id = "start",
		.term = start,
		.value = probability(start),
		.message = "before any evidence is seen, a layer is rarely at fault" };
	return true;
}

/* The optimizer is no layer, but what the file says of it can explain much. */
static bool note_rate(gd_ranking *ranking, const gd_model *model)
{
	if (!model || !model->training.optimizer || isnan(model->training.learning_rate))
		return true;
	double rate = model->training.learning_rate,
		   high = strcmp(model->training.optimizer, "sgd") == 0 || strcmp(model->training.optimizer, "SGD") == 0 ? .9
																												 : .05;
	if (rate > 1e-6 && rate < high)
		return true;
	return gd_ranking_note(ranking,
		"the model was trained by %.40s with a learning rate of %g, which is %s: look at that first",
		model->training.optimizer, rate, rate >= high ? "high" : "next to nothing");
}

static bool conclude(gd_ranking *ranking, const gd_method_input *input)
{
	const gd_evidence *evidence = input->evidence;
	double best = ranking->layer_count ? ranking->layers[0].score : 0;
	gd_outside_id figure = 0;
	double outside = probability(gd_fusion_weigh_outside(gd_fusion_for(evidence), evidence, &figure));
	ranking->verdict = best > .5 ? "layer" : outside > .5 ? "outside" : "none";
	if (best > .5)
		return ranking->layer_count < 2 || ranking->layers[1].score < .9 * best ||
			   gd_ranking_note(ranking, "several layers may be at fault: \"%s\" is hardly less likely than \"%s\"",
				   ranking->layers[1].name, ranking->layers[0].name);
	if (outside <= .5)
		return gd_ranking_note(
			ranking, "no layer stands out: the most likely one is at fault with a probability of %.2f", best);
	const char *sentence = gd_fused_outside_sentence(figure, evidence->outside[figure], &ranking->arena);
	return sentence &&
		   gd_ranking_note(
			   ranking, "the cause seems to lie outside the layers, with a probability of %.2f: %s", outside, sentence);
}

/* Neurons by the spectrum: the fusion says which layer, the spectrum which of its units. */
static gd_status rank_neurons(gd_ranking *ranking, const gd_method_input *input, gd_error *err)
{
	const gd_spectrum *spectrum = input->spectrum;
	bool fell_back = false, fine = true;
	double *neurons = calloc(spectrum->neuron_count + 1, sizeof *neurons);
	double *entries = calloc(spectrum->entry_count + 1, sizeof *entries);
	gd_status status = neurons && entries
						   ? gd_guider_scores(spectrum, input->options, neurons, entries, &fell_back, err)
						   : gd_fail_memory(err, "ranking the neurons");
	for (size_t i = 0; !status && fine && i < ranking->layer_count; i++)
		fine = gd_guider_top_neurons(ranking, &ranking->layers[i], neurons + spectrum->start[i]);
	free(neurons);
	free(entries);
	return status ? status : fine ? GD_OK : gd_fail_memory(err, "ranking the neurons");
}

static bool fill(gd_ranking *ranking, const gd_method_input *input)
{
	const gd_evidence *evidence = input->evidence;
	const gd_fusion_table *table = gd_fusion_for(evidence);
	size_t n = evidence->entry_count;
	double *scratch = calloc(3 * n + 1, sizeof *scratch);
	gd_fusion_entry *weighed = calloc(n + 1, sizeof *weighed);
	bool fine = scratch && weighed && n == ranking->layer_count;
	if (fine)
		gd_fusion_weigh(table, evidence, scratch, weighed);
	for (size_t i = 0; fine && i < n; i++) {
		ranking->layers[i].score = probability(weighed[i].logit);
		fine = explain(ranking, i, input, &weighed[i]);
	}
	free(scratch);
	free(weighed);
	ranking->method = "fused";
	ranking->is_probability = true;
	fine = fine && gd_ranking_option_text(ranking, "fit", table->provenance);
	return fine;
}

gd_status gd_fused_rank(const gd_method_input *input, gd_ranking **out, gd_error *err)
{
	gd_ranking *ranking = gd_ranking_of_spectrum(input->spectrum);
	gd_status status = ranking && fill(ranking, input) ? GD_OK : gd_fail_memory(err, "ranking the layers");
	if (!status)
		status = rank_neurons(ranking, input, err);
	if (!status) {
		gd_ranking_sort(ranking);
		if (!conclude(ranking, input) || !note_rate(ranking, input->model) || !say_what_was_not_tried(ranking, input))
			status = gd_fail_memory(err, "ranking the layers");
	}
	if (status)
		gd_ranking_free(ranking);
	else
		*out = ranking;
	return status;
}
