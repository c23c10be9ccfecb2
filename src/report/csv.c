/* One row a layer (RFC 4180). A text cell that a spreadsheet would take for a formula gets an apostrophe in front; only
 * numbers of our own may begin with a minus. */
#include "report/report.h"
#include <math.h>
#include <string.h>

static void put_cell(gd_text *out, const char *text)
{
	gd_text safe = { 0 };
	gd_text_put_safe(&safe, text ? text : "", 0);
	if (safe.failed)
		out->failed = true;
	gd_text_put(out, "\"");
	if (safe.length && strchr("=+-@", safe.bytes[0]))
		gd_text_put(out, "'");
	for (size_t i = 0; i < safe.length; i++) {
		if (safe.bytes[i] == '"')
			gd_text_put(out, "\"");
		gd_text_add(out, &safe.bytes[i], 1);
	}
	gd_text_put(out, "\"");
	gd_text_free(&safe);
}

static void put_row(gd_text *out, const gd_ranked_entry *entry, size_t rank)
{
	gd_text_printf(out, "%zu,%d,", rank, entry->index);
	put_cell(out, entry->name);
	gd_text_put(out, ",");
	put_cell(out, entry->kind);
	gd_text_put(out, ",");
	if (isfinite(entry->score))
		gd_text_printf(out, "%.17g", entry->score);
	gd_text_put(out, ",");
	put_cell(out, entry->line.line > 0 ? entry->line.file : "");
	gd_text_put(out, ",");
	if (entry->line.line > 0)
		gd_text_printf(out, "%d", entry->line.line);
	gd_text_put(out, ",");
	put_cell(out, entry->evidence_count ? entry->evidence[0].id : "");
	gd_text_put(out, ",");
	put_cell(out, entry->evidence_count ? entry->evidence[0].message : "");
	gd_text_put(out, "\r\n");
}

gd_status gd_report_csv(const gd_ranking *ranking, const gd_page *page, gd_text *out, gd_error *err)
{
	(void)page;
	gd_text_put(out, "rank,index,layer,kind,score,file,line,evidence,message\r\n");
	for (size_t i = 0; i < ranking->layer_count; i++)
		put_row(out, &ranking->layers[i], i + 1);
	return out->failed ? gd_fail_memory(err, "writing the CSV report") : GD_OK;
}
