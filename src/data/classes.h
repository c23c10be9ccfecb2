/* classes.h - labels that are words: each different text is a class, numbered in the order of the names (strcmp).
 *
 * While reading, texts are numbered in the order met; at the end the numbers become those of the sorted names.
 */
#ifndef GD_CLASSES_H
#define GD_CLASSES_H
#include "base/arena.h"
#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

enum { GD_MAX_CLASSES = 10000 };

typedef struct {
	const char *text;
	size_t serial; /* in the order met */
} gd_class_name;

typedef struct {
	gd_arena *arena;
	gd_class_name *met; /* in order of strcmp */
	const char **names; /* after gd_classes_sort: by number */
	size_t count;
} gd_classes;

/* The number of a text in the order met; a new one is copied. */
GD_MUST_USE gd_status gd_classes_add(gd_classes *classes, const char *text, size_t length, int64_t *number, gd_error *err);
/* Numbers of the sorted names in place of those in the order met. */
GD_MUST_USE gd_status gd_classes_sort(gd_classes *classes, int64_t *numbers, int64_t count, gd_error *err);

#endif
