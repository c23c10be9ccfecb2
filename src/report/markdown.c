/* Markdown for a comment on a pull request or a job summary: the verdict, the first layers, the evidence of those that stand
 * out. Always far below GitHub's 65,536 characters. The first line marks the comment, so that a bot can find and replace it. */
#include "report/escape.h"
#include "report/standing.h"
#include <math.h>
#include <string.h>

enum { MOST_ROWS = 20, MOST_NAME = 60, MOST_SENTENCE = 240, MOST_DETAILS = 3, MOST_EVIDENCE = 8 };

static void put_place(gd_text *out, const gd_line *line)
{
	gd_text place = { 0 };
	gd_text_printf(&place, "%s:%d", line->file ? line->file : "line", line->line);
	gd_escape_code(out, place.bytes, 120);
	gd_text_free(&place);
}

static void put_title(gd_text *out, const gd_ranking *ranking)
{
	gd_text_put(out, "<!-- dlguider -->\n### dlguider: ");
	if (strcmp(ranking->verdict, "layer") != 0 || ranking->layer_count == 0) {
		gd_text_put(out, strcmp(ranking->verdict, "outside") == 0 ? "the cause seems to lie outside the layers" : "no layer stands out");
	} else {
		const gd_line *line = gd_standing_line(&ranking->layers[0]);
		gd_text_put(out, "look at layer ");
		gd_escape_code(out, ranking->layers[0].name, MOST_NAME);
		if (line->line > 0) {
			gd_text_put(out, ", ");
			put_place(out, line);
		}
	}
	gd_text_put(out, "\n\n");
	gd_escape_code(out, gd_base_name(ranking->model_path), MOST_NAME);
	gd_text_printf(out, ": %lld of %lld tests fail.\n\n", (long long)ranking->failed, (long long)ranking->tests);
}

static void put_sentence(gd_text *out, const gd_evidence_item *item)
{
	gd_text said = { 0 };
	gd_standing_say(&said, item);
	gd_escape_markdown(out, said.bytes, MOST_SENTENCE);
	gd_text_free(&said);
}

static void put_row(gd_text *out, const gd_ranking *ranking, size_t at, const gd_page *page)
{
	const gd_ranked_entry *entry = &ranking->layers[at];
	const gd_line *line = gd_standing_line(entry);
	bool loud = gd_standing_of(ranking, at, page) >= GD_STANDS_OUT;
	gd_text_printf(out, "| %zu | ", at + 1);
	gd_escape_code(out, entry->name, MOST_NAME);
	gd_text_put(out, " | ");
	gd_escape_markdown(out, entry->kind, MOST_NAME);
	gd_text_put(out, " | ");
	if (isfinite(entry->score))
		gd_text_printf(out, loud ? "**%.3f**" : "%.3f", entry->score);
	gd_text_put(out, " | ");
	if (line->line > 0)
		put_place(out, line);
	gd_text_put(out, " | ");
	if (gd_standing_reason(entry))
		put_sentence(out, gd_standing_reason(entry));
	gd_text_put(out, " |\n");
}

static void put_details(gd_text *out, const gd_ranked_entry *entry)
{
	gd_text_put(out, "\n<details><summary>Evidence on <code>");
	gd_escape_markup(out, entry->name, MOST_NAME);
	gd_text_put(out, "</code></summary>\n\n");
	for (size_t i = 0, shown = 0; i < entry->evidence_count && shown < MOST_EVIDENCE; i++) {
		const gd_evidence_item *item = &entry->evidence[i];
		if (!gd_standing_tells(item))
			continue;
		shown++;
		gd_text_printf(out, "- **%+.2f** ", item->term);
		put_sentence(out, item);
		gd_text_put(out, " (");
		gd_escape_code(out, item->id, MOST_NAME);
		gd_text_put(out, ")");
		if (item->mend) {
			gd_text_put(out, "; mend: ");
			gd_escape_markdown(out, item->mend, MOST_SENTENCE);
		}
		gd_text_put(out, "\n");
	}
	gd_text_put(out, "\n</details>\n");
}

static void put_notes(gd_text *out, const gd_ranking *ranking)
{
	for (size_t i = 0; i < ranking->note_count && i < MOST_ROWS; i++) {
		gd_text_put(out, "\n> ");
		gd_escape_markdown(out, ranking->notes[i], 2 * MOST_SENTENCE);
		gd_text_put(out, "\n");
	}
}

gd_status gd_report_markdown(const gd_ranking *ranking, const gd_page *page, gd_text *out, gd_error *err)
{
	size_t most = page->top && page->top < MOST_ROWS ? page->top : MOST_ROWS, rows = ranking->layer_count < most ? ranking->layer_count : most;
	put_title(out, ranking);
	gd_text_put(out, "| # | layer | kind | score | line | what speaks most for it |\n|--:|---|---|--:|---|---|\n");
	for (size_t i = 0; i < rows; i++)
		put_row(out, ranking, i, page);
	if (rows < ranking->layer_count)
		gd_text_printf(out, "\nand %zu less suspicious layers.\n", ranking->layer_count - rows);
	for (size_t i = 0; i < rows && i < MOST_DETAILS; i++)
		if (gd_standing_of(ranking, i, page) != GD_STANDS_IN_LINE && gd_standing_reason(&ranking->layers[i]))
			put_details(out, &ranking->layers[i]);
	put_notes(out, ranking);
	gd_text_put(out, "\nMade by dlguider " DLGUIDER_VERSION ", method ");
	gd_escape_markdown(out, ranking->method, MOST_NAME);
	gd_text_put(out, ".\n");
	return out->failed ? gd_fail_memory(err, "writing the Markdown report") : GD_OK;
}
