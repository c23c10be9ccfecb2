/* One layer of the ranking in full: place, line, evidence with its share in the score, neurons, and the failed tests that
 * implicate it most. */
#include "report/explain.h"
#include "report/layout.h"
#include "report/standing.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_TESTS = 5 };

static void put_head(gd_text *out, const gd_page *page, const gd_ranking *ranking, size_t at)
{
	const gd_ranked_entry *entry = &ranking->layers[at];
	char sentence[400];
	gd_layout_cell(out, page, entry->name, gd_layout_width(entry->name) < page->width - 1 ? gd_layout_width(entry->name) : page->width - 1, false, GD_BOLD);
	gd_text_put(out, "\n");
	snprintf(sentence, sizeof sentence, "rank %zu of %zu, score %.6g, %.60s with %zu neuron%s, entry %d of the model", at + 1, ranking->layer_count,
		entry->score, entry->kind, entry->units, entry->units == 1 ? "" : "s", entry->index);
	gd_layout_wrap(out, page, "  ", 2, sentence, GD_PLAIN);
	gd_text members = { 0 };
	for (size_t i = 0; i < entry->member_count; i++) {
		gd_text_put(&members, i ? ", " : "");
		gd_text_put(&members, entry->members[i]);
	}
	if (entry->member_count > 1 && members.bytes)
		gd_layout_wrap(out, page, "  layers: ", 10, members.bytes, GD_PLAIN);
	gd_text_free(&members);
	if (entry->line.line > 0) {
		gd_text place = { 0 };
		gd_text_printf(&place, "%s:%d  %s", entry->line.file ? entry->line.file : "line", entry->line.line, entry->line.text ? entry->line.text : "");
		gd_layout_wrap(out, page, "  line: ", 8, place.bytes ? place.bytes : "", GD_CYAN);
		gd_text_free(&place);
	}
}

static void put_evidence(gd_text *out, const gd_page *page, const gd_ranked_entry *entry)
{
	if (entry->evidence_count)
		gd_text_put(out, "\nevidence, with its share in the score\n");
	for (size_t i = 0; i < entry->evidence_count; i++) {
		const gd_evidence_item *item = &entry->evidence[i];
		char first[40];
		gd_text sentence = { 0 };
		snprintf(first, sizeof first, "  %+8.3f  ", item->term);
		gd_standing_put(&sentence, item);
		gd_layout_wrap(out, page, isfinite(item->term) ? first : "         -  ", 12, sentence.bytes ? sentence.bytes : "", GD_PLAIN);
		gd_text_free(&sentence);
		if (item->mend)
			gd_layout_wrap(out, page, "            mend: ", 18, item->mend, GD_GREEN);
	}
}

static void put_neurons(gd_text *out, const gd_page *page, const gd_ranked_entry *entry)
{
	double top = entry->neuron_count && entry->neurons[0].score > 0 ? entry->neurons[0].score : 1;
	if (entry->neuron_count)
		gd_text_put(out, "\nneurons, most suspicious first\n");
	for (size_t i = 0; i < entry->neuron_count; i++) {
		gd_text_printf(out, "  %6zu  %10.4g  ", entry->neurons[i].index, entry->neurons[i].score);
		gd_layout_bar(out, page, entry->neurons[i].score / top, page->width > 70 ? 40 : 12, GD_YELLOW);
		while (out->length && out->bytes[out->length - 1] == ' ')
			out->bytes[--out->length] = 0;
		gd_text_put(out, "\n");
	}
}

typedef struct {
	int64_t test;
	double weight;
} witness;

static int by_weight(const void *a, const void *b)
{
	const witness *p = a, *q = b;
	if (p->weight != q->weight)
		return p->weight < q->weight ? 1 : -1;
	return (p->test > q->test) - (p->test < q->test);
}

/* Failed tests by the suspicion of the shown neurons that are active in them; returns how many. */
static size_t find_witnesses(const gd_spectrum *spectrum, const gd_ranked_entry *entry, witness *found)
{
	const gd_spectrum_entry *own = &spectrum->entries[entry->index];
	size_t count = 0;
	for (int64_t t = 0; t < spectrum->tests; t++) {
		double weight = 0;
		if (!gd_spectrum_is_failed(spectrum, t))
			continue;
		for (size_t i = 0; i < entry->neuron_count; i++)
			if (entry->neurons[i].index < own->units && entry->neurons[i].score > 0)
				weight += entry->neurons[i].score * gd_spectrum_activity(spectrum, own->first + entry->neurons[i].index, t);
		if (weight > 0)
			found[count++] = (witness){ t, weight };
	}
	qsort(found, count, sizeof *found, by_weight);
	return count;
}

static void put_witness(gd_text *out, const gd_spectrum *spectrum, const witness *one)
{
	gd_text_printf(out, "  %8lld", (long long)one->test);
	if (spectrum->expected && spectrum->expected[one->test] >= 0 && spectrum->predicted[one->test] >= 0)
		gd_text_printf(out, "  expected %d, predicted %d", spectrum->expected[one->test], spectrum->predicted[one->test]);
	else if (spectrum->error)
		gd_text_printf(out, "  error %.6g", spectrum->error[one->test]);
	gd_text_printf(out, "  confidence %.3f\n", spectrum->confidence[GD_CONFIDENCE_GINI][one->test]);
}

static gd_status put_tests(gd_text *out, const gd_ranked_entry *entry, const gd_spectrum *spectrum, gd_error *err)
{
	if (entry->index < 0 || (size_t)entry->index >= spectrum->entry_count || spectrum->failed == 0)
		return GD_OK;
	witness *found = calloc((size_t)spectrum->failed, sizeof *found);
	if (!found)
		return gd_fail_memory(err, "looking for tests that implicate the layer");
	size_t count = find_witnesses(spectrum, entry, found);
	if (count)
		gd_text_printf(out, "\nfailed tests in which these neurons are active, counted from 0 (%zu of %lld)\n", count, (long long)spectrum->failed);
	for (size_t i = 0; i < count && i < SHOWN_TESTS; i++)
		put_witness(out, spectrum, &found[i]);
	free(found);
	return GD_OK;
}

gd_status gd_report_layer(const gd_ranking *ranking, size_t at, const gd_spectrum *spectrum, const gd_page *page, gd_text *out, gd_error *err)
{
	const gd_ranked_entry *entry = &ranking->layers[at];
	put_head(out, page, ranking, at);
	put_evidence(out, page, entry);
	put_neurons(out, page, entry);
	gd_status status = spectrum ? put_tests(out, entry, spectrum, err) : GD_OK;
	if (status != GD_OK)
		return status;
	return out->failed ? gd_fail_memory(err, "writing the explanation") : GD_OK;
}
