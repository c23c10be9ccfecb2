/* Any bytes as a whole model in an .h5 file: what is accepted is looked at whole. */
#include "look.h"
#include "window.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	return look_at_file("fuzz.h5", "\x89HDF", bytes, size);
}
