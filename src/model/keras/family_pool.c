/* Pooling over windows and over all places. */
#include "model/keras/family.h"
#include "model/keras/image.h"

static gd_status pool(gd_keras *k, gd_keras_call *call, int spatial, const char *op)
{
	gd_image image = gd_image_in(k, call, spatial);
	gd_keras_sizes(k, "pool_size", spatial, 2, 1, 1 << 16, image.kernel);
	if (!gd_keras_get(k->now, "strides")) /* null: the window's own size */
		for (int i = 0; i < spatial; i++)
			image.strides[i] = image.kernel[i];
	image.flow.name = gd_put(k, op, image.flow.name);
	gd_put_ints(k, "kernel_shape", image.kernel, (size_t)spatial);
	gd_image_window(k, &image, false);
	image.flow.mask = NULL;
	return gd_keras_out(k, call, image.flow);
}

gd_status gd_family_max1d(gd_keras *k, gd_keras_call *call)
{
	return pool(k, call, 1, "MaxPool");
}

gd_status gd_family_max2d(gd_keras *k, gd_keras_call *call)
{
	return pool(k, call, 2, "MaxPool");
}

gd_status gd_family_max3d(gd_keras *k, gd_keras_call *call)
{
	return pool(k, call, 3, "MaxPool");
}

gd_status gd_family_average1d(gd_keras *k, gd_keras_call *call)
{
	return pool(k, call, 1, "AveragePool");
}

gd_status gd_family_average2d(gd_keras *k, gd_keras_call *call)
{
	return pool(k, call, 2, "AveragePool");
}

gd_status gd_family_average3d(gd_keras *k, gd_keras_call *call)
{
	return pool(k, call, 3, "AveragePool");
}

/* Reduced in whatever layout the value has, so no transpose is needed. */
static gd_status reduce(gd_keras *k, gd_keras_call *call, gd_flow flow, int spatial, const char *op)
{
	bool last = gd_keras_channels_last(k), keep = gd_keras_flag(k, "keepdims", false);
	int64_t axes[GD_MAX_RANK];
	int first = last ? 1 : 2;
	for (int i = 0; i < spatial; i++)
		axes[i] = gd_flow_axis(&flow, first + i);
	flow.name = gd_put2(k, op, flow.name, gd_put_integers(k, axes, (size_t)spatial));
	gd_put_int(k, "keepdims", keep);
	for (int i = 0; i < spatial; i++)
		flow.shape.dim[first + i] = 1;
	flow.channels = last ? -1 : 1;
	flow.mask = NULL;
	if (!keep) {
		int64_t channels = flow.shape.dim[last ? spatial + 1 : 1];
		flow.shape = (gd_shape){ .rank = 2, .dim = { flow.shape.dim[0], channels } };
		flow.moved = false;
		flow.channels = -1;
	}
	return gd_keras_out(k, call, flow);
}

static gd_status global(gd_keras *k, gd_keras_call *call, int spatial, const char *op)
{
	return reduce(k, call, gd_keras_in(k, call, spatial + 2, spatial + 2), spatial, op);
}

/* Only the steps that the mask lets through count. */
static gd_status masked_mean(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 3, 3));
	bool last = gd_keras_channels_last(k), keep = gd_keras_flag(k, "keepdims", false);
	int steps = last ? 1 : 2, units = last ? 2 : 1;
	const char *axis = gd_put_axes(k, steps);
	const char *mask = gd_put2(k, "Unsqueeze", gd_put_cast(k, flow.mask, GD_F32), gd_put_axes(k, units));
	const char *sum = gd_put2(k, "ReduceSum", gd_put2(k, "Mul", flow.name, mask), axis);
	gd_put_int(k, "keepdims", keep);
	const char *count = gd_put2(k, "ReduceSum", mask, axis);
	gd_put_int(k, "keepdims", keep);
	flow.name = gd_put2(k, "Div", sum, count);
	flow.shape.dim[steps] = 1;
	if (!keep)
		flow.shape = (gd_shape){ .rank = 2, .dim = { flow.shape.dim[0], flow.shape.dim[units] } };
	flow.channels = keep && !last ? 1 : -1;
	flow.mask = NULL;
	return gd_keras_out(k, call, flow);
}

gd_status gd_family_global_average1d(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_keras_in(k, call, 3, 3);
	return flow.mask ? masked_mean(k, call) : reduce(k, call, flow, 1, "ReduceMean");
}

gd_status gd_family_global_average2d(gd_keras *k, gd_keras_call *call)
{
	return global(k, call, 2, "ReduceMean");
}

gd_status gd_family_global_average3d(gd_keras *k, gd_keras_call *call)
{
	return global(k, call, 3, "ReduceMean");
}

gd_status gd_family_global_max1d(gd_keras *k, gd_keras_call *call)
{
	return global(k, call, 1, "ReduceMax");
}

gd_status gd_family_global_max2d(gd_keras *k, gd_keras_call *call)
{
	return global(k, call, 2, "ReduceMax");
}

gd_status gd_family_global_max3d(gd_keras *k, gd_keras_call *call)
{
	return global(k, call, 3, "ReduceMax");
}
