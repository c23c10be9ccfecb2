/* walk.h - the state of a walk through a program; for this room only. */
#ifndef GD_SOURCE_WALK_H
#define GD_SOURCE_WALK_H
#include "source/program.h"
#include <stdint.h>
#include <tree_sitter/api.h>

typedef enum { V_UNKNOWN, V_NONE, V_BOOL, V_NUMBER, V_TEXT, V_LIST, V_NAME, V_FUNCTION, V_CLASS, V_INSTANCE, V_LAYER } value_kind;

typedef struct value value;
typedef struct scope scope;
struct value {
	value_kind kind;
	double number;
	const char *text;   /* V_TEXT; V_NAME: dotted path */
	value *items;       /* V_LIST */
	size_t count;
	TSNode node;        /* V_FUNCTION, V_CLASS: the definition */
	scope *home;        /* V_FUNCTION, V_CLASS: where it was defined; V_INSTANCE: its attributes */
	const value *type;  /* V_INSTANCE: its class; V_CLASS: the first of its bases that is in the program; NULL */
	scope *members;     /* V_CLASS: the names of its body */
	int constructor;    /* V_LAYER: index of the constructor; else -1 */
};

typedef struct binding {
	const char *name;
	value held;
	struct binding *next;
} binding;
struct scope {
	binding *bindings;
	scope *outer;
};

typedef struct {
	gd_program *program;
	const char *text;
	size_t length, room; /* room: of the constructors */
	int64_t work;        /* nodes that may still be visited */
	int depth, calls;
	int unsure;          /* loops of unknown length around here */
	int branches;        /* branches of unknown condition around here */
	bool returning;
	value returned;
	bool failed;         /* memory is out */
} walk;

enum { MOST_DEPTH = 400, MOST_CALLS = 24, MOST_WORK = 2000000, MOST_ROUNDS = 4096, MOST_ITEMS = 4096 };

static const value unknown_value = { .kind = V_UNKNOWN, .constructor = -1 };

value gd_walk_evaluate(walk *w, scope *s, TSNode node);
void gd_walk_block(walk *w, scope *s, TSNode node); /* the statements below it */
void gd_walk_assign(walk *w, scope *s, TSNode target, value v);

/* Arguments of a call, values ready. */
typedef struct {
	gd_argument *list;
	value *values;
	size_t count;
} call_arguments;
value gd_walk_call(walk *w, scope *s, const value *callee, TSNode call, const call_arguments *arguments);

value *gd_scope_find(scope *s, const char *name);              /* outwards; NULL */
void gd_scope_set(walk *w, scope *s, const char *name, value v);
scope *gd_scope_new(walk *w, scope *outer);
char *gd_walk_text(walk *w, TSNode node);                      /* NUL-terminated; NULL when memory is out */
bool gd_node_is(TSNode node, const char *type);
TSNode gd_node_field(TSNode node, const char *field);          /* null node when absent */
const char *gd_value_text(walk *w, const value *v, double *number, bool *known);
bool gd_walk_enter(walk *w);                                   /* one more node; false: enough */
void gd_walk_leave(walk *w);
int gd_value_truth(const value *v);                            /* 1, 0, -1 not known */

#endif
