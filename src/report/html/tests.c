/* The tests: how sure the model was, what it took for what, and which failures to look at first. */
#include "report/html/html.h"
#include <math.h>
#include <string.h>

static bool is_regression(const gd_ranking *ranking)
{
	return ranking->task && strcmp(ranking->task, "regression") == 0;
}

static void put_confidence(gd_html *html, gd_text *out)
{
	const gd_overview *o = html->ranking->overview;
	bool regression = is_regression(html->ranking);
	gd_html_bins bins = { o->sure[0], o->sure[1], GD_SURE_BINS, 0, regression ? 4 / (double)GD_SURE_BINS : 1 / (double)GD_SURE_BINS, regression ? 1 : NAN, false,
		regression, false, regression ? "Histogram of the errors of passed tests (up) and failed tests (down)"
		                       : "Histogram of the confidence in passed tests (up) and failed tests (down)" };
	gd_text_printf(out, "<figure><h3>%s</h3>", regression ? "How wrong it was" : "How sure it was");
	gd_html_histogram(out, &bins);
	gd_text_put(out, regression ? "<figcaption>Mean absolute error of a test in tolerances; passed tests up, failed ones down, each to its own scale.</figcaption></figure>"
		: "<figcaption>Confidence of the model, 0 is a guess and 1 certain; <span class=\"passed\">passed tests</span> up, <span class=\"failed\">failed "
		  "tests</span> down, each to its own scale. Failures far to the right are those it was sure of.</figcaption></figure>");
}

static int64_t row_sum(const gd_overview *o, size_t row)
{
	int64_t sum = 0;
	for (size_t k = 0; k < o->classes; k++)
		sum += o->confusion[row * o->classes + k];
	return sum;
}

static void put_confusion_row(const gd_overview *o, gd_text *out, size_t i)
{
	int64_t all = row_sum(o, i);
	gd_text_printf(out, "<tr><th scope=\"row\">%d</th>", o->class_of[i]);
	for (size_t k = 0; k < o->classes; k++) {
		int64_t count = o->confusion[i * o->classes + k];
		int shade = all && count ? 1 + (int)(4 * (double)count / (double)all) : 0;
		gd_text_printf(out, "<td class=\"%s%d\">", i == k ? "right" : "wrong", shade > 5 ? 5 : shade);
		if (count)
			gd_html_count(out, count);
		gd_text_put(out, "</td>");
	}
	gd_text_put(out, "</tr>");
}

static bool is_wide(const gd_overview *overview)
{
	return overview->classes > 10;
}

static void put_confusion(gd_html *html, gd_text *out)
{
	const gd_overview *o = html->ranking->overview;
	if (o->classes < 2)
		return;
	gd_text_put(out, is_wide(o) ? "<figure class=\"wide\">" : "<figure>");
	gd_text_put(out, "<h3>What it took for what</h3><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Confusion table\"><table class=\"confusion\">"
		"<caption class=\"unseen\">Rows: the class in the labels; columns: the class the model gave</caption><thead><tr><th scope=\"col\"><span>label \\ model</span></th>");
	for (size_t k = 0; k < o->classes; k++)
		gd_text_printf(out, "<th scope=\"col\">%d</th>", o->class_of[k]);
	gd_text_put(out, "</tr></thead><tbody>");
	for (size_t i = 0; i < o->classes; i++)
		put_confusion_row(o, out, i);
	gd_text_printf(out, "</tbody></table></div><figcaption>Rows are the labels, columns what the model said%s.</figcaption></figure>",
		o->all_classes ? "" : "; only the classes with the most failures");
}

static void put_failures(gd_html *html, gd_text *out)
{
	const gd_overview *o = html->ranking->overview;
	bool regression = is_regression(html->ranking), classes = o->test_count && o->tests[0].expected >= 0;
	if (!o->test_count)
		return;
	gd_text_printf(out, "<figure><h3>Failures to look at first</h3><div class=\"scroll\"><table class=\"failures\"><caption class=\"unseen\">Failed tests, %s first</caption>"
		"<thead><tr><th scope=\"col\">Test</th>", regression ? "the most wrong" : "the surest");
	if (classes)
		gd_text_put(out, "<th scope=\"col\">Label</th><th scope=\"col\">Model</th>");
	gd_text_printf(out, "<th scope=\"col\">%s</th></tr></thead><tbody>", regression ? "Error" : "Confidence");
	for (size_t i = 0; i < o->test_count; i++) {
		const gd_shown_test *t = &o->tests[i];
		gd_text_printf(out, "<tr><th scope=\"row\">%lld</th>", (long long)t->test);
		if (classes)
			gd_text_printf(out, "<td>%d</td><td>%d</td>", t->expected, t->predicted);
		gd_text_put(out, "<td>");
		gd_html_number(out, regression ? t->error : t->confidence);
		gd_text_put(out, "</td></tr>");
	}
	gd_text_printf(out, "</tbody></table></div><figcaption>Tests are counted from 0; %s first.</figcaption></figure>", regression ? "the most wrong" : "those the model was surest of");
}

void gd_html_tests(gd_html *html, gd_text *out)
{
	if (!html->ranking->overview)
		return;
	gd_text_put(out, "<section id=\"tests\" aria-labelledby=\"tests-title\"><h2 id=\"tests-title\">Tests</h2><div class=\"cards\">");
	put_confidence(html, out);
	if (!is_wide(html->ranking->overview))
		put_confusion(html, out);
	put_failures(html, out);
	if (is_wide(html->ranking->overview))
		put_confusion(html, out);
	gd_text_put(out, "</div></section>");
}
