#include "manual.h"
#include "suggest.h"
#include "terminal.h"

const option_row help_options[] = {
	{ .name = "man", OPTION_FLAG, .group = "Form", .help = "print the man page instead, in mdoc" },
	{ .name = "markdown", OPTION_FLAG, .help = "print docs/commands.md instead" },
	{ 0 },
};

int help_run(const parsed_options *options)
{
	if (option_flag(options, "man")) {
		manual_man(stdout);
	} else if (option_flag(options, "markdown")) {
		manual_markdown(stdout);
	} else if (options->operand_count == 0) {
		manual_overview(stdout);
	} else {
		const command_row *command = command_find(options->operands[0]);
		suggestion near;
		suggest_start(&near, options->operands[0]);
		for (const command_row *row = commands; row->name && !command; row++)
			suggest_offer(&near, row->name);
		if (!command && near.best[0])
			return complain(CODE_USAGE, "no command \"%s\"; did you mean \"%s\"?", options->operands[0], near.best);
		if (!command)
			return complain(CODE_USAGE, "no command \"%s\"; dlguider help lists them", options->operands[0]);
		manual_command(stdout, command);
	}
	return CODE_DONE;
}
