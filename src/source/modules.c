/* Which object holds which, under what name: PyTorch's module paths, found without running anything. */
#include "source/walk.h"
#include <string.h>

bool gd_is_container(const char *kind)
{
	return strcmp(kind, "Sequential") == 0 || strcmp(kind, "ModuleList") == 0 || strcmp(kind, "ModuleDict") == 0;
}

static bool is_module(const value *v)
{
	return (v->kind == V_LAYER || v->kind == V_INSTANCE) && v->constructor >= 0;
}

/* An attribute that is set again holds the later object; where only one of two branches runs, both may be it. */
static void let_go(gd_program *p, int parent, const char *name)
{
	for (size_t i = 0; i < p->constructor_count; i++) {
		gd_constructor *c = &p->constructors[i];
		if (c->parent == parent && strcmp(c->attribute, name) == 0 && !c->maybe)
			c->parent = -1;
	}
}

static bool lies_within(const gd_program *p, int inner, int outer)
{
	for (int steps = 0; inner >= 0 && steps < MOST_DEPTH; steps++, inner = p->constructors[inner].parent)
		if (inner == outer)
			return true;
	return inner >= 0;
}

void gd_module_hold(walk *w, const value *holder, const char *name, const value *child)
{
	gd_program *p = w->program;
	if (!is_module(holder) || !is_module(child) || !name || lies_within(p, holder->constructor, child->constructor))
		return;
	gd_constructor *c = &p->constructors[child->constructor];
	if (!c->maybe && strcmp(name, "*") != 0)
		let_go(p, holder->constructor, name);
	if (c->parent < 0) { /* a module held twice goes by its first name */
		c->parent = holder->constructor;
		c->attribute = name;
	}
	if (holder->home)
		gd_scope_set(w, holder->home, name, *child);
}

void gd_module_stack(walk *w, const value *holder, const call_arguments *a)
{
	const gd_constructor *stack = &w->program->constructors[holder->constructor];
	if (a->count < 2 || a->values[0].kind != V_LAYER || strstr(stack->kind, "Layer"))
		return;
	value list = *holder, layer = gd_module_copy(w, &a->values[0]);
	gd_constructor *c = gd_constructor_add(w); /* the list that holds them */
	if (!c || layer.constructor < 0)
		return;
	*c = w->program->constructors[holder->constructor];
	c->kind = c->path = "ModuleList";
	list.constructor = (int)w->program->constructor_count - 1;
	gd_module_hold(w, &list, "*", &layer);
	gd_module_hold(w, holder, "layers", &list);
}

static size_t count_children(const value *holder)
{
	size_t count = 0;
	for (const binding *b = holder->home ? holder->home->bindings : NULL; b; b = b->next)
		count += is_module(&b->held);
	return count;
}

void gd_module_append(walk *w, const value *holder, const value *child)
{
	if (is_module(child))
		gd_module_hold(w, holder, w->unsure ? "*" : gd_arena_printf(&w->program->arena, "%zu", count_children(holder)), child);
}

static void fill_from(walk *w, const value *holder, const value *list)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->kind == V_DICT)
			gd_module_hold(w, holder, list->items[i].items[0].text, &list->items[i].items[1]);
		else if (list->number != 0)
			gd_module_hold(w, holder, "*", &list->items[i]);
		else
			gd_module_append(w, holder, &list->items[i]);
	}
}

void gd_module_fill(walk *w, const value *holder, const call_arguments *a)
{
	for (size_t i = 0; i < a->count; i++) {
		if (a->list[i].name && strcmp(a->list[i].name, "modules") != 0 && strcmp(a->list[i].name, "layers") != 0)
			continue;
		if (a->values[i].kind == V_LIST || a->values[i].kind == V_DICT)
			fill_from(w, holder, &a->values[i]);
		else
			gd_module_append(w, holder, &a->values[i]);
	}
}

value gd_module_children(walk *w, const value *holder, bool with_names)
{
	size_t count = count_children(holder), at = count;
	value v = unknown_value;
	if (!holder->home)
		return v;
	v.kind = with_names ? V_DICT : V_LIST;
	v.items = gd_arena_new(&w->program->arena, count + 1, sizeof *v.items);
	if (!v.items) {
		w->failed = true;
		return unknown_value;
	}
	for (const binding *b = holder->home->bindings; b && at > 0; b = b->next) { /* the latest stands first */
		if (!is_module(&b->held))
			continue;
		v.number = strcmp(b->name, "*") == 0 ? 1 : v.number;
		v.items[--at] = b->held;
		if (!with_names)
			continue;
		value *pair = gd_arena_new(&w->program->arena, 2, sizeof *pair);
		if (!pair) {
			w->failed = true;
			return unknown_value;
		}
		pair[0] = (value){ .kind = V_TEXT, .text = b->name, .constructor = -1 };
		pair[1] = b->held;
		v.items[at] = (value){ .kind = V_LIST, .items = pair, .count = 2, .constructor = -1 };
	}
	v.count = count;
	return v;
}

static value copy_below(walk *w, const value *v, int depth)
{
	gd_program *p = w->program;
	value copy = *v;
	if (!is_module(v) || depth > MOST_CALLS || !gd_walk_enter(w))
		return copy;
	gd_constructor *c = gd_constructor_add(w);
	if (c) {
		*c = p->constructors[v->constructor];
		c->parent = -1;
		c->attribute = NULL;
		copy.constructor = (int)p->constructor_count - 1;
		copy.home = gd_scope_new(w, NULL);
	}
	value children = copy.home && v->home ? gd_module_children(w, v, true) : unknown_value;
	for (size_t i = 0; i < children.count && !w->failed; i++) {
		value child = copy_below(w, &children.items[i].items[1], depth + 1);
		gd_module_hold(w, &copy, children.items[i].items[0].text, &child);
	}
	gd_walk_leave(w);
	return copy;
}

value gd_module_copy(walk *w, const value *v)
{
	return copy_below(w, v, 0);
}
