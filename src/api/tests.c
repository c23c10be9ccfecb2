#include "api/api.h"
#include "api/handles.h"
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

dlg_status dlg_tests_open(const dlg_tests_source *source, dlg_tests **out, dlg_error *err)
{
	dlg_tests_source own = { .size = sizeof own };
	if (!source || !out || source->size < offsetof(dlg_tests_source, labels))
		return api_usage(err, "dlg_tests_open needs a source with its size set, and a place for the tests");
	*out = NULL;
	memcpy(&own, source, source->size < sizeof own ? source->size : sizeof own);
	if (!own.inputs_path && !own.inputs.data)
		return api_usage(err, "the tests have no inputs: give a path or an array");
	gd_error inner = { 0 };
	dlg_tests *made = calloc(1, sizeof *made);
	gd_status status = made ? GD_OK : gd_fail_memory(&inner, "opening the tests");
	if (status == GD_OK && own.inputs_path && own.labels_path)
		status = gd_rows_open_pair(own.inputs_path, own.labels_path, &made->inputs, &made->labels, &inner);
	else if (status == GD_OK) {
		status = open_part("inputs", own.inputs_path, &own.inputs, &made->inputs, &inner);
		if (status == GD_OK)
			status = open_part("labels", own.labels_path, &own.labels, &made->labels, &inner);
	}
	if (status == GD_OK)
		*out = made;
	else
		dlg_tests_free(made);
	return api_pass(status, &inner, err);
}

int64_t dlg_tests_count(const dlg_tests *tests)
{
	return tests ? gd_rows_about(tests->inputs)->count : 0;
}

void dlg_tests_free(dlg_tests *tests)
{
	if (!tests)
		return;
	gd_rows_close(tests->inputs);
	gd_rows_close(tests->labels);
	free(tests);
}
