/* The lowered copy of the forward graph, and what is known of each of its values. */
#include "gradient/tape_priv.h"
#include <string.h>

enum { TAPE_OPSET = 20, MOVED_INPUTS = 4 /* most that attributes become, and the end */ };

static size_t hash(const char *name)
{
	uint64_t h = 1469598103934665603u; /* FNV-1a */
	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

static gd_slot *place(gd_slot *slots, size_t room, const char *name)
{
	size_t at = hash(name) & (room - 1);
	while (slots[at].name && strcmp(slots[at].name, name) != 0)
		at = (at + 1) & (room - 1);
	return &slots[at];
}

static bool widen(gd_tape *tape)
{
	size_t room = tape->slot_room ? tape->slot_room * 2 : 256;
	gd_slot *slots = gd_arena_new(tape->arena, room, sizeof *slots);
	if (!slots)
		return false;
	for (size_t i = 0; i < tape->slot_room; i++)
		if (tape->slots[i].name)
			*place(slots, room, tape->slots[i].name) = tape->slots[i];
	tape->slots = slots;
	tape->slot_room = room;
	return true;
}

gd_slot *gd_tape_slot(gd_tape *tape, const char *name)
{
	if (tape->slot_count * 2 >= tape->slot_room && !widen(tape)) {
		tape->failed = true;
		return NULL;
	}
	gd_slot *slot = place(tape->slots, tape->slot_room, name);
	if (!slot->name) {
		*slot = (gd_slot){ .name = name, .shape.rank = -1, .type = GD_F32 };
		tape->slot_count++;
	}
	return slot;
}

gd_shape gd_tape_shape(gd_tape *tape, const char *name)
{
	const gd_slot *slot = name ? gd_tape_slot(tape, name) : NULL;
	return slot ? slot->shape : (gd_shape){ .rank = -1 };
}

static void know(gd_tape *tape, const char *name, gd_type type, gd_shape shape)
{
	gd_slot *slot = gd_tape_slot(tape, name);
	if (slot) {
		slot->type = type;
		slot->shape = shape;
	}
}

void gd_tape_set(gd_tape *tape, const char *name, gd_shape shape)
{
	if (name)
		know(tape, name, GD_F32, shape);
}

const gd_graph *gd_tape_graph(const gd_tape *tape)
{
	return &tape->graph;
}

static bool is_wanted(const gd_tape *tape, const char *name)
{
	for (size_t i = 0; i < tape->wanted_count; i++)
		if (strcmp(tape->wanted[i], name) == 0)
			return true;
	return false;
}

static void put_value(gd_tape *tape, gd_value *to, const char *name, gd_type type, gd_shape shape)
{
	if (to)
		*to = (gd_value){ .name = name, .type = type, .shape = shape };
	else
		tape->failed = true;
}

static void copy_tensors(gd_tape *tape)
{
	for (size_t i = 0; i < tape->forward->tensor_count && !tape->failed; i++) {
		const gd_tensor *t = &tape->forward->tensors[i];
		know(tape, t->name, t->type, t->shape);
		gd_slot *slot = gd_tape_slot(tape, t->name);
		if (slot)
			slot->constant = true;
		if (is_wanted(tape, t->name)) {
			put_value(tape, gd_builder_input(&tape->builder), t->name, t->type, t->shape);
			continue;
		}
		gd_tensor *copy = gd_builder_tensor(&tape->builder);
		if (copy)
			*copy = *t;
		else
			tape->failed = true;
	}
}

static void copy_ends(gd_tape *tape)
{
	const gd_graph *from = tape->forward;
	for (size_t i = 0; i < from->value_count; i++)
		know(tape, from->values[i].name, from->values[i].type, from->values[i].shape);
	for (size_t i = 0; i < from->input_count; i++) {
		const gd_value *v = &from->inputs[i];
		know(tape, v->name, v->type, v->shape);
		if (!tape->cut)
			put_value(tape, gd_builder_input(&tape->builder), v->name, v->type, v->shape);
	}
	for (size_t i = 0; i < from->output_count; i++) {
		const gd_value *v = &from->outputs[i];
		if (gd_tape_shape(tape, v->name).rank < 0)
			know(tape, v->name, v->type, v->shape);
		put_value(tape, gd_builder_output(&tape->builder), v->name, v->type, v->shape);
	}
	copy_tensors(tape);
}

/* Attributes that became inputs on the way to opset 20, in the order of their inputs, which follow the data. */
static const struct {
	const char *op, *attrs[3];
} moved[] = {
	{ "Squeeze", { "axes" } }, { "Unsqueeze", { "axes" } }, { "ReduceSum", { "axes" } }, { "ReduceMean", { "axes" } },
	{ "ReduceMax", { "axes" } }, { "ReduceMin", { "axes" } }, { "ReduceProd", { "axes" } }, { "ReduceL1", { "axes" } },
	{ "ReduceL2", { "axes" } }, { "ReduceSumSquare", { "axes" } }, { "ReduceLogSumExp", { "axes" } }, { "Split", { "split" } },
	{ "Slice", { "starts", "ends", "axes" } }, { "Pad", { "pads", "value" } }, { "Clip", { "min", "max" } },
};

/* Attributes that opset 20 does not have any more, without loss at inference. */
static const struct {
	const char *op, *attr;
} dropped[] = { { "BatchNormalization", "spatial" }, { "BatchNormalization", "consumed_inputs" }, { "BatchNormalization", "is_test" },
	{ "Dropout", "ratio" }, { "Dropout", "is_test" }, { "Dropout", "consumed_inputs" }, { "Reshape", "consumed_inputs" } };

static const char *const *moved_attrs(const char *op)
{
	for (size_t i = 0; i < sizeof moved / sizeof moved[0]; i++)
		if (strcmp(moved[i].op, op) == 0)
			return moved[i].attrs;
	static const char *const none[3] = { NULL };
	return none;
}

static bool keeps_attr(const gd_node *node, const gd_attr *attr)
{
	for (size_t i = 0; i < sizeof dropped / sizeof dropped[0]; i++)
		if (strcmp(node->op, dropped[i].op) == 0 && strcmp(attr->name, dropped[i].attr) == 0)
			return false;
	const char *const *names = moved_attrs(node->op);
	for (size_t i = 0; i < 3 && names[i]; i++)
		if (strcmp(attr->name, names[i]) == 0)
			return false;
	return true;
}

/* Inputs of the node in the form of opset 20; ends with NULL. */
static void modern_inputs(gd_tape *tape, const gd_node *node, const char **inputs)
{
	size_t count = 0;
	for (; count < node->input_count; count++)
		inputs[count] = node->inputs[count];
	const char *const *names = moved_attrs(node->op);
	for (size_t i = 0; i < 3 && names[i]; i++) {
		const gd_attr *attr = gd_node_attr(node, names[i]);
		if (!attr || (attr->kind != GD_ATTR_FLOAT && attr->kind != GD_ATTR_INTS))
			continue;
		while (count < i + 1)
			inputs[count++] = "";
		inputs[count++] = attr->kind == GD_ATTR_FLOAT ? gd_emit_scalar(tape, attr->number) : gd_emit_integers(tape, attr->integers, attr->count);
	}
	inputs[count] = NULL;
}

static void copy_node(gd_tape *tape, const gd_node *node)
{
	const char **inputs = gd_arena_new(tape->arena, node->input_count + 2 * MOVED_INPUTS, sizeof *inputs);
	if (!inputs) {
		tape->failed = true;
		return;
	}
	modern_inputs(tape, node, inputs);
	gd_emit(tape, node->op, node->outputs[0], inputs);
	for (size_t i = 1; i < node->output_count && !tape->failed; i++)
		tape->failed = gd_builder_more(&tape->builder, node->outputs[i]) == NULL;
	gd_attr *attrs = gd_arena_new(tape->arena, node->attr_count + 1, sizeof *attrs);
	gd_node *copy = gd_builder_last(&tape->builder);
	if (tape->failed || !attrs || !copy) {
		tape->failed = true;
		return;
	}
	for (size_t i = 0; i < node->attr_count; i++)
		if (keeps_attr(node, &node->attrs[i]))
			attrs[copy->attr_count++] = node->attrs[i];
	copy->attrs = attrs;
	copy->domain = node->domain;
}

static const gd_lowering *find_lowering(const gd_node *node)
{
	const gd_lowering *const tables[] = { gd_lowerings, gd_lowerings_recurrent };
	for (size_t t = 0; t < 2 && !*node->domain; t++)
		for (const gd_lowering *row = tables[t]; row->op; row++)
			if (strcmp(row->op, node->op) == 0)
				return row;
	return NULL;
}

bool gd_tape_needs(gd_tape *tape, const gd_node *node, size_t at)
{
	const gd_slot *slot = at < node->input_count && *node->inputs[at] ? gd_tape_slot(tape, node->inputs[at]) : NULL;
	return slot && slot->needed;
}

bool gd_tape_mark(gd_tape *tape, const gd_node *node)
{
	bool needs = false;
	for (size_t i = 0; i < node->input_count; i++)
		needs = needs || gd_tape_needs(tape, node, i);
	for (size_t i = 0; i < node->output_count && needs; i++) {
		gd_slot *slot = *node->outputs[i] ? gd_tape_slot(tape, node->outputs[i]) : NULL;
		if (slot)
			slot->needed = slot->type == GD_F32 || slot->type == GD_F64;
	}
	return needs;
}

/* Is it computed in front of the cut, and not there yet? */
static bool crosses(gd_tape *tape, const char *name)
{
	const gd_slot *slot = *name ? gd_tape_slot(tape, name) : NULL;
	return slot && !slot->needed && !slot->enters && !slot->constant;
}

static void let_enter(gd_tape *tape, const gd_node *node)
{
	for (size_t i = 0; i < node->input_count && !tape->failed; i++) {
		if (!crosses(tape, node->inputs[i]))
			continue;
		gd_slot *slot = gd_tape_slot(tape, node->inputs[i]);
		slot->enters = true;
		put_value(tape, gd_builder_input(&tape->builder), slot->name, slot->type, slot->shape);
		if (tape->entering_count < tape->entering_room)
			tape->entering[tape->entering_count++] = slot->name;
		else
			tape->failed = true;
	}
}

/* What the graphs inside a node read from outside stands in no list: behind a weight that is fitted, such a node may
 * depend on it or not. */
static bool may_capture(const gd_node *node)
{
	return strcmp(node->op, "Loop") == 0 || strcmp(node->op, "If") == 0 || strcmp(node->op, "Scan") == 0;
}

static gd_status lower(gd_tape *tape, const gd_node *node, const gd_lowering *lowering, gd_error *err)
{
	const char *room[GD_PADDED_INPUTS];
	const gd_node padded = gd_node_padded(node, room);
	return lowering->lower(tape, &padded, err);
}

/* A node that no wanted weight flows into is never differentiated: it is kept whole, which is faster, or cut off. */
static gd_status copy_nodes(gd_tape *tape, gd_error *err)
{
	gd_status status = GD_OK;
	bool reached = false;
	for (size_t i = 0; i < tape->forward->node_count && status == GD_OK && !tape->failed; i++) {
		const gd_node *node = &tape->forward->nodes[i];
		tape->builder.layer = node->layer;
		bool needed = gd_tape_mark(tape, node);
		reached = reached || needed;
		if (reached && may_capture(node))
			return gd_tape_unsupported(node, "the graph inside it may read what depends on the weights", err);
		if (tape->cut && !needed)
			continue;
		if (tape->cut)
			let_enter(tape, node);
		const gd_lowering *lowering = needed ? find_lowering(node) : NULL;
		if (lowering)
			status = lower(tape, node, lowering, err);
		else
			copy_node(tape, node);
	}
	tape->builder.layer = -1;
	return status;
}

/* Weights in front of the cut are not carried along. */
static void drop_unused(gd_tape *tape)
{
	size_t kept = 0;
	for (size_t i = 0; i < tape->graph.node_count; i++)
		for (size_t k = 0; k < tape->graph.nodes[i].input_count; k++) {
			gd_slot *slot = gd_tape_slot(tape, tape->graph.nodes[i].inputs[k]);
			if (slot)
				slot->used = true;
		}
	for (size_t i = 0; i < tape->graph.tensor_count && !tape->failed; i++) {
		const gd_slot *slot = gd_tape_slot(tape, tape->graph.tensors[i].name);
		if (!slot || slot->used || !slot->constant) /* lists that lowering made have no slot of their own: kept */
			tape->graph.tensors[kept++] = tape->graph.tensors[i];
	}
	tape->graph.tensor_count = tape->failed ? tape->graph.tensor_count : kept;
}

/* Other outputs in front of the cut, or of whole numbers (the class beside its probabilities), are none of the part. */
static gd_status keep_outputs(gd_tape *tape, gd_error *err)
{
	size_t kept = 0;
	for (size_t i = 0; i < tape->graph.output_count; i++) {
		const gd_slot *slot = gd_tape_slot(tape, tape->graph.outputs[i].name);
		if (slot && slot->needed)
			tape->graph.outputs[kept++] = tape->graph.outputs[i];
		else if (i == 0)
			return gd_fail(err, GD_E_UNSUPPORTED, "the output does not depend on its weights");
	}
	tape->graph.output_count = kept;
	return GD_OK;
}

static gd_status open_tape(gd_tape *tape, gd_error *err)
{
	copy_ends(tape);
	for (size_t i = 0; i < tape->wanted_count && !tape->failed; i++) {
		if (!gd_graph_tensor(tape->forward, tape->wanted[i]))
			return gd_fail(err, GD_E_INTERNAL, "no weight %s in the graph", tape->wanted[i]);
		gd_slot *slot = gd_tape_slot(tape, tape->wanted[i]);
		if (slot)
			slot->needed = true;
	}
	gd_status status = tape->failed ? GD_OK : copy_nodes(tape, err);
	if (tape->cut && !tape->failed)
		drop_unused(tape);
	if (tape->cut && !tape->failed && status == GD_OK)
		status = keep_outputs(tape, err);
	return status == GD_OK && tape->failed ? gd_fail_memory(err, "preparing gradients") : status;
}

static gd_tape *tape_new(const gd_graph *forward, const char *const *wanted, size_t wanted_count, gd_arena *arena)
{
	gd_tape *tape = gd_arena_new(arena, 1, sizeof *tape);
	if (!tape)
		return NULL;
	*tape = (gd_tape){ .arena = arena, .forward = forward, .wanted = wanted, .wanted_count = wanted_count, .graph.opset = TAPE_OPSET };
	/* serial starts high: names made here must differ from those a builder gave the forward graph */
	tape->builder = (gd_builder){ .arena = arena, .graph = &tape->graph, .layer = -1, .serial = 1u << 30 };
	return tape;
}

gd_status gd_tape_open(const gd_graph *forward, const char *const *wanted, size_t wanted_count, gd_arena *arena, gd_tape **out, gd_error *err)
{
	*out = tape_new(forward, wanted, wanted_count, arena);
	return *out ? open_tape(*out, err) : gd_fail_memory(err, "preparing gradients");
}

gd_status gd_tape_open_cut(const gd_graph *forward, const char *const *wanted, size_t wanted_count, gd_arena *arena, gd_tape **out,
	const char *const **entering, size_t *entering_count, gd_error *err)
{
	gd_tape *tape = *out = tape_new(forward, wanted, wanted_count, arena);
	if (!tape)
		return gd_fail_memory(err, "preparing gradients");
	tape->cut = true;
	for (size_t i = 0; i < forward->node_count; i++)
		tape->entering_room += forward->nodes[i].input_count;
	tape->entering = gd_arena_new(arena, tape->entering_room, sizeof *tape->entering);
	if (!tape->entering)
		return gd_fail_memory(err, "preparing gradients");
	gd_status status = open_tape(tape, err);
	*entering = tape->entering;
	*entering_count = tape->entering_count;
	return status;
}
