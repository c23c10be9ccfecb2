/* Completion scripts for bash, zsh and fish, and the command that prints them. */
#include "manual.h"
#include "terminal.h"
#include <string.h>

const option_row completion_options[] = { { 0 } };

static const char *topics(const command_row *command, char *buffer, size_t size)
{
	if (command->operand_words)
		return command->operand_words;
	if (strcmp(command->name, "help") != 0)
		return NULL;
	size_t at = 0;
	buffer[0] = 0;
	for (const command_row *row = commands; row->name; row++)
		at += (size_t)snprintf(buffer + at, size - at, "%s%s", at ? " " : "", row->name);
	return buffer;
}

static void bash_values(FILE *out, const command_row *command)
{
	option_table table;
	command_options(command, &table);
	for (size_t i = 0; i < table.count; i++) {
		const option_row *row = &table.rows[i];
		char words[2000];
		if (row->kind == OPTION_FLAG)
			continue;
		fprintf(out, "\t\t%s:--%s", command->name, row->name);
		if (row->letter)
			fprintf(out, "|%s:-%c", command->name, row->letter);
		if (row->kind == OPTION_CHOICE && manual_choices(row, " ", words, sizeof words))
			fprintf(out, ") COMPREPLY=($(compgen -W '%s' -- \"$word\")); return ;;\n", words);
		else if (row->kind == OPTION_FILE || row->kind == OPTION_FOLDER)
			fprintf(out, ") COMPREPLY=($(compgen %s -- \"$word\")); return ;;\n", row->kind == OPTION_FILE ? "-f" : "-d");
		else
			fputs(") return ;;\n", out);
	}
}

static void bash_options(FILE *out, const command_row *command)
{
	char buffer[400];
	fprintf(out, "\t\t%s) options='", command->name);
	option_table table;
	command_options(command, &table);
	for (size_t i = 0; i < table.count; i++)
		fprintf(out, "%s--%s", i ? " " : "", table.rows[i].name);
	const char *words = topics(command, buffer, sizeof buffer);
	fprintf(out, "'; operands='%s' ;;\n", words ? words : *command->operands ? "FILE" : "");
}

void manual_bash(FILE *out)
{
	fputs("# bash completion of dlguider\n_dlguider()\n{\n"
		"\tlocal word=${COMP_WORDS[COMP_CWORD]} before='' command=${COMP_WORDS[1]} options='' operands='' at=$((COMP_CWORD-1))\n"
		/* bash splits words at "=": --layout=n, -i ids=x, --inputs=ids=x */
		"\tif [ \"$word\" = = ]; then word='' at=$COMP_CWORD; fi\n"
		"\twhile [ \"${COMP_WORDS[at]}\" = = ]; do\n\t\tat=$((at-1))\n"
		"\t\tcase ${COMP_WORDS[at]} in -*) ;; *) at=$((at-1)) ;; esac\n\tdone\n"
		"\tbefore=${COMP_WORDS[at]}\n"
		"\tCOMPREPLY=()\n"
		"\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\tCOMPREPLY=($(compgen -W '", out);
	for (const command_row *command = commands; command->name; command++)
		fprintf(out, "%s%s", command == commands ? "" : " ", command->name);
	fputs("' -- \"$word\"))\n\t\treturn\n\tfi\n\tcase $command:$before in\n", out);
	for (const command_row *command = commands; command->name; command++)
		bash_values(out, command);
	fputs("\tesac\n\tcase $command in\n", out);
	for (const command_row *command = commands; command->name; command++)
		bash_options(out, command);
	fputs("\tesac\n\tcase $word in\n\t\t-*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
		"\t\t*) if [ \"$operands\" = FILE ]; then COMPREPLY=($(compgen -f -- \"$word\")); else "
		"COMPREPLY=($(compgen -W \"$operands\" -- \"$word\")); fi ;;\n"
		"\tesac\n}\ncomplete -o filenames -F _dlguider dlguider\n", out);
}

/* Inside '...' of a shell; brackets and colons are _arguments' own. */
static void put_quoted(FILE *out, const char *text, bool zsh)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs(zsh ? "'\\''" : "\\'", out);
		else if (zsh && strchr("[]:", *text))
			fprintf(out, "\\%c", *text);
		else if (!zsh && *text == '\\')
			fputs("\\\\", out);
		else
			fputc(*text, out);
	}
}

static void zsh_option(FILE *out, const option_row *row)
{
	char words[2000];
	if (row->letter)
		fprintf(out, "\t\t\t\t'(-%c --%s)'{-%c,--%s}'[", row->letter, row->name, row->letter, row->name);
	else
		fprintf(out, "\t\t\t\t'--%s[", row->name);
	put_quoted(out, row->help, true);
	fputc(']', out);
	if (row->argument)
		fprintf(out, ":%s:", row->argument);
	if (row->kind == OPTION_CHOICE && manual_choices(row, " ", words, sizeof words))
		fprintf(out, "(%s)", words);
	else if (row->kind == OPTION_FILE)
		fputs("_files", out);
	else if (row->kind == OPTION_FOLDER)
		fputs("_files -/", out);
	fputs("' \\\n", out);
}

void manual_zsh(FILE *out)
{
	char buffer[400];
	fputs("#compdef dlguider\n# zsh completion of dlguider\n_dlguider() {\n\tlocal -a commands=(\n", out);
	for (const command_row *command = commands; command->name; command++) {
		fprintf(out, "\t\t'%s:", command->name);
		put_quoted(out, command->about, true);
		fputs("'\n", out);
	}
	fputs("\t)\n\tif (( CURRENT == 2 )); then\n\t\t_describe command commands\n\t\treturn\n\tfi\n\tshift words\n\t(( CURRENT-- ))\n"
		"\tcase $words[1] in\n", out);
	for (const command_row *command = commands; command->name; command++) {
		fprintf(out, "\t\t%s)\n\t\t\t_arguments \\\n", command->name);
		option_table table;
		command_options(command, &table);
		for (size_t i = 0; i < table.count; i++)
			zsh_option(out, &table.rows[i]);
		const char *words = topics(command, buffer, sizeof buffer);
		if (words)
			fprintf(out, "\t\t\t\t':operand:(%s)' ;;\n", words);
		else
			fprintf(out, "\t\t\t\t%s ;;\n", *command->operands ? "'*:file:_files'" : "'*::'");
	}
	fputs("\tesac\n}\ncompdef _dlguider dlguider\n", out);
}

static void fish_option(FILE *out, const command_row *command, const option_row *row)
{
	char words[2000];
	fprintf(out, "complete -c dlguider -n '__fish_seen_subcommand_from %s' -l %s", command->name, row->name);
	if (row->letter)
		fprintf(out, " -s %c", row->letter);
	if (row->kind == OPTION_CHOICE && manual_choices(row, " ", words, sizeof words))
		fprintf(out, " -x -a '%s'", words);
	else if (row->kind == OPTION_FILE || row->kind == OPTION_FOLDER)
		fputs(" -r -F", out);
	else if (row->kind != OPTION_FLAG)
		fputs(" -x", out);
	fputs(" -d '", out);
	put_quoted(out, row->help, false);
	fputs("'\n", out);
}

void manual_fish(FILE *out)
{
	char buffer[400];
	fputs("# fish completion of dlguider\n", out);
	for (const command_row *command = commands; command->name; command++) {
		const char *words = topics(command, buffer, sizeof buffer);
		fprintf(out, "complete -c dlguider -n __fish_use_subcommand -f -a %s -d '", command->name);
		put_quoted(out, command->about, false);
		fputs("'\n", out);
		if (words || !*command->operands)
			fprintf(out, "complete -c dlguider -n '__fish_seen_subcommand_from %s' -f -a '%s'\n", command->name, words ? words : "");
		option_table table;
		command_options(command, &table);
		for (size_t i = 0; i < table.count; i++)
			fish_option(out, command, &table.rows[i]);
	}
}

int completion_run(const parsed_options *options)
{
	static const struct {
		const char *shell;
		void (*print)(FILE *out);
	} shells[] = { { "bash", manual_bash }, { "zsh", manual_zsh }, { "fish", manual_fish } };
	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
		if (strcmp(shells[i].shell, options->operands[0]) == 0) {
			shells[i].print(stdout);
			return CODE_DONE;
		}
	return complain(CODE_USAGE, "no completion for \"%s\"; choose bash, zsh or fish", options->operands[0]);
}
