/* Why: each of the first layers with its evidence, the line, its neurons, who was active when, and its values. */
#include "report/html/html.h"
#include <math.h>
#include <string.h>

enum { OPEN = 3 /* shown unfolded at first */, AROUND = 2 /* lines of the program above and below */ };

void gd_html_why_about(gd_html *html, gd_text *out)
{
	if (html->ranking->layer_count > GD_HTML_DETAILED)
		gd_text_printf(out, "the first %d of %zu layers; <code>dlguider explain MODEL LAYER</code> has the others", GD_HTML_DETAILED,
			html->ranking->layer_count);
	else
		gd_text_put(out, "what speaks for and against each layer");
}

static double largest_term(const gd_ranked_entry *entry)
{
	double most = 0;
	for (size_t i = 0; i < entry->evidence_count; i++)
		most = fabs(entry->evidence[i].term) > most ? fabs(entry->evidence[i].term) : most;
	return most;
}

static void put_item(gd_text *out, const gd_evidence_item *item, double most)
{
	const gd_rule *rule = gd_rule_of(item->id);
	gd_text_printf(out, "<li class=\"%s\">", item->term > 0 ? "for" : "against");
	gd_html_term(out, item->term, most);
	gd_text_printf(out, "<span class=\"value\">%+.2f</span><div><p>", isfinite(item->term) ? item->term : 0);
	gd_html_say(out, item);
	gd_text_put(out, "</p>");
	if (item->mend && item->term > 0) {
		gd_text_put(out, "<p class=\"mend\"><b>Usual mend</b> ");
		gd_escape_markup(out, item->mend, 0);
		gd_text_put(out, "</p>");
	}
	gd_text_put(out, "<p class=\"id\"><code>");
	gd_escape_markup(out, item->id, 0);
	gd_text_printf(out, "</code> %s</p></div></li>", rule->brief);
}

static void put_evidence(gd_html *html, gd_text *out, const gd_ranked_entry *entry)
{
	double sum = 0, most = largest_term(entry);
	if (!entry->evidence_count)
		return;
	gd_text_put(out, "<div class=\"evidence\"><h4>Evidence <small>for a fault to the right, against it to the left</small></h4><ul>");
	for (size_t i = 0; i < entry->evidence_count; i++) {
		put_item(out, &entry->evidence[i], most);
		sum += entry->evidence[i].term;
	}
	gd_text_put(out, "</ul>");
	if (html->ranking->is_probability)
		gd_text_printf(out, "<p class=\"sum\">These add up to <b>%+.2f</b>, which is a probability of 1 / (1 + e<sup>%.2f</sup>) = <b>%.3f</b>.</p>", sum, -sum,
			entry->score);
	gd_text_put(out, "</div>");
}

static void put_source(gd_html *html, gd_text *out, const gd_line *line)
{
	const gd_ranking *r = html->ranking;
	if (line->line < 1)
		return;
	gd_text_put(out, "<figure class=\"source\"><figcaption>");
	gd_escape_markup(out, line->file ? line->file : "", 80);
	gd_text_printf(out, ", line %d", line->line);
	if (line->confidence < .999)
		gd_text_printf(out, " (found with a confidence of %.2f)", line->confidence);
	gd_text_put(out, "</figcaption><pre tabindex=\"0\" aria-label=\"Excerpt of the program\">");
	if (!gd_source_has(r, line)) {
		gd_text_printf(out, "<span class=\"row hot\"><i>%d</i>", line->line);
		gd_escape_markup(out, line->text ? line->text : "", 200);
		gd_text_put(out, "</span>");
	}
	for (int n = line->line - AROUND; gd_source_has(r, line) && n <= (line->end_line > line->line ? line->end_line : line->line) + AROUND; n++) {
		gd_source_line text = gd_source_line_at(r, n);
		if (n >= 1 && (text.text || n == line->line))
			gd_html_code_row(out, text, n, n >= line->line && n <= (line->end_line > line->line ? line->end_line : line->line), false);
	}
	gd_text_put(out, "</pre></figure>");
}

static void put_neurons(gd_text *out, const gd_ranked_entry *entry)
{
	if (!entry->neuron_count)
		return;
	double top = entry->neurons[0].score > 0 ? entry->neurons[0].score : 1;
	gd_text_put(out, "<div class=\"neurons\"><h4>Neurons <small>the most suspicious");
	if (entry->units > entry->neuron_count)
		gd_text_printf(out, " %zu of %zu", entry->neuron_count, entry->units);
	gd_text_put(out, "</small></h4><ol>");
	for (size_t i = 0; i < entry->neuron_count; i++) {
		gd_text_printf(out, "<li><span>%zu</span>", entry->neurons[i].index);
		gd_html_bar(out, entry->neurons[i].score / top, "");
		gd_html_number(out, entry->neurons[i].score);
		gd_text_put(out, "</li>");
	}
	gd_text_put(out, "</ol></div>");
}

static void put_activity(gd_html *html, gd_text *out, const gd_entry_view *view)
{
	gd_text_put(out, "<figure><h4>Activity <small>neurons by tests</small></h4><div class=\"heat-head\"><span class=\"failed\">failed tests</span>"
		"<span class=\"passed\">passed tests</span></div>");
	unsigned low, high;
	gd_html_heat_range(view, &low, &high);
	gd_html_heat(html, out, view);
	gd_text_printf(out, "<figcaption>Rows: neurons, the most suspicious on top. Columns: tests, within each verdict by class. The colour says how many of them are "
		"active, from %.0f %% (faint) to %.0f %% (full).</figcaption></figure>", low / 2.55, high / 2.55);
}

static void put_values(gd_text *out, const gd_entry_view *view)
{
	gd_html_bins bins = { view->passed, view->failed, view->bins, view->low, view->width, NAN, view->cut_low, view->cut_high, true,
		"Histogram of the neurons' values in passed tests (up) and failed tests (down)" };
	int64_t seen[2] = { 0, 0 };
	for (size_t i = 0; i < view->bins; i++) {
		seen[0] += view->passed[i];
		seen[1] += view->failed[i];
	}
	gd_text_put(out, "<figure><h4>Values <small>of the neurons, <span class=\"passed\">passed tests</span> up, <span class=\"failed\">failed tests</span> down</small></h4>");
	bool all_zero = view->zeros[0] + view->zeros[1] == seen[0] + seen[1];
	if (!all_zero)
		gd_html_histogram(out, &bins);
	gd_text_put(out, all_zero ? "<p>All values are exactly 0.</p><figcaption>" : "<figcaption>Heights go with the square root of the counts. ");
	if (!all_zero && view->zeros[0] + view->zeros[1] > 0)
		gd_text_printf(out, "Exactly 0: %.0f %% of the values in passed tests, %.0f %% in failed ones. ", seen[0] ? 100 * (double)view->zeros[0] / (double)seen[0] : 0,
			seen[1] ? 100 * (double)view->zeros[1] / (double)seen[1] : 0);
	if (view->unsound) {
		gd_html_count(out, view->unsound);
		gd_text_put(out, " values are NaN or infinite. ");
	}
	if (view->cut_low || view->cut_high)
		gd_text_put(out, "Values beyond the ends are in the outermost bins.");
	gd_text_put(out, "</figcaption></figure>");
}

static void put_head(gd_html *html, gd_text *out, size_t at)
{
	const gd_ranked_entry *entry = &html->ranking->layers[at];
	gd_text_printf(out, "<details class=\"layer\" id=\"L%zu\"%s><summary><span class=\"rank\">%zu</span><h3>", at + 1,
		at < OPEN && (at == 0 || gd_standing_of(html->ranking, at, html->page) != GD_STANDS_IN_LINE) ? " open" : "", at + 1);
	gd_escape_markup(out, entry->name, 80);
	gd_text_put(out, "</h3><span class=\"kind\">");
	gd_escape_markup(out, entry->kind, 40);
	gd_text_printf(out, ", %zu neuron%s, layer %d of the model</span>", entry->units, entry->units == 1 ? "" : "s", entry->index + 1);
	gd_html_bar(out, gd_standing_share(html->ranking, at), "");
	gd_text_put(out, "<span class=\"score\">");
	gd_html_score(out, entry->score);
	gd_text_put(out, "</span></summary>");
	if (entry->member_count > 1) {
		gd_text_put(out, "<p class=\"members\">Together with ");
		for (size_t i = 0, shown = 0; i < entry->member_count && shown < 8; i++) {
			if (strcmp(entry->members[i], entry->name) == 0)
				continue;
			gd_text_put(out, shown++ ? ", <code>" : "<code>");
			gd_escape_markup(out, entry->members[i], 60);
			gd_text_put(out, "</code>");
		}
		gd_text_put(out, entry->member_count > 9 ? " and others.</p>" : ".</p>");
	}
}

void gd_html_details(gd_html *html, gd_text *out)
{
	for (size_t i = 0; gd_html_has_detail(html, i) && html->status == GD_OK; i++) {
		const gd_ranked_entry *entry = &html->ranking->layers[i];
		put_head(html, out, i);
		gd_text_put(out, "<div class=\"two\"><div>");
		put_source(html, out, gd_standing_line(entry));
		put_evidence(html, out, entry);
		if (!entry->evidence_count)
			put_neurons(out, entry);
		gd_text_put(out, "</div><div>");
		if (entry->view && entry->view->rows)
			put_activity(html, out, entry->view);
		if (entry->view && entry->view->bins)
			put_values(out, entry->view);
		if (entry->evidence_count)
			put_neurons(out, entry);
		gd_text_put(out, "</div></div></details>\n");
	}
}
