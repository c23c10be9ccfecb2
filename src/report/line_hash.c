#include "report/line_hash.h"
#include "base/utf8.h"
#include <stdio.h>
#include <stdlib.h>

enum { WINDOW = 100, BASE = 37, END = 65535 };

typedef struct {
	uint16_t *units; /* the file as it is hashed: no blanks, one kind of line end, END, WINDOW zeros */
	size_t *starts;  /* of lines in units */
	size_t unit_count, line_count;
} hashed_file;

static void add_unit(hashed_file *f, uint32_t code)
{
	if (code > 0xffff) {
		f->units[f->unit_count++] = (uint16_t)(0xd800 + ((code - 0x10000) >> 10));
		code = 0xdc00 + ((code - 0x10000) & 0x3ff);
	}
	f->units[f->unit_count++] = (uint16_t)code;
}

static void read_text(hashed_file *f, const char *text, size_t length)
{
	f->starts[f->line_count++] = 0;
	for (size_t i = 0; i < length;) {
		uint32_t code;
		size_t step = gd_utf8_next(text + i, length - i, &code);
		if (step == 0) {
			step = 1;
			code = 0xfffd;
		}
		i += step;
		if (code == ' ' || code == '\t')
			continue;
		if (code == '\r' && i < length && text[i] == '\n')
			i++;
		add_unit(f, code == '\r' ? '\n' : code);
		if (code == '\r' || code == '\n')
			f->starts[f->line_count++] = f->unit_count;
	}
	f->units[f->unit_count++] = END;
}

static uint64_t hash_at(const hashed_file *f, size_t line)
{
	uint64_t hash = 0;
	for (size_t k = 0; k < WINDOW; k++)
		hash = hash * BASE + f->units[f->starts[line] + k];
	return hash;
}

gd_status gd_line_hash(const char *text, size_t length, int line, char out[GD_LINE_HASH_TEXT], gd_error *err)
{
	hashed_file f = { .units = calloc(length + 1 + WINDOW, sizeof *f.units), .starts = calloc(length + 2, sizeof *f.starts) };
	gd_status status = f.units && f.starts ? GD_OK : gd_fail_memory(err, "hashing the program's lines");
	out[0] = 0;
	if (status == GD_OK)
		read_text(&f, text, length);
	if (status == GD_OK && line >= 1 && (size_t)line <= f.line_count) {
		uint64_t hash = hash_at(&f, (size_t)line - 1);
		size_t count = 1;
		for (size_t i = 0; i + 1 < (size_t)line; i++)
			count += hash_at(&f, i) == hash;
		snprintf(out, GD_LINE_HASH_TEXT, "%llx:%zu", (unsigned long long)hash, count);
	}
	free(f.units);
	free(f.starts);
	return status;
}
