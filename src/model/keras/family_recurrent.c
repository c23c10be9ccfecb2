/* SimpleRNN, LSTM, GRU and Bidirectional, with masks and directions as Keras defines them.
 *
 * A masked step keeps the state and repeats the last output. So the steps that count are brought to the front, the
 * recurrence runs over them, and every step takes the output of the last one that counted up to it; outputs behind those
 * that count are never looked at. This is right for any mask and needs no loop in the graph.
 */
#include "model/keras/family.h"
#include "model/keras/recurrent.h"
#include <string.h>

static const char *reversed(gd_keras *k, const char *x)
{
	const char *in[] = { x, gd_put_axes(k, -1), gd_put_axes(k, INT64_MIN + 1), gd_put_axes(k, 1), gd_put_axes(k, -1) };
	return gd_put_list(k, "Slice", in, 5);
}

typedef struct {
	const char *order;   /* (batch, steps, 1): which step stands at each place, those that count first */
	const char *place;   /* (batch, steps, 1): at which place a step's output stands */
	const char *begun;   /* (batch, steps, 1) of bool: a step that counts has come */
	const char *lengths; /* (batch) of int32, at least 1 */
	const char *any;     /* (batch, 1) of bool: some step counts */
	const char *mask;    /* (batch, steps, 1) */
} compaction;

static compaction compact(gd_keras *k, const char *mask)
{
	compaction c = { .mask = gd_put2(k, "Unsqueeze", mask, gd_put_axes(k, 2)) };
	const char *counts = gd_put_cast(k, mask, GD_F32), *axis = gd_put2(k, "Squeeze", gd_put_axes(k, 1), gd_put_axes(k, 0));
	const char *ones = gd_put_cast(k, gd_put2(k, "GreaterOrEqual", counts, gd_put_scalar(k, 0)), GD_F32);
	const char *position = gd_put2(k, "CumSum", ones, axis), *so_far = gd_put2(k, "CumSum", counts, axis);
	/* Largest first: those that count before the others, each in their order. Whole numbers below 2^24 are exact. */
	const char *key = gd_put2(k, "Sub", gd_put2(k, "Mul", counts, gd_put_scalar(k, 4194304)), position);
	const char *steps = gd_put_slice(k, gd_put(k, "Shape", mask), 0, 1, 2);
	(void)gd_put2(k, "TopK", key, steps);
	const char *order = k->status == GD_OK ? gd_builder_more(&k->builder, NULL) : NULL;
	gd_put_int(k, "axis", 1);
	c.order = gd_put2(k, "Unsqueeze", order, gd_put_axes(k, 2));
	const char *before = gd_put2(k, "Max", gd_put2(k, "Sub", so_far, gd_put_scalar(k, 1)), gd_put_scalar(k, 0));
	c.place = gd_put2(k, "Unsqueeze", gd_put_cast(k, before, GD_I64), gd_put_axes(k, 2));
	c.begun = gd_put2(k, "Unsqueeze", gd_put2(k, "Greater", so_far, gd_put_scalar(k, 0)), gd_put_axes(k, 2));
	const char *total = gd_put2(k, "ReduceSum", counts, gd_put_axes(k, 1));
	gd_put_int(k, "keepdims", 1);
	c.any = gd_put2(k, "Greater", total, gd_put_scalar(k, 0));
	const char *length = gd_put2(k, "Squeeze", gd_put2(k, "Max", total, gd_put_scalar(k, 1)), gd_put_axes(k, 1));
	c.lengths = gd_put_cast(k, length, GD_I32);
	return c;
}

static const char *gather(gd_keras *k, const char *x, const char *places)
{
	const char *y = gd_put2(k, "GatherND", x, places);
	gd_put_int(k, "batch_dims", 1);
	return y;
}

/* The state after the last step that counts; without any, what it was. */
static const char *kept_state(gd_keras *k, const gd_cell *cell, const compaction *c, const char *last, const char *initial, const char *x)
{
	return last ? gd_put3(k, "Where", c->any, last, initial ? initial : gd_cell_zeros(k, cell, x)) : NULL;
}

static const char *run(gd_keras *k, gd_cell *cell, const char *x, const char *mask, bool states)
{
	bool fits = gd_cell_fits(cell);
	if (!mask)
		return fits ? gd_cell_run(k, cell, x, NULL) : gd_cell_unroll(k, cell, x);
	compaction c = compact(k, mask);
	const char *front = gather(k, x, c.order);
	if (states && !fits)
		(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "gives its states after masked steps with activations that dlguider computes step by step");
	const char *y = fits ? gd_cell_run(k, cell, front, states ? c.lengths : NULL) : gd_cell_unroll(k, cell, front);
	if (states) {
		cell->last_h = kept_state(k, cell, &c, cell->last_h, cell->initial_h, x);
		cell->last_c = kept_state(k, cell, &c, cell->last_c, cell->initial_c, x);
	}
	y = gd_put3(k, "Where", c.begun, gather(k, y, c.place), gd_put_scalar(k, 0));
	if (gd_keras_flag(k, "zero_output_for_mask", false))
		y = gd_put3(k, "Where", c.mask, y, gd_put_scalar(k, 0));
	return y;
}

static const char *activation(gd_keras *k, const char *key, const char *otherwise)
{
	json_t *value = gd_keras_get(k->now, key);
	if (value && json_is_object(value) && json_is_object(json_object_get(value, "config")))
		(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "has a layer as %s, which dlguider does not know", key);
	return value ? gd_keras_text(k, gd_keras_activation_name(value)) : otherwise;
}

static gd_cell read_cell(gd_keras *k, gd_recurrence kind, const gd_flow *flow)
{
	gd_cell cell = { .kind = kind, .features = flow->shape.dim[2], .steps = flow->shape.dim[1] };
	cell.units = gd_keras_whole(k, "units", 1, GD_KERAS_MAX_UNITS);
	cell.biased = gd_keras_flag(k, "use_bias", true);
	cell.reset_after = kind == GD_GRU && gd_keras_flag(k, "reset_after", k->version >= 3);
	cell.activation = activation(k, "activation", gd_keras_get(k->now, "cell") ? "tanh" : "linear");
	cell.recurrent_activation = kind == GD_SIMPLE_RNN ? "linear" : activation(k, "recurrent_activation", "sigmoid");
	if (cell.features < 1)
		(void)gd_keras_fail(k, GD_E_INPUT, "the number of features of its input is not known");
	return cell;
}

/* What else is given to the call: initial states, or a mask of its own. */
static void read_extras(gd_keras *k, gd_keras_call *call, gd_cell *cell, gd_flow *flow)
{
	int states = 0;
	for (size_t i = 1; i < call->in_count; i++) {
		if (strcmp(call->keyword[i], "mask") == 0) {
			flow->mask = call->in[i].type == GD_BOOL ? call->in[i].name : gd_put_cast(k, call->in[i].name, GD_BOOL);
			continue;
		}
		bool fits = call->in[i].shape.rank == 2 && call->in[i].shape.dim[1] == cell->units && states < (cell->kind == GD_LSTM ? 2 : 1);
		if (!fits)
			(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "is given an input besides its steps and its initial states");
		*(states++ ? &cell->initial_c : &cell->initial_h) = call->in[i].name;
	}
}

static gd_status finish(gd_keras *k, gd_keras_call *call, const gd_cell *cell, gd_flow flow, bool states)
{
	bool sequences = gd_keras_flag(k, "return_sequences", false);
	gd_shape state = { .rank = 2, .dim = { flow.shape.dim[0], cell->units } };
	flow.shape.dim[2] = cell->units;
	flow.channels = -1;
	if (!sequences) {
		flow.shape = state;
		flow.mask = NULL;
	}
	call->out_count = states ? cell->kind == GD_LSTM ? 3 : 2 : 1;
	call->out = gd_keras_new(k, call->out_count, sizeof *call->out);
	if (!call->out)
		return k->status;
	call->out[0] = flow;
	for (size_t i = 1; i < call->out_count; i++)
		call->out[i] = (gd_flow){ .name = i == 1 ? cell->last_h : cell->last_c, .type = GD_F32, .shape = state, .channels = -1 };
	return k->status;
}

static gd_status recur(gd_keras *k, gd_keras_call *call, gd_recurrence kind)
{
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 3, 3));
	gd_cell cell = read_cell(k, kind, &flow);
	bool states = gd_keras_flag(k, "return_state", false), sequences = gd_keras_flag(k, "return_sequences", false);
	bool backwards = gd_keras_flag(k, "go_backwards", false);
	read_extras(k, call, &cell, &flow);
	if (k->status != GD_OK)
		return k->status;
	const char *x = backwards ? reversed(k, flow.name) : flow.name;
	const char *mask = flow.mask && backwards ? reversed(k, flow.mask) : flow.mask;
	bool zeroed = mask && gd_keras_flag(k, "zero_output_for_mask", false);
	const char *y = run(k, &cell, x, mask, states);
	if (sequences)
		flow.name = y;
	else if (!mask && !zeroed)
		flow.name = cell.last_h;
	else
		flow.name = gd_put2(k, "Squeeze", gd_put_slice(k, y, 1, -1, INT64_MAX), gd_put_axes(k, 1));
	return finish(k, call, &cell, flow, states);
}

gd_status gd_family_simple_rnn(gd_keras *k, gd_keras_call *call)
{
	return recur(k, call, GD_SIMPLE_RNN);
}

gd_status gd_family_lstm(gd_keras *k, gd_keras_call *call)
{
	return recur(k, call, GD_LSTM);
}

gd_status gd_family_gru(gd_keras *k, gd_keras_call *call)
{
	return recur(k, call, GD_GRU);
}

/* One direction's call: the steps, its half of the initial states, and a mask that is given to both. */
static gd_keras_call half(gd_keras *k, const gd_keras_call *call, size_t direction)
{
	size_t states = 0, seen = 0;
	for (size_t i = 1; i < call->in_count; i++)
		states += strcmp(call->keyword[i], "mask") != 0;
	gd_flow *in = gd_keras_new(k, call->in_count, sizeof *in);
	const char **keyword = gd_keras_new(k, call->in_count, sizeof *keyword);
	gd_keras_call part = { .in = in, .keyword = keyword };
	if (states % 2 != 0)
		(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "is given %zu initial states, which two directions cannot share", states);
	for (size_t i = 0; in && keyword && i < call->in_count; i++) {
		bool state = i > 0 && strcmp(call->keyword[i], "mask") != 0;
		if (state && seen++ / (states / 2 ? states / 2 : 1) != direction)
			continue;
		in[part.in_count] = call->in[i];
		keyword[part.in_count++] = call->keyword[i];
	}
	return part;
}

static gd_flow merge(gd_keras *k, const char *mode, gd_flow a, gd_flow b)
{
	int last = a.shape.rank - 1;
	if (strcmp(mode, "concat") == 0) {
		a.name = gd_put2(k, "Concat", a.name, b.name);
		gd_put_int(k, "axis", last);
		gd_keras_dim(k, &a.shape, last, a.shape.dim[last] + b.shape.dim[last]);
		return a;
	}
	a.name = gd_put2(k, strcmp(mode, "mul") == 0 ? "Mul" : "Add", a.name, b.name);
	if (strcmp(mode, "ave") == 0)
		a.name = gd_put2(k, "Mul", a.name, gd_put_scalar(k, 0.5));
	return a;
}

gd_status gd_family_bidirectional(gd_keras *k, gd_keras_call *call)
{
	static const char *const modes[] = { "concat", "sum", "ave", "mul", NULL };
	bool apart = json_is_null(json_object_get(k->now->config, "merge_mode"));
	const char *mode = modes[gd_keras_choice(k, "merge_mode", modes, 0)];
	gd_keras_layer *wrapper = k->now;
	if (!wrapper->inner[0] || !wrapper->inner[1] || wrapper->inner[0]->family->family != GD_FAMILY_RECURRENT)
		return gd_keras_fail(k, GD_E_UNSUPPORTED, "is a Bidirectional of something that is no recurrent layer");
	gd_keras_call forward = half(k, call, 0), backward = half(k, call, 1);
	if (gd_keras_translate_inner(k, wrapper->inner[0], &forward) != GD_OK || gd_keras_translate_inner(k, wrapper->inner[1], &backward) != GD_OK)
		return k->status;
	if (backward.out[0].shape.rank == 3)
		backward.out[0].name = reversed(k, backward.out[0].name);
	if (backward.out[0].shape.rank != forward.out[0].shape.rank || backward.out_count != forward.out_count)
		return gd_keras_fail(k, GD_E_INPUT, "its two layers give out different things");
	size_t states = forward.out_count - 1, first = apart ? 2 : 1;
	call->out_count = first + 2 * states;
	call->out = gd_keras_new(k, call->out_count, sizeof *call->out);
	if (!call->out)
		return k->status;
	call->out[0] = apart ? forward.out[0] : merge(k, mode, forward.out[0], backward.out[0]);
	if (apart)
		call->out[1] = backward.out[0];
	for (size_t i = 0; i < states; i++) {
		call->out[first + i] = forward.out[1 + i];
		call->out[first + states + i] = backward.out[1 + i];
	}
	return k->status;
}
