#include "suggest.h"
#include <stdio.h>
#include <string.h>

enum { LONGEST = 40 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t suggest_distance(const char *a, const char *b)
{
	size_t rows[3][LONGEST + 1], n = least(strlen(a), LONGEST), m = least(strlen(b), LONGEST);
	for (size_t j = 0; j <= m; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];
		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			now[j] = least(least(before[j], now[j - 1]) + 1, before[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], earlier[j - 2] + 1);
		}
	}
	return rows[n % 3][m];
}

void suggest_start(suggestion *s, const char *typed)
{
	*s = (suggestion){ .typed = typed, .distance = 3 };
}

void suggest_offer(suggestion *s, const char *word)
{
	size_t distance = suggest_distance(s->typed, word);
	if (distance < s->distance && distance * 2 < strlen(word)) {
		s->distance = distance;
		snprintf(s->best, sizeof s->best, "%s", word);
	}
}
