/* refit_dump MODEL X.npy Y.npy TASK [THREADS]: what re-fitting each entry does, one JSON object a line. */
#include "data/labels.h"
#include "refit/refit.h"
#include "spectrum/collect.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void show(const gd_model *model, const gd_refit *refit)
{
	printf("{\"fit\":%lld,\"judge\":%lld,\"failed\":%lld,\"loss\":%d,\"loss_fit\":%.9g,\"loss_judge\":%.9g}\n", (long long)refit->fit_tests,
		(long long)refit->judge_tests, (long long)refit->judge_failed, refit->loss, refit->loss_fit, refit->loss_judge);
	for (size_t i = 0; i < refit->entry_count; i++) {
		const gd_refit_entry *e = &refit->entries[i];
		printf("{\"name\":\"%s\",\"tried\":%d,\"seconds\":%.9g,\"why_not\":\"%s\",\"gradient_norm\":%.9g,\"weight_norm\":%.9g,\"cosine\":%.9g,\"fit_quarter\":%.9g,\"fit_end\":%.9g,"
			   "\"judge_end\":%.9g,\"mended\":%lld,\"broken\":%lld,\"change\":%.9g,\"has_columns\":%d,\"order_end\":%.9g,\"order_mended\":%lld,"
			   "\"order_broken\":%lld,\"order_moved\":%zu,\"scale_end\":%.9g,\"scale_mended\":%lld,\"scale_broken\":%lld,\"scale_flipped\":%zu}\n",
			model->layers[model->entries[i].head].name, e->tried, e->seconds, e->why_not ? e->why_not : "", e->gradient_norm, e->weight_norm, e->cosine,
			e->fit_quarter, e->fit_end, e->judge_end, (long long)e->mended, (long long)e->broken, e->change, e->has_columns, e->order_end,
			(long long)e->order_mended, (long long)e->order_broken, e->order_moved, e->scale_end, (long long)e->scale_mended,
			(long long)e->scale_broken, e->scale_flipped);
	}
}

typedef struct {
	gd_model *model;
	gd_rows *rows, *targets;
	gd_feed *inputs;
	gd_labels labels;
	gd_spectrum *spectrum;
	gd_refit *refit;
} opened;

static gd_status run(char **argv, int threads, opened *o, gd_error *err)
{
	gd_task task = GD_TASK_AUTO;
	gd_status status = gd_task_find(argv[4], &task) ? gd_model_open(argv[1], NULL, &o->model, err) : GD_E_USAGE;
	if (status == GD_OK)
		status = gd_rows_open(argv[2], &o->rows, err);
	if (status == GD_OK)
		status = gd_feed_open(o->model, &(gd_feed_source){ NULL, o->rows }, 1, NULL, &o->inputs, err);
	if (status == GD_OK)
		status = gd_rows_open(argv[3], &o->targets, err);
	if (status != GD_OK)
		return status;
	gd_label_model expected = gd_oracle_label_model(o->model, gd_feed_tests(o->inputs));
	status = gd_labels_open(o->targets, task, &expected, &o->labels, err);
	if (status != GD_OK)
		return status;
	gd_collect collect = { .model = o->model, .inputs = o->inputs, .labels = &o->labels };
	collect.options = (gd_collect_options){ .coverage = &gd_coverages[0], .threshold = (double)NAN, .tolerance = (double)NAN, .threads = threads };
	status = gd_spectrum_collect(&collect, &o->spectrum, err);
	gd_refit_request request = { .model = o->model, .inputs = o->inputs, .labels = &o->labels, .spectrum = o->spectrum, .seconds = INFINITY, .threads = threads };
	return status == GD_OK ? gd_refit_run(&request, &o->refit, err) : status;
}

int main(int argc, char **argv)
{
	gd_error err = { 0 };
	opened o = { 0 };
	if (argc != 5 && argc != 6)
		return 2;
	gd_status status = run(argv, argc == 6 ? atoi(argv[5]) : 1, &o, &err);
	if (status == GD_OK)
		show(o.model, o.refit);
	else
		fprintf(stderr, "%s\n", err.message);
	gd_refit_free(o.refit);
	gd_spectrum_free(o.spectrum);
	gd_feed_close(o.inputs);
	gd_rows_close(o.rows);
	gd_rows_close(o.targets);
	gd_model_close(o.model);
	return (int)status;
}
