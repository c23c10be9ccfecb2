/* formula.h - suspiciousness of one neuron from its four weighted counts.
 *
 * ef, nf: weight of failed tests in which it is active / inactive; ep, np: of passed tests. All are finite and >= 0.
 * A formula maps them to a score, larger = more suspicious: never NaN; +infinity where a positive numerator meets a zero
 * denominator (0/0 is 0). Pure: no allocation, no errors, no state; safe from any thread.
 *
 * To add one: (1) a static function and a row in formula.c, (2) a worked row in tests/unit/test_formula.c. Nothing else.
 */
#ifndef GD_FORMULA_H
#define GD_FORMULA_H
#include <stdbool.h>

typedef struct {
	double ef, nf, ep, np;
} gd_counts;

typedef struct {
	const char *name;   /* as typed after --formula */
	const char *about;  /* one line for help and docs */
	const char *text;   /* the mathematics, one line */
	const char *origin; /* who published it first */
	bool scale_free;    /* the score does not change when all four counts are multiplied by one number */
	double (*score)(gd_counts c);
} gd_formula;

extern const gd_formula gd_formulas[]; /* ends with a row whose name is NULL */
const gd_formula *gd_formula_find(const char *name); /* NULL if there is none; case matters */

#endif
