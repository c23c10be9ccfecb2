/* refitted.h - what re-fitting found, as figures of the evidence and as sentences.
 *
 * A figure of an entry that was not tried is NaN: unknown, not zero.
 */
#ifndef GD_REFITTED_H
#define GD_REFITTED_H
#include "evidence/evidence.h"
#include "refit/refit.h"

/* The refit.* figures of every entry. */
void gd_refitted_figures(const gd_refit *refit, gd_evidence *evidence);
/* "re-fitting dense_2 alone on 160 tests mends 41 of the 52 failing others; no other layer mends more than 9", and of an
 * alternative that mends some, or of a layer without weights: "with max pooling instead of average pooling, 3 of 52 failing
 * tests pass". In arena; NULL when memory is out or the entry was not tried. name: the entry's. */
const char *gd_refitted_sentence(const gd_refit *refit, size_t entry, const char *name, gd_arena *arena);
/* Entries from the most to the least suspicious by evidence alone: the order in which they are tried. order: entry_count. */
GD_MUST_USE gd_status gd_refitted_order(const gd_evidence *evidence, int *order, gd_error *err);

#endif
