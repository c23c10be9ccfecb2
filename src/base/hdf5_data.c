/* Datatypes, dataspaces, layouts and the datasets they describe. */
#include "base/bytes.h"
#include "base/checked.h"
#include "base/hdf5_format.h"
#include <string.h>

enum {
	CLASS_INTEGER = 0,
	CLASS_FLOAT = 1,
	CLASS_TEXT = 3,
	CLASS_OPAQUE = 5,
	CLASS_ENUM = 8,
	CLASS_VLEN = 9,
	TYPE_BYTES = 8
};

static const char *const class_names[] = { "a whole-number type of unusual layout", "a float type of unusual layout",
	"times", "text", "bit fields", "opaque bytes", "a compound type", "references", "an enumeration",
	"lists of varying length", "an array type" };

/* Numbers as numpy and Keras write them: little-endian, full precision, no offset. */
static const struct {
	const char *dtype;
	unsigned class, size;
	bool is_signed;
	unsigned char
		float_layout[6]; /* sign place, exponent place, exponent size, mantissa place, mantissa size, bias's low byte */
} numbers[] = {
	{ "<f2", CLASS_FLOAT, 2, true, { 15, 10, 5, 0, 10, 15 } },
	{ "<f4", CLASS_FLOAT, 4, true, { 31, 23, 8, 0, 23, 127 } },
	{ "<f8", CLASS_FLOAT, 8, true, { 63, 52, 11, 0, 52, 255 } },
	{ "bfloat16", CLASS_FLOAT, 2, true, { 15, 7, 8, 0, 7, 127 } },
	{ "|i1", CLASS_INTEGER, 1, true, { 0 } },
	{ "<i2", CLASS_INTEGER, 2, true, { 0 } },
	{ "<i4", CLASS_INTEGER, 4, true, { 0 } },
	{ "<i8", CLASS_INTEGER, 8, true, { 0 } },
	{ "|u1", CLASS_INTEGER, 1, false, { 0 } },
	{ "<u2", CLASS_INTEGER, 2, false, { 0 } },
	{ "<u4", CLASS_INTEGER, 4, false, { 0 } },
	{ "<u8", CLASS_INTEGER, 8, false, { 0 } },
};

static bool is_plain_number(const unsigned char *p, size_t i, unsigned class)
{
	const unsigned char *layout = p + TYPE_BYTES; /* bit offset, precision, then for floats the places */
	if (numbers[i].class != class || numbers[i].size != gd_le32(p + 4) || (p[1] & 1) || gd_le16(layout) != 0 ||
		gd_le16(layout + 2) != numbers[i].size * 8)
		return false;
	if (class == CLASS_INTEGER)
		return ((p[1] >> 3) & 1) == numbers[i].is_signed;
	const unsigned char *want = numbers[i].float_layout;
	return (p[1] & 0x70) == 0x20 && p[2] == want[0] && memcmp(layout + 4, want + 1, 4) == 0 &&
		   (gd_le32(layout + 8) & 0xff) == want[5];
}

static gd_h5_type number_type(const unsigned char *p, size_t size, unsigned class)
{
	gd_h5_type type = { .kind = GD_H5_OTHER, .size = gd_le32(p + 4), .name = class_names[class] };
	if (size < TYPE_BYTES + (class == CLASS_INTEGER ? 4u : 12u))
		return type;
	if (p[1] & 1)
		type.name = "big-endian numbers";
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		if (is_plain_number(p, i, class)) {
			type.kind = GD_H5_NUMBER;
			type.dtype = numbers[i].dtype;
			break;
		}
	return type;
}

/* What h5py writes for bool: an enumeration of one byte with two members. */
static bool is_bool(const unsigned char *p, size_t size)
{
	static const char members[] = "FALSE\0\0\0TRUE\0\0\0\0\0\1";
	const size_t names_at = TYPE_BYTES + 12; /* behind the type of the numbers */
	return gd_le32(p + 4) == 1 && gd_le16(p + 1) == 2 && gd_fits(names_at, sizeof members - 1, size) &&
		   (p[TYPE_BYTES] & 15) == CLASS_INTEGER && memcmp(p + names_at, members, sizeof members - 1) == 0;
}

gd_status gd_h5_read_type(const unsigned char *p, size_t size, gd_h5_type *out, gd_error *err)
{
	if (size < TYPE_BYTES || gd_le32(p + 4) == 0)
		return gd_fail(err, GD_E_INPUT, "the HDF5 file is damaged: a datatype is cut off; save it again");
	const unsigned class = p[0] & 15;
	*out = (gd_h5_type){
		.kind = GD_H5_OTHER, .size = gd_le32(p + 4), .name = class < 11 ? class_names[class] : "an unknown type"
	};
	if (class == CLASS_INTEGER || class == CLASS_FLOAT)
		*out = number_type(p, size, class);
	else if (class == CLASS_TEXT) {
		out->kind = GD_H5_FIXED_TEXT;
		out->space_padded = (p[1] & 15) == 2;
	} else if (class == CLASS_OPAQUE)
		out->kind = GD_H5_OPAQUE;
	else if (class == CLASS_VLEN && (p[1] & 15) == 1 && out->size == 16)
		out->kind = GD_H5_VLEN_TEXT;
	else if (class == CLASS_ENUM && is_bool(p, size)) {
		out->kind = GD_H5_NUMBER;
		out->dtype = "|b1";
	}
	return GD_OK;
}

gd_status gd_h5_read_space(const unsigned char *p, size_t size, gd_h5_array *out, size_t *count, gd_error *err)
{
	const size_t head = size > 0 && p[0] == 2 ? 4 : 8;
	if (size < head || p[0] < 1 || p[0] > 2)
		return gd_fail(err, GD_E_INPUT,
			"the HDF5 file is damaged: a dataspace is cut off or of an unknown version; save it again");
	if (p[1] > GD_H5_MAX_RANK)
		return gd_fail(
			err, GD_E_LIMIT, "the HDF5 file has an array of %d dimensions; the limit is %d", p[1], GD_H5_MAX_RANK);
	out->rank = p[1];
	*count = p[0] == 2 && p[3] == 2 ? 0 : 1; /* version 2 knows a space without any element */
	if (size < head + 8u * p[1])
		return gd_fail(err, GD_E_INPUT, "the HDF5 file is damaged: a dataspace is cut off; save it again");
	for (int i = 0; i < out->rank; i++) {
		const uint64_t dim = gd_le64(p + head + 8 * (size_t)i);
		if (dim > INT64_MAX || !gd_mul_size(*count, (size_t)dim, count))
			return gd_fail(err, GD_E_INPUT,
				"the HDF5 file is damaged: an array declares a dimension of %llu; save it again",
				(unsigned long long)dim);
		out->dim[i] = (int64_t)dim;
	}
	return GD_OK;
}

gd_status gd_h5_read_layout(const gd_h5_message *layout, bool *contiguous, uint64_t *at, uint64_t *size, gd_error *err)
{
	const unsigned char *p = layout->data;
	*contiguous = false;
	*at = *size = 0;
	if (layout->size < 2)
		return gd_fail(err, GD_E_INPUT, "the HDF5 file is damaged: a layout is cut off; save it again");
	if (p[0] != 3 || p[1] != 1)
		return GD_OK;
	if (layout->size < 18)
		return gd_fail(err, GD_E_INPUT, "the HDF5 file is damaged: a layout is cut off; save it again");
	*contiguous = true;
	*at = gd_le64(p + 2);
	*size = gd_le64(p + 10);
	return GD_OK;
}

static gd_status refuse_layout(const gd_h5_header *header, const char *name, gd_error *err)
{
	const unsigned char *p = header->layout.data;
	const char *how = "in a newer way";
	if (header->filters.data)
		how = "compressed";
	else if (p[0] == 3 && p[1] == 0)
		how = "inside its header";
	else if ((p[0] == 3 || p[0] == 4) && p[1] == 2)
		how = "in chunks";
	else if (p[0] == 4 && p[1] == 3)
		return gd_fail(err, GD_E_INPUT,
			"dataset %s is put together from other datasets or files, which dlguider never opens",
			name);
	return gd_fail(err, GD_E_UNSUPPORTED,
		"dataset %s is stored %s, which dlguider does not read; load it and save it again as plain data", name, how);
}

/* Keras marks bfloat16, which HDF5 has no type for, by an attribute on two opaque bytes. */
static gd_status settle_opaque(gd_h5 *h5, gd_h5_object dataset, gd_h5_type *type, gd_error *err)
{
	const char *dtype = NULL;
	gd_status status = gd_h5_text(h5, dataset, "dtype", &dtype, err);
	if (status == GD_OK && dtype && strcmp(dtype, "bfloat16") == 0 && type->size == 2) {
		type->kind = GD_H5_NUMBER;
		type->dtype = "bfloat16";
	}
	return status;
}

static gd_status read_element_type(
	gd_h5 *h5, gd_h5_object dataset, const gd_h5_header *header, const char *name, gd_h5_type *type, gd_error *err)
{
	gd_status status = gd_h5_read_type(header->type.data, header->type.size, type, err);
	if (status == GD_OK && type->kind == GD_H5_OPAQUE)
		status = settle_opaque(h5, dataset, type, err);
	if (status == GD_OK && type->kind != GD_H5_NUMBER)
		status = gd_fail(err, GD_E_UNSUPPORTED,
			"dataset %s holds %s; dlguider reads little-endian numbers: save it again so", name,
			type->kind == GD_H5_OTHER    ? type->name
			: type->kind == GD_H5_OPAQUE ? "opaque bytes"
										 : "text");
	return status;
}

gd_status gd_h5_read(gd_h5 *h5, gd_h5_object dataset, const char *name, gd_h5_array *out, gd_error *err)
{
	gd_h5_header header;
	gd_h5_type type = { 0 };
	gd_h5_array array = { 0 };
	size_t count = 0, bytes;
	bool contiguous = false;
	uint64_t at = 0, size = 0;
	gd_status status = gd_h5_read_header(h5, dataset, &header, err);
	if (status == GD_OK && (!header.space.data || !header.type.data || !header.layout.data))
		status = gd_fail(err, GD_E_INPUT, "%s is no dataset; the file is damaged: save it again", name);
	if (status == GD_OK)
		status = read_element_type(h5, dataset, &header, name, &type, err);
	if (status == GD_OK)
		status = gd_h5_read_space(header.space.data, header.space.size, &array, &count, err);
	if (status == GD_OK)
		status = gd_h5_read_layout(&header.layout, &contiguous, &at, &size, err);
	if (status != GD_OK)
		return status;
	if (!contiguous || header.filters.data)
		return refuse_layout(&header, name, err);
	if (!gd_mul_size(count, type.size, &bytes) || (bytes > 0 && bytes != size))
		return gd_fail(err, GD_E_INPUT,
			"dataset %s: its shape and type ask for %zu numbers of %zu bytes, %llu bytes are there; save it again",
			name, count, type.size, (unsigned long long)size);
	const unsigned char *data = bytes > 0 ? gd_h5_view(h5, at, bytes) : h5->bytes;
	if (!data && at == GD_H5_NOWHERE)
		return gd_fail(err, GD_E_INPUT, "dataset %s was never written; save it again", name);
	if (!data)
		return gd_h5_outside(h5, "a dataset", at, err);
	array.name = gd_arena_text(h5->arena, name, strlen(name));
	array.dtype = type.dtype;
	array.data = data;
	array.bytes = bytes;
	*out = array;
	return array.name ? GD_OK : gd_fail_memory(err, "reading the HDF5 file");
}
