#include "method/ranking.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PICKED = 2048, MOST_CLASSES = 100000 }; /* neurons of an entry that its rows are made of; class numbers that are counted */

static size_t at_most(size_t value, size_t limit)
{
	return value < limit ? value : limit;
}

/* ---- who was active in which tests ---- */

typedef struct {
	const gd_spectrum *spectrum;
	int64_t *tests;        /* of the columns, in order */
	size_t starts[GD_HEAT_COLUMNS + 1]; /* column c has tests[starts[c]] .. tests[starts[c + 1] - 1] */
	size_t columns, failed_columns;
} crowd;

typedef struct {
	int64_t test;
	int32_t expected;
	bool failed;
} seen_test;

static int by_verdict(const void *a, const void *b)
{
	const seen_test *p = a, *q = b;
	if (p->failed != q->failed)
		return p->failed ? -1 : 1;
	if (p->expected != q->expected)
		return p->expected < q->expected ? -1 : 1;
	return (p->test > q->test) - (p->test < q->test);
}

/* Tests [from, from + count) into `columns` columns, evenly spaced ones where a column would have too many. */
static void add_columns(crowd *c, const seen_test *order, size_t from, size_t count, size_t columns)
{
	for (size_t k = 0; k < columns; k++) {
		size_t first = from + k * count / columns, all = from + (k + 1) * count / columns - first, kept = at_most(all, GD_HEAT_TESTS);
		for (size_t i = 0; i < kept; i++)
			c->tests[c->starts[c->columns] + i] = order[first + i * all / kept].test;
		c->columns++;
		c->starts[c->columns] = c->starts[c->columns - 1] + kept;
	}
}

/* Both verdicts get their share of the columns, and neither less than a quarter. */
static bool gather_crowd(const gd_spectrum *spectrum, crowd *c)
{
	size_t tests = (size_t)spectrum->tests, failed = (size_t)spectrum->failed, passed = tests - failed;
	seen_test *order = calloc(tests + 1, sizeof *order);
	*c = (crowd){ .spectrum = spectrum, .tests = calloc(GD_HEAT_COLUMNS * GD_HEAT_TESTS, sizeof *c->tests) };
	if (!order || !c->tests) {
		free(order);
		return false;
	}
	for (size_t t = 0; t < tests; t++)
		order[t] = (seen_test){ (int64_t)t, spectrum->expected ? spectrum->expected[t] : -1, gd_spectrum_is_failed(spectrum, (int64_t)t) };
	qsort(order, tests, sizeof *order, by_verdict);
	size_t columns = at_most(tests, GD_HEAT_COLUMNS), least = columns / 4, for_failed = tests ? (size_t)((double)columns * (double)failed / (double)tests + .5) : 0;
	for_failed = for_failed < least ? least : for_failed > columns - least ? columns - least : for_failed;
	for_failed = passed == 0 ? columns : at_most(for_failed, failed);
	c->failed_columns = for_failed;
	add_columns(c, order, 0, failed, for_failed);
	add_columns(c, order, failed, passed, at_most(columns - for_failed, passed));
	free(order);
	return true;
}

typedef struct {
	size_t neuron;
	double score;
} scored;

static int by_score(const void *a, const void *b)
{
	const scored *p = a, *q = b;
	if (p->score != q->score)
		return p->score < q->score ? 1 : -1;
	return (p->neuron > q->neuron) - (p->neuron < q->neuron);
}

static uint8_t share_active(const crowd *c, size_t first_neuron, const scored *row, size_t row_count, size_t column)
{
	uint64_t sum = 0, cells = row_count * (c->starts[column + 1] - c->starts[column]);
	for (size_t n = 0; n < row_count; n++)
		for (size_t t = c->starts[column]; t < c->starts[column + 1]; t++)
			sum += gd_spectrum_activity(c->spectrum, first_neuron + row[n].neuron, c->tests[t]);
	return (uint8_t)(cells ? (sum + cells / 2) / cells : 0);
}

static bool draw_heat(gd_ranking *ranking, const gd_ranked_entry *entry, const crowd *c, gd_entry_view *view)
{
	size_t units = entry->units, picked = at_most(units, PICKED), rows = at_most(picked, GD_HEAT_ROWS);
	if (units == 0 || !entry->neuron_scores || c->columns == 0)
		return true;
	scored *order = calloc(units, sizeof *order);
	uint8_t *cells = gd_arena_new(&ranking->arena, rows * c->columns, 1);
	size_t *neurons = gd_arena_new(&ranking->arena, rows, sizeof *neurons);
	bool fine = order && cells && neurons;
	for (size_t i = 0; fine && i < units; i++)
		order[i] = (scored){ i, entry->neuron_scores[i] };
	if (fine)
		qsort(order, units, sizeof *order, by_score);
	for (size_t i = 0; fine && i < picked; i++) /* in place: picks never run ahead */
		order[i] = order[i * units / picked];
	for (size_t r = 0; fine && r < rows; r++) {
		size_t first = r * picked / rows, count = (r + 1) * picked / rows - first;
		neurons[r] = order[first].neuron;
		for (size_t k = 0; k < c->columns; k++)
			cells[r * c->columns + k] = share_active(c, c->spectrum->start[entry->index], order + first, count, k);
	}
	free(order);
	view->cells = cells;
	view->neurons = neurons;
	view->rows = rows;
	view->columns = c->columns;
	view->failed_columns = c->failed_columns;
	return fine;
}

/* ---- how the values are spread ---- */

/* The bins that hold all but a two-hundredth at either end, and then as few joined ones as can be drawn. */
static void draw_values(const gd_histogram *h, gd_entry_view *view)
{
	int64_t all = 0, below = 0, above = 0;
	int low = 0, high = GD_HISTOGRAM_BINS;
	for (int i = 0; i < GD_HISTOGRAM_BINS; i++)
		all += h->counts[0][i] + h->counts[1][i];
	if (all == 0)
		return;
	for (int64_t c; low < high - 1 && below + (c = h->counts[0][low] + h->counts[1][low]) <= all / 200; low++)
		below += c;
	for (int64_t c; high > low + 1 && above + (c = h->counts[0][high - 1] + h->counts[1][high - 1]) <= all / 200; high--)
		above += c;
	int joined = (high - low + GD_SHOWN_BINS - 1) / GD_SHOWN_BINS, zero = GD_HISTOGRAM_BINS / 2;
	low -= ((low - zero) % joined + joined) % joined; /* so that 0 stays a border */
	if ((high - low + joined - 1) / joined > GD_SHOWN_BINS) {
		joined++;
		low -= ((low - zero) % joined + joined) % joined;
	}
	view->bins = (size_t)((high - low + joined - 1) / joined);
	view->low = ldexp(low - zero, h->scale);
	view->width = ldexp(joined, h->scale);
	view->cut_low = below > 0;
	view->cut_high = above > 0;
	for (int i = 0; i < GD_HISTOGRAM_BINS; i++) {
		size_t bin = i < low ? 0 : at_most((size_t)((i - low) / joined), view->bins - 1);
		view->passed[bin] += h->counts[0][i];
		view->failed[bin] += h->counts[1][i];
	}
	memcpy(view->zeros, h->zeros, sizeof view->zeros);
	view->unsound = h->unsound;
}

static bool draw_entries(gd_ranking *ranking, const gd_spectrum *spectrum, const gd_histograms *histograms)
{
	crowd c;
	bool fine = gather_crowd(spectrum, &c);
	for (size_t i = 0; fine && i < ranking->layer_count && i < GD_VIEWED; i++) {
		gd_ranked_entry *entry = &ranking->layers[i];
		gd_entry_view *view = gd_arena_new(&ranking->arena, 1, sizeof *view);
		fine = view && draw_heat(ranking, entry, &c, view);
		if (fine && histograms && (size_t)entry->index < histograms->entry_count)
			draw_values(&histograms->entries[entry->index], view);
		entry->view = view;
	}
	free(c.tests);
	return fine;
}

/* ---- the tests ---- */

static void count_sure(const gd_spectrum *s, gd_overview *overview)
{
	for (int64_t t = 0; t < s->tests; t++) {
		double share = s->task == GD_TASK_REGRESSION ? s->error[t] / (4 * s->tolerance) : s->confidence[GD_CONFIDENCE_GINI][t];
		size_t bin = share > 0 ? share < 1 ? (size_t)(share * (double)GD_SURE_BINS) : GD_SURE_BINS - 1 : 0; /* NaN: 0 */
		overview->sure[gd_spectrum_is_failed(s, t)][at_most(bin, GD_SURE_BINS - 1)]++;
	}
}

static double loudness(const gd_spectrum *s, int64_t t)
{
	double value = s->task == GD_TASK_REGRESSION ? s->error[t] : s->confidence[GD_CONFIDENCE_GINI][t];
	return isnan(value) ? -INFINITY : value;
}

static void pick_tests(const gd_spectrum *s, gd_overview *overview)
{
	gd_shown_test *shown = overview->tests;
	for (int64_t t = 0; t < s->tests; t++) {
		if (!gd_spectrum_is_failed(s, t))
			continue;
		size_t place = overview->test_count;
		while (place > 0 && loudness(s, shown[place - 1].test) < loudness(s, t))
			place--;
		if (place >= GD_SHOWN_TESTS)
			continue;
		overview->test_count += overview->test_count < GD_SHOWN_TESTS;
		for (size_t k = overview->test_count - 1; k > place; k--)
			shown[k] = shown[k - 1];
		shown[place] = (gd_shown_test){ t, s->expected ? s->expected[t] : -1, s->predicted ? s->predicted[t] : -1,
			s->confidence[GD_CONFIDENCE_GINI][t], s->error[t] };
	}
}

typedef struct {
	int32_t number;
	int64_t tests, failed;
} class_count;

static int by_failed(const void *a, const void *b)
{
	const class_count *p = a, *q = b;
	if (p->failed != q->failed)
		return p->failed < q->failed ? 1 : -1;
	return (p->number > q->number) - (p->number < q->number);
}

static int by_number(const void *a, const void *b)
{
	return (((const class_count *)a)->number > ((const class_count *)b)->number) - (((const class_count *)a)->number < ((const class_count *)b)->number);
}

static int32_t highest_class(const gd_spectrum *s)
{
	int32_t highest = -1;
	for (int64_t t = 0; s->expected && s->predicted && t < s->tests; t++) {
		highest = s->expected[t] > highest ? s->expected[t] : highest;
		highest = s->predicted[t] > highest ? s->predicted[t] : highest;
	}
	return highest;
}

/* counts: by class number; becomes the shown classes. A class that no test has and none is taken for is left out. */
static size_t choose_classes(const gd_spectrum *s, class_count *counts, size_t numbers, bool *all)
{
	size_t used = 0;
	for (size_t i = 0; i < numbers; i++)
		counts[i].number = (int32_t)i;
	for (int64_t t = 0; t < s->tests; t++) {
		bool failed = gd_spectrum_is_failed(s, t);
		if (s->expected[t] >= 0)
			counts[s->expected[t]].failed += failed;
		if (s->expected[t] >= 0)
			counts[s->expected[t]].tests++;
		if (s->predicted[t] >= 0)
			counts[s->predicted[t]].tests++;
	}
	for (size_t i = 0; i < numbers; i++)
		if (counts[i].tests)
			counts[used++] = counts[i];
	*all = used <= GD_SHOWN_CLASSES;
	qsort(counts, used, sizeof *counts, by_failed);
	used = at_most(used, GD_SHOWN_CLASSES);
	qsort(counts, used, sizeof *counts, by_number);
	return used;
}

static bool count_confusion(gd_ranking *ranking, const gd_spectrum *s, gd_overview *overview)
{
	int32_t highest = highest_class(s);
	if (highest < 1 || highest >= MOST_CLASSES)
		return true;
	size_t numbers = (size_t)highest + 1;
	class_count *counts = calloc(numbers, sizeof *counts);
	int32_t *place = calloc(numbers, sizeof *place); /* in the table, from 1 */
	size_t n = counts && place ? choose_classes(s, counts, numbers, &overview->all_classes) : 0;
	int32_t *class_of = gd_arena_new(&ranking->arena, n + 1, sizeof *class_of);
	int64_t *confusion = gd_arena_new(&ranking->arena, n * n + 1, sizeof *confusion);
	bool fine = counts && place && class_of && confusion;
	for (size_t i = 0; fine && i < n; i++) {
		class_of[i] = counts[i].number;
		place[counts[i].number] = (int32_t)i + 1;
	}
	for (int64_t t = 0; fine && t < s->tests; t++)
		if (s->expected[t] >= 0 && s->predicted[t] >= 0 && place[s->expected[t]] && place[s->predicted[t]])
			confusion[(size_t)(place[s->expected[t]] - 1) * n + (size_t)(place[s->predicted[t]] - 1)]++;
	free(counts);
	free(place);
	overview->classes = fine ? n : 0;
	overview->class_of = class_of;
	overview->confusion = confusion;
	return fine;
}

gd_status gd_ranking_overview(gd_ranking *ranking, const gd_spectrum *spectrum, const gd_histograms *histograms, gd_error *err)
{
	gd_overview *overview = gd_arena_new(&ranking->arena, 1, sizeof *overview);
	if (!overview || !count_confusion(ranking, spectrum, overview) || !draw_entries(ranking, spectrum, histograms))
		return gd_fail_memory(err, "drawing the ranking");
	count_sure(spectrum, overview);
	pick_tests(spectrum, overview);
	ranking->overview = overview;
	return GD_OK;
}
