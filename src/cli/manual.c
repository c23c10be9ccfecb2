/* Help for people: the front page, the overview, a command with its examples first. */
#include "manual.h"
#include <string.h>

enum { WIDTH = 80, HELP_COLUMN = 27 };

const manual_exit_code manual_exit_codes[] = {
	{ 0, "done" },
	{ 1, "a layer's score is above --fail-on" },
	{ 2, "wrong use: an option, a value, a command" },
	{ 3, "bad input: a damaged file, or files that do not fit together" },
	{ 4, "a sound model or file that uses something dlguider does not know" },
	{ 5, "a limit was reached: memory, time, size" },
	{ 6, "the engine or the system failed" },
	{ 130, "interrupted" },
	{ 0 },
};

void manual_option_words(const option_row *row, char *buffer, size_t size)
{
	int at = row->letter ? snprintf(buffer, size, "-%c, --%s", row->letter, row->name) : snprintf(buffer, size, "    --%s", row->name);
	if (row->argument)
		snprintf(buffer + at, size - (size_t)at, " %s", row->argument);
}

size_t manual_choices(const option_row *row, const char *between, char *buffer, size_t size)
{
	char word[80];
	const char *choice;
	size_t count = 0, at = 0;
	buffer[0] = 0;
	while ((choice = option_choice(row, count, word, sizeof word)) && at + strlen(choice) + 8 < size) {
		at += (size_t)snprintf(buffer + at, size - at, "%s%s", count ? between : "", choice);
		count++;
	}
	return count;
}

/* Text in lines of WIDTH, the first one standing at column `at` already, the others indented. */
static void put_wrapped(FILE *out, const char *text, size_t at, size_t indent)
{
	while (*text) {
		size_t length = strcspn(text, " \n");
		if (at > indent && at + length + 1 > WIDTH) {
			fprintf(out, "\n%*s", (int)indent, "");
			at = indent;
		}
		fprintf(out, "%s%.*s", at > indent ? " " : "", (int)length, text);
		at += length + (at > indent);
		text += length;
		if (*text == '\n') {
			fprintf(out, "\n\n%*s", (int)indent, "");
			at = indent;
		}
		text += *text != 0;
	}
	fputc('\n', out);
}

/* Help, few choices, default, in one sentence. */
static void option_sentence(const option_row *row, char *buffer, size_t size)
{
	char words[700];
	int at = snprintf(buffer, size, "%s", row->help);
	if (row->kind == OPTION_CHOICE && manual_choices(row, ", ", words, sizeof words) <= 20)
		at += snprintf(buffer + at, size - (size_t)at, " (%s)", words);
	if (row->otherwise)
		snprintf(buffer + at, size - (size_t)at, " [%s%s%s]", row->otherwise, row->automatic ? ": " : "", row->automatic ? row->automatic : "");
}

static void put_option(FILE *out, const option_row *row)
{
	char words[120], sentence[1600];
	manual_option_words(row, words, sizeof words);
	option_sentence(row, sentence, sizeof sentence);
	int at = fprintf(out, "  %s", words);
	if (at + 2 > HELP_COLUMN)
		fprintf(out, "\n%*s", HELP_COLUMN, "");
	else
		fprintf(out, "%*s", HELP_COLUMN - at, "");
	put_wrapped(out, sentence, HELP_COLUMN, HELP_COLUMN);
}

void manual_command(FILE *out, const command_row *command)
{
	fprintf(out, "dlguider %s - %s\n\n", command->name, command->about);
	for (const command_example *example = command->examples; example->line; example++)
		fprintf(out, "  %s\n      %s\n", example->line, example->what);
	fprintf(out, "\nusage: dlguider %s%s%s [OPTIONS]\n", command->name, *command->operands ? " " : "", command->operands);
	if (command->details) {
		fputc('\n', out);
		put_wrapped(out, command->details, 0, 0);
	}
	option_table table;
	command_options(command, &table);
	for (size_t i = 0; i < table.count; i++) {
		if (table.rows[i].group)
			fprintf(out, "\n%s:\n", table.rows[i].group);
		put_option(out, &table.rows[i]);
	}
}

void manual_overview(FILE *out)
{
	fputs("dlguider - which layer of a trained model is faulty, why, and which line made it\n\n", out);
	for (const command_example *example = commands[0].examples; example->line; example++)
		fprintf(out, "  %s\n      %s\n", example->line, example->what);
	fputs("\nusage: dlguider COMMAND [OPTIONS]\n\ncommands:\n", out);
	for (const command_row *command = commands; command->name; command++)
		fprintf(out, "  %-13s %s\n", command->name, command->about);
	fputs("\nexit codes:\n", out);
	for (const manual_exit_code *code = manual_exit_codes; code->meaning; code++)
		fprintf(out, "  %-5d %s\n", code->code, code->meaning);
	fputs("\ndlguider COMMAND --help shows the examples and options of a command.\n", out);
}

void manual_front(FILE *out)
{
	fprintf(out, "dlguider %s - which layer of a trained model is faulty, why, and which line made it\n\n", dlg_version());
	fputs("  dlguider rank model.keras --inputs x.npy --labels y.npy --program train.py\n", out);
	fputs("  dlguider inspect model.keras\n\n", out);
	fputs("Models: Keras .keras and .h5, ONNX. Tests: NumPy .npy and .npz, one row a test.\n", out);
	fputs("commands:", out);
	for (const command_row *command = commands; command->name; command++)
		fprintf(out, " %s", command->name);
	fputs("\n\ndlguider help              all commands and exit codes\n", out);
	fputs("dlguider rank --help       examples and every option\n", out);
}
