#include "job.h"
#include "command.h"
#include "interrupt.h"

dlg_collect job_request(rank_job *job)
{
	job->bar = progress_start(job->options);
	return (dlg_collect){
		.size = sizeof(dlg_collect),
		.model = job->model,
		.tests = job->tests,
		.options = job->choices,
		.progress = progress_show,
		.progress_state = &job->bar,
		.cancel = interrupt_flag(),
	};
}

void job_quiet(rank_job *job)
{
	progress_clear(&job->bar);
}

dlg_status job_collect(rank_job *job, const char *model_path)
{
	dlg_status status = tests_open(&job->choice, model_path, &job->model, &job->tests, &job->err);
	if (status != DLG_OK)
		return status;
	dlg_collect request = job_request(job);
	status = dlg_spectrum_collect(&request, &job->spectrum, &job->err);
	job_quiet(job);
	return status;
}

static dlg_status refit(rank_job *job)
{
	dlg_collect request = job_request(job);
	dlg_status status = dlg_spectrum_refit(job->spectrum, &request, &job->err);
	job_quiet(job);
	return status;
}

static dlg_status open_saved(rank_job *job, const char *model_path)
{
	bool by_default = !option_given(job->options, "method"); /* a saved spectrum holds no evidence */
	if (by_default && dlg_options_set(job->choices, "method", "guider", &job->err) != DLG_OK)
		return job->err.status;
	dlg_status status = model_path ? dlg_model_open(model_path, &job->model, &job->err) : DLG_OK;
	if (status == DLG_OK && model_path && option_given(job->options, "output"))
		status = dlg_model_choose_output(job->model, option_text(job->options, "output"), &job->err);
	return status == DLG_OK ? dlg_spectrum_open(option_text(job->options, "spectrum"), &job->spectrum, &job->err)
							: status;
}

dlg_status job_rank(rank_job *job, const char *model_path)
{
	bool again = option_given(job->options, "spectrum");
	if (option_given(job->options, "deep") && dlg_options_set(job->choices, "budget", "1e9", &job->err) != DLG_OK)
		return job->err.status;
	dlg_status status = again ? open_saved(job, model_path) : job_collect(job, model_path);
	if (status == DLG_OK && !again)
		status = refit(job);
	if (status != DLG_OK)
		return status;
	dlg_rank_request request = {
		.size = sizeof request,
		.spectrum = job->spectrum,
		.model = job->model,
		.options = job->choices,
		.program = option_text(job->options, "program"),
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

int job_run(rank_job *job, int (*work)(void *), const supervisor_limits *limits)
{
	job->choices = dlg_options_new();
	if (!job->choices)
		return complain(CODE_LIMIT, "not enough memory");
	int code = options_to_library(job->options, job->choices, &job->err) ? supervise(work, job, limits)
																		 : complain_error(&job->err);
	dlg_options_free(job->choices);
	return code;
}
