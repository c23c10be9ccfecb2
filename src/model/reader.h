/* reader.h - what a reader of model files gives to reader.c. `bytes` stay valid as long as the model. */
#ifndef GD_READER_H
#define GD_READER_H
#include "model/model.h"

/* model comes with path, format, arena ready; the reader fills graph, layers, training, producer, notes, and onnx (or
 * leaves onnx.bytes NULL to have graph encoded). On failure the caller frees everything. */
typedef gd_status (*gd_read_model)(gd_model *model, gd_bytes bytes, const gd_model_limits *limits, gd_error *err);

gd_status gd_keras_read_archive(gd_model *model, gd_bytes bytes, const gd_model_limits *limits, gd_error *err); /* .keras */
gd_status gd_keras_read_h5(gd_model *model, gd_bytes bytes, const gd_model_limits *limits, gd_error *err);      /* .h5 */
gd_status gd_onnx_read(gd_model *model, gd_bytes bytes, const gd_model_limits *limits, gd_error *err);

#endif
