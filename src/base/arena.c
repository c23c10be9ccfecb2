#include "base/arena.h"
#include "base/checked.h"
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 64 * 1024 };

struct gd_block {
	gd_block *next;
	size_t used, size;
	alignas(max_align_t) unsigned char bytes[];
};

static gd_block *block_new(size_t room)
{
	size_t whole;
	if (!gd_add_size(sizeof(gd_block), room, &whole))
		return NULL;
	gd_block *block = calloc(1, whole);
	if (block)
		block->size = room;
	return block;
}

/* A large piece gets a block of its own below the top one, so that the top's free space stays in use. */
static void block_link(gd_arena *arena, gd_block *block, bool own)
{
	if (own && arena->top) {
		block->next = arena->top->next;
		arena->top->next = block;
	} else {
		block->next = arena->top;
		arena->top = block;
	}
}

void *gd_arena_new(gd_arena *arena, size_t count, size_t size)
{
	const size_t step = alignof(max_align_t);
	size_t need;
	if (!gd_mul_size(count, size, &need) || !gd_add_size(need, step - 1, &need))
		return NULL;
	need = need / step * step;
	if (need == 0)
		need = step;
	gd_block *block = arena->top;
	if (!block || block->size - block->used < need) {
		bool own = need > BLOCK_BYTES / 2;
		block = block_new(own ? need : BLOCK_BYTES);
		if (!block)
			return NULL;
		block_link(arena, block, own);
	}
	void *piece = block->bytes + block->used;
	block->used += need;
	arena->bytes += need;
	return piece;
}

void *gd_arena_copy(gd_arena *arena, const void *bytes, size_t size)
{
	void *copy = gd_arena_new(arena, size, 1);
	if (copy && size)
		memcpy(copy, bytes, size);
	return copy;
}

char *gd_arena_text(gd_arena *arena, const char *text, size_t length)
{
	size_t whole;
	if (!gd_add_size(length, 1, &whole))
		return NULL;
	char *copy = gd_arena_new(arena, whole, 1);
	if (copy && length)
		memcpy(copy, text, length);
	return copy;
}

char *gd_arena_printf(gd_arena *arena, const char *format, ...)
{
	va_list list, again;
	va_start(list, format);
	va_copy(again, list);
	int length = vsnprintf(NULL, 0, format, list);
	va_end(list);
	char *text = length < 0 ? NULL : gd_arena_new(arena, (size_t)length + 1, 1);
	if (text)
		vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

void gd_arena_free(gd_arena *arena)
{
	gd_block *block = arena->top;
	while (block) {
		gd_block *next = block->next;
		free(block);
		block = next;
	}
	*arena = (gd_arena){ 0 };
}
