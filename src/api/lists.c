/* The registries of the rooms as lists of choices. */
#include "aggregate/aggregate.h"
#include "api/api.h"
#include "engine/engine.h"
#include "formula/formula.h"
#include "method/method.h"
#include "model/keras/classes.h"
#include <string.h>

static dlg_choice formula_at(size_t at)
{
	const gd_formula *row = &gd_formulas[at];
	return (dlg_choice){ .name = row->name, .about = row->about, .text = row->text, .origin = row->origin };
}

static dlg_choice aggregation_at(size_t at)
{
	return (dlg_choice){ .name = gd_aggregations[at].name, .about = gd_aggregations[at].about, .text = "", .origin = "" };
}

static dlg_choice report_at(size_t at)
{
	return (dlg_choice){ .name = gd_reports[at].name, .about = gd_reports[at].about, .text = gd_reports[at].ending, .origin = "" };
}

static dlg_choice method_at(size_t at)
{
	return (dlg_choice){ .name = gd_methods[at].name, .about = gd_methods[at].about, .text = "", .origin = "" };
}

static dlg_choice keras_class_at(size_t at)
{
	gd_keras_class row = { 0 };
	(void)gd_keras_class_at(at, &row);
	return (dlg_choice){ .name = row.name, .about = row.note, .text = row.status, .origin = row.earlier };
}

int dlg_list_get(dlg_list list, size_t at, dlg_choice *out)
{
	static dlg_choice (*const lists[])(size_t) = { [DLG_FORMULAS] = formula_at, [DLG_AGGREGATIONS] = aggregation_at,
		[DLG_METHODS] = method_at, [DLG_REPORTS] = report_at, [DLG_KERAS_CLASSES] = keras_class_at };
	if (!out || (size_t)list >= sizeof lists / sizeof *lists || !lists[list])
		return 0;
	for (size_t i = 0; i <= at; i++) { /* lists end with a row without a name */
		dlg_choice row = lists[list](i);
		if (!row.name)
			return 0;
		if (i == at)
			return api_fill(out, out->size, &row, sizeof row, offsetof(dlg_choice, origin) + sizeof row.origin);
	}
	return 0;
}

dlg_status dlg_engine_info(dlg_engine *out, dlg_error *err)
{
	if (!out)
		return api_usage(err, "dlg_engine_info needs a place for the answer");
	gd_error inner = { 0 };
	gd_engine_info found;
	dlg_engine filled = { .name = "ONNX Runtime" };
	gd_status status = gd_engine_find(&found, &inner);
	if (status != GD_OK)
		return api_pass(status, &inner, err);
	memcpy(filled.version, found.version, sizeof filled.version);
	memcpy(filled.path, found.path, sizeof filled.path);
	if (!api_fill(out, out->size, &filled, sizeof filled, sizeof filled))
		return api_usage(err, "dlg_engine: set size to sizeof(dlg_engine)");
	return DLG_OK;
}
