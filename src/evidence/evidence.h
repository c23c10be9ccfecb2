/* evidence.h - signs that a layer is faulty, other than its spectrum: figures of every entry, found by detectors.
 *
 * A detector reads the model (with its weights), the statistics of one pass over the tests and the plan of the graph, and
 * fills figures of every entry; NaN means "does not apply here". What a figure is worth is no business of this room: the
 * fusion (method/fused.c) weighs figures by its table.
 * To add a figure: (1) a row in GD_FIGURE_ROWS, (2) fill it in its detector's file, (3) fit the fusion anew. To add a
 * detector: (1) a file with a gd_detect function, (2) a row in evidence.c, (3) tests with a case where it speaks and one
 * where it is silent.
 */
#ifndef GD_EVIDENCE_H
#define GD_EVIDENCE_H
#include "evidence/statistics.h"
#include "spectrum/spectrum.h"

typedef enum {
	GD_DETECT_ROLE, GD_DETECT_OUTPUT, GD_DETECT_SETTINGS, GD_DETECT_ACTIVATION, GD_DETECT_INFORMATION, GD_DETECT_NORMALIZATION,
	GD_DETECT_KERNEL, GD_DETECT_BIAS, GD_DETECT_INTERFACE, GD_DETECT_DOWNSTREAM, GD_DETECT_REFIT, GD_DETECTORS
} gd_detector_id;

/* id, name in saved evidence, detector, how a sentence shows the figure (see gd_figure_show). */
#define GD_FIGURE_ROWS(X)                                                                                              \
	X(LAST, "role.last", ROLE, PLAIN) X(HAS_KERNEL, "role.kernel", ROLE, PLAIN) X(FAILING, "role.failing", ROLE, PERCENT) X(FIT, "role.fit", ROLE, PERCENT)                                            \
	X(CONTRACT, "output.contract", OUTPUT, PLAIN) X(LOSS, "output.loss", OUTPUT, PLAIN)                                \
	X(CONSTANT, "output.constant", OUTPUT, PERCENT) X(SPREAD, "output.spread", OUTPUT, RATIO)                          \
	X(OFFSET, "output.offset", OUTPUT, RATIO) X(OUTSIDE_RANGE, "output.range", OUTPUT, PERCENT)                        \
	X(RENAMED, "output.renamed", OUTPUT, PERCENT)                                                                      \
	X(ODD, "settings.odd", SETTINGS, PLAIN) X(ODD_SUM, "settings.sum", SETTINGS, PLAIN)                                \
	X(NARROW, "settings.narrow", SETTINGS, RATIO) X(INITIALIZER, "settings.initializer", SETTINGS, PLAIN)              \
	X(REGULARIZER, "settings.regularizer", SETTINGS, PLAIN) X(DROPOUT, "settings.dropout", SETTINGS, PERCENT)          \
	X(ODD_ACTIVATION, "settings.activation", SETTINGS, PLAIN) X(FROZEN, "settings.frozen", SETTINGS, PLAIN)            \
	X(CONSTRAINT, "settings.constraint", SETTINGS, PLAIN) X(STEPS, "settings.steps", SETTINGS, PLAIN)                  \
	X(NOISE, "settings.noise", SETTINGS, PLAIN)                                                                        \
	X(DEAD, "activation.dead", ACTIVATION, PERCENT) X(ZERO, "activation.zero", ACTIVATION, PERCENT)                    \
	X(UNSOUND, "activation.unsound", ACTIVATION, PERCENT) X(GAIN, "activation.gain", ACTIVATION, RATIO)                \
	X(RANK, "activation.rank", ACTIVATION, RATIO) X(RANK_LOST, "activation.rank-lost", ACTIVATION, RATIO)              \
	X(LEVEL, "activation.level", ACTIVATION, RATIO) X(UNEVEN, "activation.uneven", ACTIVATION, RATIO)                  \
	X(SATURATED, "activation.saturated", ACTIVATION, PERCENT) X(ON, "activation.on", ACTIVATION, PERCENT)              \
	X(ON_SPREAD, "activation.on-spread", ACTIVATION, PLAIN)                                                            \
	X(KNOWS, "information.labels", INFORMATION, PERCENT) X(KNOWS_ERROR, "information.errors", INFORMATION, PERCENT)    \
	X(UNUSED, "information.unused", INFORMATION, PERCENT) X(LOST, "information.lost", INFORMATION, PERCENT)            \
	X(BELOW_BEST, "information.below-best", INFORMATION, PERCENT) X(SORTS, "information.sorts", INFORMATION, PERCENT)  \
	X(DRIFT, "normalization.drift", NORMALIZATION, RATIO) X(GAMMA, "normalization.gamma", NORMALIZATION, RATIO)        \
	X(DRIFT_FIRST, "normalization.first", NORMALIZATION, PLAIN)                                                        \
	X(DRIFT_SPREAD, "normalization.spread", NORMALIZATION, RATIO)                                                      \
	X(WIDTH, "kernel.spread", KERNEL, RATIO) X(PEAK, "kernel.peak", KERNEL, RATIO) X(TAILS, "kernel.tails", KERNEL, RATIO) \
	X(NORMAL, "kernel.normal", KERNEL, PLAIN) X(BEYOND, "kernel.beyond", KERNEL, PERCENT)                              \
	X(VALUES, "kernel.values", KERNEL, PERCENT) X(ZEROS, "kernel.zeros", KERNEL, PERCENT)                              \
	X(WEAKEST, "kernel.weakest", KERNEL, RATIO) X(STRONGEST, "kernel.strongest", KERNEL, RATIO)                        \
	X(TWO_KINDS, "kernel.two-kinds", KERNEL, PLAIN) X(ROWS, "kernel.rows", KERNEL, PLAIN)                              \
	X(SINGULAR, "kernel.singular", KERNEL, PERCENT) X(FLATNESS, "kernel.flatness", KERNEL, PERCENT)                    \
	X(ALIKE, "kernel.alike", KERNEL, PLAIN) X(SKEW, "kernel.skew", KERNEL, PLAIN) X(TABLE, "kernel.table", KERNEL, RATIO) \
	X(BIAS_MEAN, "bias.mean", BIAS, PLAIN) X(BIAS_SHIFT, "bias.shift", BIAS, PLAIN) X(BIAS_PEAK, "bias.peak", BIAS, RATIO) \
	X(BIAS_SUM, "bias.sum", BIAS, PLAIN) X(BIAS_TOP, "bias.top", BIAS, PLAIN) X(BIAS_AHEAD, "bias.ahead", BIAS, RATIO) \
	X(BIAS_FRESH, "bias.fresh", BIAS, RATIO) X(BIAS_MOVED, "bias.moved", BIAS, RATIO) X(BIAS_NOISE, "bias.noise", BIAS, PLAIN) \
	X(BIAS_DRIVE, "bias.drive", BIAS, PLAIN) X(BIAS_SIZE, "bias.size", BIAS, RATIO)                                    \
	X(IN_SHAPE, "input.shape", INTERFACE, PLAIN) X(IN_ANGLE, "input.angle", INTERFACE, PLAIN)                          \
	X(IN_DIRECTIONS, "input.directions", INTERFACE, PLAIN) X(IN_SIGNAL, "input.signal", INTERFACE, PLAIN)              \
	X(IN_GAIN, "input.gain", INTERFACE, RATIO) X(IN_OFF, "input.off", INTERFACE, PERCENT)                              \
	X(TO_SHAPE, "next.shape", INTERFACE, PLAIN) X(TO_SIGNAL, "next.signal", INTERFACE, PLAIN)                          \
	X(TO_SIZE, "next.size", INTERFACE, PLAIN) X(TO_AGAINST, "next.against", INTERFACE, PERCENT)                        \
	X(TO_BIAS, "next.bias", INTERFACE, PLAIN) X(FROM_SHAPE, "previous.shape", INTERFACE, PLAIN)                        \
	X(FROM_SIGNAL, "previous.signal", INTERFACE, PLAIN) X(FROM_BIAS, "previous.bias", INTERFACE, PLAIN)                \
	X(FROM_NORM, "previous.norm", INTERFACE, RATIO) X(FROM_SIZE, "previous.size", INTERFACE, PLAIN)                    \
	X(STRUCTURE, "input.structure", INTERFACE, PLAIN)                                                                  \
	X(PUSHES_ERROR, "downstream.error", DOWNSTREAM, PLAIN) X(AGAINST, "downstream.against", DOWNSTREAM, PERCENT)       \
	X(AGREES, "downstream.agrees", DOWNSTREAM, PLAIN) X(SPLIT, "downstream.split", DOWNSTREAM, PLAIN)                  \
	X(IN_PLACE, "downstream.in-place", DOWNSTREAM, PERCENT)                                                            \
	X(SLOPE, "downstream.slope", DOWNSTREAM, PLAIN) X(SLOPE_ERROR, "downstream.slope-error", DOWNSTREAM, PLAIN)        \
	X(REFIT_QUARTER, "refit.quarter", REFIT, PERCENT) X(REFIT_END, "refit.end", REFIT, PERCENT)                        \
	X(REFIT_JUDGE, "refit.judge", REFIT, PERCENT) X(REFIT_MENDED, "refit.mended", REFIT, PERCENT)                      \
	X(REFIT_CHANGE, "refit.change", REFIT, RATIO) X(REFIT_GRADIENT, "refit.gradient", REFIT, RATIO)                    \
	X(REFIT_COSINE, "refit.cosine", REFIT, PLAIN) X(REFIT_ORDER, "refit.order", REFIT, PERCENT)                        \
	X(REFIT_ORDER_MENDED, "refit.order-mended", REFIT, PERCENT) X(REFIT_SCALE, "refit.scale", REFIT, PERCENT)          \
	X(REFIT_SCALE_MENDED, "refit.scale-mended", REFIT, PERCENT) X(REFIT_FLIPPED, "refit.flipped", REFIT, PERCENT)      \
	X(REFIT_BEST, "refit.best", REFIT, PERCENT) X(REFIT_LEFT_QUARTER, "refit.left-quarter", REFIT, RATIO)              \
	X(REFIT_LEFT_JUDGE, "refit.left-judge", REFIT, RATIO) X(REFIT_LEFT_BEST, "refit.left-best", REFIT, RATIO)          \
	X(REFIT_ORDER_GAIN, "refit.order-gain", REFIT, PERCENT) X(REFIT_SCALE_GAIN, "refit.scale-gain", REFIT, PERCENT)             \
	X(REFIT_SWAP, "refit.swap", REFIT, PERCENT) X(REFIT_SWAP_MENDED, "refit.swap-mended", REFIT, PERCENT)              \
	X(REFIT_SWAP_FIT, "refit.swap-fit", REFIT, PERCENT) X(REFIT_SWAP_FIT_MENDED, "refit.swap-fit-mended", REFIT, PERCENT) \
	X(REFIT_SWAP_GAIN, "refit.swap-gain", REFIT, PERCENT)

typedef enum {
#define X(id, name, detector, shown) GD_FIGURE_##id,
	GD_FIGURE_ROWS(X)
#undef X
	GD_FIGURES
} gd_figure_id;

typedef enum {
	GD_SHOW_PLAIN,
	GD_SHOW_RATIO,  /* the figure is a natural logarithm: e to it is what one sees */
	GD_SHOW_PERCENT /* a share */
} gd_show;

typedef struct {
	const char *name;
	gd_detector_id detector;
	gd_show show;
} gd_figure;

extern const gd_figure gd_figures[GD_FIGURES];
double gd_figure_seen(gd_figure_id figure, double value); /* as a sentence shows it */

/* What a detector says by itself of one entry: a rule that is broken. */
typedef struct {
	const char *id;      /* "output.softmax-one-unit" */
	double weight;       /* how bad, 0.5 .. 3 */
	double value;
	const char *message, *mend;
	const gd_layer *member; /* the layer of the entry that it is about; NULL: the entry as a whole */
} gd_finding;

enum { GD_FINDINGS = 6 };

typedef struct {
	double of[GD_FIGURES];
	gd_finding findings[GD_FINDINGS]; /* heaviest first */
	size_t finding_count;
	/* neighbours in the flow of data, for figures that compare them: entries; -1 none */
	int before, after;                /* next to it */
	int kernel_before, kernel_after;  /* the nearest that have a kernel */
} gd_evidence_entry;

/* What concerns the model as a whole; for the answer "outside the layers". */
#define GD_OUTSIDE_ROWS(X)                                                                                             \
	X(INPUT_SIZE, "input-size") /* log of the root mean square of the inputs */                                        \
	X(INPUT_KNOWS, "input-knows") /* how well a linear probe reads the labels from the inputs */                       \
	X(OUTPUT_KNOWS, "output-knows") /* and from the outputs: high although tests fail means that labels are re-coded */ \
	X(BEST_KNOWS, "best-knows") /* the best of all layers */                                                           \
	X(FIT, "fit") /* 1 - squared error of the output over the labels' variance; -1 at least */                         \
	X(ACCURACY, "accuracy") X(OVER_CHANCE, "over-chance") /* less the share of the most frequent label */              \
	X(SURE_FAILED, "sure-failed") /* mean confidence of failing tests */                                               \
	X(SURE, "sure") /* of all tests */                                                                                 \
	X(RECODED, "recoded") /* accuracy gained when predicted classes may be renamed */                                  \
	X(MOVED, "moved") /* log of the most that a layer's bias moved from 0, in units of the initializer */              \
	X(FRESH, "fresh") /* share of kernels that are still as an initializer draws them */                               \
	X(MISSING, "missing") /* share of the classes that the model can name and no test has */                           \
	X(CLASSES, "classes") /* log of the classes that tests have; 0 for numbers */                                      \
	X(SHIFT, "shift") /* log of the distance of mean outputs from mean labels, in deviations */                        \
	X(SPREAD, "spread") /* log of the deviation of the outputs over the labels' */                                     \
	X(SATURATION, "saturation") /* the largest share of dead units in a layer */                                       \
	X(FIRST_GAIN, "first-gain") /* log of what the first kernel makes of the inputs' size */

typedef enum {
#define X(id, name) GD_OUTSIDE_##id,
	GD_OUTSIDE_ROWS(X)
#undef X
	GD_OUTSIDES
} gd_outside_id;

extern const char *const gd_outsides[GD_OUTSIDES]; /* names */

typedef struct {
	gd_arena arena;
	gd_evidence_entry *entries;
	size_t entry_count;
	double outside[GD_OUTSIDES];
	bool refitted; /* the refit.* figures are filled, by whoever re-fitted (method/refitted.c) */
} gd_evidence;

/* spectrum: of the same pass. */
GD_MUST_USE gd_status gd_evidence_find(const gd_model *model, const gd_statistics *statistics, const gd_spectrum *spectrum,
	gd_evidence **out, gd_error *err);
/* One line of JSON, for those who fit the fusion: figures of all entries, by name. */
GD_MUST_USE gd_status gd_evidence_write(const gd_evidence *evidence, const gd_spectrum *spectrum, gd_text *out, gd_error *err);
void gd_evidence_free(gd_evidence *evidence); /* NULL is fine */

#endif
