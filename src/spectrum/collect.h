/* collect.h - the pass over the tests: model, inputs and labels in, a spectrum out; observers see every batch on the way.
 *
 * Tests are run in order. One pass; a second one (without observers) only when coverage scales per neuron and the neuron
 * values do not fit into `keep_bytes`; a first one over the outputs alone only when neither the file nor the graph tells
 * how outputs are to be read. Cancelling gives GD_E_INTERRUPTED.
 */
#ifndef GD_COLLECT_H
#define GD_COLLECT_H
#include "engine/feed.h"
#include "engine/session.h"
#include "spectrum/oracle.h"
#include "spectrum/spectrum.h"

typedef struct {
	const gd_coverage *coverage;
	double threshold;  /* NaN: the coverage's own */
	double tolerance;  /* NaN: 0.25 standard deviations of the labels */
	gd_reduce reduce;  /* GD_REDUCE_MEAN or GD_REDUCE_MAX */
	int threads;       /* 0: as many as the process may use */
	int64_t batch;     /* 0: chosen by the size of a test */
	size_t keep_bytes; /* neuron values may take this much memory; 0: 256 MiB */
} gd_collect_options;

/* One batch as observers see it; valid during the call. */
typedef struct {
	int64_t first, count;         /* tests [first, first + count) of `total` */
	int64_t total;
	const gd_oracle *oracle;      /* task, labels, how to read the outputs */
	const float *outputs;         /* count x units x places */
	const gd_verdict *verdicts;   /* count */
	const float *const *neurons;  /* per entry: count x units of the entry */
	const gd_spectrum_entry *entries; /* with the units that were seen */
	size_t entry_count;
	const gd_array *rows;         /* what went into the model, one for each input, batch first (float32, float64 or int64) */
	size_t row_count;
	const gd_array *extra;        /* the extra probes, as asked for, batch first */
	size_t extra_count;
} gd_batch_view;

typedef struct {
	void *state;
	gd_status (*batch)(void *state, const gd_batch_view *view, gd_error *err);
} gd_observer;

typedef struct {
	const gd_model *model;
	gd_feed *inputs;
	const gd_labels *labels; /* opened with gd_oracle_label_model(model, tests) */
	gd_collect_options options;
	const gd_observer *observers;
	size_t observer_count;
	const gd_probe *extra;
	size_t extra_count;
	/* Called after each batch; false stops. NULL: never called. */
	bool (*progress)(void *state, int64_t done, int64_t total);
	void *progress_state;
} gd_collect;

GD_MUST_USE gd_status gd_spectrum_collect(const gd_collect *request, gd_spectrum **out, gd_error *err);
/* For a spectrum out of a file: fails unless it was made from this very model file. */
GD_MUST_USE gd_status gd_spectrum_check_model(const gd_spectrum *spectrum, const gd_model *model, gd_error *err);

#endif
