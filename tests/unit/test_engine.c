/* The engine and its sessions on graphs made here; the expected numbers come from plain loops in double. */
#include "base/half.h"
#include "engine/complaint.h"
#include "engine/convert.h"
#include "engine/session.h"
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka wants its includes before it */
#include <cmocka.h>

typedef struct {
	gd_arena arena;
	gd_model model;
	gd_builder b;
	gd_text bytes;
} fixture;

static fixture *begin(int opset, gd_type type, int rank, const int64_t *dims)
{
	fixture *f = calloc(1, sizeof *f);
	assert_non_null(f);
	f->model.path = "made-here.onnx";
	f->b = (gd_builder){ .arena = &f->arena, .graph = &f->model.graph, .layer = -1 };
	f->model.graph.opset = opset;
	gd_value *x = gd_builder_input(&f->b);
	*x = (gd_value){ .name = "x", .type = type, .shape.rank = rank };
	memcpy(x->shape.dim, dims, (size_t)rank * sizeof *dims);
	return f;
}

/* NULL-ended list of inputs by name. */
#define NODE(f, op, output, ...) assert_non_null(gd_builder_node(&(f)->b, op, output, (const char *const[]){ __VA_ARGS__, NULL }))

static void finish(fixture *f, const char *output, gd_type type)
{
	gd_error err = { 0 };
	*gd_builder_output(&f->b) = (gd_value){ .name = output, .type = type, .shape.rank = -1 };
	if (gd_onnx_encode(&f->model.graph, &f->bytes, &err) != GD_OK)
		fail_msg("%s", err.message);
	f->model.onnx = (gd_bytes){ .bytes = f->bytes.bytes, .size = f->bytes.length };
}

static void end(fixture *f)
{
	gd_text_free(&f->bytes);
	gd_arena_free(&f->arena);
	free(f);
}

/* Small, varied, exact in float32: multiples of 1/64 between -2 and 2. */
static float number(size_t i)
{
	return (float)((int)((i * 2654435761u >> 7) % 257) - 128) / 64.0f;
}

static const float *numbers(gd_arena *arena, size_t count)
{
	float *values = gd_arena_new(arena, count, sizeof *values);
	assert_non_null(values);
	for (size_t i = 0; i < count; i++)
		values[i] = number(i);
	return values;
}

static const char *weight(fixture *f, int rank, const int64_t *dims)
{
	gd_shape shape = { .rank = rank };
	size_t count;
	memcpy(shape.dim, dims, (size_t)rank * sizeof *dims);
	assert_true(gd_shape_count(&shape, 0, &count));
	return gd_builder_floats(&f->b, "w", numbers(&f->arena, count), rank, dims);
}
#define WEIGHT(f, rank, ...) weight(f, rank, (const int64_t[]){ __VA_ARGS__ })

static gd_array rows_of(gd_arena *arena, gd_type type, int rank, const int64_t *dims)
{
	gd_array rows = { .type = type, .shape.rank = rank };
	size_t count;
	memcpy(rows.shape.dim, dims, (size_t)rank * sizeof *dims);
	assert_true(gd_shape_count(&rows.shape, 0, &count));
	rows.bytes = count * sizeof(float);
	rows.data = (void *)(uintptr_t)numbers(arena, count);
	return rows;
}
#define ROWS(f, rank, ...) rows_of(&(f)->arena, GD_F32, rank, (const int64_t[]){ __VA_ARGS__ })

static gd_session *opened(const fixture *f, const gd_probe *probes, size_t count, int threads)
{
	gd_session *session = NULL;
	gd_error err = { 0 };
	if (gd_session_open(&f->model, probes, count, threads, &session, &err) != GD_OK)
		fail_msg("%s", err.message);
	return session;
}

static void run(gd_session *session, const gd_array *rows, gd_array *outputs)
{
	gd_error err = { 0 };
	if (gd_session_run(session, rows, outputs, &err) != GD_OK)
		fail_msg("%s", err.message);
}

static void assert_shape(const gd_array *array, int rank, const int64_t *dims)
{
	assert_int_equal(array->type, GD_F32);
	assert_int_equal(array->shape.rank, rank);
	for (int i = 0; i < rank; i++)
		assert_int_equal(array->shape.dim[i], dims[i]);
}
#define SHAPE(array, rank, ...) assert_shape(array, rank, (const int64_t[]){ __VA_ARGS__ })

static void assert_near(float seen, double expected)
{
	if (!(fabs((double)seen - expected) <= 1e-6 * (1 + fabs(expected))))
		fail_msg("%.9g instead of %.9g", (double)seen, expected);
}

/* x (n, 3, 4, 5), channels first -> Relu -> r -> Flatten -> output. The probes reduce r. */
static fixture *picture(int opset)
{
	fixture *f = begin(opset, GD_F32, 4, (const int64_t[]){ -1, 3, 4, 5 });
	NODE(f, "Relu", "r", "x");
	NODE(f, "Flatten", "y", "r");
	*gd_builder_value(&f->b) = (gd_value){ .name = "r", .type = GD_F32, .shape = { .rank = 4, .dim = { -1, 3, 4, 5 } } };
	finish(f, "y", GD_F32);
	return f;
}

static double relu_at(const gd_array *x, size_t test, size_t channel, size_t position)
{
	float value = ((const float *)x->data)[(test * 3 + channel) * 20 + position];
	return value > 0 ? (double)value : 0;
}

static void probes_reduce_to_neurons(void **state)
{
	(void)state;
	static const int opsets[] = { 7, 13, 17, 18, 21 };
	for (size_t k = 0; k < sizeof opsets / sizeof *opsets; k++)
		for (int rank = -1; rank <= 4; rank += 5) {
			fixture *f = picture(opsets[k]);
			gd_array x = ROWS(f, 4, 6, 3, 4, 5), out[4];
			gd_probe probes[] = { { .value = "r", .channel_axis = 1, .rank = rank, .reduce = GD_REDUCE_MEAN },
				{ .value = "r", .channel_axis = 1, .rank = rank, .reduce = GD_REDUCE_MAX },
				{ .value = "r", .channel_axis = 1, .rank = rank, .reduce = GD_REDUCE_NONE, .channels_last = true } };
			gd_session *session = opened(f, probes, 3, 1);
			run(session, &x, out);
			SHAPE(&out[0], 2, 6, 60);
			SHAPE(&out[1], 2, 6, 3);
			SHAPE(&out[2], 2, 6, 3);
			SHAPE(&out[3], 4, 6, 4, 5, 3);
			for (size_t t = 0; t < 6; t++)
				for (size_t c = 0; c < 3; c++) {
					double sum = 0, most = 0;
					for (size_t p = 0; p < 20; p++) {
						double value = relu_at(&x, t, c, p);
						sum += value;
						most = fmax(most, value);
						assert_near(((float *)out[3].data)[(t * 20 + p) * 3 + c], value);
					}
					assert_near(((float *)out[1].data)[t * 3 + c], sum / 20);
					assert_near(((float *)out[2].data)[t * 3 + c], most);
				}
			gd_session_close(session);
			end(f);
		}
}

/* Infinite and NaN activations are evidence: they must arrive as they are. */
static void values_that_are_not_finite_arrive(void **state)
{
	(void)state;
	fixture *f = begin(17, GD_F32, 4, (const int64_t[]){ -1, 3, 2, 2 });
	NODE(f, "Neg", "y", "x");
	finish(f, "y", GD_F32);
	float values[12] = { 1, NAN, 2, 3, -INFINITY, 1, 2, 3, INFINITY, INFINITY, INFINITY, INFINITY };
	gd_array x = { .type = GD_F32, .shape = { .rank = 4, .dim = { 1, 3, 2, 2 } }, .data = values, .bytes = sizeof values }, out[3];
	gd_probe probes[] = { { .value = "y", .channel_axis = 1, .rank = 4, .reduce = GD_REDUCE_MEAN },
		{ .value = "y", .channel_axis = 1, .rank = 4, .reduce = GD_REDUCE_MAX } };
	gd_session *session = opened(f, probes, 2, 1);
	run(session, &x, out);
	const float *mean = out[1].data, *most = out[2].data;
	assert_true(isnan(mean[0]) && isinf(mean[1]) && mean[1] > 0 && isinf(mean[2]) && mean[2] < 0);
	assert_true(isinf(most[1]) && most[1] > 0 && isinf(most[2]) && most[2] < 0);
	gd_session_close(session);
	end(f);
}

static void channels_last_is_the_default_axis(void **state)
{
	(void)state;
	fixture *f = begin(13, GD_F32, 3, (const int64_t[]){ -1, 4, 3 });
	NODE(f, "Neg", "y", "x");
	finish(f, "y", GD_F32);
	gd_array x = ROWS(f, 3, 2, 4, 3), out[2];
	gd_session *session = opened(f, &(gd_probe){ .value = "y", .channel_axis = -1, .rank = 3, .reduce = GD_REDUCE_MEAN }, 1, 1);
	run(session, &x, out);
	SHAPE(&out[1], 2, 2, 3);
	for (size_t t = 0; t < 2; t++)
		for (size_t c = 0; c < 3; c++) {
			double sum = 0;
			for (size_t p = 0; p < 4; p++)
				sum -= (double)number((t * 4 + p) * 3 + c);
			assert_near(((float *)out[1].data)[t * 3 + c], sum / 4);
		}
	gd_session_close(session);
	end(f);
}

/* A recurrent layer of ONNX gives (time, batch, units). */
static void time_first_values_are_turned(void **state)
{
	(void)state;
	fixture *f = begin(13, GD_F32, 3, (const int64_t[]){ -1, 7, 2 });
	NODE(f, "Transpose", "t", "x");
	assert_true(gd_builder_attr_ints(&f->b, "perm", (const int64_t[]){ 1, 0, 2 }, 3));
	NODE(f, "Flatten", "y", "x");
	*gd_builder_value(&f->b) = (gd_value){ .name = "t", .type = GD_F32, .shape = { .rank = 3, .dim = { 7, -1, 2 } } };
	finish(f, "y", GD_F32);
	gd_array x = ROWS(f, 3, 5, 7, 2), out[3];
	gd_probe probes[] = { { .value = "t", .channel_axis = -1, .rank = 3, .reduce = GD_REDUCE_MEAN },
		{ .value = "t", .channel_axis = -1, .rank = 3, .reduce = GD_REDUCE_NONE } };
	gd_session *session = opened(f, probes, 2, 1);
	run(session, &x, out);
	SHAPE(&out[1], 2, 5, 2);
	SHAPE(&out[2], 3, 5, 7, 2);
	assert_memory_equal(out[2].data, x.data, 5 * 7 * 2 * sizeof(float));
	for (size_t i = 0; i < 5; i++) {
		double sum = 0;
		for (size_t p = 0; p < 7; p++)
			sum += (double)number((i * 7 + p) * 2 + 1);
		assert_near(((float *)out[1].data)[i * 2 + 1], sum / 7);
	}
	gd_session_close(session);
	end(f);
}

/* Probes on the input, twice on the output, on whole numbers, on a value of rank 1; the model has names like ours. */
static void odd_probes_work(void **state)
{
	(void)state;
	fixture *f = begin(13, GD_F32, 2, (const int64_t[]){ -1, 3 });
	NODE(f, "ArgMax", "dlguider0:Cast:1", "x");
	assert_true(gd_builder_attr_int(&f->b, "axis", 1) && gd_builder_attr_int(&f->b, "keepdims", 0));
	NODE(f, "Abs", "y", "x");
	finish(f, "y", GD_F32);
	gd_probe probes[] = { { .value = "x", .channel_axis = -1, .rank = 2 }, { .value = "y", .channel_axis = -1, .rank = 2 },
		{ .value = "y", .channel_axis = 1, .rank = 2, .reduce = GD_REDUCE_MAX }, { .value = "dlguider0:Cast:1", .channel_axis = -1, .rank = 1 } };
	gd_array x = ROWS(f, 2, 4, 3), out[5];
	gd_session *session = opened(f, probes, 4, 1);
	run(session, &x, out);
	SHAPE(&out[4], 2, 4, 1);
	for (size_t t = 0; t < 4; t++) {
		size_t best = 0;
		for (size_t c = 0; c < 3; c++) {
			best = number(t * 3 + c) > number(t * 3 + best) ? c : best;
			assert_near(((float *)out[0].data)[t * 3 + c], fabs((double)number(t * 3 + c)));
			assert_near(((float *)out[1].data)[t * 3 + c], (double)number(t * 3 + c));
		}
		assert_near(((float *)out[4].data)[t], (double)best);
	}
	assert_memory_equal(out[2].data, out[0].data, 12 * sizeof(float));
	assert_memory_equal(out[3].data, out[0].data, 12 * sizeof(float));
	gd_session_close(session);
	end(f);
}

static void a_fixed_batch_is_padded_and_cut(void **state)
{
	(void)state;
	for (int64_t fixed = 1; fixed <= 7; fixed += 3) {
		fixture *f = begin(13, GD_F32, 3, (const int64_t[]){ fixed, 2, 3 });
		NODE(f, "Neg", "y", "x");
		finish(f, "y", GD_F32);
		gd_array x = ROWS(f, 3, 10, 2, 3), out[2];
		gd_session *session = opened(f, &(gd_probe){ .value = "y", .channel_axis = 2, .rank = 3, .reduce = GD_REDUCE_MAX }, 1, 1);
		assert_int_equal(gd_session_fixed_batch(session), fixed);
		assert_int_equal(gd_session_pick_batch(&f->model) % fixed, 0);
		run(session, &x, out);
		SHAPE(&out[0], 3, 10, 2, 3);
		SHAPE(&out[1], 2, 10, 3);
		for (size_t i = 0; i < 60; i++)
			assert_near(((float *)out[0].data)[i], -(double)number(i));
		for (size_t t = 0; t < 10; t++)
			assert_near(((float *)out[1].data)[t * 3], -fmin((double)number(t * 6), (double)number(t * 6 + 3)));
		gd_session_close(session);
		end(f);
	}
}

static void inputs_become_the_model_s_type(void **state)
{
	(void)state;
	static const gd_type types[] = { GD_F32, GD_F64, GD_F16, GD_I32, GD_I64, GD_BOOL, GD_U8 };
	for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
		fixture *f = begin(13, types[k], 2, (const int64_t[]){ -1, 2 });
		NODE(f, "Identity", "y", "x");
		finish(f, "y", types[k]);
		float values[] = { 0, 1, 1, 0, types[k] == GD_BOOL ? 1 : 3, 0 };
		gd_array x = { .type = GD_F32, .shape = { .rank = 2, .dim = { 3, 2 } }, .data = values, .bytes = sizeof values }, out[2];
		gd_session *session = opened(f, &(gd_probe){ .value = "x", .channel_axis = 1, .rank = 2 }, 1, 1);
		run(session, &x, out);
		SHAPE(&out[0], 2, 3, 2);
		assert_memory_equal(out[0].data, values, sizeof values);
		assert_memory_equal(out[1].data, values, sizeof values);
		values[3] = 0.5f;
		gd_error err = { 0 };
		bool whole = types[k] != GD_F32 && types[k] != GD_F64 && types[k] != GD_F16;
		assert_int_equal(gd_session_run(session, &x, out, &err), whole ? GD_E_INPUT : GD_OK);
		assert_true(!whole || strstr(err.message, "number 1 of test 1"));
		gd_session_close(session);
		end(f);
	}
}

static void halves_round_to_nearest_even(void **state)
{
	(void)state;
	for (uint32_t bits = 0; bits < 0x10000; bits++) {
		float value = gd_half_to_float((uint16_t)bits);
		if (value == value)
			assert_int_equal(gd_float_to_half(value), bits);
		else
			assert_true((gd_float_to_half(value) & 0x7c00) == 0x7c00 && (gd_float_to_half(value) & 0x3ff));
	}
	for (uint32_t bits = 0; bits < 0x7bff; bits++) { /* half-way between two neighbours: the even one */
		float low = gd_half_to_float((uint16_t)bits), high = gd_half_to_float((uint16_t)(bits + 1)), middle = low + (high - low) / 2;
		assert_int_equal(gd_float_to_half(middle), bits + (bits & 1));
		assert_int_equal(gd_float_to_half(nextafterf(middle, low)), bits);
		assert_int_equal(gd_float_to_half(nextafterf(middle, high)), bits + 1);
	}
	assert_int_equal(gd_float_to_half(65519.996f), 0x7bff);
	assert_int_equal(gd_float_to_half(65520.0f), 0x7c00);
	assert_int_equal(gd_float_to_half(-1e30f), 0xfc00);
}

static void wrong_tests_are_refused_with_both_shapes(void **state)
{
	(void)state;
	fixture *f = picture(13);
	gd_array x = ROWS(f, 4, 2, 4, 5, 3), flat = ROWS(f, 2, 2, 60), none = ROWS(f, 4, 0, 3, 4, 5), out[1];
	gd_session *session = opened(f, NULL, 0, 1);
	gd_error err = { 0 };
	assert_int_equal(gd_session_run(session, &x, out, &err), GD_E_INPUT);
	assert_non_null(strstr(err.message, "(2, 4, 5, 3)"));
	assert_non_null(strstr(err.message, "(?, 3, 4, 5)"));
	assert_int_equal(gd_session_run(session, &flat, out, NULL), GD_E_INPUT);
	assert_int_equal(gd_session_run(session, &none, out, NULL), GD_E_INPUT);
	gd_session_close(session);
	end(f);
}

static gd_status engine_status(const void *bytes, size_t size, gd_error *err)
{
	gd_engine *engine = NULL;
	gd_status status = gd_engine_open(&(gd_bytes){ bytes, size }, 1, (gd_engine_options){ .threads = 1, .fold = true }, &engine, err);
	gd_engine_close(engine);
	assert_true(status == GD_OK || (!strstr(err->message, ".cc:") && !strstr(err->message, "onnxruntime::") && !strchr(err->message, '\n')));
	return status;
}

static void broken_models_get_a_code_and_a_sentence(void **state)
{
	(void)state;
	gd_error err = { 0 };
	assert_int_equal(engine_status("this is no model", 16, &err), GD_E_INPUT);
	err = (gd_error){ 0 };
	assert_int_equal(engine_status("", 0, &err), GD_E_INPUT);
	static const struct {
		const char *op;
		int opset;
		gd_status status;
	} cases[] = { { "NoSuchOperator", 13, GD_E_UNSUPPORTED }, { "Relu", 99, GD_E_UNSUPPORTED }, { "Gelu", 17, GD_E_UNSUPPORTED } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		fixture *f = begin(cases[i].opset, GD_F32, 2, (const int64_t[]){ -1, 3 });
		NODE(f, cases[i].op, "y", "x");
		finish(f, "y", GD_F32);
		err = (gd_error){ 0 };
		if (engine_status(f->bytes.bytes, f->bytes.length, &err) != cases[i].status)
			fail_msg("%s at opset %d: code %d, %s", cases[i].op, cases[i].opset, (int)err.status, err.message);
		end(f);
	}
}

/* Ids beyond the table, found only while running: the tests do not suit the model. */
static void a_failing_node_is_a_fault_of_the_input(void **state)
{
	(void)state;
	fixture *f = begin(13, GD_I64, 2, (const int64_t[]){ -1, 2 });
	NODE(f, "Gather", "y", WEIGHT(f, 2, 5, 3), "x");
	finish(f, "y", GD_F32);
	float ids[] = { 0, 1, 4, 5 };
	gd_array x = { .type = GD_F32, .shape = { .rank = 2, .dim = { 2, 2 } }, .data = ids, .bytes = sizeof ids }, out[1];
	gd_session *session = opened(f, NULL, 0, 1);
	gd_error err = { 0 };
	assert_int_equal(gd_session_run(session, &x, out, &err), GD_E_INPUT);
	assert_non_null(strstr(err.message, "idx=5"));
	ids[3] = 3;
	run(session, &x, out);
	SHAPE(&out[0], 3, 2, 2, 3);
	assert_near(((float *)out[0].data)[6], (double)number(12));
	gd_session_close(session);
	end(f);
}

static void the_engine_s_words_lose_paths_and_signatures(void **state)
{
	(void)state;
	char clean[200];
	gd_complaint_clean("/onnxruntime_src/onnxruntime/core/graph/model.cc:181 onnxruntime::Model::Model(onnx::ModelProto&&, const PathString&, "
					   "std::function<void(int)>) const Unsupported model IR version: 99,\n max supported IR version: 11\n", clean, sizeof clean);
	assert_string_equal(clean, "Unsupported model IR version: 99, max supported IR version: 11");
	gd_complaint_clean("Non-zero status code returned while running Gemm node. Name:'/fc/Gemm' Status Message: /a/b.h:12 no parenthesis", clean, sizeof clean);
	assert_string_equal(clean, "Non-zero status code returned while running Gemm node. Name:'~ Status Message: no parenthesis");
	gd_complaint_clean("cannot open /home/someone/x", clean, sizeof clean);
	assert_string_equal(clean, "cannot open ~");
	gd_complaint_clean("abcdefghij", clean, 8);
	assert_string_equal(clean, "abcd...");
	gd_complaint_clean("", clean, sizeof clean);
	assert_string_equal(clean, "");
	gd_error err = { 0 };
	assert_int_equal(gd_complaint(GD_WHILE_RUNNING, 6, "Failed to allocate memory for requested buffer of size 1", &err), GD_E_LIMIT);
	err = (gd_error){ 0 };
	assert_int_equal(gd_complaint(GD_WHILE_RUNNING, 6, "something else", &err), GD_E_INTERNAL);
}

static void a_missing_library_is_one_clear_sentence(void **state)
{
	(void)state;
	const char *before = getenv("DLGUIDER_ONNXRUNTIME");
	char *kept = before ? strdup(before) : NULL;
	gd_engine_info info;
	gd_error err = { 0 };
	assert_int_equal(setenv("DLGUIDER_ONNXRUNTIME", "/nowhere/libonnxruntime.so.1", 1), 0);
	assert_int_equal(gd_engine_find(&info, &err), GD_E_INTERNAL);
	assert_non_null(strstr(err.message, "/nowhere/libonnxruntime.so.1"));
	assert_non_null(strstr(err.message, "DLGUIDER_ONNXRUNTIME"));
	err = (gd_error){ 0 };
	assert_int_equal(setenv("DLGUIDER_ONNXRUNTIME", "libz.so.1", 1), 0);
	assert_int_equal(gd_engine_find(&info, &err), GD_E_INTERNAL);
	assert_non_null(strstr(err.message, "OrtGetApiBase"));
	kept ? setenv("DLGUIDER_ONNXRUNTIME", kept, 1) : unsetenv("DLGUIDER_ONNXRUNTIME");
	free(kept);
	err = (gd_error){ 0 };
	assert_int_equal(gd_engine_find(&info, &err), GD_OK);
	assert_int_equal(strncmp(info.version, "1.", 2), 0);
	assert_int_equal(access(info.path, R_OK), 0);
	assert_string_equal(getenv("ORT_DISABLE_TELEMETRY"), "1");
}

static void a_stopped_session_says_so_and_can_go_on(void **state)
{
	(void)state;
	fixture *f = picture(13);
	gd_array x = ROWS(f, 4, 2, 3, 4, 5), out[1];
	gd_session *session = opened(f, NULL, 0, 1);
	gd_session_stop(session, true);
	gd_error err = { 0 };
	assert_int_equal(gd_session_run(session, &x, out, &err), GD_E_INTERRUPTED);
	gd_session_stop(session, false);
	run(session, &x, out);
	gd_session_close(session);
	end(f);
}

static fixture *mlp(void)
{
	fixture *f = begin(13, GD_F32, 2, (const int64_t[]){ -1, 64 });
	NODE(f, "MatMul", "m", "x", WEIGHT(f, 2, 64, 300));
	NODE(f, "Tanh", "h", "m");
	NODE(f, "MatMul", "o", "h", WEIGHT(f, 2, 300, 10));
	NODE(f, "Softmax", "y", "o");
	finish(f, "y", GD_F32);
	return f;
}

static fixture *cnn(void)
{
	fixture *f = begin(13, GD_F32, 4, (const int64_t[]){ -1, 3, 8, 8 });
	NODE(f, "Conv", "c", "x", WEIGHT(f, 4, 16, 3, 3, 3));
	NODE(f, "Sigmoid", "h", "c");
	NODE(f, "GlobalAveragePool", "p", "h");
	NODE(f, "Flatten", "l", "p");
	NODE(f, "Softmax", "y", "l");
	finish(f, "y", GD_F32);
	return f;
}

static fixture *lstm(void)
{
	fixture *f = begin(13, GD_F32, 3, (const int64_t[]){ -1, 12, 8 });
	NODE(f, "Transpose", "t", "x");
	assert_true(gd_builder_attr_ints(&f->b, "perm", (const int64_t[]){ 1, 0, 2 }, 3));
	NODE(f, "LSTM", "s", "t", WEIGHT(f, 3, 1, 80, 8), WEIGHT(f, 3, 1, 80, 20));
	assert_true(gd_builder_attr_int(&f->b, "hidden_size", 20));
	assert_non_null(gd_builder_more(&f->b, "last"));
	NODE(f, "Squeeze", "h", "last", gd_builder_integers(&f->b, "axes", (const int64_t[]){ 0 }, 1));
	NODE(f, "Softmax", "y", "h");
	finish(f, "y", GD_F32);
	return f;
}

/* Every byte of outputs and probes, for 1 and 2 threads and twice in a row. */
static void threads_and_repeats_give_the_same_bytes(void **state)
{
	(void)state;
	static const struct {
		fixture *(*make)(void);
		int rank;
		int64_t dim[4];
		int probe_rank;
	} cases[] = { { mlp, 2, { 256, 64 }, 2 }, { cnn, 4, { 256, 3, 8, 8 }, 4 }, { lstm, 3, { 256, 12, 8 }, 2 } };
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
		fixture *f = cases[k].make();
		gd_array x = rows_of(&f->arena, GD_F32, cases[k].rank, cases[k].dim), one[2], two[2];
		gd_probe probe = { .value = "h", .channel_axis = 1, .rank = cases[k].probe_rank, .reduce = GD_REDUCE_MEAN };
		gd_session *alone = opened(f, &probe, 1, 1), *both = opened(f, &probe, 1, 2);
		run(alone, &x, one);
		for (int repeat = 0; repeat < 3; repeat++) {
			run(both, &x, two);
			for (size_t i = 0; i < 2; i++) {
				assert_int_equal(one[i].bytes, two[i].bytes);
				assert_true(one[i].bytes > 256 * 4);
				assert_memory_equal(one[i].data, two[i].data, one[i].bytes);
			}
		}
		assert_int_equal(gd_session_pick_batch(&f->model), GD_MAX_BATCH);
		gd_session_close(alone);
		gd_session_close(both);
		end(f);
	}
}

typedef struct {
	const fixture *f;
	gd_array rows;
	float expected[16 * 10];
	bool same;
} worker;

static void *work(void *state)
{
	worker *w = state;
	w->same = true;
	for (int i = 0; i < 5 && w->same; i++) {
		gd_session *session = NULL;
		gd_array out;
		w->same = gd_session_open(&w->f->model, NULL, 0, 1, &session, NULL) == GD_OK;
		for (int k = 0; k < 20 && w->same; k++)
			w->same = gd_session_run(session, &w->rows, &out, NULL) == GD_OK && memcmp(out.data, w->expected, sizeof w->expected) == 0;
		gd_session_close(session);
	}
	return NULL;
}

static void sessions_of_different_threads_never_meet(void **state)
{
	(void)state;
	fixture *f = mlp();
	worker workers[4] = { { .f = f, .rows = ROWS(f, 2, 16, 64) } };
	gd_array out;
	gd_session *session = opened(f, NULL, 0, 1);
	run(session, &workers[0].rows, &out);
	assert_int_equal(out.bytes, sizeof workers[0].expected);
	memcpy(workers[0].expected, out.data, out.bytes);
	gd_session_close(session); /* the last one of the process: the threads start the engine again */
	pthread_t threads[4];
	for (size_t i = 0; i < 4; i++) {
		workers[i] = workers[0];
		assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_true(workers[i].same);
	}
	end(f);
}

/* The classifier against loops: guards against a part that replaces instead of adding. */
static void the_network_s_numbers_are_right(void **state)
{
	(void)state;
	fixture *f = mlp();
	gd_array x = ROWS(f, 2, 4, 64), out[2];
	gd_session *session = opened(f, &(gd_probe){ .value = "h", .channel_axis = 1, .rank = 2 }, 1, 1);
	run(session, &x, out);
	for (size_t t = 0; t < 4; t++) {
		double hidden[300], logits[10], most = -INFINITY, sum = 0;
		for (size_t j = 0; j < 300; j++) {
			double z = 0;
			for (size_t i = 0; i < 64; i++)
				z += (double)number(t * 64 + i) * (double)number(i * 300 + j);
			hidden[j] = tanh(z);
			if (fabs((double)((float *)out[1].data)[t * 300 + j] - hidden[j]) > 1e-6)
				fail_msg("hidden %zu: %g instead of %g", j, (double)((float *)out[1].data)[t * 300 + j], hidden[j]);
		}
		for (size_t k = 0; k < 10; k++) {
			logits[k] = 0;
			for (size_t j = 0; j < 300; j++)
				logits[k] += hidden[j] * (double)number(j * 10 + k);
			most = fmax(most, logits[k]);
		}
		for (size_t k = 0; k < 10; k++)
			sum += exp(logits[k] - most);
		for (size_t k = 0; k < 10; k++) /* logits of some tens: float32 leaves about 1e-5 of the probability */
			assert_true(fabs((double)((float *)out[0].data)[t * 10 + k] - exp(logits[k] - most) / sum) < 2e-5);
	}
	gd_session_close(session);
	end(f);
}

static void large_values_make_small_batches(void **state)
{
	(void)state;
	fixture *f = begin(13, GD_F32, 4, (const int64_t[]){ -1, 3, 1024, 1024 }); /* 12 MiB in, 12 MiB inside */
	NODE(f, "Relu", "r", "x");
	NODE(f, "Flatten", "y", "r");
	*gd_builder_value(&f->b) = (gd_value){ .name = "r", .type = GD_F32, .shape = { .rank = 4, .dim = { -1, 3, 1024, 1024 } } };
	finish(f, "y", GD_F32);
	assert_int_equal(gd_session_pick_batch(&f->model), 2);
	end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_missing_library_is_one_clear_sentence),
		cmocka_unit_test(probes_reduce_to_neurons),
		cmocka_unit_test(values_that_are_not_finite_arrive),
		cmocka_unit_test(channels_last_is_the_default_axis),
		cmocka_unit_test(time_first_values_are_turned),
		cmocka_unit_test(odd_probes_work),
		cmocka_unit_test(a_fixed_batch_is_padded_and_cut),
		cmocka_unit_test(inputs_become_the_model_s_type),
		cmocka_unit_test(halves_round_to_nearest_even),
		cmocka_unit_test(wrong_tests_are_refused_with_both_shapes),
		cmocka_unit_test(broken_models_get_a_code_and_a_sentence),
		cmocka_unit_test(a_failing_node_is_a_fault_of_the_input),
		cmocka_unit_test(the_engine_s_words_lose_paths_and_signatures),
		cmocka_unit_test(a_stopped_session_says_so_and_can_go_on),
		cmocka_unit_test(threads_and_repeats_give_the_same_bytes),
		cmocka_unit_test(sessions_of_different_threads_never_meet),
		cmocka_unit_test(the_network_s_numbers_are_right),
		cmocka_unit_test(large_values_make_small_batches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
