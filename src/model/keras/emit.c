/* Nodes of the graph, with the sticky failure of a translation. */
#include "model/keras/keras.h"
#include <string.h>

const char *gd_put_list(gd_keras *k, const char *op, const char *const *inputs, size_t count)
{
	const char **list = k->status == GD_OK ? gd_keras_new(k, count + 1, sizeof *list) : NULL;
	if (!list)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (!inputs[i])
			return NULL;
		list[i] = inputs[i];
	}
	const char *output = gd_builder_node(&k->builder, op, NULL, list);
	if (!output)
		(void)gd_keras_memory(k);
	return output;
}

const char *gd_put(gd_keras *k, const char *op, const char *a)
{
	return gd_put_list(k, op, (const char *[]){ a }, 1);
}

const char *gd_put2(gd_keras *k, const char *op, const char *a, const char *b)
{
	return gd_put_list(k, op, (const char *[]){ a, b }, 2);
}

const char *gd_put3(gd_keras *k, const char *op, const char *a, const char *b, const char *c)
{
	return gd_put_list(k, op, (const char *[]){ a, b, c }, 3);
}

void gd_put_int(gd_keras *k, const char *name, int64_t value)
{
	if (k->status == GD_OK && !gd_builder_attr_int(&k->builder, name, value))
		(void)gd_keras_memory(k);
}

void gd_put_float(gd_keras *k, const char *name, double value)
{
	if (k->status == GD_OK && !gd_builder_attr_float(&k->builder, name, (float)value))
		(void)gd_keras_memory(k);
}

void gd_put_ints(gd_keras *k, const char *name, const int64_t *values, size_t count)
{
	if (k->status == GD_OK && !gd_builder_attr_ints(&k->builder, name, values, count))
		(void)gd_keras_memory(k);
}

void gd_put_string(gd_keras *k, const char *name, const char *value)
{
	if (k->status == GD_OK && !gd_builder_attr_text(&k->builder, name, value))
		(void)gd_keras_memory(k);
}

static const char *kept(gd_keras *k, const char *name)
{
	if (!name)
		(void)gd_keras_memory(k);
	return name;
}

const char *gd_put_scalar(gd_keras *k, double value)
{
	return k->status == GD_OK ? kept(k, gd_builder_scalar(&k->builder, "scalar", (float)value)) : NULL;
}

const char *gd_put_floats(gd_keras *k, const char *stem, const float *values, int rank, const int64_t *dims)
{
	return k->status == GD_OK && values ? kept(k, gd_builder_floats(&k->builder, stem, values, rank, dims)) : NULL;
}

const char *gd_put_integers(gd_keras *k, const int64_t *values, size_t count)
{
	return k->status == GD_OK ? kept(k, gd_builder_integers(&k->builder, "integers", values, count)) : NULL;
}

const char *gd_put_axes(gd_keras *k, int64_t axis)
{
	return gd_put_integers(k, &axis, 1);
}

const char *gd_put_cast(gd_keras *k, const char *a, gd_type type)
{
	const char *output = gd_put(k, "Cast", a);
	gd_put_int(k, "to", type);
	return output;
}

const char *gd_put_transpose(gd_keras *k, const char *a, const int64_t *permutation, int rank)
{
	const char *output = gd_put(k, "Transpose", a);
	gd_put_ints(k, "perm", permutation, (size_t)rank);
	return output;
}

void gd_put_split(gd_keras *k, const char *a, int64_t axis, size_t parts, const char **out)
{
	out[0] = gd_put(k, "Split", a);
	gd_put_int(k, "axis", axis);
	gd_put_int(k, "num_outputs", (int64_t)parts);
	for (size_t i = 1; i < parts; i++)
		out[i] = k->status == GD_OK ? kept(k, gd_builder_more(&k->builder, NULL)) : NULL;
}

const char *gd_put_reshape(gd_keras *k, const char *a, const int64_t *dims, size_t count)
{
	return gd_put2(k, "Reshape", a, gd_put_integers(k, dims, count));
}

const char *gd_put_slice(gd_keras *k, const char *a, int64_t axis, int64_t from, int64_t to)
{
	const char *inputs[] = { a, gd_put_axes(k, from), gd_put_axes(k, to), gd_put_axes(k, axis) };
	return gd_put_list(k, "Slice", inputs, 4);
}

const char *gd_put_reversed(gd_keras *k, const char *x)
{
	const char *in[] = { x, gd_put_axes(k, -1), gd_put_axes(k, INT64_MIN + 1), gd_put_axes(k, 1), gd_put_axes(k, -1) };
	return gd_put_list(k, "Slice", in, 5);
}
