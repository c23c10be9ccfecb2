#include "model/keras/row.h"
#include "model/keras/op.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool has_row(const gd_keras_layer *layer, bool top)
{
	return !layer->net && !gd_keras_op_is_mask(layer) && (top || layer->family->family != GD_FAMILY_INPUT);
}

static size_t count_rows(const gd_keras_net *net, bool top)
{
	size_t count = 0;
	for (size_t i = 0; i < net->layer_count; i++)
		count += net->layers[i].net ? count_rows(net->layers[i].net, false) : has_row(&net->layers[i], top);
	return count;
}

static void number(gd_keras *k, gd_keras_net *net, bool top)
{
	for (size_t i = 0; i < net->layer_count; i++) {
		gd_keras_layer *layer = &net->layers[i];
		if (layer->net)
			number(k, layer->net, false);
		else if (has_row(layer, top))
			layer->row = (int)k->model->layer_count++;
	}
}

gd_status gd_keras_rows_make(gd_keras *k, gd_keras_net *net)
{
	k->model->layers = gd_keras_new(k, count_rows(net, true), sizeof *k->model->layers);
	if (k->model->layers)
		number(k, net, true);
	return k->status;
}

static const gd_keras_layer *innermost(const gd_keras_layer *layer)
{
	return layer->inner_count && !layer->inner[0]->net ? innermost(layer->inner[0]) : layer;
}

/* Classes that are an activation by themselves. */
static const struct {
	const char *kind, *activation;
} activations[] = {
	{ "ReLU", "relu" }, { "LeakyReLU", "leaky_relu" }, { "PReLU", "prelu" }, { "ELU", "elu" }, { "Softmax", "softmax" },
	{ "ThresholdedReLU", "thresholded_relu" },
};

static const char *activation_of(gd_keras *k, const gd_keras_layer *layer)
{
	const gd_keras_layer *inside = innermost(layer);
	for (size_t i = 0; i < sizeof activations / sizeof activations[0]; i++)
		if (strcmp(activations[i].kind, inside->family->name) == 0)
			return activations[i].activation;
	json_t *value = json_object_get(inside->config, "activation");
	return value ? gd_keras_text(k, gd_keras_activation_name(value)) : NULL;
}

static void first_call(gd_keras *k, gd_keras_layer *layer, const gd_keras_call *call, gd_layer *row)
{
	bool transparent = layer->family->nesting == GD_KERAS_WRAPPER && layer->family->family == GD_FAMILY_OTHER; /* TimeDistributed and its like */
	const gd_keras_layer *inside = transparent ? innermost(layer) : layer;
	row->name = layer->name;
	row->kind = layer->kind;
	row->family = inside->family->family;
	row->is_entry = inside->inner_count && inside->inner[0]->net ? true : inside->family->is_entry;
	row->activation = activation_of(k, layer);
	row->trainable = layer->trainable;
	row->source_line = 0;
	row->entry = -1;
	row->inputs = gd_keras_new(k, call->in_count, sizeof *row->inputs);
	for (size_t i = 0; row->inputs && i < call->in_count; i++)
		if (call->in[i].type != GD_BOOL || call->in_count == 1) /* masks are no data */
			row->inputs[row->input_count++] = call->in[i].name;
}

void gd_keras_row_output(gd_keras *k, gd_layer *row, const gd_flow *flow)
{
	int last = flow->shape.rank - 1;
	row->output = flow->name;
	row->shape = flow->shape;
	row->channels_moved = flow->moved;
	row->channel_axis = flow->moved ? 1 : flow->channels > 0 && flow->channels != last ? flow->channels : -1;
	(void)k;
}

gd_status gd_keras_row_called(gd_keras *k, gd_keras_layer *layer, const gd_keras_call *call)
{
	if (layer->row < 0 || call->out_count == 0)
		return k->status;
	gd_layer *row = &k->model->layers[layer->row];
	if (!row->name)
		first_call(k, layer, call, row);
	gd_keras_row_output(k, row, &call->out[0]);
	return k->status;
}

typedef struct {
	gd_keras *k;
	gd_layer *row;
} filler;

static void add_setting(filler *f, const char *name, const char *text, double value)
{
	gd_setting *setting = &f->row->settings[f->row->setting_count++];
	setting->name = gd_keras_text(f->k, name);
	setting->text = text ? gd_keras_text(f->k, text) : NULL;
	setting->number = value;
}

/* "(2, 2)" for a short list of numbers; false for anything else. */
static bool list_text(const json_t *list, char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "(");
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *element = json_array_get(list, i);
		if (!json_is_number(element) || used + 40 > size)
			return false;
		used += (size_t)snprintf(text + used, size - used, "%s%.9g", i ? ", " : "", json_number_value(element));
	}
	(void)snprintf(text + used, size - used, json_array_size(list) == 1 ? ",)" : ")");
	return true;
}

/* Numbers among the arguments of an initializer, regularizer or constraint: "kernel_initializer.stddev". */
static void fill_arguments(filler *f, const char *name, json_t *arguments)
{
	const char *key;
	json_t *value;
	char full[160];
	json_object_foreach (arguments, key, value)
		if (json_is_number(value) && snprintf(full, sizeof full, "%s.%s", name, key) < (int)sizeof full)
			add_setting(f, full, NULL, json_number_value(value));
}

static void fill_setting(filler *f, const char *name, json_t *value)
{
	char text[256];
	const char *class_name = json_string_value(json_object_get(value, "class_name"));
	if (strcmp(name, "name") == 0 || strcmp(name, "trainable") == 0)
		return;
	if (json_is_string(value))
		add_setting(f, name, json_string_value(value), 0);
	else if (json_is_number(value))
		add_setting(f, name, NULL, json_number_value(value));
	else if (json_is_boolean(value))
		add_setting(f, name, NULL, json_is_true(value));
	else if (class_name) {
		add_setting(f, name, class_name, 0);
		fill_arguments(f, name, json_object_get(value, "config"));
	} else if (json_is_array(value) && list_text(value, text, sizeof text))
		add_setting(f, name, text, 0);
}

/* Settings that a configuration can become at most. */
static size_t settings_of(json_t *config)
{
	const char *key;
	json_t *value;
	size_t count = json_object_size(config);
	json_object_foreach (config, key, value)
		count += json_object_size(json_object_get(value, "config"));
	return count;
}

static void fill_settings(filler *f, const gd_keras_layer *layer)
{
	const char *key;
	json_t *value;
	const gd_keras_layer *inside = innermost(layer);
	size_t room = settings_of(layer->config) + (inside != layer ? settings_of(inside->config) : 0);
	f->row->settings = gd_keras_new(f->k, room, sizeof *f->row->settings);
	if (!f->row->settings)
		return;
	json_object_foreach (layer->config, key, value)
		fill_setting(f, key, value);
	if (inside != layer)
		json_object_foreach (inside->config, key, value)
			if (!json_object_get(layer->config, key))
				fill_setting(f, key, value);
}

static size_t count_slots(const gd_keras_layer *layer)
{
	size_t count = layer->slot_count;
	for (size_t i = 0; i < layer->inner_count; i++)
		count += count_slots(layer->inner[i]);
	for (size_t i = 0; layer->net && i < layer->net->layer_count; i++)
		count += count_slots(&layer->net->layers[i]);
	return count;
}

static void fill_weights(filler *f, const gd_keras_layer *layer, const char *part)
{
	for (size_t i = 0; i < layer->slot_count; i++) {
		const gd_keras_slot *slot = &layer->slots[i];
		if (!slot->tensor.data)
			continue;
		gd_weight *weight = &f->row->weights[f->row->weight_count++];
		*weight = (gd_weight){ .role = slot->spec->role, .order = GD_UNITS_LAST, .part = *part ? part : slot->spec->part, .tensor = slot->tensor,
			.initializer = slot->initializer, .permutation = slot->permutation };
		size_t count = 0;
		if (gd_shape_count(&slot->tensor.shape, 0, &count))
			f->k->model->parameters += (int64_t)count;
	}
	bool both = strcmp(layer->family->name, "Bidirectional") == 0, many = layer->inner_count > 1;
	for (size_t i = 0; i < layer->inner_count; i++)
		fill_weights(f, layer->inner[i], both ? (i ? "backward" : "forward") : many ? layer->inner[i]->own : part);
	for (size_t i = 0; layer->net && i < layer->net->layer_count; i++)
		fill_weights(f, &layer->net->layers[i], layer->net->layers[i].own);
}

gd_status gd_keras_rows_close(gd_keras *k, gd_keras_net *net)
{
	for (size_t i = 0; i < net->layer_count && k->status == GD_OK; i++) {
		gd_keras_layer *layer = &net->layers[i];
		if (layer->net)
			(void)gd_keras_rows_close(k, layer->net);
		if (layer->row < 0)
			continue;
		filler f = { k, &k->model->layers[layer->row] };
		if (!f.row->name)
			return gd_keras_fail(k, GD_E_INPUT, "layer %.100s is never called", layer->name);
		f.row->weights = gd_keras_new(k, count_slots(layer), sizeof *f.row->weights);
		if (f.row->weights)
			fill_weights(&f, layer, "");
		fill_settings(&f, layer);
	}
	return k->status;
}
