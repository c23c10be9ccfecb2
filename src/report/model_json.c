/* dlguider.model/1: what `inspect` knows, for programs. */
#include "base/json_writer.h"
#include "report/report.h"

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
	gd_json_put_array(json, "weights");
	for (size_t i = 0; i < layer->weight_count; i++) {
		const gd_weight *weight = &layer->weights[i];
		gd_json_object(json);
		gd_json_put_string(json, "name", weight->tensor.name);
		gd_json_put_string(json, "part", weight->part ? weight->part : "");
		gd_json_put_string(json, "type", gd_type_name(weight->tensor.type));
		put_shape(json, &weight->tensor.shape);
		gd_json_end(json, '}');
	}
	gd_json_end(json, ']');
}

static void put_settings(gd_json *json, const gd_layer *layer)
{
	gd_json_put_object(json, "settings");
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
	gd_json_put_string(json, "name", layer->name);
	gd_json_put_string(json, "kind", layer->kind);
	gd_json_put_string(json, "family", gd_family_name(layer->family));
	gd_json_put_string(json, "activation", layer->activation);
	gd_json_key(json, "entry");
	if (layer->entry < 0)
		gd_json_null(json);
	else
		gd_json_integer(json, layer->entry);
	gd_json_put_bool(json, "trainable", layer->trainable);
	put_shape(json, &layer->shape);
	put_weights(json, layer);
	put_settings(json, layer);
	gd_json_end(json, '}');
}

static void put_entry(gd_json *json, const gd_model *model, size_t at)
{
	const gd_entry *entry = &model->entries[at];
	gd_json_object(json);
	gd_json_put_integer(json, "index", (int64_t)at);
	gd_json_put_string(json, "name", model->layers[entry->head].name);
	gd_json_put_string(json, "kind", model->layers[entry->head].kind);
	gd_json_put_integer(json, "units", (int64_t)entry->units);
	gd_json_put_bool(json, "output", entry->is_output);
	gd_json_put_array(json, "members");
	for (size_t i = 0; i < entry->member_count; i++)
		gd_json_string(json, model->layers[entry->members[i]].name);
	gd_json_end(json, ']');
	gd_json_end(json, '}');
}

static void put_port(gd_json *json, const gd_value *value, const char *name)
{
	gd_json_object(json);
	gd_json_put_string(json, "name", name);
	gd_json_put_string(json, "type", gd_type_name(value->type));
	put_shape(json, &value->shape);
	gd_json_end(json, '}');
}

static void put_ports(gd_json *json, const gd_model *model)
{
	gd_json_put_array(json, "inputs");
	for (size_t i = 0; i < model->graph.input_count; i++)
		put_port(json, &model->graph.inputs[i], gd_model_input_name(model, i));
	gd_json_end(json, ']');
	gd_json_put_array(json, "outputs");
	for (size_t i = 0; i < model->graph.output_count; i++)
		put_port(json, &model->graph.outputs[i], gd_model_output_name(model, i));
	gd_json_end(json, ']');
}

static void put_training(gd_json *json, const gd_training *training)
{
	gd_json_put_object(json, "training");
	gd_json_put_string(json, "loss", training->loss);
	gd_json_put_bool(json, "from_logits", training->from_logits);
	gd_json_put_string(json, "optimizer", training->optimizer);
	gd_json_put_number(json, "learning_rate", training->learning_rate);
	gd_json_end(json, '}');
}

gd_status gd_report_model_json(const gd_model *model, gd_text *out, gd_error *err)
{
	gd_json json;
	gd_json_start(&json, out, true);
	gd_json_object(&json);
	gd_json_put_string(&json, "schema", "dlguider.model/1");
	gd_json_put_string(&json, "dlguider", DLGUIDER_VERSION);
	gd_json_put_string(&json, "path", model->path);
	gd_json_put_string(&json, "format", gd_format_name(model->format));
	gd_json_put_string(&json, "producer", model->producer);
	gd_json_put_integer(&json, "parameters", model->parameters);
	put_ports(&json, model);
	put_training(&json, &model->training);
	gd_json_put_array(&json, "layers");
	for (size_t i = 0; i < model->layer_count; i++)
		put_layer(&json, &model->layers[i]);
	gd_json_end(&json, ']');
	gd_json_put_array(&json, "entries");
	for (size_t i = 0; i < model->entry_count; i++)
		put_entry(&json, model, i);
	gd_json_end(&json, ']');
	gd_json_put_array(&json, "notes");
	for (size_t i = 0; i < model->note_count; i++)
		gd_json_string(&json, model->notes[i]);
	gd_json_end(&json, ']');
	gd_json_end(&json, '}');
	gd_text_put(out, "\n");
	return out->failed ? gd_fail_memory(err, "writing the JSON report") : GD_OK;
}
