#include "data/images.h"
#include "base/checked.h"
#include "base/text.h"
#include "data/image.h"
#include "data/rows_format.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { MAX_FILES = 10000000, MAX_FILE_BYTES = 256 << 20, MAX_FOLDERS = 10000 };

typedef struct {
	const char **names;
	size_t count, room;
} list;

struct gd_image_files {
	list files;        /* whole paths */
	list classes;      /* names */
	int64_t *class_of; /* by file */
};

static bool is_folder(const char *path)
{
	struct stat about;
	return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

bool gd_images_is(const char *path)
{
	return is_folder(path);
}

static bool is_image_name(const char *name)
{
	static const char *const endings[] = { ".png", ".jpg", ".jpeg" };
	const size_t length = strlen(name);
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		const size_t ending = strlen(endings[i]);
		if (length > ending && strcasecmp(name + length - ending, endings[i]) == 0)
			return true;
	}
	return false;
}

static bool list_add(list *l, gd_arena *arena, const char *name)
{
	if (l->count == l->room) {
		const size_t room = l->room ? 2 * l->room : 64;
		const char **names = gd_arena_new(arena, room, sizeof *names);
		if (!names)
			return false;
		if (l->count)
			memcpy(names, l->names, l->count * sizeof *names);
		l->names = names;
		l->room = room;
	}
	l->names[l->count] = name;
	l->count += name != NULL;
	return name != NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names in a folder, sorted: its subfolders, or the images in it. */
static gd_status read_folder(gd_arena *arena, const char *path, bool folders, size_t most, list *out, gd_error *err)
{
	DIR *open = opendir(path);
	if (!open)
		return gd_fail(err, GD_E_INPUT, "%s: cannot read the folder: %s", path, strerror(errno));
	const struct dirent *item;
	gd_status status = GD_OK;
	while (status == GD_OK && (item = readdir(open))) {
		if (item->d_name[0] == '.' || (!folders && !is_image_name(item->d_name)))
			continue;
		const char *whole = gd_arena_printf(arena, "%s/%s", path, item->d_name);
		if (!whole)
			status = gd_fail_memory(err, "listing the images");
		else if (is_folder(whole) == folders) {
			const char *name = folders ? gd_arena_text(arena, item->d_name, strlen(item->d_name)) : whole;
			if (out->count == most)
				status = gd_fail(err, GD_E_LIMIT, "%s: holds more than %zu of them, the limit", path, most);
			else if (!list_add(out, arena, name))
				status = gd_fail_memory(err, "listing the images");
		}
	}
	closedir(open);
	if (out->count)
		qsort(out->names, out->count, sizeof *out->names, by_name);
	return status;
}

/* The images of one class, behind those of the classes before it. */
static gd_status read_class(gd_arena *arena, const char *path, const char *name, struct gd_image_files *f, size_t *ends, gd_error *err)
{
	list inside = { 0 };
	const char *below = gd_arena_printf(arena, "%s/%s", path, name);
	gd_status status = below ? read_folder(arena, below, false, MAX_FILES - f->files.count, &inside, err) : gd_fail_memory(err, "listing the images");
	bool fine = true;
	for (size_t k = 0; k < inside.count && status == GD_OK && fine; k++)
		fine = list_add(&f->files, arena, inside.names[k]);
	if (status == GD_OK && inside.count && fine) {
		ends[f->classes.count] = f->files.count;
		fine = list_add(&f->classes, arena, name);
	}
	return status == GD_OK && !fine ? gd_fail_memory(err, "listing the images") : status;
}

/* One class after the other; classes without images are none. */
static gd_status read_classes(gd_arena *arena, const char *path, struct gd_image_files *f, gd_error *err)
{
	list folders = { 0 };
	gd_status status = read_folder(arena, path, true, MAX_FOLDERS, &folders, err);
	size_t *ends = gd_arena_new(arena, folders.count, sizeof *ends);
	if (status == GD_OK && !ends)
		return gd_fail_memory(err, "listing the images");
	for (size_t i = 0; i < folders.count && status == GD_OK; i++)
		status = read_class(arena, path, folders.names[i], f, ends, err);
	f->class_of = gd_arena_new(arena, f->files.count, sizeof *f->class_of);
	if (status == GD_OK && !f->class_of)
		return gd_fail_memory(err, "listing the images");
	for (size_t k = 0, class = 0; status == GD_OK && k < f->files.count; k++) {
		class += k == ends[class];
		f->class_of[k] = (int64_t)class;
	}
	return status;
}

static gd_status list_images(gd_rows *rows, struct gd_image_files *f, gd_error *err)
{
	const char *path = rows->info.path;
	gd_status status = read_classes(&rows->arena, path, f, err);
	list flat = { 0 };
	if (status == GD_OK)
		status = read_folder(&rows->arena, path, false, MAX_FILES, &flat, err);
	if (status != GD_OK)
		return status;
	if (f->files.count && flat.count)
		return gd_fail(err, GD_E_INPUT, "%s: holds images both in subfolders (classes) and beside them, like %s; keep one of the two", path, flat.names[0]);
	if (!f->files.count)
		f->files = flat;
	if (!f->files.count)
		return gd_fail(err, GD_E_INPUT, "%s: holds no images (.png, .jpg, .jpeg), neither in it nor in its subfolders", path);
	return GD_OK;
}

static gd_status read_image(const gd_rows *rows, const char *path, float *out, gd_error *err)
{
	gd_map map = { 0 };
	gd_arena arena = { 0 };
	gd_image image;
	gd_status status = gd_map_open(path, MAX_FILE_BYTES, &map, err);
	if (status != GD_OK)
		return status;
	status = gd_image_decode(map.bytes, map.size, &arena, &image, err);
	if (status == GD_OK)
		status = gd_image_resize(&image, (size_t)rows->info.dim[0], (size_t)rows->info.dim[1], (size_t)rows->info.dim[2], &arena, out, err);
	gd_arena_free(&arena);
	gd_map_close(&map);
	return status == GD_OK ? GD_OK : gd_fail_in(err, path);
}

static gd_status read_images(gd_rows *rows, int64_t first, int64_t count, float *out, gd_error *err)
{
	gd_status status = GD_OK;
	if (rows->info.width == 0)
		return gd_fail(err, GD_E_USAGE, "%s: the size of the images is not known; give --image-size HxW", rows->info.path);
	for (int64_t i = 0; i < count && status == GD_OK; i++)
		status = read_image(rows, rows->folder->files.names[first + i], out + (size_t)i * rows->info.width, err);
	return status;
}

gd_status gd_rows_size_images(gd_rows *rows, int64_t height, int64_t width, int64_t channels, gd_error *err)
{
	size_t pixels, numbers;
	if (height < 1 || width < 1 || height > GD_IMAGE_MAX_SIDE || width > GD_IMAGE_MAX_SIDE || (channels != 1 && channels != 3))
		return gd_fail(err, GD_E_UNSUPPORTED, "%s: images cannot be brought to %lld x %lld with %lld channels (1 or 3, at most %d on a side)", rows->info.path,
			(long long)height, (long long)width, (long long)channels, GD_IMAGE_MAX_SIDE);
	if (!gd_mul_size((size_t)height, (size_t)width, &pixels) || !gd_mul_size(pixels, (size_t)channels, &numbers) || pixels > GD_IMAGE_MAX_PIXELS)
		return gd_fail(err, GD_E_LIMIT, "%s: images of %lld x %lld pixels are too large", rows->info.path, (long long)height, (long long)width);
	rows->info.dim[0] = height;
	rows->info.dim[1] = width;
	rows->info.dim[2] = channels;
	rows->info.width = numbers;
	return GD_OK;
}

static bool parse_size(const char *text, int64_t size[2])
{
	double height, width;
	char word[16];
	const char *x = strchr(text, 'x');
	if (!x || (size_t)(x - text) >= sizeof word || strspn(text, "0123456789x") != strlen(text))
		return false;
	memcpy(word, text, (size_t)(x - text));
	word[x - text] = 0;
	const double most = (double)GD_IMAGE_MAX_SIDE;
	if (!gd_text_number(word, &height) || !gd_text_number(x + 1, &width) || height < 1 || width < 1 || height > most || width > most)
		return false;
	size[0] = (int64_t)height;
	size[1] = (int64_t)width;
	return true;
}

static gd_status open_images(gd_rows *rows, const char *size, gd_error *err)
{
	int64_t given[2] = { 0 };
	if (size && !parse_size(size, given))
		return gd_fail(err, GD_E_USAGE, "--image-size takes HxW in pixels up to %d, like 224x224, not \"%.40s\"", GD_IMAGE_MAX_SIDE, size);
	rows->folder = gd_arena_new(&rows->arena, 1, sizeof *rows->folder);
	if (!rows->folder)
		return gd_fail_memory(err, "listing the images");
	gd_status status = list_images(rows, rows->folder, err);
	if (status != GD_OK)
		return status;
	rows->read = read_images;
	rows->info = (gd_rows_info){ .path = rows->info.path, .count = (int64_t)rows->folder->files.count, .rank = 3, .kind = GD_NUMBER_FLOAT, .dtype = "<f4",
		.images = true };
	rows->info.dim[0] = given[0];
	rows->info.dim[1] = given[1];
	return GD_OK;
}

/* The classes of the folder as labels; the images' rows must outlive nothing of them: all is copied. */
static gd_status open_labels(const gd_rows *images, gd_rows **out, gd_error *err)
{
	const struct gd_image_files *f = images->folder;
	const int64_t count = images->info.count;
	gd_rows *rows = gd_rows_new(images->info.path);
	if (!rows)
		return gd_fail_memory(err, "listing the images");
	int64_t *numbers = gd_arena_new(&rows->arena, (size_t)count, sizeof *numbers);
	const char **names = gd_arena_new(&rows->arena, f->classes.count, sizeof *names);
	gd_status status = numbers && names ? GD_OK : gd_fail_memory(err, "listing the images");
	for (size_t i = 0; status == GD_OK && i < f->classes.count; i++) {
		names[i] = gd_arena_text(&rows->arena, f->classes.names[i], strlen(f->classes.names[i]));
		status = names[i] ? GD_OK : gd_fail_memory(err, "listing the images");
	}
	if (status == GD_OK) {
		memcpy(numbers, f->class_of, (size_t)count * sizeof *numbers);
		status = gd_rows_set(rows, "<i8", 1, &count, false, numbers, (size_t)count * sizeof *numbers, err);
	}
	if (status != GD_OK) {
		gd_rows_close(rows);
		return status;
	}
	rows->info.class_names = names;
	rows->info.class_count = f->classes.count;
	*out = rows;
	return GD_OK;
}

gd_status gd_images_open(const char *path, const char *size, gd_rows **images, gd_rows **labels, gd_error *err)
{
	gd_rows *made = gd_rows_new(path);
	if (!made)
		return gd_fail_memory(err, "listing the images");
	gd_status status = open_images(made, size, err);
	if (status == GD_OK && labels && made->folder->classes.count)
		status = open_labels(made, labels, err);
	if (status == GD_OK)
		*images = made;
	else
		gd_rows_close(made);
	return status;
}
