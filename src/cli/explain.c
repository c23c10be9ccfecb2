#include "command.h"
#include "job.h"
#include "suggest.h"
#include <string.h>

const option_row explain_options[] = {
	{ 'p', "program", OPTION_FILE, "FILE", .help = "the Python program that made the model" },
	{ .name = "spectrum", OPTION_FILE, "FILE", .help = "a saved spectrum instead of inputs and labels; then MODEL may be left out" },
	{ .name = "deep", OPTION_FLAG, .help = "re-fit every layer, however long it takes, instead of --budget" },
	{ 'o', "out", OPTION_FILE, "FILE", "-", .group = "Output", .help = "write to FILE instead of standard output" },
	{ 0 },
};

static const char *layer_name(const rank_job *job)
{
	return job->options->operands[job->options->operand_count - 1];
}

/* The place in the ranking of the entry that has the layer among its members. */
static int find_layer(const rank_job *job, size_t *at)
{
	suggestion near;
	suggest_start(&near, layer_name(job));
	dlg_summary summary = { .size = sizeof summary };
	dlg_error err = { 0 };
	dlg_ranking_summary(job->ranking, &summary, &err);
	for (*at = 0; *at < summary.layer_count; ++*at) {
		const char *member;
		for (size_t i = 0; (member = dlg_ranking_member(job->ranking, *at, i)); i++) {
			if (strcmp(member, layer_name(job)) == 0)
				return CODE_DONE;
			suggest_offer(&near, member);
		}
	}
	if (near.best[0])
		return complain(CODE_USAGE, "no layer is called \"%s\"; did you mean \"%s\"?", layer_name(job), near.best);
	return complain(CODE_USAGE, "no layer is called \"%s\"; dlguider inspect lists them", layer_name(job));
}

static int explain_work(void *state)
{
	rank_job *job = state;
	const char *output = option_text(job->options, "out");
	size_t at;
	int code = CODE_DONE;
	dlg_status status = job_rank(job, job->options->operand_count > 1 ? job->options->operands[0] : NULL);
	if (status == DLG_OK)
		code = find_layer(job, &at);
	if (status == DLG_OK && code == CODE_DONE) {
		dlg_page page = terminal_page(job->options, output);
		status = dlg_ranking_explain(job->ranking, at, job->spectrum, &page, output, &job->err);
	}
	if (status != DLG_OK)
		code = complain_error(&job->err);
	job_release(job);
	return code;
}

static int check(rank_job *job)
{
	const parsed_options *options = job->options;
	bool again = option_given(options, "spectrum");
	if (again && (option_given(options, "inputs") || option_given(options, "labels")))
		return complain(CODE_USAGE, "explain: --spectrum stands for the tests, so --inputs and --labels do not go with it");
	if (!again && options->operand_count < 2)
		return complain(CODE_USAGE, "explain needs MODEL LAYER; dlguider explain --help shows examples");
	int code = again ? CODE_DONE : tests_choose(options, "explain", true, &job->choice);
	const char *inputs[] = { options->operand_count > 1 ? options->operands[0] : NULL, option_text(options, "program"), option_text(options, "spectrum") };
	const char *out = option_text(options, "out");
	bool clash = code == CODE_DONE && (would_overwrite(out, inputs, sizeof inputs / sizeof *inputs) || would_overwrite(out, job->choice.files, TESTS_FILES));
	return clash ? CODE_USAGE : code;
}

int explain_run(const parsed_options *options)
{
	rank_job job = { .options = options };
	int code = check(&job);
	if (code)
		return code;
	supervisor_limits limits = { .program = "dlguider" };
	return job_run(&job, explain_work, &limits);
}
