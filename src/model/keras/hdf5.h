/* hdf5.h - weights in HDF5 files as tensors; the rest of the reader is base/hdf5.h. */
#ifndef GD_KERAS_HDF5_H
#define GD_KERAS_HDF5_H
#include "base/hdf5.h"
#include "model/model.h"

/* A dataset as a view into the file. name is for messages, and copied for the tensor. */
GD_MUST_USE gd_status gd_h5_tensor(gd_h5 *h5, gd_h5_object dataset, const char *name, gd_tensor *out, gd_error *err);

#endif
