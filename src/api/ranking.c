#include "api/api.h"
#include "api/pass.h"
#include "method/align.h"
#include "method/method.h"
#include "report/explain.h"
#include <stdlib.h>
#include <string.h>

static gd_status locate(const dlg_rank_request *request, gd_ranking *ranking, gd_error *err)
{
	gd_program *program = NULL; /* without one, what the model file says of lines is used */
	gd_status status = request->program ? gd_program_open(request->program, &program, err) : GD_OK;
	if (status != GD_OK)
		return status;
	status = gd_align_ranking(ranking, request->model->model, program, err);
	gd_program_free(program);
	return status;
}

static gd_status rank(const dlg_rank_request *request, gd_ranking **out, gd_error *err)
{
	gd_options options = api_options(request->options);
	gd_method_input input = {
		.spectrum = request->spectrum->spectrum,
		.evidence = request->spectrum->evidence,
		.refit = request->spectrum->refit,
		.histograms = request->spectrum->histograms,
		.model = request->model ? request->model->model : NULL,
		.options = &options,
	};
	gd_status status = input.model && request->spectrum->from_file ? gd_spectrum_check_model(input.spectrum, input.model, err) : GD_OK;
	if (status != GD_OK)
		return status;
	status = gd_rank(&input, out, err);
	if (status != GD_OK || !request->model)
		return status;
	status = locate(request, *out, err);
	if (status != GD_OK)
		gd_ranking_free(*out);
	return status;
}

dlg_status dlg_rank(const dlg_rank_request *request, dlg_ranking **out, dlg_error *err)
{
	dlg_rank_request own = { .size = sizeof own };
	if (!request || !out || request->size < offsetof(dlg_rank_request, options))
		return api_usage(err, "dlg_rank needs a request with its size set, and a place for the ranking");
	*out = NULL;
	memcpy(&own, request, request->size < sizeof own ? request->size : sizeof own);
	if (!own.spectrum)
		return api_usage(err, "dlg_rank needs a spectrum");
	gd_error inner = { 0 };
	dlg_ranking *made = calloc(1, sizeof *made);
	gd_status status = made ? rank(&own, &made->ranking, &inner) : gd_fail_memory(&inner, "ranking the layers");
	if (status == GD_OK)
		*out = made;
	else
		free(made);
	return api_pass(status, &inner, err);
}

void dlg_ranking_free(dlg_ranking *ranking)
{
	if (!ranking)
		return;
	gd_ranking_free(ranking->ranking);
	free(ranking);
}

dlg_status dlg_ranking_summary(const dlg_ranking *ranking, dlg_summary *out, dlg_error *err)
{
	if (!ranking || !out)
		return api_usage(err, "dlg_ranking_summary needs a ranking and a place for the answer");
	const gd_ranking *from = ranking->ranking;
	dlg_summary filled = {
		.tests = from->tests,
		.passed = from->passed,
		.failed = from->failed,
		.task = from->task,
		.method = from->method,
		.verdict = from->verdict,
		.layer_count = from->layer_count,
		.note_count = from->note_count,
	};
	if (!api_fill(out, out->size, &filled, sizeof filled, sizeof filled))
		return api_usage(err, "dlg_summary: set size to sizeof(dlg_summary)");
	return DLG_OK;
}

const char *dlg_ranking_note(const dlg_ranking *ranking, size_t at)
{
	return ranking && at < ranking->ranking->note_count ? ranking->ranking->notes[at] : NULL;
}

static const gd_ranked_entry *entry_at(const dlg_ranking *ranking, size_t at)
{
	return ranking && at < ranking->ranking->layer_count ? &ranking->ranking->layers[at] : NULL;
}

dlg_status dlg_ranking_layer(const dlg_ranking *ranking, size_t at, dlg_ranked *out, dlg_error *err)
{
	const gd_ranked_entry *entry = entry_at(ranking, at);
	if (!entry || !out)
		return api_usage(err, "the ranking has no layer %zu", at);
	bool located = entry->line.line > 0;
	dlg_ranked filled = {
		.index = entry->index,
		.name = entry->name,
		.kind = entry->kind,
		.score = entry->score,
		.member_count = entry->member_count,
		.units = entry->units,
		.neuron_count = entry->neuron_count,
		.evidence_count = entry->evidence_count,
		.file = located ? entry->line.file : NULL,
		.line_text = located ? entry->line.text : NULL,
		.line = located ? entry->line.line : 0,
		.line_confidence = located ? entry->line.confidence : 0,
	};
	if (!api_fill(out, out->size, &filled, sizeof filled, sizeof filled))
		return api_usage(err, "dlg_ranked: set size to sizeof(dlg_ranked)");
	return DLG_OK;
}

const char *dlg_ranking_member(const dlg_ranking *ranking, size_t layer, size_t at)
{
	const gd_ranked_entry *entry = entry_at(ranking, layer);
	return entry && at < entry->member_count ? entry->members[at] : NULL;
}

dlg_status dlg_ranking_neuron(const dlg_ranking *ranking, size_t layer, size_t at, dlg_neuron *out, dlg_error *err)
{
	const gd_ranked_entry *entry = entry_at(ranking, layer);
	if (!entry || !out || at >= entry->neuron_count)
		return api_usage(err, "the ranking has no neuron %zu of layer %zu", at, layer);
	dlg_neuron filled = { .index = entry->neurons[at].index, .score = entry->neurons[at].score };
	if (!api_fill(out, out->size, &filled, sizeof filled, sizeof filled))
		return api_usage(err, "dlg_neuron: set size to sizeof(dlg_neuron)");
	return DLG_OK;
}

dlg_status dlg_ranking_evidence(const dlg_ranking *ranking, size_t layer, size_t at, dlg_evidence *out, dlg_error *err)
{
	const gd_ranked_entry *entry = entry_at(ranking, layer);
	if (!entry || !out || at >= entry->evidence_count)
		return api_usage(err, "the ranking has no evidence %zu of layer %zu", at, layer);
	const gd_evidence_item *item = &entry->evidence[at];
	dlg_evidence filled = { .id = item->id, .message = item->message, .mend = item->mend, .term = item->term,
		.value = item->value, .member = item->member, .line = item->line.line };
	if (!api_fill(out, out->size, &filled, sizeof filled, sizeof filled))
		return api_usage(err, "dlg_evidence: set size to sizeof(dlg_evidence)");
	return DLG_OK;
}

static dlg_status render(const dlg_ranking *ranking, const char *format, const dlg_page *page, gd_text *text, dlg_error *err)
{
	const gd_report *report = gd_report_find(format);
	if (!report)
		return api_usage(err, "no report \"%.40s\"; the command dlguider rank --help lists them", format);
	if (!report->write)
		return api_usage(err, "the report %s is a folder of files: dlg_ranking_write_folder", format);
	gd_error inner = { 0 };
	gd_page own = api_page(page);
	return api_pass(report->write(ranking->ranking, &own, text, &inner), &inner, err);
}

dlg_status dlg_ranking_write(const dlg_ranking *ranking, const char *format, const dlg_page *page, const char *path, dlg_error *err)
{
	if (!ranking || !format || !path)
		return api_usage(err, "dlg_ranking_write needs a ranking, a format and a path");
	gd_text text = { 0 };
	gd_error inner = { 0 };
	dlg_status status = render(ranking, format, page, &text, err);
	if (status == DLG_OK)
		status = api_pass(api_write(path, &text, &inner), &inner, err);
	gd_text_free(&text);
	return status;
}

dlg_status dlg_ranking_write_folder(
	const dlg_ranking *ranking, const dlg_spectrum *spectrum, const char *format, const char *folder, dlg_error *err)
{
	if (!ranking || !spectrum || !format || !folder || !*folder)
		return api_usage(err, "dlg_ranking_write_folder needs a ranking, its spectrum, a format and a folder");
	const gd_report *report = gd_report_find(format);
	if (!report || !report->write_folder)
		return api_usage(err, "\"%.40s\" is no report that makes a folder", format);
	if (spectrum->spectrum->entry_count != ranking->ranking->layer_count)
		return api_usage(err, "the spectrum is not the one that the ranking was made from");
	gd_error inner = { 0 };
	return api_pass(report->write_folder(ranking->ranking, spectrum->spectrum, folder, &inner), &inner, err);
}

dlg_status dlg_ranking_text(const dlg_ranking *ranking, const char *format, const dlg_page *page, char **out, size_t *length, dlg_error *err)
{
	if (!ranking || !format || !out)
		return api_usage(err, "dlg_ranking_text needs a ranking, a format and a place for the text");
	*out = NULL;
	gd_text text = { 0 };
	return api_give(render(ranking, format, page, &text, err), &text, out, length);
}

static dlg_status explain(
	const dlg_ranking *ranking, size_t layer, const dlg_spectrum *spectrum, const dlg_page *page, gd_text *text, dlg_error *err)
{
	gd_error inner = { 0 };
	gd_page own = api_page(page);
	return api_pass(gd_report_layer(ranking->ranking, layer, spectrum ? spectrum->spectrum : NULL, &own, text, &inner), &inner, err);
}

dlg_status dlg_ranking_explain(
	const dlg_ranking *ranking, size_t layer, const dlg_spectrum *spectrum, const dlg_page *page, const char *path, dlg_error *err)
{
	if (!path || !entry_at(ranking, layer))
		return api_usage(err, "dlg_ranking_explain needs a ranking, the place of one of its layers, and a path");
	gd_text text = { 0 };
	gd_error inner = { 0 };
	dlg_status status = explain(ranking, layer, spectrum, page, &text, err);
	if (status == DLG_OK)
		status = api_pass(api_write(path, &text, &inner), &inner, err);
	gd_text_free(&text);
	return status;
}

dlg_status dlg_ranking_explain_text(const dlg_ranking *ranking, size_t layer, const dlg_spectrum *spectrum, const dlg_page *page,
	char **out, size_t *length, dlg_error *err)
{
	if (!out || !entry_at(ranking, layer))
		return api_usage(err, "dlg_ranking_explain_text needs a ranking, the place of one of its layers, and a place for the text");
	*out = NULL;
	gd_text text = { 0 };
	return api_give(explain(ranking, layer, spectrum, page, &text, err), &text, out, length);
}
