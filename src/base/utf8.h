/* utf8.h - reading UTF-8 that cannot be trusted, and writing it. Pure; no allocation. */
#ifndef GD_UTF8_H
#define GD_UTF8_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length in bytes (1..4) of the character at text and its code point; 0 when the bytes are not UTF-8 (overlong forms and
 * surrogates included) or left is 0. */
size_t gd_utf8_next(const char *text, size_t left, uint32_t *code);

/* Writes a code point as 1 to 4 bytes; 0 when it is none (a surrogate, beyond 0x10ffff). */
size_t gd_utf8_put(uint32_t code, char *out);

/* True for what must not reach a terminal as it is: C0, DEL, C1, bidi and zero-width controls, line separators. */
bool gd_utf8_is_hidden(uint32_t code);

#endif
