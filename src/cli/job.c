#include "job.h"
#include "interrupt.h"

bool job_choose(rank_job *job)
{
	if (!options_to_library(job->options, job->choices, &job->err))
		return false;
	if (!option_given(job->options, "spectrum") || option_given(job->options, "method"))
		return true;
	return dlg_options_set(job->choices, "method", "guider", &job->err) == DLG_OK; /* a saved spectrum holds no evidence */
}

static dlg_status run_tests(rank_job *job)
{
	const parsed_options *options = job->options;
	dlg_tests_source source = { .size = sizeof source };
	source.inputs_path = option_text(options, "inputs");
	source.labels_path = option_text(options, "labels");
	dlg_status status = dlg_tests_open(&source, &job->tests, &job->err);
	if (status != DLG_OK)
		return status;
	job->bar = progress_start(options);
	dlg_collect request = {
		.size = sizeof request,
		.model = job->model,
		.tests = job->tests,
		.options = job->choices,
		.progress = progress_show,
		.progress_state = &job->bar,
		.cancel = interrupt_flag(),
	};
	status = dlg_spectrum_collect(&request, &job->spectrum, &job->err);
	progress_clear(&job->bar);
	return status;
}

dlg_status job_rank(rank_job *job, const char *model_path)
{
	const parsed_options *options = job->options;
	dlg_status status = DLG_OK;
	if (model_path)
		status = dlg_model_open(model_path, &job->model, &job->err);
	if (status != DLG_OK)
		return status;
	status = option_given(options, "spectrum") ? dlg_spectrum_open(option_text(options, "spectrum"), &job->spectrum, &job->err)
	                                            : run_tests(job);
	if (status != DLG_OK)
		return status;
	dlg_rank_request request = {
		.size = sizeof request,
		.spectrum = job->spectrum,
		.model = job->model,
		.options = job->choices,
		.program = option_text(options, "program"),
	};
	return dlg_rank(&request, &job->ranking, &job->err);
}

void job_release(rank_job *job)
{
	dlg_ranking_free(job->ranking);
	dlg_spectrum_free(job->spectrum);
	dlg_tests_free(job->tests);
	dlg_model_free(job->model);
}
