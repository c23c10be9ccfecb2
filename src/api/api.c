#include "api/api.h"
#include "base/file.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof((dlg_error *)0)->message == sizeof((gd_error *)0)->message, "errors are copied whole");
_Static_assert((int)DLG_E_LIMIT == (int)GD_E_LIMIT && (int)DLG_E_INTERRUPTED == (int)GD_E_INTERRUPTED, "one set of codes");

dlg_status api_pass(gd_status status, const gd_error *inner, dlg_error *err)
{
	if (status != GD_OK && err && err->status == DLG_OK) {
		err->status = (dlg_status)status;
		memcpy(err->message, inner->message, sizeof err->message);
		err->message[sizeof err->message - 1] = 0;
	}
	return (dlg_status)status;
}

dlg_status api_usage(dlg_error *err, const char *format, ...)
{
	if (err && err->status == DLG_OK) {
		va_list list;
		va_start(list, format);
		vsnprintf(err->message, sizeof err->message, format, list);
		va_end(list);
		err->status = DLG_E_USAGE;
	}
	return DLG_E_USAGE;
}

bool api_fill(void *out, size_t size, const void *filled, size_t full_size, size_t least)
{
	if (size < least)
		return false;
	memcpy((char *)out + sizeof size, (const char *)filled + sizeof size, (size < full_size ? size : full_size) - sizeof size);
	return true;
}

gd_page api_page(const dlg_page *page)
{
	dlg_page own = { .size = sizeof own };
	if (page && page->size >= sizeof page->size)
		memcpy(&own, page, page->size < sizeof own ? page->size : sizeof own);
	return (gd_page){
		.width = own.width >= 40 ? (size_t)own.width : own.width > 0 ? 40 : 80,
		.color = own.color != 0,
		.utf8 = own.utf8 != 0,
		.top = own.top > 0 ? (size_t)own.top : 0,
		.fail_above = own.fail_above,
	};
}

gd_status api_write(const char *path, const gd_text *text, gd_error *err)
{
	gd_output output = { 0 };
	gd_status status = gd_output_open(path, &output, err);
	if (status != GD_OK)
		return status;
	if (text->length)
		fwrite(text->bytes, 1, text->length, output.stream);
	return gd_output_commit(&output, err);
}

dlg_status api_give(dlg_status status, gd_text *text, char **out, size_t *length)
{
	if (status != DLG_OK) {
		gd_text_free(text);
		return status;
	}
	*out = text->bytes;
	if (length)
		*length = text->length;
	return status;
}

void dlg_text_free(char *text)
{
	free(text);
}

size_t dlg_escape(const char *text, size_t columns, char *out, size_t room)
{
	if (!out || room == 0)
		return 0;
	gd_text safe = { 0 };
	gd_text_put_safe(&safe, text ? text : "", columns);
	size_t length = safe.length < room ? safe.length : room - 1;
	while (length < safe.length && length > 0 && ((unsigned char)safe.bytes[length] & 0xc0u) == 0x80u)
		length--; /* never half a character */
	if (length)
		memcpy(out, safe.bytes, length);
	out[length] = 0;
	gd_text_free(&safe);
	return length;
}
