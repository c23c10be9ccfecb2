#include "report/report.h"
#include <string.h>

const gd_report gd_reports[] = {
	{ "table", "txt", "a table for people, 80 columns when not on a terminal", gd_report_table, NULL },
	{ "json", "json", "everything, for programs (dlguider.ranking/1, see docs/ranking.schema.json)", gd_report_json, NULL },
	{ "csv", "csv", "one row a layer, for spreadsheets", gd_report_csv, NULL },
	{ "html", "html htm", "one page for the browser, with all evidence and drawings, complete in itself", gd_report_html, NULL },
	{ "sarif", "sarif sarif.json", "the layers that stand out, for code scanning and editors (SARIF 2.1.0)", gd_report_sarif, NULL },
	{ "markdown", "md", "a comment for a pull request, or a job summary", gd_report_markdown, NULL },
	{ "junit", "xml", "a test case a layer, failed where it stands out, for build servers", gd_report_junit, NULL },
	{ "gzoltar", "/", "a folder with the spectrum in the text files of GZoltar", NULL, gd_report_gzoltar },
	{ "node-data", "node-data.json", "the scores as colours of a graph, for Model Explorer", gd_report_node_data, NULL },
	{ 0 },
};

const gd_report *gd_report_find(const char *name)
{
	for (const gd_report *report = gd_reports; report->name; report++)
		if (strcmp(report->name, name) == 0)
			return report;
	return NULL;
}
