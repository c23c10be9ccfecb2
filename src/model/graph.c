#include "model/graph.h"
#include "base/checked.h"
#include "base/half.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>

static const struct {
	gd_type type;
	size_t bytes;
	const char *name;
} types[] = {
	{ GD_F32, 4, "float32" }, { GD_U8, 1, "uint8" }, { GD_I8, 1, "int8" }, { GD_U16, 2, "uint16" }, { GD_I16, 2, "int16" },
	{ GD_I32, 4, "int32" }, { GD_I64, 8, "int64" }, { GD_STRING, 0, "string" }, { GD_BOOL, 1, "bool" }, { GD_F16, 2, "float16" },
	{ GD_F64, 8, "float64" }, { GD_U32, 4, "uint32" }, { GD_U64, 8, "uint64" }, { GD_BF16, 2, "bfloat16" },
};

size_t gd_type_bytes(gd_type type)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (types[i].type == type)
			return types[i].bytes;
	return 0;
}

const char *gd_type_name(gd_type type)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (types[i].type == type)
			return types[i].name;
	return "unknown";
}

bool gd_shape_count(const gd_shape *shape, int from, size_t *out)
{
	size_t count = 1;
	for (int i = from; i < shape->rank; i++)
		if (shape->dim[i] < 0 || !gd_mul_size(count, (size_t)shape->dim[i], &count))
			return false;
	if (shape->rank < 0)
		return false;
	*out = count;
	return true;
}

const char *gd_shape_text(const gd_shape *shape, gd_arena *arena)
{
	if (shape->rank < 0)
		return "(unknown)";
	gd_text text = { 0 };
	gd_text_put(&text, "(");
	for (int i = 0; i < shape->rank; i++) {
		gd_text_put(&text, i ? ", " : "");
		if (shape->dim[i] < 0)
			gd_text_put(&text, "?");
		else
			gd_text_printf(&text, "%lld", (long long)shape->dim[i]);
	}
	gd_text_put(&text, shape->rank == 1 ? ",)" : ")");
	char *copy = text.failed ? NULL : gd_arena_text(arena, text.bytes, text.length);
	gd_text_free(&text);
	return copy;
}

static double element(const gd_tensor *t, size_t at)
{
	const unsigned char *p = (const unsigned char *)t->data + at * gd_type_bytes(t->type);
	switch (t->type) {
#define AS(kind, ctype)       \
	case kind: {              \
		ctype v;              \
		memcpy(&v, p, sizeof v); \
		return (double)v;     \
	}
		AS(GD_F32, float)
		AS(GD_F64, double)
		AS(GD_U8, uint8_t)
		AS(GD_BOOL, uint8_t)
		AS(GD_I8, int8_t)
		AS(GD_U16, uint16_t)
		AS(GD_I16, int16_t)
		AS(GD_I32, int32_t)
		AS(GD_U32, uint32_t)
		AS(GD_I64, int64_t)
		AS(GD_U64, uint64_t)
#undef AS
	case GD_F16:
	case GD_BF16: {
		uint16_t v;
		memcpy(&v, p, sizeof v);
		return t->type == GD_F16 ? gd_half_to_float(v) : gd_bfloat_to_float(v);
	}
	case GD_STRING:
		break;
	}
	return 0.0;
}

const float *gd_tensor_floats(const gd_tensor *tensor, gd_arena *arena)
{
	size_t size = gd_type_bytes(tensor->type);
	if (size == 0)
		return NULL;
	if (tensor->type == GD_F32 && (uintptr_t)tensor->data % sizeof(float) == 0 && tensor->data)
		return tensor->data;
	size_t count = tensor->bytes / size;
	float *copy = gd_arena_new(arena, count, sizeof *copy);
	if (copy && tensor->type == GD_F32 && count)
		memcpy(copy, tensor->data, count * sizeof *copy);
	else
		for (size_t i = 0; copy && i < count; i++)
			copy[i] = (float)element(tensor, i);
	return copy;
}

int64_t gd_tensor_integer(const gd_tensor *tensor, size_t at)
{
	size_t size = gd_type_bytes(tensor->type);
	if (size == 0 || at >= tensor->bytes / size)
		return 0;
	if (tensor->type == GD_I64) { /* a double would lose the low bits */
		int64_t v;
		memcpy(&v, (const unsigned char *)tensor->data + at * size, sizeof v);
		return v;
	}
	double v = element(tensor, at);
	return v >= -9.2e18 && v <= 9.2e18 ? (int64_t)v : 0;
}

const gd_attr *gd_node_attr(const gd_node *node, const char *name)
{
	for (size_t i = 0; i < node->attr_count; i++)
		if (strcmp(node->attrs[i].name, name) == 0)
			return &node->attrs[i];
	return NULL;
}

const gd_attr *gd_node_attr_of(const gd_node *node, const char *name, gd_attr_kind kind)
{
	const gd_attr *attr = gd_node_attr(node, name);
	return attr && attr->kind == kind ? attr : NULL;
}

int64_t gd_node_integer(const gd_node *node, const char *name, int64_t otherwise)
{
	const gd_attr *attr = gd_node_attr_of(node, name, GD_ATTR_INT);
	return attr ? attr->integer : otherwise;
}

static int value_against_name(const void *name, const void *value)
{
	return strcmp(name, ((const gd_value *)value)->name);
}

const gd_value *gd_graph_value(const gd_graph *graph, const char *name)
{
	if (graph->value_count == 0)
		return NULL;
	return bsearch(name, graph->values, graph->value_count, sizeof *graph->values, value_against_name);
}

const gd_tensor *gd_graph_tensor(const gd_graph *graph, const char *name)
{
	for (size_t i = 0; i < graph->tensor_count; i++)
		if (strcmp(graph->tensors[i].name, name) == 0)
			return &graph->tensors[i];
	return NULL;
}
