/* method.h - the complete ways from spectrum (and evidence) to a ranking, by name.
 *
 * To add one: (1) a file with a gd_method_rank function, (2) a row in method.c, (3) a test of its ranking by hand.
 */
#ifndef GD_METHOD_H
#define GD_METHOD_H
#include "evidence/evidence.h"
#include "method/options.h"
#include "method/ranking.h"
#include "refit/refit.h"
#include "spectrum/spectrum.h"

typedef struct {
	const gd_spectrum *spectrum;
	const gd_evidence *evidence; /* of the same pass; NULL when none was gathered */
	const gd_refit *refit; /* of the same tests; NULL when nothing was re-fitted */
	const gd_histograms *histograms; /* of the same pass; NULL for a saved spectrum */
	const gd_model *model; /* NULL when a saved spectrum is ranked again */
	const gd_options *options;
} gd_method_input;

typedef gd_status (*gd_method_rank)(const gd_method_input *input, gd_ranking **out, gd_error *err);

typedef struct {
	const char *name; /* as typed after --method */
	const char *about;
	bool needs_model; /* cannot re-rank a saved spectrum */
	bool needs_evidence; /* gathered in the pass over the tests */
	gd_method_rank rank;
} gd_method;

extern const gd_method gd_methods[]; /* ends with a row whose name is NULL */
const gd_method *gd_method_find(const char *name);

/* The method options->text[GD_OPTION_METHOD] names. The ranking is sorted, its options, tests and notes are filled. */
GD_MUST_USE gd_status gd_rank(const gd_method_input *input, gd_ranking **out, gd_error *err);

/* For methods: entries in model order with names, kinds, members, units, and the notes, tests and task of the spectrum;
 * scores 0. NULL when memory is out. */
gd_ranking *gd_ranking_of_spectrum(const gd_spectrum *spectrum);

#endif
