/* NumPy's .npy, versions 1 to 3. Its header is the text of a Python dictionary with three keys; the little grammar here
 * knows those and nothing else: nothing is evaluated. */
#include "base/bytes.h"
#include "base/checked.h"
#include "base/utf8.h"
#include "data/classes.h"
#include "data/rows_format.h"
#include <stdlib.h>
#include <string.h>

enum { MAGIC_BYTES = 8, MAX_HEADER = 65535, MAX_DTYPE = 40, GD_MAX_WORDS = 10000000 };

typedef struct {
	const char *at, *end;
	char dtype[MAX_DTYPE + 1];
	bool fortran;
	int rank;
	int64_t dims[GD_ROWS_MAX_RANK];
	bool has_dtype, has_order, has_shape;
} header;

static void skip_blanks(header *h)
{
	while (h->at < h->end && (*h->at == ' ' || *h->at == '\n' || *h->at == '\t'))
		h->at++;
}

static bool take(header *h, const char *word)
{
	skip_blanks(h);
	const size_t length = strlen(word);
	if ((size_t)(h->end - h->at) < length || memcmp(h->at, word, length) != 0)
		return false;
	h->at += length;
	return true;
}

/* A quoted word without escapes, at most room bytes with its NUL. */
static bool take_string(header *h, char *out, size_t room)
{
	skip_blanks(h);
	if (h->at == h->end || (*h->at != '\'' && *h->at != '"'))
		return false;
	const char quote = *h->at++;
	const char *close = memchr(h->at, quote, (size_t)(h->end - h->at));
	const size_t length = close ? (size_t)(close - h->at) : 0;
	if (!close || length >= room || memchr(h->at, '\\', length) || memchr(h->at, 0, length))
		return false;
	memcpy(out, h->at, length);
	out[length] = 0;
	h->at = close + 1;
	return true;
}

static bool take_number(header *h, int64_t *out)
{
	skip_blanks(h);
	const char *start = h->at;
	int64_t value = 0;
	while (h->at < h->end && *h->at >= '0' && *h->at <= '9')
		if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *h->at++ - '0', &value))
			return false;
	*out = value;
	if (h->at == start)
		return false;
	if (h->at < h->end && *h->at == 'L') /* Python 2 marked long numbers */
		h->at++;
	return true;
}

static gd_status bad_header(const header *h, const char *start, gd_error *err)
{
	return gd_fail(
		err, GD_E_INPUT, "its header is no NumPy header (at byte %zu of it); save it again", (size_t)(h->at - start));
}

static gd_status read_dtype(header *h, const char *start, gd_error *err)
{
	if (take(h, "["))
		return gd_fail(err, GD_E_UNSUPPORTED, "holds records (a structured dtype); tests must be plain numbers");
	return take_string(h, h->dtype, sizeof h->dtype) ? GD_OK : bad_header(h, start, err);
}

static gd_status read_shape(header *h, const char *start, gd_error *err)
{
	if (!take(h, "("))
		return bad_header(h, start, err);
	while (!take(h, ")")) {
		if (h->rank == GD_ROWS_MAX_RANK)
			return gd_fail(err, GD_E_INPUT, "has more than %d dimensions", GD_ROWS_MAX_RANK);
		if (!take_number(h, &h->dims[h->rank]))
			return bad_header(h, start, err);
		h->rank++;
		if (!take(h, ",")) {
			/* (3) would be a number, not a tuple */
			if (h->rank == 1 || !take(h, ")"))
				return bad_header(h, start, err);
			break;
		}
	}
	return GD_OK;
}

static gd_status read_order(header *h, const char *start, gd_error *err)
{
	h->fortran = take(h, "True");
	return h->fortran || take(h, "False") ? GD_OK : bad_header(h, start, err);
}

static const struct {
	const char *key;
	size_t seen; /* place of its flag in header */
	gd_status (*read)(header *h, const char *start, gd_error *err);
} keys[] = {
	{ "descr", offsetof(header, has_dtype), read_dtype },
	{ "fortran_order", offsetof(header, has_order), read_order },
	{ "shape", offsetof(header, has_shape), read_shape },
};

static gd_status read_pair(header *h, const char *start, gd_error *err)
{
	char key[20];
	if (!take_string(h, key, sizeof key) || !take(h, ":"))
		return bad_header(h, start, err);
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		bool *seen = (bool *)((char *)h + keys[i].seen);
		if (strcmp(keys[i].key, key) != 0)
			continue;
		if (*seen)
			return gd_fail(err, GD_E_INPUT, "its header has the key \"%s\" twice; save it again", key);
		*seen = true;
		return keys[i].read(h, start, err);
	}
	return gd_fail(err, GD_E_INPUT, "its header has the unknown key \"%s\"; save it again", key);
}

static gd_status read_header(header *h, gd_error *err)
{
	const char *start = h->at;
	bool more = take(h, "{");
	if (!more)
		return bad_header(h, start, err);
	while (more && !take(h, "}")) {
		gd_status status = read_pair(h, start, err);
		if (status != GD_OK)
			return status;
		more = take(h, ",");
		if (!more && !take(h, "}"))
			return bad_header(h, start, err);
	}
	skip_blanks(h);
	if (h->at != h->end || !h->has_dtype || !h->has_order || !h->has_shape)
		return bad_header(h, start, err);
	return GD_OK;
}

/* Text of a fixed length: UTF-32 in the file's byte order ("<U7"), or bytes ("|S5"); zeros fill it up. false: no text. */
static bool read_word(const unsigned char *at, size_t length, char kind, bool big, char *out, size_t *used)
{
	*used = 0;
	for (size_t i = 0; i < length; i++, at += kind == 'U' ? 4 : 1) {
		const uint32_t code = kind == 'S' ? at[0] : big ? gd_be32(at) : gd_le32(at);
		if (code == 0)
			break;
		const size_t written = kind == 'S' ? 1 : gd_utf8_put(code, out + *used);
		if (written == 0)
			return false;
		if (kind == 'S')
			out[*used] = (char)code;
		*used += written;
	}
	out[*used] = 0;
	return true;
}

/* A column of words: classes, numbered in the order of their names. */
static gd_status read_words(gd_rows *rows, const header *h, const unsigned char *bytes, size_t size, gd_error *err)
{
	const char *digits = h->dtype + 2;
	const char kind = h->dtype[1];
	const size_t length = strlen(digits) <= 4 ? (size_t)strtoul(digits, NULL, 10) : 0, width = length * (kind == 'U' ? 4 : 1);
	int64_t count = h->rank ? h->dims[0] : 0;
	size_t needed;
	bool flat = h->rank == 1 || (h->rank == 2 && h->dims[1] == 1);
	if (!flat || length == 0)
		return gd_fail(err, GD_E_UNSUPPORTED, "holds text (dtype %.40s) that is no single column of words; labels are one word a test", h->dtype);
	if (!gd_mul_size(width, (size_t)count, &needed) || needed != size || count > GD_MAX_WORDS)
		return gd_fail(err, GD_E_INPUT, "its shape needs %lld words of %zu bytes, %zu bytes are there; save it again", (long long)count, width, size);
	gd_classes classes = { .arena = &rows->arena };
	int64_t *numbers = gd_arena_new(&rows->arena, (size_t)count, sizeof *numbers);
	char *word = gd_arena_new(&rows->arena, 4 * length + 1, 1);
	gd_status status = numbers && word ? GD_OK : gd_fail_memory(err, "reading the labels");
	for (int64_t i = 0; i < count && status == GD_OK; i++) {
		size_t used;
		if (!read_word(bytes + (size_t)i * width, length, kind, h->dtype[0] == '>', word, &used))
			status = gd_fail(err, GD_E_INPUT, "the word of test %lld is no text", (long long)i);
		else
			status = gd_classes_add(&classes, word, used, &numbers[i], err);
	}
	if (status == GD_OK)
		status = gd_classes_sort(&classes, numbers, count, err);
	if (status == GD_OK)
		status = gd_rows_set(rows, "<i8", 1, &count, false, numbers, (size_t)count * sizeof *numbers, err);
	rows->info.class_names = classes.names;
	rows->info.class_count = classes.names ? classes.count : 0;
	return status;
}

gd_status gd_rows_read_npy(gd_rows *rows, const unsigned char *bytes, size_t size, const char *name, gd_error *err)
{
	if (name)
		return gd_fail(err, GD_E_USAGE, "is a single array; \":%s\" names one of an .npz file", name);
	if (size < MAGIC_BYTES + 4)
		return gd_fail(err, GD_E_INPUT, "the file is cut off after %zu bytes; save it again", size);
	const unsigned version = bytes[6];
	if (version < 1 || version > 3 || bytes[7] != 0)
		return gd_fail(
			err, GD_E_INPUT, "is in version %u.%u of NumPy's format; dlguider reads 1 to 3", version, bytes[7]);
	const size_t start = version == 1 ? MAGIC_BYTES + 2 : MAGIC_BYTES + 4;
	const size_t length = version == 1 ? gd_le16(bytes + MAGIC_BYTES) : gd_le32(bytes + MAGIC_BYTES);
	if (length > MAX_HEADER || length > size - start)
		return gd_fail(err, GD_E_INPUT,
			"the header says %zu bytes; the file has %zu and the limit is %d; save it again", length, size, MAX_HEADER);
	header h = { .at = (const char *)bytes + start, .end = (const char *)bytes + start + length };
	gd_status status = read_header(&h, err);
	if (status == GD_OK && h.dtype[0] && strchr("<>|=", h.dtype[0]) && (h.dtype[1] == 'U' || h.dtype[1] == 'S'))
		return read_words(rows, &h, bytes + start + length, size - start - length, err);
	return status == GD_OK ? gd_rows_set(rows, h.dtype, h.rank, h.dims, h.fortran, bytes + start + length,
								 size - start - length, err)
						   : status;
}
