#include "method/refitted.h"
#include "method/fusion.h"
#include <math.h>
#include <stdlib.h>

static double share(int64_t gained, int64_t lost, int64_t of)
{
	return of > 0 ? (double)(gained - lost) / (double)of : NAN;
}

static double logarithm(double value)
{
	return log(fmax(value, 0) + 1e-9);
}

/* Of a share of the loss that is removed: how little is left, as a logarithm, so that 0.99 and 0.9 lie apart. */
static double left(double removed, double least)
{
	return -log(fmax(1 - fmax(removed, -3), 0) + least);
}

static double within_one(double share)
{
	return fmax(-1, fmin(1, share));
}

static void fill_columns(const gd_refit_entry *from, int64_t failed, double *of)
{
	of[GD_FIGURE_REFIT_ORDER] = fmax(from->order_end, -1); /* how bad a wrong order is says nothing */
	of[GD_FIGURE_REFIT_ORDER_MENDED] = fmax(share(from->order_mended, from->order_broken, failed), -1);
	of[GD_FIGURE_REFIT_SCALE] = fmax(from->scale_end, -1);
	of[GD_FIGURE_REFIT_SCALE_MENDED] = fmax(share(from->scale_mended, from->scale_broken, failed), -1);
	of[GD_FIGURE_REFIT_FLIPPED] = (double)from->scale_flipped / (double)from->columns;
	of[GD_FIGURE_REFIT_BEST] = fmax(from->judge_end, fmax(from->order_end, from->scale_end));
	of[GD_FIGURE_REFIT_LEFT_BEST] = left(of[GD_FIGURE_REFIT_BEST], .02);
	of[GD_FIGURE_REFIT_ORDER_GAIN] = within_one(from->order_end) - within_one(from->judge_end);
	of[GD_FIGURE_REFIT_SCALE_GAIN] = within_one(from->scale_end) - within_one(from->judge_end);
}

static void fill_alternatives(const gd_refit_entry *from, int64_t failed, double *of)
{
	of[GD_FIGURE_REFIT_SWAP] = fmax(from->swap.end, -1);
	of[GD_FIGURE_REFIT_SWAP_MENDED] = fmax(share(from->swap.mended, from->swap.broken, failed), -1);
	if (!from->swap_fit.with)
		return;
	of[GD_FIGURE_REFIT_SWAP_FIT] = fmax(from->swap_fit.end, -1);
	of[GD_FIGURE_REFIT_SWAP_FIT_MENDED] = fmax(share(from->swap_fit.mended, from->swap_fit.broken, failed), -1);
	of[GD_FIGURE_REFIT_SWAP_GAIN] = fmax(from->swap_fit.end, -1) - fmax(from->short_end, -1);
}

static void fill(const gd_refit *refit, const gd_refit_entry *from, double *of)
{
	const int64_t failed = refit->judge_failed;
	if (from->has_alternatives)
		fill_alternatives(from, failed, of);
	if (!from->fitted)
		return;
	of[GD_FIGURE_REFIT_QUARTER] = from->fit_quarter;
	of[GD_FIGURE_REFIT_END] = from->fit_end;
	of[GD_FIGURE_REFIT_JUDGE] = from->judge_end;
	of[GD_FIGURE_REFIT_MENDED] = share(from->mended, from->broken, failed);
	of[GD_FIGURE_REFIT_CHANGE] = logarithm(from->change);
	of[GD_FIGURE_REFIT_GRADIENT] = logarithm(from->gradient_norm * from->weight_norm);
	of[GD_FIGURE_REFIT_COSINE] = from->cosine;
	of[GD_FIGURE_REFIT_BEST] = from->judge_end;
	of[GD_FIGURE_REFIT_LEFT_QUARTER] = left(from->fit_quarter, .01);
	of[GD_FIGURE_REFIT_LEFT_JUDGE] = of[GD_FIGURE_REFIT_LEFT_BEST] = left(from->judge_end, .02);
	if (from->has_columns)
		fill_columns(from, failed, of);
}

void gd_refitted_figures(const gd_refit *refit, gd_evidence *evidence)
{
	for (size_t i = 0; i < evidence->entry_count && i < refit->entry_count; i++)
		if (refit->entries[i].tried)
			fill(refit, &refit->entries[i], evidence->entries[i].of);
	evidence->refitted = refit->tried > 0;
}

/* The way of re-fitting the entry that mends most; words NULL: its weights were not fitted. */
typedef struct {
	const char *words; /* what it is called, before the layer's name */
	int64_t mended, broken;
} mend;

static mend best_mend(const gd_refit_entry *entry)
{
	const mend ways[] = { { entry->fitted ? "re-fitting" : NULL, entry->mended, entry->broken },
		{ "re-ordering the units of", entry->order_mended, entry->order_broken }, { "re-scaling the units of", entry->scale_mended, entry->scale_broken } };
	size_t best = 0;
	for (size_t i = 1; entry->has_columns && i < sizeof ways / sizeof ways[0]; i++)
		if (ways[i].mended - ways[i].broken > ways[best].mended - ways[best].broken)
			best = i;
	return ways[best];
}

static const char *refit_words(const gd_refit *refit, size_t at, const char *name, gd_arena *arena)
{
	const mend mine = best_mend(&refit->entries[at]);
	int64_t others = 0;
	size_t fitted = 0;
	for (size_t i = 0; i < refit->entry_count; i++) {
		mend other = best_mend(&refit->entries[i]);
		fitted += other.words != NULL;
		others = i != at && other.words && other.mended > others ? other.mended : others;
	}
	const char *but = mine.broken > 0 ? gd_arena_printf(arena, " and breaks %lld that passed", (long long)mine.broken) : "";
	const char *rest = fitted < 2			  ? ""
					   : others < mine.mended ? gd_arena_printf(arena, "; no other layer mends more than %lld", (long long)others)
											  : gd_arena_printf(arena, "; another layer mends %lld", (long long)others);
	if (!but || !rest)
		return NULL;
	return gd_arena_printf(arena, "%s %s alone on %lld tests mends %lld of the %lld failing others%s%s", mine.words, name,
		(long long)refit->fit_tests, (long long)mine.mended, (long long)refit->judge_failed, but, rest);
}

static const char *swap_words(const gd_refit *refit, const gd_refit_swap *swap, const char *also, gd_arena *arena)
{
	const char *but = swap->broken > 0 ? gd_arena_printf(arena, ", and %lld that passed fail%s", (long long)swap->broken, swap->broken == 1 ? "s" : "") : "";
	return but ? gd_arena_printf(arena, "with %s instead of %s%s, %lld of %lld failing tests pass%s", swap->with, swap->instead, also,
					 (long long)swap->mended, (long long)refit->judge_failed, but) : NULL;
}

static int64_t gained(int64_t mended, int64_t broken)
{
	return mended - broken;
}

/* Worth a sentence where it mends more than chance would; with a re-fit, more than that re-fit mends without it. */
static bool is_notable(const gd_refit *refit, const gd_refit_swap *swap, int64_t without)
{
	const int64_t more = swap->with ? gained(swap->mended, swap->broken) - without : 0;
	return more > 1 && more * 10 > refit->judge_failed;
}

const char *gd_refitted_sentence(const gd_refit *refit, size_t at, const char *name, gd_arena *arena)
{
	const gd_refit_entry *entry = &refit->entries[at];
	const int64_t alone = gained(entry->short_mended, entry->short_broken);
	const bool longer = is_notable(refit, &entry->swap_fit, alone > 0 ? alone : 0) &&
						gained(entry->swap_fit.mended, entry->swap_fit.broken) > gained(entry->swap.mended, entry->swap.broken);
	const gd_refit_swap *swap = longer ? &entry->swap_fit : &entry->swap;
	if (!entry->tried)
		return NULL;
	const char *first = entry->fitted ? refit_words(refit, at, name, arena) : NULL;
	if (!longer && !is_notable(refit, swap, 0) && entry->fitted)
		return first;
	const char *second = swap_words(refit, swap, longer ? " and a short re-fit" : "", arena);
	return !entry->fitted ? second : first && second ? gd_arena_printf(arena, "%s; %s", first, second) : NULL;
}

typedef struct {
	double logit;
	int entry;
} suspect;

static int by_logit(const void *a, const void *b)
{
	const suspect *p = a, *q = b;
	if (p->logit != q->logit)
		return p->logit < q->logit ? 1 : -1;
	return (p->entry > q->entry) - (p->entry < q->entry);
}

gd_status gd_refitted_order(const gd_evidence *evidence, int *order, gd_error *err)
{
	size_t n = evidence->entry_count;
	double *scratch = calloc(3 * n + 1, sizeof *scratch);
	gd_fusion_entry *weighed = calloc(n + 1, sizeof *weighed);
	suspect *suspects = calloc(n + 1, sizeof *suspects);
	gd_status status = scratch && weighed && suspects ? GD_OK : gd_fail_memory(err, "ordering the layers");
	if (status == GD_OK) {
		gd_fusion_weigh(&gd_fusion_plain, evidence, scratch, weighed);
		for (size_t i = 0; i < n; i++)
			suspects[i] = (suspect){ weighed[i].logit, (int)i };
		qsort(suspects, n, sizeof *suspects, by_logit);
		for (size_t i = 0; i < n; i++)
			order[i] = suspects[i].entry;
	}
	free(scratch);
	free(weighed);
	free(suspects);
	return status;
}
