#include "base/archive.h"
#include "base/bytes.h"
#include "base/checked.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* Lengths are those of the zip application note (APPNOTE 6.3), sections 4.3.7, 4.3.12 to 4.3.16. */
enum {
	LOCAL_BYTES = 30,
	CENTRAL_BYTES = 46,
	END_BYTES = 22,
	END64_BYTES = 56,
	LOCATOR64_BYTES = 20,
	MAX_COMMENT = 65535,
	MAX_MEMBERS = 10000,
	MAX_NAME = 512,
	MAX_MEMBER_RATIO = 200,
	MAX_TOTAL_RATIO = 100,
	FREE_BYTES = 1 << 20 /* below it no ratio is held against a member */
};
enum { FLAG_ENCRYPTED = 1 | 1 << 6 | 1 << 13, FLAG_SIZES_LATER = 1 << 3 };
enum { METHOD_STORED = 0, METHOD_DEFLATED = 8 };
static const uint64_t max_unpacked = 8ull << 30;

static bool has_mark(const gd_archive *a, size_t at, const char *mark)
{
	return gd_fits(at, 4, a->size) && memcmp(a->bytes + at, mark, 4) == 0;
}

/* The directory's place, count and end. */
typedef struct {
	uint64_t offset, size, count;
	size_t end; /* where the end record begins: the directory must fill [offset, end) */
} directory;

static bool find_end(const gd_archive *a, size_t *out)
{
	if (a->size < END_BYTES)
		return false;
	const size_t last = a->size - END_BYTES, first = last > MAX_COMMENT ? last - MAX_COMMENT : 0;
	for (size_t at = last + 1; at-- > first;)
		if (has_mark(a, at, "PK\5\6") && gd_le16(a->bytes + at + 20) == last - at) {
			*out = at;
			return true;
		}
	return false;
}

/* Large archives keep the true numbers in a record of their own, to which a locator before the end record points. */
static gd_status read_end64(const gd_archive *a, size_t end, directory *out, gd_error *err)
{
	const unsigned char *locator = a->bytes + end - LOCATOR64_BYTES;
	uint64_t at = gd_le64(locator + 8);
	if (gd_le32(locator + 4) != 0 || gd_le32(locator + 16) > 1)
		return gd_fail(err, GD_E_UNSUPPORTED, "the archive is split over several files; save it as one");
	if (at > end - LOCATOR64_BYTES || !gd_fits((size_t)at, END64_BYTES, end - LOCATOR64_BYTES) ||
		!has_mark(a, (size_t)at, "PK\6\6"))
		return gd_fail(
			err, GD_E_INPUT, "the archive is damaged: its zip64 end record is not where it says; save it again");
	const unsigned char *p = a->bytes + at;
	*out =
		(directory){ .offset = gd_le64(p + 48), .size = gd_le64(p + 40), .count = gd_le64(p + 32), .end = (size_t)at };
	if (gd_le32(p + 16) != 0 || gd_le32(p + 20) != 0 || gd_le64(p + 24) != out->count)
		return gd_fail(err, GD_E_UNSUPPORTED, "the archive is split over several files; save it as one");
	return GD_OK;
}

static gd_status find_directory(const gd_archive *a, directory *out, gd_error *err)
{
	size_t end;
	if (!find_end(a, &end))
		return gd_fail(err, GD_E_INPUT, "the archive is cut off: no zip directory at its end; save it again");
	const unsigned char *p = a->bytes + end;
	*out = (directory){ .offset = gd_le32(p + 16), .size = gd_le32(p + 12), .count = gd_le16(p + 10), .end = end };
	if (end >= LOCATOR64_BYTES && has_mark(a, end - LOCATOR64_BYTES, "PK\6\7")) {
		gd_status status = read_end64(a, end, out, err);
		if (status != GD_OK)
			return status;
	} else if (gd_le16(p + 4) != 0 || gd_le16(p + 6) != 0 || gd_le16(p + 8) != out->count)
		return gd_fail(err, GD_E_UNSUPPORTED, "the archive is split over several files; save it as one");
	if (out->offset > out->end || out->size != out->end - out->offset)
		return gd_fail(err, GD_E_INPUT,
			"the archive is damaged: its directory should be %llu bytes at byte %llu, but the end record is at byte "
			"%zu; save it again",
			(unsigned long long)out->size, (unsigned long long)out->offset, out->end);
	if (out->count > MAX_MEMBERS)
		return gd_fail(err, GD_E_LIMIT, "the archive has %llu entries; the limit is %d", (unsigned long long)out->count,
			MAX_MEMBERS);
	return GD_OK;
}

/* Sizes and offset that did not fit in 32 bits stand in the extra field of kind 1, only those, in this order. */
static bool read_wide(const unsigned char *extra, size_t length, uint64_t *const fields[3])
{
	size_t at = 0;
	while (length - at >= 4) {
		const size_t kind = gd_le16(extra + at), size = gd_le16(extra + at + 2);
		at += 4;
		if (size > length - at)
			return false;
		size_t used = 0;
		for (int i = 0; kind == 1 && i < 3; i++) {
			if (!fields[i] || *fields[i] != 0xffffffffu)
				continue;
			if (size - used < 8)
				return false;
			*fields[i] = gd_le64(extra + at + used);
			used += 8;
		}
		if (kind == 1)
			return true;
		at += size;
	}
	return true;
}

static bool is_relative(const char *name, size_t length)
{
	if (length == 0 || name[0] == '/' || memchr(name, 0, length) || memchr(name, '\\', length))
		return false;
	for (size_t at = 0; at < length;) {
		const char *slash = memchr(name + at, '/', length - at);
		const size_t part = slash ? (size_t)(slash - name) - at : length - at;
		if (part == 2 && name[at] == '.' && name[at + 1] == '.')
			return false;
		at += part + 1;
	}
	return true;
}

static gd_status check_member(const gd_archive_member *m, unsigned flags, unsigned method, gd_error *err)
{
	if (flags & FLAG_ENCRYPTED)
		return gd_fail(err, GD_E_UNSUPPORTED, "the entry %s is encrypted; save the file without a password", m->name);
	if (method != METHOD_STORED && method != METHOD_DEFLATED)
		return gd_fail(err, GD_E_UNSUPPORTED,
			"the entry %s is packed by zip method %u; dlguider reads stored and deflated entries", m->name, method);
	if (method == METHOD_STORED && m->packed != m->unpacked)
		return gd_fail(err, GD_E_INPUT,
			"the archive is damaged: the stored entry %s says %zu bytes packed and %zu unpacked", m->name, m->packed,
			m->unpacked);
	if (m->unpacked > FREE_BYTES && m->unpacked / MAX_MEMBER_RATIO > m->packed)
		return gd_fail(err, GD_E_LIMIT, "%s would unpack to %zu bytes from %zu; the limit is %d to 1", m->name,
			m->unpacked, m->packed, MAX_MEMBER_RATIO);
	return GD_OK;
}

/* The local header before the data must tell the same as the directory. Sets m->offset from header to data. */
static gd_status check_local(const gd_archive *a, gd_archive_member *m, uint64_t header, unsigned flags,
	unsigned method, size_t end, gd_error *err)
{
	if (header > end || !gd_fits((size_t)header, LOCAL_BYTES, end))
		return gd_fail(err, GD_E_INPUT,
			"the archive is damaged: the entry %s lies at byte %llu, beyond the %zu bytes before the directory",
			m->name, (unsigned long long)header, end);
	const unsigned char *p = a->bytes + header;
	const size_t name_length = gd_le16(p + 26), extra_length = gd_le16(p + 28), start = (size_t)header + LOCAL_BYTES;
	if (memcmp(p, "PK\3\4", 4) != 0 || !gd_fits(start, name_length + extra_length, end) ||
		name_length != strlen(m->name) || memcmp(a->bytes + start, m->name, name_length) != 0 ||
		gd_le16(p + 8) != method || ((gd_le16(p + 6) ^ flags) & (FLAG_ENCRYPTED | FLAG_SIZES_LATER)))
		return gd_fail(err, GD_E_INPUT,
			"the archive is damaged: the header of the entry %s differs from the directory; save it again", m->name);
	uint64_t packed = gd_le32(p + 18), unpacked = gd_le32(p + 22);
	if (!read_wide(a->bytes + start + name_length, extra_length, (uint64_t *[]){ &unpacked, &packed, NULL }) ||
		(!(flags & FLAG_SIZES_LATER) && (packed != m->packed || unpacked != m->unpacked || gd_le32(p + 14) != m->crc)))
		return gd_fail(err, GD_E_INPUT,
			"the archive is damaged: the size or checksum of the entry %s differs from the directory; save it again",
			m->name);
	m->offset = start + name_length + extra_length;
	if (!gd_fits(m->offset, m->packed, end))
		return gd_fail(err, GD_E_INPUT,
			"the archive is damaged: the data of the entry %s reach beyond byte %zu; save it again", m->name, end);
	return GD_OK;
}

/* One directory record at *at; moves *at behind it. */
static gd_status read_record(gd_archive *a, size_t *at, const directory *dir, gd_arena *arena, gd_archive_member *m,
	size_t *header, gd_error *err)
{
	const size_t end = dir->end;
	if (!gd_fits(*at, CENTRAL_BYTES, end) || !has_mark(a, *at, "PK\1\2"))
		return gd_fail(
			err, GD_E_INPUT, "the archive is damaged: its directory breaks off at byte %zu; save it again", *at);
	const unsigned char *p = a->bytes + *at, *name = p + CENTRAL_BYTES;
	const size_t name_length = gd_le16(p + 28), extra_length = gd_le16(p + 30), comment_length = gd_le16(p + 32);
	const size_t whole = CENTRAL_BYTES + name_length + extra_length + comment_length;
	if (!gd_fits(*at, whole, end))
		return gd_fail(
			err, GD_E_INPUT, "the archive is damaged: its directory breaks off at byte %zu; save it again", *at);
	if (name_length > MAX_NAME)
		return gd_fail(err, GD_E_LIMIT, "the archive has an entry with a name of %zu bytes; the limit is %d",
			name_length, MAX_NAME);
	m->name = gd_arena_text(arena, (const char *)name, name_length);
	if (!m->name)
		return gd_fail_memory(err, "reading the archive's directory");
	if (!is_relative((const char *)name, name_length))
		return gd_fail(err, GD_E_INPUT, "has an entry named \"%s\", which is no plain relative name", m->name);
	uint64_t packed = gd_le32(p + 20), unpacked = gd_le32(p + 24), local = gd_le32(p + 42);
	if (!read_wide(name + name_length, extra_length, (uint64_t *[]){ &unpacked, &packed, &local }) ||
		packed > a->size || unpacked > SIZE_MAX)
		return gd_fail(err, GD_E_INPUT, "the archive is damaged: the entry %s says %llu bytes, more than the file has",
			m->name, (unsigned long long)packed);
	const unsigned flags = gd_le16(p + 8), method = gd_le16(p + 10);
	m->packed = (size_t)packed;
	m->unpacked = (size_t)unpacked;
	m->crc = gd_le32(p + 16);
	m->deflated = method == METHOD_DEFLATED;
	*at += whole;
	*header = (size_t)local;
	gd_status status = check_member(m, flags, method, err);
	return status == GD_OK ? check_local(a, m, local, flags, method, (size_t)dir->offset, err) : status;
}

/* A member with the place of its header, for finding overlaps and equal names by sorting. */
typedef struct {
	size_t header;
	const gd_archive_member *member;
} placed;

static int by_place(const void *x, const void *y)
{
	const size_t a = ((const placed *)x)->header, b = ((const placed *)y)->header;
	return (a > b) - (a < b);
}

static int by_name(const void *x, const void *y)
{
	return strcmp(((const placed *)x)->member->name, ((const placed *)y)->member->name);
}

static gd_status check_apart(placed *list, size_t count, gd_error *err)
{
	if (count < 2)
		return GD_OK;
	qsort(list, count, sizeof *list, by_name);
	for (size_t i = 1; i < count; i++)
		if (strcmp(list[i - 1].member->name, list[i].member->name) == 0)
			return gd_fail(err, GD_E_INPUT, "holds %s twice; save it again", list[i].member->name);
	qsort(list, count, sizeof *list, by_place);
	for (size_t i = 1; i < count; i++)
		if (list[i - 1].member->offset + list[i - 1].member->packed > list[i].header)
			return gd_fail(err, GD_E_INPUT, "the entries %s and %s overlap; no sound archive does that",
				list[i - 1].member->name, list[i].member->name);
	return GD_OK;
}

static gd_status set_budget(gd_archive *a, gd_error *err)
{
	uint64_t sum = 0, most = (uint64_t)a->size * MAX_TOTAL_RATIO;
	if (most < FREE_BYTES)
		most = FREE_BYTES;
	if (most > max_unpacked)
		most = max_unpacked;
	for (size_t i = 0; i < a->member_count; i++) {
		const gd_archive_member *m = &a->members[i];
		if (m->deflated && __builtin_add_overflow(sum, m->unpacked, &sum))
			sum = UINT64_MAX;
		if (sum > most)
			return gd_fail(err, GD_E_LIMIT,
				"would unpack to more than %llu bytes from %zu; the limit is %d to 1 and 8 GiB in all",
				(unsigned long long)most, a->size, MAX_TOTAL_RATIO);
	}
	a->budget = (size_t)most;
	return GD_OK;
}

gd_status gd_archive_open(const void *bytes, size_t size, gd_arena *arena, gd_archive *out, gd_error *err)
{
	gd_archive a = { .bytes = bytes, .size = size };
	directory dir = { 0 };
	gd_status status = find_directory(&a, &dir, err);
	if (status != GD_OK)
		return status;
	/* Every record takes its bytes, so the count cannot ask for more memory than the directory is worth. */
	if (dir.count > dir.size / CENTRAL_BYTES)
		return gd_fail(err, GD_E_INPUT,
			"the archive is damaged: its directory has no room for %llu entries; save it again",
			(unsigned long long)dir.count);
	a.member_count = (size_t)dir.count;
	a.members = gd_arena_new(arena, a.member_count, sizeof *a.members);
	placed *list = gd_arena_new(arena, a.member_count, sizeof *list);
	if (!a.members || !list)
		return gd_fail_memory(err, "reading the archive's directory");
	size_t at = (size_t)dir.offset;
	for (size_t i = 0; i < a.member_count && status == GD_OK; i++) {
		status = read_record(&a, &at, &dir, arena, &a.members[i], &list[i].header, err);
		list[i].member = &a.members[i];
	}
	if (status != GD_OK)
		return status;
	if (at != dir.end)
		return gd_fail(err, GD_E_INPUT,
			"the archive is damaged: its directory has more than the %zu entries it says; save it again",
			a.member_count);
	status = check_apart(list, a.member_count, err);
	if (status == GD_OK)
		status = set_budget(&a, err);
	if (status == GD_OK)
		*out = a;
	return status;
}

const gd_archive_member *gd_archive_find(const gd_archive *archive, const char *name)
{
	for (size_t i = 0; i < archive->member_count; i++)
		if (strcmp(archive->members[i].name, name) == 0)
			return &archive->members[i];
	return NULL;
}

static gd_status damaged(const gd_archive_member *m, gd_error *err)
{
	return gd_fail(err, GD_E_INPUT, "%s is damaged (checksum differs); save it again", m->name);
}

static bool crc_agrees(const unsigned char *bytes, size_t size, uint32_t crc)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION /* a fuzzer cannot guess checksums */
	(void)bytes, (void)size, (void)crc;
	return true;
#else
	uLong sum = crc32(0, NULL, 0);
	while (size > 0) {
		const uInt part = size > UINT_MAX ? UINT_MAX : (uInt)size;
		sum = crc32(sum, bytes, part);
		bytes += part;
		size -= part;
	}
	return sum == crc;
#endif
}

/* Unpacks exactly m->unpacked bytes from exactly m->packed; anything else is damage. */
static gd_status inflate_member(const gd_archive *a, const gd_archive_member *m, unsigned char *out, gd_error *err)
{
	z_stream z = { 0 };
	if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
		return gd_fail_memory(err, "unpacking the archive");
	size_t in_left = m->packed, out_left = m->unpacked;
	z.next_in = (Bytef *)(uintptr_t)(a->bytes + m->offset);
	z.next_out = out;
	int result = Z_OK;
	while (result == Z_OK) {
		const uInt in_part = in_left > UINT_MAX ? UINT_MAX : (uInt)in_left,
				   out_part = out_left > UINT_MAX ? UINT_MAX : (uInt)out_left;
		z.avail_in = in_part;
		z.avail_out = out_part;
		result = inflate(&z, Z_NO_FLUSH);
		in_left -= in_part - z.avail_in;
		out_left -= out_part - z.avail_out;
	}
	inflateEnd(&z);
	if (result == Z_MEM_ERROR)
		return gd_fail_memory(err, "unpacking the archive");
	return result == Z_STREAM_END && in_left == 0 && out_left == 0 ? GD_OK : damaged(m, err);
}

gd_status gd_archive_read(
	gd_archive *archive, const gd_archive_member *m, gd_arena *arena, const void **bytes, size_t *size, gd_error *err)
{
	const unsigned char *data = archive->bytes + m->offset;
	if (m->deflated) {
		if (m->unpacked > archive->budget)
			return gd_fail(err, GD_E_LIMIT, "%s would unpack to %zu bytes; %zu are left of the limit", m->name,
				m->unpacked, archive->budget);
		archive->budget -= m->unpacked;
		unsigned char *unpacked = gd_arena_new(arena, m->unpacked, 1);
		if (!unpacked)
			return gd_fail_memory(err, "unpacking the archive");
		gd_status status = inflate_member(archive, m, unpacked, err);
		if (status != GD_OK)
			return status;
		data = unpacked;
	}
	if (!crc_agrees(data, m->unpacked, m->crc))
		return damaged(m, err);
	*bytes = data;
	*size = m->unpacked;
	return GD_OK;
}
