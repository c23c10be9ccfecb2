/* What the rest of the model makes of a unit, taken as a linear map (a unit that is on half of the time passes half), held
 * against what the unit says of the labels: in a sound model the two agree, unit by unit. */
#include "evidence/algebra.h"
#include "evidence/scene.h"
#include <math.h>
#include <string.h>

typedef struct {
	gd_scene *scene;
	size_t targets;
	double **maps; /* by entry: units x targets, effect on the outputs; NULL: not known */
} follower;

static double passing(const gd_part *part, size_t unit, double tests)
{
	double pass = part->scale ? part->scale[unit] : 1;
	if (strcmp(part->activation, "relu") == 0 && !part->scale)
		pass *= (double)part->out->positive[unit] / tests;
	return pass;
}

static bool is_linear_kin(const gd_part *part)
{
	gd_family family = part->head->family;
	return (family == GD_FAMILY_DENSE || family == GD_FAMILY_CONV || family == GD_FAMILY_CONV_TRANSPOSE || part->is_recurrent) &&
		part->kernels[0].role == GD_KERNEL && strcmp(part->head->kind, "SeparableConv2D") != 0;
}

/* Adds the effect that `units` inputs of entry j have, to `to`; false when it cannot be told. */
static bool add_effect(const follower *f, size_t j, size_t units, double *to)
{
	const gd_part *part = &f->scene->parts[j];
	const double *map = f->maps[j];
	if (!map)
		return false;
	if (part->kernel_count == 0) {
		for (size_t i = 0; i < units * f->targets && part->out->units == units; i++)
			to[i] += map[i];
		return part->out->units == units;
	}
	const gd_matrix *m = &part->kernels[0].of;
	size_t own = part->out->units, first = part->gates > 2 ? 2 * own : 0; /* the gate that carries the content */
	if (!is_linear_kin(part) || m->columns != own * part->gates || m->channels % units != 0)
		return false;
	for (size_t c = 0; c < own; c++) {
		double pass = passing(part, c, (double)f->scene->statistics->tests);
		for (size_t r = 0; r < m->rows; r++) {
			double w = (double)m->values[r * m->columns + first + c] * pass;
			for (size_t t = 0; w != 0 && t < f->targets; t++)
				to[r % units * f->targets + t] += w * map[c * f->targets + t];
		}
	}
	return true;
}

static gd_status follow(follower *f, size_t at, gd_error *err)
{
	const gd_part *part = &f->scene->parts[at];
	const gd_statistics *s = f->scene->statistics;
	size_t units = part->out->units;
	if (units == 0)
		return GD_OK;
	double *map = gd_arena_new(&f->scene->arena, units * f->targets, sizeof *map);
	if (!map)
		return gd_fail_memory(err, "following the layers");
	bool known = false;
	if (part->is_last && (f->targets == units || (units > GD_TARGETS && f->targets == GD_TARGETS))) {
		for (size_t t = 0; t < f->targets; t++)
			map[gd_pick(t, units, f->targets) * f->targets + t] = 1;
		known = true;
	}
	for (size_t k = 0; k < part->child_count; k++)
		known = add_effect(f, (size_t)part->children[k], units, map) || known;
	(void)s;
	f->maps[at] = known ? map : NULL;
	return GD_OK;
}

/* Effects on one class against the others: only differences between outputs count. */
static void centre_rows(double *rows, size_t count, size_t targets)
{
	for (size_t i = 0; i < count; i++) {
		double mean = gd_mean(rows + i * targets, targets);
		for (size_t t = 0; t < targets; t++)
			rows[i * targets + t] -= mean;
	}
}

static double cosine(const double *a, const double *b, size_t n)
{
	double ab = 0, aa = 0, bb = 0;
	for (size_t i = 0; i < n; i++) {
		ab += a[i] * b[i];
		aa += a[i] * a[i];
		bb += b[i] * b[i];
	}
	double norm = sqrt(aa * bb);
	return norm > 1e-30 ? ab / norm : NAN;
}

/* effect: kept x targets of the entry's picked units. */
static void agreement(gd_scene *scene, size_t at, const double *effect)
{
	const gd_site *site = scene->parts[at].out;
	size_t targets = scene->statistics->targets, seen = 0;
	double against = 0, sum = 0, size = 0, n = (double)scene->statistics->tests;
	if (site->with_errors)
		*gd_figure_of(scene, at, GD_FIGURE_PUSHES_ERROR) = cosine(effect, site->with_errors, site->kept * targets);
	for (size_t k = 0; site->units > 2 && k < site->kept; k++) {
		const double *v = effect + k * targets, *c = site->with_targets + k * targets;
		double vv = 0, cc = 0, vc = 0;
		for (size_t t = 0; t < targets; t++) {
			vv += v[t] * v[t];
			cc += c[t] / n * c[t] / n;
			vc += v[t] * c[t] / n;
		}
		if (!(sqrt(vv * cc) > 1e-12))
			continue;
		double s = vc / sqrt(vv * cc);
		seen++;
		against += s < 0;
		sum += s;
		size += fabs(s);
	}
	if (seen < 3)
		return;
	*gd_figure_of(scene, at, GD_FIGURE_AGAINST) = against / (double)seen;
	*gd_figure_of(scene, at, GD_FIGURE_AGREES) = size / (double)seen;
	*gd_figure_of(scene, at, GD_FIGURE_SPLIT) = (size - fabs(sum)) / (double)seen;
}

/* How much of the match that units and effects could have when units are dealt out anew (the closest pair first) they have
 * as they stand; 1: nothing to gain, 0: no better than chance. cosines: n x n of unit i with the effect of unit k. */
static double in_place(double *cosines, size_t n)
{
	bool taken[GD_KEPT] = { false }, given[GD_KEPT] = { false };
	double own = 0, all = 0, best = 0;
	for (size_t i = 0; i < n * n; i++) {
		own += i % (n + 1) == 0 ? cosines[i] / (double)n : 0;
		all += cosines[i] / (double)(n * n);
	}
	for (size_t round = 0; round < n; round++) {
		size_t at = n * n;
		for (size_t i = 0; i < n * n; i++)
			if (!taken[i / n] && !given[i % n] && (at == n * n || cosines[i] > cosines[at]))
				at = i;
		best += cosines[at] / (double)n;
		taken[at / n] = given[at % n] = true;
	}
	return best - all > 1e-6 ? (own - all) / (best - all) : NAN;
}

static gd_status match(gd_scene *scene, size_t at, const double *effect, gd_error *err)
{
	const gd_site *site = scene->parts[at].out;
	size_t targets = scene->statistics->targets, n = site->kept;
	if (targets < 2 || n < 4)
		return GD_OK;
	double *cosines = gd_arena_new(&scene->arena, n * n, sizeof *cosines);
	if (!cosines)
		return gd_fail_memory(err, "following the layers");
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++) {
			double c = cosine(site->with_targets + i * targets, effect + k * targets, targets);
			cosines[i * n + k] = isnan(c) ? 0 : c;
		}
	*gd_figure_of(scene, at, GD_FIGURE_IN_PLACE) = in_place(cosines, n);
	return GD_OK;
}

/* Cosine of the kernel with the direction in which the labels (or the errors) would pull it. */
static double slope(const gd_part *part, const double *with, const double *map, size_t targets)
{
	const gd_matrix *m = &part->kernels[0].of;
	const gd_site *in = part->in;
	double wp = 0, ww = 0, pp = 0;
	size_t positions = part->kernels[0].positions;
	for (size_t k = 0; k < in->kept; k++)
		for (size_t c = 0; c < m->columns; c++) {
			double w = 0, pull = 0;
			for (size_t p = 0; p < positions; p++)
				w += (double)m->values[(p * m->channels + gd_pick(k, m->channels, in->kept)) * m->columns + c];
			for (size_t t = 0; t < targets; t++)
				pull += with[k * targets + t] * map[c * targets + t];
			wp += w * pull;
			ww += w * w;
			pp += pull * pull;
		}
	double norm = sqrt(ww) * sqrt(pp);
	return norm > 1e-30 ? wp / norm : NAN;
}

static void pull(gd_scene *scene, size_t at, const double *map)
{
	const gd_part *part = &scene->parts[at];
	size_t targets = scene->statistics->targets;
	if (!part->in || !part->kernel_count || part->head->family == GD_FAMILY_EMBEDDING || !part->kernels[0].reads_input ||
		part->kernels[0].of.channels != part->in->units || part->kernels[0].of.columns != part->out->units)
		return;
	*gd_figure_of(scene, at, GD_FIGURE_SLOPE) = slope(part, part->in->with_targets, map, targets);
	*gd_figure_of(scene, at, GD_FIGURE_SLOPE_ERROR) = slope(part, part->in->with_errors, map, targets);
}

static gd_status compare(gd_scene *scene, size_t at, double *map, gd_error *err)
{
	const gd_statistics *s = scene->statistics;
	const gd_site *site = scene->parts[at].out;
	double *effect = gd_arena_new(&scene->arena, site->kept * s->targets, sizeof *effect);
	if (!effect)
		return gd_fail_memory(err, "following the layers");
	if (s->task == GD_TASK_MULTICLASS)
		centre_rows(map, site->units, s->targets);
	for (size_t k = 0; k < site->kept; k++)
		memcpy(effect + k * s->targets, map + gd_pick(k, site->units, site->kept) * s->targets, s->targets * sizeof *effect);
	agreement(scene, at, effect);
	pull(scene, at, map);
	return match(scene, at, effect, err);
}

gd_status gd_detect_downstream(gd_scene *scene, gd_error *err)
{
	const gd_statistics *s = scene->statistics;
	follower f = { scene, s->targets, gd_arena_new(&scene->arena, scene->count + 1, sizeof(double *)) };
	if (!f.maps)
		return gd_fail_memory(err, "following the layers");
	if (!s->comparable)
		return GD_OK;
	gd_status status = GD_OK;
	for (size_t i = scene->count; i-- > 0 && !status;)
		status = follow(&f, i, err);
	for (size_t i = 0; i < scene->count && !status; i++)
		if (f.maps[i])
			status = compare(scene, i, f.maps[i], err);
	return status;
}
