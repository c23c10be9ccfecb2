/* ranking.h - the result: entries in order of suspicion, with their neurons, evidence and (where a program was given)
 * lines. Made by a method, read by the reports and the API; everything lies in its own arena.
 *
 * Scores are finite or NaN (shown as null); equal scores keep model order. Built with gd_ranking_of_spectrum, then filled,
 * then gd_ranking_sort.
 */
#ifndef GD_RANKING_H
#define GD_RANKING_H
#include "base/arena.h"
#include "method/overview.h"
#include "model/model.h"

typedef struct {
	size_t index; /* within the entry */
	double score;
} gd_ranked_neuron;

typedef struct {
	const char *file, *text; /* text: the source line, without indentation */
	int line;                /* 1-based; 0: not known */
	int column, end_line, end_column; /* 1-based, of the constructor call; end is one past the last; 0: not known */
	double confidence;       /* of the match, 0..1 */
} gd_line;

typedef struct {
	const char *id;      /* "output.softmax-one-unit": stable, from the detector's row */
	double term;         /* its share of the logit of the score (fused); its own score elsewhere */
	double value;        /* the figure seen; NaN when there is none */
	const char *message; /* what was seen, one sentence */
	const char *mend;    /* what usually mends it; NULL */
	const char *member;  /* the member that it is about, other than the first; NULL: the entry as a whole */
	gd_line line;        /* of that member; .line 0 when not known, or no member is named */
} gd_evidence_item;

typedef struct {
	int index;          /* the entry's place in the model, from 0 */
	const char *name, *kind;
	const char **members; /* names as in the file, model order */
	const char **outputs; /* what each member computes, as the graph names it; NULL when there was no model */
	size_t member_count;
	double score;
	size_t units;       /* neurons of the entry */
	gd_ranked_neuron *neurons; /* the highest, in order; at most 10 */
	size_t neuron_count;
	const double *neuron_scores; /* of all units, by index; NULL when they were not computed */
	const gd_entry_view *view;   /* NULL: not drawn */
	gd_evidence_item *evidence; /* by contribution, largest first */
	size_t evidence_count;
	gd_line line;       /* .line 0 when not known */
} gd_ranked_entry;

typedef struct {
	const char *name, *text; /* text NULL: number */
	double number;
} gd_option_value; /* one choice the method was run with */

typedef struct {
	gd_arena arena;
	/* model */
	const char *model_path, *model_format, *sha256; /* sha256: 64 hex digits */
	int64_t parameters;
	/* tests */
	int64_t tests, passed, failed;
	const char *task; /* "binary", "multiclass", "multilabel", "regression" */
	/* method */
	const char *method;
	gd_option_value *options;
	size_t option_count;
	gd_ranked_entry *layers; /* in ranking order */
	size_t layer_count;
	bool is_probability;   /* scores are probabilities of being at fault; else only their order and distance say something */
	const char *verdict;   /* "layer", "none" (no layer stands out), "outside" (the cause seems to lie outside the layers) */
	const char **notes;
	size_t note_count;
	const char **classes; /* names by number; NULL: the labels had none */
	size_t class_count;
	const gd_overview *overview; /* NULL: none was made */
	/* the program whose lines are named; program NULL: none was given */
	const char *program, *program_text;
	size_t program_length;
} gd_ranking;

/* The overview and the views of the first entries, from the pass over the tests; histograms NULL: without values. The ranking
 * must be sorted. */
GD_MUST_USE gd_status gd_ranking_overview(gd_ranking *ranking, const gd_spectrum *spectrum, const gd_histograms *histograms, gd_error *err);
void gd_ranking_sort(gd_ranking *ranking); /* by score, NaN last, then by index */
bool gd_ranking_note(gd_ranking *ranking, const char *format, ...) GD_PRINTF(2, 3);
bool gd_ranking_option_text(gd_ranking *ranking, const char *name, const char *text);
bool gd_ranking_option_number(gd_ranking *ranking, const char *name, double number);
void gd_ranking_free(gd_ranking *ranking);

#endif
