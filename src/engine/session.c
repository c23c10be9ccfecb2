#include "engine/session.h"
#include "base/checked.h"
#include "engine/convert.h"
#include "engine/probes.h"
#include <stdlib.h>
#include <string.h>

typedef struct {
	void *bytes;
	size_t room;
} buffer; /* grows, never shrinks, until the session closes */

struct gd_session {
	gd_arena arena;
	gd_engine *engine;
	gd_value input;     /* the model's; dim[0] is the fixed batch or free */
	gd_fetch *fetches;  /* the model's output, then the probes */
	const char **names; /* of fetches */
	gd_array *fetched;  /* of the last run of the engine */
	buffer *settled;    /* one for each fetch: where numbers had to move */
	size_t count;
	buffer rows;        /* the batch in the model's type, padded to the fixed batch */
};

static gd_status reserve(buffer *b, size_t count, size_t size, gd_error *err)
{
	size_t bytes;
	if (!gd_mul_size(count, size, &bytes))
		return gd_fail_memory(err, "running a batch of tests");
	if (bytes <= b->room)
		return GD_OK;
	free(b->bytes);
	b->bytes = malloc(bytes);
	b->room = b->bytes ? bytes : 0;
	return b->bytes ? GD_OK : gd_fail_memory(err, "running a batch of tests");
}

static gd_status check_model(const gd_model *model, gd_error *err)
{
	const gd_graph *graph = &model->graph;
	if (graph->input_count != 1)
		return gd_fail(err, GD_E_UNSUPPORTED, "%s: the model has %zu inputs; dlguider feeds models with one", model->path, graph->input_count);
	if (graph->output_count < 1)
		return gd_fail(err, GD_E_INPUT, "%s: the model has no output", model->path);
	if (graph->inputs[0].shape.rank == 0)
		return gd_fail(err, GD_E_UNSUPPORTED, "%s: the model's input \"%s\" is a single number, without a batch of tests", model->path, graph->inputs[0].name);
	if (graph->inputs[0].shape.rank > 0 && graph->inputs[0].shape.dim[0] == 0)
		return gd_fail(err, GD_E_INPUT, "%s: the model's input \"%s\" has a batch of 0 tests", model->path, graph->inputs[0].name);
	return GD_OK;
}

static gd_status prepare(gd_session *s, const gd_model *model, size_t probe_count, gd_error *err)
{
	s->count = probe_count + 1;
	s->input = model->graph.inputs[0];
	s->input.name = gd_arena_text(&s->arena, s->input.name, strlen(s->input.name));
	s->fetches = gd_arena_new(&s->arena, s->count, sizeof *s->fetches);
	s->names = gd_arena_new(&s->arena, s->count, sizeof *s->names);
	s->fetched = gd_arena_new(&s->arena, s->count, sizeof *s->fetched);
	s->settled = gd_arena_new(&s->arena, s->count, sizeof *s->settled);
	return s->input.name && s->fetches && s->names && s->fetched && s->settled ? GD_OK : gd_fail_memory(err, "opening the model in the engine");
}

gd_status gd_session_open(const gd_model *model, const gd_probe *probes, size_t probe_count, int threads, gd_session **out, gd_error *err)
{
	gd_status status = check_model(model, err);
	if (status != GD_OK)
		return status;
	gd_text part = { 0 };
	gd_session *s = calloc(1, sizeof *s);
	if (!s)
		return gd_fail_memory(err, "opening the model in the engine");
	status = prepare(s, model, probe_count, err);
	if (status == GD_OK)
		status = gd_probes_append(model, probes, probe_count, &s->arena, s->fetches, &part, err);
	for (size_t i = 0; status == GD_OK && i < s->count; i++)
		s->names[i] = s->fetches[i].name;
	if (status == GD_OK) {
		gd_bytes parts[] = { model->onnx, { .bytes = part.bytes, .size = part.length } };
		status = gd_engine_open(parts, part.length ? 2 : 1, (gd_engine_options){ .threads = threads, .fold = true }, &s->engine, err);
	}
	if (status != GD_OK && err && err->status != GD_E_INTERNAL)
		gd_fail_in(err, model->path);
	gd_text_free(&part);
	if (status == GD_OK)
		*out = s;
	else
		gd_session_close(s);
	return status;
}

gd_probe *gd_session_entry_probes(const gd_model *model, gd_reduce reduce, gd_arena *arena)
{
	gd_probe *probes = gd_arena_new(arena, model->entry_count, sizeof *probes);
	for (size_t i = 0; probes && i < model->entry_count; i++) {
		const gd_entry *entry = &model->entries[i];
		probes[i] = (gd_probe){ .value = entry->output, .channel_axis = entry->channel_axis, .rank = entry->value_rank, .reduce = reduce };
	}
	return probes;
}

static gd_status check_rows(const gd_session *s, const gd_array *rows, gd_error *err)
{
	const gd_shape *wanted = &s->input.shape, *seen = &rows->shape;
	bool fits = seen->rank >= 1 && seen->rank <= GD_MAX_RANK && (wanted->rank < 0 || wanted->rank == seen->rank);
	for (int i = 1; fits && i < wanted->rank; i++)
		fits = wanted->dim[i] < 0 || wanted->dim[i] == seen->dim[i];
	if (fits && seen->dim[0] > 0)
		return GD_OK;
	gd_arena arena = { 0 };
	const char *one = gd_shape_text(seen, &arena), *other = gd_shape_text(wanted, &arena);
	gd_status status = gd_fail(err, GD_E_INPUT, "the tests have shape %s, batch first, but the model's input \"%s\" takes %s; reshape the tests or choose others",
		one ? one : "?", s->input.name, other ? other : "?");
	gd_arena_free(&arena);
	return status;
}

/* The batch `chunk` of the tests from `first` on, in the model's type; a short last one repeats its last test, which keeps
 * the padding within whatever range the model insists on. */
static gd_status feed(gd_session *s, const gd_array *rows, int64_t first, int64_t chunk, gd_array *out, gd_error *err)
{
	size_t width, from_size = gd_type_bytes(rows->type), size = gd_type_bytes(s->input.type);
	int64_t there = rows->shape.dim[0] - first < chunk ? rows->shape.dim[0] - first : chunk;
	if (!gd_shape_count(&rows->shape, 1, &width) || !from_size || !size)
		return gd_fail(err, GD_E_UNSUPPORTED, "the model's input \"%s\" is of type %s, which dlguider cannot fill", s->input.name, gd_type_name(s->input.type));
	*out = (gd_array){ .type = s->input.type, .shape = rows->shape, .bytes = (size_t)chunk * width * size };
	out->shape.dim[0] = chunk;
	unsigned char *from = (unsigned char *)rows->data + (size_t)first * width * from_size;
	if (rows->type == s->input.type && there == chunk) {
		out->data = from;
		return GD_OK;
	}
	gd_status status = reserve(&s->rows, (size_t)chunk * width, size, err);
	if (status != GD_OK)
		return status;
	out->data = s->rows.bytes;
	status = gd_convert(from, rows->type, out->data, s->input.type, (size_t)there * width, width, err);
	for (int64_t i = there; status == GD_OK && i < chunk; i++)
		memcpy((unsigned char *)out->data + (size_t)i * width * size, (unsigned char *)out->data + (size_t)(there - 1) * width * size, width * size);
	return status;
}

/* Hands on what the engine gave for `chunk` tests from `first` of `total`: as it is where it can, else into the fetch's
 * own buffer. */
static gd_status settle(gd_session *s, size_t at, int64_t first, int64_t chunk, int64_t total, gd_array *out, gd_error *err)
{
	const gd_fetch *fetch = &s->fetches[at];
	const gd_array *from = &s->fetched[at];
	gd_shape shape;
	bool needs_copy;
	size_t width;
	gd_status status = gd_fetch_shape(fetch, from, &shape, &needs_copy, err);
	if (status != GD_OK)
		return status;
	if (from->shape.dim[0] != chunk)
		return gd_fail(err, GD_E_UNSUPPORTED, "the value \"%s\" has %lld rows for a batch of %lld tests; dlguider needs one for each test", fetch->value,
			(long long)from->shape.dim[0], (long long)chunk);
	if (!needs_copy && chunk == total) {
		*out = *from;
		out->shape = shape;
		return GD_OK;
	}
	if (!gd_shape_count(&shape, 1, &width) || (first && out->bytes != width * (size_t)total * sizeof(float)))
		return gd_fail(err, GD_E_UNSUPPORTED, "the value \"%s\" changes its shape from batch to batch", fetch->value);
	if (first == 0) {
		status = reserve(&s->settled[at], width ? width * (size_t)total : 1, sizeof(float), err);
		*out = (gd_array){ .type = GD_F32, .shape = shape, .data = s->settled[at].bytes, .bytes = width * (size_t)total * sizeof(float) };
		out->shape.dim[0] = total;
	}
	int64_t there = total - first < chunk ? total - first : chunk;
	if (status == GD_OK)
		gd_fetch_settle(fetch, from, (size_t)there, (float *)out->data + (size_t)first * width);
	return status;
}

gd_status gd_session_run(gd_session *s, const gd_array *rows, gd_array *outputs, gd_error *err)
{
	gd_status status = check_rows(s, rows, err);
	int64_t total = status == GD_OK ? rows->shape.dim[0] : 0, fixed = gd_session_fixed_batch(s), chunk = fixed ? fixed : total;
	for (int64_t first = 0; first < total && status == GD_OK; first += chunk) {
		gd_array input;
		status = feed(s, rows, first, chunk, &input, err);
		if (status == GD_OK)
			status = gd_engine_run(s->engine, &s->input.name, &input, 1, s->names, s->fetched, s->count, err);
		for (size_t i = 0; i < s->count && status == GD_OK; i++)
			status = settle(s, i, first, chunk, total, &outputs[i], err);
	}
	return status;
}

int64_t gd_session_fixed_batch(const gd_session *s)
{
	return s->input.shape.rank > 0 && s->input.shape.dim[0] > 0 ? s->input.shape.dim[0] : 0;
}

/* Bytes of all values of one test that are known, and of none that is not; at least the input. */
static double bytes_of_a_test(const gd_graph *graph)
{
	double sum = 0;
	for (size_t i = 0; i < graph->value_count + graph->input_count; i++) {
		const gd_value *value = i < graph->value_count ? &graph->values[i] : &graph->inputs[i - graph->value_count];
		double numbers = value->shape.rank > 0 ? 1 : 0;
		for (int k = 1; k < value->shape.rank; k++)
			numbers *= value->shape.dim[k] > 0 ? (double)value->shape.dim[k] : 1;
		sum += numbers * (double)gd_type_bytes(value->type);
	}
	return sum;
}

int64_t gd_session_pick_batch(const gd_model *model)
{
	const gd_graph *graph = &model->graph;
	const double target = 64.0 * 1024 * 1024;
	int64_t fixed = graph->input_count && graph->inputs[0].shape.rank > 0 && graph->inputs[0].shape.dim[0] > 0 ? graph->inputs[0].shape.dim[0] : 0;
	int64_t batch = GD_MAX_BATCH;
	while (batch > 1 && (double)batch * bytes_of_a_test(graph) > target)
		batch /= 2;
	if (fixed)
		batch = fixed >= batch ? fixed : batch / fixed * fixed;
	return batch;
}

void gd_session_stop(gd_session *s, bool stop)
{
	gd_engine_stop(s->engine, stop);
}

void gd_session_close(gd_session *s)
{
	if (!s)
		return;
	gd_engine_close(s->engine);
	for (size_t i = 0; s->settled && i < s->count; i++)
		free(s->settled[i].bytes);
	free(s->rows.bytes);
	gd_arena_free(&s->arena);
	free(s);
}
