#include "evidence/evidence.h"
#include "evidence/algebra.h"
#include "evidence/scene.h"
#include <math.h>
#include <stdlib.h>

const gd_figure gd_figures[GD_FIGURES] = {
#define X(id, name, detector, shown) { name, GD_DETECT_##detector, GD_SHOW_##shown },
	GD_FIGURE_ROWS(X)
#undef X
};

const char *const gd_outsides[GD_OUTSIDES] = {
#define X(id, name) name,
	GD_OUTSIDE_ROWS(X)
#undef X
};

double gd_figure_seen(gd_figure_id figure, double value)
{
	gd_show show = gd_figures[figure].show;
	return show == GD_SHOW_RATIO ? exp(value) : show == GD_SHOW_PERCENT ? 100 * value : value;
}

/* Bias comes after kernel, whose figures it reads; interface after both. */
static const gd_detect detectors[] = { gd_detect_output, gd_detect_settings, gd_detect_activation, gd_detect_information,
	gd_detect_normalization, gd_detect_kernel, gd_detect_bias, gd_detect_interface, gd_detect_downstream };

static void describe_role(gd_scene *scene)
{
	for (size_t i = 0; i < scene->count; i++) {
		*gd_figure_of(scene, i, GD_FIGURE_LAST) = scene->parts[i].is_last;
		*gd_figure_of(scene, i, GD_FIGURE_HAS_KERNEL) = scene->parts[i].kernel_count > 0;
	}
}

/* Sums round differently in another order of the tests. 26 binary places of a figure are kept, so that this neither breaks
 * ties between layers nor moves a figure over the edge of a bin of the fusion. Infinite figures (of weights or activations
 * without bound) are none. */
static double clean(double figure)
{
	enum { PLACES = 26 };
	int exponent;
	if (!isfinite(figure))
		return (double)NAN;
	frexp(figure, &exponent);
	int shift = PLACES - (exponent > 0 ? exponent : 0);
	return ldexp(nearbyint(ldexp(figure, shift)), -shift);
}

static void clean_all(gd_evidence *evidence)
{
	for (size_t i = 0; i < evidence->entry_count; i++)
		for (size_t k = 0; k < GD_FIGURES; k++)
			evidence->entries[i].of[k] = clean(evidence->entries[i].of[k]);
	for (size_t k = 0; k < GD_OUTSIDES; k++)
		evidence->outside[k] = clean(evidence->outside[k]);
}

/* Confidence of failing tests and of all. */
static void describe_confidence(const gd_spectrum *spectrum, double *outside)
{
	double failed = 0, all = 0;
	for (int64_t t = 0; t < spectrum->tests; t++) {
		double sure = spectrum->confidence[GD_CONFIDENCE_GINI][t];
		sure = isnan(sure) ? 0 : sure;
		failed += gd_spectrum_is_failed(spectrum, t) ? sure : 0;
		all += sure;
	}
	outside[GD_OUTSIDE_SURE_FAILED] = spectrum->failed ? failed / (double)spectrum->failed : NAN;
	outside[GD_OUTSIDE_SURE] = spectrum->tests ? all / (double)spectrum->tests : NAN;
}

static void describe_tests(gd_scene *scene)
{
	const gd_statistics *s = scene->statistics;
	const gd_spectrum *spectrum = scene->spectrum;
	double *out = scene->evidence->outside, total = 0, most = 0, missing = 0;
	for (size_t k = 0; s->target_count && k < s->all_targets; k++) {
		total += (double)s->target_count[k];
		most = fmax(most, (double)s->target_count[k]);
		missing += s->target_count[k] == 0;
	}
	out[GD_OUTSIDE_INPUT_SIZE] = gd_log_ratio(sqrt(s->input_rms / (double)(s->tests ? s->tests : 1)), 1);
	out[GD_OUTSIDE_MISSING] = s->task == GD_TASK_MULTICLASS ? missing / (double)s->all_targets : 0;
	out[GD_OUTSIDE_CLASSES] = s->task == GD_TASK_MULTICLASS ? log((double)s->all_targets - missing) : 0;
	out[GD_OUTSIDE_ACCURACY] = 1 - (double)spectrum->failed / (double)spectrum->tests;
	out[GD_OUTSIDE_OVER_CHANCE] = total > 0 ? out[GD_OUTSIDE_ACCURACY] - most / total : NAN;
	describe_confidence(spectrum, out);
}

/* What only the detectors' figures tell. */
static void describe_layers(gd_scene *scene)
{
	double *out = scene->evidence->outside, kernels = 0, fresh = 0;
	out[GD_OUTSIDE_SATURATION] = 0;
	for (size_t i = 0; i < scene->count; i++) {
		double *of = scene->evidence->entries[i].of;
		of[GD_FIGURE_FAILING] = 1 - out[GD_OUTSIDE_ACCURACY]; /* the same for all: is anything at fault at all? */
		of[GD_FIGURE_FIT] = out[GD_OUTSIDE_FIT];
		if (!isnan(of[GD_FIGURE_DEAD]))
			out[GD_OUTSIDE_SATURATION] = fmax(out[GD_OUTSIDE_SATURATION], of[GD_FIGURE_DEAD]);
		if (scene->parts[i].is_last) {
			out[GD_OUTSIDE_SHIFT] = of[GD_FIGURE_OFFSET];
			out[GD_OUTSIDE_SPREAD] = of[GD_FIGURE_SPREAD];
		}
		if (!(of[GD_FIGURE_HAS_KERNEL] > 0) || isnan(of[GD_FIGURE_TAILS]))
			continue;
		kernels++;
		fresh += exp(of[GD_FIGURE_TAILS]) < 1.9 && fabs(of[GD_FIGURE_WIDTH]) < .1;
		if (isnan(out[GD_OUTSIDE_FIRST_GAIN]))
			out[GD_OUTSIDE_FIRST_GAIN] = of[GD_FIGURE_GAIN];
		out[GD_OUTSIDE_MOVED] = isnan(out[GD_OUTSIDE_MOVED]) ? of[GD_FIGURE_BIAS_MOVED]
															 : fmax(out[GD_OUTSIDE_MOVED], of[GD_FIGURE_BIAS_MOVED]);
	}
	out[GD_OUTSIDE_FRESH] = kernels > 0 ? fresh / kernels : NAN;
}

/* Accuracy gained when every predicted class may stand for the class that it meets most often, each class once at most
 * (greedy): high when labels were re-coded. */
static gd_status describe_coding(gd_scene *scene, gd_error *err)
{
	const gd_spectrum *spectrum = scene->spectrum;
	size_t n = scene->statistics->all_targets;
	bool classes = scene->statistics->task == GD_TASK_MULTICLASS || scene->statistics->task == GD_TASK_BINARY;
	if (!classes || n < 2 || n > 256)
		return GD_OK;
	int64_t *met = gd_arena_new(&scene->arena, n * n, sizeof *met), right = 0, best = 0;
	bool *used = gd_arena_new(&scene->arena, 2 * n, sizeof *used);
	if (!met || !used)
		return gd_fail_memory(err, "comparing classes");
	for (int64_t t = 0; t < spectrum->tests; t++) {
		int32_t p = spectrum->predicted[t], e = spectrum->expected[t];
		if (p >= 0 && e >= 0 && (size_t)p < n && (size_t)e < n) {
			met[(size_t)p * n + (size_t)e]++;
			right += p == e;
		}
	}
	for (size_t round = 0; round < n; round++) {
		size_t at = n * n;
		for (size_t i = 0; i < n * n; i++)
			if (!used[i / n] && !used[n + i % n] && (at == n * n || met[i] > met[at]))
				at = i;
		best += met[at];
		used[at / n] = used[n + at % n] = true;
	}
	scene->evidence->outside[GD_OUTSIDE_RECODED] = (double)(best - right) / (double)spectrum->tests;
	for (size_t i = 0; i < scene->count; i++)
		if (scene->parts[i].is_last)
			*gd_figure_of(scene, i, GD_FIGURE_RENAMED) = scene->evidence->outside[GD_OUTSIDE_RECODED];
	return GD_OK;
}

static gd_status fill(gd_scene *scene, gd_error *err)
{
	gd_status status = gd_scene_open(scene, err);
	if (status)
		return status;
	describe_role(scene);
	describe_tests(scene);
	status = describe_coding(scene, err);
	for (size_t k = 0; !status && k < sizeof detectors / sizeof detectors[0]; k++)
		status = detectors[k](scene, err);
	if (!status)
		describe_layers(scene);
	clean_all(scene->evidence);
	return status;
}

gd_status gd_evidence_find(const gd_model *model, const gd_statistics *statistics, const gd_spectrum *spectrum,
	gd_evidence **out, gd_error *err)
{
	gd_evidence *evidence = calloc(1, sizeof *evidence);
	if (!evidence)
		return gd_fail_memory(err, "looking for evidence");
	evidence->entry_count = model->entry_count;
	evidence->entries = gd_arena_new(&evidence->arena, model->entry_count + 1, sizeof *evidence->entries);
	if (!evidence->entries) {
		gd_evidence_free(evidence);
		return gd_fail_memory(err, "looking for evidence");
	}
	for (size_t i = 0; i < evidence->entry_count; i++)
		for (size_t k = 0; k < GD_FIGURES; k++)
			evidence->entries[i].of[k] = NAN;
	for (size_t k = 0; k < GD_OUTSIDES; k++)
		evidence->outside[k] = NAN;
	gd_scene scene = { .model = model, .statistics = statistics, .spectrum = spectrum, .evidence = evidence };
	gd_status status = fill(&scene, err);
	gd_arena_free(&scene.arena);
	if (status) {
		gd_evidence_free(evidence);
		return status;
	}
	*out = evidence;
	return GD_OK;
}

void gd_evidence_free(gd_evidence *evidence)
{
	if (!evidence)
		return;
	gd_arena_free(&evidence->arena);
	free(evidence);
}
