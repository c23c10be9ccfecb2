#include "toml.h"
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct {
	const char *at, *end;
	int line;
	toml *out;
	const char *table;
	char *message;
	size_t size;
} reader;

__attribute__((format(printf, 2, 3))) static bool refuse(reader *r, const char *format, ...)
{
	int used = snprintf(r->message, r->size, "line %d: ", r->line);
	va_list list;
	va_start(list, format);
	vsnprintf(r->message + used, r->size - (size_t)used, format, list);
	va_end(list);
	return false;
}

static char now(const reader *r)
{
	return r->at < r->end ? *r->at : 0;
}

static void skip_blanks(reader *r)
{
	while (now(r) == ' ' || now(r) == '\t')
		r->at++;
}

static bool put(reader *r, const char *bytes, size_t length)
{
	if (length >= TOML_BYTES - r->out->used)
		return refuse(r, "the file is too long");
	memcpy(r->out->strings + r->out->used, bytes, length);
	r->out->used += length;
	r->out->strings[r->out->used] = 0;
	return true;
}

/* Ends the string begun at start. */
static const char *finish_string(reader *r, size_t start)
{
	r->out->used++;
	return r->out->strings + start;
}

/* Length of a UTF-8 character that may stand in TOML; 0: none does. */
static size_t character(const reader *r)
{
	const unsigned char *p = (const unsigned char *)r->at;
	const size_t left = (size_t)(r->end - r->at), length = p[0] < 0x80 ? 1 : p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 : p[0] >> 3 == 30 ? 4 : 0;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	if (length == 0 || length > left)
		return 0;
	if (length == 1)
		return (p[0] >= 0x20 && p[0] != 0x7f) || p[0] == '\t' ? 1 : 0;
	uint32_t code = p[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if (p[i] >> 6 != 2)
			return 0;
		code = code << 6 | (p[i] & 0x3fu);
	}
	return code >= least[length] && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000) ? length : 0;
}

/* A comment and the end of the line. */
static bool end_line(reader *r)
{
	skip_blanks(r);
	if (now(r) == '#')
		while (r->at < r->end && *r->at != '\n' && !(*r->at == '\r' && r->at + 1 < r->end && r->at[1] == '\n')) {
			const size_t length = character(r);
			if (!length)
				return refuse(r, "a comment holds a byte that is no text");
			r->at += length;
		}
	if (r->at == r->end)
		return true;
	r->at += *r->at == '\r' && r->at + 1 < r->end && r->at[1] == '\n';
	if (*r->at != '\n')
		return refuse(r, "something stands behind the value");
	r->at++;
	r->line++;
	return true;
}

static bool is_bare(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool read_escape(reader *r)
{
	static const char from[] = "btnfr\"\\", to[] = "\b\t\n\f\r\"\\";
	const char *found = now(r) ? strchr(from, now(r)) : NULL;
	if (!found)
		return refuse(r, "the string has an escape that is not known here; 'single quotes' take text as it is");
	r->at++;
	return put(r, &to[found - from], 1);
}

static bool read_string(reader *r, const char **out)
{
	const char quote = *r->at++;
	const size_t start = r->out->used;
	if (now(r) == quote && r->at + 1 < r->end && r->at[1] == quote)
		return refuse(r, "strings over several lines are not read here");
	while (now(r) != quote) {
		if (r->at == r->end || *r->at == '\n')
			return refuse(r, "the string is not closed");
		if (quote == '"' && *r->at == '\\') {
			r->at++;
			if (!read_escape(r))
				return false;
			continue;
		}
		const size_t length = character(r);
		if (!length)
			return refuse(r, "the string holds a byte that is no text");
		if (!put(r, r->at, length))
			return false;
		r->at += length;
	}
	r->at++;
	if (!put(r, "", 0))
		return false;
	*out = finish_string(r, start);
	return true;
}

/* One digit or more, single underscores between digits. */
static bool digits(const char **at, const char *end, bool leading_zero)
{
	const char *start = *at;
	while (*at < end && ((**at >= '0' && **at <= '9') || (**at == '_' && *at > start && (*at)[-1] != '_' && *at + 1 < end && (*at)[1] >= '0' && (*at)[1] <= '9')))
		++*at;
	return *at > start && (leading_zero || *start != '0' || *at == start + 1);
}

/* 12, -3, 0.5, 1e-3, 1_000. */
static bool is_number(const char *word, size_t length)
{
	const char *at = word, *end = word + length;
	at += at < end && (*at == '+' || *at == '-');
	if (!digits(&at, end, false))
		return false;
	if (at < end && *at == '.') {
		at++;
		if (!digits(&at, end, true))
			return false;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		at++;
		at += at < end && (*at == '+' || *at == '-');
		if (!digits(&at, end, true))
			return false;
	}
	return at == end;
}

static bool read_word(reader *r, toml_item *item)
{
	const char *start = r->at;
	while (is_bare(now(r)) || now(r) == '.' || now(r) == '+' || now(r) == ':')
		r->at++;
	const size_t length = (size_t)(r->at - start), from = r->out->used;
	const bool truth = (length == 4 && memcmp(start, "true", 4) == 0) || (length == 5 && memcmp(start, "false", 5) == 0);
	if (!truth && !is_number(start, length))
		return refuse(r, "the value is no string, number, true or false; put text into quotes");
	for (size_t i = 0; i < length; i++)
		if (start[i] != '_' && !put(r, start + i, 1))
			return false;
	item->kind = truth ? TOML_BOOL : TOML_NUMBER;
	item->value = finish_string(r, from);
	return true;
}

static bool add_value(reader *r, const char *key, bool of_array, int line)
{
	if (r->out->count == TOML_ITEMS)
		return refuse(r, "there are more than %d values", TOML_ITEMS);
	toml_item *item = &r->out->items[r->out->count];
	*item = (toml_item){ .table = r->table, .key = key, .of_array = of_array, .line = line };
	if (now(r) == '"' || now(r) == '\'' ? !read_string(r, &item->value) : !read_word(r, item))
		return false;
	r->out->count++;
	return true;
}

/* Blanks, comments and ends of lines between the values of an array. */
static bool skip_between(reader *r)
{
	for (;;) {
		skip_blanks(r);
		if (now(r) != '#' && now(r) != '\n' && now(r) != '\r')
			return true;
		if (!end_line(r))
			return false;
	}
}

static bool read_array(reader *r, const char *key)
{
	const int line = r->line;
	r->at++;
	for (;;) {
		if (!skip_between(r))
			return false;
		if (now(r) == ']') {
			r->at++;
			return true;
		}
		if (now(r) == '[' || now(r) == '{')
			return refuse(r, "an array holds strings, numbers, true and false only");
		if (!add_value(r, key, true, line) || !skip_between(r))
			return false;
		if (now(r) == ',')
			r->at++;
		else if (now(r) != ']')
			return refuse(r, "the array is not closed");
	}
}

static bool read_key(reader *r, const char **out)
{
	if (now(r) == '"' || now(r) == '\'')
		return read_string(r, out);
	const char *start = r->at;
	while (is_bare(now(r)))
		r->at++;
	if (r->at == start)
		return refuse(r, "expected KEY = VALUE, [TABLE] or a comment");
	const size_t from = r->out->used;
	if (!put(r, start, (size_t)(r->at - start)))
		return false;
	*out = finish_string(r, from);
	return true;
}

static bool is_new(reader *r, const char *table, const char *key)
{
	for (size_t i = 0; i < r->out->count; i++)
		if (strcmp(r->out->items[i].table, table) == 0 && strcmp(r->out->items[i].key, key) == 0)
			return refuse(r, "%.60s is given twice", key);
	return true;
}

static bool read_pair(reader *r)
{
	const char *key;
	if (!read_key(r, &key) || !is_new(r, r->table, key))
		return false;
	skip_blanks(r);
	if (now(r) != '=')
		return refuse(r, "expected = behind %.60s", key);
	r->at++;
	skip_blanks(r);
	if (now(r) == '{')
		return refuse(r, "inline tables are not read here");
	return now(r) == '[' ? read_array(r, key) : add_value(r, key, false, r->line);
}

static bool read_table(reader *r)
{
	r->at++;
	skip_blanks(r);
	const char *name;
	if (now(r) == '[' || !read_key(r, &name))
		return now(r) == '[' ? refuse(r, "arrays of tables are not read here") : false;
	skip_blanks(r);
	if (now(r) != ']')
		return refuse(r, "[%.60s is not closed", name);
	r->at++;
	for (size_t i = 0; i < r->out->count; i++)
		if (strcmp(r->out->items[i].table, name) == 0)
			return refuse(r, "the table %.60s is given twice", name);
	r->table = name;
	return true;
}

bool toml_read(const char *text, size_t length, toml *out, char *message, size_t size)
{
	out->count = out->used = 0;
	reader r = { .at = text, .end = text + length, .line = 1, .out = out, .table = "", .message = message, .size = size };
	while (r.at < r.end) {
		skip_blanks(&r);
		const char c = now(&r);
		const bool blank = r.at == r.end || c == '#' || c == '\n' || c == '\r';
		if (!blank && !(c == '[' ? read_table(&r) : read_pair(&r)))
			return false;
		if (!end_line(&r))
			return false;
	}
	return true;
}
