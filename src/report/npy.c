#include "report/npy.h"
#include "base/text.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Magic, version, header length, and the header filled with blanks to a multiple of 64, as numpy writes it. */
static void put_header(FILE *stream, const gd_npy *file)
{
	gd_text header = { 0 };
	gd_text_printf(&header, "{'descr': '%s', 'fortran_order': False, 'shape': (", file->dtype);
	for (int i = 0; i < file->shape.rank; i++)
		gd_text_printf(&header, "%lld,%s", (long long)file->shape.dim[i], i + 1 < file->shape.rank ? " " : "");
	gd_text_put(&header, "), }");
	while ((header.length + 11) % 64 != 0 && !header.failed)
		gd_text_put(&header, " ");
	gd_text_put(&header, "\n");
	unsigned char front[10] = { 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (unsigned char)(header.length & 0xff), (unsigned char)(header.length >> 8) };
	if (!header.failed) {
		fwrite(front, 1, sizeof front, stream);
		fwrite(header.bytes, 1, header.length, stream);
	}
	gd_text_free(&header);
}

gd_status gd_npy_append(gd_npy *file, const void *numbers, int64_t count, size_t width, gd_error *err)
{
	FILE *stream = fopen(file->path, file->written ? "ab" : "wb");
	if (!stream)
		return gd_fail(err, GD_E_INTERNAL, "%s: cannot write: %s", file->path, strerror(errno));
	if (file->written == 0)
		put_header(stream, file);
	size_t total = (size_t)count * width;
	bool bad = fwrite(numbers, file->item, total, stream) != total;
	int cause = errno;
	if (fclose(stream) != 0 && !bad) {
		bad = true;
		cause = errno;
	}
	file->written += count;
	return bad ? gd_fail(err, GD_E_INTERNAL, "%s: cannot write: %s", file->path, strerror(cause)) : GD_OK;
}
