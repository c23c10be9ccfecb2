#include "config.h"
#include "suggest.h"
#include "terminal.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int read_file(const char *path, config *c)
{
	char text[CONFIG_BYTES], message[300];
	struct stat about;
	if (stat(path, &about) != 0 || !S_ISREG(about.st_mode))
		return complain(CODE_USAGE, "--config %s: %s", path, S_ISDIR(about.st_mode) ? "is a folder" : strerror(errno));
	FILE *file = fopen(path, "rb");
	if (!file)
		return complain(CODE_USAGE, "--config %s: %s", path, strerror(errno));
	const size_t length = fread(text, 1, sizeof text, file);
	const bool fine = !ferror(file) && length < sizeof text;
	fclose(file);
	if (!fine)
		return complain(CODE_USAGE, "--config %s: cannot be read, or is longer than %d bytes", path, CONFIG_BYTES);
	if (!toml_read(text, length, &c->read, message, sizeof message))
		return complain(CODE_USAGE, "--config %s: %s", path, message);
	return CODE_DONE;
}

/* Where a relative path begins: behind "NAME=" of an option that takes names. */
static size_t path_start(const option_row *row, const char *value)
{
	const char *equals = row && row->repeats ? strchr(value, '=') : NULL;
	return equals ? (size_t)(equals + 1 - value) : 0;
}

/* The value with the configuration's folder before its path; NULL: no room. */
static const char *beside(config *c, const char *file, const option_row *row, const char *value)
{
	const char *slash = strrchr(file, '/');
	const size_t start = path_start(row, value), folder = slash ? (size_t)(slash + 1 - file) : 0, length = strlen(value);
	if (folder == 0 || value[start] == '/' || strcmp(value, "-") == 0)
		return value;
	if (length + folder + 1 > CONFIG_BYTES - c->used)
		return NULL;
	char *out = c->paths + c->used;
	snprintf(out, CONFIG_BYTES - c->used, "%.*s%.*s%s", (int)start, value, (int)folder, file, value + start);
	c->used += length + folder + 1;
	return out;
}

static const option_row *find_row(const option_table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->rows[i].name, name) == 0)
			return &table->rows[i];
	return NULL;
}

static bool known_anywhere(const char *key)
{
	option_table table;
	for (const command_row *command = commands; command->name; command++) {
		command_options(command, &table);
		if (find_row(&table, key))
			return true;
	}
	return strcmp(key, "model") == 0;
}

static int refuse_key(const char *path, const toml_item *item, const option_table *table)
{
	suggestion near;
	char safe[160];
	suggest_start(&near, item->key);
	suggest_offer(&near, "model");
	for (size_t i = 0; i < table->count; i++)
		suggest_offer(&near, table->rows[i].name);
	dlg_escape(item->key, 60, safe, sizeof safe);
	if (near.best[0])
		return complain(CODE_USAGE, "--config %s: line %d: unknown option \"%s\"; did you mean \"%s\"?", path, item->line, safe, near.best);
	return complain(CODE_USAGE, "--config %s: line %d: unknown option \"%s\"; keys are named like the options of the command line", path, item->line, safe);
}

/* MODEL goes before the operands that were given. */
static void give_model(const command_row *command, parsed_options *parsed, const char *model)
{
	if (strncmp(command->operands, "MODEL", 5) != 0 || parsed->operand_count >= command->most)
		return;
	memmove(parsed->operands + 1, parsed->operands, parsed->operand_count * sizeof *parsed->operands);
	parsed->operands[0] = model;
	parsed->operand_count++;
}

static int give(const char *path, const toml_item *item, const command_row *command, parsed_options *parsed, config *c)
{
	char message[700];
	const option_row *row = find_row(parsed->table, item->key);
	const bool is_model = strcmp(item->key, "model") == 0;
	if (is_model && item->kind == TOML_STRING && !item->of_array) {
		const char *model = beside(c, path, NULL, item->value);
		give_model(command, parsed, model ? model : item->value);
		return CODE_DONE;
	}
	if (is_model)
		return complain(CODE_USAGE, "--config %s: line %d: model is one path in quotes", path, item->line);
	if (item->of_array && !row->repeats)
		return complain(CODE_USAGE, "--config %s: line %d: %s takes one value, no list", path, item->line, row->name);
	if ((row->kind == OPTION_FLAG) != (item->kind == TOML_BOOL))
		return complain(CODE_USAGE, "--config %s: line %d: %s takes %s", path, item->line, row->name, row->kind == OPTION_FLAG ? "true or false" : "a value");
	if (row->kind == OPTION_FLAG && strcmp(item->value, "false") == 0)
		return CODE_DONE;
	const bool is_path = row->kind == OPTION_FILE || row->kind == OPTION_FOLDER;
	const char *value = is_path ? beside(c, path, row, item->value) : item->value;
	if (!value || !options_give(parsed, row, value, message, sizeof message))
		return complain(CODE_USAGE, "--config %s: line %d: %s", path, item->line, value ? message : "the paths are too long");
	return CODE_DONE;
}

/* A spectrum named on the command line stands for the tests that the file names. */
static bool is_overruled(const parsed_options *parsed, const option_row *row)
{
	static const char *const tests[] = { "inputs", "labels", "save-spectrum" };
	const option_row *spectrum = find_row(parsed->table, "spectrum");
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		if (spectrum && strcmp(row->name, tests[i]) == 0)
			return parsed->values[spectrum - parsed->table->rows] != NULL;
	return false;
}

/* Items of one table; given: which options stood on the command line or in a table before this one. */
static int apply_table(const char *path, const char *table, const command_row *command, parsed_options *parsed, const bool *given, config *c)
{
	int code = CODE_DONE;
	for (size_t i = 0; i < c->read.count && code == CODE_DONE; i++) {
		const toml_item *item = &c->read.items[i];
		const option_row *row = find_row(parsed->table, item->key);
		if (strcmp(item->table, table) != 0)
			continue;
		if (!known_anywhere(item->key) || strcmp(item->key, "config") == 0)
			code = refuse_key(path, item, parsed->table);
		else if (strcmp(item->key, "model") == 0 || (row && !given[row - parsed->table->rows] && !is_overruled(parsed, row)))
			code = give(path, item, command, parsed, c);
		else if (!row && *table)
			code = complain(CODE_USAGE, "--config %s: line %d: %s has no option \"%s\"", path, item->line, command->name, item->key);
	}
	return code;
}

static int check_tables(const char *path, const config *c)
{
	char safe[160];
	for (size_t i = 0; i < c->read.count; i++)
		if (*c->read.items[i].table && !command_find(c->read.items[i].table)) {
			dlg_escape(c->read.items[i].table, 60, safe, sizeof safe);
			return complain(CODE_USAGE, "--config %s: line %d: the table [%s] is no command", path, c->read.items[i].line, safe);
		}
	return CODE_DONE;
}

int config_apply(const command_row *command, parsed_options *parsed, config *out)
{
	bool given[OPTION_LIMIT];
	const char *path = option_text(parsed, "config"), *tables[] = { command->name, "" };
	if (!path)
		return CODE_DONE;
	out->used = 0;
	int code = read_file(path, out);
	if (code == CODE_DONE)
		code = check_tables(path, out);
	for (size_t t = 0; t < 2 && code == CODE_DONE; t++) {
		for (size_t i = 0; i < parsed->table->count; i++)
			given[i] = parsed->values[i] != NULL;
		code = apply_table(path, tables[t], command, parsed, given, out);
	}
	return code;
}
