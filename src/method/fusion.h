/* fusion.h - the additive model that weighs evidence: logit of the probability that an entry is faulty = base + one term a
 * column; a column is a figure, taken as it is or against neighbours or the model's other entries, and cut into bins.
 *
 * fusion_table.c and fusion_refit_table.c are made by bench/fit_fusion.py from development cases and say which; nothing in them is written by hand.
 */
#ifndef GD_FUSION_H
#define GD_FUSION_H
#include "evidence/evidence.h"

typedef enum {
	GD_AS_IT_IS,
	GD_OVER_BEFORE, /* less the entry before it (with a kernel, for figures of kernels) */
	GD_OVER_AFTER
} gd_fusion_base;

typedef enum {
	GD_ALONE,
	GD_AMONG, /* distance to the median of the model's entries, in median distances */
	GD_PLACE, /* rank among the model's entries, 0 .. 1 */
	GD_LEAD   /* over the best of the other entries; how far behind it, when negative */
} gd_fusion_relation;

typedef struct {
	gd_figure_id figure;
	gd_fusion_base base;
	gd_fusion_relation relation;
	size_t edge_count;
	const double *edges; /* ascending */
	const double *terms; /* edge_count + 2: where the figure does not apply, then each bin; edge i opens bin i + 1 */
} gd_fusion_column;

typedef struct {
	gd_outside_id figure;
	size_t edge_count;
	const double *edges, *terms; /* as above */
} gd_fusion_outside;

typedef struct {
	const char *provenance;
	double start;         /* the logit before any evidence */
	const gd_fusion_column *columns;
	size_t column_count;
	double outside_start; /* the same for "the cause lies outside the layers" */
	const gd_fusion_outside *outsides;
	size_t outside_count;
} gd_fusion_table;

extern const gd_fusion_table gd_fusion_plain;    /* fusion_table.c: evidence alone */
extern const gd_fusion_table gd_fusion_refitted; /* fusion_refit_table.c: evidence and re-fit */
const gd_fusion_table *gd_fusion_for(const gd_evidence *evidence); /* the one that suits what was gathered */

/* Column of every entry into out[entry_count]; NaN: does not apply. scratch: 2 x entry_count numbers. */
void gd_fusion_values(const gd_evidence *evidence, const gd_fusion_column *column, double *scratch, double *out);
double gd_fusion_term(const double *edges, const double *terms, size_t edge_count, double value);

/* What an entry's columns of one detector add up to, and the one that says most in that direction. */
typedef struct {
	double term;
	const gd_fusion_column *column; /* NULL: no column of the detector has a term */
	double column_term;
	double seen, other;             /* the figure of the entry itself; what it is compared with, NaN when with nothing */
} gd_fusion_part;

typedef struct {
	double logit;
	gd_fusion_part parts[GD_DETECTORS];
} gd_fusion_entry;

/* entries: evidence->entry_count of them. scratch: 3 x entry_count numbers. */
void gd_fusion_weigh(const gd_fusion_table *table, const gd_evidence *evidence, double *scratch, gd_fusion_entry *entries);
/* Logit of "outside"; *loudest: the figure that says most for it. */
double gd_fusion_weigh_outside(const gd_fusion_table *table, const gd_evidence *evidence, gd_outside_id *loudest);

#endif
