#include "model/onnx/wire.h"
#include "model/onnx/schema.h"

gd_wire gd_wire_of(const void *bytes, size_t size)
{
	return (gd_wire){ bytes, size ? (const unsigned char *)bytes + size : bytes, NULL };
}

size_t gd_wire_left(const gd_wire *wire)
{
	return (size_t)(wire->end - wire->at);
}

static bool damaged(gd_wire *wire, const char *what)
{
	if (!wire->damage)
		wire->damage = what;
	return false;
}

bool gd_wire_varint(gd_wire *wire, uint64_t *value)
{
	if (wire->damage || wire->at == wire->end)
		return false;
	uint64_t sum = 0;
	for (unsigned i = 0; i < 10; i++) {
		if (wire->at + i == wire->end)
			return damaged(wire, "ends inside a field");
		uint64_t byte = wire->at[i];
		if (i == 9 && byte > 1)
			break;
		sum |= (byte & 0x7f) << (7 * i);
		if (byte < 0x80) {
			wire->at += i + 1;
			*value = sum;
			return true;
		}
	}
	return damaged(wire, "has a number of more than 64 bits");
}

static bool read_fixed(gd_wire *wire, unsigned bytes, uint64_t *value)
{
	if (gd_wire_left(wire) < bytes)
		return damaged(wire, "ends inside a field");
	*value = 0;
	for (unsigned i = 0; i < bytes; i++)
		*value |= (uint64_t)wire->at[i] << (8 * i);
	wire->at += bytes;
	return true;
}

static bool read_block(gd_wire *wire, gd_wire *body)
{
	uint64_t size;
	if (!gd_wire_varint(wire, &size))
		return damaged(wire, "ends inside a field");
	if (size > gd_wire_left(wire))
		return damaged(wire, "ends inside a field");
	*body = gd_wire_of(wire->at, (size_t)size);
	wire->at += size;
	return true;
}

bool gd_wire_read(gd_wire *wire, gd_wire_field *field)
{
	uint64_t key;
	*field = (gd_wire_field){ 0 };
	if (!gd_wire_varint(wire, &key))
		return false;
	if (key >> 3 == 0 || key >> 3 > 0x1fffffff)
		return damaged(wire, "has a field of an impossible number");
	field->number = (uint32_t)(key >> 3);
	field->type = (uint32_t)(key & 7);
	switch (field->type) {
	case GD_WIRE_VARINT:
		return gd_wire_varint(wire, &field->value) || damaged(wire, "ends inside a field");
	case GD_WIRE_FIXED64:
		return read_fixed(wire, 8, &field->value);
	case GD_WIRE_FIXED32:
		return read_fixed(wire, 4, &field->value);
	case GD_WIRE_BYTES:
		return read_block(wire, &field->body);
	default:
		return damaged(wire, "has a field of a kind that ONNX never uses");
	}
}
