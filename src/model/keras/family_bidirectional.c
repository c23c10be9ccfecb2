/* Bidirectional: a recurrent layer, and another over the steps the other way round. */
#include "model/keras/family.h"
#include <string.h>

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
	if (wrapper->inner_count != 2 || wrapper->inner[0]->family->family != GD_FAMILY_RECURRENT)
		return gd_keras_fail(k, GD_E_UNSUPPORTED, "is a Bidirectional of something that is no recurrent layer");
	gd_keras_call forward = half(k, call, 0), backward = half(k, call, 1);
	if (gd_keras_translate_inner(k, wrapper->inner[0], &forward) != GD_OK || gd_keras_translate_inner(k, wrapper->inner[1], &backward) != GD_OK)
		return k->status;
	backward.out[0] = gd_flow_plain(k, backward.out[0]);
	forward.out[0] = gd_flow_plain(k, forward.out[0]);
	if (backward.out[0].shape.rank == call->in[0].shape.rank) /* all steps, not the last alone */
		backward.out[0].name = gd_put_reversed(k, backward.out[0].name);
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
