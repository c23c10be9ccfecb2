/* Comma-separated text, split by libcsv: with or without a header, quoted or not; commas, semicolons or tabs. Read
 * whole into memory as numbers; a single column of text becomes classes, numbered in the order of their names.
 * FILE.csv:NAME is one column (by header or by number from 1), FILE.csv:a,b are some, FILE.csv:-a,b all but those;
 * @last is the last column, @rest all others.
 */
#include "base/checked.h"
#include "base/text.h"
#include "base/utf8.h"
#include "data/csv_table.h"
#include <stdlib.h>
#include <string.h>

enum { MAX_LISTED = 12, MAX_INDEX_DIGITS = 9, LOOK_BYTES = 4096 };
static const size_t max_bytes = (size_t)4 << 30;

/* UTF-8 without control characters, as far as the first few thousand bytes tell. */
bool gd_rows_is_csv(const unsigned char *bytes, size_t size)
{
	size_t at = 0;
	while (at < size && at < LOOK_BYTES) {
		uint32_t code;
		const size_t length = gd_utf8_next((const char *)bytes + at, size - at, &code);
		if (length == 0 || (code < 32 && code != '\t' && code != '\r' && code != '\n'))
			return false;
		at += length;
	}
	return size > 0;
}

/* The separator that the first line has most of. */
static unsigned char find_separator(const unsigned char *bytes, size_t size)
{
	static const char candidates[] = ",;\t";
	size_t counts[3] = { 0 }, best = 0;
	for (size_t i = 0; i < size && bytes[i] != '\n' && bytes[i] != '\r'; i++)
		for (size_t c = 0; c < 3; c++)
			counts[c] += bytes[i] == (unsigned char)candidates[c];
	for (size_t c = 1; c < 3; c++)
		if (counts[c] > counts[best])
			best = c;
	return (unsigned char)candidates[best];
}

/* Is the first row 0, 1, 2 ... as pandas heads nameless columns? A chance of three or more is taken for no chance. */
static bool is_counting(const gd_csv_table *t)
{
	for (size_t i = 0; i < t->column_count; i++) {
		char number[24];
		snprintf(number, sizeof number, "%zu", i);
		if (strcmp(t->columns[i].head, number) != 0)
			return false;
	}
	return t->column_count >= 3;
}

/* A first row without any number is a header, unless it is a single column of words and the first one comes again. */
static bool has_header(const gd_csv_table *t)
{
	double value;
	if (t->row_count > 1 && is_counting(t))
		return true;
	for (size_t i = 0; i < t->column_count; i++)
		if (gd_csv_number(t->columns[i].head, &value))
			return false;
	return t->row_count > 1 && !(t->column_count == 1 && t->columns[0].head_again && t->columns[0].text_row > 0);
}

/* ", a, b and 7 more" for messages. */
static void list_columns(const gd_csv_table *t, gd_text *out)
{
	for (size_t i = 0; i < t->column_count && i < MAX_LISTED; i++)
		gd_text_printf(out, "%s%.60s", i ? ", " : "", t->columns[i].head);
	if (t->column_count > MAX_LISTED)
		gd_text_printf(out, " and %zu more", t->column_count - MAX_LISTED);
}

static gd_status no_column(const gd_csv_table *t, const char *name, size_t length, gd_error *err)
{
	gd_text list = { 0 };
	list_columns(t, &list);
	gd_status status =
		t->header ? gd_fail(err, GD_E_USAGE, "has no column %.*s; its columns are %s", (int)length, name,
						list.bytes ? list.bytes : "")
				  : gd_fail(err, GD_E_USAGE, "has no column %.*s; it has no header and %zu columns, numbered from 1",
						(int)length, name, t->column_count);
	gd_text_free(&list);
	return status;
}

static bool find_column(const gd_csv_table *t, const char *name, size_t length, size_t *out)
{
	for (size_t i = 0; t->header && i < t->column_count; i++)
		if (strlen(t->columns[i].head) == length && memcmp(t->columns[i].head, name, length) == 0) {
			*out = i;
			return true;
		}
	size_t number = 0;
	for (size_t i = 0; i < length; i++) {
		if (length > MAX_INDEX_DIGITS || name[i] < '0' || name[i] > '9')
			return false;
		number = number * 10 + (size_t)(name[i] - '0');
	}
	*out = number - 1;
	return number >= 1 && number <= t->column_count;
}

/* Marks the columns that name asks for. */
static gd_status choose(gd_csv_table *t, const char *name, gd_error *err)
{
	const bool all_but = name && (name[0] == '-' || strcmp(name, "@rest") == 0);
	const size_t last = t->column_count - 1;
	for (size_t i = 0; i < t->column_count; i++)
		t->columns[i].chosen = (!name || all_but) && !t->columns[i].is_index;
	if (!name)
		return GD_OK;
	if (name[0] == '@') {
		if (strcmp(name, "@last") != 0 && strcmp(name, "@rest") != 0)
			return no_column(t, name, strlen(name), err);
		t->columns[last].chosen = !all_but;
		return GD_OK;
	}
	for (const char *at = name + all_but; *at;) {
		const size_t length = strcspn(at, ",");
		size_t column;
		if (!find_column(t, at, length, &column))
			return no_column(t, at, length, err);
		t->columns[column].chosen = !all_but;
		at += length + (at[length] == ',');
	}
	return GD_OK;
}

/* Numbers the chosen columns from 0 in the order of the file, and says what cannot be read. */
static gd_status settle_columns(gd_csv_table *t, gd_error *err)
{
	const gd_csv_column *text = NULL;
	t->chosen_count = 0;
	for (size_t i = 0; i < t->column_count; i++) {
		gd_csv_column *c = &t->columns[i];
		if (!c->chosen)
			continue;
		c->place = t->chosen_count++;
		if (!t->header && !c->text_row && !gd_csv_number(c->head, &(double){ 0 })) {
			c->text_row = 1;
			c->text = c->head;
		}
		text = c->text_row && !text ? c : text;
	}
	if (t->chosen_count == 0)
		return gd_fail(err, GD_E_USAGE, "no column is left to read; name other columns after the file's colon");
	/* Words alone are class names; a word among numbers is a slip. */
	t->classes = t->chosen_count == 1 && text && !text->has_number;
	if (text && !t->classes)
		return gd_fail(err, GD_E_INPUT,
			"row %lld, column %zu%s%.60s: \"%.60s\" is not a number; encode the column, or leave it out with "
			"FILE:-%.60s",
			(long long)text->text_row, (size_t)(text - t->columns) + 1, t->header ? " " : "",
			t->header ? text->head : "", text->text, t->header ? text->head : "NUMBER");
	return GD_OK;
}

static gd_status hand_over(gd_rows *rows, gd_csv_table *t, bool flat, gd_error *err)
{
	const int64_t dims[] = { t->row_count - t->header, (int64_t)t->chosen_count };
	gd_status status = GD_OK;
	const size_t bytes = (size_t)dims[0] * t->chosen_count * 8;
	if (t->classes)
		status = gd_classes_sort(&t->words, t->indices, dims[0], err);
	if (status == GD_OK)
		status = gd_rows_set(rows, t->classes ? "<i8" : "<f8", flat || t->classes ? 1 : 2, dims, false,
			t->classes ? (void *)t->indices : (void *)t->numbers, bytes, err);
	rows->info.class_names = t->words.names;
	rows->info.class_count = t->classes ? t->words.count : 0;
	return status;
}

static gd_status read_table(gd_rows *rows, gd_csv_table *t, const char *name, gd_error *err)
{
	gd_status status = gd_csv_scan(t, GD_CSV_MEASURE, err);
	if (status != GD_OK)
		return status;
	t->header = has_header(t);
	for (size_t i = 0; i < t->column_count; i++) /* what pandas writes before a table unless told not to */
		t->columns[i].is_index =
			i == 0 && t->header && !*t->columns[0].head && t->columns[0].counts && t->column_count > 1;
	status = choose(t, name, err);
	if (status == GD_OK)
		status = settle_columns(t, err);
	if (status != GD_OK)
		return status;
	const size_t rows_left = (size_t)t->row_count - t->header;
	if (rows_left > max_bytes / 8 / t->chosen_count)
		return gd_fail(err, GD_E_LIMIT,
			"has %zu rows of %zu columns; the limit is %zu bytes as numbers: save the table with numpy.save", rows_left,
			t->chosen_count, max_bytes);
	if (t->classes)
		t->indices = gd_arena_new(&rows->arena, rows_left, sizeof *t->indices);
	else
		t->numbers = gd_arena_new(&rows->arena, rows_left * t->chosen_count, sizeof *t->numbers);
	if (!t->indices && !t->numbers)
		return gd_fail_memory(err, "reading the table");
	status = gd_csv_scan(t, GD_CSV_FILL, err);
	const bool flat = name && t->chosen_count == 1 && name[0] != '-' && strcmp(name, "@rest") != 0;
	return status == GD_OK ? hand_over(rows, t, flat, err) : status;
}

gd_status gd_rows_read_csv(gd_rows *rows, const unsigned char *bytes, size_t size, const char *name, gd_error *err)
{
	if (size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) { /* the mark that spreadsheets put before UTF-8 */
		bytes += 3;
		size -= 3;
	}
	gd_csv_table t = { .bytes = bytes, .size = size, .arena = &rows->arena, .words.arena = &rows->arena, .separator = find_separator(bytes, size) };
	return read_table(rows, &t, name, err);
}
