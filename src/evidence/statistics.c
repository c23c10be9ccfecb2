#include "evidence/statistics.h"
#include "base/checked.h"
#include "evidence/algebra.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	PROJECTED = 1024, /* numbers of a test that its projection is made of, at most */
	CHEAP = 16384     /* numbers of a test in a value that is watched for the sake of one figure alone, at most */
};

/* ---- which values are watched ---- */
static int producer_of(const gd_model *model, const char *value)
{
	for (size_t i = 0; i < model->layer_count; i++)
		if (model->layers[i].family != GD_FAMILY_INPUT && model->layers[i].output && strcmp(model->layers[i].output, value) == 0)
			return (int)i;
	return -1;
}

static bool is_entry_output(const gd_model *model, const char *value, size_t *at)
{
	for (size_t i = 0; i < model->entry_count; i++)
		if (model->entries[i].output && strcmp(model->entries[i].output, value) == 0) {
			*at = i;
			return true;
		}
	return false;
}

int gd_value_origin(const gd_model *model, const char *value, const char **behind)
{
	size_t at;
	int layer = producer_of(model, value);
	while (layer >= 0 && !is_entry_output(model, value, &at)) {
		const gd_layer *row = &model->layers[layer];
		bool passes = row->family == GD_FAMILY_SHAPE || row->family == GD_FAMILY_REGULARIZER;
		if (!passes || row->is_entry || row->input_count != 1)
			break;
		value = row->inputs[0];
		layer = producer_of(model, value);
	}
	*behind = value;
	return layer;
}

static bool is_watched(const gd_statistics *s, const char *value)
{
	for (size_t i = 0; i < s->probe_count; i++)
		if (strcmp(s->probes[i].value, value) == 0)
			return true;
	return false;
}

static void watch(gd_statistics *s, const char *value)
{
	const gd_model *model = s->model;
	const char *behind;
	size_t at;
	int layer = gd_value_origin(model, value, &behind);
	if (layer < 0 || is_entry_output(model, behind, &at) || is_watched(s, behind))
		return;
	const gd_value *known = gd_graph_value(&model->graph, behind);
	const gd_layer *row = &model->layers[layer];
	int rank = known && known->shape.rank >= 0 ? known->shape.rank : row->shape.rank;
	s->probes[s->probe_count++] = (gd_probe){ behind, row->channel_axis, rank, GD_REDUCE_MEAN, false };
}

static void watch_all(gd_statistics *s)
{
	const gd_model *model = s->model;
	for (size_t i = 0; i < model->layer_count; i++) {
		const gd_layer *row = &model->layers[i];
		bool is_head = row->entry >= 0 && model->entries[row->entry].head == (int)i;
		if (row->input_count && is_head)
			watch(s, row->inputs[0]);
		/* What a normalisation gives tells what it got, and the engine can still fold it into the convolution before. */
		size_t numbers;
		if (row->output && row->family == GD_FAMILY_NORMALIZATION && gd_layer_weight(row, GD_MEAN) &&
			gd_shape_count(&row->shape, 1, &numbers) && numbers <= CHEAP)
			watch(s, row->output);
	}
}

/* One site for each of the model's inputs; behind them one for all of them together. */
static size_t input_sites(const gd_statistics *s)
{
	return s->model->graph.input_count ? s->model->graph.input_count : 1;
}

static gd_site *first_input_site(const gd_statistics *s)
{
	return &s->sites[s->site_count - 1 - input_sites(s)];
}

gd_status gd_statistics_new(const gd_model *model, gd_statistics **out, gd_error *err)
{
	gd_statistics *s = calloc(1, sizeof *s);
	if (!s)
		return gd_fail_memory(err, "watching the layers");
	s->model = model;
	s->entry_count = model->entry_count;
	s->probes = gd_arena_new(&s->arena, model->layer_count + 1, sizeof *s->probes);
	if (s->probes)
		watch_all(s);
	s->site_count = s->entry_count + s->probe_count + input_sites(s) + 1;
	s->sites = gd_arena_new(&s->arena, s->site_count, sizeof *s->sites);
	if (!s->sites || !s->probes) {
		gd_statistics_free(s);
		return gd_fail_memory(err, "watching the layers");
	}
	*out = s;
	return GD_OK;
}

void gd_statistics_free(gd_statistics *s)
{
	if (!s)
		return;
	gd_arena_free(&s->arena);
	free(s);
}

const gd_site *gd_statistics_all_inputs(const gd_statistics *s)
{
	return &s->sites[s->site_count - 1];
}

const gd_site *gd_statistics_site(const gd_statistics *s, const char *value)
{
	const char *behind;
	size_t at;
	int layer = gd_value_origin(s->model, value, &behind);
	for (size_t i = 1; layer < 0 && i < s->model->graph.input_count; i++)
		if (strcmp(s->model->graph.inputs[i].name, behind) == 0)
			return first_input_site(s) + i;
	if (layer < 0)
		return first_input_site(s);
	if (is_entry_output(s->model, behind, &at))
		return &s->sites[at];
	for (size_t i = 0; i < s->probe_count; i++)
		if (strcmp(s->probes[i].value, behind) == 0)
			return &s->sites[s->entry_count + i];
	return NULL;
}

/* ---- one batch ---- */
typedef struct {
	const gd_batch_view *view;
	size_t count;
	double target_mean[GD_TARGETS], error_mean[GD_TARGETS]; /* of the batch */
} batch;

static bool site_room(gd_statistics *s, gd_site *site, size_t units)
{
	site->units = units;
	site->kept = units < GD_KEPT ? units : GD_KEPT;
	size_t numbers;
	if (!gd_mul_size(units, sizeof(double), &numbers))
		return false;
	site->mean = gd_arena_new(&s->arena, units + 1, sizeof *site->mean);
	site->scatter = gd_arena_new(&s->arena, units + 1, sizeof *site->scatter);
	site->positive = gd_arena_new(&s->arena, units + 1, sizeof *site->positive);
	site->products = gd_arena_new(&s->arena, site->kept * site->kept + 1, sizeof *site->products);
	site->with_targets = gd_arena_new(&s->arena, site->kept * s->targets + 1, sizeof(double));
	site->with_errors = gd_arena_new(&s->arena, site->kept * s->targets + 1, sizeof(double));
	if (units > s->widest) {
		s->widest = units;
		s->unit_means = gd_arena_new(&s->arena, units, sizeof(double));
		s->unit_squares = gd_arena_new(&s->arena, units, sizeof(double));
		s->unit_values = gd_arena_new(&s->arena, units, sizeof(float));
	}
	return s->unit_values && s->unit_means && s->unit_squares && site->mean && site->scatter && site->positive && site->products && site->with_targets && site->with_errors;
}

/* True when no value of the test has to be bounded, which is nearly always. */
static bool is_tame(const float *values, size_t count)
{
	int wild = 0;
	for (size_t i = 0; i < count; i++)
		wild |= !(fabsf(values[i]) <= 1e6f);
	return !wild;
}

/* The test's values, bounded where they must be, into room; counts what was not finite. */
static const float *bounded(gd_site *site, const float *values, float *room)
{
	if (is_tame(values, site->units))
		return values;
	for (size_t unit = 0; unit < site->units; unit++) {
		site->unsound += !isfinite(values[unit]);
		room[unit] = (float)gd_bounded((double)values[unit]);
	}
	return room;
}

/* Counts and sums of one test's values. Without branches: this and the next loop see every value of every layer. */
static void count_values(gd_site *site, const float *values, double *sums)
{
	int zeros = 0, ones = 0, bounds = 0;
	double squares = 0;
	for (size_t unit = 0; unit < site->units; unit++) {
		float v = values[unit], size = fabsf(v);
		zeros += size < 1e-7f;
		ones += fabsf(size - 1) < 1e-3f;
		bounds += (v < 1e-3f) | (v > 1 - 1e-3f);
		site->positive[unit] += v > 0;
		squares += (double)v * (double)v;
		sums[unit] += (double)v;
	}
	site->zeros += zeros;
	site->ones += ones;
	site->bounds += bounds;
	site->squares += squares;
}

/* Centred sums of products of two centred batches, and what joins them to the tests before. */
static void join(double *products, const double *a, size_t na, const double *b, size_t nb, size_t rows, double weight,
	const double *gap_a, const double *gap_b)
{
	for (size_t i = 0; i < na; i++)
		for (size_t k = 0; k < nb; k++)
			products[i * nb + k] += weight * gap_a[i] * gap_b[k];
	for (size_t row = 0; row < rows; row++)
		for (size_t i = 0; i < na; i++) {
			double left = a[row * na + i], *to = products + i * nb;
			const double *right = b + row * nb;
			size_t end = a == b ? i + 1 : nb; /* a square is the same on both sides */
			for (size_t k = 0; left != 0 && k < end; k++)
				to[k] += left * right[k];
		}
	for (size_t i = 0; a == b && i < na; i++)
		for (size_t k = 0; k < i; k++)
			products[k * nb + i] = products[i * nb + k];
}

static void add_site(gd_statistics *s, gd_site *site, const batch *b, const float *values)
{
	double seen = (double)s->tests, now = (double)b->count, weight = seen * now / (seen + now);
	double gap[GD_KEPT] = { 0 }, gap_target[GD_TARGETS] = { 0 }, gap_error[GD_TARGETS] = { 0 };
	double *mean = s->unit_means, *square = s->unit_squares;
	memset(mean, 0, site->units * sizeof *mean);
	memset(square, 0, site->units * sizeof *square);
	for (size_t i = 0; i < b->count; i++)
		count_values(site, bounded(site, values + i * site->units, s->unit_values), mean);
	for (size_t unit = 0; unit < site->units; unit++)
		mean[unit] /= now;
	for (size_t i = 0; i < b->count; i++) {
		const float *test = values + i * site->units;
		if (!is_tame(test, site->units)) { /* counted already */
			for (size_t unit = 0; unit < site->units; unit++)
				s->unit_values[unit] = (float)gd_bounded((double)test[unit]);
			test = s->unit_values;
		}
		for (size_t unit = 0; unit < site->units; unit++) {
			double centred = (double)test[unit] - mean[unit];
			square[unit] += centred * centred;
		}
		for (size_t k = 0; k < site->kept; k++) {
			size_t unit = gd_pick(k, site->units, site->kept);
			s->centred[i * site->kept + k] = (double)test[unit] - mean[unit];
		}
	}
	for (size_t k = 0; k < site->kept; k++) {
		size_t unit = gd_pick(k, site->units, site->kept);
		gap[k] = mean[unit] - site->mean[unit];
	}
	for (size_t unit = 0; unit < site->units; unit++) {
		double delta = mean[unit] - site->mean[unit];
		site->scatter[unit] += square[unit] + weight * delta * delta;
		site->mean[unit] += delta * now / (seen + now);
	}
	for (size_t k = 0; k < s->targets; k++) {
		gap_target[k] = b->target_mean[k] - s->target_mean[k];
		gap_error[k] = b->error_mean[k] - s->error_mean[k];
	}
	join(site->products, s->centred, site->kept, s->centred, site->kept, b->count, weight, gap, gap);
	join(site->with_targets, s->centred, site->kept, s->target_rows, s->targets, b->count, weight, gap, gap_target);
	if (s->comparable)
		join(site->with_errors, s->centred, site->kept, s->error_rows, s->targets, b->count, weight, gap, gap_error);
}

/* ---- targets and errors ---- */
static void read_classes(gd_statistics *s, const gd_oracle *oracle, size_t count)
{
	size_t width = oracle->labels->width;
	memset(s->target_rows, 0, count * s->targets * sizeof(double));
	for (size_t i = 0; i < count; i++)
		for (size_t p = 0; p < width; p++) {
			int64_t class = s->classes[i * width + p];
			if (class >= 0 && (size_t)class < s->all_targets) {
				s->target_count[class]++;
				for (size_t k = 0; k < s->targets; k++)
					if (s->targets == 1 ? class == 1 : gd_pick(k, s->all_targets, s->targets) == (size_t)class)
						s->target_rows[i * s->targets + k] += 1.0 / (double)width;
			}
		}
}

static void read_numbers(gd_statistics *s, size_t width, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < width; j++) {
			double v = s->labels[i * width + j];
			s->target_low = fmin(s->target_low, v);
			s->target_high = fmax(s->target_high, v);
			if (s->target_count && v > 0.5)
				s->target_count[j % s->all_targets]++;
		}
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < s->targets; k++)
			s->target_rows[i * s->targets + k] = gd_bounded(s->labels[i * width + gd_pick(k, width, s->targets)]);
}

static bool sums_to_one(const float *place, size_t units, size_t step)
{
	double sum = 0;
	for (size_t u = 0; u < units; u++) {
		if (!(place[u * step] >= -1e-6f))
			return false;
		sum += (double)place[u * step];
	}
	return fabs(sum - 1) < 1e-3;
}

/* What the output says of one unit of one place, as probability where it is one. */
static double reading(const gd_statistics *s, const float *place, size_t unit, size_t units, size_t step)
{
	double v = gd_bounded((double)place[unit * step]), largest = v, sum = 0;
	if (s->task == GD_TASK_REGRESSION)
		return v;
	if (s->task == GD_TASK_MULTICLASS && units > 1) {
		if (sums_to_one(place, units, step))
			return v;
		for (size_t u = 0; u < units; u++)
			largest = fmax(largest, gd_bounded((double)place[u * step]));
		for (size_t u = 0; u < units; u++)
			sum += exp(gd_bounded((double)place[u * step]) - largest);
		return exp(v - largest) / sum;
	}
	return s->form == GD_FORM_LOGITS ? 1 / (1 + exp(-v)) : s->form == GD_FORM_SIGNS ? (v + 1) / 2 : v;
}

static void read_outputs(gd_statistics *s, const gd_batch_view *view, size_t count)
{
	const gd_oracle *o = view->oracle;
	size_t all = o->units * o->places;
	bool by_unit = s->task == GD_TASK_MULTICLASS || s->task == GD_TASK_BINARY;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < s->targets; k++) {
			const float *test = view->outputs + i * all;
			size_t at = gd_pick(k, by_unit ? o->units : all, s->targets), unit = at % o->units;
			double sum = 0;
			for (size_t p = by_unit ? 0 : at / o->units, end = by_unit ? o->places : p + 1; p < end; p++)
				sum += reading(s, test + p / o->inner * o->units * o->inner + p % o->inner, unit, o->units, o->inner);
			s->output_rows[i * s->targets + k] = sum / (by_unit ? (double)o->places : 1);
			s->error_rows[i * s->targets + k] = s->target_rows[i * s->targets + k] - s->output_rows[i * s->targets + k];
		}
}

/* Means of the batch; rows become centred. squares (or products) are joined with the tests before. */
static void centre(const gd_statistics *s, size_t count, double *rows, double *mean)
{
	for (size_t k = 0; k < s->targets; k++) {
		double sum = 0;
		for (size_t i = 0; i < count; i++)
			sum += rows[i * s->targets + k];
		mean[k] = sum / (double)count;
		for (size_t i = 0; i < count; i++)
			rows[i * s->targets + k] -= mean[k];
	}
}

static void join_squares(const gd_statistics *s, size_t count, const double *rows, const double *mean, double *all_mean,
	double *squares)
{
	double seen = (double)s->tests, now = (double)count;
	for (size_t k = 0; k < s->targets; k++) {
		double gap = mean[k] - all_mean[k];
		squares[k] += seen * now / (seen + now) * gap * gap;
		for (size_t i = 0; i < count; i++)
			squares[k] += rows[i * s->targets + k] * rows[i * s->targets + k];
		all_mean[k] += gap * now / (seen + now);
	}
}

static gd_status read_targets(gd_statistics *s, const gd_batch_view *view, batch *b, gd_error *err)
{
	const gd_labels *labels = view->oracle->labels;
	gd_status status;
	if (s->task == GD_TASK_BINARY || s->task == GD_TASK_MULTICLASS) {
		status = gd_labels_classes(labels, view->first, view->count, s->classes, err);
		if (!status)
			read_classes(s, view->oracle, b->count);
	} else {
		status = gd_labels_targets(labels, view->first, view->count, s->labels, err);
		if (!status)
			read_numbers(s, labels->width, b->count);
	}
	if (status)
		return status;
	if (s->comparable)
		read_outputs(s, view, b->count);
	centre(s, b->count, s->target_rows, b->target_mean);
	if (s->comparable)
		centre(s, b->count, s->error_rows, b->error_mean);
	return GD_OK;
}

static void join_targets(gd_statistics *s, const batch *b)
{
	double seen = (double)s->tests, now = (double)b->count, gap[GD_TARGETS] = { 0 }, mean[GD_TARGETS] = { 0 };
	for (size_t k = 0; k < s->targets; k++)
		gap[k] = b->target_mean[k] - s->target_mean[k];
	join(s->target_products, s->target_rows, s->targets, s->target_rows, s->targets, b->count, seen * now / (seen + now),
		gap, gap);
	for (size_t k = 0; k < s->targets; k++)
		s->target_mean[k] += gap[k] * now / (seen + now);
	if (!s->comparable)
		return;
	join_squares(s, b->count, s->error_rows, b->error_mean, s->error_mean, s->error_squares);
	centre(s, b->count, s->output_rows, mean);
	join_squares(s, b->count, s->output_rows, mean, s->output_mean, s->output_squares);
}

/* ---- inputs ---- */
static double number_at(const gd_array *rows, size_t at)
{
	switch (rows->type) {
	case GD_F32:
		return gd_bounded((double)((const float *)rows->data)[at]);
	case GD_F64:
		return gd_bounded(((const double *)rows->data)[at]);
	case GD_I32:
		return (double)((const int32_t *)rows->data)[at];
	default:
		return (double)((const int64_t *)rows->data)[at];
	}
}

/* Where channels are: ONNX files put them second in images, Keras last. */
static void input_layout(const gd_statistics *s, const gd_array *rows, size_t *before, size_t *channels, size_t *after)
{
	int rank = rows->shape.rank, axis = s->model->format == GD_FORMAT_ONNX && rank > 3 ? 1 : rank - 1;
	*before = *after = *channels = 1;
	for (int i = 1; i < rank; i++) {
		size_t *part = i < axis ? before : i == axis ? channels : after;
		*part *= (size_t)rows->shape.dim[i];
	}
}

/* Sums of a test's channels over all places; returns the sum of squares. */
static double add_channels(const gd_array *rows, size_t from, const size_t *parts, double *sums)
{
	double squares = 0;
	memset(sums, 0, parts[1] * sizeof *sums);
	for (size_t b = 0; b < parts[0]; b++)
		for (size_t c = 0; c < parts[1]; c++)
			for (size_t a = 0; a < parts[2]; a++) {
				double v = number_at(rows, from++);
				sums[c] += v;
				squares += v * v;
			}
	return squares;
}

static uint64_t mixed(uint64_t z)
{
	z += 0x9e3779b97f4a7c15u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* Written out once: looking up single bits in the inner loop costs more than the whole model. */
static bool make_signs(gd_statistics *s)
{
	if (s->signs)
		return true;
	s->signs = gd_arena_new(&s->arena, (size_t)PROJECTED * GD_KEPT, sizeof *s->signs);
	for (size_t d = 0; s->signs && d < PROJECTED; d++) {
		uint64_t bits = mixed(d);
		for (size_t k = 0; k < GD_KEPT; k++)
			s->signs[d * GD_KEPT + k] = bits >> k & 1 ? 1.0f : -1.0f;
	}
	return s->signs != NULL;
}

/* What one input holds, per test: its numbers as they are, or their projection. */
typedef struct {
	const gd_array *rows;
	size_t before, channels, after, width;
} input_view;

/* The d-th number of all inputs of a test, one input after the other. */
static double number_of_all(const input_view *inputs, size_t test, size_t d)
{
	for (; d >= inputs->width; inputs++)
		d -= inputs->width;
	return number_at(inputs->rows, test * inputs->width + d);
}

static void project(const gd_statistics *s, const input_view *inputs, size_t test, size_t width, float *out)
{
	size_t used = width < PROJECTED ? width : PROJECTED;
	double sums[GD_KEPT] = { 0 };
	for (size_t d = 0; d < used; d++) {
		double v = number_of_all(inputs, test, gd_pick(d, width, used));
		const float *signs = s->signs + d * GD_KEPT;
		for (size_t k = 0; k < GD_KEPT; k++)
			sums[k] += (double)signs[k] * v;
	}
	for (size_t k = 0; k < GD_KEPT; k++)
		out[k] = (float)(sums[k] / sqrt((double)used));
}

/* Per channel, for the layers that read this input; returns false when memory is out. */
static bool add_input(gd_statistics *s, const batch *b, const input_view *in, gd_site *site, double *squares)
{
	float *means = calloc(b->count * in->channels + 1, sizeof *means);
	double *sums = calloc(in->channels + 1, sizeof *sums);
	bool fine = means && sums && (site->units || site_room(s, site, in->channels));
	for (size_t i = 0; fine && i < b->count; i++) {
		squares[i] += add_channels(in->rows, i * in->width, (size_t[]){ in->before, in->channels, in->after }, sums);
		for (size_t c = 0; c < in->channels; c++)
			means[i * in->channels + c] = (float)(sums[c] / (double)(in->before * in->after));
	}
	if (fine && site->units == in->channels)
		add_site(s, site, b, means);
	free(means);
	free(sums);
	return fine;
}

/* All inputs together: what there is to know about a test. */
static bool add_all_inputs(gd_statistics *s, const batch *b, const input_view *inputs, size_t width)
{
	gd_site *site = &s->sites[s->site_count - 1];
	size_t kept = width < GD_KEPT ? width : GD_KEPT;
	float *flat = calloc(b->count * kept + 1, sizeof *flat);
	bool fine = flat && (width <= GD_KEPT || make_signs(s)) && (site->units || site_room(s, site, kept));
	for (size_t i = 0; fine && i < b->count; i++) {
		if (width > GD_KEPT)
			project(s, inputs, i, width, flat + i * kept);
		for (size_t d = 0; width <= GD_KEPT && d < width; d++)
			flat[i * kept + d] = (float)number_of_all(inputs, i, d);
	}
	if (fine && site->units == kept)
		add_site(s, site, b, flat);
	free(flat);
	return fine;
}

static gd_status add_inputs(gd_statistics *s, const batch *b, gd_error *err)
{
	size_t width = 0, count = b->view->row_count < input_sites(s) ? b->view->row_count : input_sites(s);
	input_view *inputs = calloc(count + 1, sizeof *inputs);
	double *squares = calloc(b->count + 1, sizeof *squares);
	bool fine = inputs && squares;
	for (size_t i = 0; fine && i < count; i++) {
		input_view *in = &inputs[i];
		in->rows = &b->view->rows[i];
		input_layout(s, in->rows, &in->before, &in->channels, &in->after);
		in->width = in->before * in->channels * in->after;
		width += in->width;
		fine = add_input(s, b, in, first_input_site(s) + i, squares);
	}
	for (size_t i = 0; fine && i < b->count; i++)
		s->input_rms += squares[i] / (double)width;
	fine = fine && add_all_inputs(s, b, inputs, width);
	free(inputs);
	free(squares);
	return fine ? GD_OK : gd_fail_memory(err, "watching the inputs");
}

/* ---- the observer ---- */
static void choose_targets(gd_statistics *s, const gd_oracle *oracle)
{
	const gd_labels *labels = oracle->labels;
	s->task = labels->task;
	s->form = oracle->form;
	size_t width = labels->width ? labels->width : 1, classes = labels->classes > 0 ? (size_t)labels->classes : 1;
	if (s->task == GD_TASK_MULTICLASS) {
		s->all_targets = classes > oracle->units ? classes : oracle->units;
		s->comparable = classes <= oracle->units && oracle->units > 1;
	} else if (s->task == GD_TASK_BINARY) {
		s->all_targets = 2;
		s->comparable = oracle->units <= 2;
	} else {
		s->all_targets = width;
		s->comparable = labels->comparable && width == oracle->units * oracle->places;
	}
	s->targets = s->task == GD_TASK_BINARY && oracle->units != 2 ? 1 : s->all_targets;
	s->targets = s->targets < GD_TARGETS ? s->targets : GD_TARGETS;
	s->target_low = INFINITY;
	s->target_high = -INFINITY;
}

static bool scratch_room(gd_statistics *s, const gd_oracle *oracle, int64_t count)
{
	size_t n = (size_t)count, width = oracle->labels->width ? oracle->labels->width : 1, room;
	if (!gd_mul_size(n, GD_KEPT * sizeof(double), &room) || !gd_mul_size(n, width * sizeof(double), &room))
		return false;
	s->room = count;
	s->centred = gd_arena_new(&s->arena, n * GD_KEPT, sizeof(double));
	s->target_rows = gd_arena_new(&s->arena, n * s->targets, sizeof(double));
	s->error_rows = gd_arena_new(&s->arena, n * s->targets, sizeof(double));
	s->output_rows = gd_arena_new(&s->arena, n * s->targets, sizeof(double));
	s->labels = gd_arena_new(&s->arena, n * width, sizeof(double));
	s->classes = gd_arena_new(&s->arena, n * width, sizeof(int64_t));
	return s->centred && s->target_rows && s->error_rows && s->output_rows && s->labels && s->classes;
}

static gd_status prepare(gd_statistics *s, const gd_batch_view *view, gd_error *err)
{
	if (s->room >= view->count)
		return GD_OK;
	bool first = s->room == 0, fine = true;
	if (first) {
		choose_targets(s, view->oracle);
		s->target_products = gd_arena_new(&s->arena, s->targets * s->targets, sizeof(double));
		if (s->task != GD_TASK_REGRESSION)
			s->target_count = gd_arena_new(&s->arena, s->all_targets, sizeof *s->target_count);
		fine = s->target_products && (s->task == GD_TASK_REGRESSION || s->target_count);
		for (size_t i = 0; fine && i < s->entry_count + s->probe_count; i++) {
			size_t units = 0;
			const gd_array *extra = i < s->entry_count ? NULL : &view->extra[i - s->entry_count];
			if (!extra)
				units = view->entries[i].units;
			else if (extra->type == GD_F32 && !gd_shape_count(&extra->shape, 1, &units))
				units = 0;
			fine = units == 0 || site_room(s, &s->sites[i], units);
		}
	}
	fine = fine && scratch_room(s, view->oracle, view->count);
	return fine ? GD_OK : gd_fail_memory(err, "watching the layers");
}

static gd_status watch_batch(void *state, const gd_batch_view *view, gd_error *err)
{
	gd_statistics *s = state;
	batch b = { .view = view, .count = (size_t)view->count };
	gd_status status = prepare(s, view, err);
	if (!status)
		status = read_targets(s, view, &b, err);
	for (size_t i = 0; !status && i < s->entry_count; i++)
		if (s->sites[i].units)
			add_site(s, &s->sites[i], &b, view->neurons[i]);
	for (size_t i = 0; !status && i < s->probe_count && i < view->extra_count; i++)
		if (s->sites[s->entry_count + i].units)
			add_site(s, &s->sites[s->entry_count + i], &b, view->extra[i].data);
	if (!status)
		status = add_inputs(s, &b, err);
	if (status)
		return status;
	join_targets(s, &b);
	s->tests += view->count;
	return GD_OK;
}

gd_observer gd_statistics_observer(gd_statistics *s)
{
	return (gd_observer){ s, watch_batch };
}
