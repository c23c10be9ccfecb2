/* spectrum.h - what a pass over the tests leaves behind: for every test verdict and confidence, for every neuron and test
 * whether it was active. Everything a ranking needs, and nothing of the model: a spectrum can be saved and re-ranked with
 * other weights, formulas and aggregations without inference.
 *
 * Memory: one bit for a neuron and test (a byte when coverage is graded), about 50 bytes for a test. Everything lies
 * in the spectrum's own arena. Counts do not depend on the order of the tests, on batches or on threads: whole numbers
 * where weights are 1, else doubles summed per block of 256 tests and then over the blocks.
 */
#ifndef GD_SPECTRUM_H
#define GD_SPECTRUM_H
#include "base/arena.h"
#include "data/labels.h"
#include "formula/formula.h"
#include "spectrum/confidence.h"
#include "spectrum/coverage.h"
#include "spectrum/weights.h"

typedef struct {
	const char *name, *kind;
	const char **members;
	size_t member_count, units;
	size_t first;      /* its first neuron among all */
	bool is_output;
	int64_t unsound;   /* tests with a NaN or infinite value in it */
} gd_spectrum_entry;

typedef struct {
	gd_arena arena;
	/* the model it is of */
	const char *model_path, *model_format, *sha256; /* sha256: 64 hex digits */
	int64_t parameters;
	/* how it was made */
	gd_task task;
	const gd_coverage *coverage;
	double threshold;
	double tolerance;      /* regression; else 0 */
	const char *reduction; /* "mean", "max": over space and steps */
	const char *form;      /* how outputs were read: "probability", "logits", "signs", "values" */
	/* neurons */
	gd_spectrum_entry *entries;
	size_t entry_count, neuron_count;
	size_t *start;         /* entry_count + 1: entry e owns neurons [start[e], start[e + 1]) */
	/* tests */
	int64_t tests, failed, unsound; /* unsound: with a NaN or infinite output */
	size_t words;          /* 64-bit words for one bit a test */
	uint64_t *failing;     /* bit t: test t failed */
	double *confidence[GD_CONFIDENCES]; /* of each test */
	double *error;         /* of each test, as in gd_verdict */
	int32_t *expected, *predicted;
	/* activity: neuron n has words [n * words, ...) or tests [n * tests, ...); the other is NULL */
	uint64_t *active;
	uint8_t *graded;       /* activity times 255 */
	const char **notes;
	size_t note_count;
	const char **classes; /* names by number, where the labels were words or were named; NULL */
	size_t class_count;
} gd_spectrum;

/* Room for neurons and tests; entries' names, kinds, members and units are copied. All bits 0. */
typedef struct {
	const gd_spectrum_entry *entries;
	size_t entry_count;
	int64_t tests;
	const gd_coverage *coverage;
} gd_spectrum_size;
GD_MUST_USE gd_status gd_spectrum_new(const gd_spectrum_size *size, gd_spectrum **out, gd_error *err);
void gd_spectrum_free(gd_spectrum *spectrum); /* NULL is fine */
/* Copies the names; false when memory is out. */
bool gd_spectrum_name_classes(gd_spectrum *spectrum, const char *const *names, size_t count);
bool gd_spectrum_note(gd_spectrum *spectrum, const char *format, ...) GD_PRINTF(2, 3);

static inline bool gd_spectrum_is_failed(const gd_spectrum *spectrum, int64_t test)
{
	return spectrum->failing[test / 64] >> (test % 64) & 1;
}

/* How active a neuron was in a test, 0..255; of a coverage that is not graded, one of the two. */
static inline unsigned gd_spectrum_activity(const gd_spectrum *spectrum, size_t neuron, int64_t test)
{
	if (spectrum->graded)
		return spectrum->graded[neuron * (size_t)spectrum->tests + (size_t)test];
	return spectrum->active[neuron * spectrum->words + (size_t)test / 64] >> (test % 64) & 1 ? 255 : 0;
}

/* Sets verdict and activity of test `at`; values: of one entry's neurons. bounds: one for each neuron of the entry when
 * the coverage scales per neuron, else NULL. */
void gd_spectrum_set_active(gd_spectrum *spectrum, size_t entry, int64_t at, const float *values, const gd_bounds *bounds);

/* The four weighted counts of every neuron into out[neuron_count]. kind: which confidence weighs. Where all weights of one
 * verdict are 0 (nothing but NaN outputs), that verdict is counted unweighted and *fell_back (if not NULL) is set. */
GD_MUST_USE gd_status gd_spectrum_counts(const gd_spectrum *spectrum, const gd_weighting *policy, gd_confidence_kind kind, gd_counts *out,
	bool *fell_back, gd_error *err);

/* The same with test t counted times[t] times: a draw of the tests with replacement. */
GD_MUST_USE gd_status gd_spectrum_counts_drawn(const gd_spectrum *spectrum, const gd_weighting *policy, gd_confidence_kind kind,
	const uint32_t *times, gd_counts *out, gd_error *err);

#endif
