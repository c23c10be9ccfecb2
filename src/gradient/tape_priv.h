/* tape_priv.h - shared by the files of this room: emitting nodes and asking for shapes.
 *
 * Emitters return the new value's name, or NULL once memory is out (then tape->failed is set and every later emitter
 * returns NULL too), so rules need no checks of their own. Lists of inputs end with NULL.
 */
#ifndef GD_TAPE_PRIV_H
#define GD_TAPE_PRIV_H
#include "gradient/tape.h"

typedef struct {
	const char *name;
	gd_type type;
	gd_shape shape;       /* rank -1: not known */
	const char *gradient; /* of the loss with respect to it, once known */
	bool needed;          /* a wanted weight flows into it */
	bool constant;        /* an initializer of the forward graph */
	bool used;            /* a node takes it */
	bool enters;          /* of a cut tape: it is a graph input now */
} gd_slot;

struct gd_tape {
	gd_arena *arena;
	gd_graph graph;
	gd_builder builder;
	const gd_graph *forward;
	const char *const *wanted;
	size_t wanted_count;
	gd_slot *slots; /* open addressing by name */
	size_t slot_count, slot_room;
	bool cut;             /* only what the wanted weights flow into is copied */
	const char **entering;
	size_t entering_count, entering_room;
	bool failed; /* memory ran out */
};

/* The slot of a value, made when there is none; NULL when memory is out. Asking for a new name may move the slots. */
gd_slot *gd_tape_slot(gd_tape *tape, const char *name);
gd_shape gd_tape_shape(gd_tape *tape, const char *name); /* rank -1 when not known, or name NULL */
void gd_tape_set(gd_tape *tape, const char *name, gd_shape shape); /* name NULL: nothing */

/* One node; the value gets no shape unless set. */
const char *gd_emit(gd_tape *tape, const char *op, const char *output, const char *const *inputs);
#define GD_EMIT(tape, op, ...) gd_emit(tape, op, NULL, (const char *const[]){ __VA_ARGS__, NULL })
void gd_emit_int(gd_tape *tape, const char *name, int64_t value); /* attributes of the last node */
void gd_emit_float(gd_tape *tape, const char *name, float value);
void gd_emit_text(gd_tape *tape, const char *name, const char *value);
void gd_emit_ints(gd_tape *tape, const char *name, const int64_t *values, size_t count);
const char *gd_emit_more(gd_tape *tape); /* one more output of the last node */
const char *gd_emit_scalar(gd_tape *tape, float value);
const char *gd_emit_integers(gd_tape *tape, const int64_t *values, size_t count);
const char *gd_emit_floats(gd_tape *tape, const float *values, int rank, const int64_t *dims);
const char *gd_emit_reshape(gd_tape *tape, const char *value, const int64_t *dims, int rank); /* -1: the rest */
const char *gd_emit_reshape_like(gd_tape *tape, const char *value, const char *like);
const char *gd_emit_expand_like(gd_tape *tape, const char *value, const char *like);
const char *gd_emit_zeros_like(gd_tape *tape, const char *like);
const char *gd_emit_transpose(gd_tape *tape, const char *value, const int64_t *permutation, int rank);
const char *gd_emit_swap_last(gd_tape *tape, const char *value, int rank); /* transposes the last two axes */
const char *gd_emit_reduce(gd_tape *tape, const char *op, const char *value, const int64_t *axes, size_t count, bool keep);
/* 1.0 where the comparison (Less, Greater, Equal ...) holds, else 0.0. */
const char *gd_emit_mask(gd_tape *tape, const char *op, const char *a, const char *b);
/* Elements first .. last - 1 of one axis. */
const char *gd_emit_slice(gd_tape *tape, const char *value, int64_t axis, int64_t first, int64_t last);
/* Sums value (of shape from) over the axes along which `operand` was broadcast to it. */
const char *gd_emit_unbroadcast(gd_tape *tape, const char *value, gd_shape from, const char *operand);

/* Adds a gradient to what input `at` of node has so far; ignores inputs that need none. */
void gd_tape_give(gd_tape *tape, const gd_node *node, size_t at, const char *gradient);
bool gd_tape_needs(gd_tape *tape, const gd_node *node, size_t at); /* does a wanted weight flow into that input */
bool gd_tape_mark(gd_tape *tape, const gd_node *node); /* the same for any input; if so, marks its outputs */
const char *gd_tape_gradient(gd_tape *tape, const char *value);    /* so far; NULL */
/* The node with at least GD_PADDED_INPUTS inputs to look at, "" where it has fewer: rules need not count. */
enum { GD_PADDED_INPUTS = 8 };
gd_node gd_node_padded(const gd_node *node, const char *room[GD_PADDED_INPUTS]);
gd_status gd_tape_unsupported(const gd_node *node, const char *what, gd_error *err);
/* The whole-number list an operator has as attribute or as constant input; NULL when it is neither. */
const int64_t *gd_tape_list(gd_tape *tape, const gd_node *node, const char *attr, size_t input, size_t *count);
float gd_node_number(const gd_node *node, const char *name, float otherwise);
const char *gd_node_text(const gd_node *node, const char *name, const char *otherwise);

/* dy: gradient of the node's first output that has one, never NULL. */
typedef gd_status (*gd_rule_function)(gd_tape *tape, const gd_node *node, const char *dy, gd_error *err);
typedef struct {
	const char *op;
	gd_rule_function rule;
} gd_rule;
extern const gd_rule gd_rules_math[], gd_rules_reduce[], gd_rules_shape[], gd_rules_conv[]; /* end with op NULL */

/* Replaces a composite node of the forward graph by primitive ones whose shapes are known. */
typedef gd_status (*gd_lower_function)(gd_tape *tape, const gd_node *node, gd_error *err);
typedef struct {
	const char *op;
	gd_lower_function lower;
} gd_lowering;
extern const gd_lowering gd_lowerings[], gd_lowerings_recurrent[]; /* end with op NULL */
/* A primitive node with the shape of its output; output NULL: invented. */
const char *gd_lower_emit(gd_tape *tape, const char *op, const char *output, gd_shape shape, const char *const *inputs);
#define GD_LOWER(tape, op, shape, ...) gd_lower_emit(tape, op, NULL, shape, (const char *const[]){ __VA_ARGS__, NULL })

#endif
