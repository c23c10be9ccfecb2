/* Layouts of values: Keras keeps channels last, ONNX's convolutions want them first. A value stays first until a layer
 * needs Keras's order. */
#include "model/keras/keras.h"
#include <string.h>

/* The same value in the other layout, made once. */
static const char *other_layout(gd_keras *k, const char *name, const int64_t *permutation, int rank)
{
	if (!name || k->status != GD_OK)
		return NULL;
	json_t *known = json_object_get(k->moved, name);
	if (known)
		return gd_keras_text(k, json_string_value(known));
	const char *other = gd_put_transpose(k, name, permutation, rank);
	if (other && (json_object_set_new(k->moved, name, json_string(other)) != 0 ||
			json_object_set_new(k->moved, other, json_string(name)) != 0))
		(void)gd_keras_memory(k);
	return other;
}

gd_flow gd_flow_moved(gd_keras *k, gd_flow flow)
{
	int rank = flow.shape.rank;
	if (flow.moved || rank < 3)
		return flow;
	int64_t permutation[GD_MAX_RANK] = { 0, rank - 1 };
	for (int i = 2; i < rank; i++)
		permutation[i] = i - 1;
	flow.name = other_layout(k, flow.name, permutation, rank);
	flow.moved = true;
	return flow;
}

gd_flow gd_flow_plain(gd_keras *k, gd_flow flow)
{
	int rank = flow.shape.rank;
	if (!flow.moved)
		return flow;
	int64_t permutation[GD_MAX_RANK] = { 0 };
	for (int i = 1; i < rank - 1; i++)
		permutation[i] = i + 1;
	permutation[rank - 1] = 1;
	flow.name = other_layout(k, flow.name, permutation, rank);
	flow.moved = false;
	return flow;
}

int gd_flow_axis(const gd_flow *flow, int axis)
{
	if (!flow->moved || axis == 0)
		return axis;
	return axis == flow->shape.rank - 1 ? 1 : axis + 1;
}

gd_shape gd_flow_graph_shape(const gd_flow *flow)
{
	gd_shape shape = flow->shape;
	for (int i = 0; i < shape.rank; i++)
		shape.dim[gd_flow_axis(flow, i)] = flow->shape.dim[i];
	return shape;
}

gd_flow gd_flow_float(gd_keras *k, gd_flow flow)
{
	if (flow.type != GD_F32) {
		flow.name = gd_put_cast(k, flow.name, GD_F32);
		flow.type = GD_F32;
	}
	return flow;
}

const char *gd_flow_bool(gd_keras *k, const gd_flow *flow)
{
	return flow->type == GD_BOOL ? flow->name : gd_put_cast(k, flow->name, GD_BOOL);
}

gd_flow gd_keras_in(gd_keras *k, gd_keras_call *call, int low_rank, int high_rank)
{
	if (call->in_count < 1) {
		(void)gd_keras_fail(k, GD_E_INPUT, "is called without an input");
		return (gd_flow){ .shape.rank = low_rank };
	}
	gd_flow flow = call->in[0];
	if (flow.shape.rank < low_rank || flow.shape.rank > high_rank) {
		const char *shape = gd_shape_text(&flow.shape, &k->model->arena);
		(void)gd_keras_fail(k, GD_E_INPUT, "its input has the shape %s, expected %d%s dimensions", shape ? shape : "?", low_rank,
			high_rank > low_rank ? " or more" : "");
		flow.shape.rank = low_rank;
	}
	for (size_t i = 1; i < call->in_count; i++) /* Keras 3 writes masks out as an argument */
		if (strcmp(call->keyword[i], "mask") == 0)
			flow.mask = call->in[i].type == GD_BOOL ? call->in[i].name : gd_put_cast(k, call->in[i].name, GD_BOOL);
	return gd_flow_float(k, flow);
}

gd_status gd_keras_out(gd_keras *k, gd_keras_call *call, gd_flow flow)
{
	call->out = gd_keras_new(k, 1, sizeof *call->out);
	if (call->out) {
		call->out[0] = flow;
		call->out_count = 1;
	}
	return k->status;
}

gd_status gd_keras_out2(gd_keras *k, gd_keras_call *call, gd_flow first, gd_flow second)
{
	call->out = gd_keras_new(k, 2, sizeof *call->out);
	if (call->out) {
		call->out[0] = first;
		call->out[1] = second;
		call->out_count = 2;
	}
	return k->status;
}

void gd_keras_dim(gd_keras *k, gd_shape *shape, int axis, int64_t value)
{
	if (value > INT32_MAX || value == 0 || value < -1) {
		(void)gd_keras_fail(k, GD_E_INPUT, "dimension %d of its output would be %lld", axis, (long long)value);
		value = 1;
	}
	shape->dim[axis] = value;
}
