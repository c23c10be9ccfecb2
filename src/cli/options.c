#include "options.h"
#include "suggest.h"
#include "tests.h"
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const option_row common_options[] = {
	{ 'h', "help", OPTION_FLAG, .group = "Common", .help = "show this help" },
	{ .name = "config", OPTION_FILE, "FILE", .help = "options from a file in TOML, named as here; what is given here wins" },
	{ 'q', "quiet", OPTION_FLAG, .help = "no progress bar" },
	{ .name = "color", OPTION_CHOICE, "WHEN", "auto", .choices = { .words = "auto always never" },
		.help = "colours: auto is on a terminal, unless NO_COLOR is set" },
	{ 0 },
};

static void gather_row(option_table *table, const option_row *row)
{
	assert(table->count < OPTION_LIMIT);
	table->rows[table->count++] = *row;
}

static option_row library_row(const dlg_option *option)
{
	static const option_kind kinds[] = { [DLG_OPTION_CHOICE] = OPTION_CHOICE, [DLG_OPTION_NUMBER] = OPTION_REAL,
		[DLG_OPTION_WHOLE] = OPTION_WHOLE };
	option_row row = {
		.name = option->name,
		.kind = kinds[option->kind],
		.argument = option->kind == DLG_OPTION_CHOICE ? "NAME" : option->kind == DLG_OPTION_WHOLE ? "N" : "X",
		.otherwise = option->standard,
		.choices = { .option = option->name },
		.help = option->help,
		.automatic = option->automatic,
		.of_library = true,
	};
	return row;
}

static void gather_library(option_table *table, library_options which)
{
	static const struct {
		dlg_option_group group;
		library_options from; /* the least choice that takes them */
		const char *heading;
	} groups[] = {
		{ DLG_OPTION_OF_METHOD, OPTIONS_ALL, "Method" },
		{ DLG_OPTION_OF_PASS, OPTIONS_PASS, "How the tests are seen (kept in a saved spectrum)" },
		{ DLG_OPTION_OF_RUN, OPTIONS_RUN, "Run" },
	};
	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
		const char *heading = groups[g].heading;
		dlg_option option = { .size = sizeof option };
		bool taken = which == OPTIONS_ALL || which == groups[g].from || (which == OPTIONS_PASS && groups[g].from == OPTIONS_RUN);
		for (size_t i = 0; taken && dlg_option_get(i, &option); i++) {
			if (option.group != groups[g].group)
				continue;
			option_row row = library_row(&option);
			row.group = heading;
			heading = NULL;
			gather_row(table, &row);
		}
	}
}

void options_gather(const option_row *own, library_options which, option_table *out)
{
	*out = (option_table){ 0 };
	for (const option_row *row = tests_options; which != OPTIONS_NONE && row->name; row++) /* who runs tests takes both */
		gather_row(out, row);
	for (; own->name; own++)
		gather_row(out, own);
	if (which != OPTIONS_NONE)
		gather_library(out, which);
	for (const option_row *row = common_options; row->name; row++)
		gather_row(out, row);
}

bool options_to_library(const parsed_options *parsed, dlg_options *options, dlg_error *err)
{
	for (size_t i = 0; i < parsed->table->count; i++) {
		const option_row *row = &parsed->table->rows[i];
		if (row->of_library && parsed->values[i] && dlg_options_set(options, row->name, parsed->values[i], err) != DLG_OK)
			return false;
	}
	return true;
}

const char *option_choice(const option_row *row, size_t at, char *buffer, size_t size)
{
	dlg_choice choice = { .size = sizeof choice };
	if (row->choices.option)
		return dlg_option_choice(row->choices.option, at, &choice) ? choice.name : NULL;
	if (!row->choices.words)
		return dlg_list_get(row->choices.list, at, &choice) ? choice.name : NULL;
	const char *word = row->choices.words;
	while (at-- && word)
		word = (word = strchr(word, ' ')) ? word + 1 : NULL;
	if (!word)
		return NULL;
	snprintf(buffer, size, "%.*s", (int)strcspn(word, " "), word);
	return buffer;
}

/* What the user typed, safe to show. */
static const char *shown(const char *typed, char buffer[160])
{
	dlg_escape(typed, 60, buffer, 160);
	return buffer;
}

static bool check_choice(const option_row *row, const char *value, char *message, size_t size)
{
	char word[80], safe[160];
	const char *choice;
	suggestion near;
	suggest_start(&near, value);
	for (size_t i = 0; (choice = option_choice(row, i, word, sizeof word)); i++) {
		if (strcmp(choice, value) == 0)
			return true;
		suggest_offer(&near, choice);
	}
	int at = snprintf(message, size, "--%s cannot be \"%s\"", row->name, shown(value, safe));
	size_t left = size - (size_t)at;
	if (near.best[0]) {
		snprintf(message + at, left, "; did you mean %s?", near.best);
		return false;
	}
	at += snprintf(message + at, left, "; choose one of");
	for (size_t i = 0; (choice = option_choice(row, i, word, sizeof word)) && (size_t)at + 90 < size; i++)
		at += snprintf(message + at, size - (size_t)at, "%s %s", i ? "," : "", choice);
	return false;
}

static bool check_number(const option_row *row, const char *value, char *message, size_t size)
{
	char *end, safe[160];
	double low = row->low, high = row->low == 0 && row->high == 0 ? 9007199254740992.0 : row->high;
	errno = 0;
	double number = strtod(value, &end);
	bool fine = end != value && *end == 0 && isfinite(number) && number >= low && number <= high;
	if (row->kind == OPTION_WHOLE)
		fine = fine && floor(number) == number && strspn(value, "-0123456789") == strlen(value);
	if (fine)
		return true;
	int at = snprintf(message, size, "--%s must be a %snumber", row->name, row->kind == OPTION_WHOLE ? "whole " : "");
	if (row->low == 0 && row->high == 0)
		at += snprintf(message + at, size - (size_t)at, " that is not negative");
	else
		at += snprintf(message + at, size - (size_t)at, " from %g to %g", low, high);
	snprintf(message + at, size - (size_t)at, ", found \"%s\"", shown(value, safe));
	return false;
}

static bool check_value(const option_row *row, const char *value, char *message, size_t size)
{
	if (row->kind == OPTION_CHOICE)
		return check_choice(row, value, message, size);
	if (!row->of_library && (row->kind == OPTION_WHOLE || row->kind == OPTION_REAL))
		return check_number(row, value, message, size);
	if (*value == 0) {
		snprintf(message, size, "--%s needs a value that is not empty", row->name);
		return false;
	}
	return true;
}

static bool unknown_long(const parsed_options *parsed, const char *name, size_t length, char *message, size_t size)
{
	char typed[64], safe[160];
	snprintf(typed, sizeof typed, "%.*s", (int)(length > 60 ? 60 : length), name);
	suggestion near;
	suggest_start(&near, typed);
	for (size_t i = 0; i < parsed->table->count; i++)
		suggest_offer(&near, parsed->table->rows[i].name);
	int at = snprintf(message, size, "unknown option --%s", shown(typed, safe));
	if (near.best[0])
		snprintf(message + at, size - (size_t)at, "; did you mean --%s?", near.best);
	return false;
}

bool options_give(parsed_options *parsed, const option_row *row, const char *value, char *message, size_t size)
{
	const size_t index = (size_t)(row - parsed->table->rows);
	if (row->kind == OPTION_FLAG) {
		parsed->values[index] = "";
		return true;
	}
	if (!check_value(row, value, message, size))
		return false;
	if (row->repeats && parsed->repeated_count == REPEAT_LIMIT) {
		snprintf(message, size, "--%s can be given at most %d times", row->name, REPEAT_LIMIT);
		return false;
	}
	if (row->repeats) {
		parsed->repeated[parsed->repeated_count].row = row;
		parsed->repeated[parsed->repeated_count++].value = value;
	}
	parsed->values[index] = value;
	return true;
}

/* Takes the value of the row at index; *at is moved when the value is the next word. */
static bool take(parsed_options *parsed, size_t index, const char *attached, int count, char **words, int *at, char *message, size_t size)
{
	const option_row *row = &parsed->table->rows[index];
	if (row->kind == OPTION_FLAG) {
		if (attached) {
			snprintf(message, size, "--%s takes no value", row->name);
			return false;
		}
		parsed->values[index] = "";
		return true;
	}
	if (!attached) {
		if (*at + 1 >= count) {
			snprintf(message, size, "--%s needs a value: --%s %s", row->name, row->name, row->argument);
			return false;
		}
		attached = words[++*at];
	}
	return options_give(parsed, row, attached, message, size);
}

static bool take_long(parsed_options *parsed, int count, char **words, int *at, char *message, size_t size)
{
	const char *name = words[*at] + 2, *equals = strchr(name, '=');
	size_t length = equals ? (size_t)(equals - name) : strlen(name);
	for (size_t i = 0; i < parsed->table->count; i++)
		if (strlen(parsed->table->rows[i].name) == length && strncmp(parsed->table->rows[i].name, name, length) == 0)
			return take(parsed, i, equals ? equals + 1 : NULL, count, words, at, message, size);
	return unknown_long(parsed, name, length, message, size);
}

/* "-qv", "-oFILE", "-o FILE": letters of flags may stand together. */
static bool take_short(parsed_options *parsed, int count, char **words, int *at, char *message, size_t size)
{
	for (const char *letter = words[*at] + 1; *letter; letter++) {
		size_t i = 0;
		while (i < parsed->table->count && parsed->table->rows[i].letter != *letter)
			i++;
		if (i == parsed->table->count) {
			char one[2] = { *letter, 0 }, safe[160];
			snprintf(message, size, "unknown option -%s", shown(one, safe));
			return false;
		}
		bool flag = parsed->table->rows[i].kind == OPTION_FLAG;
		if (!take(parsed, i, !flag && letter[1] ? letter + 1 : NULL, count, words, at, message, size))
			return false;
		if (!flag)
			return true;
	}
	return true;
}

bool options_parse(const option_table *table, int count, char **words, parsed_options *parsed, char *message, size_t size)
{
	*parsed = (parsed_options){ .table = table };
	bool operands_only = false;
	for (int at = 0; at < count; at++) {
		const char *word = words[at];
		if (!operands_only && strcmp(word, "--") == 0) {
			operands_only = true;
		} else if (!operands_only && strncmp(word, "--", 2) == 0) {
			if (!take_long(parsed, count, words, &at, message, size))
				return false;
		} else if (!operands_only && word[0] == '-' && word[1]) {
			if (!take_short(parsed, count, words, &at, message, size))
				return false;
		} else if (parsed->operand_count < OPERAND_LIMIT) {
			parsed->operands[parsed->operand_count++] = word;
		} else {
			snprintf(message, size, "more than %d operands", OPERAND_LIMIT);
			return false;
		}
	}
	return true;
}

static size_t index_of(const parsed_options *parsed, const char *name)
{
	for (size_t i = 0; i < parsed->table->count; i++)
		if (strcmp(parsed->table->rows[i].name, name) == 0)
			return i;
	fprintf(stderr, "dlguider: no option row --%s\n", name);
	abort();
}

bool option_given(const parsed_options *parsed, const char *name)
{
	return parsed->values[index_of(parsed, name)] != NULL;
}

bool option_flag(const parsed_options *parsed, const char *name)
{
	return option_given(parsed, name);
}

const char *option_text(const parsed_options *parsed, const char *name)
{
	size_t at = index_of(parsed, name);
	return parsed->values[at] ? parsed->values[at] : parsed->table->rows[at].otherwise;
}

const char *option_each(const parsed_options *parsed, const char *name, size_t at)
{
	const option_row *row = &parsed->table->rows[index_of(parsed, name)];
	if (!option_given(parsed, name))
		return at == 0 ? row->otherwise : NULL;
	for (size_t i = 0; i < parsed->repeated_count; i++)
		if (parsed->repeated[i].row == row && at-- == 0)
			return parsed->repeated[i].value;
	return NULL;
}

double option_number(const parsed_options *parsed, const char *name)
{
	const char *text = option_text(parsed, name);
	return text ? strtod(text, NULL) : 0;
}
