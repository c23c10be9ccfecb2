/* The ONNX reader. Run with a file as argument it prints what it read as JSON for tests/py/test_onnx_read.py, which has
 * the onnx package as oracle; exit code is then the status, the sentence goes to stderr. */
#include "base/json_writer.h"
#include "model/onnx/wire.h"
#include "model/reader.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants its includes before it */
#include <cmocka.h>

static void put_key_text(gd_json *j, const char *key, const char *text)
{
	gd_json_key(j, key);
	gd_json_string(j, text);
}

static void put_key_integer(gd_json *j, const char *key, int64_t value)
{
	gd_json_key(j, key);
	gd_json_integer(j, value);
}

static void put_shape(gd_json *j, const gd_shape *shape)
{
	gd_json_key(j, "shape");
	if (shape->rank < 0) {
		gd_json_null(j);
		return;
	}
	gd_json_array(j);
	for (int i = 0; i < shape->rank; i++)
		gd_json_integer(j, shape->dim[i]);
	gd_json_end(j, ']');
}

static void put_value(gd_json *j, const gd_value *value)
{
	gd_json_object(j);
	put_key_text(j, "name", value->name);
	put_key_integer(j, "type", (int64_t)value->type);
	put_shape(j, &value->shape);
	gd_json_end(j, '}');
}

static void put_values(gd_json *j, const char *key, const gd_value *values, size_t count)
{
	gd_json_key(j, key);
	gd_json_array(j);
	for (size_t i = 0; i < count; i++)
		put_value(j, &values[i]);
	gd_json_end(j, ']');
}

static uint64_t digest(const void *bytes, size_t size) /* FNV-1a, also written in the Python test */
{
	uint64_t hash = 14695981039346656037u;
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ ((const unsigned char *)bytes)[i]) * 1099511628211u;
	return hash;
}

static void put_digest(gd_json *j, const void *bytes, size_t size)
{
	char text[32];
	snprintf(text, sizeof text, "%016llx", (unsigned long long)digest(bytes, size));
	put_key_text(j, "digest", text);
}

static void put_texts(gd_json *j, const char *key, const char *const *texts, size_t count)
{
	gd_json_key(j, key);
	gd_json_array(j);
	for (size_t i = 0; i < count; i++)
		gd_json_string(j, texts[i]);
	gd_json_end(j, ']');
}

static void put_attr(gd_json *j, const gd_attr *attr)
{
	gd_json_key(j, attr->name);
	if (attr->kind == GD_ATTR_INT)
		gd_json_integer(j, attr->integer);
	else if (attr->kind == GD_ATTR_FLOAT)
		gd_json_number(j, (double)attr->number);
	else if (attr->kind == GD_ATTR_STRING)
		gd_json_string(j, attr->text);
	else if (attr->kind == GD_ATTR_TENSOR)
		gd_json_string(j, gd_type_name(attr->tensor->type));
	else if (attr->kind == GD_ATTR_OTHER)
		gd_json_integer(j, (int64_t)attr->count);
	else {
		gd_json_array(j);
		for (size_t i = 0; i < attr->count; i++)
			if (attr->kind == GD_ATTR_INTS)
				gd_json_integer(j, attr->integers[i]);
			else if (attr->kind == GD_ATTR_STRINGS)
				gd_json_string(j, attr->texts[i]);
			else
				gd_json_number(j, (double)attr->numbers[i]);
		gd_json_end(j, ']');
	}
}

static void put_graph(gd_json *j, const gd_graph *g)
{
	put_key_integer(j, "opset", g->opset);
	put_values(j, "inputs", g->inputs, g->input_count);
	put_values(j, "outputs", g->outputs, g->output_count);
	put_values(j, "values", g->values, g->value_count);
	gd_json_key(j, "tensors");
	gd_json_array(j);
	for (size_t i = 0; i < g->tensor_count; i++) {
		gd_json_object(j);
		put_key_text(j, "name", g->tensors[i].name);
		put_key_integer(j, "type", (int64_t)g->tensors[i].type);
		put_shape(j, &g->tensors[i].shape);
		put_digest(j, g->tensors[i].data, g->tensors[i].bytes);
		gd_json_end(j, '}');
	}
	gd_json_end(j, ']');
	gd_json_key(j, "nodes");
	gd_json_array(j);
	for (size_t i = 0; i < g->node_count; i++) {
		const gd_node *n = &g->nodes[i];
		gd_json_object(j);
		put_key_text(j, "op", n->op);
		put_key_text(j, "domain", n->domain);
		put_key_text(j, "name", n->name);
		put_key_integer(j, "layer", n->layer);
		put_texts(j, "inputs", n->inputs, n->input_count);
		put_texts(j, "outputs", n->outputs, n->output_count);
		gd_json_key(j, "attrs");
		gd_json_object(j);
		for (size_t k = 0; k < n->attr_count; k++)
			put_attr(j, &n->attrs[k]);
		gd_json_end(j, '}');
		gd_json_end(j, '}');
	}
	gd_json_end(j, ']');
}

static void put_weights(gd_json *j, const gd_layer *layer)
{
	static const char *const roles[] = { "kernel", "bias", "recurrent", "depthwise", "pointwise", "gamma", "beta",
		"mean", "variance", "table", "other" };
	gd_json_key(j, "weights");
	gd_json_array(j);
	for (size_t i = 0; i < layer->weight_count; i++) {
		const gd_weight *w = &layer->weights[i];
		gd_json_object(j);
		put_key_text(j, "role", roles[w->role]);
		put_key_text(j, "order", w->order == GD_UNITS_FIRST ? "first" : "last");
		put_key_text(j, "part", w->part);
		put_key_text(j, "name", w->tensor.name);
		put_key_text(j, "initializer", w->initializer);
		put_key_integer(j, "type", (int64_t)w->tensor.type);
		put_shape(j, &w->tensor.shape);
		put_digest(j, w->tensor.data, w->tensor.bytes);
		gd_json_key(j, "turned");
		gd_json_bool(j, w->permutation != NULL);
		gd_json_end(j, '}');
	}
	gd_json_end(j, ']');
}

static void put_layers(gd_json *j, const gd_model *model)
{
	gd_json_key(j, "layers");
	gd_json_array(j);
	for (size_t i = 0; i < model->layer_count; i++) {
		const gd_layer *layer = &model->layers[i];
		gd_json_object(j);
		put_key_text(j, "name", layer->name);
		put_key_text(j, "kind", layer->kind);
		put_key_text(j, "family", gd_family_name(layer->family));
		put_key_text(j, "activation", layer->activation);
		gd_json_key(j, "is_entry");
		gd_json_bool(j, layer->is_entry);
		put_key_integer(j, "entry", layer->entry);
		put_key_integer(j, "channel_axis", layer->channel_axis);
		put_texts(j, "inputs", layer->inputs, layer->input_count);
		put_key_text(j, "output", layer->output);
		put_shape(j, &layer->shape);
		put_key_text(j, "source_file", layer->source_file);
		put_key_integer(j, "source_line", layer->source_line);
		put_weights(j, layer);
		gd_json_key(j, "settings");
		gd_json_object(j);
		for (size_t k = 0; k < layer->setting_count; k++) {
			gd_json_key(j, layer->settings[k].name);
			if (layer->settings[k].text)
				gd_json_string(j, layer->settings[k].text);
			else
				gd_json_number(j, layer->settings[k].number);
		}
		gd_json_end(j, '}');
		gd_json_end(j, '}');
	}
	gd_json_end(j, ']');
	gd_json_key(j, "entries");
	gd_json_array(j);
	for (size_t i = 0; i < model->entry_count; i++) {
		const gd_entry *entry = &model->entries[i];
		gd_json_object(j);
		put_key_text(j, "name", model->layers[entry->head].name);
		put_key_text(j, "kind", model->layers[entry->head].kind);
		put_key_text(j, "output", entry->output);
		put_key_integer(j, "units", (int64_t)entry->units);
		put_key_integer(j, "channel_axis", entry->channel_axis);
		put_key_integer(j, "rank", entry->value_rank);
		gd_json_key(j, "is_output");
		gd_json_bool(j, entry->is_output);
		gd_json_end(j, '}');
	}
	gd_json_end(j, ']');
}

/* gd_onnx_read itself: gd_model_open would pull in the other readers. */
static gd_status open_file(const char *path, gd_model *model, gd_error *err)
{
	model->producer = "";
	model->path = gd_arena_text(&model->arena, path, strlen(path));
	gd_status status = gd_map_open(path, 0, &model->map, err);
	if (status == GD_OK)
		status = gd_onnx_read(model, (gd_bytes){ model->map.bytes, model->map.size },
			&(gd_model_limits){ 1u << 30, 1u << 20, 20000, 1 << 30 }, err);
	return status == GD_OK ? gd_model_group(model, err) : status;
}

static void close_file(gd_model *model)
{
	free(model->encoded);
	gd_map_close(&model->map);
	gd_arena_free(&model->arena);
}

static int dump(const char *path)
{
	gd_model model = { 0 };
	gd_error err = { 0 };
	gd_status status = open_file(path, &model, &err);
	if (status == GD_OK) {
		gd_text out = { 0 };
		gd_json j;
		gd_json_start(&j, &out, false);
		gd_json_object(&j);
		put_key_text(&j, "producer", model.producer);
		put_key_integer(&j, "parameters", model.parameters);
		put_graph(&j, &model.graph);
		put_layers(&j, &model);
		put_texts(&j, "notes", model.notes, model.note_count);
		gd_json_key(&j, "onnx");
		gd_json_object(&j);
		put_key_integer(&j, "size", (int64_t)model.onnx.size);
		put_digest(&j, model.onnx.bytes, model.onnx.size);
		gd_json_end(&j, '}');
		gd_json_end(&j, '}');
		printf("%s\n", out.bytes);
		gd_text_free(&out);
	} else {
		fprintf(stderr, "%s\n", err.message);
	}
	close_file(&model);
	return (int)status;
}

static size_t walk(const char *bytes, size_t size, gd_wire *wire)
{
	*wire = gd_wire_of(bytes, size);
	gd_wire_field field;
	size_t fields = 0;
	while (gd_wire_read(wire, &field))
		fields++;
	return fields;
}

static void test_wire_reads_every_kind_of_field(void **state)
{
	(void)state;
	gd_wire wire = gd_wire_of("\x08\x96\x01\x12\x02hi\x1d\x01\x02\x03\x04\x21\x01\0\0\0\0\0\0\x80", 21);
	gd_wire_field f;
	assert_true(gd_wire_read(&wire, &f));
	assert_int_equal(f.number, 1);
	assert_int_equal(f.value, 150);
	assert_true(gd_wire_read(&wire, &f));
	assert_memory_equal(f.body.at, "hi", 2);
	assert_int_equal(gd_wire_left(&f.body), 2);
	assert_true(gd_wire_read(&wire, &f));
	assert_int_equal(f.value, 0x04030201);
	assert_true(gd_wire_read(&wire, &f));
	assert_true(f.value == 0x8000000000000001u);
	assert_false(gd_wire_read(&wire, &f));
	assert_null(wire.damage);
}

static void test_wire_refuses_what_is_damaged(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t size;
	} bad[] = { { "\x08", 1 }, { "\x08\x80", 2 }, { "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11 },
		{ "\x12\x05hi", 4 }, { "\x12", 1 }, { "\x0d\x01\x02", 3 }, { "\x09\x01\x02\x03\x04", 5 }, { "\x0b\x0c", 2 },
		{ "\x00\x01", 2 }, { "\x0e", 1 }, { "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11 } };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		gd_wire wire;
		assert_int_equal(walk(bad[i].bytes, bad[i].size, &wire), 0);
		assert_non_null(wire.damage);
	}
	gd_wire wire; /* the largest number still fits */
	assert_int_equal(walk("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, &wire), 1);
	assert_null(wire.damage);
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return dump(argv[1]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wire_reads_every_kind_of_field),
		cmocka_unit_test(test_wire_refuses_what_is_damaged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
