/* ModelProto to model: the passes of file.h in their order. */
#include "model/onnx/file.h"
#include "model/onnx/schema.h"
#include <stdlib.h>
#include <string.h>

static gd_status read_opset(gd_onnx_file *file, gd_wire wire, gd_error *err)
{
	gd_wire_field f;
	uint64_t version = 0;
	const char *domain = "";
	while (gd_wire_read(&wire, &f)) {
		if (f.number == GD_OPSET_DOMAIN && !(domain = gd_onnx_text(f.body, GD_MAX_NAME, file->arena, err)))
			return err->status;
		if (f.number == GD_OPSET_VERSION)
			version = f.value;
	}
	if (*domain && strcmp(domain, "ai.onnx") != 0)
		return GD_OK;
	if (version > GD_OPSET_NEWEST)
		return gd_fail(err, GD_E_UNSUPPORTED, "uses opset %llu; this build knows up to %d; export with an older opset",
			(unsigned long long)version, GD_OPSET_NEWEST);
	if (version < GD_OPSET_OLDEST)
		return gd_fail(err, GD_E_UNSUPPORTED,
			"uses opset %llu; dlguider reads from %d on; convert it with onnx.version_converter",
			(unsigned long long)version, GD_OPSET_OLDEST);
	file->graph->opset = (int)version;
	return GD_OK;
}

static void read_shape(gd_wire wire, gd_shape *shape)
{
	gd_wire_field f, d;
	shape->rank = 0;
	while (gd_wire_read(&wire, &f)) {
		if (f.number != GD_SHAPE_DIM)
			continue;
		if (shape->rank == GD_MAX_RANK) {
			shape->rank = -1;
			return;
		}
		int64_t dim = -1;
		while (gd_wire_read(&f.body, &d))
			if (d.number == GD_DIM_VALUE && d.value <= INT32_MAX)
				dim = (int64_t)d.value;
		shape->dim[shape->rank++] = dim;
	}
}

void gd_onnx_type(gd_wire wire, gd_value *value)
{
	gd_wire_field f, t;
	while (gd_wire_read(&wire, &f)) {
		if (f.number != GD_TYPE_TENSOR)
			continue;
		while (gd_wire_read(&f.body, &t)) {
			if (t.number == GD_TENSOR_TYPE_ELEMENT && t.value < 1000)
				value->type = (gd_type)t.value;
			if (t.number == GD_TENSOR_TYPE_SHAPE)
				read_shape(t.body, &value->shape);
		}
	}
}

static gd_status read_value(gd_wire wire, gd_arena *arena, gd_value *value, gd_error *err)
{
	gd_wire_field f;
	*value = (gd_value){ .name = "", .shape.rank = -1 };
	while (gd_wire_read(&wire, &f)) {
		if (f.number == GD_VALUE_NAME && !(value->name = gd_onnx_text(f.body, GD_MAX_NAME, arena, err)))
			return err->status;
		if (f.number == GD_VALUE_TYPE)
			gd_onnx_type(f.body, value);
	}
	return GD_OK;
}

static gd_status read_tensor(gd_onnx_file *file, gd_builder *b, gd_wire body, int64_t *elements, gd_error *err)
{
	gd_tensor *tensor = gd_builder_tensor(b);
	if (!tensor)
		return gd_fail_memory(err, "reading the graph");
	gd_status status = gd_onnx_tensor(body, file->arena, tensor, err);
	size_t count;
	if (status == GD_OK && gd_shape_count(&tensor->shape, 0, &count) &&
		(count > INT64_MAX / 2 || (*elements += (int64_t)count) > file->limits->max_parameters))
		return gd_fail(err, GD_E_LIMIT, "has more than %lld parameters (--max-parameters)",
			(long long)file->limits->max_parameters);
	return status;
}

static gd_status read_graph_field(
	gd_onnx_file *file, gd_builder *b, const gd_wire_field *f, int64_t *elements, gd_error *err)
{
	gd_value *value = NULL;
	switch (f->number) {
	case GD_GRAPH_INITIALIZER:
		return read_tensor(file, b, f->body, elements, err);
	case GD_GRAPH_INPUT:
		value = gd_builder_input(b);
		break;
	case GD_GRAPH_OUTPUT:
		value = gd_builder_output(b);
		break;
	case GD_GRAPH_VALUE:
		value = gd_builder_value(b);
		break;
	case GD_GRAPH_SPARSE:
		return gd_fail(
			err, GD_E_UNSUPPORTED, "stores weights as sparse tensors, which dlguider does not read; save them dense");
	default:
		return GD_OK;
	}
	return value ? read_value(f->body, file->arena, value, err) : gd_fail_memory(err, "reading the graph");
}

static int by_tensor_name(const void *a, const void *b)
{
	return strcmp((*(const gd_tensor *const *)a)->name, (*(const gd_tensor *const *)b)->name);
}

/* Old files list the weights among the inputs, as defaults; they are no inputs of the tests. */
static gd_status drop_weight_inputs(gd_onnx_file *file, gd_error *err)
{
	gd_graph *g = file->graph;
	const gd_tensor **sorted = gd_arena_new(file->arena, g->tensor_count, sizeof *sorted);
	if (!sorted)
		return gd_fail_memory(err, "reading the graph");
	for (size_t i = 0; i < g->tensor_count; i++)
		sorted[i] = &g->tensors[i];
	qsort(sorted, g->tensor_count, sizeof *sorted, by_tensor_name);
	size_t kept = 0;
	for (size_t i = 0; i < g->input_count; i++) {
		const gd_tensor key = { .name = g->inputs[i].name }, *wanted = &key;
		if (!g->tensor_count || !bsearch(&wanted, sorted, g->tensor_count, sizeof *sorted, by_tensor_name))
			g->inputs[kept++] = g->inputs[i];
	}
	g->input_count = kept;
	return GD_OK;
}

static gd_status read_graph(gd_onnx_file *file, gd_wire graph, gd_error *err)
{
	gd_builder b = { .arena = file->arena, .graph = file->graph, .layer = -1 };
	gd_wire wire = graph;
	gd_wire_field f;
	gd_status status = GD_OK;
	int64_t elements = 0;
	while (status == GD_OK && gd_wire_read(&wire, &f))
		status = read_graph_field(file, &b, &f, &elements, err);
	if (status == GD_OK)
		status = drop_weight_inputs(file, err);
	if (status == GD_OK)
		status = gd_onnx_nodes(file, graph, &b, err);
	if (status != GD_OK)
		return status;
	if (file->graph->node_count == 0)
		return gd_fail(err, GD_E_INPUT, "the graph has no nodes");
	if (file->graph->input_count == 0)
		return gd_fail(err, GD_E_INPUT, "the model has no inputs");
	if (file->graph->output_count == 0)
		return gd_fail(err, GD_E_INPUT, "the model has no outputs");
	return GD_OK;
}

static gd_status read_producer(gd_onnx_file *file, gd_wire name, gd_wire version, gd_error *err)
{
	const char *a = gd_onnx_text(name, GD_MAX_NAME, file->arena, err),
			   *b = a ? gd_onnx_text(version, GD_MAX_NAME, file->arena, err) : NULL;
	if (!a || !b)
		return err->status;
	file->model->producer = *b ? gd_arena_printf(file->arena, "%s %s", a, b) : a;
	return file->model->producer ? GD_OK : gd_fail_memory(err, "reading the graph");
}

static gd_status read_model(gd_onnx_file *file, gd_bytes bytes, gd_error *err)
{
	gd_wire wire = gd_wire_of(bytes.bytes, bytes.size), graph = { 0 }, producer = { 0 }, version = { 0 };
	gd_wire_field f;
	bool opset = false;
	gd_status status = GD_OK;
	while (status == GD_OK && gd_wire_read(&wire, &f)) {
		if (f.number == GD_MODEL_OPSET)
			status = read_opset(file, f.body, err);
		opset = opset || f.number == GD_MODEL_OPSET;
		gd_wire *to = f.number == GD_MODEL_GRAPH              ? &graph
					  : f.number == GD_MODEL_PRODUCER         ? &producer
					  : f.number == GD_MODEL_PRODUCER_VERSION ? &version
															  : NULL;
		if (to)
			*to = f.body;
	}
	if (status != GD_OK)
		return status;
	if (!graph.at)
		return gd_fail(err, GD_E_INPUT, "is no ONNX model: it holds no graph");
	if (!opset)
		return gd_fail(err, GD_E_INPUT, "is no ONNX model: it names no opset");
	status = read_producer(file, producer, version, err);
	return status == GD_OK ? read_graph(file, graph, err) : status;
}

static int by_value_name(const void *a, const void *b)
{
	return strcmp(((const gd_value *)a)->name, ((const gd_value *)b)->name);
}

/* What shape.c found out goes where the rest of dlguider looks for it. */
static gd_status publish_values(gd_onnx_file *file, gd_error *err)
{
	gd_graph *g = file->graph;
	g->values = gd_arena_new(file->arena, file->value_count, sizeof *g->values);
	g->value_count = 0;
	if (!g->values)
		return gd_fail_memory(err, "reading the graph");
	for (size_t i = 0; i < file->value_count; i++) /* sorted by name already */
		if (file->values[i].tensor < 0)
			g->values[g->value_count++] =
				(gd_value){ file->values[i].name, file->values[i].type, file->values[i].shape };
	for (size_t i = 0; i < g->output_count; i++) {
		const gd_value *known = gd_graph_value(g, g->outputs[i].name);
		if (known && g->outputs[i].shape.rank < 0)
			g->outputs[i].shape = known->shape;
		if (known && !g->outputs[i].type)
			g->outputs[i].type = known->type;
	}
	return GD_OK;
}

/* Classifiers of scikit-learn give the label first and then what it was chosen from, which tells more. */
static gd_status numbers_first(gd_onnx_file *file, gd_error *err)
{
	gd_graph *g = file->graph;
	for (size_t i = 0; i < g->output_count; i++) {
		bool number = g->outputs[i].type == GD_F32 || g->outputs[i].type == GD_F64 || g->outputs[i].type == GD_F16;
		if (!number)
			continue;
		if (i == 0)
			return GD_OK;
		gd_value first = g->outputs[0];
		g->outputs[0] = g->outputs[i];
		g->outputs[i] = first;
		return gd_model_note(file->model, err,
			"of the model's outputs, %s is taken, since %s gives no numbers with a fraction", g->outputs[0].name,
			first.name);
	}
	return GD_OK;
}

/* A model exported while it was training answers the same test differently each time. */
static gd_status say_training(gd_onnx_file *file, gd_error *err)
{
	for (size_t i = 0; i < file->graph->node_count; i++) {
		const gd_node *node = &file->graph->nodes[i];
		const gd_tensor *training = strcmp(node->op, "Dropout") == 0 && !*node->domain ? gd_onnx_constant(file, i, 2) : NULL;
		if (training && gd_tensor_integer(training, 0))
			return gd_model_note(file->model, err,
				"the model was exported in training mode (%s drops values at random), so its answers change from run to run; call model.eval() "
				"before the export",
				*node->name ? node->name : "a Dropout");
	}
	return GD_OK;
}

/* value_info, sorted so that shape.c can look into it. */
static gd_status read_parts(gd_onnx_file *file, gd_bytes bytes, gd_error *err)
{
	gd_status status = read_model(file, bytes, err);
	if (status != GD_OK)
		return status;
	if (file->graph->value_count)
		qsort(file->graph->values, file->graph->value_count, sizeof *file->graph->values, by_value_name);
	status = gd_onnx_names(file, err);
	if (status == GD_OK)
		status = gd_onnx_sequences(file, err);
	if (status == GD_OK)
		status = gd_onnx_infer(file, err);
	if (status == GD_OK)
		status = publish_values(file, err);
	if (status == GD_OK)
		status = numbers_first(file, err);
	if (status == GD_OK)
		status = say_training(file, err);
	if (status == GD_OK)
		status = gd_onnx_scopes(file, err);
	return status == GD_OK ? gd_onnx_layers(file, err) : status;
}

gd_status gd_onnx_read(gd_model *model, gd_bytes bytes, const gd_model_limits *limits, gd_error *err)
{
	gd_error own = { 0 };
	if (!err)
		err = &own;
	gd_onnx_summary summary;
	gd_status status = gd_onnx_check(bytes, &summary, err);
	if (status == GD_OK && summary.external) {
		size_t size = 0;
		status = gd_onnx_inline(model->path, bytes, &model->encoded, &size, err);
		bytes = (gd_bytes){ model->encoded, size };
	}
	if (status != GD_OK)
		return status;
	model->onnx = bytes;
	gd_onnx_file file = { .model = model, .graph = &model->graph, .arena = &model->arena, .limits = limits };
	return read_parts(&file, bytes, err);
}
