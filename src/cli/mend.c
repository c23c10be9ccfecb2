#include "command.h"
#include "job.h"
#include <stdio.h>
#include <string.h>

const option_row mend_options[] = {
	{ 0, "layer", OPTION_TEXT, "NAME", .group = "Layer", .help = "the layer to re-fit, as inspect and rank name it" },
	{ 'o', "out", OPTION_FILE, "FILE", .group = "Output", .help = "the mended model, as ONNX" },
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
	const char *layer = option_text(job->options, "layer"), *path = option_text(job->options, "out");
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

static int check(rank_job *job)
{
	const parsed_options *options = job->options;
	static const struct {
		const char *option, *wanted;
	} needs[] = { { "layer", "mend: which layer? --layer NAME; dlguider rank says which one to try" },
		{ "out", "mend: where to? -o fixed.onnx" } };
	for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
		if (!option_given(options, needs[i].option))
			return complain(CODE_USAGE, "%s", needs[i].wanted);
	int code = tests_choose(options, "mend", true, &job->choice);
	const char *out = option_text(options, "out");
	bool clash = code == CODE_DONE && (would_overwrite(out, options->operands, 1) || would_overwrite(out, job->choice.files, TESTS_FILES));
	return clash ? CODE_USAGE : code;
}

int mend_run(const parsed_options *options)
{
	rank_job job = { .options = options };
	int code = check(&job);
	if (code)
		return code;
	supervisor_limits limits = { .program = "dlguider" };
	return job_run(&job, mend_work, &limits);
}
