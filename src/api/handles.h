/* handles.h - what stands behind the opaque handles of dlguider.h. */
#ifndef GD_HANDLES_H
#define GD_HANDLES_H
#include "engine/feed.h"
#include "dlguider.h"
#include "method/options.h"
#include "method/ranking.h"
#include "model/model.h"
#include "refit/refit.h"
#include "evidence/evidence.h"
#include "spectrum/histogram.h"

struct dlg_model {
	gd_model *model;
};

struct dlg_options {
	gd_options options;
};

struct dlg_tests {
	gd_arena arena;
	gd_feed_source *inputs; /* rows and names are its own */
	size_t input_count;
	gd_rows *labels; /* NULL: none */
	gd_preparation preparation;
};

struct dlg_spectrum {
	gd_spectrum *spectrum;
	gd_evidence *evidence; /* of the same pass; NULL: none was gathered */
	gd_refit *refit;       /* of the same tests; NULL: nothing was re-fitted */
	gd_histograms *histograms; /* of the same pass; NULL: from a file */
	bool from_file;        /* then a model beside it is compared with the one it was made from */
};

struct dlg_ranking {
	gd_ranking *ranking;
};

#endif
