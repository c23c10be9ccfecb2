#include "base/text.h"
#include "base/checked.h"
#include "base/utf8.h"
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(gd_text *text, size_t more)
{
	size_t need;
	if (text->failed || !gd_add_size(text->length, more, &need) || !gd_add_size(need, 1, &need)) {
		text->failed = true;
		return false;
	}
	if (need <= text->room)
		return true;
	size_t room = text->room < 256 ? 256 : text->room;
	while (room < need)
		room = room > need / 2 ? need : room * 2;
	if (room < text->room + text->room / 2) /* grow by at least half: appending stays linear */
		room = text->room + text->room / 2;
	char *bytes = realloc(text->bytes, room);
	if (!bytes) {
		text->failed = true;
		return false;
	}
	text->bytes = bytes;
	text->room = room;
	return true;
}

void gd_text_add(gd_text *text, const void *bytes, size_t length)
{
	if (!reserve(text, length))
		return;
	if (length)
		memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = 0;
}

void gd_text_put(gd_text *text, const char *string)
{
	gd_text_add(text, string, strlen(string));
}

void gd_text_printf(gd_text *text, const char *format, ...)
{
	va_list list, again;
	va_start(list, format);
	va_copy(again, list);
	int length = vsnprintf(NULL, 0, format, list);
	va_end(list);
	if (length >= 0 && reserve(text, (size_t)length)) {
		vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
		text->length += (size_t)length;
	} else {
		text->failed = true;
	}
	va_end(again);
}

void gd_text_put_safe(gd_text *text, const char *string, size_t columns)
{
	size_t left = strlen(string), shown = 0;
	while (left) {
		if (columns && shown >= columns) {
			gd_text_put(text, "...");
			return;
		}
		uint32_t code;
		size_t length = gd_utf8_next(string, left, &code);
		if (length == 0) {
			gd_text_printf(text, "\\x%02x", (unsigned char)*string);
			length = 1;
		} else if (gd_utf8_is_hidden(code)) {
			gd_text_printf(text, code < 0x100 ? "\\x%02x" : "\\u{%x}", (unsigned)code);
		} else {
			gd_text_add(text, string, length);
		}
		string += length;
		left -= length;
		shown++;
	}
}

void gd_text_free(gd_text *text)
{
	free(text->bytes);
	*text = (gd_text){ 0 };
}

bool gd_text_number(const char *string, double *out)
{
	locale_t c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
	if (!c)
		return false;
	locale_t before = uselocale(c);
	char *end;
	*out = strtod(string, &end);
	uselocale(before);
	freelocale(c);
	return end != string && *end == 0 && isfinite(*out);
}

const char *gd_base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	return slash && slash[1] ? slash + 1 : path ? path : "";
}
