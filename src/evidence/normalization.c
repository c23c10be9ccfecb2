/* A batch normalisation keeps the mean and variance that its input had in training: where the tests give other ones,
 * something before it has changed since. */
#include "evidence/algebra.h"
#include "evidence/scene.h"
#include <math.h>

/* log of (0.05 + the median distance of the means, in deviations). */
static gd_status drift(gd_scene *scene, const gd_layer *layer, const gd_site *site, double *out, gd_error *err)
{
	const gd_weight *mean = gd_layer_weight(layer, GD_MEAN), *variance = gd_layer_weight(layer, GD_VARIANCE);
	size_t count;
	if (!mean || !variance || !site || !gd_shape_count(&mean->tensor.shape, 0, &count) || count != site->units)
		return GD_OK;
	const float *m = gd_tensor_floats(&mean->tensor, &scene->arena), *v = gd_tensor_floats(&variance->tensor, &scene->arena);
	double *distance = gd_arena_new(&scene->arena, count, sizeof *distance);
	if (!m || !v || !distance)
		return gd_fail_memory(err, "reading a normalisation");
	for (size_t k = 0; k < count; k++)
		distance[k] = fabs(site->mean[k] - gd_bounded((double)m[k])) /
			sqrt(fmax(gd_bounded((double)v[k]), 0) + site->scatter[k] / (double)scene->statistics->tests + 1e-9);
	gd_sort(distance, count);
	*out = log(.05 + gd_median_sorted(distance, count));
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
			if (layer->family != GD_FAMILY_NORMALIZATION || layer->input_count == 0 || !gd_layer_weight(layer, GD_MEAN))
				continue;
			status = drift(scene, layer, gd_statistics_site(scene->statistics, layer->inputs[0]),
				gd_figure_of(scene, i, GD_FIGURE_DRIFT), err);
			if (!status)
				status = gamma_size(scene, layer, gd_figure_of(scene, i, GD_FIGURE_GAMMA), err);
		}
	}
	return status;
}
