/* Any bytes as a zip archive: every member is read; the sanitizers watch. */
#include "base/archive.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	gd_arena arena = { 0 };
	gd_archive archive;
	gd_error err = { 0 };
	if (gd_archive_open(bytes, size, &arena, &archive, &err) == GD_OK) {
		for (size_t i = 0; i < archive.member_count; i++) {
			const void *data;
			size_t length;
			gd_error one = { 0 };
			if (gd_archive_read(&archive, &archive.members[i], &arena, &data, &length, &one) == GD_OK) {
				if (length != archive.members[i].unpacked)
					abort();
			} else if (!one.message[0])
				abort();
		}
	} else if (!err.message[0])
		abort();
	gd_arena_free(&arena);
	return 0;
}
