/* What readers and users of a model share: settings, weights as matrices, entries. */
#include "model/model.h"
#include "base/checked.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const gd_setting *gd_layer_setting(const gd_layer *layer, const char *name)
{
	for (size_t i = 0; i < layer->setting_count; i++)
		if (strcmp(layer->settings[i].name, name) == 0)
			return &layer->settings[i];
	return NULL;
}

const gd_weight *gd_layer_weight(const gd_layer *layer, gd_role role)
{
	for (size_t i = 0; i < layer->weight_count; i++)
		if (layer->weights[i].role == role)
			return &layer->weights[i];
	return NULL;
}

const char *gd_family_name(gd_family family)
{
	static const char *const names[] = { "input", "dense", "conv", "depthwise", "conv_transpose", "recurrent", "embedding",
		"attention", "pooling", "upsampling", "normalization", "activation", "regularizer", "shape", "merge", "other" };
	return (size_t)family < sizeof names / sizeof names[0] ? names[family] : "other";
}

gd_status gd_model_note(gd_model *model, gd_error *err, const char *format, ...)
{
	char text[1024];
	va_list list;
	va_start(list, format);
	int length = vsnprintf(text, sizeof text, format, list);
	va_end(list);
	const char **notes = gd_arena_new(&model->arena, model->note_count + 1, sizeof *notes);
	char *kept = length < 0 ? NULL : gd_arena_text(&model->arena, text, strlen(text));
	if (!notes || !kept)
		return gd_fail_memory(err, "keeping a note");
	if (model->note_count)
		memcpy(notes, model->notes, model->note_count * sizeof *notes);
	notes[model->note_count++] = kept;
	model->notes = notes;
	return GD_OK;
}

/* A depthwise kernel (kh, kw, channels, multiplier): columns are channels x multiplier, each seeing one channel. */
static void depthwise_matrix(const gd_shape *shape, const float *from, float *to, gd_matrix *m)
{
	size_t channels = (size_t)shape->dim[shape->rank - 2], multiplier = (size_t)shape->dim[shape->rank - 1];
	m->columns = channels * multiplier;
	m->channels = 1;
	memcpy(to, from, m->rows * m->columns * sizeof *to);
}

/* torch's (out, in, positions...) to rows position * in + channel, columns out. */
static void units_first_matrix(const gd_shape *shape, const float *from, float *to, gd_matrix *m)
{
	size_t channels = shape->rank > 1 ? (size_t)shape->dim[1] : 1, positions = channels ? m->rows / channels : 0;
	m->channels = channels;
	for (size_t o = 0; o < m->columns; o++)
		for (size_t c = 0; c < channels; c++)
			for (size_t p = 0; p < positions; p++)
				to[(p * channels + c) * m->columns + o] = from[(o * channels + c) * positions + p];
}

gd_status gd_weight_matrix(const gd_weight *weight, gd_arena *arena, gd_matrix *out, gd_error *err)
{
	const gd_shape *shape = &weight->tensor.shape;
	size_t count;
	if (shape->rank < 1 || !gd_shape_count(shape, 0, &count) || count == 0)
		return gd_fail(err, GD_E_INPUT, "weight %s has no elements", weight->tensor.name);
	const float *from = gd_tensor_floats(&weight->tensor, arena);
	if (!from)
		return gd_fail_memory(err, "reading a weight");
	size_t columns = (size_t)(weight->order == GD_UNITS_FIRST ? shape->dim[0] : shape->dim[shape->rank - 1]);
	gd_matrix m = { .values = from, .columns = columns, .rows = count / columns };
	m.channels = shape->rank > 1 ? (size_t)shape->dim[shape->rank - 2] : 1;
	bool depthwise = weight->role == GD_DEPTHWISE && weight->order == GD_UNITS_LAST && shape->rank > 2;
	if (depthwise)
		m.rows = count / columns / (size_t)shape->dim[shape->rank - 2];
	if (depthwise || weight->order == GD_UNITS_FIRST) {
		float *to = gd_arena_new(arena, count, sizeof *to);
		if (!to)
			return gd_fail_memory(err, "reading a weight");
		if (depthwise)
			depthwise_matrix(shape, from, to, &m);
		else
			units_first_matrix(shape, from, to, &m);
		m.values = to;
	}
	*out = m;
	return GD_OK;
}
