#include "method/align_modules.h"
#include <string.h>

/* Operators of the file and the functions of torch that become them. */
static const struct {
	const char *op, *functions[5];
} functions[] = {
	{ "MaxPool", { "max_pool1d", "max_pool2d", "max_pool3d", "adaptive_max_pool2d" } },
	{ "AveragePool", { "avg_pool1d", "avg_pool2d", "avg_pool3d", "adaptive_avg_pool2d" } },
	{ "GlobalAveragePool", { "adaptive_avg_pool1d", "adaptive_avg_pool2d", "mean", "avg_pool2d" } },
	{ "GlobalMaxPool", { "adaptive_max_pool1d", "adaptive_max_pool2d", "amax", "max" } },
	{ "ReduceMean", { "mean", "adaptive_avg_pool1d", "adaptive_avg_pool2d" } },
	{ "ReduceMax", { "max", "amax", "max_pool1d" } },
	{ "ReduceMin", { "min", "amin" } },
	{ "ReduceSum", { "sum" } },
	{ "Resize", { "interpolate", "upsample" } },
	{ "Upsample", { "interpolate", "upsample" } },
	{ "Conv", { "conv1d", "conv2d", "conv3d" } },
	{ "Gemm", { "linear", "addmm", "matmul" } },
	{ "MatMul", { "linear", "matmul", "bmm", "einsum" } },
	{ "Gather", { "embedding" } },
	{ "Attention", { "scaled_dot_product_attention" } },
	{ "DepthToSpace", { "pixel_shuffle" } },
};

static bool is_function_of(const char *op, const char *function)
{
	for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
		for (size_t k = 0; k < 5 && functions[i].functions[k] && strcmp(functions[i].op, op) == 0; k++)
			if (strcmp(functions[i].functions[k], function) == 0)
				return true;
	return false;
}

typedef struct {
	const gd_model *model;
	const gd_program *program;
	int *votes; /* per constructor: how much speaks for it as the model that was exported */
	int most;
	int *gain, *stamp; /* per constructor, for the layer at hand */
	gd_line *lines;
} search;

/* Does `text`, `length` long, name this attribute? "*" stands for any number. */
static bool is_attribute(const char *attribute, const char *text, size_t length)
{
	if (strcmp(attribute, "*") == 0)
		return length > 0 && strspn(text, "0123456789") >= length;
	return strlen(attribute) == length && memcmp(attribute, text, length) == 0;
}

/* The object that `at` is called `path` within; -1: it is not called so. */
static int holder_of(const gd_program *program, int at, const char *path, size_t length)
{
	while (length) {
		size_t from = length;
		while (from > 0 && path[from - 1] != '.')
			from--;
		const gd_constructor *c = &program->constructors[at];
		if (c->parent < 0 || !is_attribute(c->attribute, path + from, length - from))
			return -1;
		at = c->parent;
		length = from ? from - 1 : 0;
	}
	return at;
}

static void vote(search *s, size_t at)
{
	const gd_layer *layer = &s->model->layers[at];
	size_t length = strlen(layer->name);
	for (size_t i = 0; i < s->program->constructor_count; i++) {
		int holder = holder_of(s->program, (int)i, layer->name, length);
		if (holder < 0 || holder == (int)i)
			continue;
		int fit = gd_align_fit(layer, &s->program->constructors[i]), gain = fit > 0 ? fit : 1;
		int before = s->stamp[holder] == (int)at + 1 ? s->gain[holder] : 0;
		if (gain <= before)
			continue;
		s->votes[holder] += gain - before;
		s->gain[holder] = gain;
		s->stamp[holder] = (int)at + 1;
		s->most = s->votes[holder] > s->most ? s->votes[holder] : s->most;
	}
}

/* What lies inside a module of a library has the line of that module. */
static void place_around(search *s, size_t at)
{
	const char *name = s->model->layers[at].name;
	for (size_t length = strlen(name); length > 0;) {
		while (length > 0 && name[length - 1] != '.')
			length--;
		length -= length > 0;
		for (size_t i = 0; length && i < s->program->constructor_count; i++) {
			const gd_constructor *c = &s->program->constructors[i];
			int holder = holder_of(s->program, (int)i, name, length);
			if (holder < 0 || holder == (int)i || s->votes[holder] != s->most)
				continue;
			bool container = strcmp(c->kind, "Sequential") == 0 || strncmp(c->kind, "Module", 6) == 0;
			if (strchr(c->path, '.') && !container)
				s->lines[at] = gd_align_line(s->program, c, 0.8);
			return; /* the nearest one decides */
		}
	}
}

static void place_module(search *s, size_t at, size_t *found)
{
	const gd_layer *layer = &s->model->layers[at];
	size_t length = strlen(layer->name);
	const gd_constructor *best = NULL;
	int best_fit = 0, rival = 0;
	for (size_t i = 0; i < s->program->constructor_count; i++) {
		int holder = holder_of(s->program, (int)i, layer->name, length);
		if (holder < 0 || holder == (int)i || s->votes[holder] != s->most)
			continue;
		const gd_constructor *c = &s->program->constructors[i];
		int fit = gd_align_fit(layer, c);
		if (!best || fit > best_fit) {
			best = c;
			best_fit = fit;
			rival = 0;
		} else if (fit == best_fit && c->line != best->line) {
			rival = c->line;
		}
	}
	if (!best) {
		place_around(s, at);
		return;
	}
	(*found)++;
	s->lines[at] = rival ? gd_align_doubt(best->line, rival) : gd_align_line(s->program, best, best->maybe || best->repeated ? 0.8 : 1.0);
}

/* ---- functions in forward: no module, but an owner whose method calls them ----------------------------------------- */

static size_t scope_length(const char *name)
{
	const char *dot = strrchr(name, '.');
	return dot ? (size_t)(dot - name) : 0;
}

static bool may_have_made(const search *s, const gd_constructor *c, const gd_layer *layer)
{
	if (c->owner < 0 || !is_function_of(layer->kind, c->kind))
		return false;
	int holder = holder_of(s->program, c->owner, layer->name, scope_length(layer->name));
	return holder >= 0 && s->votes[holder] == s->most;
}

static bool same_place(const gd_layer *a, const gd_layer *b)
{
	size_t length = scope_length(a->name);
	return scope_length(b->name) == length && memcmp(a->name, b->name, length) == 0 && strcmp(a->kind, b->kind) == 0;
}

/* The k-th of the calls that may have made such layers, when there are as many calls as layers; else the line that all of
 * them stand on. */
static void place_function(search *s, size_t at)
{
	const gd_layer *layer = &s->model->layers[at];
	size_t alike = 0, before = 0, calls = 0;
	for (size_t i = 0; i < s->model->layer_count; i++)
		if (!s->model->layers[i].source_line && same_place(layer, &s->model->layers[i])) {
			before += i < at;
			alike++;
		}
	const gd_constructor *mine = NULL, *other = NULL, *first = NULL;
	for (size_t i = 0; i < s->program->constructor_count; i++) {
		const gd_constructor *c = &s->program->constructors[i];
		if (!may_have_made(s, c, layer))
			continue;
		first = first ? first : c;
		other = c->line != first->line ? c : other;
		mine = calls == before ? c : mine;
		calls++;
	}
	if (!first)
		return;
	if (calls == alike && mine)
		s->lines[at] = gd_align_line(s->program, mine, 0.8);
	else
		s->lines[at] = other ? gd_align_doubt(first->line, other->line) : gd_align_line(s->program, first, 0.8);
}

gd_status gd_align_modules(const gd_model *model, const gd_program *program, gd_line *lines, size_t *found, gd_error *err)
{
	gd_arena arena = { 0 };
	search s = { .model = model, .program = program, .lines = lines };
	size_t room = program->constructor_count + 1;
	*found = 0;
	if (program->constructor_count > 4096 || model->layer_count > 4096)
		return GD_OK; /* no program is written so; looking at all pairs would take too long */
	s.votes = gd_arena_new(&arena, room, sizeof *s.votes);
	s.gain = gd_arena_new(&arena, room, sizeof *s.gain);
	s.stamp = gd_arena_new(&arena, room, sizeof *s.stamp);
	if (!s.votes || !s.gain || !s.stamp) {
		gd_arena_free(&arena);
		return gd_fail_memory(err, "finding the lines of the layers");
	}
	for (size_t i = 0; i < model->layer_count; i++)
		if (model->layers[i].family != GD_FAMILY_INPUT)
			vote(&s, i);
	for (size_t i = 0; i < model->layer_count && s.most; i++)
		if (model->layers[i].family != GD_FAMILY_INPUT)
			place_module(&s, i, found);
	for (size_t i = 0; i < model->layer_count && s.most; i++)
		if (!lines[i].line && !lines[i].end_line && !model->layers[i].source_line)
			place_function(&s, i);
	gd_arena_free(&arena);
	return GD_OK;
}
