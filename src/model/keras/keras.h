/* keras.h - how a Keras configuration becomes a graph: what the files of this folder share.
 *
 * config.c turns JSON into gd_keras_layer and gd_keras_net, weights.c finds each layer's arrays in the file, walk.c
 * follows the calls and asks each layer's family to translate them. Failure is sticky: the first one fills k->err and
 * k->status, later emits and getters do nothing and give harmless values, so a family checks once, at its end.
 *
 * To add a layer family: (1) a translate function in a family_*.c file, reading settings with gd_keras_whole and its
 * like, weights with gd_keras_weight, emitting nodes with gd_put, and returning flows; (2) its declaration in
 * family.h and a row in family.c; (3) models with its options in tests/py/keras_models.py.
 */
#ifndef GD_KERAS_H
#define GD_KERAS_H
#include "model/keras/hdf5.h"
#include "model/reader.h"
#include <jansson.h>

enum {
	GD_KERAS_OPSET = 20,
	GD_KERAS_MAX_UNITS = 1 << 24, /* of one layer: 16,777,216 */
	GD_KERAS_MAX_DEPTH = 256,     /* levels of JSON */
	GD_KERAS_MAX_UNROLLED = 1024  /* steps of a recurrence that no ONNX operator expresses */
};

/* A value on its way through the model. */
typedef struct {
	const char *name;  /* of the graph's value */
	gd_type type;
	gd_shape shape;    /* in Keras's layout, batch first */
	bool moved;        /* the graph's value is channels-first where shape is channels-last */
	int channels;      /* the axis of shape that counts units; -1: the last */
	const char *mask;  /* graph value (batch, steps) of bool: which steps count; NULL: all */
} gd_flow;

typedef struct gd_keras gd_keras;
typedef struct gd_keras_layer gd_keras_layer;
typedef struct gd_keras_net gd_keras_net;
typedef struct gd_keras_call gd_keras_call;

typedef gd_status (*gd_keras_translate)(gd_keras *k, gd_keras_call *call);

/* A weight that a class has, in the order Keras stores them. */
typedef struct {
	const char *name;
	gd_role role;
	const char *path;      /* of its variables below the layer's group in .keras: "", "cell", "query_dense" */
	const char *part;      /* for gd_weight */
	/* Settings that must all hold for the weight to exist, separated by blanks; NULL: always. "x": not false; "!x": not
	 * given or false; "-x": not given; "x|y": x is not false or y is true; "+x": given and not
	 * false; "x=word": has this value; "@h5": the file is an .h5. */
	const char *condition;
	bool fixed;            /* not trained by gradients (moving statistics) */
} gd_keras_spec;

/* What becomes of the mask of a layer's first input. */
typedef enum {
	GD_MASK_DROPPED, GD_MASK_KEPT, GD_MASK_SET /* by the translate function */,
	GD_MASK_TAKEN /* kept, and gone from the inputs: what is called later does not see it (MultiHeadAttention of Keras 3) */
} gd_keras_mask;

typedef struct {
	const char *name;  /* Keras 3's class name */
	const char *old;   /* earlier names, separated by blanks; "" */
	gd_family family;
	bool is_entry;
	gd_keras_mask mask;
	const gd_keras_spec *specs; /* ends with a NULL name; NULL: no weights */
	gd_keras_translate translate;
	enum { GD_KERAS_PLAIN, GD_KERAS_WRAPPER, GD_KERAS_NET, GD_KERAS_CELLS /* a list of cells */ } nesting;
} gd_keras_family;

const gd_keras_family *gd_keras_family_find(const char *class_name); /* NULL when not known */
const gd_keras_family *gd_keras_family_at(size_t at);                /* NULL behind the last row */

typedef struct {
	const char *name, *reason;
} gd_keras_refusal;

const gd_keras_refusal *gd_keras_refusal_at(size_t at); /* a class of Keras that is not taken; NULL behind the last */

/* A spec of one layer with the array found for it. */
typedef struct {
	const gd_keras_spec *spec;
	gd_tensor tensor; /* data NULL until found */
	const char *initializer; /* once used */
	const int64_t *permutation;
	bool used;
} gd_keras_slot;

struct gd_keras_layer {
	const char *name;   /* with the names of the models around it: "encoder/dense" */
	const char *own;    /* as its config has it: "dense" */
	const char *kind;   /* class as the file has it, without module or package */
	json_t *object, *config; /* borrowed; config may be an empty object */
	const gd_keras_family *family;
	gd_keras_net *net;          /* of a nested model */
	gd_keras_layer **inner;     /* of a wrapper: its layer, and Bidirectional's backward layer; the cells of a recurrence */
	const char **inner_path;    /* where their variables lie below this layer's group */
	size_t inner_count;
	gd_keras_slot *slots;
	size_t slot_count;
	bool trainable;
	int row;            /* in the model's layer table; -1: none yet */
};

/* Where a tensor comes from. */
typedef struct {
	size_t layer, node, output;
	const char *keyword; /* of the call's argument; "" when positional */
} gd_keras_ref;

typedef struct {
	size_t layer;
	gd_keras_ref *refs;
	size_t ref_count;
	json_t *args;       /* the arguments as they stand; of Keras 2: the call's list; NULL: none */
	json_t *keywords;   /* arguments by name; NULL: none */
} gd_keras_node;

struct gd_keras_net {
	gd_keras_layer *layers;
	size_t layer_count;
	gd_keras_node *nodes;  /* those of one layer stand together */
	size_t node_count;
	size_t *first_node;    /* by layer; [layer_count] is node_count */
	gd_keras_ref *inputs, *outputs;
	size_t input_count, output_count;
	bool sequential;
	json_t *object;
};

struct gd_keras_call {
	gd_keras_layer *layer;
	const gd_flow *in;
	const char *const *keyword; /* by input */
	size_t in_count;
	json_t *args, *keywords;
	gd_flow *out;
	size_t out_count;
};

/* Where weights come from: a .keras's model.weights.h5, an .h5's model_weights, or zeros of any shape (fuzzing). */
typedef enum { GD_WEIGHTS_BY_GROUP, GD_WEIGHTS_BY_NAME, GD_WEIGHTS_ZERO } gd_weights_kind;

struct gd_keras {
	gd_model *model;
	gd_builder builder;
	const gd_model_limits *limits;
	gd_error *err;
	gd_status status;
	int version;            /* Keras's major version that wrote the file */
	gd_weights_kind weights;
	gd_h5 *h5;
	gd_keras_layer *now;    /* the layer being translated, for messages and weights */
	json_t *names;          /* graph names and layer names taken */
	json_t *moved;          /* graph value -> the same in the other layout */
	size_t layers, calls, zeros; /* so far, against the limits */
};

/* Text of an architecture (config.json, model_config) to a filled model; training may be NULL. */
GD_MUST_USE gd_status gd_keras_read_config(gd_keras *k, const char *text, size_t size, const char *training);

/* fail.c, setting.c. "layer NAME: " is put before the message of the layer being translated. */
gd_status gd_keras_fail(gd_keras *k, gd_status status, const char *format, ...) GD_PRINTF(3, 4);
gd_status gd_keras_memory(gd_keras *k);
void *gd_keras_new(gd_keras *k, size_t count, size_t size); /* in the model's arena */
const char *gd_keras_text(gd_keras *k, const char *text);   /* a copy in the model's arena */
/* The setting under its Keras 3 name or an earlier one; NULL when absent or null. */
json_t *gd_keras_get(const gd_keras_layer *layer, const char *key);
int64_t gd_keras_whole(gd_keras *k, const char *key, int64_t low, int64_t high);
int64_t gd_keras_whole_or(gd_keras *k, const char *key, int64_t otherwise, int64_t low, int64_t high);
double gd_keras_number_or(gd_keras *k, const char *key, double otherwise);
bool gd_keras_flag(gd_keras *k, const char *key, bool otherwise);
/* Index in choices (ends with NULL) of a text setting; otherwise when absent. */
int gd_keras_choice(gd_keras *k, const char *key, const char *const *choices, int otherwise);
/* `count` whole numbers from a list or one number for all. */
void gd_keras_sizes(gd_keras *k, const char *key, int count, int64_t otherwise, int64_t low, int64_t high, int64_t *out);
/* A list of 1..GD_MAX_RANK whole numbers, or one; returns how many. */
int gd_keras_list(gd_keras *k, const char *key, int64_t low, int64_t high, int64_t *out);
bool gd_keras_channels_last(gd_keras *k);
/* A JSON value that must be a whole number of [low, high]. */
int64_t gd_keras_whole_of(gd_keras *k, const char *what, const json_t *value, int64_t low, int64_t high);
/* An axis of a value of this rank, negative ones counted from the end. */
int gd_keras_axis(gd_keras *k, const char *key, int64_t axis, int rank);

/* json.c; "what" is for messages: "config.json". */
json_t *gd_keras_parse(gd_keras *k, const char *what, const char *text, size_t size);
/* config.c, inbound.c; prefix: "" or "encoder/". NULL when that failed. */
gd_keras_net *gd_keras_net_read(gd_keras *k, json_t *object, const char *prefix);
gd_status gd_keras_inbound_read(gd_keras *k, gd_keras_net *net, json_t *config);
/* weights.c: finds the arrays of all layers; then one of the layer now being translated. Dimensions are checked: -1
 * in dims accepts any. NULL when that failed. */
gd_status gd_keras_weights_find(gd_keras *k, gd_keras_net *net);
const gd_tensor *gd_keras_weight(gd_keras *k, const char *part, const char *name, int rank, const int64_t *dims);
const float *gd_keras_weight_floats(gd_keras *k, const char *part, const char *name, int rank, const int64_t *dims);
/* The group of a .keras for the next thing of a class, `before` of which have come: "cells/lstm_cell_1". */
char *gd_keras_group_name(gd_keras *k, const char *folder, const char *class_name, size_t before);
/* Weights as initializers: as they are, or transposed. */
const char *gd_keras_tensor(gd_keras *k, const char *part, const char *name, int rank, const int64_t *dims);
const char *gd_keras_transposed(gd_keras *k, const char *part, const char *name, int rank, const int64_t *dims, const int64_t *permutation, int out_rank, const int64_t *out_dims);
/* walk.c */
gd_status gd_keras_net_walk(gd_keras *k, gd_keras_net *net, const gd_flow *in, size_t in_count, gd_flow **out, size_t *out_count);
/* Translates another layer's call in the middle of one (wrappers). */
gd_status gd_keras_translate_inner(gd_keras *k, gd_keras_layer *layer, gd_keras_call *call);
/* training.c */
gd_status gd_keras_training_read(gd_keras *k, json_t *compile);

/* emit.c: one node each, the output's name invented; NULL in, NULL out. The attributes are of the last node. */
const char *gd_put(gd_keras *k, const char *op, const char *a);
const char *gd_put2(gd_keras *k, const char *op, const char *a, const char *b);
const char *gd_put3(gd_keras *k, const char *op, const char *a, const char *b, const char *c);
const char *gd_put_list(gd_keras *k, const char *op, const char *const *inputs, size_t count);
void gd_put_int(gd_keras *k, const char *name, int64_t value);
void gd_put_float(gd_keras *k, const char *name, double value);
void gd_put_ints(gd_keras *k, const char *name, const int64_t *values, size_t count);
void gd_put_string(gd_keras *k, const char *name, const char *value);
const char *gd_put_scalar(gd_keras *k, double value);
const char *gd_put_floats(gd_keras *k, const char *stem, const float *values, int rank, const int64_t *dims);
const char *gd_put_integers(gd_keras *k, const int64_t *values, size_t count);
const char *gd_put_axes(gd_keras *k, int64_t axis); /* one integer, rank 1 */
const char *gd_put_cast(gd_keras *k, const char *a, gd_type type);
const char *gd_put_transpose(gd_keras *k, const char *a, const int64_t *permutation, int rank);
/* Splits along an axis into equal parts. */
void gd_put_split(gd_keras *k, const char *a, int64_t axis, size_t parts, const char **out);
/* Reshape to dims, where 0 copies the dimension of the same place and -1 is worked out. */
const char *gd_put_reshape(gd_keras *k, const char *a, const int64_t *dims, size_t count);
const char *gd_put_slice(gd_keras *k, const char *a, int64_t axis, int64_t from, int64_t to);
const char *gd_put_reversed(gd_keras *k, const char *x); /* the steps (axis 1) from last to first */

/* flow.c: layouts. */
gd_flow gd_flow_moved(gd_keras *k, gd_flow flow);  /* channels-first in the graph (rank 3 and more) */
gd_flow gd_flow_plain(gd_keras *k, gd_flow flow);  /* as Keras has it */
int gd_flow_axis(const gd_flow *flow, int axis);   /* where a Keras axis lies in the graph's value */
gd_shape gd_flow_graph_shape(const gd_flow *flow);
gd_flow gd_flow_float(gd_keras *k, gd_flow flow);  /* whole numbers and bools become float32 */
const char *gd_flow_bool(gd_keras *k, const gd_flow *flow); /* its value as bool */
/* The one flow that comes in, as float32; and the one that goes out. */
gd_flow gd_keras_in(gd_keras *k, gd_keras_call *call, int low_rank, int high_rank);
gd_status gd_keras_out(gd_keras *k, gd_keras_call *call, gd_flow flow);
gd_status gd_keras_out2(gd_keras *k, gd_keras_call *call, gd_flow first, gd_flow second);
/* Sets a dimension that was worked out; huge ones are refused. -1 stays free. */
void gd_keras_dim(gd_keras *k, gd_shape *shape, int axis, int64_t value);

/* activation.c. value NULL or JSON null: linear. moved flows have their softmax over the graph's axis 1. */
gd_flow gd_keras_activate(gd_keras *k, const json_t *activation, gd_flow flow);
const char *gd_keras_activation_name(const json_t *activation); /* "linear" for NULL; NULL when it has none */

#endif
