#include "command.h"
#include "supervisor.h"
#include "terminal.h"

const option_row inspect_options[] = {
	{ .name = "json", OPTION_FLAG, .group = "Output", .help = "write JSON (dlguider.model/1)" },
	{ 'o', "out", OPTION_FILE, "FILE", "-", .help = "write to FILE instead of standard output" },
	{ 0 },
};

static int inspect_work(void *state)
{
	const parsed_options *options = state;
	const char *output = option_text(options, "out");
	dlg_page page = terminal_page(options, output);
	dlg_error err = { 0 };
	dlg_model *model = NULL;
	dlg_status status = dlg_model_open(options->operands[0], &model, &err);
	if (status == DLG_OK)
		status = dlg_model_write(model, option_flag(options, "json") ? "json" : "table", &page, output, &err);
	dlg_model_free(model);
	return status == DLG_OK ? CODE_DONE : complain_error(&err);
}

int inspect_run(const parsed_options *options)
{
	supervisor_limits limits = { .program = "dlguider" };
	parsed_options copy = *options;
	if (would_overwrite(option_text(options, "out"), options->operands, 1))
		return CODE_USAGE;
	return supervise(inspect_work, &copy, &limits);
}
