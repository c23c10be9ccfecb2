/* recurrent.h - one run of a recurrence over the steps of a value, without masks and directions: those are handled
 * around it. */
#ifndef GD_KERAS_RECURRENT_H
#define GD_KERAS_RECURRENT_H
#include "model/keras/keras.h"

typedef enum { GD_SIMPLE_RNN, GD_LSTM, GD_GRU } gd_recurrence;

typedef struct {
	gd_recurrence kind;
	int64_t features, units, steps; /* steps -1: not known */
	bool biased, reset_after;
	const char *activation, *recurrent_activation;
	const char *initial_h, *initial_c; /* (batch, units); NULL: zeros */
	const char *last_h, *last_c;       /* out, where the ONNX operator runs it */
} gd_cell;

/* (batch, steps, features) to (batch, steps, units); lengths (batch) of int32 or NULL: after how many steps last_h and
 * last_c are taken. */
const char *gd_cell_run(gd_keras *k, gd_cell *cell, const char *x, const char *lengths);
/* The same with a node for every step, for activations that ONNX's operators do not have. */
const char *gd_cell_unroll(gd_keras *k, gd_cell *cell, const char *x);
/* Whether ONNX's operator has both activations. */
bool gd_cell_fits(const gd_cell *cell);
const char *gd_cell_zeros(gd_keras *k, const gd_cell *cell, const char *x);

#endif
