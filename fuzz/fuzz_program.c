/* The text of a program: parsed and walked, never run. */
#include "source/program.h"
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	gd_program *program;
	gd_error err = { 0 };
	if (gd_program_open_bytes("program.py", (const char *)bytes, size, &program, &err) == GD_OK)
		gd_program_free(program);
	return 0;
}
