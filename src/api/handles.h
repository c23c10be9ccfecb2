/* handles.h - what stands behind the opaque handles of dlguider.h. */
#ifndef GD_HANDLES_H
#define GD_HANDLES_H
#include "data/rows.h"
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
	gd_rows *inputs, *labels; /* labels NULL: none */
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
