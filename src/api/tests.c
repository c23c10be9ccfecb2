#include "api/api.h"
#include "api/handles.h"
#include "data/images.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gd_status open_part(const char *what, const char *path, const dlg_array *array, gd_rows **out, gd_error *err)
{
	if (path)
		return gd_rows_open(path, out, err);
	if (!array->data)
		return GD_OK;
	if (!array->dtype || array->rank < 1 || !array->dims)
		return gd_fail(err, GD_E_USAGE, "%s: an array needs its dtype, and at least one dimension", what);
	return gd_rows_open_memory(what, array->data, array->dtype, array->rank, array->dims, out, err);
}

/* A folder of images gives labels too: its subfolders, where none were given. */
static gd_status open_input(dlg_tests *tests, const dlg_tests_source *source, const char *what, const char *path, const dlg_array *array, gd_rows **out,
	gd_error *err)
{
	const bool wanted = !source->labels_path && !source->labels.data && !tests->labels;
	return path && gd_images_is(path) ? gd_images_open(path, source->image_size, out, wanted ? &tests->labels : NULL, err)
									  : open_part(what, path, array, out, err);
}

static gd_status open_labels(dlg_tests *tests, const dlg_tests_source *source, gd_error *err)
{
	gd_rows *images = NULL;
	if (!source->labels_path || !gd_images_is(source->labels_path))
		return open_part("labels", source->labels_path, &source->labels, &tests->labels, err);
	gd_status status = gd_images_open(source->labels_path, NULL, &images, &tests->labels, err);
	gd_rows_close(images);
	if (status == GD_OK && !tests->labels)
		return gd_fail(err, GD_E_INPUT, "%s: has no subfolders, so its images have no classes", source->labels_path);
	return status;
}

static gd_status add_input(dlg_tests *tests, const dlg_tests_source *source, const char *name, const char *path, const dlg_array *array, gd_error *err)
{
	gd_feed_source *input = &tests->inputs[tests->input_count];
	char what[120];
	snprintf(what, sizeof what, "%s%.100s", name ? "inputs of " : "inputs", name ? name : "");
	input->name = name ? gd_arena_text(&tests->arena, name, strlen(name)) : NULL;
	if (name && !input->name)
		return gd_fail_memory(err, "opening the tests");
	gd_status status = open_input(tests, source, what, path, array, &input->rows, err);
	if (status == GD_OK && !input->rows)
		return gd_fail(err, GD_E_USAGE, "%s: neither a path nor an array is given", what);
	tests->input_count += status == GD_OK;
	return status;
}

static gd_status open_tests(dlg_tests *tests, const dlg_tests_source *source, gd_error *err)
{
	gd_status parsed = gd_preparation_parse(source->scale, source->normalize, source->layout, &tests->preparation, err);
	if (parsed != GD_OK)
		return parsed;
	tests->inputs = gd_arena_new(&tests->arena, source->named_count + 1, sizeof *tests->inputs);
	if (!tests->inputs)
		return gd_fail_memory(err, "opening the tests");
	gd_status status = GD_OK;
	bool pair = source->inputs_path && source->labels_path && !gd_images_is(source->inputs_path) && !gd_images_is(source->labels_path);
	if (pair) { /* they may be columns of one table */
		status = gd_rows_open_pair(source->inputs_path, source->labels_path, &tests->inputs[0].rows, &tests->labels, err);
		tests->input_count = status == GD_OK;
	} else if (!source->named_count)
		status = add_input(tests, source, NULL, source->inputs_path, &source->inputs, err);
	for (size_t i = 0; i < source->named_count && status == GD_OK; i++)
		status = add_input(tests, source, source->named[i].name, source->named[i].path, &source->named[i].array, err);
	if (status == GD_OK && !pair && (source->labels_path || source->labels.data))
		status = open_labels(tests, source, err);
	return status == GD_OK && source->classes && tests->labels ? gd_rows_name_classes(tests->labels, source->classes, err) : status;
}

dlg_status dlg_tests_open(const dlg_tests_source *source, dlg_tests **out, dlg_error *err)
{
	dlg_tests_source own = { .size = sizeof own };
	if (!source || !out || source->size < offsetof(dlg_tests_source, labels))
		return api_usage(err, "dlg_tests_open needs a source with its size set, and a place for the tests");
	*out = NULL;
	memcpy(&own, source, source->size < sizeof own ? source->size : sizeof own);
	if (!own.inputs_path && !own.inputs.data && !own.named_count)
		return api_usage(err, "the tests have no inputs: give a path or an array");
	if (own.named_count && (own.inputs_path || own.inputs.data || !own.named))
		return api_usage(err, "the tests have inputs by name and others; give each input once");
	gd_error inner = { 0 };
	dlg_tests *made = calloc(1, sizeof *made);
	gd_status status = made ? open_tests(made, &own, &inner) : gd_fail_memory(&inner, "opening the tests");
	if (status == GD_OK)
		*out = made;
	else
		dlg_tests_free(made);
	return api_pass(status, &inner, err);
}

int64_t dlg_tests_count(const dlg_tests *tests)
{
	return tests ? gd_rows_about(tests->inputs[0].rows)->count : 0;
}

void dlg_tests_free(dlg_tests *tests)
{
	if (!tests)
		return;
	for (size_t i = 0; i < tests->input_count; i++)
		gd_rows_close(tests->inputs[i].rows);
	gd_rows_close(tests->labels);
	gd_arena_free(&tests->arena);
	free(tests);
}
