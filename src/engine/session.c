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
	gd_value *inputs;   /* the model's; dim[0] is the fixed batch or free */
	const char **input_names;
	gd_array *fed;      /* of the present chunk, one for each input */
	buffer *rows;       /* one for each input: the batch in the model's type, padded to the fixed batch */
	size_t input_count;
	int64_t fixed;      /* the batch that the model insists on; 0: free */
	gd_fetch *fetches;  /* the model's output, then the probes */
	const char **names; /* of fetches */
	gd_array *fetched;  /* of the last run of the engine */
	buffer *settled;    /* one for each fetch: where numbers had to move */
	size_t count;
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

static int64_t fixed_batch_of(const gd_value *input)
{
	return input->shape.rank > 0 && input->shape.dim[0] > 0 ? input->shape.dim[0] : 0;
}

static gd_status check_model(const gd_model *model, gd_error *err)
{
	const gd_graph *graph = &model->graph;
	int64_t fixed = 0;
	if (graph->input_count < 1)
		return gd_fail(err, GD_E_UNSUPPORTED, "%s: the model has no input, so tests cannot be run", model->path);
	if (graph->output_count < 1)
		return gd_fail(err, GD_E_INPUT, "%s: the model has no output", model->path);
	for (size_t i = 0; i < graph->input_count; i++) {
		const gd_value *input = &graph->inputs[i];
		if (input->shape.rank == 0)
			return gd_fail(err, GD_E_UNSUPPORTED, "%s: the model's input \"%s\" is a single number, without a batch of tests", model->path, input->name);
		if (input->shape.rank > 0 && input->shape.dim[0] == 0)
			return gd_fail(err, GD_E_INPUT, "%s: the model's input \"%s\" has a batch of 0 tests", model->path, input->name);
		if (fixed && fixed_batch_of(input) && fixed_batch_of(input) != fixed)
			return gd_fail(err, GD_E_UNSUPPORTED, "%s: the model's inputs have batches of %lld and of %lld tests; dlguider runs the same tests through all",
				model->path, (long long)fixed, (long long)fixed_batch_of(input));
		fixed = fixed ? fixed : fixed_batch_of(input);
	}
	return GD_OK;
}

static gd_status prepare_inputs(gd_session *s, const gd_graph *graph, gd_error *err)
{
	s->input_count = graph->input_count;
	s->inputs = gd_arena_new(&s->arena, s->input_count, sizeof *s->inputs);
	s->input_names = gd_arena_new(&s->arena, s->input_count, sizeof *s->input_names);
	s->fed = gd_arena_new(&s->arena, s->input_count, sizeof *s->fed);
	s->rows = gd_arena_new(&s->arena, s->input_count, sizeof *s->rows);
	bool fine = s->inputs && s->input_names && s->fed && s->rows;
	for (size_t i = 0; fine && i < s->input_count; i++) {
		s->inputs[i] = graph->inputs[i];
		s->inputs[i].name = s->input_names[i] = gd_arena_text(&s->arena, graph->inputs[i].name, strlen(graph->inputs[i].name));
		s->fixed = s->fixed ? s->fixed : fixed_batch_of(&graph->inputs[i]);
		fine = s->input_names[i] != NULL;
	}
	return fine ? GD_OK : gd_fail_memory(err, "opening the model in the engine");
}

static gd_status prepare(gd_session *s, const gd_model *model, size_t probe_count, gd_error *err)
{
	s->count = probe_count + 1;
	s->fetches = gd_arena_new(&s->arena, s->count, sizeof *s->fetches);
	s->names = gd_arena_new(&s->arena, s->count, sizeof *s->names);
	s->fetched = gd_arena_new(&s->arena, s->count, sizeof *s->fetched);
	s->settled = gd_arena_new(&s->arena, s->count, sizeof *s->settled);
	if (prepare_inputs(s, &model->graph, err) != GD_OK)
		return GD_E_LIMIT;
	return s->fetches && s->names && s->fetched && s->settled ? GD_OK : gd_fail_memory(err, "opening the model in the engine");
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

static gd_status check_rows(const gd_session *s, size_t at, const gd_array *rows, gd_error *err)
{
	const gd_shape *wanted = &s->inputs[at].shape, *seen = &rows[at].shape;
	bool fits = seen->rank >= 1 && seen->rank <= GD_MAX_RANK && (wanted->rank < 0 || wanted->rank == seen->rank);
	for (int i = 1; fits && i < wanted->rank; i++)
		fits = wanted->dim[i] < 0 || wanted->dim[i] == seen->dim[i];
	if (fits && seen->dim[0] > 0 && seen->dim[0] == rows[0].shape.dim[0])
		return GD_OK;
	gd_arena arena = { 0 };
	const char *one = gd_shape_text(seen, &arena), *other = gd_shape_text(wanted, &arena);
	gd_status status = gd_fail(err, GD_E_INPUT, "the tests have shape %s, batch first, but the model's input \"%s\" takes %s; reshape the tests or choose others",
		one ? one : "?", s->inputs[at].name, other ? other : "?");
	gd_arena_free(&arena);
	return status;
}

/* The batch `chunk` of the tests from `first` on, in the model's type; a short last one repeats its last test, which keeps
 * the padding within whatever range the model insists on. */
static gd_status feed(gd_session *s, size_t at, const gd_array *rows, int64_t first, int64_t chunk, gd_error *err)
{
	const gd_value *input = &s->inputs[at];
	gd_array *out = &s->fed[at];
	size_t width, from_size = gd_type_bytes(rows->type), size = gd_type_bytes(input->type);
	int64_t there = rows->shape.dim[0] - first < chunk ? rows->shape.dim[0] - first : chunk;
	if (!gd_shape_count(&rows->shape, 1, &width) || !from_size || !size)
		return gd_fail(err, GD_E_UNSUPPORTED, "the model's input \"%s\" is of type %s, which dlguider cannot fill", input->name, gd_type_name(input->type));
	*out = (gd_array){ .type = input->type, .shape = rows->shape, .bytes = (size_t)chunk * width * size };
	out->shape.dim[0] = chunk;
	unsigned char *from = (unsigned char *)rows->data + (size_t)first * width * from_size;
	if (rows->type == input->type && there == chunk) {
		out->data = from;
		return GD_OK;
	}
	gd_status status = reserve(&s->rows[at], (size_t)chunk * width, size, err);
	if (status != GD_OK)
		return status;
	out->data = s->rows[at].bytes;
	status = gd_convert(from, rows->type, out->data, input->type, (size_t)there * width, width, err);
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
	gd_status status = GD_OK;
	for (size_t i = 0; i < s->input_count && status == GD_OK; i++)
		status = check_rows(s, i, rows, err);
	int64_t total = status == GD_OK ? rows->shape.dim[0] : 0, chunk = s->fixed ? s->fixed : total;
	for (int64_t first = 0; first < total && status == GD_OK; first += chunk) {
		for (size_t i = 0; i < s->input_count && status == GD_OK; i++)
			status = feed(s, i, &rows[i], first, chunk, err);
		if (status == GD_OK)
			status = gd_engine_run(s->engine, s->input_names, s->fed, s->input_count, s->names, s->fetched, s->count, err);
		for (size_t i = 0; i < s->count && status == GD_OK; i++)
			status = settle(s, i, first, chunk, total, &outputs[i], err);
	}
	return status;
}

int64_t gd_session_fixed_batch(const gd_session *s)
{
	return s->fixed;
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
	int64_t fixed = 0, batch = GD_MAX_BATCH;
	for (size_t i = 0; !fixed && i < graph->input_count; i++)
		fixed = fixed_batch_of(&graph->inputs[i]);
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
	for (size_t i = 0; s->rows && i < s->input_count; i++)
		free(s->rows[i].bytes);
	gd_arena_free(&s->arena);
	free(s);
}
