#include "base/archive.h"
#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
/* cmocka wants its includes before it */
#include <cmocka.h>

/* An archive in the making, by the book; the tests then spoil single bytes of it. */
typedef struct {
	const char *name, *data;
	size_t size;
	bool deflated;
} item;

static void put16(gd_text *t, unsigned value)
{
	const unsigned char b[] = { (unsigned char)value, (unsigned char)(value >> 8) };
	gd_text_add(t, b, 2);
}

static void put32(gd_text *t, size_t value)
{
	put16(t, (unsigned)value & 0xffff);
	put16(t, (unsigned)(value >> 16) & 0xffff);
}

static size_t deflate_raw(const item *it, unsigned char *out, size_t room)
{
	z_stream z = { 0 };
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)it->data;
	z.avail_in = (uInt)it->size;
	z.next_out = out;
	z.avail_out = (uInt)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}

static void put_head(gd_text *t, const item *it, size_t packed)
{
	put16(t, 20);
	put16(t, 0);
	put16(t, it->deflated ? 8 : 0);
	put32(t, 0);
	put32(t, crc32(0, (const Bytef *)it->data, (uInt)it->size));
	put32(t, packed);
	put32(t, it->size);
	put16(t, (unsigned)strlen(it->name));
	put16(t, 0);
}

static gd_text make(const item *items, size_t count)
{
	gd_text file = { 0 }, dir = { 0 };
	for (size_t i = 0; i < count; i++) {
		const item *it = &items[i];
		const size_t start = file.length;
		unsigned char *packed = malloc(it->size + 100);
		size_t size = it->size;
		if (it->deflated)
			size = deflate_raw(it, packed, it->size + 100);
		else
			memcpy(packed, it->data, it->size);
		gd_text_put(&file, "PK\3\4");
		put_head(&file, it, size);
		gd_text_put(&file, it->name);
		gd_text_add(&file, packed, size);
		free(packed);
		gd_text_put(&dir, "PK\1\2");
		put16(&dir, 20);
		put_head(&dir, it, size);
		for (int k = 0; k < 5; k++)
			put16(&dir, 0);
		put32(&dir, start);
		gd_text_put(&dir, it->name);
	}
	const size_t at = file.length;
	gd_text_add(&file, dir.bytes, dir.length);
	gd_text_put(&file, "PK\5\6");
	put32(&file, 0);
	put16(&file, (unsigned)count);
	put16(&file, (unsigned)count);
	put32(&file, dir.length);
	put32(&file, at);
	put16(&file, 0);
	gd_text_free(&dir);
	return file;
}

static const item two[] = { { "config.json", "{\"a\": 1}", 8, false },
	{ "w.h5", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabc", 34, true } };

/* Opens and reads everything; frees all. */
static gd_status read_all(const void *bytes, size_t size, gd_error *err)
{
	gd_arena arena = { 0 };
	gd_archive archive;
	*err = (gd_error){ 0 };
	gd_status status = gd_archive_open(bytes, size, &arena, &archive, err);
	for (size_t i = 0; status == GD_OK && i < archive.member_count; i++) {
		const void *data;
		size_t length;
		status = gd_archive_read(&archive, &archive.members[i], &arena, &data, &length, err);
	}
	gd_arena_free(&arena);
	return status;
}

/* `text` with `length` bytes at the first (nth 0) or a later occurrence of `mark`, plus `offset`, replaced. */
static gd_error spoiled(const char *mark, int nth, size_t offset, const void *with, size_t length, gd_status expected)
{
	gd_text file = make(two, 2);
	size_t at = 0;
	for (;; at++) {
		assert_true(at + strlen(mark) <= file.length);
		if (memcmp(file.bytes + at, mark, strlen(mark)) == 0 && nth-- == 0)
			break;
	}
	memcpy(file.bytes + at + offset, with, length);
	gd_error err;
	assert_int_equal(read_all(file.bytes, file.length, &err), expected);
	gd_text_free(&file);
	return err;
}

static void members_are_read_stored_and_deflated(void **state)
{
	(void)state;
	gd_text file = make(two, 2);
	gd_arena arena = { 0 };
	gd_archive archive;
	gd_error err = { 0 };
	assert_int_equal(gd_archive_open(file.bytes, file.length, &arena, &archive, &err), GD_OK);
	assert_int_equal(archive.member_count, 2);
	assert_null(gd_archive_find(&archive, "none"));
	for (int i = 0; i < 2; i++) {
		const void *data;
		size_t size;
		const gd_archive_member *m = gd_archive_find(&archive, two[i].name);
		assert_int_equal(gd_archive_read(&archive, m, &arena, &data, &size, &err), GD_OK);
		assert_int_equal(size, two[i].size);
		assert_memory_equal(data, two[i].data, size);
		if (!m->deflated)
			assert_ptr_equal(data, file.bytes + m->offset);
	}
	gd_arena_free(&arena);
	gd_text_free(&file);
}

static void every_truncation_is_refused(void **state)
{
	(void)state;
	gd_text file = make(two, 2);
	for (size_t size = 0; size < file.length; size++) {
		gd_error err;
		char *copy = malloc(size + 1); /* of its own, so that the sanitizer sees a read past it */
		memcpy(copy, file.bytes, size);
		char *exact = realloc(copy, size ? size : 1);
		assert_int_equal(read_all(exact, size, &err), GD_E_INPUT);
		assert_non_null(strstr(err.message, "cut off"));
		free(exact);
	}
	gd_text_free(&file);
}

static void every_flipped_bit_is_harmless(void **state)
{
	(void)state;
	gd_text file = make(two, 2);
	size_t accepted = 0;
	for (size_t bit = 0; bit < file.length * 8; bit++) {
		gd_error err;
		file.bytes[bit / 8] = (char)(file.bytes[bit / 8] ^ 1 << bit % 8);
		gd_status status = read_all(file.bytes, file.length, &err);
		file.bytes[bit / 8] = (char)(file.bytes[bit / 8] ^ 1 << bit % 8);
		accepted += status == GD_OK;
		assert_true(status == GD_OK || (status >= GD_E_INPUT && status <= GD_E_LIMIT && err.message[0]));
	}
	/* Only versions, times, attributes and unused flags may differ unseen. */
	assert_true(accepted > 0 && accepted < file.length * 8 / 2);
	gd_text_free(&file);
}

static void refusals_name_their_cause(void **state)
{
	(void)state;
	assert_string_equal(spoiled("PK", 0, 0, "", 0, GD_OK).message, "");
	assert_string_equal(spoiled("{\"a\"", 0, 1, "x", 1, GD_E_INPUT).message,
		"config.json is damaged (checksum differs); save it again");
	assert_string_equal(spoiled("PK\1\2", 1, 46, "../x", 4, GD_E_INPUT).message,
		"has an entry named \"../x\", which is no plain relative name");
	assert_non_null(strstr(spoiled("PK\1\2", 1, 46, "/etc", 4, GD_E_INPUT).message, "\"/etc\""));
	assert_non_null(
		strstr(spoiled("PK\3\4", 0, 30, "other", 5, GD_E_INPUT).message, "header of the entry config.json differs"));
	assert_non_null(
		strstr(spoiled("PK\3\4", 0, 14, "x", 1, GD_E_INPUT).message, "checksum of the entry config.json differs"));
	assert_non_null(strstr(spoiled("PK\1\2", 1, 24, "\xff\xff\xff\x7f", 4, GD_E_LIMIT).message,
		"w.h5 would unpack to 2147483647 bytes from"));
	assert_non_null(
		strstr(spoiled("PK\1\2", 1, 42, "\0\0\0\0", 4, GD_E_INPUT).message, "header of the entry w.h5 differs"));
	assert_non_null(
		strstr(spoiled("PK\1\2", 1, 42, "\xff\xff\xff\x7f", 4, GD_E_INPUT).message, "lies at byte 2147483647"));
	assert_non_null(strstr(spoiled("PK\1\2", 0, 10, "\x63", 1, GD_E_UNSUPPORTED).message, "zip method 99"));
	assert_non_null(strstr(spoiled("PK\1\2", 0, 8, "\1", 1, GD_E_UNSUPPORTED).message, "encrypted"));
	assert_non_null(strstr(
		spoiled("PK\5\6", 0, 8, "\x11\x27\x11\x27", 4, GD_E_LIMIT).message, "10001 entries; the limit is 10000"));
	assert_non_null(strstr(spoiled("PK\5\6", 0, 8, "\1\0\1\0", 4, GD_E_INPUT).message, "more than the 1 entries"));
	assert_non_null(strstr(spoiled("PK\5\6", 0, 8, "\3\0\3\0", 4, GD_E_INPUT).message, "no room for 3"));
	assert_non_null(strstr(spoiled("PK\5\6", 0, 4, "\1", 1, GD_E_UNSUPPORTED).message, "split over several files"));
}

static void twins_and_overlaps_are_refused(void **state)
{
	(void)state;
	const item twins[] = { { "a", "1", 1, false }, { "b", "2", 1, false }, { "a", "3", 1, false } };
	gd_text file = make(twins, 3);
	gd_error err;
	assert_int_equal(read_all(file.bytes, file.length, &err), GD_E_INPUT);
	assert_string_equal(err.message, "holds a twice; save it again");
	gd_text_free(&file);

	/* An outer stored member whose data are a whole inner one: both headers are sound. */
	const item inner = { "b", "2", 1, false };
	gd_text in = make(&inner, 1);
	const item outer[] = { { "a", in.bytes, 32, false }, { "b", "2", 1, false } };
	file = make(outer, 2);
	const size_t second = file.length - 22 - 47 + 42;
	memcpy(file.bytes + second, "\x1f\0\0\0", 4); /* 30 + 1: where the inner header is */
	assert_int_equal(read_all(file.bytes, file.length, &err), GD_E_INPUT);
	assert_string_equal(err.message, "the entries a and b overlap; no sound archive does that");
	gd_text_free(&file);
	gd_text_free(&in);
}

static void a_bomb_is_refused_before_it_is_unpacked(void **state)
{
	(void)state;
	char *zeros = calloc(1, 4 << 20);
	const item bomb = { "config.json", zeros, 4 << 20, true };
	gd_text file = make(&bomb, 1);
	gd_error err;
	assert_int_equal(read_all(file.bytes, file.length, &err), GD_E_LIMIT);
	assert_non_null(strstr(err.message, "config.json would unpack to 4194304 bytes"));
	gd_text_free(&file);
	/* Many small ones add up: each is below the free size, together they are above a hundred to one. */
	item many[40];
	char names[40][12];
	for (int i = 0; i < 40; i++) {
		snprintf(names[i], sizeof names[i], "%d", i);
		many[i] = (item){ names[i], zeros, 1 << 20, true };
	}
	file = make(many, 40);
	assert_int_equal(read_all(file.bytes, file.length, &err), GD_E_LIMIT);
	assert_non_null(strstr(err.message, "limit is 100 to 1"));
	gd_text_free(&file);
	free(zeros);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_read_stored_and_deflated),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(every_flipped_bit_is_harmless),
		cmocka_unit_test(refusals_name_their_cause),
		cmocka_unit_test(twins_and_overlaps_are_refused),
		cmocka_unit_test(a_bomb_is_refused_before_it_is_unpacked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
