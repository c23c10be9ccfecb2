/* command.h - the commands of dlguider as one const table: names, options, examples, what runs.
 *
 * To add a command: (1) a file NAME.c with its option table and its run function, (2) a row in command.c, (3) tests in
 * tests/py/test_cli.py. Help, man page, completion and docs/commands.md follow from the row.
 */
#ifndef COMMAND_H
#define COMMAND_H
#include "options.h"

/* Exit codes; those of a dlg_status are the same numbers. */
enum { CODE_DONE = 0, CODE_ABOVE = 1, CODE_USAGE = 2, CODE_LIMIT = 5, CODE_INTERNAL = 6, CODE_INTERRUPTED = 130 };

typedef struct {
	const char *line, *what; /* a command line, and in a few words what it does */
} command_example;

typedef struct {
	const char *name;
	const char *operands; /* for the usage line: "MODEL"; "" when there are none */
	const char *operand_words; /* the words that may stand there, for completion; NULL: files */
	size_t least, most;   /* how many operands */
	const char *about;    /* one line */
	const char *details;  /* paragraphs, separated by newlines; NULL */
	const command_example *examples; /* ends with a NULL line */
	const option_row *options;
	library_options library;
	int (*run)(const parsed_options *options);
} command_row;

extern const command_row commands[]; /* ends with a NULL name */
const command_row *command_find(const char *name); /* NULL */
void command_options(const command_row *command, option_table *out);

extern const option_row rank_options[], inspect_options[], activations_options[], formulas_options[], formats_options[], version_options[],
	help_options[], completion_options[],
	explain_options[], doctor_options[], demo_options[], mend_options[];
int rank_run(const parsed_options *options);
int inspect_run(const parsed_options *options);
int activations_run(const parsed_options *options);
int formulas_run(const parsed_options *options);
int formats_run(const parsed_options *options);
int version_run(const parsed_options *options);
int help_run(const parsed_options *options);
int completion_run(const parsed_options *options);
int explain_run(const parsed_options *options);
int mend_run(const parsed_options *options);
int doctor_run(const parsed_options *options);
int demo_run(const parsed_options *options);

#endif
