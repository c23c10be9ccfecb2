/* Recurrent operators unrolled into primitive steps, up to MOST_STEPS (longer ones are refused by name).
 *
 * ONNX: X (steps, batch, in), W (directions, gates * hidden, in), R (directions, gates * hidden, hidden), B (directions,
 * 2 * gates * hidden); Y (steps, directions, batch, hidden), Y_h, Y_c (directions, batch, hidden). Gate order: LSTM i o f c,
 * GRU z r h.
 */
#include "gradient/tape_priv.h"
#include <string.h>

enum { MOST_STEPS = 128, MOST_DIRECTIONS = 2 };

typedef struct {
	gd_tape *t;
	const gd_node *node;
	int64_t steps, hidden, gates, in;
	int direction; /* which of the directions this is */
	bool reversed;
	gd_shape state;  /* (batch, hidden) */
	gd_shape packed; /* (batch, gates * hidden) */
	const char *projected; /* X W' + Wb (+ Rb): (steps, batch, gates * hidden) */
	const char *recurrent; /* R' of this direction: (hidden, gates * hidden) */
	const char *bias_r;    /* Rb of the h gate (GRU with linear_before_reset); NULL */
	const char *h, *c;     /* NULL: zero */
} unroll;

/* Slice `at` of axis 0, without that axis. */
static const char *take(gd_tape *t, const char *value, int64_t at, gd_shape shape)
{
	gd_shape kept = { .rank = shape.rank + 1, .dim = { 1 } };
	memcpy(kept.dim + 1, shape.dim, (GD_MAX_RANK - 1) * sizeof *kept.dim);
	const char *cut = gd_emit_slice(t, value, 0, at, at + 1);
	gd_tape_set(t, cut, kept);
	return GD_LOWER(t, "Squeeze", shape, cut, gd_emit_integers(t, &(int64_t){ 0 }, 1));
}

static const char *turned(gd_tape *t, const char *matrix, int64_t rows, int64_t columns)
{
	const char *value = gd_emit_swap_last(t, matrix, 2);
	gd_tape_set(t, value, (gd_shape){ 2, { rows, columns } });
	return value;
}

static const char *gate(const unroll *u, const char *packed, int64_t which)
{
	const char *cut = gd_emit_slice(u->t, packed, 1, which * u->hidden, (which + 1) * u->hidden);
	gd_tape_set(u->t, cut, u->state);
	return cut;
}

/* The k-th activation of this direction (f, g, h in ONNX's words). */
static const char *activate(const unroll *u, int k, int per_direction, const char *otherwise, const char *x)
{
	const size_t at = (size_t)(u->direction * per_direction + k);
	const gd_attr *names = gd_node_attr_of(u->node, "activations", GD_ATTR_STRINGS);
	const gd_attr *alphas = gd_node_attr_of(u->node, "activation_alpha", GD_ATTR_FLOATS);
	const gd_attr *betas = gd_node_attr_of(u->node, "activation_beta", GD_ATTR_FLOATS);
	const char *op = names && at < names->count ? names->texts[at] : otherwise;
	if (strcmp(op, "Affine") == 0)
		return x;
	const char *y = GD_LOWER(u->t, op, u->state, x);
	if (alphas && at < alphas->count && strcmp(op, "Relu") && strcmp(op, "Tanh") && strcmp(op, "Sigmoid"))
		gd_emit_float(u->t, "alpha", alphas->numbers[at]);
	if (betas && at < betas->count && strcmp(op, "HardSigmoid") == 0)
		gd_emit_float(u->t, "beta", betas->numbers[at]);
	return y;
}

static bool known_activations(const gd_node *node)
{
	static const char *const known[] = { "Relu", "Tanh", "Sigmoid", "HardSigmoid", "LeakyRelu", "Elu", "Softsign", "Softplus",
		"ThresholdedRelu", "Affine" };
	const gd_attr *names = gd_node_attr(node, "activations");
	if (names && names->kind != GD_ATTR_STRINGS)
		return false;
	for (size_t i = 0; names && i < names->count; i++) {
		bool found = false;
		for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
			found = found || strcmp(names->texts[i], known[k]) == 0;
		if (!found)
			return false;
	}
	return true;
}

static const char *add(const unroll *u, gd_shape shape, const char *a, const char *b)
{
	return GD_LOWER(u->t, "Add", shape, a, b);
}

static const char *times(const unroll *u, const char *a, const char *b)
{
	return GD_LOWER(u->t, "Mul", u->state, a, b);
}

/* step plus what the state before adds to it. */
static const char *with_state(const unroll *u, const char *step)
{
	return u->h ? add(u, u->packed, step, GD_LOWER(u->t, "MatMul", u->packed, u->h, u->recurrent)) : step;
}

static void step_rnn(unroll *u, const char *step)
{
	u->h = activate(u, 0, 1, "Tanh", with_state(u, step));
}

static void step_lstm(unroll *u, const char *step)
{
	const char *all = with_state(u, step);
	const char *i = activate(u, 0, 3, "Sigmoid", gate(u, all, 0)), *o = activate(u, 0, 3, "Sigmoid", gate(u, all, 1));
	const char *candidate = times(u, i, activate(u, 1, 3, "Tanh", gate(u, all, 3)));
	if (u->c) {
		const char *f = activate(u, 0, 3, "Sigmoid", gate(u, all, 2));
		u->c = add(u, u->state, times(u, f, u->c), candidate);
	} else {
		u->c = candidate;
	}
	u->h = times(u, o, activate(u, 2, 3, "Tanh", u->c));
}

/* linear_before_reset: the reset gate weighs (h R' + Rb); else it weighs h before the product. */
static void step_gru(unroll *u, const char *step)
{
	bool linear = gd_node_integer(u->node, "linear_before_reset", 0) != 0;
	const char *turned_h = u->h ? GD_LOWER(u->t, "MatMul", u->packed, u->h, u->recurrent) : NULL;
	const char *sums = turned_h ? add(u, u->packed, step, turned_h) : step;
	const char *z = activate(u, 0, 2, "Sigmoid", gate(u, sums, 0)), *r = activate(u, 0, 2, "Sigmoid", gate(u, sums, 1));
	const char *inner = gate(u, step, 2), *past = NULL;
	if (linear) {
		past = turned_h ? gate(u, turned_h, 2) : NULL;
		if (u->bias_r)
			past = past ? add(u, u->state, past, u->bias_r) : u->bias_r;
		past = past ? times(u, r, past) : NULL;
	} else if (u->h) {
		gd_shape square = { 2, { u->hidden, u->hidden } };
		const char *own = gd_emit_slice(u->t, u->recurrent, 1, 2 * u->hidden, 3 * u->hidden);
		gd_tape_set(u->t, own, square);
		past = GD_LOWER(u->t, "MatMul", u->state, times(u, r, u->h), own);
	}
	const char *candidate = activate(u, 1, 2, "Tanh", past ? add(u, u->state, inner, past) : inner);
	const char *rest = GD_LOWER(u->t, "Sub", u->state, gd_emit_scalar(u->t, 1.0f), z);
	const char *fresh = times(u, rest, candidate);
	u->h = u->h ? add(u, u->state, fresh, times(u, z, u->h)) : fresh;
}

/* B of one direction split into Wb and Rb; what can be added before the steps is added to the projection. */
static const char *add_bias(unroll *u, const char *projected, gd_shape whole, bool gru_linear)
{
	if (u->node->input_count < 4 || !*u->node->inputs[3])
		return projected;
	const int64_t width = u->gates * u->hidden;
	gd_shape half = { 1, { width } };
	const char *both = take(u->t, u->node->inputs[3], u->direction, (gd_shape){ 1, { 2 * width } });
	const char *wb = gd_emit_slice(u->t, both, 0, 0, width), *rb = gd_emit_slice(u->t, both, 0, width, 2 * width);
	gd_tape_set(u->t, wb, half);
	gd_tape_set(u->t, rb, half);
	projected = GD_LOWER(u->t, "Add", whole, projected, wb);
	if (!gru_linear)
		return GD_LOWER(u->t, "Add", whole, projected, rb);
	u->bias_r = gd_emit_slice(u->t, rb, 0, 2 * u->hidden, width);
	gd_tape_set(u->t, u->bias_r, (gd_shape){ 1, { u->hidden } });
	const char *early = gd_emit_slice(u->t, rb, 0, 0, 2 * u->hidden); /* the z and r gates' half is plain */
	gd_tape_set(u->t, early, (gd_shape){ 1, { 2 * u->hidden } });
	int64_t pads[2] = { 0, u->hidden };
	const char *filled = GD_LOWER(u->t, "Pad", half, early, gd_emit_integers(u->t, pads, 2));
	return GD_LOWER(u->t, "Add", whole, projected, filled);
}

static void prepare(unroll *u)
{
	gd_tape *t = u->t;
	const int64_t width = u->gates * u->hidden;
	bool gru_linear = u->gates == 3 && gd_node_integer(u->node, "linear_before_reset", 0) != 0;
	const char *w = turned(t, take(t, u->node->inputs[1], u->direction, (gd_shape){ 2, { width, u->in } }), u->in, width);
	u->recurrent = turned(t, take(t, u->node->inputs[2], u->direction, (gd_shape){ 2, { width, u->hidden } }), u->hidden, width);
	gd_shape whole = { 3, { u->steps, u->state.dim[0], width } };
	u->projected = add_bias(u, GD_LOWER(t, "MatMul", whole, u->node->inputs[0], w), whole, gru_linear);
	for (size_t at = 5; at <= 6; at++) {
		bool given = at < u->node->input_count && *u->node->inputs[at];
		const char *start = given ? take(t, u->node->inputs[at], u->direction, u->state) : NULL;
		if (at == 5)
			u->h = start;
		else
			u->c = start;
	}
}

/* A state as (1, 1, batch, hidden), a piece of Y, or (1, batch, hidden), a piece of Y_h. */
static const char *wrapped(unroll *u, const char *state, int ones)
{
	int64_t axes[2] = { 0, 1 };
	gd_shape shape = { 2 + ones, { 1 } };
	for (int i = 0; i < 2; i++) {
		shape.dim[i] = 1;
		shape.dim[ones + i] = u->state.dim[i];
	}
	return GD_LOWER(u->t, "Unsqueeze", shape, state, gd_emit_integers(u->t, axes, (size_t)ones));
}

static const char *join(gd_tape *t, const char *output, int64_t axis, gd_shape shape, const char *const *parts)
{
	const char *whole = gd_lower_emit(t, "Concat", output, shape, parts);
	gd_emit_int(t, "axis", axis);
	return whole;
}

typedef void (*step_function)(unroll *u, const char *step);

/* All steps of one direction; returns its share of Y: (steps, 1, batch, hidden). */
static const char *run_direction(unroll *u, step_function step)
{
	const char *pieces[MOST_STEPS + 1] = { NULL };
	prepare(u);
	for (int64_t k = 0; k < u->steps && !u->t->failed; k++) {
		int64_t at = u->reversed ? u->steps - 1 - k : k;
		step(u, take(u->t, u->projected, at, u->packed));
		pieces[at] = wrapped(u, u->h, 2);
	}
	if (u->t->failed)
		return NULL;
	return join(u->t, NULL, 0, (gd_shape){ 4, { u->steps, 1, u->state.dim[0], u->hidden } }, pieces);
}

static gd_status run_all(gd_tape *t, const gd_node *node, int64_t gates, step_function step, gd_error *err)
{
	gd_shape x = gd_tape_shape(t, node->inputs[0]), r = gd_tape_shape(t, node->inputs[2]);
	const char *way = gd_node_text(node, "direction", "forward");
	if (x.rank != 3 || r.rank != 3 || x.dim[0] < 1 || x.dim[2] < 1 || gd_node_integer(node, "layout", 0))
		return gd_tape_unsupported(node, "the number of steps is not known", err);
	if (x.dim[0] > MOST_STEPS)
		return gd_tape_unsupported(node, "it has more than 128 steps, the most that are unrolled", err);
	if ((node->input_count > 4 && *node->inputs[4]) || (node->input_count > 7 && *node->inputs[7]) || !known_activations(node))
		return gd_tape_unsupported(node, "it uses sequence lengths, peepholes or a rare activation", err);
	int directions = strcmp(way, "bidirectional") == 0 ? 2 : 1;
	const char *ys[3] = { NULL }, *hs[3] = { NULL }, *cs[3] = { NULL };
	gd_shape state = { 2, { x.dim[1], r.dim[2] } };
	for (int d = 0; d < directions; d++) {
		unroll u = { .t = t, .node = node, .steps = x.dim[0], .in = x.dim[2], .hidden = r.dim[2], .gates = gates, .direction = d,
			.reversed = d == 1 || strcmp(way, "reverse") == 0, .state = state, .packed = { 2, { x.dim[1], gates * r.dim[2] } } };
		ys[d] = run_direction(&u, step);
		hs[d] = t->failed ? NULL : wrapped(&u, u.h, 1);
		cs[d] = t->failed || !u.c ? NULL : wrapped(&u, u.c, 1);
	}
	if (t->failed)
		return GD_OK;
	const char *const *parts[3] = { ys, hs, cs };
	gd_shape whole = { 4, { x.dim[0], directions, x.dim[1], r.dim[2] } }, last = { 3, { directions, x.dim[1], r.dim[2] } };
	for (size_t i = 0; i < node->output_count && i < 3; i++)
		if (*node->outputs[i] && parts[i][0])
			join(t, node->outputs[i], i == 0 ? 1 : 0, i == 0 ? whole : last, parts[i]);
	return GD_OK;
}

static gd_status lower_rnn(gd_tape *t, const gd_node *node, gd_error *err)
{
	return run_all(t, node, 1, step_rnn, err);
}

static gd_status lower_lstm(gd_tape *t, const gd_node *node, gd_error *err)
{
	return run_all(t, node, 4, step_lstm, err);
}

static gd_status lower_gru(gd_tape *t, const gd_node *node, gd_error *err)
{
	return run_all(t, node, 3, step_gru, err);
}

const gd_lowering gd_lowerings_recurrent[] = { { "RNN", lower_rnn }, { "LSTM", lower_lstm }, { "GRU", lower_gru }, { NULL, NULL } };
