/* Drawings: SVG where there is something to read off, a small picture for the heat map. Colours are classes of the style. */
#include "report/base64.h"
#include "report/html/html.h"
#include "report/png.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void gd_html_bar(gd_text *out, double share, const char *class_name)
{
	share = share > 0 ? share < 1 ? share : 1 : 0;
	gd_text_printf(out, "<svg class=\"bar %s\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
		"<rect class=\"rail\" width=\"100\" height=\"10\"/><rect class=\"fill\" width=\"%.1f\" height=\"10\"/></svg>", class_name, 100 * share);
}

void gd_html_term(gd_text *out, double term, double most)
{
	double size = most > 0 && isfinite(term) ? 50 * fabs(term) / most : 0;
	size = size > 50 ? 50 : size;
	gd_text_printf(out, "<svg class=\"term\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"%s\" x=\"%.1f\" "
		"width=\"%.1f\" height=\"10\"/><rect class=\"axis\" x=\"49.6\" width=\".8\" height=\"10\"/></svg>", term > 0 ? "for" : "against",
		term > 0 ? 50 : 50 - size, size);
}

enum { WIDE = 600, UP = 84, DOWN = 64, FOOT = 24 };

static int64_t highest(const int64_t *counts, size_t n)
{
	int64_t most = 0;
	for (size_t i = 0; i < n; i++)
		most = counts[i] > most ? counts[i] : most;
	return most;
}

static double height(const gd_html_bins *b, int64_t count, int64_t most)
{
	double share = most ? (double)count / (double)most : 0;
	return b->root ? sqrt(share) : share;
}

static void put_bin(gd_text *out, const gd_html_bins *b, size_t i, int64_t most_passed, int64_t most_failed)
{
	double step = (double)WIDE / (double)b->bins, x = step * (double)i, from = b->low + b->width * (double)i;
	double up = (double)UP * height(b, b->passed[i], most_passed), down = (double)DOWN * height(b, b->failed[i], most_failed);
	if (!b->passed[i] && !b->failed[i])
		return;
	up = b->passed[i] && up < 1 ? 1 : up; /* what is there can be seen */
	down = b->failed[i] && down < 1 ? 1 : down;
	gd_text_put(out, "<g><title>");
	if (i == 0 && b->cut_low)
		gd_text_put(out, "below ");
	else
		gd_html_number(out, from);
	gd_text_put(out, i == 0 && b->cut_low ? "" : i + 1 == b->bins && b->cut_high ? " and above" : " to ");
	if (!(i + 1 == b->bins && b->cut_high))
		gd_html_number(out, from + b->width);
	gd_text_put(out, ": ");
	gd_html_count(out, b->passed[i]);
	gd_text_put(out, " passed, ");
	gd_html_count(out, b->failed[i]);
	gd_text_put(out, " failed</title>");
	gd_text_printf(out, "<path class=\"hit\" d=\"M%.1f 0h%.1fv%dh-%.1fz\"/>", x, step, UP + DOWN, step);
	if (b->passed[i])
		gd_text_printf(out, "<path class=\"passed\" d=\"M%.1f %.1fh%.1fv%.1fh-%.1fz\"/>", x + .5, (double)UP - up, step - 1, up, step - 1);
	if (b->failed[i])
		gd_text_printf(out, "<path class=\"failed\" d=\"M%.1f %dh%.1fv%.1fh-%.1fz\"/>", x + .5, UP, step - 1, down, step - 1);
	gd_text_put(out, "</g>");
}

static void put_tick(gd_text *out, const gd_html_bins *b, double value, const char *anchor)
{
	double x = b->width > 0 ? (double)WIDE * (value - b->low) / (b->width * (double)b->bins) : 0;
	gd_text_printf(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">", x, UP + DOWN + FOOT - 5, anchor);
	gd_html_number(out, value);
	gd_text_put(out, "</text>");
}

void gd_html_histogram(gd_text *out, const gd_html_bins *b)
{
	double high = b->low + b->width * (double)b->bins;
	int64_t most_passed = highest(b->passed, b->bins), most_failed = highest(b->failed, b->bins);
	gd_text_printf(out, "<svg class=\"histogram\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">", WIDE, UP + DOWN + FOOT, b->label);
	for (size_t i = 0; i < b->bins; i++)
		put_bin(out, b, i, most_passed, most_failed);
	gd_text_printf(out, "<path class=\"axis\" d=\"M0 %dh%d\"/>", UP, WIDE);
	double marked = !isnan(b->mark) ? b->mark : b->low < 0 && high > 0 ? 0 : NAN;
	if (!isnan(marked) && marked > b->low && marked < high) {
		double share = (marked - b->low) / (high - b->low);
		gd_text_printf(out, "<path class=\"mark\" d=\"M%.1f 0v%d\"/>", (double)WIDE * share, UP + DOWN);
		if (share > .12 && share < .88)
			put_tick(out, b, marked, "middle");
	}
	put_tick(out, b, b->low, "start");
	put_tick(out, b, high, "end");
	gd_text_put(out, "</svg>");
}

/* Two inks, each in steps of cover; a column between failed and passed tests stays empty. */
enum { STEPS = 32, GAP = 2 * STEPS };

void gd_html_heat_range(const gd_entry_view *view, unsigned *low, unsigned *high)
{
	*low = 255;
	*high = 0;
	for (size_t i = 0; i < view->rows * view->columns; i++) {
		*low = view->cells[i] < *low ? view->cells[i] : *low;
		*high = view->cells[i] > *high ? view->cells[i] : *high;
	}
	if (*low >= *high) { /* all the same */
		*low = 0;
		*high = 255;
	}
}

void gd_html_heat(gd_html *html, gd_text *out, const gd_entry_view *view)
{
	unsigned low, high;
	gd_html_heat_range(view, &low, &high);
	gd_color palette[GAP + 1];
	for (unsigned i = 0; i < STEPS; i++) {
		uint8_t cover = (uint8_t)(i * 255 / (STEPS - 1));
		palette[i] = (gd_color){ 0xe0, 0x4f, 0x16, cover };
		palette[STEPS + i] = (gd_color){ 0x2b, 0x7c, 0xd3, cover };
	}
	palette[GAP] = (gd_color){ 0, 0, 0, 0 };
	bool gap = view->failed_columns > 0 && view->failed_columns < view->columns;
	size_t width = view->columns + gap;
	uint8_t *pixels = malloc(view->rows * width);
	gd_text png = { 0 };
	if (!pixels) {
		html->status = gd_fail_memory(html->err, "drawing a picture");
		return;
	}
	for (size_t r = 0; r < view->rows; r++)
		for (size_t c = 0; c < width; c++) {
			size_t from = gap && c > view->failed_columns ? c - 1 : c;
			bool between = gap && c == view->failed_columns, failed = from < view->failed_columns;
			uint8_t step = (uint8_t)(between ? 0 : (view->cells[r * view->columns + from] - low) * (STEPS - 1u) / (high - low));
			pixels[r * width + c] = (uint8_t)(between ? GAP : failed ? step : STEPS + step);
		}
	html->status = gd_png_put(&png, pixels, (uint32_t)width, (uint32_t)view->rows, palette, GAP + 1, html->err);
	free(pixels);
	gd_text_printf(out, "<img class=\"heat\" width=\"%zu\" height=\"%zu\" data-split=\"%zu\" data-low=\"%u\" data-high=\"%u\" "
		"data-neurons=\"", width, view->rows, gap ? view->failed_columns : 0, low, high);
	for (size_t r = 0; r < view->rows; r++)
		gd_text_printf(out, "%s%zu", r ? " " : "", view->neurons[r]);
	gd_text_put(out, "\" alt=\"Activity of the neurons (rows, most suspicious first) in the tests (columns, failed ones first)\" src=\"data:image/png;base64,");
	gd_base64_put(out, png.bytes, png.length);
	gd_text_put(out, "\">");
	gd_text_free(&png);
}
