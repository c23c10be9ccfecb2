/* Settings of a layer that an author rarely wants: each rule says how odd it is, what was seen and what mends it. */
#include "evidence/algebra.h"
#include "evidence/scene.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	gd_scene *scene;
	size_t at;
	const gd_part *part;
	double worst, sum;
} rules;

static double *figure(const rules *r, gd_figure_id id)
{
	return gd_figure_of(r->scene, r->at, id);
}

static void odd_member(rules *r, const gd_layer *member, double weight, double value, const char *id,
	const char *message, const char *mend)
{
	r->worst = fmax(r->worst, weight);
	r->sum += weight;
	gd_finding_add(r->scene, r->at, (gd_finding){ id, weight, value, message, mend, member });
}

static void odd(rules *r, double weight, double value, const char *id, const char *message, const char *mend)
{
	odd_member(r, NULL, weight, value, id, message, mend);
}

/* An activation's weight is a figure of its own, too. */
static void odd_activation(
	rules *r, const gd_layer *member, double weight, const char *id, const char *message, const char *mend)
{
	*figure(r, GD_FIGURE_ODD_ACTIVATION) = fmax(*figure(r, GD_FIGURE_ODD_ACTIVATION), weight);
	odd_member(r, member, weight, NAN, id, message, mend);
}

static bool has_activation(const gd_part *part, const char *name)
{
	return strcmp(part->activation, name) == 0;
}

/* A hidden dense or convolution layer. */
static bool is_hidden(const gd_part *part)
{
	return !part->is_last && part->kernel_count && part->is_spatial;
}

/* Does another hidden layer have an activation that bends? */
static bool others_bend(const rules *r, const char *const *bending)
{
	for (size_t i = 0; i < r->scene->count; i++) {
		const gd_part *other = &r->scene->parts[i];
		if (i == r->at || !is_hidden(other) || has_activation(other, "linear"))
			continue;
		if (!bending || gd_is_one_of(other->activation, bending))
			return true;
	}
	return false;
}

static size_t sigmoids(const rules *r)
{
	size_t count = 0;
	for (size_t i = 0; i < r->scene->count; i++)
		count += is_hidden(&r->scene->parts[i]) && has_activation(&r->scene->parts[i], "sigmoid");
	return count;
}

static bool joins(const rules *r)
{
	bool merges = r->part->merges;
	for (size_t k = 0; k < r->part->child_count; k++)
		merges = merges || r->scene->parts[r->part->children[k]].merges;
	return merges;
}

/* Attention takes products of what enters it, so that a linear layer before it is no part of the next one. */
static bool feeds_attention(const rules *r)
{
	for (size_t k = 0; k < r->part->child_count; k++)
		if (r->scene->parts[r->part->children[k]].head->family == GD_FAMILY_ATTENTION)
			return true;
	return false;
}

static void check_activation(rules *r)
{
	static const char *const deep[] = { "relu", "tanh", "elu", "selu", "gelu", "swish", "silu", "leaky_relu", NULL };
	const gd_part *part = r->part;
	if (part->is_last || !part->kernel_count || part->is_recurrent || part->head->family == GD_FAMILY_ATTENTION)
		return;
	if (has_activation(part, "softmax"))
		odd_activation(r, part->activated_by, 3, "settings.softmax-inside",
			"softmax inside the model squeezes all units to a sum of 1", "use relu");
	else if (has_activation(part, "exponential"))
		odd_activation(r, part->activated_by, 2.5, "settings.exponential",
			"an exponential activation inside the model grows without bound", "use relu");
	else if (has_activation(part, "sigmoid") || has_activation(part, "hard_sigmoid"))
		odd_activation(r, part->activated_by, others_bend(r, deep) || sigmoids(r) > 2 ? 1.5 : .7,
			"settings.sigmoid-inside", "a sigmoid inside the model lets little of the gradient through", "use relu");
	else if (is_hidden(part) && has_activation(part, "linear") && !joins(r) && !feeds_attention(r))
		odd_activation(r, NULL, others_bend(r, NULL) ? 1.5 : 1, "settings.no-activation",
			"the layer has no activation, so that it and the next layer are one linear map", "give it relu");
}

static void check_recurrent(rules *r)
{
	static const char *const strange[] = { "relu", "linear", "exponential", "softmax", "sigmoid", NULL };
	const gd_part *part = r->part;
	if (!part->is_recurrent)
		return;
	if (gd_is_one_of(part->activation, strange))
		odd_activation(r, NULL,
			has_activation(part, "linear")                                    ? 1.5
			: has_activation(part, "relu") || has_activation(part, "sigmoid") ? 1
																			  : 3,
			"settings.recurrent-activation",
			gd_evidence_text(r->scene, "the recurrent layer's activation is %s", part->activation), "use tanh");
	const gd_setting *gates = gd_layer_setting(part->head, "recurrent_activation");
	if (gates && gates->text && strcmp(gates->text, "sigmoid") != 0 && strcmp(gates->text, "hard_sigmoid") != 0)
		odd_activation(r, NULL, 2, "settings.gates",
			gd_evidence_text(
				r->scene, "the gates' activation is %.40s, which does not stay between 0 and 1", gates->text),
			"use sigmoid");
}

/* The strongest dropout in the entry, and whose it is. */
static double dropout_of(const rules *r, const gd_layer **member)
{
	const gd_entry *entry = &r->scene->model->entries[r->at];
	double rate =
		fmax(gd_setting_number(r->part->head, "dropout", 0), gd_setting_number(r->part->head, "recurrent_dropout", 0));
	*member = r->part->head;
	for (size_t i = 0; i < entry->member_count; i++) {
		const gd_layer *layer = &r->scene->model->layers[entry->members[i]];
		if (layer->family != GD_FAMILY_REGULARIZER || !strstr(layer->kind, "Dropout") ||
			!(gd_setting_number(layer, "rate", 0) > rate))
			continue;
		rate = gd_setting_number(layer, "rate", 0);
		*member = layer;
	}
	return rate;
}

/* Standard deviation of the noise that training adds. */
static double noise_of(const rules *r, const gd_layer **adding)
{
	const gd_entry *entry = &r->scene->model->entries[r->at];
	double most = 0;
	*adding = NULL;
	for (size_t i = 0; i < entry->member_count; i++) {
		const gd_layer *layer = &r->scene->model->layers[entry->members[i]];
		double deviation = strcmp(layer->kind, "GaussianNoise") == 0 ? gd_setting_number(layer, "stddev", 0) : 0;
		if (deviation > most) {
			most = deviation;
			*adding = layer;
		}
	}
	return most;
}

static void check_noise(rules *r)
{
	const gd_layer *adding;
	double noise = noise_of(r, &adding);
	*figure(r, GD_FIGURE_NOISE) = noise;
	if (noise > .3)
		odd_member(r, adding, 1 + fmin(noise, 2), noise, "settings.noise",
			gd_evidence_text(r->scene, "noise of deviation %g is added in training", noise),
			"use 0.1 or less, or leave it out");
}

static void check_strength(rules *r)
{
	const gd_layer *dropping;
	double rate = dropout_of(r, &dropping), stride = gd_setting_number(r->part->head, "strides", 1);
	double pool = r->part->head->family == GD_FAMILY_POOLING ? gd_setting_number(r->part->head, "pool_size", 0) : 0;
	*figure(r, GD_FIGURE_DROPOUT) = rate;
	*figure(r, GD_FIGURE_STEPS) = fmax(stride - 1, pool - 2);
	if (rate > .55)
		odd_member(r, dropping, 1 + 4 * (rate - .5), rate, "settings.dropout",
			gd_evidence_text(r->scene, "dropout takes away %.0f %% of the units in training", 100 * rate),
			"use 0.2 to 0.5");
	if (r->part->is_spatial && stride > 2)
		odd(r, 1.5, stride, "settings.stride",
			gd_evidence_text(r->scene, "a stride of %g passes over most places", stride), "use 1 or 2");
	if (pool > 3)
		odd(r, 1.2, pool, "settings.pool", gd_evidence_text(r->scene, "pooling joins %g places along an axis", pool),
			"use 2");
}

static bool is_frozen(const rules *r)
{
	bool others = false;
	for (size_t i = 0; i < r->scene->count; i++)
		others = others || (r->scene->parts[i].kernel_count && r->scene->parts[i].head->trainable);
	return r->part->kernel_count && !r->part->head->trainable && others;
}

static double log_units(const gd_part *part)
{
	return log((double)(part->out->units ? part->out->units : 1));
}

static double narrowness(const rules *r)
{
	double widths[256];
	size_t count = 0;
	for (size_t i = 0; i < r->scene->count && count < 256; i++)
		if (r->scene->parts[i].kernel_count && !r->scene->parts[i].is_last)
			widths[count++] = log_units(&r->scene->parts[i]);
	gd_sort(widths, count);
	return log_units(r->part) - gd_median_sorted(widths, count);
}

static void check_width(rules *r)
{
	const gd_part *part = r->part;
	*figure(r, GD_FIGURE_FROZEN) = is_frozen(r);
	if (is_frozen(r))
		odd(r, 1.5, NAN, "settings.frozen", "the layer is not trainable while others are", "set trainable=True");
	if (part->is_last || !part->kernel_count || part->out->units == 0)
		return;
	double narrow = narrowness(r);
	*figure(r, GD_FIGURE_NARROW) = narrow;
	const char *message =
		gd_evidence_text(r->scene, "everything passes through %zu unit%s, the usual layer here has %.0f",
			part->out->units, part->out->units == 1 ? "" : "s", exp(log_units(part) - narrow));
	if (part->out->units < 3)
		odd(r, 1 + .8 * (3 - (double)part->out->units), (double)part->out->units, "settings.width", message,
			"give it more units");
	else if (narrow < -1.2)
		odd(r, -.8 * narrow, (double)part->out->units, "settings.width", message, "give it more units");
}

/* The largest number in settings that start like `name` and a full stop: regularizer and initializer arguments. */
static double argument(const gd_layer *layer, const char *name, double otherwise)
{
	double largest = -INFINITY;
	size_t length = strlen(name);
	for (size_t i = 0; i < layer->setting_count; i++) {
		const gd_setting *setting = &layer->settings[i];
		if (strncmp(setting->name, name, length) == 0 && setting->name[length] == '.' && !setting->text &&
			strcmp(setting->name + length + 1, "seed") != 0)
			largest = fmax(largest, fabs(setting->number));
	}
	return isfinite(largest) ? largest : otherwise;
}

static bool ends(const char *text, const char *tail)
{
	size_t a = strlen(text), b = strlen(tail);
	return a >= b && strcmp(text + a - b, tail) == 0;
}

static bool is_odd_initializer(const gd_layer *layer, const gd_setting *setting)
{
	static const char *const flat[] = { "Zeros", "Ones", "Constant", "zeros", "ones", NULL };
	static const char *const normal[] = { "RandomNormal", "TruncatedNormal", NULL };
	double number = argument(layer, setting->name, NAN);
	if (strncmp(setting->name, "bias", 4) == 0)
		return !gd_is_one_of(setting->text, (const char *const[]){ "Zeros", "zeros", NULL }) &&
			   (gd_is_one_of(setting->text, flat) || gd_is_one_of(setting->text, normal)) && !(number < 1);
	if (strncmp(setting->name, "gamma", 5) == 0)
		return strcmp(setting->text, "Ones") != 0 && strcmp(setting->text, "ones") != 0;
	if (strncmp(setting->name, "beta", 4) == 0)
		return strcmp(setting->text, "Zeros") != 0 && strcmp(setting->text, "zeros") != 0;
	if (gd_is_one_of(setting->text, flat))
		return true;
	if (gd_is_one_of(setting->text, normal))
		return !(number != number) && (number <= 1e-3 || number > 1);
	return strcmp(setting->text, "RandomUniform") == 0 && number > 1;
}

static void check_member(rules *r, const gd_layer *layer, double *initializer, double *regularizer)
{
	for (size_t i = 0; i < layer->setting_count; i++) {
		const gd_setting *setting = &layer->settings[i];
		if (!setting->text || !setting->text[0])
			continue;
		if (ends(setting->name, "_initializer") && strncmp(setting->name, "moving_", 7) != 0 &&
			is_odd_initializer(layer, setting) && *initializer == 0) {
			*initializer = 1;
			odd_member(r, layer, 1.8, argument(layer, setting->name, NAN), "settings.initializer",
				gd_evidence_text(
					r->scene, "%.40s is %.40s, from which a layer hardly learns", setting->name, setting->text),
				"use the default initializer");
		}
		if (ends(setting->name, "_regularizer"))
			*regularizer = fmax(*regularizer, argument(layer, setting->name, 0));
		if (ends(setting->name, "_constraint")) {
			*figure(r, GD_FIGURE_CONSTRAINT) = 1;
			odd_member(r, layer, 1.2, NAN, "settings.constraint",
				gd_evidence_text(r->scene, "%.40s %.40s holds the weights down", setting->name, setting->text),
				"leave it out");
		}
	}
	bool norm = layer->family == GD_FAMILY_NORMALIZATION;
	if (norm && (gd_setting_number(layer, "momentum", 0) >= 1 || gd_setting_number(layer, "epsilon", 0) > 1))
		odd_member(r, layer, 2, NAN, "settings.normalization",
			"momentum or epsilon of the normalisation keep it from normalising", "use the defaults");
}

static void check_members(rules *r)
{
	const gd_entry *entry = &r->scene->model->entries[r->at];
	double initializer = 0, regularizer = 0;
	for (size_t i = 0; i < entry->member_count; i++)
		check_member(r, &r->scene->model->layers[entry->members[i]], &initializer, &regularizer);
	*figure(r, GD_FIGURE_INITIALIZER) = initializer;
	*figure(r, GD_FIGURE_REGULARIZER) = regularizer;
	if (regularizer >= .002)
		odd(r, regularizer >= .05 ? 1.5 + .3 * log10(regularizer / .05) : .7, regularizer, "settings.regularizer",
			gd_evidence_text(r->scene, "a regularizer of strength %g pulls the layer to zero", regularizer),
			"use 1e-4 or none");
}

gd_status gd_detect_settings(gd_scene *scene, gd_error *err)
{
	for (size_t i = 0; i < scene->count; i++) {
		rules r = { .scene = scene, .at = i, .part = &scene->parts[i] };
		*figure(&r, GD_FIGURE_ODD_ACTIVATION) = *figure(&r, GD_FIGURE_CONSTRAINT) = 0;
		check_activation(&r);
		check_recurrent(&r);
		check_strength(&r);
		check_noise(&r);
		check_width(&r);
		check_members(&r);
		*figure(&r, GD_FIGURE_ODD) = r.worst;
		*figure(&r, GD_FIGURE_ODD_SUM) = r.sum;
	}
	(void)err;
	return GD_OK;
}
