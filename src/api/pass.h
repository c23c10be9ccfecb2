/* pass.h - the options of a pass over the tests, and its labels, as the rooms want them. */
#ifndef GD_API_PASS_H
#define GD_API_PASS_H
#include "api/handles.h"
#include "spectrum/collect.h"

gd_options api_options(const dlg_options *options); /* NULL: the defaults */
gd_collect_options api_pass_options(const gd_options *options);
/* What goes into this model; the caller closes it. */
GD_MUST_USE gd_status api_feed(const dlg_tests *tests, const gd_model *model, gd_feed **out, gd_error *err);
/* Settles which output of a model with several they are for. */
GD_MUST_USE gd_status api_labels(const dlg_tests *tests, gd_model *model, const gd_options *options, gd_labels *out, gd_error *err);

/* The caller's progress and cancel flag as one callback. */
typedef struct {
	dlg_progress progress;
	void *state;
	const volatile int *cancel;
} api_watcher;
bool api_watch(void *watcher, int64_t done, int64_t total);

#endif
