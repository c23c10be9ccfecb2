/* Any bytes as a configuration of the command. */
#include "../src/cli/toml.c"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char message[200];
	toml *read = malloc(sizeof *read);
	if (read && !toml_read((const char *)bytes, size, read, message, sizeof message) && strncmp(message, "line ", 5) != 0)
		abort();
	free(read);
	return 0;
}
