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

gd_constructor *gd_constructor_add(walk *w)
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
	gd_constructor *c = gd_constructor_add(w);
	if (!c)
		return unknown_value;
	TSPoint from = ts_node_start_point(node), to = ts_node_end_point(node);
	*c = (gd_constructor){ .path = path, .kind = last_part(path), .arguments = arguments->list, .argument_count = arguments->count,
		.line = (int)from.row + 1, .column = (int)from.column + 1, .end_line = (int)to.row + 1, .end_column = (int)to.column + 1,
		.text = line_text(w, node), .repeated = w->unsure > 0, .maybe = w->branches > 0, .parent = -1,
		.owner = w->self && !isupper((unsigned char)*last_part(path)) ? w->self->constructor : -1 };
	if (!c->text)
		w->failed = true;
	value v = unknown_value;
	v.kind = V_LAYER;
	v.constructor = (int)w->program->constructor_count - 1;
	return v;
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

/* What is left for *names and **names. */
static value left_over(walk *w, const call_arguments *a, const bool *taken, bool keywords)
{
	value v = unknown_value;
	v.kind = keywords ? V_DICT : V_LIST;
	v.items = gd_arena_new(&w->program->arena, a->count + 1, sizeof *v.items);
	w->failed = w->failed || !v.items;
	for (size_t i = 0; i < a->count && !w->failed; i++) {
		if (taken[i] || keywords != (a->list[i].name != NULL))
			continue;
		if (!keywords) {
			if (a->values[i].kind == V_LIST && a->values[i].number != 0) /* an open list handed on whole */
				return a->values[i];
			v.items[v.count++] = a->values[i];
			continue;
		}
		value *pair = gd_arena_new(&w->program->arena, 2, sizeof *pair);
		if (!pair) {
			w->failed = true;
			break;
		}
		pair[0] = (value){ .kind = V_TEXT, .text = a->list[i].name, .constructor = -1 };
		pair[1] = a->values[i];
		v.items[v.count++] = (value){ .kind = V_LIST, .items = pair, .count = 2, .constructor = -1 };
	}
	return v;
}

/* The argument for one parameter: by name, else by place; its default when there is none. */
static value argument_for(walk *w, const value *function, TSNode parameter, const char *name, const call_arguments *a, bool *taken, bool by_place)
{
	for (size_t k = 0; k < a->count; k++)
		if (a->list[k].name && strcmp(a->list[k].name, name) == 0) {
			taken[k] = true;
			return a->values[k];
		}
	for (size_t k = 0; by_place && k < a->count; k++)
		if (!a->list[k].name && !taken[k]) {
			taken[k] = true;
			return a->values[k];
		}
	TSNode otherwise = gd_node_field(parameter, "value");
	return ts_node_is_null(otherwise) ? unknown_value : gd_walk_evaluate(w, function->home, otherwise);
}

/* self is given first for methods; behind a star only names count. */
static void bind_parameters(walk *w, const value *function, scope *own, const value *self, const call_arguments *a)
{
	TSNode parameters = gd_node_field(function->node, "parameters");
	uint32_t count = ts_node_named_child_count(parameters);
	bool *taken = gd_arena_new(&w->program->arena, a->count + 1, sizeof *taken), by_place = true;
	w->failed = w->failed || !taken;
	for (uint32_t i = 0; i < count && !w->failed; i++) {
		TSNode parameter = ts_node_named_child(parameters, i);
		bool rest = gd_node_is(parameter, "list_splat_pattern"), keywords = gd_node_is(parameter, "dictionary_splat_pattern");
		bool star = rest || gd_node_is(parameter, "keyword_separator");
		TSNode name_node = rest || keywords ? ts_node_named_child(parameter, 0) : parameter_name(parameter);
		by_place = by_place && !star;
		if (!gd_node_is(name_node, "identifier"))
			continue;
		char *name = gd_walk_text(w, name_node);
		if (!name)
			return;
		value v = self ? *self : unknown_value;
		if (!self)
			v = rest || keywords ? left_over(w, a, taken, keywords) : argument_for(w, function, parameter, name, a, taken, by_place);
		self = NULL;
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
	walk outer = *w;
	value yields = unknown_value;
	yields.kind = V_LIST;
	w->yielded = &yields;
	w->returning = false;
	w->returned = unknown_value;
	w->self = self ? self : w->self;
	w->type = self ? function->type : w->type;
	TSNode body = gd_node_field(function->node, "body");
	if (gd_node_is(function->node, "lambda"))
		w->returned = gd_walk_evaluate(w, own, body);
	else
		gd_walk_block(w, own, body);
	value result = yields.count ? yields : w->returned;
	w->yielded = outer.yielded;
	w->returning = outer.returning;
	w->returned = outer.returned;
	w->self = outer.self;
	w->type = outer.type;
	w->calls--;
	return result;
}

const value *gd_class_member(const value *type, const char *name)
{
	for (int depth = 0; type && depth < MOST_CALLS; depth++, type = type->type) {
		const value *found = gd_scope_find(&(scope){ type->members->bindings, NULL }, name);
		if (found)
			return found;
	}
	return NULL;
}

static const value *method_of(const value *type, const char *name)
{
	const value *found = gd_class_member(type, name);
	return found && found->kind == V_FUNCTION ? found : NULL;
}

/* Does the class stand on torch's Sequential and the like, without a constructor of its own? */
static bool fills_itself(const value *type)
{
	for (int depth = 0; type && depth < MOST_CALLS; depth++, type = type->type)
		if (!type->type)
			return type->base && gd_is_container(last_part(type->base));
	return false;
}

/* __init__, then forward or call: what it makes there belongs to the model too. */
static value instantiate(walk *w, const value *type, TSNode node, const call_arguments *arguments)
{
	value *self = gd_arena_new(&w->program->arena, 1, sizeof *self);
	value made = construct(w, type->text, node, arguments);
	if (!self) {
		w->failed = true;
		return unknown_value;
	}
	*self = unknown_value;
	self->kind = V_INSTANCE;
	self->constructor = made.constructor;
	self->type = gd_arena_copy(&w->program->arena, type, sizeof *type);
	self->home = gd_scope_new(w, NULL);
	if (!self->type || !self->home)
		return unknown_value;
	const value *init = method_of(type, "__init__");
	if (init)
		enter(w, init, self, arguments);
	else if (fills_itself(type))
		gd_module_fill(w, self, arguments);
	static const char *const runs[] = { "build", "call", "forward" };
	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
		const value *run = method_of(type, runs[i]);
		if (run)
			enter(w, run, self, &(call_arguments){ 0 });
	}
	return *self;
}

/* torch's functions that make a layer without an object: what an export has as a layer of its own. */
static bool is_function(const char *path)
{
	static const char *const names[] = { "max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d",
		"adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_max_pool1d", "adaptive_max_pool2d", "interpolate", "upsample", "mean", "amax", "max",
		"amin", "sum", "scaled_dot_product_attention", "linear", "conv1d", "conv2d", "matmul", "bmm", "einsum", "embedding", "pad", "pixel_shuffle" };
	bool torch = strncmp(path, "torch.", 6) == 0 || strncmp(path, "?.", 2) == 0;
	for (size_t i = 0; torch && i < sizeof names / sizeof names[0]; i++)
		if (strcmp(last_part(path), names[i]) == 0)
			return true;
	return false;
}

static value call_name(walk *w, const value *callee, TSNode node, const call_arguments *arguments)
{
	const char *name = last_part(callee->text);
	value result;
	if (gd_builtin_call(w, callee->text, arguments, &result))
		return result;
	if (strcmp(name, "compile") == 0 && strchr(callee->text, '.'))
		note_compile(w, node, arguments);
	bool functional = strstr(callee->text, ".functional.") || (w->self && is_function(callee->text));
	if (functional) {
		construct(w, callee->text, node, arguments);
		return unknown_value; /* a tensor */
	}
	if (!isupper((unsigned char)*name))
		return unknown_value;
	result = construct(w, callee->text, node, arguments);
	if (result.kind == V_LAYER && strncmp(name, "Transformer", 11) == 0)
		gd_module_stack(w, &result, arguments);
	if (result.kind == V_LAYER && gd_is_container(name)) {
		result.home = gd_scope_new(w, NULL);
		gd_module_fill(w, &result, arguments);
	}
	return result;
}

value gd_walk_call(walk *w, scope *s, const value *callee, TSNode node, const call_arguments *arguments)
{
	(void)s;
	if (callee->kind == V_FUNCTION)
		return enter(w, callee, callee->self, arguments);
	if (callee->kind == V_CLASS)
		return instantiate(w, callee, node, arguments);
	if (callee->kind == V_SUPER) { /* __init__ of a class that is not the program's */
		if (callee->self && callee->base && gd_is_container(last_part(callee->base)))
			gd_module_fill(w, callee->self, arguments);
		return unknown_value;
	}
	return callee->kind == V_NAME ? call_name(w, callee, node, arguments) : unknown_value; /* a layer applied to a tensor */
}
