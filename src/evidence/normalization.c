/* A batch normalisation keeps the mean and variance that its input had in training: where the tests give other ones,
 * something before it has changed since. */
#include "evidence/algebra.h"
#include "evidence/scene.h"
#include <math.h>

static gd_status read_weight(gd_scene *scene, const gd_layer *layer, gd_role role, size_t units, float otherwise, const float **out,
	gd_error *err)
{
	const gd_weight *weight = gd_layer_weight(layer, role);
	size_t count;
	if (weight && gd_shape_count(&weight->tensor.shape, 0, &count) && count == units) {
		*out = gd_tensor_floats(&weight->tensor, &scene->arena);
	} else {
		float *same = gd_arena_new(&scene->arena, units, sizeof *same);
		for (size_t k = 0; same && k < units; k++)
			same[k] = otherwise;
		*out = same;
	}
	return *out ? GD_OK : gd_fail_memory(err, "reading a normalisation");
}

/* log of (0.05 + the median distance of the means, in deviations). The site is what the normalisation gives: beta where
 * the input's mean is the kept one, and gamma off it for a deviation. */
static gd_status drift(gd_scene *scene, const gd_layer *layer, const gd_site *site, double *out, double *spread_out, gd_error *err)
{
	const gd_weight *mean = gd_layer_weight(layer, GD_MEAN);
	const float *gamma = NULL, *beta = NULL, *variance = NULL;
	size_t count, used = 0;
	if (!mean || !site || !gd_shape_count(&mean->tensor.shape, 0, &count) || count != site->units)
		return GD_OK;
	gd_status status = read_weight(scene, layer, GD_GAMMA, count, 1, &gamma, err);
	if (!status)
		status = read_weight(scene, layer, GD_BETA, count, 0, &beta, err);
	if (!status)
		status = read_weight(scene, layer, GD_VARIANCE, count, 1, &variance, err);
	double *distance = status ? NULL : gd_arena_new(&scene->arena, 2 * count, sizeof *distance), *spreads = distance + count;
	if (!distance)
		return status ? status : gd_fail_memory(err, "reading a normalisation");
	for (size_t k = 0; k < count; k++) {
		double unit = fabs(gd_bounded((double)gamma[k])), kept = fmax(gd_bounded((double)variance[k]), 1e-9);
		double spread = site->scatter[k] / (double)scene->statistics->tests / (unit * unit) * kept;
		if (unit > 1e-6) {
			spreads[used] = log(spread / kept + 1e-6);
			distance[used++] = fabs(site->mean[k] - gd_bounded((double)beta[k])) / unit * sqrt(kept / (kept + spread));
		}
	}
	gd_sort(distance, used);
	gd_sort(spreads, used);
	if (used) {
		*out = log(.05 + gd_median_sorted(distance, used));
		*spread_out = gd_median_sorted(spreads, used);
	}
	return GD_OK;
}

static gd_status gamma_size(gd_scene *scene, const gd_layer *layer, double *out, gd_error *err)
{
	const gd_weight *gamma = gd_layer_weight(layer, GD_GAMMA);
	size_t count;
	if (!gamma || !gd_shape_count(&gamma->tensor.shape, 0, &count) || count == 0)
		return GD_OK;
	const float *g = gd_tensor_floats(&gamma->tensor, &scene->arena);
	double sum = 0;
	if (!g)
		return gd_fail_memory(err, "reading a normalisation");
	for (size_t k = 0; k < count; k++)
		sum += fabs(gd_bounded((double)g[k]));
	*out = gd_log_ratio(sum / (double)count, 1);
	return GD_OK;
}

gd_status gd_detect_normalization(gd_scene *scene, gd_error *err)
{
	gd_status status = GD_OK;
	for (size_t i = 0; i < scene->count; i++) {
		const gd_entry *entry = &scene->model->entries[i];
		for (size_t k = 0; k < entry->member_count && !status; k++) {
			const gd_layer *layer = &scene->model->layers[entry->members[k]];
			if (layer->family != GD_FAMILY_NORMALIZATION || !layer->output || !gd_layer_weight(layer, GD_MEAN))
				continue;
			status = drift(scene, layer, gd_statistics_site(scene->statistics, layer->output),
				gd_figure_of(scene, i, GD_FIGURE_DRIFT), gd_figure_of(scene, i, GD_FIGURE_DRIFT_SPREAD), err);
			if (!status)
				status = gamma_size(scene, layer, gd_figure_of(scene, i, GD_FIGURE_GAMMA), err);
		}
	}
	double most = log(.05);
	for (size_t i = 0; i < scene->count; i++) {
		double here = *gd_figure_of(scene, i, GD_FIGURE_DRIFT);
		if (isnan(here))
			continue;
		*gd_figure_of(scene, i, GD_FIGURE_DRIFT_FIRST) = here - most;
		most = fmax(most, here);
	}
	return status;
}
