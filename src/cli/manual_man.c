/* The man page, in mdoc(7). */
#include "manual.h"
#include <string.h>

/* Roff reads a backslash anywhere, and a dot or quote at the start of a line, as its own. Lines are short and sentences
 * begin new ones, as its writers are asked to. */
static void put_text(FILE *out, const char *text)
{
	size_t column = 0;
	for (; *text; text++) {
		bool sentence = *text == ' ' && column > 1 && text[-1] == '.' && text[1] >= 'A' && text[1] <= 'Z';
		if (*text == '\n' || (*text == ' ' && column > 60) || sentence) {
			fputc('\n', out);
			column = 0;
			continue;
		}
		if (column++ == 0 && (*text == '.' || *text == '\''))
			fputs("\\&", out);
		if (*text == '\\')
			fputs("\\e", out);
		else if (*text == '-' && text[1] == '-')
			fputs("\\-", out);
		else
			fputc(*text, out);
	}
}

/* An argument of a macro: quoted, so that words like "Fl" or punctuation stay text. */
static void put_argument(FILE *out, const char *text)
{
	fputs(" \"", out);
	for (; *text; text++) {
		if (*text == '"')
			fputs("\\(dq", out);
		else if (*text == '\\')
			fputs("\\e", out);
		else
			fputc(*text, out);
	}
	fputc('"', out);
}

static void put_option(FILE *out, const option_row *row)
{
	char words[2000];
	fputs(".It", out);
	if (row->letter)
		fprintf(out, " Fl %c ,", row->letter);
	fprintf(out, " Fl -%s", row->name);
	if (row->argument)
		fprintf(out, " Ar %s", row->argument);
	fputc('\n', out);
	put_text(out, row->help);
	fputs(".\n", out);
	if (row->kind == OPTION_CHOICE && manual_choices(row, ", ", words, sizeof words)) {
		fputs("One of ", out);
		put_text(out, words);
		fputs(".\n", out);
	}
	if (row->otherwise) {
		fputs("The default is\n.Ql", out);
		put_argument(out, row->otherwise);
		if (row->automatic) {
			fputs(" :\n", out);
			put_text(out, row->automatic);
			fputs(".\n", out);
		} else {
			fputs(" .\n", out);
		}
	}
}

static void put_options(FILE *out, const command_row *command)
{
	option_table table;
	command_options(command, &table);
	for (size_t i = 0; i < table.count; i++) {
		if (table.rows[i].group)
			fprintf(out, "%s.Pp\n%s:\n.Bl -tag -width Ds\n", i ? ".El\n" : "", table.rows[i].group);
		put_option(out, &table.rows[i]);
	}
	fputs(".El\n", out);
}

static void put_command(FILE *out, const command_row *command)
{
	fprintf(out, ".Ss %s\n.Nm\n.Cm %s\n", command->name, command->name);
	if (*command->operands) {
		fputs(".Ar", out);
		put_argument(out, command->operands);
		fputc('\n', out);
	}
	fputs(".Op Ar option ...\n.Pp\n", out);
	put_text(out, command->about);
	fputs(".\n", out);
	if (command->details) {
		put_text(out, command->details);
		fputc('\n', out);
	}
	put_options(out, command);
}

static void put_examples(FILE *out)
{
	fputs(".Sh EXAMPLES\n", out);
	for (const command_row *command = commands; command->name; command++)
		for (const command_example *example = command->examples; example->line; example++) {
			put_text(out, example->what);
			fputs(":\n.Dl", out);
			put_argument(out, example->line);
			fputs("\n.Pp\n", out);
		}
	fputs("The order of the layers in a ranking written as JSON:\n.Dl \"jq -r '.layers[].name' ranking.json\"\n", out);
}

static void put_exit_status(FILE *out)
{
	fputs(".Sh EXIT STATUS\n.Bl -tag -width 130\n", out);
	for (const manual_exit_code *code = manual_exit_codes; code->meaning; code++) {
		fprintf(out, ".It %d\n", code->code);
		put_text(out, code->meaning);
		fputs(".\n", out);
	}
	fputs(".El\n", out);
}

void manual_man(FILE *out)
{
	fputs(".Dd November 25, 2026\n.Dt DLGUIDER 1\n.Os\n.Sh NAME\n.Nm dlguider\n", out);
	fputs(".Nd which layer of a trained model is faulty\n.Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar option ...\n.Op Ar model\n", out);
	fputs(".Sh DESCRIPTION\n.Nm\nreads a trained deep-learning model and labelled tests\nand ranks the model's layers by suspicion:\n"
		"which layer is most likely at fault when tests fail,\nwith the reasons and, given the program, its line.\n"
		"Results go to standard output, everything else to standard error.\n"
		".Sh COMMANDS\n", out);
	for (const command_row *command = commands; command->name; command++)
		put_command(out, command);
	fputs(".Sh ENVIRONMENT\n.Bl -tag -width Ds\n.It Ev DLGUIDER_ONNXRUNTIME\nPath of the ONNX Runtime library to use.\n"
		".It Ev NO_COLOR\nSet and not empty: no colours, unless\n.Fl -color\nsays otherwise.\n.It Ev COLUMNS\n"
		"Width of a table on a terminal.\n.El\n", out);
	put_exit_status(out);
	put_examples(out);
	fputs(".Sh SEE ALSO\n.Xr jq 1\n.Rs\n.%A X. Xu\n.%A Y. Li\n.%A Y. Ma\n.%A L. Chen\n.%A Y. Zhou\n"
		".%T Weighted Suspiciousness and Balanced Aggregation to Boost Spectrum-based Fault Localization of Deep Learning Models\n"
		".%J ACM Transactions on Software Engineering and Methodology\n.%D 2025\n.Re\n", out);
}
