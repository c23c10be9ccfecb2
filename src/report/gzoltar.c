/* The spectrum as the text files of GZoltar, for tools that read those: matrix.txt (a line a test: 1 or 0 for each neuron,
 * then + or -), spectra.csv (the neurons' names, as LAYER#NEURON), tests.csv, and the ranking of the neurons. Weights and
 * confidences have no place in them. */
#include "base/file.h"
#include "base/folder.h"
#include "report/report.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	const gd_ranking *ranking;
	const gd_spectrum *spectrum;
	const char *folder;
	gd_arena *arena;
} gzoltar;

/* Names are not quoted there, so separators become underscores. */
static void put_name(FILE *to, const char *name, size_t neuron)
{
	gd_text safe = { 0 };
	gd_text_put_safe(&safe, name, 0);
	for (size_t i = 0; i < safe.length; i++)
		fputc(strchr(",;\"# ", safe.bytes[i]) ? '_' : safe.bytes[i], to);
	fprintf(to, "#%zu", neuron);
	gd_text_free(&safe);
}

static void put_matrix(const gzoltar *g, FILE *to)
{
	const gd_spectrum *s = g->spectrum;
	for (int64_t t = 0; t < s->tests; t++) {
		for (size_t n = 0; n < s->neuron_count; n++)
			fputs(gd_spectrum_activity(s, n, t) ? "1 " : "0 ", to);
		fputs(gd_spectrum_is_failed(s, t) ? "-\n" : "+\n", to);
	}
}

static void put_spectra(const gzoltar *g, FILE *to)
{
	fputs("name\n", to);
	for (size_t e = 0; e < g->spectrum->entry_count; e++)
		for (size_t i = 0; i < g->spectrum->entries[e].units; i++) {
			put_name(to, g->spectrum->entries[e].name, i);
			fputc('\n', to);
		}
}

static void put_tests(const gzoltar *g, FILE *to)
{
	fputs("name,outcome,runtime,stacktrace\n", to);
	for (int64_t t = 0; t < g->spectrum->tests; t++)
		fprintf(to, "test#%lld,%s,0,\n", (long long)t, gd_spectrum_is_failed(g->spectrum, t) ? "FAIL" : "PASS");
}

typedef struct {
	size_t layer, neuron; /* place in the ranking, index in the entry */
	double score;
} scored;

static int by_score(const void *a, const void *b)
{
	const scored *p = a, *q = b;
	if (p->score != q->score)
		return p->score < q->score ? 1 : -1;
	return p->layer != q->layer ? (p->layer > q->layer) - (p->layer < q->layer) : (p->neuron > q->neuron) - (p->neuron < q->neuron);
}

static void put_ranking(const gzoltar *g, FILE *to)
{
	const gd_ranking *r = g->ranking;
	scored *all = gd_arena_new(g->arena, g->spectrum->neuron_count + 1, sizeof *all);
	size_t count = 0;
	fputs("name;suspiciousness_value\n", to);
	for (size_t i = 0; all && i < r->layer_count; i++)
		for (size_t k = 0; r->layers[i].neuron_scores && k < r->layers[i].units && count < g->spectrum->neuron_count; k++)
			all[count++] = (scored){ i, k, r->layers[i].neuron_scores[k] };
	if (count)
		qsort(all, count, sizeof *all, by_score);
	for (size_t i = 0; i < count; i++) {
		put_name(to, r->layers[all[i].layer].name, all[i].neuron);
		fprintf(to, ";%.17g\n", all[i].score);
	}
}

static gd_status write_file(const gzoltar *g, const char *name, void (*put)(const gzoltar *, FILE *), gd_error *err)
{
	gd_output output = { 0 };
	const char *path = gd_arena_printf(g->arena, "%s/%s", g->folder, name);
	gd_status status = path ? gd_output_open(path, &output, err) : gd_fail_memory(err, "writing the spectrum");
	if (status != GD_OK)
		return status;
	put(g, output.stream);
	return gd_output_commit(&output, err);
}

static const char *formula_of(const gd_ranking *ranking)
{
	for (size_t i = 0; i < ranking->option_count; i++)
		if (strcmp(ranking->options[i].name, "formula") == 0 && ranking->options[i].text)
			return ranking->options[i].text;
	return "neurons"; /* methods that take other signs, too, do not say it */
}

gd_status gd_report_gzoltar(const gd_ranking *ranking, const gd_spectrum *spectrum, const char *target, gd_error *err)
{
	gd_arena arena = { 0 };
	gd_folder folder = { 0 };
	if (!spectrum->active)
		return gd_fail(err, GD_E_USAGE, "GZoltar's files say whether a neuron is active, and coverage %s says how much: choose another --coverage",
			spectrum->coverage->name);
	gd_status status = gd_folder_open(target, &arena, &folder, err);
	gzoltar g = { ranking, spectrum, folder.path, &arena };
	const char *name = status == GD_OK ? gd_arena_printf(&arena, "%s.ranking.csv", formula_of(ranking)) : NULL;
	if (status == GD_OK) {
		status = name ? write_file(&g, "matrix.txt", put_matrix, err) : gd_fail_memory(err, "writing the spectrum");
		status = status ? status : write_file(&g, "spectra.csv", put_spectra, err);
		status = status ? status : write_file(&g, "tests.csv", put_tests, err);
		status = status ? status : write_file(&g, name, put_ranking, err);
		if (status == GD_OK)
			status = gd_folder_commit(&folder, err);
		else
			gd_folder_abort(&folder);
	}
	gd_arena_free(&arena);
	return status;
}
