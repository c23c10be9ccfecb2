/* The layers: a strip in the order of the model, and the table by suspicion. */
#include "report/html/html.h"
#include <math.h>
#include <string.h>

enum { COLUMNS = 14 /* layers that are drawn as labelled columns; more become tiles */ };

static const char *const moods[] = { [GD_STANDS_IN_LINE] = "quiet", [GD_STANDS_NEAR] = "near", [GD_STANDS_OUT] = "out", [GD_STANDS_ALONE] = "alone" };

void gd_html_layers_about(gd_html *html, gd_text *out)
{
	gd_text_put(out, html->ranking->layer_count > 1 ? "in the order of the model, then by suspicion" : "");
}

static void put_column(gd_html *html, gd_text *out, size_t at)
{
	const gd_ranked_entry *entry = &html->ranking->layers[at];
	double share = gd_standing_share(html->ranking, at), height = 100 * (share > .02 ? share : .02);
	gd_text_printf(out, "<li class=\"%s\"><a href=\"#L%zu\"><span class=\"score\">", moods[gd_standing_of(html->ranking, at, html->page)], at + 1);
	gd_html_score(out, entry->score);
	gd_text_printf(out, "</span><svg viewBox=\"0 0 10 100\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"rail\" width=\"10\" height=\"100\"/>"
		"<rect class=\"fill\" y=\"%.1f\" width=\"10\" height=\"%.1f\"/></svg><span class=\"name\">", 100 - height, height);
	gd_escape_markup(out, entry->name, 40);
	gd_text_put(out, "</span><span class=\"kind\">");
	gd_escape_markup(out, entry->kind, 30);
	gd_text_put(out, "</span></a></li>");
}

static void put_tile(gd_html *html, gd_text *out, size_t at)
{
	const gd_ranked_entry *entry = &html->ranking->layers[at];
	double share = gd_standing_share(html->ranking, at);
	gd_text_printf(out, "<li class=\"%s\">", moods[gd_standing_of(html->ranking, at, html->page)]);
	if (at < GD_HTML_ROWS)
		gd_text_printf(out, "<a href=\"#%c%zu\" data-tip=\"", gd_html_has_detail(html, at) ? 'L' : 'R', at + 1);
	else
		gd_text_put(out, "<a href=\"#ranking\" data-tip=\""); /* the table has no row of it */
	gd_escape_markup(out, entry->name, 60);
	gd_text_put(out, ", ");
	gd_escape_markup(out, entry->kind, 30);
	gd_text_printf(out, ": %zu of %zu, ", at + 1, html->ranking->layer_count);
	gd_html_score(out, entry->score);
	gd_text_printf(out, "\"><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect class=\"rail\" width=\"10\" height=\"10\"/><rect class=\"fill\" width=\"10\" "
		"height=\"10\" fill-opacity=\"%.3f\"/></svg><span class=\"unseen\">", share <= 0 ? 0 : share < 1 ? .08 + .92 * share : 1);
	gd_escape_markup(out, entry->name, 60);
	gd_text_put(out, "</span>");
	if (at < 9)
		gd_text_printf(out, "<b>%zu</b>", at + 1);
	gd_text_put(out, "</a></li>");
}

void gd_html_strip(gd_html *html, gd_text *out)
{
	const gd_ranking *r = html->ranking;
	bool columns = r->layer_count <= COLUMNS;
	gd_text_printf(out, "<ol class=\"strip %s\" aria-label=\"Layers in the order of the model\">", columns ? "columns" : "tiles");
	for (size_t i = 0; i < r->layer_count && i < GD_HTML_ROWS; i++)
		(columns ? put_column : put_tile)(html, out, html->by_index[i]);
	gd_text_put(out, "</ol>");
	if (!columns)
		gd_text_printf(out, "<p class=\"legend\">First layer top left, last one bottom right; the stronger the colour, the more suspicious. "
			"%s</p>", r->layer_count > GD_HTML_ROWS ? "Only the first 2,000 layers are drawn." : "The first nine places are numbered.");
}

static void put_cell_number(gd_text *out, const char *class_name, double value)
{
	gd_text_printf(out, "<td class=\"%s\" data-v=\"%.9g\">", class_name, isfinite(value) ? value : -1e300);
}

static void put_reason(gd_text *out, const gd_ranked_entry *entry)
{
	const gd_evidence_item *reason = gd_standing_reason(entry);
	gd_text_put(out, "<td class=\"why\">");
	if (reason)
		gd_escape_markup(out, reason->message, 160);
	else if (entry->neuron_count && entry->neurons[0].score > 0) {
		gd_text_printf(out, "neuron %zu is the most suspicious (", entry->neurons[0].index);
		gd_html_number(out, entry->neurons[0].score);
		gd_text_put(out, ")");
	}
	gd_text_put(out, "</td></tr>\n");
}

static void put_row(gd_html *html, gd_text *out, size_t at)
{
	const gd_ranked_entry *entry = &html->ranking->layers[at];
	gd_text_printf(out, "<tr id=\"R%zu\" class=\"%s\">", at + 1, moods[gd_standing_of(html->ranking, at, html->page)]);
	put_cell_number(out, "rank", (double)at + 1);
	gd_text_printf(out, "%zu</td><th scope=\"row\">", at + 1);
	if (gd_html_has_detail(html, at))
		gd_text_printf(out, "<a href=\"#L%zu\">", at + 1);
	gd_escape_markup(out, entry->name, 80);
	gd_text_put(out, gd_html_has_detail(html, at) ? "</a></th><td class=\"kind\">" : "</th><td class=\"kind\">");
	gd_escape_markup(out, entry->kind, 40);
	gd_text_put(out, "</td>");
	put_cell_number(out, "units", (double)entry->units);
	gd_html_count(out, (int64_t)entry->units);
	gd_text_put(out, "</td>");
	put_cell_number(out, "place", (double)entry->index);
	gd_text_printf(out, "%d</td>", entry->index + 1);
	put_cell_number(out, "score", entry->score);
	gd_html_bar(out, gd_standing_share(html->ranking, at), "");
	gd_html_score(out, entry->score);
	gd_text_put(out, "</td>");
	if (html->lines)
		put_cell_number(out, "line", entry->line.line > 0 ? entry->line.line : 1e9);
	if (html->lines && entry->line.line > 0) {
		bool here = gd_source_has(html->ranking, &entry->line);
		if (here)
			gd_text_printf(out, "<a href=\"#S%d\">", entry->line.line);
		gd_html_place(out, &entry->line);
		gd_text_put(out, here ? "</a>" : "");
	}
	gd_text_put(out, html->lines ? "</td>" : "");
	put_reason(out, entry);
}

void gd_html_table(gd_html *html, gd_text *out)
{
	static const char *const heads[][2] = { { "rank", "#" }, { "name", "Layer" }, { "kind", "Kind" }, { "units", "Neurons" }, { "place", "Place" },
		{ "score", "Score" }, { "line", "Line" }, { "why", "What speaks most for it" } };
	const gd_ranking *r = html->ranking;
	gd_text_put(out, "<div class=\"scroll\"><table id=\"ranking\"><caption class=\"unseen\">Layers by suspicion</caption><thead><tr>");
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		if (html->lines || strcmp(heads[i][0], "line") != 0)
			gd_text_printf(out, "<th scope=\"col\" class=\"%s\">%s</th>", heads[i][0], heads[i][1]);
	gd_text_put(out, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < r->layer_count && i < GD_HTML_ROWS; i++)
		put_row(html, out, i);
	gd_text_put(out, "</tbody></table></div>");
	if (r->layer_count > GD_HTML_ROWS)
		gd_text_printf(out, "<p class=\"legend\">%zu more layers, all less suspicious, are left out; <code>--format json</code> has them.</p>",
			r->layer_count - GD_HTML_ROWS);
}
