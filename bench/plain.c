/* plain - plain inference, for comparison: the same engine, model, tests, batch and threads as `dlguider rank`, no probe,
 * nothing computed from the outputs. Prints the seconds of opening the model, opening it in the engine, and running all
 * tests; the best of REPEATS runs.
 *
 *   plain MODEL INPUTS.npy [THREADS [BATCH [REPEATS]]]     built by: cmake --build build/release --target plain
 */
#include "data/rows.h"
#include "engine/session.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct {
	gd_model *model;
	gd_rows *tests;
	gd_session *session;
	float *numbers; /* one batch */
	int64_t batch;
} work;

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static gd_status run_all(work *w, gd_error *err)
{
	const gd_rows_info *about = gd_rows_about(w->tests);
	gd_status status = GD_OK;
	for (int64_t first = 0; first < about->count && status == GD_OK; first += w->batch) {
		int64_t count = about->count - first < w->batch ? about->count - first : w->batch;
		gd_array rows = { .type = GD_F32, .shape.rank = about->rank + 1, .data = w->numbers, .bytes = (size_t)count * about->width * sizeof(float) }, output;
		rows.shape.dim[0] = count;
		for (int i = 0; i < about->rank; i++)
			rows.shape.dim[i + 1] = about->dim[i];
		status = gd_rows_floats(w->tests, first, count, w->numbers, err);
		if (status == GD_OK)
			status = gd_session_run(w->session, &rows, &output, err);
	}
	return status;
}

static gd_status measure(work *w, char **paths, int threads, int repeats, gd_error *err)
{
	double begin = now(), best = 1e300;
	gd_status status = gd_model_open(paths[0], NULL, &w->model, err);
	if (status == GD_OK)
		status = gd_rows_open(paths[1], &w->tests, err);
	double opened = now();
	if (status == GD_OK)
		status = gd_session_open(w->model, NULL, 0, threads, &w->session, err);
	double loaded = now();
	if (status != GD_OK)
		return status;
	if (gd_rows_about(w->tests)->rank + 1 > GD_MAX_RANK)
		return gd_fail(err, GD_E_INPUT, "%s: too many dimensions", paths[1]);
	w->batch = w->batch > 0 ? w->batch : gd_session_pick_batch(w->model);
	w->numbers = malloc((size_t)w->batch * gd_rows_about(w->tests)->width * sizeof(float));
	if (!w->numbers)
		return gd_fail_memory(err, "reading a batch");
	for (int i = 0; i < repeats && status == GD_OK; i++) {
		double start = now();
		status = run_all(w, err);
		best = now() - start < best ? now() - start : best;
	}
	if (status == GD_OK)
		printf("open %.4f  engine %.4f  run %.4f  batch %lld\n", opened - begin, loaded - opened, best, (long long)w->batch);
	return status;
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: plain MODEL INPUTS.npy [THREADS [BATCH [REPEATS]]]\n");
		return GD_E_USAGE;
	}
	work w = { .batch = argc > 4 ? atoll(argv[4]) : 0 };
	gd_error err = { 0 };
	gd_status status = measure(&w, argv + 1, argc > 3 ? atoi(argv[3]) : 0, argc > 5 ? atoi(argv[5]) : 5, &err);
	if (status != GD_OK)
		fprintf(stderr, "plain: %s\n", err.message);
	free(w.numbers);
	gd_session_close(w.session);
	gd_rows_close(w.tests);
	gd_model_close(w.model);
	return (int)status;
}
