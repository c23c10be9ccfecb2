/* Ranks the layers of a model from C: cc rank.c $(pkg-config --cflags --libs dlguider) -o rank && ./rank MODEL X.npy Y.npy */
#include <dlguider.h>
#include <stdio.h>

static void on_progress(void *state, const char *stage, int64_t done, int64_t total)
{
	(void)state;
	fprintf(stderr, "%s: %lld of %lld\n", stage, (long long)done, (long long)total);
}

static int complain(const dlg_error *err)
{
	char safe[3000];
	dlg_escape(err->message, 0, safe, sizeof safe); /* the sentence may hold bytes from files */
	fprintf(stderr, "%s\n", safe);
	return (int)err->status;
}

static void print(const dlg_ranking *ranking, dlg_error *err)
{
	size_t at;
	dlg_ranked layer;
	layer.size = sizeof layer;
	for (at = 0; dlg_ranking_layer(ranking, at, &layer, err) == DLG_OK; at++)
		printf("%zu %s %.17g\n", at + 1, layer.name, layer.score);
}

int main(int count, char **words)
{
	dlg_error err = { DLG_OK, "" }, end = { DLG_OK, "" };
	dlg_model *model = NULL;
	dlg_tests *tests = NULL;
	dlg_spectrum *spectrum = NULL;
	dlg_ranking *ranking = NULL;
	dlg_options *options = dlg_options_new();
	if (count != 4 || !options)
		return 2;
	dlg_tests_source source = { 0 };
	source.size = sizeof source;
	source.inputs_path = words[2];
	source.labels_path = words[3];
	dlg_collect pass = { 0 };
	pass.size = sizeof pass;
	pass.options = options;
	pass.progress = on_progress;
	dlg_rank_request request = { 0 };
	request.size = sizeof request;
	request.options = options;

	/* Each step only runs when the one before it was fine; the first failure stays in err. */
	int fine = dlg_options_set(options, "formula", "ochiai", &err) == DLG_OK && dlg_model_open(words[1], &model, &err) == DLG_OK
		&& dlg_tests_open(&source, &tests, &err) == DLG_OK;
	pass.model = request.model = model;
	pass.tests = tests;
	fine = fine && dlg_spectrum_collect(&pass, &spectrum, &err) == DLG_OK;
	fine = fine && dlg_spectrum_refit(spectrum, &pass, &err) == DLG_OK; /* which single layer, re-fitted, mends others? */
	request.spectrum = spectrum;
	fine = fine && dlg_rank(&request, &ranking, &err) == DLG_OK;
	if (fine)
		print(ranking, &end); /* ends with the refusal of the layer behind the last */
	dlg_ranking_free(ranking);
	dlg_spectrum_free(spectrum);
	dlg_tests_free(tests);
	dlg_model_free(model);
	dlg_options_free(options);
	return fine ? 0 : complain(&err);
}
