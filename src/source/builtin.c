/* Python's own functions and methods, as far as programs that build models use them. */
#include "source/walk.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static value made(value_kind kind)
{
	value v = unknown_value;
	v.kind = kind;
	return v;
}

static value number_value(double number)
{
	value v = made(V_NUMBER);
	v.number = number;
	return v;
}

static value text_value(walk *w, value_kind kind, const char *text)
{
	value v = made(text ? kind : V_UNKNOWN);
	v.text = text;
	w->failed = w->failed || !text;
	return v;
}

static bool list_room(walk *w, value *list, value_kind kind, size_t count)
{
	*list = made(kind);
	list->items = gd_arena_new(&w->program->arena, count + 1, sizeof *list->items);
	w->failed = w->failed || !list->items;
	return list->items != NULL;
}

static value pair_of(walk *w, const value *a, const value *b)
{
	value pair;
	if (!list_room(w, &pair, V_LIST, 2))
		return unknown_value;
	pair.items[0] = *a;
	pair.items[1] = *b;
	pair.count = 2;
	return pair;
}

value gd_list_join(walk *w, const value *a, const value *b, size_t times)
{
	size_t each = a->count + (b ? b->count : 0);
	value v = unknown_value;
	if (each != 0 && times > MOST_ITEMS / each)
		return v;
	if (!list_room(w, &v, V_LIST, each * times))
		return unknown_value;
	v.number = a->number != 0 || (b && b->number != 0);
	for (size_t t = 0; t < times; t++) {
		for (size_t i = 0; i < a->count; i++)
			v.items[v.count++] = a->items[i];
		for (size_t i = 0; b && i < b->count; i++)
			v.items[v.count++] = b->items[i];
	}
	return v;
}

/* In a loop of unknown length the list may hold any number of what is added. Room is doubled, so that a list of n costs n. */
void gd_list_grow(walk *w, value *list, const value *more)
{
	if (list->count + more->count > MOST_ITEMS) {
		*list = unknown_value;
		return;
	}
	if (list->count + more->count > list->room) {
		size_t room = 2 * (list->count + more->count);
		value *wider = gd_arena_new(&w->program->arena, room, sizeof *wider);
		if (!wider) {
			w->failed = true;
			return;
		}
		if (list->count)
			memcpy(wider, list->items, list->count * sizeof *wider);
		list->items = wider;
		list->room = room;
	}
	for (size_t i = 0; i < more->count; i++)
		list->items[list->count++] = more->items[i];
	list->number = w->unsure > 0 || more->number != 0 ? 1 : list->number;
}

value gd_dict_find(const value *dict, const char *key)
{
	for (size_t i = dict->count; i-- > 0;)
		if (dict->items[i].items[0].kind == V_TEXT && strcmp(dict->items[i].items[0].text, key) == 0)
			return dict->items[i].items[1];
	return unknown_value;
}

/* The keys (0) or values (1) of a dictionary. */
static value side_of(walk *w, const value *dict, size_t side)
{
	value v;
	if (!list_room(w, &v, V_LIST, dict->count))
		return unknown_value;
	for (; v.count < dict->count; v.count++)
		v.items[v.count] = dict->items[v.count].items[side];
	return v;
}

value gd_walk_sequence(walk *w, const value *v)
{
	if (v->kind == V_LIST)
		return *v;
	if (v->kind == V_DICT)
		return side_of(w, v, 0);
	if (v->kind != V_LAYER && v->kind != V_INSTANCE)
		return unknown_value;
	const char *kind = v->constructor < 0 ? "" : w->program->constructors[v->constructor].kind;
	const char *base = v->kind == V_INSTANCE && v->type && v->type->base ? strrchr(v->type->base, '.') : NULL;
	return gd_is_container(kind) || (base && gd_is_container(base + 1)) ? gd_module_children(w, v, false) : unknown_value;
}

/* ---- texts ------------------------------------------------------------------------------------------------------- */

static const char *text_of(walk *w, const value *v)
{
	if (v->kind == V_TEXT)
		return v->text;
	if (v->kind != V_NUMBER)
		return NULL;
	const char *text = gd_arena_printf(&w->program->arena, "%.12g", v->number);
	w->failed = w->failed || !text;
	return text;
}

value gd_text_format(walk *w, const char *pattern, const value *values, size_t count)
{
	const char *text = "";
	size_t next = 0;
	while (*pattern) {
		bool percent = pattern[0] == '%' && (pattern[1] == 'd' || pattern[1] == 's' || pattern[1] == 'i'), braces = pattern[0] == '{' && pattern[1] == '}';
		const char *piece = (percent || braces) && next < count ? text_of(w, &values[next++]) : NULL;
		if ((percent || braces) && !piece)
			return unknown_value;
		size_t plain = percent || braces ? 0 : 1 + strcspn(pattern + 1, "%{");
		text = gd_arena_printf(&w->program->arena, "%s%.*s%s", text, (int)plain, pattern, piece ? piece : "");
		if (!text) {
			w->failed = true;
			return unknown_value;
		}
		pattern += plain ? plain : 2;
	}
	return text_value(w, V_TEXT, text);
}

/* ---- functions ---------------------------------------------------------------------------------------------------- */

/* range(stop), range(start, stop[, step]) of numbers. */
static value range(walk *w, const call_arguments *a)
{
	double start = 0, stop, step = 1;
	value v = unknown_value;
	for (size_t i = 0; i < a->count; i++)
		if (a->values[i].kind != V_NUMBER)
			return v;
	if (a->count == 0 || a->count > 3)
		return v;
	stop = a->values[a->count > 1].number;
	if (a->count > 1)
		start = a->values[0].number;
	if (a->count > 2)
		step = a->values[2].number;
	double rounds = step != 0 ? ceil((stop - start) / step) : -1;
	if (rounds < 0 && step != 0)
		rounds = 0;
	if (!(rounds >= 0 && rounds <= (double)MOST_ROUNDS) || !list_room(w, &v, V_LIST, (size_t)rounds))
		return unknown_value;
	for (; v.count < (size_t)rounds; v.count++)
		v.items[v.count] = number_value(start + step * (double)v.count);
	return v;
}

/* Pairs for enumerate and zip; other iterations are left to the loop. */
static value pairs(walk *w, const call_arguments *a, bool count)
{
	value v = unknown_value, lists[8];
	size_t given = a->count, shortest = MOST_ITEMS;
	if (count && given == 2) /* enumerate(list, start) */
		given = 1;
	if (given == 0 || given > 8 || (count && given != 1))
		return v;
	bool open = false;
	for (size_t i = 0; i < given; i++) {
		lists[i] = gd_walk_sequence(w, &a->values[i]);
		if (lists[i].kind != V_LIST)
			return v;
		open = open || lists[i].number != 0;
		shortest = lists[i].count < shortest ? lists[i].count : shortest;
	}
	double first = count && a->count == 2 ? a->values[1].number : 0;
	if (!list_room(w, &v, V_LIST, shortest))
		return unknown_value;
	v.number = open;
	for (size_t i = 0; i < shortest; i++) {
		value row;
		if (!list_room(w, &row, V_LIST, given + count))
			return unknown_value;
		if (count)
			row.items[row.count++] = open ? unknown_value : number_value(first + (double)i);
		for (size_t k = 0; k < given; k++)
			row.items[row.count++] = lists[k].items[i];
		v.items[v.count++] = row;
	}
	return v;
}

static value do_enumerate(walk *w, const call_arguments *a)
{
	return pairs(w, a, true);
}

static value do_zip(walk *w, const call_arguments *a)
{
	return pairs(w, a, false);
}

static value length_of(walk *w, const call_arguments *a)
{
	value list = a->count == 1 ? gd_walk_sequence(w, &a->values[0]) : unknown_value;
	return list.kind == V_LIST && list.number == 0 ? number_value((double)list.count) : unknown_value;
}

static value listed(walk *w, const call_arguments *a)
{
	if (a->count == 0) {
		value v;
		return list_room(w, &v, V_LIST, 0) ? v : unknown_value;
	}
	return a->count == 1 ? gd_walk_sequence(w, &a->values[0]) : unknown_value;
}

static value turned_round(walk *w, const call_arguments *a)
{
	value list = a->count == 1 ? gd_walk_sequence(w, &a->values[0]) : unknown_value, v;
	if (list.kind != V_LIST || !list_room(w, &v, V_LIST, list.count))
		return unknown_value;
	v.number = list.number;
	for (size_t i = list.count; i-- > 0;)
		v.items[v.count++] = list.items[i];
	return v;
}

static value as_text(walk *w, const call_arguments *a)
{
	const char *text = a->count == 1 ? text_of(w, &a->values[0]) : NULL;
	return text ? text_value(w, V_TEXT, text) : unknown_value;
}

static value whole(walk *w, const call_arguments *a)
{
	(void)w;
	bool number = a->count == 1 && (a->values[0].kind == V_NUMBER || a->values[0].kind == V_BOOL);
	return number ? number_value(trunc(a->values[0].number)) : unknown_value;
}

static value extreme(const call_arguments *a, double sign)
{
	value best = unknown_value;
	for (size_t i = 0; i < a->count; i++) {
		if (a->values[i].kind != V_NUMBER)
			return unknown_value;
		if (i == 0 || sign * a->values[i].number > sign * best.number)
			best = a->values[i];
	}
	return best;
}

static value largest(walk *w, const call_arguments *a)
{
	(void)w;
	return extreme(a, 1);
}

static value smallest(walk *w, const call_arguments *a)
{
	(void)w;
	return extreme(a, -1);
}

/* dict(a=1), OrderedDict([("a", 1)]), dict(other). */
static value dictionary(walk *w, const call_arguments *a)
{
	value v;
	const value *from = a->count == 1 && !a->list[0].name ? &a->values[0] : NULL;
	if (from && from->kind == V_DICT)
		return *from;
	if ((from && from->kind != V_LIST) || !list_room(w, &v, V_DICT, from ? from->count : a->count))
		return unknown_value;
	for (size_t i = 0; i < (from ? from->count : a->count); i++) {
		if (from && (from->items[i].kind != V_LIST || from->items[i].count != 2 || from->items[i].items[0].kind != V_TEXT))
			return unknown_value;
		if (!from && !a->list[i].name)
			return unknown_value;
		value key = from ? unknown_value : text_value(w, V_TEXT, a->list[i].name);
		v.items[v.count++] = from ? from->items[i] : pair_of(w, &key, &a->values[i]);
	}
	return v;
}

/* functools.partial of a class is that class; what is bound is not followed. */
static value first_given(walk *w, const call_arguments *a)
{
	(void)w;
	return a->count ? a->values[0] : unknown_value;
}

static value get_attribute(walk *w, const call_arguments *a)
{
	return a->count >= 2 && a->values[1].kind == V_TEXT ? gd_walk_attribute(w, &a->values[0], a->values[1].text) : unknown_value;
}

static value set_attribute(walk *w, const call_arguments *a)
{
	if (a->count != 3 || a->values[0].kind != V_INSTANCE)
		return made(V_NONE);
	if (a->values[1].kind == V_TEXT) {
		gd_scope_set(w, a->values[0].home, a->values[1].text, a->values[2]);
		gd_module_hold(w, &a->values[0], a->values[1].text, &a->values[2]);
	}
	return made(V_NONE);
}

/* super() and super(Class, self): the object, looked at as its class's base. */
static value above(walk *w, const call_arguments *a)
{
	(void)a;
	value v = made(w->self && w->type ? V_SUPER : V_UNKNOWN);
	v.self = w->self;
	v.type = w->type ? w->type->type : NULL;
	v.base = w->type ? w->type->base : NULL;
	return v;
}

/* copy.deepcopy(module): the copies were made where the first was; each gets a place of its own. */
static value copied(walk *w, const call_arguments *a)
{
	if (a->count == 0)
		return unknown_value;
	value v = a->values[0];
	if (v.kind != V_LAYER && v.kind != V_INSTANCE)
		return v;
	return gd_module_copy(w, &v);
}

static const struct {
	const char *name;
	value (*call)(walk *w, const call_arguments *a);
} functions[] = {
	{ "range", range }, { "enumerate", do_enumerate }, { "zip", do_zip }, { "len", length_of }, { "list", listed }, { "tuple", listed },
	{ "reversed", turned_round }, { "str", as_text }, { "int", whole }, { "max", largest }, { "min", smallest }, { "dict", dictionary },
	{ "OrderedDict", dictionary }, { "collections.OrderedDict", dictionary }, { "functools.partial", first_given }, { "partial", first_given },
	{ "getattr", get_attribute }, { "setattr", set_attribute }, { "super", above }, { "copy.deepcopy", copied }, { "copy.copy", copied },
};

bool gd_builtin_call(walk *w, const char *name, const call_arguments *a, value *out)
{
	for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
		if (strcmp(functions[i].name, name) == 0) {
			*out = functions[i].call(w, a);
			return true;
		}
	return false;
}

/* ---- methods ------------------------------------------------------------------------------------------------------ */

typedef struct {
	walk *w;
	scope *s;
	TSNode node; /* the object as written */
	const value *object;
	const call_arguments *a;
} method_call;

static void grow(const method_call *m, const value *more)
{
	value list = *m->object;
	gd_list_grow(m->w, &list, more);
	gd_walk_assign(m->w, m->s, m->node, list);
}

static value list_append(const method_call *m)
{
	value one = made(V_LIST);
	one.items = m->a->values;
	one.count = m->a->count ? 1 : 0;
	grow(m, &one);
	return made(V_NONE);
}

static value list_extend(const method_call *m)
{
	value more = m->a->count ? gd_walk_sequence(m->w, &m->a->values[0]) : unknown_value;
	if (more.kind == V_LIST)
		grow(m, &more);
	else
		gd_walk_assign(m->w, m->s, m->node, unknown_value);
	return made(V_NONE);
}

static value dict_items(const method_call *m)
{
	value v = *m->object;
	v.kind = V_LIST;
	v.room = 0;
	return v;
}

static value dict_keys(const method_call *m)
{
	return side_of(m->w, m->object, 0);
}

static value dict_values(const method_call *m)
{
	return side_of(m->w, m->object, 1);
}

static value dict_get(const method_call *m)
{
	if (m->a->count == 0 || m->a->values[0].kind != V_TEXT)
		return unknown_value;
	value v = gd_dict_find(m->object, m->a->values[0].text);
	return v.kind == V_UNKNOWN && m->a->count > 1 ? m->a->values[1] : v;
}

static value text_format(const method_call *m)
{
	return gd_text_format(m->w, m->object->text, m->a->values, m->a->count);
}

static value module_append(const method_call *m)
{
	if (m->a->count)
		gd_module_append(m->w, m->object, &m->a->values[0]);
	return *m->object;
}

static value module_extend(const method_call *m)
{
	gd_module_fill(m->w, m->object, m->a);
	return *m->object;
}

static value module_add(const method_call *m)
{
	if (m->a->count == 2 && m->a->values[0].kind == V_TEXT)
		gd_module_hold(m->w, m->object, m->a->values[0].text, &m->a->values[1]);
	else if (m->a->count == 2)
		gd_module_hold(m->w, m->object, "*", &m->a->values[1]);
	return made(V_NONE);
}

static value module_values(const method_call *m)
{
	return gd_module_children(m->w, m->object, false);
}

static value module_items(const method_call *m)
{
	value v = gd_module_children(m->w, m->object, true);
	v.kind = v.kind == V_DICT ? V_LIST : v.kind;
	return v;
}

/* net.to(device), net.eval() hand the net on. */
static value itself(const method_call *m)
{
	return *m->object;
}

static const struct {
	value_kind kind;
	const char *name;
	value (*call)(const method_call *m);
} methods[] = {
	{ V_LIST, "append", list_append }, { V_LIST, "extend", list_extend }, { V_DICT, "items", dict_items }, { V_DICT, "keys", dict_keys },
	{ V_DICT, "values", dict_values }, { V_DICT, "get", dict_get }, { V_TEXT, "format", text_format }, { V_LAYER, "append", module_append },
	{ V_LAYER, "extend", module_extend }, { V_LAYER, "add_module", module_add }, { V_LAYER, "register_module", module_add },
	{ V_LAYER, "values", module_values }, { V_LAYER, "items", module_items }, { V_LAYER, "children", module_values },
	{ V_LAYER, "named_children", module_items }, { V_LAYER, "to", itself }, { V_LAYER, "eval", itself }, { V_LAYER, "train", itself },
	{ V_LAYER, "cpu", itself }, { V_LAYER, "cuda", itself }, { V_LAYER, "apply", itself }, { V_LAYER, "double", itself },
	{ V_LAYER, "half", itself }, { V_LAYER, "float", itself },
};

bool gd_builtin_method(walk *w, scope *s, TSNode object_node, const value *object, const char *name, const call_arguments *a, value *out)
{
	const method_call m = { w, s, object_node, object, a };
	if (object->kind == V_INSTANCE && (gd_class_member(object->type, name) || gd_scope_find(&(scope){ object->home->bindings, NULL }, name)))
		return false;
	value_kind kind = object->kind == V_INSTANCE ? V_LAYER : object->kind;
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
		if (methods[i].kind == kind && strcmp(methods[i].name, name) == 0) {
			*out = methods[i].call(&m);
			return true;
		}
	return false;
}
