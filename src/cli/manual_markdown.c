/* docs/commands.md */
#include "manual.h"
#include <string.h>

/* A cell of a table: a bar would end it. */
static void put_cell(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void put_options(FILE *out, const command_row *command)
{
	option_table table;
	command_options(command, &table);
	fputs("\n| option | meaning | default |\n| --- | --- | --- |\n", out);
	for (size_t i = 0; i < table.count; i++) {
		const option_row *row = &table.rows[i];
		char words[120], choices[2000];
		manual_option_words(row, words, sizeof words);
		fprintf(out, "| `%s` | ", words + strspn(words, " "));
		put_cell(out, row->help);
		if (row->kind == OPTION_CHOICE && manual_choices(row, ", ", choices, sizeof choices)) {
			fputs(" (", out);
			put_cell(out, choices);
			fputc(')', out);
		}
		fputs(" | ", out);
		if (row->otherwise)
			fprintf(out, "`%s`", row->otherwise);
		if (row->automatic) {
			fputs(": ", out);
			put_cell(out, row->automatic);
		}
		fputs(row->otherwise ? " |\n" : "|\n", out);
	}
}

static void put_command(FILE *out, const command_row *command)
{
	fprintf(out, "\n## dlguider %s\n\n%c%s.", command->name, command->about[0] - 'a' + 'A', command->about + 1);
	if (command->details)
		fprintf(out, " %s", command->details);
	fputs("\n\n```sh\n", out);
	for (const command_example *example = command->examples; example->line; example++)
		fprintf(out, "%s    # %s\n", example->line, example->what);
	fputs("```\n", out);
	put_options(out, command);
}

void manual_markdown(FILE *out)
{
	fputs("# Commands\n\nWritten by `./dev doc` from the option tables of the command; do not edit.\n\n"
		"Results go to standard output, everything else to standard error.\n", out);
	for (const command_row *command = commands; command->name; command++)
		put_command(out, command);
	fputs("\n## Exit codes\n\n| code | meaning |\n| --- | --- |\n", out);
	for (const manual_exit_code *code = manual_exit_codes; code->meaning; code++)
		fprintf(out, "| %d | %s |\n", code->code, code->meaning);
}
