/* escape.h - text that may come from a file, made harmless for what it is put into. Hidden and control characters and bytes
 * that are not UTF-8 are shown as such everywhere. columns: cut after so many characters; 0: never. */
#ifndef GD_ESCAPE_H
#define GD_ESCAPE_H
#include "base/text.h"

/* Elements and quoted attributes of HTML and XML. */
void gd_escape_markup(gd_text *out, const char *text, size_t columns);
/* A sentence of GitHub's Markdown, also in a table: nothing in it formats, mentions or refers. */
void gd_escape_markdown(gd_text *out, const char *text, size_t columns);
/* A code span of it. */
void gd_escape_code(gd_text *out, const char *text, size_t columns);

#endif
