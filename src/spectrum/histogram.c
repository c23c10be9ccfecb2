#include "spectrum/histogram.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HALF = GD_HISTOGRAM_BINS / 2, FINEST = -40 }; /* 2^-40 wide: what is smaller is 0 to the eye */

void gd_histogram_start(gd_histogram *h)
{
	*h = (gd_histogram){ .scale = FINEST };
}

static void join_pairs(gd_histogram *h)
{
	for (int failed = 0; failed < 2; failed++) {
		int64_t joined[GD_HISTOGRAM_BINS] = { 0 };
		for (int i = 0; i < GD_HISTOGRAM_BINS; i++) /* bin i begins at i - HALF, and HALF is even */
			joined[HALF / 2 + i / 2] += h->counts[failed][i];
		memcpy(h->counts[failed], joined, sizeof joined);
	}
	h->scale++;
}

/* The largest finite size. */
static float reach(const float *values, size_t count)
{
	float most = 0;
	for (size_t i = 0; i < count; i++) {
		float size = fabsf(values[i]);
		most = size > most && size <= 3.4028234e38f ? size : most;
	}
	return most;
}

void gd_histogram_add(gd_histogram *h, bool failed, const float *values, size_t count)
{
	double most = (double)reach(values, count);
	while (most >= ldexp(HALF, h->scale))
		join_pairs(h);
	double per_bin = ldexp(1, -h->scale);
	int64_t *counts = h->counts[failed], zeros = 0;
	for (size_t i = 0; i < count; i++) {
		double place = (double)values[i] * per_bin;
		if (!isfinite(values[i])) {
			h->unsound++;
			continue;
		}
		int bin = (int)place;
		bin -= place < bin; /* a floor, without a call */
		counts[HALF + bin]++;
		zeros += values[i] == 0;
	}
	h->zeros[failed] += zeros;
}

gd_status gd_histograms_new(const gd_model *model, gd_histograms **out, gd_error *err)
{
	gd_histograms *made = calloc(1, sizeof *made);
	gd_histogram *entries = calloc(model->entry_count + 1, sizeof *entries);
	if (!made || !entries) {
		free(made);
		free(entries);
		return gd_fail_memory(err, "watching the values of the layers");
	}
	for (size_t i = 0; i < model->entry_count; i++)
		gd_histogram_start(&entries[i]);
	*made = (gd_histograms){ entries, model->entry_count };
	*out = made;
	return GD_OK;
}

static gd_status see_batch(void *state, const gd_batch_view *view, gd_error *err)
{
	gd_histograms *histograms = state;
	(void)err;
	for (size_t e = 0; e < histograms->entry_count && e < view->entry_count; e++)
		for (int64_t t = 0; t < view->count; t++)
			gd_histogram_add(&histograms->entries[e], view->verdicts[t].failed, view->neurons[e] + (size_t)t * view->entries[e].units,
				view->entries[e].units);
	return GD_OK;
}

gd_observer gd_histograms_observer(gd_histograms *histograms)
{
	return (gd_observer){ histograms, see_batch };
}

void gd_histograms_free(gd_histograms *histograms)
{
	if (!histograms)
		return;
	free(histograms->entries);
	free(histograms);
}
