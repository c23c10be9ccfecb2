/* report.h - a ranking, or a model's layers, as text that people or programs read.
 *
 * A report is a pure function of what it shows and of the page: no clock, no locale, no terminal; the same input gives
 * the same bytes. Names from files are escaped for the sink they go to. Output is appended to a gd_text; GD_E_LIMIT when
 * memory is out.
 *
 * To add one: (1) a file NAME.c with the write function, (2) its declaration here and its row in report.c, (3) a test that
 * reads the output back with an independent reader.
 */
#ifndef GD_REPORT_H
#define GD_REPORT_H
#include "method/ranking.h"

typedef struct {
	size_t width; /* columns of the page; at least 40 is assumed */
	bool color;   /* ANSI colours */
	bool utf8;    /* bars and dots may be drawn with UTF-8 */
	size_t top;   /* rows of a table; 0: all. Formats for programs are always complete */
	double fail_above; /* the score above which a layer counts as failed where a format has such a thing; 0: see standing.h */
} gd_page;

typedef struct {
	const char *name;   /* as typed after --format */
	const char *ending; /* usual endings of such a file, without the dot, separated by blanks; "/": a folder */
	const char *about;  /* one line for help and docs */
	gd_status (*write)(const gd_ranking *ranking, const gd_page *page, gd_text *out, gd_error *err);
	/* Instead of write, where a folder of files is meant: spectrum is the one that the ranking was made from. */
	gd_status (*write_folder)(const gd_ranking *ranking, const gd_spectrum *spectrum, const char *folder, gd_error *err);
} gd_report;

extern const gd_report gd_reports[]; /* ends with a row whose name is NULL; the first is the default */
const gd_report *gd_report_find(const char *name); /* NULL if there is none */

gd_status gd_report_table(const gd_ranking *ranking, const gd_page *page, gd_text *out, gd_error *err);
gd_status gd_report_json(const gd_ranking *ranking, const gd_page *page, gd_text *out, gd_error *err);
gd_status gd_report_csv(const gd_ranking *ranking, const gd_page *page, gd_text *out, gd_error *err);
gd_status gd_report_html(const gd_ranking *ranking, const gd_page *page, gd_text *out, gd_error *err);
gd_status gd_report_markdown(const gd_ranking *ranking, const gd_page *page, gd_text *out, gd_error *err);
gd_status gd_report_junit(const gd_ranking *ranking, const gd_page *page, gd_text *out, gd_error *err);
gd_status gd_report_node_data(const gd_ranking *ranking, const gd_page *page, gd_text *out, gd_error *err);
gd_status gd_report_gzoltar(const gd_ranking *ranking, const gd_spectrum *spectrum, const char *folder, gd_error *err);
gd_status gd_report_sarif(const gd_ranking *ranking, const gd_page *page, gd_text *out, gd_error *err);

/* What `inspect` shows. */
GD_MUST_USE gd_status gd_report_model_table(const gd_model *model, const gd_page *page, gd_text *out, gd_error *err);
GD_MUST_USE gd_status gd_report_model_json(const gd_model *model, gd_text *out, gd_error *err);

#endif
