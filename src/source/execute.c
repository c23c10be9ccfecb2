/* Statements: what binds names and what decides which code runs. */
#include "source/walk.h"
#include <string.h>

static void statement(walk *w, scope *s, TSNode node);

void gd_walk_block(walk *w, scope *s, TSNode node)
{
	if (ts_node_is_null(node) || !gd_walk_enter(w))
		return;
	uint32_t count = ts_node_named_child_count(node);
	for (uint32_t i = 0; i < count && !w->returning && !w->failed && w->work > 0; i++)
		statement(w, s, ts_node_named_child(node, i));
	gd_walk_leave(w);
}

/* The name an object gets: what a report and an exporter call it. */
static void name_constructor(walk *w, const value *v, const char *name)
{
	if ((v->kind == V_LAYER || v->kind == V_INSTANCE) && v->constructor >= 0)
		w->program->constructors[v->constructor].target = name;
	for (size_t i = 0; v->kind == V_LIST && i < v->count; i++)
		if (v->items[i].kind == V_LAYER && v->items[i].constructor >= 0 && !w->program->constructors[v->items[i].constructor].target)
			w->program->constructors[v->items[i].constructor].target = gd_arena_printf(&w->program->arena, "%s.%zu", name, i);
}

void gd_walk_assign(walk *w, scope *s, TSNode target, value v)
{
	if (ts_node_is_null(target) || !gd_walk_enter(w))
		return;
	if (gd_node_is(target, "identifier")) {
		char *name = gd_walk_text(w, target);
		if (name) {
			name_constructor(w, &v, name);
			gd_scope_set(w, s, name, v);
		}
	} else if (gd_node_is(target, "attribute")) {
		value of = gd_walk_evaluate(w, s, gd_node_field(target, "object"));
		char *name = gd_walk_text(w, gd_node_field(target, "attribute"));
		if (name && of.kind == V_INSTANCE) {
			name_constructor(w, &v, name);
			gd_scope_set(w, of.home, name, v);
			gd_module_hold(w, &of, name, &v);
		}
	} else if (gd_node_is(target, "subscript")) {
		value of = gd_walk_evaluate(w, s, gd_node_field(target, "value")), at = gd_walk_evaluate(w, s, gd_node_field(target, "subscript"));
		const char *name = at.kind == V_TEXT ? at.text : at.kind == V_NUMBER && at.number >= 0 ? gd_arena_printf(&w->program->arena, "%.0f", at.number) : NULL;
		gd_module_hold(w, &of, name, &v);
		if (of.kind == V_LIST && at.kind == V_NUMBER && at.number >= 0 && at.number < (double)of.count)
			of.items[(size_t)at.number] = v;
	} else if (gd_node_is(target, "pattern_list") || gd_node_is(target, "tuple_pattern") || gd_node_is(target, "list_pattern")) {
		uint32_t count = ts_node_named_child_count(target);
		for (uint32_t i = 0; i < count; i++)
			gd_walk_assign(w, s, ts_node_named_child(target, i), v.kind == V_LIST && v.count == count ? v.items[i] : unknown_value);
	}
	gd_walk_leave(w);
}

static void assignment(walk *w, scope *s, TSNode node)
{
	TSNode right = gd_node_field(node, "right");
	if (gd_node_is(right, "assignment")) { /* a = b = value */
		assignment(w, s, right);
		gd_walk_assign(w, s, gd_node_field(node, "left"), gd_walk_evaluate(w, s, gd_node_field(right, "left")));
		return;
	}
	gd_walk_assign(w, s, gd_node_field(node, "left"), ts_node_is_null(right) ? unknown_value : gd_walk_evaluate(w, s, right));
}

/* x += 1 and layers += [...] keep what is known; the rest is forgotten. */
static void augmented(walk *w, scope *s, TSNode node)
{
	TSNode left = gd_node_field(node, "left");
	value a = gd_walk_evaluate(w, s, left), b = gd_walk_evaluate(w, s, gd_node_field(node, "right")), v = unknown_value;
	const char *op = ts_node_type(gd_node_field(node, "operator"));
	if (a.kind == V_NUMBER && b.kind == V_NUMBER) {
		v = a;
		if (strcmp(op, "+=") == 0)
			v.number += b.number;
		else if (strcmp(op, "-=") == 0)
			v.number -= b.number;
		else if (strcmp(op, "*=") == 0)
			v.number *= b.number;
		else if (strcmp(op, "//=") == 0 && b.number != 0)
			v.number = (double)(int64_t)(a.number / b.number);
		else
			v = unknown_value;
	} else if (a.kind == V_LIST && strcmp(op, "+=") == 0) {
		value more = gd_walk_sequence(w, &b);
		v = more.kind == V_LIST ? gd_list_join(w, &a, &more, 1) : unknown_value;
		v.number = v.kind == V_LIST && w->unsure ? 1 : v.number;
	} else if (a.kind == V_LAYER && strcmp(op, "+=") == 0) { /* a ModuleList */
		value more = gd_walk_sequence(w, &b);
		for (size_t i = 0; i < more.count && more.kind == V_LIST; i++)
			gd_module_append(w, &a, &more.items[i]);
		v = a;
	}
	gd_walk_assign(w, s, left, v);
}

static void expression(walk *w, scope *s, TSNode node)
{
	uint32_t count = ts_node_named_child_count(node);
	for (uint32_t i = 0; i < count; i++) {
		TSNode child = ts_node_named_child(node, i);
		if (gd_node_is(child, "assignment"))
			assignment(w, s, child);
		else if (gd_node_is(child, "augmented_assignment"))
			augmented(w, s, child);
		else
			gd_walk_evaluate(w, s, child);
	}
}

static value path_value(const char *path)
{
	value v = unknown_value;
	v.kind = path ? V_NAME : V_UNKNOWN;
	v.text = path;
	return v;
}

/* import a.b as c; import a.b binds a. from m import n as k binds k to m.n. */
static void import(walk *w, scope *s, TSNode node)
{
	bool from = gd_node_is(node, "import_from_statement");
	TSNode module = gd_node_field(node, "module_name");
	const char *prefix = from ? gd_walk_text(w, module) : NULL;
	uint32_t count = ts_node_named_child_count(node);
	for (uint32_t i = 0; i < count && !w->failed; i++) {
		TSNode child = ts_node_named_child(node, i);
		if (from && ts_node_eq(child, module))
			continue;
		bool aliased = gd_node_is(child, "aliased_import");
		if (!aliased && !gd_node_is(child, "dotted_name"))
			continue;
		char *name = gd_walk_text(w, aliased ? gd_node_field(child, "name") : child);
		char *bound = aliased ? gd_walk_text(w, gd_node_field(child, "alias")) : name;
		if (!name || !bound)
			return;
		const char *path = from ? gd_arena_printf(&w->program->arena, "%s.%s", prefix, name) : name;
		if (!from && !aliased) {
			char *dot = strchr(name, '.');
			if (dot)
				*dot = 0;
		}
		gd_scope_set(w, s, bound, path_value(path));
	}
}

static void for_loop(walk *w, scope *s, TSNode node)
{
	TSNode left = gd_node_field(node, "left"), body = gd_node_field(node, "body");
	value right = gd_walk_evaluate(w, s, gd_node_field(node, "right")), over = gd_walk_sequence(w, &right);
	if (over.kind == V_LIST && over.number == 0) {
		for (size_t i = 0; i < over.count && i < MOST_ROUNDS && !w->returning && w->work > 0; i++) {
			gd_walk_assign(w, s, left, over.items[i]);
			gd_walk_block(w, s, body);
		}
		return;
	}
	w->unsure++;
	gd_walk_assign(w, s, left, over.kind == V_LIST && over.count == 1 ? over.items[0] : unknown_value);
	gd_walk_block(w, s, body);
	w->unsure--;
}

enum { MOST_WHILES = 256 };

/* A comparison whose outcome is known is followed for as long as it stays so. */
static void while_loop(walk *w, scope *s, TSNode node)
{
	TSNode condition = gd_node_field(node, "condition");
	int rounds = 0, is = -1;
	for (; gd_node_is(condition, "comparison_operator") && rounds < MOST_WHILES && !w->returning && w->work > 0; rounds++) {
		value c = gd_walk_evaluate(w, s, condition);
		if ((is = gd_value_truth(&c)) != 1)
			break;
		gd_walk_block(w, s, gd_node_field(node, "body"));
	}
	if (is == 0 || rounds)
		return;
	w->unsure++;
	gd_walk_block(w, s, gd_node_field(node, "body"));
	w->unsure--;
}

/* Branches in order; an unknown condition takes its branch and goes on to the next. */
static void if_chain(walk *w, scope *s, TSNode node)
{
	value c = gd_walk_evaluate(w, s, gd_node_field(node, "condition"));
	int is = gd_value_truth(&c);
	bool unsure = is < 0;
	uint32_t count = ts_node_named_child_count(node);
	w->branches += unsure;
	if (is != 0)
		gd_walk_block(w, s, gd_node_field(node, "consequence"));
	for (uint32_t i = 0; i < count && is != 1; i++) {
		TSNode child = ts_node_named_child(node, i);
		if (gd_node_is(child, "else_clause")) {
			gd_walk_block(w, s, gd_node_field(child, "body"));
		} else if (gd_node_is(child, "elif_clause")) {
			value next = gd_walk_evaluate(w, s, gd_node_field(child, "condition"));
			int holds = gd_value_truth(&next);
			if (holds != 0)
				gd_walk_block(w, s, gd_node_field(child, "consequence"));
			is = holds == 1 && !unsure ? 1 : is;
		}
	}
	w->branches -= unsure;
}

static value definition(walk *w, scope *s, TSNode node, value_kind kind)
{
	value v = unknown_value;
	v.kind = kind;
	v.node = node;
	v.home = s;
	v.text = gd_walk_text(w, gd_node_field(node, "name"));
	return v;
}

static void function(walk *w, scope *s, TSNode node)
{
	value v = definition(w, s, node, V_FUNCTION);
	if (v.text)
		gd_scope_set(w, s, v.text, v);
}

/* The class body's names, methods among them, in a scope of their own. */
static void class(walk *w, scope *s, TSNode node)
{
	value v = definition(w, s, node, V_CLASS);
	v.members = gd_scope_new(w, s);
	if (!v.text || !v.members)
		return;
	TSNode bases = gd_node_field(node, "superclasses");
	value base = ts_node_is_null(bases) ? unknown_value : gd_walk_evaluate(w, s, ts_node_named_child(bases, 0));
	if (base.kind == V_CLASS)
		v.type = gd_arena_copy(&w->program->arena, &base, sizeof base);
	v.base = base.kind == V_NAME ? base.text : NULL;
	gd_walk_block(w, v.members, gd_node_field(node, "body"));
	const value *own = gd_arena_copy(&w->program->arena, &v, sizeof v);
	for (binding *b = v.members->bindings; b; b = b->next)
		if (b->held.kind == V_FUNCTION) {
			b->held.home = s; /* methods do not see the class's names, as in Python */
			b->held.type = own;
		}
	gd_scope_set(w, s, v.text, v);
}

static void decorated(walk *w, scope *s, TSNode node)
{
	TSNode inner = gd_node_field(node, "definition");
	statement(w, s, inner);
	char *name = gd_node_is(inner, "function_definition") ? gd_walk_text(w, gd_node_field(inner, "name")) : NULL;
	value *made = name ? gd_scope_find(&(scope){ s->bindings, NULL }, name) : NULL;
	for (uint32_t i = 0, count = ts_node_named_child_count(node); made && i < count; i++) {
		char *mark = gd_node_is(ts_node_named_child(node, i), "decorator") ? gd_walk_text(w, ts_node_named_child(node, i)) : NULL;
		made->of_class = made->of_class || (mark && strcmp(mark, "@classmethod") == 0);
		made->is_static = made->is_static || (mark && strcmp(mark, "@staticmethod") == 0);
	}
}

static void hand_back(walk *w, scope *s, TSNode node)
{
	if (ts_node_named_child_count(node))
		w->returned = gd_walk_evaluate(w, s, ts_node_named_child(node, 0));
	w->returning = w->branches == 0; /* behind an unknown condition the rest may run too */
}

/* with, try: bodies run in order; clauses are bodies of their own. */
static void nested(walk *w, scope *s, TSNode node)
{
	gd_walk_block(w, s, node);
}

static const struct {
	const char *type;
	void (*execute)(walk *w, scope *s, TSNode node);
} kinds[] = {
	{ "expression_statement", expression }, { "import_statement", import }, { "import_from_statement", import }, { "for_statement", for_loop },
	{ "while_statement", while_loop }, { "if_statement", if_chain }, { "function_definition", function }, { "class_definition", class },
	{ "decorated_definition", decorated }, { "return_statement", hand_back }, { "with_statement", nested }, { "try_statement", nested },
	{ "block", nested }, { "except_clause", nested }, { "finally_clause", nested }, { "else_clause", nested }, { "with_clause", nested },
};

static void statement(walk *w, scope *s, TSNode node)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (gd_node_is(node, kinds[i].type)) {
			kinds[i].execute(w, s, node);
			return;
		}
}
