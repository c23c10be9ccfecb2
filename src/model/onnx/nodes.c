/* NodeProto and AttributeProto. Attributes of kinds that nobody here reads (graphs, lists of tensors) are kept as
 * bytes. Constant nodes become initializers: to all that follows they are the same. */
#include "model/onnx/file.h"
#include "model/onnx/schema.h"
#include <string.h>

enum { MAX_TEXT = 1 << 20 };

const char *gd_onnx_text(gd_wire body, size_t limit, gd_arena *arena, gd_error *err)
{
	size_t size = gd_wire_left(&body);
	if (size > limit) {
		gd_fail(err, GD_E_LIMIT, "has a name or text of %zu bytes; the limit is %zu", size, limit);
		return NULL;
	}
	if (size && memchr(body.at, 0, size)) {
		gd_fail(err, GD_E_INPUT, "has a name with a zero byte inside");
		return NULL;
	}
	char *text = gd_arena_text(arena, (const char *)body.at, size);
	if (!text)
		gd_fail_memory(err, "reading the graph");
	return text;
}

/* Numbers of a repeated field, packed or not: counted, then read. */
static gd_status read_integers(gd_wire message, gd_arena *arena, gd_attr *attr, gd_error *err)
{
	int64_t *values = NULL;
	for (int pass = 0; pass < 2; pass++) {
		gd_wire wire = message;
		gd_wire_field f;
		size_t count = 0;
		while (gd_wire_read(&wire, &f)) {
			if (f.number != GD_ATTRIBUTE_INTS)
				continue;
			uint64_t value = f.value;
			bool one = f.type == GD_WIRE_VARINT;
			while (one || gd_wire_varint(&f.body, &value)) {
				if (values)
					values[count] = (int64_t)value;
				count++;
				if (one)
					break;
			}
			if (f.body.damage)
				return gd_fail(err, GD_E_INPUT, "attribute %s: its list of numbers %s", attr->name, f.body.damage);
		}
		attr->count = count;
		if (!values && !(values = gd_arena_new(arena, count, sizeof *values)))
			return gd_fail_memory(err, "reading the graph");
	}
	attr->integers = values;
	return GD_OK;
}

static gd_status read_floats(gd_wire message, gd_arena *arena, gd_attr *attr, gd_error *err)
{
	float *values = NULL;
	for (int pass = 0; pass < 2; pass++) {
		gd_wire wire = message;
		gd_wire_field f;
		size_t count = 0;
		while (gd_wire_read(&wire, &f)) {
			if (f.number != GD_ATTRIBUTE_FLOATS)
				continue;
			size_t more = f.type == GD_WIRE_BYTES ? gd_wire_left(&f.body) / sizeof(float) : 1;
			if (f.type == GD_WIRE_BYTES && gd_wire_left(&f.body) % sizeof(float))
				return gd_fail(err, GD_E_INPUT, "attribute %s ends inside a number", attr->name);
			if (values)
				memcpy(values + count, f.type == GD_WIRE_BYTES ? (const void *)f.body.at : (const void *)&f.value,
					more * sizeof *values);
			count += more;
		}
		attr->count = count;
		if (!values && !(values = gd_arena_new(arena, count, sizeof *values)))
			return gd_fail_memory(err, "reading the graph");
	}
	attr->numbers = values;
	return GD_OK;
}

/* Files older than IR version 2 leave the type out; then what is there tells. */
static uint64_t guess_type(gd_wire wire)
{
	static const struct {
		unsigned field, type;
	} guesses[] = { { GD_ATTRIBUTE_F, GD_ATTRIBUTE_IS_FLOAT }, { GD_ATTRIBUTE_I, GD_ATTRIBUTE_IS_INT },
		{ GD_ATTRIBUTE_S, GD_ATTRIBUTE_IS_STRING }, { GD_ATTRIBUTE_T, GD_ATTRIBUTE_IS_TENSOR },
		{ GD_ATTRIBUTE_FLOATS, GD_ATTRIBUTE_IS_FLOATS }, { GD_ATTRIBUTE_INTS, GD_ATTRIBUTE_IS_INTS },
		{ GD_ATTRIBUTE_STRINGS, GD_ATTRIBUTE_IS_STRINGS } };
	gd_wire_field f;
	uint64_t guess = 0;
	while (gd_wire_read(&wire, &f)) {
		if (f.number == GD_ATTRIBUTE_TYPE)
			return f.value;
		for (size_t i = 0; i < sizeof guesses / sizeof guesses[0]; i++)
			if (f.number == guesses[i].field)
				guess = guesses[i].type;
	}
	return guess;
}

static gd_status read_tensor(gd_wire body, gd_arena *arena, gd_attr *attr, gd_error *err)
{
	gd_tensor *tensor = gd_arena_new(arena, 1, sizeof *tensor);
	attr->tensor = tensor;
	return tensor ? gd_onnx_tensor(body, arena, tensor, err) : gd_fail_memory(err, "reading the graph");
}

static bool is_text(gd_wire body)
{
	return gd_wire_left(&body) <= MAX_TEXT && (!gd_wire_left(&body) || !memchr(body.at, 0, gd_wire_left(&body)));
}

static gd_status read_string(gd_wire body, gd_arena *arena, gd_attr *attr, gd_error *err)
{
	if (!is_text(body)) {
		attr->kind = GD_ATTR_OTHER; /* bytes, not text: kept whole by the caller */
		return GD_OK;
	}
	attr->text = gd_onnx_text(body, MAX_TEXT, arena, err);
	return attr->text ? GD_OK : err->status;
}

/* One that is no text makes the attribute bytes, kept whole by the caller. */
static gd_status read_strings(gd_wire message, gd_arena *arena, gd_attr *attr, gd_error *err)
{
	size_t count = 0;
	gd_wire_field f;
	for (gd_wire wire = message; gd_wire_read(&wire, &f);) {
		if (f.number != GD_ATTRIBUTE_STRINGS)
			continue;
		count++;
		if (!is_text(f.body)) {
			attr->kind = GD_ATTR_OTHER;
			return GD_OK;
		}
	}
	const char **texts = gd_arena_new(arena, count, sizeof *texts);
	if (!texts)
		return gd_fail_memory(err, "reading the graph");
	attr->texts = texts;
	for (gd_wire wire = message; gd_wire_read(&wire, &f);)
		if (f.number == GD_ATTRIBUTE_STRINGS && !(texts[attr->count++] = gd_onnx_text(f.body, MAX_TEXT, arena, err)))
			return err->status;
	return GD_OK;
}

static gd_status read_attribute(gd_wire message, gd_arena *arena, gd_attr *attr, gd_error *err)
{
	static const gd_attr_kind kinds[] = { GD_ATTR_OTHER, GD_ATTR_FLOAT, GD_ATTR_INT, GD_ATTR_STRING, GD_ATTR_TENSOR,
		GD_ATTR_OTHER, GD_ATTR_FLOATS, GD_ATTR_INTS, GD_ATTR_STRINGS };
	uint64_t type = guess_type(message);
	*attr = (gd_attr){ .name = "", .kind = type < sizeof kinds / sizeof kinds[0] ? kinds[type] : GD_ATTR_OTHER };
	gd_wire wire = message;
	gd_wire_field f;
	gd_status status = GD_OK;
	if (attr->kind == GD_ATTR_STRING)
		attr->text = "";
	while (status == GD_OK && gd_wire_read(&wire, &f)) {
		if (f.number == GD_ATTRIBUTE_NAME && !(attr->name = gd_onnx_text(f.body, GD_MAX_NAME, arena, err)))
			return err->status;
		if (f.number == GD_ATTRIBUTE_F)
			memcpy(&attr->number, &f.value,
				sizeof attr->number); /* the low half: little-endian machines only, as raw_data */
		else if (f.number == GD_ATTRIBUTE_I)
			attr->integer = (int64_t)f.value;
		else if (f.number == GD_ATTRIBUTE_S && attr->kind == GD_ATTR_STRING)
			status = read_string(f.body, arena, attr, err);
		else if (f.number == GD_ATTRIBUTE_T && attr->kind == GD_ATTR_TENSOR)
			status = read_tensor(f.body, arena, attr, err);
	}
	if (status == GD_OK && attr->kind == GD_ATTR_INTS)
		status = read_integers(message, arena, attr, err);
	if (status == GD_OK && attr->kind == GD_ATTR_FLOATS)
		status = read_floats(message, arena, attr, err);
	if (status == GD_OK && attr->kind == GD_ATTR_STRINGS)
		status = read_strings(message, arena, attr, err);
	if (status == GD_OK && attr->kind == GD_ATTR_TENSOR && !attr->tensor)
		status = gd_fail(err, GD_E_INPUT, "attribute %s has no tensor", attr->name);
	if (status == GD_OK && attr->kind == GD_ATTR_OTHER) {
		attr->text = (const char *)message.at;
		attr->count = gd_wire_left(&message);
	}
	return status;
}

static gd_status read_metadata(gd_wire wire, gd_onnx_node *note, gd_arena *arena, gd_error *err)
{
	const struct {
		const char *key;
		const char **to;
	} wanted[] = { { "pkg.torch.onnx.name_scopes", &note->scopes },
		{ "pkg.torch.onnx.class_hierarchy", &note->classes }, { "pkg.torch.onnx.stack_trace", &note->trace } };
	gd_wire key = { 0 }, value = { 0 };
	gd_wire_field f;
	while (gd_wire_read(&wire, &f))
		*(f.number == GD_ENTRY_KEY ? &key : &value) = f.body;
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		size_t length = strlen(wanted[i].key);
		if (gd_wire_left(&key) == length && memcmp(key.at, wanted[i].key, length) == 0 && gd_wire_left(&value)) {
			*wanted[i].to = gd_onnx_text(value, MAX_TEXT, arena, err);
			if (!*wanted[i].to)
				return err->status;
		}
	}
	return GD_OK;
}

static void count_fields(gd_wire wire, gd_node *node)
{
	gd_wire_field f;
	while (gd_wire_read(&wire, &f)) {
		node->input_count += f.number == GD_NODE_INPUT;
		node->output_count += f.number == GD_NODE_OUTPUT;
		node->attr_count += f.number == GD_NODE_ATTRIBUTE;
	}
}

static bool has_graph(const gd_attr *attr)
{
	uint64_t type = attr->kind == GD_ATTR_OTHER ? guess_type(gd_wire_of(attr->text, attr->count)) : 0;
	return type == GD_ATTRIBUTE_IS_GRAPH || type == 10 /* graphs */;
}

/* PyTorch's older exporter writes the calls that led to a node there, when it is asked to. */
static gd_status read_doc(gd_wire body, gd_onnx_node *note, gd_arena *arena, gd_error *err)
{
	if (note->trace || !is_text(body))
		return GD_OK;
	const char *text = gd_onnx_text(body, MAX_TEXT, arena, err);
	if (text && strstr(text, "): "))
		note->trace = text;
	return text ? GD_OK : err->status;
}

static gd_status read_node(gd_wire wire, gd_node *node, gd_onnx_node *note, gd_arena *arena, gd_error *err)
{
	count_fields(wire, node);
	node->inputs = gd_arena_new(arena, node->input_count, sizeof *node->inputs);
	node->outputs = gd_arena_new(arena, node->output_count, sizeof *node->outputs);
	gd_attr *attrs = gd_arena_new(arena, node->attr_count, sizeof *attrs);
	if (!node->inputs || !node->outputs || !attrs)
		return gd_fail_memory(err, "reading the graph");
	node->attrs = attrs;
	node->op = node->domain = node->name = "";
	node->layer = -1;
	size_t inputs = 0, outputs = 0;
	gd_wire_field f;
	gd_status status = GD_OK;
	while (status == GD_OK && gd_wire_read(&wire, &f)) {
		const char **text = f.number == GD_NODE_INPUT    ? &node->inputs[inputs++]
							: f.number == GD_NODE_OUTPUT ? &node->outputs[outputs++]
							: f.number == GD_NODE_NAME   ? &node->name
							: f.number == GD_NODE_OP     ? &node->op
							: f.number == GD_NODE_DOMAIN ? &node->domain
														 : NULL;
		const char *got = text ? gd_onnx_text(f.body, GD_MAX_NAME, arena, err) : NULL;
		if (got)
			*text = got;
		else if (text)
			status = err->status;
		else if (f.number == GD_NODE_DOC)
			status = read_doc(f.body, note, arena, err);
		else if (f.number == GD_NODE_METADATA)
			status = read_metadata(f.body, note, arena, err);
		else if (f.number == GD_NODE_ATTRIBUTE) {
			status = read_attribute(f.body, arena, attrs, err);
			note->subgraph = note->subgraph || (status == GD_OK && has_graph(attrs));
			attrs++;
		}
	}
	if (strcmp(node->domain, "ai.onnx") == 0)
		node->domain = "";
	return status == GD_OK ? GD_OK : gd_fail_in(err, *node->name ? node->name : node->op);
}

/* A Constant as a tensor; false for kinds that stay nodes (sparse, strings). */
static bool constant_tensor(const gd_node *node, gd_arena *arena, gd_tensor *out)
{
	if (strcmp(node->op, "Constant") != 0 || *node->domain || node->attr_count != 1 || node->output_count != 1)
		return false;
	const gd_attr *attr = &node->attrs[0];
	*out = (gd_tensor){ .shape.rank = attr->kind == GD_ATTR_INTS || attr->kind == GD_ATTR_FLOATS,
		.shape.dim[0] = (int64_t)attr->count };
	if (attr->kind == GD_ATTR_TENSOR) {
		*out = *attr->tensor;
	} else if (attr->kind == GD_ATTR_INT || attr->kind == GD_ATTR_INTS) {
		out->type = GD_I64;
		out->bytes = (attr->kind == GD_ATTR_INT ? 1 : attr->count) * sizeof(int64_t);
		out->data = attr->kind == GD_ATTR_INT ? gd_arena_copy(arena, &attr->integer, sizeof(int64_t)) : attr->integers;
	} else if (attr->kind == GD_ATTR_FLOAT || attr->kind == GD_ATTR_FLOATS) {
		out->type = GD_F32;
		out->bytes = (attr->kind == GD_ATTR_FLOAT ? 1 : attr->count) * sizeof(float);
		out->data = attr->kind == GD_ATTR_FLOAT ? gd_arena_copy(arena, &attr->number, sizeof(float)) : attr->numbers;
	}
	out->name = node->outputs[0];
	return out->data != NULL;
}

static size_t count_nodes(gd_wire graph)
{
	size_t count = 0;
	gd_wire_field f;
	while (gd_wire_read(&graph, &f))
		count += f.number == GD_GRAPH_NODE;
	return count;
}

gd_status gd_onnx_nodes(gd_onnx_file *file, gd_wire graph, gd_builder *builder, gd_error *err)
{
	size_t count = count_nodes(graph);
	gd_graph *g = file->graph;
	g->nodes = gd_arena_new(file->arena, count, sizeof *g->nodes);
	file->nodes = gd_arena_new(file->arena, count, sizeof *file->nodes);
	if (!g->nodes || !file->nodes)
		return gd_fail_memory(err, "reading the graph");
	gd_wire_field f;
	gd_status status = GD_OK;
	while (status == GD_OK && gd_wire_read(&graph, &f)) {
		if (f.number != GD_GRAPH_NODE)
			continue;
		gd_node *node = &g->nodes[g->node_count];
		gd_onnx_node *note = &file->nodes[g->node_count];
		*node = (gd_node){ 0 };
		*note = (gd_onnx_node){ .group = -1 };
		status = read_node(f.body, node, note, file->arena, err);
		gd_tensor tensor;
		if (status != GD_OK || !constant_tensor(node, file->arena, &tensor)) {
			g->node_count++;
			continue;
		}
		gd_tensor *kept = gd_builder_tensor(builder);
		if (!kept)
			return gd_fail_memory(err, "reading the graph");
		*kept = tensor;
	}
	return status;
}
