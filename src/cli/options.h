/* options.h - one const table per command says which options it takes; parsing, help, the man page, completion and the
 * docs are all read from it.
 *
 * To add an option: one row in the command's table; read it with option_text, option_flag, option_number. Asking for a
 * name that is in no table is a fault of ours and stops the program.
 */
#ifndef OPTIONS_H
#define OPTIONS_H
#include "dlguider.h"
#include <stdbool.h>
#include <stddef.h>

typedef enum {
	OPTION_FLAG, OPTION_WHOLE, OPTION_REAL, OPTION_CHOICE, OPTION_TEXT, OPTION_FILE, OPTION_FOLDER
} option_kind;

/* Words that may stand after an option: `words`, separated by blanks, or those of an option of the library, or (both NULL)
 * the names of a list of the library. */
typedef struct {
	const char *words, *option;
	dlg_list list;
} option_choices;

typedef struct {
	char letter;          /* 0: none */
	const char *name;     /* without the dashes; NULL ends a table */
	option_kind kind;
	const char *argument; /* how help calls it: "FILE"; NULL for flags */
	const char *otherwise; /* the default, as one would type it; NULL: none */
	double low, high;     /* of numbers; both 0: any number that is not negative */
	option_choices choices;
	const char *group;    /* heading in the help; NULL: the same as the row before */
	const char *help;
	const char *automatic; /* what the default "auto" means; NULL */
	bool of_library;      /* a row of the library's table, which also checks the value */
	bool repeats;         /* may be given several times, each time counts: option_each */
} option_row;

/* All options of a command: those of the tests where it runs any, its own rows, those of the library's table where the command takes them, the common ones. */
enum { OPTION_LIMIT = 64, OPERAND_LIMIT = 8, REPEAT_LIMIT = 64 };
typedef enum { OPTIONS_NONE, OPTIONS_ALL, OPTIONS_RUN /* batch, threads */, OPTIONS_PASS /* also those of the pass over the tests */ } library_options;

typedef struct {
	option_row rows[OPTION_LIMIT];
	size_t count;
} option_table;

void options_gather(const option_row *own, library_options which, option_table *out);

typedef struct {
	const option_table *table;
	const char *values[OPTION_LIMIT]; /* by row; NULL: not given */
	const char *operands[OPERAND_LIMIT];
	size_t operand_count;
	struct {
		const option_row *row;
		const char *value;
	} repeated[REPEAT_LIMIT]; /* of rows that repeat, in the order given */
	size_t repeated_count;
} parsed_options;

/* Fills parsed; on a usage error writes the sentence to message (and returns false). Options and operands may be mixed;
 * "--" ends the options; --name=value, --name value, -nvalue, -n value; a later one wins. */
bool options_parse(const option_table *table, int count, char **words, parsed_options *parsed, char *message, size_t size);

/* As if the option stood there with this value; on a refusal the sentence is in message. The strings are borrowed. */
bool options_give(parsed_options *parsed, const option_row *row, const char *value, char *message, size_t size);

const char *option_text(const parsed_options *parsed, const char *name); /* given, else the default, else NULL */
/* The at-th value given to an option that repeats; its default when none was given; NULL behind the last. */
const char *option_each(const parsed_options *parsed, const char *name, size_t at);
bool option_flag(const parsed_options *parsed, const char *name);
bool option_given(const parsed_options *parsed, const char *name);
double option_number(const parsed_options *parsed, const char *name); /* checked while parsing; 0 without a default */

/* Sets the given options of the library's table; false on a refusal, with err filled. */
bool options_to_library(const parsed_options *parsed, dlg_options *options, dlg_error *err);

/* The at-th word that an option takes; NULL after the last. buffer holds words out of a string. */
const char *option_choice(const option_row *row, size_t at, char *buffer, size_t size);

#endif
