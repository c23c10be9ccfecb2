/* Every detector on a model of two Dense layers made by hand: once where it must speak, once where it must be silent. The
 * statistics are fed batch by batch and compared with sums over all tests at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/algebra.h"
#include "evidence/evidence.h"

enum { TESTS = 96, IN = 6, HIDDEN = 8, OUT = 3 };

/* A small generator, so that every run sees the same numbers. */
static double uniform(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (double)(*state >> 11) / 9007199254740992.0;
}

static double normal(uint64_t *state)
{
	double sum = -6;
	for (int i = 0; i < 12; i++)
		sum += uniform(state);
	return sum;
}

typedef struct {
	gd_model model;
	gd_layer layers[4]; /* input, dense, (normalisation,) output */
	gd_entry entries[2];
	int members[2][2];
	const char *inputs[4][1];
	gd_weight weights[4][4];
	gd_setting settings[4][4];
	float w1[IN * HIDDEN], b1[HIDDEN], w2[HIDDEN * OUT], b2[OUT], norm[4][HIDDEN];
	gd_value input, output;
	size_t out;            /* units of the output */
	gd_task task;
	/* what the pass sees */
	float x[TESTS * IN], hidden[TESTS * HIDDEN], outputs[TESTS * OUT];
	int32_t classes[TESTS]; /* the labels, as stored */
	double classes_or_numbers[TESTS];
} scene_by_hand;

static gd_weight weight(const char *name, gd_role role, float *data, size_t rows, size_t columns)
{
	gd_weight out = { .role = role, .order = GD_UNITS_LAST, .part = "" };
	size_t count = columns * (rows ? rows : 1);
	out.tensor = (gd_tensor){ name, GD_F32, { rows ? 2 : 1, { (int64_t)(rows ? rows : columns), (int64_t)columns } }, data, count * sizeof(float) };
	return out;
}

static void layer(scene_by_hand *s, int at, const char *name, const char *activation, const char *from, const char *to)
{
	s->inputs[at][0] = from;
	s->layers[at] = (gd_layer){ .name = name, .kind = "Dense", .family = GD_FAMILY_DENSE, .activation = activation, .is_entry = true,
		.trainable = true, .weights = s->weights[at], .settings = s->settings[at], .inputs = s->inputs[at], .input_count = 1, .output = to,
		.channel_axis = -1 };
	s->layers[at].shape = (gd_shape){ 2, { -1, at == 1 ? HIDDEN : (int64_t)s->out } };
}

/* Three classes of points, a hidden layer of relu units with two or three for every class, an output that reads them. */
static void make(scene_by_hand *s, const char *inside, const char *outside, size_t out, gd_task task)
{
	uint64_t seed = 7;
	memset(s, 0, sizeof *s);
	s->out = out;
	s->task = task;
	s->layers[0] = (gd_layer){ .name = "input", .kind = "InputLayer", .family = GD_FAMILY_INPUT, .output = "x", .entry = -1 };
	layer(s, 1, "first", inside, "x", "h");
	layer(s, 2, "second", outside, "h", "y");
	for (int i = 0; i < 2; i++) {
		s->layers[i + 1].entry = i;
		s->members[i][0] = i + 1;
		s->entries[i] = (gd_entry){ i + 1, s->members[i], 1, i ? "y" : "h", -1, 2, i ? out : HIDDEN, i == 1 };
	}
	for (size_t i = 0; i < IN * HIDDEN; i++)
		s->w1[i] = (float)(.4 * normal(&seed) + (i / HIDDEN % 3 == i % HIDDEN % 3 ? 1.2 : -.4));
	for (size_t i = 0; i < HIDDEN * out; i++)
		s->w2[i] = (float)(.2 * normal(&seed) + (i / out % 3 == i % out ? .8 : -.5));
	for (size_t i = 0; i < HIDDEN; i++)
		s->b1[i] = (float)(.05 * normal(&seed));
	s->weights[1][0] = weight("kernel", GD_KERNEL, s->w1, IN, HIDDEN);
	s->weights[1][1] = weight("bias", GD_BIAS, s->b1, 0, HIDDEN);
	s->weights[2][0] = weight("kernel", GD_KERNEL, s->w2, HIDDEN, out);
	s->weights[2][1] = weight("bias", GD_BIAS, s->b2, 0, out);
	s->layers[1].weight_count = s->layers[2].weight_count = 2;
	s->output = (gd_value){ "y", GD_F32, { 2, { -1, (int64_t)out } } };
	s->model = (gd_model){ .path = "by hand", .layers = s->layers, .layer_count = 3, .entries = s->entries, .entry_count = 2, .format = GD_FORMAT_KERAS3 };
	s->model.graph.outputs = &s->output;
	s->model.graph.output_count = 1;
	for (size_t t = 0; t < TESTS; t++) {
		s->classes[t] = (int32_t)(t % 3);
		for (size_t k = 0; k < IN; k++)
			s->x[t * IN + k] = (float)((k % 3 == t % 3 ? 1.5 : 0) + .3 * normal(&seed));
	}
}

/* What the two layers compute of the inputs. */
static void compute(scene_by_hand *s)
{
	for (size_t t = 0; t < TESTS; t++) {
		double sum = 0, y[OUT];
		for (size_t h = 0; h < HIDDEN; h++) {
			double v = (double)s->b1[h];
			for (size_t k = 0; k < IN; k++)
				v += (double)s->x[t * IN + k] * (double)s->w1[k * HIDDEN + h];
			s->hidden[t * HIDDEN + h] = (float)(v > 0 ? v : 0);
		}
		for (size_t o = 0; o < s->out; o++) {
			y[o] = (double)s->b2[o];
			for (size_t h = 0; h < HIDDEN; h++)
				y[o] += (double)s->hidden[t * HIDDEN + h] * (double)s->w2[h * s->out + o];
			sum += exp(y[o]);
		}
		for (size_t o = 0; o < s->out; o++)
			s->outputs[t * s->out + o] = (float)(exp(y[o]) / sum);
	}
}

typedef struct {
	gd_rows *rows;
	gd_labels labels;
	gd_statistics *statistics;
	gd_spectrum *spectrum;
	gd_evidence *evidence;
} found;

static void open_labels(const scene_by_hand *s, found *f)
{
	gd_error err = { 0 };
	int64_t dims[] = { TESTS };
	gd_label_model about = { s->out, 1, NULL, TESTS };
	gd_status status = s->task == GD_TASK_REGRESSION ? gd_rows_open_memory("labels", s->classes_or_numbers, "<f8", 1, dims, &f->rows, &err)
													 : gd_rows_open_memory("labels", s->classes, "<i4", 1, dims, &f->rows, &err);
	assert_int_equal(status, GD_OK);
	if (gd_labels_open(f->rows, s->task, &about, &f->labels, &err) != GD_OK)
		fail_msg("%s", err.message);
}

static void feed(const scene_by_hand *s, found *f, int64_t batch)
{
	gd_error err = { 0 };
	gd_oracle oracle = { .labels = &f->labels, .form = s->task == GD_TASK_REGRESSION ? GD_FORM_VALUES : GD_FORM_PROBABILITY, .units = s->out,
		.places = 1, .inner = 1, .room = batch };
	assert_int_equal(gd_statistics_new(&s->model, &f->statistics, &err), GD_OK);
	gd_observer observer = gd_statistics_observer(f->statistics);
	gd_spectrum_entry entries[2] = { { .units = HIDDEN }, { .units = s->out } };
	gd_array *extra = calloc(f->statistics->probe_count + 1, sizeof *extra);
	for (int64_t first = 0; first < TESTS; first += batch) {
		int64_t count = first + batch < TESTS ? batch : TESTS - first;
		float *x = (float *)(uintptr_t)(s->x + first * IN);
		const float *neurons[] = { s->hidden + first * HIDDEN, s->outputs + first * (int64_t)s->out };
		gd_array rows = { GD_F32, { 2, { count, IN } }, x, (size_t)count * IN * sizeof(float) };
		for (size_t i = 0; i < f->statistics->probe_count; i++) /* what the first layer gives the normalisation */
			extra[i] = (gd_array){ GD_F32, { 2, { count, HIDDEN } }, (float *)(uintptr_t)neurons[0], (size_t)count * HIDDEN * sizeof(float) };
		gd_batch_view view = { .first = first, .count = count, .total = TESTS, .oracle = &oracle, .outputs = neurons[1], .neurons = neurons,
			.entries = entries, .entry_count = 2, .rows = &rows, .row_count = 1, .extra = extra, .extra_count = f->statistics->probe_count };
		if (observer.batch(observer.state, &view, &err) != GD_OK)
			fail_msg("%s", err.message);
	}
	free(extra);
}

static found look_in(const scene_by_hand *s, int64_t batch)
{
	found f = { 0 };
	gd_error err = { 0 };
	open_labels(s, &f);
	feed(s, &f, batch);
	gd_spectrum_entry entries[2] = { { .name = "first", .kind = "Dense", .units = HIDDEN }, { .name = "second", .kind = "Dense", .units = s->out } };
	gd_spectrum_size size = { entries, 2, TESTS, gd_coverage_find("layer") };
	assert_int_equal(gd_spectrum_new(&size, &f.spectrum, &err), GD_OK);
	if (gd_evidence_find(&s->model, f.statistics, f.spectrum, &f.evidence, &err) != GD_OK)
		fail_msg("%s", err.message);
	return f;
}

static void forget(found *f)
{
	gd_evidence_free(f->evidence);
	gd_spectrum_free(f->spectrum);
	gd_statistics_free(f->statistics);
	gd_rows_close(f->rows);
}

static double figure_of(const scene_by_hand *s, size_t entry, gd_figure_id id)
{
	found f = look_in(s, 32);
	double value = f.evidence->entries[entry].of[id];
	forget(&f);
	return value;
}

static bool says(const scene_by_hand *s, size_t entry, const char *id)
{
	found f = look_in(s, 32);
	bool said = false;
	for (size_t i = 0; i < f.evidence->entries[entry].finding_count; i++)
		said = said || strcmp(f.evidence->entries[entry].findings[i].id, id) == 0;
	forget(&f);
	return said;
}

static void sound(scene_by_hand *s)
{
	make(s, "relu", "softmax", OUT, GD_TASK_MULTICLASS);
	compute(s);
}

/* ---- mathematics and statistics ---- */
static void eigenvalues(void **state)
{
	(void)state;
	enum { N = 9 };
	double a[N * N], copy[N * N], values[N], work[N];
	uint64_t seed = 3;
	for (size_t i = 0; i < N; i++)
		for (size_t k = 0; k <= i; k++)
			a[i * N + k] = a[k * N + i] = normal(&seed);
	memcpy(copy, a, sizeof a);
	gd_eigen(a, N, values, work, true);
	for (size_t v = 0; v < N; v++) {
		for (size_t i = 0; i < N; i++) {
			double left = 0;
			for (size_t k = 0; k < N; k++)
				left += copy[i * N + k] * a[k * N + v];
			assert_true(fabs(left - values[v] * a[i * N + v]) < 1e-10);
		}
		assert_true(v == 0 || values[v] >= values[v - 1]);
	}
	double again[N];
	gd_eigen(copy, N, again, work, false);
	for (size_t v = 0; v < N; v++)
		assert_true(fabs(again[v] - values[v]) < 1e-10);
}

static void small_figures(void **state)
{
	(void)state;
	double a[] = { 1, 2, 3, 4 }, b[] = { 2, 4, 6, 8 }, same[] = { 5, 5, 5, 5 }, two[] = { 0, 0, 0, 1, 1, 1 };
	assert_true(fabs(gd_correlation(a, b, 4) - 1) < 1e-12);
	assert_true(isnan(gd_correlation(a, same, 4)));
	assert_true(fabs(gd_two_groups_sorted(two, 6) - 1) < 1e-12);
	assert_true(fabs(gd_signed_log(-3) + log(4)) < 1e-12);
	assert_int_equal(gd_pick(0, 100, 64), 0);
	assert_int_equal(gd_pick(63, 100, 64), 99);
	assert_int_equal(gd_pick(5, 20, 20), 5);
}

static void statistics_add_up(void **state)
{
	(void)state;
	scene_by_hand s;
	sound(&s);
	found whole = look_in(&s, TESTS), parts = look_in(&s, 7);
	const gd_site *a = &whole.statistics->sites[0], *b = &parts.statistics->sites[0];
	for (size_t h = 0; h < HIDDEN; h++) {
		double mean = 0, scatter = 0, with_first = 0;
		for (size_t t = 0; t < TESTS; t++)
			mean += (double)s.hidden[t * HIDDEN + h] / (double)TESTS;
		for (size_t t = 0; t < TESTS; t++) {
			double c = (double)s.hidden[t * HIDDEN + h] - mean;
			scatter += c * c;
			with_first += c * ((t % 3 == 0) - 1 / 3.0);
		}
		assert_true(fabs(a->mean[h] - mean) < 1e-9 && fabs(b->mean[h] - mean) < 1e-9);
		assert_true(fabs(a->scatter[h] - scatter) < 1e-9 && fabs(b->scatter[h] - scatter) < 1e-9);
		assert_true(fabs(b->products[h * HIDDEN + h] - scatter) < 1e-9);
		assert_true(fabs(a->with_targets[h * OUT] - with_first) < 1e-9 && fabs(b->with_targets[h * OUT] - with_first) < 1e-9);
	}
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < GD_FIGURES; k++) {
			double u = whole.evidence->entries[i].of[k], v = parts.evidence->entries[i].of[k];
			assert_true(isnan(u) ? isnan(v) : fabs(u - v) < 1e-6);
		}
	forget(&whole);
	forget(&parts);
}

/* ---- detectors ---- */
static void output(void **state)
{
	(void)state;
	scene_by_hand s;
	make(&s, "relu", "softmax", 1, GD_TASK_BINARY);
	for (size_t t = 0; t < TESTS; t++)
		s.classes[t] = (int32_t)(t % 2);
	compute(&s);
	assert_true(says(&s, 1, "output.softmax-one-unit"));
	assert_true(fabs(figure_of(&s, 1, GD_FIGURE_CONTRACT) - 3) < 1e-12);
	assert_true(fabs(figure_of(&s, 1, GD_FIGURE_CONSTANT) - 1) < 1e-12);
	s.layers[2].activation = "sigmoid";
	assert_false(says(&s, 1, "output.softmax-one-unit"));
	assert_true(fabs(figure_of(&s, 1, GD_FIGURE_CONTRACT)) < 1e-12);
	sound(&s);
	assert_true(fabs(figure_of(&s, 1, GD_FIGURE_CONTRACT)) < 1e-12);
	s.layers[2].activation = "relu";
	assert_true(says(&s, 1, "output.class-activation"));
	make(&s, "relu", "sigmoid", 1, GD_TASK_REGRESSION);
	for (size_t t = 0; t < TESTS; t++)
		s.classes_or_numbers[t] = (double)t / 10;
	compute(&s);
	assert_true(says(&s, 1, "output.range"));
	s.layers[2].activation = "linear";
	assert_false(says(&s, 1, "output.range"));
}

static void settings(void **state)
{
	(void)state;
	scene_by_hand s;
	sound(&s);
	assert_true(fabs(figure_of(&s, 0, GD_FIGURE_ODD)) < 1e-12);
	s.layers[1].activation = "softmax";
	assert_true(says(&s, 0, "settings.softmax-inside"));
	sound(&s);
	s.settings[1][0] = (gd_setting){ "kernel_initializer", "RandomNormal", 0 };
	s.settings[1][1] = (gd_setting){ "kernel_initializer.stddev", NULL, 8 };
	s.layers[1].setting_count = 2;
	assert_true(says(&s, 0, "settings.initializer"));
	s.settings[1][1].number = .05;
	assert_false(says(&s, 0, "settings.initializer"));
	s.settings[1][0] = (gd_setting){ "kernel_regularizer", "L2", 0 };
	s.settings[1][1] = (gd_setting){ "kernel_regularizer.l2", NULL, 3 };
	assert_true(says(&s, 0, "settings.regularizer"));
	s.settings[1][1].number = 1e-4;
	assert_false(says(&s, 0, "settings.regularizer"));
	s.layers[1].trainable = false;
	assert_true(says(&s, 0, "settings.frozen"));
	assert_true(fabs(figure_of(&s, 0, GD_FIGURE_FROZEN) - 1) < 1e-12);
	s.layers[1].kind = "GaussianNoise";
	s.settings[1][0] = (gd_setting){ "stddev", NULL, .9 };
	assert_true(says(&s, 0, "settings.noise"));
	assert_true(fabs(figure_of(&s, 0, GD_FIGURE_NOISE) - .9) < 1e-6);
	s.settings[1][0].number = .1;
	assert_false(says(&s, 0, "settings.noise"));
}

static void activation(void **state)
{
	(void)state;
	scene_by_hand s;
	sound(&s);
	assert_true(fabs(figure_of(&s, 0, GD_FIGURE_DEAD)) < 1e-12);
	for (size_t t = 0; t < TESTS; t++)
		s.hidden[t * HIDDEN] = s.hidden[t * HIDDEN + 1] = 0;
	assert_true(fabs(figure_of(&s, 0, GD_FIGURE_DEAD) - 2.0 / (double)HIDDEN) < 1e-12);
	s.hidden[5] = NAN;
	assert_true(fabs(figure_of(&s, 0, GD_FIGURE_UNSOUND) - 1.0 / (TESTS * HIDDEN)) < 1e-7);
}

static void information(void **state)
{
	(void)state;
	scene_by_hand s;
	uint64_t seed = 11;
	sound(&s);
	assert_true(figure_of(&s, 0, GD_FIGURE_KNOWS) > .8);
	assert_true(figure_of(&s, 0, GD_FIGURE_LOST) < .1);
	for (size_t i = 0; i < TESTS * HIDDEN; i++)
		s.hidden[i] = (float)normal(&seed);
	assert_true(figure_of(&s, 0, GD_FIGURE_KNOWS) < .2);
	assert_true(figure_of(&s, 0, GD_FIGURE_LOST) > .5);
}

/* The entry gives normalised values once its normalisation is there. */
static void normalise(scene_by_hand *s)
{
	compute(s);
	for (size_t t = 0; t < TESTS; t++)
		for (size_t h = 0; h < HIDDEN; h++)
			s->hidden[t * HIDDEN + h] = (s->hidden[t * HIDDEN + h] - s->norm[1][h]) / sqrtf(s->norm[2][h] + 1e-6f);
}

static void normalization(void **state)
{
	(void)state;
	scene_by_hand s;
	sound(&s);
	assert_true(isnan(figure_of(&s, 0, GD_FIGURE_DRIFT)));
	s.layers[3] = s.layers[2];
	s.inputs[3][0] = "n";
	s.layers[3].inputs = s.inputs[3];
	s.inputs[2][0] = "h";
	s.layers[2] = (gd_layer){ .name = "norm", .kind = "BatchNormalization", .family = GD_FAMILY_NORMALIZATION, .inputs = s.inputs[2],
		.input_count = 1, .output = "n", .channel_axis = -1, .entry = 0, .weights = s.weights[3], .weight_count = 3, .shape = { 2, { -1, HIDDEN } } };
	s.model.layer_count = 4;
	s.members[0][1] = 2;
	s.entries[0].member_count = 2;
	s.entries[0].output = "n";
	s.entries[1].head = s.members[1][0] = 3;
	found f = look_in(&s, 32);
	for (size_t h = 0; h < HIDDEN; h++) {
		s.norm[0][h] = 1;
		s.norm[1][h] = (float)f.statistics->sites[0].mean[h];
		s.norm[2][h] = (float)(f.statistics->sites[0].scatter[h] / (double)TESTS);
	}
	forget(&f);
	s.weights[3][0] = weight("gamma", GD_GAMMA, s.norm[0], 0, HIDDEN);
	s.weights[3][1] = weight("mean", GD_MEAN, s.norm[1], 0, HIDDEN);
	s.weights[3][2] = weight("variance", GD_VARIANCE, s.norm[2], 0, HIDDEN);
	normalise(&s);
	assert_true(figure_of(&s, 0, GD_FIGURE_DRIFT) < log(.06));
	for (size_t h = 0; h < HIDDEN; h++)
		s.norm[1][h] += 4 * sqrtf(s.norm[2][h]);
	normalise(&s);
	assert_true(figure_of(&s, 0, GD_FIGURE_DRIFT) > log(2));
}

static void kernel(void **state)
{
	(void)state;
	scene_by_hand s;
	sound(&s);
	double limit = sqrt(6.0 / (IN + HIDDEN)), width = figure_of(&s, 0, GD_FIGURE_WIDTH);
	assert_true(figure_of(&s, 0, GD_FIGURE_VALUES) > .9 && fabs(figure_of(&s, 0, GD_FIGURE_SINGULAR)) < 1e-12);
	for (size_t i = 0; i < IN * HIDDEN; i++)
		s.w1[i] *= 30;
	assert_true(fabs(figure_of(&s, 0, GD_FIGURE_WIDTH) - width - log(30)) < 1e-4);
	for (size_t i = 0; i < IN * HIDDEN; i++)
		s.w1[i] = i % 2 ? (float)limit : -(float)limit;
	assert_true(figure_of(&s, 0, GD_FIGURE_VALUES) < .05 && figure_of(&s, 0, GD_FIGURE_SINGULAR) > .5);
	sound(&s);
	for (size_t i = 0; i < IN; i++)
		s.w1[i * HIDDEN + 3] *= 30;
	assert_true(figure_of(&s, 0, GD_FIGURE_STRONGEST) > 2.5);
}

static void bias(void **state)
{
	(void)state;
	scene_by_hand s;
	sound(&s);
	assert_true(figure_of(&s, 0, GD_FIGURE_BIAS_PEAK) < 0);
	for (size_t h = 0; h < HIDDEN; h++)
		s.b1[h] = -10;
	assert_true(fabs(figure_of(&s, 0, GD_FIGURE_BIAS_MEAN) + 10) < 1e-6);
	assert_true(fabs(figure_of(&s, 0, GD_FIGURE_BIAS_PEAK) - log(10.01)) < 1e-6);
	for (size_t h = 0; h < HIDDEN; h++) {
		s.b1[h] = 0;
		for (size_t k = 0; k < IN; k++)
			s.b1[h] += .1f * s.w1[k * HIDDEN + h];
	}
	assert_true(figure_of(&s, 0, GD_FIGURE_BIAS_SUM) > .999);
	for (size_t i = 0; i < IN * HIDDEN; i++)
		s.w1[i] *= -1;
	assert_true(figure_of(&s, 0, GD_FIGURE_BIAS_SUM) < -.999);
}

static void interface(void **state)
{
	(void)state;
	scene_by_hand s;
	uint64_t seed = 5;
	sound(&s);
	double shape = figure_of(&s, 0, GD_FIGURE_IN_SHAPE), fit = figure_of(&s, 0, GD_FIGURE_TO_SHAPE);
	assert_true(shape > .5 && fit > .5);
	assert_true(fabs(figure_of(&s, 1, GD_FIGURE_FROM_SHAPE) - fit) < 1e-12);
	for (size_t i = 0; i < IN * HIDDEN; i++)
		s.w1[i] = (float)normal(&seed);
	assert_true(figure_of(&s, 0, GD_FIGURE_IN_SHAPE) < shape - .2);
	assert_true(figure_of(&s, 0, GD_FIGURE_TO_SHAPE) < fit - .2);
}

static void downstream(void **state)
{
	(void)state;
	scene_by_hand s;
	sound(&s);
	assert_true(figure_of(&s, 0, GD_FIGURE_AGAINST) < .2);
	assert_true(figure_of(&s, 1, GD_FIGURE_SLOPE) > .5);
	for (size_t i = 0; i < HIDDEN * OUT; i++)
		s.w2[i] *= -1;
	compute(&s);
	assert_true(figure_of(&s, 0, GD_FIGURE_AGAINST) > .8);
	assert_true(figure_of(&s, 1, GD_FIGURE_SLOPE) < -.5);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(eigenvalues), cmocka_unit_test(small_figures), cmocka_unit_test(statistics_add_up),
		cmocka_unit_test(output), cmocka_unit_test(settings), cmocka_unit_test(activation), cmocka_unit_test(information),
		cmocka_unit_test(normalization), cmocka_unit_test(kernel), cmocka_unit_test(bias), cmocka_unit_test(interface), cmocka_unit_test(downstream) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
