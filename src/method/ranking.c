#include "method/ranking.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *keep(gd_ranking *ranking, const char *text)
{
	return gd_arena_text(&ranking->arena, text, strlen(text));
}

static int by_score(const void *a, const void *b)
{
	const gd_ranked_entry *p = a, *q = b;
	double s = isnan(p->score) ? -INFINITY : p->score, t = isnan(q->score) ? -INFINITY : q->score;
	if (s != t)
		return s < t ? 1 : -1;
	return (p->index > q->index) - (p->index < q->index);
}

void gd_ranking_sort(gd_ranking *ranking)
{
	qsort(ranking->layers, ranking->layer_count, sizeof *ranking->layers, by_score);
}

bool gd_ranking_note(gd_ranking *ranking, const char *format, ...)
{
	char text[1024];
	va_list list;
	va_start(list, format);
	int length = vsnprintf(text, sizeof text, format, list);
	va_end(list);
	const char **notes = gd_arena_new(&ranking->arena, ranking->note_count + 1, sizeof *notes);
	const char *kept = length < 0 ? NULL : keep(ranking, text);
	if (!notes || !kept)
		return false;
	if (ranking->note_count)
		memcpy(notes, ranking->notes, ranking->note_count * sizeof *notes);
	notes[ranking->note_count++] = kept;
	ranking->notes = notes;
	return true;
}

static gd_option_value *add_option(gd_ranking *ranking, const char *name)
{
	gd_option_value *options = gd_arena_new(&ranking->arena, ranking->option_count + 1, sizeof *options);
	const char *kept = keep(ranking, name);
	if (!options || !kept)
		return NULL;
	if (ranking->option_count)
		memcpy(options, ranking->options, ranking->option_count * sizeof *options);
	ranking->options = options;
	options[ranking->option_count].name = kept;
	return &options[ranking->option_count++];
}

bool gd_ranking_option_text(gd_ranking *ranking, const char *name, const char *text)
{
	gd_option_value *option = add_option(ranking, name);
	if (option)
		option->text = keep(ranking, text);
	return option && option->text;
}

bool gd_ranking_option_number(gd_ranking *ranking, const char *name, double number)
{
	gd_option_value *option = add_option(ranking, name);
	if (option)
		option->number = number;
	return option != NULL;
}

void gd_ranking_free(gd_ranking *ranking)
{
	if (!ranking)
		return;
	gd_arena_free(&ranking->arena);
	free(ranking);
}
