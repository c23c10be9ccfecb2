/* look.h - what the fuzz targets that open models share: reading every byte that a model holds, so that the sanitizers
 * see a pointer or size that is wrong. */
#ifndef FUZZ_LOOK_H
#define FUZZ_LOOK_H
#include "model/model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile unsigned char sink;

static inline void look(const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sink = (unsigned char)(sink ^ ((const unsigned char *)bytes)[i]);
}

static inline void look_at_layer(gd_model *model, const gd_layer *layer)
{
	look(layer->name, strlen(layer->name));
	look(layer->kind, strlen(layer->kind));
	if (layer->output)
		look(layer->output, strlen(layer->output));
	for (size_t k = 0; k < layer->input_count; k++)
		look(layer->inputs[k], strlen(layer->inputs[k]));
	for (size_t k = 0; k < layer->weight_count; k++) {
		gd_matrix matrix;
		gd_error err = { 0 };
		look(layer->weights[k].tensor.data, layer->weights[k].tensor.bytes);
		if (gd_weight_matrix(&layer->weights[k], &model->arena, &matrix, &err) == GD_OK)
			look(matrix.values, matrix.rows * matrix.columns * sizeof(float));
	}
}

/* A model that was opened: its layers, entries, initializers. */
static inline void look_at_model(gd_model *model)
{
	for (size_t i = 0; i < model->layer_count; i++)
		look_at_layer(model, &model->layers[i]);
	for (size_t i = 0; i < model->entry_count; i++)
		look(&model->entries[i].units, sizeof model->entries[i].units);
	for (size_t i = 0; i < model->graph.tensor_count; i++)
		look(model->graph.tensors[i].data, model->graph.tensors[i].bytes);
}

/* A refusal says why, and blames the file, never dlguider. */
static inline void check_refusal(gd_status status, const gd_error *err)
{
	if (status != GD_E_INTERNAL && err->message[0])
		return;
	(void)fprintf(stderr, "status %d: %s\n", (int)status, err->message);
	abort();
}

/* Any bytes as a model file of that name; nothing when they do not begin as such a file does. */
static inline int look_at_file(const char *name, const char *start, const uint8_t *bytes, size_t size)
{
	static const gd_model_limits limits = { 1 << 20, 1 << 20, 1000, 1 << 20 };
	gd_model *model = NULL;
	gd_error err = { 0 };
	if (size < 2 * strlen(start) || memcmp(bytes, start, strlen(start)) != 0)
		return -1;
	gd_status status = gd_model_open_bytes(name, (gd_bytes){ bytes, size }, &limits, &model, &err);
	if (status == GD_OK)
		look_at_model(model);
	else
		check_refusal(status, &err);
	gd_model_close(model);
	return 0;
}

#endif
