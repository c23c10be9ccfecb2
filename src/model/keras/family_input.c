/* InputLayer: a value of the graph that comes from the tests. */
#include "model/keras/family.h"
#include <string.h>

static gd_type type_named(gd_keras *k, const char *name)
{
	static const struct {
		const char *name;
		gd_type type;
	} types[] = {
		{ "float32", GD_F32 }, { "float16", GD_F32 }, { "bfloat16", GD_F32 }, { "float64", GD_F32 }, { "int32", GD_I32 }, { "int64", GD_I64 },
		{ "int16", GD_I32 }, { "int8", GD_I32 }, { "uint8", GD_U8 }, { "bool", GD_BOOL }, { "uint16", GD_I32 }, { "uint32", GD_I64 },
	};
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(types[i].name, name) == 0)
			return types[i].type;
	(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "takes %.40s, which dlguider cannot give it", name);
	return GD_F32;
}

/* "float32", or {"class_name": "DTypePolicy", "config": {"name": "float32"}}. */
static const char *type_of(const gd_keras_layer *layer)
{
	json_t *type = json_object_get(layer->config, "dtype");
	if (json_is_object(type))
		type = json_object_get(json_object_get(type, "config"), "name");
	const char *name = json_string_value(type);
	return name && strncmp(name, "mixed_", 6) != 0 ? name : "float32";
}

gd_status gd_family_input(gd_keras *k, gd_keras_call *call)
{
	json_t *shape = gd_keras_get(k->now, "batch_shape");
	gd_flow flow = { .channels = -1, .type = type_named(k, type_of(k->now)) };
	size_t rank = json_array_size(shape);
	if (!json_is_array(shape) || rank < 1 || rank > GD_MAX_RANK - 1)
		return gd_keras_fail(k, GD_E_INPUT, "does not say its shape (batch_shape of 1 to %d numbers)", GD_MAX_RANK - 1);
	flow.shape.rank = (int)rank;
	for (size_t i = 0; i < rank; i++) {
		json_t *size = json_array_get(shape, i);
		flow.shape.dim[i] = json_is_null(size) ? -1 : gd_keras_whole_of(k, "batch_shape", size, 1, INT32_MAX);
	}
	flow.shape.dim[0] = -1; /* Keras keeps the batch it was fitted with; nothing but a stateful layer is bound to it */
	gd_value *input = k->status == GD_OK ? gd_builder_input(&k->builder) : NULL;
	flow.name = strchr(k->now->name, ':') ? gd_builder_name(&k->builder, "input") : k->now->name;
	if (input)
		*input = (gd_value){ .name = flow.name, .type = flow.type, .shape = flow.shape };
	if (k->status == GD_OK && (!input || !flow.name))
		return gd_keras_memory(k);
	return gd_keras_out(k, call, flow);
}
