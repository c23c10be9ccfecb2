/* program.h - the layer constructors of a Python program, in the order in which running it would call them.
 *
 * The text is parsed with tree-sitter and walked as a run would go: imports and aliases are followed, constants and simple
 * arithmetic computed, functions and classes entered where they are called, loops over known ranges and lists unrolled.
 * What cannot be known is walked once and marked. Which object holds which is followed too, as PyTorch names modules: self.fc1,
 * Sequential, ModuleList, add_module. Nothing is ever executed, no other file is opened. All work is bounded.
 * The tree and all results lie in the program's arena; names are the program's text, so escape them where they are shown.
 */
#ifndef GD_PROGRAM_H
#define GD_PROGRAM_H
#include "base/arena.h"
#include <stdbool.h>

typedef struct {
	const char *name;  /* keyword; NULL: positional */
	const char *text;  /* strings, names, and lists as "(2, 2)"; NULL for numbers and what is not known */
	double number;     /* NaN when text is given or nothing is known */
	bool known;
	int line;          /* where the value stands */
} gd_argument;

typedef struct {
	const char *path;   /* "keras.layers.Dense", imports resolved */
	const char *kind;   /* its last part */
	const char *target; /* what it was assigned to: "x", "fc1" for self.fc1; NULL */
	gd_argument *arguments;
	size_t argument_count;
	int line, column, end_line, end_column; /* of the call, 1-based; end_column one past the last */
	const char *text;   /* the first line of it, without indentation */
	bool repeated;      /* in a loop of unknown length: may have made several layers */
	bool maybe;         /* in a branch whose condition is not known */
	int parent;         /* the constructor of the object that holds it (self.fc1 = ..., Sequential(...)); -1: none seen */
	const char *attribute; /* under which name: "fc1", "0", "*" for any number; NULL */
	int owner;          /* of functions: the constructor of the object whose method calls it; -1 */
} gd_constructor;

typedef struct {
	gd_arena arena;
	const char *path;
	const char *source; /* the whole text, NUL-terminated */
	size_t source_length;
	gd_constructor *constructors; /* calls of names that begin with a capital letter, and of torch's functions, in order */
	size_t constructor_count;
	int compile_line, loss_line, optimizer_line; /* of the last model.compile; 0: none */
	const char *loss;      /* as written there; NULL */
	const char *optimizer;
	int syntax_error_line; /* of the first part that could not be parsed; 0: none */
	const char *gave_up;   /* NULL, or why not all of it was walked */
} gd_program;

/* Text that is not UTF-8, holds NUL or is larger than 4 MiB is refused; nested too deep, it gives gave_up. */
GD_MUST_USE gd_status gd_program_open(const char *path, gd_program **out, gd_error *err);
GD_MUST_USE gd_status gd_program_open_bytes(const char *path, const char *text, size_t length, gd_program **out, gd_error *err);
/* A line of the text without its indentation, into the program's arena; NULL when there is none or memory is out. */
const char *gd_program_line(gd_program *program, int line);
void gd_program_free(gd_program *program);

const gd_argument *gd_constructor_argument(const gd_constructor *c, const char *name, size_t position); /* by keyword, else by place; NULL */

#endif
