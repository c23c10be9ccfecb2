#include "report/standing.h"
#include <math.h>
#include <string.h>

gd_standing gd_standing_of(const gd_ranking *ranking, size_t at, const gd_page *page)
{
	double score = ranking->layers[at].score;
	if (isnan(score))
		return GD_STANDS_IN_LINE;
	bool fails = page->fail_above != 0 && score > page->fail_above;
	if (!ranking->is_probability)
		return fails || (page->fail_above == 0 && at == 0 && strcmp(ranking->verdict, "layer") == 0)
				   ? GD_STANDS_OUT
				   : GD_STANDS_IN_LINE;
	if (page->fail_above != 0 && !fails)
		return score > .25 ? GD_STANDS_NEAR : GD_STANDS_IN_LINE;
	return score > .8            ? GD_STANDS_ALONE
		   : fails || score > .5 ? GD_STANDS_OUT
		   : score > .25         ? GD_STANDS_NEAR
								 : GD_STANDS_IN_LINE;
}

double gd_standing_share(const gd_ranking *ranking, size_t at)
{
	double score = ranking->layers[at].score, high = ranking->layers[0].score, low = high;
	if (isnan(score) || ranking->is_probability)
		return isnan(score) ? 0 : score;
	for (size_t i = 0; i < ranking->layer_count; i++)
		if (!isnan(ranking->layers[i].score))
			low = ranking->layers[i].score;
	low = low > 0 ? 0 : low; /* scores above 0 are drawn from 0, so that equal ones look equal */
	return high > low ? (score - low) / (high - low) : 0;
}

bool gd_standing_tells(const gd_evidence_item *item)
{
	return item->term >= .2 && item->message && strcmp(item->id, "start") != 0 && strncmp(item->id, "role.", 5) != 0;
}

void gd_standing_say(gd_text *out, const gd_evidence_item *item)
{
	gd_text_put(out, item->message);
	if (item->member && item->line.line)
		gd_text_printf(out, ": layer %s in line %d", item->member, item->line.line);
	else if (item->member)
		gd_text_printf(out, ": layer %s", item->member);
}

void gd_standing_put(gd_text *out, const gd_evidence_item *item)
{
	gd_standing_say(out, item);
	gd_text_printf(out, " [%s]", item->id);
}

const gd_line *gd_standing_line(const gd_ranked_entry *entry)
{
	const gd_evidence_item *reason = gd_standing_reason(entry);
	return reason && reason->line.line > 0 ? &reason->line : &entry->line;
}

const gd_evidence_item *gd_standing_reason(const gd_ranked_entry *entry)
{
	for (size_t i = 0; i < entry->evidence_count; i++) /* largest first */
		if (gd_standing_tells(&entry->evidence[i]))
			return &entry->evidence[i];
	return NULL;
}
