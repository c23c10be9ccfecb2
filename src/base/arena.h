/* arena.h - memory that lives and dies together: one arena per lifetime (a model, a run, a result).
 *
 * = {0} is an empty arena. Everything taken from it is zeroed, aligned for any type, and freed by gd_arena_free alone.
 * Functions return NULL when memory is out (the caller reports it with gd_fail_memory). One thread at a time.
 */
#ifndef GD_ARENA_H
#define GD_ARENA_H
#include "base/error.h"
#include <stddef.h>

typedef struct gd_block gd_block;
typedef struct {
	gd_block *top;
	size_t bytes; /* handed out so far, for limits */
} gd_arena;

void *gd_arena_new(gd_arena *arena, size_t count, size_t size);
void *gd_arena_copy(gd_arena *arena, const void *bytes, size_t size);
/* A NUL-terminated copy of `length` bytes of text. */
char *gd_arena_text(gd_arena *arena, const char *text, size_t length);
char *gd_arena_printf(gd_arena *arena, const char *format, ...) GD_PRINTF(2, 3);
void gd_arena_free(gd_arena *arena); /* leaves it as after = {0} */

#endif
