/* attention.h - what the attention layers share. */
#ifndef GD_KERAS_ATTENTION_H
#define GD_KERAS_ATTENTION_H
#include "model/keras/keras.h"

/* (1, 1, T, S) of bool for a query (batch, T, ...) and a value (batch, S, ...): step t looks at steps up to t. */
const char *gd_causal_mask(gd_keras *k, const char *query, const char *value);

#endif
