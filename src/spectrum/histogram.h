/* histogram.h - how the neuron values of each entry are spread over passed and over failed tests, for people to look at.
 *
 * Bins are a power of two wide and one begins at 0; when a value lies beyond the last bin, pairs of bins are joined. So the
 * range need not be known before, memory is fixed, and the counts are the same for any order of the tests.
 * Use: gd_histograms_new, its observer into gd_collect, then read.
 */
#ifndef GD_HISTOGRAM_H
#define GD_HISTOGRAM_H
#include "spectrum/collect.h"

enum { GD_HISTOGRAM_BINS = 512 }; /* bin i holds [i - 256, i - 255) times 2 to the scale */

typedef struct {
	int scale;
	int64_t counts[2][GD_HISTOGRAM_BINS]; /* of passed, of failed tests */
	int64_t zeros[2];                     /* of these, exactly 0 */
	int64_t unsound;                      /* NaN or infinite: in no bin */
} gd_histogram;

void gd_histogram_start(gd_histogram *histogram);
void gd_histogram_add(gd_histogram *histogram, bool failed, const float *values, size_t count);

typedef struct {
	gd_histogram *entries;
	size_t entry_count;
} gd_histograms;

GD_MUST_USE gd_status gd_histograms_new(const gd_model *model, gd_histograms **out, gd_error *err);
gd_observer gd_histograms_observer(gd_histograms *histograms);
void gd_histograms_free(gd_histograms *histograms); /* NULL is fine */

#endif
