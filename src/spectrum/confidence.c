#include "spectrum/confidence.h"
#include <math.h>
#include <string.h>

static const struct {
	const char *name, *about;
} kinds[GD_CONFIDENCES] = {
	[GD_CONFIDENCE_MAX] = { "max", "highest probability, from chance to certainty" },
	[GD_CONFIDENCE_MARGIN] = { "margin", "highest minus second highest probability" },
	[GD_CONFIDENCE_GINI] = { "gini", "1 minus the Gini impurity, from chance to certainty" },
	[GD_CONFIDENCE_ENTROPY] = { "entropy", "1 minus the entropy, from chance to certainty" },
};

const char *gd_confidence_name(gd_confidence_kind kind)
{
	return kind < GD_CONFIDENCES ? kinds[kind].name : NULL;
}

const char *gd_confidence_about(gd_confidence_kind kind)
{
	return kind < GD_CONFIDENCES ? kinds[kind].about : NULL;
}

bool gd_confidence_find(const char *name, gd_confidence_kind *out)
{
	for (gd_confidence_kind kind = 0; kind < GD_CONFIDENCES; kind++)
		if (strcmp(kinds[kind].name, name) == 0) {
			*out = kind;
			return true;
		}
	return false;
}

/* Rounding leaves a measure a hair beside 0 or 1, and weights that are noise would still weigh. */
static double within_one(double value)
{
	const double hair = 1e-12;
	return value < hair ? 0 : value > 1 - hair ? 1 : value;
}

gd_confidence gd_confidence_of(const double *p, size_t n)
{
	double first = 0, second = 0, squares = 0, entropy = 0, chance = 1 / (double)n;
	for (size_t i = 0; i < n; i++) {
		if (p[i] > first) {
			second = first;
			first = p[i];
		} else if (p[i] > second)
			second = p[i];
		squares += p[i] * p[i];
		entropy -= p[i] > 0 ? p[i] * log(p[i]) : 0;
	}
	gd_confidence out;
	out.of[GD_CONFIDENCE_MAX] = within_one((first - chance) / (1 - chance));
	out.of[GD_CONFIDENCE_MARGIN] = within_one(first - second);
	out.of[GD_CONFIDENCE_GINI] = within_one(1 - (1 - squares) / (1 - chance));
	out.of[GD_CONFIDENCE_ENTROPY] = within_one(1 - entropy / log((double)n));
	return out;
}

gd_confidence gd_confidence_binary(double q)
{
	double p[2] = { 1 - q, q };
	return gd_confidence_of(p, 2);
}

gd_confidence gd_confidence_all(double value)
{
	gd_confidence out;
	for (int kind = 0; kind < GD_CONFIDENCES; kind++)
		out.of[kind] = within_one(value);
	return out;
}

void gd_softmax(double *values, size_t n)
{
	double top = -INFINITY, sum = 0;
	for (size_t i = 0; i < n; i++)
		top = fmax(top, values[i]);
	for (size_t i = 0; i < n; i++) {
		values[i] = exp(values[i] - top);
		sum += values[i];
	}
	for (size_t i = 0; i < n; i++)
		values[i] /= sum;
}

void gd_normalize(double *values, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++) {
		values[i] = fmax(0, values[i]);
		sum += values[i];
	}
	for (size_t i = 0; i < n; i++)
		values[i] = sum > 0 ? values[i] / sum : 1 / (double)n;
}

double gd_sigmoid(double value)
{
	return value >= 0 ? 1 / (1 + exp(-value)) : exp(value) / (1 + exp(value));
}
