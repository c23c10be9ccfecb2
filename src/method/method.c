#include "method/method.h"
#include "method/fused.h"
#include "method/guider.h"
#include <stdlib.h>
#include <string.h>

const gd_method gd_methods[] = {
	{ "guider", "weighted spectrum, suspiciousness of neurons, balanced aggregation", false, false, gd_guider_rank },
	{ "fused", "all evidence in one additive, calibrated model: the score is the probability that a layer is faulty", true, true,
		gd_fused_rank },
	{ 0 },
};

const gd_method *gd_method_find(const char *name)
{
	for (const gd_method *row = gd_methods; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

/* The model may be closed before the ranking is. */
static bool name_outputs(gd_ranking *ranking, const gd_model *model)
{
	for (size_t i = 0; i < ranking->layer_count; i++) {
		gd_ranked_entry *to = &ranking->layers[i];
		const gd_entry *entry = &model->entries[to->index];
		to->outputs = gd_arena_new(&ranking->arena, to->member_count + 1, sizeof *to->outputs);
		if (!to->outputs)
			return false;
		for (size_t k = 0; k < to->member_count && k < entry->member_count; k++) {
			const char *output = model->layers[entry->members[k]].output;
			if (output && !(to->outputs[k] = gd_arena_text(&ranking->arena, output, strlen(output))))
				return false;
		}
	}
	return true;
}

gd_status gd_rank(const gd_method_input *input, gd_ranking **out, gd_error *err)
{
	const gd_method *method = gd_method_find(input->options->text[GD_OPTION_METHOD]);
	if (!method)
		return gd_fail(err, GD_E_USAGE, "there is no such method");
	if (method->needs_model && !input->model)
		return gd_fail(err, GD_E_USAGE,
			"--method %s needs the model and its tests; a saved spectrum serves --method guider", method->name);
	if (method->needs_evidence && !input->evidence)
		return gd_fail(err, GD_E_USAGE, "--method %s needs evidence, which is gathered while the tests run: choose the method "
										"already then", method->name);
	gd_status status = method->rank(input, out, err);
	if (status != GD_OK)
		return status;
	status = gd_ranking_overview(*out, input->spectrum, input->histograms, err);
	if (status == GD_OK && input->model && !name_outputs(*out, input->model))
		status = gd_fail_memory(err, "ranking the layers");
	if (status != GD_OK)
		gd_ranking_free(*out);
	return status;
}

static const char *keep(gd_ranking *ranking, const char *text)
{
	return gd_arena_text(&ranking->arena, text, strlen(text));
}

static bool copy_entry(gd_ranking *ranking, const gd_spectrum_entry *from, size_t at)
{
	gd_ranked_entry *to = &ranking->layers[at];
	to->index = (int)at;
	to->name = keep(ranking, from->name);
	to->kind = keep(ranking, from->kind);
	to->units = from->units;
	to->members = gd_arena_new(&ranking->arena, from->member_count ? from->member_count : 1, sizeof *to->members);
	if (!to->name || !to->kind || !to->members)
		return false;
	for (; to->member_count < from->member_count; to->member_count++)
		if (!(to->members[to->member_count] = keep(ranking, from->members[to->member_count])))
			return false;
	return true;
}

gd_ranking *gd_ranking_of_spectrum(const gd_spectrum *spectrum)
{
	gd_ranking *ranking = calloc(1, sizeof *ranking);
	if (!ranking)
		return NULL;
	ranking->model_path = keep(ranking, spectrum->model_path);
	ranking->model_format = keep(ranking, spectrum->model_format);
	ranking->sha256 = keep(ranking, spectrum->sha256);
	ranking->parameters = spectrum->parameters;
	ranking->tests = spectrum->tests;
	ranking->failed = spectrum->failed;
	ranking->passed = spectrum->tests - spectrum->failed;
	ranking->task = gd_task_name(spectrum->task);
	ranking->verdict = "layer";
	ranking->layers = gd_arena_new(&ranking->arena, spectrum->entry_count + 1, sizeof *ranking->layers);
	ranking->layer_count = spectrum->entry_count;
	ranking->classes = gd_arena_new(&ranking->arena, spectrum->class_count, sizeof *ranking->classes);
	ranking->class_count = spectrum->class_count;
	bool fine = ranking->model_path && ranking->model_format && ranking->sha256 && ranking->layers && ranking->classes;
	for (size_t i = 0; fine && i < spectrum->class_count; i++)
		fine = (ranking->classes[i] = keep(ranking, spectrum->classes[i])) != NULL;
	for (size_t i = 0; fine && i < spectrum->entry_count; i++)
		fine = copy_entry(ranking, &spectrum->entries[i], i);
	for (size_t i = 0; fine && i < spectrum->note_count; i++)
		fine = gd_ranking_note(ranking, "%s", spectrum->notes[i]);
	if (fine)
		return ranking;
	gd_ranking_free(ranking);
	return NULL;
}
