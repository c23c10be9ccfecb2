#include "report/rules.h"
#include <string.h>

static const gd_rule rules[] = {
	{ "output.softmax-one-unit", "Softmax over a single output unit", "Softmax makes the outputs of a layer sum to 1, so a single unit is 1 whatever "
		"enters it, and no gradient passes. Use sigmoid for two classes, or one unit for every class.", true },
	{ "output.binary-activation", "The output activation does not suit two classes", "One unit for two classes needs sigmoid (or no activation and a "
		"loss with from_logits=True); two units need softmax.", true },
	{ "output.class-activation", "The output activation does not suit classes of which one is right", "Softmax gives probabilities that sum to 1, "
		"which the usual losses expect. Use softmax, or no activation and a loss with from_logits=True.", true },
	{ "output.label-activation", "The output activation does not suit several labels at once", "Labels that may be right together are decided one by "
		"one: use sigmoid and binary cross-entropy.", true },
	{ "output.too-few-units", "Fewer output units than classes", "A class without a unit can never be predicted. Give the last layer one unit for every class.", true },
	{ "output.softmax-regression", "Softmax although the labels are numbers", "Softmax confines the outputs to 0..1 and makes them sum to 1. Use no activation.", true },
	{ "output.range", "Labels that the output activation cannot reach", "The labels lie outside the values that the last activation can give. Use no "
		"activation, or scale the labels into its range.", true },
	{ "output.loss", "The loss does not suit the labels", "Cross-entropy is for classes, squared or absolute error for numbers; its binary form is for "
		"two classes or for labels decided one by one.", true },
	{ "output.", "How outputs and labels fit each other", "The activation, number of units and range of the output are compared with the labels.", false },
	{ "settings.softmax-inside", "Softmax inside the model", "Softmax makes the units of a layer compete and squeezes them to a sum of 1, so that little "
		"information and little gradient pass. Inside a model relu is usual.", true },
	{ "settings.exponential", "An exponential activation inside the model", "Its values grow without bound, and so do the gradients. Use relu.", true },
	{ "settings.sigmoid-inside", "A sigmoid inside the model", "Sigmoid is flat for all but small inputs, so layers before it learn slowly. Use relu.", true },
	{ "settings.no-activation", "No activation between two layers", "Without an activation two layers one after the other are a single linear map. Give "
		"the first one an activation such as relu.", true },
	{ "settings.recurrent-activation", "An unusual activation of a recurrent layer", "A recurrent layer feeds its output back to itself; tanh keeps it bounded.", true },
	{ "settings.gates", "Gates that do not stay between 0 and 1", "The gates of LSTM and GRU weigh what is kept; they need sigmoid.", true },
	{ "settings.dropout", "Dropout takes away most units", "More than half of the units are missing in every training step, so that the layer behind learns "
		"from noise. Rates of 0.2 to 0.5 are usual.", true },
	{ "settings.stride", "A stride that skips most places", "With a stride above 2 most places of the input are never looked at. Use 1 or 2.", true },
	{ "settings.pool", "Pooling over a wide window", "Pooling joins more than 3 places along an axis and forgets where things were. Use 2.", true },
	{ "settings.frozen", "A frozen layer among trainable ones", "The layer keeps the weights it began with. Set trainable=True unless they were trained before.", true },
	{ "settings.width", "A very narrow layer", "The layer has so few units that what the layers before it found cannot pass. Give it more units.", true },
	{ "settings.initializer", "An initializer from which a layer hardly learns", "All weights equal, or far too large or small: units stay alike or saturate. Use the default.", true },
	{ "settings.regularizer", "A strong regularizer", "The penalty on the weights outweighs the loss and pulls the layer to zero. Use 1e-4 or none.", true },
	{ "settings.constraint", "A constraint holds the weights down", "The constraint keeps the weights smaller than training would make them.", true },
	{ "settings.normalization", "A normalisation that does not normalise", "Momentum 1 never takes up the statistics of the data; an epsilon over 1 drowns them. Use the defaults.", true },
	{ "settings.", "How usual the settings of the layer are", "Activation, units, strides, dropout, initializer and the like, as the model file has them.", false },
	{ "activation.", "What the layer's values look like on the tests", "Dead, constant or saturated units, the size of the values against what enters the "
		"layer, and how many independent directions they have.", false },
	{ "information.", "How much of the labels can be read from the layer", "A linear probe is fitted on the units of each layer; where it knows less than "
		"before, the layer has lost something.", false },
	{ "normalization.", "Normalisation statistics against the values on the tests", "A batch normalisation keeps mean and variance from training. Where the "
		"tests differ from them, this layer or one before it has changed, or the tests have.", false },
	{ "kernel.", "The shape of the layer's weights", "Weights are compared with what an initializer draws and with the model's other layers: their spread, "
		"tails, zeros, and how much their units differ.", false },
	{ "bias.", "The layer's bias against its weights", "A bias that moved in training next to weights that look untouched, or the other way round, is a sign "
		"that one of them was lost or overwritten.", false },
	{ "input.", "How the weights fit what enters the layer", "Trained weights follow the directions in which their inputs vary; weights of another model, "
		"shuffled or damaged ones do not.", false },
	{ "next.", "How the layer's units fit the next layer's weights", "Layers that were trained together expect each other's units. Where they do not fit, one of the two was changed.", false },
	{ "previous.", "How the weights fit the layer before", "Layers that were trained together expect each other's units. Where they do not fit, one of the two was changed.", false },
	{ "downstream.", "What later layers make of the layer's units", "Later layers read units with a sign and in an order. Units that say the opposite of "
		"what later layers take them for point to a swap or a changed sign.", false },
	{ "refit.", "What re-fitting this layer alone mends", "The weights of one layer are fitted again on some of the tests, and the others show what that "
		"mends. A layer that merely suffers from another's fault cannot undo it.", false },
	{ "role.", "What is known of the model as a whole", "How many tests fail, and whether the layer is the last one.", false },
	{ "spectrum", "Neurons that are active when tests fail", "Neurons that are active in failing tests and quiet in passing ones are suspicious.", false },
	{ "start", "Before any evidence", "Most layers of most models are sound, so every layer starts as unlikely.", false },
	{ "outside", "The cause seems to lie outside the layers", "The layers look sound; the tests' scale, their labels, or the training are more likely.", false },
	{ "", "A suspicious layer", "The layer stands out from the others.", false },
};

const gd_rule *gd_rule_of(const char *id)
{
	const gd_rule *row = rules;
	for (;; row++) {
		size_t length = strlen(row->id);
		bool begins = length == 0 || row->id[length - 1] == '.';
		if (begins ? strncmp(id, row->id, length) == 0 : strcmp(id, row->id) == 0)
			return row;
	}
}
