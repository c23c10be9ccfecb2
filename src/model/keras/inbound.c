/* Who feeds whom: the inbound nodes of Keras 2 ([[["dense", 0, 0, {}]]]) and of Keras 3 (tensors with a history). */
#include "model/keras/keras.h"
#include <string.h>

typedef struct {
	gd_keras *k;
	gd_keras_net *net;
	json_t *index; /* own name -> place in net->layers */
	gd_keras_ref *refs; /* NULL: only counted */
	size_t count;
	bool ends; /* input_layers and output_layers, not a call's arguments */
} collector;

/* The calls of a model inside are numbered from 1: in Keras 2, where it is called once by itself; and in Keras 3, but there
 * only in the lists of inputs and outputs, and not those of a Sequential. */
static bool counts_from_one(const collector *c, const gd_keras_layer *layer)
{
	return layer->net && (c->k->version < 3 || (c->ends && !layer->net->sequential));
}

static void take(collector *c, const char *name, const json_t *node, const json_t *output, const char *keyword)
{
	json_t *at = json_object_get(c->index, name);
	if (!at) {
		(void)gd_keras_fail(c->k, GD_E_INPUT, "a tensor comes from layer %.100s, which the model does not have", name);
		return;
	}
	if (c->refs) {
		gd_keras_ref *ref = &c->refs[c->count];
		ref->layer = (size_t)json_integer_value(at);
		ref->node = (size_t)gd_keras_whole_of(c->k, "a tensor's node index", node, 0, INT32_MAX);
		if (ref->node > 0 && counts_from_one(c, &c->net->layers[ref->layer]))
			ref->node--;
		ref->output = (size_t)gd_keras_whole_of(c->k, "a tensor's index", output, 0, INT32_MAX);
		ref->keyword = gd_keras_text(c->k, keyword);
	}
	c->count++;
}

static bool is_constant(const json_t *value)
{
	const char *first = json_string_value(json_array_get(value, 0));
	return first && (strcmp(first, "_CONSTANT_VALUE") == 0 || strcmp(first, "_COMPOSITE_TYPE") == 0);
}

/* Keras 2 and the lists input_layers, output_layers: ["dense", 0, 0] and with keyword arguments ["dense", 0, 0, {}]. */
static bool is_reference(const json_t *value)
{
	return json_array_size(value) >= 3 && json_is_string(json_array_get(value, 0)) && json_is_number(json_array_get(value, 1)) &&
		json_is_number(json_array_get(value, 2));
}

static void search(collector *c, json_t *value, const char *keyword);

static void search_members(collector *c, json_t *object, const char *keyword)
{
	const char *key;
	json_t *member;
	json_object_foreach (object, key, member)
		search(c, member, *keyword ? keyword : key);
}

static void search(collector *c, json_t *value, const char *keyword)
{
	size_t i;
	json_t *element;
	json_t *history = json_object_get(json_object_get(value, "config"), "keras_history");
	if (is_reference(value) && !is_constant(value)) {
		take(c, json_string_value(json_array_get(value, 0)), json_array_get(value, 1), json_array_get(value, 2), keyword);
		search_members(c, json_array_get(value, 3), "");
	} else if (json_array_size(history) == 3 && json_is_string(json_array_get(history, 0))) {
		take(c, json_string_value(json_array_get(history, 0)), json_array_get(history, 1), json_array_get(history, 2), keyword);
	} else if (is_constant(value)) {
		search_members(c, json_array_get(value, 3), "");
	} else if (json_is_array(value)) {
		json_array_foreach (value, i, element)
			search(c, element, keyword);
	} else if (json_is_object(value) && json_object_get(value, "args")) {
		search(c, json_object_get(value, "args"), "");
		search_members(c, json_object_get(value, "kwargs"), "");
	} else if (json_is_object(value)) {
		search_members(c, value, *keyword ? keyword : "");
	}
}

/* Twice through: how many, then which. */
static gd_keras_ref *collect(gd_keras *k, gd_keras_net *net, json_t *index, json_t *value, bool ends, size_t *count)
{
	collector c = { .k = k, .net = net, .index = index, .ends = ends };
	search(&c, value, "");
	if (k->status != GD_OK)
		return NULL;
	c.refs = gd_keras_new(k, c.count, sizeof *c.refs);
	c.count = 0;
	if (c.refs)
		search(&c, value, "");
	*count = c.count;
	return k->status == GD_OK ? c.refs : NULL;
}

/* The keyword arguments of one call, wherever that Keras put them. */
static json_t *keywords_of(json_t *node)
{
	if (json_is_object(node))
		return json_object_get(node, "kwargs");
	json_t *first = is_reference(node) ? node : json_array_get(node, 0);
	return json_is_object(json_array_get(first, 3)) ? json_array_get(first, 3) : NULL;
}

/* One InputLayer has one node without inputs; so has any layer of a Sequential, fed by the one before. */
static gd_status chain(gd_keras *k, gd_keras_net *net)
{
	net->nodes = gd_keras_new(k, net->layer_count, sizeof *net->nodes);
	gd_keras_ref *refs = gd_keras_new(k, net->layer_count + 1, sizeof *refs);
	if (!net->nodes || !refs)
		return k->status;
	for (size_t i = 0; i < net->layer_count; i++) {
		refs[i] = (gd_keras_ref){ .layer = i, .keyword = "" };
		net->nodes[i] = (gd_keras_node){ .layer = i, .refs = i ? &refs[i - 1] : NULL, .ref_count = i > 0 };
		net->first_node[i] = i;
	}
	net->node_count = net->first_node[net->layer_count] = net->layer_count;
	net->inputs = &refs[0];
	net->outputs = &refs[net->layer_count - 1];
	net->input_count = net->output_count = 1;
	return GD_OK;
}

static size_t calls_of(const gd_keras_layer *layer)
{
	size_t calls = json_array_size(json_object_get(layer->object, "inbound_nodes"));
	return layer->family->family == GD_FAMILY_INPUT ? 1 : calls;
}

static gd_status read_nodes(gd_keras *k, gd_keras_net *net, json_t *index)
{
	size_t total = 0;
	for (size_t i = 0; i < net->layer_count; i++)
		total += calls_of(&net->layers[i]);
	if (total > 4 * k->limits->max_layers)
		return gd_keras_fail(k, GD_E_LIMIT, "the model calls its layers %zu times; the limit is %zu", total, 4 * k->limits->max_layers);
	net->nodes = gd_keras_new(k, total, sizeof *net->nodes);
	if (!net->nodes)
		return k->status;
	for (size_t i = 0; i < net->layer_count; i++) {
		const gd_keras_layer *layer = &net->layers[i];
		json_t *inbound = json_object_get(layer->object, "inbound_nodes");
		net->first_node[i] = net->node_count;
		size_t calls = calls_of(layer);
		if (calls == 0)
			return gd_keras_fail(k, GD_E_INPUT, "layer %.100s is never called", layer->name);
		for (size_t c = 0; c < calls; c++) {
			gd_keras_node *node = &net->nodes[net->node_count++];
			node->layer = i;
			if (layer->family->family == GD_FAMILY_INPUT)
				continue;
			json_t *from = json_array_get(inbound, c);
			node->refs = collect(k, net, index, from, false, &node->ref_count);
			node->args = json_is_array(from) ? from : json_object_get(from, "args");
			node->keywords = keywords_of(from);
			if (!node->refs)
				return k->status;
		}
	}
	net->first_node[net->layer_count] = net->node_count;
	return GD_OK;
}

static gd_status check_refs(gd_keras *k, const gd_keras_net *net, const gd_keras_ref *refs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (refs[i].node >= net->first_node[refs[i].layer + 1] - net->first_node[refs[i].layer])
			return gd_keras_fail(k, GD_E_INPUT, "a tensor comes from call %zu of layer %.100s, which is called fewer times", refs[i].node,
				net->layers[refs[i].layer].name);
	return GD_OK;
}

static gd_status read_graph(gd_keras *k, gd_keras_net *net, json_t *config, json_t *index)
{
	if (read_nodes(k, net, index) != GD_OK)
		return k->status;
	net->inputs = collect(k, net, index, json_object_get(config, "input_layers"), true, &net->input_count);
	net->outputs = net->inputs ? collect(k, net, index, json_object_get(config, "output_layers"), true, &net->output_count) : NULL;
	if (k->status == GD_OK && (net->input_count == 0 || net->output_count == 0))
		return gd_keras_fail(k, GD_E_INPUT, "the model names no %s", net->input_count == 0 ? "input_layers" : "output_layers");
	for (size_t i = 0; k->status == GD_OK && i < net->node_count; i++)
		(void)check_refs(k, net, net->nodes[i].refs, net->nodes[i].ref_count);
	if (k->status == GD_OK && check_refs(k, net, net->inputs, net->input_count) == GD_OK)
		(void)check_refs(k, net, net->outputs, net->output_count);
	for (size_t i = 0; k->status == GD_OK && i < net->input_count; i++)
		if (net->layers[net->inputs[i].layer].family->family != GD_FAMILY_INPUT)
			(void)gd_keras_fail(k, GD_E_INPUT, "input %.100s is no InputLayer", net->layers[net->inputs[i].layer].name);
	return k->status;
}

gd_status gd_keras_inbound_read(gd_keras *k, gd_keras_net *net, json_t *config)
{
	net->first_node = gd_keras_new(k, net->layer_count + 1, sizeof *net->first_node);
	if (!net->first_node)
		return k->status;
	if (net->sequential)
		return chain(k, net);
	json_t *index = json_object();
	for (size_t i = 0; index && i < net->layer_count; i++)
		if (json_object_set_new(index, net->layers[i].own, json_integer((json_int_t)i)) != 0)
			(void)gd_keras_memory(k);
	if (index && k->status == GD_OK)
		(void)read_graph(k, net, config, index);
	json_decref(index);
	return index ? k->status : gd_keras_memory(k);
}
