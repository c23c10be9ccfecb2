#include "base/error.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A cut message ends in "..." so that nobody takes it for the whole. */
static void end_cut_text(char *text, size_t size)
{
	memcpy(text + size - 4, "...", 4);
}

gd_status gd_fail(gd_error *err, gd_status status, const char *format, ...)
{
	if (!err || err->status != GD_OK)
		return status;
	va_list list;
	va_start(list, format);
	int length = vsnprintf(err->message, sizeof err->message, format, list);
	va_end(list);
	if (length < 0 || (size_t)length >= sizeof err->message)
		end_cut_text(err->message, sizeof err->message);
	err->status = status;
	return status;
}

gd_status gd_fail_in(gd_error *err, const char *name)
{
	if (!err)
		return GD_E_INTERNAL;
	char inner[sizeof err->message];
	memcpy(inner, err->message, sizeof inner);
	int length = snprintf(err->message, sizeof err->message, "%s: %s", name, inner);
	if (length < 0 || (size_t)length >= sizeof err->message)
		end_cut_text(err->message, sizeof err->message);
	return err->status;
}

gd_status gd_fail_memory(gd_error *err, const char *while_doing)
{
	return gd_fail(err, GD_E_LIMIT, "not enough memory while %s", while_doing);
}
