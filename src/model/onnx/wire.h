/* wire.h - protobuf's wire format, read in place with hard limits: varints of at most 10 bytes, no groups, every field
 * ends inside its message. Allocates nothing; cannot run out of its bytes; fuzzed.
 *
 * check.c walks every message of a file once with gd_wire_read and refuses a damaged one; later passes can rely on
 * that.
 */
#ifndef GD_ONNX_WIRE_H
#define GD_ONNX_WIRE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	const unsigned char *at, *end;
	const char *damage; /* NULL, or what is wrong at `at`; nothing more can be read then */
} gd_wire;

typedef struct {
	uint32_t number; /* from 1 */
	uint32_t type;   /* GD_WIRE_... of schema.h */
	uint64_t value;  /* of a varint or fixed field */
	gd_wire body;    /* of a field of bytes */
} gd_wire_field;

gd_wire gd_wire_of(const void *bytes, size_t size);
size_t gd_wire_left(const gd_wire *wire);
/* The next field; false at the end and at damage. */
bool gd_wire_read(gd_wire *wire, gd_wire_field *field);
/* The next varint of a packed list; false at the end and at damage. */
bool gd_wire_varint(gd_wire *wire, uint64_t *value);

#endif
