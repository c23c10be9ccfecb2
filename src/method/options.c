#include "method/options.h"
#include "aggregate/aggregate.h"
#include "base/text.h"
#include "data/labels.h"
#include "formula/formula.h"
#include "method/method.h"
#include "spectrum/confidence.h"
#include "spectrum/coverage.h"
#include "spectrum/weights.h"
#include <math.h>
#include <string.h>

/* Registries end with a row without a name, so walking them one by one never passes the end. */
#define CHOICES_OF(what, table, column)                                                                                \
	static const char *what(size_t at)                                                                                 \
	{                                                                                                                  \
		for (size_t i = 0; i < at; i++)                                                                                \
			if (!table[i].name)                                                                                        \
				return NULL;                                                                                           \
		return table[at].name ? table[at].column : NULL;                                                               \
	}

CHOICES_OF(method_name, gd_methods, name)
CHOICES_OF(method_about, gd_methods, about)
CHOICES_OF(formula_name, gd_formulas, name)
CHOICES_OF(formula_about, gd_formulas, about)
CHOICES_OF(aggregation_name, gd_aggregations, name)
CHOICES_OF(aggregation_about, gd_aggregations, about)
CHOICES_OF(weighting_name, gd_weightings, name)
CHOICES_OF(weighting_about, gd_weightings, about)
CHOICES_OF(coverage_name, gd_coverages, name)
CHOICES_OF(coverage_about, gd_coverages, about)

static const struct {
	const char *name, *about;
} reductions[] = {
	{ "mean", "mean over space, steps or tokens" },
	{ "max", "maximum over space, steps or tokens" },
	{ NULL, NULL },
}, tasks[] = {
	{ "auto", "told by labels, output and loss" },
	{ "binary", "one of two classes" },
	{ "multiclass", "one of several classes" },
	{ "multilabel", "any of several labels" },
	{ "regression", "numbers" },
	{ NULL, NULL },
};

CHOICES_OF(reduction_name, reductions, name)
CHOICES_OF(reduction_about, reductions, about)
CHOICES_OF(task_name, tasks, name)
CHOICES_OF(task_about, tasks, about)

static const char *confidence_name(size_t at)
{
	return at < GD_CONFIDENCES ? gd_confidence_name((gd_confidence_kind)at) : NULL;
}

static const char *confidence_about(size_t at)
{
	return at < GD_CONFIDENCES ? gd_confidence_about((gd_confidence_kind)at) : NULL;
}

/* clang-format off */
const gd_option gd_option_table[GD_OPTIONS] = {
	[GD_OPTION_METHOD] = { "method", GD_OPTION_CHOICE, GD_OPTION_OF_METHOD, "fused", NULL, 0, 0,
		method_name, method_about, "how layers are ranked" },
	[GD_OPTION_FORMULA] = { "formula", GD_OPTION_CHOICE, GD_OPTION_OF_METHOD, "wong2", NULL, 0, 0,
		formula_name, formula_about, "suspiciousness of a neuron from its four counts" },
	[GD_OPTION_AGGREGATION] = { "aggregation", GD_OPTION_CHOICE, GD_OPTION_OF_METHOD, "gini-even", NULL, 0, 0,
		aggregation_name, aggregation_about, "from neurons to layers" },
	[GD_OPTION_WEIGHTING] = { "weighting", GD_OPTION_CHOICE, GD_OPTION_OF_METHOD, "inverse-failed", NULL, 0, 0,
		weighting_name, weighting_about, "what a test counts" },
	[GD_OPTION_CONFIDENCE] = { "confidence", GD_OPTION_CHOICE, GD_OPTION_OF_METHOD, "max", NULL, 0, 0,
		confidence_name, confidence_about, "how sure the model was of a test" },
	[GD_OPTION_COVERAGE] = { "coverage", GD_OPTION_CHOICE, GD_OPTION_OF_PASS, "neuron", NULL, 0, 0,
		coverage_name, coverage_about, "when a neuron counts as active" },
	[GD_OPTION_THRESHOLD] = { "threshold", GD_OPTION_NUMBER, GD_OPTION_OF_PASS, "auto", "0.25 for neuron, 0.5 for layer, 0 for raw", -1e30, 1e30,
		NULL, NULL, "a neuron is active strictly above it" },
	[GD_OPTION_REDUCE] = { "reduce", GD_OPTION_CHOICE, GD_OPTION_OF_PASS, "mean", NULL, 0, 0,
		reduction_name, reduction_about, "one number for a neuron with many places" },
	[GD_OPTION_TASK] = { "task", GD_OPTION_CHOICE, GD_OPTION_OF_PASS, "auto", NULL, 0, 0,
		task_name, task_about, "what the labels are" },
	[GD_OPTION_TOLERANCE] = { "tolerance", GD_OPTION_NUMBER, GD_OPTION_OF_PASS, "auto", "0.25 standard deviations of the labels", 0, 1e30,
		NULL, NULL, "regression: a test passes up to this mean absolute error" },
	[GD_OPTION_BATCH] = { "batch", GD_OPTION_WHOLE, GD_OPTION_OF_RUN, "auto", "chosen by the size of a test", 1, 65536,
		NULL, NULL, "tests run at once" },
	[GD_OPTION_THREADS] = { "threads", GD_OPTION_WHOLE, GD_OPTION_OF_RUN, "auto", "as many as the process may use", 1, 1024,
		NULL, NULL, "threads of the engine" },
	[GD_OPTION_BUDGET] = { "budget", GD_OPTION_NUMBER, GD_OPTION_OF_RUN, "10", NULL, 0, 1e9,
		NULL, NULL, "seconds of counted work for re-fitting one layer at a time; 0: none (--method fused)" },
};
/* clang-format on */

static gd_status refuse_choice(const gd_option *row, const char *value, gd_error *err)
{
	gd_text list = { 0 };
	for (size_t i = 0; row->choice(i); i++)
		gd_text_printf(&list, "%s%s", i ? ", " : "", row->choice(i));
	gd_status status = list.failed ? gd_fail_memory(err, "refusing an option")
								   : gd_fail(err, GD_E_USAGE, "--%s has no choice \"%.60s\"; it takes %s", row->name,
										 value, list.bytes);
	gd_text_free(&list);
	return status;
}

static gd_status set_choice(gd_options *options, gd_option_id id, const char *value, gd_error *err)
{
	const gd_option *row = &gd_option_table[id];
	for (size_t i = 0; row->choice(i); i++)
		if (strcmp(row->choice(i), value) == 0) {
			options->text[id] = row->choice(i);
			return GD_OK;
		}
	return refuse_choice(row, value, err);
}

static gd_status set_number(gd_options *options, gd_option_id id, const char *value, gd_error *err)
{
	const gd_option *row = &gd_option_table[id];
	bool whole = row->kind == GD_OPTION_WHOLE;
	double number;
	if (row->automatic && strcmp(value, "auto") == 0) {
		options->number[id] = whole ? 0 : NAN;
		return GD_OK;
	}
	if (!gd_text_number(value, &number) || number < row->low || number > row->high || (whole && floor(number) < number))
		return gd_fail(err, GD_E_USAGE, "--%s takes a %s from %g to %g%s, not \"%.60s\"", row->name,
			whole ? "whole number" : "number", row->low, row->high, row->automatic ? " or auto" : "", value);
	options->number[id] = number;
	return GD_OK;
}

gd_status gd_options_set(gd_options *options, const char *name, const char *value, gd_error *err)
{
	if (strncmp(name, "--", 2) == 0)
		name += 2;
	for (gd_option_id id = 0; id < GD_OPTIONS; id++)
		if (strcmp(gd_option_table[id].name, name) == 0)
			return gd_option_table[id].kind == GD_OPTION_CHOICE ? set_choice(options, id, value, err)
																: set_number(options, id, value, err);
	return gd_fail(err, GD_E_USAGE, "there is no option \"%.60s\"", name);
}

void gd_options_init(gd_options *options)
{
	*options = (gd_options){ 0 };
	for (gd_option_id id = 0; id < GD_OPTIONS; id++) {
		gd_error err = { 0 };
		/* the table's own defaults are choices of the table: a unit test holds it to that */
		if (gd_options_set(options, gd_option_table[id].name, gd_option_table[id].standard, &err))
			options->text[id] = NULL;
	}
}
