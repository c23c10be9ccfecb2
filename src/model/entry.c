/* Entries of the ranking: a layer that computes, with the element-wise and no-op layers that follow it in the flow of
 * data. A member with several inputs (Add) belongs to the latest entry among them; members before any entry belong to
 * the first. */
#include "model/model.h"
#include <stdlib.h>
#include <string.h>

typedef struct {
	const char *value;
	int layer;
} producer;

static int by_value(const void *a, const void *b)
{
	const producer *p = a, *q = b;
	int order = strcmp(p->value, q->value);
	return order ? order : (p->layer > q->layer) - (p->layer < q->layer);
}

static int find_producer(const producer *sorted, size_t count, const char *value)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(value, sorted[middle].value);
		if (order == 0)
			return sorted[middle].layer;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

/* The latest entry among a layer's inputs, or -1. */
static int entry_of_inputs(const gd_model *model, const gd_layer *layer, const producer *sorted)
{
	int latest = -1;
	for (size_t i = 0; i < layer->input_count; i++) {
		int from = find_producer(sorted, model->layer_count, layer->inputs[i]);
		if (from >= 0 && model->layers[from].entry > latest)
			latest = model->layers[from].entry;
	}
	return latest;
}

static void assign(gd_model *model, const producer *sorted)
{
	int entries = 0;
	for (size_t i = 0; i < model->layer_count; i++) {
		gd_layer *layer = &model->layers[i];
		layer->entry = -1;
		if (layer->family == GD_FAMILY_INPUT)
			continue;
		layer->entry = layer->is_entry ? entries++ : entry_of_inputs(model, layer, sorted);
	}
	for (size_t i = 0; i < model->layer_count; i++) /* what stands before the first entry */
		if (model->layers[i].entry < 0 && model->layers[i].family != GD_FAMILY_INPUT)
			model->layers[i].entry = 0;
	if (entries == 0) /* nothing computes: one entry of all there is */
		entries = model->layer_count ? 1 : 0;
	model->entry_count = (size_t)entries;
}

/* Shape and axis of what a layer puts out, as the graph has it. */
static const gd_shape *graph_shape(const gd_model *model, const gd_layer *layer)
{
	const gd_value *value = layer->output ? gd_graph_value(&model->graph, layer->output) : NULL;
	return value && value->shape.rank >= 0 ? &value->shape : &layer->shape;
}

/* Size of the axis that counts units; 0: not known. */
static size_t units_of(const gd_model *model, const gd_layer *layer)
{
	const gd_shape *shape = graph_shape(model, layer);
	int axis = layer->channel_axis < 0 ? shape->rank - 1 : layer->channel_axis;
	if (shape->rank < 2)
		return 1;
	return axis >= 0 && axis < shape->rank && shape->dim[axis] > 0 ? (size_t)shape->dim[axis] : 0;
}

/* Does the layer go on with the entry's own neurons? A Flatten or Reshape turns channels into places, a Concatenate brings
 * those of another branch, and where tests do not come first no probe can tell them apart. */
static bool goes_on(const gd_model *model, const gd_layer *last, const gd_layer *layer)
{
	if (layer->family == GD_FAMILY_SHAPE || layer->shape.rank < 1 || layer->shape.dim[0] >= 0)
		return false;
	return units_of(model, last) == units_of(model, layer);
}

/* The layer whose output is the entry's: the last member reached from the head by the flow of data that goes on with its
 * neurons. */
static const gd_layer *last_layer(const gd_model *model, const gd_entry *entry)
{
	const gd_layer *last = &model->layers[entry->head];
	for (size_t i = 0; i < entry->member_count; i++) {
		const gd_layer *layer = &model->layers[entry->members[i]];
		if (!goes_on(model, last, layer))
			continue;
		for (size_t k = 0; layer->output && last->output && k < layer->input_count; k++)
			if (strcmp(layer->inputs[k], last->output) == 0) {
				last = layer;
				break;
			}
	}
	return last;
}

static gd_status fill_entry(gd_model *model, size_t at, gd_error *err)
{
	gd_entry *entry = &model->entries[at];
	size_t count = 0;
	for (size_t i = 0; i < model->layer_count; i++)
		count += model->layers[i].entry == (int)at;
	int *members = gd_arena_new(&model->arena, count, sizeof *members);
	if (!members)
		return gd_fail_memory(err, "grouping layers");
	entry->members = members;
	entry->head = -1;
	for (size_t i = 0; i < model->layer_count; i++) {
		if (model->layers[i].entry != (int)at)
			continue;
		members[entry->member_count++] = (int)i;
		if (entry->head < 0 || (model->layers[i].is_entry && !model->layers[entry->head].is_entry))
			entry->head = (int)i;
	}
	const gd_layer *last = last_layer(model, entry);
	entry->output = last->output;
	entry->channel_axis = last->channel_axis;
	entry->value_rank = graph_shape(model, last)->rank;
	entry->units = units_of(model, last);
	const char *result = model->graph.output_count ? model->graph.outputs[0].name : "";
	for (size_t i = 0; i < entry->member_count; i++) { /* not `last`: a Flatten may follow it */
		const char *output = model->layers[members[i]].output;
		entry->is_output = entry->is_output || (output && strcmp(output, result) == 0);
	}
	return GD_OK;
}

gd_status gd_model_group(gd_model *model, gd_error *err)
{
	producer *sorted = gd_arena_new(&model->arena, model->layer_count, sizeof *sorted);
	if (!sorted)
		return gd_fail_memory(err, "grouping layers");
	for (size_t i = 0; i < model->layer_count; i++)
		sorted[i] = (producer){ model->layers[i].output ? model->layers[i].output : "", (int)i };
	qsort(sorted, model->layer_count, sizeof *sorted, by_value);
	assign(model, sorted);
	if (model->entry_count == 0)
		return gd_fail(err, GD_E_INPUT, "the model has no layer that computes anything");
	model->entries = gd_arena_new(&model->arena, model->entry_count, sizeof *model->entries);
	if (!model->entries)
		return gd_fail_memory(err, "grouping layers");
	gd_status status = GD_OK;
	for (size_t i = 0; i < model->entry_count && status == GD_OK; i++)
		status = fill_entry(model, i, err);
	return status;
}
