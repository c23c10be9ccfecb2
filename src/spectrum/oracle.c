#include "spectrum/oracle.h"
#include "base/checked.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const form_names[] = {
	[GD_FORM_PROBABILITY] = "probability",
	[GD_FORM_LOGITS] = "logits",
	[GD_FORM_SIGNS] = "signs",
	[GD_FORM_VALUES] = "values",
	[GD_FORM_UNKNOWN] = "unknown",
};

const char *gd_form_name(gd_form form)
{
	return form_names[form];
}

/* The axis that counts units in the model's output, batch included. */
static int unit_axis(const gd_model *model, const gd_shape *shape)
{
	int last = shape->rank - 1;
	for (size_t i = 0; i < model->entry_count; i++) {
		const gd_entry *entry = &model->entries[i];
		if (entry->is_output && strcmp(entry->output, model->graph.outputs[0].name) == 0 && entry->channel_axis > 0 &&
			entry->channel_axis <= last)
			return entry->channel_axis;
	}
	return last;
}

/* Product of the dimensions [from, to); 0 when one is not known. */
static size_t product(const gd_shape *shape, int from, int to)
{
	size_t count = 1;
	for (int i = from; i < to; i++) {
		if (shape->dim[i] <= 0 || __builtin_mul_overflow(count, (size_t)shape->dim[i], &count))
			return 0;
	}
	return count;
}

typedef struct {
	size_t units, places, inner;
} layout;

static layout layout_of(const gd_model *model, const gd_shape *shape)
{
	layout out = { 0, 0, 1 };
	if (shape->rank < 1)
		return out;
	if (shape->rank == 1)
		return (layout){ 1, 1, 1 };
	int axis = unit_axis(model, shape);
	out.units = product(shape, axis, axis + 1);
	out.inner = product(shape, axis + 1, shape->rank);
	out.places = product(shape, 1, axis) * out.inner;
	if (out.inner == 0)
		out.inner = 1;
	return out;
}

gd_label_model gd_oracle_label_model(const gd_model *model, int64_t tests)
{
	layout out = { 0, 0, 1 };
	if (model->graph.output_count)
		out = layout_of(model, &model->graph.outputs[0].shape);
	return (gd_label_model){ out.units, out.places, model->training.loss, tests };
}

static const gd_node *producer(const gd_graph *graph, const char *value)
{
	for (size_t i = graph->node_count; i-- > 0;)
		for (size_t k = 0; k < graph->nodes[i].output_count; k++)
			if (strcmp(graph->nodes[i].outputs[k], value) == 0)
				return &graph->nodes[i];
	return NULL;
}

static bool is_one_of(const char *op, const char *const *ops)
{
	for (; *ops; ops++)
		if (strcmp(*ops, op) == 0)
			return true;
	return false;
}

/* The last operation that changes numbers; "" when the graph ends in its input. */
static const char *last_operation(const gd_graph *graph)
{
	static const char *const keeps[] = { "Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Transpose",
		"Dropout", NULL };
	const char *value = graph->output_count ? graph->outputs[0].name : "";
	for (size_t step = 0; step <= graph->node_count; step++) {
		const gd_node *node = producer(graph, value);
		if (!node)
			return "";
		if (!is_one_of(node->op, keeps) || node->input_count == 0)
			return node->op;
		value = node->inputs[0];
	}
	return "";
}

static bool is_hinge(const char *loss)
{
	return loss && strstr(loss, "hinge") && !strstr(loss, "categorical");
}

/* How one unit per answer is read; many units of one answer differ only in how a distribution is made of them. */
static gd_form form_of(const gd_model *model, const gd_labels *labels, size_t units, const char **why)
{
	static const char *const squashes[] = { "Softmax", "Sigmoid", "HardSigmoid", NULL };
	static const char *const linear[] = { "Gemm", "MatMul", "Add", "Sub", "Conv", "ConvTranspose", "BatchNormalization",
		"LayerNormalization", "LogSoftmax", "Gather", "LSTM", "GRU", "", NULL };
	bool single = units == 1 || labels->task == GD_TASK_MULTILABEL;
	*why = NULL;
	if (labels->task == GD_TASK_REGRESSION)
		return GD_FORM_VALUES;
	if (single && (labels->signs || (is_hinge(model->training.loss) && !model->training.from_logits))) {
		*why = "outputs are read as -1 to 1 with the threshold 0";
		return GD_FORM_SIGNS;
	}
	const char *op = last_operation(&model->graph);
	if (is_one_of(op, squashes))
		return GD_FORM_PROBABILITY;
	if (model->training.loss && model->training.from_logits) {
		*why = "outputs are read as logits, as the loss says";
		return GD_FORM_LOGITS;
	}
	if (model->training.loss && single) {
		*why = "the model ends without sigmoid or softmax and its loss takes no logits: outputs are read as "
			   "probabilities with "
			   "the threshold 0.5";
		return GD_FORM_PROBABILITY;
	}
	if (model->training.loss || is_one_of(op, linear)) {
		*why = "outputs are read as logits, as the model ends without sigmoid or softmax";
		return GD_FORM_LOGITS;
	}
	return GD_FORM_UNKNOWN;
}

static double default_tolerance(const gd_labels *labels)
{
	if (labels->deviation > 0)
		return 0.25 * labels->deviation;
	double size = fmax(fabs(labels->low), fabs(labels->high));
	return 0.25 * (size > 0 ? size : 1);
}

gd_status gd_oracle_open(const gd_oracle_request *request, gd_arena *arena, gd_oracle *out, gd_error *err)
{
	const gd_labels *labels = request->labels;
	layout shape = layout_of(request->model, request->output);
	if (!shape.units || !shape.places)
		return gd_fail(err, GD_E_UNSUPPORTED, "%s: the model's output is empty", request->model->path);
	bool automatic = isnan(request->tolerance);
	gd_oracle oracle = {
		.labels = labels, .units = shape.units, .places = shape.places, .inner = shape.inner, .room = request->room
	};
	oracle.tolerance = automatic ? default_tolerance(labels) : request->tolerance;
	const char *why;
	oracle.form = form_of(request->model, labels, shape.units, &why);
	if (!why && oracle.form == GD_FORM_VALUES && automatic && !(labels->deviation > 0))
		why = "all labels are equal: the tolerance is a quarter of their size";
	if (why)
		snprintf(oracle.note, sizeof oracle.note, "%s", why);
	size_t numbers;
	if (!gd_mul_size((size_t)request->room, labels->width ? labels->width : 1, &numbers))
		return gd_fail(err, GD_E_LIMIT, "a batch of %lld tests with %zu labels each is too large",
			(long long)request->room, labels->width);
	oracle.classes = gd_arena_new(arena, numbers, sizeof *oracle.classes);
	oracle.targets = gd_arena_new(arena, numbers, sizeof *oracle.targets);
	oracle.place = gd_arena_new(arena, shape.units, sizeof *oracle.place);
	if (!oracle.classes || !oracle.targets || !oracle.place)
		return gd_fail_memory(err, "preparing to judge the tests");
	*out = oracle;
	return GD_OK;
}

void gd_oracle_set_range(gd_oracle *oracle, double low, double high, bool sums_to_one)
{
	bool single = oracle->units == 1 || oracle->labels->task == GD_TASK_MULTILABEL;
	bool fits = low >= -1e-6 && high <= 1 + 1e-6 && (single || sums_to_one);
	oracle->form = fits ? GD_FORM_PROBABILITY : GD_FORM_LOGITS;
	snprintf(oracle->note, sizeof oracle->note, "outputs lie from %.6g to %.6g%s and are read as %s", low, high,
		single        ? ""
		: sums_to_one ? ", sum to 1"
					  : ", do not sum to 1",
		fits ? "probabilities" : "logits");
}

static double read_unit(const gd_oracle *oracle, const float *output, size_t place, size_t unit)
{
	return (double)output[(place / oracle->inner * oracle->units + unit) * oracle->inner + place % oracle->inner];
}

/* The probability that one unit states. */
static double single_probability(const gd_oracle *oracle, double value)
{
	if (oracle->form == GD_FORM_LOGITS)
		return gd_sigmoid(value);
	double p = oracle->form == GD_FORM_SIGNS ? (value + 1) / 2 : value;
	return fmin(1, fmax(0, p));
}

static bool says_yes(const gd_oracle *oracle, double value)
{
	return value > (oracle->form == GD_FORM_PROBABILITY ? 0.5 : 0);
}

static void add_confidence(gd_confidence *sum, gd_confidence one, double share)
{
	for (int kind = 0; kind < GD_CONFIDENCES; kind++)
		sum->of[kind] += one.of[kind] * share;
}

/* The class that a place of the output names. */
static int64_t predict(const gd_oracle *oracle, const float *output, size_t place, gd_confidence *confidence)
{
	double share = 1 / (double)oracle->places;
	if (oracle->units == 1) {
		double value = read_unit(oracle, output, place, 0);
		add_confidence(confidence, gd_confidence_binary(single_probability(oracle, value)), share);
		return says_yes(oracle, value);
	}
	size_t best = 0;
	for (size_t unit = 0; unit < oracle->units; unit++) {
		oracle->place[unit] = read_unit(oracle, output, place, unit);
		if (oracle->place[unit] > oracle->place[best])
			best = unit;
	}
	(oracle->form == GD_FORM_PROBABILITY ? gd_normalize : gd_softmax)(oracle->place, oracle->units);
	add_confidence(confidence, gd_confidence_of(oracle->place, oracle->units), share);
	return (int64_t)best;
}

static int32_t narrow(int64_t class)
{
	return class < 0 || class > INT32_MAX ? -1 : (int32_t) class;
}

static void judge_classes(const gd_oracle *oracle, const int64_t *classes, const float *output, gd_verdict *verdict)
{
	size_t wrong = 0;
	for (size_t place = 0; place < oracle->places; place++) {
		int64_t predicted = predict(oracle, output, place, &verdict->confidence);
		wrong += !classes || predicted != classes[place];
		if (oracle->places == 1) {
			verdict->predicted = narrow(predicted);
			verdict->expected = classes ? narrow(classes[0]) : -1;
		}
	}
	verdict->error = (double)wrong / (double)oracle->places;
	verdict->failed = wrong > 0;
}

static void judge_flags(const gd_oracle *oracle, const double *targets, const float *output, gd_verdict *verdict)
{
	size_t numbers = oracle->places * oracle->units, wrong = 0;
	for (size_t i = 0; i < numbers; i++) {
		double value = read_unit(oracle, output, i / oracle->units, i % oracle->units);
		wrong += !targets || says_yes(oracle, value) != (targets[i] > 0.5);
		add_confidence(
			&verdict->confidence, gd_confidence_binary(single_probability(oracle, value)), 1 / (double)numbers);
	}
	verdict->error = (double)wrong / (double)numbers;
	verdict->failed = wrong > 0;
}

static void judge_values(const gd_oracle *oracle, const double *targets, const float *output, gd_verdict *verdict)
{
	size_t numbers = oracle->places * oracle->units;
	double sum = 0;
	for (size_t i = 0; targets && i < numbers; i++)
		sum += fabs(read_unit(oracle, output, i / oracle->units, i % oracle->units) - targets[i]);
	double error = targets ? sum / (double)numbers : INFINITY;
	double scaled = oracle->tolerance > 0 ? error / (4 * oracle->tolerance) : error > 0 ? 1 : 0;
	verdict->failed = !(error <= oracle->tolerance);
	verdict->error = isfinite(error) ? error : 1; /* cannot be compared */
	verdict->confidence = gd_confidence_all(verdict->failed ? fmin(1, scaled) : 1 - fmin(1, scaled));
}

static bool all_finite(const float *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(values[i]))
			return false;
	return true;
}

static void judge_one(const gd_oracle *oracle, int64_t at, bool usable, const float *output, gd_verdict *verdict)
{
	size_t numbers = oracle->units * oracle->places, label = (size_t)at * oracle->labels->width;
	const double *targets = usable ? oracle->targets + label : NULL;
	*verdict = (gd_verdict){ .expected = -1, .predicted = -1 };
	verdict->finite = all_finite(output, numbers);
	if (!verdict->finite) {
		verdict->failed = true;
		verdict->error = 1;
	} else if (oracle->labels->task == GD_TASK_REGRESSION)
		judge_values(oracle, targets, output, verdict);
	else if (oracle->labels->task == GD_TASK_MULTILABEL)
		judge_flags(oracle, targets, output, verdict);
	else
		judge_classes(oracle, usable ? oracle->classes + label : NULL, output, verdict);
	for (int kind = 0; kind < GD_CONFIDENCES; kind++) /* a mean of ones may round above one */
		verdict->confidence.of[kind] = fmin(1, verdict->confidence.of[kind]);
}

gd_status gd_oracle_judge(
	const gd_oracle *oracle, int64_t first, int64_t count, const float *outputs, gd_verdict *verdicts, gd_error *err)
{
	const gd_labels *labels = oracle->labels;
	bool classes = labels->task == GD_TASK_BINARY || labels->task == GD_TASK_MULTICLASS;
	size_t numbers = oracle->units * oracle->places;
	bool usable = labels->comparable && labels->width == (classes ? oracle->places : numbers);
	if (count > oracle->room)
		return gd_fail(err, GD_E_INTERNAL, "a batch of %lld tests is larger than announced", (long long)count);
	if (usable) {
		gd_status status = classes ? gd_labels_classes(labels, first, count, oracle->classes, err)
								   : gd_labels_targets(labels, first, count, oracle->targets, err);
		if (status)
			return status;
	}
	for (int64_t i = 0; i < count; i++) {
		judge_one(oracle, i, usable, outputs + (size_t)i * numbers, &verdicts[i]);
		verdicts[i].failed = verdicts[i].failed || !usable;
	}
	return GD_OK;
}
