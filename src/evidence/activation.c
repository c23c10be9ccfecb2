/* What the units of a layer do on the tests: dead, constant, saturated, alike, much larger or smaller than what came in. */
#include "evidence/algebra.h"
#include "evidence/scene.h"
#include <math.h>
#include <string.h>

static const double ROUNDING = 1e-12; /* share of the variance below which an eigenvalue is what sums round to */

typedef struct {
	double *matrix, *values, *work, *deviation;
	size_t room;
} scratch;

/* log of the effective rank: e to the entropy of the singular values of the centred activations. */
static double log_rank(const gd_site *site, const scratch *s)
{
	size_t n = site->kept;
	double sum = 0, entropy = 0, trace = 0;
	if (n == 0)
		return 0;
	memcpy(s->matrix, site->products, n * n * sizeof(double));
	gd_eigen(s->matrix, n, s->values, s->work, false);
	for (size_t i = 0; i < n; i++)
		trace += fmax(s->values[i], 0);
	for (size_t i = 0; i < n; i++) {
		s->values[i] = trace > 0 ? sqrt(fmax(s->values[i] / trace - ROUNDING, 0)) : 0;
		sum += s->values[i];
	}
	for (size_t i = 0; i < n && sum > 0; i++)
		if (s->values[i] / sum > 1e-12)
			entropy -= s->values[i] / sum * log(s->values[i] / sum);
	return entropy;
}

static double rms(const gd_site *site, double tests)
{
	return sqrt(site->squares / (tests * (double)site->units));
}

static void describe(gd_scene *scene, size_t at, const scratch *s)
{
	const gd_part *part = &scene->parts[at];
	const gd_site *site = part->out;
	double n = (double)scene->statistics->tests, units = (double)site->units, values = n * units, dead = 0, level = 0;
	for (size_t u = 0; u < site->units; u++) {
		s->deviation[u] = sqrt(site->scatter[u] / n);
		dead += s->deviation[u] < 1e-6;
		level += fabs(site->mean[u]) / units;
	}
	*gd_figure_of(scene, at, GD_FIGURE_DEAD) = dead / units;
	*gd_figure_of(scene, at, GD_FIGURE_ZERO) = (double)site->zeros / values;
	*gd_figure_of(scene, at, GD_FIGURE_UNSOUND) = (double)site->unsound / values;
	double mean = gd_mean(s->deviation, site->units), largest = gd_largest(s->deviation, site->units);
	*gd_figure_of(scene, at, GD_FIGURE_LEVEL) = gd_log_ratio(level, mean);
	gd_sort(s->deviation, site->units);
	*gd_figure_of(scene, at, GD_FIGURE_UNEVEN) = gd_log_ratio(largest, gd_median_sorted(s->deviation, site->units));
	if (part->in && part->head->family != GD_FAMILY_EMBEDDING)
		*gd_figure_of(scene, at, GD_FIGURE_GAIN) = gd_log_ratio(rms(site, n), rms(part->in, n));
	bool tanh = strcmp(part->activation, "tanh") == 0;
	bool between = !part->is_last && (strcmp(part->activation, "sigmoid") == 0 || strcmp(part->activation, "softmax") == 0);
	*gd_figure_of(scene, at, GD_FIGURE_SATURATED) = (tanh ? (double)site->ones : between ? (double)site->bounds : 0) / values;
	if (strcmp(part->activation, "relu") != 0)
		return;
	for (size_t u = 0; u < site->units; u++)
		s->deviation[u] = (double)site->positive[u] / n;
	*gd_figure_of(scene, at, GD_FIGURE_ON) = gd_mean(s->deviation, site->units);
	*gd_figure_of(scene, at, GD_FIGURE_ON_SPREAD) = gd_deviation(s->deviation, site->units);
}

/* How much of the rank of what comes in is gone. */
static void compare(gd_scene *scene, size_t at, double input)
{
	const gd_part *part = &scene->parts[at];
	double before = -INFINITY;
	for (size_t k = 0; k < part->parent_count; k++)
		if (part->parents[k] >= 0)
			before = fmax(before, *gd_figure_of(scene, (size_t)part->parents[k], GD_FIGURE_RANK));
	*gd_figure_of(scene, at, GD_FIGURE_RANK_LOST) = (isfinite(before) ? before : input) - *gd_figure_of(scene, at, GD_FIGURE_RANK);
}

gd_status gd_detect_activation(gd_scene *scene, gd_error *err)
{
	size_t widest = 1;
	for (size_t i = 0; i < scene->count; i++)
		widest = scene->parts[i].out->units > widest ? scene->parts[i].out->units : widest;
	scratch s = { gd_arena_new(&scene->arena, (size_t)GD_KEPT * GD_KEPT, sizeof(double)), gd_arena_new(&scene->arena, GD_KEPT, sizeof(double)),
		gd_arena_new(&scene->arena, GD_KEPT, sizeof(double)), gd_arena_new(&scene->arena, widest, sizeof(double)), widest };
	if (!s.matrix || !s.values || !s.work || !s.deviation)
		return gd_fail_memory(err, "looking at activations");
	for (size_t i = 0; i < scene->count; i++)
		if (scene->parts[i].out->units) {
			*gd_figure_of(scene, i, GD_FIGURE_RANK) = log_rank(scene->parts[i].out, &s);
			describe(scene, i, &s);
		}
	double input = log_rank(gd_statistics_all_inputs(scene->statistics), &s);
	for (size_t i = 0; i < scene->count; i++)
		compare(scene, i, input);
	return GD_OK;
}
