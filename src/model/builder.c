/* Growing a graph: arrays double in the arena, what they outgrow stays there until the arena goes. */
#include "model/graph.h"
#include <stdio.h>
#include <string.h>

/* Room for one more element behind *array; NULL when memory is out. */
static void *grow(gd_arena *arena, void *array, size_t *count, size_t *room, size_t size)
{
	if (*count == *room) {
		size_t wider = *room ? *room * 2 : 16;
		void *moved = gd_arena_new(arena, wider, size);
		if (!moved)
			return NULL;
		if (*count)
			memcpy(moved, array, *count * size);
		*room = wider;
		array = moved;
	}
	(*count)++;
	return array;
}

#define ADD(type, field, counter, roomer)                                                                     \
	do {                                                                                                      \
		type *array = grow(b->arena, b->graph->field, &b->graph->counter, &b->roomer, sizeof(type));          \
		if (!array)                                                                                           \
			return NULL;                                                                                      \
		b->graph->field = array;                                                                              \
		return &array[b->graph->counter - 1];                                                                 \
	} while (0)

gd_value *gd_builder_input(gd_builder *b)
{
	ADD(gd_value, inputs, input_count, input_room);
}

gd_value *gd_builder_output(gd_builder *b)
{
	ADD(gd_value, outputs, output_count, output_room);
}

gd_value *gd_builder_value(gd_builder *b)
{
	ADD(gd_value, values, value_count, value_room);
}

gd_tensor *gd_builder_tensor(gd_builder *b)
{
	ADD(gd_tensor, tensors, tensor_count, tensor_room);
}

static gd_node *add_node(gd_builder *b)
{
	ADD(gd_node, nodes, node_count, node_room);
}

const char *gd_builder_name(gd_builder *b, const char *stem)
{
	return gd_arena_printf(b->arena, "%s:%u", stem, ++b->serial);
}

static char *keep(gd_builder *b, const char *text)
{
	return gd_arena_text(b->arena, text, strlen(text));
}

const char *gd_builder_node(gd_builder *b, const char *op, const char *output, const char *const *inputs)
{
	size_t count = 0;
	while (inputs[count])
		count++;
	gd_node *node = add_node(b);
	const char **names = gd_arena_new(b->arena, count, sizeof *names), **outputs = gd_arena_new(b->arena, 8, sizeof *outputs);
	if (!node || !names || !outputs)
		return NULL;
	for (size_t i = 0; i < count; i++)
		names[i] = inputs[i];
	outputs[0] = output ? output : gd_builder_name(b, op);
	char *op_copy = keep(b, op);
	if (!op_copy || !outputs[0])
		return NULL;
	*node = (gd_node){ .op = op_copy, .domain = "", .name = outputs[0], .inputs = names, .outputs = outputs, .input_count = count,
		.output_count = 1, .layer = b->layer };
	return outputs[0];
}

gd_node *gd_builder_last(gd_builder *b)
{
	return b->graph->node_count ? &b->graph->nodes[b->graph->node_count - 1] : NULL;
}

const char *gd_builder_more(gd_builder *b, const char *name)
{
	gd_node *node = gd_builder_last(b);
	if (!node || node->output_count == 8)
		return NULL;
	const char *kept = name ? name : gd_builder_name(b, node->op);
	if (kept)
		node->outputs[node->output_count++] = kept;
	return kept;
}

/* Attributes are few: one by one into a fresh array. */
static gd_attr *add_attr(gd_builder *b, const char *name, gd_attr_kind kind)
{
	gd_node *node = gd_builder_last(b);
	gd_attr *attrs = node ? gd_arena_new(b->arena, node->attr_count + 1, sizeof *attrs) : NULL;
	char *kept = keep(b, name);
	if (!attrs || !kept)
		return NULL;
	if (node->attr_count)
		memcpy(attrs, node->attrs, node->attr_count * sizeof *attrs);
	gd_attr *last = &attrs[node->attr_count++];
	*last = (gd_attr){ .name = kept, .kind = kind };
	node->attrs = attrs;
	return last;
}

bool gd_builder_attr_int(gd_builder *b, const char *name, int64_t value)
{
	gd_attr *attr = add_attr(b, name, GD_ATTR_INT);
	if (attr)
		attr->integer = value;
	return attr != NULL;
}

bool gd_builder_attr_float(gd_builder *b, const char *name, float value)
{
	gd_attr *attr = add_attr(b, name, GD_ATTR_FLOAT);
	if (attr)
		attr->number = value;
	return attr != NULL;
}

bool gd_builder_attr_text(gd_builder *b, const char *name, const char *value)
{
	gd_attr *attr = add_attr(b, name, GD_ATTR_STRING);
	if (attr)
		attr->text = keep(b, value);
	return attr && attr->text;
}

bool gd_builder_attr_ints(gd_builder *b, const char *name, const int64_t *values, size_t count)
{
	gd_attr *attr = add_attr(b, name, GD_ATTR_INTS);
	if (!attr)
		return false;
	attr->integers = gd_arena_copy(b->arena, values, count * sizeof *values);
	attr->count = count;
	return attr->integers != NULL;
}

bool gd_builder_attr_floats(gd_builder *b, const char *name, const float *values, size_t count)
{
	gd_attr *attr = add_attr(b, name, GD_ATTR_FLOATS);
	if (!attr)
		return false;
	attr->numbers = gd_arena_copy(b->arena, values, count * sizeof *values);
	attr->count = count;
	return attr->numbers != NULL;
}

bool gd_builder_attr_texts(gd_builder *b, const char *name, const char *const *values, size_t count)
{
	gd_attr *attr = add_attr(b, name, GD_ATTR_STRINGS);
	if (!attr)
		return false;
	attr->texts = gd_arena_copy(b->arena, values, count * sizeof *values);
	attr->count = count;
	return attr->texts != NULL;
}

static const char *add_tensor(gd_builder *b, const char *stem, gd_type type, const void *values, int rank, const int64_t *dims)
{
	gd_tensor *tensor = gd_builder_tensor(b);
	const char *name = gd_builder_name(b, stem);
	if (!tensor || !name)
		return NULL;
	*tensor = (gd_tensor){ .name = name, .type = type, .shape.rank = rank };
	for (int i = 0; i < rank; i++)
		tensor->shape.dim[i] = dims[i];
	size_t count;
	if (!gd_shape_count(&tensor->shape, 0, &count))
		return NULL;
	tensor->bytes = count * gd_type_bytes(type);
	tensor->data = gd_arena_copy(b->arena, values, tensor->bytes);
	return tensor->data ? name : NULL;
}

const char *gd_builder_floats(gd_builder *b, const char *stem, const float *values, int rank, const int64_t *dims)
{
	return add_tensor(b, stem, GD_F32, values, rank, dims);
}

const char *gd_builder_integers(gd_builder *b, const char *stem, const int64_t *values, size_t count)
{
	return add_tensor(b, stem, GD_I64, values, 1, &(int64_t){ (int64_t)count });
}

const char *gd_builder_scalar(gd_builder *b, const char *stem, float value)
{
	return add_tensor(b, stem, GD_F32, &value, 0, NULL);
}
