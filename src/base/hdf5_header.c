/* Object headers of version 1: a list of messages, which may continue in other blocks of the file. */
#include "base/bytes.h"
#include "base/hdf5_format.h"
#include <string.h>

enum { CONTINUATION = 16, PREFIX_BYTES = 16, MESSAGE_BYTES = 8, FLAG_SHARED = 2 };

/* What each message type is to us. Types that are not here are refused by number. */
static const struct {
	unsigned type;
	const char *newer; /* refused as part of a newer layout */
} known[] = {
	{ 0, NULL }, /* nothing */
	{ GD_H5_SPACE, NULL },
	{ GD_H5_TYPE, NULL },
	{ 4, NULL }, /* fill value, old */
	{ 5, NULL }, /* fill value */
	{ GD_H5_EXTERNAL, NULL },
	{ GD_H5_LAYOUT, NULL },
	{ GD_H5_FILTERS, NULL },
	{ GD_H5_ATTRIBUTE, NULL },
	{ 13, NULL }, /* comment */
	{ 14, NULL }, /* modification time, old */
	{ CONTINUATION, NULL },
	{ GD_H5_SYMBOLS, NULL },
	{ 18, NULL }, /* modification time */
	{ 2, "links" },
	{ 6, "links" },
	{ 10, "links" },
	{ 15, "shared messages" },
	{ 21, "attributes in a heap" },
};

static gd_status check_type(unsigned type, gd_h5_object header, gd_error *err)
{
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (known[i].type != type)
			continue;
		if (!known[i].newer)
			return GD_OK;
		return gd_fail(err, GD_E_UNSUPPORTED,
			"is in a newer HDF5 layout (the object at byte %llu has %s); save a model as .keras, an array with "
			"numpy.save",
			(unsigned long long)header, known[i].newer);
	}
	return gd_fail(err, GD_E_UNSUPPORTED,
		"is an HDF5 file with a header message of type %u at byte %llu, which dlguider does not know; save a model as "
		".keras, an array with numpy.save",
		type, (unsigned long long)header);
}

gd_status gd_h5_messages(gd_h5 *h5, gd_h5_object header, gd_h5_cursor *cursor, gd_error *err)
{
	const unsigned char *p = gd_h5_view(h5, header, PREFIX_BYTES);
	if (!p)
		return gd_h5_outside(h5, "a group", header, err);
	if (memcmp(p, "OHDR", 4) == 0)
		return gd_fail(err, GD_E_UNSUPPORTED,
			"is in a newer HDF5 layout (object headers of version 2); save a model as .keras, an array with "
			"numpy.save");
	if (p[0] != 1)
		return gd_fail(err, GD_E_INPUT, "the HDF5 file is damaged: no object header at byte %llu; save it again",
			(unsigned long long)header);
	const uint64_t start = header + PREFIX_BYTES, length = gd_le32(p + 8);
	if (!gd_h5_view(h5, start, length))
		return gd_h5_outside(h5, "an object header", start + length, err);
	*cursor = (gd_h5_cursor){ .at = start, .end = start + length, .left = gd_le16(p + 2), .header = header };
	return GD_OK;
}

static gd_status note_continuation(
	gd_h5 *h5, gd_h5_cursor *cursor, const unsigned char *data, size_t size, gd_error *err)
{
	if (size < 16)
		return gd_fail(err, GD_E_INPUT, "the HDF5 file is damaged: the header at byte %llu is cut off; save it again",
			(unsigned long long)cursor->header);
	const uint64_t at = gd_le64(data), length = gd_le64(data + 8);
	if (!gd_h5_view(h5, at, length))
		return gd_h5_outside(h5, "a continued header", at, err);
	if (++cursor->continuations > GD_H5_MAX_CONTINUATIONS || cursor->pending_count == GD_H5_MAX_PENDING)
		return gd_fail(err, GD_E_INPUT,
			"the HDF5 file is damaged: the header at byte %llu continues without end; save it again",
			(unsigned long long)cursor->header);
	cursor->pending[cursor->pending_count].at = at;
	cursor->pending[cursor->pending_count++].length = length;
	return GD_OK;
}

/* Moves to the oldest pending block when the present one is used up; false: there is none. */
static bool has_message(gd_h5_cursor *cursor)
{
	while (cursor->left > 0 && cursor->end - cursor->at < MESSAGE_BYTES) {
		if (cursor->pending_count == 0)
			return false;
		cursor->at = cursor->pending[0].at;
		cursor->end = cursor->at + cursor->pending[0].length;
		cursor->pending_count--;
		memmove(&cursor->pending[0], &cursor->pending[1], cursor->pending_count * sizeof cursor->pending[0]);
	}
	return cursor->left > 0;
}

gd_status gd_h5_next(gd_h5 *h5, gd_h5_cursor *cursor, gd_h5_message *out, gd_error *err)
{
	*out = (gd_h5_message){ 0 };
	while (has_message(cursor)) {
		gd_status status = gd_h5_spend(h5, err);
		const unsigned char *p = h5->bytes + cursor->at;
		const unsigned type = gd_le16(p), flags = p[4];
		const size_t size = gd_le16(p + 2);
		if (status != GD_OK)
			return status;
		if (size > cursor->end - cursor->at - MESSAGE_BYTES)
			return gd_fail(err, GD_E_INPUT,
				"the HDF5 file is damaged: a message of %zu bytes does not fit into the header at byte %llu; save it "
				"again",
				size, (unsigned long long)cursor->header);
		status = check_type(type, cursor->header, err);
		if (status == GD_OK && type != 0 && (flags & FLAG_SHARED))
			status = gd_fail(err, GD_E_UNSUPPORTED,
				"is an HDF5 file with shared messages; save a model as .keras, an array with numpy.save");
		if (status == GD_OK && type == CONTINUATION)
			status = note_continuation(h5, cursor, p + MESSAGE_BYTES, size, err);
		if (status != GD_OK)
			return status;
		cursor->at += MESSAGE_BYTES + size;
		cursor->left--;
		if (type != 0 && type != CONTINUATION) {
			*out = (gd_h5_message){ type, p + MESSAGE_BYTES, size };
			return GD_OK;
		}
	}
	return GD_OK;
}

gd_status gd_h5_read_header(gd_h5 *h5, gd_h5_object object, gd_h5_header *out, gd_error *err)
{
	const struct {
		unsigned type;
		gd_h5_message *to;
	} places[] = { { GD_H5_SPACE, &out->space }, { GD_H5_TYPE, &out->type }, { GD_H5_LAYOUT, &out->layout },
		{ GD_H5_FILTERS, &out->filters }, { GD_H5_EXTERNAL, &out->external }, { GD_H5_SYMBOLS, &out->symbols } };
	*out = (gd_h5_header){ 0 };
	gd_h5_cursor cursor;
	gd_h5_message message = { 0 };
	gd_status status = gd_h5_messages(h5, object, &cursor, err);
	while (status == GD_OK) {
		status = gd_h5_next(h5, &cursor, &message, err);
		if (status != GD_OK || !message.data)
			break;
		for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
			if (places[i].type != message.type)
				continue;
			if (places[i].to->data)
				return gd_fail(err, GD_E_INPUT,
					"the HDF5 file is damaged: the header at byte %llu has two messages of type %u; save it again",
					(unsigned long long)object, message.type);
			*places[i].to = message;
		}
	}
	return status;
}
