/* h5_dump FILE - what the HDF5 reader sees, for comparing with h5py: a line for every object and for every text
 * attribute that Keras uses. FILE may be a .keras archive. Checksums stand for contents. group PATH data PATH TYPE
 * (SHAPE) CRC        or: refused PATH SENTENCE text PATH ATTRIBUTE COUNT CRC     of the texts, each followed by a
 * newline
 */
#include "base/archive.h"
#include "model/keras/hdf5.h"
#include <string.h>
#include <zlib.h>

static const char *const attributes[] = { "backend", "keras_version", "model_config", "training_config", "layer_names",
	"weight_names", "name", "dtype" };

static gd_status dump_texts(gd_h5 *h5, gd_h5_object object, const char *path, gd_error *err)
{
	for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
		const char *const *texts;
		size_t count;
		gd_status status = gd_h5_texts(h5, object, attributes[i], &texts, &count, err);
		if (status != GD_OK)
			return status;
		uLong crc = 0;
		for (size_t k = 0; k < count; k++) {
			crc = crc32_z(crc, (const Bytef *)texts[k], strlen(texts[k]));
			crc = crc32_z(crc, (const Bytef *)"\n", 1);
		}
		if (texts)
			printf("text %s %s %zu %lu\n", path, attributes[i], count, crc);
	}
	return GD_OK;
}

static void dump_data(gd_h5 *h5, gd_h5_object object, const char *path, gd_arena *arena)
{
	gd_tensor tensor;
	gd_error err = { 0 };
	if (gd_h5_tensor(h5, object, path, &tensor, &err) != GD_OK)
		printf("refused %s %d %s\n", path, (int)err.status, err.message);
	else
		printf("data %s %s %s %lu\n", path, gd_type_name(tensor.type), gd_shape_text(&tensor.shape, arena),
			crc32_z(0, tensor.data, tensor.bytes));
}

static gd_status dump(gd_h5 *h5, gd_h5_object object, const char *path, gd_arena *arena, gd_error *err)
{
	const char *const *names;
	size_t count;
	gd_error not_a_group = { 0 };
	gd_status status = dump_texts(h5, object, path, err);
	if (gd_h5_members(h5, object, &names, &count, &not_a_group) != GD_OK) {
		dump_data(h5, object, path, arena);
		return status;
	}
	printf("group %s\n", path);
	for (size_t i = 0; status == GD_OK && i < count; i++) {
		gd_h5_object child;
		const char *below = gd_arena_printf(arena, "%s%s%s", path, strcmp(path, "/") == 0 ? "" : "/", names[i]);
		status = gd_h5_find(h5, object, names[i], &child, err);
		if (status == GD_OK)
			status = dump(h5, child, below, arena, err);
	}
	return status;
}

static gd_status dump_file(const gd_map *map, gd_arena *arena, gd_error *err)
{
	gd_bytes bytes = { map->bytes, map->size };
	gd_h5 *h5;
	gd_status status = GD_OK;
	if (map->size > 4 && memcmp(map->bytes, "PK", 2) == 0) {
		gd_archive archive;
		status = gd_archive_open(map->bytes, map->size, arena, &archive, err);
		const gd_archive_member *member = status == GD_OK ? gd_archive_find(&archive, "model.weights.h5") : NULL;
		if (status == GD_OK)
			status = member ? gd_archive_read(&archive, member, arena, &bytes.bytes, &bytes.size, err)
							: gd_fail(err, GD_E_INPUT, "no model.weights.h5");
	}
	if (status == GD_OK)
		status = gd_h5_open(bytes, arena, &h5, err);
	return status == GD_OK ? dump(h5, gd_h5_root(h5), "/", arena, err) : status;
}

int main(int argc, char **argv)
{
	gd_map map = { 0 };
	gd_arena arena = { 0 };
	gd_error err = { 0 };
	gd_status status =
		argc == 2 ? gd_map_open(argv[1], 0, &map, &err) : gd_fail(&err, GD_E_USAGE, "usage: h5_dump FILE");
	if (status == GD_OK)
		status = dump_file(&map, &arena, &err);
	if (status != GD_OK)
		fprintf(stderr, "%s\n", err.message);
	gd_arena_free(&arena);
	gd_map_close(&map);
	return (int)status;
}
