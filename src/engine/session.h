/* session.h - a model opened in the engine with probes: per batch of tests its outputs and each entry's neuron values.
 *
 * Probes are appended to the model's bytes and reduced inside the graph: mean (or max) over space, over steps or tokens,
 * so memory is O(batch x neurons). Values are float32, whatever the model computes in. The same batches give the same
 * bytes for any number of threads. The session copies what it needs of the model and the probes.
 */
#ifndef GD_SESSION_H
#define GD_SESSION_H
#include "engine/engine.h"

/* A NaN makes its mean NaN; the engine's max passes over it. */
typedef enum { GD_REDUCE_MEAN, GD_REDUCE_MAX, GD_REDUCE_NONE /* whole values, for exports and oracles */ } gd_reduce;

typedef struct {
	const char *value; /* a value of the model's graph */
	int channel_axis;  /* -1: the last */
	int rank;          /* of the value, batch included; -1: not known, reduced after the run instead of inside the graph */
	gd_reduce reduce;
	bool channels_last; /* GD_REDUCE_NONE only: bring the channel axis to the end (the framework's layout) */
} gd_probe;

typedef struct gd_session gd_session;

GD_MUST_USE gd_status gd_session_open(const gd_model *model, const gd_probe *probes, size_t probe_count, int threads, gd_session **out, gd_error *err);
/* The probes of all entries, neuron values; count is model->entry_count. In arena; NULL when memory is out. */
gd_probe *gd_session_entry_probes(const gd_model *model, gd_reduce reduce, gd_arena *arena);
/* Runs one batch; rows (float32, float64 or int64, converted to the type the model takes) has one array for each of the
 * model's inputs, in the order of its graph, batch dimension first. outputs[0] is the model's first output, then one array per probe: (n, units) when reduced; lent until
 * the next run. A model with a fixed batch runs as often as needed, the last batch padded and cut. */
GD_MUST_USE gd_status gd_session_run(gd_session *session, const gd_array *rows, gd_array *outputs, gd_error *err);
/* The batch the model insists on; 0 when free. */
int64_t gd_session_fixed_batch(const gd_session *session);
/* The batch to use when nobody chose one: the largest power of two up to GD_MAX_BATCH for which all values of the graph
 * together stay within 64 MiB; a multiple of the fixed batch when there is one. Depends on the model alone, never on the
 * machine, since results are the same bytes only for the same batches. */
enum { GD_MAX_BATCH = 256 };
int64_t gd_session_pick_batch(const gd_model *model);
/* true: the present run, and every later one, ends soon with GD_E_INTERRUPTED; another thread may call it. */
void gd_session_stop(gd_session *session, bool stop);
void gd_session_close(gd_session *session); /* NULL is fine */

#endif
