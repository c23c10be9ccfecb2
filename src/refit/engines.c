#include "refit/engines.h"
#include <math.h>
#include <string.h>

static const char target_name[] = "dlguider.target";
enum { LOSS, OUTPUT, FIRST_GRADIENT }; /* of names */

typedef struct {
	gd_text bytes;
	const char *const *entering;
	size_t entering_count;
	const char *loss;
	const char **gradients;
} encoded;

/* The part of the graph behind the entry, with loss and gradients. */
static gd_status encode(const gd_refit_part *part, const char *const *wanted, size_t count, gd_arena *arena, encoded *out, gd_error *err)
{
	const gd_graph *graph = part->graph;
	gd_tape *tape;
	gd_status status = gd_tape_open_cut(graph, wanted, count, arena, &tape, &out->entering, &out->entering_count, err);
	if (status == GD_OK)
		status = gd_tape_loss(tape, part->tests->loss, graph->outputs[0].name, target_name, &out->loss, err);
	out->gradients = gd_arena_new(arena, count, sizeof *out->gradients);
	if (status == GD_OK && !out->gradients)
		status = gd_fail_memory(err, "preparing gradients");
	if (status == GD_OK && !part->forward)
		status = gd_tape_backward(tape, out->loss, out->gradients, err);
	return status == GD_OK ? gd_onnx_encode(gd_tape_graph(tape), &out->bytes, err) : status;
}

static gd_status pick(gd_refit_engines *e, const gd_refit_part *part, const char ***names, size_t *count, gd_error *err)
{
	const gd_refit_weight *all = part->weights;
	*names = gd_arena_new(&e->arena, part->weight_count, sizeof **names);
	e->weights = gd_arena_new(&e->arena, part->weight_count, sizeof *e->weights);
	if (!*names || !e->weights)
		return gd_fail_memory(err, "preparing gradients");
	*count = 0;
	for (size_t i = 0; i < part->weight_count; i++)
		if (all[i].entry == part->entry) {
			(*names)[*count] = all[i].name;
			e->weights[(*count)++] = all[i];
		}
	return GD_OK;
}

/* Weights that the loss does not depend on stay as they are. */
static void keep_reached(gd_refit_engines *e, size_t count, const encoded *bytes)
{
	for (size_t i = 0; i < count; i++)
		if (bytes->gradients[i]) {
			e->names[FIRST_GRADIENT + e->weight_count] = bytes->gradients[i];
			e->weights[e->weight_count++] = e->weights[i];
		}
}

static gd_status name_ends(gd_refit_engines *e, size_t count, const gd_graph *graph, const encoded *bytes, gd_error *err)
{
	size_t most = bytes->entering_count + 1 + count;
	e->entering_count = bytes->entering_count;
	e->input_count = most;
	e->names = gd_arena_new(&e->arena, FIRST_GRADIENT + count, sizeof *e->names);
	e->input_names = gd_arena_new(&e->arena, most, sizeof *e->input_names);
	e->inputs = gd_arena_new(&e->arena, most, sizeof *e->inputs);
	if (!e->names || !e->input_names || !e->inputs)
		return gd_fail_memory(err, "preparing gradients");
	e->names[LOSS] = bytes->loss;
	e->names[OUTPUT] = graph->outputs[0].name;
	for (size_t i = 0; i < bytes->entering_count; i++)
		e->input_names[i] = bytes->entering[i];
	e->input_names[bytes->entering_count] = target_name;
	for (size_t i = 0; i < count; i++) {
		const gd_refit_weight *w = &e->weights[i];
		size_t at = bytes->entering_count + 1 + i;
		e->input_names[at] = w->name;
		e->inputs[at] = (gd_array){ GD_F32, w->tensor->shape, w->values, w->count * sizeof(float) };
	}
	return GD_OK;
}

/* ---- what lies in front, run once -------------------------------------------------------------------------------- */

/* One value of `count` tests behind those already there. Values that do not count tests (constants made by nodes) are the
 * same in every chunk. */
static gd_status append(gd_refit_engines *e, gd_array *all, const gd_array *chunk, int64_t first, int64_t count, int64_t tests, gd_error *err)
{
	bool counts = chunk->shape.rank > 0 && chunk->shape.dim[0] == count;
	if (!all->data) {
		*all = *chunk;
		if (counts) {
			all->shape.dim[0] = tests;
			all->bytes = chunk->bytes / (size_t)count * (size_t)tests;
		}
		all->data = gd_arena_new(&e->arena, all->bytes, 1);
		if (!all->data)
			return gd_fail_memory(err, "keeping what enters a layer");
	}
	size_t at = counts ? chunk->bytes / (size_t)count * (size_t)first : 0;
	if (at + chunk->bytes > all->bytes)
		return gd_fail(err, GD_E_UNSUPPORTED, "what enters the layer does not go by tests");
	memcpy((char *)all->data + at, chunk->data, chunk->bytes);
	return GD_OK;
}

/* Which of the model's inputs a value that enters is; -1: none. */
static int input_of(const gd_model *model, const char *value)
{
	for (size_t i = 0; i < model->graph.input_count; i++)
		if (strcmp(model->graph.inputs[i].name, value) == 0)
			return (int)i;
	return -1;
}

/* What runs in front: the engine, what it takes and what it gives. */
typedef struct {
	gd_engine *engine; /* NULL: nothing has to be computed */
	const char *inputs[GD_REFIT_INPUTS];
	gd_value *values;  /* that it gives */
	const char **names;
	gd_array *arrays;
	size_t count;
} in_front;

static gd_status remember_part(gd_refit_engines *e, const gd_model *model, in_front *f, int part, gd_error *err)
{
	const int64_t tests = gd_refit_tests_count(e->tests, part);
	e->entering[part] = gd_arena_new(&e->arena, e->entering_count, sizeof *e->entering[part]);
	if (!e->entering[part])
		return gd_fail_memory(err, "keeping what enters a layer");
	gd_status status = GD_OK;
	for (int64_t at = 0; at < tests && status == GD_OK; at += e->tests->chunk) {
		int64_t count = tests - at < e->tests->chunk ? tests - at : e->tests->chunk;
		gd_refit_batch batch = gd_refit_tests_batch(e->tests, part, at, count);
		if (f->engine)
			status = gd_engine_run(f->engine, f->inputs, batch.rows, model->graph.input_count, f->names, f->arrays, f->count, err);
		for (size_t i = 0, computed = 0; i < e->entering_count && status == GD_OK; i++) {
			int input = input_of(model, e->input_names[i]);
			const gd_array *chunk = input >= 0 ? &batch.rows[input] : &f->arrays[computed++];
			status = append(e, &e->entering[part][i], chunk, at, count, tests, err);
		}
	}
	return status;
}

static bool borrow(gd_refit_engines *e, const gd_refit_engines *front)
{
	bool same = front && front->entering_count == e->entering_count;
	for (size_t i = 0; same && i < e->entering_count; i++)
		same = strcmp(front->input_names[i], e->input_names[i]) == 0;
	for (int p = 0; same && p < 2; p++)
		e->entering[p] = front->entering[p];
	return same;
}

/* The model's own inputs enter as they are; for all else the model runs once with the crossing values as outputs. */
static gd_status remember(gd_refit_engines *e, const gd_model *model, int threads, gd_error *err)
{
	in_front f = { .values = gd_arena_new(&e->arena, e->entering_count, sizeof *f.values),
		.names = gd_arena_new(&e->arena, e->entering_count, sizeof *f.names),
		.arrays = gd_arena_new(&e->arena, e->entering_count, sizeof *f.arrays) };
	gd_text text = { 0 };
	gd_status status = GD_OK;
	if (!f.values || !f.names || !f.arrays)
		return gd_fail_memory(err, "keeping what enters a layer");
	for (size_t i = 0; i < model->graph.input_count; i++)
		f.inputs[i] = model->graph.inputs[i].name;
	for (size_t i = 0; i < e->entering_count; i++) {
		if (input_of(model, e->input_names[i]) >= 0)
			continue;
		f.names[f.count] = e->input_names[i];
		f.values[f.count++] = (gd_value){ .name = e->input_names[i], .shape.rank = -1 };
	}
	gd_graph part = { .opset = model->graph.opset, .outputs = f.values, .output_count = f.count };
	if (f.count) {
		status = gd_onnx_encode_part(&part, &text, err);
		gd_bytes bytes[2] = { model->onnx, { text.bytes, text.length } };
		if (status == GD_OK)
			status = gd_engine_open(bytes, 2, (gd_engine_options){ .threads = threads, .fold = true }, &f.engine, err);
	}
	for (int p = 0; p < 2 && status == GD_OK; p++)
		status = remember_part(e, model, &f, p, err);
	gd_engine_close(f.engine);
	gd_text_free(&text);
	return status;
}

/* ---- opening and running ----------------------------------------------------------------------------------------- */

static gd_status open_part(gd_refit_engines *e, const gd_refit_part *part, const char *const *wanted, size_t count, gd_error *err)
{
	encoded bytes = { 0 };
	gd_status status = encode(part, wanted, count, &e->arena, &bytes, err);
	if (status == GD_OK)
		status = name_ends(e, count, part->graph, &bytes, err);
	if (status == GD_OK && !borrow(e, part->front))
		status = remember(e, part->model, part->threads, err);
	gd_bytes one = { bytes.bytes.bytes, bytes.bytes.length };
	if (status == GD_OK)
		status = gd_engine_open(&one, 1, (gd_engine_options){ .threads = part->threads, .fold = true }, &e->engine, err);
	if (status == GD_OK)
		keep_reached(e, count, &bytes);
	gd_text_free(&bytes.bytes);
	return status;
}

gd_status gd_refit_engines_open(const gd_refit_part *part, gd_arena *result_arena, gd_refit_engines *out, const char **why_not, gd_error *err)
{
	const char **wanted = NULL;
	size_t count = 0;
	gd_error why = { 0 };
	*out = (gd_refit_engines){ .tests = part->tests };
	*why_not = NULL;
	gd_status status = pick(out, part, &wanted, &count, err);
	if (status == GD_OK && count == 0)
		*why_not = "it has no weights to fit";
	else if (status == GD_OK)
		status = open_part(out, part, wanted, count, &why);
	if (status == GD_E_UNSUPPORTED) { /* no failure of the run: this entry just cannot be tried */
		*why_not = gd_arena_text(result_arena, why.message, strlen(why.message));
		status = GD_OK;
	} else if (status != GD_OK && why.status) {
		gd_fail(err, status, "%s", why.message);
	}
	if (status == GD_OK && !*why_not && out->weight_count == 0 && !part->forward)
		*why_not = "the output does not depend on its weights";
	if (status != GD_OK || *why_not)
		gd_refit_engines_close(out);
	return status;
}

/* The tests' share of a remembered value. */
static gd_array cut_out(const gd_array *all, int64_t tests, int64_t first, int64_t count)
{
	gd_array one = *all;
	if (all->shape.rank > 0 && all->shape.dim[0] == tests) {
		size_t each = all->bytes / (size_t)tests;
		one.shape.dim[0] = count;
		one.data = (char *)all->data + (size_t)first * each;
		one.bytes = (size_t)count * each;
	}
	return one;
}

enum { MOST_WEIGHTS = 64 }; /* of one entry: attention has 8, a bidirectional recurrent layer 6 */

gd_status gd_refit_engines_run(gd_refit_engines *e, int part, int64_t first, int64_t count, double *loss, gd_array *output, double share, double **sums,
	gd_error *err)
{
	gd_array results[FIRST_GRADIENT + MOST_WEIGHTS] = { 0 };
	const int64_t tests = gd_refit_tests_count(e->tests, part);
	size_t weights = e->weight_count < MOST_WEIGHTS ? e->weight_count : MOST_WEIGHTS;
	for (size_t i = 0; i < e->entering_count; i++)
		e->inputs[i] = cut_out(&e->entering[part][i], tests, first, count);
	e->inputs[e->entering_count] = gd_refit_tests_batch(e->tests, part, first, count).target;
	gd_status status = gd_engine_run(e->engine, e->input_names, e->inputs, e->input_count, e->names, results,
		FIRST_GRADIENT + (sums ? weights : 0), err);
	if (status != GD_OK)
		return status;
	*loss = (double)*(const float *)results[LOSS].data;
	if (output)
		*output = results[OUTPUT];
	for (size_t w = 0; sums && w < weights; w++) {
		const float *gradient = results[FIRST_GRADIENT + w].data;
		for (size_t i = 0; i < e->weights[w].count; i++)
			if (isfinite(gradient[i])) /* a number that overflowed must not stop the others */
				sums[w][i] += share * (double)gradient[i];
	}
	return GD_OK;
}

void gd_refit_engines_close(gd_refit_engines *engines)
{
	gd_engine_close(engines->engine);
	gd_arena_free(&engines->arena);
	*engines = (gd_refit_engines){ 0 };
}
