/* What can be mended by the kernel's columns alone, for damage that general steps mend slowly: columns that changed
 * places, and columns of a wrong sign or size.
 *
 * Order: W' = W P with P doubly stochastic, from P = 1 by Frank-Wolfe steps (1956): the gradient with respect to P is
 * W^T dL/dW', its best vertex is an assignment; at the end P is rounded to the nearest permutation. Scale: W' = W diag(s),
 * from s = 1 by Adam; dL/ds_j is the inner product of column j and its gradient. Biases stay.
 */
#include "refit/assignment.h"
#include "refit/fitting.h"
#include <math.h>
#include <string.h>

enum { ORDER_STEPS = 12, SCALE_STEPS = 24 };
static const double SCALE_RATE = 0.15;

/* A kernel in the graph: element (r, c) of the matrix of `rows` x `columns` is outer-block * ... as strides say. */
typedef struct {
	const gd_refit_weight *weight;
	double *gradient;
	size_t columns, before, after; /* an initializer (before, columns, after) */
} kernel;

static size_t element(const kernel *k, size_t outer, size_t column, size_t inner)
{
	return (outer * k->columns + column) * k->after + inner;
}

/* The axis of an operator's weight that counts output units; -1: not a plain kernel. */
static int unit_axis(const gd_node *node, size_t input, int rank)
{
	if (strcmp(node->op, "MatMul") == 0 && input == 1 && rank == 2)
		return 1;
	if (strcmp(node->op, "Gather") == 0 && input == 0 && rank == 2) /* an embedding's table */
		return gd_node_integer(node, "axis", 0) == 0 ? 1 : -1;
	if (strcmp(node->op, "Gemm") == 0 && input == 1)
		return gd_node_integer(node, "transB", 0) ? 0 : 1;
	if (strcmp(node->op, "Conv") == 0 && input == 1)
		return 0;
	if (strcmp(node->op, "ConvTranspose") == 0 && input == 1 && gd_node_integer(node, "group", 1) == 1)
		return 1;
	return -1;
}

static bool find_kernel(const gd_fitting *f, kernel *out)
{
	const gd_graph *graph = &f->request->model->graph;
	for (size_t w = 0; w < f->engines.weight_count; w++) {
		const gd_refit_weight *weight = &f->engines.weights[w];
		for (size_t n = 0; n < graph->node_count; n++)
			for (size_t i = 0; i < graph->nodes[n].input_count; i++) {
				int axis = strcmp(graph->nodes[n].inputs[i], weight->name) ? -1 : unit_axis(&graph->nodes[n], i, weight->tensor->shape.rank);
				if (axis < 0)
					continue;
				*out = (kernel){ weight, f->sums[w], (size_t)weight->tensor->shape.dim[axis], 1, 1 };
				for (int d = 0; d < weight->tensor->shape.rank; d++)
					if (d != axis)
						*(d < axis ? &out->before : &out->after) *= (size_t)weight->tensor->shape.dim[d];
				return out->columns >= 2 && out->columns <= GD_MOST_COLUMNS;
			}
	}
	return false;
}

/* cost[i][j] = <original column i, gradient of column j>: what moving column i into place j does to the loss. */
static void inner_products(const kernel *k, double *cost)
{
	memset(cost, 0, k->columns * k->columns * sizeof *cost);
	for (size_t o = 0; o < k->before; o++)
		for (size_t i = 0; i < k->columns; i++)
			for (size_t n = 0; n < k->after; n++) {
				double v = (double)gd_refit_weight_original(k->weight, element(k, o, i, n));
				for (size_t j = 0; isfinite(v) && j < k->columns; j++)
					cost[i * k->columns + j] += v * k->gradient[element(k, o, j, n)];
			}
}

/* Working values = original columns mixed by p (columns x columns). */
static void mix(const kernel *k, const double *p)
{
	for (size_t o = 0; o < k->before; o++)
		for (size_t n = 0; n < k->after; n++)
			for (size_t j = 0; j < k->columns; j++) {
				double sum = 0;
				for (size_t i = 0; i < k->columns; i++)
					if (p[i * k->columns + j] != 0)
						sum += p[i * k->columns + j] * (double)gd_refit_weight_original(k->weight, element(k, o, i, n));
				k->weight->values[element(k, o, j, n)] = (float)sum;
			}
}

typedef struct {
	double *cost, *p, *prices;
	size_t *places, *column;
} order_memory;

static bool order_new(gd_arena *arena, size_t m, order_memory *out)
{
	*out = (order_memory){ gd_arena_new(arena, m * m, sizeof(double)), gd_arena_new(arena, m * m, sizeof(double)),
		gd_arena_new(arena, 3 * (m + 1), sizeof(double)), gd_arena_new(arena, 2 * (m + 1), sizeof(size_t)), gd_arena_new(arena, m, sizeof(size_t)) };
	return out->cost && out->p && out->prices && out->places && out->column;
}

static void round_order(const order_memory *o, size_t m)
{
	for (size_t i = 0; i < m * m; i++)
		o->cost[i] = -o->p[i];
	gd_assign(o->cost, m, o->prices, o->places, o->column);
	memset(o->p, 0, m * m * sizeof *o->p);
	for (size_t i = 0; i < m; i++)
		o->p[i * m + o->column[i]] = 1;
}

static gd_status fit_order(gd_fitting *f, const kernel *k, const order_memory *o, gd_refit_entry *out, gd_error *err)
{
	const size_t m = k->columns;
	gd_status status = GD_OK;
	double loss;
	memset(o->p, 0, m * m * sizeof *o->p);
	for (size_t i = 0; i < m; i++)
		o->p[i * m + i] = 1;
	for (int step = 0; step < ORDER_STEPS && status == GD_OK; step++) {
		status = gd_fitting_step(f, &loss, err);
		inner_products(k, o->cost);
		gd_assign(o->cost, m, o->prices, o->places, o->column);
		const double rate = 2.0 / (step + 4.0);
		for (size_t i = 0; i < m * m; i++)
			o->p[i] *= 1.0 - rate;
		for (size_t i = 0; i < m; i++)
			o->p[i * m + o->column[i]] += rate;
		mix(k, o->p);
	}
	round_order(o, m);
	mix(k, o->p);
	gd_turned turned = { 0 };
	if (status == GD_OK)
		status = gd_fitting_judge(f, &loss, &turned, err);
	out->order_end = gd_fitting_share(f->result->loss_judge, loss);
	out->order_mended = turned.mended;
	out->order_broken = turned.broken;
	out->order_moved = 0;
	for (size_t i = 0; i < m; i++)
		out->order_moved += o->column[i] != i;
	return status;
}

static void apply_scales(const kernel *k, const double *scale)
{
	for (size_t o = 0; o < k->before; o++)
		for (size_t j = 0; j < k->columns; j++)
			for (size_t n = 0; n < k->after; n++) {
				size_t at = element(k, o, j, n);
				k->weight->values[at] = (float)(scale[j] * (double)gd_refit_weight_original(k->weight, at));
			}
}

/* scratch: 3 numbers a column. */
static gd_status fit_scales(gd_fitting *f, const kernel *k, double *scratch, gd_refit_entry *out, gd_error *err)
{
	double *scale = scratch, *first = scratch + k->columns, *second = scratch + 2 * k->columns, loss;
	gd_status status = GD_OK;
	for (size_t j = 0; j < k->columns; j++) {
		scale[j] = 1;
		first[j] = second[j] = 0;
	}
	for (int step = 1; step <= SCALE_STEPS && status == GD_OK; step++) {
		status = gd_fitting_step(f, &loss, err);
		for (size_t j = 0; j < k->columns; j++) {
			double g = 0;
			for (size_t o = 0; o < k->before; o++)
				for (size_t n = 0; n < k->after; n++)
					g += k->gradient[element(k, o, j, n)] * (double)gd_refit_weight_original(k->weight, element(k, o, j, n));
			g = isfinite(g) ? g : 0;
			first[j] = 0.9 * first[j] + 0.1 * g;
			second[j] = 0.99 * second[j] + 0.01 * g * g;
			scale[j] -= SCALE_RATE * (first[j] / (1 - pow(0.9, step))) / (sqrt(second[j] / (1 - pow(0.99, step))) + 1e-12);
		}
		apply_scales(k, scale);
	}
	gd_turned turned = { 0 };
	if (status == GD_OK)
		status = gd_fitting_judge(f, &loss, &turned, err);
	out->scale_end = gd_fitting_share(f->result->loss_judge, loss);
	out->scale_mended = turned.mended;
	out->scale_broken = turned.broken;
	out->scale_flipped = 0;
	for (size_t j = 0; j < k->columns; j++)
		out->scale_flipped += scale[j] < 0;
	return status;
}

gd_status gd_fit_columns(gd_fitting *f, gd_refit_entry *out, gd_error *err)
{
	kernel k;
	if (!find_kernel(f, &k))
		return GD_OK;
	gd_arena arena = { 0 };
	order_memory o = { 0 };
	double *scratch = gd_arena_new(&arena, 3 * k.columns, sizeof *scratch);
	gd_status status = GD_OK;
	if (!scratch || !order_new(&arena, k.columns, &o))
		status = gd_fail_memory(err, "re-fitting columns");
	gd_fitting_restore(f);
	if (status == GD_OK)
		status = fit_order(f, &k, &o, out, err);
	gd_fitting_restore(f);
	if (status == GD_OK)
		status = fit_scales(f, &k, scratch, out, err);
	out->has_columns = status == GD_OK;
	out->columns = k.columns;
	gd_arena_free(&arena);
	return status;
}
