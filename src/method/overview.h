/* overview.h - what a report for people draws beside the scores: of the tests, how sure the model was and what it took for
 * what; of the first entries of the ranking, who was active in which tests and how the values are spread. Small and of a
 * fixed size, whatever the model and the number of tests; lies in the ranking's arena.
 */
#ifndef GD_OVERVIEW_H
#define GD_OVERVIEW_H
#include "spectrum/histogram.h"

enum {
	GD_VIEWED = 32,          /* entries that are drawn, the first of the ranking */
	GD_HEAT_ROWS = 32, GD_HEAT_COLUMNS = 64, GD_HEAT_TESTS = 16 /* tests a column is made of, at most */,
	GD_SHOWN_BINS = 40, GD_SURE_BINS = 20, GD_SHOWN_CLASSES = 20, GD_SHOWN_TESTS = 12
};

typedef struct {
	/* Activity, most suspicious neurons first; tests by verdict (failed first), then expected class. A cell is the share of
	 * its neurons and tests that is active, in 1/255. rows 0: nothing is known. */
	size_t rows, columns, failed_columns;
	const uint8_t *cells;  /* rows x columns */
	const size_t *neurons; /* rows: the first neuron of the row, by its index in the entry */
	/* Values from low on, in `bins` bins of one width; what lies beyond is in the first and last one. bins 0: not known. */
	double low, width;
	size_t bins;
	int64_t passed[GD_SHOWN_BINS], failed[GD_SHOWN_BINS], zeros[2], unsound;
	bool cut_low, cut_high; /* the first (last) bin holds what lies beyond it, too */
} gd_entry_view;

typedef struct {
	int64_t test;
	int32_t expected, predicted; /* -1: no single class */
	double confidence, error;
} gd_shown_test;

typedef struct {
	int64_t sure[2][GD_SURE_BINS]; /* passed, failed tests by confidence 0..1; regression: by error over 4 tolerances, the rest in the last */
	size_t classes;                /* of the table; 0: there is none */
	const int32_t *class_of;       /* classes: their numbers */
	const int64_t *confusion;      /* classes x classes, by expected, then predicted */
	bool all_classes;              /* else those with the most failed tests */
	gd_shown_test tests[GD_SHOWN_TESTS]; /* failed, the surest (regression: the most wrong) first */
	size_t test_count;
} gd_overview;

#endif
