/* source.h - lines of the program that a ranking carries with it, for reports that quote them. */
#ifndef GD_SOURCE_H
#define GD_SOURCE_H
#include "method/ranking.h"

typedef struct {
	const char *text; /* NULL: no such line. Not ended by a NUL */
	size_t length;    /* without the line end */
} gd_source_line;

gd_source_line gd_source_line_at(const gd_ranking *ranking, int line); /* 1-based */
/* Has the ranking's program this line: is it the file that the line names? */
bool gd_source_has(const gd_ranking *ranking, const gd_line *line);
/* 1-based column in characters of a 1-based column in bytes. */
int gd_source_column(gd_source_line line, int bytes);

#endif
