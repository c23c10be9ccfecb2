#include "report/activations.h"
#include "base/folder.h"
#include "base/json_writer.h"
#include "report/npy.h"
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	const char *name;  /* of the file */
	const char *layer, *kind;
	int entry;
	gd_npy npy;
} array_file;

typedef struct {
	const gd_activations_request *request;
	gd_arena arena;
	const char *folder; /* the one being filled */
	array_file *files; /* one for each probe, or for each entry */
	bool *wanted;      /* neurons only: of each entry */
	gd_probe *probes;
	size_t count;
	array_file verdict, confidence;
} export;

/* A name that is a file name everywhere: letters, digits, dots, dashes. */
static void plain_name(const char *name, char out[64])
{
	size_t at = 0;
	for (; name[at] && at < 60; at++) {
		char c = name[at];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
		out[at] = plain ? c : '_';
	}
	out[at] = 0;
}

static bool name_file(export *x, array_file *file, const char *name, const char *dtype, size_t item)
{
	file->name = gd_arena_text(&x->arena, name, strlen(name));
	file->npy = (gd_npy){ .path = gd_arena_printf(&x->arena, "%s/%s", x->folder, name), .dtype = dtype, .item = item, .shape.rank = -1 };
	return file->name && file->npy.path;
}

static bool add_file(export *x, const gd_layer *layer, size_t number)
{
	char plain[64], name[100];
	plain_name(layer->name, plain);
	snprintf(name, sizeof name, "%03zu_%s.npy", number, plain);
	array_file *file = &x->files[x->count++];
	file->layer = layer->name;
	file->kind = layer->kind;
	file->entry = layer->entry;
	return name_file(x, file, name, "<f4", sizeof(float));
}

static bool chosen(const export *x, const gd_layer *layer)
{
	return !x->request->pattern || fnmatch(x->request->pattern, layer->name, 0) == 0;
}

static gd_status choose_layers(export *x, gd_error *err)
{
	const gd_model *model = x->request->model;
	x->files = gd_arena_new(&x->arena, model->layer_count, sizeof *x->files);
	x->probes = gd_arena_new(&x->arena, model->layer_count, sizeof *x->probes);
	bool fine = x->files && x->probes;
	size_t number = 0;
	for (size_t i = 0; fine && i < model->layer_count; i++) {
		const gd_layer *layer = &model->layers[i];
		if (layer->family == GD_FAMILY_INPUT || !layer->output)
			continue;
		if (chosen(x, layer)) {
			x->probes[x->count] = (gd_probe){ .value = layer->output, .channel_axis = layer->channel_axis, .rank = layer->shape.rank,
				.reduce = GD_REDUCE_NONE, .channels_last = layer->channels_moved };
			fine = add_file(x, layer, number);
		}
		number++;
	}
	return fine ? GD_OK : gd_fail_memory(err, "choosing layers");
}

static gd_status choose_entries(export *x, gd_error *err)
{
	const gd_model *model = x->request->model;
	x->files = gd_arena_new(&x->arena, model->entry_count, sizeof *x->files);
	x->wanted = gd_arena_new(&x->arena, model->entry_count, sizeof *x->wanted);
	gd_probe *all = gd_session_entry_probes(model, x->request->pass.reduce, &x->arena);
	bool fine = x->files && x->wanted && all;
	for (size_t i = 0; fine && i < model->entry_count; i++) {
		const gd_layer *head = &model->layers[model->entries[i].head];
		x->wanted[i] = chosen(x, head);
		if (x->wanted[i]) {
			all[x->count] = all[i];
			fine = add_file(x, head, i);
		}
	}
	x->probes = all;
	return fine ? GD_OK : gd_fail_memory(err, "choosing layers");
}

static gd_status append(const export *x, array_file *file, const float *numbers, const gd_shape *shape, int64_t count, gd_error *err)
{
	size_t width;
	if (!gd_shape_count(shape, 1, &width))
		return gd_fail(err, GD_E_INTERNAL, "layer %s: the size of its output is not known", file->layer);
	if (file->npy.written == 0) {
		file->npy.shape = *shape;
		file->npy.shape.dim[0] = gd_feed_tests(x->request->inputs);
	}
	bool same = shape->rank == file->npy.shape.rank;
	for (int i = 1; same && i < shape->rank; i++)
		same = shape->dim[i] == file->npy.shape.dim[i];
	if (!same)
		return gd_fail(err, GD_E_UNSUPPORTED, "layer %s: its output changes shape from batch to batch", file->layer);
	return gd_npy_append(&file->npy, numbers, count, width, err);
}

static gd_status append_verdicts(export *x, const gd_batch_view *view, gd_error *err)
{
	size_t count = (size_t)view->count;
	unsigned char *failed = malloc(count);
	double *confidence = malloc(count * GD_CONFIDENCES * sizeof *confidence);
	gd_status status = failed && confidence ? GD_OK : gd_fail_memory(err, "writing verdicts");
	for (size_t i = 0; status == GD_OK && i < count; i++) {
		failed[i] = view->verdicts[i].failed;
		memcpy(confidence + i * GD_CONFIDENCES, view->verdicts[i].confidence.of, GD_CONFIDENCES * sizeof *confidence);
	}
	if (view->first == 0) {
		x->verdict.npy.shape = (gd_shape){ .rank = 1, .dim = { view->total } };
		x->confidence.npy.shape = (gd_shape){ .rank = 2, .dim = { view->total, GD_CONFIDENCES } };
	}
	if (status == GD_OK)
		status = gd_npy_append(&x->verdict.npy, failed, view->count, 1, err);
	if (status == GD_OK)
		status = gd_npy_append(&x->confidence.npy, confidence, view->count, GD_CONFIDENCES, err);
	free(failed);
	free(confidence);
	return status;
}

static gd_status on_batch(void *state, const gd_batch_view *view, gd_error *err)
{
	export *x = state;
	gd_status status = append_verdicts(x, view, err);
	for (size_t i = 0; !x->request->neurons && status == GD_OK && i < x->count; i++)
		status = append(x, &x->files[i], view->extra[i].data, &view->extra[i].shape, view->count, err);
	for (size_t e = 0, at = 0; x->request->neurons && status == GD_OK && e < view->entry_count; e++) {
		gd_shape shape = { .rank = 2, .dim = { view->count, (int64_t)x->request->model->entries[e].units } };
		if (x->wanted[e])
			status = append(x, &x->files[at++], view->neurons[e], &shape, view->count, err);
	}
	return status;
}

static gd_status run_with_labels(export *x, gd_error *err)
{
	const gd_activations_request *request = x->request;
	gd_observer observer = { .state = x, .batch = on_batch };
	gd_collect pass = {
		.model = request->model,
		.inputs = request->inputs,
		.labels = request->labels,
		.options = request->pass,
		.observers = &observer,
		.observer_count = 1,
		.extra = request->neurons ? NULL : x->probes,
		.extra_count = request->neurons ? 0 : x->count,
		.progress = request->progress,
		.progress_state = request->progress_state,
	};
	gd_spectrum *spectrum = NULL;
	gd_status status = gd_spectrum_collect(&pass, &spectrum, err);
	gd_spectrum_free(spectrum);
	return status;
}

static gd_status run_batches(export *x, gd_session *session, int64_t batch, gd_error *err)
{
	const gd_activations_request *request = x->request;
	int64_t total = gd_feed_tests(request->inputs);
	gd_array *outputs = gd_arena_new(&x->arena, x->count + 1, sizeof *outputs);
	gd_status status = outputs ? GD_OK : gd_fail_memory(err, "running the tests");
	for (int64_t first = 0; status == GD_OK && first < total; first += batch) {
		int64_t count = total - first < batch ? total - first : batch;
		const gd_array *rows;
		status = gd_feed_read(request->inputs, first, count, &rows, err);
		if (status == GD_OK)
			status = gd_session_run(session, rows, outputs, err);
		for (size_t i = 0; status == GD_OK && i < x->count; i++)
			status = append(x, &x->files[i], outputs[i + 1].data, &outputs[i + 1].shape, count, err);
		if (status == GD_OK && request->progress && !request->progress(request->progress_state, first + count, total))
			status = gd_fail(err, GD_E_INTERRUPTED, "stopped");
	}
	return status;
}

static gd_status run_without_labels(export *x, gd_error *err)
{
	const gd_activations_request *request = x->request;
	int64_t batch = request->pass.batch > 0 ? request->pass.batch : gd_session_pick_batch(request->model);
	gd_session *session = NULL;
	gd_status status = gd_session_open(request->model, x->probes, x->count, request->pass.threads, &session, err);
	if (status == GD_OK)
		status = run_batches(x, session, batch, err);
	gd_session_close(session);
	return status;
}

static void put_array(gd_json *json, const array_file *file)
{
	gd_json_object(json);
	gd_json_put_string(json, "file", file->name);
	gd_json_put_string(json, "layer", file->layer);
	gd_json_put_string(json, "kind", file->kind);
	gd_json_key(json, "entry");
	if (file->entry < 0)
		gd_json_null(json);
	else
		gd_json_integer(json, file->entry);
	gd_json_put_array(json, "shape");
	for (int i = 0; i < file->npy.shape.rank; i++)
		gd_json_integer(json, file->npy.shape.dim[i]);
	gd_json_end(json, ']');
	gd_json_end(json, '}');
}

static void put_verdicts(gd_json *json, const export *x)
{
	gd_json_put_object(json, "verdict");
	gd_json_put_string(json, "file", x->verdict.name);
	gd_json_put_string(json, "meaning", "true: the test failed");
	gd_json_end(json, '}');
	gd_json_put_object(json, "confidence");
	gd_json_put_string(json, "file", x->confidence.name);
	gd_json_put_array(json, "columns");
	for (int i = 0; i < GD_CONFIDENCES; i++)
		gd_json_string(json, gd_confidence_name((gd_confidence_kind)i));
	gd_json_end(json, ']');
	gd_json_end(json, '}');
}

static gd_status write_index(export *x, gd_error *err)
{
	gd_text text = { 0 };
	gd_json json;
	gd_json_start(&json, &text, true);
	gd_json_object(&json);
	gd_json_put_string(&json, "schema", "dlguider.activations/1");
	gd_json_put_string(&json, "model", x->request->model->path);
	gd_json_put_integer(&json, "tests", gd_feed_tests(x->request->inputs));
	gd_json_put_string(&json, "values", x->request->neurons ? "neurons" : "outputs");
	gd_json_put_array(&json, "arrays");
	for (size_t i = 0; i < x->count; i++)
		put_array(&json, &x->files[i]);
	gd_json_end(&json, ']');
	if (x->request->labels)
		put_verdicts(&json, x);
	gd_json_end(&json, '}');
	gd_text_put(&text, "\n");
	const char *path = gd_arena_printf(&x->arena, "%s/index.json", x->folder);
	gd_output output = { 0 };
	gd_status status = path && !text.failed ? gd_output_open(path, &output, err) : gd_fail_memory(err, "writing index.json");
	if (status == GD_OK) {
		fwrite(text.bytes, 1, text.length, output.stream);
		status = gd_output_commit(&output, err);
	}
	gd_text_free(&text);
	return status;
}

static gd_status fill(export *x, gd_error *err)
{
	gd_status status = x->request->neurons ? choose_entries(x, err) : choose_layers(x, err);
	if (status == GD_OK && x->count == 0)
		status = gd_fail(err, GD_E_USAGE, "no layer is called \"%s\"; dlguider inspect lists them", x->request->pattern ? x->request->pattern : "*");
	bool named = name_file(x, &x->verdict, "verdict.npy", "|b1", 1) && name_file(x, &x->confidence, "confidence.npy", "<f8", sizeof(double));
	if (status == GD_OK && !named)
		status = gd_fail_memory(err, "writing activations");
	if (status == GD_OK)
		status = x->request->labels ? run_with_labels(x, err) : run_without_labels(x, err);
	return status == GD_OK ? write_index(x, err) : status;
}

gd_status gd_activations_write(const gd_activations_request *request, gd_error *err)
{
	export x = { .request = request };
	gd_folder folder = { 0 };
	gd_status status = gd_folder_open(request->folder, &x.arena, &folder, err);
	x.folder = folder.path;
	if (status == GD_OK) {
		status = fill(&x, err);
		if (status == GD_OK)
			status = gd_folder_commit(&folder, err);
		else
			gd_folder_abort(&folder);
	}
	gd_arena_free(&x.arena);
	return status;
}
