/* manual.h - what is generated from the tables of commands and options: help, the man page, docs, shell completion. */
#ifndef MANUAL_H
#define MANUAL_H
#include "command.h"
#include <stdio.h>

void manual_front(FILE *out);                             /* ten useful lines */
void manual_overview(FILE *out);                          /* all commands */
void manual_command(FILE *out, const command_row *command); /* examples first */
void manual_man(FILE *out);                               /* mdoc(7), section 1 */
void manual_markdown(FILE *out);                          /* docs/commands.md */
void manual_bash(FILE *out);
void manual_zsh(FILE *out);
void manual_fish(FILE *out);

/* "-o, --output FILE" */
void manual_option_words(const option_row *row, char *buffer, size_t size);
/* The words an option takes, separated by `between`; returns how many. */
size_t manual_choices(const option_row *row, const char *between, char *buffer, size_t size);

/* One row of the list of exit codes. */
typedef struct {
	int code;
	const char *meaning;
} manual_exit_code;
extern const manual_exit_code manual_exit_codes[]; /* ends with a NULL meaning */

#endif
