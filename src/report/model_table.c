/* `inspect` for people: one row a layer, members of an entry indented below it. */
#include "report/layout.h"
#include <stdio.h>
#include <string.h>

typedef struct {
	size_t name, kind, shape, activation;
} columns;

static size_t most(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t at_most(size_t value, size_t limit)
{
	return value < limit ? value : limit;
}

/* "(64)": without the batch. */
static void shape_text(const gd_shape *shape, char *buffer, size_t size)
{
	if (shape->rank < 0) {
		snprintf(buffer, size, "?");
		return;
	}
	int at = snprintf(buffer, size, "(");
	for (int i = 1; i < shape->rank && i < GD_MAX_RANK; i++) {
		const char *comma = i > 1 ? ", " : "";
		at += shape->dim[i] < 0 ? snprintf(buffer + at, size - (size_t)at, "%s?", comma)
		                        : snprintf(buffer + at, size - (size_t)at, "%s%lld", comma, (long long)shape->dim[i]);
	}
	snprintf(buffer + at, size - (size_t)at, ")");
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

static bool is_head(const gd_model *model, size_t at)
{
	int entry = model->layers[at].entry;
	return entry >= 0 && (size_t)entry < model->entry_count && model->entries[entry].head == (int)at;
}

static columns measure(const gd_model *model, const gd_page *page)
{
	columns c = { .name = 5, .kind = 4, .shape = 9, .activation = 10 };
	for (size_t i = 0; i < model->layer_count; i++) {
		const gd_layer *layer = &model->layers[i];
		char shape[240];
		shape_text(&layer->shape, shape, sizeof shape);
		c.name = most(c.name, gd_layout_width(layer->name) + (is_head(model, i) ? 0 : 2));
		c.kind = most(c.kind, gd_layout_width(layer->kind));
		c.shape = most(c.shape, strlen(shape));
	}
	c.name = at_most(c.name, page->width / 3);
	c.kind = at_most(c.kind, 20);
	c.shape = at_most(c.shape, 20);
	return c;
}

static void put_row(gd_text *out, const gd_page *page, const columns *c, const gd_model *model, size_t at)
{
	const gd_layer *layer = &model->layers[at];
	bool head = is_head(model, at);
	char shape[240], number[32];
	if (head)
		gd_text_printf(out, "%4d ", layer->entry);
	else
		gd_text_put(out, layer->entry < 0 ? "   - " : "       ");
	size_t indent = head || layer->entry < 0 ? 0 : 2;
	gd_layout_cell(out, page, layer->name, c->name - indent, false, head ? GD_BOLD : GD_PLAIN);
	gd_text_put(out, "  ");
	gd_layout_cell(out, page, layer->kind, c->kind, false, GD_PLAIN);
	gd_text_put(out, "  ");
	shape_text(&layer->shape, shape, sizeof shape);
	gd_layout_cell(out, page, shape, c->shape, false, GD_PLAIN);
	int64_t weights = weights_of(layer);
	gd_text_printf(out, " %12s  ", layer->weight_count ? gd_layout_grouped(weights, number) : "-");
	gd_layout_cell(out, page, layer->activation ? layer->activation : "-", c->activation, false, GD_PLAIN);
	if (!layer->trainable && layer->weight_count)
		gd_text_put(out, " frozen");
	while (out->length && out->bytes[out->length - 1] == ' ')
		out->bytes[--out->length] = 0;
	gd_text_put(out, "\n");
}

static void put_training(gd_text *out, const gd_page *page, const gd_training *training)
{
	if (!training->loss && !training->optimizer)
		return;
	char sentence[500];
	int at = snprintf(sentence, sizeof sentence, "loss %s%s", training->loss ? training->loss : "not given",
		training->from_logits ? " from logits" : "");
	if (at > 0 && at < 300 && training->optimizer)
		at += snprintf(sentence + at, sizeof sentence - (size_t)at, ", optimizer %.100s", training->optimizer);
	if (at > 0 && at < 450 && training->optimizer && training->learning_rate >= 0)
		snprintf(sentence + at, sizeof sentence - (size_t)at, " at %.4g", training->learning_rate);
	gd_layout_wrap(out, page, "", 2, sentence, GD_PLAIN);
}

static void put_port(gd_text *line, const gd_value *value, const char *name, bool first)
{
	char shape[240];
	shape_text(&value->shape, shape, sizeof shape);
	gd_text_printf(line, "%s%s %s %s", first ? "" : ", ", name, shape, gd_type_name(value->type));
}

/* What --inputs and --output can name, where there is a choice. */
static void put_ports(gd_text *out, const gd_page *page, const gd_model *model)
{
	const gd_graph *graph = &model->graph;
	gd_text inputs = { 0 }, outputs = { 0 };
	for (size_t i = 0; graph->input_count > 1 && i < graph->input_count; i++)
		put_port(&inputs, &graph->inputs[i], gd_model_input_name(model, i), i == 0);
	for (size_t i = 0; graph->output_count > 1 && i < graph->output_count; i++)
		put_port(&outputs, &graph->outputs[i], gd_model_output_name(model, i), i == 0);
	if (inputs.length)
		gd_layout_wrap(out, page, "inputs: ", 8, inputs.bytes, GD_PLAIN);
	if (outputs.length)
		gd_layout_wrap(out, page, "outputs: ", 9, outputs.bytes, GD_PLAIN);
	out->failed = out->failed || inputs.failed || outputs.failed;
	gd_text_free(&inputs);
	gd_text_free(&outputs);
}

gd_status gd_report_model_table(const gd_model *model, const gd_page *page, gd_text *out, gd_error *err)
{
	columns c = measure(model, page);
	char number[32];
	gd_text head = { 0 };
	gd_text_printf(&head, "%s%s%s, %zu layers in %zu entries, %s parameters", gd_format_name(model->format),
		model->producer && *model->producer ? " by " : "", model->producer ? model->producer : "", model->layer_count,
		model->entry_count, gd_layout_grouped(model->parameters, number));
	gd_text first = { 0 };
	gd_text_put_safe(&first, model->path, page->width - 30);
	gd_text_put(&first, ": ");
	gd_layout_wrap(out, page, first.bytes ? first.bytes : "", 2, head.bytes ? head.bytes : "", GD_PLAIN);
	gd_text_free(&first);
	gd_text_free(&head);
	put_training(out, page, &model->training);
	put_ports(out, page, model);
	gd_text_put(out, "\n");
	gd_layout_style(out, page, GD_DIM);
	gd_text_printf(out, "   # %-*s  %-*s  %-*s %12s  activation", (int)c.name, "layer", (int)c.kind, "kind", (int)c.shape, "out shape",
		"parameters");
	gd_layout_style(out, page, GD_PLAIN);
	gd_text_put(out, "\n");
	for (size_t i = 0; i < model->layer_count; i++)
		put_row(out, page, &c, model, i);
	for (size_t i = 0; i < model->note_count; i++) {
		if (i == 0)
			gd_text_put(out, "\n");
		gd_layout_wrap(out, page, "note: ", 6, model->notes[i], GD_PLAIN);
	}
	return out->failed ? gd_fail_memory(err, "writing the table") : GD_OK;
}
