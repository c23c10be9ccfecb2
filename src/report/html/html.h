/* html.h - what the parts of the HTML report share. One file, complete without any other, without script too: text, tables
 * and drawings are static; the script sorts, filters and shows what is under the pointer.
 *
 * Nothing from a file reaches the page but through gd_escape_markup, and no attribute may style or run anything: the page's
 * policy allows its one style and its one script, by their hashes. To add a part: a function gd_html_NAME(page, out), its row in
 * html.c, its place {{name}} in page.html.
 */
#ifndef GD_HTML_H
#define GD_HTML_H
#include "report/escape.h"
#include "report/report.h"
#include "report/rules.h"
#include "report/source.h"
#include "report/standing.h"

enum { GD_HTML_DETAILED = 24 /* layers with all their evidence */, GD_HTML_ROWS = 2000 /* of the table */ };

typedef struct {
	const gd_ranking *ranking;
	const gd_page *page;
	size_t *by_index; /* layer_count: places in the ranking, in the order of the model */
	bool lines;       /* a layer has a line */
	gd_error *err;
	gd_status status; /* the first failure of a part */
} gd_html;

/* parts */
void gd_html_title(gd_html *html, gd_text *out);
void gd_html_mood(gd_html *html, gd_text *out);
void gd_html_verdict(gd_html *html, gd_text *out);
void gd_html_facts(gd_html *html, gd_text *out);
void gd_html_sections(gd_html *html, gd_text *out);
void gd_html_layers_about(gd_html *html, gd_text *out);
void gd_html_strip(gd_html *html, gd_text *out);
void gd_html_table(gd_html *html, gd_text *out);
void gd_html_why_about(gd_html *html, gd_text *out);
void gd_html_details(gd_html *html, gd_text *out);
void gd_html_tests(gd_html *html, gd_text *out);
void gd_html_program(gd_html *html, gd_text *out);
void gd_html_about(gd_html *html, gd_text *out);

/* text */
void gd_html_say(gd_text *out, const gd_evidence_item *item); /* what it says, with its member and line */
void gd_html_score(gd_text *out, double score);  /* "0.624", "-" */
void gd_html_number(gd_text *out, double value); /* three digits that count */
void gd_html_count(gd_text *out, int64_t count); /* "1,234" */
bool gd_html_has_detail(const gd_html *html, size_t at);
void gd_html_place(gd_text *out, const gd_line *line); /* "train.py:19" */

/* A line of the program with its number. anchor: it can be jumped to, and the caller ends it with </span> after its own. */
void gd_html_code_row(gd_text *out, gd_source_line line, int number, bool hot, bool anchor);

/* drawings */
void gd_html_bar(gd_text *out, double share, const char *class_name);  /* 0..1 */
void gd_html_term(gd_text *out, double term, double most);             /* to the right when it speaks for a fault, else to the left */
/* Counts of passed tests upwards and of failed ones downwards, each to its own scale. low, width: of the bins. */
typedef struct {
	const int64_t *passed, *failed;
	size_t bins;
	double low, width, mark; /* mark: a line at that value; NaN: none */
	bool cut_low, cut_high;
	bool root;               /* heights go with the square root of the counts, so that rare values are seen beside frequent ones */
	const char *label;       /* what it shows, for those who cannot see it; ours */
} gd_html_bins;
void gd_html_histogram(gd_text *out, const gd_html_bins *bins);
/* The least and the highest activity, in 1/255: what the faintest and the fullest colour stand for. */
void gd_html_heat_range(const gd_entry_view *view, unsigned *low, unsigned *high);
void gd_html_heat(gd_html *html, gd_text *out, const gd_entry_view *view);

#endif
