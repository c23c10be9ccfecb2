/* TensorProto to gd_tensor. Elements stand in raw_data or in one of the typed lists; packed lists of fixed-width
 * numbers have the layout of raw_data, so both become views, and only the rest is converted. */
#include "base/checked.h"
#include "model/onnx/file.h"
#include "model/onnx/schema.h"
#include <string.h>

/* Which typed list holds which element types, and how wide an element of the list's wire form is. */
static const struct {
	unsigned field;
	unsigned width; /* 0: varints */
	gd_type types[8];
} lists[] = {
	{ GD_TENSOR_FLOATS, 4, { GD_F32 } },
	{ GD_TENSOR_DOUBLES, 8, { GD_F64 } },
	{ GD_TENSOR_INT64S, 0, { GD_I64 } },
	{ GD_TENSOR_UINT64S, 0, { GD_U32, GD_U64 } },
	{ GD_TENSOR_INT32S, 0, { GD_I32, GD_I16, GD_I8, GD_U8, GD_U16, GD_BOOL, GD_F16, GD_BF16 } },
};

typedef struct {
	gd_tensor *tensor;
	gd_arena *arena;
	gd_error *err;
	gd_wire whole; /* the message */
	bool raw;
	size_t strings;
} reading;

static gd_status bad_dim(reading *r, int64_t dim)
{
	return gd_fail(r->err, GD_E_INPUT, "tensor %s: dimension %lld", r->tensor->name, (long long)dim);
}

static gd_status add_dim(reading *r, uint64_t value)
{
	gd_shape *shape = &r->tensor->shape;
	if (shape->rank == GD_MAX_RANK)
		return gd_fail(r->err, GD_E_LIMIT, "tensor %s has more than %d dimensions", r->tensor->name, GD_MAX_RANK);
	if (value > INT32_MAX)
		return bad_dim(r, (int64_t)value);
	shape->dim[shape->rank++] = (int64_t)value;
	return GD_OK;
}

static gd_status read_dims(reading *r, const gd_wire_field *f)
{
	if (f->type == GD_WIRE_VARINT)
		return add_dim(r, f->value);
	gd_wire packed = f->body;
	uint64_t value;
	gd_status status = GD_OK;
	while (status == GD_OK && gd_wire_varint(&packed, &value))
		status = add_dim(r, value);
	if (status == GD_OK && packed.damage)
		return gd_fail(r->err, GD_E_INPUT, "tensor %s: the list of dimensions %s", r->tensor->name, packed.damage);
	return status;
}

/* Name and type first: they may come after the data. */
static gd_status read_head(reading *r)
{
	gd_wire wire = r->whole;
	gd_wire_field f;
	r->tensor->name = "";
	while (gd_wire_read(&wire, &f)) {
		if (f.number == GD_TENSOR_NAME) {
			r->tensor->name = gd_onnx_text(f.body, GD_MAX_NAME, r->arena, r->err);
			if (!r->tensor->name)
				return r->err->status;
		}
		if (f.number == GD_TENSOR_TYPE)
			r->tensor->type = (gd_type)(f.value < 1000 ? f.value : 0);
	}
	return GD_OK;
}

static bool list_takes(size_t list, gd_type type)
{
	for (size_t i = 0; i < 8; i++)
		if (lists[list].types[i] == type)
			return type != 0;
	return false;
}

/* The list's elements written one after the other, `width` bytes each; fields other than the list's are passed over. */
static gd_status copy_list(reading *r, size_t list, size_t count, size_t width)
{
	unsigned char *out = gd_arena_new(r->arena, count, width);
	if (!out)
		return gd_fail_memory(r->err, "reading a tensor");
	size_t at = 0;
	gd_wire wire = r->whole;
	gd_wire_field f;
	while (gd_wire_read(&wire, &f)) {
		if (f.number != lists[list].field)
			continue;
		if (f.type != GD_WIRE_BYTES && at < count)
			memcpy(out + at++ * width, &f.value, width);
		uint64_t value = 0;
		while (f.type == GD_WIRE_BYTES && lists[list].width == 0 && at < count && gd_wire_varint(&f.body, &value))
			memcpy(out + at++ * width, &value, width);
		if (f.type == GD_WIRE_BYTES && lists[list].width) {
			size_t more = gd_wire_left(&f.body) / width;
			more = more < count - at ? more : count - at;
			memcpy(out + at * width, f.body.at, more * width);
			at += more;
		}
	}
	r->tensor->data = out;
	r->tensor->bytes = at * width;
	return GD_OK;
}

/* How many elements the list has, by a walk over it. */
static gd_status count_list(reading *r, size_t list, size_t *count, gd_wire *only)
{
	gd_wire wire = r->whole;
	gd_wire_field f;
	size_t fields = 0;
	*count = 0;
	while (gd_wire_read(&wire, &f)) {
		if (f.number != lists[list].field)
			continue;
		fields++;
		if (f.type != GD_WIRE_BYTES) {
			(*count)++;
			fields++; /* never a view */
			continue;
		}
		*only = f.body;
		if (lists[list].width && gd_wire_left(&f.body) % lists[list].width)
			return gd_fail(r->err, GD_E_INPUT, "tensor %s ends inside a number", r->tensor->name);
		*count += lists[list].width ? gd_wire_left(&f.body) / lists[list].width : 0;
		uint64_t value;
		while (lists[list].width == 0 && gd_wire_varint(&f.body, &value))
			(*count)++;
		if (f.body.damage)
			return gd_fail(r->err, GD_E_INPUT, "tensor %s: its list of numbers %s", r->tensor->name, f.body.damage);
	}
	if (fields != 1 || lists[list].width == 0)
		*only = gd_wire_of(NULL, 0);
	return GD_OK;
}

static gd_status read_list(reading *r, size_t list)
{
	size_t count, width = gd_type_bytes(r->tensor->type);
	gd_wire only;
	if (!list_takes(list, r->tensor->type))
		return gd_fail(r->err, GD_E_INPUT, "tensor %s of type %s keeps its numbers in a list of another type",
			r->tensor->name, gd_type_name(r->tensor->type));
	if (r->tensor->bytes || r->raw)
		return gd_fail(r->err, GD_E_INPUT, "tensor %s keeps its numbers in two places", r->tensor->name);
	gd_status status = count_list(r, list, &count, &only);
	if (status != GD_OK)
		return status;
	if (only.at) {
		r->tensor->data = only.at;
		r->tensor->bytes = gd_wire_left(&only);
		return GD_OK;
	}
	return copy_list(r, list, count, width);
}

static gd_status read_data(reading *r)
{
	gd_wire wire = r->whole;
	gd_wire_field f;
	gd_status status = GD_OK;
	bool seen[sizeof lists / sizeof lists[0]] = { false };
	while (status == GD_OK && gd_wire_read(&wire, &f)) {
		if (f.number == GD_TENSOR_DIMS)
			status = read_dims(r, &f);
		else if (f.number == GD_TENSOR_RAW && r->tensor->bytes)
			status = gd_fail(r->err, GD_E_INPUT, "tensor %s keeps its numbers in two places", r->tensor->name);
		else if (f.number == GD_TENSOR_RAW) {
			r->tensor->data = f.body.at;
			r->tensor->bytes = gd_wire_left(&f.body);
			r->raw = true;
		} else if (f.number == GD_TENSOR_STRINGS)
			r->strings++;
		else if (f.number == GD_TENSOR_SEGMENT)
			status = gd_fail(r->err, GD_E_UNSUPPORTED, "tensor %s is stored in segments, which dlguider does not read",
				r->tensor->name);
		for (size_t i = 0; status == GD_OK && i < sizeof lists / sizeof lists[0]; i++)
			if (f.number == lists[i].field && !seen[i]) {
				seen[i] = true;
				status = read_list(r, i);
			}
	}
	return status;
}

static gd_status check_size(reading *r)
{
	gd_tensor *t = r->tensor;
	size_t count, need, width = gd_type_bytes(t->type);
	if (!gd_shape_count(&t->shape, 0, &count) || !gd_mul_size(count, width ? width : 1, &need))
		return gd_fail(r->err, GD_E_INPUT, "tensor %s: its dimensions multiply to more than can be", t->name);
	if (t->type == GD_STRING && r->strings != count)
		return gd_fail(
			r->err, GD_E_INPUT, "tensor %s holds %zu strings, its shape needs %zu", t->name, r->strings, count);
	if (width == 0) { /* strings, and number types that are too new: the engine's business */
		t->data = NULL;
		t->bytes = 0;
		return GD_OK;
	}
	if (t->bytes != need)
		return gd_fail(r->err, GD_E_INPUT, "tensor %s holds %zu bytes, its shape needs %zu", t->name, t->bytes, need);
	if (!t->data)
		t->data = "";
	return GD_OK;
}

gd_status gd_onnx_tensor(gd_wire message, gd_arena *arena, gd_tensor *out, gd_error *err)
{
	*out = (gd_tensor){ 0 };
	reading r = { .tensor = out, .arena = arena, .err = err, .whole = message };
	gd_status status = read_head(&r);
	if (status == GD_OK)
		status = read_data(&r);
	return status == GD_OK ? check_size(&r) : status;
}
