/* madvise: posix_madvise does nothing for MADV_DONTNEED in glibc. */
#define _DEFAULT_SOURCE
#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static gd_status check_file(const char *path, const struct stat *st, uint64_t max_bytes, gd_error *err)
{
	if (S_ISDIR(st->st_mode))
		return gd_fail(err, GD_E_INPUT, "%s: cannot read: it is a directory, not a file", path);
	if (!S_ISREG(st->st_mode))
		return gd_fail(err, GD_E_INPUT, "%s: cannot read: it is a pipe or a device, not a regular file", path);
	if (st->st_size == 0)
		return gd_fail(err, GD_E_INPUT, "%s: the file is empty (0 bytes)", path);
	if (max_bytes && (uint64_t)st->st_size > max_bytes)
		return gd_fail(err, GD_E_LIMIT, "%s: the file has %lld bytes; the limit is %llu", path, (long long)st->st_size,
			(unsigned long long)max_bytes);
	return GD_OK;
}

gd_status gd_map_open(const char *path, uint64_t max_bytes, gd_map *out, gd_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return gd_fail(err, GD_E_INPUT, "%s: cannot read: %s", path, strerror(errno));
	struct stat st;
	gd_status status = GD_OK;
	if (fstat(fd, &st) != 0)
		status = gd_fail(err, GD_E_INPUT, "%s: cannot read: %s", path, strerror(errno));
	else
		status = check_file(path, &st, max_bytes, err);
	if (status == GD_OK) {
		void *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (bytes == MAP_FAILED)
			status = gd_fail(err, GD_E_LIMIT, "%s: cannot map the file: %s", path, strerror(errno));
		else
			*out = (gd_map){ .bytes = bytes, .size = (size_t)st.st_size };
	}
	close(fd);
	return status;
}

void gd_map_forget(const gd_map *map, size_t offset, size_t length)
{
	const size_t page = 4096;
	size_t first = (offset + page - 1) / page * page;
	size_t last = (offset + length) / page * page;
	if (map->bytes && last > first && last <= map->size)
		(void)madvise((void *)(uintptr_t)(map->bytes + first), last - first, MADV_DONTNEED);
}

void gd_map_close(gd_map *map)
{
	if (map->bytes)
		munmap((void *)(uintptr_t)map->bytes, map->size);
	*map = (gd_map){ 0 };
}

/* Not mkstemp: it makes 0600, and asking for the umask to mend that would change it for every thread of the host. */
static int open_beside(char *temporary, size_t size, const char *path)
{
	for (int i = 0; i < 1000; i++) {
		snprintf(temporary, size, "%s.%ld-%d.part", path, (long)getpid(), i);
		int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

/* A device or a pipe: the file beside it would replace it (for root, /dev/null for everybody). */
static bool in_place(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

/* A link stays a link: what it points to is replaced. */
static char *target_of(const char *path)
{
	char *real = realpath(path, NULL);
	return real ? real : strdup(path);
}

static int open_target(gd_output *made, size_t size)
{
	if (!made->temporary)
		return open(made->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	return open_beside(made->temporary, size, made->path);
}

gd_status gd_output_open(const char *path, gd_output *out, gd_error *err)
{
	if (strcmp(path, "-") == 0) {
		*out = (gd_output){ .stream = stdout };
		return GD_OK;
	}
	const bool beside = !in_place(path);
	gd_output made = { .path = beside ? target_of(path) : strdup(path) };
	const size_t size = made.path ? strlen(made.path) + 40 : 0;
	if (made.path && beside)
		made.temporary = malloc(size);
	if (!made.path || (beside && !made.temporary)) {
		free(made.path);
		return gd_fail_memory(err, "opening the output");
	}
	int fd = open_target(&made, size);
	if (fd >= 0)
		made.stream = fdopen(fd, "wb");
	if (!made.stream) {
		gd_status status = gd_fail(err, GD_E_INTERNAL, "%s: cannot write: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		if (fd >= 0 && beside)
			unlink(made.temporary);
		free(made.temporary);
		free(made.path);
		return status;
	}
	*out = made;
	return GD_OK;
}

gd_status gd_output_commit(gd_output *output, gd_error *err)
{
	if (!output->path) {
		bool bad = fflush(output->stream) != 0 || ferror(output->stream);
		*output = (gd_output){ 0 };
		return bad ? gd_fail(err, GD_E_INTERNAL, "cannot write to standard output: %s", strerror(errno)) : GD_OK;
	}
	bool bad = ferror(output->stream) || fflush(output->stream) != 0 || (output->temporary && fsync(fileno(output->stream)) != 0);
	int cause = errno;
	if (fclose(output->stream) != 0 && !bad) {
		bad = true;
		cause = errno;
	}
	output->stream = NULL;
	if (!bad && output->temporary && rename(output->temporary, output->path) != 0) {
		bad = true;
		cause = errno;
	}
	if (!bad) {
		free(output->temporary);
		free(output->path);
		*output = (gd_output){ 0 };
		return GD_OK;
	}
	gd_status status = gd_fail(err, GD_E_INTERNAL, "%s: cannot write: %s; what was there before is untouched", output->path,
		strerror(cause));
	gd_output_abort(output);
	return status;
}

void gd_output_abort(gd_output *output)
{
	if (output->stream && output->path)
		fclose(output->stream);
	if (output->temporary) {
		unlink(output->temporary);
		free(output->temporary);
	}
	free(output->path);
	*output = (gd_output){ 0 };
}
