/* options.h - every choice of a ranking with its default, in one table: the command's help, completion, man page, JSON and
 * docs are generated from it, and nothing else holds a default.
 *
 * To add one: (1) a value of gd_option_id, (2) a row in options.c, (3) its use where the method or the pass reads it.
 */
#ifndef GD_OPTIONS_H
#define GD_OPTIONS_H
#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>

typedef enum {
	GD_OPTION_METHOD, GD_OPTION_FORMULA, GD_OPTION_AGGREGATION, GD_OPTION_WEIGHTING, GD_OPTION_CONFIDENCE, GD_OPTION_COVERAGE,
	GD_OPTION_THRESHOLD, GD_OPTION_REDUCE, GD_OPTION_TASK, GD_OPTION_TOLERANCE, GD_OPTION_BATCH, GD_OPTION_THREADS, GD_OPTION_BUDGET, GD_OPTIONS
} gd_option_id;

typedef enum { GD_OPTION_CHOICE, GD_OPTION_NUMBER, GD_OPTION_WHOLE } gd_option_kind;
typedef enum {
	GD_OPTION_OF_METHOD, /* may be changed when a saved spectrum is ranked again */
	GD_OPTION_OF_PASS,   /* is fixed by the pass over the tests */
	GD_OPTION_OF_RUN     /* changes no result: batch size, threads */
} gd_option_group;

typedef struct {
	const char *name; /* "formula": as in --formula, JSON and docs */
	gd_option_kind kind;
	gd_option_group group;
	const char *standard; /* the default, as typed; "auto": NaN for numbers, 0 for whole ones */
	const char *automatic; /* what "auto" means; NULL: not allowed */
	double low, high;      /* of numbers */
	const char *(*choice)(size_t at);       /* names in order, NULL past the last; NULL for numbers */
	const char *(*choice_about)(size_t at); /* one line on each */
	const char *help;
} gd_option;

extern const gd_option gd_option_table[GD_OPTIONS]; /* by gd_option_id */

typedef struct {
	const char *text[GD_OPTIONS]; /* of choices: static text */
	double number[GD_OPTIONS];
} gd_options;

void gd_options_init(gd_options *options); /* the defaults */
/* name with or without leading "--"; the message of a refusal lists the choices or the range. */
GD_MUST_USE gd_status gd_options_set(gd_options *options, const char *name, const char *value, gd_error *err);

#endif
