/* model.h - a trained model as dlguider sees it: layers as the author wrote them, entries of the ranking, the graph that
 * computes it, and the ONNX bytes for the engine. Made by the readers from a file; read-only afterwards.
 *
 * To add a reader: (1) a file in a folder of its own with an open function, (2) a row in reader.c, (3) tests and a fuzz
 * target. To add a layer family to a reader: one row in that reader's family table.
 * Nothing in a model file is ever executed; no file but the model's own is opened (ONNX external data excepted, which is
 * checked to lie beside the model).
 */
#ifndef GD_MODEL_H
#define GD_MODEL_H
#include "base/bytes.h"
#include "base/file.h"
#include "base/text.h"
#include "model/graph.h"

/* What a weight does in its layer. */
typedef enum {
	GD_KERNEL, GD_BIAS, GD_RECURRENT, GD_DEPTHWISE, GD_POINTWISE, GD_GAMMA, GD_BETA, GD_MEAN, GD_VARIANCE, GD_TABLE /* of an
	embedding */, GD_OTHER_WEIGHT
} gd_role;

/* How the framework stores a kernel: which axis counts output units and which input channels. */
typedef enum { GD_UNITS_LAST /* Keras: (..., in, out) */, GD_UNITS_FIRST /* torch: (out, in, ...) */ } gd_order;

typedef struct {
	gd_role role;
	gd_order order;
	const char *part;        /* "" or which part of the layer: "query", "forward", "backward" ... */
	gd_tensor tensor;        /* as in the file: name "kernel", framework's shape, data may be unaligned */
	const char *initializer; /* the graph's initializer that holds it (maybe transposed); NULL when it became several */
	const int64_t *permutation; /* rank many, or NULL: initializer axis k is tensor axis permutation[k] */
} gd_weight;

typedef struct {
	const char *name, *text; /* text: NULL for a number */
	double number;
} gd_setting; /* one value of the layer's configuration: "rate" 0.5, "padding" "same"; lists as text "(2, 2)" */

/* Coarse kind: what the evidence and the report treat alike. */
typedef enum {
	GD_FAMILY_INPUT, GD_FAMILY_DENSE, GD_FAMILY_CONV, GD_FAMILY_DEPTHWISE, GD_FAMILY_CONV_TRANSPOSE, GD_FAMILY_RECURRENT,
	GD_FAMILY_EMBEDDING, GD_FAMILY_ATTENTION, GD_FAMILY_POOLING, GD_FAMILY_UPSAMPLING, GD_FAMILY_NORMALIZATION,
	GD_FAMILY_ACTIVATION, GD_FAMILY_REGULARIZER /* dropout, noise */, GD_FAMILY_SHAPE /* flatten, reshape, pad, crop ... */,
	GD_FAMILY_MERGE /* add, concatenate ... */, GD_FAMILY_OTHER
} gd_family;

typedef struct {
	const char *name;       /* as in the model file */
	const char *kind;       /* class as the author wrote it: "Dense", "Conv2D", "Linear" */
	gd_family family;
	const char *activation; /* "relu" ...; "linear"; NULL when the class has none */
	bool is_entry;          /* starts an entry of its own (has weights or computes); else a member of one */
	bool trainable;
	gd_weight *weights;
	size_t weight_count;
	gd_setting *settings;
	size_t setting_count;
	const char **inputs;    /* the graph's values that enter (of the first call) */
	size_t input_count;
	const char *output;     /* the graph's value after the layer */
	gd_shape shape;         /* of the output in the FRAMEWORK's layout, batch first as -1 */
	int channel_axis;       /* of the graph's value `output`: the axis that counts units; -1: the last */
	bool channels_moved;    /* the graph's value is channels-first where the framework's shape is channels-last */
	int entry;              /* index of the entry it belongs to; -1 for inputs */
	const char *source_file; /* where the file names the program line (ONNX stack traces); else NULL */
	int source_line;
} gd_layer;

typedef struct {
	int head;          /* index of the layer that gives the entry its name and kind */
	const int *members; /* indexes of all its layers, in model order, head included */
	size_t member_count;
	const char *output; /* the graph's value after its last member: what the probe reads */
	int channel_axis;   /* of that value; -1: the last */
	int value_rank;     /* of that value, batch included */
	size_t units;       /* neurons: the size of that axis */
	bool is_output;     /* the model's output comes from it */
} gd_entry;

typedef struct {
	const char *output; /* name; NULL: the one of the same place */
	const char *loss;
	bool from_logits;
} gd_output_loss;

typedef struct {
	const char *loss;      /* "categorical_crossentropy" ...; NULL when the file does not say */
	bool from_logits;
	gd_output_loss *each;  /* where the file tells it for each of several outputs; loss is then that of the first */
	size_t each_count;
	const char *optimizer; /* NULL when the file does not say */
	double learning_rate;  /* NaN when the file does not say */
} gd_training;

typedef enum { GD_FORMAT_KERAS3, GD_FORMAT_H5, GD_FORMAT_ONNX } gd_format;

typedef struct {
	gd_arena arena;
	gd_map map;
	const char *path;
	gd_format format;
	const char *producer; /* "keras 3.15.1", "pytorch 2.1": what the file says wrote it; "" */
	gd_graph graph;
	gd_layer *layers;     /* in model order */
	size_t layer_count;
	gd_entry *entries;    /* in model order of their heads */
	size_t entry_count;
	bool output_chosen;   /* the graph's first output is the one that labels are for; all entries lead to it */
	gd_training training;
	int64_t parameters;
	gd_bytes onnx;        /* a whole ModelProto: the file's own bytes, or encoded from graph (then in `encoded`) */
	char *encoded;        /* freed by gd_model_close */
	const char **notes;   /* sentences the report must show */
	size_t note_count;
} gd_model;

typedef struct {
	uint64_t max_file_bytes;
	size_t max_config_bytes;
	size_t max_layers;
	int64_t max_parameters;
} gd_model_limits;

extern const gd_model_limits gd_model_default_limits;

/* Opens any model file that a reader knows, told by its content, not its suffix. limits NULL: the defaults. */
GD_MUST_USE gd_status gd_model_open(const char *path, const gd_model_limits *limits, gd_model **out, gd_error *err);
/* The same from bytes that stay valid as long as the model (tests, fuzzing); path is only for messages. */
GD_MUST_USE gd_status gd_model_open_bytes(const char *path, gd_bytes bytes, const gd_model_limits *limits, gd_model **out, gd_error *err);
void gd_model_close(gd_model *model); /* NULL is fine */
const char *gd_format_name(gd_format format); /* "keras3", "h5", "onnx" */

const gd_setting *gd_layer_setting(const gd_layer *layer, const char *name); /* NULL when absent */
const gd_weight *gd_layer_weight(const gd_layer *layer, gd_role role);       /* the first of that role; NULL */
const char *gd_family_name(gd_family family);                                /* "dense" ... */

/* A kernel as a matrix of floats, row-major rows x columns: columns are output units, row = position * channels + channel
 * (position: place in a convolution's window; 1 for dense). Depthwise: columns are channels x multiplier, channels is 1. */
typedef struct {
	const float *values;
	size_t rows, columns, channels;
} gd_matrix;
GD_MUST_USE gd_status gd_weight_matrix(const gd_weight *weight, gd_arena *arena, gd_matrix *out, gd_error *err);

/* Of a model with several outputs: the one that the labels are for, by the name of the output or of its layer; it becomes
 * the graph's first, and entries that do not lead to it are dropped, with a note. A wrong name is refused with the list. */
GD_MUST_USE gd_status gd_model_choose_output(gd_model *model, const char *name, gd_error *err);
/* Where none was chosen: the only one of real numbers, with a note; GD_E_USAGE with the list when there are several. */
GD_MUST_USE gd_status gd_model_settle_output(gd_model *model, gd_error *err);
const char *gd_model_output_name(const gd_model *model, size_t at); /* of its layer where there is one */
const char *gd_model_input_name(const gd_model *model, size_t at);  /* likewise */

/* For readers: groups layers into entries by the flow of data (layers, their inputs and outputs must be filled). */
GD_MUST_USE gd_status gd_model_group(gd_model *model, gd_error *err);
GD_MUST_USE gd_status gd_model_note(gd_model *model, gd_error *err, const char *format, ...) GD_PRINTF(3, 4);

/* ONNX bytes of a graph; initializers included. IR version 8, the graph's opset. */
GD_MUST_USE gd_status gd_onnx_encode(const gd_graph *graph, gd_text *out, gd_error *err);
/* A part that protobuf merges into a model when its bytes are appended: only the nodes, initializers and outputs given. */
GD_MUST_USE gd_status gd_onnx_encode_part(const gd_graph *part, gd_text *out, gd_error *err);

#endif
