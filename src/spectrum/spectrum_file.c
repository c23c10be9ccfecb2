#include "spectrum/spectrum_file.h"
#include "base/checked.h"
#include "base/file.h"
#include "base/text.h"
#include "spectrum/oracle.h"
#include <math.h>
#include <string.h>
#include <zlib.h>

enum { VERSION = 1, BYTE_ORDER_MARK = 0x01020304, HEADER = 16, MOST_TEXT = 1 << 16, MOST_NOTES = 256, MOST_CLASSES = 10000 };
static const char magic[8] = "dlgspec\n";

#define TAG(a, b, c, d) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
#define TAG_HEAD TAG('H', 'E', 'A', 'D')
#define TAG_ENTR TAG('E', 'N', 'T', 'R')
#define TAG_TEST TAG('T', 'E', 'S', 'T')
#define TAG_ACTV TAG('A', 'C', 'T', 'V')
#define TAG_GRAD TAG('G', 'R', 'A', 'D')
#define TAG_END TAG('E', 'N', 'D', ' ')

/* One stretch of a payload. */
typedef struct {
	const void *bytes;
	size_t size;
} piece;

static uint32_t crc_of(uint32_t crc, const void *bytes, size_t size)
{
	const unsigned char *at = bytes;
	while (size) {
		uInt step = size > 1u << 30 ? 1u << 30 : (uInt)size;
		crc = (uint32_t)crc32(crc, at, step);
		at += step;
		size -= step;
	}
	return crc;
}

/* Writing. stdio keeps an error until gd_output_commit looks. */

static void put_bytes(FILE *stream, const void *bytes, size_t size)
{
	if (size)
		fwrite(bytes, 1, size, stream);
}

static void put_record(FILE *stream, uint32_t tag, const piece *pieces, size_t count)
{
	static const char zeros[8] = { 0 };
	uint32_t crc = (uint32_t)crc32(0, NULL, 0);
	uint64_t size = 0;
	for (size_t i = 0; i < count; i++) {
		crc = crc_of(crc, pieces[i].bytes, pieces[i].size);
		size += pieces[i].size;
	}
	put_bytes(stream, &tag, sizeof tag);
	put_bytes(stream, &crc, sizeof crc);
	put_bytes(stream, &size, sizeof size);
	for (size_t i = 0; i < count; i++)
		put_bytes(stream, pieces[i].bytes, pieces[i].size);
	put_bytes(stream, zeros, (8 - size % 8) % 8);
}

static void add_u32(gd_text *text, uint32_t value)
{
	gd_text_add(text, &value, sizeof value);
}

static void add_i64(gd_text *text, int64_t value)
{
	gd_text_add(text, &value, sizeof value);
}

static void add_f64(gd_text *text, double value)
{
	gd_text_add(text, &value, sizeof value);
}

/* Longer names are cut: no reader takes them. */
static void add_text(gd_text *text, const char *value)
{
	size_t length = strlen(value);
	length = length < MOST_TEXT ? length : MOST_TEXT;
	add_u32(text, (uint32_t)length);
	gd_text_add(text, value, length);
}

static void add_head(gd_text *text, const gd_spectrum *s)
{
	add_text(text, s->model_path);
	add_text(text, s->model_format);
	add_text(text, s->sha256);
	add_i64(text, s->parameters);
	add_u32(text, (uint32_t)s->task);
	add_text(text, s->coverage->name);
	add_f64(text, s->threshold);
	add_f64(text, s->tolerance);
	add_text(text, s->reduction);
	add_text(text, s->form);
	add_i64(text, s->tests);
	add_i64(text, s->failed);
	add_i64(text, s->unsound);
	size_t notes = s->note_count < MOST_NOTES ? s->note_count : MOST_NOTES;
	add_u32(text, (uint32_t)notes);
	for (size_t i = 0; i < notes; i++)
		add_text(text, s->notes[i]);
	size_t classes = s->class_count < MOST_CLASSES ? s->class_count : 0;
	add_u32(text, (uint32_t)classes);
	for (size_t i = 0; i < classes; i++)
		add_text(text, s->classes[i]);
}

static void add_entries(gd_text *text, const gd_spectrum *s)
{
	add_u32(text, (uint32_t)s->entry_count);
	for (size_t i = 0; i < s->entry_count; i++) {
		const gd_spectrum_entry *entry = &s->entries[i];
		add_text(text, entry->name);
		add_text(text, entry->kind);
		add_i64(text, (int64_t)entry->units);
		add_u32(text, entry->is_output);
		add_i64(text, entry->unsound);
		add_u32(text, (uint32_t)entry->member_count);
		for (size_t k = 0; k < entry->member_count; k++)
			add_text(text, entry->members[k]);
	}
}

static void put_tests(FILE *stream, const gd_spectrum *s)
{
	size_t n = (size_t)s->tests;
	piece pieces[4 + GD_CONFIDENCES];
	size_t count = 0;
	pieces[count++] = (piece){ s->failing, s->words * 8 };
	for (int kind = 0; kind < GD_CONFIDENCES; kind++)
		pieces[count++] = (piece){ s->confidence[kind], n * 8 };
	pieces[count++] = (piece){ s->error, n * 8 };
	pieces[count++] = (piece){ s->expected, n * 4 };
	pieces[count++] = (piece){ s->predicted, n * 4 };
	put_record(stream, TAG_TEST, pieces, count);
}

static void put_all(FILE *stream, const gd_spectrum *s, const gd_text *head, const gd_text *entries)
{
	uint32_t start[2] = { VERSION, BYTE_ORDER_MARK };
	put_bytes(stream, magic, sizeof magic);
	put_bytes(stream, start, sizeof start);
	put_record(stream, TAG_HEAD, &(piece){ head->bytes, head->length }, 1);
	put_record(stream, TAG_ENTR, &(piece){ entries->bytes, entries->length }, 1);
	put_tests(stream, s);
	if (s->graded)
		put_record(stream, TAG_GRAD, &(piece){ s->graded, s->neuron_count * (size_t)s->tests }, 1);
	else
		put_record(stream, TAG_ACTV, &(piece){ s->active, s->neuron_count * s->words * 8 }, 1);
	put_record(stream, TAG_END, NULL, 0);
}

gd_status gd_spectrum_save(const gd_spectrum *spectrum, const char *path, gd_error *err)
{
	gd_text head = { 0 }, entries = { 0 };
	gd_output output = { 0 };
	add_head(&head, spectrum);
	add_entries(&entries, spectrum);
	gd_status status =
		head.failed || entries.failed ? gd_fail_memory(err, "saving the spectrum") : gd_output_open(path, &output, err);
	if (!status) {
		put_all(output.stream, spectrum, &head, &entries);
		status = gd_output_commit(&output, err);
	}
	gd_text_free(&head);
	gd_text_free(&entries);
	return status;
}

/* Reading: a cursor that never passes the end; `bad` stays once set, and values read then are 0. */

typedef struct {
	const unsigned char *at;
	size_t left;
	bool bad;
} cursor;

static void take(cursor *c, void *out, size_t size)
{
	memset(out, 0, size);
	if (c->bad || size > c->left) {
		c->bad = true;
		return;
	}
	memcpy(out, c->at, size);
	c->at += size;
	c->left -= size;
}

static uint32_t take_u32(cursor *c)
{
	uint32_t value;
	take(c, &value, sizeof value);
	return value;
}

static int64_t take_i64(cursor *c)
{
	int64_t value;
	take(c, &value, sizeof value);
	return value;
}

static double take_f64(cursor *c)
{
	double value;
	take(c, &value, sizeof value);
	c->bad = c->bad || !isfinite(value);
	return value;
}

/* NULL when memory is out or the text is bad; the caller ends either way. */
static const char *take_text(cursor *c, gd_arena *arena)
{
	uint32_t length = take_u32(c);
	if (c->bad || length > MOST_TEXT || length > c->left || memchr(c->at, 0, length)) {
		c->bad = true;
		return NULL;
	}
	const char *text = gd_arena_text(arena, (const char *)c->at, length);
	c->at += length;
	c->left -= length;
	c->bad = c->bad || !text;
	return text;
}

typedef struct {
	const char *path;
	cursor rest;
	gd_error *err;
} file;

static gd_status damaged(const file *f, const char *what)
{
	return gd_fail(f->err, GD_E_INPUT, "%s: the spectrum file is damaged: %s; save it again", f->path, what);
}

static gd_status next_record(file *f, uint32_t *tag, cursor *out)
{
	uint32_t crc;
	uint64_t size;
	take(&f->rest, tag, sizeof *tag);
	take(&f->rest, &crc, sizeof crc);
	take(&f->rest, &size, sizeof size);
	if (f->rest.bad || size > f->rest.left)
		return damaged(f, "it ends within a record");
	*out = (cursor){ f->rest.at, (size_t)size, false };
	f->rest.at += size;
	f->rest.left -= (size_t)size;
	for (uint64_t i = size; i % 8; i++) {
		unsigned char pad;
		take(&f->rest, &pad, 1);
		if (f->rest.bad || pad)
			return damaged(f, "a record is not padded with zeros");
	}
	if (crc_of((uint32_t)crc32(0, NULL, 0), out->at, out->left) != crc)
		return damaged(f, "the checksum of a record is wrong");
	return GD_OK;
}

static gd_status want_record(file *f, uint32_t wanted, cursor *out)
{
	uint32_t tag;
	gd_status status = next_record(f, &tag, out);
	return status ? status : tag == wanted ? GD_OK : damaged(f, "a record is missing");
}

static bool is_digest(const char *text)
{
	return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

static const char *known_form(const char *text)
{
	for (gd_form form = GD_FORM_PROBABILITY; form < GD_FORM_UNKNOWN; form++)
		if (text && strcmp(gd_form_name(form), text) == 0)
			return gd_form_name(form);
	return NULL;
}

static bool read_head(cursor *c, gd_arena *arena, gd_spectrum *s)
{
	s->model_path = take_text(c, arena);
	s->model_format = take_text(c, arena);
	s->sha256 = take_text(c, arena);
	s->parameters = take_i64(c);
	uint32_t task = take_u32(c);
	const char *coverage = take_text(c, arena);
	s->threshold = take_f64(c);
	s->tolerance = take_f64(c);
	const char *reduction = take_text(c, arena), *form = take_text(c, arena);
	s->tests = take_i64(c);
	s->failed = take_i64(c);
	s->unsound = take_i64(c);
	uint32_t notes = take_u32(c);
	if (c->bad || notes > MOST_NOTES || !is_digest(s->sha256) || task <= GD_TASK_AUTO || task > GD_TASK_REGRESSION)
		return false;
	s->task = (gd_task)task;
	s->coverage = gd_coverage_find(coverage);
	s->reduction = strcmp(reduction, "mean") == 0 ? "mean" : strcmp(reduction, "max") == 0 ? "max" : NULL;
	s->form = known_form(form);
	s->notes = gd_arena_new(arena, notes + 1, sizeof *s->notes);
	for (; s->notes && s->note_count < notes && !c->bad; s->note_count++)
		s->notes[s->note_count] = take_text(c, arena);
	uint32_t classes = c->left ? take_u32(c) : 0; /* files of before they were kept have none */
	if (c->bad || classes > MOST_CLASSES)
		return false;
	s->classes = gd_arena_new(arena, classes + 1, sizeof *s->classes);
	for (; s->classes && s->class_count < classes && !c->bad; s->class_count++)
		s->classes[s->class_count] = take_text(c, arena);
	return !c->bad && c->left == 0 && s->coverage && s->reduction && s->form && s->notes && s->classes && s->parameters >= 0 &&
		   s->tolerance >= 0 && s->tests >= 1 && s->tests <= (int64_t)1 << 40 && s->failed >= 0 &&
		   s->failed <= s->tests && s->unsound >= 0 && s->unsound <= s->tests;
}

static bool read_entry(cursor *c, gd_arena *arena, int64_t tests, gd_spectrum_entry *entry)
{
	entry->name = take_text(c, arena);
	entry->kind = take_text(c, arena);
	int64_t units = take_i64(c);
	uint32_t is_output = take_u32(c);
	entry->unsound = take_i64(c);
	uint32_t members = take_u32(c);
	if (c->bad || units < 0 || (uint64_t)units > SIZE_MAX / 2 || is_output > 1 || entry->unsound < 0 ||
		entry->unsound > tests || members > c->left / 4)
		return false;
	entry->units = (size_t)units;
	entry->is_output = is_output;
	entry->members = gd_arena_new(arena, members + 1, sizeof *entry->members);
	for (; entry->members && entry->member_count < members && !c->bad; entry->member_count++)
		entry->members[entry->member_count] = take_text(c, arena);
	return !c->bad && entry->members;
}

static bool read_entries(cursor *c, gd_arena *arena, gd_spectrum *s)
{
	uint32_t count = take_u32(c);
	if (c->bad || count > c->left / 32) /* an entry has at least 32 bytes */
		return false;
	s->entries = gd_arena_new(arena, count + 1, sizeof *s->entries);
	for (; s->entries && s->entry_count < count; s->entry_count++) {
		gd_spectrum_entry *entry = &s->entries[s->entry_count];
		if (!read_entry(c, arena, s->tests, entry) || !gd_add_size(s->neuron_count, entry->units, &s->neuron_count))
			return false;
	}
	return s->entries && c->left == 0;
}

/* True when the records of tests and activity have exactly the bytes that head and entries imply; only then is memory
 * taken for them, so it is bounded by the size of the file. */
static bool sizes_agree(const gd_spectrum *head, const cursor *tests, const cursor *activity)
{
	size_t n = (size_t)head->tests, words = n / 64 + (n % 64 != 0), row = head->coverage->graded ? n : words * 8, bytes;
	size_t per_test = 8 * (GD_CONFIDENCES + 1) + 8;
	return tests->left == words * 8 + n * per_test && gd_mul_size(head->neuron_count, row, &bytes) &&
		   bytes == activity->left;
}

static bool in_range(const double *values, size_t n, double high)
{
	for (size_t i = 0; i < n; i++)
		if (!(values[i] >= 0 && values[i] <= high))
			return false;
	return true;
}

static bool read_tests(cursor *c, gd_spectrum *s)
{
	size_t n = (size_t)s->tests;
	uint64_t unused = n % 64 ? ~(uint64_t)0 << n % 64 : 0;
	int64_t failed = 0;
	take(c, s->failing, s->words * 8);
	for (int kind = 0; kind < GD_CONFIDENCES; kind++)
		take(c, s->confidence[kind], n * 8);
	take(c, s->error, n * 8);
	take(c, s->expected, n * 4);
	take(c, s->predicted, n * 4);
	for (size_t i = 0; i < s->words; i++)
		failed += __builtin_popcountll(s->failing[i]);
	for (size_t i = 0; i < n; i++)
		if (s->expected[i] < -1 || s->predicted[i] < -1)
			return false;
	for (int kind = 0; kind < GD_CONFIDENCES; kind++)
		if (!in_range(s->confidence[kind], n, 1))
			return false;
	return !c->bad && c->left == 0 && failed == s->failed && !(s->failing[s->words - 1] & unused) &&
		   in_range(s->error, n, 1e300);
}

static bool read_activity(cursor *c, gd_spectrum *s)
{
	size_t n = (size_t)s->tests;
	uint64_t unused = n % 64 ? ~(uint64_t)0 << n % 64 : 0;
	if (s->graded) {
		take(c, s->graded, s->neuron_count * n);
		return !c->bad;
	}
	take(c, s->active, s->neuron_count * s->words * 8);
	for (size_t i = 0; i < s->neuron_count; i++)
		if (s->active[(i + 1) * s->words - 1] & unused)
			return false;
	return !c->bad;
}

static bool copy_head(const gd_spectrum *head, gd_spectrum *s)
{
	s->model_path = gd_arena_text(&s->arena, head->model_path, strlen(head->model_path));
	s->model_format = gd_arena_text(&s->arena, head->model_format, strlen(head->model_format));
	s->sha256 = gd_arena_text(&s->arena, head->sha256, strlen(head->sha256));
	s->parameters = head->parameters;
	s->task = head->task;
	s->threshold = head->threshold;
	s->tolerance = head->tolerance;
	s->reduction = head->reduction;
	s->form = head->form;
	s->failed = head->failed;
	s->unsound = head->unsound;
	for (size_t i = 0; i < s->entry_count; i++)
		s->entries[i].unsound = head->entries[i].unsound;
	bool fine = s->model_path && s->model_format && s->sha256;
	if (fine && head->class_count)
		fine = gd_spectrum_name_classes(s, head->classes, head->class_count);
	for (size_t i = 0; fine && i < head->note_count; i++)
		fine = gd_spectrum_note(s, "%s", head->notes[i]);
	return fine;
}

static gd_status read_records(file *f, gd_arena *arena, gd_spectrum *head, gd_spectrum **out)
{
	cursor records[4], end;
	gd_status status = want_record(f, TAG_HEAD, &records[0]);
	if (!status && !read_head(&records[0], arena, head))
		status = damaged(f, "its head is not sound, or of another version of dlguider");
	if (!status)
		status = want_record(f, TAG_ENTR, &records[1]);
	if (!status && !read_entries(&records[1], arena, head))
		status = damaged(f, "its list of layers is not sound");
	if (!status)
		status = want_record(f, TAG_TEST, &records[2]);
	if (!status)
		status = want_record(f, head->coverage->graded ? TAG_GRAD : TAG_ACTV, &records[3]);
	if (!status)
		status = want_record(f, TAG_END, &end);
	if (!status && (end.left || f->rest.left || !sizes_agree(head, &records[2], &records[3])))
		status = damaged(f, "its sizes do not fit together");
	if (status)
		return status;
	gd_spectrum_size size = { head->entries, head->entry_count, head->tests, head->coverage };
	status = gd_spectrum_new(&size, out, f->err);
	if (!status && !copy_head(head, *out))
		status = gd_fail_memory(f->err, "reading the spectrum");
	if (!status && (!read_tests(&records[2], *out) || !read_activity(&records[3], *out)))
		status = damaged(f, "a number in it is out of range");
	return status;
}

gd_status gd_spectrum_load_bytes(const char *path, const void *bytes, size_t size, gd_spectrum **out, gd_error *err)
{
	file f = { path, { bytes, size, false }, err };
	char start[sizeof magic];
	take(&f.rest, start, sizeof start);
	uint32_t version = take_u32(&f.rest), order = take_u32(&f.rest);
	if (memcmp(start, magic, sizeof magic) != 0 || size < HEADER)
		return gd_fail(err, GD_E_INPUT, "%s: this is no spectrum file; rank --save-spectrum writes one", path);
	if (order != BYTE_ORDER_MARK)
		return gd_fail(err, GD_E_UNSUPPORTED, "%s: the spectrum was saved on a machine of another byte order", path);
	if (version != VERSION)
		return gd_fail(err, GD_E_UNSUPPORTED,
			"%s: the spectrum file has version %lu, this dlguider reads version %d; save it again", path,
			(unsigned long)version, VERSION);
	gd_arena arena = { 0 };
	gd_spectrum head = { 0 }, *spectrum = NULL;
	gd_status status = read_records(&f, &arena, &head, &spectrum);
	gd_arena_free(&arena);
	if (status)
		gd_spectrum_free(spectrum);
	else
		*out = spectrum;
	return status;
}

gd_status gd_spectrum_load(const char *path, gd_spectrum **out, gd_error *err)
{
	gd_map map = { 0 };
	gd_status status = gd_map_open(path, 0, &map, err);
	if (status)
		return status;
	status = gd_spectrum_load_bytes(path, map.bytes, map.size, out, err);
	gd_map_close(&map);
	return status;
}
