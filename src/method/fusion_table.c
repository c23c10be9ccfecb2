/* No fit yet: every entry has the same chance. */
#include "method/fusion.h"

const char gd_fusion_provenance[] = "not fitted";
const double gd_fusion_start = -2;
const gd_fusion_column gd_fusion_columns[] = { { GD_FIGURE_LAST, GD_AS_IT_IS, GD_ALONE, 0, NULL, (const double[]){ 0, 0 } } };
const size_t gd_fusion_column_count = 1;
const double gd_fusion_outside_start = -2;
const gd_fusion_outside gd_fusion_outsides[] = { { GD_OUTSIDE_FIT, 0, NULL, (const double[]){ 0, 0 } } };
const size_t gd_fusion_outside_count = 1;
