#include "base/file.h"
#include "model/keras/hdf5.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants its includes before it */
#include <cmocka.h>

/* Values against h5py are compared by tests/py/test_hdf5.py; here: the interface, and small files spoiled everywhere.
 */
static gd_map seed(const char *name)
{
	char path[1024];
	gd_map map = { 0 };
	gd_error err = { 0 };
	snprintf(path, sizeof path, "%s/../fuzz/seeds/hdf5/%s", TESTS_DIR, name);
	assert_int_equal(gd_map_open(path, 0, &map, &err), GD_OK);
	return map;
}

static void paths_texts_and_tensors(void **state)
{
	(void)state;
	gd_map map = seed("keras3.h5");
	gd_arena arena = { 0 };
	gd_error err = { 0 };
	gd_h5 *h5;
	gd_h5_object vars, kernel, none;
	gd_tensor tensor;
	const char *text;
	const char *const *names;
	size_t count;
	assert_int_equal(gd_h5_open((gd_bytes){ map.bytes, map.size }, &arena, &h5, &err), GD_OK);
	assert_int_equal(gd_h5_find(h5, gd_h5_root(h5), "layers/dense/vars", &vars, &err), GD_OK);
	assert_true(vars != 0);
	assert_int_equal(gd_h5_text(h5, vars, "name", &text, &err), GD_OK);
	assert_string_equal(text, "dense_1");
	assert_int_equal(gd_h5_text(h5, vars, "title", &text, &err), GD_OK);
	assert_null(text);
	assert_int_equal(gd_h5_members(h5, vars, &names, &count, &err), GD_OK);
	assert_int_equal(count, 2);
	assert_string_equal(names[1], "1");
	assert_int_equal(gd_h5_find(h5, vars, "0", &kernel, &err), GD_OK);
	assert_int_equal(gd_h5_tensor(h5, kernel, "kernel", &tensor, &err), GD_OK);
	assert_string_equal(tensor.name, "kernel");
	assert_int_equal(tensor.type, GD_F32);
	assert_int_equal(tensor.shape.rank, 2);
	assert_int_equal(tensor.shape.dim[1], 3);
	assert_int_equal(tensor.bytes, 24);
	assert_true(
		(const unsigned char *)tensor.data >= map.bytes && (const unsigned char *)tensor.data < map.bytes + map.size);
	const char *const absent[] = { "layers/dens", "layers/dense/vars/00", "layers/dense/vars/0/x", "x" };
	for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++) {
		assert_int_equal(gd_h5_find(h5, gd_h5_root(h5), absent[i], &none, &err), GD_OK);
		assert_int_equal(none, 0);
	}
	assert_int_equal(gd_h5_tensor(h5, vars, "vars", &tensor, &err), GD_E_INPUT);
	gd_arena_free(&arena);
	gd_map_close(&map);
}

static void split_lists_are_joined(void **state)
{
	(void)state;
	gd_map map = seed("legacy.h5");
	gd_arena arena = { 0 };
	gd_error err = { 0 };
	gd_h5 *h5;
	const char *const *texts;
	size_t count;
	assert_int_equal(gd_h5_open((gd_bytes){ map.bytes, map.size }, &arena, &h5, &err), GD_OK);
	assert_int_equal(gd_h5_texts(h5, gd_h5_root(h5), "weight_names", &texts, &count, &err), GD_OK);
	assert_int_equal(count, 2);
	assert_string_equal(texts[1], "b");
	assert_int_equal(gd_h5_texts(h5, gd_h5_root(h5), "layer_names", &texts, &count, &err), GD_OK);
	assert_int_equal(count, 2);
	assert_string_equal(texts[0], "dense_1");
	assert_int_equal(gd_h5_texts(h5, gd_h5_root(h5), "none", &texts, &count, &err), GD_OK);
	assert_null(texts);
	gd_arena_free(&arena);
	gd_map_close(&map);
}

/* Reads all there is, with a bound on depth that the reader must keep. */
static gd_status visit(gd_h5 *h5, gd_h5_object object, int depth, gd_error *err)
{
	const char *const *names;
	size_t count;
	gd_tensor tensor;
	gd_error none = { 0 };
	assert_true(depth <= 32);
	gd_status status = gd_h5_texts(h5, object, "layer_names", &names, &count, err);
	if (gd_h5_members(h5, object, &names, &count, &none) != GD_OK)
		return status == GD_OK ? gd_h5_tensor(h5, object, "data", &tensor, err) : status;
	for (size_t i = 0; i < count && status == GD_OK; i++) {
		gd_h5_object child;
		status = gd_h5_find(h5, object, names[i], &child, err);
		assert_true(child != 0);
		if (status == GD_OK)
			status = visit(h5, child, depth + 1, err);
	}
	return status;
}

static gd_status read_all(const void *bytes, size_t size, gd_error *err)
{
	gd_arena arena = { 0 };
	gd_h5 *h5;
	*err = (gd_error){ 0 };
	gd_status status = gd_h5_open((gd_bytes){ bytes, size }, &arena, &h5, err);
	if (status == GD_OK)
		status = visit(h5, gd_h5_root(h5), 0, err);
	gd_arena_free(&arena);
	return status;
}

static void truncations_are_refused_and_flipped_bits_harmless(void **state)
{
	(void)state;
	const char *const seeds[] = { "keras3.h5", "legacy.h5" };
	for (size_t s = 0; s < 2; s++) {
		gd_map map = seed(seeds[s]);
		gd_error err;
		assert_int_equal(read_all(map.bytes, map.size, &err), GD_OK);
		for (size_t size = 1; size < map.size; size++) {
			unsigned char *exact = malloc(size); /* of its own, so that the sanitizer sees a read past it */
			memcpy(exact, map.bytes, size);
			assert_int_equal(read_all(exact, size, &err), GD_E_INPUT);
			assert_true(err.message[0]);
			free(exact);
		}
		unsigned char *copy = malloc(map.size);
		memcpy(copy, map.bytes, map.size);
		for (size_t bit = 0; bit < map.size * 8; bit++) {
			copy[bit / 8] = (unsigned char)(copy[bit / 8] ^ 1u << bit % 8);
			gd_status status = read_all(copy, map.size, &err);
			copy[bit / 8] = (unsigned char)(copy[bit / 8] ^ 1u << bit % 8);
			assert_true(status == GD_OK || (status >= GD_E_INPUT && status <= GD_E_LIMIT && err.message[0]));
		}
		free(copy);
		gd_map_close(&map);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_texts_and_tensors),
		cmocka_unit_test(split_lists_are_joined),
		cmocka_unit_test(truncations_are_refused_and_flipped_bits_harmless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
