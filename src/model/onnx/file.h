/* file.h - an ONNX file while it is being read: what the passes of this folder hand to each other.
 *
 * Order of the passes: check.c (is every message sound; nothing of the model is used before), external.c (weights kept
 * in other files come in), read.c with nodes.c and tensor.c (messages to graph), names.c (values by number, order of
 * the nodes), sequences.c (pieces of tensors), shape.c (ranks and sizes), scope.c (what the author called each node), layers.c with weights.c (the layer
 * table).
 */
#ifndef GD_ONNX_FILE_H
#define GD_ONNX_FILE_H
#include "model/onnx/wire.h"
#include "model/reader.h"

enum { GD_OPSET_OLDEST = 7, GD_OPSET_NEWEST = 26 };
enum {
	GD_MAX_NODES = 200000,
	GD_MAX_TENSORS = 100000,
	GD_MAX_NAME = 1024,
	GD_MAX_GRAPHS = 12,
	GD_MAX_WIRE_DEPTH = 100
};

/* One value of the main graph; their number is an index into gd_onnx_file.values, -1 for "not given". */
typedef struct {
	const char *name;
	int node, tensor, input; /* who makes it: exactly one is not -1 */
	gd_type type;            /* 0: not known */
	gd_shape shape;
	int channel;             /* axis of the units; -1: not known */
	int batch;               /* axis of the tests; -1: none or not known; GD_BATCH_MIXED */
	bool data;               /* depends on what enters the model by more than its shape */
	bool result;             /* an output of the model */
	int readers;             /* how many node inputs take it */
	const int64_t *integers; /* its elements when it is a short list of whole numbers (shapes, axes); NULL: not known */
	int integer_count; /* GD_BATCH_INTEGER stands for the number of tests, GD_UNKNOWN_INTEGER for what depends on it */
} gd_onnx_value;

#define GD_UNKNOWN_INTEGER INT64_MIN
#define GD_BATCH_INTEGER (INT64_MIN + 1)
enum { GD_BATCH_MIXED = -2 }; /* tests and other sizes went into one axis */

/* What read.c keeps of a node besides gd_node; same index as graph.nodes. */
typedef struct {
	int *inputs, *outputs; /* numbers of values */
	size_t reads;          /* how many inputs: the node's own, then what its subgraphs take from outside */
	const char *scopes, *classes, *trace; /* pkg.torch.onnx.* as in the file; NULL when absent */
	const char *scope;                    /* path of the author's module, "" for the top or when nothing is known */
	const char *leaf;                     /* name within that scope; never NULL after scope.c */
	const char *kind;                     /* class of the module, NULL when not known */
	bool dotted;                          /* parts of scope are joined by "." (torch), else by "/" */
	bool standard;                        /* kind is one of PyTorch's own classes */
	bool subgraph;                        /* has an attribute with a graph: may read values it does not list */
	int group;                            /* layers.c: which group it is in */
} gd_onnx_node;

typedef struct {
	gd_model *model;
	gd_graph *graph; /* of model */
	gd_arena *arena; /* of model */
	const gd_model_limits *limits;
	gd_onnx_node *nodes;   /* graph.node_count of them */
	gd_onnx_value *values; /* sorted by name */
	size_t value_count;
} gd_onnx_file;

/* check.c */
typedef struct {
	bool external; /* a weight of the main graph lies in another file */
} gd_onnx_summary;
gd_status gd_onnx_check(gd_bytes bytes, gd_onnx_summary *out, gd_error *err);

/* external.c: the same model with such weights inside; *out is for free(). */
gd_status gd_onnx_inline(const char *path, gd_bytes bytes, char **out, size_t *size, gd_error *err);

/* tensor.c: views into the message where that is possible. */
gd_status gd_onnx_tensor(gd_wire message, gd_arena *arena, gd_tensor *out, gd_error *err);

/* read.c: a TypeProto's element type and shape into value; as they were when it is no tensor's. */
void gd_onnx_type(gd_wire wire, gd_value *value);

/* nodes.c: graph.nodes and file.nodes, in the file's order; Constant nodes become tensors. */
gd_status gd_onnx_nodes(gd_onnx_file *file, gd_wire graph, gd_builder *builder, gd_error *err);
/* Text of a field; NULL (and err filled) when it has a NUL inside, is over the limit or memory is out. */
const char *gd_onnx_text(gd_wire body, size_t limit, gd_arena *arena, gd_error *err);

/* names.c */
gd_status gd_onnx_names(gd_onnx_file *file, gd_error *err);
int gd_onnx_find(const gd_onnx_file *file, const char *name); /* -1: none of that name */
/* The tensor behind an input of a node; NULL when it is no initializer. */
const gd_tensor *gd_onnx_constant(const gd_onnx_file *file, size_t node, size_t input);

/* sequences.c: pieces taken by way of a sequence become slices; names and nodes are numbered anew. */
gd_status gd_onnx_sequences(gd_onnx_file *file, gd_error *err);

/* shape.c */
gd_status gd_onnx_infer(gd_onnx_file *file, gd_error *err);

/* shape_ops.c: what an operator makes of its inputs. A value that stays as it came (rank -1) is not known. */
typedef struct {
	gd_onnx_file *file;
	const gd_node *node;
	const gd_onnx_node *note;
	int extra; /* of the operator's row */
} gd_onnx_step;
typedef void (*gd_onnx_rule)(const gd_onnx_step *step);
/* NULL when the operator has none; *extra goes into the step. */
gd_onnx_rule gd_onnx_rule_find(const gd_node *node, int *extra);
gd_onnx_value *gd_onnx_in(const gd_onnx_step *step, size_t k);  /* NULL: not given */
gd_onnx_value *gd_onnx_out(const gd_onnx_step *step, size_t k); /* NULL: not wanted */
bool gd_onnx_keep(
	const gd_onnx_step *step, gd_onnx_value *value, const int64_t *integers, int count); /* a copy of them */
/* Elements of a list of whole numbers given as attribute `name` or, in newer opsets, as input k; NULL: not known. */
const int64_t *gd_onnx_list(const gd_onnx_step *step, const char *name, size_t k, size_t *count);

/* shape_layout.c */
void gd_onnx_rule_reduce(const gd_onnx_step *step);
void gd_onnx_rule_arg(const gd_onnx_step *step);
void gd_onnx_rule_squeeze(const gd_onnx_step *step);
void gd_onnx_rule_unsqueeze(const gd_onnx_step *step);
void gd_onnx_rule_transpose(const gd_onnx_step *step);
void gd_onnx_rule_flatten(const gd_onnx_step *step);
void gd_onnx_rule_reshape(const gd_onnx_step *step);
void gd_onnx_rule_concat(const gd_onnx_step *step);
void gd_onnx_rule_split(const gd_onnx_step *step);
void gd_onnx_rule_slice(const gd_onnx_step *step);
void gd_onnx_rule_gather(const gd_onnx_step *step);
void gd_onnx_rule_pad(const gd_onnx_step *step);
void gd_onnx_rule_resize(const gd_onnx_step *step);
void gd_onnx_rule_by_list(const gd_onnx_step *step);
void gd_onnx_rule_blocks(const gd_onnx_step *step);
void gd_onnx_rule_range(const gd_onnx_step *step);
void gd_onnx_rule_one_hot(const gd_onnx_step *step);

/* shape_values.c: the rules of operators that compute with shapes, as exporters emit them. */
void gd_onnx_rule_shape(const gd_onnx_step *step);
void gd_onnx_rule_integers(const gd_onnx_step *step); /* after the shapes are set: elements, where they are known */

/* scope.c */
gd_status gd_onnx_scopes(gd_onnx_file *file, gd_error *err);

/* ops.c: what kind of work an operator does. */
typedef struct {
	const char *op;
	gd_family family;
	const char *activation; /* of activations: its name in Keras */
	int weight;             /* which input makes it a layer with weights when it is a constant; -1: none */
} gd_onnx_op;
const gd_onnx_op *gd_onnx_op_find(const gd_node *node); /* never NULL: unknown ones are GD_FAMILY_OTHER */

/* weights.c: a constant followed back through what only re-labels or re-scales it. */
typedef struct {
	const gd_tensor *stored; /* the initializer; NULL: the value is no constant */
	const char *name;        /* nearest to the node: what the author's names appear in */
	gd_shape shape;          /* as the node sees it */
	bool turned;             /* a transposition of two axes lies between */
	int scaled_by;           /* the DequantizeLinear node between, or -1 */
} gd_onnx_source;
gd_onnx_source gd_onnx_source_of(const gd_onnx_file *file, int value);
/* The input that makes the node a layer with weights; -1: it has none. */
int gd_onnx_weight_input(const gd_onnx_file *file, size_t node);

/* group.c: nodes joined to what the author sees as one layer. */
typedef struct {
	const char *scope; /* NULL: single operators without a module of their own */
	int parent;        /* while joining: another group this one went into; -1: it is a root */
	int first, last;   /* nodes */
	int low, high;     /* stages: longest way from the inputs, counted in groups; keeps groups free of cycles */
	bool whole;        /* a module taken as one */
	bool recurrent;    /* an operator with states is in it */
	bool norm;         /* a normalization spelled out as arithmetic */
	bool fused;        /* an activation or such spelled out as arithmetic; `root` is the value it starts from */
	int root;
	int tail;    /* the node that makes its output so far */
	int weights; /* how many nodes in it have weights */
	int bias;    /* a bias was joined already */
} gd_onnx_group;
typedef struct {
	gd_onnx_group *groups; /* only roots count */
	size_t count;
} gd_onnx_groups;
gd_status gd_onnx_join(gd_onnx_file *file, gd_onnx_groups *out, gd_error *err); /* fills nodes[].group with roots */

/* layers.c */
gd_status gd_onnx_layers(gd_onnx_file *file, gd_error *err);
/* weights.c: the weights of the nodes listed (of one layer) into layer. */
gd_status gd_onnx_weights(const gd_onnx_file *file, const int *nodes, size_t count, gd_layer *layer, gd_error *err);
/* settings.c: what the attributes of its main node say, under Keras's names. */
gd_status gd_onnx_settings(const gd_onnx_file *file, size_t node, gd_layer *layer, gd_error *err);

#endif
