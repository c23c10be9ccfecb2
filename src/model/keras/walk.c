/* Follows the calls of a model from its inputs to its outputs and has every layer translated by its family. */
#include "model/keras/row.h"
#include <string.h>

enum { TO_DO, WAITING, DONE };

typedef struct {
	gd_flow *out;
	size_t out_count;
	int state;
} progress;

typedef struct {
	gd_keras *k;
	gd_keras_net *net;
	progress *progress; /* by node; a nested model that is called twice is walked twice */
	size_t *stack, depth;
} walk;

static size_t node_at(const gd_keras_net *net, const gd_keras_ref *ref)
{
	return net->first_node[ref->layer] + ref->node;
}

/* Every layer's output is a value of its own, so that who made it can be told: a no-op gets an Identity. The last node's
 * output takes the layer's name. */
static void name_output(gd_keras *k, gd_keras_layer *layer, gd_keras_call *call)
{
	for (size_t o = 0; o < call->out_count && k->status == GD_OK; o++)
		for (size_t i = 0; i < call->in_count; i++)
			if (call->out[o].name && strcmp(call->out[o].name, call->in[i].name) == 0)
				call->out[o].name = gd_put(k, "Identity", call->out[o].name);
	gd_node *last = gd_builder_last(&k->builder);
	if (k->status != GD_OK || layer->row < 0 || !last || last->output_count != 1 || call->out_count != 1 ||
		last->outputs[0] != call->out[0].name || strchr(layer->name, ':') || json_object_get(k->moved, last->outputs[0]) ||
		k->model->layers[layer->row].name)
		return;
	last->outputs[0] = last->name = call->out[0].name = layer->name;
}

static void note_values(gd_keras *k, const gd_keras_call *call)
{
	for (size_t o = 0; o < call->out_count && k->status == GD_OK; o++) {
		gd_value *value = gd_builder_value(&k->builder);
		if (!value) {
			(void)gd_keras_memory(k);
			return;
		}
		*value = (gd_value){ .name = call->out[o].name, .type = call->out[o].type, .shape = gd_flow_graph_shape(&call->out[o]) };
	}
}

/* A model inside: Keras 3 writes the mask of its input out as an argument. */
static void walk_inner(gd_keras *k, gd_keras_net *net, gd_keras_call *call)
{
	gd_flow *in = gd_keras_new(k, call->in_count, sizeof *in);
	size_t count = 0;
	for (size_t i = 0; in && i < call->in_count; i++) {
		if (strcmp(call->keyword[i], "mask") != 0)
			in[count++] = call->in[i];
		else if (count == 1)
			in[0].mask = gd_flow_bool(k, &call->in[i]);
	}
	if (in)
		(void)gd_keras_net_walk(k, net, in, count, &call->out, &call->out_count);
}

gd_status gd_keras_translate_inner(gd_keras *k, gd_keras_layer *layer, gd_keras_call *call)
{
	if (k->status != GD_OK)
		return k->status;
	if (++k->calls > 4 * k->limits->max_layers)
		return gd_keras_fail(k, GD_E_LIMIT, "the model calls its layers over %zu times, which is the limit", 4 * k->limits->max_layers);
	gd_keras_layer *outer = k->now;
	if (!call->keyword) {
		const char **none = gd_keras_new(k, call->in_count, sizeof *none);
		for (size_t i = 0; none && i < call->in_count; i++)
			none[i] = "";
		call->keyword = none;
		if (!none)
			return k->status;
	}
	call->layer = layer;
	k->now = layer;
	if (layer->net)
		walk_inner(k, layer->net, call);
	else
		(void)layer->family->translate(k, call);
	for (size_t o = 0; o < call->out_count && layer->family->mask != GD_MASK_SET && k->status == GD_OK; o++)
		call->out[o].mask = layer->family->mask != GD_MASK_DROPPED && call->in_count && o == 0 ? call->in[0].mask : NULL;
	k->now = outer;
	return k->status;
}

static gd_status translate(walk *w, size_t at)
{
	gd_keras *k = w->k;
	const gd_keras_node *node = &w->net->nodes[at];
	gd_keras_layer *layer = &w->net->layers[node->layer];
	gd_flow *in = gd_keras_new(k, node->ref_count, sizeof *in);
	const char **keywords = gd_keras_new(k, node->ref_count, sizeof *keywords);
	if (!in || !keywords)
		return k->status;
	for (size_t i = 0; i < node->ref_count; i++) {
		const progress *from = &w->progress[node_at(w->net, &node->refs[i])];
		if (node->refs[i].output >= from->out_count)
			return gd_keras_fail(k, GD_E_INPUT, "layer %.100s takes output %zu of layer %.100s, which has %zu", layer->name, node->refs[i].output,
				w->net->layers[node->refs[i].layer].name, from->out_count);
		in[i] = from->out[node->refs[i].output];
		keywords[i] = node->refs[i].keyword;
	}
	gd_keras_call call = { .in = in, .keyword = keywords, .in_count = node->ref_count, .args = node->args, .keywords = node->keywords };
	int outer = k->builder.layer;
	if (layer->row >= 0)
		k->builder.layer = layer->row;
	if (gd_keras_translate_inner(k, layer, &call) == GD_OK && !layer->net) {
		name_output(k, layer, &call);
		note_values(k, &call);
		(void)gd_keras_row_called(k, layer, &call);
	}
	k->builder.layer = outer;
	for (size_t i = 0; i < node->ref_count && layer->family->mask == GD_MASK_TAKEN && k->version >= 3; i++)
		w->progress[node_at(w->net, &node->refs[i])].out[node->refs[i].output].mask = NULL;
	w->progress[at] = (progress){ call.out, call.out_count, DONE };
	return k->status;
}

static gd_status cycle(walk *w, size_t from, size_t to)
{
	return gd_keras_fail(w->k, GD_E_INPUT, "layers %.100s and %.100s feed each other", w->net->layers[w->net->nodes[from].layer].name,
		w->net->layers[w->net->nodes[to].layer].name);
}

/* Depth first with a stack of our own: the depth is the file's to choose. */
static gd_status resolve(walk *w, size_t start)
{
	w->stack[0] = start;
	w->depth = 1;
	while (w->depth && w->k->status == GD_OK) {
		size_t at = w->stack[w->depth - 1];
		const gd_keras_node *node = &w->net->nodes[at];
		size_t before = w->depth;
		if (w->progress[at].state == TO_DO) {
			w->progress[at].state = WAITING;
			for (size_t i = node->ref_count; i-- > 0;) {
				size_t need = node_at(w->net, &node->refs[i]);
				if (w->progress[need].state == WAITING)
					return cycle(w, at, need);
				if (w->progress[need].state == TO_DO)
					w->stack[w->depth++] = need;
			}
		}
		if (before != w->depth)
			continue;
		w->depth--;
		if (w->progress[at].state == WAITING)
			(void)translate(w, at);
	}
	return w->k->status;
}

static gd_status start(walk *w, const gd_flow *in, size_t in_count)
{
	gd_keras *k = w->k;
	if (in_count != w->net->input_count)
		return gd_keras_fail(k, GD_E_INPUT, "the model takes %zu inputs and is given %zu", w->net->input_count, in_count);
	for (size_t i = 0; i < in_count; i++) {
		progress *at = &w->progress[node_at(w->net, &w->net->inputs[i])];
		at->out = gd_keras_new(k, 1, sizeof *at->out);
		if (!at->out)
			return k->status;
		at->out[0] = in[i];
		at->out_count = 1;
		at->state = DONE;
	}
	return GD_OK;
}

static gd_status finish(walk *w, gd_flow **out, size_t *out_count)
{
	*out = gd_keras_new(w->k, w->net->output_count, sizeof **out);
	for (size_t i = 0; *out && i < w->net->output_count; i++) {
		const gd_keras_ref *ref = &w->net->outputs[i];
		const progress *from = &w->progress[node_at(w->net, ref)];
		if (ref->output >= from->out_count)
			return gd_keras_fail(w->k, GD_E_INPUT, "output %zu is output %zu of layer %.100s, which has %zu", i, ref->output,
				w->net->layers[ref->layer].name, from->out_count);
		(*out)[i] = from->out[ref->output];
	}
	*out_count = w->net->output_count;
	return w->k->status;
}

gd_status gd_keras_net_walk(gd_keras *k, gd_keras_net *net, const gd_flow *in, size_t in_count, gd_flow **out, size_t *out_count)
{
	walk w = { .k = k, .net = net };
	w.progress = gd_keras_new(k, net->node_count, sizeof *w.progress);
	size_t room = 1; /* every reference is pushed once at most */
	for (size_t i = 0; i < net->node_count; i++)
		room += net->nodes[i].ref_count;
	w.stack = gd_keras_new(k, room, sizeof *w.stack);
	if (!w.progress || !w.stack || start(&w, in, in_count) != GD_OK)
		return k->status;
	gd_keras_layer *outer = k->now;
	k->now = NULL;
	for (size_t i = 0; i < net->node_count && k->status == GD_OK; i++)
		(void)resolve(&w, i);
	k->now = outer;
	return k->status == GD_OK ? finish(&w, out, out_count) : k->status;
}
