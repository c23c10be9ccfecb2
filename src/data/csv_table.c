#include "data/csv_table.h"
#include <csv.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CHUNK_BYTES = 64 * 1024 };

/* State of one pass; libcsv's callbacks cannot stop it, so after a failure they do nothing until the chunk ends. */
typedef struct {
	gd_csv_table *table;
	gd_csv_pass pass;
	int64_t row;   /* from 1 */
	size_t column; /* of the next field */
	gd_status status;
	gd_error *err;
} scanning;

static const struct {
	const char *word;
	double value;
} words[] = { { "nan", (double)NAN }, { "inf", (double)INFINITY }, { "+inf", (double)INFINITY },
	{ "-inf", -(double)INFINITY }, { "true", 1 }, { "false", 0 } };

static size_t digits(const char *text)
{
	return strspn(text, "0123456789");
}

bool gd_csv_number(const char *text, double *out)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcasecmp(text, words[i].word) == 0) {
			*out = words[i].value;
			return true;
		}
	const char *at = text + (*text == '+' || *text == '-');
	size_t count = digits(at);
	at += count;
	if (*at == '.') {
		const size_t fraction = digits(++at);
		count += fraction;
		at += fraction;
	}
	if (count > 0 && (*at == 'e' || *at == 'E')) {
		at++;
		at += *at == '+' || *at == '-';
		const size_t exponent = digits(at);
		at += exponent;
		count = exponent ? count : 0;
	}
	if (count == 0 || *at)
		return false;
	*out = strtod(text, NULL);
	return isfinite(*out);
}

static void fail(scanning *s, gd_status status)
{
	if (s->status == GD_OK)
		s->status = status;
}

static void add_column(scanning *s, const char *field, size_t length)
{
	gd_csv_table *t = s->table;
	if (t->column_count == GD_CSV_MAX_COLUMNS) {
		fail(s, gd_fail(s->err, GD_E_LIMIT, "has more than %d columns, the limit", GD_CSV_MAX_COLUMNS));
		return;
	}
	if (t->column_count == t->column_room) {
		const size_t room = t->column_room ? 2 * t->column_room : 16;
		gd_csv_column *columns = gd_arena_new(t->arena, room, sizeof *columns);
		if (!columns) {
			fail(s, gd_fail_memory(s->err, "reading the table"));
			return;
		}
		if (t->column_count)
			memcpy(columns, t->columns, t->column_count * sizeof *columns);
		t->columns = columns;
		t->column_room = room;
	}
	const char *head = gd_arena_text(t->arena, field, length);
	if (!head)
		fail(s, gd_fail_memory(s->err, "reading the table"));
	else
		t->columns[t->column_count++] = (gd_csv_column){ .head = head, .counts = true };
}

static void measure(scanning *s, const char *field, size_t length)
{
	gd_csv_table *t = s->table;
	double value = 0;
	if (s->row == 1) {
		add_column(s, field, length);
		return;
	}
	if (s->column >= t->column_count) {
		s->column++; /* told at the end of the row, when its fields are counted */
		return;
	}
	gd_csv_column *c = &t->columns[s->column++];
	const bool number = gd_csv_number(field, &value);
	c->counts = c->counts && number && value == (double)(s->row - 2);
	c->head_again = c->head_again || strcmp(field, c->head) == 0;
	c->has_number = c->has_number || number;
	if (number || length == 0 || c->text_row) /* an empty field is refused when it is filled in */
		return;
	c->text_row = s->row;
	c->text = gd_arena_text(t->arena, field, length < 80 ? length : 80);
	if (!c->text)
		fail(s, gd_fail_memory(s->err, "reading the table"));
}

static void fill(scanning *s, const char *field, size_t length)
{
	gd_csv_table *t = s->table;
	const gd_csv_column *c = &t->columns[s->column++];
	const int64_t row = s->row - 1 - t->header;
	if (!c->chosen || row < 0)
		return;
	if (length == 0)
		fail(s, gd_fail(s->err, GD_E_INPUT, "row %lld, column %zu is empty; fill it in or leave the row out",
					(long long)s->row, s->column));
	else if (t->classes)
		fail(s, gd_classes_add(&t->words, field, length, &t->indices[row], s->err));
	else
		(void)gd_csv_number(field, &t->numbers[(size_t)row * t->chosen_count + c->place]);
}

static void on_field(void *bytes, size_t length, void *data)
{
	scanning *s = data;
	const char *field = bytes ? bytes : "";
	if (s->status != GD_OK)
		return;
	if (memchr(field, 0, length))
		fail(s, gd_fail(s->err, GD_E_INPUT, "row %lld holds a zero byte; save it as text", (long long)s->row));
	else if (s->pass == GD_CSV_MEASURE)
		measure(s, field, length);
	else
		fill(s, field, length);
}

static void on_row(int end, void *data)
{
	scanning *s = data;
	const size_t columns = s->table->column_count;
	(void)end;
	if (s->status == GD_OK && s->row > 1 && s->column != columns)
		fail(s, gd_fail(s->err, GD_E_INPUT, "row %lld has %zu fields, row 1 had %zu", (long long)s->row, s->column,
					columns));
	s->row++;
	s->column = 0;
}

static gd_status parse(struct csv_parser *parser, scanning *s)
{
	const gd_csv_table *t = s->table;
	for (size_t at = 0; at < t->size && s->status == GD_OK;) {
		const size_t length = t->size - at < CHUNK_BYTES ? t->size - at : CHUNK_BYTES;
		if (csv_parse(parser, t->bytes + at, length, on_field, on_row, s) != length)
			return gd_fail(s->err, csv_error(parser) == CSV_ENOMEM ? GD_E_LIMIT : GD_E_INPUT, "row %lld: %s",
				(long long)s->row,
				csv_error(parser) == CSV_ENOMEM ? "not enough memory"
												: "quotes are not closed, or stand inside a field");
		if (csv_get_buffer_size(parser) > GD_CSV_MAX_FIELD)
			return gd_fail(s->err, GD_E_LIMIT, "row %lld has a field of more than %d bytes; is a quote not closed?",
				(long long)s->row, GD_CSV_MAX_FIELD);
		at += length;
	}
	if (s->status == GD_OK && csv_fini(parser, on_field, on_row, s) != 0)
		return gd_fail(s->err, GD_E_INPUT, "row %lld: quotes are not closed", (long long)s->row);
	return s->status;
}

/* Numbers are read with a point whatever the host program's locale says; the change is this thread's alone. */
gd_status gd_csv_scan(gd_csv_table *table, gd_csv_pass pass, gd_error *err)
{
	struct csv_parser parser;
	scanning s = { .table = table, .pass = pass, .row = 1, .err = err };
	locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (plain == (locale_t)0)
		return gd_fail_memory(err, "reading the table");
	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0) {
		freelocale(plain);
		return gd_fail_memory(err, "reading the table");
	}
	csv_set_delim(&parser, table->separator);
	csv_set_blk_size(&parser, CHUNK_BYTES); /* its 128 bytes would copy a long field over and over */
	locale_t before = uselocale(plain);
	gd_status status = parse(&parser, &s);
	uselocale(before);
	freelocale(plain);
	csv_free(&parser);
	table->row_count = s.row - 1;
	if (status == GD_OK && (table->row_count == 0 || table->column_count == 0))
		status = gd_fail(err, GD_E_INPUT, "has no rows");
	return status;
}
