/* The pass over the tests on a small network with whole-number weights, so that every sum is exact and a plain loop in
 * double computes the same activity. Needs the engine. */
#include "method/method.h"
#include "spectrum/collect.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants its includes before it */
#include <cmocka.h>

enum { TESTS = 300, IN = 2, HIDDEN = 3, OUT = 2 };

static const float first_kernel[IN * HIDDEN] = { 1, -2, 3, 2, 1, -1 };
static const float first_bias[HIDDEN] = { 0, 1, -1 };
static const float second_kernel[HIDDEN * OUT] = { 1, -1, 0, 2, -1, 1 };

typedef struct {
	gd_model model;
	gd_text encoded;
	gd_rows *input_rows, *label_rows;
	gd_feed *inputs;
	gd_labels labels;
	float x[TESTS * IN];
	int64_t y[TESTS];
} bench;

static void make_model(bench *b)
{
	gd_error err = { 0 };
	gd_model *m = &b->model;
	gd_builder g = { .arena = &m->arena, .graph = &m->graph };
	m->graph.opset = 17;
	*gd_builder_input(&g) = (gd_value){ "x", GD_F32, { 2, { -1, IN } } };
	const char *k1 = gd_builder_floats(&g, "k1", first_kernel, 2, (const int64_t[]){ IN, HIDDEN });
	const char *b1 = gd_builder_floats(&g, "b1", first_bias, 1, (const int64_t[]){ HIDDEN });
	const char *k2 = gd_builder_floats(&g, "k2", second_kernel, 2, (const int64_t[]){ HIDDEN, OUT });
	const char *h = gd_builder_node(&g, "Gemm", NULL, (const char *const[]){ "x", k1, b1, NULL });
	h = gd_builder_node(&g, "Relu", "h", (const char *const[]){ h, NULL });
	const char *y = gd_builder_node(&g, "MatMul", NULL, (const char *const[]){ h, k2, NULL });
	y = gd_builder_node(&g, "Softmax", "y", (const char *const[]){ y, NULL });
	*gd_builder_output(&g) = (gd_value){ y, GD_F32, { 2, { -1, OUT } } };
	static gd_layer layers[] = { { .name = "hidden", .kind = "Dense" }, { .name = "answer", .kind = "Dense" } };
	static const int members[] = { 0, 1 };
	m->layers = layers;
	m->layer_count = 2;
	m->entries = gd_arena_new(&m->arena, 2, sizeof *m->entries);
	m->entries[0] = (gd_entry){ 0, members, 1, "h", -1, 2, HIDDEN, false };
	m->entries[1] = (gd_entry){ 1, members + 1, 1, "y", -1, 2, OUT, true };
	m->entry_count = 2;
	m->path = "by hand";
	m->format = GD_FORMAT_ONNX;
	assert_int_equal(gd_onnx_encode(&m->graph, &b->encoded, &err), GD_OK);
	m->onnx = (gd_bytes){ b->encoded.bytes, b->encoded.length };
}

static void open_bench(bench *b, bool with_nan)
{
	gd_error err = { 0 };
	*b = (bench){ 0 };
	make_model(b);
	uint32_t seed = 7;
	for (int i = 0; i < TESTS * IN; i++) {
		seed = seed * 1664525u + 1013904223u;
		b->x[i] = (float)(seed >> 28) - 8;
	}
	for (int i = 0; i < TESTS; i++) {
		seed = seed * 1664525u + 1013904223u;
		b->y[i] = seed >> 31;
	}
	if (with_nan)
		b->x[11 * IN] = NAN;
	assert_int_equal(gd_rows_open_memory("x", b->x, "<f4", 2, (const int64_t[]){ TESTS, IN }, &b->input_rows, &err), GD_OK);
	assert_int_equal(gd_feed_open(&b->model, &(gd_feed_source){ NULL, b->input_rows }, 1, NULL, &b->inputs, &err), GD_OK);
	assert_int_equal(gd_rows_open_memory("y", b->y, "<i8", 1, (const int64_t[]){ TESTS }, &b->label_rows, &err), GD_OK);
	gd_label_model about = gd_oracle_label_model(&b->model, TESTS);
	assert_true(about.units == OUT && about.positions == 1);
	assert_int_equal(gd_labels_open(b->label_rows, GD_TASK_MULTICLASS, &about, &b->labels, &err), GD_OK);
}

static void close_bench(bench *b)
{
	gd_feed_close(b->inputs);
	gd_rows_close(b->input_rows);
	gd_rows_close(b->label_rows);
	gd_text_free(&b->encoded);
	gd_arena_free(&b->model.arena);
}

static gd_collect request_of(const bench *b, const char *coverage, int64_t batch)
{
	return (gd_collect){ .model = &b->model,
		.inputs = b->inputs,
		.labels = &b->labels,
		.options = { gd_coverage_find(coverage), NAN, NAN, GD_REDUCE_MEAN, 1, batch, 0 } };
}

static gd_spectrum *collect(const gd_collect *request)
{
	gd_error err = { 0 };
	gd_spectrum *s = NULL;
	if (gd_spectrum_collect(request, &s, &err) != GD_OK)
		fail_msg("%s", err.message);
	return s;
}

static void forward(const float *x, float *hidden, double *logits)
{
	for (int j = 0; j < HIDDEN; j++)
		hidden[j] = fmaxf(0, x[0] * first_kernel[j] + x[1] * first_kernel[HIDDEN + j] + first_bias[j]);
	for (int k = 0; k < OUT; k++) {
		logits[k] = 0;
		for (int j = 0; j < HIDDEN; j++)
			logits[k] += (double)(hidden[j] * second_kernel[j * OUT + k]);
	}
}

static bool is_active(const gd_spectrum *s, size_t neuron, int64_t test)
{
	return s->active[neuron * s->words + (size_t)test / 64] >> (test % 64) & 1;
}

static void a_pass_equals_a_plain_loop(void **state)
{
	(void)state;
	bench b;
	open_bench(&b, false);
	gd_collect request = request_of(&b, "layer", 0);
	gd_spectrum *s = collect(&request);
	assert_true(s->tests == TESTS && s->neuron_count == HIDDEN + OUT && s->entries[1].is_output && s->threshold == 0.5);
	int64_t failed = 0;
	for (int64_t t = 0; t < TESTS; t++) {
		float hidden[HIDDEN];
		double logits[OUT];
		forward(b.x + t * IN, hidden, logits);
		int64_t answer = logits[1] > logits[0];
		failed += answer != b.y[t];
		assert_int_equal(gd_spectrum_is_failed(s, t), answer != b.y[t]);
		assert_true(s->predicted[t] == answer && s->expected[t] == b.y[t]);
		double margin = fabs(tanh((logits[1] - logits[0]) / 2)); /* p1 - p0 of a softmax over two */
		assert_true(fabs(s->confidence[GD_CONFIDENCE_MARGIN][t] - margin) < 1e-6);
		float low = fminf(hidden[0], fminf(hidden[1], hidden[2])), high = fmaxf(hidden[0], fmaxf(hidden[1], hidden[2]));
		for (int j = 0; j < HIDDEN; j++)
			assert_int_equal(
				is_active(s, (size_t)j, t), high > low && (double)(hidden[j] - low) / (double)(high - low) > 0.5);
	}
	assert_int_equal(s->failed, failed);
	assert_int_equal(strlen(s->sha256), 64);
	gd_spectrum_free(s);
	close_bench(&b);
}

static void expect_same_activity(const gd_spectrum *a, const gd_spectrum *b)
{
	assert_memory_equal(a->failing, b->failing, a->words * 8);
	assert_memory_equal(a->active, b->active, HIDDEN * a->words * 8); /* sums of the hidden layer are exact */
}

static void batches_and_passes_change_nothing(void **state)
{
	(void)state;
	bench b;
	open_bench(&b, false);
	static const char *const coverages[] = { "layer", "neuron", "raw" };
	for (int i = 0; i < 3; i++) {
		gd_collect request = request_of(&b, coverages[i], 0);
		gd_spectrum *whole = collect(&request);
		static const int64_t batches[] = { 1, 7, 64, 1000 };
		for (int k = 0; k < 4; k++) {
			request.options.batch = batches[k];
			request.options.threads = 1 + k % 2;
			request.options.keep_bytes = k % 2 ? 1 : 0; /* no room: a second pass */
			gd_spectrum *other = collect(&request);
			expect_same_activity(whole, other);
			gd_spectrum_free(other);
		}
		gd_spectrum_free(whole);
	}
	close_bench(&b);
}

typedef struct {
	int64_t seen, failed;
	double sum;
	bool in_order;
} watcher;

static gd_status watch(void *state, const gd_batch_view *view, gd_error *err)
{
	watcher *w = state;
	(void)err;
	w->in_order = w->in_order && view->first == w->seen && view->total == TESTS && view->entry_count == 2 &&
				  view->extra_count == 1;
	const float *x = view->rows->data, *relu = view->extra[0].data;
	for (int64_t i = 0; i < view->count; i++) {
		float hidden[HIDDEN];
		double logits[OUT];
		forward(x + i * IN, hidden, logits);
		w->failed += view->verdicts[i].failed;
		for (int j = 0; j < HIDDEN; j++)
			w->in_order =
				w->in_order && relu[i * HIDDEN + j] == hidden[j] && view->neurons[0][i * HIDDEN + j] == hidden[j];
		w->sum += (double)(view->outputs[i * OUT] + view->neurons[1][i * OUT + 1]);
	}
	w->seen += view->count;
	return GD_OK;
}

static void observers_see_every_test_once(void **state)
{
	(void)state;
	bench b;
	open_bench(&b, false);
	watcher w = { .in_order = true };
	const gd_probe extra = { .value = "h", .channel_axis = -1, .rank = 2, .reduce = GD_REDUCE_NONE };
	gd_collect request = request_of(&b, "neuron", 64);
	request.options.keep_bytes = 1;
	request.observers = &(gd_observer){ &w, watch };
	request.observer_count = 1;
	request.extra = &extra;
	request.extra_count = 1;
	gd_spectrum *s = collect(&request);
	assert_true(w.in_order && w.seen == TESTS && w.failed == s->failed && fabs(w.sum - (double)TESTS) < 1e-3);
	gd_spectrum_free(s);
	close_bench(&b);
}

static bool stop_late(void *state, int64_t done, int64_t total)
{
	assert_int_equal(total, TESTS);
	*(int64_t *)state = done;
	return done < 100;
}

static void a_pass_can_be_stopped(void **state)
{
	(void)state;
	bench b;
	open_bench(&b, false);
	int64_t done = 0;
	gd_error err = { 0 };
	gd_spectrum *s = NULL;
	gd_collect request = request_of(&b, "layer", 50);
	request.progress = stop_late;
	request.progress_state = &done;
	assert_int_equal(gd_spectrum_collect(&request, &s, &err), GD_E_INTERRUPTED);
	assert_true(done == 100 && !s && err.message[0]);
	close_bench(&b);
}

static void nan_is_a_finding(void **state)
{
	(void)state;
	bench b;
	open_bench(&b, true);
	gd_collect request = request_of(&b, "layer", 0);
	gd_spectrum *s = collect(&request);
	assert_true(s->unsound == 1 && gd_spectrum_is_failed(s, 11) && s->confidence[GD_CONFIDENCE_MAX][11] == 0);
	assert_int_equal(s->entries[0].unsound, 1);
	bool said = false;
	for (size_t i = 0; i < s->note_count; i++)
		said = said || strstr(s->notes[i], "first appear in layer \"hidden\", in 1 of 300 tests");
	assert_true(said);
	gd_options options;
	gd_options_init(&options);
	gd_error err = { 0 };
	gd_ranking *ranking = NULL;
	assert_int_equal(gd_options_set(&options, "method", "guider", &err), GD_OK);
	assert_int_equal(gd_rank(&(gd_method_input){ .spectrum = s, .options = &options }, &ranking, &err), GD_OK);
	assert_true(isfinite(ranking->layers[0].score) && isfinite(ranking->layers[1].score));
	gd_ranking_free(ranking);
	gd_spectrum_free(s);
	close_bench(&b);
}

static void what_does_not_fit_is_refused(void **state)
{
	(void)state;
	bench b;
	open_bench(&b, false);
	gd_error err = { 0 };
	gd_spectrum *s = NULL;
	gd_feed_close(b.inputs);
	gd_rows_close(b.input_rows);
	b.inputs = NULL;
	assert_int_equal(gd_rows_open_memory("x", b.x, "<f4", 2, (const int64_t[]){ 200, 2 }, &b.input_rows, &err), GD_OK);
	assert_int_equal(gd_feed_open(&b.model, &(gd_feed_source){ NULL, b.input_rows }, 1, NULL, &b.inputs, &err), GD_OK);
	gd_collect request = request_of(&b, "layer", 0);
	assert_int_equal(gd_spectrum_collect(&request, &s, &err), GD_E_INPUT);
	assert_non_null(strstr(err.message, "200"));
	gd_feed_close(b.inputs);
	gd_rows_close(b.input_rows);
	b.inputs = NULL;
	gd_error other = { 0 };
	assert_int_equal(gd_rows_open_memory("x", b.x, "<f4", 2, (const int64_t[]){ TESTS, 1 }, &b.input_rows, &other), GD_OK);
	assert_int_equal(gd_feed_open(&b.model, &(gd_feed_source){ NULL, b.input_rows }, 1, NULL, &b.inputs, &other), GD_E_INPUT);
	assert_non_null(strstr(other.message, "(?, 2)"));
	assert_null(s);
	close_bench(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pass_equals_a_plain_loop),
		cmocka_unit_test(batches_and_passes_change_nothing),
		cmocka_unit_test(observers_see_every_test_once),
		cmocka_unit_test(a_pass_can_be_stopped),
		cmocka_unit_test(nan_is_a_finding),
		cmocka_unit_test(what_does_not_fit_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
