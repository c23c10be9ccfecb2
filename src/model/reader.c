#include "model/reader.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const gd_model_limits gd_model_default_limits = {
	.max_file_bytes = 8ull << 30, .max_config_bytes = 64u << 20, .max_layers = 20000, .max_parameters = 1ll << 31
};

static bool starts(gd_bytes b, const char *magic, size_t size)
{
	return b.size >= size && memcmp(b.bytes, magic, size) == 0;
}

static bool is_archive(gd_bytes b)
{
	return starts(b, "PK\3\4", 4) || starts(b, "PK\5\6", 4);
}

static bool is_h5(gd_bytes b)
{
	return starts(b, "\x89HDF\r\n\x1a\n", 8);
}

/* A ModelProto begins with a field of a small number: ir_version (08), producer (12), graph (3a), metadata (72), opset (42). */
static bool is_onnx(gd_bytes b)
{
	static const char first[] = { 0x08, 0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72 };
	return b.size > 0 && memchr(first, *(const char *)b.bytes, sizeof first) != NULL;
}

static const struct {
	gd_format format;
	const char *name;
	bool (*sniff)(gd_bytes bytes);
	gd_read_model read;
} readers[] = {
	{ GD_FORMAT_KERAS3, "keras3", is_archive, gd_keras_read_archive },
	{ GD_FORMAT_H5, "h5", is_h5, gd_keras_read_h5 },
	{ GD_FORMAT_ONNX, "onnx", is_onnx, gd_onnx_read },
};

/* Files people try that no reader takes, told by their first bytes. */
static const struct {
	const char *magic;
	size_t size;
	const char *advice;
} strangers[] = {
	{ "\x80\x02", 2, "looks like a pickle, which dlguider never opens; export the model to ONNX" },
	{ "\x80\x04", 2, "looks like a pickle, which dlguider never opens; export the model to ONNX" },
	{ "\x80\x05", 2, "looks like a pickle, which dlguider never opens; export the model to ONNX" },
	{ "\x93NUMPY", 6, "is a NumPy array, not a model; give it with --inputs or --labels" },
	{ "{", 1, "looks like JSON; a model's architecture alone has no weights: save the whole model (model.save)" },
	{ "\x1f\x8b", 2, "is compressed with gzip; unpack it first" },
};

const char *gd_format_name(gd_format format)
{
	for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
		if (readers[i].format == format)
			return readers[i].name;
	return "unknown";
}

static gd_status stranger(const char *path, gd_bytes bytes, gd_error *err)
{
	for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
		if (starts(bytes, strangers[i].magic, strangers[i].size))
			return gd_fail(err, GD_E_INPUT, "%s: %s", path, strangers[i].advice);
	return gd_fail(err, GD_E_INPUT, "%s: is no model that dlguider knows; it reads .keras, .h5 (whole model) and .onnx", path);
}

static gd_status finish(gd_model *model, gd_error *err)
{
	gd_status status = GD_OK;
	if (!model->onnx.bytes) {
		gd_text text = { 0 };
		status = gd_onnx_encode(&model->graph, &text, err);
		model->encoded = text.bytes;
		model->onnx = (gd_bytes){ text.bytes, text.length };
	}
	return status == GD_OK ? gd_model_group(model, err) : status;
}

static gd_status read_bytes(gd_model *model, gd_bytes bytes, const gd_model_limits *limits, gd_error *err)
{
	const size_t count = sizeof readers / sizeof readers[0];
	size_t r = 0;
	while (r < count && !readers[r].sniff(bytes))
		r++;
	if (r == count)
		return stranger(model->path, bytes, err);
	model->format = readers[r].format;
	gd_status status = readers[r].read(model, bytes, limits ? limits : &gd_model_default_limits, err);
	if (status == GD_OK)
		status = finish(model, err);
	return status == GD_OK ? GD_OK : gd_fail_in(err, model->path);
}

static gd_model *model_new(const char *path)
{
	gd_model *model = calloc(1, sizeof *model);
	if (!model)
		return NULL;
	model->training.learning_rate = (double)NAN;
	model->producer = "";
	model->path = gd_arena_text(&model->arena, path, strlen(path));
	if (model->path)
		return model;
	gd_model_close(model);
	return NULL;
}

gd_status gd_model_open_bytes(const char *path, gd_bytes bytes, const gd_model_limits *limits, gd_model **out, gd_error *err)
{
	gd_model *model = model_new(path);
	if (!model)
		return gd_fail_memory(err, "opening the model");
	gd_status status = read_bytes(model, bytes, limits, err);
	if (status == GD_OK)
		*out = model;
	else
		gd_model_close(model);
	return status;
}

gd_status gd_model_open(const char *path, const gd_model_limits *limits, gd_model **out, gd_error *err)
{
	gd_model *model = model_new(path);
	if (!model)
		return gd_fail_memory(err, "opening the model");
	gd_status status = gd_map_open(path, (limits ? limits : &gd_model_default_limits)->max_file_bytes, &model->map, err);
	if (status == GD_OK)
		status = read_bytes(model, (gd_bytes){ model->map.bytes, model->map.size }, limits, err);
	if (status == GD_OK)
		*out = model;
	else
		gd_model_close(model);
	return status;
}

void gd_model_close(gd_model *model)
{
	if (!model)
		return;
	free(model->encoded);
	gd_map_close(&model->map);
	gd_arena_free(&model->arena);
	free(model);
}
