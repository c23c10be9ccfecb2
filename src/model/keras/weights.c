/* The arrays of every layer: in a .keras by the group whose variables bear the layer's name, in an .h5 by the group of
 * that name, where trained weights come before fixed ones. */
#include "model/keras/keras.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As gd_keras_flag takes flags: old files have 0 and 1. */
static bool is_flag(const json_t *value, bool wanted)
{
	return wanted ? json_is_true(value) || json_integer_value(value) == 1 :
					json_is_false(value) || (json_is_integer(value) && json_integer_value(value) == 0);
}

static bool holds(const gd_keras *k, const gd_keras_layer *layer, const char *condition)
{
	char text[64];
	(void)snprintf(text, sizeof text, "%s", condition);
	char *other = strchr(text, '|'), *word = strchr(text, '=');
	if (strcmp(text, "@h5") == 0)
		return k->weights == GD_WEIGHTS_BY_NAME;
	if (other)
		*other++ = 0;
	if (word)
		*word++ = 0;
	json_t *value = gd_keras_get(layer, strchr("!-+", text[0]) ? text + 1 : text);
	if (word)
		return json_is_string(value) && strcmp(json_string_value(value), word) == 0;
	if (text[0] == '+')
		return value && !is_flag(value, false);
	if (text[0] == '-')
		return !value;
	if (text[0] == '!')
		return !value || is_flag(value, false);
	return !is_flag(value, false) || (other && is_flag(gd_keras_get(layer, other), true));
}

static bool wanted(const gd_keras *k, const gd_keras_layer *layer, const gd_keras_spec *spec)
{
	const char *at = spec->condition;
	at = at ? at + strspn(at, " ") : NULL;
	while (at && *at) {
		char one[64];
		size_t length = strcspn(at, " ");
		(void)snprintf(one, sizeof one, "%.*s", (int)length, at);
		if (!holds(k, layer, one))
			return false;
		at += length + strspn(at + length, " ");
	}
	return true;
}

/* A place for each array that the layer must have, by its configuration. */
static void make_slots(gd_keras *k, gd_keras_layer *layer)
{
	const gd_keras_spec *spec = layer->family->specs;
	size_t count = 0;
	for (size_t i = 0; spec && spec[i].name; i++)
		count++;
	layer->slots = gd_keras_new(k, count, sizeof *layer->slots);
	for (size_t i = 0; i < count && layer->slots; i++)
		if (wanted(k, layer, &spec[i]))
			layer->slots[layer->slot_count++].spec = &spec[i];
	for (size_t i = 0; i < layer->inner_count; i++)
		make_slots(k, layer->inner[i]);
	for (size_t i = 0; layer->net && i < layer->net->layer_count; i++)
		make_slots(k, &layer->net->layers[i]);
}

static gd_status missing(gd_keras *k, const gd_keras_layer *layer, const gd_keras_spec *spec)
{
	return gd_keras_fail(k, GD_E_INPUT, "layer %.100s has no %s%s%s in the file", layer->name, spec->part, *spec->part ? " " : "", spec->name);
}

static gd_h5_object find(gd_keras *k, gd_h5_object group, const char *path)
{
	gd_h5_object found = 0;
	if (k->status == GD_OK && group && gd_h5_find(k->h5, group, path, &found, k->err) != GD_OK)
		k->status = k->err ? k->err->status : GD_E_INPUT;
	return k->status == GD_OK ? found : 0;
}

static void take(gd_keras *k, gd_keras_slot *slot, gd_h5_object dataset)
{
	if (k->status == GD_OK && gd_h5_tensor(k->h5, dataset, slot->spec->name, &slot->tensor, k->err) != GD_OK)
		k->status = k->err ? k->err->status : GD_E_INPUT;
	slot->tensor.name = slot->spec->name;
}

/* The arrays of one path are numbered in the order of the specs. */
static void find_slots(gd_keras *k, gd_keras_layer *layer, gd_h5_object group)
{
	for (size_t i = 0; i < layer->slot_count && k->status == GD_OK; i++) {
		gd_keras_slot *slot = &layer->slots[i];
		size_t at = 0;
		for (size_t j = 0; j < i; j++)
			at += strcmp(layer->slots[j].spec->path, slot->spec->path) == 0;
		char path[128]; /* behind a '_' for the name without: Keras 2 has _query_dense */
		(void)snprintf(path, sizeof path, "_%s%svars/%zu", slot->spec->path, *slot->spec->path ? "/" : "", at);
		gd_h5_object dataset = find(k, group, path + 1);
		if (!dataset && *slot->spec->path)
			dataset = find(k, group, path);
		if (dataset)
			take(k, slot, dataset);
		else if (k->status == GD_OK)
			(void)missing(k, layer, slot->spec);
	}
}

static void find_in_groups(gd_keras *k, const gd_keras_net *net, gd_h5_object model);

static void find_in_group(gd_keras *k, gd_keras_layer *layer, gd_h5_object group)
{
	find_slots(k, layer, group);
	for (size_t i = 0; i < layer->inner_count && k->status == GD_OK; i++)
		find_in_group(k, layer->inner[i], find(k, group, layer->inner_path[i]));
	if (layer->net)
		find_in_groups(k, layer->net, group);
}

static bool needs_any(const gd_keras_layer *layer)
{
	bool any = layer->slot_count > 0 || layer->net;
	for (size_t i = 0; i < layer->inner_count && !any; i++)
		any = needs_any(layer->inner[i]);
	return any;
}

/* "Conv2D" to "conv2d", "LSTM" to "lstm", "MultiHeadAttention" to "multi_head_attention": Keras's names of groups. */
static void snake(const char *name, char *out, size_t size)
{
	size_t to = 0;
	for (size_t i = 0; name[i] && to + 3 < size; i++) {
		bool upper = isupper((unsigned char)name[i]), after = i > 0 && name[i - 1] != '_';
		bool word = i > 0 && islower((unsigned char)name[i + 1]) && upper;
		bool lower_before = i > 0 && islower((unsigned char)name[i - 1]);
		if (after && ((word && name[i + 1]) || (upper && lower_before)))
			out[to++] = '_';
		out[to++] = (char)tolower((unsigned char)name[i]);
	}
	out[to] = 0;
}

char *gd_keras_group_name(gd_keras *k, const char *folder, const char *class_name, size_t before)
{
	char group[160];
	snake(class_name, group, sizeof group);
	gd_arena *arena = &k->model->arena;
	char *name = before ? gd_arena_printf(arena, "%s%s_%zu", folder, group, before) : gd_arena_printf(arena, "%s%s", folder, group);
	if (!name)
		(void)gd_keras_memory(k);
	return name;
}

typedef struct {
	gd_h5_object *groups;
	json_t *by_name; /* attribute name -> place in groups */
	gd_h5_object layers;
} directory;

/* Which group bears which layer's name. */
static void read_directory(gd_keras *k, gd_h5_object model, directory *d)
{
	const char *const *names = NULL;
	size_t count = 0;
	d->layers = find(k, model, "layers");
	if (!d->layers)
		d->layers = find(k, model, "_layer_checkpoint_dependencies"); /* Keras 2.12's */
	d->by_name = json_object();
	if (!d->layers || k->status != GD_OK)
		return;
	if (gd_h5_members(k->h5, d->layers, &names, &count, k->err) != GD_OK) {
		k->status = k->err ? k->err->status : GD_E_INPUT;
		return;
	}
	d->groups = gd_keras_new(k, count, sizeof *d->groups);
	for (size_t i = 0; d->groups && i < count && k->status == GD_OK; i++) {
		d->groups[i] = find(k, d->layers, names[i]);
		gd_h5_object variables = find(k, d->groups[i], "vars");
		const char *name = NULL;
		if (variables && gd_h5_text(k->h5, variables, "name", &name, k->err) != GD_OK)
			k->status = k->err ? k->err->status : GD_E_INPUT;
		if (name && json_object_set_new(d->by_name, name, json_integer((json_int_t)i)) != 0)
			(void)gd_keras_memory(k);
	}
}

/* Files without names on their groups: counted anew for each class, in the order of the layers. */
static gd_h5_object by_class(gd_keras *k, const directory *d, const gd_keras_net *net, size_t at)
{
	size_t before = 0;
	for (size_t i = 0; i < at; i++)
		before += strcmp(net->layers[i].kind, net->layers[at].kind) == 0;
	return find(k, d->layers, gd_keras_group_name(k, "", net->layers[at].kind, before));
}

static void find_in_groups(gd_keras *k, const gd_keras_net *net, gd_h5_object model)
{
	directory d = { 0 };
	read_directory(k, model, &d);
	for (size_t i = 0; i < net->layer_count && k->status == GD_OK; i++) {
		gd_keras_layer *layer = &net->layers[i];
		if (!needs_any(layer))
			continue;
		json_t *at = json_object_get(d.by_name, layer->own);
		gd_h5_object group = at ? d.groups[json_integer_value(at)] : json_object_size(d.by_name) ? 0 : by_class(k, &d, net, i);
		if (group)
			find_in_group(k, layer, group);
		else if (layer->slot_count || !layer->net)
			(void)gd_keras_fail(k, GD_E_INPUT, "layer %.100s has no weights in the file", layer->name);
	}
	json_decref(d.by_name);
}

typedef struct {
	gd_keras_slot **slots;
	size_t count;
} slot_list;

static void list_slots(gd_keras_layer *layer, bool fixed, slot_list *list)
{
	for (size_t i = 0; i < layer->slot_count; i++)
		if ((layer->slots[i].spec->fixed || !layer->trainable) == fixed) {
			if (list->slots)
				list->slots[list->count] = &layer->slots[i];
			list->count++;
		}
	for (size_t i = 0; i < layer->inner_count; i++)
		list_slots(layer->inner[i], fixed, list);
	for (size_t i = 0; layer->net && i < layer->net->layer_count; i++)
		list_slots(&layer->net->layers[i], fixed, list);
}

static void find_named(gd_keras *k, gd_keras_layer *layer, gd_h5_object weights)
{
	slot_list list = { 0 };
	list_slots(layer, false, &list);
	list_slots(layer, true, &list);
	if (list.count == 0)
		return;
	list.slots = gd_keras_new(k, list.count, sizeof *list.slots);
	list.count = 0;
	if (!list.slots)
		return;
	list_slots(layer, false, &list);
	list_slots(layer, true, &list);
	const char *const *names = NULL;
	size_t count = 0;
	gd_h5_object group = find(k, weights, layer->own);
	if (group && gd_h5_texts(k->h5, group, "weight_names", &names, &count, k->err) != GD_OK)
		k->status = k->err ? k->err->status : GD_E_INPUT;
	if (k->status == GD_OK && count == 0)
		(void)gd_keras_fail(k, GD_E_INPUT, "layer %.100s has no weights in the file", layer->name);
	if (k->status == GD_OK && count != list.count)
		(void)gd_keras_fail(k, GD_E_INPUT, "layer %.100s has %zu weights in the file, its configuration asks for %zu", layer->name, count,
			list.count);
	for (size_t i = 0; i < list.count && k->status == GD_OK; i++) {
		gd_h5_object dataset = find(k, group, names[i]);
		if (dataset)
			take(k, list.slots[i], dataset);
		else
			(void)missing(k, layer, list.slots[i]->spec);
	}
}

gd_status gd_keras_weights_find(gd_keras *k, gd_keras_net *net)
{
	for (size_t i = 0; i < net->layer_count; i++)
		make_slots(k, &net->layers[i]);
	if (k->weights == GD_WEIGHTS_BY_GROUP && k->status == GD_OK)
		find_in_groups(k, net, gd_h5_root(k->h5));
	if (k->weights != GD_WEIGHTS_BY_NAME || k->status != GD_OK)
		return k->status;
	gd_h5_object weights = find(k, gd_h5_root(k->h5), "model_weights");
	if (!weights && k->status == GD_OK)
		return gd_keras_fail(k, GD_E_INPUT, "holds a model but no weights (no group model_weights); save the whole model (model.save)");
	for (size_t i = 0; i < net->layer_count && k->status == GD_OK; i++)
		find_named(k, &net->layers[i], weights);
	return k->status;
}
