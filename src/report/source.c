#include "report/source.h"
#include <string.h>

gd_source_line gd_source_line_at(const gd_ranking *ranking, int line)
{
	const char *at = ranking->program_text, *end = at ? at + ranking->program_length : NULL;
	for (; at && line > 1; line--) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : NULL;
	}
	if (!at || at == end || line < 1)
		return (gd_source_line){ 0 };
	const char *stop = memchr(at, '\n', (size_t)(end - at));
	size_t length = (size_t)((stop ? stop : end) - at);
	return (gd_source_line){ at, length && at[length - 1] == '\r' ? length - 1 : length };
}

bool gd_source_has(const gd_ranking *ranking, const gd_line *line)
{
	return ranking->program && line->line > 0 && line->file && strcmp(line->file, ranking->program) == 0;
}

int gd_source_column(gd_source_line line, int bytes)
{
	int column = 1;
	for (size_t i = 0; i < line.length && (int)i + 1 < bytes; i++)
		column += ((unsigned char)line.text[i] & 0xc0u) != 0x80u;
	return column;
}
