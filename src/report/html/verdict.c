/* The top of the page: what was found, in one sentence, and what it was found in. */
#include "report/html/html.h"
#include <math.h>
#include <string.h>

static bool is_verdict(const gd_html *html, const char *verdict)
{
	return strcmp(html->ranking->verdict, verdict) == 0;
}

static bool accuses(const gd_html *html)
{
	return is_verdict(html, "layer") && html->ranking->layer_count > 0;
}

void gd_html_title(gd_html *html, gd_text *out)
{
	gd_escape_markup(out, gd_base_name(html->ranking->model_path), 60);
	gd_text_put(out, accuses(html) ? ": look at " : is_verdict(html, "outside") ? ": the layers look sound" : ": no layer stands out");
	if (accuses(html))
		gd_escape_markup(out, html->ranking->layers[0].name, 60);
}

void gd_html_mood(gd_html *html, gd_text *out)
{
	gd_text_put(out, accuses(html) ? "guilty" : is_verdict(html, "outside") ? "outside" : "calm");
}

static void put_accusation(gd_html *html, gd_text *out)
{
	const gd_ranked_entry *first = &html->ranking->layers[0];
	const gd_evidence_item *reason = gd_standing_reason(first);
	const gd_line *line = gd_standing_line(first);
	gd_text_put(out, "<p class=\"eyebrow\">Most suspicious layer</p><h1 id=\"verdict\">Look at <a href=\"#L1\">");
	gd_escape_markup(out, first->name, 60);
	gd_text_put(out, "</a>");
	if (line->line > 0) {
		gd_text_put(out, ", <span class=\"nowrap\">");
		gd_html_place(out, line);
		gd_text_put(out, "</span>");
	}
	gd_text_put(out, "</h1>");
	if (html->ranking->is_probability)
		gd_text_printf(out, first->score > .99 ? "<p class=\"odds\"><b>&gt;&#8239;99&#8239;%%</b><span>estimated probability that this layer is at fault</span></p>"
			: "<p class=\"odds\"><b>%.0f&#8239;%%</b><span>estimated probability that this layer is at fault</span></p>", 100 * first->score);
	if (line->line > 0 && line->text && *line->text) {
		gd_text_put(out, "<p class=\"quote\"><code>");
		gd_escape_markup(out, line->text, 160);
		gd_text_put(out, "</code></p>");
	}
	if (!reason)
		return;
	gd_text_put(out, "<p class=\"reason\">");
	gd_html_say(out, reason);
	gd_text_put(out, ".</p>");
	if (reason->mend) {
		gd_text_put(out, "<p class=\"mend\"><b>Usual mend</b> ");
		gd_escape_markup(out, reason->mend, 0);
		gd_text_put(out, "</p>");
	}
}

void gd_html_verdict(gd_html *html, gd_text *out)
{
	const gd_ranking *r = html->ranking;
	if (accuses(html)) {
		put_accusation(html, out);
		return;
	}
	gd_text_put(out, is_verdict(html, "outside") ? "<p class=\"eyebrow\">Verdict</p><h1 id=\"verdict\">The cause seems to lie outside the layers</h1>"
		: "<p class=\"eyebrow\">Verdict</p><h1 id=\"verdict\">No layer stands out</h1>");
	for (size_t i = 0; i < r->note_count; i++)
		if (strstr(r->notes[i], "outside the layers")) {
			gd_text_put(out, "<p class=\"reason\">");
			gd_escape_markup(out, r->notes[i], 0);
			gd_text_put(out, ".</p>");
		}
	if (r->layer_count && r->failed > 0) {
		gd_text_put(out, "<p class=\"reason\">The order below still says where to look first: <a href=\"#L1\">");
		gd_escape_markup(out, r->layers[0].name, 60);
		gd_text_put(out, "</a>");
		if (r->is_probability)
			gd_text_printf(out, " is at fault with an estimated probability of %.0f %%", 100 * r->layers[0].score);
		gd_text_put(out, ".</p>");
	}
}

static void put_fact(gd_text *out, const char *title)
{
	gd_text_printf(out, "<div><dt>%s</dt><dd>", title);
}

void gd_html_facts(gd_html *html, gd_text *out)
{
	const gd_ranking *r = html->ranking;
	double passed = r->tests > 0 ? (double)r->passed / (double)r->tests : 0;
	gd_text_put(out, "<dl class=\"facts\" aria-label=\"What was looked at\">");
	put_fact(out, "Model");
	gd_escape_markup(out, gd_base_name(r->model_path), 40);
	gd_text_printf(out, "<small>%zu layer%s, ", r->layer_count, r->layer_count == 1 ? "" : "s");
	gd_html_count(out, r->parameters);
	gd_text_put(out, " parameters</small></dd></div>");
	put_fact(out, "Tests");
	gd_html_count(out, r->tests);
	gd_text_put(out, "<small>");
	gd_escape_markup(out, r->task, 20);
	gd_text_put(out, "</small></dd></div>");
	put_fact(out, "Failed");
	gd_html_count(out, r->failed);
	gd_html_bar(out, 1 - passed, "split");
	gd_text_printf(out, "<small>%.1f %% of the tests</small></dd></div>", 100 * (1 - passed));
	put_fact(out, r->task && strcmp(r->task, "regression") == 0 ? "Within tolerance" : "Accuracy");
	gd_text_printf(out, "%.3f<small>", passed);
	gd_html_count(out, r->passed);
	gd_text_put(out, " passed</small></dd></div>");
	put_fact(out, "Method");
	gd_escape_markup(out, r->method, 20);
	gd_text_put(out, r->is_probability ? "<small>scores are probabilities</small></dd></div></dl>" : "<small>scores only order the layers</small></dd></div></dl>");
}

void gd_html_sections(gd_html *html, gd_text *out)
{
	gd_text_put(out, "<a href=\"#layers\">Layers</a><a href=\"#why\">Why</a>");
	if (html->ranking->overview)
		gd_text_put(out, "<a href=\"#tests\">Tests</a>");
	if (html->ranking->program)
		gd_text_put(out, "<a href=\"#program\">Program</a>");
	gd_text_put(out, "<a href=\"#about\">About</a>");
}

static void put_pair(gd_text *out, const char *name, const char *text)
{
	gd_text_put(out, "<div><dt>");
	gd_escape_markup(out, name, 0);
	gd_text_put(out, "</dt><dd>");
	gd_escape_markup(out, text, 0);
	gd_text_put(out, "</dd></div>");
}

void gd_html_about(gd_html *html, gd_text *out)
{
	const gd_ranking *r = html->ranking;
	if (r->note_count)
		gd_text_put(out, "<h3>Notes</h3><ul class=\"notes\">");
	for (size_t i = 0; i < r->note_count; i++) {
		gd_text_put(out, "<li>");
		gd_escape_markup(out, r->notes[i], 0);
		gd_text_put(out, "</li>");
	}
	if (r->note_count)
		gd_text_put(out, "</ul>");
	gd_text_put(out, "<h3>How it was made</h3><dl class=\"pairs\">");
	put_pair(out, "model", r->model_path);
	put_pair(out, "format", r->model_format);
	put_pair(out, "SHA-256", r->sha256);
	put_pair(out, "method", r->method);
	for (size_t i = 0; i < r->option_count; i++) {
		gd_text number = { 0 };
		gd_html_number(&number, r->options[i].number);
		put_pair(out, r->options[i].name, r->options[i].text ? r->options[i].text : number.bytes);
		gd_text_free(&number);
	}
	gd_text_put(out, "</dl>");
}
