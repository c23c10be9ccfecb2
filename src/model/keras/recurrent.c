#include "model/keras/recurrent.h"
#include "model/keras/activation.h"
#include <string.h>

/* ONNX's recurrent operators know these; alpha and beta where they take them. */
static const struct {
	const char *keras, *onnx;
	int scales; /* how many of alpha and beta */
	float alpha, beta;
} known[] = {
	{ "tanh", "Tanh", 0, 0, 0 }, { "sigmoid", "Sigmoid", 0, 0, 0 }, { "relu", "Relu", 0, 0, 0 }, { "linear", "Affine", 2, 1, 0 },
	{ "softsign", "Softsign", 0, 0, 0 }, { "softplus", "Softplus", 0, 0, 0 }, { "elu", "Elu", 1, 1, 0 },
	{ "hard_sigmoid", "HardSigmoid", 2, 0.2f, 0.5f },
};

static int find(const char *name)
{
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(known[i].keras, name) == 0)
			return (int)i;
	return -1;
}

bool gd_cell_fits(const gd_cell *cell)
{
	return find(cell->activation) >= 0 && (cell->kind == GD_SIMPLE_RNN || find(cell->recurrent_activation) >= 0);
}

static int gates_of(const gd_cell *cell)
{
	return cell->kind == GD_LSTM ? 4 : cell->kind == GD_GRU ? 3 : 1;
}

static void set_activations(gd_keras *k, const gd_cell *cell)
{
	const char *names[3], *order[3] = { cell->recurrent_activation, cell->activation, cell->activation };
	float alpha[3], beta[3];
	size_t count = cell->kind == GD_LSTM ? 3 : cell->kind == GD_GRU ? 2 : 1, alphas = 0, betas = 0;
	for (size_t i = 0; i < count; i++) {
		int at = find(cell->kind == GD_SIMPLE_RNN ? cell->activation : order[i]);
		names[i] = known[at].onnx;
		bool hard = strcmp(known[at].onnx, "HardSigmoid") == 0;
		if (known[at].scales > 0)
			alpha[alphas++] = hard && k->version >= 3 ? 1.0f / 6.0f : known[at].alpha;
		if (known[at].scales > 1)
			beta[betas++] = known[at].beta;
	}
	if (k->status != GD_OK)
		return;
	bool good = gd_builder_attr_texts(&k->builder, "activations", names, count);
	good = good && (!alphas || gd_builder_attr_floats(&k->builder, "activation_alpha", alpha, alphas));
	good = good && (!betas || gd_builder_attr_floats(&k->builder, "activation_beta", beta, betas));
	if (!good)
		(void)gd_keras_memory(k);
}

/* Keras keeps LSTM's gates as i, f, c, o in columns; ONNX wants rows i, o, f, c. */
static const char *lstm_kernel(gd_keras *k, const gd_cell *cell, const char *name, int64_t rows)
{
	static const int64_t from[4] = { 0, 3, 1, 2 };
	int64_t u = cell->units;
	const float *w = gd_keras_weight_floats(k, "", name, 2, (int64_t[]){ rows, 4 * u });
	float *out = gd_keras_new(k, (size_t)(4 * u * rows), sizeof *out);
	if (!w || !out)
		return NULL;
	for (int64_t g = 0; g < 4; g++)
		for (int64_t i = 0; i < u; i++)
			for (int64_t r = 0; r < rows; r++)
				out[(g * u + i) * rows + r] = w[r * 4 * u + from[g] * u + i];
	return gd_put_floats(k, name, out, 3, (int64_t[]){ 1, 4 * u, rows });
}

static const char *kernel(gd_keras *k, const gd_cell *cell, const char *name, int64_t rows)
{
	int64_t columns = gates_of(cell) * cell->units;
	if (cell->kind == GD_LSTM)
		return lstm_kernel(k, cell, name, rows);
	return gd_keras_transposed(k, "", name, 2, (int64_t[]){ rows, columns }, (int64_t[]){ 1, 0 }, 3, (int64_t[]){ 1, columns, rows });
}

/* ONNX's bias: that of the input's part, then that of the recurrent part, which only GRU with reset_after has. */
static const char *bias(gd_keras *k, const gd_cell *cell)
{
	static const int64_t lstm[4] = { 0, 3, 1, 2 };
	int64_t n = gates_of(cell) * cell->units, u = cell->units;
	bool both = cell->kind == GD_GRU && cell->reset_after;
	const float *b = both ? gd_keras_weight_floats(k, "", "bias", 2, (int64_t[]){ 2, n }) : gd_keras_weight_floats(k, "", "bias", 1, &n);
	float *out = gd_keras_new(k, (size_t)(2 * n), sizeof *out);
	if (!b || !out)
		return NULL;
	for (int64_t i = 0; i < (both ? 2 * n : n); i++)
		out[i] = cell->kind == GD_LSTM ? b[lstm[i / u] * u + i % u] : b[i];
	return gd_put_floats(k, "bias", out, 2, (int64_t[]){ 1, 2 * n });
}

static const char *state_in(gd_keras *k, const char *state)
{
	return state ? gd_put2(k, "Unsqueeze", state, gd_put_axes(k, 0)) : "";
}

const char *gd_cell_run(gd_keras *k, gd_cell *cell, const char *x, const char *lengths)
{
	static const char *const ops[] = { "RNN", "LSTM", "GRU" };
	const char *in[7] = { gd_put_transpose(k, x, (int64_t[]){ 1, 0, 2 }, 3) };
	in[1] = kernel(k, cell, "kernel", cell->features);
	in[2] = kernel(k, cell, "recurrent_kernel", cell->units);
	in[3] = cell->biased ? bias(k, cell) : "";
	in[4] = lengths ? lengths : "";
	in[5] = state_in(k, cell->initial_h);
	in[6] = state_in(k, cell->initial_c);
	size_t count = cell->initial_c ? 7 : cell->initial_h ? 6 : lengths ? 5 : cell->biased ? 4 : 3;
	const char *y = gd_put_list(k, ops[cell->kind], in, count);
	const char *h = k->status == GD_OK ? gd_builder_more(&k->builder, NULL) : NULL;
	const char *c = k->status == GD_OK && cell->kind == GD_LSTM ? gd_builder_more(&k->builder, NULL) : NULL;
	gd_put_int(k, "hidden_size", cell->units);
	set_activations(k, cell);
	if (cell->kind == GD_GRU)
		gd_put_int(k, "linear_before_reset", cell->reset_after);
	cell->last_h = gd_put2(k, "Squeeze", h, gd_put_axes(k, 0));
	cell->last_c = c ? gd_put2(k, "Squeeze", c, gd_put_axes(k, 0)) : NULL;
	y = gd_put2(k, "Squeeze", y, gd_put_axes(k, 1)); /* (steps, 1, batch, units) */
	return gd_put_transpose(k, y, (int64_t[]){ 1, 0, 2 }, 3);
}

const char *gd_cell_zeros(gd_keras *k, const gd_cell *cell, const char *x)
{
	const char *batch = gd_put_slice(k, gd_put(k, "Shape", x), 0, 0, 1);
	const char *shape = gd_put_list(k, "Concat", (const char *[]){ batch, gd_put_axes(k, cell->units) }, 2);
	gd_put_int(k, "axis", 0);
	return gd_put2(k, "Expand", gd_put_scalar(k, 0), shape);
}

typedef struct {
	const char *recurrent, *recurrent_bias;  /* whole */
	const char *recurrent_gates, *recurrent_candidate; /* of a GRU that resets before */
	const char *one;
	gd_flow shape; /* for activations */
} unrolled;

static const char *activate(gd_keras *k, const unrolled *u, const char *name, const char *x)
{
	gd_flow flow = u->shape;
	flow.name = x;
	return gd_keras_activate_named(k, name, flow, 1).name;
}

static const char *lstm_step(gd_keras *k, gd_cell *cell, const unrolled *u, const char *x)
{
	const char *gate[4];
	gd_put_split(k, gd_put2(k, "Add", x, gd_put2(k, "MatMul", cell->last_h, u->recurrent)), 1, 4, gate);
	const char *in = activate(k, u, cell->recurrent_activation, gate[0]), *forget = activate(k, u, cell->recurrent_activation, gate[1]);
	const char *fresh = activate(k, u, cell->activation, gate[2]), *out = activate(k, u, cell->recurrent_activation, gate[3]);
	cell->last_c = gd_put2(k, "Add", gd_put2(k, "Mul", forget, cell->last_c), gd_put2(k, "Mul", in, fresh));
	return gd_put2(k, "Mul", out, activate(k, u, cell->activation, cell->last_c));
}

static const char *gru_step(gd_keras *k, gd_cell *cell, const unrolled *u, const char *x)
{
	const char *from_x[3], *from_h[3], *h = cell->last_h, *candidate;
	gd_put_split(k, x, 1, 3, from_x);
	if (cell->reset_after) {
		const char *inner = gd_put2(k, "MatMul", h, u->recurrent);
		gd_put_split(k, u->recurrent_bias ? gd_put2(k, "Add", inner, u->recurrent_bias) : inner, 1, 3, from_h);
	} else {
		gd_put_split(k, gd_put2(k, "MatMul", h, u->recurrent_gates), 1, 2, from_h);
	}
	const char *update = activate(k, u, cell->recurrent_activation, gd_put2(k, "Add", from_x[0], from_h[0]));
	const char *reset = activate(k, u, cell->recurrent_activation, gd_put2(k, "Add", from_x[1], from_h[1]));
	if (cell->reset_after)
		candidate = gd_put2(k, "Mul", reset, from_h[2]);
	else
		candidate = gd_put2(k, "MatMul", gd_put2(k, "Mul", reset, h), u->recurrent_candidate);
	candidate = activate(k, u, cell->activation, gd_put2(k, "Add", from_x[2], candidate));
	const char *kept = gd_put2(k, "Mul", update, h);
	return gd_put2(k, "Add", kept, gd_put2(k, "Mul", gd_put2(k, "Sub", u->one, update), candidate));
}

static const char *simple_step(gd_keras *k, gd_cell *cell, const unrolled *u, const char *x)
{
	return activate(k, u, cell->activation, gd_put2(k, "Add", x, gd_put2(k, "MatMul", cell->last_h, u->recurrent)));
}

static unrolled prepare(gd_keras *k, const gd_cell *cell)
{
	int64_t n = gates_of(cell) * cell->units;
	unrolled u = { .one = gd_put_scalar(k, 1), .shape = { .type = GD_F32, .channels = -1, .shape = { 2, { -1, cell->units } } } };
	u.recurrent = gd_keras_tensor(k, "", "recurrent_kernel", 2, (int64_t[]){ cell->units, n });
	if (cell->kind == GD_GRU && !cell->reset_after) {
		u.recurrent_gates = gd_put_slice(k, u.recurrent, 1, 0, 2 * cell->units);
		u.recurrent_candidate = gd_put_slice(k, u.recurrent, 1, 2 * cell->units, n);
	}
	return u;
}

/* x times the kernel, with its bias, for all steps at once. */
static const char *project(gd_keras *k, const gd_cell *cell, const char *x, unrolled *u)
{
	int64_t n = gates_of(cell) * cell->units;
	x = gd_put2(k, "MatMul", x, gd_keras_tensor(k, "", "kernel", 2, (int64_t[]){ cell->features, n }));
	if (!cell->biased)
		return x;
	if (cell->kind != GD_GRU || !cell->reset_after)
		return gd_put2(k, "Add", x, gd_keras_tensor(k, "", "bias", 1, &n));
	const char *both = gd_keras_tensor(k, "", "bias", 2, (int64_t[]){ 2, n });
	u->recurrent_bias = gd_put_slice(k, both, 0, 1, 2);
	return gd_put2(k, "Add", x, gd_put_slice(k, both, 0, 0, 1));
}

const char *gd_cell_unroll(gd_keras *k, gd_cell *cell, const char *x)
{
	if (cell->steps < 1 || cell->steps > GD_KERAS_MAX_UNROLLED) {
		(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "has an activation (%.40s, %.40s) that dlguider computes for 1 to %d known steps only",
			cell->activation, cell->recurrent_activation, GD_KERAS_MAX_UNROLLED);
		return NULL;
	}
	unrolled u = prepare(k, cell);
	cell->last_h = cell->initial_h ? cell->initial_h : gd_cell_zeros(k, cell, x);
	cell->last_c = cell->initial_c ? cell->initial_c : cell->kind == GD_LSTM ? gd_cell_zeros(k, cell, x) : NULL;
	x = project(k, cell, x, &u);
	const char **steps = gd_keras_new(k, (size_t)cell->steps, sizeof *steps);
	for (int64_t t = 0; steps && t < cell->steps && k->status == GD_OK; t++) {
		const char *now = gd_put2(k, "Squeeze", gd_put_slice(k, x, 1, t, t + 1), gd_put_axes(k, 1));
		cell->last_h = cell->kind == GD_LSTM ? lstm_step(k, cell, &u, now) : cell->kind == GD_GRU ? gru_step(k, cell, &u, now) : simple_step(k, cell, &u, now);
		steps[t] = gd_put2(k, "Unsqueeze", cell->last_h, gd_put_axes(k, 1));
	}
	const char *y = steps && k->status == GD_OK ? gd_put_list(k, "Concat", steps, (size_t)cell->steps) : NULL;
	gd_put_int(k, "axis", 1);
	return y;
}
