/* oracle.h - did a test pass, how wrong was the model, and how sure?
 *
 * Binary and multiclass: the class of the highest unit (one unit: threshold) equals the label at every place of the
 * output. Multilabel: every label is right. Regression: the mean absolute error over the outputs is at most the
 * tolerance. A NaN or infinite output fails with confidence 0. Where no output of the model can equal the labels every
 * test fails, with the confidence the model had.
 */
#ifndef GD_ORACLE_H
#define GD_ORACLE_H
#include "data/labels.h"
#include "model/model.h"
#include "spectrum/confidence.h"

/* How the numbers a model puts out are to be read. */
typedef enum {
	GD_FORM_PROBABILITY, /* threshold 0.5 */
	GD_FORM_LOGITS,      /* threshold 0; softmax or sigmoid before a confidence is taken */
	GD_FORM_SIGNS,       /* -1 .. 1, threshold 0 */
	GD_FORM_VALUES,      /* regression */
	GD_FORM_UNKNOWN      /* the graph does not tell: gd_form_of_range decides from all outputs */
} gd_form;

const char *gd_form_name(gd_form form);

/* What labels have to know of a model. */
gd_label_model gd_oracle_label_model(const gd_model *model, int64_t tests);

typedef struct {
	bool failed, finite;
	gd_confidence confidence;
	double error;       /* regression: mean absolute error; else the share of wrong places or labels */
	int32_t expected, predicted; /* class, where there is one place; else -1 */
} gd_verdict;

typedef struct {
	const gd_labels *labels; /* borrowed */
	gd_form form;
	double tolerance;     /* regression */
	size_t units, places; /* of one test's output */
	size_t inner;         /* unit u of place p is number (p / inner * units + u) * inner + p % inner */
	int64_t room;         /* tests a batch may have */
	int64_t *classes;     /* scratch */
	double *targets, *place;
	char note[240];       /* "" or what the report must say of the reading of the outputs */
} gd_oracle;

/* output: the shape of the model's output as it was seen in a run, batch first. tolerance NaN: 0.25 standard deviations of
 * the labels. room: the largest batch. Memory in arena. form stays GD_FORM_UNKNOWN when the graph does not tell; then the
 * caller surveys the outputs and calls gd_oracle_set_range. */
typedef struct {
	const gd_model *model;
	const gd_labels *labels;
	const gd_shape *output;
	double tolerance;
	int64_t room;
} gd_oracle_request;
GD_MUST_USE gd_status gd_oracle_open(const gd_oracle_request *request, gd_arena *arena, gd_oracle *out, gd_error *err);
/* Range of all finite outputs, and whether every place's outputs sum to 1 within 1e-3. */
void gd_oracle_set_range(gd_oracle *oracle, double low, double high, bool sums_to_one);
/* outputs: count x units x places numbers of the tests [first, first + count). */
GD_MUST_USE gd_status gd_oracle_judge(
	const gd_oracle *oracle, int64_t first, int64_t count, const float *outputs, gd_verdict *verdicts, gd_error *err);

#endif
