/* dlguider.ranking/1: the whole ranking for programs. Its shape is promised in docs/ranking.schema.json. */
#include "base/json_writer.h"
#include "report/report.h"
#include <string.h>

static void put_model(gd_json *json, const gd_ranking *ranking)
{
	gd_json_put_object(json, "model");
	gd_json_put_string(json, "path", ranking->model_path);
	gd_json_put_string(json, "format", ranking->model_format);
	gd_json_put_string(json, "sha256", ranking->sha256);
	gd_json_put_integer(json, "parameters", ranking->parameters);
	gd_json_end(json, '}');
}

static void put_tests(gd_json *json, const gd_ranking *ranking)
{
	gd_json_put_object(json, "tests");
	gd_json_put_integer(json, "total", ranking->tests);
	gd_json_put_integer(json, "passed", ranking->passed);
	gd_json_put_integer(json, "failed", ranking->failed);
	gd_json_key(json, "accuracy");
	if (ranking->tests > 0)
		gd_json_number(json, (double)ranking->passed / (double)ranking->tests);
	else
		gd_json_null(json);
	gd_json_put_string(json, "task", ranking->task);
	if (ranking->class_count) {
		gd_json_put_array(json, "classes");
		for (size_t i = 0; i < ranking->class_count; i++)
			gd_json_string(json, ranking->classes[i]);
		gd_json_end(json, ']');
	}
	gd_json_end(json, '}');
}

static void put_method(gd_json *json, const gd_ranking *ranking)
{
	gd_json_put_object(json, "method");
	gd_json_put_string(json, "name", ranking->method);
	for (size_t i = 0; i < ranking->option_count; i++) {
		const gd_option_value *option = &ranking->options[i];
		if (option->text)
			gd_json_put_string(json, option->name, option->text);
		else
			gd_json_put_number(json, option->name, option->number);
	}
	gd_json_end(json, '}');
}

static void put_line(gd_json *json, const gd_line *line)
{
	gd_json_key(json, "line");
	if (line->line < 1) {
		gd_json_null(json);
		return;
	}
	gd_json_object(json);
	gd_json_put_string(json, "file", line->file);
	gd_json_put_integer(json, "line", line->line);
	gd_json_put_string(json, "text", line->text);
	if (line->column > 0 && line->end_line > 0 && line->end_column > 0) {
		gd_json_put_integer(json, "column", line->column);
		gd_json_put_integer(json, "end_line", line->end_line);
		gd_json_put_integer(json, "end_column", line->end_column);
	}
	gd_json_put_number(json, "confidence", line->confidence);
	gd_json_end(json, '}');
}

static void put_neurons(gd_json *json, const gd_ranked_entry *entry)
{
	gd_json_put_array(json, "neurons");
	for (size_t i = 0; i < entry->neuron_count; i++) {
		gd_json_object(json);
		gd_json_put_integer(json, "index", (int64_t)entry->neurons[i].index);
		gd_json_put_number(json, "score", entry->neurons[i].score);
		gd_json_end(json, '}');
	}
	gd_json_end(json, ']');
}

static void put_evidence(gd_json *json, const gd_ranked_entry *entry)
{
	gd_json_put_array(json, "evidence");
	for (size_t i = 0; i < entry->evidence_count; i++) {
		const gd_evidence_item *item = &entry->evidence[i];
		gd_json_object(json);
		gd_json_put_string(json, "id", item->id);
		gd_json_put_number(json, "term", item->term);
		gd_json_put_string(json, "message", item->message);
		gd_json_put_number(json, "value", item->value);
		gd_json_put_string(json, "mend", item->mend);
		gd_json_put_string(json, "member", item->member);
		put_line(json, &item->line);
		gd_json_end(json, '}');
	}
	gd_json_end(json, ']');
}

static void put_entry(gd_json *json, const gd_ranked_entry *entry, size_t rank)
{
	gd_json_object(json);
	gd_json_put_integer(json, "rank", (int64_t)rank);
	gd_json_put_integer(json, "index", entry->index);
	gd_json_put_string(json, "name", entry->name);
	gd_json_put_array(json, "members");
	for (size_t i = 0; i < entry->member_count; i++)
		gd_json_string(json, entry->members[i]);
	gd_json_end(json, ']');
	gd_json_put_string(json, "kind", entry->kind);
	gd_json_put_integer(json, "units", (int64_t)entry->units);
	gd_json_put_number(json, "score", entry->score);
	put_line(json, &entry->line);
	put_neurons(json, entry);
	put_evidence(json, entry);
	gd_json_end(json, '}');
}

gd_status gd_report_json(const gd_ranking *ranking, const gd_page *page, gd_text *out, gd_error *err)
{
	(void)page;
	gd_json json;
	gd_json_start(&json, out, true);
	gd_json_object(&json);
	gd_json_put_string(&json, "schema", "dlguider.ranking/1");
	gd_json_put_string(&json, "dlguider", DLGUIDER_VERSION);
	put_model(&json, ranking);
	put_tests(&json, ranking);
	put_method(&json, ranking);
	gd_json_put_string(&json, "verdict", ranking->verdict);
	gd_json_put_array(&json, "layers");
	for (size_t i = 0; i < ranking->layer_count; i++)
		put_entry(&json, &ranking->layers[i], i + 1);
	gd_json_end(&json, ']');
	gd_json_put_array(&json, "notes");
	for (size_t i = 0; i < ranking->note_count; i++)
		gd_json_string(&json, ranking->notes[i]);
	gd_json_end(&json, ']');
	gd_json_end(&json, '}');
	gd_text_put(out, "\n");
	return out->failed ? gd_fail_memory(err, "writing the JSON report") : GD_OK;
}
