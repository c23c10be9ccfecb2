/* layer_kind.h - what kind of layer some nodes are, and what it is called: the judgement behind the layer table.
 */
#ifndef GD_ONNX_LAYER_KIND_H
#define GD_ONNX_LAYER_KIND_H
#include "model/onnx/file.h"

/* The nodes of one group, in order. */
typedef struct {
	const gd_onnx_file *file;
	const gd_onnx_group *group;
	const int *nodes;
	size_t count;
} gd_onnx_span;

typedef struct {
	gd_family family;
	int main;               /* the node that decides */
	const char *activation; /* as gd_layer.activation */
	bool computes;          /* weights or a subgraph: an entry even when the family is OTHER */
} gd_onnx_kind;

gd_onnx_kind gd_onnx_kind_of(const gd_onnx_span *span); /* layer_kind.c */

/* layer_names.c: in arena; NULL when memory is out. */
const char *gd_onnx_name_of(const gd_onnx_span *span, const gd_onnx_kind *kind, size_t serial);
/* layer_class.c: "Linear" for a Gemm of a PyTorch module, "Dense" for a MatMul of a Keras layer; else op. */
const char *gd_onnx_class_of(const gd_onnx_span *span, const gd_onnx_kind *kind, const char *op);
/* trace.c: the user's own line in what an exporter wrote down of the calls; false when there is none. */
bool gd_onnx_line_of(const char *trace, gd_arena *arena, const char **file, int *line);
/* Node names lack containers that are not called; names of weights have them. What the weights of inner modules tell of
 * the way to them is given to the modules around them. scopes: per layer, its path as nodes tell it, or NULL. */
gd_status gd_onnx_complete_names(gd_model *model, const char *const *scopes, gd_error *err);
/* Makes equal names differ by a number behind them. */
gd_status gd_onnx_names_apart(gd_model *model, gd_error *err);

#endif
