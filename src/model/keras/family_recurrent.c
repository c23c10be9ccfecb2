/* SimpleRNN, LSTM, GRU, RNN of one or several cells, with masks and directions as Keras defines them.
 *
 * A masked step keeps the state and repeats the last output. So the steps that count are brought to the front, the
 * recurrence runs over them, and every step takes the output of the last one that counted up to it; outputs behind those
 * that count are never looked at. This is right for any mask and needs no loop in the graph.
 */
#include "model/keras/family.h"
#include "model/keras/recurrent.h"
#include <string.h>

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

/* The cells that work one behind the other at every step: the layer itself, or those of an RNN. */
typedef struct {
	gd_cell *cells;
	gd_keras_layer **layers;
	size_t count;
} chain;

/* All steps of the first cell, then all steps of the second over what it gives out: the same as step by step. */
static const char *run_chain(gd_keras *k, chain *c, const char *x, const char *lengths)
{
	gd_keras_layer *outer = k->now;
	for (size_t i = 0; i < c->count && k->status == GD_OK; i++) {
		gd_cell *cell = &c->cells[i];
		bool fits = gd_cell_fits(cell);
		if (lengths && !fits)
			(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "gives its states after masked steps with activations that dlguider computes step by step");
		k->now = c->layers[i];
		x = fits ? gd_cell_run(k, cell, x, lengths) : gd_cell_unroll(k, cell, x);
		k->now = outer;
	}
	return x;
}

static const char *run(gd_keras *k, chain *all, const char *x, const char *mask, bool states)
{
	if (!mask)
		return run_chain(k, all, x, NULL);
	compaction c = compact(k, mask);
	const char *y = run_chain(k, all, gather(k, x, c.order), states ? c.lengths : NULL);
	for (size_t i = 0; states && i < all->count; i++) {
		gd_cell *cell = &all->cells[i];
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
	if (!value) /* null: linear */
		return json_object_get(k->now->config, key) ? "linear" : otherwise;
	return gd_keras_text(k, gd_keras_activation_name(value));
}

static gd_cell read_cell(gd_keras *k, gd_recurrence kind, int64_t features, int64_t steps)
{
	gd_cell cell = { .kind = kind, .features = features, .steps = steps };
	cell.units = gd_keras_whole(k, "units", 1, GD_KERAS_MAX_UNITS);
	cell.biased = gd_keras_flag(k, "use_bias", true);
	cell.reset_after = kind == GD_GRU && gd_keras_flag(k, "reset_after", k->version >= 3);
	cell.activation = activation(k, "activation", "tanh");
	cell.recurrent_activation = kind == GD_SIMPLE_RNN ? "linear" : activation(k, "recurrent_activation", "sigmoid");
	if (cell.features < 1)
		(void)gd_keras_fail(k, GD_E_INPUT, "the number of features of its input is not known");
	return cell;
}

static gd_recurrence kind_of(gd_keras *k, const gd_keras_layer *layer)
{
	static const char *const kinds[] = { "SimpleRNN", "LSTM", "GRU" };
	for (int i = 0; i < 3; i++)
		if (strncmp(layer->family->name, kinds[i], strlen(kinds[i])) == 0 && layer->family->specs)
			return (gd_recurrence)i;
	(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "has the cell %.60s, which dlguider does not know", layer->kind);
	return GD_SIMPLE_RNN;
}

static chain read_chain(gd_keras *k, gd_flow *flow)
{
	gd_keras_layer *outer = k->now, *cell = outer->inner_count ? outer->inner[0] : outer;
	bool many = cell->family->nesting == GD_KERAS_CELLS;
	chain c = { .count = many ? cell->inner_count : 1 };
	c.cells = gd_keras_new(k, c.count, sizeof *c.cells);
	c.layers = gd_keras_new(k, c.count, sizeof(gd_keras_layer *));
	int64_t features = flow->shape.dim[2];
	for (size_t i = 0; c.cells && c.layers && i < c.count && k->status == GD_OK; i++) {
		c.layers[i] = k->now = many ? cell->inner[i] : cell;
		c.cells[i] = read_cell(k, kind_of(k, k->now), features, flow->shape.dim[1]);
		features = c.cells[i].units;
		k->now = outer;
	}
	return c;
}

/* The initial states follow each other: h of the first cell, c when it is an LSTM's, h of the second ... */
static const char **next_state(chain *c, size_t at, int64_t *units)
{
	for (size_t i = 0; i < c->count; i++) {
		size_t own = c->cells[i].kind == GD_LSTM ? 2 : 1;
		*units = c->cells[i].units;
		if (at < own)
			return at ? &c->cells[i].initial_c : &c->cells[i].initial_h;
		at -= own;
	}
	return NULL;
}

/* What else is given to the call: initial states, or a mask of its own. */
static void read_extras(gd_keras *k, gd_keras_call *call, chain *c, gd_flow *flow)
{
	size_t states = 0;
	for (size_t i = 1; i < call->in_count; i++) {
		if (strcmp(call->keyword[i], "mask") == 0) {
			flow->mask = call->in[i].type == GD_BOOL ? call->in[i].name : gd_put_cast(k, call->in[i].name, GD_BOOL);
			continue;
		}
		int64_t units = 0;
		const char **place = next_state(c, states++, &units);
		if (place && call->in[i].shape.rank == 2 && call->in[i].shape.dim[1] == units)
			*place = call->in[i].name;
		else
			(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "is given an input besides its steps and its initial states");
	}
}

static void give_state(gd_keras_call *call, const gd_cell *cell, const char *name, int64_t batch)
{
	gd_shape shape = { .rank = 2, .dim = { batch, cell->units } };
	call->out[call->out_count++] = (gd_flow){ .name = name, .type = GD_F32, .shape = shape, .channels = -1 };
}

static gd_status finish(gd_keras *k, gd_keras_call *call, const chain *c, gd_flow flow, bool states)
{
	bool sequences = gd_keras_flag(k, "return_sequences", false);
	int64_t batch = flow.shape.dim[0], units = c->cells[c->count - 1].units;
	flow.shape.dim[2] = units;
	flow.channels = -1;
	if (!sequences) {
		flow.shape = (gd_shape){ .rank = 2, .dim = { batch, units } };
		flow.mask = NULL;
	}
	call->out = gd_keras_new(k, 1 + 2 * c->count, sizeof *call->out);
	if (!call->out)
		return k->status;
	call->out[call->out_count++] = flow;
	for (size_t i = 0; states && i < c->count; i++) {
		give_state(call, &c->cells[i], c->cells[i].last_h, batch);
		if (c->cells[i].kind == GD_LSTM)
			give_state(call, &c->cells[i], c->cells[i].last_c, batch);
	}
	return k->status;
}

gd_status gd_family_recurrent(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 3, 3));
	chain c = read_chain(k, &flow);
	bool states = gd_keras_flag(k, "return_state", false), sequences = gd_keras_flag(k, "return_sequences", false);
	bool backwards = gd_keras_flag(k, "go_backwards", false);
	if (k->status == GD_OK)
		read_extras(k, call, &c, &flow);
	if (k->status != GD_OK)
		return k->status;
	const char *x = backwards ? gd_put_reversed(k, flow.name) : flow.name;
	const char *mask = flow.mask && backwards ? gd_put_reversed(k, flow.mask) : flow.mask;
	const char *y = run(k, &c, x, mask, states);
	if (sequences)
		flow.name = y;
	else if (!mask)
		flow.name = c.cells[c.count - 1].last_h;
	else
		flow.name = gd_put2(k, "Squeeze", gd_put_slice(k, y, 1, -1, INT64_MAX), gd_put_axes(k, 1));
	return finish(k, call, &c, flow, states);
}

gd_status gd_family_cell(gd_keras *k, gd_keras_call *call)
{
	(void)call;
	return gd_keras_fail(k, GD_E_UNSUPPORTED, "is a cell that is called by itself, which dlguider knows inside an RNN only");
}
