#include "evidence/scene.h"
#include "evidence/algebra.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *gd_evidence_text(gd_scene *scene, const char *format, ...)
{
	char text[512];
	va_list list;
	va_start(list, format);
	(void)vsnprintf(text, sizeof text, format, list);
	va_end(list);
	return gd_arena_text(&scene->evidence->arena, text, strlen(text));
}

void gd_finding_add(gd_scene *scene, size_t entry, gd_finding finding)
{
	gd_evidence_entry *to = &scene->evidence->entries[entry];
	size_t at = to->finding_count;
	while (at > 0 && to->findings[at - 1].weight < finding.weight)
		at--;
	if (at == GD_FINDINGS)
		return;
	size_t last = to->finding_count < GD_FINDINGS ? to->finding_count++ : GD_FINDINGS - 1;
	memmove(&to->findings[at + 1], &to->findings[at], (last - at) * sizeof finding);
	to->findings[at] = finding;
}

bool gd_is_one_of(const char *text, const char *const *list)
{
	for (; text && *list; list++)
		if (strcmp(text, *list) == 0)
			return true;
	return false;
}

double gd_setting_number(const gd_layer *layer, const char *name, double otherwise)
{
	const gd_setting *setting = gd_layer_setting(layer, name);
	if (!setting)
		return otherwise;
	if (!setting->text)
		return setting->number;
	double largest = -INFINITY;
	for (const char *at = setting->text; *at;) {
		char *end;
		double v = *at == '(' || *at == ' ' || *at == ',' ? NAN : strtod(at, &end);
		if (v != v) {
			at++;
			continue;
		}
		if (end == at)
			return otherwise;
		largest = fmax(largest, v);
		at = end;
	}
	return isfinite(largest) ? largest : otherwise;
}

/* ---- edges ---- */
static void add_edge(int *list, size_t *count, int entry)
{
	for (size_t i = 0; i < *count; i++)
		if (list[i] == entry)
			return;
	if (*count < GD_EDGES)
		list[(*count)++] = entry;
}

static int entry_of_value(const gd_model *model, const char *value)
{
	for (size_t i = 0; i < model->layer_count; i++) {
		const gd_layer *layer = &model->layers[i];
		if (layer->output && strcmp(layer->output, value) == 0 && layer->family != GD_FAMILY_INPUT)
			return layer->entry;
	}
	return -1;
}

static void find_edges(gd_scene *scene)
{
	const gd_model *model = scene->model;
	for (size_t i = 0; i < model->layer_count; i++) {
		const gd_layer *layer = &model->layers[i];
		for (size_t k = 0; layer->entry >= 0 && k < layer->input_count; k++) {
			int from = entry_of_value(model, layer->inputs[k]);
			gd_part *part = &scene->parts[layer->entry];
			if (from == layer->entry)
				continue;
			add_edge(part->parents, &part->parent_count, from);
			if (from >= 0)
				add_edge(scene->parts[from].children, &scene->parts[from].child_count, layer->entry);
		}
	}
}

/* ---- kernels ---- */
static bool is_kernel(const gd_weight *weight)
{
	return weight->tensor.shape.rank >= 2 && (weight->role == GD_KERNEL || weight->role == GD_RECURRENT || weight->role == GD_DEPTHWISE ||
		weight->role == GD_POINTWISE || weight->role == GD_TABLE);
}

/* Keras keeps a transposed convolution as (..., out, in). */
static gd_status turned(gd_scene *scene, gd_matrix *m, gd_error *err)
{
	size_t in = m->columns, out = m->channels, positions = out ? m->rows / out : 0;
	float *to = gd_arena_new(&scene->arena, m->rows * m->columns, sizeof *to);
	if (!to)
		return gd_fail_memory(err, "reading a weight");
	for (size_t p = 0; p < positions; p++)
		for (size_t o = 0; o < out; o++)
			for (size_t c = 0; c < in; c++)
				to[(p * in + c) * out + o] = m->values[(p * out + o) * in + c];
	*m = (gd_matrix){ to, positions * in, out, in };
	return GD_OK;
}

/* NaN and infinite weights would make every figure NaN; they are evidence elsewhere. */
static gd_status bounded(gd_scene *scene, gd_matrix *m, gd_error *err)
{
	size_t n = m->rows * m->columns, at = 0;
	while (at < n && fabsf(m->values[at]) <= 1e6f)
		at++;
	if (at == n)
		return GD_OK;
	float *to = gd_arena_new(&scene->arena, n, sizeof *to);
	if (!to)
		return gd_fail_memory(err, "reading a weight");
	for (size_t i = 0; i < n; i++)
		to[i] = (float)gd_bounded((double)m->values[i]);
	m->values = to;
	return GD_OK;
}

/* The bias beside a kernel: of the same part, as long as the kernel is wide. GRU's has two rows, which add up; LSTM's
 * forget gate starts at 1, which is taken off. */
static gd_status find_bias(gd_scene *scene, gd_part *part, const gd_weight *of, gd_kernel *kernel, gd_error *err)
{
	const gd_layer *head = part->head;
	for (size_t i = 0; i < head->weight_count; i++) {
		const gd_weight *weight = &head->weights[i];
		size_t count;
		if (weight->role != GD_BIAS || strcmp(weight->part, of->part) != 0 || !gd_shape_count(&weight->tensor.shape, 0, &count) ||
			count % kernel->of.columns != 0)
			continue;
		const float *from = gd_tensor_floats(&weight->tensor, &scene->arena);
		float *to = gd_arena_new(&scene->arena, kernel->of.columns, sizeof *to);
		if (!from || !to)
			return gd_fail_memory(err, "reading a bias");
		for (size_t k = 0; k < count; k++)
			to[k % kernel->of.columns] += (float)gd_bounded((double)from[k]);
		size_t units = kernel->of.columns / part->gates;
		for (size_t k = units; part->gates == 4 && gd_setting_number(head, "unit_forget_bias", 1) != 0 && k < 2 * units; k++)
			to[k] -= 1;
		kernel->bias = to;
		return GD_OK;
	}
	return GD_OK;
}

static void set_limit(const gd_part *part, gd_kernel *kernel)
{
	double in = (double)kernel->of.rows, out = (double)(kernel->positions * kernel->of.columns);
	if (part->is_recurrent && kernel->role == GD_KERNEL)
		out = (double)kernel->of.columns;
	kernel->limit = kernel->role == GD_TABLE ? 0.05 : sqrt(6 / (in + out));
}

/* A Dense layer that reads a flattened image: its rows are places times channels. */
static void fold(const gd_part *part, const gd_weight *weight, gd_kernel *kernel)
{
	bool dense = part->head->family == GD_FAMILY_DENSE && kernel->reads_input && part->in;
	if (dense && weight->order == GD_UNITS_LAST && part->in->units > 0 && kernel->of.rows > part->in->units &&
		kernel->of.rows % part->in->units == 0)
		kernel->of.channels = part->in->units;
}

static gd_status find_kernels(gd_scene *scene, gd_part *part, gd_error *err)
{
	gd_status status = GD_OK;
	for (size_t i = 0; i < part->head->weight_count && part->kernel_count < GD_KERNELS && !status; i++) {
		const gd_weight *weight = &part->head->weights[i];
		if (!is_kernel(weight))
			continue;
		gd_kernel *kernel = &part->kernels[part->kernel_count];
		*kernel = (gd_kernel){ .role = weight->role };
		status = gd_weight_matrix(weight, &scene->arena, &kernel->of, err);
		if (!status && part->head->family == GD_FAMILY_CONV_TRANSPOSE && weight->order == GD_UNITS_LAST)
			status = turned(scene, &kernel->of, err);
		if (!status)
			status = bounded(scene, &kernel->of, err);
		kernel->reads_input = weight->role == GD_KERNEL || weight->role == GD_POINTWISE;
		fold(part, weight, kernel);
		kernel->positions = kernel->of.channels ? kernel->of.rows / kernel->of.channels : 1;
		set_limit(part, kernel);
		if (!status)
			status = find_bias(scene, part, weight, kernel, err);
		part->kernel_count += !status && kernel->of.rows > 0 && kernel->of.columns > 0;
	}
	return status;
}

/* ---- the rest of a part ---- */
static const char *const merging[] = { "Add", "Concatenate", "Multiply", "Average", "LayerNormalization", NULL };

static void find_activation(const gd_scene *scene, size_t at, gd_part *part)
{
	const gd_entry *entry = &scene->model->entries[at];
	part->activation = part->head->activation ? part->head->activation : "linear";
	part->activated_by = part->head;
	for (size_t i = 0; i < entry->member_count; i++) {
		const gd_layer *layer = &scene->model->layers[entry->members[i]];
		if (layer->family == GD_FAMILY_ACTIVATION && layer != part->head && layer->activation) {
			part->activation = layer->activation;
			part->activated_by = layer;
		}
		part->merges = part->merges || gd_is_one_of(layer->kind, merging) || layer->family == GD_FAMILY_MERGE;
	}
}

/* gamma / sqrt(variance) of the batch normalisations that belong to the entry, multiplied. */
static gd_status find_scale(gd_scene *scene, size_t at, gd_part *part, gd_error *err)
{
	const gd_entry *entry = &scene->model->entries[at];
	for (size_t i = 0; i < entry->member_count; i++) {
		const gd_layer *layer = &scene->model->layers[entry->members[i]];
		const gd_weight *variance = gd_layer_weight(layer, GD_VARIANCE), *gamma = gd_layer_weight(layer, GD_GAMMA);
		size_t count;
		if (!variance || !gd_shape_count(&variance->tensor.shape, 0, &count) || count != part->out->units)
			continue;
		const float *v = gd_tensor_floats(&variance->tensor, &scene->arena);
		const float *g = gamma ? gd_tensor_floats(&gamma->tensor, &scene->arena) : NULL;
		double *scale = part->scale ? part->scale : gd_arena_new(&scene->arena, count, sizeof *scale);
		if (!v || (gamma && !g) || !scale)
			return gd_fail_memory(err, "reading a normalisation");
		double epsilon = gd_setting_number(layer, "epsilon", 1e-3);
		for (size_t k = 0; k < count; k++)
			scale[k] = (part->scale ? scale[k] : 1) * (g ? (double)g[k] : 1) / sqrt(fmax((double)v[k] + epsilon, 1e-12));
		part->scale = scale;
	}
	return GD_OK;
}

static gd_status fill_part(gd_scene *scene, size_t at, gd_error *err)
{
	gd_part *part = &scene->parts[at];
	const gd_layer *head = &scene->model->layers[scene->model->entries[at].head];
	part->head = head;
	part->is_recurrent = head->family == GD_FAMILY_RECURRENT;
	part->is_spatial = head->family == GD_FAMILY_DENSE || head->family == GD_FAMILY_CONV || head->family == GD_FAMILY_DEPTHWISE ||
		head->family == GD_FAMILY_CONV_TRANSPOSE;
	part->gates = !part->is_recurrent ? 1 : strcmp(head->kind, "LSTM") == 0 ? 4 : strcmp(head->kind, "GRU") == 0 ? 3 : 1;
	part->is_last = part->child_count == 0;
	part->out = &scene->statistics->sites[at];
	if (head->input_count && head->family != GD_FAMILY_EMBEDDING)
		part->in = gd_statistics_site(scene->statistics, head->inputs[0]);
	if (part->in && part->in->units == 0)
		part->in = NULL;
	find_activation(scene, at, part);
	gd_status status = find_scale(scene, at, part, err);
	return status ? status : find_kernels(scene, part, err);
}

/* The nearest entry with a kernel, along first edges. */
static int nearest_kernel(const gd_scene *scene, size_t from, bool forward)
{
	size_t at = from;
	for (size_t steps = 0; steps < scene->count; steps++) {
		const gd_part *part = &scene->parts[at];
		const int *list = forward ? part->children : part->parents;
		size_t count = forward ? part->child_count : part->parent_count, k = 0;
		while (k < count && list[k] < 0)
			k++;
		if (k == count)
			return -1;
		at = (size_t)list[k];
		if (scene->parts[at].kernel_count)
			return (int)at;
	}
	return -1;
}

static void find_neighbours(gd_scene *scene)
{
	for (size_t i = 0; i < scene->count; i++) {
		gd_evidence_entry *entry = &scene->evidence->entries[i];
		const gd_part *part = &scene->parts[i];
		entry->before = entry->after = -1;
		for (size_t k = part->parent_count; k-- > 0;)
			entry->before = part->parents[k] >= 0 ? part->parents[k] : entry->before;
		if (part->child_count)
			entry->after = part->children[0];
		entry->kernel_before = nearest_kernel(scene, i, false);
		entry->kernel_after = nearest_kernel(scene, i, true);
	}
}

gd_status gd_scene_open(gd_scene *scene, gd_error *err)
{
	scene->count = scene->model->entry_count;
	scene->parts = gd_arena_new(&scene->arena, scene->count + 1, sizeof *scene->parts);
	if (!scene->parts)
		return gd_fail_memory(err, "looking for evidence");
	find_edges(scene);
	gd_status status = GD_OK;
	for (size_t i = 0; i < scene->count && !status; i++)
		status = fill_part(scene, i, err);
	if (!status)
		find_neighbours(scene);
	return status;
}
