/* From a .keras or .h5 file to a model: the texts and weights are found, then both go the same way. */
#include "base/archive.h"
#include "model/keras/row.h"
#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
	return strcmp(((const gd_value *)a)->name, ((const gd_value *)b)->name);
}

/* The graph's inputs, in the order of the model's, each a row of its own. */
static gd_flow *make_inputs(gd_keras *k, gd_keras_net *net)
{
	gd_flow *flows = gd_keras_new(k, net->input_count, sizeof *flows);
	for (size_t i = 0; flows && i < net->input_count && k->status == GD_OK; i++) {
		gd_keras_layer *layer = &net->layers[net->inputs[i].layer];
		gd_keras_call call = { .layer = layer };
		if (layer->row >= 0 && k->model->layers[layer->row].name)
			(void)gd_keras_fail(k, GD_E_INPUT, "input %.100s is named twice", layer->name);
		if (gd_keras_translate_inner(k, layer, &call) != GD_OK || gd_keras_row_called(k, layer, &call) != GD_OK)
			break;
		flows[i] = call.out[0];
	}
	return flows;
}

/* The layer whose output a value is; NULL when none. */
static gd_layer *row_of(gd_model *model, const char *value)
{
	for (size_t i = 0; i < model->layer_count; i++)
		if (model->layers[i].output && strcmp(model->layers[i].output, value) == 0)
			return &model->layers[i];
	return NULL;
}

static gd_status add_output(gd_keras *k, gd_flow flow)
{
	gd_layer *row = row_of(k->model, flow.name);
	bool again = row && row->family == GD_FAMILY_INPUT;
	for (size_t i = 0; i < k->model->graph.output_count; i++)
		again = again || strcmp(k->model->graph.outputs[i].name, flow.name) == 0;
	gd_flow out = gd_flow_plain(k, flow); /* the model's output is as Keras gives it */
	if (again)
		out.name = gd_put(k, "Identity", out.name);
	else if (row && flow.moved)
		gd_keras_row_output(k, row, &out);
	gd_value *value = k->status == GD_OK ? gd_builder_output(&k->builder) : NULL;
	gd_value *known = value && out.name != flow.name ? gd_builder_value(&k->builder) : value;
	if (!known)
		return gd_keras_memory(k);
	*value = (gd_value){ .name = out.name, .type = out.type, .shape = out.shape };
	*known = *value;
	return k->status;
}

static gd_status translate(gd_keras *k, gd_keras_net *net)
{
	gd_flow *out = NULL;
	size_t out_count = 0;
	k->builder.layer = -1;
	if (gd_keras_weights_find(k, net) != GD_OK || gd_keras_rows_make(k, net) != GD_OK)
		return k->status;
	gd_flow *in = make_inputs(k, net);
	if (k->status == GD_OK)
		(void)gd_keras_net_walk(k, net, in, net->input_count, &out, &out_count);
	for (size_t i = 0; i < out_count && k->status == GD_OK; i++)
		(void)add_output(k, out[i]);
	if (k->status == GD_OK && gd_keras_rows_close(k, net) == GD_OK && k->model->parameters > k->limits->max_parameters)
		return gd_keras_fail(k, GD_E_LIMIT, "the model has %lld parameters; the limit is %lld", (long long)k->model->parameters,
			(long long)k->limits->max_parameters);
	gd_graph *graph = &k->model->graph;
	if (graph->value_count)
		qsort(graph->values, graph->value_count, sizeof *graph->values, by_name);
	return k->status;
}

static gd_status read_training(gd_keras *k, json_t *root, const char *training)
{
	if (!training)
		return gd_keras_training_read(k, json_object_get(root, "compile_config"));
	json_t *compile = gd_keras_parse(k, "training_config", training, strlen(training));
	if (compile)
		(void)gd_keras_training_read(k, compile);
	json_decref(compile);
	return k->status;
}

gd_status gd_keras_read_config(gd_keras *k, const char *text, size_t size, const char *training)
{
	json_t *root = gd_keras_parse(k, "the model's configuration", text, size);
	k->names = json_object();
	k->moved = json_object();
	if (root && (!k->names || !k->moved))
		(void)gd_keras_memory(k);
	k->builder.arena = &k->model->arena;
	k->builder.graph = &k->model->graph;
	k->model->graph.opset = GD_KERAS_OPSET;
	gd_keras_net *net = root && k->status == GD_OK ? gd_keras_net_read(k, root, "") : NULL;
	if (net && translate(k, net) == GD_OK)
		(void)read_training(k, root, training);
	json_decref(k->moved);
	json_decref(k->names);
	json_decref(root);
	return k->status;
}

static gd_status set_producer(gd_keras *k, const char *version)
{
	k->version = version && version[0] >= '1' && version[0] <= '9' ? version[0] - '0' : 3;
	k->model->producer = version ? gd_arena_printf(&k->model->arena, "keras %.40s", version) : "keras";
	return k->model->producer ? GD_OK : gd_keras_memory(k);
}

static gd_status read_member(gd_keras *k, gd_archive *archive, const char *name, gd_bytes *out)
{
	const gd_archive_member *member = gd_archive_find(archive, name);
	if (!member)
		return gd_keras_fail(k, GD_E_INPUT, "has no %s, so it is no Keras 3 model", name);
	k->status = gd_archive_read(archive, member, &k->model->arena, &out->bytes, &out->size, k->err);
	return k->status;
}

/* Weights that Keras can also put elsewhere. */
static gd_status check_weights(gd_keras *k, const gd_archive *archive)
{
	static const char *const others[] = { "model.weights.npz", "model.weights.json" };
	if (gd_archive_find(archive, "model.weights.h5"))
		return GD_OK;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (gd_archive_find(archive, others[i]))
			return gd_keras_fail(k, GD_E_UNSUPPORTED, "stores weights as %s; dlguider reads model.weights.h5", others[i]);
	return GD_OK; /* reading it gives the message */
}

gd_status gd_keras_read_archive(gd_model *model, gd_bytes bytes, const gd_model_limits *limits, gd_error *err)
{
	gd_keras k = { .model = model, .limits = limits, .err = err, .weights = GD_WEIGHTS_BY_GROUP };
	gd_archive archive;
	gd_bytes config, weights, metadata = { 0 };
	gd_status status = gd_archive_open(bytes.bytes, bytes.size, &model->arena, &archive, err);
	if (status != GD_OK)
		return status;
	if (read_member(&k, &archive, "config.json", &config) != GD_OK || check_weights(&k, &archive) != GD_OK ||
		read_member(&k, &archive, "model.weights.h5", &weights) != GD_OK)
		return k.status;
	json_t *about = NULL;
	if (gd_archive_find(&archive, "metadata.json") && read_member(&k, &archive, "metadata.json", &metadata) == GD_OK)
		about = gd_keras_parse(&k, "metadata.json", metadata.bytes, metadata.size);
	(void)set_producer(&k, json_string_value(json_object_get(about, "keras_version")));
	json_decref(about);
	if (k.status == GD_OK)
		k.status = gd_h5_open(weights, &model->arena, &k.h5, err);
	return k.status == GD_OK ? gd_keras_read_config(&k, config.bytes, config.size, NULL) : k.status;
}

gd_status gd_keras_read_h5(gd_model *model, gd_bytes bytes, const gd_model_limits *limits, gd_error *err)
{
	gd_keras k = { .model = model, .limits = limits, .err = err, .weights = GD_WEIGHTS_BY_NAME };
	const char *config = NULL, *training = NULL, *version = NULL;
	gd_status status = gd_h5_open(bytes, &model->arena, &k.h5, err);
	gd_h5_object root = status == GD_OK ? gd_h5_root(k.h5) : 0;
	if (status == GD_OK)
		status = gd_h5_text(k.h5, root, "model_config", &config, err);
	if (status == GD_OK && !config)
		return gd_fail(err, GD_E_UNSUPPORTED, "holds weights but no model; save the whole model (model.save)");
	if (status == GD_OK)
		status = gd_h5_text(k.h5, root, "training_config", &training, err);
	if (status == GD_OK)
		status = gd_h5_text(k.h5, root, "keras_version", &version, err);
	if (status != GD_OK || set_producer(&k, version) != GD_OK)
		return status != GD_OK ? status : k.status;
	return gd_keras_read_config(&k, config, strlen(config), training);
}
