#include "command.h"
#include "job.h"
#include "supervisor.h"
#include <stdio.h>
#include <string.h>

const option_row mend_options[] = {
	{ 0, "layer", OPTION_TEXT, "NAME", .group = "Layer", .help = "the layer to re-fit, as inspect and rank name it" },
	{ 'i', "inputs", OPTION_FILE, "FILE", .group = "Tests", .help = "inputs of the tests, as for rank" },
	{ 'l', "labels", OPTION_FILE, "FILE", .help = "labels of the tests" },
	{ 'o', "output", OPTION_FILE, "FILE", .group = "Output", .help = "the mended model, as ONNX" },
	{ 0 },
};

static void say(const dlg_mended *m, const char *layer, const char *path)
{
	printf("%s: re-fitted on %lld tests; of the %lld others, %lld failed before: it mends %lld of them and breaks %lld that passed\n", layer,
		(long long)m->fit_tests, (long long)m->judge_tests, (long long)m->judge_failed, (long long)m->mended, (long long)m->broken);
	printf("wrote %s: a diagnosis aid, fitted on tests; mend the program and train again\n", path);
}

static int mend_work(void *state)
{
	rank_job *job = state;
	dlg_mended mended = { .size = sizeof mended };
	const char *layer = option_text(job->options, "layer"), *path = option_text(job->options, "output");
	dlg_status status = job_collect(job, job->options->operands[0]);
	if (status == DLG_OK) {
		dlg_collect request = job_request(job);
		status = dlg_model_mend(&request, job->spectrum, layer, path, &mended, &job->err);
		job_quiet(job);
	}
	if (status == DLG_OK)
		say(&mended, layer, path);
	int code = status == DLG_OK ? CODE_DONE : complain_error(&job->err);
	job_release(job);
	return code;
}

static int check(const parsed_options *options)
{
	static const struct {
		const char *option, *wanted;
	} needs[] = { { "layer", "mend: which layer? --layer NAME; dlguider rank says which one to try" },
		{ "inputs", "mend: tests are needed: --inputs x.npy --labels y.npy" }, { "labels", "mend: tests are needed: --inputs x.npy --labels y.npy" },
		{ "output", "mend: where to? -o fixed.onnx" } };
	for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
		if (!option_given(options, needs[i].option))
			return complain(CODE_USAGE, "%s", needs[i].wanted);
	const char *inputs[] = { options->operands[0], option_text(options, "inputs"), option_text(options, "labels") };
	return would_overwrite(option_text(options, "output"), inputs, sizeof inputs / sizeof *inputs) ? CODE_USAGE : CODE_DONE;
}

int mend_run(const parsed_options *options)
{
	rank_job job = { .options = options };
	int code = check(options);
	if (code)
		return code;
	job.choices = dlg_options_new();
	if (!job.choices)
		return complain(CODE_LIMIT, "not enough memory");
	supervisor_limits limits = { .program = "dlguider" };
	code = options_to_library(options, job.choices, &job.err) ? supervise(mend_work, &job, &limits) : complain_error(&job.err);
	dlg_options_free(job.choices);
	return code;
}
