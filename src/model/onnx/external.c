/* Weights that lie in other files beside the model come into the model's bytes, so that the engine never opens a file.
 *
 * Paths are walked component by component below the model's folder, never through a link; only regular files that have
 * no second name count. What is wrong with the path is said before anything is opened: nobody learns what exists
 * elsewhere. */
#include "base/checked.h"
#include "model/onnx/file.h"
#include "model/onnx/schema.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
	const char *name;
	char location[GD_MAX_NAME + 1];
	uint64_t offset, length;
	bool has_offset, has_length;
} reference;

typedef struct {
	int folder; /* of the model */
	dev_t device;
	unsigned char *out; /* NULL: only measure */
	size_t size;        /* written or measured so far */
	gd_arena *arena;    /* for names in messages */
	gd_error *err;
} joining;

static gd_status parse_number(const char *text, const char *tensor, const char *key, uint64_t *out, gd_error *err)
{
	char *end;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno)
		return gd_fail(err, GD_E_INPUT, "tensor %s: %s \"%s\" of its file is no whole number", tensor, key, text);
	*out = value;
	return GD_OK;
}

static gd_status take_pair(joining *j, gd_wire pair, reference *ref)
{
	gd_wire_field f;
	const char *key = "", *value = "";
	while (gd_wire_read(&pair, &f)) {
		const char *text = gd_onnx_text(f.body, GD_MAX_NAME, j->arena, j->err);
		if (!text)
			return j->err->status;
		*(f.number == GD_ENTRY_KEY ? &key : &value) = text;
	}
	bool location = strcmp(key, "location") == 0, offset = strcmp(key, "offset") == 0,
		 length = strcmp(key, "length") == 0;
	if ((location && *ref->location) || (offset && ref->has_offset) || (length && ref->has_length))
		return gd_fail(j->err, GD_E_INPUT, "tensor %s names the %s of its file twice", ref->name, key);
	if (location) {
		memcpy(ref->location, value, strlen(value) + 1);
		return GD_OK;
	}
	if (offset) {
		ref->has_offset = true;
		return parse_number(value, ref->name, key, &ref->offset, j->err);
	}
	if (length) {
		ref->has_length = true;
		return parse_number(value, ref->name, key, &ref->length, j->err);
	}
	if (strcmp(key, "checksum") == 0)
		return GD_OK;
	return gd_fail(
		j->err, GD_E_UNSUPPORTED, "tensor %s: its data in another file has the unknown key \"%s\"", ref->name, key);
}

/* False when the tensor keeps its data itself. */
static gd_status read_reference(joining *j, gd_wire tensor, reference *ref, bool *external)
{
	gd_wire again = tensor;
	gd_wire_field f;
	gd_status status = GD_OK;
	*ref = (reference){ .name = "" };
	*external = false;
	while (gd_wire_read(&again, &f)) {
		if (f.number == GD_TENSOR_NAME && !(ref->name = gd_onnx_text(f.body, GD_MAX_NAME, j->arena, j->err)))
			return j->err->status;
		*external = *external || f.number == GD_TENSOR_EXTERNAL || (f.number == GD_TENSOR_LOCATION && f.value != 0);
	}
	while (status == GD_OK && gd_wire_read(&tensor, &f))
		if (f.number == GD_TENSOR_EXTERNAL)
			status = take_pair(j, f.body, ref);
	if (status == GD_OK && *external && !*ref->location)
		status = gd_fail(j->err, GD_E_INPUT, "tensor %s lies in another file but does not name it", ref->name);
	return status;
}

static gd_status check_location(const reference *ref, gd_error *err)
{
	const char *at = ref->location;
	if (strstr(at, "_ORT_MEM_ADDR_") || strchr(at, '*'))
		return gd_fail(err, GD_E_INPUT, "tensor %s: \"%s\" is no file name", ref->name, at);
	bool outside = *at == '/' || strchr(at, '\\') || strchr(at, ':');
	while (*at && !outside) {
		size_t length = strcspn(at, "/");
		outside = length == 2 && memcmp(at, "..", 2) == 0;
		at += length + (at[length] == '/');
	}
	if (outside)
		return gd_fail(
			err, GD_E_INPUT, "tensor %s points to \"%s\", outside the model's folder", ref->name, ref->location);
	return GD_OK;
}

/* Opens ref->location below j->folder without following a link anywhere; -1 on failure. */
static int open_below(const joining *j, const reference *ref)
{
	int at = dup(j->folder);
	const char *rest = ref->location;
	while (at >= 0 && *rest) {
		char part[GD_MAX_NAME + 1];
		size_t length = strcspn(rest, "/");
		memcpy(part, rest, length);
		part[length] = 0;
		rest += length;
		bool last = *rest == 0;
		rest += !last;
		if (!last && (length == 0 || strcmp(part, ".") == 0))
			continue;
		int next =
			openat(at, part, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | (last ? 0 : O_DIRECTORY));
		int problem = errno;
		close(at);
		errno = problem;
		at = next;
	}
	return at;
}

static gd_status open_file(const joining *j, const reference *ref, int *fd, uint64_t *size)
{
	gd_status status = check_location(ref, j->err);
	if (status != GD_OK)
		return status;
	*fd = open_below(j, ref);
	if (*fd < 0)
		return gd_fail(j->err, GD_E_INPUT, "tensor %s: cannot open its file \"%s\" beside the model (%s)", ref->name,
			ref->location, errno == ELOOP || errno == ENOTDIR ? "a link, or not in a folder" : strerror(errno));
	struct stat st;
	const char *what = fstat(*fd, &st) != 0     ? "unreadable"
					   : !S_ISREG(st.st_mode)   ? "no regular file"
					   : st.st_nlink != 1       ? "a file with several names (hard links); copy it"
					   : st.st_dev != j->device ? "on another file system than the model"
												: NULL;
	if (what) {
		close(*fd);
		return gd_fail(j->err, GD_E_INPUT, "tensor %s: its file \"%s\" is %s", ref->name, ref->location, what);
	}
	*size = (uint64_t)st.st_size;
	return GD_OK;
}

static gd_status read_range(int fd, const reference *ref, unsigned char *to, uint64_t length, gd_error *err)
{
	uint64_t done = 0;
	while (done < length) {
		ssize_t got = pread(fd, to + done, (size_t)(length - done), (off_t)(ref->offset + done));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return gd_fail(err, GD_E_INPUT, "tensor %s: its file \"%s\" changed while it was being read; try again",
				ref->name, ref->location);
		done += (uint64_t)got;
	}
	return GD_OK;
}

static void put(joining *j, const void *bytes, size_t size)
{
	if (j->out && size)
		memcpy(j->out + j->size, bytes, size);
	j->size += size;
}

static void put_varint(joining *j, uint64_t value)
{
	do {
		unsigned char byte = (unsigned char)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
		put(j, &byte, 1);
		value >>= 7;
	} while (value);
}

/* The data of one tensor as its raw_data. */
static gd_status put_data(joining *j, reference *ref)
{
	int fd = -1;
	uint64_t size = 0;
	gd_status status = open_file(j, ref, &fd, &size);
	if (status != GD_OK)
		return status;
	uint64_t length = ref->has_length ? ref->length : size > ref->offset ? size - ref->offset : 0;
	if (length > size || ref->offset > size - length)
		status =
			gd_fail(j->err, GD_E_INPUT, "tensor %s needs %llu bytes from byte %llu of %s, which has %llu", ref->name,
				(unsigned long long)length, (unsigned long long)ref->offset, ref->location, (unsigned long long)size);
	else if (length > INT_MAX || j->size > (size_t)INT_MAX - length)
		status =
			gd_fail(j->err, GD_E_LIMIT, "the weights in other files are over 2 GiB, more than ONNX bytes can hold");
	if (status == GD_OK) {
		put_varint(j, GD_TENSOR_RAW << 3 | GD_WIRE_BYTES);
		put_varint(j, length);
		if (j->out)
			status = read_range(fd, ref, j->out + j->size, length, j->err);
		j->size += length;
	}
	close(fd);
	return status;
}

static gd_status put_tensor(joining *j, gd_wire tensor)
{
	reference ref;
	bool external;
	gd_status status = read_reference(j, tensor, &ref, &external);
	if (status != GD_OK)
		return status;
	gd_wire_field f;
	const unsigned char *from = tensor.at;
	while (gd_wire_read(&tensor, &f)) {
		if (f.number != GD_TENSOR_EXTERNAL && f.number != GD_TENSOR_LOCATION)
			put(j, from, (size_t)(tensor.at - from));
		from = tensor.at;
	}
	return external ? put_data(j, &ref) : GD_OK;
}

typedef gd_status (*put_message)(joining *j, gd_wire message);

/* A field of bytes whose new content `content` writes: measured first, since its length comes before it. */
static gd_status put_field(joining *j, unsigned number, gd_wire body, put_message content)
{
	joining measure = *j;
	measure.out = NULL;
	measure.size = 0;
	gd_status status = content(&measure, body);
	if (status != GD_OK)
		return status;
	put_varint(j, number << 3 | GD_WIRE_BYTES);
	put_varint(j, measure.size);
	if (j->out)
		return content(j, body);
	j->size += measure.size;
	return j->size > INT_MAX
			   ? gd_fail(j->err, GD_E_LIMIT, "the model is over 2 GiB with its weights, more than ONNX bytes can hold")
			   : GD_OK;
}

static gd_status put_replaced(joining *j, gd_wire message, unsigned field, put_message content)
{
	gd_wire_field f;
	gd_status status = GD_OK;
	const unsigned char *from = message.at;
	while (status == GD_OK && gd_wire_read(&message, &f)) {
		if (f.number == field)
			status = put_field(j, field, f.body, content);
		else
			put(j, from, (size_t)(message.at - from));
		from = message.at;
	}
	return status;
}

static gd_status put_graph(joining *j, gd_wire graph)
{
	return put_replaced(j, graph, GD_GRAPH_INITIALIZER, put_tensor);
}

static gd_status put_model(joining *j, gd_wire model)
{
	return put_replaced(j, model, GD_MODEL_GRAPH, put_graph);
}

static int open_folder(const char *path, gd_arena *arena)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? gd_arena_text(arena, path, (size_t)(slash - path) + 1) : gd_arena_text(arena, ".", 1);
	return folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
}

static gd_status join(joining *j, gd_bytes bytes, char **out, size_t *size)
{
	gd_wire model = gd_wire_of(bytes.bytes, bytes.size);
	gd_status status = put_model(j, model);
	if (status != GD_OK)
		return status;
	*size = j->size;
	j->size = 0;
	*out = malloc(*size);
	if (!*out)
		return gd_fail_memory(j->err, "reading the weights beside the model");
	j->out = (unsigned char *)*out;
	status = put_model(j, model);
	if (status != GD_OK) {
		free(*out);
		*out = NULL;
	}
	return status;
}

gd_status gd_onnx_inline(const char *path, gd_bytes bytes, char **out, size_t *size, gd_error *err)
{
	gd_arena arena = { 0 };
	joining j = { .folder = open_folder(path, &arena), .arena = &arena, .err = err };
	struct stat st;
	gd_status status;
	if (j.folder < 0 || fstat(j.folder, &st) != 0) {
		status =
			gd_fail(err, GD_E_INPUT, "cannot open the model's folder, where some weights lie: %s", strerror(errno));
	} else {
		j.device = st.st_dev;
		status = join(&j, bytes, out, size);
	}
	if (j.folder >= 0)
		close(j.folder);
	gd_arena_free(&arena);
	return status;
}
