/* terminal.h - the two streams of a command: results on stdout, all else on stderr. */
#ifndef TERMINAL_H
#define TERMINAL_H
#include "options.h"
#include <stdint.h>
#include <stdio.h>

/* Width, colour and drawing of a report: of the terminal when the output goes there, else 80 columns, plain. path: of -o,
 * NULL or "-" for stdout. Heeds --color, NO_COLOR, CLICOLOR_FORCE, FORCE_COLOR, TERM=dumb, COLUMNS, the locale's UTF-8. */
dlg_page terminal_page(const parsed_options *options, const char *path);

/* "dlguider: sentence" on stderr, escaped; returns code. */
int complain(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The sentence of a failed call; returns its exit code. */
int complain_error(const dlg_error *err);

/* True when path names the same file as one of the inputs (NULLs are skipped); complains. "-" and new files are fine. */
bool would_overwrite(const char *path, const char *const *inputs, size_t count);

/* Flushes stdout; CODE_INTERNAL when something could not be written, else code. */
int finish(int code);

/* A bar on stderr for work that lasts over a second, on a terminal only. */
typedef struct {
	bool wanted, drawn;
	double began, shown; /* seconds of a monotonic clock */
} progress_bar;
progress_bar progress_start(const parsed_options *options);
void progress_show(void *bar, const char *stage, int64_t done, int64_t total); /* a dlg_progress */
void progress_clear(progress_bar *bar);

#endif
