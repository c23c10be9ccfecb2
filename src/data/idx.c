/* IDX, the format of MNIST's files, plain or compressed with gzip as they are published: two zero bytes, a type, a
 * rank, the dimensions and the numbers, all big-endian. */
#include "base/bytes.h"
#include "base/checked.h"
#include "data/rows_format.h"
#include <limits.h>
#include <string.h>
#include <zlib.h>

enum { MAX_RATIO = 200, FREE_BYTES = 1 << 20, HEADER_BYTES = 4 + 4 * GD_ROWS_MAX_RANK, GZIP_WINDOW = 15 + 16 };

static const struct {
	unsigned char code;
	const char *dtype;
	size_t size;
} types[] = { { 0x08, "|u1", 1 }, { 0x09, "|i1", 1 }, { 0x0b, ">i2", 2 }, { 0x0c, ">i4", 4 }, { 0x0d, ">f4", 4 },
	{ 0x0e, ">f8", 8 } };

typedef struct {
	const char *dtype;
	int rank;
	int64_t dims[GD_ROWS_MAX_RANK];
	size_t start, bytes; /* of the numbers */
} idx;

static gd_status read_header(const unsigned char *p, size_t size, idx *out, gd_error *err)
{
	*out = (idx){ .rank = size >= 4 ? p[3] : 0, .bytes = 1 };
	if (out->rank > GD_ROWS_MAX_RANK)
		return gd_fail(err, GD_E_INPUT, "has %d dimensions; dlguider reads up to %d", out->rank, GD_ROWS_MAX_RANK);
	out->start = 4 + 4 * (size_t)out->rank;
	if (size < out->start || out->rank == 0)
		return gd_fail(err, GD_E_INPUT, "the IDX file is cut off in its header; fetch it again");
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (types[i].code == p[2]) {
			out->dtype = types[i].dtype;
			out->bytes = types[i].size;
		}
	if (!out->dtype)
		return gd_fail(err, GD_E_INPUT, "is an IDX file with numbers of the unknown type 0x%02x", p[2]);
	for (int i = 0; i < out->rank; i++) {
		out->dims[i] = gd_be32(p + 4 + 4 * i);
		if (!gd_mul_size(out->bytes, (size_t)out->dims[i], &out->bytes))
			return gd_fail(err, GD_E_INPUT, "the IDX header declares more numbers than any file has; fetch it again");
	}
	return GD_OK;
}

static gd_status single(const char *name, gd_error *err)
{
	return gd_fail(err, GD_E_USAGE, "is a single array; \":%s\" names one of an .npz file", name);
}

gd_status gd_rows_read_idx(gd_rows *rows, const unsigned char *bytes, size_t size, const char *name, gd_error *err)
{
	idx head;
	if (name)
		return single(name, err);
	gd_status status = read_header(bytes, size, &head, err);
	return status == GD_OK
			   ? gd_rows_set(rows, head.dtype, head.rank, head.dims, false, bytes + head.start, size - head.start, err)
			   : status;
}

/* Unpacks up to `want` bytes; *got fewer at the end of the stream. false: the stream is damaged. */
static bool unpack(
	z_stream *z, const unsigned char **in, size_t *left, unsigned char *out, size_t want, size_t *got, bool *ended)
{
	int result = Z_OK;
	*got = 0;
	while (*got < want && result == Z_OK) {
		const uInt in_part = *left > UINT_MAX ? UINT_MAX : (uInt)*left,
				   out_part = want - *got > UINT_MAX ? UINT_MAX : (uInt)(want - *got);
		z->next_in = (Bytef *)(uintptr_t)*in;
		z->avail_in = in_part;
		z->next_out = out + *got;
		z->avail_out = out_part;
		result = inflate(z, Z_NO_FLUSH);
		*in += in_part - z->avail_in;
		*left -= in_part - z->avail_in;
		*got += out_part - z->avail_out;
	}
	*ended = result == Z_STREAM_END;
	return result == Z_OK || result == Z_STREAM_END;
}

static gd_status check_ratio(const idx *head, size_t packed, gd_error *err)
{
	if (head->bytes > FREE_BYTES && head->bytes / MAX_RATIO > packed)
		return gd_fail(err, GD_E_LIMIT, "would unpack to %zu bytes from %zu; the limit is %d to 1", head->bytes, packed,
			MAX_RATIO);
	return GD_OK;
}

/* The header says how large the whole is: that is checked before the rest is unpacked, and nothing may follow it. */
static gd_status unpack_idx(gd_rows *rows, z_stream *z, const unsigned char *bytes, size_t size, gd_error *err)
{
	unsigned char head_bytes[HEADER_BYTES + 1];
	idx head = { 0 };
	size_t left = size, got = 0, more = 0;
	bool ended = false, sound = unpack(z, &bytes, &left, head_bytes, 4, &got, &ended);
	if (!sound || got < 4 || head_bytes[0] || head_bytes[1])
		return gd_fail(err, GD_E_INPUT, "is compressed with gzip and holds no IDX file; unpack it first");
	const size_t rest = head_bytes[3] <= GD_ROWS_MAX_RANK ? 4u * head_bytes[3] : 0;
	sound = unpack(z, &bytes, &left, head_bytes + 4, rest, &got, &ended);
	gd_status status = read_header(head_bytes, 4 + got, &head, err);
	if (status == GD_OK)
		status = check_ratio(&head, size, err);
	if (status != GD_OK)
		return status;
	unsigned char *numbers = gd_arena_new(&rows->arena, head.bytes, 1);
	if (!numbers)
		return gd_fail_memory(err, "unpacking the tests");
	sound = sound && unpack(z, &bytes, &left, numbers, head.bytes, &got, &ended);
	if (sound && !ended) /* the end of the stream, with its checksum, comes after the last number */
		sound = unpack(z, &bytes, &left, head_bytes, 1, &more, &ended);
	if (!sound || !ended || left != 0)
		return gd_fail(err, GD_E_INPUT,
			"is damaged (the gzip stream breaks off, or goes on, or its checksum differs); fetch it again");
	return gd_rows_set(rows, head.dtype, head.rank, head.dims, false, numbers, got + more, err);
}

gd_status gd_rows_read_gzip(gd_rows *rows, const unsigned char *bytes, size_t size, const char *name, gd_error *err)
{
	z_stream z = { 0 };
	if (name)
		return single(name, err);
	if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
		return gd_fail_memory(err, "unpacking the tests");
	gd_status status = unpack_idx(rows, &z, bytes, size, err);
	inflateEnd(&z);
	return status;
}
