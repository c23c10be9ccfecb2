#include "report/html/html.h"
#include "report/layout.h"
#include <math.h>
#include <stdio.h>

void gd_html_say(gd_text *out, const gd_evidence_item *item)
{
	gd_text said = { 0 };
	gd_standing_say(&said, item);
	gd_escape_markup(out, said.bytes, 0);
	gd_text_free(&said);
}

void gd_html_score(gd_text *out, double score)
{
	if (!isfinite(score))
		gd_text_put(out, "&ndash;");
	else
		gd_text_printf(out, fabs(score) < 1000 ? "%.3f" : "%.2e", score);
}

void gd_html_number(gd_text *out, double value)
{
	if (isfinite(value))
		gd_text_printf(out, "%.3g", value == 0 ? 0 : value); /* no -0 */
	else
		gd_text_put(out, isnan(value) ? "NaN" : value > 0 ? "infinite" : "-infinite");
}

void gd_html_count(gd_text *out, int64_t count)
{
	char buffer[32];
	gd_text_put(out, gd_layout_grouped(count, buffer));
}

bool gd_html_has_detail(const gd_html *html, size_t at)
{
	return at < GD_HTML_DETAILED && at < html->ranking->layer_count;
}

void gd_html_place(gd_text *out, const gd_line *line)
{
	gd_escape_markup(out, line->file ? gd_base_name(line->file) : "line", 40);
	gd_text_printf(out, ":%d", line->line);
}
