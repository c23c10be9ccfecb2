#include "refit/shapes.h"
#include <stdlib.h>
#include <string.h>

/* Values that nodes make and whose shape is not known, as the outputs of a part to append. */
static gd_status unknown_values(const gd_model *model, gd_arena *arena, gd_value **out, size_t *count, gd_error *err)
{
	const gd_graph *graph = &model->graph;
	size_t most = 0, n = 0;
	for (size_t i = 0; i < graph->node_count; i++)
		most += graph->nodes[i].output_count;
	gd_value *values = gd_arena_new(arena, most, sizeof *values);
	if (!values)
		return gd_fail_memory(err, "asking for shapes");
	for (size_t i = 0; i < graph->node_count; i++)
		for (size_t k = 0; k < graph->nodes[i].output_count; k++) {
			const char *name = graph->nodes[i].outputs[k];
			const gd_value *known = gd_graph_value(graph, name);
			bool is_output = false;
			for (size_t o = 0; o < graph->output_count; o++)
				is_output = is_output || strcmp(graph->outputs[o].name, name) == 0;
			if (*name && !is_output && (!known || known->shape.rank < 0))
				values[n++] = (gd_value){ .name = name, .shape.rank = -1 }; /* no type: the engine knows it */
		}
	*out = values;
	*count = n;
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
	size_t count, gd_error *err)
{
	const char **names = gd_arena_new(arena, count, sizeof *names);
	gd_array *seen = gd_arena_new(arena, count, sizeof *seen), *first = gd_arena_new(arena, count, sizeof *first);
	gd_graph part = { .opset = model->graph.opset, .outputs = values, .output_count = count };
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
	size_t count = 0, n = 0;
	*out = model->graph;
	gd_status status = unknown_values(model, arena, &fresh, &count, err);
	if (status == GD_OK && count)
		status = look(model, two, three, threads, arena, fresh, count, err);
	if (status != GD_OK || !count)
		return status;
	gd_value *all = gd_arena_new(arena, model->graph.value_count + count, sizeof *all);
	if (!all)
		return gd_fail_memory(err, "asking for shapes");
	for (size_t i = 0; i < model->graph.value_count; i++)
		if (model->graph.values[i].shape.rank >= 0)
			all[n++] = model->graph.values[i];
	memcpy(all + n, fresh, count * sizeof *all);
	out->values = all;
	out->value_count = n + count;
	qsort(all, out->value_count, sizeof *all, by_name);
	return GD_OK;
}
