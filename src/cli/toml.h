/* toml.h - the part of TOML that a configuration of options needs: `key = value` lines, [tables], comments; values are
 * strings ("basic" and 'literal' on one line), numbers, true and false, and arrays of those. Whatever else TOML has (dates,
 * inline tables, dotted keys, strings over several lines) is refused with its line. No C library for TOML is packaged in
 * Debian; what this reads equals what Python's tomllib reads (a test).
 */
#ifndef TOML_H
#define TOML_H
#include <stdbool.h>
#include <stddef.h>

typedef enum { TOML_STRING, TOML_NUMBER, TOML_BOOL } toml_kind;

/* An array of n values is n items with the same key. */
typedef struct {
	const char *table; /* "" before the first */
	const char *key, *value; /* numbers as written, without underscores; "true", "false" */
	toml_kind kind;
	bool of_array;
	int line; /* from 1 */
} toml_item;

enum { TOML_ITEMS = 256, TOML_BYTES = 65536 };

typedef struct {
	toml_item items[TOML_ITEMS];
	size_t count;
	char strings[TOML_BYTES];
	size_t used;
} toml;

/* false: message says "line N: ..."; text need not end with a zero. */
bool toml_read(const char *text, size_t length, toml *out, char *message, size_t size);

#endif
