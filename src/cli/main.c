/* dlguider: finds the command, parses its options, runs it. */
#include "command.h"
#include "config.h"
#include "manual.h"
#include "suggest.h"
#include "terminal.h"
#include <signal.h>
#include <string.h>

static int unknown_command(const char *name)
{
	suggestion near;
	suggest_start(&near, name);
	for (const command_row *row = commands; row->name; row++)
		suggest_offer(&near, row->name);
	if (near.best[0])
		return complain(CODE_USAGE, "no command \"%s\"; did you mean \"%s\"?", name, near.best);
	return complain(CODE_USAGE, "no command \"%s\"; dlguider help lists them", name);
}

/* dlguider --help and --version are known to fingers; both are commands too. */
static const char *as_command(const char *word)
{
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return "help";
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
		return "version";
	return word;
}

static int check_operands(const command_row *command, const parsed_options *options)
{
	if (options->operand_count < command->least)
		return complain(CODE_USAGE, "%s needs %s; dlguider %s --help shows examples", command->name, command->operands, command->name);
	if (options->operand_count > command->most)
		return complain(CODE_USAGE, "%s takes no operand \"%s\"; dlguider %s --help shows examples", command->name,
			options->operands[command->most], command->name);
	return CODE_DONE;
}

int main(int count, char **words)
{
	signal(SIGPIPE, SIG_IGN); /* a closed pipe is a failed write with a code, not a silent death */
	if (count < 2) {
		manual_front(stdout);
		return finish(CODE_DONE);
	}
	const char *name = as_command(words[1]);
	const command_row *command = command_find(name);
	if (!command && name[0] == '-')
		return complain(CODE_USAGE, "unknown option %s before a command; dlguider help lists the commands", name);
	if (!command)
		return unknown_command(name);
	option_table table;
	parsed_options options;
	char message[1000];
	command_options(command, &table);
	if (!options_parse(&table, count - 2, words + 2, &options, message, sizeof message))
		return complain(CODE_USAGE, "%s: %s", command->name, message);
	if (option_flag(&options, "help")) {
		manual_command(stdout, command);
		return finish(CODE_DONE);
	}
	config from_file; /* its strings are used until the command has run */
	int code = config_apply(command, &options, &from_file);
	if (code == CODE_DONE)
		code = check_operands(command, &options);
	return code ? code : finish(command->run(&options));
}
