/* The output's contract: do activation, units and loss of the last layer suit the labels, and does the output vary? */
#include "evidence/algebra.h"
#include "evidence/scene.h"
#include <ctype.h>
#include <math.h>
#include <string.h>

typedef struct {
	gd_scene *scene;
	size_t at, units, classes;
	const gd_part *part;
	const char *activation, *loss; /* loss: lower case without underscores, "" when not known */
	gd_task task;
	double worst;
} contract;

static bool is(const contract *c, const char *activation)
{
	return strcmp(c->activation, activation) == 0;
}

static void broken(contract *c, double weight, const char *id, const char *message, const char *mend)
{
	c->worst = fmax(c->worst, weight);
	if (message)
		gd_finding_add(c->scene, c->at, (gd_finding){ id, weight, (double)c->units, message, mend, NULL });
}

/* Where the file tells no loss, as no ONNX file does, a linear output is no fault: losses of PyTorch take logits, or their
 * log-softmax. The oracle reads them so as well (docs/method.md). */
static bool gives_logits(const contract *c)
{
	bool known = c->scene->model->training.loss != NULL;
	return (is(c, "linear") && (!known || c->scene->model->training.from_logits)) || (is(c, "logsoftmax") && !known);
}

/* What the output of one class of several should have: nothing before a loss that takes logits. */
static const char *class_mend(const contract *c)
{
	if (c->scene->model->training.loss)
		return c->scene->model->training.from_logits ? "leave it out: the loss takes logits" : "use softmax";
	return "leave it out where the loss takes logits, as PyTorch's cross-entropy does; else use softmax";
}

static void check_classes(contract *c)
{
	gd_scene *scene = c->scene;
	bool logits = gives_logits(c);
	if (c->units == 1 && is(c, "softmax"))
		broken(c, 3, "output.softmax-one-unit",
			gd_evidence_text(scene, "the output has one unit with softmax, which is 1 on all %lld tests",
				(long long)scene->statistics->tests),
			c->task == GD_TASK_MULTICLASS ? "give the output a unit for every class" : "use sigmoid");
	else if (c->task == GD_TASK_BINARY && c->units == 1 && !is(c, "sigmoid") && !logits)
		broken(c, 2, "output.binary-activation",
			gd_evidence_text(scene, "the labels have two classes, but the output's activation is %s", c->activation),
			"use sigmoid");
	else if (c->task == GD_TASK_BINARY && c->units == 2 && !is(c, "softmax") && !logits)
		broken(c, 1.5, "output.binary-activation",
			gd_evidence_text(scene, "two output units stand for two classes, but their activation is %s", c->activation),
			"use softmax, or one unit with sigmoid");
	if (c->task != GD_TASK_MULTICLASS)
		return;
	if (!is(c, "softmax") && !logits)
		broken(c, is(c, "relu") || is(c, "linear") || is(c, "tanh") ? 2 : 1.5, "output.class-activation",
			gd_evidence_text(scene, "the labels have %zu classes, of which one is right, but the output's activation is %s",
				c->classes, c->activation),
			class_mend(c));
	if (c->units < c->classes)
		broken(c, 2, "output.too-few-units",
			gd_evidence_text(scene, "the labels name %zu classes, the output has %zu unit%s", c->classes, c->units,
				c->units == 1 ? "" : "s"),
			"give the output a unit for every class");
	else if (c->units > c->classes)
		broken(c, .5, "output.spare-units", NULL, NULL);
}

static double share_outside(const contract *c)
{
	const gd_statistics *s = c->scene->statistics;
	double low = is(c, "tanh") ? -1 : is(c, "linear") ? -INFINITY : 0;
	double high = is(c, "sigmoid") || is(c, "softmax") || is(c, "tanh") ? 1 : INFINITY;
	if (!is(c, "sigmoid") && !is(c, "softmax") && !is(c, "tanh") && !is(c, "relu") && !is(c, "softplus"))
		return 0;
	double width = s->target_high - s->target_low;
	double out = fmax(0, low - s->target_low - 1e-6) + fmax(0, s->target_high - high - 1e-6);
	return width > 0 ? fmin(1, out / width) : out > 0;
}

static void check_numbers(contract *c)
{
	gd_scene *scene = c->scene;
	const gd_statistics *s = scene->statistics;
	double outside = share_outside(c);
	*gd_figure_of(scene, c->at, GD_FIGURE_OUTSIDE_RANGE) = outside;
	if (is(c, "softmax"))
		broken(c, c->units == 1 ? 3 : 2, "output.softmax-regression",
			gd_evidence_text(scene, "the labels are numbers, but the output's activation is softmax%s",
				c->units == 1 ? ", which is 1 for one unit" : ""),
			"use no activation");
	else if (outside > .02)
		broken(c, 2, "output.range",
			gd_evidence_text(scene, "the labels lie between %.4g and %.4g, which %s cannot reach", s->target_low,
				s->target_high, c->activation),
			"use no activation, or scale the labels");
	else if (is(c, "relu") || is(c, "tanh") || is(c, "sigmoid"))
		broken(c, .5, "output.bounded", NULL, NULL);
}

static bool mentions(const contract *c, const char *word)
{
	return strstr(c->loss, word) != NULL;
}

static double check_loss(contract *c)
{
	const gd_statistics *s = c->scene->statistics;
	bool numeric = strncmp(c->loss, "mean", 4) == 0 || strcmp(c->loss, "mse") == 0 || strcmp(c->loss, "mae") == 0;
	double weight = 0;
	if (c->task == GD_TASK_REGRESSION && mentions(c, "crossentropy") && (s->target_low < 0 || s->target_high > 1))
		weight = 1;
	else if (c->task != GD_TASK_REGRESSION && numeric)
		weight = .5;
	else if (c->task == GD_TASK_MULTICLASS && strncmp(c->loss, "binary", 6) == 0)
		weight = .7;
	if (weight > 0)
		gd_finding_add(c->scene, c->at, (gd_finding){ "output.loss", weight, NAN,
			gd_evidence_text(c->scene, "the loss %s does not suit %s labels", c->scene->model->training.loss,
				gd_task_name(c->task)),
			c->task == GD_TASK_REGRESSION ? "use mean_squared_error" : c->task == GD_TASK_MULTICLASS
				? "use categorical_crossentropy (sparse for whole numbers)" : "use binary_crossentropy", NULL });
	return weight;
}

/* Units that hardly vary; spread and offset of the output against the labels. */
static void check_values(contract *c)
{
	gd_scene *scene = c->scene;
	const gd_statistics *s = scene->statistics;
	const gd_site *site = c->part->out;
	double n = (double)s->tests, size = 0, constant = 0, spread = 0, wanted = 0, offset = 0, unit = 1;
	for (size_t u = 0; u < site->units; u++)
		size += fabs(site->mean[u]) / (double)site->units;
	for (size_t u = 0; u < site->units; u++)
		constant += sqrt(site->scatter[u] / n) < 1e-4 * (1 + size);
	*gd_figure_of(scene, c->at, GD_FIGURE_CONSTANT) = constant / (double)site->units;
	if (!s->comparable)
		return;
	for (size_t k = 0; k < s->targets; k++) {
		wanted += sqrt(s->target_products[k * s->targets + k] / n) / (double)s->targets;
		spread += sqrt(s->output_squares[k] / n) / (double)s->targets;
		offset += fabs(s->output_mean[k] - s->target_mean[k]) / (double)s->targets;
	}
	if (c->task == GD_TASK_REGRESSION)
		unit = wanted + 1e-9;
	*gd_figure_of(scene, c->at, GD_FIGURE_SPREAD) = gd_log_ratio(spread + 1e-3, wanted + 1e-3);
	*gd_figure_of(scene, c->at, GD_FIGURE_OFFSET) = gd_log_ratio(offset / unit + .01, 1);
}

static void plain_name(const char *from, char *to, size_t size)
{
	size_t used = 0;
	for (; from && *from && used + 1 < size; from++)
		if (*from != '_')
			to[used++] = (char)tolower((unsigned char)*from);
	to[used] = '\0';
}

/* Classes that the tests name: one more than the largest. */
static size_t classes_seen(const gd_statistics *s)
{
	size_t classes = 0;
	for (size_t k = 0; s->target_count && k < s->all_targets; k++)
		classes = s->target_count[k] > 0 ? k + 1 : classes;
	return classes;
}

gd_status gd_detect_output(gd_scene *scene, gd_error *err)
{
	char loss[128];
	plain_name(scene->model->training.loss, loss, sizeof loss);
	for (size_t i = 0; i < scene->count; i++) {
		const gd_part *part = &scene->parts[i];
		*gd_figure_of(scene, i, GD_FIGURE_CONTRACT) = *gd_figure_of(scene, i, GD_FIGURE_LOSS) = 0;
		*gd_figure_of(scene, i, GD_FIGURE_OUTSIDE_RANGE) = 0;
		if (!part->is_last || part->out->units == 0)
			continue;
		contract c = { .scene = scene, .at = i, .units = part->out->units, .part = part, .activation = part->activation,
			.loss = loss, .task = scene->statistics->task, .classes = classes_seen(scene->statistics) };
		if (c.task == GD_TASK_REGRESSION)
			check_numbers(&c);
		else
			check_classes(&c);
		if (c.task == GD_TASK_MULTILABEL && !is(&c, "sigmoid") && !gives_logits(&c))
			broken(&c, 2, "output.label-activation",
				gd_evidence_text(scene, "several labels may be right at once, but the output's activation is %s", c.activation),
				"use sigmoid");
		*gd_figure_of(scene, i, GD_FIGURE_CONTRACT) = c.worst;
		*gd_figure_of(scene, i, GD_FIGURE_LOSS) = check_loss(&c);
		check_values(&c);
	}
	(void)err;
	return GD_OK;
}
