/* row.h - a Keras layer as a row of the model's layer table: made before the walk (so that rows stand in the file's
 * order), filled at the layer's calls, closed after the walk. */
#ifndef GD_KERAS_ROW_H
#define GD_KERAS_ROW_H
#include "model/keras/keras.h"

/* One row for every layer of net that is no nested model; of nested models' InputLayers none. */
gd_status gd_keras_rows_make(gd_keras *k, gd_keras_net *net);
/* After each call: the first sets the inputs, the last the output. */
gd_status gd_keras_row_called(gd_keras *k, gd_keras_layer *layer, const gd_keras_call *call);
/* Where the values that a row names have been given to another name or layout. */
void gd_keras_row_output(gd_keras *k, gd_layer *row, const gd_flow *flow);
/* Weights, settings and the number of parameters. */
gd_status gd_keras_rows_close(gd_keras *k, gd_keras_net *net);

#endif
