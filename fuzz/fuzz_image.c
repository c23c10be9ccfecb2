/* Any bytes as an image: decoded, and brought to a small size in grey and in colours. */
#include "data/image.h"
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	gd_arena arena = { 0 };
	gd_error err = { 0 };
	gd_image image;
	float out[7 * 5 * 3];
	if (gd_image_decode(bytes, size, &arena, &image, &err) == GD_OK)
		for (size_t channels = 1; channels <= 3; channels += 2)
			if (gd_image_resize(&image, 7, 5, channels, &arena, out, &err) != GD_OK)
				abort();
	gd_arena_free(&arena);
	return 0;
}
