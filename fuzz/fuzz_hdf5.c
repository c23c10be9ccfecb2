/* Any bytes as an HDF5 file: every object, its tensors and Keras's attributes are read; the sanitizers watch. */
#include "model/keras/hdf5.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static volatile unsigned char sink; /* so that every byte of what was read is looked at */

static void look(const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sink = (unsigned char)(sink ^ ((const unsigned char *)bytes)[i]);
}

static void visit(gd_h5 *h5, gd_h5_object object, int depth)
{
	static const char *const lists[] = { "layer_names", "weight_names" };
	const char *const *texts, *text;
	size_t count;
	gd_tensor tensor;
	if (depth > 40)
		abort();
	for (int i = 0; i < 2; i++) {
		gd_error err = { 0 };
		if (gd_h5_texts(h5, object, lists[i], &texts, &count, &err) == GD_OK)
			for (size_t k = 0; k < count; k++)
				look(texts[k], 1);
	}
	gd_error err = { 0 }, none = { 0 };
	if (gd_h5_text(h5, object, "name", &text, &err) != GD_OK && !err.message[0])
		abort();
	if (gd_h5_tensor(h5, object, "data", &tensor, &none) == GD_OK)
		look(tensor.data, tensor.bytes);
	if (gd_h5_members(h5, object, &texts, &count, &none) != GD_OK)
		return;
	for (size_t i = 0; i < count; i++) {
		gd_h5_object child;
		if (gd_h5_find(h5, object, texts[i], &child, &err) == GD_OK && child)
			visit(h5, child, depth + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	gd_arena arena = { 0 };
	gd_h5 *h5;
	gd_error err = { 0 };
	if (gd_h5_open((gd_bytes){ bytes, size }, &arena, &h5, &err) == GD_OK)
		visit(h5, gd_h5_root(h5), 0);
	else if (!err.message[0])
		abort();
	gd_arena_free(&arena);
	return 0;
}
