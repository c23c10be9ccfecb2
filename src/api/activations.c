#include "report/activations.h"
#include "api/api.h"
#include "api/pass.h"
#include <string.h>

static gd_status write_activations(const dlg_activations *request, gd_error *err)
{
	gd_options options = api_options(request->options);
	gd_labels labels;
	gd_feed *feed = NULL;
	gd_model *model = request->model->model;
	if (request->tests->labels) {
		gd_status status = api_labels(request->tests, model, &options, &labels, err);
		if (status != GD_OK)
			return status;
	}
	gd_status opened = api_feed(request->tests, model, &feed, err);
	if (opened != GD_OK)
		return opened;
	api_watcher watch = { .progress = request->progress, .state = request->progress_state, .cancel = request->cancel };
	gd_activations_request inner = {
		.model = model,
		.inputs = feed,
		.labels = request->tests->labels ? &labels : NULL,
		.pass = api_pass_options(&options),
		.folder = request->folder,
		.pattern = request->layers,
		.neurons = request->neurons != 0,
		.progress = api_watch,
		.progress_state = &watch,
	};
	gd_status status = gd_activations_write(&inner, err);
	gd_feed_close(feed);
	return status;
}

dlg_status dlg_activations_write(const dlg_activations *request, dlg_error *err)
{
	dlg_activations own = { .size = sizeof own };
	if (!request || request->size < offsetof(dlg_activations, layers))
		return api_usage(err, "dlg_activations_write needs a request with its size set");
	memcpy(&own, request, request->size < sizeof own ? request->size : sizeof own);
	if (!own.model || !own.tests || !own.folder || !*own.folder)
		return api_usage(err, "activations need a model, tests and a folder");
	gd_error inner = { 0 };
	return api_pass(write_activations(&own, &inner), &inner, err);
}
