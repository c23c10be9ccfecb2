/* suggest.h - "did you mean": the nearest of some words. */
#ifndef SUGGEST_H
#define SUGGEST_H
#include <stddef.h>

typedef struct {
	const char *typed;
	char best[80]; /* "" when no word is near */
	size_t distance;
} suggestion;

void suggest_start(suggestion *s, const char *typed);
/* Keeps word when it is nearer than what was offered before, at most 2 edits away and less than half of it changed. */
void suggest_offer(suggestion *s, const char *word);

/* Edits (insert, delete, change, swap neighbours) between two words; both are cut at 40 characters. */
size_t suggest_distance(const char *a, const char *b);

#endif
