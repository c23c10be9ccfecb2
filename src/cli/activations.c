#include "command.h"
#include "interrupt.h"
#include "supervisor.h"
#include "terminal.h"
#include "tests.h"

const option_row activations_options[] = {
	{ 'o', "out", OPTION_FOLDER, "FOLDER", .group = "Output", .help = "the folder to make; it must not exist, or be empty" },
	{ .name = "layers", OPTION_TEXT, "PATTERN", .help = "only layers whose name fits, with * and ?: 'conv2d*'" },
	{ .name = "neurons", OPTION_FLAG, .help = "the values of each entry's neurons, as the spectrum sees them, instead of whole outputs" },
	{ 0 },
};

typedef struct {
	const parsed_options *options;
	dlg_options *choices;
	tests_choice choice;
	dlg_error err;
} activations_job;

static dlg_status write_activations(activations_job *job, const dlg_model *model, dlg_tests *tests)
{
	progress_bar bar = progress_start(job->options);
	dlg_activations request = {
		.size = sizeof request,
		.model = model,
		.tests = tests,
		.options = job->choices,
		.folder = option_text(job->options, "out"),
		.layers = option_text(job->options, "layers"),
		.neurons = option_flag(job->options, "neurons"),
		.progress = progress_show,
		.progress_state = &bar,
		.cancel = interrupt_flag(),
	};
	dlg_status status = dlg_activations_write(&request, &job->err);
	progress_clear(&bar);
	return status;
}

static int activations_work(void *state)
{
	activations_job *job = state;
	dlg_model *model = NULL;
	dlg_tests *tests = NULL;
	dlg_status status = tests_open(&job->choice, job->options->operands[0], &model, &tests, &job->err);
	if (status == DLG_OK)
		status = write_activations(job, model, tests);
	dlg_tests_free(tests);
	dlg_model_free(model);
	return status == DLG_OK ? CODE_DONE : complain_error(&job->err);
}

int activations_run(const parsed_options *options)
{
	activations_job job = { .options = options };
	int code = tests_choose(options, "activations", false, &job.choice);
	if (code)
		return code;
	if (!option_given(options, "out"))
		return complain(CODE_USAGE, "activations: a folder is needed: -o FOLDER");
	job.choices = dlg_options_new();
	if (!job.choices)
		return complain(CODE_LIMIT, "not enough memory");
	supervisor_limits limits = { .program = "dlguider" };
	code = options_to_library(options, job.choices, &job.err) ? supervise(activations_work, &job, &limits) : complain_error(&job.err);
	dlg_options_free(job.choices);
	return code;
}
