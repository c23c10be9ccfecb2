/* ONNX bytes of graphs. Run with a folder as argument it writes the cases there for tests/py/test_onnx_encode.py, which
 * has the onnx package and ONNX Runtime as oracles. */
#include "base/file.h"
#include "model/model.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka wants its includes before it */
#include <cmocka.h>

static const float kernel[6] = { 1.0f, -2.0f, 0.5f, 3.0f, 0.0f, -1.25f }, bias[2] = { 0.25f, -0.5f };

static gd_value value(const char *name, gd_type type, int rank, int64_t a, int64_t b)
{
	return (gd_value){ name, type, { rank, { a, b } } };
}

/* y = an MLP of one layer: Gemm, LeakyRelu, Softmax; an attribute of each kind the builder makes. */
static void build_mlp(gd_builder *b)
{
	b->graph->opset = 17;
	*gd_builder_input(b) = value("x", GD_F32, 2, -1, 3);
	const char *w = gd_builder_floats(b, "w", kernel, 2, (const int64_t[]){ 3, 2 });
	const char *c = gd_builder_floats(b, "b", bias, 1, (const int64_t[]){ 2 });
	const char *dense = gd_builder_node(b, "Gemm", NULL, (const char *const[]){ "x", w, c, NULL });
	assert_true(gd_builder_attr_int(b, "transB", 0));
	const char *leaky = gd_builder_node(b, "LeakyRelu", "hidden", (const char *const[]){ dense, NULL });
	assert_true(gd_builder_attr_float(b, "alpha", 0.125f));
	const char *turned = gd_builder_node(b, "Transpose", NULL, (const char *const[]){ leaky, NULL });
	assert_true(gd_builder_attr_ints(b, "perm", (const int64_t[]){ 0, 1 }, 2));
	gd_builder_node(b, "Softmax", "y", (const char *const[]){ turned, NULL });
	assert_true(gd_builder_attr_int(b, "axis", -1));
	*gd_builder_output(b) = value("y", GD_F32, 2, -1, 2);
}

static void build_part(gd_builder *b)
{
	const char *axis = gd_builder_integers(b, "probe_axes", (const int64_t[]){ -1 }, 1);
	gd_builder_node(b, "ReduceSum", "probe", (const char *const[]){ "hidden", axis, NULL });
	assert_true(gd_builder_attr_int(b, "keepdims", 0));
	*gd_builder_output(b) = value("probe", GD_F32, 1, -1, 0);
}

static void encode_mlp(gd_text *whole, gd_text *part)
{
	gd_arena arena = { 0 };
	gd_graph graph = { 0 }, more = { 0 };
	gd_error err = { 0 };
	gd_builder b = { .arena = &arena, .graph = &graph };
	build_mlp(&b);
	assert_int_equal(gd_onnx_encode(&graph, whole, &err), GD_OK);
	b = (gd_builder){ .arena = &arena, .graph = &more };
	build_part(&b);
	assert_int_equal(gd_onnx_encode_part(&more, part, &err), GD_OK);
	gd_arena_free(&arena);
}

static void write_case(const char *folder, const char *name, const gd_text *first, const gd_text *second)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	gd_output out;
	gd_error err = { 0 };
	assert_int_equal(gd_output_open(path, &out, &err), GD_OK);
	assert_int_equal(fwrite(first->bytes, 1, first->length, out.stream), first->length);
	if (second)
		assert_int_equal(fwrite(second->bytes, 1, second->length, out.stream), second->length);
	assert_int_equal(gd_output_commit(&out, &err), GD_OK);
}

static int write_cases(const char *folder)
{
	gd_text whole = { 0 }, part = { 0 };
	encode_mlp(&whole, &part);
	write_case(folder, "mlp.onnx", &whole, NULL);
	write_case(folder, "probed.onnx", &whole, &part);
	gd_text_free(&whole);
	gd_text_free(&part);
	return 0;
}

/* The first bytes by hand from the protobuf specification: field 1 varint 8, field 2 of 8 bytes. */
static void test_bytes_begin_as_specified(void **state)
{
	(void)state;
	gd_text whole = { 0 }, part = { 0 };
	encode_mlp(&whole, &part);
	assert_memory_equal(whole.bytes,
		"\x08\x08\x12\x08"
		"dlguider",
		12);
	assert_int_equal(part.bytes[0], 0x3a); /* nothing but the graph, so that merging changes no scalar */
	assert_int_equal((size_t)(unsigned char)part.bytes[1] + 2, part.length);
	gd_text_free(&whole);
	gd_text_free(&part);
}

static void test_wrong_size_is_refused(void **state)
{
	(void)state;
	gd_tensor tensor = { .name = "w", .type = GD_F32, .shape = { 1, { 3 } }, .data = kernel, .bytes = 8 };
	gd_graph graph = { .opset = 17, .tensors = &tensor, .tensor_count = 1 };
	gd_text out = { 0 };
	gd_error err = { 0 };
	assert_int_equal(gd_onnx_encode(&graph, &out, &err), GD_E_INTERNAL);
	assert_non_null(strstr(err.message, "weight w"));
	gd_text_free(&out);
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return write_cases(argv[1]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_begin_as_specified),
		cmocka_unit_test(test_wrong_size_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
