#include "api/pass.h"
#include <string.h>

gd_options api_options(const dlg_options *options)
{
	gd_options own;
	gd_options_init(&own);
	return options ? options->options : own;
}

gd_collect_options api_pass_options(const gd_options *options)
{
	return (gd_collect_options){
		.coverage = gd_coverage_find(options->text[GD_OPTION_COVERAGE]),
		.threshold = options->number[GD_OPTION_THRESHOLD],
		.tolerance = options->number[GD_OPTION_TOLERANCE],
		.reduce = strcmp(options->text[GD_OPTION_REDUCE], "max") == 0 ? GD_REDUCE_MAX : GD_REDUCE_MEAN,
		.threads = (int)options->number[GD_OPTION_THREADS],
		.batch = (int64_t)options->number[GD_OPTION_BATCH],
	};
}

gd_status api_feed(const dlg_tests *tests, const gd_model *model, gd_feed **out, gd_error *err)
{
	return gd_feed_open(model, tests->inputs, tests->input_count, &tests->preparation, out, err);
}

gd_status api_labels(const dlg_tests *tests, gd_model *model, const gd_options *options, gd_labels *out, gd_error *err)
{
	gd_status status = gd_model_settle_output(model, err);
	if (status != GD_OK)
		return status;
	gd_task task = GD_TASK_AUTO;
	gd_task_find(options->text[GD_OPTION_TASK], &task);
	gd_label_model expected = gd_oracle_label_model(model, gd_rows_about(tests->inputs[0].rows)->count);
	return gd_labels_open(tests->labels, task, &expected, out, err);
}

bool api_watch(void *watcher, int64_t done, int64_t total)
{
	const api_watcher *watch = watcher;
	if (watch->progress)
		watch->progress(watch->state, "running the tests", done, total);
	return !(watch->cancel && *watch->cancel);
}
