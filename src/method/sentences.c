/* Figures in words. %s in a sentence is the figure; what it is compared with is put in brackets after it. */
#include "base/text.h"
#include "method/fused.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *sentence, *mend;
} words[GD_FIGURES] = {
	[GD_FIGURE_LAST] = { "it is %s that the layer is the last one", NULL },
	[GD_FIGURE_HAS_KERNEL] = { "the layer has %s kernel of weights", NULL },
	[GD_FIGURE_FAILING] = { "%s %% of the tests fail", NULL },
	[GD_FIGURE_FIT] = { "the output explains %s %% of the labels", NULL },
	[GD_FIGURE_CONTRACT] = { "output and labels fit each other (oddity %s of 3)", NULL },
	[GD_FIGURE_LOSS] = { "loss and labels fit each other (oddity %s of 1)", NULL },
	[GD_FIGURE_CONSTANT] = { "%s %% of the outputs are the same on all tests", "look at the activation and the layer's weights" },
	[GD_FIGURE_SPREAD] = { "the outputs spread %s times as far as the labels", NULL },
	[GD_FIGURE_OFFSET] = { "the mean output lies %s off the mean label", NULL },
	[GD_FIGURE_OUTSIDE_RANGE] = { "%s %% of the labels' range is out of the output's reach", "use no activation" },
	[GD_FIGURE_RENAMED] = { "%s %% more tests would pass if classes were renamed", "look at the order of the output's units and of the classes" },
	[GD_FIGURE_ODD] = { "the settings are %s on a scale of oddity from 0 to 3", NULL },
	[GD_FIGURE_ODD_SUM] = { "the settings are %s on a scale of oddity from 0 to 3", NULL },
	[GD_FIGURE_NARROW] = { "the layer has %s times the usual units of this model", "give it more units" },
	[GD_FIGURE_INITIALIZER] = { "its initializer is unusual: %s", "use the default initializer" },
	[GD_FIGURE_REGULARIZER] = { "a regularizer of strength %s acts on it", "use a weaker one" },
	[GD_FIGURE_DROPOUT] = { "dropout takes %s %% of the units in training", "use 20 to 50 %" },
	[GD_FIGURE_ODD_ACTIVATION] = { "its activation is %s on a scale of oddity from 0 to 3", "use relu inside the model" },
	[GD_FIGURE_FROZEN] = { "whether it was kept from learning among layers that learn: %s", "set trainable=True" },
	[GD_FIGURE_CONSTRAINT] = { "whether a constraint holds its weights: %s", "leave it out" },
	[GD_FIGURE_STEPS] = { "it passes over %s places between two that it looks at", "use a stride of 1 or 2" },
	[GD_FIGURE_NOISE] = { "noise of deviation %s is added in training", "use 0.1 or less, or leave it out" },
	[GD_FIGURE_DEAD] = { "%s %% of its units are the same on all tests", "look at its activation, bias and weights" },
	[GD_FIGURE_ZERO] = { "%s %% of its values are zero", "look at its bias; another activation than relu may help" },
	[GD_FIGURE_UNSOUND] = { "%s %% of its values are NaN or infinite", "lower the learning rate; scale the inputs" },
	[GD_FIGURE_GAIN] = { "its values are %s times as large as what enters it", "look at its weights and initializer" },
	[GD_FIGURE_RANK] = { "its units hold as much as %s independent ones", NULL },
	[GD_FIGURE_RANK_LOST] = { "of %s independent directions that enter it, one leaves", "give it more units, or look at its weights" },
	[GD_FIGURE_LEVEL] = { "its units' means are %s times what they vary by", NULL },
	[GD_FIGURE_UNEVEN] = { "its liveliest unit varies %s times as much as the usual one", NULL },
	[GD_FIGURE_SATURATED] = { "%s %% of its values sit at the ends of the activation", "scale what enters it, or use relu" },
	[GD_FIGURE_ON] = { "a unit is on in %s %% of the tests", NULL },
	[GD_FIGURE_ON_SPREAD] = { "how often its units are on differs by %s", NULL },
	[GD_FIGURE_KNOWS] = { "a linear probe of its units explains %s %% of the labels", "what the layer loses cannot come back behind it" },
	[GD_FIGURE_KNOWS_ERROR] = { "a linear probe of its units explains %s %% of the output's errors", NULL },
	[GD_FIGURE_UNUSED] = { "a linear probe of its units beats the output by %s points", "look at the layers behind it" },
	[GD_FIGURE_LOST] = { "a linear probe of its units is %s points below the best one before it", "look at what the layer throws away" },
	[GD_FIGURE_BELOW_BEST] = { "a linear probe of its units is %s points below the model's best", NULL },
	[GD_FIGURE_SORTS] = { "%s %% of what its units vary by sorts the labels", NULL },
	[GD_FIGURE_DRIFT] = { "the normalisation in it sees means %s deviations off those it keeps from training", "look at this layer and the one before it" },
	[GD_FIGURE_GAMMA] = { "the normalisation in it scales by %s", NULL },
	[GD_FIGURE_DRIFT_FIRST] = { "the normalisation in it is %s further off its training than any before it (a difference of logs)", "look at this layer and the one before it" },
	[GD_FIGURE_DRIFT_SPREAD] = { "the normalisation in it sees %s times the variance that it keeps from training", "look at this layer and the one before it" },
	[GD_FIGURE_WIDTH] = { "its weights spread %s times as far as an initializer draws them", "train it again from the default initializer" },
	[GD_FIGURE_PEAK] = { "its largest weight is %s times the largest that an initializer draws", "train it again from the default initializer" },
	[GD_FIGURE_TAILS] = { "its weights have a kurtosis of %s", NULL },
	[GD_FIGURE_NORMAL] = { "its weights are %s away from a normal law, where 1 is near", NULL },
	[GD_FIGURE_BEYOND] = { "%s %% of its weights are beyond what an initializer draws", NULL },
	[GD_FIGURE_VALUES] = { "only %s %% of its weights differ in size", "look for quantised, copied or constant weights" },
	[GD_FIGURE_ZEROS] = { "%s %% of its weights are zero", "look for an initializer or regularizer that makes zeros" },
	[GD_FIGURE_WEAKEST] = { "its weakest unit's weights are %s times the usual", "look for units that were switched off" },
	[GD_FIGURE_STRONGEST] = { "its strongest unit's weights are %s times the usual", "look for outliers among the weights" },
	[GD_FIGURE_TWO_KINDS] = { "its units fall into two kinds by the size of their weights (%s of 1)", "look for units that were changed" },
	[GD_FIGURE_ROWS] = { "its inputs' weights differ by %s in log size", NULL },
	[GD_FIGURE_SINGULAR] = { "%s %% of its directions carry nothing", "look for copied or zero weights" },
	[GD_FIGURE_FLATNESS] = { "its weights use %s %% of their directions evenly", NULL },
	[GD_FIGURE_ALIKE] = { "its units' weights are alike by %s, on a log scale of standard deviations from chance", NULL },
	[GD_FIGURE_SKEW] = { "its weights lean to one side by %s", NULL },
	[GD_FIGURE_TABLE] = { "its table spreads %s times as far as an initializer draws it", NULL },
	[GD_FIGURE_BIAS_MEAN] = { "its bias is %s on average", "look at the bias initializer" },
	[GD_FIGURE_BIAS_SHIFT] = { "its bias is %s of what the weights give, on average", "look at the bias initializer" },
	[GD_FIGURE_BIAS_PEAK] = { "its largest bias is %s", "look at the bias initializer" },
	[GD_FIGURE_BIAS_SUM] = { "bias and weights go together by a correlation of %s", NULL },
	[GD_FIGURE_BIAS_TOP] = { "bias and largest weights go together by a correlation of %s", NULL },
	[GD_FIGURE_BIAS_AHEAD] = { "its bias has moved %s times as far as its weights have spread", "the weights may not be the trained ones: load or train them again" },
	[GD_FIGURE_BIAS_FRESH] = { "its bias has moved %s times as far as the shape of its weights", "the weights may not be the trained ones: load or train them again" },
	[GD_FIGURE_BIAS_MOVED] = { "its bias has moved by %s of what an initializer draws", NULL },
	[GD_FIGURE_BIAS_NOISE] = { "its weights are as wide and as normal as noise by %s", "the weights may be damaged: load or train them again" },
	[GD_FIGURE_BIAS_DRIVE] = { "bias and mean input go together by a correlation of %s", "the weights may not be those that the bias was trained with" },
	[GD_FIGURE_BIAS_SIZE] = { "its bias is %s times as large as what the mean input drives", NULL },
	[GD_FIGURE_IN_SHAPE] = { "its weights follow how its inputs vary together by a correlation of %s", "the weights may not be those trained on these inputs" },
	[GD_FIGURE_IN_ANGLE] = { "its weights follow how its inputs go together by a correlation of %s", NULL },
	[GD_FIGURE_IN_DIRECTIONS] = { "its weights follow the main directions of its inputs by a correlation of %s", "the weights may not be those trained on these inputs" },
	[GD_FIGURE_IN_SIGNAL] = { "its weights take up more of its inputs than chance would by %s, on a log scale of standard deviations", NULL },
	[GD_FIGURE_IN_GAIN] = { "its weights take %s times the variance of its inputs that chance would", NULL },
	[GD_FIGURE_IN_OFF] = { "%s %% of its units are held off by bias and mean input", "look at the bias" },
	[GD_FIGURE_TO_SHAPE] = { "its weights and the next layer's fit by a correlation of %s", "one of the two may not have been trained with the other" },
	[GD_FIGURE_TO_SIGNAL] = { "its weights and the next layer's fit by %s, on a log scale of standard deviations from chance", "one of the two may not have been trained with the other" },
	[GD_FIGURE_TO_SIZE] = { "the sizes of its units' weights and of the next layer's fit by a correlation of %s", NULL },
	[GD_FIGURE_TO_AGAINST] = { "%s %% of its units are turned round for the next layer", "look for units whose sign or order changed" },
	[GD_FIGURE_TO_BIAS] = { "its bias and the next layer's weights go together by a correlation of %s", NULL },
	[GD_FIGURE_FROM_SHAPE] = { "its weights and those of the layer before fit by a correlation of %s", "one of the two may not have been trained with the other" },
	[GD_FIGURE_FROM_SIGNAL] = { "its weights and those of the layer before fit by %s, on a log scale of standard deviations from chance", NULL },
	[GD_FIGURE_FROM_BIAS] = { "its weights and the bias of the layer before go together by a correlation of %s", NULL },
	[GD_FIGURE_FROM_NORM] = { "the layer before has %s times the squared weights", NULL },
	[GD_FIGURE_FROM_SIZE] = { "the sizes of its inputs' weights and of the units before fit by a correlation of %s", NULL },
	[GD_FIGURE_STRUCTURE] = { "its weights fit inputs and neighbours by %s, on a log scale of standard deviations from chance", "the weights may be damaged or untrained" },
	[GD_FIGURE_PUSHES_ERROR] = { "raising its units as later layers wish would mend errors by a cosine of %s", NULL },
	[GD_FIGURE_AGAINST] = { "%s %% of its units tell later layers the opposite of the labels", "look for units whose sign or order changed" },
	[GD_FIGURE_AGREES] = { "later layers read its units along the labels, or against them, by a mean cosine of %s", NULL },
	[GD_FIGURE_SPLIT] = { "its units disagree by %s on which way later layers read them", "look for units whose sign changed" },
	[GD_FIGURE_IN_PLACE] = { "its units stand where later layers look for them by %s %%", "look for units whose order changed" },
	[GD_FIGURE_SLOPE] = { "its weights point where the labels pull them by a cosine of %s", NULL },
	[GD_FIGURE_SLOPE_ERROR] = { "its weights point where the errors pull them by a cosine of %s", NULL },
	[GD_FIGURE_REFIT_QUARTER] = { "a quarter of the steps of re-fitting it alone removes %s %% of the loss", NULL },
	[GD_FIGURE_REFIT_END] = { "re-fitting it alone removes %s %% of the loss on the tests it was fitted on", NULL },
	[GD_FIGURE_REFIT_JUDGE] = { "re-fitting it alone removes %s %% of the loss on other tests", "train this layer again" },
	[GD_FIGURE_REFIT_MENDED] = { "re-fitting it alone mends %s %% of the other failing tests", "train this layer again" },
	[GD_FIGURE_REFIT_CHANGE] = { "re-fitting it moves its weights by %s of their size", NULL },
	[GD_FIGURE_REFIT_GRADIENT] = { "the loss pulls at its weights by %s", NULL },
	[GD_FIGURE_REFIT_COSINE] = { "the loss pulls along its weights by %s (1: only their size is wrong)", NULL },
	[GD_FIGURE_REFIT_ORDER] = { "another order of its units removes %s %% of the loss on other tests", "its units may have changed places" },
	[GD_FIGURE_REFIT_ORDER_MENDED] = { "another order of its units mends %s %% of the other failing tests", "its units may have changed places" },
	[GD_FIGURE_REFIT_SCALE] = { "other signs and sizes of its units remove %s %% of the loss on other tests", "its units may have a wrong sign or size" },
	[GD_FIGURE_REFIT_SCALE_MENDED] = { "other signs and sizes of its units mend %s %% of the other failing tests", "its units may have a wrong sign or size" },
	[GD_FIGURE_REFIT_FLIPPED] = { "re-fitting the sizes of its units turns the sign of %s %% of them", NULL },
	[GD_FIGURE_REFIT_LEFT_QUARTER] = { "a quarter of the steps of re-fitting it alone makes the loss %s times smaller", NULL },
	[GD_FIGURE_REFIT_LEFT_JUDGE] = { "re-fitting it alone makes the loss on other tests %s times smaller", "train this layer again" },
	[GD_FIGURE_REFIT_LEFT_BEST] = { "the best way of re-fitting it alone makes the loss on other tests %s times smaller", "train this layer again" },
	[GD_FIGURE_REFIT_ORDER_GAIN] = { "another order of its units removes %s points more of the loss on other tests than other weights", "its units may have changed places" },
	[GD_FIGURE_REFIT_SCALE_GAIN] = { "other signs and sizes of its units remove %s points more of the loss on other tests than other weights", "its units may have a wrong sign or size" },
	[GD_FIGURE_REFIT_BEST] = { "the best way of re-fitting it alone removes %s %% of the loss on other tests", "train this layer again" },
	[GD_FIGURE_REFIT_SWAP] = { "another function in place of its own removes %s %% of the loss on other tests", "look at its activation or kind of pooling" },
	[GD_FIGURE_REFIT_SWAP_MENDED] = { "another function in place of its own mends %s %% of the other failing tests", "look at its activation or kind of pooling" },
	[GD_FIGURE_REFIT_SWAP_FIT] = { "another function and a short re-fit remove %s %% of the loss on other tests", "look at its activation or kind of pooling" },
	[GD_FIGURE_REFIT_SWAP_FIT_MENDED] = { "another function and a short re-fit mend %s %% of the other failing tests", "look at its activation or kind of pooling" },
	[GD_FIGURE_REFIT_SWAP_GAIN] = { "with another function a short re-fit removes %s points more of the loss on other tests", "look at its activation or kind of pooling" },
};

static void put_figure(gd_text *text, gd_figure_id figure, double value)
{
	double seen = gd_figure_seen(figure, value);
	if (figure == GD_FIGURE_HAS_KERNEL || figure == GD_FIGURE_LAST)
		gd_text_put(text, figure == GD_FIGURE_LAST ? (value > 0 ? "true" : "false") : value > 0 ? "a" : "no");
	else
		gd_text_printf(text, "%.3g", seen);
}

static void put_comparison(gd_text *text, const gd_fusion_part *part)
{
	const char *with = part->column->base == GD_OVER_BEFORE ? "the layer before it" : part->column->base == GD_OVER_AFTER
		? "the layer after it" : "usual in this model";
	if (isnan(part->other))
		return;
	gd_text_printf(text, " (%s: ", with);
	put_figure(text, part->column->figure, part->other);
	gd_text_put(text, ")");
}

const char *gd_fused_sentence(const gd_fusion_part *part, gd_arena *arena)
{
	gd_text text = { 0 };
	const char *sentence = words[part->column->figure].sentence, *at = strstr(sentence, "%s");
	if (isnan(part->seen)) {
		gd_text_put(&text, "a sign that other layers have does not apply to this one");
	} else {
		for (const char *c = sentence; *c; c++) {
			if (c == at) {
				put_figure(&text, part->column->figure, part->seen);
				c++;
			} else if (*c == '%' && c[1] == '%') {
				gd_text_add(&text, "%", 1);
				c++;
			} else {
				gd_text_add(&text, c, 1);
			}
		}
		put_comparison(&text, part);
	}
	const char *out = text.failed ? NULL : gd_arena_text(arena, text.bytes, text.length);
	gd_text_free(&text);
	return out;
}

const char *gd_fused_mend(gd_figure_id figure)
{
	return words[figure].mend;
}

static const char *const outside_words[GD_OUTSIDES] = {
	[GD_OUTSIDE_INPUT_SIZE] = "the inputs have a root mean square of %.3g: look at how they are scaled",
	[GD_OUTSIDE_INPUT_KNOWS] = "a linear probe of the inputs explains %.0f %% of the labels: look at the labels",
	[GD_OUTSIDE_OUTPUT_KNOWS] = "a linear probe of the outputs explains %.0f %% of the labels: look at how the labels are coded",
	[GD_OUTSIDE_BEST_KNOWS] = "the best layer explains %.0f %% of the labels to a linear probe: look at inputs and labels",
	[GD_OUTSIDE_FIT] = "the output explains %.0f %% of the labels: look at how inputs and labels are scaled and coded",
	[GD_OUTSIDE_ACCURACY] = "%.0f %% of the tests pass, with no layer to blame: look at inputs and labels",
	[GD_OUTSIDE_OVER_CHANCE] = "the model is %.0f points above always naming the most frequent label: look at inputs and labels",
	[GD_OUTSIDE_SURE_FAILED] = "the model is %.0f %% sure where it fails: look at inputs and labels",
	[GD_OUTSIDE_SURE] = "the model is %.0f %% sure on average: look at the training",
	[GD_OUTSIDE_RECODED] = "%.0f %% more tests would pass if classes were renamed: look at the order of the classes",
	[GD_OUTSIDE_MOVED] = "the biases moved by at most %.3g of what an initializer draws: look at learning rate and epochs",
	[GD_OUTSIDE_FRESH] = "%.0f %% of the kernels are as an initializer draws them: was the model trained?",
	[GD_OUTSIDE_MISSING] = "the tests lack %.0f %% of the classes that the model can name",
	[GD_OUTSIDE_CLASSES] = "the tests name %.0f classes: look at the labels",
	[GD_OUTSIDE_SHIFT] = "the mean output lies %.3g off the mean label: look at how the labels are scaled",
	[GD_OUTSIDE_SPREAD] = "the outputs spread %.3g times as far as the labels: look at how inputs and labels are scaled",
	[GD_OUTSIDE_SATURATION] = "up to %.0f %% of a layer's units are the same on all tests: look at how the inputs are scaled",
	[GD_OUTSIDE_FIRST_GAIN] = "the first layer makes %.3g of its inputs' size: look at how the inputs are scaled",
};

const char *gd_fused_outside_sentence(gd_outside_id figure, double value, gd_arena *arena)
{
	char text[256];
	static const gd_outside_id logs[] = { GD_OUTSIDE_INPUT_SIZE, GD_OUTSIDE_MOVED, GD_OUTSIDE_CLASSES, GD_OUTSIDE_SHIFT,
		GD_OUTSIDE_SPREAD, GD_OUTSIDE_FIRST_GAIN };
	double seen = 100 * value;
	for (size_t k = 0; k < sizeof logs / sizeof logs[0]; k++)
		seen = logs[k] == figure ? exp(value) : seen;
	gd_text line = { 0 };
	const char *from = outside_words[figure], *at = strchr(from, '%'), *end = at + 1;
	while (*end != 'f' && *end != 'g')
		end++;
	snprintf(text, sizeof text, *end == 'f' ? "%.0f" : "%.3g", seen);
	gd_text_add(&line, from, (size_t)(at - from));
	gd_text_put(&line, text);
	for (const char *c = end + 1; *c; c++) {
		gd_text_add(&line, c, 1);
		c += c[0] == '%' && c[1] == '%';
	}
	const char *out = line.failed ? NULL : gd_arena_text(arena, line.bytes, line.length);
	gd_text_free(&line);
	return out;
}
