#include "report/layout.h"
#include <stdio.h>
#include <string.h>

static size_t count_columns(const char *safe, size_t length)
{
	size_t columns = 0;
	for (size_t i = 0; i < length; i++)
		columns += ((unsigned char)safe[i] & 0xc0u) != 0x80u;
	return columns;
}

/* Bytes of the first `columns` characters. */
static size_t bytes_of(const char *safe, size_t length, size_t columns)
{
	size_t at = 0;
	while (at < length) {
		if (((unsigned char)safe[at] & 0xc0u) != 0x80u && columns-- == 0)
			break;
		at++;
	}
	return at;
}

size_t gd_layout_width(const char *string)
{
	gd_text safe = { 0 };
	gd_text_put_safe(&safe, string, 200);
	size_t columns = safe.bytes ? count_columns(safe.bytes, safe.length) : 0;
	gd_text_free(&safe);
	return columns;
}

void gd_layout_style(gd_text *out, const gd_page *page, gd_style style)
{
	static const char *const codes[] = { "0", "1", "2", "31", "33", "32", "36" };
	if (page->color)
		gd_text_printf(out, "\x1b[%sm", codes[style]);
}

static void put_blanks(gd_text *out, size_t count)
{
	while (count--)
		gd_text_put(out, " ");
}

void gd_layout_cell(gd_text *out, const gd_page *page, const char *string, size_t width, bool right, gd_style style)
{
	gd_text safe = { 0 };
	gd_text_put_safe(&safe, string, width + 1);
	if (safe.failed) {
		out->failed = true;
		gd_text_free(&safe);
		return;
	}
	const char *bytes = safe.bytes ? safe.bytes : "";
	const char *mark = page->utf8 ? "\xe2\x80\xa6" : "..";
	size_t mark_columns = page->utf8 ? 1 : 2, columns = count_columns(bytes, safe.length), length = safe.length;
	bool cut = columns > width;
	if (cut) {
		columns = width > mark_columns ? width - mark_columns : 0;
		length = bytes_of(bytes, safe.length, columns);
		columns += mark_columns;
	}
	if (right)
		put_blanks(out, width > columns ? width - columns : 0);
	if (style != GD_PLAIN)
		gd_layout_style(out, page, style);
	gd_text_add(out, bytes, length);
	if (cut)
		gd_text_put(out, mark);
	if (style != GD_PLAIN)
		gd_layout_style(out, page, GD_PLAIN);
	if (!right)
		put_blanks(out, width > columns ? width - columns : 0);
	gd_text_free(&safe);
}

/* Where the next line of at most `columns` ends: at the last blank that fits, else in the middle of a long word. */
static size_t line_end(const char *bytes, size_t length, size_t columns)
{
	size_t end = bytes_of(bytes, length, columns);
	if (end == length || bytes[end] == ' ')
		return end;
	for (size_t at = end; at > 0; at--)
		if (bytes[at - 1] == ' ')
			return at - 1;
	return end;
}

void gd_layout_wrap(gd_text *out, const gd_page *page, const char *first, size_t indent, const char *sentence, gd_style style)
{
	gd_text safe = { 0 };
	gd_text_put_safe(&safe, sentence, 0);
	if (safe.failed)
		out->failed = true;
	const char *at = safe.bytes ? safe.bytes : "";
	size_t left = safe.bytes ? safe.length : 0, lead = count_columns(first, strlen(first));
	gd_text_put(out, first);
	do {
		size_t room = page->width > lead + 20 ? page->width - lead : 20, end = line_end(at, left, room);
		if (style != GD_PLAIN)
			gd_layout_style(out, page, style);
		gd_text_add(out, at, end);
		if (style != GD_PLAIN)
			gd_layout_style(out, page, GD_PLAIN);
		gd_text_put(out, "\n");
		at += end;
		left -= end;
		while (left && *at == ' ') {
			at++;
			left--;
		}
		if (left)
			put_blanks(out, indent);
		lead = indent;
	} while (left);
	gd_text_free(&safe);
}

void gd_layout_bar(gd_text *out, const gd_page *page, double share, size_t width, gd_style style)
{
	static const char *const eighths[] = { "", "\xe2\x96\x8f", "\xe2\x96\x8e", "\xe2\x96\x8d", "\xe2\x96\x8c", "\xe2\x96\x8b",
		"\xe2\x96\x8a", "\xe2\x96\x89" };
	if (!(share > 0))
		share = 0;
	if (share > 1)
		share = 1;
	size_t steps = (size_t)(share * (double)width * 8 + 0.5), full = steps / 8, part = page->utf8 ? steps % 8 : 0;
	gd_layout_style(out, page, style);
	for (size_t i = 0; i < full; i++)
		gd_text_put(out, page->utf8 ? "\xe2\x96\x88" : "#");
	gd_text_put(out, eighths[part]);
	gd_layout_style(out, page, GD_PLAIN);
	put_blanks(out, width - full - (part != 0));
}

const char *gd_layout_grouped(int64_t number, char buffer[32])
{
	char digits[24];
	int length = snprintf(digits, sizeof digits, "%lld", (long long)number), sign = number < 0;
	char *to = buffer;
	for (int i = 0; i < length; i++) {
		if (i > sign && (length - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = 0;
	return buffer;
}
