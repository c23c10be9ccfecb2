/* fused.h - the method fused: all evidence in one additive model; the score of an entry is the probability that it is
 * faulty, and its evidence items (one a detector, and the start) add up to the logit of that probability.
 *
 * The verdict is "layer" when a score is over one half, else "outside" when the tests, labels, inputs or training are more
 * likely at fault than not, else "none".
 */
#ifndef GD_FUSED_H
#define GD_FUSED_H
#include "method/fusion.h"
#include "method/method.h"

gd_status gd_fused_rank(const gd_method_input *input, gd_ranking **out, gd_error *err);

/* One sentence on what a column saw of an entry, with the figure; in arena. NULL when memory is out. */
const char *gd_fused_sentence(const gd_fusion_part *part, gd_arena *arena);
const char *gd_fused_mend(gd_figure_id figure); /* NULL: none is known */
const char *gd_fused_outside_sentence(gd_outside_id figure, double value, gd_arena *arena);

#endif
