/* Whole numbers that stand for categories: CategoryEncoding, Discretization, IntegerLookup. */
#include "model/keras/family.h"
#include <math.h>
#include <string.h>

enum { MODE_INT, MODE_ONE_HOT, MODE_MULTI_HOT, MODE_COUNT, MAX_CATEGORIES = 1 << 16 };

static int output_mode(gd_keras *k, int otherwise)
{
	static const char *const modes[] = { "int", "one_hot", "multi_hot", "count", NULL };
	return gd_keras_choice(k, "output_mode", modes, otherwise);
}

static const char *numbers_up_to(gd_keras *k, int64_t count, double first)
{
	float *values = gd_keras_new(k, (size_t)count, sizeof *values);
	for (int64_t i = 0; values && i < count; i++)
		values[i] = (float)(first + (double)i);
	return gd_put_floats(k, "numbers", values, 1, &count);
}

/* 1 where the value is the category, 0 elsewhere, on a new last axis. */
static const char *matches(gd_keras *k, const char *x, const char *categories)
{
	const char *apart = gd_put2(k, "Unsqueeze", x, gd_put_axes(k, -1));
	return gd_put_cast(k, gd_put2(k, "Equal", apart, categories), GD_F32);
}

/* Indices (as floats) in the layer's output_mode, out of `depth` categories. */
static gd_status encode(gd_keras *k, gd_keras_call *call, gd_flow flow, int mode, int64_t depth, const char *weights)
{
	flow.channels = -1;
	flow.mask = NULL;
	if (mode == MODE_INT)
		return gd_keras_out(k, call, flow);
	int last = flow.shape.rank - 1;
	if (mode == MODE_ONE_HOT && last > 0 && flow.shape.dim[last] == 1) {
		flow.name = gd_put2(k, "Squeeze", flow.name, gd_put_axes(k, last));
		flow.shape.rank--;
	}
	if (flow.shape.rank >= GD_MAX_RANK || (mode != MODE_ONE_HOT && flow.shape.rank < 2))
		return gd_keras_fail(k, GD_E_UNSUPPORTED, "encodes a value of %d dimensions, which dlguider does not know", flow.shape.rank);
	flow.name = matches(k, flow.name, numbers_up_to(k, depth, 0));
	flow.shape.dim[flow.shape.rank++] = depth;
	if (mode == MODE_ONE_HOT)
		return gd_keras_out(k, call, flow);
	if (weights)
		flow.name = gd_put2(k, "Mul", flow.name, gd_put2(k, "Unsqueeze", weights, gd_put_axes(k, -1)));
	flow.name = gd_put2(k, mode == MODE_COUNT ? "ReduceSum" : "ReduceMax", flow.name, gd_put_axes(k, 1));
	gd_put_int(k, "keepdims", 0);
	flow.shape.rank--;
	for (int i = 1; i < flow.shape.rank; i++)
		flow.shape.dim[i] = flow.shape.dim[i + 1];
	return gd_keras_out(k, call, flow);
}

gd_status gd_family_category(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 1, GD_MAX_RANK));
	int64_t depth = gd_keras_whole(k, "num_tokens", 1, MAX_CATEGORIES);
	const char *weights = call->in_count > 1 ? gd_flow_float(k, call->in[1]).name : NULL;
	int mode = output_mode(k, MODE_MULTI_HOT);
	if (mode == MODE_INT)
		return gd_keras_fail(k, GD_E_INPUT, "cannot have the output_mode int");
	flow.name = gd_put(k, "Floor", flow.name);
	return encode(k, call, flow, mode, depth, weights);
}

/* The numbers of a list; NULL when it is none. */
static float *list_of(gd_keras *k, const char *key, size_t *count, bool whole)
{
	json_t *list = gd_keras_get(k->now, key);
	*count = json_array_size(list);
	float *values = gd_keras_new(k, *count + 1, sizeof *values);
	for (size_t i = 0; values && i < *count && k->status == GD_OK; i++) {
		json_t *value = json_array_get(list, i);
		values[i] = whole ? (float)gd_keras_whole_of(k, key, value, -(1 << 24), 1 << 24) : (float)json_number_value(value);
		if (!json_is_number(value))
			(void)gd_keras_fail(k, GD_E_INPUT, "%s must hold numbers only", key);
	}
	return json_is_array(list) && *count <= MAX_CATEGORIES ? values : NULL;
}

/* How many boundaries a value has reached. */
gd_status gd_family_discretization(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 1, GD_MAX_RANK - 1));
	size_t count = 0;
	float *boundaries = list_of(k, "bin_boundaries", &count, false);
	if (!boundaries || count == 0)
		return gd_keras_fail(k, GD_E_INPUT, "does not say its bin_boundaries; call adapt before saving the model");
	const char *line = gd_put_floats(k, "boundaries", boundaries, 1, (int64_t[]){ (int64_t)count });
	const char *apart = gd_put2(k, "Unsqueeze", flow.name, gd_put_axes(k, -1));
	const char *reached = gd_put_cast(k, gd_put2(k, "GreaterOrEqual", apart, line), GD_F32);
	flow.name = gd_put2(k, "ReduceSum", reached, gd_put_axes(k, flow.shape.rank));
	gd_put_int(k, "keepdims", 0);
	return encode(k, call, flow, output_mode(k, MODE_INT), (int64_t)count + 1, NULL);
}

/* Index of a number in the vocabulary, behind those that stand for the mask and for numbers that are not in it. */
gd_status gd_family_integer_lookup(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 1, GD_MAX_RANK - 1));
	json_t *mask = gd_keras_get(k->now, "mask_token");
	size_t count = 0;
	int mode = output_mode(k, MODE_INT);
	if (json_is_string(gd_keras_get(k->now, "vocabulary")))
		return gd_keras_fail(k, GD_E_UNSUPPORTED, "names a file; dlguider opens no file named inside a model");
	if (gd_keras_flag(k, "invert", false) || gd_keras_whole_or(k, "num_oov_indices", 1, 0, INT32_MAX) > 1)
		return gd_keras_fail(k, GD_E_UNSUPPORTED, "inverts its lookup or has several indices for unknown numbers, which dlguider does not know");
	float *vocabulary = list_of(k, "vocabulary", &count, true);
	if (!vocabulary || count == 0)
		return gd_keras_fail(k, GD_E_UNSUPPORTED, "keeps its vocabulary outside its configuration; give it as vocabulary=[...] and save the model again");
	bool masked = mask && mode == MODE_INT;
	int64_t unknown = gd_keras_whole_or(k, "num_oov_indices", 1, 0, 1), first = unknown + masked;
	const char *found = matches(k, flow.name, gd_put_floats(k, "vocabulary", vocabulary, 1, (int64_t[]){ (int64_t)count }));
	/* Found at place i: first + i. Nowhere: the sum is 0, and the index that of unknown numbers, which is first - 1. */
	const char *above = gd_put2(k, "Mul", found, numbers_up_to(k, (int64_t)count, 1));
	const char *sum = gd_put2(k, "ReduceSum", above, gd_put_axes(k, flow.shape.rank)), *numbers = flow.name;
	gd_put_int(k, "keepdims", 0);
	flow.name = gd_put2(k, "Add", sum, gd_put_scalar(k, (double)(first - 1)));
	if (masked) {
		const char *hidden = gd_put2(k, "Equal", numbers, gd_put_scalar(k, (double)gd_keras_whole(k, "mask_token", -(1 << 24), 1 << 24)));
		flow.name = gd_put3(k, "Where", hidden, gd_put_scalar(k, 0), flow.name);
	}
	return encode(k, call, flow, mode, (int64_t)count + unknown, NULL);
}
