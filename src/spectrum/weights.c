#include "spectrum/weights.h"
#include <stddef.h>
#include <string.h>

/* clang-format off */
const gd_weighting gd_weightings[] = {
	{ "none", "every test counts 1: the plain spectrum", 1, 0, 1, 0 },
	{ "confidence", "c for both: sure failures accuse more, sure passes acquit more", 0, 1, 0, 1 },
	{ "failed-only", "c for failed tests, 1 for passed ones", 0, 1, 1, 0 },
	{ "passed-only", "1 for failed tests, c for passed ones", 1, 0, 0, 1 },
	{ "inverse-passed", "c for failed tests, 1 - c for passed ones: an unsure pass is half a failure", 0, 1, 1, -1 },
	{ "inverse-failed", "1 - c for failed tests, c for passed ones", 1, -1, 0, 1 },
	{ "inverse", "1 - c for both: unsure tests count more", 1, -1, 1, -1 },
	{ 0 },
};
/* clang-format on */

const gd_weighting *gd_weighting_find(const char *name)
{
	for (const gd_weighting *row = gd_weightings; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

double gd_weight_of(const gd_weighting *policy, bool failed, double confidence)
{
	return failed ? policy->failed_base + policy->failed_slope * confidence
				  : policy->passed_base + policy->passed_slope * confidence;
}
