/* A layer's name: the author's path of the module if the file tells it, else what its weights are called, else its
 * operator. */
#include "model/onnx/layer_kind.h"
#include <stdlib.h>
#include <string.h>

static const char *const parameters[] = { "weight", "bias", "kernel", "gamma", "beta", "embeddings", "depthwise_kernel",
	"pointwise_kernel", "recurrent_kernel", "moving_mean", "moving_variance", "running_mean", "running_var",
	"in_proj_weight", "in_proj_bias", "weight_g", "weight_v", "weight_quantized", "scale", "W", "B", "R", "w", "b",
	"weights", "biases" };

static bool is_parameter(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++)
		if (strlen(parameters[i]) == length && memcmp(parameters[i], name, length) == 0)
			return true;
	return length > 7 && memcmp(name, "weight_", 7) == 0; /* weight_ih_l0 */
}

/* "layer1.conv.weight" -> "layer1.conv", "model/dense/kernel:0" -> "model/dense", "fc1_bias" -> "fc1"; length 0: none.
 */
static size_t owner_length(const char *name)
{
	size_t length = strcspn(name, ":"), at = length;
	if (strncmp(name, "onnx::", 6) == 0)
		return 0;
	while (at > 0 && !strchr("./_", name[at - 1]))
		at--;
	if (at < 2)
		return 0;
	char mark = name[at - 1];
	if (is_parameter(name + at, length - at))
		return at - 1;
	if (mark == '_') { /* the underscore may lie within the parameter's name */
		size_t before = at - 1;
		while (before > 0 && !strchr("./", name[before - 1]))
			before--;
		if (before > 1 && is_parameter(name + before, length - before))
			return before - 1;
	}
	return 0;
}

static size_t last_part(const char *path, size_t length)
{
	size_t at = length;
	while (at > 0 && path[at - 1] != '.' && path[at - 1] != '/')
		at--;
	return at;
}

/* Do both paths end in the same part? Then the longer way of the weight's name is the truer one: containers that are
 * not called leave no trace in node names. */
static bool same_last_part(const char *a, size_t la, const char *b, size_t lb)
{
	size_t pa = last_part(a, la), pb = last_part(b, lb);
	return la - pa == lb - pb && memcmp(a + pa, b + pb, la - pa) == 0;
}

static const char *owner_of(const gd_onnx_span *span, const gd_onnx_kind *kind, size_t *length)
{
	for (int pass = 0; pass < 2; pass++) /* the deciding node's weights first, then a bias beside it */
		for (size_t i = 0; i < span->count; i++) {
			int node = span->nodes[i];
			if ((pass == 0) != (node == kind->main))
				continue;
			for (size_t k = 0; k < span->file->graph->nodes[node].input_count; k++) {
				gd_onnx_source source = gd_onnx_source_of(span->file, span->file->nodes[node].inputs[k]);
				*length = source.stored ? owner_length(source.name) : 0;
				if (*length)
					return source.name;
			}
		}
	return NULL;
}

static const char *leaf_of(const gd_onnx_span *span, const gd_onnx_kind *kind, size_t serial)
{
	const gd_onnx_node *note = &span->file->nodes[kind->main];
	if (span->group->fused && kind->activation)
		return kind->activation;
	if (span->group->norm)
		return "norm";
	if (note->leaf && *note->leaf)
		return note->leaf;
	return gd_arena_printf(span->file->arena, "%s_%zu", span->file->graph->nodes[kind->main].op, serial);
}

const char *gd_onnx_name_of(const gd_onnx_span *span, const gd_onnx_kind *kind, size_t serial)
{
	size_t length = 0;
	const char *owner = owner_of(span, kind, &length), *scope = span->group->scope;
	bool dotted = span->file->nodes[kind->main].dotted;
	if (span->group->whole) {
		if (owner && dotted && kind->family != GD_FAMILY_ATTENTION &&
			same_last_part(owner, length, scope, strlen(scope)))
			return gd_arena_text(span->file->arena, owner, length);
		return scope;
	}
	if (owner && kind->computes)
		return gd_arena_text(span->file->arena, owner, length);
	const char *leaf = leaf_of(span, kind, serial);
	if (!leaf || !scope || !*scope)
		return leaf;
	return gd_arena_printf(span->file->arena, "%s%s%s", scope, dotted ? "." : "/", leaf);
}

typedef struct {
	const char *from, *to;
	size_t from_length, to_length;
} renaming;

enum { MOST_RENAMINGS = 1024 };

static void add_renaming(renaming *list, size_t *count, renaming r)
{
	for (size_t i = 0; i < *count; i++)
		if (list[i].from_length == r.from_length && memcmp(list[i].from, r.from, r.from_length) == 0)
			return;
	if (*count < MOST_RENAMINGS)
		list[(*count)++] = r;
}

/* "a.self.key" that is really "a.attention.self.key" tells that "a.self" is "a.attention.self". */
static void learn_renamings(const char *scope, const char *name, renaming *list, size_t *count)
{
	renaming r = { scope, name, strlen(scope), strlen(name) };
	while (r.from_length && r.to_length && same_last_part(scope, r.from_length, name, r.to_length)) {
		r.from_length = last_part(scope, r.from_length);
		r.to_length = last_part(name, r.to_length);
		if (!r.from_length || !r.to_length)
			return;
		r.from_length--;
		r.to_length--;
		if (r.from_length == r.to_length && memcmp(scope, name, r.from_length) == 0)
			return;
		add_renaming(list, count, r);
	}
}

gd_status gd_onnx_complete_names(gd_model *model, const char *const *scopes, gd_error *err)
{
	renaming *list = gd_arena_new(&model->arena, MOST_RENAMINGS, sizeof *list);
	size_t count = 0;
	if (!list)
		return gd_fail_memory(err, "naming layers");
	for (size_t i = 0; i < model->layer_count; i++)
		if (scopes[i] && strcmp(scopes[i], model->layers[i].name) != 0)
			learn_renamings(scopes[i], model->layers[i].name, list, &count);
	for (size_t i = 0; i < model->layer_count; i++)
		for (size_t k = 0; k < count && scopes[i] && strcmp(scopes[i], model->layers[i].name) == 0; k++)
			if (strlen(scopes[i]) == list[k].from_length && memcmp(scopes[i], list[k].from, list[k].from_length) == 0) {
				model->layers[i].name = gd_arena_text(&model->arena, list[k].to, list[k].to_length);
				if (!model->layers[i].name)
					return gd_fail_memory(err, "naming layers");
			}
	return GD_OK;
}

typedef struct {
	const char **name;
	size_t at;
} named;

static int by_name(const void *a, const void *b)
{
	const named *p = a, *q = b;
	int order = strcmp(*p->name, *q->name);
	return order ? order : (p->at > q->at) - (p->at < q->at);
}

gd_status gd_onnx_names_apart(gd_model *model, gd_error *err)
{
	named *list = gd_arena_new(&model->arena, model->layer_count, sizeof *list);
	if (!list)
		return gd_fail_memory(err, "naming layers");
	for (int round = 0; round < 4; round++) {
		bool changed = false;
		for (size_t i = 0; i < model->layer_count; i++)
			list[i] = (named){ &model->layers[i].name, i };
		qsort(list, model->layer_count, sizeof *list, by_name);
		size_t run = 0;
		for (size_t i = 1; i < model->layer_count; i++) {
			run = strcmp(*list[i].name, *list[i - 1 - run].name) == 0 ? run + 1 : 0;
			if (!run)
				continue;
			const char *name = gd_arena_printf(&model->arena, "%s_%zu", *list[i].name, run);
			if (!name)
				return gd_fail_memory(err, "naming layers");
			*list[i].name = name;
			changed = true;
		}
		if (!changed)
			break;
	}
	return GD_OK;
}
