#include "data/labels.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants its includes before it */
#include <cmocka.h>

/* Labels in memory, opened; the caller closes *rows. */
static gd_status open_labels(const double *values, int64_t tests, int64_t width, gd_task task, size_t units,
	size_t positions, gd_rows **rows, gd_labels *out, gd_error *err)
{
	const int64_t dims[] = { tests, width };
	*err = (gd_error){ 0 };
	assert_int_equal(gd_rows_open_memory("y.npy", values, "<f8", width == 0 ? 1 : 2, dims, rows, err), GD_OK);
	const gd_label_model model = { .units = units, .positions = positions, .tests = -1 };
	return gd_labels_open(*rows, task, &model, out, err);
}

static void check_classes(const double *values, int64_t tests, int64_t width, gd_task task, size_t units,
	const int64_t *expected, gd_labels *out)
{
	gd_rows *rows;
	gd_error err;
	int64_t got[32] = { 0 };
	assert_int_equal(open_labels(values, tests, width, task, units, 1, &rows, out, &err), GD_OK);
	assert_int_equal(gd_labels_classes(out, 0, 1, got, &err), GD_OK); /* also in parts */
	assert_int_equal(gd_labels_classes(out, 1, tests - 1, got + 1, &err), GD_OK);
	for (int64_t i = 0; i < tests; i++)
		assert_int_equal(got[i], expected[i]);
	assert_int_equal(out->count, tests);
	gd_rows_close(rows);
	out->rows = NULL;
}

static gd_error refused(const double *values, int64_t tests, int64_t width, gd_task task, size_t units)
{
	gd_rows *rows;
	gd_labels labels;
	gd_error err;
	assert_int_equal(open_labels(values, tests, width, task, units, 1, &rows, &labels, &err), GD_E_INPUT);
	gd_rows_close(rows);
	return err;
}

static const double bits[] = { 0, 1, 1, 0 }, signs[] = { -1, 1, 1, -1 }, classes[] = { 3, 0, 2, 1 };
static const double hot[] = { 0, 0, 1, 1, 0, 0, 0, 1, 0 }, flags[] = { 0, 1, 1, 1, 0, 0 },
					numbers[] = { 1.5, -2, 3, 0 };

static void classes_in_every_coding(void **state)
{
	(void)state;
	gd_labels l;
	check_classes(bits, 4, 0, GD_TASK_BINARY, 1, (int64_t[]){ 0, 1, 1, 0 }, &l);
	assert_true(l.classes == 2 && !l.signs && l.comparable && l.note_count == 0 && l.width == 1);
	check_classes(bits, 4, 1, GD_TASK_BINARY, 2, (int64_t[]){ 0, 1, 1, 0 }, &l);
	assert_true(l.note_count == 0);
	check_classes(signs, 4, 1, GD_TASK_BINARY, 1, (int64_t[]){ 0, 1, 1, 0 }, &l);
	assert_true(l.signs && l.note_count == 1);
	check_classes((double[]){ 0, 1, 1, 0 }, 2, 2, GD_TASK_BINARY, 2, (int64_t[]){ 1, 0 }, &l);
	assert_true(l.one_hot && l.classes == 2);
	check_classes(classes, 4, 0, GD_TASK_MULTICLASS, 4, (int64_t[]){ 3, 0, 2, 1 }, &l);
	assert_true(l.classes == 4 && !l.one_hot && l.note_count == 0);
	check_classes(hot, 3, 3, GD_TASK_MULTICLASS, 3, (int64_t[]){ 2, 0, 1 }, &l);
	assert_true(l.classes == 3 && l.one_hot && l.note_count == 0);
	check_classes((double[]){ 0.1, 0.7, 0.2, 0.5, 0.3, 0.2 }, 2, 3, GD_TASK_MULTICLASS, 3, (int64_t[]){ 1, 0 }, &l);
	assert_true(l.one_hot && l.note_count == 1);
}

static void sound_labels_of_a_faulty_model_stay_usable(void **state)
{
	(void)state;
	gd_labels l;
	check_classes(classes, 4, 1, GD_TASK_MULTICLASS, 1, (int64_t[]){ 3, 0, 2, 1 }, &l);
	assert_string_equal(
		l.notes[0], "the labels have 4 classes, but the model has one output: it cannot tell them apart");
	check_classes(hot, 3, 3, GD_TASK_MULTICLASS, 2, (int64_t[]){ 2, 0, 1 }, &l);
	assert_string_equal(l.notes[0], "the labels have 3 classes, but the model has 2 outputs");
	gd_rows *rows;
	gd_error err;
	double out[8];
	int64_t places[12];
	/* one target, two outputs: Keras trains both on it */
	assert_int_equal(open_labels(numbers, 4, 1, GD_TASK_REGRESSION, 2, 1, &rows, &l, &err), GD_OK);
	assert_true(l.width == 2 && l.comparable && l.note_count == 1);
	assert_int_equal(gd_labels_targets(&l, 0, 4, out, &err), GD_OK);
	for (int i = 0; i < 8; i++)
		assert_true(out[i] == numbers[i / 2]);
	gd_rows_close(rows);
	assert_int_equal(open_labels(hot, 3, 3, GD_TASK_REGRESSION, 2, 1, &rows, &l, &err), GD_OK);
	assert_true(!l.comparable && l.width == 3 && l.note_count == 1);
	gd_rows_close(rows);
	assert_int_equal(open_labels(flags, 2, 3, GD_TASK_MULTILABEL, 5, 1, &rows, &l, &err), GD_OK);
	assert_true(!l.comparable && l.note_count == 1);
	gd_rows_close(rows);
	/* a model that gives three predictions for a test that has one label */
	assert_int_equal(open_labels(classes, 4, 0, GD_TASK_MULTICLASS, 4, 3, &rows, &l, &err), GD_OK);
	assert_true(!l.comparable && l.width == 3);
	assert_int_equal(gd_labels_classes(&l, 0, 4, places, &err), GD_OK);
	assert_true(places[0] == 3 && places[2] == 3 && places[3] == 0 && places[11] == 1);
	gd_rows_close(rows);
}

static void a_label_for_every_place(void **state)
{
	(void)state;
	gd_rows *rows;
	gd_labels l;
	gd_error err;
	int64_t got[4];
	double out[12];
	assert_int_equal(open_labels(classes, 2, 2, GD_TASK_MULTICLASS, 4, 2, &rows, &l, &err), GD_OK);
	assert_true(l.comparable && l.width == 2);
	assert_int_equal(gd_labels_classes(&l, 0, 2, got, &err), GD_OK);
	assert_true(got[0] == 3 && got[3] == 1);
	gd_rows_close(rows);
	const double steps[] = { 0, 1, 1, 0, 1, 0, 0, 1 };
	const int64_t dims[] = { 2, 2, 2 };
	assert_int_equal(gd_rows_open_memory("y.npy", steps, "<f8", 3, dims, &rows, &err), GD_OK);
	assert_int_equal(
		gd_labels_open(rows, GD_TASK_MULTICLASS, &(gd_label_model){ .units = 2, .positions = 2, .tests = 2 }, &l, &err),
		GD_OK);
	assert_int_equal(gd_labels_classes(&l, 0, 2, got, &err), GD_OK);
	assert_true(got[0] == 1 && got[1] == 0 && got[2] == 0 && got[3] == 1);
	/* targets of each place against three outputs of it */
	gd_rows_close(rows);
	assert_int_equal(open_labels(numbers, 2, 2, GD_TASK_REGRESSION, 3, 2, &rows, &l, &err), GD_OK);
	assert_true(l.width == 6 && l.comparable);
	assert_int_equal(gd_labels_targets(&l, 0, 2, out, &err), GD_OK);
	assert_true(out[0] == 1.5 && out[2] == 1.5 && out[3] == -2 && out[6] == 3 && out[11] == 0);
	gd_rows_close(rows);
}

static void flags_and_targets(void **state)
{
	(void)state;
	gd_rows *rows;
	gd_labels l;
	gd_error err;
	double out[6];
	assert_int_equal(open_labels(flags, 2, 3, GD_TASK_MULTILABEL, 3, 1, &rows, &l, &err), GD_OK);
	assert_int_equal(gd_labels_targets(&l, 0, 2, out, &err), GD_OK);
	assert_memory_equal(out, flags, sizeof flags);
	gd_rows_close(rows);
	assert_int_equal(open_labels(signs, 2, 2, GD_TASK_MULTILABEL, 2, 1, &rows, &l, &err), GD_OK);
	assert_int_equal(gd_labels_targets(&l, 0, 2, out, &err), GD_OK);
	assert_true(out[0] == 0 && out[1] == 1 && l.signs);
	gd_rows_close(rows);
	assert_int_equal(open_labels(numbers, 4, 0, GD_TASK_REGRESSION, 1, 1, &rows, &l, &err), GD_OK);
	assert_int_equal(gd_labels_targets(&l, 1, 3, out, &err), GD_OK);
	assert_true(out[0] == -2 && out[2] == 0 && l.low == -2 && l.high == 3);
	assert_true(fabs(l.deviation - 1.8498310733685928) < 1e-15); /* numpy.std */
	gd_rows_close(rows);
}

static void refusals_name_what_was_seen_and_expected(void **state)
{
	(void)state;
	const double bad[] = { 1, 2, 10, 4 }, minus[] = { 0, -3, 1, 1 }, half[] = { 0, 1, 0.5, 1 },
				 nan[] = { 0, 1, (double)NAN, 1 };
	const double from_one[] = { 1, 2, 3, 4 };
	assert_string_equal(
		refused(bad, 4, 0, GD_TASK_MULTICLASS, 10).message, "y.npy: label 10 at test 2, but the model has 10 outputs "
															"(0 to 9); the labels seem to count from 1: subtract 1");
	assert_non_null(strstr(refused(from_one, 4, 0, GD_TASK_MULTICLASS, 4).message, "subtract 1"));
	assert_non_null(strstr(refused(bad, 4, 0, GD_TASK_MULTICLASS, 4).message,
		"label 10 at test 2, but the model has 4 outputs (0 to 3); are"));
	assert_non_null(strstr(refused(minus, 4, 1, GD_TASK_MULTICLASS, 4).message, "label -3 at test 1"));
	assert_non_null(strstr(
		refused(half, 4, 0, GD_TASK_MULTICLASS, 4).message, "label 0.5 at test 2, but classes are whole numbers"));
	assert_non_null(
		strstr(refused(half, 4, 0, GD_TASK_BINARY, 1).message, "label 0.5 at test 2, but binary labels are 0 and 1"));
	assert_non_null(strstr(refused(half, 2, 2, GD_TASK_MULTILABEL, 2).message, "label 0.5 at test 1"));
	assert_non_null(strstr(refused(nan, 4, 0, GD_TASK_REGRESSION, 1).message, "label of test 2 is NaN"));
	assert_non_null(strstr(
		refused(flags, 2, 3, GD_TASK_MULTICLASS, 3).message, "shape (2, 3) should be one-hot, but those of test 0"));
	assert_non_null(strstr(refused(flags, 2, 3, GD_TASK_BINARY, 1).message, "shape (2, 3); expected (2,) or (2, 1)"));
	gd_rows *rows;
	gd_labels l;
	gd_error err = { 0 };
	assert_int_equal(gd_rows_open_memory("y.npy", bits, "<f8", 1, (int64_t[]){ 4 }, &rows, &err), GD_OK);
	assert_int_equal(
		gd_labels_open(rows, GD_TASK_BINARY, &(gd_label_model){ .units = 1, .tests = 5 }, &l, &err), GD_E_INPUT);
	assert_non_null(strstr(err.message, "5 inputs but 4 labels (shape (4,))"));
	gd_rows_close(rows);
}

static void the_task_is_guessed_and_said(void **state)
{
	(void)state;
	const struct {
		const double *values;
		int64_t tests, width;
		size_t units;
		const char *loss;
		gd_task task;
	} rows_of[] = {
		{ bits, 4, 0, 1, NULL, GD_TASK_BINARY },
		{ bits, 4, 1, 2, NULL, GD_TASK_BINARY },
		{ bits, 4, 0, 10, NULL, GD_TASK_MULTICLASS },
		{ signs, 4, 0, 1, NULL, GD_TASK_BINARY },
		{ classes, 4, 0, 4, NULL, GD_TASK_MULTICLASS },
		{ classes, 4, 0, 1, "binary_crossentropy", GD_TASK_MULTICLASS },
		{ classes, 4, 0, 1, "mse", GD_TASK_REGRESSION },
		{ classes, 4, 0, 1, NULL, GD_TASK_REGRESSION },
		{ hot, 3, 3, 3, NULL, GD_TASK_MULTICLASS },
		{ flags, 2, 3, 3, NULL, GD_TASK_MULTILABEL },
		{ numbers, 4, 0, 1, NULL, GD_TASK_REGRESSION },
		{ numbers, 2, 2, 2, NULL, GD_TASK_REGRESSION },
	};
	for (size_t i = 0; i < sizeof rows_of / sizeof rows_of[0]; i++) {
		gd_rows *rows;
		gd_labels l;
		gd_error err = { 0 };
		const int64_t dims[] = { rows_of[i].tests, rows_of[i].width };
		assert_int_equal(gd_rows_open_memory("y", rows_of[i].values, "<f8", dims[1] ? 2 : 1, dims, &rows, &err), GD_OK);
		const gd_label_model model = { .units = rows_of[i].units, .loss = rows_of[i].loss, .tests = -1 };
		assert_int_equal(gd_labels_open(rows, GD_TASK_AUTO, &model, &l, &err), GD_OK);
		assert_string_equal(gd_task_name(l.task), gd_task_name(rows_of[i].task));
		assert_non_null(strstr(l.notes[0], gd_task_name(l.task)));
		gd_rows_close(rows);
	}
	gd_task task;
	assert_true(gd_task_find("multilabel", &task) && task == GD_TASK_MULTILABEL && !gd_task_find("x", &task));
}

static void words_are_numbered_and_said(void **state)
{
	(void)state;
	static const char csv[] = "dog\ncat\ndog\n";
	gd_rows *rows;
	gd_labels l;
	gd_error err = { 0 };
	int64_t got[3];
	assert_int_equal(gd_rows_open_bytes("y.csv", csv, sizeof csv - 1, &rows, &err), GD_OK);
	assert_int_equal(gd_labels_open(rows, GD_TASK_BINARY, &(gd_label_model){ .units = 1, .tests = 3 }, &l, &err), GD_OK);
	assert_int_equal(gd_labels_classes(&l, 0, 3, got, &err), GD_OK);
	assert_true(got[0] == 1 && got[1] == 0 && got[2] == 1);
	assert_string_equal(l.notes[0], "the labels are words, numbered in their order: 0 = cat, 1 = dog");
	gd_rows_close(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_in_every_coding),
		cmocka_unit_test(sound_labels_of_a_faulty_model_stay_usable),
		cmocka_unit_test(a_label_for_every_place),
		cmocka_unit_test(flags_and_targets),
		cmocka_unit_test(refusals_name_what_was_seen_and_expected),
		cmocka_unit_test(the_task_is_guessed_and_said),
		cmocka_unit_test(words_are_numbered_and_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
