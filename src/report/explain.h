/* explain.h - one layer of a ranking in full, for people. */
#ifndef GD_EXPLAIN_H
#define GD_EXPLAIN_H
#include "report/report.h"
#include "spectrum/spectrum.h"

/* at: its place in the ranking. spectrum: that the ranking was made from, for the tests that implicate the layer; NULL. */
GD_MUST_USE gd_status gd_report_layer(
	const gd_ranking *ranking, size_t at, const gd_spectrum *spectrum, const gd_page *page, gd_text *out, gd_error *err);

#endif
