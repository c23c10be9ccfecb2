/* A graph as protobuf bytes. Every message is emitted by one function that runs twice: once into a sink that only
 * counts (protobuf wants the length first), once into the text; so weights are copied once and never held twice. */
#include "model/model.h"
#include "model/onnx/schema.h"
#include <limits.h>
#include <string.h>

typedef struct {
	gd_text *text; /* NULL: count only */
	size_t size;
} sink;

typedef void (*emit)(sink *s, const void *what);

static void put_bytes(sink *s, const void *bytes, size_t size)
{
	s->size += size;
	if (s->text)
		gd_text_add(s->text, bytes, size);
}

static void put_varint(sink *s, uint64_t value)
{
	unsigned char bytes[10];
	size_t count = 0;
	do {
		bytes[count++] = (unsigned char)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
		value >>= 7;
	} while (value);
	put_bytes(s, bytes, count);
}

static void put_key(sink *s, unsigned field, unsigned wire)
{
	put_varint(s, field << 3 | wire);
}

static void put_integer(sink *s, unsigned field, int64_t value)
{
	put_key(s, field, GD_WIRE_VARINT);
	put_varint(s, (uint64_t)value);
}

static void put_float(sink *s, unsigned field, float value)
{
	uint32_t bits;
	memcpy(&bits, &value, sizeof bits);
	put_key(s, field, GD_WIRE_FIXED32);
	for (int i = 0; i < 4; i++)
		put_bytes(s, &(unsigned char){ (unsigned char)(bits >> 8 * i) }, 1);
}

static void put_block(sink *s, unsigned field, const void *bytes, size_t size)
{
	put_key(s, field, GD_WIRE_BYTES);
	put_varint(s, size);
	put_bytes(s, bytes, size);
}

static void put_text(sink *s, unsigned field, const char *text)
{
	put_block(s, field, text, strlen(text));
}

static void put_message(sink *s, unsigned field, emit message, const void *what)
{
	sink counted = { 0 };
	message(&counted, what);
	put_key(s, field, GD_WIRE_BYTES);
	put_varint(s, counted.size);
	if (s->text)
		message(s, what);
	else
		s->size += counted.size;
}

static void tensor_message(sink *s, const void *what)
{
	const gd_tensor *tensor = what;
	for (int i = 0; i < tensor->shape.rank; i++)
		put_integer(s, GD_TENSOR_DIMS, tensor->shape.dim[i]);
	put_integer(s, GD_TENSOR_TYPE, (int64_t)tensor->type);
	if (tensor->name && *tensor->name)
		put_text(s, GD_TENSOR_NAME, tensor->name);
	put_block(s, GD_TENSOR_RAW, tensor->data, tensor->bytes);
}

static void attr_value(sink *s, const gd_attr *attr)
{
	switch (attr->kind) {
	case GD_ATTR_INT:
		put_integer(s, GD_ATTRIBUTE_I, attr->integer);
		put_integer(s, GD_ATTRIBUTE_TYPE, GD_ATTRIBUTE_IS_INT);
		break;
	case GD_ATTR_FLOAT:
		put_float(s, GD_ATTRIBUTE_F, attr->number);
		put_integer(s, GD_ATTRIBUTE_TYPE, GD_ATTRIBUTE_IS_FLOAT);
		break;
	case GD_ATTR_STRING:
		put_text(s, GD_ATTRIBUTE_S, attr->text);
		put_integer(s, GD_ATTRIBUTE_TYPE, GD_ATTRIBUTE_IS_STRING);
		break;
	case GD_ATTR_INTS:
		for (size_t i = 0; i < attr->count; i++)
			put_integer(s, GD_ATTRIBUTE_INTS, attr->integers[i]);
		put_integer(s, GD_ATTRIBUTE_TYPE, GD_ATTRIBUTE_IS_INTS);
		break;
	case GD_ATTR_FLOATS:
		for (size_t i = 0; i < attr->count; i++)
			put_float(s, GD_ATTRIBUTE_FLOATS, attr->numbers[i]);
		put_integer(s, GD_ATTRIBUTE_TYPE, GD_ATTRIBUTE_IS_FLOATS);
		break;
	case GD_ATTR_STRINGS:
		for (size_t i = 0; i < attr->count; i++)
			put_text(s, GD_ATTRIBUTE_STRINGS, attr->texts[i]);
		put_integer(s, GD_ATTRIBUTE_TYPE, GD_ATTRIBUTE_IS_STRINGS);
		break;
	case GD_ATTR_TENSOR:
		put_message(s, GD_ATTRIBUTE_T, tensor_message, attr->tensor);
		put_integer(s, GD_ATTRIBUTE_TYPE, GD_ATTRIBUTE_IS_TENSOR);
		break;
	case GD_ATTR_OTHER:
		break;
	}
}

static void attr_message(sink *s, const void *what)
{
	const gd_attr *attr = what;
	if (attr->kind == GD_ATTR_OTHER) { /* kept as it stood in its file, name included */
		put_bytes(s, attr->text, attr->count);
		return;
	}
	put_text(s, GD_ATTRIBUTE_NAME, attr->name);
	attr_value(s, attr);
}

static void node_message(sink *s, const void *what)
{
	const gd_node *node = what;
	for (size_t i = 0; i < node->input_count; i++)
		put_text(s, GD_NODE_INPUT, node->inputs[i]);
	for (size_t i = 0; i < node->output_count; i++)
		put_text(s, GD_NODE_OUTPUT, node->outputs[i]);
	if (node->name && *node->name)
		put_text(s, GD_NODE_NAME, node->name);
	put_text(s, GD_NODE_OP, node->op);
	for (size_t i = 0; i < node->attr_count; i++)
		put_message(s, GD_NODE_ATTRIBUTE, attr_message, &node->attrs[i]);
	if (*node->domain)
		put_text(s, GD_NODE_DOMAIN, node->domain);
}

static void dim_message(sink *s, const void *what)
{
	const int64_t *dim = what;
	if (*dim >= 0)
		put_integer(s, GD_DIM_VALUE, *dim);
}

static void batch_message(sink *s, const void *what)
{
	(void)what;
	put_text(s, GD_DIM_PARAM, "batch");
}

static void shape_message(sink *s, const void *what)
{
	const gd_shape *shape = what;
	for (int i = 0; i < shape->rank; i++)
		put_message(s, GD_SHAPE_DIM, i == 0 && shape->dim[0] < 0 ? batch_message : dim_message, &shape->dim[i]);
}

static void tensor_type_message(sink *s, const void *what)
{
	const gd_value *value = what;
	put_integer(s, GD_TENSOR_TYPE_ELEMENT, (int64_t)value->type);
	if (value->shape.rank >= 0)
		put_message(s, GD_TENSOR_TYPE_SHAPE, shape_message, &value->shape);
}

static void type_message(sink *s, const void *what)
{
	put_message(s, GD_TYPE_TENSOR, tensor_type_message, what);
}

static void value_message(sink *s, const void *what)
{
	const gd_value *value = what;
	put_text(s, GD_VALUE_NAME, value->name);
	if (value->type)
		put_message(s, GD_VALUE_TYPE, type_message, value);
}

/* Inner values are left out: the engine infers their shapes itself, and a wrong one would make it refuse the model. */
static void part_message(sink *s, const void *what)
{
	const gd_graph *graph = what;
	for (size_t i = 0; i < graph->node_count; i++)
		put_message(s, GD_GRAPH_NODE, node_message, &graph->nodes[i]);
	for (size_t i = 0; i < graph->tensor_count; i++)
		put_message(s, GD_GRAPH_INITIALIZER, tensor_message, &graph->tensors[i]);
	for (size_t i = 0; i < graph->input_count; i++)
		put_message(s, GD_GRAPH_INPUT, value_message, &graph->inputs[i]);
	for (size_t i = 0; i < graph->output_count; i++)
		put_message(s, GD_GRAPH_OUTPUT, value_message, &graph->outputs[i]);
}

static void graph_message(sink *s, const void *what)
{
	put_text(s, GD_GRAPH_NAME, "dlguider");
	part_message(s, what);
}

typedef struct {
	const char *domain;
	int64_t version;
} opset;

static void opset_message(sink *s, const void *what)
{
	const opset *o = what;
	if (*o->domain)
		put_text(s, GD_OPSET_DOMAIN, o->domain);
	put_integer(s, GD_OPSET_VERSION, o->version);
}

/* One import for every foreign domain that a node uses, once each. */
static void put_domains(sink *s, const gd_graph *graph)
{
	for (size_t i = 0; i < graph->node_count; i++) {
		const char *domain = graph->nodes[i].domain;
		bool seen = *domain == 0;
		for (size_t k = 0; k < i && !seen; k++)
			seen = strcmp(graph->nodes[k].domain, domain) == 0;
		if (!seen)
			put_message(
				s, GD_MODEL_OPSET, opset_message, &(opset){ domain, strcmp(domain, "ai.onnx.ml") == 0 ? 3 : 1 });
	}
}

/* The container version that came with an opset; readers refuse what is too new for them, so as old as can be. */
static int64_t ir_version(int opset_version)
{
	return opset_version >= 21 ? 10 : opset_version >= 19 ? 9 : 8;
}

static gd_status check_tensors(const gd_graph *graph, gd_error *err)
{
	for (size_t i = 0; i < graph->tensor_count; i++) {
		const gd_tensor *t = &graph->tensors[i];
		size_t count;
		if (!gd_type_bytes(t->type) || !gd_shape_count(&t->shape, 0, &count) ||
			t->bytes / gd_type_bytes(t->type) != count)
			return gd_fail(err, GD_E_INTERNAL, "weight %s cannot be written as ONNX (type %s, %zu bytes)", t->name,
				gd_type_name(t->type), t->bytes);
	}
	return GD_OK;
}

static gd_status finish(const gd_text *out, size_t before, gd_error *err)
{
	if (out->failed)
		return gd_fail_memory(err, "writing ONNX bytes");
	if (out->length - before > INT_MAX)
		return gd_fail(err, GD_E_LIMIT, "the model has over 2 GiB of weights, more than ONNX bytes can hold");
	return GD_OK;
}

gd_status gd_onnx_encode(const gd_graph *graph, gd_text *out, gd_error *err)
{
	gd_status status = check_tensors(graph, err);
	if (status != GD_OK)
		return status;
	size_t before = out->length;
	sink s = { .text = out };
	put_integer(&s, GD_MODEL_IR_VERSION, ir_version(graph->opset));
	put_text(&s, GD_MODEL_PRODUCER, "dlguider");
	put_message(&s, GD_MODEL_OPSET, opset_message, &(opset){ "", graph->opset });
	put_domains(&s, graph);
	put_message(&s, GD_MODEL_GRAPH, graph_message, graph);
	return finish(out, before, err);
}

gd_status gd_onnx_encode_part(const gd_graph *part, gd_text *out, gd_error *err)
{
	gd_status status = check_tensors(part, err);
	if (status != GD_OK)
		return status;
	size_t before = out->length;
	sink s = { .text = out };
	put_message(&s, GD_MODEL_GRAPH, part_message, part);
	return finish(out, before, err);
}
