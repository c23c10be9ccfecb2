/* line_hash.h - the fingerprint by which GitHub's code scanning recognises an alert after the lines above it have moved:
 * "hex:count", a polynomial hash of the 100 UTF-16 units that begin with the line (blanks left out), and how often it was
 * met in the file so far.
 */
#ifndef GD_LINE_HASH_H
#define GD_LINE_HASH_H
#include "base/error.h"
#include <stddef.h>

enum { GD_LINE_HASH_TEXT = 40 };

/* line: 1-based; behind the last one gives "". text: UTF-8. */
GD_MUST_USE gd_status gd_line_hash(const char *text, size_t length, int line, char out[GD_LINE_HASH_TEXT], gd_error *err);

#endif
