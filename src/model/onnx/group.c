/* Nodes joined to what the author sees as one layer.
 *
 * A module that computes by itself (no module inside, at most one set of weights, or attention) is one layer: its nodes
 * that hang together. Where several things happen in one scope, or nothing is known of scopes, each operator is a layer
 * of its own, except what clearly belongs together: a bias with its product, what undoes an operator's layout, and
 * activations and normalizations that an exporter spelled out as arithmetic (two ways from one value that meet again).
 * Groups never contain a way out and back in: stages (longest way from the inputs in groups) see to it. */
#include "model/onnx/file.h"
#include <stdlib.h>
#include <string.h>

typedef struct {
	const char *scope;
	bool composite;                            /* other modules lie inside */
	int kernels, recurrent, softmax, products; /* products: of two values of the data */
} scope_info;

typedef struct {
	gd_onnx_file *file;
	scope_info *scopes; /* sorted */
	size_t scope_count;
	gd_onnx_groups *out;
} joining;

static int find(const joining *j, int group)
{
	gd_onnx_group *groups = j->out->groups;
	while (groups[group].parent >= 0) {
		int above = groups[groups[group].parent].parent;
		if (above >= 0)
			groups[group].parent = above; /* halves the way for the next */
		group = groups[group].parent;
	}
	return group;
}

/* The group that makes a value; -1: none. */
static int maker(const joining *j, int value)
{
	int node = value < 0 ? -1 : j->file->values[value].node;
	return node < 0 || j->file->nodes[node].group < 0 ? -1 : find(j, j->file->nodes[node].group);
}

static int by_scope(const void *a, const void *b)
{
	return strcmp(((const scope_info *)a)->scope, ((const scope_info *)b)->scope);
}

static scope_info *scope_of(const joining *j, size_t node)
{
	const scope_info key = { .scope = j->file->nodes[node].scope };
	return key.scope ? bsearch(&key, j->scopes, j->scope_count, sizeof key, by_scope) : NULL;
}

static bool makes_data(const gd_onnx_file *file, size_t node)
{
	for (size_t k = 0; k < file->graph->nodes[node].output_count; k++)
		if (file->nodes[node].outputs[k] >= 0 && file->values[file->nodes[node].outputs[k]].data)
			return true;
	return false;
}

/* How many different values of the data enter. */
static int data_inputs(const gd_onnx_file *file, size_t node, int *last)
{
	int count = 0;
	for (size_t k = 0; k < file->graph->nodes[node].input_count; k++) {
		int value = file->nodes[node].inputs[k];
		if (value < 0 || !file->values[value].data || (count && value == *last))
			continue;
		count++;
		*last = value;
	}
	return count;
}

static bool is_op(const gd_onnx_file *file, size_t node, const char *op)
{
	return strcmp(file->graph->nodes[node].op, op) == 0;
}

static void count_node(joining *j, size_t node)
{
	scope_info *info = scope_of(j, node);
	if (!info || !makes_data(j->file, node))
		return;
	const gd_onnx_op *op = gd_onnx_op_find(&j->file->graph->nodes[node]);
	bool weighty = gd_onnx_weight_input(j->file, node) >= 0;
	int last;
	bool product = !weighty && (is_op(j->file, node, "MatMul") || is_op(j->file, node, "Einsum")) &&
				   data_inputs(j->file, node, &last) == 2;
	info->kernels += weighty && op->family != GD_FAMILY_NORMALIZATION && op->family != GD_FAMILY_ACTIVATION;
	info->recurrent += op->family == GD_FAMILY_RECURRENT;
	info->softmax += is_op(j->file, node, "Softmax") || op->family == GD_FAMILY_ATTENTION;
	info->products += product + 2 * (op->family == GD_FAMILY_ATTENTION);
}

/* Scopes in order stand before what lies inside them: "a" before "a.b" (maybe with "a-c" between). */
static void mark_composite(joining *j)
{
	for (size_t i = 0; i < j->scope_count; i++) {
		const char *scope = j->scopes[i].scope;
		for (const char *end = scope + strcspn(scope, "./"); *end; end += 1 + strcspn(end + 1, "./")) {
			size_t low = 0, high = j->scope_count;
			while (low < high) { /* the scope that is exactly this beginning */
				size_t middle = (low + high) / 2, length = (size_t)(end - scope);
				int order = strncmp(scope, j->scopes[middle].scope, length);
				order = order == 0 && j->scopes[middle].scope[length] ? -1 : order;
				if (order == 0) {
					j->scopes[middle].composite = true;
					break;
				}
				if (order < 0)
					high = middle;
				else
					low = middle + 1;
			}
		}
	}
}

static gd_status list_scopes(joining *j, gd_error *err)
{
	size_t nodes = j->file->graph->node_count, kept = 0;
	j->scopes = gd_arena_new(j->file->arena, nodes, sizeof *j->scopes);
	if (!j->scopes)
		return gd_fail_memory(err, "grouping nodes");
	for (size_t i = 0; i < nodes; i++)
		if (j->file->nodes[i].scope && makes_data(j->file, i))
			j->scopes[j->scope_count++].scope = j->file->nodes[i].scope;
	qsort(j->scopes, j->scope_count, sizeof *j->scopes, by_scope);
	for (size_t i = 0; i < j->scope_count; i++)
		if (kept == 0 || strcmp(j->scopes[i].scope, j->scopes[kept - 1].scope) != 0)
			j->scopes[kept++] = j->scopes[i];
	j->scope_count = kept;
	for (size_t i = 0; i < nodes; i++)
		count_node(j, i);
	mark_composite(j);
	return GD_OK;
}

static bool is_attention(const scope_info *info)
{
	return info->softmax > 0 && info->products >= 2;
}

static bool is_whole(const joining *j, size_t node, const scope_info *info)
{
	if (!info || !*info->scope)
		return false;
	if (is_attention(info) || !j->file->nodes[node].dotted)
		return true;
	return !info->composite && (info->kernels <= 1 || info->kernels == info->recurrent || j->file->nodes[node].standard);
}

static int merge(joining *j, int a, int b)
{
	if (a == b)
		return a;
	gd_onnx_group *to = &j->out->groups[a], *from = &j->out->groups[b];
	from->parent = a;
	to->first = from->first < to->first ? from->first : to->first;
	if (from->last > to->last) {
		to->last = from->last;
		to->tail = from->tail;
	}
	to->low = from->low < to->low ? from->low : to->low;
	to->high = from->high > to->high ? from->high : to->high;
	to->weights += from->weights;
	to->norm = to->norm || from->norm;
	to->recurrent = to->recurrent || from->recurrent;
	to->fused = to->fused || from->fused;
	return a;
}

static int stage_after(const joining *j, size_t node)
{
	int stage = 0;
	for (size_t k = 0; k < j->file->nodes[node].reads; k++) {
		int from = maker(j, j->file->nodes[node].inputs[k]);
		if (from >= 0 && j->out->groups[from].high >= stage)
			stage = j->out->groups[from].high + 1;
	}
	return stage;
}

static int new_group(joining *j, size_t node)
{
	int stage = stage_after(j, node);
	j->out->groups[j->out->count] = (gd_onnx_group){ .scope = j->file->nodes[node].scope,
		.parent = -1,
		.first = (int)node,
		.last = (int)node,
		.low = stage,
		.high = stage,
		.root = -1,
		.tail = (int)node };
	return (int)j->out->count++;
}

static void put_node(joining *j, size_t node, int group)
{
	gd_onnx_group *g = &j->out->groups[group];
	j->file->nodes[node].group = group;
	g->last = g->tail = (int)node;
	g->recurrent = g->recurrent || gd_onnx_op_find(&j->file->graph->nodes[node])->family == GD_FAMILY_RECURRENT;
	g->weights += gd_onnx_weight_input(j->file, node) >= 0;
}

/* May the node and the groups `chosen` (all that make its inputs and lie in its scope) become one without a way out and
 * back in? */
static bool is_convex(const joining *j, size_t node, const char *scope, int only)
{
	int low = INT32_MAX, high = -1, outside = -1;
	for (size_t k = 0; k < j->file->nodes[node].reads; k++) {
		int from = maker(j, j->file->nodes[node].inputs[k]);
		if (from < 0)
			continue;
		const gd_onnx_group *g = &j->out->groups[from];
		bool chosen = only >= 0 ? from == only : g->whole && g->scope && strcmp(g->scope, scope) == 0;
		if (chosen) {
			low = g->low < low ? g->low : low;
			high = g->high > high ? g->high : high;
		} else {
			outside = g->high > outside ? g->high : outside;
		}
	}
	return high >= 0 && (only >= 0 || high - low <= 1) && outside <= low;
}

static void join_whole(joining *j, size_t node, const scope_info *info)
{
	int group = -1, latest = -1;
	bool all = is_convex(j, node, info->scope, -1);
	for (size_t k = 0; k < j->file->nodes[node].reads; k++) {
		int from = maker(j, j->file->nodes[node].inputs[k]);
		if (from < 0 || !j->out->groups[from].whole || strcmp(j->out->groups[from].scope, info->scope) != 0)
			continue;
		if (all)
			group = group < 0 ? from : merge(j, group, from);
		if (latest < 0 || j->out->groups[from].last > j->out->groups[latest].last)
			latest = from;
	}
	if (group < 0 && latest >= 0 && is_convex(j, node, info->scope, latest))
		group = latest;
	if (group < 0)
		group = new_group(j, node);
	j->out->groups[group].whole = true;
	put_node(j, node, group);
}

/* The other input when exactly one input is a constant with that property; -1. */
static int against_constant(const joining *j, size_t node, bool scalar)
{
	const gd_node *n = &j->file->graph->nodes[node];
	const gd_onnx_node *note = &j->file->nodes[node];
	for (size_t k = 0; n->input_count == 2 && k < 2; k++) {
		gd_onnx_source source =
			note->inputs[k] < 0 ? (gd_onnx_source){ 0 } : gd_onnx_source_of(j->file, note->inputs[k]);
		size_t count;
		if (source.stored && gd_shape_count(&source.shape, 0, &count) && (count == 1) == scalar &&
			note->inputs[1 - k] >= 0 && !gd_onnx_source_of(j->file, note->inputs[1 - k]).stored)
			return note->inputs[1 - k];
	}
	return -1;
}

static bool in_list(const char *op, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(op, *list) == 0)
			return true;
	return false;
}

/* A bias that stands beside its product, or the scale and shift of a spelled-out normalization. */
static int joins_constant(const joining *j, size_t node)
{
	bool add = is_op(j->file, node, "Add"), mul = is_op(j->file, node, "Mul");
	int value = add || mul ? against_constant(j, node, false) : -1;
	int group = maker(j, value);
	if (add && group < 0) { /* one unit: its bias is a single number */
		value = against_constant(j, node, true);
		group = maker(j, value);
	}
	if (group < 0 || j->out->groups[group].whole || j->file->values[value].readers != 1)
		return -1;
	const gd_onnx_group *g = &j->out->groups[group];
	if (g->norm)
		return group;
	const gd_onnx_op *op = gd_onnx_op_find(&j->file->graph->nodes[g->tail]);
	bool kernel = gd_onnx_weight_input(j->file, (size_t)g->tail) >= 0 && op->family != GD_FAMILY_NORMALIZATION &&
				  op->family != GD_FAMILY_EMBEDDING && op->family != GD_FAMILY_ACTIVATION;
	if (add && kernel && !g->bias) {
		j->out->groups[group].bias = 1;
		return group;
	}
	return -1;
}

/* What changes nothing, or turns an operator's own layout back, stays with its producer. */
static int joins_producer(const joining *j, size_t node)
{
	static const char *const passing[] = { "Identity", "QuantizeLinear", "DequantizeLinear", "Cast", NULL };
	static const char *const layout[] = { "Squeeze", "Transpose", "Reshape", "Gather", "Slice", NULL };
	const char *op = j->file->graph->nodes[node].op;
	int value = -1;
	if (data_inputs(j->file, node, &value) != 1)
		return -1;
	int group = maker(j, value);
	if (group < 0)
		return -1;
	const gd_onnx_value *out =
		j->file->nodes[node].outputs[0] < 0 ? NULL : &j->file->values[j->file->nodes[node].outputs[0]];
	bool cast = strcmp(op, "Cast") == 0 && out && out->type != GD_F32 && out->type != GD_F16 && out->type != GD_F64;
	if (in_list(op, passing) && !cast)
		return group;
	bool odd = j->file->values[value].batch != 0 || j->file->values[value].shape.rank > 3;
	if (in_list(op, layout) && j->out->groups[group].recurrent && odd)
		return group;
	return -1;
}

enum { LONGEST_WAY = 12 };

/* The values from `value` backwards through arithmetic with one input of the data each, and through what was fused
 * already; nodes with weights, shapes or pooling over places end it. */
static int way_back(const joining *j, int value, int *way)
{
	static const char *const plain[] = { "Add", "Sub", "Mul", "Div", "Pow", "Sqrt", "Erf", "Exp", "Reciprocal", "Neg",
		"Abs", "Log", "ReduceMean", "Clip", "Max", "Min", NULL };
	int count = 0;
	way[count++] = value;
	while (count < LONGEST_WAY) {
		int group = maker(j, value), from = -1;
		if (group < 0 || j->out->groups[group].whole || j->out->groups[group].weights ||
			j->out->groups[group].tail != j->file->values[value].node)
			break;
		size_t node = (size_t)j->out->groups[group].tail;
		if (j->out->groups[group].fused)
			from = j->out->groups[group].root;
		else if (data_inputs(j->file, node, &from) != 1 ||
				 !(in_list(j->file->graph->nodes[node].op, plain) ||
					 gd_onnx_op_find(&j->file->graph->nodes[node])->family == GD_FAMILY_ACTIVATION))
			break;
		value = from;
		way[count++] = value;
	}
	return count;
}

/* Two ways from one value that meet in this node: an activation or a normalization spelled out. */
static int joins_diamond(joining *j, size_t node)
{
	static const char *const meeting[] = { "Mul", "Add", "Sub", "Div", NULL };
	const gd_onnx_node *note = &j->file->nodes[node];
	int a[LONGEST_WAY], b[LONGEST_WAY], value;
	if (!in_list(j->file->graph->nodes[node].op, meeting) || data_inputs(j->file, node, &value) != 2 ||
		note->inputs[0] == note->inputs[1])
		return -1;
	int na = way_back(j, note->inputs[0], a), nb = way_back(j, note->inputs[1], b), ia, ib = 0;
	for (ia = 0; ia < na; ia++) {
		for (ib = 0; ib < nb && a[ia] != b[ib]; ib++)
			;
		if (ib < nb)
			break;
	}
	if (ia == na || ia + ib == 0)
		return -1;
	int group = -1, root = a[ia];
	for (int i = 0; i < ia + ib; i++) {
		int from = maker(j, i < ia ? a[i] : b[i - ia]);
		group = group < 0 ? from : merge(j, group, from);
	}
	gd_onnx_group *g = &j->out->groups[group];
	int before = maker(j, root);
	if (before >= 0 && before != group && j->out->groups[before].fused &&
		is_op(j->file, (size_t)j->out->groups[before].tail, "Sub") &&
		j->out->groups[before].norm) { /* x - mean, then divided by its deviation */
		root = j->out->groups[before].root;
		group = merge(j, group, before);
		g = &j->out->groups[group];
	}
	g->fused = true;
	g->root = root;
	return group;
}

/* The half of a spelled-out gelu that comes after the two ways met. */
static int joins_half(const joining *j, size_t node)
{
	int value = is_op(j->file, node, "Mul") ? against_constant(j, node, true) : -1, group = maker(j, value);
	return group >= 0 && !j->out->groups[group].whole && j->out->groups[group].fused && !j->out->groups[group].norm
			   ? group
			   : -1;
}

static void mark_norm(joining *j, size_t node, int group)
{
	if (!j->out->groups[group].fused)
		return;
	for (int i = j->out->groups[group].first; i <= (int)node; i++)
		if (j->file->nodes[i].group >= 0 && find(j, j->file->nodes[i].group) == group &&
			is_op(j->file, (size_t)i, "ReduceMean"))
			j->out->groups[group].norm = true;
}

static void join_single(joining *j, size_t node)
{
	int group = joins_constant(j, node);
	if (group < 0)
		group = joins_producer(j, node);
	bool met = false;
	if (group < 0) {
		group = joins_diamond(j, node);
		met = group >= 0;
	}
	if (group < 0)
		group = joins_half(j, node);
	if (group < 0)
		group = new_group(j, node);
	put_node(j, node, group);
	if (met)
		mark_norm(j, node, group);
}

gd_status gd_onnx_join(gd_onnx_file *file, gd_onnx_groups *out, gd_error *err)
{
	joining j = { .file = file, .out = out };
	out->count = 0;
	out->groups = gd_arena_new(file->arena, file->graph->node_count, sizeof *out->groups);
	if (!out->groups)
		return gd_fail_memory(err, "grouping nodes");
	gd_status status = list_scopes(&j, err);
	for (size_t i = 0; i < file->graph->node_count && status == GD_OK; i++) {
		if (file->graph->nodes[i].output_count == 0 || (!makes_data(file, i) && gd_onnx_weight_input(file, i) < 0))
			continue;
		const scope_info *info = scope_of(&j, i);
		if (is_whole(&j, i, info))
			join_whole(&j, i, info);
		else
			join_single(&j, i);
	}
	for (size_t i = 0; i < file->graph->node_count && status == GD_OK; i++)
		if (file->nodes[i].group >= 0)
			file->nodes[i].group = find(&j, file->nodes[i].group);
	return status;
}
