#include "base/arena.h"
#include "base/file.h"
#include "base/half.h"
#include "base/json_writer.h"
#include "base/text.h"
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka wants its includes before it */
#include <cmocka.h>

static void arena_pieces_are_zeroed_aligned_and_apart(void **state)
{
	(void)state;
	gd_arena arena = { 0 };
	unsigned char *before = NULL;
	for (size_t size = 1; size < 200000; size = size * 3 + 1) {
		unsigned char *piece = gd_arena_new(&arena, size, 1);
		assert_non_null(piece);
		assert_int_equal((uintptr_t)piece % 16, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(piece[i], 0);
		memset(piece, 0xab, size);
		assert_ptr_not_equal(piece, before);
		before = piece;
	}
	assert_null(gd_arena_new(&arena, SIZE_MAX / 2, 3));
	gd_arena_free(&arena);
	assert_null(arena.top);
}

static void the_first_error_wins_and_a_long_one_says_it_is_cut(void **state)
{
	(void)state;
	gd_error err = { 0 };
	assert_int_equal(gd_fail(&err, GD_E_INPUT, "units is %d", -4), GD_E_INPUT);
	assert_int_equal(gd_fail(&err, GD_E_LIMIT, "later"), GD_E_LIMIT);
	assert_int_equal(gd_fail_in(&err, "layer dense"), GD_E_INPUT);
	assert_string_equal(err.message, "layer dense: units is -4");
	char name[2000];
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = 0;
	gd_fail_in(&err, name);
	assert_string_equal(err.message + sizeof err.message - 4, "...");
}

static void hidden_characters_never_reach_the_terminal(void **state)
{
	(void)state;
	gd_text text = { 0 };
	gd_text_put_safe(&text, "a\x1b[2J\xe2\x80\xae\xff\xc3\xa4\n", 0);
	assert_string_equal(text.bytes, "a\\x1b[2J\\u{202e}\\xff\xc3\xa4\\x0a");
	gd_text_free(&text);
	gd_text_put_safe(&text, "abcdef", 3);
	assert_string_equal(text.bytes, "abc...");
	gd_text_free(&text);
}

static void json_escapes_and_keeps_order(void **state)
{
	(void)state;
	gd_text text = { 0 };
	gd_json json;
	gd_json_start(&json, &text, false);
	gd_json_object(&json);
	gd_json_key(&json, "b\"");
	gd_json_array(&json);
	gd_json_number(&json, 0.1);
	gd_json_number(&json, (double)NAN);
	gd_json_string(&json, "x\x01\xff");
	gd_json_string(&json, NULL);
	gd_json_end(&json, ']');
	gd_json_key(&json, "a");
	gd_json_bool(&json, true);
	gd_json_end(&json, '}');
	assert_string_equal(text.bytes, "{\"b\\\"\":[0.10000000000000001,null,\"x\\u0001\xef\xbf\xbd\",null],\"a\":true}");
	gd_text_free(&text);
}

static void half_floats_are_exact(void **state)
{
	(void)state;
	assert_true(gd_half_to_float(0x3c00) == 1.0f && gd_half_to_float(0xc000) == -2.0f && gd_half_to_float(0x7bff) == 65504.0f);
	assert_true(gd_half_to_float(0x0001) == 5.9604644775390625e-8f && gd_half_to_float(0x0400) == 6.103515625e-5f);
	assert_true(isinf(gd_half_to_float(0x7c00)) && isnan(gd_half_to_float(0x7e00)));
	assert_true(gd_bfloat_to_float(0x3f80) == 1.0f);
}

static void an_output_is_whole_or_absent(void **state)
{
	(void)state;
	char folder[] = "/tmp/dlguider-base-XXXXXX";
	assert_non_null(mkdtemp(folder));
	char path[64];
	snprintf(path, sizeof path, "%s/out", folder);
	gd_output output;
	gd_error err = { 0 };
	assert_int_equal(gd_output_open(path, &output, &err), GD_OK);
	fputs("half", output.stream);
	assert_int_not_equal(access(path, F_OK), 0);
	gd_output_abort(&output);
	assert_int_equal(rmdir(folder), 0); /* nothing was left behind */
	assert_non_null(mkdtemp(strcpy(folder, "/tmp/dlguider-base-XXXXXX")));
	snprintf(path, sizeof path, "%s/out", folder);
	assert_int_equal(gd_output_open(path, &output, &err), GD_OK);
	fputs("whole", output.stream);
	assert_int_equal(gd_output_commit(&output, &err), GD_OK);
	gd_map map = { 0 };
	assert_int_equal(gd_map_open(path, 0, &map, &err), GD_OK);
	assert_int_equal(map.size, 5);
	gd_map_close(&map);
	assert_int_equal(gd_map_open(folder, 0, &map, &err), GD_E_INPUT);
	assert_int_equal(unlink(path) | rmdir(folder), 0);
}

/* Renaming a file onto /dev/null takes the device away from the whole machine when root does it. */
static void an_output_leaves_pipes_and_links_what_they_are(void **state)
{
	(void)state;
	char folder[] = "/tmp/dlguider-base-XXXXXX", pipe[64], link[64], path[64], seen[8] = "";
	assert_non_null(mkdtemp(folder));
	snprintf(pipe, sizeof pipe, "%s/pipe", folder);
	snprintf(link, sizeof link, "%s/link", folder);
	snprintf(path, sizeof path, "%s/file", folder);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	const int reader = open(pipe, O_RDONLY | O_NONBLOCK);
	assert_true(reader >= 0);
	gd_output output;
	gd_error err = { 0 };
	assert_int_equal(gd_output_open(pipe, &output, &err), GD_OK);
	fputs("whole", output.stream);
	assert_int_equal(gd_output_commit(&output, &err), GD_OK);
	assert_int_equal(read(reader, seen, sizeof seen), 5);
	assert_int_equal(close(reader), 0);
	struct stat st;
	assert_true(stat(pipe, &st) == 0 && S_ISFIFO(st.st_mode));
	fclose(fopen(path, "w"));
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(gd_output_open(link, &output, &err), GD_OK);
	fputs("whole", output.stream);
	assert_int_equal(gd_output_commit(&output, &err), GD_OK);
	assert_true(lstat(link, &st) == 0 && S_ISLNK(st.st_mode));
	assert_true(stat(path, &st) == 0 && st.st_size == 5);
	assert_int_equal(unlink(pipe) | unlink(link) | unlink(path) | rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_pieces_are_zeroed_aligned_and_apart),
		cmocka_unit_test(the_first_error_wins_and_a_long_one_says_it_is_cut),
		cmocka_unit_test(hidden_characters_never_reach_the_terminal),
		cmocka_unit_test(json_escapes_and_keeps_order),
		cmocka_unit_test(half_floats_are_exact),
		cmocka_unit_test(an_output_is_whole_or_absent),
		cmocka_unit_test(an_output_leaves_pipes_and_links_what_they_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
