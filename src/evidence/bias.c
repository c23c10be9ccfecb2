/* The bias against its kernel: both are moved by the same gradients, so a kernel that was damaged or made anew no longer
 * fits a bias that was not. */
#include "evidence/algebra.h"
#include "evidence/scene.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	double *bias, *sums, *tops, *drive, *column;
} scratch;

static double mean_size(const double *v, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += fabs(v[i]);
	return n ? sum / (double)n : 0;
}

static double deviation_of(const gd_matrix *m)
{
	double sum = 0, squares = 0, n = (double)(m->rows * m->columns);
	for (size_t i = 0; i < m->rows * m->columns; i++)
		sum += (double)m->values[i];
	for (size_t i = 0; i < m->rows * m->columns; i++)
		squares += ((double)m->values[i] - sum / n) * ((double)m->values[i] - sum / n);
	return sqrt(squares / n) + 1e-12;
}

static void keep(gd_scene *scene, size_t at, gd_figure_id id, double v)
{
	double *to = gd_figure_of(scene, at, id);
	if (!isnan(v) && (isnan(*to) || fabs(v) > fabs(*to)))
		*to = v;
}

enum { SORTED = 256 }; /* weights of a column that are sorted, at most, evenly spaced */

/* Column sums, and the mean of each column's largest fifth. */
static void fold_columns(const gd_matrix *m, const scratch *s)
{
	size_t used = m->rows < SORTED ? m->rows : SORTED, top = used / 5 ? used / 5 : 1;
	memset(s->sums, 0, m->columns * sizeof(double));
	for (size_t r = 0; r < m->rows; r++)
		for (size_t c = 0; c < m->columns; c++)
			s->sums[c] += (double)m->values[r * m->columns + c];
	for (size_t c = 0; c < m->columns; c++) {
		s->tops[c] = 0;
		for (size_t r = 0; r < used; r++)
			s->column[r] = (double)m->values[gd_pick(r, m->rows, used) * m->columns + c];
		gd_sort(s->column, used);
		for (size_t r = used - top; r < used; r++)
			s->tops[c] += s->column[r] / (double)top;
	}
}

static void look_at(gd_scene *scene, size_t at, const gd_kernel *kernel, const scratch *s)
{
	const gd_matrix *m = &kernel->of;
	double largest = 0;
	for (size_t c = 0; c < m->columns; c++) {
		s->bias[c] = (double)kernel->bias[c];
		largest = fmax(largest, fabs(s->bias[c]));
	}
	keep(scene, at, GD_FIGURE_BIAS_PEAK, gd_log_ratio(largest + .01, 1));
	keep(scene, at, GD_FIGURE_BIAS_MEAN, gd_mean(s->bias, m->columns));
	keep(scene, at, GD_FIGURE_BIAS_SHIFT,
		gd_mean(s->bias, m->columns) / (sqrt((double)m->rows) * deviation_of(m) + 1e-6));
	if (m->columns < 4 || gd_deviation(s->bias, m->columns) < 1e-9)
		return;
	fold_columns(m, s);
	keep(scene, at, GD_FIGURE_BIAS_SUM, gd_correlation(s->bias, s->sums, m->columns));
	keep(scene, at, GD_FIGURE_BIAS_TOP, gd_correlation(s->bias, s->tops, m->columns));
}

/* How far the bias has moved since it was 0, against how far the kernel has from what an initializer draws. */
static void movement(gd_scene *scene, size_t at, const gd_kernel *kernel, const scratch *s)
{
	double width = *gd_figure_of(scene, at, GD_FIGURE_WIDTH), tails = *gd_figure_of(scene, at, GD_FIGURE_TAILS);
	for (size_t c = 0; c < kernel->of.columns; c++)
		s->bias[c] = (double)kernel->bias[c];
	double moved = mean_size(s->bias, kernel->of.columns) / sqrt(6 / (double)(kernel->of.rows + kernel->positions * kernel->of.columns));
	*gd_figure_of(scene, at, GD_FIGURE_BIAS_MOVED) = log(moved + .01);
	if (!isnan(tails))
		*gd_figure_of(scene, at, GD_FIGURE_BIAS_FRESH) = log((moved + .02) / fmax(exp(tails) - 1.75, .02));
	if (!isnan(width))
		*gd_figure_of(scene, at, GD_FIGURE_BIAS_AHEAD) = log((moved + .02) / fmax(exp(width) - .95, .02));
}

/* The bias against what the mean input drives a unit to. */
static void against_drive(gd_scene *scene, size_t at, const gd_kernel *kernel, const scratch *s)
{
	const gd_matrix *m = &kernel->of;
	const gd_site *in = scene->parts[at].in;
	if (!in || !kernel->reads_input || m->channels != in->units || scene->parts[at].head->family == GD_FAMILY_ATTENTION)
		return;
	memset(s->drive, 0, m->columns * sizeof(double));
	for (size_t r = 0; r < m->rows; r++)
		for (size_t c = 0; c < m->columns; c++)
			s->drive[c] += in->mean[r % m->channels] * (double)m->values[r * m->columns + c];
	for (size_t c = 0; c < m->columns; c++)
		s->bias[c] = (double)kernel->bias[c];
	if (m->columns < 4 || gd_deviation(s->bias, m->columns) < 1e-9)
		return;
	*gd_figure_of(scene, at, GD_FIGURE_BIAS_DRIVE) = gd_correlation(s->bias, s->drive, m->columns);
	*gd_figure_of(scene, at, GD_FIGURE_BIAS_SIZE) =
		gd_log_ratio(mean_size(s->bias, m->columns), mean_size(s->drive, m->columns) + 1e-3);
}

static void look_at_all(gd_scene *scene, const scratch *s)
{
	for (size_t i = 0; i < scene->count; i++) {
		const gd_part *part = &scene->parts[i];
		double width = *gd_figure_of(scene, i, GD_FIGURE_WIDTH), normal = *gd_figure_of(scene, i, GD_FIGURE_NORMAL);
		if (!isnan(width))
			*gd_figure_of(scene, i, GD_FIGURE_BIAS_NOISE) = fmax(0, width) * fmax(0, 1 - normal / 2);
		for (size_t k = 0; k < part->kernel_count; k++)
			if (part->kernels[k].bias)
				look_at(scene, i, &part->kernels[k], s);
		if (part->kernel_count && part->kernels[0].bias) {
			movement(scene, i, &part->kernels[0], s);
			against_drive(scene, i, &part->kernels[0], s);
		}
	}
}

gd_status gd_detect_bias(gd_scene *scene, gd_error *err)
{
	size_t longest = 1;
	for (size_t i = 0; i < scene->count; i++)
		for (size_t k = 0; k < scene->parts[i].kernel_count; k++) {
			const gd_matrix *m = &scene->parts[i].kernels[k].of;
			size_t length = m->rows > m->columns ? m->rows : m->columns;
			longest = length > longest ? length : longest;
		}
	double *room = gd_arena_new(&scene->arena, 5 * longest, sizeof *room);
	if (!room)
		return gd_fail_memory(err, "looking at biases");
	scratch s = { room, room + longest, room + 2 * longest, room + 3 * longest, room + 4 * longest };
	look_at_all(scene, &s);
	return GD_OK;
}
