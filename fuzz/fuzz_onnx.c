/* Any bytes as an ONNX model: what is accepted is grouped, looked at whole, written again and read again.
 *
 * The mutator knows protobuf: it goes down a random way of nested messages, changes one field there (drops it, doubles
 * it, moves it, gives it another number, mutates its content) and mends the lengths on the way up. */
#include "look.h"
#include "model/onnx/wire.h"
#include "model/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

static void free_model(gd_model *model)
{
	free(model->encoded);
	gd_arena_free(&model->arena);
}

static gd_status read(gd_model *model, const void *bytes, size_t size)
{
	static const gd_model_limits limits = { 1 << 20, 1 << 20, 1000, 1 << 20 };
	gd_error err = { 0 };
	*model = (gd_model){ .path = "/nowhere/fuzz.onnx", .producer = "" };
	gd_status status = gd_onnx_read(model, (gd_bytes){ bytes, size }, &limits, &err);
	if (status == GD_OK)
		status = gd_model_group(model, &err);
	if (status != GD_OK && !err.message[0])
		abort();
	if (status == GD_E_INTERNAL)
		abort();
	return status;
}

/* What dlguider writes it reads again, as the same graph. */
static void write_and_read(const gd_graph *graph)
{
	gd_text text = { 0 };
	gd_error err = { 0 };
	if (gd_onnx_encode(graph, &text, &err) == GD_OK) {
		gd_model again;
		gd_status status = read(&again, text.bytes, text.length);
		if (status == GD_OK &&
			(again.graph.node_count != graph->node_count || again.graph.tensor_count != graph->tensor_count))
			abort();
		free_model(&again);
	}
	gd_text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	gd_model model;
	if (read(&model, bytes, size) == GD_OK) {
		look_at_model(&model);
		write_and_read(&model.graph);
	}
	free_model(&model);
	return 0;
}

enum { MOST = 1 << 16, FIELDS = 512 };

typedef struct {
	uint8_t *bytes;
	size_t size;
	unsigned seed;
} mutation;

static unsigned roll(mutation *m, unsigned below)
{
	m->seed = m->seed * 1664525u + 1013904223u;
	return below ? (m->seed >> 8) % below : 0;
}

static void put(mutation *m, const void *bytes, size_t size)
{
	if (size && size <= MOST - m->size) {
		memcpy(m->bytes + m->size, bytes, size);
		m->size += size;
	}
}

static void put_varint(mutation *m, uint64_t value)
{
	do {
		uint8_t byte = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
		put(m, &byte, 1);
		value >>= 7;
	} while (value);
}

static uint64_t odd_number(mutation *m)
{
	static const uint64_t odd[] = { 0, 1, 2, 3, 7, 8, 16, 127, 128, 255, 65535, INT32_MAX, 1u << 31, UINT32_MAX,
		INT64_MAX, 1ull << 63, UINT64_MAX, UINT64_MAX - 1 };
	return odd[roll(m, sizeof odd / sizeof odd[0])];
}

static void put_leaf(mutation *m, const gd_wire_field *f)
{
	uint8_t copy[4096];
	size_t size = gd_wire_left(&f->body);
	if (f->type != 2) {
		put_varint(m, f->number << 3);
		put_varint(m, roll(m, 2) ? odd_number(m) : f->value + roll(m, 3) - 1);
		return;
	}
	size = size < sizeof copy ? size : sizeof copy;
	memcpy(copy, f->body.at, size);
	size = LLVMFuzzerMutate(copy, size, sizeof copy);
	put_varint(m, f->number << 3 | 2);
	put_varint(m, size);
	put(m, copy, size);
}

static size_t list_fields(gd_wire wire, gd_wire_field *fields, gd_wire *spans)
{
	size_t count = 0;
	gd_wire span = wire;
	while (count < FIELDS && gd_wire_read(&wire, &fields[count])) {
		spans[count] = (gd_wire){ span.at, wire.at, NULL };
		span = wire;
		count++;
	}
	return wire.damage ? 0 : count;
}

static void mutate(mutation *m, gd_wire wire, int depth)
{
	gd_wire_field *fields = malloc(FIELDS * sizeof *fields);
	gd_wire *spans = malloc(FIELDS * sizeof *spans);
	size_t count = fields && spans ? list_fields(wire, fields, spans) : 0;
	unsigned chosen = roll(m, (unsigned)count), other = roll(m, (unsigned)count), what = roll(m, 8);
	for (size_t i = 0; i < count; i++) {
		size_t size = gd_wire_left(&spans[i]);
		if (i != chosen) {
			put(m, spans[i].at, size);
		} else if (fields[i].type == 2 && gd_wire_left(&fields[i].body) > 1 && depth < 6 && what < 5) {
			mutation inner = { malloc(MOST), 0, m->seed };
			if (inner.bytes)
				mutate(&inner, fields[i].body, depth + 1);
			put_varint(m, fields[i].number << 3 | 2);
			put_varint(m, inner.size);
			put(m, inner.bytes, inner.size);
			free(inner.bytes);
		} else if (what == 5) {
			put(m, spans[other].at, gd_wire_left(&spans[other]));
		} else if (what == 6) {
			put(m, spans[i].at, size);
			put(m, spans[i].at, size);
		} else if (what < 5) {
			put_leaf(m, &fields[i]);
		}
	}
	if (count == 0) {
		size_t size = gd_wire_left(&wire) < MOST / 2 ? gd_wire_left(&wire) : MOST / 2;
		memcpy(m->bytes, wire.at, size);
		m->size = LLVMFuzzerMutate(m->bytes, size, MOST);
	}
	free(fields);
	free(spans);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	mutation m = { malloc(MOST), 0, seed };
	if (!m.bytes || roll(&m, 10) == 0) {
		free(m.bytes);
		return LLVMFuzzerMutate(data, size, max_size);
	}
	for (unsigned rounds = 1 + roll(&m, 3); rounds > 0; rounds--) {
		m.size = 0;
		mutate(&m, gd_wire_of(data, size), 0);
		if (m.size == 0 || m.size > max_size)
			break;
		memcpy(data, m.bytes, m.size);
		size = m.size;
	}
	free(m.bytes);
	return size;
}
