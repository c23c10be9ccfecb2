/* The output that the labels belong to, of a model with several: it becomes the first of the graph, and what does not lead
 * to it is no entry. */
#include "model/model.h"
#include <stdlib.h>
#include <string.h>

enum { MAX_LISTED = 8 };

/* A value that some node makes, in order of names. */
typedef struct {
	const char *name;
	bool needed;
} made_value;

typedef struct {
	made_value *values;
	size_t count;
} need;

static const char *layer_behind(const gd_model *model, const char *value)
{
	for (size_t i = model->layer_count; i-- > 0;) /* the last: a Dropout hands on the value it got */
		if (model->layers[i].output && strcmp(model->layers[i].output, value) == 0)
			return model->layers[i].name;
	return NULL;
}

const char *gd_model_output_name(const gd_model *model, size_t at)
{
	const char *value = model->graph.outputs[at].name, *layer = layer_behind(model, value);
	for (size_t i = 0; !layer && i < model->graph.node_count; i++) { /* given twice, or brought to the framework's layout */
		const gd_node *node = &model->graph.nodes[i];
		bool copies = (strcmp(node->op, "Identity") == 0 || strcmp(node->op, "Transpose") == 0) && node->input_count == 1;
		if (copies && strcmp(node->outputs[0], value) == 0)
			layer = layer_behind(model, node->inputs[0]);
	}
	return layer ? layer : value;
}

const char *gd_model_input_name(const gd_model *model, size_t at)
{
	const char *value = model->graph.inputs[at].name;
	for (size_t i = 0; i < model->layer_count; i++)
		if (model->layers[i].family == GD_FAMILY_INPUT && model->layers[i].output && strcmp(model->layers[i].output, value) == 0)
			return model->layers[i].name;
	return value;
}

static bool is_called(const gd_model *model, size_t at, const char *name)
{
	const char *value = model->graph.outputs[at].name;
	const size_t stem = strcspn(value, ":");
	return strcmp(value, name) == 0 || strcmp(gd_model_output_name(model, at), name) == 0 ||
		   (value[stem] && strlen(name) == stem && strncmp(value, name, stem) == 0);
}

static void list_outputs(const gd_model *model, gd_text *out)
{
	for (size_t i = 0; i < model->graph.output_count && i < MAX_LISTED; i++)
		gd_text_printf(out, "%s%.80s", i == 0 ? "" : i + 1 < model->graph.output_count ? ", " : " and ", gd_model_output_name(model, i));
	if (model->graph.output_count > MAX_LISTED)
		gd_text_printf(out, " and %zu more", model->graph.output_count - MAX_LISTED);
}

/* ---- what leads there -------------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const made_value *)a)->name, ((const made_value *)b)->name);
}

static made_value *find(const need *n, const char *name)
{
	return bsearch(&(made_value){ .name = name }, n->values, n->count, sizeof *n->values, by_name);
}

static bool is_needed(const need *n, const char *name)
{
	const made_value *found = find(n, name);
	return found && found->needed;
}

/* Inputs and weights are no values that nodes make, and nobody asks for them. */
static void want(need *n, const char *name)
{
	made_value *found = find(n, name);
	if (found)
		found->needed = true;
}

static bool need_new(const gd_graph *graph, gd_arena *arena, need *n)
{
	size_t most = 0;
	for (size_t i = 0; i < graph->node_count; i++)
		most += graph->nodes[i].output_count;
	n->values = gd_arena_new(arena, most, sizeof *n->values);
	if (!n->values)
		return false;
	for (size_t i = 0; i < graph->node_count; i++)
		for (size_t k = 0; k < graph->nodes[i].output_count; k++)
			if (*graph->nodes[i].outputs[k])
				n->values[n->count++].name = graph->nodes[i].outputs[k];
	if (n->count)
		qsort(n->values, n->count, sizeof *n->values, by_name);
	return true;
}

/* A body (If, Loop, Scan) may read values of the graph around it without naming them as inputs. */
static bool has_body(const gd_node *node)
{
	for (size_t i = 0; i < node->attr_count; i++)
		if (node->attrs[i].kind == GD_ATTR_OTHER)
			return true;
	return false;
}

/* leads, by layer: some node of it is needed, or the value it hands on is. false: memory is out. *opaque: not to be told. */
static bool trace(gd_model *model, bool *leads, bool *opaque)
{
	const gd_graph *graph = &model->graph;
	gd_arena arena = { 0 };
	need n = { 0 };
	if (!need_new(graph, &arena, &n)) {
		gd_arena_free(&arena);
		return false;
	}
	want(&n, graph->outputs[0].name);
	for (size_t i = graph->node_count; i-- > 0;) { /* they are in topological order */
		const gd_node *node = &graph->nodes[i];
		bool needed = false;
		for (size_t k = 0; k < node->output_count; k++)
			needed = needed || is_needed(&n, node->outputs[k]);
		for (size_t k = 0; needed && k < node->input_count; k++)
			want(&n, node->inputs[k]);
		*opaque = *opaque || (needed && has_body(node));
		if (needed && node->layer >= 0 && (size_t)node->layer < model->layer_count)
			leads[node->layer] = true;
	}
	for (size_t i = 0; i < model->layer_count; i++)
		leads[i] = leads[i] || (model->layers[i].output && is_needed(&n, model->layers[i].output));
	gd_arena_free(&arena);
	return true;
}

/* Entries none of whose layers lead to the output go; the others keep their order. */
static void keep_leading(gd_model *model, const bool *leads, gd_text *left_out, size_t *left_count)
{
	size_t kept = 0;
	for (size_t e = 0; e < model->entry_count; e++) {
		gd_entry *entry = &model->entries[e];
		bool stays = false;
		for (size_t i = 0; i < entry->member_count; i++)
			stays = stays || leads[entry->members[i]];
		for (size_t i = 0; i < entry->member_count; i++)
			model->layers[entry->members[i]].entry = stays ? (int)kept : -1;
		if (stays)
			model->entries[kept++] = *entry;
		else if (++*left_count <= MAX_LISTED)
			gd_text_printf(left_out, "%s%.80s", *left_count > 1 ? ", " : "", model->layers[entry->head].name);
	}
	model->entry_count = kept;
	if (*left_count > MAX_LISTED)
		gd_text_printf(left_out, " and %zu more", *left_count - MAX_LISTED);
}

static void mark_output(gd_model *model)
{
	const char *name = gd_model_output_name(model, 0);
	for (size_t e = 0; e < model->entry_count; e++) {
		gd_entry *entry = &model->entries[e];
		entry->is_output = false;
		for (size_t i = 0; i < entry->member_count; i++)
			entry->is_output = entry->is_output || strcmp(model->layers[entry->members[i]].name, name) == 0;
	}
}

/* The loss that it was trained with, where the file tells one for each. */
static void choose_loss(gd_model *model, size_t at)
{
	gd_training *training = &model->training;
	for (size_t i = 0; i < training->each_count; i++) {
		const gd_output_loss *each = &training->each[i];
		if (each->output ? is_called(model, at, each->output) : i == at) {
			training->loss = each->loss;
			training->from_logits = each->from_logits;
			return;
		}
	}
	if (training->each_count) {
		training->loss = NULL;
		training->from_logits = false;
	}
}

static gd_status choose(gd_model *model, size_t at, gd_error *err)
{
	choose_loss(model, at);
	gd_value first = model->graph.outputs[at];
	model->graph.outputs[at] = model->graph.outputs[0];
	model->graph.outputs[0] = first;
	model->output_chosen = true;
	bool opaque = false, *leads = gd_arena_new(&model->arena, model->layer_count, sizeof *leads);
	if (!leads || !trace(model, leads, &opaque))
		return gd_fail_memory(err, "choosing an output");
	gd_text left_out = { 0 };
	size_t count = 0;
	if (!opaque)
		keep_leading(model, leads, &left_out, &count);
	mark_output(model);
	gd_status status = GD_OK;
	if (count)
		status = gd_model_note(model, err, "%zu layer%s not lead to the output \"%s\" and %s left out: %s", count, count == 1 ? " does" : "s do",
			gd_model_output_name(model, 0), count == 1 ? "is" : "are", left_out.bytes ? left_out.bytes : "");
	gd_text_free(&left_out);
	return status;
}

gd_status gd_model_choose_output(gd_model *model, const char *name, gd_error *err)
{
	for (size_t i = 0; i < model->graph.output_count; i++)
		if (is_called(model, i, name) && !(model->output_chosen && i > 0))
			return model->graph.output_count == 1 || model->output_chosen ? GD_OK : choose(model, i, err);
	if (model->output_chosen && model->graph.output_count > 1)
		return gd_fail(err, GD_E_USAGE, "%s: the output \"%.80s\" is chosen already; open the model again for another", model->path,
			gd_model_output_name(model, 0));
	gd_text list = { 0 };
	list_outputs(model, &list);
	gd_status status = gd_fail(err, GD_E_USAGE, "%s: the model has no output \"%.80s\"; %s %s", model->path, name,
		model->graph.output_count == 1 ? "its only one is" : "its outputs are", list.bytes ? list.bytes : "");
	gd_text_free(&list);
	return status;
}

static bool is_float(gd_type type)
{
	return type == GD_F32 || type == GD_F64 || type == GD_F16 || type == GD_BF16;
}

gd_status gd_model_settle_output(gd_model *model, gd_error *err)
{
	size_t floats = 0, at = 0;
	if (model->output_chosen || model->graph.output_count < 2)
		return GD_OK;
	for (size_t i = 0; i < model->graph.output_count; i++)
		if (is_float(model->graph.outputs[i].type)) {
			floats++;
			at = i;
		}
	if (floats == 1) { /* a class beside its probabilities */
		gd_status status = choose(model, at, err);
		return status == GD_OK && at > 0 ? gd_model_note(model, err, "of the model's %zu outputs, \"%s\" was taken: the only one of real numbers",
									 model->graph.output_count, gd_model_output_name(model, 0))
							   : status;
	}
	gd_text list = { 0 };
	list_outputs(model, &list);
	gd_status status = gd_fail(err, GD_E_USAGE, "%s: the model has the outputs %s; say which one the labels are for: --output %.80s", model->path,
		list.bytes ? list.bytes : "", gd_model_output_name(model, 0));
	gd_text_free(&list);
	return status;
}
