/* Calls: layer constructors are written down; the program's own functions and classes are entered. */
#include "source/walk.h"
#include <ctype.h>
#include <math.h>
#include <string.h>

static const char *last_part(const char *path)
{
	const char *dot = strrchr(path, '.');
	return dot ? dot + 1 : path;
}

/* The source line of a node without its indentation. */
static const char *line_text(walk *w, TSNode node)
{
	size_t from = ts_node_start_byte(node), to;
	while (from > 0 && w->text[from - 1] != '\n')
		from--;
	while (from < w->length && (w->text[from] == ' ' || w->text[from] == '\t'))
		from++;
	for (to = from; to < w->length && w->text[to] != '\n' && w->text[to] != '\r';)
		to++;
	return gd_arena_text(&w->program->arena, w->text + from, to - from);
}

static gd_constructor *add_constructor(walk *w)
{
	gd_program *p = w->program;
	if (p->constructor_count == w->room) {
		size_t room = w->room ? w->room * 2 : 32;
		gd_constructor *wider = gd_arena_new(&p->arena, room, sizeof *wider);
		if (!wider) {
			w->failed = true;
			return NULL;
		}
		if (p->constructor_count)
			memcpy(wider, p->constructors, p->constructor_count * sizeof *wider);
		p->constructors = wider;
		w->room = room;
	}
	return &p->constructors[p->constructor_count++];
}

static value construct(walk *w, const char *path, TSNode node, const call_arguments *arguments)
{
	gd_constructor *c = add_constructor(w);
	if (!c)
		return unknown_value;
	TSPoint from = ts_node_start_point(node), to = ts_node_end_point(node);
	*c = (gd_constructor){ .path = path, .kind = last_part(path), .arguments = arguments->list, .argument_count = arguments->count,
		.line = (int)from.row + 1, .column = (int)from.column + 1, .end_line = (int)to.row + 1, .end_column = (int)to.column + 1,
		.text = line_text(w, node), .repeated = w->unsure > 0, .maybe = w->branches > 0 };
	if (!c->text)
		w->failed = true;
	value v = unknown_value;
	v.kind = V_LAYER;
	v.constructor = (int)w->program->constructor_count - 1;
	return v;
}

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
	if (!(rounds >= 0 && rounds <= (double)MOST_ROUNDS))
		return v;
	v.items = gd_arena_new(&w->program->arena, (size_t)rounds, sizeof *v.items);
	if (!v.items) {
		w->failed = true;
		return v;
	}
	v.kind = V_LIST;
	for (; v.count < (size_t)rounds; v.count++) {
		v.items[v.count] = unknown_value;
		v.items[v.count].kind = V_NUMBER;
		v.items[v.count].number = start + step * (double)v.count;
	}
	return v;
}

/* Pairs for enumerate and zip; other iterations are left to the loop. */
static value pairs(walk *w, const call_arguments *a, bool count)
{
	value v = unknown_value;
	size_t lists = a->count, shortest = MOST_ITEMS;
	for (size_t i = 0; i < lists; i++) {
		if (a->values[i].kind != V_LIST)
			return v;
		shortest = a->values[i].count < shortest ? a->values[i].count : shortest;
	}
	if (lists == 0 || lists > 8 || (count && lists != 1))
		return v;
	v.items = gd_arena_new(&w->program->arena, shortest, sizeof *v.items);
	for (size_t i = 0; v.items && i < shortest; i++) {
		value *pair = gd_arena_new(&w->program->arena, lists + count, sizeof *pair);
		if (!pair)
			break;
		if (count)
			pair[0] = (value){ .kind = V_NUMBER, .number = (double)i, .constructor = -1 };
		for (size_t k = 0; k < lists; k++)
			pair[k + count] = a->values[k].items[i];
		v.items[v.count++] = (value){ .kind = V_LIST, .items = pair, .count = lists + count, .constructor = -1 };
	}
	if (v.count < shortest)
		w->failed = true;
	v.kind = V_LIST;
	return v;
}

static value length_of(const call_arguments *a)
{
	if (a->count != 1 || a->values[0].kind != V_LIST)
		return unknown_value;
	return (value){ .kind = V_NUMBER, .number = (double)a->values[0].count, .constructor = -1 };
}

static void note_compile(walk *w, TSNode node, const call_arguments *a)
{
	gd_program *p = w->program;
	p->compile_line = (int)ts_node_start_point(node).row + 1;
	size_t place = 0;
	for (size_t i = 0; i < a->count; i++) {
		const char *name = a->list[i].name ? a->list[i].name : place == 0 ? "optimizer" : place == 1 ? "loss" : "";
		place += a->list[i].name == NULL;
		if (strcmp(name, "loss") == 0) {
			p->loss_line = a->list[i].line;
			p->loss = a->list[i].text;
		} else if (strcmp(name, "optimizer") == 0) {
			p->optimizer_line = a->list[i].line;
			p->optimizer = a->list[i].text;
		}
	}
}

static TSNode parameter_name(TSNode parameter)
{
	if (gd_node_is(parameter, "identifier"))
		return parameter;
	if (gd_node_is(parameter, "typed_parameter"))
		return ts_node_named_child(parameter, 0);
	return gd_node_field(parameter, "name");
}

/* Positional arguments by place, keywords by name, defaults for the rest. self is given first for methods. */
static void bind_parameters(walk *w, const value *function, scope *own, const value *self, const call_arguments *a)
{
	TSNode parameters = gd_node_field(function->node, "parameters");
	uint32_t count = ts_node_named_child_count(parameters);
	size_t place = 0, at = 0;
	for (uint32_t i = 0; i < count; i++) {
		TSNode parameter = ts_node_named_child(parameters, i), name_node = parameter_name(parameter);
		if (!gd_node_is(name_node, "identifier"))
			continue;
		char *name = gd_walk_text(w, name_node);
		value v = unknown_value;
		TSNode otherwise = gd_node_field(parameter, "value");
		if (!ts_node_is_null(otherwise))
			v = gd_walk_evaluate(w, function->home, otherwise);
		if (self && place == 0) {
			v = *self;
		} else {
			while (at < a->count && a->list[at].name)
				at++;
			if (at < a->count)
				v = a->values[at++];
		}
		place++;
		for (size_t k = 0; name && k < a->count; k++)
			if (a->list[k].name && strcmp(a->list[k].name, name) == 0)
				v = a->values[k];
		if (name)
			gd_scope_set(w, own, name, v);
	}
}

static value enter(walk *w, const value *function, const value *self, const call_arguments *a)
{
	scope *own = gd_scope_new(w, function->home);
	if (!own || w->calls >= MOST_CALLS)
		return unknown_value;
	w->calls++;
	bind_parameters(w, function, own, self, a);
	bool outer = w->returning;
	value before = w->returned;
	w->returning = false;
	w->returned = unknown_value;
	gd_walk_block(w, own, gd_node_field(function->node, "body"));
	value result = w->returned;
	w->returning = outer;
	w->returned = before;
	w->calls--;
	return result;
}

/* Looked up in the class and in the program's own class it is derived from. */
static const value *method_of(const value *type, const char *name)
{
	for (int depth = 0; type && depth < MOST_CALLS; depth++, type = type->type) {
		const value *found = gd_scope_find(&(scope){ type->members->bindings, NULL }, name);
		if (found && found->kind == V_FUNCTION)
			return found;
	}
	return NULL;
}

/* __init__, then forward or call: what it makes there belongs to the model too. */
static value instantiate(walk *w, const value *type, TSNode node, const call_arguments *arguments)
{
	construct(w, type->text, node, arguments);
	value self = unknown_value;
	self.kind = V_INSTANCE;
	self.type = gd_arena_copy(&w->program->arena, type, sizeof *type);
	self.home = gd_scope_new(w, NULL);
	if (!self.type || !self.home)
		return unknown_value;
	const value *init = method_of(type, "__init__");
	if (init)
		enter(w, init, &self, arguments);
	static const char *const runs[] = { "build", "call", "forward" };
	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
		const value *run = method_of(type, runs[i]);
		if (run)
			enter(w, run, &self, &(call_arguments){ 0 });
	}
	return self;
}

value gd_walk_call(walk *w, scope *s, const value *callee, TSNode node, const call_arguments *arguments)
{
	(void)s;
	if (callee->kind == V_FUNCTION)
		return enter(w, callee, NULL, arguments);
	if (callee->kind == V_CLASS)
		return instantiate(w, callee, node, arguments);
	if (callee->kind == V_INSTANCE || callee->kind != V_NAME)
		return unknown_value; /* a layer applied to a tensor */
	const char *name = last_part(callee->text);
	if (strcmp(callee->text, "range") == 0)
		return range(w, arguments);
	if (strcmp(callee->text, "enumerate") == 0 || strcmp(callee->text, "zip") == 0)
		return pairs(w, arguments, *callee->text == 'e');
	if (strcmp(callee->text, "len") == 0)
		return length_of(arguments);
	if ((strcmp(callee->text, "list") == 0 || strcmp(callee->text, "tuple") == 0) && arguments->count == 1)
		return arguments->values[0];
	if (strcmp(name, "compile") == 0 && strchr(callee->text, '.'))
		note_compile(w, node, arguments);
	bool functional = strstr(callee->text, ".functional.") || strncmp(callee->text, "torch.nn.functional", 19) == 0;
	return isupper((unsigned char)*name) || functional ? construct(w, callee->text, node, arguments) : unknown_value;
}
