/* dlguider.h - which layer of a trained model is faulty. The only public header; C99 and C++.
 *
 * Every handle is opaque, made through the last out-parameter and freed by its _free function (NULL is fine). Functions
 * return a dlg_status and write one sentence into the caller's dlg_error (which may be NULL). No global state: different
 * objects may be used from different threads, one object from one thread at a time. Strings are UTF-8 and, where returned,
 * live as long as the handle they came from.
 *
 * Structs whose first member is `size` may grow in later versions: set size to sizeof of the struct and the rest to zero
 * (`dlg_page page = { sizeof page };` does both); zero or NULL always means the default.
 */
#ifndef DLGUIDER_H
#define DLGUIDER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define DLG_API __attribute__((visibility("default")))
#else
#define DLG_API
#endif

/* "0.1.0" */
DLG_API const char *dlg_version(void);

/* ---- errors ---- */

typedef enum dlg_status {
	DLG_OK = 0,
	DLG_E_USAGE = 2,       /* a wrong argument */
	DLG_E_INPUT = 3,       /* a file is damaged, or the files do not fit together */
	DLG_E_UNSUPPORTED = 4, /* a sound file that uses something dlguider does not know */
	DLG_E_LIMIT = 5,       /* memory, time or a stated limit ran out */
	DLG_E_INTERNAL = 6,    /* the engine, the system, or a fault of dlguider */
	DLG_E_INTERRUPTED = 130
} dlg_status;

/* = {0} before use. message: one sentence that names the file or layer, what was seen, what was expected and the mend. It
 * may hold bytes from files: show it through dlg_escape. */
typedef struct dlg_error {
	dlg_status status;
	char message[1024];
} dlg_error;

/* text with control, bidi and other hidden characters and bytes that are not UTF-8 written as \xNN or \u{...}, cut after
 * `columns` characters (0: never) and to room - 1 bytes. Returns the length in out. */
DLG_API size_t dlg_escape(const char *text, size_t columns, char *out, size_t room);

/* ---- what there is to choose from ---- */

typedef enum dlg_list { DLG_FORMULAS, DLG_AGGREGATIONS, DLG_METHODS, DLG_REPORTS, DLG_KERAS_CLASSES } dlg_list;

typedef struct dlg_choice {
	size_t size;
	const char *name, *about;  /* one line; about may be "" */
	const char *text, *origin; /* formulas: the mathematics, and who published it; reports: usual endings of such a file, without
	                            * the dot ("/": a folder), and ""; layer classes of Keras: what becomes of them
	                            * ("computed", "no effect", "refused"), and their earlier names; else "" */
} dlg_choice;

/* The at-th choice, from 0; returns 0 behind the last. Strings are static. */
DLG_API int dlg_list_get(dlg_list list, size_t at, dlg_choice *out);

/* ---- options: every choice of a ranking, by name, in one table ---- */

typedef enum dlg_option_kind { DLG_OPTION_CHOICE, DLG_OPTION_NUMBER, DLG_OPTION_WHOLE } dlg_option_kind;
typedef enum dlg_option_group {
	DLG_OPTION_OF_METHOD, /* may be changed when a saved spectrum is ranked again */
	DLG_OPTION_OF_PASS,   /* fixed by the pass over the tests */
	DLG_OPTION_OF_RUN     /* changes no result: batch size, threads */
} dlg_option_group;

typedef struct dlg_option {
	size_t size;
	const char *name, *help;
	const char *standard;  /* the default, as typed */
	const char *automatic; /* what "auto" means; NULL: not allowed */
	dlg_option_kind kind;
	dlg_option_group group;
	double low, high; /* of numbers */
} dlg_option;

/* The at-th row of the table; returns 0 behind the last. */
DLG_API int dlg_option_get(size_t at, dlg_option *out);
/* The at-th choice of an option by name; returns 0 behind the last, and for numbers. */
DLG_API int dlg_option_choice(const char *option, size_t at, dlg_choice *out);

typedef struct dlg_options dlg_options;

/* All defaults; NULL when memory is out. */
DLG_API dlg_options *dlg_options_new(void);
/* dlg_options_set(options, "formula", "ochiai", &err); a refusal says what is allowed. */
DLG_API dlg_status dlg_options_set(dlg_options *options, const char *name, const char *value, dlg_error *err);
DLG_API void dlg_options_free(dlg_options *options);

/* ---- the engine that runs models (needed only where tests are run) ---- */

typedef struct dlg_engine {
	size_t size;
	char name[32], version[32];
	char path[512];
} dlg_engine;

/* The engine that is or would be used; fails with the sentence that says how to get one. */
DLG_API dlg_status dlg_engine_info(dlg_engine *out, dlg_error *err);

/* ---- the arithmetic of a spectrum alone, for spectra of your own ---- */

/* Weight of the failed / passed tests in which a component was active (ef, ep) or not (nf, np); finite and >= 0. */
typedef struct dlg_counts {
	double ef, nf, ep, np;
} dlg_counts;

/* One suspiciousness per component by a formula of DLG_FORMULAS: never NaN, +infinity where the formula has no bound. */
DLG_API dlg_status dlg_formula_scores(const char *formula, const dlg_counts *counts, size_t count, double *out, dlg_error *err);
/* One finite score per group from the scores of its components by an aggregation of DLG_AGGREGATIONS; group g owns
 * scores[start[g]] up to scores[start[g + 1]], so start has groups + 1 rising numbers from 0. */
DLG_API dlg_status dlg_aggregate(const char *aggregation, const double *scores, const size_t *start, size_t groups, double *out, dlg_error *err);

/* ---- pages: how a report for people looks ---- */

typedef struct dlg_page {
	size_t size;
	int width; /* columns; 0: 80 */
	int color; /* 1: ANSI colours */
	int utf8;  /* 1: may draw with UTF-8 */
	int top;   /* rows of a table; 0: all */
	double fail_above; /* SARIF and JUnit: a layer with a higher score counts as failed; 0: one that stands out by its method */
} dlg_page;

/* ---- models ---- */

typedef struct dlg_model dlg_model;

/* A .keras, .h5 or .onnx file, told by its content. Nothing in it is executed. */
DLG_API dlg_status dlg_model_open(const char *path, dlg_model **out, dlg_error *err);
/* The same from the bytes of such a file, which are borrowed until the model is freed; name stands for the path. */
DLG_API dlg_status dlg_model_open_bytes(const char *name, const void *bytes, size_t size, dlg_model **out, dlg_error *err);
DLG_API void dlg_model_free(dlg_model *model);

DLG_API const char *dlg_model_path(const dlg_model *model);
DLG_API const char *dlg_model_format(const dlg_model *model);   /* "keras3", "h5", "onnx" */
DLG_API const char *dlg_model_producer(const dlg_model *model); /* "keras 3.15.1"; "" when the file does not say */
DLG_API int64_t dlg_model_parameters(const dlg_model *model);
DLG_API size_t dlg_model_layer_count(const dlg_model *model);
DLG_API size_t dlg_model_entry_count(const dlg_model *model);
DLG_API size_t dlg_model_note_count(const dlg_model *model);
DLG_API const char *dlg_model_note(const dlg_model *model, size_t at); /* NULL behind the last */

enum { DLG_MAX_RANK = 8 };

/* A layer as the author wrote it. */
typedef struct dlg_layer {
	size_t size;
	const char *name, *kind; /* kind: the class, "Dense" */
	const char *family;      /* "dense", "conv" ...: what kinds have in common */
	const char *activation;  /* "relu"; NULL when the class has none */
	int64_t parameters;
	int rank;                    /* of its output, batch included; -1: not known */
	int64_t shape[DLG_MAX_RANK]; /* in the framework's layout; -1: free */
	int entry;                   /* the entry it belongs to; -1 for inputs */
	int trainable;
} dlg_layer;

/* A row of the ranking: a layer that computes, with the members that follow it and belong to it. */
typedef struct dlg_entry {
	size_t size;
	const char *name, *kind;
	size_t layer;        /* index of the layer that gives it its name */
	size_t member_count; /* layers, head included */
	size_t units;        /* neurons */
	int is_output;
} dlg_entry;

DLG_API dlg_status dlg_model_layer(const dlg_model *model, size_t at, dlg_layer *out, dlg_error *err);
DLG_API dlg_status dlg_model_entry(const dlg_model *model, size_t at, dlg_entry *out, dlg_error *err);
/* Index of the layer that is the at-th member of an entry; -1 behind the last. */
DLG_API int dlg_model_member(const dlg_model *model, size_t entry, size_t at);

/* What goes in, or comes out; outputs are called like the layers they come from. */
typedef struct dlg_port {
	size_t size;
	const char *name;
	const char *dtype;           /* "float32", "int64" ... */
	int rank;                    /* batch included; -1: not known */
	int64_t shape[DLG_MAX_RANK]; /* -1: free */
} dlg_port;

/* The at-th; return 0 behind the last. */
DLG_API int dlg_model_input(const dlg_model *model, size_t at, dlg_port *out);
DLG_API int dlg_model_output(const dlg_model *model, size_t at, dlg_port *out);
/* Of a model with several outputs: the one that the labels are for, by its name; layers that do not lead to it are no
 * entries any more, with a note. Before anything else is done with the model, and once. Without it a pass over labelled
 * tests takes the only output of real numbers, and is refused where there are several. */
DLG_API dlg_status dlg_model_choose_output(dlg_model *model, const char *name, dlg_error *err);

/* Layers and entries as "table" or "json" (dlguider.model/1) to a file ("-": standard output). page may be NULL. */
DLG_API dlg_status dlg_model_write(const dlg_model *model, const char *format, const dlg_page *page, const char *path, dlg_error *err);
/* The same as text in memory, ended by a 0 byte; free it with dlg_text_free. length may be NULL. */
DLG_API dlg_status dlg_model_text(
	const dlg_model *model, const char *format, const dlg_page *page, char **out, size_t *length, dlg_error *err);
DLG_API void dlg_text_free(char *text);

/* ---- tests ---- */

/* Numbers in memory, row-major, first dimension = tests; borrowed until the dlg_tests is freed. dtype as in .npy files:
 * "<f4", "<f8", "<i8", "|u1", "|b1" ... */
typedef struct dlg_array {
	const void *data;
	const char *dtype;
	int rank;
	const int64_t *dims;
} dlg_array;

/* The tests of one input of a model with several: a file, or an array. */
typedef struct dlg_input {
	const char *name; /* of the model's input (dlg_model_input), or of the layer that it is */
	const char *path; /* NULL: the array */
	dlg_array array;
} dlg_input;

/* Inputs and labels each come from a file (docs/data.md: .npy, .npz, FILE.npz:NAME, a folder of images ...) or from memory. Labels may be absent
 * where none are needed. */
typedef struct dlg_tests_source {
	size_t size;
	const char *inputs_path, *labels_path; /* NULL: the array */
	dlg_array inputs, labels;              /* data NULL: none */
	const dlg_input *named;                /* of a model with several inputs, instead of inputs_path and inputs */
	size_t named_count;
	/* preprocessing outside the model, as typed (docs/data.md); NULL: none */
	const char *scale;     /* "1/255" */
	const char *normalize; /* "MEAN,STD", or a mean for each channel and then a deviation for each */
	const char *layout;    /* of the files: "nchw", "nhwc" */
	const char *image_size; /* "HxW", that the images of a folder are brought to; NULL: the model's */
	const char *classes;   /* their names in the order of the model's outputs, "cat,dog"; NULL: words in the order of their names */
} dlg_tests_source;

typedef struct dlg_tests dlg_tests;

/* Files are mapped and read a batch at a time. */
DLG_API dlg_status dlg_tests_open(const dlg_tests_source *source, dlg_tests **out, dlg_error *err);
DLG_API int64_t dlg_tests_count(const dlg_tests *tests);
DLG_API void dlg_tests_free(dlg_tests *tests);

/* ---- the pass over the tests: a spectrum ---- */

/* Called from the calling thread after each batch. stage is a word or two for people. */
typedef void (*dlg_progress)(void *state, const char *stage, int64_t done, int64_t total);

typedef struct dlg_spectrum dlg_spectrum;

typedef struct dlg_collect {
	size_t size;
	const dlg_model *model;
	dlg_tests *tests;
	const dlg_options *options; /* NULL: the defaults */
	dlg_progress progress;      /* NULL: none */
	void *progress_state;
	const volatile int *cancel; /* looked at between batches: not 0 stops with DLG_E_INTERRUPTED; NULL: never */
} dlg_collect;

DLG_API dlg_status dlg_spectrum_collect(const dlg_collect *request, dlg_spectrum **out, dlg_error *err);
/* Re-fits one layer at a time on some of the tests and sees what that mends among the others (docs/refit.md), within the
 * option "budget" in seconds that are counted, not timed; the result stays in the spectrum, for dlg_rank. request: of the
 * pass that made the spectrum, progress counts layers and is called at every step. A budget of 0, or a spectrum of a method that gathers no evidence, does nothing. */
DLG_API dlg_status dlg_spectrum_refit(dlg_spectrum *spectrum, const dlg_collect *request, dlg_error *err);
DLG_API dlg_status dlg_spectrum_save(const dlg_spectrum *spectrum, const char *path, dlg_error *err);
/* The figures that --method fused weighs, as one line of JSON; of a spectrum that was collected with that method. */
DLG_API dlg_status dlg_spectrum_save_evidence(const dlg_spectrum *spectrum, const char *path, dlg_error *err);
DLG_API dlg_status dlg_spectrum_open(const char *path, dlg_spectrum **out, dlg_error *err);
DLG_API int64_t dlg_spectrum_tests(const dlg_spectrum *spectrum);
DLG_API int64_t dlg_spectrum_failed(const dlg_spectrum *spectrum);
DLG_API const char *dlg_spectrum_sha256(const dlg_spectrum *spectrum); /* of the model's file */
DLG_API void dlg_spectrum_free(dlg_spectrum *spectrum);

/* ---- mending ---- */

typedef struct dlg_mended {
	size_t size;
	int64_t fit_tests, judge_tests, judge_failed; /* used for the fit; not used; of these, failed before */
	int64_t mended, broken;                       /* of those not used: failed before and pass now; the other way round */
} dlg_mended;

/* Writes the model with one layer re-fitted, as ONNX. A diagnosis aid: it was fitted on tests. */
DLG_API dlg_status dlg_model_mend(
	const dlg_collect *request, const dlg_spectrum *spectrum, const char *layer, const char *path, dlg_mended *out, dlg_error *err);

/* ---- the ranking ---- */

typedef struct dlg_ranking dlg_ranking;

typedef struct dlg_rank_request {
	size_t size;
	const dlg_spectrum *spectrum;
	const dlg_model *model;     /* NULL: only methods that need no model */
	const dlg_options *options; /* NULL: the defaults; only those of the method count here */
	const char *program;        /* the Python program that made the model, to say its lines; NULL */
} dlg_rank_request;

DLG_API dlg_status dlg_rank(const dlg_rank_request *request, dlg_ranking **out, dlg_error *err);
DLG_API void dlg_ranking_free(dlg_ranking *ranking);

typedef struct dlg_summary {
	size_t size;
	int64_t tests, passed, failed;
	const char *task;    /* "binary", "multiclass", "multilabel", "regression" */
	const char *method;
	const char *verdict; /* "layer"; "none": no layer stands out; "outside": the cause seems to lie outside the layers */
	size_t layer_count, note_count;
} dlg_summary;

/* One row, in order of suspicion. */
typedef struct dlg_ranked {
	size_t size;
	int index; /* the entry's place in the model, from 0 */
	const char *name, *kind;
	double score; /* finite, or NaN */
	size_t member_count, units, neuron_count, evidence_count;
	const char *file, *line_text; /* NULL: no line known */
	int line;                     /* 1-based; 0: not known */
	double line_confidence;
} dlg_ranked;

typedef struct dlg_neuron {
	size_t size;
	size_t index; /* within the entry */
	double score;
} dlg_neuron;

typedef struct dlg_evidence {
	size_t size;
	const char *id, *message, *mend; /* mend: NULL when there is none */
	double term;                     /* its share in the score */
	double value;                    /* the figure seen; NaN: none */
	const char *member;              /* the member that it is about, other than the first; NULL: the row as a whole */
	int line;                        /* of that member; 0: not known */
} dlg_evidence;

DLG_API dlg_status dlg_ranking_summary(const dlg_ranking *ranking, dlg_summary *out, dlg_error *err);
DLG_API const char *dlg_ranking_note(const dlg_ranking *ranking, size_t at); /* NULL behind the last */
DLG_API dlg_status dlg_ranking_layer(const dlg_ranking *ranking, size_t at, dlg_ranked *out, dlg_error *err);
DLG_API const char *dlg_ranking_member(const dlg_ranking *ranking, size_t layer, size_t at); /* NULL behind the last */
DLG_API dlg_status dlg_ranking_neuron(const dlg_ranking *ranking, size_t layer, size_t at, dlg_neuron *out, dlg_error *err);
DLG_API dlg_status dlg_ranking_evidence(const dlg_ranking *ranking, size_t layer, size_t at, dlg_evidence *out, dlg_error *err);

/* As one of DLG_REPORTS ("table", "json" ...) to a file ("-": standard output), which is complete or untouched. */
DLG_API dlg_status dlg_ranking_write(const dlg_ranking *ranking, const char *format, const dlg_page *page, const char *path, dlg_error *err);
/* Reports that are a folder of files ("gzoltar"): folder must not exist, or be empty, and is complete or untouched. spectrum: the
 * one that the ranking was made from. */
DLG_API dlg_status dlg_ranking_write_folder(
	const dlg_ranking *ranking, const dlg_spectrum *spectrum, const char *format, const char *folder, dlg_error *err);
/* The same as text in memory, ended by a 0 byte; free it with dlg_text_free. */
DLG_API dlg_status dlg_ranking_text(
	const dlg_ranking *ranking, const char *format, const dlg_page *page, char **out, size_t *length, dlg_error *err);

/* One layer in full, for people: evidence, neurons and, with the spectrum the ranking was made from (else NULL), the failed
 * tests that implicate it. layer: its place in the ranking. */
DLG_API dlg_status dlg_ranking_explain(
	const dlg_ranking *ranking, size_t layer, const dlg_spectrum *spectrum, const dlg_page *page, const char *path, dlg_error *err);
DLG_API dlg_status dlg_ranking_explain_text(const dlg_ranking *ranking, size_t layer, const dlg_spectrum *spectrum, const dlg_page *page,
	char **out, size_t *length, dlg_error *err);

/* ---- activations as files ---- */

typedef struct dlg_activations {
	size_t size;
	const dlg_model *model;
	dlg_tests *tests;
	const dlg_options *options; /* NULL: the defaults */
	const char *folder;         /* is made; must not exist, or be empty */
	const char *layers;         /* a pattern with * and ? for names; NULL: all */
	int neurons;                /* 1: the neuron values of each entry, as the spectrum sees them, instead of whole outputs */
	dlg_progress progress;
	void *progress_state;
	const volatile int *cancel;
} dlg_activations;

/* One .npy file a layer, index.json, and verdict.npy and confidence.npy when the tests have labels. */
DLG_API dlg_status dlg_activations_write(const dlg_activations *request, dlg_error *err);

#ifdef __cplusplus
}
#endif
#endif
