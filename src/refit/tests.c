#include "refit/tests.h"
#include "engine/convert.h"
#include "engine/session.h"
#include <math.h>
#include <string.h>

enum { LEAST_FIT = 32, MOST_FIT = 256 };

/* ---- the loss ---------------------------------------------------------------------------------------------------- */

/* Losses of Keras, and the task they suit; others fall back to the task's own. */
static const struct {
	const char *name;
	gd_task task;
	gd_loss loss, logits;
} trained[] = {
	{ "categorical_crossentropy", GD_TASK_MULTICLASS, GD_LOSS_CATEGORICAL, GD_LOSS_CATEGORICAL_LOGITS },
	{ "sparse_categorical_crossentropy", GD_TASK_MULTICLASS, GD_LOSS_CATEGORICAL, GD_LOSS_CATEGORICAL_LOGITS },
	{ "binary_crossentropy", GD_TASK_BINARY, GD_LOSS_BINARY, GD_LOSS_BINARY_LOGITS },
	{ "binary_crossentropy", GD_TASK_MULTILABEL, GD_LOSS_BINARY, GD_LOSS_BINARY_LOGITS },
	{ "hinge", GD_TASK_BINARY, GD_LOSS_HINGE, GD_LOSS_HINGE },
	{ "mean_absolute_error", GD_TASK_REGRESSION, GD_LOSS_ABSOLUTE, GD_LOSS_ABSOLUTE },
	{ "mae", GD_TASK_REGRESSION, GD_LOSS_ABSOLUTE, GD_LOSS_ABSOLUTE },
	{ "", GD_TASK_MULTICLASS, GD_LOSS_CATEGORICAL, GD_LOSS_CATEGORICAL_LOGITS },
	{ "", GD_TASK_BINARY, GD_LOSS_BINARY, GD_LOSS_BINARY_LOGITS },
	{ "", GD_TASK_MULTILABEL, GD_LOSS_BINARY, GD_LOSS_BINARY_LOGITS },
	{ "", GD_TASK_REGRESSION, GD_LOSS_SQUARED, GD_LOSS_SQUARED },
};

static gd_loss choose_loss(const gd_model *model, const gd_oracle *oracle)
{
	gd_task task = oracle->labels->task;
	if (task == GD_TASK_BINARY && oracle->units == 2)
		task = GD_TASK_MULTICLASS;
	if (oracle->form == GD_FORM_SIGNS)
		return GD_LOSS_HINGE;
	const char *name = model->training.loss ? model->training.loss : "";
	for (size_t i = 0; i < sizeof trained / sizeof trained[0]; i++)
		if (trained[i].task == task && (!*trained[i].name || strcmp(trained[i].name, name) == 0))
			return oracle->form == GD_FORM_LOGITS ? trained[i].logits : trained[i].loss;
	return GD_LOSS_SQUARED;
}

/* ---- rows and targets in memory ---------------------------------------------------------------------------------- */

/* One test's numbers for every input, in the types of the model, to the place `at` of each. */
static gd_status read_rows(gd_feed *inputs, const gd_refit_tests *t, int64_t test, unsigned char *const *to, int64_t at, gd_error *err)
{
	const gd_array *read;
	gd_status status = gd_feed_read(inputs, test, 1, &read, err);
	for (size_t i = 0; i < t->input_count && status == GD_OK; i++) {
		const size_t width = gd_feed_about(inputs, i)->width, size = gd_type_bytes(t->inputs[i].type);
		status = gd_convert(read[i].data, read[i].type, to[i] + (size_t)at * width * size, t->inputs[i].type, width, width, err);
	}
	return status;
}

static gd_status target_of(const gd_refit_tests *t, int64_t test, int64_t *classes, double *numbers, float *out, gd_error *err)
{
	const gd_labels *labels = t->oracle.labels;
	bool by_class = labels->task == GD_TASK_BINARY || labels->task == GD_TASK_MULTICLASS;
	gd_status status = by_class ? gd_labels_classes(labels, test, 1, classes, err) : gd_labels_targets(labels, test, 1, numbers, err);
	for (size_t k = 0; k < t->target_width && status == GD_OK; k++)
		out[k] = by_class ? (t->target_width == 1 ? (float)classes[0] : (float)(classes[0] == (int64_t)k)) : (float)numbers[k];
	if (status == GD_OK && t->loss == GD_LOSS_HINGE)
		for (size_t k = 0; k < t->target_width; k++)
			out[k] = out[k] > 0.5f ? 1.0f : -1.0f;
	return status;
}

/* Scratch for one test. */
typedef struct {
	unsigned char **rows; /* one for each input, in the types of the model */
	int64_t *classes;
	double *numbers;
} row_memory;

static bool rows_new(const gd_refit_tests *t, gd_feed *inputs, int64_t count, gd_arena *arena, unsigned char ***out)
{
	unsigned char **rows = *out = gd_arena_new(arena, t->input_count, sizeof *rows);
	bool fine = rows != NULL;
	for (size_t i = 0; fine && i < t->input_count; i++) {
		rows[i] = gd_arena_new(arena, (size_t)count, gd_type_bytes(t->inputs[i].type) * gd_feed_about(inputs, i)->width);
		fine = rows[i] != NULL;
	}
	return fine;
}

static bool row_memory_new(const gd_refit_tests *t, gd_feed *inputs, gd_arena *arena, row_memory *m)
{
	const size_t width = t->oracle.labels->width;
	*m = (row_memory){ NULL, gd_arena_new(arena, width, sizeof *m->classes), gd_arena_new(arena, width, sizeof *m->numbers) };
	return rows_new(t, inputs, 1, arena, &m->rows) && m->classes && m->numbers;
}

static gd_status load_part(gd_refit_tests *t, gd_feed *inputs, int part, gd_arena *arena, gd_error *err)
{
	const int64_t *list = part == GD_REFIT_FIT ? t->split.fit : t->split.judge, count = gd_refit_tests_count(t, part);
	row_memory m;
	t->targets[part] = gd_arena_new(arena, (size_t)count * t->target_width, sizeof(float));
	if (!rows_new(t, inputs, count, arena, &t->rows[part]) || !t->targets[part] || !row_memory_new(t, inputs, arena, &m))
		return gd_fail_memory(err, "reading the tests to re-fit on");
	gd_status status = GD_OK;
	for (int64_t i = 0; i < count && status == GD_OK; i++) {
		status = read_rows(inputs, t, list[i], t->rows[part], i, err);
		if (status == GD_OK)
			status = target_of(t, list[i], m.classes, m.numbers, t->targets[part] + (size_t)i * t->target_width, err);
	}
	return status;
}

/* What the model and the labels must be like; the reason when they are not. */
static const char *refuse(const gd_model *model, const gd_labels *labels, int64_t tests)
{
	if (model->graph.input_count > GD_REFIT_INPUTS)
		return "the model has too many inputs";
	if (!labels->comparable)
		return "no output of this model can equal the labels";
	if (labels->positions > 1 && (labels->task == GD_TASK_BINARY || labels->task == GD_TASK_MULTICLASS))
		return "the output has a class at each of several places";
	for (size_t i = 0; i < model->graph.input_count; i++)
		if (model->graph.inputs[i].shape.rank < 1 || model->graph.inputs[i].shape.dim[0] > 0)
			return "the model has a fixed batch";
	if (tests < 9)
		return "there are too few tests";
	return NULL;
}

/* An oracle that reads the outputs as the pass over the tests did. */
static gd_status open_oracle(const gd_model *model, const gd_labels *labels, const gd_spectrum *spectrum, gd_arena *arena, gd_refit_tests *out, gd_error *err)
{
	gd_shape shape = model->graph.outputs[0].shape;
	const gd_value *value = gd_graph_value(&model->graph, model->graph.outputs[0].name);
	if (value && value->shape.rank > 0)
		shape = value->shape;
	gd_oracle_request request = { .model = model, .labels = labels, .output = &shape, .room = out->chunk,
		.tolerance = labels->task == GD_TASK_REGRESSION ? spectrum->tolerance : (double)NAN };
	gd_status status = gd_oracle_open(&request, arena, &out->oracle, err);
	for (int form = GD_FORM_PROBABILITY; form < GD_FORM_UNKNOWN; form++)
		if (strcmp(gd_form_name((gd_form)form), spectrum->form) == 0)
			out->oracle.form = (gd_form)form;
	return status;
}

static gd_status set_inputs(const gd_model *model, gd_feed *inputs, gd_arena *arena, gd_refit_tests *out, gd_error *err)
{
	const gd_array *read;
	out->input_count = gd_feed_inputs(inputs);
	out->inputs = gd_arena_new(arena, out->input_count, sizeof *out->inputs);
	if (!out->inputs)
		return gd_fail_memory(err, "reading the tests to re-fit on");
	gd_status status = gd_feed_read(inputs, 0, 1, &read, err);
	for (size_t i = 0; i < out->input_count && status == GD_OK; i++)
		out->inputs[i] = (gd_array){ .type = model->graph.inputs[i].type, .shape = read[i].shape };
	return status;
}

/* What the test says, in the numbers that model and loss take. */
static gd_status draw_lots(const gd_refit_tests *t, gd_feed *inputs, int64_t tests, gd_arena *arena, uint64_t *lots, gd_error *err)
{
	gd_status status = GD_OK;
	row_memory m;
	float *target = gd_arena_new(arena, t->target_width, sizeof *target);
	if (!row_memory_new(t, inputs, arena, &m) || !target)
		return gd_fail_memory(err, "splitting the tests");
	for (int64_t i = 0; i < tests && status == GD_OK; i++) {
		status = read_rows(inputs, t, i, m.rows, 0, err);
		if (status == GD_OK)
			status = target_of(t, i, m.classes, m.numbers, target, err);
		uint64_t lot = GD_SPLIT_SEED;
		for (size_t input = 0; input < t->input_count; input++) {
			const size_t width = gd_feed_about(inputs, input)->width, size = gd_type_bytes(t->inputs[input].type);
			for (size_t k = 0; k < width; k++) {
				uint64_t number = 0;
				memcpy(&number, m.rows[input] + k * size, size);
				lot = gd_split_lot(lot, number);
			}
		}
		for (size_t k = 0; k < t->target_width; k++) {
			uint32_t number;
			memcpy(&number, &target[k], sizeof number);
			lot = gd_split_lot(lot, number);
		}
		lots[i] = lot;
	}
	return status;
}

/* Strata: verdict and expected class, so that each part has its share of every kind. */
static gd_status split(const gd_spectrum *spectrum, gd_feed *inputs, gd_arena *arena, gd_refit_tests *out, gd_error *err)
{
	int64_t *strata = gd_arena_new(arena, (size_t)spectrum->tests, sizeof *strata);
	uint64_t *lots = gd_arena_new(arena, (size_t)spectrum->tests, sizeof *lots);
	if (!strata || !lots)
		return gd_fail_memory(err, "splitting the tests");
	gd_status status = draw_lots(out, inputs, spectrum->tests, arena, lots, err);
	for (int64_t i = 0; i < spectrum->tests; i++)
		strata[i] = 2 * (int64_t)spectrum->expected[i] + gd_spectrum_is_failed(spectrum, i);
	int64_t most = out->chunk < MOST_FIT ? 2 * out->chunk : MOST_FIT; /* large models: few tests, or nothing gets done */
	most = most < LEAST_FIT ? LEAST_FIT : most < MOST_FIT ? most : MOST_FIT;
	return status == GD_OK ? gd_split_make(strata, lots, spectrum->tests, most, 2 * most, arena, &out->split, err) : status;
}

gd_status gd_refit_tests_open(const gd_model *model, gd_feed *inputs, const gd_labels *labels, const gd_spectrum *spectrum, gd_arena *arena,
	gd_refit_tests *out, const char **why_not, gd_error *err)
{
	*out = (gd_refit_tests){ .chunk = gd_session_pick_batch(model) };
	*why_not = refuse(model, labels, gd_feed_tests(inputs));
	if (*why_not)
		return GD_OK;
	gd_status status = set_inputs(model, inputs, arena, out, err);
	if (status == GD_OK)
		status = open_oracle(model, labels, spectrum, arena, out, err);
	if (status != GD_OK)
		return status;
	out->loss = choose_loss(model, &out->oracle);
	out->target_width = out->oracle.units * (labels->positions > 1 ? labels->positions : 1);
	status = split(spectrum, inputs, arena, out, err);
	for (int part = 0; part < 2 && status == GD_OK; part++)
		status = load_part(out, inputs, part, arena, err);
	out->failed = gd_arena_new(arena, (size_t)out->split.judge_count, sizeof *out->failed);
	if (status == GD_OK && !out->failed)
		status = gd_fail_memory(err, "judging the tests");
	for (int64_t i = 0; i < out->split.judge_count && status == GD_OK; i++) {
		out->failed[i] = gd_spectrum_is_failed(spectrum, out->split.judge[i]);
		out->judge_failed += out->failed[i];
	}
	return status;
}

int64_t gd_refit_tests_count(const gd_refit_tests *tests, int part)
{
	return part == GD_REFIT_FIT ? tests->split.fit_count : tests->split.judge_count;
}

gd_refit_batch gd_refit_tests_batch(const gd_refit_tests *tests, int part, int64_t first, int64_t count)
{
	gd_refit_batch batch = { .count = count };
	for (size_t i = 0; i < tests->input_count; i++) {
		gd_array *rows = &batch.rows[i];
		size_t width = 1;
		*rows = tests->inputs[i];
		(void)gd_shape_count(&rows->shape, 1, &width); /* it is the shape of rows that were read */
		const size_t row = gd_type_bytes(rows->type) * width;
		rows->data = tests->rows[part][i] + (size_t)first * row;
		rows->bytes = (size_t)count * row;
		rows->shape.dim[0] = count;
	}
	batch.target = (gd_array){ GD_F32, { 2, { count, (int64_t)tests->target_width } }, tests->targets[part] + (size_t)first * tests->target_width,
		(size_t)count * tests->target_width * sizeof(float) };
	return batch;
}
