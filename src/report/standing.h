/* standing.h - how loudly a report speaks of a layer: what formats for CI call error, warning and note.
 *
 * A probability of .8 is an error, of .5 a warning, of .25 a note. Other methods' scores have no scale: their first layer
 * is a warning unless none stands out. page->fail_above overrides where warnings begin.
 */
#ifndef GD_STANDING_H
#define GD_STANDING_H
#include "report/report.h"

typedef enum { GD_STANDS_IN_LINE, GD_STANDS_NEAR, GD_STANDS_OUT, GD_STANDS_ALONE } gd_standing;

gd_standing gd_standing_of(const gd_ranking *ranking, size_t at, const gd_page *page);
/* 0..1 for drawing: the probability, or the place between the lowest and the highest score. NaN: 0. */
double gd_standing_share(const gd_ranking *ranking, size_t at);
/* Does an item speak for its layer's fault loudly enough to be told to somebody in a hurry? A share of the logit of 0.2 is a
 * fifth more in the odds. What is true of every layer (role), and the start, are no reasons. */
bool gd_standing_tells(const gd_evidence_item *item);
/* Appends what an item says, with its member and line where it has them; _put: and the id in brackets. */
void gd_standing_say(gd_text *out, const gd_evidence_item *item);
void gd_standing_put(gd_text *out, const gd_evidence_item *item);
/* What speaks most for a layer's fault; NULL: nothing does. */
const gd_evidence_item *gd_standing_reason(const gd_ranked_entry *entry);
/* The line to look at: of the member that the loudest reason is about, else of the entry. */
const gd_line *gd_standing_line(const gd_ranked_entry *entry);

#endif
