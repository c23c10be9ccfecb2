/* probes.h - the ONNX nodes that a session appends to a model, and what is left to do once they have run. For this room
 * only.
 *
 * A probe reads a value, casts it to float32, brings the batch to the front and reduces it, all in the graph. What the
 * graph cannot do without knowing the value's rank is done afterwards by gd_fetch_settle.
 */
#ifndef GD_ENGINE_PROBES_H
#define GD_ENGINE_PROBES_H
#include "engine/session.h"

typedef struct {
	const char *name;  /* the graph output to ask for */
	const char *value; /* what the user knows it by; for messages */
	int channel_axis;  /* of the fetched array; -1: the last */
	gd_reduce reduce;  /* still to be done */
	bool channels_last; /* still to be done */
	bool as_matrix;    /* neuron values: rank 1 becomes (n, 1) */
} gd_fetch;

/* fetches has probe_count + 1 places: the model's output, then the probes. part gets the bytes to append (none when there
 * is nothing to append). */
GD_MUST_USE gd_status gd_probes_append(const gd_model *model, const gd_probe *probes, size_t probe_count, gd_arena *arena,
	gd_fetch *fetches, gd_text *part, gd_error *err);

/* The shape after what is left to do; needs_copy says whether the numbers move. from is float32. */
GD_MUST_USE gd_status gd_fetch_shape(const gd_fetch *fetch, const gd_array *from, gd_shape *shape, bool *needs_copy, gd_error *err);
/* Writes `tests` tests in that shape to out. */
void gd_fetch_settle(const gd_fetch *fetch, const gd_array *from, size_t tests, float *out);

#endif
