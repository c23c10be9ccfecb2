/* alternatives.h - what a layer could compute instead: another activation, another pooling, a normalisation by the tests' own
 * statistics. A table of operators and what to try for each; needs no gradient, only the graph written anew.
 *
 * To add one: a row in the table of alternatives.c; if the new nodes are more than one operator, a function that emits them.
 */
#ifndef GD_ALTERNATIVES_H
#define GD_ALTERNATIVES_H
#include "model/model.h"
#include "refit/tests.h"

typedef struct gd_alternative_row gd_alternative_row;

typedef struct {
	const gd_alternative_row *row;
	size_t node;      /* of the model's graph; what it computes is replaced */
	bool behind;      /* the new operator comes behind the node, which stays */
	bool at_output;   /* the model's output changes its meaning */
	bool probability; /* at the output: the outputs are probabilities then, whatever they were */
	const char *with, *instead; /* "relu", "sigmoid": for sentences; static */
} gd_alternative;

enum { GD_MOST_ALTERNATIVES = 6 };

/* At most GD_MOST_ALTERNATIVES of an entry into out; how many there are. graph: the model's, all shapes known. */
size_t gd_alternatives_find(const gd_model *model, const gd_graph *graph, int entry, const gd_refit_tests *tests, gd_alternative *out);

/* The name of a weight that is 0, added to what enters the new operator, so that a graph can be cut there. */
extern const char gd_alternative_gate[];

/* The graph with the alternative in place, in arena, borrowing from graph. NULL: the graph as it is, but for the gate.
 * gate: whether what enters the operator passes by the gate. */
GD_MUST_USE gd_status gd_alternative_graph(const gd_graph *graph, const gd_alternative *at, bool change, bool gate, gd_arena *arena, gd_graph *out,
	gd_error *err);

#endif
