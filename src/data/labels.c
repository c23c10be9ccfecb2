#include "data/labels.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCAN_NUMBERS = 1 << 16, ROUGH = 1000 /* soft labels add up to 1 within 1/ROUGH */ };

/* The first label that breaks a rule. */
typedef struct {
	int64_t test; /* -1: none does */
	double value;
} breach;

/* What one pass over the labels found. */
typedef struct {
	size_t places, group; /* of one test: labels, and numbers each label has (more than one: one-hot or flags) */
	breach whole, flag /* 0 or 1 */, sign /* -1 or 1 */, hot /* one 1, else 0 */, soft /* shares of 1 */, negative,
		beyond;
	double low, high, mean, squares;
	int64_t seen;
} facts;

typedef struct {
	const gd_label_model *model;
	const gd_rows_info *info;
	gd_labels *out;
	facts found;
	char shape[160]; /* of the labels, "(200, 3)" */
} opening;

static void say(gd_labels *labels, const char *format, ...) GD_PRINTF(2, 3);

static void say(gd_labels *labels, const char *format, ...)
{
	if (labels->note_count == GD_LABEL_NOTES)
		return;
	va_list list;
	va_start(list, format);
	vsnprintf(labels->notes[labels->note_count++], sizeof labels->notes[0], format, list);
	va_end(list);
}

static void describe_shape(opening *o)
{
	const size_t size = sizeof o->shape;
	size_t at = (size_t)snprintf(o->shape, size, "(%lld%s", (long long)o->info->count, o->info->rank ? "" : ",");
	for (int i = 0; i < o->info->rank && at < size; i++)
		at += (size_t)snprintf(o->shape + at, size - at, ", %lld", (long long)o->info->dim[i]);
	if (at < size)
		snprintf(o->shape + at, size - at, ")");
}

/* A label is one number, or `group` numbers; a test has one label, or one for each place of the model's output. */
static void find_places(const gd_rows_info *info, size_t positions, facts *f)
{
	f->places = 1;
	f->group = info->width;
	if (info->width == positions || (info->rank >= 2 && info->width % positions == 0))
		f->places = positions;
	f->group = info->width / f->places;
}

static void note_breach(breach *b, bool broken, int64_t test, double value)
{
	if (broken && b->test < 0)
		*b = (breach){ test, value };
}

static void scan_label(facts *f, int64_t test, const double *label, size_t units)
{
	double sum = 0;
	for (size_t i = 0; i < f->group; i++) {
		const double v = label[i], before = f->mean;
		note_breach(&f->whole, v != floor(v) || fabs(v) > 9e15, test, v);
		note_breach(&f->flag, v != 0 && v != 1, test, v);
		note_breach(&f->sign, v != -1 && v != 1, test, v);
		note_breach(&f->soft, v < 0 || v > 1, test, v);
		note_breach(&f->negative, v < 0, test, v);
		note_breach(&f->beyond, units > 0 && v >= (double)units, test, v);
		f->low = f->seen == 0 || v < f->low ? v : f->low;
		f->high = f->seen == 0 || v > f->high ? v : f->high;
		f->seen++;
		f->mean += (v - before) / (double)f->seen;
		f->squares += (v - before) * (v - f->mean);
		sum += v;
	}
	note_breach(&f->hot, f->flag.test == test || sum != 1, test, sum);
	note_breach(&f->soft, fabs(sum - 1) * (double)ROUGH > 1, test, sum);
}

static gd_status scan_test(opening *o, int64_t test, const double *numbers, gd_error *err)
{
	for (size_t i = 0; i < o->info->width; i++)
		if (!isfinite(numbers[i]))
			return gd_fail(err, GD_E_INPUT,
				"%s: the label of test %lld is %s; labels must be finite numbers: leave such tests out", o->info->path,
				(long long)test, isnan(numbers[i]) ? "NaN" : "infinite");
	for (size_t p = 0; p < o->found.places; p++)
		scan_label(&o->found, test, numbers + p * o->found.group, o->model->units);
	return GD_OK;
}

static gd_status scan(opening *o, gd_rows *rows, gd_error *err)
{
	const size_t width = o->info->width;
	const int64_t batch = width < SCAN_NUMBERS ? (int64_t)(SCAN_NUMBERS / width) : 1;
	double *numbers = calloc((size_t)batch, width * sizeof *numbers);
	gd_status status = numbers ? GD_OK : gd_fail_memory(err, "reading the labels");
	for (int64_t first = 0; first < o->info->count && status == GD_OK; first += batch) {
		const int64_t count = o->info->count - first < batch ? o->info->count - first : batch;
		status = gd_rows_doubles(rows, first, count, numbers, err);
		for (int64_t t = 0; t < count && status == GD_OK; t++)
			status = scan_test(o, first + t, numbers + (size_t)t * width, err);
	}
	free(numbers);
	return status;
}

static gd_status refuse_label(const opening *o, const breach *b, const char *expected, gd_error *err)
{
	return gd_fail(
		err, GD_E_INPUT, "%s: label %.9g at test %lld, but %s", o->info->path, b->value, (long long)b->test, expected);
}

/* Classes: one for each place, also where the file has one label for a whole test. */
static void settle_places(opening *o)
{
	gd_labels *l = o->out;
	l->width = l->positions;
	if (o->found.places == l->positions)
		return;
	l->comparable = false;
	say(l, "each test has one label, but the model gives %zu predictions for a test, so every test counts as failed",
		l->positions);
}

static gd_status settle_binary(opening *o, gd_error *err)
{
	const facts *f = &o->found;
	gd_labels *l = o->out;
	l->classes = 2;
	settle_places(o);
	if (f->group == 2 && f->hot.test < 0) {
		l->one_hot = true;
		return GD_OK;
	}
	if (f->group != 1)
		return gd_fail(err, GD_E_INPUT,
			"%s: binary labels have shape %s; expected (%lld,) or (%lld, 1): one 0 or 1 a test; for several labels a "
			"test give --task multilabel",
			o->info->path, o->shape, (long long)l->count, (long long)l->count);
	l->signs = f->flag.test >= 0 && f->sign.test < 0;
	if (l->signs)
		say(l, "the labels are -1 and 1: an output above 0 counts as 1");
	else if (f->flag.test >= 0)
		return refuse_label(
			o, &f->flag, "binary labels are 0 and 1 (or -1 and 1); give another --task, or encode them so", err);
	if (l->units > 2)
		say(l, "the labels have two classes, but the model has %zu outputs", l->units);
	return GD_OK;
}

static gd_status settle_one_hot(opening *o, gd_error *err)
{
	const facts *f = &o->found;
	gd_labels *l = o->out;
	l->one_hot = true;
	l->classes = (int64_t)f->group;
	if (f->hot.test >= 0 && f->soft.test < 0)
		say(l, "the labels are shares of the classes: the largest share of a test counts as its class");
	else if (f->hot.test >= 0)
		return gd_fail(err, GD_E_INPUT,
			"%s: labels of shape %s should be one-hot, but those of test %lld are not a single 1 among zeros; give "
			"--task multilabel or regression, or class numbers of shape (%lld,)",
			o->info->path, o->shape, (long long)f->hot.test, (long long)l->count);
	return GD_OK;
}

/* Words are numbered in the order of their names; where the model has another number of outputs, that order is not the
 * model's. */
static gd_status check_names(opening *o, gd_error *err)
{
	const gd_rows_info *info = o->info;
	const size_t units = o->model->units, count = info->class_count;
	if (count == 0)
		return GD_OK;
	if (o->found.high >= (double)count)
		return gd_fail(err, GD_E_INPUT, "%s: the labels go up to %.9g, but --classes names %zu classes (0 to %zu)", info->path, o->found.high, count, count - 1);
	if (info->classes_told && units > 1 && count != units)
		say(o->out, "--classes names %zu classes, but the model has %zu outputs", count, units);
	if (info->classes_told || units < 2 || count == units)
		return GD_OK;
	return gd_fail(err, GD_E_INPUT,
		"%s: the labels are %zu different words, but the model has %zu outputs; name all classes in the order of the outputs: --classes a,b,...",
		info->path, count, units);
}

static gd_status settle_multiclass(opening *o, gd_error *err)
{
	const facts *f = &o->found;
	gd_labels *l = o->out;
	char expected[160];
	settle_places(o);
	gd_status status = GD_OK;
	if (f->group > 1)
		status = settle_one_hot(o, err);
	else if (f->whole.test >= 0)
		return refuse_label(
			o, &f->whole, "classes are whole numbers from 0; give --task regression if they are quantities", err);
	else if (f->negative.test >= 0)
		return refuse_label(o, &f->negative, "classes are whole numbers from 0; number them so", err);
	else if (f->beyond.test >= 0 && l->units > 1) {
		snprintf(expected, sizeof expected, "the model has %zu outputs (0 to %zu)%s", l->units, l->units - 1,
			f->low >= 1 && f->high == (double)l->units ? "; the labels seem to count from 1: subtract 1"
													   : "; are they labels of another model?");
		return refuse_label(o, &f->beyond, expected, err);
	} else
		l->classes = (int64_t)f->high + 1;
	if (status == GD_OK && l->units == 1 && l->classes > 2)
		say(l, "the labels have %lld classes, but the model has one output: it cannot tell them apart",
			(long long)l->classes);
	else if (status == GD_OK && l->one_hot && l->units > 1 && l->classes != (int64_t)l->units)
		say(l, "the labels have %lld classes, but the model has %zu outputs", (long long)l->classes, l->units);
	return status;
}

static gd_status settle_multilabel(opening *o, gd_error *err)
{
	const facts *f = &o->found;
	gd_labels *l = o->out;
	const size_t outputs = l->units * l->positions;
	l->width = o->info->width;
	l->signs = f->flag.test >= 0 && f->sign.test < 0;
	if (l->signs)
		say(l, "the labels are -1 and 1: an output above 0 counts as 1");
	else if (f->flag.test >= 0)
		return refuse_label(o, &f->flag,
			"the labels of a multi-label model are 0 and 1 (or -1 and 1); give another --task, or encode them so", err);
	if (outputs > 0 && outputs != l->width) {
		l->comparable = false;
		say(l, "each test has %zu labels, but the model has %zu outputs, so every test counts as failed", l->width,
			outputs);
	}
	return GD_OK;
}

static gd_status settle_regression(opening *o, gd_error *err)
{
	gd_labels *l = o->out;
	const size_t outputs = l->units * l->positions, given = o->info->width;
	(void)err;
	l->width = given;
	if (outputs == 0 || outputs == given)
		return GD_OK;
	if (given == 1 || given == l->positions) {
		l->width = outputs;
		say(l, "each test has %zu target%s, but the model has %zu outputs: all of them are compared with %s", given,
			given == 1 ? "" : "s", outputs, given == 1 ? "it" : "that of their place");
	} else {
		l->comparable = false;
		say(l, "each test has %zu targets, but the model has %zu outputs, so every test counts as failed", given,
			outputs);
	}
	return GD_OK;
}

static const struct {
	gd_task task;
	const char *name;
	gd_status (*settle)(opening *o, gd_error *err);
} tasks[] = {
	{ GD_TASK_AUTO, "auto", NULL },
	{ GD_TASK_BINARY, "binary", settle_binary },
	{ GD_TASK_MULTICLASS, "multiclass", settle_multiclass },
	{ GD_TASK_MULTILABEL, "multilabel", settle_multilabel },
	{ GD_TASK_REGRESSION, "regression", settle_regression },
};

const char *gd_task_name(gd_task task)
{
	return tasks[task].name;
}

bool gd_task_find(const char *name, gd_task *out)
{
	for (size_t i = 0; i < sizeof tasks / sizeof tasks[0]; i++)
		if (strcmp(tasks[i].name, name) == 0) {
			*out = tasks[i].task;
			return true;
		}
	return false;
}

/* A guess with the reason that the user reads. */
typedef struct {
	gd_task task;
	const char *why;
} guess;

static guess guess_single(const opening *o)
{
	const facts *f = &o->found;
	const size_t units = o->model->units;
	const bool crossed = o->model->loss && strstr(o->model->loss, "crossentropy") != NULL;
	if (f->whole.test >= 0)
		return (guess){ GD_TASK_REGRESSION, "the labels are no whole numbers" };
	if (units <= 2 && f->flag.test < 0)
		return (guess){ GD_TASK_BINARY, "the labels are 0 and 1" };
	if (units <= 2 && f->sign.test < 0)
		return (guess){ GD_TASK_BINARY, "the labels are -1 and 1" };
	if (units > 1 && f->negative.test < 0 && f->beyond.test < 0)
		return (guess){ GD_TASK_MULTICLASS, "the labels number the model's outputs" };
	if (crossed)
		return (
			guess){ GD_TASK_MULTICLASS, "the labels are whole numbers and the model was trained with a cross-entropy" };
	if (units == 0 && o->info->kind != GD_NUMBER_FLOAT)
		return (guess){ GD_TASK_MULTICLASS, "the labels are whole numbers" };
	return (guess){ GD_TASK_REGRESSION, "the labels are whole numbers that do not number the model's outputs" };
}

static guess guess_task(const opening *o)
{
	const facts *f = &o->found;
	if (f->group == 1)
		return guess_single(o);
	if (f->hot.test < 0)
		return (guess){ GD_TASK_MULTICLASS, "the labels are one-hot" };
	if (f->flag.test < 0)
		return (guess){ GD_TASK_MULTILABEL, "each test has several labels of 0 and 1" };
	if (f->soft.test < 0 && f->group == o->model->units)
		return (guess){ GD_TASK_MULTICLASS, "the labels are shares of the classes" };
	return (guess){ GD_TASK_REGRESSION, "each test has several numbers" };
}

/* Labels that are words: which number each one got. */
static void say_names(opening *o)
{
	const gd_rows_info *info = o->info;
	char list[160] = "";
	size_t at = 0;
	for (size_t i = 0; i < info->class_count && at < sizeof list - 1; i++)
		at += (size_t)snprintf(list + at, sizeof list - at, "%s%zu = %s", i ? ", " : "", i, info->class_names[i]);
	if (info->class_count > 0)
		say(o->out, "the %s: %s%s", info->classes_told ? "classes are" : "labels are words, numbered in their order", list, at < sizeof list ? "" : " ...");
}

static gd_status settle(opening *o, gd_task task, gd_error *err)
{
	gd_labels *l = o->out;
	const facts *f = &o->found;
	if (task == GD_TASK_AUTO) {
		const guess g = guess_task(o);
		task = g.task;
		say(l, "the task was taken to be %s, since %s; give --task if it is another", tasks[task].name, g.why);
	}
	say_names(o);
	gd_status status = check_names(o, err);
	if (status != GD_OK)
		return status;
	l->task = task;
	l->low = f->low;
	l->high = f->high;
	l->deviation = sqrt(f->squares / (double)f->seen);
	l->comparable = true;
	return tasks[task].settle(o, err);
}

gd_status gd_labels_open(gd_rows *rows, gd_task task, const gd_label_model *model, gd_labels *out, gd_error *err)
{
	const breach none = { -1, 0 };
	opening o = { .model = model, .info = gd_rows_about(rows), .out = out };
	o.found = (facts){
		.whole = none, .flag = none, .sign = none, .hot = none, .soft = none, .negative = none, .beyond = none
	};
	*out = (gd_labels){ .rows = rows,
		.count = o.info->count,
		.units = model->units,
		.positions = model->positions ? model->positions : 1 };
	describe_shape(&o);
	if (model->tests >= 0 && model->tests != o.info->count)
		return gd_fail(err, GD_E_INPUT,
			"%s: %lld inputs but %lld labels (shape %s); the first dimension of both must count the tests",
			o.info->path, (long long)model->tests, (long long)o.info->count, o.shape);
	find_places(o.info, out->positions, &o.found);
	gd_status status = scan(&o, rows, err);
	return status == GD_OK ? settle(&o, task, err) : status;
}

/* Place of the largest; the first of equal ones. */
static int64_t largest(const double *numbers, size_t count)
{
	size_t best = 0;
	for (size_t i = 1; i < count; i++)
		if (numbers[i] > numbers[best])
			best = i;
	return (int64_t)best;
}

gd_status gd_labels_classes(const gd_labels *l, int64_t first, int64_t count, int64_t *out, gd_error *err)
{
	const size_t width = gd_rows_about(l->rows)->width;
	const size_t group = l->one_hot ? (size_t)l->classes : 1, places = width / group, repeats = l->width / places;
	double *numbers = calloc((size_t)(count > 0 ? count : 1), width * sizeof *numbers);
	if (!numbers)
		return gd_fail_memory(err, "reading the labels");
	gd_status status = gd_rows_doubles(l->rows, first, count, numbers, err);
	for (size_t i = 0; status == GD_OK && i < (size_t)count * places; i++) {
		int64_t class = l->one_hot ? largest(numbers + i * group, group) : (int64_t)numbers[i];
		if (l->signs)
			class = class > 0;
		for (size_t k = 0; k < repeats; k++)
			out[i * repeats + k] = class;
	}
	free(numbers);
	return status;
}

gd_status gd_labels_targets(const gd_labels *l, int64_t first, int64_t count, double *out, gd_error *err)
{
	const size_t given = gd_rows_about(l->rows)->width, repeats = l->width / given;
	gd_status status = gd_rows_doubles(l->rows, first, count, out, err);
	if (status != GD_OK)
		return status;
	/* From the back, so that repeating in place reads nothing already written. */
	for (size_t i = (size_t)count * given; i-- > 0;) {
		const double value = l->signs ? (out[i] > 0 ? 1 : 0) : out[i];
		for (size_t k = 0; k < repeats; k++)
			out[i * repeats + k] = value;
	}
	return GD_OK;
}
