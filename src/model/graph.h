/* graph.h - the computation of a model as dlguider sees it: ONNX's nodes, values and initializers, in memory.
 *
 * Readers make it (Keras readers invent it, the ONNX reader parses it), the encoder turns it into ONNX bytes, the
 * gradient room appends to it. Everything lies in the owner's arena or in its mapped file; nothing here is freed alone.
 * Names are NUL-terminated and unique within their kind; "" as a node's input means "not given", as in ONNX.
 */
#ifndef GD_GRAPH_H
#define GD_GRAPH_H
#include "base/arena.h"
#include <stdbool.h>
#include <stdint.h>

enum { GD_MAX_RANK = 8 };

typedef enum { /* ONNX's TensorProto.DataType numbers */
	GD_F32 = 1, GD_U8 = 2, GD_I8 = 3, GD_U16 = 4, GD_I16 = 5, GD_I32 = 6, GD_I64 = 7, GD_STRING = 8, GD_BOOL = 9,
	GD_F16 = 10, GD_F64 = 11, GD_U32 = 12, GD_U64 = 13, GD_BF16 = 16
} gd_type;

size_t gd_type_bytes(gd_type type);      /* of one element; 0 for types without a fixed size or unknown ones */
const char *gd_type_name(gd_type type);  /* "float32", as numpy writes it; "unknown" */

typedef struct {
	int rank;                  /* -1: not known */
	int64_t dim[GD_MAX_RANK];  /* -1: free (the batch), or not known */
} gd_shape;

/* Product of the dimensions from `from` on; false when one is free or the product does not fit. */
bool gd_shape_count(const gd_shape *shape, int from, size_t *out);
/* "(?, 28, 28, 1)" into arena; NULL when memory is out. */
const char *gd_shape_text(const gd_shape *shape, gd_arena *arena);

typedef struct {
	const char *name;
	gd_type type;
	gd_shape shape;
	const void *data; /* little-endian elements, row-major; may be UNALIGNED (a view into the file): use gd_tensor_floats */
	size_t bytes;
} gd_tensor;

/* Elements as aligned floats: the tensor's own bytes when they already are, else a converted copy in arena. NULL when
 * memory is out or the type is no number. */
const float *gd_tensor_floats(const gd_tensor *tensor, gd_arena *arena);
/* Element `at` of a whole-number tensor (i32, i64, u8 ...); 0 when out of range. */
int64_t gd_tensor_integer(const gd_tensor *tensor, size_t at);

typedef enum { GD_ATTR_INT, GD_ATTR_FLOAT, GD_ATTR_STRING, GD_ATTR_INTS, GD_ATTR_FLOATS, GD_ATTR_STRINGS, GD_ATTR_TENSOR, GD_ATTR_OTHER } gd_attr_kind;

typedef struct {
	const char *name;
	gd_attr_kind kind;
	int64_t integer;
	float number;
	const char *text;        /* GD_ATTR_OTHER: the whole AttributeProto as `count` bytes; else NUL-terminated */
	const int64_t *integers; /* count of them */
	const float *numbers;    /* count of them */
	const char *const *texts; /* count of them */
	size_t count;
	const gd_tensor *tensor;
} gd_attr;

typedef struct {
	const char *op, *domain, *name; /* domain "" is ONNX's own; name may be "" */
	const char **inputs, **outputs;
	size_t input_count, output_count;
	const gd_attr *attrs;
	size_t attr_count;
	int layer; /* index in the model's layer table of the layer it belongs to; -1: none */
} gd_node;

const gd_attr *gd_node_attr(const gd_node *node, const char *name); /* NULL when absent */
/* The same, NULL when it is of another kind; whoever looks into an attribute asks for it so: kinds come from the file. */
const gd_attr *gd_node_attr_of(const gd_node *node, const char *name, gd_attr_kind kind);
int64_t gd_node_integer(const gd_node *node, const char *name, int64_t otherwise);

typedef struct {
	const char *name;
	gd_type type;
	gd_shape shape;
} gd_value;

typedef struct {
	int opset; /* of domain "" */
	gd_value *inputs, *outputs; /* inputs without those that are initializers */
	size_t input_count, output_count;
	gd_node *nodes; /* in topological order */
	size_t node_count;
	gd_tensor *tensors; /* initializers */
	size_t tensor_count;
	gd_value *values; /* what is known of inner values: types and shapes, sorted by name (strcmp) for gd_graph_value */
	size_t value_count;
} gd_graph;

/* By name; NULL when not known. */
const gd_value *gd_graph_value(const gd_graph *graph, const char *name);
const gd_tensor *gd_graph_tensor(const gd_graph *graph, const char *name);

/* Growing arrays while a graph is being made. Each returns the new element (zeroed; valid until the next add of the same
 * kind) or NULL when memory is out. */
typedef struct {
	gd_arena *arena;
	gd_graph *graph;
	size_t node_room, tensor_room, value_room, input_room, output_room;
	int layer;         /* given to every node added from now on */
	unsigned serial;   /* for gd_builder_name */
} gd_builder;

gd_value *gd_builder_input(gd_builder *b);
gd_value *gd_builder_output(gd_builder *b);
gd_value *gd_builder_value(gd_builder *b);
gd_tensor *gd_builder_tensor(gd_builder *b);
/* A node of domain "" with one output; inputs end with NULL in the list. Returns the output's name, invented from op and
 * serial when output is NULL; NULL when memory is out. Attributes are given with gd_builder_attr_* on the LAST node. */
const char *gd_builder_node(gd_builder *b, const char *op, const char *output, const char *const *inputs);
/* The last node; and one more output for it (name NULL: invented). */
gd_node *gd_builder_last(gd_builder *b);
const char *gd_builder_more(gd_builder *b, const char *name);
bool gd_builder_attr_int(gd_builder *b, const char *name, int64_t value);
bool gd_builder_attr_float(gd_builder *b, const char *name, float value);
bool gd_builder_attr_text(gd_builder *b, const char *name, const char *value);
bool gd_builder_attr_ints(gd_builder *b, const char *name, const int64_t *values, size_t count);
bool gd_builder_attr_floats(gd_builder *b, const char *name, const float *values, size_t count);
bool gd_builder_attr_texts(gd_builder *b, const char *name, const char *const *values, size_t count); /* borrowed texts */
/* Initializers made here: names invented from `stem` and serial; return the name, NULL when memory is out. */
const char *gd_builder_floats(gd_builder *b, const char *stem, const float *values, int rank, const int64_t *dims);
const char *gd_builder_integers(gd_builder *b, const char *stem, const int64_t *values, size_t count); /* rank 1 */
const char *gd_builder_scalar(gd_builder *b, const char *stem, float value); /* rank 0 */
const char *gd_builder_name(gd_builder *b, const char *stem);

#endif
