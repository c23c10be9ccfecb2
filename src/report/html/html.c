/* The HTML report: the skeleton page.html with its places filled by the parts. */
#include "report/html/html.h"
#include "base/digest.h"
#include "report/base64.h"
#include "report/html/assets.h"
#include <stdlib.h>
#include <string.h>

/* 'sha256-...' of a style or script, as a content security policy names it. */
static gd_status put_hash(gd_text *out, const char *text, gd_error *err)
{
	char hex[GD_SHA256_TEXT];
	unsigned char bytes[32];
	gd_status status = gd_sha256(text, strlen(text), hex, err);
	if (status != GD_OK)
		return status;
	for (size_t i = 0; i < sizeof bytes; i++) {
		char two[3] = { hex[2 * i], hex[2 * i + 1], 0 };
		bytes[i] = (unsigned char)strtoul(two, NULL, 16);
	}
	gd_text_put(out, "'sha256-");
	gd_base64_put(out, bytes, sizeof bytes);
	gd_text_put(out, "'");
	return GD_OK;
}

static void put_policy(gd_html *html, gd_text *out)
{
	gd_text_put(out, "default-src 'none'; style-src ");
	html->status = put_hash(out, (const char *)gd_html_style, html->err);
	gd_text_put(out, "; script-src ");
	if (html->status == GD_OK)
		html->status = put_hash(out, (const char *)gd_html_script, html->err);
	gd_text_put(out, "; img-src data:; base-uri 'none'; form-action 'none'");
}

static void put_style(gd_html *html, gd_text *out)
{
	(void)html;
	gd_text_put(out, (const char *)gd_html_style);
}

static void put_script(gd_html *html, gd_text *out)
{
	(void)html;
	gd_text_put(out, (const char *)gd_html_script);
}

static void put_version(gd_html *html, gd_text *out)
{
	(void)html;
	gd_text_put(out, DLGUIDER_VERSION);
}

static const struct {
	const char *name;
	void (*put)(gd_html *html, gd_text *out);
} parts[] = {
	{ "policy", put_policy },
	{ "version", put_version },
	{ "style", put_style },
	{ "script", put_script },
	{ "title", gd_html_title },
	{ "sections", gd_html_sections },
	{ "mood", gd_html_mood },
	{ "verdict", gd_html_verdict },
	{ "facts", gd_html_facts },
	{ "layers_about", gd_html_layers_about },
	{ "strip", gd_html_strip },
	{ "table", gd_html_table },
	{ "why_about", gd_html_why_about },
	{ "details", gd_html_details },
	{ "tests", gd_html_tests },
	{ "program", gd_html_program },
	{ "about", gd_html_about },
};

/* A place without a part is a fault of ours, and stays to be seen. */
static void put_part(gd_html *html, gd_text *out, const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (strlen(parts[i].name) == length && strncmp(parts[i].name, name, length) == 0) {
			parts[i].put(html, out);
			return;
		}
	gd_text_add(out, name, length);
}

static void fill(gd_html *html, gd_text *out)
{
	const char *at = (const char *)gd_html_page;
	for (const char *place; html->status == GD_OK && (place = strstr(at, "{{"));) {
		const char *end = strstr(place, "}}");
		gd_text_add(out, at, (size_t)(place - at));
		put_part(html, out, place + 2, (size_t)(end - place - 2));
		at = end + 2;
	}
	gd_text_put(out, at);
}

gd_status gd_report_html(const gd_ranking *ranking, const gd_page *page, gd_text *out, gd_error *err)
{
	gd_html html = { .ranking = ranking, .page = page, .err = err };
	html.by_index = calloc(ranking->layer_count + 1, sizeof *html.by_index);
	if (!html.by_index)
		return gd_fail_memory(err, "writing the HTML report");
	for (size_t i = 0; i < ranking->layer_count; i++)
		html.lines = html.lines || ranking->layers[i].line.line > 0;
	for (size_t i = 0; i < ranking->layer_count; i++)
		if (ranking->layers[i].index >= 0 && (size_t)ranking->layers[i].index < ranking->layer_count)
			html.by_index[ranking->layers[i].index] = i;
	fill(&html, out);
	free(html.by_index);
	if (html.status != GD_OK)
		return html.status;
	return out->failed ? gd_fail_memory(err, "writing the HTML report") : GD_OK;
}
