#include "engine/probes.h"
#include <stdio.h>
#include <string.h>

enum { MAX_POOL_RANK = 5 }; /* the engine pools over at most three axes */

typedef struct {
	const gd_model *model;
	gd_builder builder;
	gd_graph graph;
	char prefix[32]; /* of every name made here */
} appender;

static bool starts(const char *name, const char *prefix)
{
	return name && strncmp(name, prefix, strlen(prefix)) == 0;
}

static bool prefix_is_taken(const gd_graph *graph, const char *prefix)
{
	bool taken = false;
	for (size_t i = 0; i < graph->node_count; i++)
		for (size_t k = 0; k < graph->nodes[i].output_count; k++)
			taken |= starts(graph->nodes[i].outputs[k], prefix);
	for (size_t i = 0; i < graph->tensor_count; i++)
		taken |= starts(graph->tensors[i].name, prefix);
	for (size_t i = 0; i < graph->input_count; i++)
		taken |= starts(graph->inputs[i].name, prefix);
	return taken;
}

/* A name given twice makes the engine refuse the model, so no name of the model may start like ours. */
static gd_status choose_prefix(appender *a, gd_error *err)
{
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(a->prefix, sizeof a->prefix, "dlguider%u", i);
		if (!prefix_is_taken(&a->model->graph, a->prefix))
			return GD_OK;
	}
	return gd_fail(err, GD_E_UNSUPPORTED, "the model uses the names dlguider0 to dlguider999, which dlguider needs for itself");
}

static gd_type type_of(const gd_graph *graph, const char *name)
{
	const gd_value *value = gd_graph_value(graph, name);
	for (size_t i = 0; !value && i < graph->input_count; i++)
		value = strcmp(graph->inputs[i].name, name) == 0 ? &graph->inputs[i] : NULL;
	for (size_t i = 0; !value && i < graph->output_count; i++)
		value = strcmp(graph->outputs[i].name, name) == 0 ? &graph->outputs[i] : NULL;
	return value ? value->type : (gd_type)0;
}

/* Recurrent nodes of ONNX put time first: where the first dimension is a fixed number and one other is free, that one is
 * the batch. Otherwise it is the first. */
static int batch_axis(const gd_graph *graph, const gd_probe *probe, int channel)
{
	const gd_value *value = gd_graph_value(graph, probe->value);
	bool free_batch = graph->input_count && graph->inputs[0].shape.rank > 0 && graph->inputs[0].shape.dim[0] < 0;
	if (!value || value->shape.rank != probe->rank || probe->rank < 3 || value->shape.dim[0] < 0 || !free_batch)
		return 0;
	int found = 0;
	for (int i = 1; i < probe->rank; i++)
		if (i != channel && value->shape.dim[i] < 0)
			found = found ? -1 : i;
	return found > 0 ? found : 0;
}

/* The session outlives the model. */
static const char *copy_name(appender *a, const char *name)
{
	return gd_arena_text(a->builder.arena, name, strlen(name));
}

static const char *name_made(appender *a, const char *what)
{
	char stem[64];
	snprintf(stem, sizeof stem, "%s:%s", a->prefix, what);
	return gd_builder_name(&a->builder, stem);
}

static const char *add_node(appender *a, const char *op, const char *input, const char *more)
{
	return gd_builder_node(&a->builder, op, name_made(a, op), (const char *const[]){ input, more, NULL });
}

static const char *add_cast(appender *a, const char *input)
{
	const char *output = add_node(a, "Cast", input, NULL);
	return output && gd_builder_attr_int(&a->builder, "to", GD_F32) ? output : NULL;
}

static const char *add_batch_first(appender *a, const char *input, int rank, int batch)
{
	int64_t order[GD_MAX_RANK] = { batch };
	for (int i = 0, at = 1; i < rank; i++)
		if (i != batch)
			order[at++] = i;
	const char *output = add_node(a, "Transpose", input, NULL);
	return output && gd_builder_attr_ints(&a->builder, "perm", order, (size_t)rank) ? output : NULL;
}

/* Channels first is what a convolution's engine works in, in an order of its own that pooling understands and a general
 * reduction does not: this spares turning the whole value back (a small CNN with four probes: 7 to 10 % above plain against 30 %). */
static const char *add_pool(appender *a, const char *input)
{
	const char *pooled = add_node(a, "GlobalAveragePool", input, NULL);
	return pooled ? add_node(a, "Flatten", pooled, NULL) : NULL;
}

/* Over all axes but the batch (0) and the channels. From opset 18 on the axes are an input, before an attribute. */
static const char *add_reduce(appender *a, const char *input, gd_reduce reduce, int rank, int channel)
{
	int64_t axes[GD_MAX_RANK];
	size_t count = 0;
	if (reduce == GD_REDUCE_MEAN && channel == 1 && rank <= MAX_POOL_RANK) /* max: pooling takes -infinity for -3.4e38 */
		return add_pool(a, input);
	for (int i = 1; i < rank; i++)
		if (i != channel)
			axes[count++] = i;
	const char *op = reduce == GD_REDUCE_MAX ? "ReduceMax" : "ReduceMean", *given = NULL;
	bool as_input = a->model->graph.opset >= 18;
	if (as_input && !(given = gd_builder_integers(&a->builder, a->prefix, axes, count)))
		return NULL;
	const char *output = add_node(a, op, input, given);
	if (!output || (!as_input && !gd_builder_attr_ints(&a->builder, "axes", axes, count)))
		return NULL;
	return gd_builder_attr_int(&a->builder, "keepdims", 0) ? output : NULL;
}

static bool add_output(appender *a, const char *name)
{
	gd_value *value = gd_builder_output(&a->builder);
	if (value)
		*value = (gd_value){ .name = name, .type = GD_F32, .shape.rank = -1 };
	return value != NULL;
}

static gd_status append_probe(appender *a, const gd_probe *probe, gd_fetch *fetch, gd_error *err)
{
	int rank = probe->rank, channel = probe->channel_axis < 0 ? rank - 1 : probe->channel_axis;
	if (rank > GD_MAX_RANK || (rank > 1 && (channel < 1 || channel >= rank) && probe->reduce != GD_REDUCE_NONE))
		return gd_fail(err, GD_E_INTERNAL, "the value \"%s\" of rank %d has no axis %d for its neurons", probe->value, rank, channel);
	const char *value = probe->value;
	bool known = rank >= 0, reduces = known && rank > 2 && probe->reduce != GD_REDUCE_NONE;
	if (type_of(&a->model->graph, value) != GD_F32)
		value = add_cast(a, value);
	int batch = known ? batch_axis(&a->model->graph, probe, channel) : 0;
	if (batch && value) {
		value = add_batch_first(a, value, rank, batch);
		channel += channel < batch;
	}
	if (reduces && value)
		value = add_reduce(a, value, probe->reduce, rank, channel);
	if (value == probe->value)
		value = add_node(a, "Identity", value, NULL);
	const char *known_as = copy_name(a, probe->value);
	if (!value || !known_as || !add_output(a, value))
		return gd_fail_memory(err, "adding probes to the model");
	*fetch = (gd_fetch){ .name = value, .value = known_as, .channel_axis = known ? channel : probe->channel_axis,
		.reduce = known ? GD_REDUCE_NONE : probe->reduce, .channels_last = probe->channels_last && probe->reduce == GD_REDUCE_NONE,
		.as_matrix = probe->reduce != GD_REDUCE_NONE };
	return GD_OK;
}

static gd_status append_output(appender *a, gd_fetch *fetch, gd_error *err)
{
	const gd_value *output = &a->model->graph.outputs[0];
	const char *name = copy_name(a, output->name), *cast = name;
	if (name && output->type != GD_F32)
		cast = add_cast(a, name);
	*fetch = (gd_fetch){ .name = cast, .value = name, .channel_axis = -1, .reduce = GD_REDUCE_NONE };
	if (!cast || (cast != name && !add_output(a, cast)))
		return gd_fail_memory(err, "adding probes to the model");
	return GD_OK;
}

gd_status gd_probes_append(const gd_model *model, const gd_probe *probes, size_t probe_count, gd_arena *arena, gd_fetch *fetches,
	gd_text *part, gd_error *err)
{
	appender a = { .model = model, .graph.opset = model->graph.opset };
	a.builder = (gd_builder){ .arena = arena, .graph = &a.graph, .layer = -1 };
	gd_status status = choose_prefix(&a, err);
	if (status == GD_OK)
		status = append_output(&a, &fetches[0], err);
	for (size_t i = 0; i < probe_count && status == GD_OK; i++)
		status = append_probe(&a, &probes[i], &fetches[i + 1], err);
	if (status == GD_OK && a.graph.node_count)
		status = gd_onnx_encode_part(&a.graph, part, err);
	return status;
}

typedef struct {
	size_t before, channels, after; /* numbers of one test: before x channels x after */
} layout;

static layout layout_of(const gd_shape *shape, int channel)
{
	layout l = { 1, 1, 1 };
	for (int i = 1; i < shape->rank; i++)
		*(i < channel ? &l.before : i == channel ? &l.channels : &l.after) *= (size_t)shape->dim[i];
	return l;
}

static int channel_of(const gd_fetch *fetch, const gd_shape *shape)
{
	return fetch->channel_axis < 0 ? shape->rank - 1 : fetch->channel_axis;
}

gd_status gd_fetch_shape(const gd_fetch *fetch, const gd_array *from, gd_shape *shape, bool *needs_copy, gd_error *err)
{
	int rank = from->shape.rank, channel = channel_of(fetch, &from->shape);
	*shape = from->shape;
	*needs_copy = false;
	if (rank < 1)
		return gd_fail(err, GD_E_UNSUPPORTED, "the value \"%s\" is one number for the whole batch; dlguider needs one for each test", fetch->value);
	if (from->type != GD_F32)
		return gd_fail(err, GD_E_INTERNAL, "the value \"%s\" came as %s where float32 was asked for", fetch->value, gd_type_name(from->type));
	if (rank > 1 && (channel < 1 || channel >= rank) && (fetch->reduce != GD_REDUCE_NONE || fetch->channels_last))
		return gd_fail(err, GD_E_INTERNAL, "the value \"%s\" of rank %d has no axis %d for its neurons", fetch->value, rank, channel);
	if (fetch->reduce != GD_REDUCE_NONE && rank > 2) {
		*shape = (gd_shape){ .rank = 2, .dim = { from->shape.dim[0], from->shape.dim[channel] } };
		*needs_copy = true;
	} else if (fetch->channels_last && rank > 2 && channel != rank - 1) {
		memmove(&shape->dim[channel], &shape->dim[channel + 1], (size_t)(rank - 1 - channel) * sizeof shape->dim[0]);
		shape->dim[rank - 1] = from->shape.dim[channel];
		*needs_copy = true;
	}
	if (fetch->as_matrix && rank == 1)
		*shape = (gd_shape){ .rank = 2, .dim = { from->shape.dim[0], 1 } };
	return GD_OK;
}

static float reduce_channel(const float *test, layout l, size_t channel, gd_reduce reduce)
{
	double sum = 0;
	float most = test[channel * l.after];
	for (size_t b = 0; b < l.before; b++)
		for (size_t k = 0; k < l.after; k++) {
			float value = test[(b * l.channels + channel) * l.after + k];
			sum += (double)value;
			most = value > most || value != value ? value : most; /* a NaN stays */
		}
	return reduce == GD_REDUCE_MAX ? most : (float)(sum / (double)(l.before * l.after));
}

static void move_channels(const float *test, layout l, float *out)
{
	for (size_t b = 0; b < l.before; b++)
		for (size_t k = 0; k < l.after; k++)
			for (size_t c = 0; c < l.channels; c++)
				*out++ = test[(b * l.channels + c) * l.after + k];
}

void gd_fetch_settle(const gd_fetch *fetch, const gd_array *from, size_t tests, float *out)
{
	const float *data = from->data;
	int rank = from->shape.rank;
	layout l = layout_of(&from->shape, channel_of(fetch, &from->shape));
	size_t width = l.before * l.channels * l.after;
	for (size_t i = 0; i < tests; i++) {
		const float *test = data + i * width;
		if (fetch->reduce != GD_REDUCE_NONE && rank > 2) {
			for (size_t c = 0; width && c < l.channels; c++)
				out[i * l.channels + c] = reduce_channel(test, l, c, fetch->reduce);
		} else if (fetch->channels_last && rank > 2) {
			move_channels(test, l, out + i * width);
		} else if (width) {
			memcpy(out + i * width, test, width * sizeof *out);
		}
	}
}
