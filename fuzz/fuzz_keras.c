/* Any bytes as a .keras archive: what is accepted is looked at whole. */
#include "look.h"
#include "window.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	return look_at_file("fuzz.keras", "PK", bytes, size);
}
