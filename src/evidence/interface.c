/* Where two layers meet. A trained kernel has turned towards the directions in which its input varies, and neighbouring
 * kernels towards each other; a damaged one has not. */
#include "evidence/algebra.h"
#include "evidence/scene.h"
#include <math.h>
#include <string.h>

enum { COLUMNS = 256 }; /* columns of a kernel that products are made of, at most, evenly spaced */

typedef struct {
	double *gram, *other, *a, *b, *values, *work;
} scratch;

/* Products of pairs of (picked) input channels of a kernel, summed over places and columns. */
static void input_products(const gd_matrix *m, size_t channels, size_t kept, double *gram)
{
	size_t used = m->columns < COLUMNS ? m->columns : COLUMNS;
	memset(gram, 0, kept * kept * sizeof(double));
	for (size_t from = 0; from + channels <= m->rows; from += channels)
		for (size_t a = 0; a < kept; a++) {
			const float *left = m->values + (from + gd_pick(a, channels, kept)) * m->columns;
			for (size_t b = 0; b <= a; b++) {
				const float *right = m->values + (from + gd_pick(b, channels, kept)) * m->columns;
				double sum = 0;
				for (size_t c = 0; c < used; c++) {
					size_t at = gd_pick(c, m->columns, used);
					sum += (double)left[at] * (double)right[at];
				}
				gram[a * kept + b] += sum;
			}
		}
	for (size_t a = 0; a < kept; a++)
		for (size_t b = 0; b < a; b++)
			gram[b * kept + a] = gram[a * kept + b];
}

/* Products of pairs of (picked) units of a part: columns of all its kernels that have a column for every unit, gates
 * stacked, scaled as the normalisation after them scales. */
static bool unit_products(const gd_part *part, size_t units, size_t kept, double *gram)
{
	bool any = false;
	memset(gram, 0, kept * kept * sizeof(double));
	for (size_t k = 0; k < part->kernel_count; k++) {
		const gd_matrix *m = &part->kernels[k].of;
		if (m->columns != units * part->gates || (k > 0 && !part->is_recurrent))
			continue;
		any = true;
		for (size_t row = 0; row < m->rows * part->gates; row++) {
			const float *w = m->values + row / part->gates * m->columns + row % part->gates * units;
			for (size_t a = 0; a < kept; a++) {
				double left = (double)w[gd_pick(a, units, kept)];
				for (size_t b = 0; b < kept; b++)
					gram[a * kept + b] += left * (double)w[gd_pick(b, units, kept)];
			}
		}
	}
	for (size_t a = 0; a < kept && part->scale; a++)
		for (size_t b = 0; b < kept; b++)
			gram[a * kept + b] *= part->scale[gd_pick(a, units, kept)] * part->scale[gd_pick(b, units, kept)];
	return any;
}

/* A matrix of products as one of cosines; diagonal: roots of the diagonal. */
static void to_cosines(double *gram, size_t n, double *diagonal)
{
	for (size_t i = 0; i < n; i++)
		diagonal[i] = sqrt(fmax(gram[i * n + i], 0));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			gram[i * n + k] /= diagonal[i] * diagonal[k] + 1e-12;
}

static double trace_of_product(const double *a, const double *b, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n * n; i++)
		sum += a[i] * b[i];
	return sum;
}

static double trace(const double *a, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += a[i * (n + 1)];
	return sum;
}

/* How much more the kernel takes of its input's variance than independent weights would; in standard deviations of that
 * case, as a signed log. */
static double signal(const gd_kernel *kernel, size_t kept, const scratch *s)
{
	const gd_matrix *m = &kernel->of;
	size_t used = m->columns < COLUMNS ? m->columns : COLUMNS;
	double places = (double)(kernel->positions * used), mean = trace(s->gram, kept) / (places * (double)kept);
	double expected = places * mean * trace(s->other, kept);
	double deviation = mean * sqrt(2 * places * trace_of_product(s->other, s->other, kept));
	return gd_signed_log((trace_of_product(s->gram, s->other, kept) - expected) / (deviation + 1e-30));
}

/* Directions in which the input varies alike are no directions of their own: any turn of them would do, and rounding (the
 * order of the tests) picks one. What the kernel takes of them is shared evenly, which no turn changes. */
static void share_among_alike(const double *values, double *energy, size_t n)
{
	const double alike = 1e-7 * values[n - 1];
	for (size_t from = 0, to; from < n; from = to) {
		double sum = energy[from];
		for (to = from + 1; to < n && values[to] - values[to - 1] <= alike; to++)
			sum += energy[to];
		for (size_t v = from; v < to; v++)
			energy[v] = sum / (double)(to - from);
	}
}

/* Correlation of the input's variance along its main directions with what the kernel takes of them, both as logs. */
static double directions(size_t kept, const scratch *s)
{
	memcpy(s->a, s->other, kept * kept * sizeof(double));
	gd_eigen(s->a, kept, s->values, s->work, true);
	double top = s->values[kept - 1];
	if (!(top > 0))
		return NAN;
	for (size_t v = 0; v < kept; v++) {
		s->work[v] = 0;
		for (size_t i = 0; i < kept; i++)
			for (size_t k = 0; k < kept; k++)
				s->work[v] += s->a[i * kept + v] * s->gram[i * kept + k] * s->a[k * kept + v];
	}
	share_among_alike(s->values, s->work, kept);
	for (size_t v = 0; v < kept; v++) {
		s->work[v] = log(fmax(s->work[v], 0) + 1e-9);
		s->values[v] = log(fmax(s->values[v], 0) + 1e-6 * top + 1e-12);
	}
	return gd_correlation(s->values, s->work, kept);
}

/* Units that the mean input and the bias hold two deviations below 0. */
static double switched_off(const gd_kernel *kernel, const gd_site *in, const scratch *s)
{
	const gd_matrix *m = &kernel->of;
	double off = 0;
	for (size_t c = 0; c < m->columns; c++) {
		double drive = kernel->bias ? (double)kernel->bias[c] : 0, variance = 0;
		memset(s->work, 0, in->kept * sizeof(double));
		for (size_t r = 0; r < m->rows; r++)
			drive += in->mean[r % m->channels] * (double)m->values[r * m->columns + c];
		for (size_t k = 0; k < in->kept; k++)
			for (size_t p = 0; p < kernel->positions; p++)
				s->work[k] += (double)m->values[(p * m->channels + gd_pick(k, m->channels, in->kept)) * m->columns + c];
		for (size_t a = 0; a < in->kept; a++)
			for (size_t b = 0; b < in->kept; b++)
				variance += s->work[a] * s->other[a * in->kept + b] * s->work[b];
		off += drive / (sqrt(fmax(variance, 0) * (double)in->units / (double)in->kept) + 1e-9) < -2;
	}
	return off / (double)m->columns;
}

static void against_input(gd_scene *scene, size_t at, const scratch *s)
{
	const gd_part *part = &scene->parts[at];
	const gd_kernel *kernel = &part->kernels[0];
	const gd_site *in = part->in;
	double n = (double)scene->statistics->tests;
	if (!in || !kernel->reads_input || kernel->of.channels != in->units || part->head->family == GD_FAMILY_ATTENTION || n < 2)
		return;
	size_t kept = in->kept;
	for (size_t i = 0; i < kept * kept; i++)
		s->other[i] = in->products[i] / (n - 1);
	input_products(&kernel->of, kernel->of.channels, kept, s->gram);
	if (kernel->of.columns > 3)
		*gd_figure_of(scene, at, GD_FIGURE_IN_OFF) = switched_off(kernel, in, s);
	if (kept < 3)
		return;
	*gd_figure_of(scene, at, GD_FIGURE_IN_SIGNAL) = signal(kernel, kept, s);
	*gd_figure_of(scene, at, GD_FIGURE_IN_GAIN) = gd_log_ratio(trace_of_product(s->gram, s->other, kept) * (double)kept,
		trace(s->gram, kept) * trace(s->other, kept));
	*gd_figure_of(scene, at, GD_FIGURE_IN_SHAPE) = gd_correlation_off(s->gram, s->other, kept);
	*gd_figure_of(scene, at, GD_FIGURE_IN_DIRECTIONS) = directions(kept, s);
	to_cosines(s->gram, kept, s->values);
	to_cosines(s->other, kept, s->values);
	*gd_figure_of(scene, at, GD_FIGURE_IN_ANGLE) = gd_correlation_off(s->gram, s->other, kept);
}

typedef struct {
	double shape, size, norm, against, bias;
	size_t kept;
} meeting;

/* Share of units whose cosines to the others are turned round in the next kernel. */
static double turned_units(const scratch *s, size_t kept)
{
	double against = 0, seen = 0;
	for (size_t j = 0; j < kept; j++) {
		size_t count = 0;
		for (size_t k = 0; k < kept; k++)
			if (k != j) {
				s->values[count] = s->gram[j * kept + k];
				s->work[count++] = s->other[j * kept + k];
			}
		double r = gd_correlation(s->values, s->work, count);
		seen += !isnan(r);
		against += r < 0;
	}
	return seen > 2 ? against / seen : NAN;
}

/* The units of `from` against the rows of `to` that read them. */
static bool meet(const gd_part *from, const gd_part *to, const scratch *s, meeting *out)
{
	size_t units = from->out->units, kept = units < GD_KEPT ? units : GD_KEPT;
	const gd_matrix *m = &to->kernels[0].of;
	bool fits = units >= 3 && to->kernels[0].reads_input && m->channels % units == 0 && from->head->family != GD_FAMILY_ATTENTION &&
		to->head->family != GD_FAMILY_ATTENTION;
	if (!fits || !unit_products(from, units, kept, s->gram))
		return false;
	input_products(m, units, kept, s->other);
	*out = (meeting){ .kept = kept, .bias = NAN };
	out->shape = gd_correlation_off(s->gram, s->other, kept);
	out->norm = gd_log_ratio(trace(s->gram, kept), trace(s->other, kept));
	to_cosines(s->gram, kept, s->a);
	to_cosines(s->other, kept, s->b);
	const float *bias = from->kernels[0].bias;
	for (size_t k = 0; bias && from->gates == 1 && k < kept; k++)
		s->values[k] = (double)bias[gd_pick(k, units, kept)];
	if (bias && from->gates == 1 && gd_deviation(s->values, kept) > 1e-9)
		out->bias = gd_correlation(s->values, s->b, kept);
	for (size_t k = 0; k < kept; k++) {
		s->a[k] = log(s->a[k] + 1e-6);
		s->b[k] = log(s->b[k] + 1e-6);
	}
	out->size = gd_correlation(s->a, s->b, kept);
	out->against = turned_units(s, kept);
	return true;
}

static void set_once(gd_scene *scene, size_t at, gd_figure_id id, double v)
{
	double *to = gd_figure_of(scene, at, id);
	if (isnan(*to))
		*to = v;
}

static void join(gd_scene *scene, size_t from, size_t to, const scratch *s)
{
	meeting m;
	if (!meet(&scene->parts[from], &scene->parts[to], s, &m))
		return;
	double clear = gd_signed_log(m.shape * sqrt((double)(m.kept * (m.kept - 1)) / 2));
	set_once(scene, from, GD_FIGURE_TO_SHAPE, m.shape);
	set_once(scene, from, GD_FIGURE_TO_SIGNAL, clear);
	set_once(scene, from, GD_FIGURE_TO_SIZE, m.size);
	set_once(scene, from, GD_FIGURE_TO_AGAINST, m.against);
	set_once(scene, from, GD_FIGURE_TO_BIAS, m.bias);
	set_once(scene, to, GD_FIGURE_FROM_SHAPE, m.shape);
	set_once(scene, to, GD_FIGURE_FROM_SIGNAL, clear);
	set_once(scene, to, GD_FIGURE_FROM_BIAS, m.bias);
	set_once(scene, to, GD_FIGURE_FROM_NORM, m.norm);
	set_once(scene, to, GD_FIGURE_FROM_SIZE, m.size);
}

/* All entries with kernels that read what `from` gives, past entries without kernels. */
static void join_readers(gd_scene *scene, size_t from, size_t through, const scratch *s, size_t depth)
{
	const gd_part *part = &scene->parts[through];
	for (size_t k = 0; k < part->child_count && depth < scene->count; k++) {
		size_t child = (size_t)part->children[k];
		if (scene->parts[child].kernel_count)
			join(scene, from, child, s);
		else
			join_readers(scene, from, child, s, depth + 1);
	}
}

static void structure(gd_scene *scene, size_t at)
{
	static const gd_figure_id parts[] = { GD_FIGURE_IN_SIGNAL, GD_FIGURE_ALIKE, GD_FIGURE_TO_SIGNAL, GD_FIGURE_FROM_SIGNAL };
	double sum = 0, count = 0;
	for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++) {
		double v = *gd_figure_of(scene, at, parts[k]);
		if (!isnan(v)) {
			sum += v;
			count++;
		}
	}
	if (count > 0)
		*gd_figure_of(scene, at, GD_FIGURE_STRUCTURE) = sum / count;
}

gd_status gd_detect_interface(gd_scene *scene, gd_error *err)
{
	size_t square = (size_t)GD_KEPT * GD_KEPT;
	double *room = gd_arena_new(&scene->arena, 4 * square + 2 * (size_t)GD_KEPT, sizeof *room);
	if (!room)
		return gd_fail_memory(err, "comparing neighbouring layers");
	scratch s = { room, room + square, room + 2 * square, room + 3 * square, room + 4 * square, room + 4 * square + GD_KEPT };
	for (size_t i = 0; i < scene->count; i++)
		if (scene->parts[i].kernel_count) {
			against_input(scene, i, &s);
			join_readers(scene, i, i, &s, 0);
		}
	for (size_t i = 0; i < scene->count; i++)
		structure(scene, i);
	return GD_OK;
}
