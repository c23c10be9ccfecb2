/* Groups of nodes to the layer table: in the order of the flow, each with its name, family, values and weights. */
#include "model/onnx/layer_kind.h"
#include <stdlib.h>
#include <string.h>

typedef struct {
	gd_onnx_file *file;
	gd_onnx_groups groups;
	int *first, *nodes; /* nodes[first[g]..first[g + 1]): the nodes of group g */
	int *order;         /* roots so that what feeds a group stands before it */
	size_t ordered;
	bool *outside;         /* per value: read by another group */
	int *layer_of;         /* per group; the first call's for later calls of the same layer; -1 */
	const char **scope_of; /* per layer: its module's path as the nodes tell it; NULL: none of its own */
	int *kernel_of;        /* per layer: the value of its first weight; -1 */
	gd_error *err;
} table;

static int group_of_value(const table *t, int value)
{
	int node = value < 0 ? -1 : t->file->values[value].node;
	return node < 0 ? -1 : t->file->nodes[node].group;
}

static gd_status prepare(table *t)
{
	const gd_graph *g = t->file->graph;
	gd_arena *arena = t->file->arena;
	t->first = gd_arena_new(arena, t->groups.count + 2, sizeof *t->first);
	t->nodes = gd_arena_new(arena, g->node_count, sizeof *t->nodes);
	t->outside = gd_arena_new(arena, t->file->value_count, sizeof *t->outside);
	t->layer_of = gd_arena_new(arena, t->groups.count, sizeof *t->layer_of);
	t->order = gd_arena_new(arena, t->groups.count, sizeof *t->order);
	if (!t->first || !t->nodes || !t->outside || !t->layer_of || !t->order)
		return gd_fail_memory(t->err, "listing layers");
	for (size_t i = 0; i < t->groups.count; i++)
		t->layer_of[i] = -1;
	for (size_t i = 0; i < g->node_count; i++)
		if (t->file->nodes[i].group >= 0)
			t->first[t->file->nodes[i].group + 2]++;
	for (size_t i = 2; i < t->groups.count + 2; i++)
		t->first[i] += t->first[i - 1];
	for (size_t i = 0; i < g->node_count; i++) {
		if (t->file->nodes[i].group >= 0)
			t->nodes[t->first[t->file->nodes[i].group + 1]++] = (int)i;
		for (size_t k = 0; k < t->file->nodes[i].reads; k++) {
			int value = t->file->nodes[i].inputs[k], from = group_of_value(t, value);
			if (from >= 0 && t->file->nodes[i].group >= 0 && from != t->file->nodes[i].group)
				t->outside[value] = true;
		}
	}
	return GD_OK;
}

/* One group on the way of the search below. */
typedef struct {
	int group;
	int at;       /* its next node */
	size_t input; /* and that node's next input */
} visit;

/* The next group that feeds this one and is not placed yet; -1: none. */
static int next_feeder(const table *t, visit *v, const bool *seen)
{
	while (v->at < t->first[v->group + 1]) {
		size_t node = (size_t)t->nodes[v->at];
		if (v->input == t->file->nodes[node].reads) {
			v->at++;
			v->input = 0;
			continue;
		}
		int from = group_of_value(t, t->file->nodes[node].inputs[v->input++]);
		if (from >= 0 && !seen[from])
			return from;
	}
	return -1;
}

/* Depth first from each group to what feeds it, on a stack of our own. */
static gd_status order_groups(table *t)
{
	size_t count = t->groups.count;
	bool *seen = gd_arena_new(t->file->arena, count, sizeof *seen);
	visit *stack = gd_arena_new(t->file->arena, count, sizeof *stack);
	if (!seen || !stack)
		return gd_fail_memory(t->err, "listing layers");
	for (size_t start = 0; start < count; start++) {
		size_t depth = 0;
		if (t->groups.groups[start].parent >= 0 || seen[start])
			continue;
		seen[start] = true;
		stack[depth++] = (visit){ (int)start, t->first[start], 0 };
		while (depth) {
			int next = next_feeder(t, &stack[depth - 1], seen);
			if (next < 0) {
				t->order[t->ordered++] = stack[--depth].group;
				continue;
			}
			seen[next] = true;
			stack[depth++] = (visit){ next, t->first[next], 0 };
		}
	}
	return GD_OK;
}

static bool is_float(gd_type type)
{
	return type == 0 || type == GD_F32 || type == GD_F16 || type == GD_F64 || type == GD_BF16;
}

/* The value a group hands on: numbers with a fraction before others; a result or read outside; if several, one with the tests first, then the latest node's.
 */
static int output_of(const table *t, int group)
{
	int best = -1, better = -1, node_of_best = -1;
	for (int i = t->first[group]; i < t->first[group + 1]; i++) {
		int node = t->nodes[i];
		for (size_t k = 0; k < t->file->graph->nodes[node].output_count; k++) {
			int value = t->file->nodes[node].outputs[k];
			if (value < 0)
				continue;
			const gd_onnx_value *v = &t->file->values[value];
			bool countable = is_float(v->type) && v->data && v->shape.rank > 0; /* quantized for the next layer is not */
			int score = 16 * countable + 8 * v->result + 4 * t->outside[value] + 2 * (v->batch == 0) + (v->readers == 0);
			if (score > better || (score == better && node != node_of_best)) {
				best = value;
				better = score;
				node_of_best = node;
			}
		}
	}
	return best;
}

static bool add_text(const char **list, size_t *count, const char *text)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(list[i], text) == 0)
			return false;
	list[(*count)++] = text;
	return true;
}

/* Values that enter; what another layer made goes by that layer's output, whatever output of it is really read. */
static gd_status list_inputs(table *t, int group, gd_layer *layer)
{
	size_t most = 0;
	for (int i = t->first[group]; i < t->first[group + 1]; i++)
		most += t->file->nodes[t->nodes[i]].reads;
	layer->inputs = gd_arena_new(t->file->arena, most, sizeof *layer->inputs);
	if (!layer->inputs)
		return gd_fail_memory(t->err, "listing layers");
	for (int i = t->first[group]; i < t->first[group + 1]; i++)
		for (size_t k = 0; k < t->file->nodes[t->nodes[i]].reads; k++) {
			int value = t->file->nodes[t->nodes[i]].inputs[k], from = group_of_value(t, value);
			if (value < 0 || from == group || (from < 0 && !t->file->values[value].data))
				continue;
			const char *name = from >= 0 && t->layer_of[from] >= 0 ? t->file->model->layers[t->layer_of[from]].output
																   : t->file->values[value].name;
			if (name)
				add_text(layer->inputs, &layer->input_count, name);
		}
	return GD_OK;
}

static bool family_is_entry(gd_family family)
{
	return family == GD_FAMILY_DENSE || family == GD_FAMILY_CONV || family == GD_FAMILY_DEPTHWISE ||
		   family == GD_FAMILY_CONV_TRANSPOSE || family == GD_FAMILY_RECURRENT || family == GD_FAMILY_EMBEDDING ||
		   family == GD_FAMILY_ATTENTION || family == GD_FAMILY_POOLING || family == GD_FAMILY_UPSAMPLING;
}

/* An entry needs values that can be counted per test and unit. What a layer makes otherwise belongs to the entry
 * before. */
/* The engine finds the tests on the first axis, or on the only one without a fixed size when the model's own batch is
 * free (recurrent layers and PyTorch's attention put time first). */
static bool tests_apart(const table *t, const gd_onnx_value *out)
{
	const gd_value *input = &t->file->graph->inputs[0];
	int free_axes = 0;
	for (int i = 0; i < out->shape.rank; i++)
		free_axes += out->shape.dim[i] < 0;
	if (out->batch <= 0)
		return out->batch == 0;
	return out->batch != out->channel && input->shape.rank > 0 && input->shape.dim[0] < 0 && out->shape.rank >= 3 &&
		   free_axes == 1 && out->shape.dim[out->batch] < 0;
}

static gd_status judge_entry(table *t, gd_layer *layer, const gd_onnx_value *out, bool computes)
{
	bool wanted = family_is_entry(layer->family) || (layer->family == GD_FAMILY_OTHER && computes);
	int channel = out->channel < 0 ? out->shape.rank - 1 : out->channel;
	bool counted = out->shape.rank >= 1 &&
				   (out->shape.rank == 1 || (channel > 0 && channel < out->shape.rank && out->shape.dim[channel] > 0));
	if (!is_float(out->type) || !out->data || !tests_apart(t, out)) {
		layer->family = is_float(out->type) ? layer->family : GD_FAMILY_SHAPE; /* so that no probe sits on it */
		counted = false;
	}
	layer->is_entry = wanted && counted;
	if (wanted && out->data && !is_float(out->type))
		return gd_model_note(t->file->model, t->err,
			"layer %s gives whole numbers (%s), whose neurons cannot be told, so it is ranked with the layer before it; quantize in the "
			"QDQ format to have it",
			layer->name, gd_type_name(out->type));
	if (wanted && !counted && out->data && is_float(out->type))
		return gd_model_note(t->file->model, t->err,
			"layer %s gives no values per test and unit that dlguider can tell (shape %s), so it is ranked with the "
			"layer before it",
			layer->name, gd_shape_text(&out->shape, t->file->arena));
	return GD_OK;
}

static bool has_mean(const table *t, int group)
{
	for (int i = t->first[group]; i < t->first[group + 1]; i++)
		if (strcmp(t->file->graph->nodes[t->nodes[i]].op, "ReduceMean") == 0)
			return true;
	return false;
}

static const char *kind_name(const table *t, const gd_onnx_span *span, int group, const gd_onnx_kind *kind)
{
	const gd_onnx_group *g = &t->groups.groups[group];
	const gd_onnx_node *note = &t->file->nodes[kind->main];
	if (note->kind && (g->whole || note->standard))
		return note->kind;
	if (kind->family == GD_FAMILY_ATTENTION)
		return "Attention";
	const char *op = t->file->graph->nodes[kind->main].op;
	bool spelled = kind->family == GD_FAMILY_NORMALIZATION &&
				   gd_onnx_op_find(&t->file->graph->nodes[kind->main])->family != GD_FAMILY_NORMALIZATION;
	return spelled && (g->norm || strncmp(op, "Reduce", 6) == 0 || has_mean(t, group))
			   ? gd_onnx_class_of(span, kind, "LayerNormalization")
			   : gd_onnx_class_of(span, kind, op);
}

/* The layer's shape has the tests first, wherever the graph's value has them. */
static void set_value(const table *t, gd_layer *layer, const gd_onnx_value *out)
{
	layer->output = out->name;
	layer->shape = out->shape;
	if (out->batch > 0 && tests_apart(t, out))
		memmove(layer->shape.dim + 1, layer->shape.dim, (size_t)out->batch * sizeof *layer->shape.dim);
	if (out->batch == 0 || (out->batch > 0 && tests_apart(t, out)))
		layer->shape.dim[0] = -1;
	layer->channel_axis = out->channel >= 0 && out->channel < out->shape.rank - 1 ? out->channel : -1;
}

static int first_kernel(const table *t, const gd_onnx_span *span)
{
	for (size_t i = 0; i < span->count; i++) {
		int input = gd_onnx_weight_input(t->file, (size_t)span->nodes[i]);
		if (input >= 0)
			return t->file->nodes[span->nodes[i]].inputs[input];
	}
	return -1;
}

/* The same module's path: exporters number further calls, "tower.fc" and "tower_1.fc". */
static bool same_module(const char *first, const char *again)
{
	while (*first || *again) {
		if (*first == *again) {
			first++;
			again++;
			continue;
		}
		size_t digits = *again == '_' ? strspn(again + 1, "0123456789") : 0;
		if (!digits || (*first && *first != '.') || (again[1 + digits] && again[1 + digits] != '.'))
			return false;
		again += 1 + digits;
	}
	return true;
}

/* A module called again: same module, same weight as a layer before. */
static int earlier_call(const table *t, int group, int kernel)
{
	const gd_onnx_group *g = &t->groups.groups[group];
	if (!g->whole || kernel < 0 || t->file->values[kernel].readers < 2)
		return -1;
	const gd_tensor *stored = gd_onnx_source_of(t->file, kernel).stored;
	for (size_t i = 0; i < t->ordered; i++) {
		int other = t->order[i], layer = t->layer_of[other];
		if (other == group)
			return -1;
		if (layer >= 0 && t->kernel_of[layer] >= 0 && t->groups.groups[other].whole &&
			same_module(t->groups.groups[other].scope, g->scope) &&
			gd_onnx_source_of(t->file, t->kernel_of[layer]).stored == stored)
			return layer;
	}
	return -1;
}

static gd_status build_layer(table *t, int group)
{
	gd_onnx_span span = { t->file, &t->groups.groups[group], t->nodes + t->first[group],
		(size_t)(t->first[group + 1] - t->first[group]) };
	gd_model *model = t->file->model;
	int kernel = first_kernel(t, &span), again = earlier_call(t, group, kernel), output = output_of(t, group);
	if (output < 0)
		return GD_OK;
	t->layer_of[group] = again >= 0 ? again : (int)model->layer_count;
	for (size_t i = 0; i < span.count; i++)
		t->file->graph->nodes[span.nodes[i]].layer = t->layer_of[group];
	if (again >= 0)
		return GD_OK;
	gd_onnx_kind kind = gd_onnx_kind_of(&span);
	gd_layer *layer = &model->layers[model->layer_count];
	t->scope_of[model->layer_count] = span.group->whole ? span.group->scope : NULL;
	t->kernel_of[model->layer_count++] = kernel;
	*layer = (gd_layer){ .name = gd_onnx_name_of(&span, &kind, model->layer_count - 1),
		.kind = kind_name(t, &span, group, &kind),
		.family = kind.family,
		.activation = kind.activation,
		.trainable = true,
		.entry = -1 };
	if (!layer->name)
		return gd_fail_memory(t->err, "naming layers");
	set_value(t, layer, &t->file->values[output]);
	const char *trace = t->file->nodes[kind.main].trace;
	if (trace)
		gd_onnx_line_of(trace, t->file->arena, &layer->source_file, &layer->source_line);
	gd_status status = list_inputs(t, group, layer);
	if (status == GD_OK)
		status = gd_onnx_weights(t->file, span.nodes, span.count, layer, t->err);
	if (status == GD_OK)
		status = gd_onnx_settings(t->file, (size_t)kind.main, layer, t->err);
	return status == GD_OK ? judge_entry(t, layer, &t->file->values[output], kind.computes) : status;
}

static gd_status add_inputs(table *t)
{
	const gd_graph *g = t->file->graph;
	size_t most = g->input_count + t->ordered;
	if (most > t->file->limits->max_layers)
		return gd_fail(
			t->err, GD_E_LIMIT, "has %zu layers; the limit is %zu (--max-layers)", most, t->file->limits->max_layers);
	t->file->model->layers = gd_arena_new(t->file->arena, most, sizeof *t->file->model->layers);
	t->kernel_of = gd_arena_new(t->file->arena, most, sizeof *t->kernel_of);
	t->scope_of = gd_arena_new(t->file->arena, most, sizeof *t->scope_of);
	if (!t->file->model->layers || !t->scope_of || !t->kernel_of)
		return gd_fail_memory(t->err, "listing layers");
	for (size_t i = 0; i < g->input_count; i++) {
		gd_layer *layer = &t->file->model->layers[t->file->model->layer_count];
		t->kernel_of[t->file->model->layer_count++] = -1;
		*layer = (gd_layer){
			.name = g->inputs[i].name, .kind = "Input", .family = GD_FAMILY_INPUT, .trainable = true, .entry = -1
		};
		int value = gd_onnx_find(t->file, g->inputs[i].name);
		if (value >= 0)
			set_value(t, layer, &t->file->values[value]);
	}
	return GD_OK;
}

/* Each stored weight once, however often it is used. */
static gd_status count_parameters(const gd_onnx_file *file, gd_error *err)
{
	bool *counted = gd_arena_new(file->arena, file->graph->tensor_count, sizeof *counted);
	if (!counted)
		return gd_fail_memory(err, "counting parameters");
	for (size_t i = 0; i < file->model->layer_count; i++)
		for (size_t k = 0; k < file->model->layers[i].weight_count; k++) {
			const gd_weight *w = &file->model->layers[i].weights[k];
			int value = w->initializer ? gd_onnx_find(file, w->initializer) : -1,
				tensor = value < 0 ? -1 : file->values[value].tensor;
			const gd_shape *shape = tensor < 0 ? &w->tensor.shape : &file->graph->tensors[tensor].shape;
			size_t elements;
			if ((tensor < 0 || !counted[tensor]) && gd_shape_count(shape, 0, &elements))
				file->model->parameters += (int64_t)elements;
			if (tensor >= 0)
				counted[tensor] = true;
		}
	return GD_OK;
}

/* Without an entry the first layer stands for all; then its shape at least must be known. */
static gd_status check_entries(const gd_model *model, gd_error *err)
{
	const gd_layer *first = NULL;
	for (size_t i = 0; i < model->layer_count; i++) {
		if (model->layers[i].is_entry)
			return GD_OK;
		if (!first && model->layers[i].family != GD_FAMILY_INPUT)
			first = &model->layers[i];
	}
	if (first && first->shape.rank >= 1 && first->shape.dim[0] < 0)
		return GD_OK;
	return gd_fail(err, GD_E_UNSUPPORTED,
		"no layer has values that dlguider can tell per test and unit (a free first axis, known units); save it with "
		"onnx.shape_inference.infer_shapes");
}

gd_status gd_onnx_layers(gd_onnx_file *file, gd_error *err)
{
	table t = { .file = file, .err = err };
	gd_status status = gd_onnx_join(file, &t.groups, err);
	if (status == GD_OK)
		status = prepare(&t);
	if (status == GD_OK)
		status = order_groups(&t);
	if (status == GD_OK)
		status = add_inputs(&t);
	for (size_t i = 0; i < t.ordered && status == GD_OK; i++)
		status = build_layer(&t, t.order[i]);
	if (status == GD_OK)
		status = gd_onnx_complete_names(file->model, t.scope_of, err);
	if (status == GD_OK)
		status = gd_onnx_names_apart(file->model, err);
	if (status == GD_OK)
		status = check_entries(file->model, err);
	return status == GD_OK ? count_parameters(file, err) : status;
}
