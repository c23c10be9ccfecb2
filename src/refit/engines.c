#include "refit/engines.h"
#include <math.h>
#include <string.h>

static const char target_name[] = "dlguider.target";

enum { FIRST_WEIGHT = 2 }; /* input 0 is the tests, input 1 the target */

typedef struct {
	gd_text forward, backward; /* encoded */
	const char *loss;
	const char **gradients;
} encoded;

/* Both graphs for these weights. */
static gd_status encode_both(const gd_graph *graph, const char *const *wanted, size_t count, gd_loss loss, gd_arena *arena, encoded *out, gd_error *err)
{
	gd_tape *tape;
	gd_status status = gd_tape_open(graph, wanted, count, arena, &tape, err);
	if (status == GD_OK)
		status = gd_tape_loss(tape, loss, graph->outputs[0].name, target_name, &out->loss, err);
	if (status == GD_OK)
		status = gd_onnx_encode(gd_tape_graph(tape), &out->forward, err);
	out->gradients = gd_arena_new(arena, count, sizeof *out->gradients);
	if (status == GD_OK && !out->gradients)
		status = gd_fail_memory(err, "preparing gradients");
	if (status == GD_OK)
		status = gd_tape_backward(tape, out->loss, out->gradients, err);
	if (status == GD_OK)
		status = gd_onnx_encode(gd_tape_graph(tape), &out->backward, err);
	return status;
}

static void encoded_free(encoded *e)
{
	gd_text_free(&e->forward);
	gd_text_free(&e->backward);
	*e = (encoded){ 0 };
}

/* The weights of entries from `from` on. */
static size_t pick(const gd_refit_weight *all, size_t all_count, int from, const char **names, gd_refit_weight *picked)
{
	size_t n = 0;
	for (size_t i = 0; i < all_count; i++)
		if (all[i].entry >= from) {
			names[n] = all[i].name;
			picked[n++] = all[i];
		}
	return n;
}

/* An operator without derivative cuts off the entries before it: the first entry from which on all goes well is found by
 * halving, since entries stand in the order of the data's flow. */
static gd_status encode_most(gd_refit_engines *e, const gd_graph *graph, const gd_refit_weight *all, size_t all_count, gd_loss loss, gd_arena *arena, encoded *out,
	const char **obstacle, gd_error *err)
{
	const char **names = gd_arena_new(arena, all_count, sizeof *names);
	e->weights = gd_arena_new(arena, all_count, sizeof *e->weights);
	if (!names || !e->weights)
		return gd_fail_memory(err, "preparing gradients");
	int low = 0, high = (int)e->model->entry_count, from = 0;
	while (low < high) {
		gd_error why = { 0 };
		size_t n = pick(all, all_count, from, names, e->weights);
		gd_status status = n ? encode_both(graph, names, n, loss, arena, out, &why) : GD_OK;
		encoded_free(out);
		if (status == GD_E_UNSUPPORTED) {
			low = from + 1;
			*obstacle = gd_arena_text(arena, why.message, strlen(why.message));
		} else if (status == GD_OK) {
			high = from;
		} else {
			return gd_fail(err, status, "%s", why.message);
		}
		from = (low + high) / 2;
	}
	e->weight_count = pick(all, all_count, high, names, e->weights);
	return e->weight_count ? encode_both(graph, names, e->weight_count, loss, arena, out, err) : GD_OK;
}

static gd_status name_inputs(gd_refit_engines *e, gd_arena *arena, gd_error *err)
{
	e->input_names = gd_arena_new(arena, FIRST_WEIGHT + e->weight_count, sizeof *e->input_names);
	e->inputs = gd_arena_new(arena, FIRST_WEIGHT + e->weight_count, sizeof *e->inputs);
	if (!e->input_names || !e->inputs)
		return gd_fail_memory(err, "preparing gradients");
	e->input_names[0] = e->model->graph.inputs[0].name;
	e->input_names[1] = target_name;
	for (size_t i = 0; i < e->weight_count; i++) {
		e->input_names[FIRST_WEIGHT + i] = e->weights[i].name;
		e->inputs[FIRST_WEIGHT + i] = (gd_array){ GD_F32, e->weights[i].tensor->shape, e->weights[i].values, e->weights[i].count * sizeof(float) };
	}
	return GD_OK;
}

gd_status gd_refit_engines_open(const gd_model *model, const gd_graph *graph, const gd_refit_weight *all, size_t all_count, gd_loss loss, int threads, gd_arena *arena,
	gd_refit_engines *out, const char **obstacle, gd_error *err)
{
	encoded bytes = { 0 };
	*out = (gd_refit_engines){ .model = model, .output = model->graph.outputs[0].name };
	*obstacle = NULL;
	gd_status status = encode_most(out, graph, all, all_count, loss, arena, &bytes, obstacle, err);
	if (status == GD_OK && out->weight_count) {
		out->loss = bytes.loss;
		out->gradients = bytes.gradients;
		status = name_inputs(out, arena, err);
		gd_engine_options options = { .threads = threads, .fold = true };
		gd_bytes forward = { bytes.forward.bytes, bytes.forward.length }, backward = { bytes.backward.bytes, bytes.backward.length };
		if (status == GD_OK)
			status = gd_engine_open(&forward, 1, options, &out->forward, err);
		if (status == GD_OK)
			status = gd_engine_open(&backward, 1, options, &out->backward, err);
	}
	encoded_free(&bytes);
	if (status != GD_OK)
		gd_refit_engines_close(out);
	return status;
}

gd_status gd_refit_engines_judge(gd_refit_engines *engines, const gd_refit_batch *batch, double *loss, gd_array *output, gd_error *err)
{
	const char *names[2] = { engines->loss, engines->output };
	gd_array results[2] = { 0 };
	engines->inputs[0] = batch->rows;
	engines->inputs[1] = batch->target;
	gd_status status = gd_engine_run(engines->forward, engines->input_names, engines->inputs, FIRST_WEIGHT + engines->weight_count, names, results, 2, err);
	if (status != GD_OK)
		return status;
	*loss = (double)*(const float *)results[0].data;
	*output = results[1];
	return GD_OK;
}

enum { MOST_WEIGHTS = 64 }; /* of one entry: attention has 8, a bidirectional recurrent layer 6 */

gd_status gd_refit_engines_step(gd_refit_engines *engines, const gd_refit_batch *batch, int entry, double share, double *loss, double **sums, gd_error *err)
{
	const char *names[1 + MOST_WEIGHTS] = { engines->loss };
	size_t at[1 + MOST_WEIGHTS], count = 1;
	gd_array results[1 + MOST_WEIGHTS] = { 0 };
	for (size_t i = 0; i < engines->weight_count && count <= MOST_WEIGHTS; i++)
		if (engines->weights[i].entry == entry && engines->gradients[i]) {
			names[count] = engines->gradients[i];
			at[count++] = i;
		}
	engines->inputs[0] = batch->rows;
	engines->inputs[1] = batch->target;
	gd_status status = gd_engine_run(engines->backward, engines->input_names, engines->inputs, FIRST_WEIGHT + engines->weight_count, names, results, count, err);
	if (status != GD_OK)
		return status;
	*loss = (double)*(const float *)results[0].data;
	for (size_t k = 1; k < count; k++) {
		const float *gradient = results[k].data;
		double *sum = sums[at[k]];
		for (size_t i = 0; i < engines->weights[at[k]].count; i++)
			if (isfinite(gradient[i])) /* a number that overflowed must not stop the others */
				sum[i] += share * (double)gradient[i];
	}
	return GD_OK;
}

void gd_refit_engines_close(gd_refit_engines *engines)
{
	gd_engine_close(engines->forward);
	gd_engine_close(engines->backward);
	engines->forward = engines->backward = NULL;
}
