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

static gd_status read_rows(gd_rows *inputs, const gd_refit_tests *t, int64_t test, void *scratch, void *out, gd_error *err)
{
	bool whole = t->input_type == GD_I32 || t->input_type == GD_I64;
	gd_status status = whole ? gd_rows_integers(inputs, test, 1, scratch, err) : gd_rows_floats(inputs, test, 1, scratch, err);
	return status == GD_OK ? gd_convert(scratch, whole ? GD_I64 : GD_F32, out, t->input_type, t->input_width, t->input_width, err) : status;
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
	void *row;
	int64_t *classes;
	double *numbers;
} row_memory;

static bool row_memory_new(const gd_refit_tests *t, gd_arena *arena, row_memory *m)
{
	const size_t width = t->oracle.labels->width;
	*m = (row_memory){ gd_arena_new(arena, t->input_width, 8), gd_arena_new(arena, width, sizeof *m->classes), gd_arena_new(arena, width, sizeof *m->numbers) };
	return m->row && m->classes && m->numbers;
}

static gd_status load_part(gd_refit_tests *t, gd_rows *inputs, int part, gd_arena *arena, gd_error *err)
{
	const int64_t *list = part == GD_REFIT_FIT ? t->split.fit : t->split.judge, count = gd_refit_tests_count(t, part);
	const size_t size = gd_type_bytes(t->input_type) * t->input_width;
	row_memory m;
	t->rows[part] = gd_arena_new(arena, (size_t)count, size);
	t->targets[part] = gd_arena_new(arena, (size_t)count * t->target_width, sizeof(float));
	if (!t->rows[part] || !t->targets[part] || !row_memory_new(t, arena, &m))
		return gd_fail_memory(err, "reading the tests to re-fit on");
	gd_status status = GD_OK;
	for (int64_t i = 0; i < count && status == GD_OK; i++) {
		status = read_rows(inputs, t, list[i], m.row, t->rows[part] + (size_t)i * size, err);
		if (status == GD_OK)
			status = target_of(t, list[i], m.classes, m.numbers, t->targets[part] + (size_t)i * t->target_width, err);
	}
	return status;
}

/* What the model and the labels must be like; the reason when they are not. */
static const char *refuse(const gd_model *model, const gd_labels *labels, const gd_rows_info *rows)
{
	if (model->graph.input_count != 1)
		return "the model has several inputs";
	if (!labels->comparable)
		return "no output of this model can equal the labels";
	if (labels->positions > 1 && (labels->task == GD_TASK_BINARY || labels->task == GD_TASK_MULTICLASS))
		return "the output has a class at each of several places";
	const gd_shape *shape = &model->graph.inputs[0].shape;
	if (shape->rank < 1 || shape->dim[0] > 0)
		return "the model has a fixed batch";
	if (rows->count < 9)
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

static void set_input(const gd_model *model, const gd_rows_info *rows, gd_refit_tests *out)
{
	out->input_type = model->graph.inputs[0].type;
	out->input_shape = (gd_shape){ .rank = 1 + rows->rank };
	for (int i = 0; i < rows->rank && i < GD_MAX_RANK - 1; i++)
		out->input_shape.dim[1 + i] = rows->dim[i];
}

/* What the test says, in the numbers that model and loss take. */
static gd_status draw_lots(const gd_refit_tests *t, gd_rows *inputs, int64_t tests, gd_arena *arena, uint64_t *lots, gd_error *err)
{
	const size_t size = gd_type_bytes(t->input_type);
	gd_status status = GD_OK;
	row_memory m;
	unsigned char *row = gd_arena_new(arena, t->input_width, size);
	float *target = gd_arena_new(arena, t->target_width, sizeof *target);
	if (!row_memory_new(t, arena, &m) || !row || !target)
		return gd_fail_memory(err, "splitting the tests");
	for (int64_t i = 0; i < tests && status == GD_OK; i++) {
		status = read_rows(inputs, t, i, m.row, row, err);
		if (status == GD_OK)
			status = target_of(t, i, m.classes, m.numbers, target, err);
		uint64_t lot = GD_SPLIT_SEED;
		for (size_t k = 0; k < t->input_width; k++) {
			uint64_t number = 0;
			memcpy(&number, row + k * size, size);
			lot = gd_split_lot(lot, number);
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
static gd_status split(const gd_spectrum *spectrum, gd_rows *inputs, gd_arena *arena, gd_refit_tests *out, gd_error *err)
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

gd_status gd_refit_tests_open(const gd_model *model, gd_rows *inputs, const gd_labels *labels, const gd_spectrum *spectrum, gd_arena *arena,
	gd_refit_tests *out, const char **why_not, gd_error *err)
{
	const gd_rows_info *about = gd_rows_about(inputs);
	*out = (gd_refit_tests){ .chunk = gd_session_pick_batch(model), .input_width = about->width };
	*why_not = refuse(model, labels, about);
	if (*why_not)
		return GD_OK;
	set_input(model, about, out);
	gd_status status = open_oracle(model, labels, spectrum, arena, out, err);
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
	const size_t row = gd_type_bytes(tests->input_type) * tests->input_width;
	gd_refit_batch batch = { .count = count };
	batch.rows = (gd_array){ tests->input_type, tests->input_shape, tests->rows[part] + (size_t)first * row, (size_t)count * row };
	batch.rows.shape.dim[0] = count;
	batch.target = (gd_array){ GD_F32, { 2, { count, (int64_t)tests->target_width } }, tests->targets[part] + (size_t)first * tests->target_width,
		(size_t)count * tests->target_width * sizeof(float) };
	return batch;
}
