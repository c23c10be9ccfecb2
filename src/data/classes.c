#include "data/classes.h"
#include "data/rows_format.h"
#include <stdbool.h>
#include <string.h>

/* Place of a name among those known, or where it belongs; by halving, so that no choice of names is slow. */
static size_t find_name(const gd_classes *c, const char *text, bool *known)
{
	size_t low = 0, high = c->count;
	*known = false;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const int order = strcmp(c->met[middle].text, text);
		if (order == 0) {
			*known = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

gd_status gd_classes_add(gd_classes *c, const char *text, size_t length, int64_t *number, gd_error *err)
{
	bool known;
	size_t at = find_name(c, text, &known);
	if (known) {
		*number = (int64_t)c->met[at].serial;
		return GD_OK;
	}
	if (!c->met)
		c->met = gd_arena_new(c->arena, GD_MAX_CLASSES, sizeof *c->met);
	if (c->count == GD_MAX_CLASSES)
		return gd_fail(err, GD_E_LIMIT, "has more than %d different texts, the limit for class names", GD_MAX_CLASSES);
	const char *copy = gd_arena_text(c->arena, text, length);
	if (!c->met || !copy)
		return gd_fail_memory(err, "reading the labels");
	memmove(&c->met[at + 1], &c->met[at], (c->count - at) * sizeof *c->met);
	*number = (int64_t)c->count;
	c->met[at] = (gd_class_name){ copy, c->count++ };
	return GD_OK;
}

gd_status gd_classes_sort(gd_classes *c, int64_t *numbers, int64_t count, gd_error *err)
{
	int64_t *place = gd_arena_new(c->arena, c->count, sizeof *place);
	c->names = gd_arena_new(c->arena, c->count, sizeof *c->names);
	if (!place || !c->names)
		return gd_fail_memory(err, "reading the labels");
	for (size_t i = 0; i < c->count; i++) {
		c->names[i] = c->met[i].text;
		place[c->met[i].serial] = (int64_t)i;
	}
	for (int64_t row = 0; row < count; row++)
		numbers[row] = place[numbers[row]];
	return GD_OK;
}

/* ---- classes in an order that was told --------------------------------------------------------------------------- */

static gd_status split_list(gd_arena *arena, const char *list, const char ***names, size_t *count, gd_error *err)
{
	size_t most = 1;
	for (const char *at = list; *at; at++)
		most += *at == ',';
	*names = gd_arena_new(arena, most, sizeof **names);
	if (!*names)
		return gd_fail_memory(err, "naming the classes");
	*count = 0;
	for (const char *at = list;; at++) {
		const size_t length = strcspn(at, ",");
		const char *name = gd_arena_text(arena, at, length);
		if (!name)
			return gd_fail_memory(err, "naming the classes");
		for (size_t i = 0; i < *count; i++)
			if (strcmp((*names)[i], name) == 0)
				return gd_fail(err, GD_E_USAGE, "--classes names \"%.60s\" twice", name);
		if (length == 0)
			return gd_fail(err, GD_E_USAGE, "--classes has an empty name; it takes names separated by commas, in the order of the model's outputs");
		(*names)[(*count)++] = name;
		at += length;
		if (!*at)
			return GD_OK;
	}
}

gd_status gd_rows_name_classes(gd_rows *rows, const char *list, gd_error *err)
{
	const char **names = NULL;
	size_t count = 0;
	gd_status status = split_list(&rows->arena, list, &names, &count, err);
	if (status != GD_OK)
		return status;
	const size_t words = rows->info.class_count;
	int64_t *place = gd_arena_new(&rows->arena, words, sizeof *place), *told = gd_arena_new(&rows->arena, (size_t)rows->info.count, sizeof *told);
	if (!place || !told)
		return gd_fail_memory(err, "naming the classes");
	for (size_t w = 0; w < words; w++) {
		size_t i = 0;
		while (i < count && strcmp(names[i], rows->info.class_names[w]) != 0)
			i++;
		if (i == count)
			return gd_fail(err, GD_E_INPUT, "%s: the label \"%.60s\" is not among --classes %.200s", rows->info.path, rows->info.class_names[w], list);
		place[w] = (int64_t)i;
	}
	for (int64_t t = 0; words && t < rows->info.count; t++) /* words are numbers in memory, one a test */
		told[t] = place[((const int64_t *)(const void *)rows->data)[t]];
	if (words)
		rows->data = (const unsigned char *)told;
	rows->info.class_names = names;
	rows->info.class_count = count;
	rows->info.classes_told = true;
	return GD_OK;
}
