#include "api/api.h"
#include "api/pass.h"
#include "method/method.h"
#include "spectrum/spectrum_file.h"
#include <stdlib.h>
#include <string.h>

static gd_status run(const dlg_collect *request, const gd_options *options, gd_statistics *statistics, dlg_spectrum *made, gd_error *err)
{
	gd_labels labels;
	gd_feed *feed = NULL;
	gd_status status = api_labels(request->tests, request->model->model, options, &labels, err);
	if (status == GD_OK)
		status = api_feed(request->tests, request->model->model, &feed, err);
	if (status != GD_OK)
		return status;
	api_watcher watch = { .progress = request->progress, .state = request->progress_state, .cancel = request->cancel };
	gd_observer observers[2];
	gd_collect inner = {
		.model = request->model->model,
		.inputs = feed,
		.labels = &labels,
		.options = api_pass_options(options),
		.progress = api_watch,
		.progress_state = &watch,
		.observers = observers,
	};
	status = gd_histograms_new(inner.model, &made->histograms, err);
	if (status != GD_OK)
		return status;
	observers[inner.observer_count++] = gd_histograms_observer(made->histograms);
	if (statistics) {
		observers[inner.observer_count++] = gd_statistics_observer(statistics);
		inner.extra = statistics->probes;
		inner.extra_count = statistics->probe_count;
	}
	status = gd_spectrum_collect(&inner, &made->spectrum, err);
	gd_feed_close(feed);
	if (status == GD_OK && statistics)
		status = gd_evidence_find(request->model->model, statistics, made->spectrum, &made->evidence, err);
	return status;
}

/* Evidence is gathered when the method asks for it: it costs a few more probes. */
static gd_status collect(const dlg_collect *request, dlg_spectrum *made, gd_error *err)
{
	gd_options options = api_options(request->options);
	const gd_method *method = gd_method_find(options.text[GD_OPTION_METHOD]);
	gd_statistics *statistics = NULL;
	gd_status status = gd_model_settle_output(request->model->model, err); /* before its entries are watched */
	if (status == GD_OK && method && method->needs_evidence)
		status = gd_statistics_new(request->model->model, &statistics, err);
	if (status == GD_OK)
		status = run(request, &options, statistics, made, err);
	gd_statistics_free(statistics);
	return status;
}

dlg_status dlg_spectrum_collect(const dlg_collect *request, dlg_spectrum **out, dlg_error *err)
{
	dlg_collect own = { .size = sizeof own };
	if (!request || !out || request->size < offsetof(dlg_collect, progress))
		return api_usage(err, "dlg_spectrum_collect needs a request with its size set, and a place for the spectrum");
	*out = NULL;
	memcpy(&own, request, request->size < sizeof own ? request->size : sizeof own);
	if (!own.model || !own.tests)
		return api_usage(err, "a spectrum needs a model and tests");
	if (!own.tests->labels)
		return api_usage(err, "a spectrum needs labels for the tests");
	gd_error inner = { 0 };
	dlg_spectrum *made = calloc(1, sizeof *made);
	gd_status status = made ? collect(&own, made, &inner) : gd_fail_memory(&inner, "running the tests");
	if (status == GD_OK)
		*out = made;
	else
		dlg_spectrum_free(made);
	return api_pass(status, &inner, err);
}

dlg_status dlg_spectrum_save_evidence(const dlg_spectrum *spectrum, const char *path, dlg_error *err)
{
	if (!spectrum || !path || !*path)
		return api_usage(err, "dlg_spectrum_save_evidence needs a spectrum and a path");
	if (!spectrum->evidence)
		return api_usage(err, "the spectrum has no evidence: collect it with --method fused");
	gd_error inner = { 0 };
	gd_text text = { 0 };
	gd_status status = gd_evidence_write(spectrum->evidence, spectrum->spectrum, &text, &inner);
	if (status == GD_OK)
		status = api_write(path, &text, &inner);
	gd_text_free(&text);
	return api_pass(status, &inner, err);
}

dlg_status dlg_spectrum_save(const dlg_spectrum *spectrum, const char *path, dlg_error *err)
{
	if (!spectrum || !path || !*path)
		return api_usage(err, "dlg_spectrum_save needs a spectrum and a path");
	gd_error inner = { 0 };
	return api_pass(gd_spectrum_save(spectrum->spectrum, path, &inner), &inner, err);
}

dlg_status dlg_spectrum_open(const char *path, dlg_spectrum **out, dlg_error *err)
{
	if (!path || !*path || !out)
		return api_usage(err, "dlg_spectrum_open needs a path and a place for the spectrum");
	*out = NULL;
	gd_error inner = { 0 };
	dlg_spectrum *made = calloc(1, sizeof *made);
	gd_status status = made ? gd_spectrum_load(path, &made->spectrum, &inner) : gd_fail_memory(&inner, "opening the spectrum");
	if (status == GD_OK) {
		made->from_file = true;
		*out = made;
	} else {
		free(made);
	}
	return api_pass(status, &inner, err);
}

int64_t dlg_spectrum_tests(const dlg_spectrum *spectrum)
{
	return spectrum ? spectrum->spectrum->tests : 0;
}

int64_t dlg_spectrum_failed(const dlg_spectrum *spectrum)
{
	return spectrum ? spectrum->spectrum->failed : 0;
}

const char *dlg_spectrum_sha256(const dlg_spectrum *spectrum)
{
	return spectrum && spectrum->spectrum->sha256 ? spectrum->spectrum->sha256 : "";
}

void dlg_spectrum_free(dlg_spectrum *spectrum)
{
	if (!spectrum)
		return;
	gd_spectrum_free(spectrum->spectrum);
	gd_evidence_free(spectrum->evidence);
	gd_histograms_free(spectrum->histograms);
	gd_refit_free(spectrum->refit);
	free(spectrum);
}
