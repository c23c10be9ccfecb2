/* layout.h - what the reports for a terminal share: cells of a fixed width, wrapped sentences, bars, colours.
 * Everything that may come from a file is escaped here; one character counts as one column. */
#ifndef GD_LAYOUT_H
#define GD_LAYOUT_H
#include "report/report.h"

typedef enum { GD_PLAIN, GD_BOLD, GD_DIM, GD_RED, GD_YELLOW, GD_GREEN, GD_CYAN } gd_style;

/* Columns that the escaped string takes. */
size_t gd_layout_width(const char *string);
/* Exactly width columns: cut with a mark or filled with blanks; put right-aligned when right. */
void gd_layout_cell(gd_text *out, const gd_page *page, const char *string, size_t width, bool right, gd_style style);
/* A sentence in lines of at most page->width: the first begins after `first` (already-safe text), others after `indent`
 * blanks. Ends with a newline. */
void gd_layout_wrap(gd_text *out, const gd_page *page, const char *first, size_t indent, const char *sentence, gd_style style);
/* A bar of share (0..1) of width columns, blanks behind it. */
void gd_layout_bar(gd_text *out, const gd_page *page, double share, size_t width, gd_style style);
void gd_layout_style(gd_text *out, const gd_page *page, gd_style style); /* GD_PLAIN resets */
/* "4,160" */
const char *gd_layout_grouped(int64_t number, char buffer[32]);

#endif
