/* walk.h - the state of a walk through a program; for this room only. */
#ifndef GD_SOURCE_WALK_H
#define GD_SOURCE_WALK_H
#include "source/program.h"
#include <stdint.h>
#include <tree_sitter/api.h>

typedef enum { V_UNKNOWN, V_NONE, V_BOOL, V_NUMBER, V_TEXT, V_LIST, V_NAME, V_FUNCTION, V_CLASS, V_INSTANCE, V_LAYER, V_DICT, V_SUPER } value_kind;

typedef struct value value;
typedef struct scope scope;
struct value {
	value_kind kind;
	double number;      /* V_LIST: 1 when its length is not known, its items standing for any number */
	const char *text;   /* V_TEXT; V_NAME: dotted path; V_CLASS: its name */
	const char *base;   /* V_CLASS, V_SUPER: the first of its bases that is not in the program; NULL */
	value *items;       /* V_LIST; V_DICT: lists of key and value */
	size_t count, room; /* room: of items, where the list was made by append */
	TSNode node;        /* V_FUNCTION, V_CLASS: the definition */
	scope *home;        /* V_FUNCTION, V_CLASS: where it was defined; V_INSTANCE, V_LAYER: its attributes */
	const value *type;  /* V_INSTANCE: its class; V_CLASS: the first of its bases that is in the program; V_FUNCTION: the
	                       class it is a method of; V_SUPER: the class to look in; NULL */
	const value *self;  /* V_FUNCTION: the object it is bound to; V_SUPER: the object; NULL */
	scope *members;     /* V_CLASS: the names of its body */
	bool is_static, of_class; /* V_FUNCTION: takes no self; takes the class */
	int constructor;    /* V_LAYER, V_INSTANCE: index of the constructor; else -1 */
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
	const value *self, *type; /* of the method that is being walked, and the class it stands in; NULL */
	value *yielded;      /* what the function that is being walked has yielded; NULL outside */
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
bool gd_walk_arguments(walk *w, scope *s, TSNode list, call_arguments *out);
value gd_walk_attribute(walk *w, const value *of, const char *name);
const value *gd_class_member(const value *type, const char *name); /* in the class and the program's classes above it; NULL */

/* builtin.c: Python's own functions, and methods of lists, texts and dictionaries. False: not one of them. */
bool gd_builtin_call(walk *w, const char *name, const call_arguments *a, value *out);
bool gd_builtin_method(walk *w, scope *s, TSNode object_node, const value *object, const char *name, const call_arguments *a, value *out);
value gd_list_join(walk *w, const value *a, const value *b, size_t times); /* b may be NULL */
void gd_list_grow(walk *w, value *list, const value *more);
value gd_walk_sequence(walk *w, const value *v); /* what a loop goes over, as a list; unknown when it is not known */
value gd_text_format(walk *w, const char *pattern, const value *values, size_t count); /* "a%d" or "a{}" with values put in */
value gd_dict_find(const value *dict, const char *key);

/* call.c: one more; NULL when memory is out. */
gd_constructor *gd_constructor_add(walk *w);

/* modules.c: which object holds which. */
void gd_module_hold(walk *w, const value *holder, const char *name, const value *child);
void gd_module_fill(walk *w, const value *holder, const call_arguments *a); /* Sequential(...), ModuleList([...]) ... */
void gd_module_stack(walk *w, const value *holder, const call_arguments *a); /* TransformerEncoder(layer, n): copies of layer as layers.0 ... */
void gd_module_append(walk *w, const value *holder, const value *child);
bool gd_is_container(const char *kind);
value gd_module_copy(walk *w, const value *v); /* copy.deepcopy: the copies have a place of their own and the same line */
value gd_module_children(walk *w, const value *holder, bool with_names); /* a list, or a dictionary */

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
