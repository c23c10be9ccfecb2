/* text.h - a growing byte buffer for output text and encoded bytes.
 *
 * = {0} is empty. bytes is NULL or has length + 1 bytes with a NUL at the end. When memory runs out, `failed` is set,
 * what was there stays, and later additions do nothing: check once at the end.
 */
#ifndef GD_TEXT_H
#define GD_TEXT_H
#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>

typedef struct {
	char *bytes;
	size_t length, room;
	bool failed;
} gd_text;

void gd_text_add(gd_text *text, const void *bytes, size_t length);
void gd_text_put(gd_text *text, const char *string); /* a NUL-terminated string */
void gd_text_printf(gd_text *text, const char *format, ...) GD_PRINTF(2, 3);
/* Text that may come from a file, safe on a terminal: control bytes, bidi and zero-width characters and bytes that are
 * not UTF-8 are written as \xNN or \u{...}; cut after `columns` characters (0: never) with "...". */
void gd_text_put_safe(gd_text *text, const char *string, size_t columns);
/* All of the string as a finite decimal number with a point, whatever the locale of the process; false when it is none. */
bool gd_text_number(const char *string, double *out);
const char *gd_base_name(const char *path); /* behind the last slash; "" for NULL */
void gd_text_free(gd_text *text); /* leaves it as after = {0} */

#endif
