/* Old-style groups: a B-tree of symbol nodes; the members' names lie in a local heap. */
#include "base/bytes.h"
#include "base/hdf5_format.h"
#include <string.h>

enum { TREE_BYTES = 24, NODE_BYTES = 8, HEAP_BYTES = 32, MAX_LEVEL = 10, SOFT_LINK = 2 };

/* A group while its members are gathered: first counted, then filled in. */
typedef struct {
	const char *heap; /* of names */
	uint64_t heap_size;
	const char **names; /* NULL while counting */
	gd_h5_object *children;
	size_t count;
} gathering;

static gd_status damaged(const char *what, uint64_t at, gd_error *err)
{
	return gd_fail(
		err, GD_E_INPUT, "the HDF5 file is damaged: %s at byte %llu; save it again", what, (unsigned long long)at);
}

static gd_status open_heap(const gd_h5 *h5, uint64_t at, gathering *g, gd_error *err)
{
	const unsigned char *p = gd_h5_view(h5, at, HEAP_BYTES);
	if (!p)
		return gd_h5_outside(h5, "a group's heap", at, err);
	if (memcmp(p, "HEAP", 4) != 0 || p[4] != 0)
		return damaged("a group has no heap", at, err);
	g->heap_size = gd_le64(p + 8);
	g->heap = (const char *)gd_h5_view(h5, gd_le64(p + 24), g->heap_size);
	return g->heap ? GD_OK : gd_h5_outside(h5, "a group's heap", gd_le64(p + 24), err);
}

static gd_status add_member(gathering *g, const unsigned char *entry, gd_error *err)
{
	const uint64_t at = gd_le64(entry);
	const char *name = at < g->heap_size ? g->heap + at : NULL;
	const char *end = name ? memchr(name, 0, (size_t)(g->heap_size - at)) : NULL;
	if (!end)
		return damaged("a name reaches beyond its heap, entry", at, err);
	if (end - name > GD_H5_MAX_NAME)
		return gd_fail(err, GD_E_LIMIT, "the HDF5 file has a name of %zu bytes; the limit is %d", (size_t)(end - name),
			GD_H5_MAX_NAME);
	if (end == name || memchr(name, '/', (size_t)(end - name)))
		return damaged("an empty name, or one with a slash, at heap entry", at, err);
	if (gd_le32(entry + 16) == SOFT_LINK)
		return gd_fail(err, GD_E_INPUT,
			"the HDF5 file's member %s is a link to another name, which dlguider does not follow; save it again "
			"without links",
			name);
	if (g->count > 0 && strcmp(g->names[g->count - 1], name) >= 0)
		return gd_fail(err, GD_E_INPUT,
			"the HDF5 file is damaged: the names %s and %s are twins or out of order; save it again",
			g->names[g->count - 1], name);
	g->names[g->count] = name;
	g->children[g->count++] = gd_le64(entry + 8);
	return GD_OK;
}

static gd_status gather_node(gd_h5 *h5, uint64_t at, gathering *g, gd_error *err)
{
	const unsigned char *p = gd_h5_view(h5, at, NODE_BYTES);
	if (!p)
		return gd_h5_outside(h5, "a group", at, err);
	if (memcmp(p, "SNOD", 4) != 0 || p[4] != 1)
		return damaged("no list of members", at, err);
	const size_t count = gd_le16(p + 6);
	const unsigned char *entries = gd_h5_view(h5, at + NODE_BYTES, count * GD_H5_ENTRY_BYTES);
	if (!entries)
		return gd_h5_outside(h5, "a list of members", at + NODE_BYTES + count * GD_H5_ENTRY_BYTES, err);
	if (!g->names) {
		g->count += count;
		/* Every member has bytes of its own in a sound file. */
		return g->count > h5->size / GD_H5_ENTRY_BYTES ? damaged("groups share their members", at, err) : GD_OK;
	}
	gd_status status = GD_OK;
	for (size_t i = 0; i < count && status == GD_OK; i++)
		status = add_member(g, entries + i * GD_H5_ENTRY_BYTES, err);
	return status;
}

/* level: what the node must say it is; -1 at the root. It falls at every step, so no tree is endless. */
static gd_status gather_tree(gd_h5 *h5, uint64_t at, int level, gathering *g, gd_error *err)
{
	const unsigned char *p = gd_h5_view(h5, at, TREE_BYTES);
	gd_status status = gd_h5_spend(h5, err);
	if (status != GD_OK)
		return status;
	if (!p)
		return gd_h5_outside(h5, "a group", at, err);
	if (memcmp(p, "TREE", 4) != 0 || p[4] != 0 || p[5] > MAX_LEVEL || (level >= 0 && p[5] != level))
		return damaged("no group tree", at, err);
	const size_t count = gd_le16(p + 6);
	const unsigned char *keys = gd_h5_view(h5, at + TREE_BYTES, count * 16 + 8);
	if (!keys)
		return gd_h5_outside(h5, "a group tree", at + TREE_BYTES + count * 16 + 8, err);
	for (size_t i = 0; i < count && status == GD_OK; i++) {
		const uint64_t child = gd_le64(keys + i * 16 + 8);
		status = gd_h5_spend(h5, err);
		if (status == GD_OK)
			status = p[5] == 0 ? gather_node(h5, child, g, err) : gather_tree(h5, child, p[5] - 1, g, err);
	}
	return status;
}

gd_status gd_h5_load_group(gd_h5 *h5, const gd_h5_message *symbols, gd_h5_node *node, gd_error *err)
{
	if (symbols->size < 16)
		return damaged("a short symbol table message in the header", node->address, err);
	const uint64_t tree = gd_le64(symbols->data);
	gathering g = { 0 };
	gd_status status = open_heap(h5, gd_le64(symbols->data + 8), &g, err);
	if (status == GD_OK)
		status = gather_tree(h5, tree, -1, &g, err);
	if (status != GD_OK)
		return status;
	h5->entries += g.count; /* both are below the file's size: cannot wrap */
	if (h5->entries > h5->size / GD_H5_ENTRY_BYTES)
		return damaged("groups share their members", tree, err);
	g.names = gd_arena_new(h5->arena, g.count, sizeof *g.names);
	g.children = gd_arena_new(h5->arena, g.count, sizeof *g.children);
	if (!g.names || !g.children)
		return gd_fail_memory(err, "reading the HDF5 file");
	g.count = 0;
	status = gather_tree(h5, tree, -1, &g, err);
	node->names = g.names;
	node->children = g.children;
	node->count = g.count;
	return status;
}
