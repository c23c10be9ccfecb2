#include "refit/shapes.h"
#include <stdlib.h>
#include <string.h>

/* Derivatives need the type, and every dimension but that of the batch. */
static bool is_known(const gd_value *value)
{
	bool known = value && value->type && value->shape.rank >= 0;
	for (int d = 1; known && d < value->shape.rank; d++)
		known = value->shape.dim[d] >= 0;
	return known;
}

static bool is_output(const gd_graph *graph, const char *name)
{
	for (size_t i = 0; i < graph->output_count; i++)
		if (strcmp(graph->outputs[i].name, name) == 0)
			return true;
	return false;
}

/* Values that nodes make and whose shape is not known. Without a type: the engine knows it. */
static size_t add_unknown(const gd_graph *graph, bool outputs, gd_value *values)
{
	size_t n = 0;
	for (size_t i = 0; i < graph->node_count; i++)
		for (size_t k = 0; k < graph->nodes[i].output_count; k++) {
			const char *name = graph->nodes[i].outputs[k];
			if (*name && is_output(graph, name) == outputs && !is_known(gd_graph_value(graph, name)))
				values[n++] = (gd_value){ .name = name, .shape.rank = -1 };
		}
	return n;
}

/* The first `there` of them are outputs of the model; the others are to be appended as such. */
static gd_status unknown_values(const gd_model *model, gd_arena *arena, gd_value **out, size_t *there, size_t *count, gd_error *err)
{
	size_t most = 0;
	for (size_t i = 0; i < model->graph.node_count; i++)
		most += model->graph.nodes[i].output_count;
	*out = gd_arena_new(arena, most, sizeof **out);
	if (!*out)
		return gd_fail_memory(err, "asking for shapes");
	*there = add_unknown(&model->graph, true, *out);
	*count = *there + add_unknown(&model->graph, false, *out + *there);
	return GD_OK;
}

static gd_status run(gd_engine *engine, const gd_model *model, const gd_refit_batch *batch, const char **names, gd_array *seen, size_t count, gd_error *err)
{
	const char *inputs[GD_REFIT_INPUTS];
	for (size_t i = 0; i < model->graph.input_count; i++)
		inputs[i] = model->graph.inputs[i].name;
	return gd_engine_run(engine, inputs, batch->rows, model->graph.input_count, names, seen, count, err);
}

static void take(gd_value *value, const gd_array *two, const gd_array *three)
{
	value->type = two->type;
	value->shape = two->shape;
	for (int d = 0; d < value->shape.rank; d++)
		if (two->shape.rank != three->shape.rank || two->shape.dim[d] != three->shape.dim[d])
			value->shape.dim[d] = -1;
}

static gd_status look(const gd_model *model, const gd_refit_batch *two, const gd_refit_batch *three, int threads, gd_arena *arena, gd_value *values,
	size_t there, size_t count, gd_error *err)
{
	const char **names = gd_arena_new(arena, count, sizeof *names);
	gd_array *seen = gd_arena_new(arena, count, sizeof *seen), *first = gd_arena_new(arena, count, sizeof *first);
	gd_graph part = { .opset = model->graph.opset, .outputs = values + there, .output_count = count - there };
	gd_text text = { 0 };
	gd_engine *engine = NULL;
	if (!names || !seen || !first)
		return gd_fail_memory(err, "asking for shapes");
	for (size_t i = 0; i < count; i++)
		names[i] = values[i].name;
	gd_status status = gd_onnx_encode_part(&part, &text, err);
	gd_bytes bytes[2] = { model->onnx, { text.bytes, text.length } };
	if (status == GD_OK)
		status = gd_engine_open(bytes, 2, (gd_engine_options){ .threads = threads }, &engine, err);
	if (status == GD_OK)
		status = run(engine, model, two, names, seen, count, err);
	if (status == GD_OK) /* only type and shape are kept: what they point to is lent */
		memcpy(first, seen, count * sizeof *first);
	if (status == GD_OK)
		status = run(engine, model, three, names, seen, count, err);
	for (size_t i = 0; i < count && status == GD_OK; i++)
		take(&values[i], &first[i], &seen[i]);
	gd_engine_close(engine);
	gd_text_free(&text);
	return status;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const gd_value *)a)->name, ((const gd_value *)b)->name);
}

gd_status gd_refit_shapes(const gd_model *model, const gd_refit_batch *two, const gd_refit_batch *three, int threads, gd_arena *arena, gd_graph *out,
	gd_error *err)
{
	gd_value *fresh;
	size_t there = 0, count = 0, n = 0;
	*out = model->graph;
	gd_status status = unknown_values(model, arena, &fresh, &there, &count, err);
	if (status == GD_OK && count)
		status = look(model, two, three, threads, arena, fresh, there, count, err);
	if (status != GD_OK || !count)
		return status;
	gd_value *all = gd_arena_new(arena, model->graph.value_count + count, sizeof *all);
	if (!all)
		return gd_fail_memory(err, "asking for shapes");
	for (size_t i = 0; i < model->graph.value_count; i++)
		if (is_known(&model->graph.values[i]))
			all[n++] = model->graph.values[i];
	memcpy(all + n, fresh, count * sizeof *all);
	out->values = all;
	out->value_count = n + count;
	qsort(all, out->value_count, sizeof *all, by_name);
	return GD_OK;
}
