/* Attributes that hold text: fixed-length strings in the message itself, or strings in a global heap. */
#include "base/bytes.h"
#include "base/checked.h"
#include "base/hdf5_format.h"
#include <string.h>

enum { REFERENCE_BYTES = 16, COLLECTION_BYTES = 16, HEAP_OBJECT_BYTES = 16 };

typedef struct {
	const unsigned char *type, *space, *data; /* data NULL: the object has no such attribute */
	size_t type_size, space_size, data_size;
} attribute;

static size_t padded(size_t size, bool pad)
{
	return pad ? (size + 7) / 8 * 8 : size; /* sizes are 16 bits wide: cannot wrap */
}

/* Takes an attribute message apart when it has this name. Versions 2 and 3 do without the padding. */
static gd_status match_attribute(const gd_h5_message *m, const char *name, attribute *out, gd_error *err)
{
	const unsigned char *p = m->data;
	const size_t head = m->size > 0 && p[0] == 3 ? 9 : 8;
	if (m->size < head || p[0] < 1 || p[0] > 3)
		return gd_fail(err, GD_E_INPUT,
			"the HDF5 file is damaged: an attribute is cut off or of an unknown version; save it again");
	const bool pad = p[0] == 1;
	const size_t name_size = gd_le16(p + 2), type_size = gd_le16(p + 4), space_size = gd_le16(p + 6);
	const size_t type_at = head + padded(name_size, pad), space_at = type_at + padded(type_size, pad),
				 data_at = space_at + padded(space_size, pad);
	if (data_at > m->size || name_size == 0 || p[head + name_size - 1] != 0)
		return gd_fail(err, GD_E_INPUT, "the HDF5 file is damaged: an attribute is cut off; save it again");
	if (strcmp((const char *)p + head, name) != 0)
		return GD_OK;
	if (out->data)
		return gd_fail(err, GD_E_INPUT, "the HDF5 file is damaged: it has the attribute %s twice; save it again", name);
	if (!pad && p[1] != 0)
		return gd_fail(
			err, GD_E_UNSUPPORTED, "is an HDF5 file with shared messages; save it again in the default layout");
	*out = (attribute){ p + type_at, p + space_at, p + data_at, type_size, space_size, m->size - data_at };
	return GD_OK;
}

static gd_status find_attribute(gd_h5 *h5, gd_h5_object object, const char *name, attribute *out, gd_error *err)
{
	gd_h5_cursor cursor;
	gd_h5_message message = { 0 };
	size_t seen = 0;
	*out = (attribute){ 0 };
	gd_status status = gd_h5_messages(h5, object, &cursor, err);
	while (status == GD_OK) {
		status = gd_h5_next(h5, &cursor, &message, err);
		if (status != GD_OK || !message.data)
			break;
		if (message.type != GD_H5_ATTRIBUTE)
			continue;
		if (++seen > GD_H5_MAX_ATTRIBUTES)
			return gd_fail(err, GD_E_LIMIT, "the HDF5 file has an object with more than %d attributes, the limit",
				GD_H5_MAX_ATTRIBUTES);
		status = match_attribute(&message, name, out, err);
	}
	return status;
}

static gd_status bad_heap(uint64_t at, gd_error *err)
{
	return gd_fail(err, GD_E_INPUT, "the HDF5 file is damaged: no text in the heap at byte %llu; save it again",
		(unsigned long long)at);
}

/* The bytes of object `index` of the collection at `at`. */
static gd_status read_heap(
	gd_h5 *h5, uint64_t at, unsigned index, const unsigned char **data, uint64_t *size, gd_error *err)
{
	const unsigned char *p = gd_h5_view(h5, at, COLLECTION_BYTES);
	if (!p)
		return gd_h5_outside(h5, "a text", at, err);
	const uint64_t whole = gd_le64(p + 8);
	if (memcmp(p, "GCOL", 4) != 0 || p[4] != 1 || whole < COLLECTION_BYTES || !gd_h5_view(h5, at, whole))
		return bad_heap(at, err);
	uint64_t place = COLLECTION_BYTES;
	while (whole - place >= HEAP_OBJECT_BYTES) {
		const unsigned char *object = p + place;
		const uint64_t length = gd_le64(object + 8), left = whole - place - HEAP_OBJECT_BYTES;
		gd_status status = gd_h5_spend(h5, err);
		if (status != GD_OK)
			return status;
		if (gd_le16(object) == 0 || length > left)
			break; /* free space is the last object */
		if (gd_le16(object) == index) {
			*data = object + HEAP_OBJECT_BYTES;
			*size = length;
			return GD_OK;
		}
		const uint64_t rounded = length + (8 - length % 8) % 8;
		if (rounded > left)
			break;
		place += HEAP_OBJECT_BYTES + rounded;
	}
	return bad_heap(at, err);
}

/* A copy that ends with NUL; the padding is cut off, a NUL within refused, since it would hide what follows. */
static gd_status copy_text(
	gd_h5 *h5, const unsigned char *data, size_t length, char padding, const char **out, gd_error *err)
{
	while (length > 0 && (data[length - 1] == 0 || data[length - 1] == (unsigned char)padding))
		length--;
	if (memchr(data, 0, length))
		return gd_fail(err, GD_E_INPUT, "the HDF5 file is damaged: a text has a zero byte inside; save it again");
	if (length > h5->text_left)
		return gd_fail(
			err, GD_E_INPUT, "the HDF5 file is damaged: its texts add up to more than the file; save it again");
	h5->text_left -= length;
	*out = gd_arena_text(h5->arena, (const char *)data, length);
	return *out ? GD_OK : gd_fail_memory(err, "reading the HDF5 file");
}

static gd_status read_element(
	gd_h5 *h5, const gd_h5_type *type, const unsigned char *element, const char **out, gd_error *err)
{
	if (type->kind == GD_H5_FIXED_TEXT)
		return copy_text(h5, element, type->size, type->space_padded ? ' ' : 0, out, err);
	const uint64_t length = gd_le32(element);
	const unsigned char *data = element;
	uint64_t size = 0;
	if (length > 0) {
		gd_status status = read_heap(h5, gd_le64(element + 4), gd_le32(element + 12), &data, &size, err);
		if (status != GD_OK)
			return status;
	}
	return length > size ? bad_heap(gd_le64(element + 4), err) : copy_text(h5, data, (size_t)length, 0, out, err);
}

/* Checks that the attribute is text and all there; *count of elements. */
static gd_status open_texts(
	const attribute *a, const char *name, gd_h5_type *type, gd_h5_array *shape, size_t *count, gd_error *err)
{
	size_t bytes;
	gd_status status = gd_h5_read_type(a->type, a->type_size, type, err);
	if (status == GD_OK)
		status = gd_h5_read_space(a->space, a->space_size, shape, count, err);
	if (status != GD_OK || *count == 0) /* an empty list has any type: h5py gives it float64 */
		return status;
	if (type->kind != GD_H5_FIXED_TEXT && type->kind != GD_H5_VLEN_TEXT)
		return gd_fail(err, GD_E_INPUT, "the HDF5 file's attribute %s is no text; save it again", name);
	if (!gd_mul_size(*count, type->size, &bytes) || bytes > a->data_size)
		return gd_fail(err, GD_E_INPUT,
			"the HDF5 file is damaged: the attribute %s declares %zu texts, %zu bytes are there; save it again", name,
			*count, a->data_size);
	return GD_OK;
}

gd_status gd_h5_text(gd_h5 *h5, gd_h5_object object, const char *name, const char **out, gd_error *err)
{
	attribute a;
	gd_h5_type type = { 0 };
	gd_h5_array shape = { 0 };
	size_t count = 0;
	*out = NULL;
	gd_status status = find_attribute(h5, object, name, &a, err);
	if (status != GD_OK || !a.data)
		return status;
	status = open_texts(&a, name, &type, &shape, &count, err);
	if (status == GD_OK && count != 1)
		return gd_fail(err, GD_E_INPUT,
			"the HDF5 file's attribute %s holds %zu texts where one should be; save it again", name, count);
	return status == GD_OK ? read_element(h5, &type, a.data, out, err) : status;
}

/* A list that grows as the chunks of an attribute come. */
typedef struct {
	const char **items;
	size_t count, room;
} texts;

static gd_status add_texts(gd_h5 *h5, const attribute *a, const char *name, texts *list, gd_error *err)
{
	gd_h5_type type = { 0 };
	gd_h5_array shape = { 0 };
	size_t count = 0;
	gd_status status = open_texts(a, name, &type, &shape, &count, err);
	if (status != GD_OK || count == 0)
		return status;
	if (list->room - list->count < count) {
		/* count is bounded by the message's 65,535 bytes, the chunks by GD_H5_MAX_LIST_CHUNKS */
		const size_t room = (list->count + count) * 2;
		const char **items = gd_arena_new(h5->arena, room, sizeof *items);
		if (!items)
			return gd_fail_memory(err, "reading the HDF5 file");
		if (list->count > 0)
			memcpy(items, list->items, list->count * sizeof *items);
		list->items = items;
		list->room = room;
	}
	for (size_t i = 0; i < count && status == GD_OK; i++) {
		status = read_element(h5, &type, a->data + i * type.size, &list->items[list->count], err);
		list->count++;
	}
	return status;
}

gd_status gd_h5_texts(
	gd_h5 *h5, gd_h5_object object, const char *name, const char *const **out, size_t *count, gd_error *err)
{
	attribute a;
	texts list = { 0 };
	*out = NULL;
	*count = 0;
	gd_status status = find_attribute(h5, object, name, &a, err);
	const bool whole = status == GD_OK && a.data;
	bool any = whole;
	if (whole)
		status = add_texts(h5, &a, name, &list, err);
	for (unsigned chunk = 0; status == GD_OK && !whole && chunk < GD_H5_MAX_LIST_CHUNKS; chunk++) {
		const char *part = gd_arena_printf(h5->arena, "%s%u", name, chunk);
		if (!part)
			return gd_fail_memory(err, "reading the HDF5 file");
		status = find_attribute(h5, object, part, &a, err);
		if (status != GD_OK || !a.data)
			break;
		any = true;
		status = add_texts(h5, &a, part, &list, err);
	}
	if (status != GD_OK || !any)
		return status;
	*out = list.items ? list.items : gd_arena_new(h5->arena, 1, sizeof *list.items);
	*count = list.count;
	return *out ? GD_OK : gd_fail_memory(err, "reading the HDF5 file");
}
