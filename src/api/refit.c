#include "api/api.h"
#include "api/pass.h"
#include "method/refitted.h"
#include "refit/refit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	api_watcher watch;
	char stage[160];
} refit_watcher;

static bool watch_layer(void *state, const char *layer, size_t done, size_t total)
{
	refit_watcher *watcher = state;
	gd_text name = { 0 };
	gd_text_put_safe(&name, layer, 40);
	snprintf(watcher->stage, sizeof watcher->stage, "re-fitting %s", name.bytes ? name.bytes : "");
	gd_text_free(&name);
	if (watcher->watch.progress)
		watcher->watch.progress(watcher->watch.state, watcher->stage, (int64_t)done, (int64_t)total);
	return !(watcher->watch.cancel && *watcher->watch.cancel);
}

/* Everything a re-fit needs, from what the caller has. labels and watcher belong to the caller of this function, who also
 * closes out->inputs. */
static gd_status prepare(const dlg_collect *from, const dlg_spectrum *spectrum, gd_labels *labels, refit_watcher *watcher, gd_refit_request *out,
	gd_error *err)
{
	gd_options options = api_options(from->options);
	gd_feed *feed = NULL;
	gd_status status = api_labels(from->tests, from->model->model, &options, labels, err);
	if (status == GD_OK)
		status = api_feed(from->tests, from->model->model, &feed, err);
	watcher->watch = (api_watcher){ .progress = from->progress, .state = from->progress_state, .cancel = from->cancel };
	*out = (gd_refit_request){
		.model = from->model->model,
		.inputs = feed,
		.labels = labels,
		.spectrum = spectrum->spectrum,
		.seconds = options.number[GD_OPTION_BUDGET],
		.threads = (int)options.number[GD_OPTION_THREADS],
		.progress = watch_layer,
		.progress_state = watcher,
	};
	return status;
}

static gd_status refit(const dlg_collect *request, dlg_spectrum *spectrum, gd_error *err)
{
	gd_labels labels;
	refit_watcher watcher;
	gd_refit_request inner;
	gd_status status = prepare(request, spectrum, &labels, &watcher, &inner, err);
	int *order = status == GD_OK && inner.seconds > 0 ? calloc(spectrum->evidence->entry_count + 1, sizeof *order) : NULL;
	if (!order) {
		gd_feed_close(inner.inputs);
		return status == GD_OK && inner.seconds > 0 ? gd_fail_memory(err, "ordering the layers") : status;
	}
	status = gd_refitted_order(spectrum->evidence, order, err);
	inner.order = order;
	inner.order_count = spectrum->evidence->entry_count;
	gd_refit *made = NULL;
	if (status == GD_OK)
		status = gd_refit_run(&inner, &made, err);
	free(order);
	gd_feed_close(inner.inputs);
	if (status != GD_OK)
		return status;
	gd_refit_free(spectrum->refit);
	spectrum->refit = made;
	gd_refitted_figures(made, spectrum->evidence);
	return GD_OK;
}

/* The caller's idea of the struct made whole; false when it lacks what a re-fit cannot do without. */
static bool take(const dlg_collect *request, dlg_collect *own)
{
	*own = (dlg_collect){ .size = sizeof *own };
	if (!request || request->size < offsetof(dlg_collect, progress))
		return false;
	memcpy(own, request, request->size < sizeof *own ? request->size : sizeof *own);
	return own->model && own->tests && own->tests->labels;
}

dlg_status dlg_spectrum_refit(dlg_spectrum *spectrum, const dlg_collect *request, dlg_error *err)
{
	dlg_collect own;
	if (!spectrum || !take(request, &own))
		return api_usage(err, "dlg_spectrum_refit needs the spectrum, its model, and its tests with labels");
	if (!spectrum->evidence)
		return DLG_OK;
	gd_error inner = { 0 };
	return api_pass(refit(&own, spectrum, &inner), &inner, err);
}

static int entry_of(const gd_model *model, const char *layer)
{
	for (size_t i = 0; i < model->layer_count; i++)
		if (strcmp(model->layers[i].name, layer) == 0)
			return model->layers[i].entry;
	return -1;
}

static gd_status mend(const dlg_collect *request, const dlg_spectrum *spectrum, const char *layer, const char *path, dlg_mended *out, gd_error *err)
{
	gd_labels labels;
	refit_watcher watcher;
	gd_refit_request inner;
	gd_text onnx = { 0 };
	gd_refit_outcome outcome;
	int entry = entry_of(request->model->model, layer);
	if (entry < 0)
		return gd_fail(err, GD_E_USAGE, "the model has no layer \"%s\" that can be mended; dlguider inspect lists them", layer);
	gd_status status = prepare(request, spectrum, &labels, &watcher, &inner, err);
	if (status == GD_OK)
		status = gd_refit_mend(&inner, entry, &onnx, &outcome, err);
	gd_feed_close(inner.inputs);
	if (status == GD_OK)
		status = api_write(path, &onnx, err);
	gd_text_free(&onnx);
	if (status == GD_OK)
		*out = (dlg_mended){ sizeof *out, outcome.fit_tests, outcome.judge_tests, outcome.judge_failed, outcome.entry.mended, outcome.entry.broken };
	return status;
}

dlg_status dlg_model_mend(const dlg_collect *request, const dlg_spectrum *spectrum, const char *layer, const char *path, dlg_mended *out, dlg_error *err)
{
	dlg_collect own;
	if (!spectrum || !layer || !path || !out || out->size < sizeof *out || !take(request, &own))
		return api_usage(err, "dlg_model_mend needs model, tests with labels, their spectrum, a layer, a path and a place for the outcome");
	gd_error inner = { 0 };
	return api_pass(mend(&own, spectrum, layer, path, out, &inner), &inner, err);
}
