/* refit.h - which single entry, re-fitted on some of the tests, mends the others?
 *
 * The tests are split once (seeded, stratified by label and verdict): some fit, the others judge. For one entry at a time
 * its weights alone take a few Adam steps (Kingma and Ba, 2015) against the loss; then the others are judged. A layer that
 * merely suffers from another one cannot mend what it suffers from; the faulty one can. Other activations and poolings are
 * tried too, of entries without weights as well. The model is never changed.
 *
 * Entries are tried in the order given, each whole or not at all, within a budget of counted work; what was not tried says
 * why. The same tests give the same figures whatever the threads and the machine's speed. Memory: the model twice, and one batch forward and
 * backward.
 */
#ifndef GD_REFIT_H
#define GD_REFIT_H
#include "engine/feed.h"
#include "gradient/tape.h"
#include "spectrum/spectrum.h"

/* What another function in place of the entry's own does to the judging tests. */
typedef struct {
	double end;              /* share of their loss that it removes */
	int64_t mended, broken;
	const char *with, *instead; /* "relu", "sigmoid"; static. NULL: nothing was tried */
} gd_refit_swap;

typedef struct {
	bool tried;
	bool fitted;           /* its weights were; the figures up to columns are known */
	bool late;             /* what it takes did not fit into the budget */
	double seconds;        /* what it takes, as work.h counts it; 0 when its turn did not come */
	const char *why_not;   /* when not fitted: one sentence; static text or in the result's arena */
	double gradient_norm;  /* L2, of all its weights before the first step */
	double weight_norm;
	double cosine;         /* between gradient and weights, -1 .. 1 */
	double fit_quarter;    /* share of the loss on the fitting tests that a quarter of the steps removes; at most 1 */
	double fit_end;        /* and the best of all steps */
	double judge_end;      /* share of the loss on the judging tests removed at the end; at most 1, negative: it grew */
	int64_t mended, broken; /* judging tests: failed before and passed after, and the other way round */
	double short_end;      /* judge_end, mended and broken after a quarter of the steps */
	int64_t short_mended, short_broken;
	double change;         /* L2 of the change of weights over weight_norm */
	/* the kernel's columns alone, where it is a plain kernel of 2 to 256 columns; else has_columns is false */
	bool has_columns;
	size_t columns;
	double order_end;      /* share of the loss on the judging tests that the best order of columns found removes */
	int64_t order_mended, order_broken;
	size_t order_moved;    /* columns that it moves */
	double scale_end;      /* the same for one factor a column (sign included) */
	int64_t scale_mended, scale_broken;
	size_t scale_flipped;  /* columns whose factor became negative */
	/* what else it might compute (alternatives.h): the one that removes most loss, as it is; and with a quarter of the steps
	 * on the entry's weights, where they are fitted */
	bool has_alternatives;
	gd_refit_swap swap, swap_fit;
} gd_refit_entry;

typedef struct {
	gd_arena arena;
	gd_refit_entry *entries; /* by entry index */
	size_t entry_count;
	int64_t fit_tests, judge_tests, judge_failed; /* judge_failed: of the judging tests, before */
	gd_loss loss;
	double loss_fit, loss_judge; /* before */
	size_t tried;
} gd_refit;

typedef struct {
	const gd_model *model;
	gd_feed *inputs;
	const gd_labels *labels;
	const gd_spectrum *spectrum; /* of these tests: verdicts, and how outputs are read */
	const int *order;      /* entry indexes, most suspicious first; NULL: model order */
	size_t order_count;
	double seconds;        /* budget, in seconds as work.h counts them; INFINITY: all of them */
	int threads;
	int steps;             /* 0: 40 */
	bool (*progress)(void *state, const char *layer, size_t done, size_t total); /* false stops; NULL */
	void *progress_state;
} gd_refit_request;

/* A model that cannot be re-fitted at all (an operator without derivative right behind every layer, labels unlike the
 * output, integers only) is no failure: every entry says why. */
GD_MUST_USE gd_status gd_refit_run(const gd_refit_request *request, gd_refit **out, gd_error *err);
void gd_refit_free(gd_refit *refit);

/* What a mend does to tests that were not used for it. */
typedef struct {
	int64_t fit_tests, judge_tests, judge_failed;
	gd_refit_entry entry;
} gd_refit_outcome;
/* The re-fitted weights of one entry as a model: ONNX bytes of the whole model with them in place. */
GD_MUST_USE gd_status gd_refit_mend(const gd_refit_request *request, int entry, gd_text *onnx, gd_refit_outcome *outcome, gd_error *err);

#endif
