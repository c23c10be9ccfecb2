/* Attention without projections: products of steps (Attention), or sums of their tanh (AdditiveAttention). */
#include "model/keras/attention.h"
#include "model/keras/family.h"

typedef struct {
	gd_flow query, value, key;
	const char *query_mask, *value_mask; /* (batch, steps) of bool; NULL: none */
} operands;

const char *gd_causal_mask(gd_keras *k, const char *query, const char *value)
{
	const char *t = gd_put_slice(k, gd_put(k, "Shape", query), 0, 1, 2), *s = gd_put_slice(k, gd_put(k, "Shape", value), 0, 1, 2);
	const char *shape = gd_put2(k, "Concat", t, s);
	gd_put_int(k, "axis", 0);
	const char *square = gd_put2(k, "Expand", gd_put_scalar(k, 1), shape);
	const char *lower = gd_put(k, "Trilu", square);
	gd_put_int(k, "upper", 0);
	return gd_put2(k, "Unsqueeze", gd_put_cast(k, lower, GD_BOOL), gd_put_integers(k, (int64_t[]){ 0, 1 }, 2));
}

/* mask=[query's, value's] of the call; null stands for none. Returns how many inputs before them are data. */
static size_t read_masks(gd_keras *k, gd_keras_call *call, operands *o)
{
	json_t *list = json_object_get(call->keywords, "mask");
	size_t data = 0, at = 0;
	while (data < call->in_count && !*call->keyword[data])
		data++;
	for (size_t i = data; i < call->in_count; i++) {
		while (json_is_null(json_array_get(list, at)))
			at++;
		if (at < 2)
			*(at++ ? &o->value_mask : &o->query_mask) = gd_flow_bool(k, &call->in[i]);
	}
	return data;
}

static operands read_operands(gd_keras *k, gd_keras_call *call)
{
	operands o = { .query_mask = call->in_count > 0 ? call->in[0].mask : NULL, .value_mask = call->in_count > 1 ? call->in[1].mask : NULL };
	size_t data = read_masks(k, call, &o);
	for (size_t i = 0; i < data; i++)
		if (call->in[i].shape.rank != 3)
			data = 0;
	if (data < 2 || data > 3) {
		(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "needs a query and a value of 3 dimensions each (batch, steps, features)");
		return o;
	}
	o.query = gd_flow_plain(k, gd_flow_float(k, call->in[0]));
	o.value = gd_flow_plain(k, gd_flow_float(k, call->in[1]));
	o.key = data > 2 ? gd_flow_plain(k, gd_flow_float(k, call->in[2])) : o.value;
	return o;
}

/* (batch, T, S, features): query and key of every pair added, through tanh. */
static const char *pairs(gd_keras *k, const operands *o, const char *scale)
{
	const char *q = gd_put2(k, "Unsqueeze", o->query.name, gd_put_axes(k, 2)), *key = gd_put2(k, "Unsqueeze", o->key.name, gd_put_axes(k, 1));
	const char *sum = gd_put2(k, "Add", q, key);
	return gd_put(k, "Tanh", scale ? gd_put2(k, "Mul", sum, scale) : sum);
}

static const char *summed(gd_keras *k, const char *x)
{
	const char *y = gd_put2(k, "ReduceSum", x, gd_put_axes(k, 3));
	gd_put_int(k, "keepdims", 0);
	return y;
}

/* Scores (batch, T, S), masked, to what they mix of the value. */
static gd_status mix(gd_keras *k, gd_keras_call *call, const operands *o, const char *scores)
{
	const char *mask = o->value_mask ? gd_put2(k, "Unsqueeze", o->value_mask, gd_put_axes(k, 1)) : NULL;
	if (json_is_true(json_object_get(call->keywords, "use_causal_mask"))) {
		const char *causal = gd_put2(k, "Squeeze", gd_causal_mask(k, o->query.name, o->value.name), gd_put_axes(k, 1));
		mask = mask ? gd_put2(k, "And", mask, causal) : causal;
	}
	if (mask)
		scores = gd_put3(k, "Where", mask, scores, gd_put2(k, "Sub", scores, gd_put_scalar(k, 1e9)));
	const char *shares = gd_put(k, "Softmax", scores);
	gd_put_int(k, "axis", -1);
	gd_flow flow = o->query;
	flow.name = gd_put2(k, "MatMul", shares, o->value.name);
	if (o->query_mask)
		flow.name = gd_put3(k, "Where", gd_put2(k, "Unsqueeze", o->query_mask, gd_put_axes(k, 2)), flow.name, gd_put_scalar(k, 0));
	flow.mask = o->query_mask;
	flow.shape.dim[2] = o->value.shape.dim[2];
	flow.channels = -1;
	if (!json_is_true(json_object_get(call->keywords, "return_attention_scores")))
		return gd_keras_out(k, call, flow);
	gd_shape shape = { .rank = 3, .dim = { flow.shape.dim[0], flow.shape.dim[1], o->value.shape.dim[1] } };
	return gd_keras_out2(k, call, flow, (gd_flow){ .name = shares, .type = GD_F32, .shape = shape, .channels = -1 });
}

gd_status gd_family_attention(gd_keras *k, gd_keras_call *call)
{
	static const char *const modes[] = { "dot", "concat", NULL };
	operands o = read_operands(k, call);
	if (k->status != GD_OK)
		return k->status;
	const char *scale = gd_keras_flag(k, "use_scale", false) ? gd_keras_tensor(k, "", "scale", 0, NULL) : NULL, *scores;
	if (gd_keras_choice(k, "score_mode", modes, 0) == 1) {
		scores = gd_put2(k, "Mul", summed(k, pairs(k, &o, scale)), gd_keras_tensor(k, "", "concat_score_weight", 0, NULL));
	} else {
		scores = gd_put2(k, "MatMul", o.query.name, gd_put_transpose(k, o.key.name, (int64_t[]){ 0, 2, 1 }, 3));
		scores = scale ? gd_put2(k, "Mul", scores, scale) : scores;
	}
	return mix(k, call, &o, scores);
}

gd_status gd_family_additive_attention(gd_keras *k, gd_keras_call *call)
{
	operands o = read_operands(k, call);
	if (k->status != GD_OK)
		return k->status;
	const char *sums = pairs(k, &o, NULL);
	if (gd_keras_flag(k, "use_scale", true))
		sums = gd_put2(k, "Mul", sums, gd_keras_tensor(k, "", "scale", 1, &o.query.shape.dim[2]));
	return mix(k, call, &o, summed(k, sums));
}
