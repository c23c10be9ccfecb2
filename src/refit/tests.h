/* tests.h - the tests of a re-fit in memory: which fit and which judge, their rows and targets, and the loss that suits
 * task, output and what the file says of the training.
 */
#ifndef GD_REFIT_TESTS_H
#define GD_REFIT_TESTS_H
#include "engine/feed.h"
#include "gradient/tape.h"
#include "refit/split.h"
#include "spectrum/oracle.h"
#include "spectrum/spectrum.h"

enum { GD_REFIT_INPUTS = 16 }; /* a model with more is not re-fitted */

typedef struct {
	gd_split split;
	gd_loss loss;
	gd_oracle oracle;
	gd_array *inputs;     /* of the model: type, and shape of one batch, batch first */
	size_t input_count, target_width;
	unsigned char **rows[2]; /* fit, judge: one for each input */
	float *targets[2];
	int64_t chunk;        /* tests run at once */
	bool *failed;         /* of the judging tests, before */
	int64_t judge_failed;
} gd_refit_tests;

/* A batch of tests with their targets (count x width floats); rows as the model's inputs take them, one for each. */
typedef struct {
	gd_array rows[GD_REFIT_INPUTS], target;
	int64_t count;
} gd_refit_batch;

enum { GD_REFIT_FIT = 0, GD_REFIT_JUDGE = 1 };

/* spectrum: of these tests, for their verdicts. *why_not (in arena or
 * static) is set instead when this model and these labels have no loss to re-fit for. */
GD_MUST_USE gd_status gd_refit_tests_open(const gd_model *model, gd_feed *inputs, const gd_labels *labels, const gd_spectrum *spectrum, gd_arena *arena,
	gd_refit_tests *out, const char **why_not, gd_error *err);
/* Tests [first, first + count) of one part, as the engines take them. */
gd_refit_batch gd_refit_tests_batch(const gd_refit_tests *tests, int part, int64_t first, int64_t count);
int64_t gd_refit_tests_count(const gd_refit_tests *tests, int part);

#endif
