/* engine.h - runs ONNX bytes. The only room that knows ONNX Runtime; another engine can stand behind this header.
 *
 * The engine's library is opened with dlopen at the first gd_engine_open: DLGUIDER_ONNXRUNTIME, the one of the install or
 * build tree, the system's. ORT_DISABLE_TELEMETRY=1 is set before it is opened (in this process, also for the host of the
 * library; an engine that the host has opened before is out of reach). It stays loaded. One engine object per thread.
 */
#ifndef GD_ENGINE_H
#define GD_ENGINE_H
#include "model/model.h"

typedef struct gd_engine gd_engine;

/* A tensor in memory, row-major. */
typedef struct {
	gd_type type;
	gd_shape shape;
	void *data;
	size_t bytes;
} gd_array;

typedef struct {
	int threads;      /* 0: as many as the process may use */
	bool fold;        /* true: all graph optimisations; false: none that change numbers between builds (gradients) */
} gd_engine_options;

/* parts are concatenated (model bytes, then what is appended: protobuf merges them). */
GD_MUST_USE gd_status gd_engine_open(const gd_bytes *parts, size_t part_count, gd_engine_options options, gd_engine **out, gd_error *err);
/* Runs once. Inputs are borrowed. Outputs are lent: valid until the next run or close of this engine. */
GD_MUST_USE gd_status gd_engine_run(gd_engine *engine, const char *const *input_names, const gd_array *inputs, size_t input_count,
	const char *const *output_names, gd_array *outputs, size_t output_count, gd_error *err);
/* true: the present run, and every later one, ends soon with GD_E_INTERRUPTED; false: take that back. The one call that
 * another thread may make while a run goes on. */
void gd_engine_stop(gd_engine *engine, bool stop);
void gd_engine_close(gd_engine *engine); /* NULL is fine */

/* Name, version and path of the library that is or would be used; fails with the sentence that says what to do. */
typedef struct {
	char version[32];
	char path[512];
} gd_engine_info;
GD_MUST_USE gd_status gd_engine_find(gd_engine_info *out, gd_error *err);

#endif
