/* Expressions: what can be computed is, the rest is unknown; calls are carried out in Python's order. */
#include "source/walk.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static value number_value(double number)
{
	value v = unknown_value;
	v.kind = V_NUMBER;
	v.number = number;
	return v;
}

static value text_value(value_kind kind, const char *text)
{
	value v = unknown_value;
	v.kind = text ? kind : V_UNKNOWN;
	v.text = text;
	return v;
}

static value whole_or_real(walk *w, scope *s, TSNode node)
{
	(void)s;
	char *text = gd_walk_text(w, node), *to = text;
	for (const char *from = text; from && *from; from++) /* 1_000 */
		if (*from != '_')
			*to++ = *from;
	if (!text)
		return unknown_value;
	*to = 0;
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	char *end;
	double number = hex ? (double)strtoull(text, &end, 16) : strtod(text, &end);
	return *end ? unknown_value : number_value(number);
}

/* Plain strings; f-strings with anything in braces are unknown. */
static value string(walk *w, scope *s, TSNode node)
{
	(void)s;
	uint32_t count = ts_node_named_child_count(node);
	const char *text = "";
	for (uint32_t i = 0; i < count; i++) {
		TSNode part = ts_node_named_child(node, i);
		if (gd_node_is(part, "interpolation"))
			return unknown_value;
		if (gd_node_is(part, "string_content"))
			text = gd_walk_text(w, part);
	}
	return text_value(V_TEXT, text);
}

static value truth(walk *w, scope *s, TSNode node)
{
	(void)w, (void)s;
	value v = number_value(gd_node_is(node, "true"));
	v.kind = V_BOOL;
	return v;
}

static value none(walk *w, scope *s, TSNode node)
{
	(void)w, (void)s, (void)node;
	value v = unknown_value;
	v.kind = V_NONE;
	return v;
}

static value identifier(walk *w, scope *s, TSNode node)
{
	char *name = gd_walk_text(w, node);
	const value *held = name ? gd_scope_find(s, name) : NULL;
	return held ? *held : text_value(V_NAME, name);
}

static value attribute(walk *w, scope *s, TSNode node)
{
	value of = gd_walk_evaluate(w, s, gd_node_field(node, "object"));
	char *name = gd_walk_text(w, gd_node_field(node, "attribute"));
	if (!name)
		return unknown_value;
	if (of.kind == V_NAME)
		return text_value(V_NAME, gd_arena_printf(&w->program->arena, "%s.%s", of.text, name));
	if (of.kind == V_INSTANCE) {
		const value *held = gd_scope_find(&(scope){ of.home->bindings, NULL }, name);
		return held ? *held : unknown_value;
	}
	if (of.kind == V_LAYER || of.kind == V_UNKNOWN) /* model.add: the method's name is what a call needs */
		return text_value(V_NAME, gd_arena_printf(&w->program->arena, "?.%s", name));
	return unknown_value;
}

static value unary(walk *w, scope *s, TSNode node)
{
	value v = gd_walk_evaluate(w, s, gd_node_field(node, "argument"));
	if (v.kind != V_NUMBER)
		return unknown_value;
	TSNode op = gd_node_field(node, "operator");
	return gd_node_is(op, "-") ? number_value(-v.number) : gd_node_is(op, "+") ? v : unknown_value;
}

static value arithmetic(const char *op, double a, double b)
{
	if (strcmp(op, "+") == 0)
		return number_value(a + b);
	if (strcmp(op, "-") == 0)
		return number_value(a - b);
	if (strcmp(op, "*") == 0)
		return number_value(a * b);
	if (strcmp(op, "**") == 0)
		return number_value(pow(a, b));
	if (b == 0)
		return unknown_value;
	if (strcmp(op, "/") == 0)
		return number_value(a / b);
	if (strcmp(op, "//") == 0)
		return number_value(floor(a / b));
	if (strcmp(op, "%") == 0)
		return number_value(a - b * floor(a / b));
	return unknown_value;
}

/* Lists joined or repeated. */
static value list_of(walk *w, const value *a, const value *b, size_t times)
{
	size_t each = a->count + (b ? b->count : 0);
	value v = unknown_value;
	if (each == 0 || times > MOST_ITEMS / each)
		return v;
	v.items = gd_arena_new(&w->program->arena, each * times, sizeof *v.items);
	if (!v.items) {
		w->failed = true;
		return v;
	}
	for (size_t t = 0; t < times; t++) {
		for (size_t i = 0; i < a->count; i++)
			v.items[v.count++] = a->items[i];
		for (size_t i = 0; b && i < b->count; i++)
			v.items[v.count++] = b->items[i];
	}
	v.kind = V_LIST;
	return v;
}

static value binary(walk *w, scope *s, TSNode node)
{
	value a = gd_walk_evaluate(w, s, gd_node_field(node, "left")), b = gd_walk_evaluate(w, s, gd_node_field(node, "right"));
	const char *op = ts_node_type(gd_node_field(node, "operator"));
	if ((a.kind == V_NUMBER || a.kind == V_BOOL) && (b.kind == V_NUMBER || b.kind == V_BOOL))
		return arithmetic(op, a.number, b.number);
	if (a.kind == V_LIST && b.kind == V_LIST && strcmp(op, "+") == 0)
		return list_of(w, &a, &b, 1);
	if (a.kind == V_LIST && b.kind == V_NUMBER && strcmp(op, "*") == 0 && b.number >= 0 && b.number <= (double)MOST_ITEMS)
		return list_of(w, &a, NULL, (size_t)b.number);
	if (a.kind == V_TEXT && b.kind == V_TEXT && strcmp(op, "+") == 0)
		return text_value(V_TEXT, gd_arena_printf(&w->program->arena, "%s%s", a.text, b.text));
	return unknown_value;
}

static value compare(walk *w, scope *s, TSNode node)
{
	if (ts_node_named_child_count(node) != 2)
		return unknown_value;
	value a = gd_walk_evaluate(w, s, ts_node_named_child(node, 0)), b = gd_walk_evaluate(w, s, ts_node_named_child(node, 1));
	const char *op = ts_node_type(ts_node_child(node, 1));
	int order;
	if (a.kind == V_NUMBER && b.kind == V_NUMBER)
		order = (a.number > b.number) - (a.number < b.number);
	else if (a.kind == V_TEXT && b.kind == V_TEXT)
		order = strcmp(a.text, b.text);
	else if (a.kind == V_NAME && strcmp(a.text, "__name__") == 0 && b.kind == V_TEXT)
		order = strcmp("__main__", b.text); /* the program is run, not imported */
	else
		return unknown_value;
	static const struct {
		const char *op;
		bool less, equal, more;
	} table[] = { { "==", 0, 1, 0 }, { "!=", 1, 0, 1 }, { "<", 1, 0, 0 }, { "<=", 1, 1, 0 }, { ">", 0, 0, 1 }, { ">=", 0, 1, 1 } };
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strcmp(op, table[i].op) == 0) {
			value v = number_value(order < 0 ? table[i].less : order > 0 ? table[i].more : table[i].equal);
			v.kind = V_BOOL;
			return v;
		}
	return unknown_value;
}

static value boolean(walk *w, scope *s, TSNode node)
{
	value a = gd_walk_evaluate(w, s, gd_node_field(node, "left"));
	int is = gd_value_truth(&a);
	bool both = gd_node_is(gd_node_field(node, "operator"), "and");
	if (is >= 0 && is != both)
		return a;
	value b = gd_walk_evaluate(w, s, gd_node_field(node, "right"));
	return is >= 0 ? b : unknown_value;
}

static value negation(walk *w, scope *s, TSNode node)
{
	value v = gd_walk_evaluate(w, s, gd_node_field(node, "argument"));
	int is = gd_value_truth(&v);
	if (is < 0)
		return unknown_value;
	v = number_value(!is);
	v.kind = V_BOOL;
	return v;
}

/* a if c else b: children a, c, b. */
static value conditional(walk *w, scope *s, TSNode node)
{
	value c = gd_walk_evaluate(w, s, ts_node_named_child(node, 1));
	int is = gd_value_truth(&c);
	if (is >= 0)
		return gd_walk_evaluate(w, s, ts_node_named_child(node, is ? 0 : 2));
	w->branches++;
	value a = gd_walk_evaluate(w, s, ts_node_named_child(node, 0));
	gd_walk_evaluate(w, s, ts_node_named_child(node, 2));
	w->branches--;
	return a;
}

static value list(walk *w, scope *s, TSNode node)
{
	uint32_t count = ts_node_named_child_count(node);
	value v = unknown_value;
	v.kind = V_LIST;
	v.items = gd_arena_new(&w->program->arena, count, sizeof *v.items);
	if (!v.items)
		w->failed = true;
	for (uint32_t i = 0; i < count && !w->failed; i++) {
		TSNode child = ts_node_named_child(node, i);
		if (gd_node_is(child, "comment"))
			continue;
		if (gd_node_is(child, "list_splat")) {
			value inner = gd_walk_evaluate(w, s, ts_node_named_child(child, 0));
			value before = v, joined = inner.kind == V_LIST ? list_of(w, &before, &inner, 1) : unknown_value;
			if (joined.kind != V_LIST)
				continue;
			value *room = gd_arena_new(&w->program->arena, joined.count + count, sizeof *room);
			if (!room)
				w->failed = true;
			else
				memcpy(room, joined.items, joined.count * sizeof *room);
			v.items = room;
			v.count = room ? joined.count : 0;
		} else {
			v.items[v.count++] = gd_walk_evaluate(w, s, child);
		}
	}
	return v;
}

static value inner(walk *w, scope *s, TSNode node)
{
	return gd_walk_evaluate(w, s, ts_node_named_child(node, 0));
}

static value subscript(walk *w, scope *s, TSNode node)
{
	value of = gd_walk_evaluate(w, s, gd_node_field(node, "value")), at = gd_walk_evaluate(w, s, gd_node_field(node, "subscript"));
	if (of.kind != V_LIST || at.kind != V_NUMBER)
		return unknown_value;
	double index = at.number < 0 ? at.number + (double)of.count : at.number;
	return index >= 0 && index < (double)of.count ? of.items[(size_t)index] : unknown_value;
}

static value named(walk *w, scope *s, TSNode node)
{
	value v = gd_walk_evaluate(w, s, gd_node_field(node, "value"));
	gd_walk_assign(w, s, gd_node_field(node, "name"), v);
	return v;
}

/* [body for left in right if ...]: one clause; others are walked once. */
static value comprehension(walk *w, scope *s, TSNode node)
{
	TSNode body = gd_node_field(node, "body"), clause = ts_node_named_child(node, 1);
	scope *own = gd_scope_new(w, s);
	if (!own || !gd_node_is(clause, "for_in_clause"))
		return unknown_value;
	value over = gd_walk_evaluate(w, s, gd_node_field(clause, "right")), v = unknown_value;
	bool plain = over.kind == V_LIST && ts_node_named_child_count(node) == 2;
	if (!plain) {
		w->unsure++;
		gd_walk_assign(w, own, gd_node_field(clause, "left"), unknown_value);
		gd_walk_evaluate(w, own, body);
		w->unsure--;
		return v;
	}
	v.kind = V_LIST;
	v.items = gd_arena_new(&w->program->arena, over.count, sizeof *v.items);
	if (!v.items)
		w->failed = true;
	for (size_t i = 0; i < over.count && !w->failed; i++) {
		gd_walk_assign(w, own, gd_node_field(clause, "left"), over.items[i]);
		v.items[v.count++] = gd_walk_evaluate(w, own, body);
	}
	return v;
}

/* ---- calls ------------------------------------------------------------------------------------------------------- */

static bool read_arguments(walk *w, scope *s, TSNode list_node, call_arguments *out)
{
	uint32_t count = gd_node_is(list_node, "argument_list") ? ts_node_named_child_count(list_node) : 0;
	*out = (call_arguments){ gd_arena_new(&w->program->arena, count, sizeof *out->list), gd_arena_new(&w->program->arena, count, sizeof *out->values), 0 };
	if (!out->list || !out->values) {
		w->failed = true;
		return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		TSNode node = ts_node_named_child(list_node, i), from = node;
		const char *name = NULL;
		if (gd_node_is(node, "comment") || gd_node_is(node, "dictionary_splat") || gd_node_is(node, "list_splat"))
			continue;
		if (gd_node_is(node, "keyword_argument")) {
			name = gd_walk_text(w, gd_node_field(node, "name"));
			from = gd_node_field(node, "value");
		}
		value v = gd_walk_evaluate(w, s, from);
		gd_argument *a = &out->list[out->count];
		a->name = name;
		a->line = (int)ts_node_start_point(from).row + 1;
		a->text = gd_value_text(w, &v, &a->number, &a->known);
		out->values[out->count++] = v;
	}
	return !w->failed;
}

static value call(walk *w, scope *s, TSNode node)
{
	value callee = gd_walk_evaluate(w, s, gd_node_field(node, "function"));
	TSNode given = gd_node_field(node, "arguments");
	call_arguments arguments;
	if (gd_node_is(given, "generator_expression")) {
		comprehension(w, s, given);
		return unknown_value;
	}
	if (!read_arguments(w, s, given, &arguments))
		return unknown_value;
	return gd_walk_call(w, s, &callee, node, &arguments);
}

static const struct {
	const char *type;
	value (*evaluate)(walk *w, scope *s, TSNode node);
} kinds[] = {
	{ "identifier", identifier }, { "attribute", attribute }, { "call", call }, { "integer", whole_or_real }, { "float", whole_or_real },
	{ "string", string }, { "true", truth }, { "false", truth }, { "none", none }, { "unary_operator", unary }, { "binary_operator", binary },
	{ "comparison_operator", compare }, { "boolean_operator", boolean }, { "not_operator", negation }, { "conditional_expression", conditional },
	{ "list", list }, { "tuple", list }, { "expression_list", list }, { "parenthesized_expression", inner }, { "await", inner },
	{ "subscript", subscript }, { "named_expression", named }, { "list_comprehension", comprehension }, { "generator_expression", comprehension },
};

value gd_walk_evaluate(walk *w, scope *s, TSNode node)
{
	if (ts_node_is_null(node) || !gd_walk_enter(w))
		return unknown_value;
	value v = unknown_value;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (gd_node_is(node, kinds[i].type)) {
			v = kinds[i].evaluate(w, s, node);
			break;
		}
	gd_walk_leave(w);
	return v;
}
