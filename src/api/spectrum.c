#include "api/api.h"
#include "api/pass.h"
#include "spectrum/spectrum_file.h"
#include <stdlib.h>
#include <string.h>

static gd_status collect(const dlg_collect *request, gd_spectrum **out, gd_error *err)
{
	gd_options options = api_options(request->options);
	gd_labels labels;
	gd_status status = api_labels(request->tests, request->model->model, &options, &labels, err);
	if (status != GD_OK)
		return status;
	api_watcher watch = { .progress = request->progress, .state = request->progress_state, .cancel = request->cancel };
	gd_collect inner = {
		.model = request->model->model,
		.inputs = request->tests->inputs,
		.labels = &labels,
		.options = api_pass_options(&options),
		.progress = api_watch,
		.progress_state = &watch,
	};
	return gd_spectrum_collect(&inner, out, err);
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
	gd_status status = made ? collect(&own, &made->spectrum, &inner) : gd_fail_memory(&inner, "running the tests");
	if (status == GD_OK)
		*out = made;
	else
		free(made);
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
	if (status == GD_OK)
		*out = made;
	else
		free(made);
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
	free(spectrum);
}
