#include "api/api.h"
#include "api/handles.h"
#include <stdlib.h>
#include <string.h>

/* bytes NULL: the file at path. */
static dlg_status open_model(const char *path, const void *bytes, size_t size, dlg_model **out, dlg_error *err)
{
	*out = NULL;
	gd_error inner = { 0 };
	dlg_model *made = calloc(1, sizeof *made);
	gd_status status = !made ? gd_fail_memory(&inner, "opening the model")
		: bytes              ? gd_model_open_bytes(path, (gd_bytes){ bytes, size }, NULL, &made->model, &inner)
							 : gd_model_open(path, NULL, &made->model, &inner);
	if (status == GD_OK)
		*out = made;
	else
		free(made);
	return api_pass(status, &inner, err);
}

dlg_status dlg_model_open(const char *path, dlg_model **out, dlg_error *err)
{
	if (!path || !*path || !out)
		return api_usage(err, "dlg_model_open needs a path and a place for the model");
	return open_model(path, NULL, 0, out, err);
}

dlg_status dlg_model_open_bytes(const char *name, const void *bytes, size_t size, dlg_model **out, dlg_error *err)
{
	if (!name || !*name || !bytes || size == 0 || !out)
		return api_usage(err, "dlg_model_open_bytes needs a name, the bytes of a model, and a place for the model");
	return open_model(name, bytes, size, out, err);
}

void dlg_model_free(dlg_model *model)
{
	if (!model)
		return;
	gd_model_close(model->model);
	free(model);
}

const char *dlg_model_path(const dlg_model *model)
{
	return model ? model->model->path : "";
}

const char *dlg_model_format(const dlg_model *model)
{
	return model ? gd_format_name(model->model->format) : "";
}

const char *dlg_model_producer(const dlg_model *model)
{
	return model && model->model->producer ? model->model->producer : "";
}

int64_t dlg_model_parameters(const dlg_model *model)
{
	return model ? model->model->parameters : 0;
}

size_t dlg_model_layer_count(const dlg_model *model)
{
	return model ? model->model->layer_count : 0;
}

size_t dlg_model_entry_count(const dlg_model *model)
{
	return model ? model->model->entry_count : 0;
}

size_t dlg_model_note_count(const dlg_model *model)
{
	return model ? model->model->note_count : 0;
}

const char *dlg_model_note(const dlg_model *model, size_t at)
{
	return model && at < model->model->note_count ? model->model->notes[at] : NULL;
}

static int64_t weights_of(const gd_layer *layer)
{
	int64_t total = 0;
	for (size_t i = 0; i < layer->weight_count; i++) {
		size_t count;
		if (gd_shape_count(&layer->weights[i].tensor.shape, 0, &count))
			total += (int64_t)count;
	}
	return total;
}

dlg_status dlg_model_layer(const dlg_model *model, size_t at, dlg_layer *out, dlg_error *err)
{
	if (!model || !out || at >= model->model->layer_count)
		return api_usage(err, "the model has no layer %zu", at);
	const gd_layer *layer = &model->model->layers[at];
	dlg_layer filled = {
		.name = layer->name,
		.kind = layer->kind,
		.family = gd_family_name(layer->family),
		.activation = layer->activation,
		.parameters = weights_of(layer),
		.rank = layer->shape.rank,
		.entry = layer->entry,
		.trainable = layer->trainable,
	};
	_Static_assert(sizeof filled.shape == sizeof layer->shape.dim, "shapes are copied whole");
	memcpy(filled.shape, layer->shape.dim, sizeof filled.shape);
	if (!api_fill(out, out->size, &filled, sizeof filled, offsetof(dlg_layer, trainable) + sizeof filled.trainable))
		return api_usage(err, "dlg_layer: set size to sizeof(dlg_layer)");
	return DLG_OK;
}

dlg_status dlg_model_entry(const dlg_model *model, size_t at, dlg_entry *out, dlg_error *err)
{
	if (!model || !out || at >= model->model->entry_count)
		return api_usage(err, "the model has no entry %zu", at);
	const gd_entry *entry = &model->model->entries[at];
	const gd_layer *head = &model->model->layers[entry->head];
	dlg_entry filled = {
		.name = head->name,
		.kind = head->kind,
		.layer = (size_t)entry->head,
		.member_count = entry->member_count,
		.units = entry->units,
		.is_output = entry->is_output,
	};
	if (!api_fill(out, out->size, &filled, sizeof filled, offsetof(dlg_entry, is_output) + sizeof filled.is_output))
		return api_usage(err, "dlg_entry: set size to sizeof(dlg_entry)");
	return DLG_OK;
}

int dlg_model_member(const dlg_model *model, size_t entry, size_t at)
{
	if (!model || entry >= model->model->entry_count || at >= model->model->entries[entry].member_count)
		return -1;
	return model->model->entries[entry].members[at];
}

static dlg_status render(const dlg_model *model, const char *format, const dlg_page *page, gd_text *text, dlg_error *err)
{
	bool json = strcmp(format, "json") == 0;
	if (!json && strcmp(format, "table") != 0)
		return api_usage(err, "a model can be written as table or json, not as \"%.40s\"", format);
	gd_error inner = { 0 };
	gd_page own = api_page(page);
	gd_status status = json ? gd_report_model_json(model->model, text, &inner) : gd_report_model_table(model->model, &own, text, &inner);
	return api_pass(status, &inner, err);
}

dlg_status dlg_model_write(const dlg_model *model, const char *format, const dlg_page *page, const char *path, dlg_error *err)
{
	if (!model || !format || !path)
		return api_usage(err, "dlg_model_write needs a model, a format and a path");
	gd_text text = { 0 };
	gd_error inner = { 0 };
	dlg_status status = render(model, format, page, &text, err);
	if (status == DLG_OK)
		status = api_pass(api_write(path, &text, &inner), &inner, err);
	gd_text_free(&text);
	return status;
}

dlg_status dlg_model_text(const dlg_model *model, const char *format, const dlg_page *page, char **out, size_t *length, dlg_error *err)
{
	if (!model || !format || !out)
		return api_usage(err, "dlg_model_text needs a model, a format and a place for the text");
	*out = NULL;
	gd_text text = { 0 };
	return api_give(render(model, format, page, &text, err), &text, out, length);
}

static int port(const gd_value *value, const char *name, dlg_port *out)
{
	dlg_port filled = { .name = name, .dtype = gd_type_name(value->type), .rank = value->shape.rank };
	for (int i = 0; i < value->shape.rank && i < DLG_MAX_RANK; i++)
		filled.shape[i] = value->shape.dim[i];
	return api_fill(out, out->size, &filled, sizeof filled, sizeof filled);
}

int dlg_model_input(const dlg_model *model, size_t at, dlg_port *out)
{
	return model && out && at < model->model->graph.input_count &&
		   port(&model->model->graph.inputs[at], gd_model_input_name(model->model, at), out);
}

int dlg_model_output(const dlg_model *model, size_t at, dlg_port *out)
{
	return model && out && at < model->model->graph.output_count &&
		   port(&model->model->graph.outputs[at], gd_model_output_name(model->model, at), out);
}

dlg_status dlg_model_choose_output(dlg_model *model, const char *name, dlg_error *err)
{
	if (!model || !name || !*name)
		return api_usage(err, "dlg_model_choose_output needs a model and the name of one of its outputs");
	gd_error inner = { 0 };
	return api_pass(gd_model_choose_output(model->model, name, &inner), &inner, err);
}
