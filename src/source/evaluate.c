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

/* One {...} of an f-string: texts and numbers without a format. */
static const char *interpolated(walk *w, scope *s, TSNode part)
{
	value v = ts_node_named_child_count(part) == 1 ? gd_walk_evaluate(w, s, ts_node_named_child(part, 0)) : unknown_value;
	value text = gd_text_format(w, "{}", &v, 1);
	return text.kind == V_TEXT ? text.text : NULL;
}

/* f-strings with what is not known in braces are unknown. */
static value string(walk *w, scope *s, TSNode node)
{
	uint32_t count = ts_node_named_child_count(node);
	const char *text = "";
	for (uint32_t i = 0; i < count && text; i++) {
		TSNode part = ts_node_named_child(node, i);
		const char *piece = gd_node_is(part, "interpolation")      ? interpolated(w, s, part)
							: gd_node_is(part, "string_content") ? gd_walk_text(w, part)
																   : "";
		text = !piece ? NULL : *text ? gd_arena_printf(&w->program->arena, "%s%s", text, piece) : piece;
	}
	return text_value(V_TEXT, text);
}

static value concatenated(walk *w, scope *s, TSNode node)
{
	const char *text = "";
	for (uint32_t i = 0, count = ts_node_named_child_count(node); i < count && text; i++) {
		value part = gd_walk_evaluate(w, s, ts_node_named_child(node, i));
		text = part.kind == V_TEXT ? gd_arena_printf(&w->program->arena, "%s%s", text, part.text) : NULL;
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

/* A method found in a class, tied to the object unless it is static. */
static value bound(walk *w, const value *member, const value *self)
{
	value v = *member;
	const value *type = self && self->kind == V_INSTANCE ? self->type : self;
	if (v.kind == V_FUNCTION && v.of_class && type && type->kind == V_CLASS)
		v.self = gd_arena_copy(&w->program->arena, type, sizeof *type);
	else if (v.kind == V_FUNCTION && !v.is_static && self && self->kind != V_CLASS)
		v.self = gd_arena_copy(&w->program->arena, self, sizeof *self);
	return v;
}

value gd_walk_attribute(walk *w, const value *of, const char *name)
{
	if (of->kind == V_NAME)
		return text_value(V_NAME, gd_arena_printf(&w->program->arena, "%s.%s", of->text, name));
	if (of->kind == V_INSTANCE || (of->kind == V_LAYER && of->home)) {
		const value *held = gd_scope_find(&(scope){ of->home->bindings, NULL }, name);
		const value *member = held ? NULL : gd_class_member(of->type, name);
		if (held || member)
			return held ? *held : bound(w, member, of);
	}
	const value *member = of->kind == V_CLASS ? gd_class_member(of, name) : of->kind == V_SUPER ? gd_class_member(of->type, name) : NULL;
	if (member)
		return bound(w, member, of->kind == V_SUPER ? of->self : of);
	if (of->kind == V_SUPER && strcmp(name, "__init__") == 0)
		return *of;
	if (of->kind == V_LAYER || of->kind == V_UNKNOWN) /* model.add: the method's name is what a call needs */
		return text_value(V_NAME, gd_arena_printf(&w->program->arena, "?.%s", name));
	return unknown_value;
}

static value attribute(walk *w, scope *s, TSNode node)
{
	value of = gd_walk_evaluate(w, s, gd_node_field(node, "object"));
	char *name = gd_walk_text(w, gd_node_field(node, "attribute"));
	return name ? gd_walk_attribute(w, &of, name) : unknown_value;
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

static value binary(walk *w, scope *s, TSNode node)
{
	value a = gd_walk_evaluate(w, s, gd_node_field(node, "left")), b = gd_walk_evaluate(w, s, gd_node_field(node, "right"));
	const char *op = ts_node_type(gd_node_field(node, "operator"));
	if ((a.kind == V_NUMBER || a.kind == V_BOOL) && (b.kind == V_NUMBER || b.kind == V_BOOL))
		return arithmetic(op, a.number, b.number);
	if (a.kind == V_LIST && b.kind == V_LIST && strcmp(op, "+") == 0)
		return gd_list_join(w, &a, &b, 1);
	if (a.kind == V_LIST && b.kind == V_NUMBER && strcmp(op, "*") == 0 && b.number >= 0 && b.number <= (double)MOST_ITEMS)
		return gd_list_join(w, &a, NULL, (size_t)b.number);
	if (a.kind == V_TEXT && strcmp(op, "%") == 0)
		return gd_text_format(w, a.text, b.kind == V_LIST ? b.items : &b, b.kind == V_LIST ? b.count : 1);
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
	else if ((a.kind == V_NUMBER && b.kind == V_TEXT) || (a.kind == V_TEXT && b.kind == V_NUMBER))
		order = strcmp(op, "==") == 0 || strcmp(op, "!=") == 0 ? 1 : 2; /* a number is no text */
	else if (a.kind != V_UNKNOWN && a.kind != V_NAME && b.kind == V_NONE && (strncmp(op, "is", 2) == 0 || strcmp(op, "==") == 0 || strcmp(op, "!=") == 0))
		order = a.kind != V_NONE;
	else
		return unknown_value;
	if (order > 1)
		return unknown_value;
	static const struct {
		const char *op;
		bool less, equal, more;
	} table[] = { { "==", 0, 1, 0 }, { "!=", 1, 0, 1 }, { "<", 1, 0, 0 }, { "<=", 1, 1, 0 }, { ">", 0, 0, 1 }, { ">=", 0, 1, 1 }, { "is", 0, 1, 0 },
		{ "is not", 1, 0, 1 } };
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
static bool is_plain(const value *v)
{
	return v->kind == V_NUMBER || v->kind == V_TEXT || v->kind == V_BOOL || v->kind == V_NONE;
}

static bool same_plain(const value *a, const value *b)
{
	if (a->kind != b->kind)
		return false;
	return a->kind == V_TEXT ? a->text && b->text && strcmp(a->text, b->text) == 0 : a->kind == V_NONE || !(a->number < b->number || a->number > b->number);
}

/* Where the condition is not known, a plain value counts only if both sides say it; of layers the first stands for both. */
static value conditional(walk *w, scope *s, TSNode node)
{
	value c = gd_walk_evaluate(w, s, ts_node_named_child(node, 1));
	int is = gd_value_truth(&c);
	if (is >= 0)
		return gd_walk_evaluate(w, s, ts_node_named_child(node, is ? 0 : 2));
	w->branches++;
	value a = gd_walk_evaluate(w, s, ts_node_named_child(node, 0));
	value b = gd_walk_evaluate(w, s, ts_node_named_child(node, 2));
	w->branches--;
	return is_plain(&a) && !same_plain(&a, &b) ? unknown_value : a;
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
			value of = gd_walk_evaluate(w, s, ts_node_named_child(child, 0)), inner = gd_walk_sequence(w, &of);
			value before = v, joined = inner.kind == V_LIST ? gd_list_join(w, &before, &inner, 1) : unknown_value;
			if (joined.kind != V_LIST)
				continue;
			value *room = gd_arena_new(&w->program->arena, joined.count + count, sizeof *room);
			if (!room)
				w->failed = true;
			else
				memcpy(room, joined.items, joined.count * sizeof *room);
			v.items = room;
			v.number = joined.number;
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

/* a[1:], a[:-1], a[::2] of a list of known length. */
static value sliced(walk *w, scope *s, const value *list_value, TSNode node)
{
	double bounds[3] = { 0, (double)list_value->count, 1 };
	uint32_t count = ts_node_child_count(node), place = 0;
	value v = unknown_value;
	for (uint32_t i = 0; i < count; i++) {
		TSNode child = ts_node_child(node, i);
		if (gd_node_is(child, ":")) {
			place++;
			continue;
		}
		value at = gd_walk_evaluate(w, s, child);
		if (at.kind != V_NUMBER || place > 2)
			return v;
		bounds[place] = at.number < 0 && place < 2 ? at.number + (double)list_value->count : at.number;
	}
	if (list_value->number != 0 || bounds[2] < 1)
		return v;
	v.kind = V_LIST;
	v.items = gd_arena_new(&w->program->arena, list_value->count + 1, sizeof *v.items);
	w->failed = w->failed || !v.items;
	for (double at = bounds[0] < 0 ? 0 : bounds[0]; v.items && at < bounds[1] && at < (double)list_value->count; at += bounds[2])
		v.items[v.count++] = list_value->items[(size_t)at];
	return v;
}

static value subscript(walk *w, scope *s, TSNode node)
{
	value held = gd_walk_evaluate(w, s, gd_node_field(node, "value"));
	TSNode place = gd_node_field(node, "subscript");
	value of = held.kind == V_DICT ? held : gd_walk_sequence(w, &held);
	if (of.kind == V_LIST && gd_node_is(place, "slice"))
		return sliced(w, s, &of, place);
	value at = gd_walk_evaluate(w, s, place);
	value named_modules = held.kind == V_LAYER && at.kind == V_TEXT ? gd_module_children(w, &held, true) : held;
	if (named_modules.kind == V_DICT && at.kind == V_TEXT)
		return gd_dict_find(&named_modules, at.text);
	if (of.kind != V_LIST || at.kind != V_NUMBER)
		return unknown_value;
	if (of.number != 0)
		return of.count == 1 ? of.items[0] : unknown_value;
	double index = at.number < 0 ? at.number + (double)of.count : at.number;
	return index >= 0 && index < (double)of.count ? of.items[(size_t)index] : unknown_value;
}

/* {key: value for left in right}: of a known list. */
static value dictionary_of(walk *w, scope *s, TSNode node)
{
	TSNode pair = gd_node_field(node, "body"), clause = ts_node_named_child(node, 1);
	scope *own = gd_scope_new(w, s);
	if (!own || !gd_node_is(clause, "for_in_clause") || !gd_node_is(pair, "pair"))
		return unknown_value;
	value right = gd_walk_evaluate(w, s, gd_node_field(clause, "right")), over = gd_walk_sequence(w, &right), v = unknown_value;
	bool plain = over.kind == V_LIST && over.number == 0 && ts_node_named_child_count(node) == 2;
	w->unsure += !plain;
	v.kind = V_DICT;
	v.items = gd_arena_new(&w->program->arena, over.count + 1, sizeof *v.items);
	w->failed = w->failed || !v.items;
	for (size_t i = 0; i < (plain ? over.count : 1) && !w->failed; i++) {
		value *held = gd_arena_new(&w->program->arena, 2, sizeof *held);
		gd_walk_assign(w, own, gd_node_field(clause, "left"), i < over.count ? over.items[i] : unknown_value);
		if (!held) {
			w->failed = true;
			break;
		}
		held[0] = gd_walk_evaluate(w, own, gd_node_field(pair, "key"));
		held[1] = gd_walk_evaluate(w, own, gd_node_field(pair, "value"));
		v.items[v.count++] = (value){ .kind = V_LIST, .items = held, .count = 2, .constructor = -1 };
	}
	w->unsure -= !plain;
	return plain ? v : unknown_value;
}

/* {"a": 1, **other}: keys that are texts. */
static value dictionary(walk *w, scope *s, TSNode node)
{
	uint32_t count = ts_node_named_child_count(node);
	value v = unknown_value;
	v.kind = V_DICT;
	v.items = gd_arena_new(&w->program->arena, count + 1, sizeof *v.items);
	w->failed = w->failed || !v.items;
	for (uint32_t i = 0; i < count && !w->failed; i++) {
		TSNode child = ts_node_named_child(node, i);
		value *pair = gd_arena_new(&w->program->arena, 2, sizeof *pair);
		if (!gd_node_is(child, "pair") || !pair) {
			w->failed = w->failed || !pair;
			continue;
		}
		pair[0] = gd_walk_evaluate(w, s, gd_node_field(child, "key"));
		pair[1] = gd_walk_evaluate(w, s, gd_node_field(child, "value"));
		v.items[v.count++] = (value){ .kind = V_LIST, .items = pair, .count = 2, .constructor = -1 };
	}
	return v;
}

static value named(walk *w, scope *s, TSNode node)
{
	value v = gd_walk_evaluate(w, s, gd_node_field(node, "value"));
	gd_walk_assign(w, s, gd_node_field(node, "name"), v);
	return v;
}

static value nameless(walk *w, scope *s, TSNode node)
{
	(void)w;
	value v = unknown_value;
	v.kind = V_FUNCTION;
	v.node = node;
	v.home = s;
	return v;
}

/* What a generator hands out, kept as a list for who goes over it. */
static value yield(walk *w, scope *s, TSNode node)
{
	value one = ts_node_named_child_count(node) ? gd_walk_evaluate(w, s, ts_node_named_child(node, 0)) : unknown_value;
	bool from = ts_node_child_count(node) > 1 && gd_node_is(ts_node_child(node, 1), "from");
	if (w->yielded) {
		value more = unknown_value;
		more.kind = V_LIST;
		more.items = &one;
		more.count = 1;
		value longer = from ? gd_walk_sequence(w, &one) : more;
		if (longer.kind == V_LIST)
			gd_list_grow(w, w->yielded, &longer);
	}
	return unknown_value;
}

/* [body for left in right if ...]: one clause; others are walked once and stand for any number. */
static value comprehension(walk *w, scope *s, TSNode node)
{
	TSNode body = gd_node_field(node, "body"), clause = ts_node_named_child(node, 1);
	scope *own = gd_scope_new(w, s);
	if (!own || !gd_node_is(clause, "for_in_clause"))
		return unknown_value;
	value right = gd_walk_evaluate(w, s, gd_node_field(clause, "right")), over = gd_walk_sequence(w, &right), v = unknown_value;
	bool plain = over.kind == V_LIST && over.number == 0 && ts_node_named_child_count(node) == 2;
	v.items = gd_arena_new(&w->program->arena, plain ? over.count + 1 : 1, sizeof *v.items);
	if (!v.items) {
		w->failed = true;
		return unknown_value;
	}
	v.kind = V_LIST;
	v.number = !plain;
	w->unsure += !plain;
	for (size_t i = 0; i < (plain ? over.count : 1) && !w->failed; i++) {
		gd_walk_assign(w, own, gd_node_field(clause, "left"), i < over.count ? over.items[i] : unknown_value);
		v.items[v.count++] = gd_walk_evaluate(w, own, body);
	}
	w->unsure -= !plain;
	return v;
}

/* ---- calls ------------------------------------------------------------------------------------------------------- */

static bool add_argument(walk *w, call_arguments *out, size_t *room, const char *name, const value *v, int line)
{
	if (out->count == *room) {
		size_t wider = *room * 2 + 4;
		gd_argument *list_room = gd_arena_new(&w->program->arena, wider, sizeof *list_room);
		value *values = gd_arena_new(&w->program->arena, wider, sizeof *values);
		if (!list_room || !values) {
			w->failed = true;
			return false;
		}
		if (out->count) {
			memcpy(list_room, out->list, out->count * sizeof *list_room);
			memcpy(values, out->values, out->count * sizeof *values);
		}
		out->list = list_room;
		out->values = values;
		*room = wider;
	}
	gd_argument *a = &out->list[out->count];
	a->name = name;
	a->line = line;
	a->text = gd_value_text(w, v, &a->number, &a->known);
	out->values[out->count++] = *v;
	return true;
}

/* *list and **dictionary: each element is an argument; of an open list the one that stands for all is not repeated. */
static void add_splat(walk *w, scope *s, TSNode node, call_arguments *out, size_t *room)
{
	value of = gd_walk_evaluate(w, s, ts_node_named_child(node, 0));
	int line = (int)ts_node_start_point(node).row + 1;
	bool keywords = gd_node_is(node, "dictionary_splat");
	value all = keywords ? of : gd_walk_sequence(w, &of);
	if (!keywords && all.kind == V_LIST && all.number != 0) { /* handed on whole, so that what takes it knows that it is open */
		add_argument(w, out, room, NULL, &all, line);
		return;
	}
	for (size_t i = 0; i < all.count && (all.kind == V_LIST || all.kind == V_DICT) && !w->failed; i++) {
		const value *key = keywords && all.kind == V_DICT ? &all.items[i].items[0] : NULL;
		if (!keywords)
			add_argument(w, out, room, NULL, &all.items[i], line);
		else if (key && key->kind == V_TEXT)
			add_argument(w, out, room, key->text, &all.items[i].items[1], line);
	}
}

bool gd_walk_arguments(walk *w, scope *s, TSNode list_node, call_arguments *out)
{
	bool generator = gd_node_is(list_node, "generator_expression");
	uint32_t count = generator ? 1 : gd_node_is(list_node, "argument_list") ? ts_node_named_child_count(list_node) : 0;
	size_t room = 0;
	*out = (call_arguments){ 0 };
	for (uint32_t i = 0; i < count && !w->failed; i++) {
		TSNode node = generator ? list_node : ts_node_named_child(list_node, i), from = node;
		const char *name = NULL;
		if (gd_node_is(node, "comment"))
			continue;
		if (gd_node_is(node, "dictionary_splat") || gd_node_is(node, "list_splat")) {
			add_splat(w, s, node, out, &room);
			continue;
		}
		if (gd_node_is(node, "keyword_argument")) {
			name = gd_walk_text(w, gd_node_field(node, "name"));
			from = gd_node_field(node, "value");
		}
		value v = gd_walk_evaluate(w, s, from);
		add_argument(w, out, &room, name, &v, (int)ts_node_start_point(from).row + 1);
	}
	return !w->failed;
}

/* Methods of lists, texts and modules change or look into the object; everything else is called by what it is. */
static value call(walk *w, scope *s, TSNode node)
{
	TSNode function = gd_node_field(node, "function"), given = gd_node_field(node, "arguments"), object_node = { 0 };
	value callee = unknown_value, object = unknown_value, result;
	char *name = NULL;
	if (gd_node_is(function, "attribute")) {
		object_node = gd_node_field(function, "object");
		object = gd_walk_evaluate(w, s, object_node);
		name = gd_walk_text(w, gd_node_field(function, "attribute"));
		if (!name)
			return unknown_value;
		callee = gd_walk_attribute(w, &object, name);
	} else {
		callee = gd_walk_evaluate(w, s, function);
	}
	call_arguments arguments;
	if (!gd_walk_arguments(w, s, given, &arguments))
		return unknown_value;
	if (name && gd_builtin_method(w, s, object_node, &object, name, &arguments, &result))
		return result;
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
	{ "subscript", subscript }, { "named_expression", named }, { "list_comprehension", comprehension }, { "generator_expression", comprehension }, { "lambda", nameless }, { "yield", yield },
	{ "dictionary", dictionary }, { "dictionary_comprehension", dictionary_of }, { "concatenated_string", concatenated },
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
