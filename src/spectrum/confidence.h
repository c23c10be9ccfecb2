/* confidence.h - how sure a model was of one answer, from 0 (as good as guessing) to 1.
 *
 * Every measure is 0 for the uniform distribution and 1 for a certain one, whatever the number of classes. Pure.
 * To add one: a value of the enum, a row in confidence.c (name, what it is) and its line in gd_confidence_of.
 */
#ifndef GD_CONFIDENCE_H
#define GD_CONFIDENCE_H
#include <stdbool.h>
#include <stddef.h>

typedef enum { GD_CONFIDENCE_MAX, GD_CONFIDENCE_MARGIN, GD_CONFIDENCE_GINI, GD_CONFIDENCE_ENTROPY, GD_CONFIDENCES } gd_confidence_kind;

typedef struct {
	double of[GD_CONFIDENCES]; /* by gd_confidence_kind, each in [0, 1] */
} gd_confidence;

/* p: n >= 2 probabilities that sum to 1. */
gd_confidence gd_confidence_of(const double *p, size_t n);
gd_confidence gd_confidence_binary(double q); /* the distribution (1 - q, q) */
gd_confidence gd_confidence_all(double value); /* one value for every kind: regression has no distribution */

/* Probabilities from what a model puts out, in place: logits by softmax with the maximum subtracted, or numbers meant as
 * probabilities by clipping below 0 and dividing by their sum (uniform when that is 0). Numbers must be finite. */
void gd_softmax(double *values, size_t n);
void gd_normalize(double *values, size_t n);
double gd_sigmoid(double value);

const char *gd_confidence_name(gd_confidence_kind kind);  /* NULL past the last */
const char *gd_confidence_about(gd_confidence_kind kind);
bool gd_confidence_find(const char *name, gd_confidence_kind *out);

#endif
