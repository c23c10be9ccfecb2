/* feed.h - what goes into the model: rows for each of its inputs, a batch at a time, in the shape and the type it takes.
 *
 * Which rows belong to which input is told by name (of the model's input, or of the layer that it is); one table of rows
 * for a model with one input needs none. All must count the same tests. Dimensions of 1 too many or too few are settled;
 * what differs otherwise is refused with both shapes. Rows of the first input are the tests' face: messages name its file.
 */
#ifndef GD_FEED_H
#define GD_FEED_H
#include "data/rows.h"
#include "engine/engine.h"
#include "engine/prepare.h"

typedef struct {
	const char *name; /* NULL: the only one */
	gd_rows *rows;    /* borrowed */
} gd_feed_source;

typedef struct gd_feed gd_feed;

/* The feed borrows the model and the rows. preparation: of all inputs of real numbers; NULL: none. */
GD_MUST_USE gd_status gd_feed_open(const gd_model *model, const gd_feed_source *sources, size_t count, const gd_preparation *preparation, gd_feed **out,
	gd_error *err);
int64_t gd_feed_tests(const gd_feed *feed);
size_t gd_feed_inputs(const gd_feed *feed); /* as many as the model's */
const gd_rows_info *gd_feed_about(const gd_feed *feed, size_t input);
bool gd_feed_is_prepared(const gd_feed *feed); /* its numbers are scaled or normalized */
/* Tests [first, first + count), one array for each of the model's inputs, in its order, of type float32, float64 or int64;
 * lent until the next call. */
GD_MUST_USE gd_status gd_feed_read(gd_feed *feed, int64_t first, int64_t count, const gd_array **out, gd_error *err);
void gd_feed_close(gd_feed *feed); /* NULL is fine */

#endif
