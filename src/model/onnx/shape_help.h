/* shape_help.h - small arithmetic on sizes that the shape rules share. Pure. A size of -1 is not known.
 */
#ifndef GD_ONNX_SHAPE_HELP_H
#define GD_ONNX_SHAPE_HELP_H
#include "model/onnx/file.h"

static inline int64_t gd_dims_times(int64_t a, int64_t b)
{
	int64_t product;
	return a < 0 || b < 0 || __builtin_mul_overflow(a, b, &product) || product > INT32_MAX ? -1 : product;
}

static inline int gd_onnx_axis(const gd_onnx_step *step, const char *name, int64_t otherwise, int rank)
{
	int64_t axis = gd_node_integer(step->node, name, otherwise);
	if (rank < 0 || axis < -(int64_t)rank || axis > rank) /* before adding: the file may say INT64_MIN */
		return -1;
	return (int)(axis < 0 ? axis + rank : axis);
}

static inline void gd_onnx_copy(gd_onnx_value *to, const gd_onnx_value *from)
{
	to->type = from->type;
	to->shape = from->shape;
	to->channel = from->channel;
	to->batch = from->batch;
}

static inline bool gd_dim_sane(int64_t value)
{
	return value >= -INT32_MAX && value <= INT32_MAX;
}

#endif
