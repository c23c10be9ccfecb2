#include "report/layout.h"
#include "report/line_hash.h"
#include "report/report.h"
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants its includes before it */
#include <cmocka.h>

/* A ranking by hand with everything that is awkward: a name that drives terminals, one far too long, a score that is no
 * number, evidence with and without a mend, a line. */
static char long_name[5001];
static const char *members_a[] = { "dense_2", "activation \x1b[2J" }, *members_b[] = { "b" }, *members_c[] = { long_name };
static gd_ranked_neuron neurons[] = { { 3, 0.8 }, { 0, 0.1 } };
static gd_evidence_item evidence[] = {
	{ .id = "output.softmax-one-unit", .term = 4.25, .value = 1,
		.message = "softmax over 1 unit is always 1, so every test gets the same answer whatever the layers before it compute",
		.mend = "use activation=\"sigmoid\", or as many units as there are classes", .member = "activation \x1b[2J", .line = { .line = 15 } },
	{ .id = "spectrum", .term = 0.1, .value = NAN, .message = "its neurons are active in failing tests" },
	{ .id = "role.failing", .term = 0.6, .value = 31, .message = "31 % of the tests fail" },
	{ .id = "refit.mended", .term = -0.3, .value = 5, .message = "re-fitting it mends 2 of 38" },
};
static gd_ranked_entry entries[] = {
	{ .index = 1, .name = "dense_2", .kind = "Dense", .members = members_a, .member_count = 2, .score = 0.93, .units = 4, .neurons = neurons,
		.neuron_count = 2, .evidence = evidence, .evidence_count = sizeof evidence / sizeof evidence[0],
		.line = { .file = "some/train.py", .text = "model.add(Dense(1, activation=\"softmax\"))", .line = 14, .column = 11, .end_line = 14, .end_column = 41,
			.confidence = 1 } },
	{ .index = 0, .name = "=b\x1b[31m\"\xff", .kind = "Conv2D", .members = members_b, .member_count = 1, .score = 0.1 + 0.2, .neurons = neurons,
		.neuron_count = 2 },
	{ .index = 2, .name = long_name, .kind = long_name, .members = members_c, .member_count = 1, .score = NAN },
};
static const char *notes[] = { "a note that is long enough to need a second line when the page has no more than eighty columns \x07" };
static gd_option_value options[] = { { "formula", "ochiai", 0 }, { "threshold", NULL, 0.5 } };

static gd_ranking ranking(void)
{
	memset(long_name, 'x', sizeof long_name - 1);
	return (gd_ranking){ .model_path = "a/\x1bmodel.keras", .model_format = "keras3", .sha256 = "00", .parameters = 123, .tests = 120, .passed = 82,
		.failed = 38, .task = "multiclass", .method = "guider", .options = options, .option_count = 2, .layers = entries, .layer_count = 3,
		.verdict = "layer", .notes = notes, .note_count = 1 };
}

static gd_text written(const char *format, gd_page page)
{
	gd_text text = { 0 };
	gd_error err = { 0 };
	gd_ranking r = ranking();
	const gd_report *report = gd_report_find(format);
	assert_non_null(report);
	assert_int_equal(report->write(&r, &page, &text, &err), GD_OK);
	return text;
}

static void assert_fits(const char *text, size_t width)
{
	size_t columns = 0;
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if (*at == '\n') {
			columns = 0;
			continue;
		}
		assert_true(*at >= ' ' && *at != 0x7f);
		columns += (*at & 0xc0) != 0x80;
		assert_true(columns <= width);
	}
}

static void table_fits_any_page_and_is_safe(void **state)
{
	(void)state;
	for (size_t width = 40; width <= 200; width += 7)
		for (int utf8 = 0; utf8 < 2; utf8++) {
			gd_text text = written("table", (gd_page){ .width = width, .utf8 = utf8 });
			assert_fits(text.bytes, width);
			gd_text_free(&text);
		}
	gd_text text = written("table", (gd_page){ .width = 80 });
	assert_non_null(strstr(text.bytes, "120 tests, 38 failed (accuracy 0.683), multiclass"));
	assert_non_null(strstr(text.bytes, "   1 dense_2 "));
	assert_non_null(strstr(text.bytes, "train.py:14"));
	assert_non_null(strstr(text.bytes, "mend: use activation=\"sigmoid\""));
	assert_non_null(strstr(text.bytes, "in line 15"));
	assert_non_null(strstr(text.bytes, "mends 2 of 38")); /* though it speaks against the fault */
	assert_null(strstr(text.bytes, "active in failing tests")); /* too quiet */
	assert_null(strstr(text.bytes, "31 % of the tests fail")); /* true of every layer */
	assert_non_null(strstr(text.bytes, "note: a note"));
	gd_text_free(&text);
	text = written("table", (gd_page){ .width = 80, .top = 1 });
	assert_non_null(strstr(text.bytes, "and 2 more"));
	assert_null(strstr(text.bytes, "   2 "));
	gd_text_free(&text);
}

static void colours_change_nothing_else(void **state)
{
	(void)state;
	gd_text plain = written("table", (gd_page){ .width = 80 }), color = written("table", (gd_page){ .width = 80, .color = true });
	char *to = color.bytes;
	for (const char *from = color.bytes; *from; from++) {
		if (*from == '\x1b')
			from = strchr(from, 'm');
		else
			*to++ = *from;
	}
	*to = 0;
	assert_true(color.length > plain.length);
	/* what is left may keep blanks before a line's end that the plain page has dropped */
	const char *p = plain.bytes, *c = color.bytes;
	for (; *p; p++, c++) {
		while (*p == '\n' && *c == ' ')
			c++;
		assert_int_equal(*p, *c);
	}
	gd_text_free(&plain);
	gd_text_free(&color);
}

static void json_reads_back(void **state)
{
	(void)state;
	gd_text text = written("json", (gd_page){ .width = 80 }), again = written("json", (gd_page){ .width = 40, .color = true, .utf8 = true, .top = 1 });
	assert_string_equal(text.bytes, again.bytes);
	json_error_t error;
	json_t *root = json_loads(text.bytes, JSON_REJECT_DUPLICATES, &error);
	assert_non_null(root);
	assert_string_equal(json_string_value(json_object_get(root, "schema")), "dlguider.ranking/1");
	json_t *tests = json_object_get(root, "tests"), *method = json_object_get(root, "method"), *layers = json_object_get(root, "layers");
	assert_int_equal(json_integer_value(json_object_get(tests, "failed")), 38);
	assert_true(json_number_value(json_object_get(tests, "accuracy")) == 82.0 / 120.0);
	assert_string_equal(json_string_value(json_object_get(method, "formula")), "ochiai");
	assert_true(json_number_value(json_object_get(method, "threshold")) == 0.5);
	assert_int_equal(json_array_size(layers), 3);
	assert_true(json_number_value(json_object_get(json_array_get(layers, 1), "score")) == 0.1 + 0.2);
	assert_true(json_is_null(json_object_get(json_array_get(layers, 2), "score")));
	assert_true(json_is_null(json_object_get(json_array_get(layers, 1), "line")));
	assert_int_equal(json_integer_value(json_object_get(json_object_get(json_array_get(layers, 0), "line"), "line")), 14);
	assert_string_equal(json_string_value(json_object_get(json_array_get(layers, 1), "name")), "=b\x1b[31m\"\xef\xbf\xbd");
	json_t *proofs = json_object_get(json_array_get(layers, 0), "evidence");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(json_array_get(proofs, 0), "line"), "line")), 15);
	assert_true(json_is_null(json_object_get(json_array_get(proofs, 1), "member")) && json_is_null(json_object_get(json_array_get(proofs, 1), "line")));
	assert_true(json_is_null(json_object_get(json_array_get(proofs, 1), "mend")) && json_is_null(json_object_get(json_array_get(proofs, 1), "value")));
	json_decref(root);
	gd_text_free(&text);
	gd_text_free(&again);
}

static void csv_cells_are_no_formulas(void **state)
{
	(void)state;
	gd_text text = written("csv", (gd_page){ .width = 80 });
	assert_non_null(strstr(text.bytes, "\r\n2,0,\"'=b\\x1b[31m\"\"\\xff\",\"Conv2D\",0.30000000000000004,"));
	assert_non_null(strstr(text.bytes, "\r\n1,1,\"dense_2\",\"Dense\",0.93000000000000005,\"some/train.py\",14,"));
	gd_text_free(&text);
}

static void cells_and_bars_have_their_width(void **state)
{
	(void)state;
	for (int utf8 = 0; utf8 < 2; utf8++) {
		gd_page page = { .width = 80, .utf8 = utf8 };
		for (size_t width = 3; width < 20; width++) {
			gd_text text = { 0 };
			gd_layout_cell(&text, &page, "\xc3\xa4\xc3\xb6\xc3\xbc-abcdefgh", width, width % 2, GD_PLAIN);
			assert_int_equal(gd_layout_width(text.bytes), width);
			gd_text_free(&text);
			for (double share = -0.5; share < 1.6; share += 0.01) {
				gd_layout_bar(&text, &page, share, width, GD_PLAIN);
				assert_int_equal(gd_layout_width(text.bytes), width);
				gd_text_free(&text);
			}
		}
	}
	char buffer[32];
	assert_string_equal(gd_layout_grouped(0, buffer), "0");
	assert_string_equal(gd_layout_grouped(999, buffer), "999");
	assert_string_equal(gd_layout_grouped(1234567, buffer), "1,234,567");
	assert_string_equal(gd_layout_grouped(-1000, buffer), "-1,000");
}

static void assert_hash(const char *text, int line, const char *expected)
{
	char hash[GD_LINE_HASH_TEXT];
	gd_error err = { 0 };
	assert_int_equal(gd_line_hash(text, strlen(text), line, hash, &err), GD_OK);
	assert_string_equal(hash, expected);
}

/* What GitHub's uploader computes for these texts. */
static void line_hashes_are_the_published_ones(void **state)
{
	(void)state;
	static const char *const four[] = { "271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1", "" };
	assert_hash("", 1, "c129715d7a2bc9a3:1");
	for (int i = 0; i < 5; i++) {
		assert_hash(" a\nb\n  \t\tc\n d", i + 1, four[i]);
		assert_hash(" a\r\nb\r  \t\tc\n d", i + 1, four[i]);
	}
	char ten[300] = "", count[40];
	for (int i = 0; i < 10; i++)
		strcat(ten, "Lorem ipsum dolor sit amet.\n");
	for (int i = 1; i <= 6; i++) {
		snprintf(count, sizeof count, "a7f2ff13bc495cf2:%d", i);
		assert_hash(ten, i, count);
	}
	assert_hash(ten, 7, "a7f2ff1481e87703:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_fits_any_page_and_is_safe),
		cmocka_unit_test(colours_change_nothing_else),
		cmocka_unit_test(json_reads_back),
		cmocka_unit_test(csv_cells_are_no_formulas),
		cmocka_unit_test(cells_and_bars_have_their_width),
		cmocka_unit_test(line_hashes_are_the_published_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
