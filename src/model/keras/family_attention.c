/* Attention: multi-head with its projections, and the plain forms. Masks are joined as Keras joins them. */
#include "model/keras/family.h"
#include <math.h>
#include <string.h>

typedef struct {
	int64_t heads, key, value, width; /* sizes of a head; width of the output */
	bool biased;
} head_sizes;

typedef struct {
	gd_flow query, value, key;
	const char *query_mask, *value_mask, *key_mask, *mask; /* bool; NULL: none */
	bool causal;
} operands;

static const char *as_bool(gd_keras *k, const gd_flow *flow)
{
	return flow->type == GD_BOOL ? flow->name : gd_put_cast(k, flow->name, GD_BOOL);
}

/* By keyword, the others in the order of the call's signature. */
static operands read_operands(gd_keras *k, gd_keras_call *call)
{
	static const char *const order[] = { "query", "value", "key", "query_mask", "value_mask", "key_mask", "attention_mask", NULL };
	const gd_flow *given[7] = { NULL };
	size_t position = 0;
	operands o = { .causal = json_is_true(json_object_get(call->keywords, "use_causal_mask")) };
	for (size_t i = 0; i < call->in_count; i++) {
		size_t at = position;
		if (*call->keyword[i])
			for (at = 0; order[at] && strcmp(order[at], call->keyword[i]) != 0;)
				at++;
		else
			position++;
		if (at >= 7 || given[at]) {
			(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "is given an argument (%.40s) that dlguider does not know", call->keyword[i]);
			return o;
		}
		given[at] = &call->in[i];
	}
	if (!given[0] || !given[1] || given[0]->shape.rank != 3 || given[1]->shape.rank != 3 || (given[2] && given[2]->shape.rank != 3)) {
		(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "needs a query and a value of 3 dimensions each (batch, steps, features)");
		return o;
	}
	o.query = gd_flow_plain(k, gd_flow_float(k, *given[0]));
	o.value = gd_flow_plain(k, gd_flow_float(k, *given[1]));
	o.key = given[2] ? gd_flow_plain(k, gd_flow_float(k, *given[2])) : o.value;
	o.query_mask = given[3] ? as_bool(k, given[3]) : o.query.mask;
	o.value_mask = given[4] ? as_bool(k, given[4]) : o.value.mask;
	o.key_mask = given[5] ? as_bool(k, given[5]) : given[2] ? o.key.mask : NULL;
	if (given[6]) /* (batch, steps, steps), or with a place for the heads */
		o.mask = given[6]->shape.rank == 3 ? gd_put2(k, "Unsqueeze", as_bool(k, given[6]), gd_put_axes(k, 1)) : as_bool(k, given[6]);
	return o;
}

static const char *both(gd_keras *k, const char *a, const char *b)
{
	return !a ? b : !b ? a : gd_put2(k, "And", a, b);
}

/* (1, 1, T, S): step t looks at steps up to t. */
static const char *causal_mask(gd_keras *k, const char *query, const char *value)
{
	const char *t = gd_put_slice(k, gd_put(k, "Shape", query), 0, 1, 2), *s = gd_put_slice(k, gd_put(k, "Shape", value), 0, 1, 2);
	const char *shape = gd_put2(k, "Concat", t, s);
	gd_put_int(k, "axis", 0);
	const char *square = gd_put2(k, "Expand", gd_put_scalar(k, 1), shape);
	const char *lower = gd_put(k, "Trilu", square);
	gd_put_int(k, "upper", 0);
	return gd_put2(k, "Unsqueeze", gd_put_cast(k, lower, GD_BOOL), gd_put_integers(k, (int64_t[]){ 0, 1 }, 2));
}

/* All masks as one that broadcasts to (batch, heads, T, S). */
static const char *whole_mask(gd_keras *k, const operands *o)
{
	const char *mask = o->mask;
	if (o->query_mask)
		mask = both(k, mask, gd_put2(k, "Unsqueeze", o->query_mask, gd_put_integers(k, (int64_t[]){ 1, 3 }, 2)));
	if (o->value_mask)
		mask = both(k, mask, gd_put2(k, "Unsqueeze", o->value_mask, gd_put_integers(k, (int64_t[]){ 1, 2 }, 2)));
	if (o->key_mask)
		mask = both(k, mask, gd_put2(k, "Unsqueeze", o->key_mask, gd_put_integers(k, (int64_t[]){ 1, 2 }, 2)));
	if (o->causal)
		mask = both(k, mask, causal_mask(k, o->query.name, o->value.name));
	return mask;
}

/* Scores that are masked become the lowest finite number, so that a row without any is uniform, as Keras has it. */
static const char *masked_softmax(gd_keras *k, const char *scores, const char *mask)
{
	if (mask)
		scores = gd_put3(k, "Where", mask, scores, gd_put_scalar(k, -3.4028234e38));
	const char *y = gd_put(k, "Softmax", scores);
	gd_put_int(k, "axis", -1);
	return y;
}

/* (batch, steps, features) to (batch, heads, steps, size). */
static const char *project(gd_keras *k, const gd_flow *flow, const char *part, int64_t heads, int64_t size, bool biased)
{
	int64_t in = flow->shape.dim[2];
	const char *kernel = gd_keras_tensor(k, part, "kernel", 3, (int64_t[]){ in, heads, size });
	const char *flat = gd_put_reshape(k, kernel, (int64_t[]){ in, heads * size }, 2), *y = gd_put2(k, "MatMul", flow->name, flat);
	if (biased) {
		const char *bias = gd_keras_tensor(k, part, "bias", 2, (int64_t[]){ heads, size });
		y = gd_put2(k, "Add", y, gd_put_reshape(k, bias, (int64_t[]){ heads * size }, 1));
	}
	y = gd_put_reshape(k, y, (int64_t[]){ 0, 0, heads, size }, 4);
	return gd_put_transpose(k, y, (int64_t[]){ 0, 2, 1, 3 }, 4);
}

static head_sizes read_sizes(gd_keras *k, const operands *o)
{
	head_sizes s = { .heads = gd_keras_whole(k, "num_heads", 1, 1 << 16), .key = gd_keras_whole(k, "key_dim", 1, 1 << 16) };
	s.value = gd_keras_whole_or(k, "value_dim", s.key, 1, 1 << 16);
	s.biased = gd_keras_flag(k, "use_bias", true);
	s.width = o->query.shape.dim[2];
	if (gd_keras_get(k->now, "output_shape"))
		s.width = gd_keras_whole(k, "output_shape", 1, GD_KERAS_MAX_UNITS);
	int64_t axes[GD_MAX_RANK] = { 1 };
	if (gd_keras_get(k->now, "attention_axes") && (gd_keras_list(k, "attention_axes", -2, 2, axes) != 1 || (axes[0] != 1 && axes[0] != -2)))
		(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "attends over axes that dlguider does not know; it knows the steps");
	if (gd_keras_flag(k, "use_gate", false) || gd_keras_get(k->now, "sliding_window"))
		(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "has a gate or a sliding window, which dlguider does not know");
	return s;
}

gd_status gd_family_multi_head(gd_keras *k, gd_keras_call *call)
{
	operands o = read_operands(k, call);
	if (k->status != GD_OK)
		return k->status;
	head_sizes s = read_sizes(k, &o);
	if (json_is_true(json_object_get(call->keywords, "return_attention_scores")))
		return gd_keras_fail(k, GD_E_UNSUPPORTED, "gives out its attention scores, which dlguider does not know");
	const char *mask = whole_mask(k, &o);
	const char *q = project(k, &o.query, "query", s.heads, s.key, s.biased), *v = project(k, &o.value, "value", s.heads, s.value, s.biased);
	const char *key = gd_put_transpose(k, project(k, &o.key, "key", s.heads, s.key, s.biased), (int64_t[]){ 0, 1, 3, 2 }, 4);
	const char *scores = gd_put2(k, "MatMul", gd_put2(k, "Mul", q, gd_put_scalar(k, 1 / sqrt((double)s.key))), key);
	const char *mixed = gd_put2(k, "MatMul", masked_softmax(k, scores, mask), v);
	mixed = gd_put_reshape(k, gd_put_transpose(k, mixed, (int64_t[]){ 0, 2, 1, 3 }, 4), (int64_t[]){ 0, 0, s.heads * s.value }, 3);
	const char *kernel = gd_keras_tensor(k, "output", "kernel", 3, (int64_t[]){ s.heads, s.value, s.width });
	gd_flow flow = o.query;
	flow.name = gd_put2(k, "MatMul", mixed, gd_put_reshape(k, kernel, (int64_t[]){ s.heads * s.value, s.width }, 2));
	if (s.biased)
		flow.name = gd_put2(k, "Add", flow.name, gd_keras_tensor(k, "output", "bias", 1, &s.width));
	flow.shape.dim[2] = s.width;
	flow.channels = -1;
	return gd_keras_out(k, call, flow);
}
