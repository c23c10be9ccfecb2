#include "refit/work.h"
#include <stdlib.h>
#include <string.h>

/* Seconds of one core, measured with tests/tools/refit_dump on dense, convolutional, recurrent and residual models. */
static const double MULTIPLY_ADD = 3e-11, ELEMENT = 1.5e-10, NODE_RUN = 1.5e-6, NODE_OPEN = 20e-6, OPEN = 1e-3, WEIGHT_STEP = 4e-9, MOVED_WEIGHT = 5e-10,
					ASSIGNED = 1e-9;
enum { FORWARD_AND_BACK = 3, COLUMN_RUNS = 36, ORDER_RUNS = 13, NODES_OF_STEP = 25 };

/* ---- of one node for one test ------------------------------------------------------------------------------------ */

static const gd_shape *shape_of(const gd_graph *graph, const char *name)
{
	const gd_tensor *tensor = gd_graph_tensor(graph, name);
	const gd_value *value = tensor ? NULL : gd_graph_value(graph, name);
	for (size_t i = 0; i < graph->input_count && !tensor && !value; i++)
		if (strcmp(graph->inputs[i].name, name) == 0)
			value = &graph->inputs[i];
	for (size_t i = 0; i < graph->output_count && !tensor && !value; i++)
		if (strcmp(graph->outputs[i].name, name) == 0)
			value = &graph->outputs[i];
	return tensor ? &tensor->shape : value ? &value->shape : NULL;
}

/* Elements for one test: free dimensions count 1. */
static double size_of(const gd_graph *graph, const char *name)
{
	const gd_shape *shape = *name ? shape_of(graph, name) : NULL;
	double size = 1;
	for (int d = 0; shape && d < shape->rank; d++)
		size *= shape->dim[d] > 0 ? (double)shape->dim[d] : 1;
	return shape ? size : 0;
}

static double dimension(const gd_graph *graph, const char *name, int at)
{
	const gd_shape *shape = shape_of(graph, name);
	int axis = shape && at < 0 ? at + shape->rank : at;
	return shape && axis >= 0 && axis < shape->rank && shape->dim[axis] > 0 ? (double)shape->dim[axis] : 1;
}

static bool is_recurrent(const gd_node *node)
{
	return strcmp(node->op, "LSTM") == 0 || strcmp(node->op, "GRU") == 0 || strcmp(node->op, "RNN") == 0;
}

/* Multiply-adds; 0 where the operator only passes over its elements. */
static double products_of(const gd_graph *graph, const gd_node *node)
{
	if (node->input_count < 2)
		return 0;
	const char *x = node->inputs[0], *w = node->inputs[1], *y = node->outputs[0];
	if (strcmp(node->op, "MatMul") == 0 || strcmp(node->op, "Gemm") == 0)
		return size_of(graph, y) * dimension(graph, x, -1);
	if (strcmp(node->op, "Einsum") == 0)
		return size_of(graph, y) * dimension(graph, w, -1);
	if (strcmp(node->op, "Conv") == 0)
		return size_of(graph, y) * size_of(graph, w) / dimension(graph, w, 0);
	if (strcmp(node->op, "ConvTranspose") == 0)
		return size_of(graph, x) * size_of(graph, w) / dimension(graph, w, 0);
	return is_recurrent(node) && node->input_count > 2 ? dimension(graph, x, 0) * (size_of(graph, w) + size_of(graph, node->inputs[2])) : 0;
}

static double seconds_of(const gd_graph *graph, const gd_node *node)
{
	double elements = size_of(graph, node->outputs[0]);
	for (size_t i = 0; i < node->input_count; i++)
		elements += gd_graph_tensor(graph, node->inputs[i]) ? 0 : size_of(graph, node->inputs[i]);
	return MULTIPLY_ADD * products_of(graph, node) + ELEMENT * elements;
}

/* ---- who feeds whom ---------------------------------------------------------------------------------------------- */

typedef struct {
	const char *name;
	size_t node;
} made;

static int by_name(const void *a, const void *b)
{
	return strcmp(((const made *)a)->name, ((const made *)b)->name);
}

static void connect(gd_work *work, const made *list, size_t count)
{
	size_t n = 0;
	for (size_t i = 0; i < work->graph->node_count; i++) {
		work->first[i] = n;
		for (size_t k = 0; k < work->graph->nodes[i].input_count; k++) {
			made wanted = { work->graph->nodes[i].inputs[k], 0 };
			const made *found = count ? bsearch(&wanted, list, count, sizeof *list, by_name) : NULL;
			if (found)
				work->makers[n++] = found->node;
		}
	}
	work->first[work->graph->node_count] = n;
}

gd_status gd_work_open(const gd_model *model, const gd_graph *graph, const gd_refit_tests *tests, gd_arena *arena, gd_work *out, gd_error *err)
{
	size_t nodes = graph->node_count, outputs = 0, inputs = 0, count = 0;
	for (size_t i = 0; i < nodes; i++) {
		outputs += graph->nodes[i].output_count;
		inputs += graph->nodes[i].input_count;
	}
	made *list = gd_arena_new(arena, outputs, sizeof *list);
	*out = (gd_work){ model, graph, tests, gd_arena_new(arena, nodes, sizeof(double)), gd_arena_new(arena, nodes + 1, sizeof(size_t)),
		gd_arena_new(arena, inputs, sizeof(size_t)), gd_arena_new(arena, nodes, sizeof(bool)) };
	if (!list || !out->each || !out->first || !out->makers || !out->behind)
		return gd_fail_memory(err, "counting the work of re-fitting");
	for (size_t i = 0; i < nodes; i++) {
		out->each[i] = seconds_of(graph, &graph->nodes[i]);
		for (size_t k = 0; k < graph->nodes[i].output_count; k++)
			if (*graph->nodes[i].outputs[k])
				list[count++] = (made){ graph->nodes[i].outputs[k], i };
	}
	qsort(list, count, sizeof *list, by_name);
	connect(out, list, count);
	return GD_OK;
}

/* ---- of an entry ------------------------------------------------------------------------------------------------- */

typedef struct {
	double front, suffix; /* for one test, forward */
	size_t front_nodes, suffix_nodes;
} parts;

/* Behind: the entry's own nodes and what comes of them. */
static parts cut_at(const gd_work *work, int entry)
{
	parts p = { 0 };
	for (size_t i = 0; i < work->graph->node_count; i++) {
		const gd_node *node = &work->graph->nodes[i];
		work->behind[i] = node->layer >= 0 && work->model->layers[node->layer].entry == entry;
		for (size_t k = work->first[i]; k < work->first[i + 1] && !work->behind[i]; k++)
			work->behind[i] = work->makers[k] < i && work->behind[work->makers[k]];
		*(work->behind[i] ? &p.suffix : &p.front) += work->each[i];
		size_t nodes = work->behind[i] && is_recurrent(node) ? NODES_OF_STEP * (size_t)dimension(work->graph, node->inputs[0], 0) : 1; /* unrolled */
		*(work->behind[i] ? &p.suffix_nodes : &p.front_nodes) += nodes;
	}
	return p;
}

double gd_work_of(const gd_work *work, const gd_work_plan *plan)
{
	const parts p = cut_at(work, plan->entry);
	const double fit = (double)work->tests->split.fit_count, judge = (double)work->tests->split.judge_count, chunk = (double)work->tests->chunk;
	const double alternatives = (double)plan->alternatives;
	double weights = 0;
	for (size_t i = 0; i < plan->weight_count; i++)
		weights += plan->weights[i].entry == plan->entry ? (double)plan->weights[i].count : 0;
	const bool fits = weights > 0;
	const double way = fits ? FORWARD_AND_BACK : 1;
	const double steps = fits ? plan->steps + (plan->columns ? COLUMN_RUNS : 0) + alternatives * plan->steps / 4 : 0;
	const double judged = fits ? 3 + (plan->columns ? 2 : 0) + 2 * alternatives : 1 + alternatives;
	const double opened = (fits ? 1 : 0) + alternatives;
	const double tests = steps * fit + judged * judge, runs = steps * (1 + fit / chunk) + judged * (1 + judge / chunk);
	double seconds = p.front * (fit + judge) + (double)p.front_nodes * (NODE_OPEN + NODE_RUN * (fit + judge) / chunk) + OPEN;
	seconds += way * (p.suffix * tests + (double)p.suffix_nodes * (NODE_RUN * runs + NODE_OPEN * opened)) + OPEN * opened;
	seconds += WEIGHT_STEP * weights * steps;
	const double columns = (double)plan->columns;
	return seconds + (double)ORDER_RUNS * (2 * MOVED_WEIGHT * weights * columns + ASSIGNED * columns * columns * columns);
}
