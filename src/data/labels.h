/* labels.h - what the tests expect of the model, in the one form the oracle needs: a class a place, flags, or targets.
 *
 * Opening reads all labels once and checks them: count, shape, range, whole numbers, NaN. What cannot be labels is
 * refused with the shape seen and the shape expected; labels that are sound but unlike the model's output (ten classes on
 * a model with one unit) are a fault of the MODEL: they stay usable, a note says so, and such tests simply fail.
 * To add a coding: one row in labels.c.
 */
#ifndef GD_LABELS_H
#define GD_LABELS_H
#include "data/rows.h"

typedef enum { GD_TASK_AUTO, GD_TASK_BINARY, GD_TASK_MULTICLASS, GD_TASK_MULTILABEL, GD_TASK_REGRESSION } gd_task;

const char *gd_task_name(gd_task task); /* "auto", "binary" ... */
bool gd_task_find(const char *name, gd_task *out);

/* What is known of the model the labels belong to. */
typedef struct {
	size_t units;     /* of one place of the output: the size of its unit axis; 0: not known */
	size_t positions; /* places in one test's output: product of its other axes, batch excluded; 0 counts as 1 */
	const char *loss; /* it was trained with, for GD_TASK_AUTO only; NULL: not known */
	int64_t tests;    /* inputs, which must be as many as labels; -1: not compared */
} gd_label_model;

enum { GD_LABEL_NOTES = 4 };

typedef struct {
	gd_rows *rows;      /* borrowed from the caller */
	gd_task task;       /* never auto */
	int64_t count;      /* tests */
	size_t width;       /* of one test: numbers gd_labels_targets writes, or gd_labels_classes (positions of them) */
	size_t units, positions; /* of the model, as given */
	int64_t classes;    /* binary 2; multiclass: 1 + the largest class that the labels can name; else 0 */
	bool one_hot;       /* classes are stored as one number a class */
	bool signs;         /* two-valued labels are -1 and 1 in the file: the model's threshold is 0, not 0.5 */
	bool comparable;    /* false: no output of this model can be right (see notes): every test fails */
	double low, high;   /* of the numbers in the file */
	double deviation;   /* standard deviation of all of them (divided by n): the unit of the default tolerance */
	char notes[GD_LABEL_NOTES][240]; /* sentences for the report */
	size_t note_count;
} gd_labels;

GD_MUST_USE gd_status gd_labels_open(gd_rows *rows, gd_task task, const gd_label_model *model, gd_labels *out, gd_error *err);
/* Binary and multiclass: the class of each place, 0-based (-1/1 as 0/1): count x width numbers. A class may be beyond
 * model->units, then no prediction equals it. */
GD_MUST_USE gd_status gd_labels_classes(const gd_labels *labels, int64_t first, int64_t count, int64_t *out, gd_error *err);
/* Multilabel: 0 or 1 (-1/1 as 0/1). Regression: the numbers as stored, width 1 repeated over the outputs (as Keras's
 * losses do) so that they compare one to one when comparable. count x width numbers. */
GD_MUST_USE gd_status gd_labels_targets(const gd_labels *labels, int64_t first, int64_t count, double *out, gd_error *err);

#endif
