/* One array of the layer being translated: its shape checked, as an initializer, transposed. */
#include "model/keras/keras.h"
#include <string.h>

static gd_keras_slot *slot_of(gd_keras *k, const char *part, const char *name)
{
	for (size_t i = 0; i < k->now->slot_count; i++) {
		gd_keras_slot *slot = &k->now->slots[i];
		if (strcmp(slot->spec->name, name) == 0 && strcmp(slot->spec->part, part) == 0)
			return slot;
	}
	(void)gd_keras_fail(k, GD_E_INTERNAL, "has no weight named %s in its table", name);
	return NULL;
}

/* Fuzzing configurations without weights: zeros of the shape that is asked for, up to 4 MB in all. */
static void invent(gd_keras *k, gd_keras_slot *slot, int rank, const int64_t *dims)
{
	slot->tensor = (gd_tensor){ .name = slot->spec->name, .type = GD_F32, .shape.rank = rank };
	for (int i = 0; i < rank; i++)
		slot->tensor.shape.dim[i] = dims[i] < 0 ? 1 : dims[i];
	size_t count;
	if (!gd_shape_count(&slot->tensor.shape, 0, &count) || count > (1u << 20) || (k->zeros += count) > (1u << 20)) {
		(void)gd_keras_fail(k, GD_E_LIMIT, "its %s is too large to invent", slot->spec->name);
		return;
	}
	slot->tensor.bytes = count * sizeof(float);
	slot->tensor.data = gd_keras_new(k, count, sizeof(float));
}

static void check_shape(gd_keras *k, const gd_keras_slot *slot, int rank, const int64_t *dims)
{
	gd_shape expected = { .rank = rank };
	bool same = slot->tensor.shape.rank == rank;
	for (int i = 0; i < rank; i++) {
		expected.dim[i] = dims[i];
		same = same && (dims[i] < 0 || slot->tensor.shape.dim[i] == dims[i]);
	}
	if (same)
		return;
	const char *seen = gd_shape_text(&slot->tensor.shape, &k->model->arena), *asked = gd_shape_text(&expected, &k->model->arena);
	(void)gd_keras_fail(k, GD_E_INPUT, "%s%s%s is %s but the model's shape asks for %s", slot->spec->part, *slot->spec->part ? " " : "",
		slot->spec->name, seen ? seen : "?", asked ? asked : "?");
}

static gd_keras_slot *checked_slot(gd_keras *k, const char *part, const char *name, int rank, const int64_t *dims)
{
	gd_keras_slot *slot = k->status == GD_OK ? slot_of(k, part, name) : NULL;
	if (!slot)
		return NULL;
	if (!slot->tensor.data && k->weights == GD_WEIGHTS_ZERO)
		invent(k, slot, rank, dims);
	if (k->status == GD_OK && !slot->tensor.data)
		(void)gd_keras_fail(k, GD_E_INPUT, "has no %s%s%s in the file", part, *part ? " " : "", name);
	if (k->status == GD_OK)
		check_shape(k, slot, rank, dims);
	return k->status == GD_OK ? slot : NULL;
}

const gd_tensor *gd_keras_weight(gd_keras *k, const char *part, const char *name, int rank, const int64_t *dims)
{
	gd_keras_slot *slot = checked_slot(k, part, name, rank, dims);
	return slot ? &slot->tensor : NULL;
}

const float *gd_keras_weight_floats(gd_keras *k, const char *part, const char *name, int rank, const int64_t *dims)
{
	const gd_tensor *tensor = gd_keras_weight(k, part, name, rank, dims);
	const float *values = tensor ? gd_tensor_floats(tensor, &k->model->arena) : NULL;
	if (tensor && !values)
		(void)gd_keras_memory(k);
	return values;
}

/* An initializer with data that is kept elsewhere. */
static const char *add_tensor(gd_keras *k, const char *stem, const void *data, size_t bytes, int rank, const int64_t *dims)
{
	gd_tensor *tensor = gd_builder_tensor(&k->builder);
	const char *name = gd_builder_name(&k->builder, stem);
	if (!tensor || !name) {
		(void)gd_keras_memory(k);
		return NULL;
	}
	*tensor = (gd_tensor){ .name = name, .type = GD_F32, .shape.rank = rank, .data = data, .bytes = bytes };
	for (int i = 0; i < rank; i++)
		tensor->shape.dim[i] = dims[i];
	return name;
}

static const char *stem_of(gd_keras *k, const gd_keras_slot *slot)
{
	const char *stem = gd_arena_printf(&k->model->arena, "%s/%s%s%s", k->now->name, slot->spec->part, *slot->spec->part ? "/" : "",
		slot->spec->name);
	if (!stem)
		(void)gd_keras_memory(k);
	return stem;
}

const char *gd_keras_tensor(gd_keras *k, const char *part, const char *name, int rank, const int64_t *dims)
{
	gd_keras_slot *slot = checked_slot(k, part, name, rank, dims);
	if (!slot || slot->initializer)
		return slot ? slot->initializer : NULL;
	const void *data = slot->tensor.data;
	size_t count = 0;
	(void)gd_shape_count(&slot->tensor.shape, 0, &count);
	if (slot->tensor.type != GD_F32)
		data = gd_tensor_floats(&slot->tensor, &k->model->arena);
	const char *stem = stem_of(k, slot);
	if (data && stem)
		slot->initializer = add_tensor(k, stem, data, count * sizeof(float), rank, slot->tensor.shape.dim);
	else
		(void)gd_keras_memory(k);
	return slot->initializer;
}

static void permute(const float *from, float *to, const gd_shape *shape, const int64_t *permutation, size_t count)
{
	size_t stride[GD_MAX_RANK], step[GD_MAX_RANK], at[GD_MAX_RANK] = { 0 }, offset = 0;
	int rank = shape->rank;
	for (int i = rank - 1; i >= 0; i--)
		stride[i] = i == rank - 1 ? 1 : stride[i + 1] * (size_t)shape->dim[i + 1];
	for (int i = 0; i < rank; i++)
		step[i] = stride[permutation[i]];
	for (size_t n = 0; n < count; n++) {
		to[n] = from[offset];
		for (int i = rank - 1; i >= 0; i--) {
			offset += step[i];
			if (++at[i] < (size_t)shape->dim[permutation[i]])
				break;
			offset -= step[i] * at[i];
			at[i] = 0;
		}
	}
}

const char *gd_keras_transposed(gd_keras *k, const char *part, const char *name, int rank, const int64_t *dims, const int64_t *permutation,
	int out_rank, const int64_t *out_dims)
{
	gd_keras_slot *slot = checked_slot(k, part, name, rank, dims);
	if (!slot || slot->initializer)
		return slot ? slot->initializer : NULL;
	size_t count = 0;
	(void)gd_shape_count(&slot->tensor.shape, 0, &count);
	const float *from = gd_tensor_floats(&slot->tensor, &k->model->arena);
	float *to = gd_keras_new(k, count, sizeof *to);
	const char *stem = stem_of(k, slot);
	int64_t *kept = gd_arena_copy(&k->model->arena, permutation, (size_t)rank * sizeof *kept);
	if (!from || !to || !kept || !stem) {
		(void)gd_keras_memory(k);
		return NULL;
	}
	permute(from, to, &slot->tensor.shape, permutation, count);
	slot->permutation = kept;
	slot->initializer = add_tensor(k, stem, to, count * sizeof(float), out_rank, out_dims);
	return slot->initializer;
}
