/* classes.h - the layer classes of Keras, for listing: which are computed, which change nothing in a trained model, which
 * are refused and why. It is the readers' own table (family.c) that speaks here.
 *
 * To say what a class's translation leaves out: a row in `limits` of classes.c.
 */
#ifndef GD_KERAS_CLASSES_H
#define GD_KERAS_CLASSES_H
#include <stdbool.h>
#include <stddef.h>

typedef struct {
	const char *name;
	const char *earlier; /* names of older files, separated by blanks; "" */
	const char *status;  /* "computed", "no effect", "refused" */
	const char *note;    /* why it is refused, or what is not taken; "" */
} gd_keras_class;

bool gd_keras_class_at(size_t at, gd_keras_class *out); /* false behind the last */

#endif
