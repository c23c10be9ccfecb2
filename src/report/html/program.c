/* The program with the lines that made the layers: all of it, or what lies around those lines when it is long. */
#include "report/html/html.h"
#include <stdlib.h>
#include <string.h>

enum { WHOLE = 160 /* lines of a program that is shown whole */, AROUND = 3, MOST_SHOWN = 4000, COLUMNS = 200 };

void gd_html_code_row(gd_text *out, gd_source_line line, int number, bool hot, bool anchor)
{
	char text[4 * COLUMNS + 1];
	size_t length = line.length < sizeof text - 1 ? line.length : sizeof text - 1, from = 0;
	while (length < line.length && length > 0 && ((unsigned char)line.text[length] & 0xc0u) == 0x80u)
		length--;
	gd_text_printf(out, anchor ? "<span class=\"row%s\" id=\"S%d\">" : "<span class=\"row%s\">", hot ? " hot" : "", number);
	gd_text_printf(out, "<i>%d</i>", number);
	for (; from < length && (line.text[from] == ' ' || line.text[from] == '\t'); from++)
		gd_text_put(out, line.text[from] == '\t' ? "    " : " ");
	if (length > from)
		memcpy(text, line.text + from, length - from);
	text[length - from] = 0;
	for (char *tab = text; (tab = strchr(tab, '\t'));)
		*tab = ' ';
	gd_escape_markup(out, text, COLUMNS);
	if (!anchor)
		gd_text_put(out, "</span>");
}

/* The first place in the ranking whose line covers this one; layer_count: none. */
static size_t layer_of(const gd_ranking *r, int line)
{
	size_t i = 0;
	while (i < r->layer_count && !(gd_source_has(r, &r->layers[i].line) && r->layers[i].line.line == line))
		i++;
	return i;
}

/* For each of the lines 1 .. lines: is it shown? All are where the program is short. */
static bool *choose_lines(const gd_ranking *r, int lines)
{
	bool *shown = calloc((size_t)lines + 1, sizeof *shown);
	for (int n = 1; shown && n <= lines; n++)
		shown[n] = lines <= WHOLE;
	for (size_t i = 0; shown && i < r->layer_count; i++) {
		const gd_line *line = &r->layers[i].line;
		for (int n = line->line - AROUND; gd_source_has(r, line) && n <= line->line + AROUND; n++)
			if (n >= 1 && n <= lines)
				shown[n] = true;
	}
	return shown;
}

static void put_chips(gd_html *html, gd_text *out, int line)
{
	const gd_ranking *r = html->ranking;
	size_t shown = 0, more = 0;
	for (size_t i = 0; i < r->layer_count; i++) {
		if (!gd_source_has(r, &r->layers[i].line) || r->layers[i].line.line != line)
			continue;
		if (shown == 3) {
			more++;
			continue;
		}
		shown++;
		gd_text_printf(out, " <a class=\"chip %s\" href=\"#%c%zu\">", gd_standing_of(r, i, html->page) == GD_STANDS_IN_LINE ? "quiet" : "hot",
			gd_html_has_detail(html, i) ? 'L' : 'R', i + 1);
		gd_escape_markup(out, r->layers[i].name, 30);
		gd_text_put(out, " ");
		gd_html_score(out, r->layers[i].score);
		gd_text_put(out, "</a>");
	}
	if (more)
		gd_text_printf(out, " <span class=\"chip quiet\">and %zu more</span>", more);
}

static int line_count(const gd_ranking *r)
{
	int count = 0;
	for (size_t i = 0; i < r->program_length; i++)
		count += r->program_text[i] == '\n';
	return count + (r->program_length && r->program_text[r->program_length - 1] != '\n');
}

void gd_html_program(gd_html *html, gd_text *out)
{
	const gd_ranking *r = html->ranking;
	if (!r->program)
		return;
	int lines = line_count(r), shown = 0;
	bool skipping = false, *chosen = choose_lines(r, lines);
	if (!chosen) {
		html->status = gd_fail_memory(html->err, "writing the HTML report");
		return;
	}
	gd_text_put(out, "<section id=\"program\" aria-labelledby=\"program-title\"><h2 id=\"program-title\">Program <small>");
	gd_escape_markup(out, r->program, 100);
	gd_text_put(out, "</small></h2><div class=\"source whole\"><pre tabindex=\"0\" aria-label=\"The program\">");
	for (int n = 1; n <= lines && shown < MOST_SHOWN; n++) {
		bool wanted = chosen[n];
		if (!wanted && !skipping)
			gd_text_put(out, "<span class=\"row gap\"><i>&#8942;</i></span>");
		skipping = !wanted;
		if (!wanted)
			continue;
		size_t at = layer_of(r, n);
		shown++;
		gd_html_code_row(out, gd_source_line_at(r, n), n, at < r->layer_count && gd_standing_of(r, at, html->page) != GD_STANDS_IN_LINE, true);
		put_chips(html, out, n);
		gd_text_put(out, "</span>");
	}
	free(chosen);
	gd_text_put(out, "</pre></div></section>");
}
