/* What the walk keeps: scopes, values as text, the budget. */
#include "source/walk.h"
#include "base/text.h"
#include <math.h>
#include <string.h>

bool gd_walk_enter(walk *w)
{
	if (w->failed || w->work <= 0 || w->depth >= MOST_DEPTH)
		return false;
	w->work--;
	w->depth++;
	return true;
}

void gd_walk_leave(walk *w)
{
	w->depth--;
}

scope *gd_scope_new(walk *w, scope *outer)
{
	scope *s = gd_arena_new(&w->program->arena, 1, sizeof *s);
	if (s)
		s->outer = outer;
	else
		w->failed = true;
	return s;
}

value *gd_scope_find(scope *s, const char *name)
{
	for (; s; s = s->outer)
		for (binding *b = s->bindings; b; b = b->next)
			if (strcmp(b->name, name) == 0)
				return &b->held;
	return NULL;
}

void gd_scope_set(walk *w, scope *s, const char *name, value v)
{
	for (binding *b = s->bindings; b; b = b->next)
		if (strcmp(b->name, name) == 0) {
			b->held = v;
			return;
		}
	binding *fresh = gd_arena_new(&w->program->arena, 1, sizeof *fresh);
	if (!fresh) {
		w->failed = true;
		return;
	}
	*fresh = (binding){ name, v, s->bindings };
	s->bindings = fresh;
}

char *gd_walk_text(walk *w, TSNode node)
{
	uint32_t from = ts_node_start_byte(node), to = ts_node_end_byte(node);
	char *copy = from <= to && to <= w->length ? gd_arena_text(&w->program->arena, w->text + from, to - from) : NULL;
	if (!copy)
		w->failed = true;
	return copy;
}

bool gd_node_is(TSNode node, const char *type)
{
	return !ts_node_is_null(node) && strcmp(ts_node_type(node), type) == 0;
}

TSNode gd_node_field(TSNode node, const char *field)
{
	return ts_node_child_by_field_name(node, field, (uint32_t)strlen(field));
}

int gd_value_truth(const value *v)
{
	switch (v->kind) {
	case V_NONE:
		return 0;
	case V_BOOL:
	case V_NUMBER:
		return v->number != 0;
	case V_TEXT:
		return v->text && *v->text;
	case V_LIST:
	case V_DICT:
		return v->count != 0;
	case V_UNKNOWN:
	case V_NAME:
	case V_FUNCTION:
	case V_CLASS:
	case V_INSTANCE:
	case V_LAYER:
	case V_SUPER:
		break;
	}
	return -1;
}

/* "(3, 3)" as the layer settings write lists. */
static const char *list_text(walk *w, const value *v)
{
	gd_text text = { 0 };
	gd_text_put(&text, "(");
	for (size_t i = 0; i < v->count; i++) {
		double number;
		bool known;
		const char *item = gd_value_text(w, &v->items[i], &number, &known);
		gd_text_put(&text, i ? ", " : "");
		if (item)
			gd_text_put(&text, item);
		else if (known)
			gd_text_printf(&text, "%.12g", number);
		else
			gd_text_put(&text, "?");
	}
	gd_text_put(&text, v->count == 1 ? ",)" : ")");
	const char *kept = text.failed ? NULL : gd_arena_text(&w->program->arena, text.bytes, text.length);
	gd_text_free(&text);
	if (!kept)
		w->failed = true;
	return kept;
}

const char *gd_value_text(walk *w, const value *v, double *number, bool *known)
{
	*number = (double)NAN;
	*known = true;
	switch (v->kind) {
	case V_NONE:
		return "None";
	case V_BOOL:
	case V_NUMBER:
		*number = v->number;
		return NULL;
	case V_TEXT:
		return v->text;
	case V_NAME: /* tf.nn.relu, keras.activations.relu: the last part is what a configuration calls it */
		return strrchr(v->text, '.') ? strrchr(v->text, '.') + 1 : v->text;
	case V_LIST:
		if (v->count <= 16 && v->number == 0)
			return list_text(w, v);
		break;
	case V_LAYER: /* an object given as argument: its class, as configurations do */
		return v->constructor >= 0 ? w->program->constructors[v->constructor].kind : NULL;
	case V_UNKNOWN:
	case V_FUNCTION:
	case V_CLASS:
	case V_INSTANCE:
	case V_DICT:
	case V_SUPER:
		break;
	}
	*known = false;
	return NULL;
}
