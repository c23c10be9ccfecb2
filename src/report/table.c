/* The ranking for people: what was ranked, the layers by suspicion with a bar and the reason, then the evidence of the
 * layers on top with what usually mends it, then notes. Fits the page's width. */
#include "report/layout.h"
#include "report/standing.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
	size_t layer, kind, line, why; /* widths; line or why 0: no such column */
	size_t bar;
} columns;

static void put_line_place(char *buffer, size_t size, const gd_line *line)
{
	if (line->line > 0)
		snprintf(buffer, size, "%s:%d", line->file ? gd_base_name(line->file) : "line", line->line);
	else
		buffer[0] = 0;
}

static size_t at_most(size_t value, size_t limit)
{
	return value < limit ? value : limit;
}

/* "   1 " layer, kind, score, bar, line, with blanks before each. */
static size_t used_by(const columns *c)
{
	return 5 + c->layer + 2 + c->kind + 2 + 7 + (c->bar ? 1 + c->bar : 0) + (c->line ? 2 + c->line : 0);
}

static columns measure(const gd_ranking *ranking, const gd_page *page, size_t rows)
{
	columns c = { .layer = 5, .kind = 4, .bar = 10 };
	for (size_t i = 0; i < rows; i++) {
		const gd_ranked_entry *entry = &ranking->layers[i];
		char place[300];
		put_line_place(place, sizeof place, &entry->line);
		size_t layer = gd_layout_width(entry->name), kind = gd_layout_width(entry->kind), line = gd_layout_width(place);
		c.layer = layer > c.layer ? layer : c.layer;
		c.kind = kind > c.kind ? kind : c.kind;
		c.line = line > c.line ? line : c.line;
	}
	c.layer = at_most(c.layer, page->width / 4);
	c.kind = at_most(c.kind, page->width < 60 ? 12 : 18);
	c.line = at_most(c.line, 18);
	if (page->width < used_by(&c))
		c.bar = 0;
	if (page->width < used_by(&c))
		c.line = 0;
	c.why = page->width > used_by(&c) + 2 + 14 ? page->width - used_by(&c) - 2 : 0;
	return c;
}

static void put_score(gd_text *out, double score)
{
	if (!isfinite(score))
		gd_text_put(out, "      -");
	else if (fabs(score) < 1000)
		gd_text_printf(out, "%7.3f", score);
	else
		gd_text_printf(out, "%7.1e", score);
}

/* The loudest reason, or which neurons stand out. */
static void why_of(const gd_ranked_entry *entry, char *buffer, size_t size)
{
	buffer[0] = 0;
	const gd_evidence_item *reason = gd_standing_reason(entry);
	if (reason)
		snprintf(buffer, size, "%s", reason->message);
	if (entry->evidence_count || entry->neuron_count == 0 || !(entry->neurons[0].score > 0))
		return;
	int at = snprintf(buffer, size, entry->neuron_count > 1 ? "neurons" : "neuron");
	for (size_t i = 0; i < entry->neuron_count && i < 4 && entry->neurons[i].score > 0; i++)
		at += snprintf(buffer + at, size - (size_t)at, "%s %zu", i ? "," : "", entry->neurons[i].index);
}

static gd_style style_of(double share)
{
	return share >= 0.75 ? GD_RED : share >= 0.4 ? GD_YELLOW : GD_GREEN;
}

static void put_row(gd_text *out, const gd_page *page, const columns *c, const gd_ranking *ranking, size_t at)
{
	char text[1100];
	const gd_ranked_entry *entry = &ranking->layers[at];
	double share = gd_standing_share(ranking, at);
	gd_text_printf(out, "%4zu ", at + 1);
	gd_layout_cell(out, page, entry->name, c->layer, false, at == 0 ? GD_BOLD : GD_PLAIN);
	gd_text_put(out, "  ");
	gd_layout_cell(out, page, entry->kind, c->kind, false, GD_PLAIN);
	gd_text_put(out, "  ");
	put_score(out, entry->score);
	if (c->bar) {
		gd_text_put(out, " ");
		gd_layout_bar(out, page, share, c->bar, style_of(share));
	}
	if (c->line) {
		put_line_place(text, sizeof text, &entry->line);
		gd_text_put(out, "  ");
		gd_layout_cell(out, page, text, c->line, false, GD_CYAN);
	}
	if (c->why) {
		why_of(entry, text, sizeof text);
		gd_text_put(out, "  ");
		gd_layout_cell(out, page, text, c->why, false, GD_PLAIN);
	}
	while (out->length && out->bytes[out->length - 1] == ' ') /* no blanks at the end of a line */
		out->bytes[--out->length] = 0;
	gd_text_put(out, "\n");
}

static void put_heading(gd_text *out, const gd_page *page, const columns *c)
{
	gd_layout_style(out, page, GD_DIM);
	gd_text_printf(out, "   # %-*s  %-*s    score", (int)c->layer, "layer", (int)c->kind, "kind");
	if (c->bar)
		gd_text_printf(out, " %-*s", (int)c->bar, "");
	if (c->line)
		gd_text_printf(out, "  %-*s", (int)c->line, "line");
	if (c->why)
		gd_text_put(out, "  why");
	while (out->length && out->bytes[out->length - 1] == ' ')
		out->bytes[--out->length] = 0;
	gd_layout_style(out, page, GD_PLAIN);
	gd_text_put(out, "\n");
}

static void put_summary(gd_text *out, const gd_page *page, const gd_ranking *ranking)
{
	char tests[32], failed[32], sentence[900];
	gd_text name = { 0 };
	gd_text_put_safe(&name, gd_base_name(ranking->model_path), page->width / 2 - 5);
	double accuracy = ranking->tests > 0 ? (double)ranking->passed / (double)ranking->tests : 0;
	snprintf(sentence, sizeof sentence, "%zu layer%s, %s test%s, %s failed (%s %.3f), %s, %s", ranking->layer_count,
		ranking->layer_count == 1 ? "" : "s", gd_layout_grouped(ranking->tests, tests), ranking->tests == 1 ? "" : "s",
		gd_layout_grouped(ranking->failed, failed),
		ranking->task && strcmp(ranking->task, "regression") == 0 ? "passed" : "accuracy", accuracy,
		ranking->task ? ranking->task : "task unknown", ranking->method ? ranking->method : "method unknown");
	gd_text_put(&name, ": ");
	gd_layout_wrap(out, page, name.bytes ? name.bytes : "", 2, sentence, GD_PLAIN);
	gd_text_free(&name);
	gd_text_put(out, "\n");
}

static void put_source(gd_text *out, const gd_page *page, const gd_ranked_entry *entry)
{
	if (entry->line.line < 1 || !entry->line.text)
		return;
	char place[300];
	put_line_place(place, sizeof place, &entry->line);
	size_t taken = at_most(gd_layout_width(place), 24), left = page->width - taken - 4;
	gd_text_put(out, "  ");
	gd_layout_cell(out, page, place, taken, false, GD_CYAN);
	gd_text_put(out, "  ");
	gd_layout_cell(out, page, entry->line.text, at_most(gd_layout_width(entry->line.text), left), false, GD_PLAIN);
	gd_text_put(out, "\n");
}

enum { SHOWN_LAYERS = 3, SHOWN_REASONS = 4 }; /* the rest is for explain and JSON */

static bool is_refit(const gd_evidence_item *item)
{
	return strncmp(item->id, "refit.", 6) == 0;
}

static void put_reason(gd_text *out, const gd_page *page, const gd_evidence_item *item)
{
	gd_text sentence = { 0 };
	gd_standing_put(&sentence, item);
	gd_layout_wrap(out, page, "  - ", 4, sentence.bytes ? sentence.bytes : "", GD_PLAIN);
	gd_text_free(&sentence);
	if (item->mend)
		gd_layout_wrap(out, page, "    mend: ", 10, item->mend, GD_GREEN);
}

/* What speaks for the layer's fault, and in any case what re-fitting it did. */
static void put_reasons(gd_text *out, const gd_page *page, const gd_ranked_entry *entry, size_t most)
{
	for (size_t i = 0, shown = 0; i < entry->evidence_count; i++) {
		const gd_evidence_item *item = &entry->evidence[i];
		bool tells = gd_standing_tells(item) && shown < most;
		if (tells || is_refit(item))
			put_reason(out, page, item);
		shown += tells;
	}
}

static bool has_refit(const gd_ranked_entry *entry)
{
	for (size_t i = 0; i < entry->evidence_count; i++)
		if (is_refit(&entry->evidence[i]))
			return true;
	return false;
}

/* Layers worth a look get their reasons; of the others among the first three only what re-fitting did is of use. */
static void put_layer(gd_text *out, const gd_page *page, const gd_ranking *ranking, size_t at)
{
	const gd_ranked_entry *entry = &ranking->layers[at];
	bool suspect = !ranking->is_probability || entry->score >= .1 ||
				   (at == 0 && ranking->verdict && strcmp(ranking->verdict, "layer") == 0);
	bool has_line = at == 0 && entry->line.line > 0;
	if (!(suspect ? entry->evidence_count || has_line : has_refit(entry)))
		return;
	gd_text_put(out, "\n");
	gd_layout_cell(out, page, entry->name, at_most(gd_layout_width(entry->name), page->width - 2), false, GD_BOLD);
	gd_text_put(out, "\n");
	put_source(out, page, entry);
	put_reasons(out, page, entry, suspect ? SHOWN_REASONS : 0);
}

static void put_notes(gd_text *out, const gd_page *page, const gd_ranking *ranking)
{
	for (size_t i = 0; i < ranking->note_count; i++) {
		if (i == 0)
			gd_text_put(out, "\n");
		gd_layout_wrap(out, page, "note: ", 6, ranking->notes[i], GD_PLAIN);
	}
}

static const char *verdict_sentence(const char *verdict)
{
	if (verdict && strcmp(verdict, "none") == 0)
		return "No layer stands out.";
	if (verdict && strcmp(verdict, "outside") == 0)
		return "The cause seems to lie outside the layers.";
	return NULL;
}

gd_status gd_report_table(const gd_ranking *ranking, const gd_page *page, gd_text *out, gd_error *err)
{
	size_t rows = page->top ? at_most(page->top, ranking->layer_count) : ranking->layer_count;
	columns c = measure(ranking, page, rows);
	put_summary(out, page, ranking);
	put_heading(out, page, &c);
	for (size_t i = 0; i < rows; i++)
		put_row(out, page, &c, ranking, i);
	if (rows < ranking->layer_count)
		gd_text_printf(out, "     and %zu more (--top 0 shows all)\n", ranking->layer_count - rows);
	const char *verdict = verdict_sentence(ranking->verdict);
	if (verdict)
		gd_text_printf(out, "\n%s\n", verdict);
	for (size_t i = 0; i < rows && i < SHOWN_LAYERS; i++)
		put_layer(out, page, ranking, i);
	put_notes(out, page, ranking);
	return out->failed ? gd_fail_memory(err, "writing the table") : GD_OK;
}
