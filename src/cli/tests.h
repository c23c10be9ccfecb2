/* tests.h - the options that say what the tests are: the same for every command that runs them.
 *
 * To add one: a row in tests.c, and its use in tests_choose.
 */
#ifndef TESTS_H
#define TESTS_H
#include "options.h"

extern const option_row tests_options[];

enum { TESTS_INPUTS = 16, TESTS_FILES = TESTS_INPUTS + 2 };

typedef struct {
	dlg_tests_source source;
	dlg_input inputs[TESTS_INPUTS];
	char names[TESTS_INPUTS][256];
	const char *output;      /* of the model; NULL: none was named */
	char output_name[256];
	const char *files[TESTS_FILES]; /* that are read; NULL ends them */
} tests_choice;

/* From the options; complains. What the options leave out is left out of the source. */
int tests_choose(const parsed_options *options, const char *command, bool needs_labels, tests_choice *out);
/* Model and tests; the output chosen. */
dlg_status tests_open(const tests_choice *choice, const char *model_path, dlg_model **model, dlg_tests **tests, dlg_error *err);

#endif
