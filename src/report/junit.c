/* JUnit XML: a test case a layer, failed when it stands out (or has a score above --fail-on), so that build servers count and
 * show them. No clock: times are 0. Some servers show nothing but the failure's text, so everything is said there. */
#include "report/escape.h"
#include "report/standing.h"
#include <math.h>
#include <string.h>

static void put_attribute(gd_text *out, const char *name, const char *value)
{
	gd_text_printf(out, " %s=\"", name);
	gd_escape_markup(out, value, 0);
	gd_text_put(out, "\"");
}

static void put_counts(gd_text *out, const gd_ranking *ranking, const gd_page *page)
{
	size_t failures = 0;
	for (size_t i = 0; i < ranking->layer_count; i++)
		failures += gd_standing_of(ranking, i, page) >= GD_STANDS_OUT;
	gd_text_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\" time=\"0\"", ranking->layer_count, failures);
}

static void put_property(gd_text *out, const char *name, const char *value)
{
	gd_text_put(out, "<property");
	put_attribute(out, "name", name);
	put_attribute(out, "value", value);
	gd_text_put(out, "/>\n");
}

static void put_properties(gd_text *out, const gd_ranking *ranking)
{
	gd_text number = { 0 };
	gd_text_put(out, "<properties>\n");
	put_property(out, "dlguider", DLGUIDER_VERSION);
	put_property(out, "model", ranking->model_path);
	put_property(out, "sha256", ranking->sha256);
	put_property(out, "method", ranking->method);
	put_property(out, "verdict", ranking->verdict);
	gd_text_printf(&number, "%lld of %lld", (long long)ranking->failed, (long long)ranking->tests);
	put_property(out, "failed", number.bytes ? number.bytes : "");
	gd_text_free(&number);
	gd_text_put(out, "</properties>\n");
}

static void put_failure(gd_text *out, const gd_ranking *ranking, size_t at)
{
	const gd_ranked_entry *entry = &ranking->layers[at];
	const gd_line *line = gd_standing_line(entry);
	gd_text said = { 0 };
	gd_text_printf(&said, "suspect %zu of %zu, score %.3f", at + 1, ranking->layer_count, entry->score);
	gd_text_put(out, "<failure");
	put_attribute(out, "message", said.bytes ? said.bytes : "");
	put_attribute(out, "type", gd_standing_reason(entry) ? gd_standing_reason(entry)->id : "ranking.suspicious-layer");
	gd_text_put(out, ">");
	gd_escape_markup(out, entry->name, 0);
	gd_text_put(out, ": ");
	gd_text_put(out, said.bytes ? said.bytes : "");
	gd_text_free(&said);
	gd_text_put(out, "\n");
	if (line->line > 0) {
		gd_escape_markup(out, line->file ? line->file : "line", 0);
		gd_text_printf(out, ":%d: ", line->line);
		gd_escape_markup(out, line->text ? line->text : "", 0);
		gd_text_put(out, "\n");
	}
	for (size_t i = 0; i < entry->evidence_count; i++) {
		if (!gd_standing_tells(&entry->evidence[i]))
			continue;
		gd_standing_put(&said, &entry->evidence[i]);
		gd_text_put(out, "- ");
		gd_escape_markup(out, said.bytes ? said.bytes : "", 0);
		gd_text_free(&said);
		if (entry->evidence[i].mend) {
			gd_text_put(out, "; mend: ");
			gd_escape_markup(out, entry->evidence[i].mend, 0);
		}
		gd_text_put(out, "\n");
	}
	gd_text_put(out, "</failure>\n");
}

static void put_case(gd_text *out, const gd_ranking *ranking, size_t at, const gd_page *page)
{
	const gd_ranked_entry *entry = &ranking->layers[at];
	const gd_line *line = gd_standing_line(entry);
	bool failed = gd_standing_of(ranking, at, page) >= GD_STANDS_OUT;
	gd_text_put(out, "<testcase");
	put_attribute(out, "classname", gd_base_name(ranking->model_path));
	put_attribute(out, "name", entry->name);
	gd_text_put(out, " time=\"0\"");
	if (line->line > 0) {
		put_attribute(out, "file", line->file ? line->file : "");
		gd_text_printf(out, " line=\"%d\"", line->line);
	}
	gd_text_put(out, failed ? ">\n" : "/>\n");
	if (!failed)
		return;
	put_failure(out, ranking, at);
	gd_text_put(out, "</testcase>\n");
}

gd_status gd_report_junit(const gd_ranking *ranking, const gd_page *page, gd_text *out, gd_error *err)
{
	gd_text_put(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"dlguider\"");
	put_counts(out, ranking, page);
	gd_text_put(out, ">\n<testsuite");
	put_attribute(out, "name", gd_base_name(ranking->model_path));
	put_counts(out, ranking, page);
	gd_text_put(out, ">\n");
	put_properties(out, ranking);
	for (size_t i = 0; i < ranking->layer_count; i++)
		put_case(out, ranking, i, page);
	gd_text_put(out, "<system-out>");
	for (size_t i = 0; i < ranking->note_count; i++) {
		gd_escape_markup(out, ranking->notes[i], 0);
		gd_text_put(out, "\n");
	}
	gd_text_put(out, "</system-out>\n</testsuite>\n</testsuites>\n");
	return out->failed ? gd_fail_memory(err, "writing the JUnit report") : GD_OK;
}
