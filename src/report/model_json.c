/* dlguider.model/1: what `inspect` knows, for programs. */
#include "base/json_writer.h"
#include "report/report.h"

static void put_text(gd_json *json, const char *key, const char *value)
{
	gd_json_key(json, key);
	gd_json_string(json, value);
}

static void put_integer(gd_json *json, const char *key, int64_t value)
{
	gd_json_key(json, key);
	gd_json_integer(json, value);
}

/* Free dimensions are null; the whole shape is null when the rank is not known. */
static void put_shape(gd_json *json, const gd_shape *shape)
{
	gd_json_key(json, "shape");
	if (shape->rank < 0) {
		gd_json_null(json);
		return;
	}
	gd_json_array(json);
	for (int i = 0; i < shape->rank; i++) {
		if (shape->dim[i] < 0)
			gd_json_null(json);
		else
			gd_json_integer(json, shape->dim[i]);
	}
	gd_json_end(json, ']');
}

static void put_weights(gd_json *json, const gd_layer *layer)
{
	gd_json_key(json, "weights");
	gd_json_array(json);
	for (size_t i = 0; i < layer->weight_count; i++) {
		const gd_weight *weight = &layer->weights[i];
		gd_json_object(json);
		put_text(json, "name", weight->tensor.name);
		put_text(json, "part", weight->part ? weight->part : "");
		put_text(json, "type", gd_type_name(weight->tensor.type));
		put_shape(json, &weight->tensor.shape);
		gd_json_end(json, '}');
	}
	gd_json_end(json, ']');
}

static void put_settings(gd_json *json, const gd_layer *layer)
{
	gd_json_key(json, "settings");
	gd_json_object(json);
	for (size_t i = 0; i < layer->setting_count; i++) {
		const gd_setting *setting = &layer->settings[i];
		gd_json_key(json, setting->name);
		if (setting->text)
			gd_json_string(json, setting->text);
		else
			gd_json_number(json, setting->number);
	}
	gd_json_end(json, '}');
}

static void put_layer(gd_json *json, const gd_layer *layer)
{
	gd_json_object(json);
	put_text(json, "name", layer->name);
	put_text(json, "kind", layer->kind);
	put_text(json, "family", gd_family_name(layer->family));
	put_text(json, "activation", layer->activation);
	gd_json_key(json, "entry");
	if (layer->entry < 0)
		gd_json_null(json);
	else
		gd_json_integer(json, layer->entry);
	gd_json_key(json, "trainable");
	gd_json_bool(json, layer->trainable);
	put_shape(json, &layer->shape);
	put_weights(json, layer);
	put_settings(json, layer);
	gd_json_end(json, '}');
}

static void put_entry(gd_json *json, const gd_model *model, size_t at)
{
	const gd_entry *entry = &model->entries[at];
	gd_json_object(json);
	put_integer(json, "index", (int64_t)at);
	put_text(json, "name", model->layers[entry->head].name);
	put_text(json, "kind", model->layers[entry->head].kind);
	put_integer(json, "units", (int64_t)entry->units);
	gd_json_key(json, "output");
	gd_json_bool(json, entry->is_output);
	gd_json_key(json, "members");
	gd_json_array(json);
	for (size_t i = 0; i < entry->member_count; i++)
		gd_json_string(json, model->layers[entry->members[i]].name);
	gd_json_end(json, ']');
	gd_json_end(json, '}');
}

static void put_training(gd_json *json, const gd_training *training)
{
	gd_json_key(json, "training");
	gd_json_object(json);
	put_text(json, "loss", training->loss);
	gd_json_key(json, "from_logits");
	gd_json_bool(json, training->from_logits);
	put_text(json, "optimizer", training->optimizer);
	gd_json_key(json, "learning_rate");
	gd_json_number(json, training->learning_rate);
	gd_json_end(json, '}');
}

gd_status gd_report_model_json(const gd_model *model, gd_text *out, gd_error *err)
{
	gd_json json;
	gd_json_start(&json, out, true);
	gd_json_object(&json);
	put_text(&json, "schema", "dlguider.model/1");
	put_text(&json, "dlguider", DLGUIDER_VERSION);
	put_text(&json, "path", model->path);
	put_text(&json, "format", gd_format_name(model->format));
	put_text(&json, "producer", model->producer);
	put_integer(&json, "parameters", model->parameters);
	put_training(&json, &model->training);
	gd_json_key(&json, "layers");
	gd_json_array(&json);
	for (size_t i = 0; i < model->layer_count; i++)
		put_layer(&json, &model->layers[i]);
	gd_json_end(&json, ']');
	gd_json_key(&json, "entries");
	gd_json_array(&json);
	for (size_t i = 0; i < model->entry_count; i++)
		put_entry(&json, model, i);
	gd_json_end(&json, ']');
	gd_json_key(&json, "notes");
	gd_json_array(&json);
	for (size_t i = 0; i < model->note_count; i++)
		gd_json_string(&json, model->notes[i]);
	gd_json_end(&json, ']');
	gd_json_end(&json, '}');
	gd_text_put(out, "\n");
	return out->failed ? gd_fail_memory(err, "writing the JSON report") : GD_OK;
}
