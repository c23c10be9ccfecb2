#include "base/bytes.h"
#include "base/checked.h"
#include "base/hdf5_format.h"
#include <string.h>

enum { SUPERBLOCK_BYTES = 96, FIRST_SLOTS = 256 };

const unsigned char *gd_h5_view(const gd_h5 *h5, uint64_t at, uint64_t size)
{
	return size <= h5->size && at <= h5->size - size ? h5->bytes + at : NULL;
}

gd_status gd_h5_spend(gd_h5 *h5, gd_error *err)
{
	if (h5->work == 0)
		return gd_fail(err, GD_E_INPUT, "the HDF5 file leads in circles; save it again");
	h5->work--;
	return GD_OK;
}

gd_status gd_h5_outside(const gd_h5 *h5, const char *what, uint64_t at, gd_error *err)
{
	return gd_fail(err, GD_E_INPUT,
		"the HDF5 file is damaged: %s points to byte %llu of a file of %llu bytes; save it again", what,
		(unsigned long long)at, (unsigned long long)h5->size);
}

/* Slot of address in the table: its node's, or the empty one where it belongs. */
static gd_h5_node **slot_of(const gd_h5 *h5, gd_h5_object address)
{
	size_t i = (size_t)(address * 0x9e3779b97f4a7c15ull >> 20) & (h5->slot_count - 1);
	while (h5->table[i] && h5->table[i]->address != address)
		i = (i + 1) & (h5->slot_count - 1);
	return &h5->table[i];
}

const gd_h5_node *gd_h5_node_at(const gd_h5 *h5, gd_h5_object address)
{
	return *slot_of(h5, address);
}

static bool grow_table(gd_h5 *h5)
{
	gd_h5_node **old = h5->table;
	const size_t old_count = h5->slot_count;
	h5->slot_count = old_count ? old_count * 2 : FIRST_SLOTS;
	h5->table = gd_arena_new(h5->arena, h5->slot_count, sizeof *h5->table);
	if (!h5->table)
		return false;
	for (size_t i = 0; i < old_count; i++)
		if (old[i])
			*slot_of(h5, old[i]->address) = old[i];
	return true;
}

/* A new node for address; refused when the walk has been there. */
static gd_status add_node(gd_h5 *h5, gd_h5_object address, gd_h5_node **out, gd_error *err)
{
	if (h5->node_count >= h5->slot_count / 2 && !grow_table(h5))
		return gd_fail_memory(err, "reading the HDF5 file");
	gd_h5_node **slot = slot_of(h5, address);
	if (*slot && (*slot)->open)
		return gd_fail(err, GD_E_INPUT,
			"the HDF5 file is damaged: the group at byte %llu contains itself; save it again",
			(unsigned long long)address);
	if (*slot)
		return gd_fail(err, GD_E_INPUT,
			"the HDF5 file is damaged: two names lead to the object at byte %llu, which dlguider does not know; save "
			"it "
			"again",
			(unsigned long long)address);
	if (h5->node_count >= GD_H5_MAX_OBJECTS)
		return gd_fail(err, GD_E_LIMIT, "the HDF5 file has more than %d objects, the limit", GD_H5_MAX_OBJECTS);
	*slot = *out = gd_arena_new(h5->arena, 1, sizeof **out);
	if (!*out)
		return gd_fail_memory(err, "reading the HDF5 file");
	h5->node_count++;
	(*out)->address = address;
	return GD_OK;
}

/* What a dataset declares is summed over the file: shapes that promise more than the file holds are found at opening.
 */
static gd_status count_declared(gd_h5 *h5, const gd_h5_header *header, const char *name, gd_error *err)
{
	bool contiguous;
	uint64_t at, size;
	if (header->external.data)
		return gd_fail(err, GD_E_INPUT, "dataset %s keeps its data in another file, which dlguider never opens", name);
	if (!header->layout.data)
		return GD_OK;
	gd_status status = gd_h5_read_layout(&header->layout, &contiguous, &at, &size, err);
	if (status != GD_OK || !contiguous || at == GD_H5_NOWHERE)
		return status;
	if (size > h5->size)
		return gd_fail(err, GD_E_INPUT, "dataset %s declares %llu bytes; the file has %llu", name,
			(unsigned long long)size, (unsigned long long)h5->size);
	if (!gd_h5_view(h5, at, size))
		return gd_h5_outside(h5, "a dataset", at, err);
	h5->declared += size; /* cannot wrap: each is below the size, and there are at most GD_H5_MAX_OBJECTS */
	if (h5->declared > h5->size)
		return gd_fail(err, GD_E_INPUT, "the datasets up to %s declare more bytes than the file's %llu; save it again",
			name, (unsigned long long)h5->size);
	return GD_OK;
}

/* Every object once, depth first, so that later look-ups meet only what has been checked. */
static gd_status walk(gd_h5 *h5, gd_h5_object address, const char *name, int depth, gd_error *err)
{
	if (depth > GD_H5_MAX_DEPTH)
		return gd_fail(err, GD_E_LIMIT, "the HDF5 file has groups nested deeper than %d", GD_H5_MAX_DEPTH);
	gd_h5_node *node = NULL;
	gd_h5_header header = { 0 };
	gd_status status = add_node(h5, address, &node, err);
	if (status == GD_OK)
		status = gd_h5_read_header(h5, address, &header, err);
	if (status != GD_OK)
		return status;
	if (!header.symbols.data)
		return count_declared(h5, &header, name, err);
	node->is_group = node->open = true;
	status = gd_h5_load_group(h5, &header.symbols, node, err);
	for (size_t i = 0; status == GD_OK && i < node->count; i++)
		status = walk(h5, node->children[i], node->names[i], depth + 1, err);
	node->open = false;
	return status;
}

static gd_status read_superblock(gd_h5 *h5, gd_error *err)
{
	const unsigned char *p = h5->bytes;
	if (h5->size < 16 || memcmp(p, "\x89HDF\r\n\x1a\n", 8) != 0)
		return gd_fail(err, GD_E_INPUT, "is no HDF5 file (its first bytes are not HDF5's)");
	if (p[8] != 0)
		return gd_fail(err, GD_E_UNSUPPORTED,
			"is in a newer HDF5 layout (superblock %d; dlguider reads 0); save a model as .keras, an array with "
			"numpy.save",
			p[8]);
	if (h5->size < SUPERBLOCK_BYTES)
		return gd_fail(
			err, GD_E_INPUT, "the HDF5 file is cut off after %llu bytes; save it again", (unsigned long long)h5->size);
	if (p[13] != 8 || p[14] != 8)
		return gd_fail(err, GD_E_UNSUPPORTED,
			"is an HDF5 file with addresses of %d and lengths of %d bytes; dlguider reads those of 8; save it as "
			".keras",
			p[13], p[14]);
	if (gd_le64(p + 24) != 0)
		return gd_fail(err, GD_E_UNSUPPORTED,
			"is an HDF5 file with a user block; save a model as .keras, an array with numpy.save");
	const uint64_t end = gd_le64(p + 40);
	if (end > h5->size || end < SUPERBLOCK_BYTES)
		return gd_fail(err, GD_E_INPUT,
			"the HDF5 file is cut off: it should have %llu bytes and has %llu; save it again", (unsigned long long)end,
			(unsigned long long)h5->size);
	h5->size = end;
	h5->root = gd_le64(p + 64);
	return GD_OK;
}

gd_status gd_h5_open(gd_bytes bytes, gd_arena *arena, gd_h5 **out, gd_error *err)
{
	gd_h5 *h5 = gd_arena_new(arena, 1, sizeof *h5);
	if (!h5)
		return gd_fail_memory(err, "reading the HDF5 file");
	/* Sound files need a few looks for each object and attribute; the constant is far above, yet less
	 * than a second. Each text is read once or twice. */
	*h5 = (gd_h5){ .bytes = bytes.bytes,
		.size = bytes.size,
		.arena = arena,
		.text_left = (1 << 20) + 4 * (uint64_t)bytes.size,
		.work = 20000000 + bytes.size / 8 };
	gd_status status = read_superblock(h5, err);
	if (status == GD_OK)
		status = walk(h5, h5->root, "/", 0, err);
	const gd_h5_node *root = status == GD_OK ? gd_h5_node_at(h5, h5->root) : NULL;
	if (root && !root->is_group)
		status = gd_fail(err, GD_E_INPUT, "the HDF5 file is damaged: its root is no group; save it again");
	if (status == GD_OK)
		*out = h5;
	return status;
}

gd_h5_object gd_h5_root(const gd_h5 *h5)
{
	return h5->root;
}

/* Place of the member called name[0..length) by halving; node->count when there is none. */
static size_t member_at(const gd_h5_node *node, const char *name, size_t length)
{
	size_t low = 0, high = node->count;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		int order = strncmp(node->names[middle], name, length);
		if (order == 0 && node->names[middle][length] != 0)
			order = 1;
		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return node->count;
}

gd_status gd_h5_find(gd_h5 *h5, gd_h5_object group, const char *path, gd_h5_object *out, gd_error *err)
{
	(void)err;
	*out = group;
	while (*out && *path) {
		const size_t length = strcspn(path, "/");
		const gd_h5_node *node = gd_h5_node_at(h5, *out);
		if (length > 0) {
			const size_t i = node ? member_at(node, path, length) : 0;
			*out = node && i < node->count ? node->children[i] : 0;
		}
		path += length + (path[length] == '/');
	}
	return GD_OK;
}

gd_status gd_h5_members(gd_h5 *h5, gd_h5_object group, const char *const **names, size_t *count, gd_error *err)
{
	const gd_h5_node *node = gd_h5_node_at(h5, group);
	if (!node || !node->is_group)
		return gd_fail(err, GD_E_INPUT, "the HDF5 file has a dataset where a group should be; save it again");
	*names = node->names;
	*count = node->count;
	return GD_OK;
}

bool gd_h5_is_group(const gd_h5 *h5, gd_h5_object object)
{
	const gd_h5_node *node = gd_h5_node_at(h5, object);
	return node && node->is_group;
}
