/* run_session - a session without a reader: the model's inputs, outputs and values come from standard input, one thing a
 * line, so that a test of the engine tests nothing else. Arrays are raw float32.
 *
 *   model FILE | opset N | input NAME TYPE DIM... | output NAME TYPE | value NAME TYPE DIM...
 *   probe NAME AXIS RANK mean|max|none|last | rows FILE COUNT DIM... | run THREADS BATCH FOLDER
 * run writes FOLDER/0 (the model's output), FOLDER/1 ... (the probes) and prints their shapes.
 */
#include "engine/session.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64 };

typedef struct {
	gd_arena arena;
	gd_map model_file, rows_file;
	gd_model model;
	gd_builder b;
	gd_probe probes[MOST];
	size_t probe_count;
	gd_array rows;
} setup;

static void must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "run_session: %s\n", what);
		exit(1);
	}
}

static void must_be_ok(gd_status status, const gd_error *err)
{
	if (status != GD_OK) {
		fprintf(stderr, "%s\n", err->message);
		exit((int)status);
	}
}

static gd_shape read_dims(char *words)
{
	gd_shape shape = { 0 };
	for (char *word = strtok(words, " \n"); word; word = strtok(NULL, " \n")) {
		must(shape.rank < GD_MAX_RANK, "rank");
		shape.dim[shape.rank++] = atoll(word);
	}
	return shape;
}

static void add_value(setup *s, gd_value *value, const char *rest)
{
	char name[256];
	int type = 0, used = 0;
	must(value && sscanf(rest, "%255s %d%n", name, &type, &used) == 2, "value");
	char dims[256];
	snprintf(dims, sizeof dims, "%s", rest + used);
	*value = (gd_value){ .name = gd_arena_text(&s->arena, name, strlen(name)), .type = (gd_type)type, .shape = read_dims(dims) };
}

static void add_probe(setup *s, const char *rest)
{
	char name[256], how[16];
	gd_probe *probe = &s->probes[s->probe_count];
	must(s->probe_count < MOST && sscanf(rest, "%255s %d %d %15s", name, &probe->channel_axis, &probe->rank, how) == 4, "probe");
	probe->value = gd_arena_text(&s->arena, name, strlen(name));
	probe->reduce = !strcmp(how, "mean") ? GD_REDUCE_MEAN : !strcmp(how, "max") ? GD_REDUCE_MAX : GD_REDUCE_NONE;
	probe->channels_last = !strcmp(how, "last");
	s->probe_count++;
}

static void append(const char *folder, size_t at, const gd_array *array)
{
	char path[600];
	snprintf(path, sizeof path, "%s/%zu", folder, at);
	FILE *file = fopen(path, "ab");
	must(file && fwrite(array->data, 1, array->bytes, file) == array->bytes && fclose(file) == 0, "cannot write");
}

static void run(setup *s, const char *rest)
{
	int threads = 0;
	long long batch = 0;
	char folder[512];
	gd_error err = { 0 };
	gd_session *session = NULL;
	gd_array outputs[MOST + 1];
	must(sscanf(rest, "%d %lld %511s", &threads, &batch, folder) == 3 && batch > 0, "run");
	must_be_ok(gd_session_open(&s->model, s->probes, s->probe_count, threads, &session, &err), &err);
	int64_t total = s->rows.shape.dim[0];
	size_t width = s->rows.bytes / (size_t)total;
	for (int64_t first = 0; first < total; first += batch) {
		gd_array rows = s->rows;
		rows.shape.dim[0] = total - first < batch ? total - first : batch;
		rows.data = (char *)s->rows.data + (size_t)first * width;
		rows.bytes = (size_t)rows.shape.dim[0] * width;
		must_be_ok(gd_session_run(session, &rows, outputs, &err), &err);
		for (size_t i = 0; i <= s->probe_count; i++)
			append(folder, i, &outputs[i]);
	}
	for (size_t i = 0; i <= s->probe_count; i++) {
		outputs[i].shape.dim[0] = total;
		for (int k = 0; k < outputs[i].shape.rank; k++)
			printf("%lld%s", (long long)outputs[i].shape.dim[k], k + 1 < outputs[i].shape.rank ? " " : "\n");
	}
	gd_session_close(session);
}

static void take(setup *s, const char *word, char *rest)
{
	gd_error err = { 0 };
	char path[512];
	int used = 0;
	if (!strcmp(word, "model") && sscanf(rest, "%511s", path) == 1) {
		must_be_ok(gd_map_open(path, 0, &s->model_file, &err), &err);
		s->model.onnx = (gd_bytes){ s->model_file.bytes, s->model_file.size };
	} else if (!strcmp(word, "opset")) {
		s->model.graph.opset = atoi(rest);
	} else if (!strcmp(word, "input")) {
		add_value(s, gd_builder_input(&s->b), rest);
	} else if (!strcmp(word, "output")) {
		add_value(s, gd_builder_output(&s->b), rest);
	} else if (!strcmp(word, "value")) {
		add_value(s, gd_builder_value(&s->b), rest);
	} else if (!strcmp(word, "probe")) {
		add_probe(s, rest);
	} else if (!strcmp(word, "rows") && sscanf(rest, "%511s%n", path, &used) == 1) {
		must_be_ok(gd_map_open(path, 0, &s->rows_file, &err), &err);
		s->rows = (gd_array){ .type = GD_F32, .shape = read_dims(rest + used), .data = (void *)(uintptr_t)s->rows_file.bytes, .bytes = s->rows_file.size };
	} else {
		must(!strcmp(word, "run"), word);
		run(s, rest);
	}
}

int main(void)
{
	setup s = { .model.path = "model" };
	s.b = (gd_builder){ .arena = &s.arena, .graph = &s.model.graph, .layer = -1 };
	char line[1024], word[16];
	int used = 0;
	while (fgets(line, sizeof line, stdin))
		if (sscanf(line, "%15s%n", word, &used) == 1)
			take(&s, word, line + used);
	gd_map_close(&s.model_file);
	gd_map_close(&s.rows_file);
	gd_arena_free(&s.arena);
	return 0;
}
