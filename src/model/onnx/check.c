/* Is every message of the file sound? One walk over all of them, driven by a table of the schema, before anything is
 * used: fields end where their message ends, what may stand once stands once, graphs are not nested without end, nodes
 * use operators that the engine has, and no tensor outside the list of weights points to another file. */
#include "model/onnx/file.h"
#include "model/onnx/schema.h"
#include <string.h>

typedef enum {
	ANY,
	MODEL,
	GRAPH,
	NODE,
	ATTRIBUTE,
	TENSOR,
	SPARSE,
	VALUE,
	TYPE,
	TENSOR_TYPE,
	SEQUENCE,
	MAP,
	SHAPE,
	DIM,
	PAIR,
	OPSET,
	FUNCTION,
	TRAINING
} message;

enum { V = 1 << GD_WIRE_VARINT, B = 1 << GD_WIRE_BYTES, F4 = 1 << GD_WIRE_FIXED32, F8 = 1 << GD_WIRE_FIXED64 };

typedef struct {
	message in;
	unsigned field;
	unsigned wires; /* V, B ...: how it may be written */
	bool once;
	message holds; /* ANY: text or bytes, not looked into */
} row;

static const row rows[] = {
	{ MODEL, GD_MODEL_IR_VERSION, V, true, ANY },
	{ MODEL, GD_MODEL_PRODUCER, B, true, ANY },
	{ MODEL, GD_MODEL_PRODUCER_VERSION, B, true, ANY },
	{ MODEL, GD_MODEL_GRAPH, B, true, GRAPH },
	{ MODEL, GD_MODEL_OPSET, B, false, OPSET },
	{ MODEL, GD_MODEL_METADATA, B, false, PAIR },
	{ MODEL, GD_MODEL_TRAINING, B, false, TRAINING },
	{ MODEL, GD_MODEL_FUNCTION, B, false, FUNCTION },
	{ OPSET, GD_OPSET_DOMAIN, B, true, ANY },
	{ OPSET, GD_OPSET_VERSION, V, true, ANY },
	{ PAIR, GD_ENTRY_KEY, B, true, ANY },
	{ PAIR, GD_ENTRY_VALUE, B, true, ANY },
	{ TRAINING, 1, B, true, GRAPH },
	{ TRAINING, 2, B, true, GRAPH },
	{ FUNCTION, 1, B, true, ANY },
	{ FUNCTION, 7, B, false, NODE },
	{ FUNCTION, 9, B, false, OPSET },
	{ FUNCTION, 10, B, true, ANY },
	{ FUNCTION, 11, B, false, ATTRIBUTE },
	{ FUNCTION, 12, B, false, VALUE },
	{ GRAPH, GD_GRAPH_NODE, B, false, NODE },
	{ GRAPH, GD_GRAPH_NAME, B, true, ANY },
	{ GRAPH, GD_GRAPH_INITIALIZER, B, false, TENSOR },
	{ GRAPH, GD_GRAPH_INPUT, B, false, VALUE },
	{ GRAPH, GD_GRAPH_OUTPUT, B, false, VALUE },
	{ GRAPH, GD_GRAPH_VALUE, B, false, VALUE },
	{ GRAPH, GD_GRAPH_SPARSE, B, false, SPARSE },
	{ SPARSE, 1, B, true, TENSOR },
	{ SPARSE, 2, B, true, TENSOR },
	{ NODE, GD_NODE_INPUT, B, false, ANY },
	{ NODE, GD_NODE_OUTPUT, B, false, ANY },
	{ NODE, GD_NODE_NAME, B, true, ANY },
	{ NODE, GD_NODE_OP, B, true, ANY },
	{ NODE, GD_NODE_ATTRIBUTE, B, false, ATTRIBUTE },
	{ NODE, GD_NODE_DOC, B, true, ANY },
	{ NODE, GD_NODE_DOMAIN, B, true, ANY },
	{ NODE, GD_NODE_METADATA, B, false, PAIR },
	{ ATTRIBUTE, GD_ATTRIBUTE_NAME, B, true, ANY },
	{ ATTRIBUTE, GD_ATTRIBUTE_F, F4, true, ANY },
	{ ATTRIBUTE, GD_ATTRIBUTE_I, V, true, ANY },
	{ ATTRIBUTE, GD_ATTRIBUTE_S, B, true, ANY },
	{ ATTRIBUTE, GD_ATTRIBUTE_T, B, true, TENSOR },
	{ ATTRIBUTE, GD_ATTRIBUTE_G, B, true, GRAPH },
	{ ATTRIBUTE, GD_ATTRIBUTE_FLOATS, F4 | B, false, ANY },
	{ ATTRIBUTE, GD_ATTRIBUTE_INTS, V | B, false, ANY },
	{ ATTRIBUTE, GD_ATTRIBUTE_STRINGS, B, false, ANY },
	{ ATTRIBUTE, GD_ATTRIBUTE_TENSORS, B, false, TENSOR },
	{ ATTRIBUTE, GD_ATTRIBUTE_GRAPHS, B, false, GRAPH },
	{ ATTRIBUTE, GD_ATTRIBUTE_TYPE, V, true, ANY },
	{ ATTRIBUTE, GD_ATTRIBUTE_SPARSE, B, true, SPARSE },
	{ ATTRIBUTE, GD_ATTRIBUTE_SPARSES, B, false, SPARSE },
	{ TENSOR, GD_TENSOR_DIMS, V | B, false, ANY },
	{ TENSOR, GD_TENSOR_TYPE, V, true, ANY },
	{ TENSOR, GD_TENSOR_SEGMENT, B, true, ANY },
	{ TENSOR, GD_TENSOR_FLOATS, F4 | B, false, ANY },
	{ TENSOR, GD_TENSOR_INT32S, V | B, false, ANY },
	{ TENSOR, GD_TENSOR_STRINGS, B, false, ANY },
	{ TENSOR, GD_TENSOR_INT64S, V | B, false, ANY },
	{ TENSOR, GD_TENSOR_NAME, B, true, ANY },
	{ TENSOR, GD_TENSOR_RAW, B, true, ANY },
	{ TENSOR, GD_TENSOR_DOUBLES, F8 | B, false, ANY },
	{ TENSOR, GD_TENSOR_UINT64S, V | B, false, ANY },
	{ TENSOR, GD_TENSOR_EXTERNAL, B, false, PAIR },
	{ TENSOR, GD_TENSOR_LOCATION, V, true, ANY },
	{ VALUE, GD_VALUE_NAME, B, true, ANY },
	{ VALUE, GD_VALUE_TYPE, B, true, TYPE },
	{ TYPE, GD_TYPE_TENSOR, B, true, TENSOR_TYPE },
	{ TYPE, 4, B, true, SEQUENCE },
	{ TYPE, 5, B, true, MAP },
	{ TYPE, 8, B, true, TENSOR_TYPE },
	{ TYPE, 9, B, true, SEQUENCE },
	{ SEQUENCE, 1, B, true, TYPE },
	{ MAP, 1, V, true, ANY },
	{ MAP, 2, B, true, TYPE },
	{ TENSOR_TYPE, GD_TENSOR_TYPE_ELEMENT, V, true, ANY },
	{ TENSOR_TYPE, GD_TENSOR_TYPE_SHAPE, B, true, SHAPE },
	{ SHAPE, GD_SHAPE_DIM, B, false, DIM },
	{ DIM, GD_DIM_VALUE, V, true, ANY },
	{ DIM, GD_DIM_PARAM, B, true, ANY },
};

/* Domains of operators that ONNX Runtime's own library has. */
static const char *const domains[] = { "", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training",
	"com.microsoft", "com.microsoft.nchwc", "com.microsoft.experimental" };

typedef struct {
	const unsigned char *start;
	gd_wire model; /* for the list of functions */
	int depth, graphs;
	size_t nodes, tensors;
	bool weight; /* the tensor now walked is a weight of the main graph */
	gd_onnx_summary *summary;
	gd_error *err;
} walk;

static gd_status walk_message(walk *w, gd_wire wire, message kind);

static const row *find_row(message in, unsigned field)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].in == in && rows[i].field == field)
			return &rows[i];
	return NULL;
}

static bool same_text(gd_wire body, const char *text)
{
	return gd_wire_left(&body) == strlen(text) && memcmp(body.at, text, strlen(text)) == 0;
}

static bool same_bytes(gd_wire a, gd_wire b)
{
	return gd_wire_left(&a) == gd_wire_left(&b) && (a.at == b.at || memcmp(a.at, b.at, gd_wire_left(&a)) == 0);
}

/* As many bytes of a name as a message may hold. */
static int shown(gd_wire name)
{
	return gd_wire_left(&name) > 200 ? 200 : (int)gd_wire_left(&name);
}

/* Is it a function that the model brings with it? */
static bool is_function(gd_wire model, gd_wire domain, gd_wire op)
{
	gd_wire_field f, g;
	while (gd_wire_read(&model, &f)) {
		gd_wire body = f.body;
		bool domain_fits = false, name_fits = false;
		while (f.number == GD_MODEL_FUNCTION && gd_wire_read(&body, &g)) {
			name_fits = name_fits || (g.number == 1 && g.type == GD_WIRE_BYTES && same_bytes(g.body, op));
			domain_fits = domain_fits || (g.number == 10 && g.type == GD_WIRE_BYTES && same_bytes(g.body, domain));
		}
		if (domain_fits && name_fits)
			return true;
	}
	return false;
}

static gd_status check_node(walk *w, gd_wire wire)
{
	gd_wire name = { 0 }, op = { 0 }, domain = { 0 };
	gd_wire_field f;
	while (gd_wire_read(&wire, &f)) {
		if (f.number == GD_NODE_NAME)
			name = f.body;
		if (f.number == GD_NODE_OP)
			op = f.body;
		if (f.number == GD_NODE_DOMAIN)
			domain = f.body;
	}
	if (gd_wire_left(&op) == 0)
		return gd_fail(w->err, GD_E_INPUT, "node %.*s has no operator", shown(name), (const char *)name.at);
	if (++w->nodes > GD_MAX_NODES)
		return gd_fail(w->err, GD_E_LIMIT, "has more than %d nodes", GD_MAX_NODES);
	if (!domain.at)
		return GD_OK;
	for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++)
		if (same_text(domain, domains[i]))
			return GD_OK;
	if (is_function(w->model, domain, op))
		return GD_OK;
	return gd_fail(w->err, GD_E_UNSUPPORTED,
		"node %.*s uses %.*s:%.*s, which ONNX Runtime does not have; export without custom operators", shown(name),
		(const char *)name.at, shown(domain), (const char *)domain.at, shown(op), (const char *)op.at);
}

static gd_status check_tensor(walk *w, gd_wire wire)
{
	gd_wire name = { 0 };
	gd_wire_field f;
	bool external = false;
	while (gd_wire_read(&wire, &f)) {
		if (f.number == GD_TENSOR_NAME)
			name = f.body;
		external = external || f.number == GD_TENSOR_EXTERNAL || (f.number == GD_TENSOR_LOCATION && f.value != 0);
	}
	if (++w->tensors > GD_MAX_TENSORS)
		return gd_fail(w->err, GD_E_LIMIT, "has more than %d tensors", GD_MAX_TENSORS);
	if (external && !w->weight)
		return gd_fail(w->err, GD_E_UNSUPPORTED,
			"tensor %.*s, which is no weight of the main graph, keeps its data in another file; save the model as one "
			"file",
			shown(name), (const char *)name.at);
	w->summary->external = w->summary->external || external;
	return GD_OK;
}

static gd_status check_content(walk *w, gd_wire wire, message kind)
{
	if (kind == NODE)
		return check_node(w, wire);
	if (kind == TENSOR)
		return check_tensor(w, wire);
	return GD_OK;
}

static gd_status walk_field(walk *w, message kind, const gd_wire_field *field, uint64_t *seen)
{
	const row *r = find_row(kind, field->number);
	if (!r)
		return GD_OK; /* documentation, or newer than this table: read as far as its end */
	if (!(r->wires & 1u << field->type))
		return gd_fail(w->err, GD_E_INPUT,
			"is no ONNX model: the protobuf has a field of the wrong kind before byte %zu",
			(size_t)(field->type == GD_WIRE_BYTES ? field->body.at - w->start : 0));
	if (r->once && *seen >> field->number & 1) {
		if (kind == MODEL && field->number == GD_MODEL_GRAPH)
			return gd_fail(w->err, GD_E_INPUT, "holds two graphs");
		return gd_fail(w->err, GD_E_INPUT, "the protobuf gives a single field twice (message kind %d, field %u)",
			(int)kind, (unsigned)field->number);
	}
	*seen |= (uint64_t)1 << field->number; /* every number in the table is below 64 */
	if (r->holds == ANY)
		return GD_OK;
	w->weight = r->holds == TENSOR && kind == GRAPH && w->graphs == 1 && w->depth == 2;
	return walk_message(w, field->body, r->holds);
}

static gd_status walk_message(walk *w, gd_wire wire, message kind)
{
	if (++w->depth > GD_MAX_WIRE_DEPTH || (kind == GRAPH && ++w->graphs > GD_MAX_GRAPHS))
		return gd_fail(w->err, GD_E_LIMIT, "graphs are nested deeper than %d levels", GD_MAX_GRAPHS);
	gd_wire again = wire;
	gd_wire_field field;
	uint64_t seen = 0;
	gd_status status = GD_OK;
	bool weight = w->weight;
	while (status == GD_OK && gd_wire_read(&wire, &field))
		status = walk_field(w, kind, &field, &seen);
	if (status == GD_OK && wire.damage)
		status = gd_fail(w->err, GD_E_INPUT, "the protobuf %s at byte %zu", wire.damage, (size_t)(wire.at - w->start));
	w->weight = weight;
	if (status == GD_OK)
		status = check_content(w, again, kind);
	w->depth--;
	w->graphs -= kind == GRAPH;
	return status;
}

gd_status gd_onnx_check(gd_bytes bytes, gd_onnx_summary *out, gd_error *err)
{
	*out = (gd_onnx_summary){ 0 };
	walk w = { .start = bytes.bytes, .model = gd_wire_of(bytes.bytes, bytes.size), .summary = out, .err = err };
	return walk_message(&w, w.model, MODEL);
}
