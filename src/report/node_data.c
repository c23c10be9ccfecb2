/* Node data of Model Explorer: the score as the colour of every layer of the graph. Keys are names of tensors as the ONNX
 * file has them (its nodes are told by what they put out); of Keras models, and without a model, the layers' names. */
#include "base/json_writer.h"
#include "report/report.h"
#include <math.h>
#include <string.h>

static void put_stop(gd_json *json, double stop, const char *background, const char *text)
{
	gd_json_object(json);
	gd_json_put_number(json, "stop", stop);
	gd_json_put_string(json, "bgColor", background);
	gd_json_put_string(json, "textColor", text);
	gd_json_end(json, '}');
}

/* Members may pass a value on under the same name. */
static bool is_first(const char *const *keys, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (keys[i] && strcmp(keys[i], keys[at]) == 0)
			return false;
	return true;
}

static void put_entry(gd_json *json, const gd_ranked_entry *entry, bool by_tensor)
{
	const char *const *keys = by_tensor ? entry->outputs : entry->members;
	for (size_t i = 0; i < entry->member_count; i++) {
		if (!keys[i] || !is_first(keys, i))
			continue;
		gd_json_put_object(json, keys[i]);
		gd_json_put_number(json, "value", entry->score);
		gd_json_end(json, '}');
	}
}

gd_status gd_report_node_data(const gd_ranking *ranking, const gd_page *page, gd_text *out, gd_error *err)
{
	(void)page;
	gd_json json;
	gd_json_start(&json, out, true);
	gd_json_object(&json);
	gd_json_put_string(&json, "name", "dlguider score");
	gd_json_put_object(&json, "results");
	for (size_t i = 0; i < ranking->layer_count; i++)
		if (isfinite(ranking->layers[i].score))
			put_entry(&json, &ranking->layers[i], ranking->layers[i].outputs && strcmp(ranking->model_format, "onnx") == 0);
	gd_json_end(&json, '}');
	gd_json_put_array(&json, "gradient");
	put_stop(&json, 0, "#f6f5f1", "#1c2129");
	put_stop(&json, 0.5, "#f0a878", "#1c2129");
	put_stop(&json, 1, "#c2410c", "#ffffff");
	gd_json_end(&json, ']');
	gd_json_end(&json, '}');
	gd_text_put(out, "\n");
	return out->failed ? gd_fail_memory(err, "writing the node data") : GD_OK;
}
