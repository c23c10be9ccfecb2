/* How much a linear probe of a layer's units knows of the labels and of the output's errors: where it falls, information
 * is lost; where it stays although tests fail, what follows does not use it. Ridge regression from sums of products, with
 * its degrees of freedom taken off (generalised cross-validation), so no second pass and no split of the tests. */
#include "evidence/algebra.h"
#include "evidence/scene.h"
#include <math.h>
#include <string.h>

typedef struct {
	double matrix[GD_KEPT * GD_KEPT], values[GD_KEPT], work[GD_KEPT], deviation[GD_KEPT];
	double turned[GD_KEPT * GD_TARGETS];
	size_t used[GD_KEPT], count; /* units that vary */
} probe;

/* Eigenvectors of the correlations of the units that vary, times n. */
static void decompose(probe *p, const gd_site *site, double n)
{
	double largest = 0;
	for (size_t k = 0; k < site->kept; k++) {
		p->deviation[k] = sqrt(site->products[k * site->kept + k] / n);
		largest = fmax(largest, fabs(site->mean[gd_pick(k, site->units, site->kept)]) + p->deviation[k]);
	}
	p->count = 0;
	for (size_t k = 0; k < site->kept; k++)
		if (p->deviation[k] > 1e-7 * (largest + 1e-9))
			p->used[p->count++] = k;
	for (size_t i = 0; i < p->count; i++)
		for (size_t k = 0; k < p->count; k++)
			p->matrix[i * p->count + k] = site->products[p->used[i] * site->kept + p->used[k]] /
				(p->deviation[p->used[i]] * p->deviation[p->used[k]]);
	gd_eigen(p->matrix, p->count, p->values, p->work, true);
}

/* Share of the variance of what is to be told that ridge regression explains, the best of three strengths. */
static double explained(probe *p, const gd_site *site, const double *with, const double *squares, size_t step, size_t targets,
	double n)
{
	static const double strengths[] = { 3, 30, 300 };
	double total = 0, best = -.5;
	for (size_t t = 0; t < targets; t++)
		total += squares[t * step];
	for (size_t v = 0; v < p->count; v++)
		for (size_t t = 0; t < targets; t++) {
			double sum = 0;
			for (size_t i = 0; i < p->count; i++)
				sum += p->matrix[i * p->count + v] * with[p->used[i] * targets + t] / p->deviation[p->used[i]];
			p->turned[v * targets + t] = sum;
		}
	if (p->count == 0)
		return 0;
	for (size_t s = 0; s < 3; s++) {
		double freedom = 1, rest = total, l = strengths[s];
		for (size_t v = 0; v < p->count; v++) {
			double w = fmax(p->values[v], 0), share = 2 / (w + l) - w / ((w + l) * (w + l));
			freedom += w / (w + l);
			for (size_t t = 0; t < targets; t++)
				rest -= p->turned[v * targets + t] * p->turned[v * targets + t] * share;
		}
		if (freedom > .9 * n)
			continue;
		double left = (1 - freedom / n) * (1 - freedom / n), all = (1 - 1 / n) * (1 - 1 / n);
		best = fmax(best, 1 - rest / left / (total / all + 1e-9));
	}
	(void)site;
	return best;
}

typedef struct {
	double labels, errors;
} knowledge;

static knowledge ask(const gd_scene *scene, const gd_site *site, probe *p)
{
	const gd_statistics *s = scene->statistics;
	double n = (double)s->tests, spread = 0;
	knowledge out = { 0, NAN };
	if (site->units == 0 || n < 2)
		return out;
	decompose(p, site, n);
	out.labels = explained(p, site, site->with_targets, s->target_products, s->targets + 1, s->targets, n);
	for (size_t k = 0; s->comparable && k < s->targets; k++)
		spread += s->error_squares[k];
	if (sqrt(spread / (n * (double)s->targets)) > 1e-6)
		out.errors = explained(p, site, site->with_errors, s->error_squares, 1, s->targets, n);
	return out;
}

/* Mean share of a unit's variance that lies between the labels. */
static double sorting(const gd_scene *scene, const gd_site *site, const double *inverse)
{
	const gd_statistics *s = scene->statistics;
	size_t targets = s->targets, count = 0;
	double sum = 0, n = (double)s->tests;
	for (size_t k = 0; k < site->kept; k++) {
		const double *c = site->with_targets + k * targets;
		double variance = site->products[k * site->kept + k] / n, between = 0;
		if (!(variance > 1e-12))
			continue;
		for (size_t a = 0; a < targets; a++)
			for (size_t b = 0; b < targets; b++)
				between += c[a] * inverse[a * targets + b] * c[b];
		sum += between / n / variance;
		count++;
	}
	return count ? sum / (double)count : 0;
}

/* Pseudo-inverse of the targets' products. */
static bool invert(gd_scene *scene, double **out)
{
	const gd_statistics *s = scene->statistics;
	size_t n = s->targets;
	double *a = gd_arena_copy(&scene->arena, s->target_products, n * n * sizeof(double));
	double *values = gd_arena_new(&scene->arena, 2 * n + 1, sizeof *values);
	*out = gd_arena_new(&scene->arena, n * n + 1, sizeof **out);
	if (!a || !values || !*out)
		return false;
	gd_eigen(a, n, values, values + n, true);
	for (size_t v = 0; v < n; v++)
		if (values[v] > 1e-9 * values[n - 1])
			for (size_t i = 0; i < n; i++)
				for (size_t k = 0; k < n; k++)
					(*out)[i * n + k] += a[i * n + v] * a[k * n + v] / values[v];
	return true;
}

static double fit_of_output(const gd_statistics *s)
{
	double wrong = 0, total = 0, n = (double)s->tests;
	if (!s->comparable)
		return -1;
	for (size_t k = 0; k < s->targets; k++) {
		wrong += s->error_squares[k] + n * s->error_mean[k] * s->error_mean[k];
		total += s->target_products[k * s->targets + k];
	}
	return fmax(-1, 1 - wrong / (total + 1e-9));
}

gd_status gd_detect_information(gd_scene *scene, gd_error *err)
{
	probe *p = gd_arena_new(&scene->arena, 1, sizeof *p);
	double *inverse;
	if (!p || !invert(scene, &inverse))
		return gd_fail_memory(err, "probing the layers");
	double fit = fit_of_output(scene->statistics), best = -INFINITY, so_far;
	knowledge input = ask(scene, gd_statistics_all_inputs(scene->statistics), p);
	double *outside = scene->evidence->outside;
	outside[GD_OUTSIDE_INPUT_KNOWS] = input.labels;
	outside[GD_OUTSIDE_FIT] = fit;
	for (size_t i = 0; i < scene->count; i++) {
		knowledge k = ask(scene, scene->parts[i].out, p);
		*gd_figure_of(scene, i, GD_FIGURE_KNOWS) = k.labels;
		*gd_figure_of(scene, i, GD_FIGURE_KNOWS_ERROR) = k.errors;
		*gd_figure_of(scene, i, GD_FIGURE_UNUSED) = k.labels - fit;
		if (scene->parts[i].out->units)
			*gd_figure_of(scene, i, GD_FIGURE_SORTS) = sorting(scene, scene->parts[i].out, inverse);
		best = fmax(best, k.labels);
		if (scene->parts[i].is_last)
			outside[GD_OUTSIDE_OUTPUT_KNOWS] = k.labels;
	}
	outside[GD_OUTSIDE_BEST_KNOWS] = best;
	so_far = input.labels;
	for (size_t i = 0; i < scene->count; i++) {
		double knows = *gd_figure_of(scene, i, GD_FIGURE_KNOWS);
		so_far = fmax(so_far, knows);
		*gd_figure_of(scene, i, GD_FIGURE_LOST) = so_far - knows;
		*gd_figure_of(scene, i, GD_FIGURE_BELOW_BEST) = best - knows;
	}
	return GD_OK;
}
