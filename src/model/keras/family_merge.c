/* Layers that take several values: Add, Multiply, Concatenate, Dot ... */
#include "model/keras/family.h"
#include <string.h>

typedef struct {
	gd_flow *flows;
	size_t count;
} operands;

/* All inputs in one layout; of different ranks, Keras puts axes of size 1 behind the batch. */
static operands read_operands(gd_keras *k, gd_keras_call *call, size_t least)
{
	operands o = { gd_keras_new(k, call->in_count, sizeof *o.flows), call->in_count };
	int rank = 0, same = 1;
	bool moved = false;
	if (call->in_count < least)
		(void)gd_keras_fail(k, GD_E_INPUT, "takes at least %zu inputs and is given %zu", least, call->in_count);
	if (k->status != GD_OK)
		return (operands){ NULL, 0 };
	for (size_t i = 0; i < o.count; i++) {
		o.flows[i] = gd_flow_float(k, call->in[i]);
		same = same && (i == 0 || call->in[i].shape.rank == rank);
		rank = call->in[i].shape.rank > rank ? call->in[i].shape.rank : rank;
		moved = moved || call->in[i].moved;
	}
	for (size_t i = 0; i < o.count; i++) {
		gd_flow *flow = &o.flows[i];
		*flow = same && moved ? gd_flow_moved(k, *flow) : gd_flow_plain(k, *flow);
		for (; flow->shape.rank < rank && flow->shape.rank > 0; flow->shape.rank++) {
			flow->name = gd_put2(k, "Unsqueeze", flow->name, gd_put_axes(k, 1));
			memmove(&flow->shape.dim[2], &flow->shape.dim[1], (size_t)(flow->shape.rank - 1) * sizeof flow->shape.dim[0]);
			flow->shape.dim[1] = 1;
		}
	}
	return o;
}

static void broadcast(gd_keras *k, gd_shape *shape, const gd_shape *with)
{
	for (int i = 0; i < shape->rank; i++) {
		int64_t a = shape->dim[i], b = with->dim[i];
		if (a != b && a > 1 && b > 1)
			(void)gd_keras_fail(k, GD_E_INPUT, "its inputs have %lld and %lld in dimension %d", (long long)a, (long long)b, i);
		if (i == 0)
			shape->dim[i] = a < 0 ? b : a;
		else
			shape->dim[i] = a == 1 ? b : a < 0 && b > 1 ? b : a;
	}
}

/* A step counts when it does in any input; without a mask on one, in all. */
static const char *either_mask(gd_keras *k, const operands *o)
{
	const char *mask = o->count ? o->flows[0].mask : NULL;
	for (size_t i = 1; i < o->count; i++) {
		if (!mask || !o->flows[i].mask)
			return NULL;
		if (strcmp(mask, o->flows[i].mask) != 0)
			mask = gd_put2(k, "Or", mask, o->flows[i].mask);
	}
	return mask;
}

static gd_status fold(gd_keras *k, gd_keras_call *call, const char *op, bool average)
{
	operands o = read_operands(k, call, 1);
	if (k->status != GD_OK)
		return k->status;
	gd_flow flow = o.flows[0];
	flow.mask = either_mask(k, &o);
	for (size_t i = 1; i < o.count; i++) {
		flow.name = gd_put2(k, op, flow.name, o.flows[i].name);
		broadcast(k, &flow.shape, &o.flows[i].shape);
		if (o.flows[i].channels != flow.channels)
			flow.channels = -1;
	}
	if (average)
		flow.name = gd_put2(k, "Mul", flow.name, gd_put_scalar(k, 1.0 / (double)o.count));
	return gd_keras_out(k, call, flow);
}

gd_status gd_family_add(gd_keras *k, gd_keras_call *call)
{
	return fold(k, call, "Add", false);
}

gd_status gd_family_subtract(gd_keras *k, gd_keras_call *call)
{
	if (call->in_count != 2)
		return gd_keras_fail(k, GD_E_INPUT, "takes 2 inputs and is given %zu", call->in_count);
	return fold(k, call, "Sub", false);
}

gd_status gd_family_multiply(gd_keras *k, gd_keras_call *call)
{
	return fold(k, call, "Mul", false);
}

gd_status gd_family_average(gd_keras *k, gd_keras_call *call)
{
	return fold(k, call, "Add", true);
}

gd_status gd_family_maximum(gd_keras *k, gd_keras_call *call)
{
	return fold(k, call, "Max", false);
}

gd_status gd_family_minimum(gd_keras *k, gd_keras_call *call)
{
	return fold(k, call, "Min", false);
}

/* A mask of the flow's first two axes that lets everything through. */
static const char *open_mask(gd_keras *k, const gd_flow *flow)
{
	const char *two = gd_put_slice(k, gd_put(k, "Shape", flow->name), 0, 0, 2);
	return gd_put2(k, "Expand", gd_put_cast(k, gd_put_axes(k, 1), GD_BOOL), two);
}

static const char *joined_mask(gd_keras *k, const operands *o, int axis)
{
	bool any = false;
	for (size_t i = 0; i < o->count; i++)
		any = any || o->flows[i].mask;
	if (!any || o->flows[0].shape.rank != 3)
		return NULL;
	if (axis == 2)
		return either_mask(k, o);
	const char **masks = gd_keras_new(k, o->count, sizeof *masks);
	for (size_t i = 0; masks && i < o->count; i++)
		masks[i] = o->flows[i].mask ? o->flows[i].mask : open_mask(k, &o->flows[i]);
	const char *mask = masks ? gd_put_list(k, "Concat", masks, o->count) : NULL;
	gd_put_int(k, "axis", 1);
	return mask;
}

gd_status gd_family_concatenate(gd_keras *k, gd_keras_call *call)
{
	operands o = read_operands(k, call, 1);
	if (k->status != GD_OK)
		return k->status;
	gd_flow flow = o.flows[0];
	int axis = gd_keras_axis(k, "axis", gd_keras_whole_or(k, "axis", -1, -GD_MAX_RANK, GD_MAX_RANK), flow.shape.rank);
	const char **names = gd_keras_new(k, o.count, sizeof *names);
	for (size_t i = 0; names && i < o.count; i++) {
		int64_t a = flow.shape.dim[axis], b = o.flows[i].shape.dim[axis];
		names[i] = o.flows[i].name;
		if (call->in[i].shape.rank != flow.shape.rank)
			return gd_keras_fail(k, GD_E_INPUT, "its inputs have different numbers of dimensions");
		for (int d = 1; d < flow.shape.rank; d++)
			if (d != axis && flow.shape.dim[d] > 0 && o.flows[i].shape.dim[d] > 0 && flow.shape.dim[d] != o.flows[i].shape.dim[d])
				return gd_keras_fail(k, GD_E_INPUT, "its inputs have %lld and %lld in dimension %d", (long long)flow.shape.dim[d],
					(long long)o.flows[i].shape.dim[d], d);
		if (i > 0)
			gd_keras_dim(k, &flow.shape, axis, a < 0 || b < 0 ? -1 : a + b);
	}
	flow.mask = joined_mask(k, &o, axis);
	flow.name = names ? gd_put_list(k, "Concat", names, o.count) : NULL;
	gd_put_int(k, "axis", gd_flow_axis(&flow, axis));
	return gd_keras_out(k, call, flow);
}

static const char *unit_length(gd_keras *k, const char *x, int axis)
{
	const char *sum = gd_put2(k, "ReduceSum", gd_put2(k, "Mul", x, x), gd_put_axes(k, axis));
	gd_put_int(k, "keepdims", 1);
	return gd_put2(k, "Div", x, gd_put(k, "Sqrt", gd_put2(k, "Max", sum, gd_put_scalar(k, 1e-12))));
}

/* One operand as a matrix per test: (rest, contracted) or (contracted, rest); without a rest, 1 stands for it. */
static const char *as_matrix(gd_keras *k, gd_flow *flow, int axis, bool contracted_last)
{
	if (flow->shape.rank == 2)
		return gd_put2(k, "Unsqueeze", flow->name, gd_put_axes(k, contracted_last ? 1 : 2));
	bool is_last = axis == 2;
	return is_last == contracted_last ? flow->name : gd_put_transpose(k, flow->name, (int64_t[]){ 0, 2, 1 }, 3);
}

gd_status gd_family_dot(gd_keras *k, gd_keras_call *call)
{
	int64_t axes[GD_MAX_RANK];
	if (call->in_count != 2)
		return gd_keras_fail(k, GD_E_INPUT, "takes 2 inputs and is given %zu", call->in_count);
	gd_flow a = gd_flow_plain(k, gd_flow_float(k, call->in[0])), b = gd_flow_plain(k, gd_flow_float(k, call->in[1]));
	if (a.shape.rank < 2 || b.shape.rank < 2 || a.shape.rank > 3 || b.shape.rank > 3)
		return gd_keras_fail(k, GD_E_UNSUPPORTED, "is a Dot of %d and %d dimensions, which dlguider knows for 2 and 3 only", a.shape.rank,
			b.shape.rank);
	int count = gd_keras_list(k, "axes", -GD_MAX_RANK, GD_MAX_RANK, axes);
	int first = gd_keras_axis(k, "axes", axes[0], a.shape.rank), second = gd_keras_axis(k, "axes", axes[count == 2], b.shape.rank);
	if (first == 0 || second == 0)
		return gd_keras_fail(k, GD_E_INPUT, "axes must not be the batch");
	if (gd_keras_flag(k, "normalize", false)) {
		a.name = unit_length(k, a.name, first);
		b.name = unit_length(k, b.name, second);
	}
	const char *left = as_matrix(k, &a, first, true), *right = as_matrix(k, &b, second, false);
	gd_shape shape = { .rank = 1, .dim = { a.shape.dim[0] } };
	int64_t dims[3] = { 0 };
	if (a.shape.rank == 3)
		shape.dim[shape.rank++] = a.shape.dim[3 - first];
	if (b.shape.rank == 3)
		shape.dim[shape.rank++] = b.shape.dim[3 - second];
	a.name = gd_put2(k, "MatMul", left, right);
	if (shape.rank == 1)
		shape.dim[shape.rank++] = 1;
	if (shape.rank == 2) {
		dims[1] = -1; /* of (batch, 1, rest) or (batch, rest, 1) */
		a.name = gd_put_reshape(k, a.name, dims, 2);
	}
	a.shape = shape;
	a.channels = -1;
	a.mask = NULL;
	return gd_keras_out(k, call, a);
}
