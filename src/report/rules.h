/* rules.h - what each kind of evidence means, for readers who meet its id for the first time: SARIF's rules and the hints
 * of the HTML report.
 *
 * To add one: a row in rules.c, before the rows with a shorter beginning of the same id. Ids of figures that have no row
 * of their own are explained by the row of their detector.
 */
#ifndef GD_RULES_H
#define GD_RULES_H
#include <stdbool.h>

typedef struct {
	const char *id;    /* an id, or "kernel." for all that begin so */
	const char *brief; /* one sentence */
	const char *help;  /* what it means and what to do; plain text */
	bool is_rule;      /* true: broken or not, so that a finding is nearly sure; false: a measurement that is weighed */
} gd_rule;

/* Never NULL: the last row explains whatever has no other. */
const gd_rule *gd_rule_of(const char *id);

#endif
