#include "command.h"
#include "job.h"
#include "outputs.h"
#include "terminal.h"
#include <stdlib.h>
#include <string.h>

const option_row rank_options[] = {
	{ 'p', "program", OPTION_FILE, "FILE", .help = "the Python program that made the model, to say the line of each layer" },
	{ .name = "spectrum", OPTION_FILE, "FILE", .help = "rank a saved spectrum again, by guider, instead of running tests; then MODEL may be left out" },
	{ .name = "save-spectrum", OPTION_FILE, "FILE", .help = "keep what the tests showed, for --spectrum" },
	{ .name = "save-evidence", OPTION_FILE, "FILE", .help = "keep the figures that --method fused weighs, as JSON" },
	{ .name = "deep", OPTION_FLAG, .help = "re-fit every layer, however long it takes, instead of --budget" },
	{ .name = "format", OPTION_CHOICE, "NAME", "table", .choices = { .list = DLG_REPORTS }, .group = "Output", .help = "form of the result; without it the ending of the output says it: .html, .json ..." },
	{ .name = "json", OPTION_FLAG, .help = "the same as --format json" },
	{ 'o', "out", OPTION_FILE, "FILE", "-", .repeats = true, .help = "write to FILE instead of standard output; may be given several times" },
	{ 'n', "top", OPTION_WHOLE, "N", "10", 0, 1e6, .help = "rows of the table; 0 shows all" },
	{ .name = "fail-on", OPTION_REAL, "SCORE", .low = -1e300, .high = 1e300, .help = "exit with 1 when a layer's score is above SCORE" },
	{ .name = "max-memory", OPTION_WHOLE, "MIB", .low = 64, .high = 1e9, .group = "Limits",
		.help = "memory the work may take; three quarters of the machine's unless given" },
	{ .name = "max-seconds", OPTION_REAL, "S", .help = "stop the work after that time" },
	{ .name = "in-process", OPTION_FLAG, .help = "no child process and no limits, for debuggers" },
	{ 0 },
};

static dlg_status keep(rank_job *job)
{
	dlg_status status = DLG_OK;
	if (option_given(job->options, "save-spectrum"))
		status = dlg_spectrum_save(job->spectrum, option_text(job->options, "save-spectrum"), &job->err);
	if (status == DLG_OK && option_given(job->options, "save-evidence"))
		status = dlg_spectrum_save_evidence(job->spectrum, option_text(job->options, "save-evidence"), &job->err);
	return status;
}

static int judge(const rank_job *job)
{
	dlg_ranked first = { .size = sizeof first };
	dlg_error err = { 0 };
	if (!option_given(job->options, "fail-on") || dlg_ranking_layer(job->ranking, 0, &first, &err) != DLG_OK)
		return CODE_DONE;
	return first.score > option_number(job->options, "fail-on") ? CODE_ABOVE : CODE_DONE;
}

static int rank_work(void *state)
{
	rank_job *job = state;
	dlg_status status = job_rank(job, job->options->operand_count ? job->options->operands[0] : NULL);
	if (status == DLG_OK)
		status = keep(job);
	if (status == DLG_OK)
		status = outputs_write(job);
	int code = status == DLG_OK ? judge(job) : complain_error(&job->err);
	job_release(job);
	return code;
}

/* What cannot be meant, before any file is read. */
static int check(rank_job *job)
{
	const parsed_options *options = job->options;
	bool again = option_given(options, "spectrum");
	if (again && (option_given(options, "inputs") || option_given(options, "labels") || option_given(options, "save-spectrum")))
		return complain(CODE_USAGE, "rank: --spectrum ranks saved tests again, so --inputs, --labels and --save-spectrum do not go with it");
	if (!again && options->operand_count == 0)
		return complain(CODE_USAGE, "rank needs MODEL; dlguider rank --help shows examples");
	int code = again ? CODE_DONE : tests_choose(options, "rank", true, &job->choice);
	if (code)
		return code;
	const char *inputs[TESTS_FILES + 3] = { options->operand_count ? options->operands[0] : NULL, option_text(options, "program"),
		option_text(options, "spectrum") };
	memcpy(inputs + 3, job->choice.files, sizeof job->choice.files);
	size_t count = sizeof inputs / sizeof *inputs;
	const char *saved[] = { option_text(options, "save-spectrum"), option_text(options, "save-evidence") };
	for (size_t i = 0; i < sizeof saved / sizeof *saved; i++) {
		const char *output;
		if (would_overwrite(saved[i], inputs, count))
			return CODE_USAGE;
		for (size_t k = 0; saved[i] && (output = option_each(options, "out", k)); k++)
			if (strcmp(saved[i], output) == 0 && strcmp(output, "-") != 0)
				return complain(CODE_USAGE, "rank: two outputs name the same file %s", output);
	}
	if (saved[0] && saved[1] && strcmp(saved[0], saved[1]) == 0)
		return complain(CODE_USAGE, "rank: two outputs name the same file %s", saved[0]);
	return outputs_check(options, inputs, count);
}

int rank_run(const parsed_options *options)
{
	rank_job job = { .options = options };
	int code = check(&job);
	if (code)
		return code;
	supervisor_limits limits = {
		.program = "dlguider",
		.max_memory = (uint64_t)option_number(options, "max-memory") << 20,
		.max_seconds = option_number(options, "max-seconds"),
		.in_process = option_flag(options, "in-process"),
	};
	return job_run(&job, rank_work, &limits);
}
