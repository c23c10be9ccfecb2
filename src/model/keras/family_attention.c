/* Attention over heads with their projections. Masks are joined as Keras joins them. */
#include "model/keras/attention.h"
#include "model/keras/family.h"
#include <math.h>
#include <string.h>

typedef struct {
	int64_t heads, shared;     /* of the query; of key and value: each serves heads / shared of the query's */
	int64_t key, value, width; /* sizes of a head; width of the output */
	bool biased, gated;
	int64_t window;            /* how far steps see to either side, itself included; 0: everywhere */
} head_sizes;

typedef struct {
	gd_flow query, value, key;
	const char *query_mask, *value_mask, *key_mask, *mask; /* bool; NULL: none */
	bool causal;
} operands;

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
	o.query_mask = given[3] ? gd_flow_bool(k, given[3]) : o.query.mask;
	o.value_mask = given[4] ? gd_flow_bool(k, given[4]) : o.value.mask;
	o.key_mask = given[5] ? gd_flow_bool(k, given[5]) : given[2] ? o.key.mask : NULL;
	if (given[6]) /* (batch, steps, steps), or with a place for the heads */
		o.mask = given[6]->shape.rank == 3 ? gd_put2(k, "Unsqueeze", gd_flow_bool(k, given[6]), gd_put_axes(k, 1)) : gd_flow_bool(k, given[6]);
	return o;
}

static const char *both(gd_keras *k, const char *a, const char *b)
{
	return !a ? b : !b ? a : gd_put2(k, "And", a, b);
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
		mask = both(k, mask, gd_causal_mask(k, o->query.name, o->value.name));
	return mask;
}

/* Places within a window around the diagonal, as (1, 1, T, S). */
static const char *window_mask(gd_keras *k, const operands *o, int64_t window)
{
	int64_t rows = o->query.shape.dim[1], columns = o->value.shape.dim[1];
	if (rows < 1 || columns < 1 || rows > 1 << 14 || columns > 1 << 14) {
		(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "has a sliding window over a number of steps that is not known or over 16,384");
		return NULL;
	}
	float *near = gd_keras_new(k, (size_t)(rows * columns), sizeof *near);
	for (int64_t i = 0; near && i < rows; i++)
		for (int64_t j = 0; j < columns; j++)
			near[i * columns + j] = (i > j ? i - j : j - i) < window;
	return gd_put_cast(k, gd_put_floats(k, "window", near, 4, (int64_t[]){ 1, 1, rows, columns }), GD_BOOL);
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

/* Each head of a key or value, (batch, heads, steps, size), as often as queries share it. */
static const char *repeated(gd_keras *k, const char *x, const head_sizes *s, int64_t size)
{
	if (s->shared == s->heads)
		return x;
	x = gd_put2(k, "Unsqueeze", x, gd_put_axes(k, 2));
	x = gd_put2(k, "Tile", x, gd_put_integers(k, (int64_t[]){ 1, 1, s->heads / s->shared, 1, 1 }, 5));
	return gd_put_reshape(k, x, (int64_t[]){ 0, s->heads, -1, size }, 4);
}

static void read_extras(gd_keras *k, head_sizes *s)
{
	s->biased = gd_keras_flag(k, "use_bias", true);
	s->gated = gd_keras_flag(k, "use_gate", false);
	s->window = gd_keras_whole_or(k, "sliding_window", 0, 1, INT32_MAX);
}

static head_sizes read_sizes(gd_keras *k, const operands *o)
{
	head_sizes s = { .heads = gd_keras_whole(k, "num_heads", 1, 1 << 16), .key = gd_keras_whole(k, "key_dim", 1, 1 << 16) };
	s.shared = s.heads;
	s.value = gd_keras_whole_or(k, "value_dim", s.key, 1, 1 << 16);
	s.width = o->query.shape.dim[2];
	if (gd_keras_get(k->now, "output_shape"))
		s.width = gd_keras_whole(k, "output_shape", 1, GD_KERAS_MAX_UNITS);
	int64_t axes[GD_MAX_RANK] = { 1 };
	if (gd_keras_get(k->now, "attention_axes") && (gd_keras_list(k, "attention_axes", -2, 2, axes) != 1 || (axes[0] != 1 && axes[0] != -2)))
		(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "attends over axes that dlguider does not know; it knows the steps");
	read_extras(k, &s);
	return s;
}

static head_sizes read_group_sizes(gd_keras *k, const operands *o)
{
	head_sizes s = { .heads = gd_keras_whole(k, "num_query_heads", 1, 1 << 16), .shared = gd_keras_whole(k, "num_key_value_heads", 1, 1 << 16) };
	s.key = s.value = gd_keras_whole(k, "head_dim", 1, 1 << 16);
	s.width = o->query.shape.dim[2];
	if (s.heads % s.shared != 0)
		(void)gd_keras_fail(k, GD_E_INPUT, "%lld heads of queries cannot share %lld of keys", (long long)s.heads, (long long)s.shared);
	read_extras(k, &s);
	return s;
}

static gd_status attend(gd_keras *k, gd_keras_call *call, const operands *o, const head_sizes *s)
{
	bool scores_too = json_is_true(json_object_get(call->keywords, "return_attention_scores"));
	const char *mask = whole_mask(k, o);
	if (s->window && k->status == GD_OK)
		mask = both(k, mask, window_mask(k, o, s->window));
	const char *q = project(k, &o->query, "query", s->heads, s->key, s->biased);
	const char *v = repeated(k, project(k, &o->value, "value", s->shared, s->value, s->biased), s, s->value);
	const char *key = repeated(k, project(k, &o->key, "key", s->shared, s->key, s->biased), s, s->key);
	const char *products = gd_put2(k, "MatMul", gd_put2(k, "Mul", q, gd_put_scalar(k, 1 / sqrt((double)s->key))),
		gd_put_transpose(k, key, (int64_t[]){ 0, 1, 3, 2 }, 4));
	const char *scores = masked_softmax(k, products, mask), *mixed = gd_put2(k, "MatMul", scores, v);
	if (s->gated)
		mixed = gd_put2(k, "Mul", mixed, gd_put(k, "Sigmoid", project(k, &o->query, "gate", s->heads, s->value, s->biased)));
	mixed = gd_put_reshape(k, gd_put_transpose(k, mixed, (int64_t[]){ 0, 2, 1, 3 }, 4), (int64_t[]){ 0, 0, s->heads * s->value }, 3);
	const char *kernel = gd_keras_tensor(k, "output", "kernel", 3, (int64_t[]){ s->heads, s->value, s->width });
	gd_flow flow = o->query;
	flow.name = gd_put2(k, "MatMul", mixed, gd_put_reshape(k, kernel, (int64_t[]){ s->heads * s->value, s->width }, 2));
	if (s->biased)
		flow.name = gd_put2(k, "Add", flow.name, gd_keras_tensor(k, "output", "bias", 1, &s->width));
	flow.shape.dim[2] = s->width;
	flow.channels = -1;
	if (!scores_too)
		return gd_keras_out(k, call, flow);
	gd_shape shape = { .rank = 4, .dim = { flow.shape.dim[0], s->heads, flow.shape.dim[1], o->value.shape.dim[1] } };
	return gd_keras_out2(k, call, flow, (gd_flow){ .name = scores, .type = GD_F32, .shape = shape, .channels = 1 });
}

gd_status gd_family_multi_head(gd_keras *k, gd_keras_call *call)
{
	operands o = read_operands(k, call);
	head_sizes s = k->status == GD_OK ? read_sizes(k, &o) : (head_sizes){ 0 };
	return k->status == GD_OK ? attend(k, call, &o, &s) : k->status;
}

gd_status gd_family_grouped_query(gd_keras *k, gd_keras_call *call)
{
	operands o = read_operands(k, call);
	head_sizes s = k->status == GD_OK ? read_group_sizes(k, &o) : (head_sizes){ 0 };
	return k->status == GD_OK ? attend(k, call, &o, &s) : k->status;
}
