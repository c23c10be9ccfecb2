#include "command.h"
#include <string.h>

static const command_example rank_examples[] = {
	{ "dlguider rank model.keras --inputs x.npy --labels y.npy", "rank the layers, show the ten most suspicious" },
	{ "dlguider rank model.keras -i x.npy -l y.npy --program train.py", "say which line of the program made each layer" },
	{ "dlguider rank model.onnx -i x.npy -l y.npy --json -o ranking.json", "everything, for programs" },
	{ "dlguider rank model.keras -i x.npy -l y.npy --save-spectrum run.spectrum", "keep what the tests showed" },
	{ "dlguider rank model.keras --spectrum run.spectrum --method guider --formula tarantula", "rank again in another way, without running the model" },
	{ "dlguider rank model.keras -i x.npy -l y.npy --fail-on 0.95", "in CI: exit with 1 when a layer's score is above 0.95" },
	{ 0 },
};
static const command_example explain_examples[] = {
	{ "dlguider explain model.keras dense_2 -i x.npy -l y.npy", "evidence, neurons and tests of one layer" },
	{ "dlguider explain dense_2 --spectrum run.spectrum --method guider", "the same from a saved spectrum" },
	{ 0 },
};
static const command_example mend_examples[] = {
	{ "dlguider mend model.keras --layer dense_2 -i x.npy -l y.npy -o fixed.onnx", "the model with that layer re-fitted" },
	{ 0 },
};
static const command_example doctor_examples[] = { { "dlguider doctor", "what dlguider finds on this machine" }, { 0 } };
static const command_example demo_examples[] = { { "dlguider demo", "into the folder dlguider-demo" }, { 0 } };
static const command_example inspect_examples[] = {
	{ "dlguider inspect model.keras", "layers, shapes, parameters, and which layers the ranking puts together" },
	{ "dlguider inspect model.onnx --json", "the same for programs" },
	{ 0 },
};
static const command_example activations_examples[] = {
	{ "dlguider activations model.keras --inputs x.npy -o acts", "write every layer's output as a .npy file" },
	{ "dlguider activations model.keras -i x.npy -o dense --layers 'dense*'", "only some layers" },
	{ "dlguider activations model.keras -i x.npy -l y.npy -o neurons --neurons", "the neuron values that the spectrum sees, verdicts and confidences" },
	{ 0 },
};
static const command_example formulas_examples[] = {
	{ "dlguider formulas", "names, mathematics and origin of all formulas" },
	{ "dlguider formulas --markdown", "the same as a table for docs" },
	{ 0 },
};
static const command_example formats_examples[] = {
	{ "dlguider formats", "files that are read, and the layer classes of Keras" },
	{ "dlguider formats --markdown", "the classes as a table for docs" },
	{ 0 },
};
static const command_example version_examples[] = { { "dlguider version", "version of dlguider and of the engine it would use" }, { 0 } };
static const command_example help_examples[] = {
	{ "dlguider help rank", "examples and options of a command" },
	{ "dlguider help --man > dlguider.1", "the man page" },
	{ 0 },
};
static const command_example completion_examples[] = {
	{ "dlguider completion bash > ~/.local/share/bash-completion/completions/dlguider", "for bash" },
	{ "dlguider completion zsh > ~/.zfunc/_dlguider", "for zsh, with ~/.zfunc in fpath" },
	{ "dlguider completion fish > ~/.config/fish/completions/dlguider.fish", "for fish" },
	{ 0 },
};

const command_row commands[] = {
	{ "rank", "MODEL", NULL, 0, 1, "rank the layers of a trained model by suspicion",
		"Runs the model on labelled tests, sees which tests fail and which neurons are active in them, and ranks the layers by how "
		"suspicious that makes them. MODEL is a .keras, .h5 or .onnx file; nothing in it is ever executed but its own arithmetic.",
		rank_examples, rank_options, OPTIONS_ALL, rank_run },
	{ "explain", "MODEL LAYER", NULL, 1, 2, "say in full why a layer is suspicious",
		"LAYER is the name of a layer of the model, an entry of the ranking or one of its members. The options are those of rank.",
		explain_examples, explain_options, OPTIONS_ALL, explain_run },
	{ "mend", "MODEL", NULL, 1, 1, "write the model with one layer re-fitted",
		"Re-fits the layer on two thirds of the tests and says what that does to the others. It is a diagnosis aid, not a repair: "
		"the mended model was fitted on tests.",
		mend_examples, mend_options, OPTIONS_PASS, mend_run },
	{ "inspect", "MODEL", NULL, 1, 1, "show a model's layers and how the ranking groups them",
		"Needs no engine and no tests. Layers that compute are entries of the ranking and numbered; activations, normalisations, "
		"dropout and the like belong to the entry before them and are indented.",
		inspect_examples, inspect_options, OPTIONS_NONE, inspect_run },
	{ "activations", "MODEL", NULL, 1, 1, "write what the layers compute for the tests as .npy files",
		"Files are numbered in model order; index.json says which layer each one belongs to. The folder is complete or absent.",
		activations_examples, activations_options, OPTIONS_PASS, activations_run },
	{ "formulas", "", NULL, 0, 0, "list the suspiciousness formulas", NULL, formulas_examples, formulas_options, OPTIONS_NONE, formulas_run },
	{ "formats", "", NULL, 0, 0, "list the files and layer classes that are read", NULL, formats_examples, formats_options, OPTIONS_NONE, formats_run },
	{ "demo", "[FOLDER]", NULL, 0, 1, "write the packed example to a folder and rank it", NULL, demo_examples, demo_options, OPTIONS_NONE, demo_run },
	{ "doctor", "", NULL, 0, 0, "check the engine and the machine", NULL, doctor_examples, doctor_options, OPTIONS_NONE, doctor_run },
	{ "version", "", NULL, 0, 0, "show the version, and the engine", NULL, version_examples, version_options, OPTIONS_NONE, version_run },
	{ "help", "[COMMAND]", NULL, 0, 1, "show help for a command", NULL, help_examples, help_options, OPTIONS_NONE, help_run },
	{ "completion", "SHELL", "bash zsh fish", 1, 1, "print the completion script of a shell", NULL, completion_examples, completion_options,
		OPTIONS_NONE, completion_run },
	{ 0 },
};

const command_row *command_find(const char *name)
{
	for (const command_row *row = commands; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

void command_options(const command_row *command, option_table *out)
{
	options_gather(command->options, command->library, out);
}
