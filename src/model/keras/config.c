/* The configuration of a model as layers: Sequential and Functional, of every age. */
#include "model/keras/keras.h"
#include "model/keras/op.h"
#include <stdio.h>
#include <string.h>

/* Classes of Keras itself; anything else is somebody's own code. */
static bool is_keras_module(const char *module)
{
	static const char *const known[] = { "keras", "tf_keras", "tensorflow.keras", "tensorflow.python.keras" };
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		size_t length = strlen(known[i]);
		if (strncmp(module, known[i], length) == 0 && (module[length] == 0 || module[length] == '.'))
			return true;
	}
	return false;
}

static const char *text_of(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static gd_status refuse(gd_keras *k, const char *name, json_t *object, const char *class_name)
{
	const char *registered = text_of(object, "registered_name"), *module = text_of(object, "module");
	for (size_t i = 0; gd_keras_refusal_at(i); i++)
		if (strcmp(gd_keras_refusal_at(i)->name, class_name) == 0)
			return gd_keras_fail(k, GD_E_UNSUPPORTED, "layer %.100s is a %s, %s; export the model to ONNX", name, class_name, gd_keras_refusal_at(i)->reason);
	if (module && strstr(module, ".ops"))
		return gd_keras_fail(k, GD_E_UNSUPPORTED, "%.100s is the operation %.60s.%.60s, which dlguider does not know; export the model to ONNX",
			name, module, class_name);
	return gd_keras_fail(k, GD_E_UNSUPPORTED, "layer %.100s has class %.100s, which dlguider does not know; export the model to ONNX", name,
		registered ? registered : class_name);
}

/* An .h5 leaves the module out: there, a layer like Add is called with a list, the operation of that name without. */
static bool is_operation(json_t *object, const char *module)
{
	json_t *first = json_array_get(json_object_get(json_array_get(json_object_get(object, "inbound_nodes"), 0), "args"), 0);
	if (module)
		return strstr(module, ".ops") != NULL;
	return first && !json_is_array(first) && gd_keras_op_find(text_of(object, "class_name"));
}

static const gd_keras_family *family_of(gd_keras *k, const char *name, json_t *object)
{
	const char *class_name = text_of(object, "class_name"), *module = text_of(object, "module");
	const char *registered = text_of(object, "registered_name");
	if (!class_name) {
		(void)gd_keras_fail(k, GD_E_INPUT, "layer %.100s does not say its class_name", name);
		return NULL;
	}
	bool foreign = (module && !is_keras_module(module)) || (registered && strchr(registered, '>'));
	const gd_keras_family *family = foreign ? NULL : is_operation(object, module) ? gd_keras_op_find(class_name) : gd_keras_family_find(class_name);
	if (!family && !foreign && (!module || strcmp(class_name, "TFOpLambda") == 0))
		family = gd_keras_op_find(class_name);
	if (!family)
		(void)refuse(k, name, object, class_name);
	return family;
}

static gd_status layer_read(gd_keras *k, gd_keras_layer *layer, json_t *object, const char *prefix);

/* Mixed and lower precisions are computed in float32; quantised weights would need their scales. */
static void check_policy(gd_keras *k, const gd_keras_layer *layer)
{
	json_t *policy = json_object_get(layer->config, "dtype");
	const char *class_name = text_of(policy, "class_name");
	if (class_name && strstr(class_name, "Quantized"))
		(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "layer %.100s has quantised weights (%.60s); save the model before quantising it", layer->name,
			class_name);
}

static bool make_room(gd_keras *k, gd_keras_layer *layer, size_t count)
{
	layer->inner = gd_keras_new(k, count, sizeof(gd_keras_layer *));
	layer->inner_path = gd_keras_new(k, count, sizeof *layer->inner_path);
	return layer->inner && layer->inner_path;
}

static void read_inner(gd_keras *k, gd_keras_layer *layer, json_t *object, const char *path)
{
	if (!json_is_object(object) || k->status != GD_OK)
		return;
	gd_keras_layer *inner = gd_keras_new(k, 1, sizeof *inner);
	char *prefix = gd_arena_printf(&k->model->arena, "%s/", layer->name);
	if (!inner || !prefix || layer_read(k, inner, object, prefix) != GD_OK)
		return;
	layer->inner_path[layer->inner_count] = path;
	layer->inner[layer->inner_count++] = inner;
}

/* In a .keras the cells of a list lie in groups named by their classes, counted anew. */
static void read_cells(gd_keras *k, gd_keras_layer *layer)
{
	json_t *cells = json_object_get(layer->config, "cells"), *cell;
	size_t i;
	if (json_array_size(cells) == 0 || json_array_size(cells) > k->limits->max_layers) {
		(void)gd_keras_fail(k, GD_E_INPUT, "layer %.100s lists no cells", layer->name);
		return;
	}
	if (!make_room(k, layer, json_array_size(cells)))
		return;
	json_array_foreach (cells, i, cell) {
		size_t before = 0;
		const char *class_name = text_of(cell, "class_name");
		for (size_t j = 0; class_name && j < layer->inner_count; j++)
			before += strcmp(layer->inner[j]->kind, class_name) == 0;
		char *path = class_name ? gd_keras_group_name(k, "cells/", class_name, before) : NULL;
		read_inner(k, layer, cell, path);
		if (layer->inner_count != i + 1)
			(void)gd_keras_fail(k, GD_E_INPUT, "layer %.100s: its cell %zu has no configuration", layer->name, i + 1);
		if (k->status != GD_OK)
			return;
	}
}

/* Keras 1 and 2 leave it out: the same layer the other way round. */
static void invent_backward(gd_keras *k, gd_keras_layer *layer)
{
	json_t *copy = json_deep_copy(json_object_get(layer->config, "layer")), *config = json_object_get(copy, "config");
	bool backwards = json_is_true(json_object_get(config, "go_backwards"));
	if (config && json_object_set_new(config, "go_backwards", json_boolean(!backwards)) == 0 &&
		json_object_set(layer->config, "backward_layer", copy) == 0) {
		json_decref(copy);
		return;
	}
	json_decref(copy);
	if (config)
		(void)gd_keras_memory(k);
}

/* Bidirectional has masked steps of a sequence give zeros, which Keras 2 does not write down. */
static void zero_masked(gd_keras *k, gd_keras_layer *inner)
{
	if (json_is_true(json_object_get(inner->config, "return_sequences")) && !json_object_get(inner->config, "zero_output_for_mask") &&
		json_object_set_new(inner->config, "zero_output_for_mask", json_true()) != 0)
		(void)gd_keras_memory(k);
}

static void read_wrapped(gd_keras *k, gd_keras_layer *layer)
{
	bool both = strcmp(layer->family->name, "Bidirectional") == 0, cell = strcmp(layer->family->name, "RNN") == 0;
	if (!make_room(k, layer, 2))
		return;
	read_inner(k, layer, json_object_get(layer->config, cell ? "cell" : "layer"), both ? "forward_layer" : cell ? "cell" : "layer");
	if (both && !json_object_get(layer->config, "backward_layer"))
		invent_backward(k, layer);
	if (both)
		read_inner(k, layer, json_object_get(layer->config, "backward_layer"), "backward_layer");
	for (size_t i = 0; both && i < layer->inner_count; i++)
		zero_masked(k, layer->inner[i]);
	if (!layer->inner_count)
		(void)gd_keras_fail(k, GD_E_INPUT, "layer %.100s is a %s of no layer", layer->name, layer->kind);
}

static gd_status layer_read(gd_keras *k, gd_keras_layer *layer, json_t *object, const char *prefix)
{
	json_t *config = json_object_get(object, "config");
	const char *name = text_of(config, "name");
	name = name ? name : text_of(object, "name");
	name = name && *name ? name : "(unnamed)";
	if (!json_is_object(object) || (config && !json_is_object(config) && !json_is_array(config)))
		return gd_keras_fail(k, GD_E_INPUT, "layer %.100s has no configuration", name);
	if (++k->layers > k->limits->max_layers)
		return gd_keras_fail(k, GD_E_LIMIT, "the model has over %zu layers, which is the limit", k->limits->max_layers);
	layer->own = gd_keras_text(k, name);
	layer->name = gd_arena_printf(&k->model->arena, "%s%s", prefix, name);
	if (!layer->own || !layer->name)
		return gd_keras_memory(k);
	layer->family = family_of(k, layer->name, object);
	if (!layer->family)
		return k->status;
	layer->kind = gd_keras_text(k, text_of(object, "class_name"));
	layer->object = object;
	layer->config = config ? config : object;
	layer->row = -1;
	layer->trainable = !json_is_false(json_object_get(config, "trainable"));
	check_policy(k, layer);
	if (layer->family->nesting == GD_KERAS_WRAPPER)
		read_wrapped(k, layer);
	if (layer->family->nesting == GD_KERAS_CELLS)
		read_cells(k, layer);
	if (layer->family->nesting == GD_KERAS_NET) {
		char *inside = gd_arena_printf(&k->model->arena, "%s/", layer->name);
		layer->net = inside ? gd_keras_net_read(k, object, inside) : NULL;
	}
	return k->status;
}

/* The input shape of a Sequential without InputLayer: its first layer's, or that of the model inside, or the one it was
 * built with. */
static json_t *first_shape(json_t *object)
{
	for (int level = 0; level < GD_KERAS_MAX_DEPTH && json_is_object(object); level++) {
		json_t *config = json_object_get(object, "config"), *layers = json_is_array(config) ? config : json_object_get(config, "layers");
		static const char *const keys[] = { "batch_shape", "batch_input_shape", "build_input_shape" };
		for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
			if (json_is_array(json_object_get(config, keys[i])))
				return json_object_get(config, keys[i]);
		json_t *built = json_object_get(json_object_get(object, "build_config"), "input_shape");
		if (json_is_array(built))
			return built;
		object = json_array_get(layers, 0);
	}
	return NULL;
}

static const char *first_type(json_t *first)
{
	json_t *config = json_object_get(first, "config");
	const char *class_name = text_of(first, "class_name"), *type = text_of(config, "dtype");
	return class_name && strcmp(class_name, "Embedding") != 0 && type ? type : "float32";
}

/* An InputLayer for a Sequential that has none; it becomes part of the JSON, so that it lives as long. */
static json_t *invent_input(gd_keras *k, json_t *object, json_t *layers)
{
	json_t *first = json_array_get(layers, 0), *shape = first_shape(object);
	const char *name = text_of(json_object_get(first, "config"), "name");
	if (!shape) {
		(void)gd_keras_fail(k, GD_E_INPUT, "the model does not say the shape of its input; build it (model.build) and save it again");
		return NULL;
	}
	char *full = gd_arena_printf(&k->model->arena, "%s_input", name ? name : "model");
	json_t *input = full ? json_pack("{s:s, s:{s:s, s:O, s:s}}", "class_name", "InputLayer", "config", "name", full, "batch_shape", shape,
							   "dtype", first_type(first)) : NULL;
	if (!input || json_object_set_new(object, "dlguider_input", input) != 0) {
		(void)gd_keras_memory(k);
		return NULL;
	}
	return input;
}

static bool is_input(json_t *object)
{
	const char *class_name = text_of(object, "class_name");
	return class_name && strcmp(class_name, "InputLayer") == 0;
}

static gd_status read_layers(gd_keras *k, gd_keras_net *net, json_t *layers, const char *prefix)
{
	json_t *input = NULL;
	if (net->sequential && !is_input(json_array_get(layers, 0)) && !(input = invent_input(k, net->object, layers)))
		return k->status;
	size_t listed = json_array_size(layers);
	if (listed > k->limits->max_layers)
		return gd_keras_fail(k, GD_E_LIMIT, "the model has %zu layers; the limit is %zu", listed, k->limits->max_layers);
	net->layers = gd_keras_new(k, listed + 1, sizeof *net->layers);
	if (!net->layers)
		return k->status;
	for (size_t i = input ? 0 : 1; i <= listed; i++) { /* 0 is the invented one */
		gd_keras_layer *layer = &net->layers[net->layer_count++];
		if (layer_read(k, layer, i ? json_array_get(layers, i - 1) : input, prefix) != GD_OK)
			return k->status;
		if (json_object_get(k->names, layer->name))
			return gd_keras_fail(k, GD_E_INPUT, "two layers are named %.100s", layer->name);
		if (json_object_set_new(k->names, layer->name, json_true()) != 0)
			return gd_keras_memory(k);
	}
	return GD_OK;
}

gd_keras_net *gd_keras_net_read(gd_keras *k, json_t *object, const char *prefix)
{
	const gd_keras_family *family = family_of(k, "of the model", object);
	json_t *config = json_object_get(object, "config"), *layers = json_is_array(config) ? config : json_object_get(config, "layers");
	if (!family)
		return NULL;
	if (family->nesting != GD_KERAS_NET || !json_is_array(layers) || json_array_size(layers) == 0) {
		(void)gd_keras_fail(k, GD_E_INPUT, "the model's configuration (%s) lists no layers", family->name);
		return NULL;
	}
	gd_keras_net *net = gd_keras_new(k, 1, sizeof *net);
	if (!net)
		return NULL;
	net->object = object;
	net->sequential = strcmp(family->name, "Sequential") == 0;
	if (read_layers(k, net, layers, prefix) != GD_OK || gd_keras_inbound_read(k, net, config) != GD_OK)
		return NULL;
	return net;
}
