/* error.h - how every fallible function of dlguider reports a failure.
 *
 * A function returns a gd_status and writes the sentence a user reads into the caller's gd_error. The sentence names
 * the file or layer, what was seen, what was expected and the mend. The values of gd_status are the exit codes of the
 * command, so nothing has to be translated on the way out. The first failure wins: a filled gd_error is not overwritten.
 * No allocation, no state; safe from any thread.
 */
#ifndef GD_ERROR_H
#define GD_ERROR_H

#define GD_MUST_USE __attribute__((warn_unused_result))
#define GD_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))

typedef enum {
	GD_OK = 0,
	GD_E_USAGE = 2,       /* wrong option or argument */
	GD_E_INPUT = 3,       /* a file is damaged, or the files do not fit together */
	GD_E_UNSUPPORTED = 4, /* a sound file that uses something dlguider does not know */
	GD_E_LIMIT = 5,       /* memory, time or a stated limit ran out */
	GD_E_INTERNAL = 6,    /* the engine, the system, or a fault of ours */
	GD_E_INTERRUPTED = 130
} gd_status;

typedef struct {
	gd_status status;
	char message[1024]; /* one sentence, UTF-8, no newline; may hold bytes from files: escape it where it is shown */
} gd_error;

/* Fills err (if not NULL and not filled already) and returns status, so that `return gd_fail(...)` is one line. */
gd_status gd_fail(gd_error *err, gd_status status, const char *format, ...) GD_PRINTF(3, 4);

/* Puts "name: " before the message, on the way up; returns the error's status. */
gd_status gd_fail_in(gd_error *err, const char *name);

/* The one sentence for a failed allocation. */
gd_status gd_fail_memory(gd_error *err, const char *while_doing);

#endif
