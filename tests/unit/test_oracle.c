/* Verdicts and how outputs are read, by hand, on models that are a single operation. */
#include "spectrum/oracle.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants its includes before it */
#include <cmocka.h>

enum { TESTS = 4 };

typedef struct {
	gd_model model;
	gd_labels labels;
	gd_oracle oracle;
	gd_verdict verdicts[TESTS];
	gd_rows *rows;
} bench;

typedef struct {
	const char *op, *loss;
	bool from_logits;
	gd_shape output; /* batch first */
	int channel_axis;
	gd_task task;
	const char *dtype;
	const void *labels;
	int label_rank;
	int64_t label_dims[3];
	double tolerance;
} given;

static void open_bench(bench *b, const given *g)
{
	gd_error err = { 0 };
	*b = (bench){ 0 };
	gd_builder builder = { .arena = &b->model.arena, .graph = &b->model.graph };
	const char *out = gd_builder_node(&builder, g->op, "y", (const char *const[]){ "x", NULL });
	out = gd_builder_node(&builder, "Identity", "z", (const char *const[]){ out, NULL }); /* reading looks through it */
	*gd_builder_output(&builder) = (gd_value){ out, GD_F32, g->output };
	b->model.path = "by hand";
	b->model.training = (gd_training){ .loss = g->loss, .from_logits = g->from_logits, .learning_rate = NAN };
	b->model.entries = gd_arena_new(&b->model.arena, 1, sizeof(gd_entry));
	b->model.entries[0] =
		(gd_entry){ .output = out, .channel_axis = g->channel_axis, .value_rank = g->output.rank, .is_output = true };
	b->model.entry_count = 1;
	assert_int_equal(
		gd_rows_open_memory("labels", g->labels, g->dtype, g->label_rank, g->label_dims, &b->rows, &err), GD_OK);
	gd_label_model about = gd_oracle_label_model(&b->model, TESTS);
	if (gd_labels_open(b->rows, g->task, &about, &b->labels, &err) != GD_OK)
		fail_msg("%s", err.message);
	gd_shape seen = g->output;
	seen.dim[0] = TESTS;
	gd_oracle_request request = { &b->model, &b->labels, &seen, g->tolerance, TESTS };
	assert_int_equal(gd_oracle_open(&request, &b->model.arena, &b->oracle, &err), GD_OK);
}

static void judge(bench *b, const float *outputs)
{
	gd_error err = { 0 };
	assert_int_equal(gd_oracle_judge(&b->oracle, 0, TESTS, outputs, b->verdicts, &err), GD_OK);
}

static void close_bench(bench *b)
{
	gd_rows_close(b->rows);
	gd_arena_free(&b->model.arena);
}

static void expect_failed(const bench *b, const char *marks)
{
	for (int i = 0; i < TESTS; i++)
		if (b->verdicts[i].failed != (marks[i] == 'F'))
			fail_msg("test %d: failed is %d", i, b->verdicts[i].failed);
}

static void near(double seen, double expected)
{
	if (!(fabs(seen - expected) <= 1e-7))
		fail_msg("%.17g, by hand %.17g", seen, expected);
}

static void softmax_by_argmax(void **state)
{
	(void)state;
	static const int64_t labels[] = { 0, 2, 1, 0 };
	bench b;
	open_bench(&b, &(given){ .op = "Softmax",
					   .output = { 2, { -1, 3 } },
					   .channel_axis = -1,
					   .dtype = "<i8",
					   .labels = labels,
					   .label_rank = 1,
					   .label_dims = { TESTS },
					   .tolerance = NAN });
	assert_true(b.labels.task == GD_TASK_MULTICLASS && b.oracle.form == GD_FORM_PROBABILITY && !b.oracle.note[0]);
	judge(&b, (const float[]){ 0.5f, 0.25f, 0.25f, 0, 1, 0, 0.25f, NAN, 0.5f, 0.375f, 0.375f, 0.25f });
	expect_failed(&b, "PFFP"); /* NaN fails; the first of equals is taken */
	near(b.verdicts[0].confidence.of[GD_CONFIDENCE_MAX], 0.25);
	near(b.verdicts[1].confidence.of[GD_CONFIDENCE_ENTROPY], 1);
	near(b.verdicts[2].confidence.of[GD_CONFIDENCE_GINI], 0);
	assert_true(!b.verdicts[2].finite && b.verdicts[2].predicted == -1);
	assert_true(b.verdicts[1].expected == 2 && b.verdicts[1].predicted == 1 && b.verdicts[1].error == 1);
	close_bench(&b);
}

static void one_sigmoid_unit_by_threshold(void **state)
{
	(void)state;
	static const unsigned char labels[] = { 0, 1, 1, 0 };
	bench b;
	open_bench(&b, &(given){ .op = "Sigmoid",
					   .output = { 2, { -1, 1 } },
					   .channel_axis = -1,
					   .dtype = "|b1",
					   .labels = labels,
					   .label_rank = 2,
					   .label_dims = { TESTS, 1 },
					   .tolerance = NAN });
	assert_int_equal(b.labels.task, GD_TASK_BINARY);
	judge(&b, (const float[]){ 0.5f, 0.5f, 0.75f, 0.875f });
	expect_failed(&b, "PFPF"); /* 0.5 is not above 0.5 */
	near(b.verdicts[2].confidence.of[GD_CONFIDENCE_MARGIN], 0.5);
	near(b.verdicts[3].confidence.of[GD_CONFIDENCE_GINI], 0.5625);
	close_bench(&b);
}

static void expect_form(const given *g, gd_form form, const char *note)
{
	bench b;
	open_bench(&b, g);
	assert_int_equal(b.oracle.form, form);
	assert_non_null(strstr(b.oracle.note, note));
	close_bench(&b);
}

static void what_tells_logits_from_probabilities(void **state)
{
	(void)state;
	static const int64_t labels[] = { 0, 1, 1, 0 };
	static const int64_t signs[] = { -1, 1, 1, -1 };
	given g = { .op = "Gemm",
		.output = { 2, { -1, 1 } },
		.channel_axis = -1,
		.dtype = "<i8",
		.labels = labels,
		.label_rank = 1,
		.label_dims = { TESTS },
		.tolerance = NAN };
	expect_form(&g, GD_FORM_LOGITS, "without sigmoid");
	g.loss = "binary_crossentropy";
	expect_form(&g, GD_FORM_PROBABILITY, "threshold 0.5");
	g.from_logits = true;
	expect_form(&g, GD_FORM_LOGITS, "as the loss says");
	g.from_logits = false;
	g.loss = "hinge";
	expect_form(&g, GD_FORM_SIGNS, "threshold 0");
	g.loss = "mean_squared_error";
	g.labels = signs;
	g.op = "Tanh";
	expect_form(&g, GD_FORM_SIGNS, "threshold 0");
	g.loss = NULL;
	g.labels = labels;
	expect_form(&g, GD_FORM_UNKNOWN, "");
	g.output.dim[1] = 2;
	g.loss = "sparse_categorical_crossentropy";
	expect_form(&g, GD_FORM_LOGITS, "without sigmoid");
}

static void logits_pass_through_the_threshold_0(void **state)
{
	(void)state;
	static const int64_t labels[] = { 0, 1, 1, 0 };
	bench b;
	open_bench(&b, &(given){ .op = "MatMul",
					   .output = { 1, { -1 } },
					   .channel_axis = -1,
					   .dtype = "<i8",
					   .labels = labels,
					   .label_rank = 1,
					   .label_dims = { TESTS },
					   .tolerance = NAN });
	judge(&b, (const float[]){ 0.25f, 0.25f, 1.0986123f, -5 });
	expect_failed(&b, "FPPP");
	near(b.verdicts[2].confidence.of[GD_CONFIDENCE_MAX], 0.5); /* sigmoid(ln 3) = 3/4 */
	close_bench(&b);
}

static void the_range_decides_where_the_graph_does_not(void **state)
{
	(void)state;
	static const int64_t labels[] = { 0, 1, 1, 0 };
	bench b;
	open_bench(&b, &(given){ .op = "Div",
					   .output = { 2, { -1, 2 } },
					   .channel_axis = -1,
					   .dtype = "<i8",
					   .labels = labels,
					   .label_rank = 1,
					   .label_dims = { TESTS },
					   .tolerance = NAN });
	assert_int_equal(b.oracle.form, GD_FORM_UNKNOWN);
	gd_oracle_set_range(&b.oracle, 0, 1, true);
	assert_int_equal(b.oracle.form, GD_FORM_PROBABILITY);
	gd_oracle_set_range(&b.oracle, 0, 1, false);
	assert_int_equal(b.oracle.form, GD_FORM_LOGITS);
	assert_non_null(strstr(b.oracle.note, "do not sum to 1"));
	gd_oracle_set_range(&b.oracle, -0.5, 1, true);
	assert_int_equal(b.oracle.form, GD_FORM_LOGITS);
	close_bench(&b);
}

static void every_label_must_be_right(void **state)
{
	(void)state;
	static const float labels[] = { 1, 0, 0, 1, 1, 1, 0, 0 };
	bench b;
	open_bench(&b, &(given){ .op = "Sigmoid",
					   .output = { 2, { -1, 2 } },
					   .channel_axis = -1,
					   .task = GD_TASK_MULTILABEL,
					   .dtype = "<f4",
					   .labels = labels,
					   .label_rank = 2,
					   .label_dims = { TESTS, 2 },
					   .tolerance = NAN });
	judge(&b, (const float[]){ 0.75f, 0.25f, 0.75f, 0.75f, 1, 1, 0.25f, 0 });
	expect_failed(&b, "PFPP");
	near(b.verdicts[1].error, 0.5);
	near(b.verdicts[3].confidence.of[GD_CONFIDENCE_MAX], 0.75); /* mean of .5 and 1 */
	near(b.verdicts[2].confidence.of[GD_CONFIDENCE_ENTROPY], 1);
	close_bench(&b);
}

static void regression_within_a_tolerance(void **state)
{
	(void)state;
	static const double labels[] = { 1, 3, 5, 7 }; /* standard deviation sqrt(5) */
	bench b;
	given g = { .op = "Gemm",
		.output = { 2, { -1, 1 } },
		.channel_axis = -1,
		.task = GD_TASK_REGRESSION,
		.dtype = "<f8",
		.labels = labels,
		.label_rank = 1,
		.label_dims = { TESTS },
		.tolerance = NAN };
	open_bench(&b, &g);
	near(b.oracle.tolerance, sqrt(5) / 4);
	close_bench(&b);
	g.tolerance = 0.5;
	open_bench(&b, &g);
	judge(&b, (const float[]){ 1.5f, 3.75f, 50, INFINITY });
	expect_failed(&b, "PFFF");
	near(b.verdicts[0].confidence.of[GD_CONFIDENCE_MAX], 0.75);   /* 1 - 0.5/2 */
	near(b.verdicts[1].confidence.of[GD_CONFIDENCE_GINI], 0.375); /* 0.75/2 */
	near(b.verdicts[2].confidence.of[GD_CONFIDENCE_MARGIN], 1);
	near(b.verdicts[3].confidence.of[GD_CONFIDENCE_MARGIN], 0);
	near(b.verdicts[2].error, 45);
	close_bench(&b);
	static const double same[] = { 4, 4, 4, 4 };
	g.labels = same;
	g.tolerance = NAN;
	open_bench(&b, &g);
	near(b.oracle.tolerance, 1);
	assert_non_null(strstr(b.oracle.note, "all labels are equal"));
	close_bench(&b);
	g.tolerance = 0;
	open_bench(&b, &g);
	judge(&b, (const float[]){ 4, 4.5f, 4, 4 });
	expect_failed(&b, "PFPP");
	near(b.verdicts[0].confidence.of[GD_CONFIDENCE_MAX], 1);
	near(b.verdicts[1].confidence.of[GD_CONFIDENCE_MAX], 1);
	close_bench(&b);
}

static void components_are_averaged(void **state)
{
	(void)state;
	static const float labels[] = { 0, 0, 0, 0, 2, 2, 2, 2 };
	bench b;
	open_bench(&b, &(given){ .op = "Gemm",
					   .output = { 2, { -1, 2 } },
					   .channel_axis = -1,
					   .task = GD_TASK_REGRESSION,
					   .dtype = "<f4",
					   .labels = labels,
					   .label_rank = 2,
					   .label_dims = { TESTS, 2 },
					   .tolerance = 1 });
	judge(&b, (const float[]){ 2, 0, 2, 0.5f, 2, 2, 1, -1 });
	expect_failed(&b, "PFPF");
	near(b.verdicts[1].error, 1.25);
	close_bench(&b);
}

static void places_follow_the_channel_axis(void **state)
{
	(void)state;
	/* two places of three units: channels last (?, 2, 3) and channels first (?, 3, 2) */
	static const int64_t labels[] = { 0, 2, 1, 1, 2, 0, 0, 0 };
	static const float last[TESTS * 6] = { 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 1 };
	float first[TESTS * 6];
	for (int t = 0; t < TESTS; t++)
		for (int place = 0; place < 2; place++)
			for (int unit = 0; unit < 3; unit++)
				first[t * 6 + unit * 2 + place] = last[t * 6 + place * 3 + unit];
	given g = { .op = "Softmax",
		.output = { 3, { -1, 2, 3 } },
		.channel_axis = -1,
		.task = GD_TASK_MULTICLASS,
		.dtype = "<i8",
		.labels = labels,
		.label_rank = 2,
		.label_dims = { TESTS, 2 },
		.tolerance = NAN };
	bench b;
	for (int way = 0; way < 2; way++) {
		open_bench(&b, &g);
		assert_true(b.oracle.units == 3 && b.oracle.places == 2);
		judge(&b, way ? first : last);
		expect_failed(&b, "PPFF");
		near(b.verdicts[2].error, 0.5);
		near(b.verdicts[3].error, 1);
		assert_int_equal(b.verdicts[0].predicted, -1); /* more than one place */
		close_bench(&b);
		g.output = (gd_shape){ 3, { -1, 3, 2 } };
		g.channel_axis = 1;
	}
}

static void labels_no_output_can_equal_fail(void **state)
{
	(void)state;
	static const float labels[] = { 0, 0, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1 };
	bench b;
	open_bench(&b, &(given){ .op = "Sigmoid",
					   .output = { 2, { -1, 2 } },
					   .channel_axis = -1,
					   .task = GD_TASK_MULTILABEL,
					   .dtype = "<f4",
					   .labels = labels,
					   .label_rank = 2,
					   .label_dims = { TESTS, 3 },
					   .tolerance = NAN });
	assert_false(b.labels.comparable);
	judge(&b, (const float[]){ 0, 0, 0, 0, 1, 1, 1, 0 });
	expect_failed(&b, "FFFF");
	near(b.verdicts[0].confidence.of[GD_CONFIDENCE_MAX], 1);
	close_bench(&b);
	static const int64_t classes[] = { 0, 1, 2, 9 };
	open_bench(&b, &(given){ .op = "Softmax",
					   .output = { 2, { -1, 1 } },
					   .channel_axis = -1,
					   .task = GD_TASK_MULTICLASS,
					   .dtype = "<i8",
					   .labels = classes,
					   .label_rank = 1,
					   .label_dims = { TESTS },
					   .tolerance = NAN });
	judge(&b, (const float[]){ 1, 1, 1, 1 }); /* one softmax unit says 1 of everything */
	expect_failed(&b, "FPFF");
	close_bench(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(softmax_by_argmax),
		cmocka_unit_test(one_sigmoid_unit_by_threshold),
		cmocka_unit_test(what_tells_logits_from_probabilities),
		cmocka_unit_test(logits_pass_through_the_threshold_0),
		cmocka_unit_test(the_range_decides_where_the_graph_does_not),
		cmocka_unit_test(every_label_must_be_right),
		cmocka_unit_test(regression_within_a_tolerance),
		cmocka_unit_test(components_are_averaged),
		cmocka_unit_test(places_follow_the_channel_axis),
		cmocka_unit_test(labels_no_output_can_equal_fail),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
