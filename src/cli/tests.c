#include "tests.h"
#include "command.h"
#include "terminal.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const option_row tests_options[] = {
	{ 'i', "inputs", OPTION_FILE, "FILE", .repeats = true, .group = "Tests",
		.help = "inputs of the tests, one row a test: .npy, .npz, .csv, HDF5, IDX, or a folder of images in subfolders by class; NAME=FILE, once for each, when the model has several" },
	{ 'l', "labels", OPTION_FILE, "FILE", .repeats = true,
		.help = "labels: class numbers, one-hot, several labels, words, or numbers to be met; NAME=FILE says for which output" },
	{ .name = "classes", OPTION_TEXT, "A,B,...", .help = "names of the classes in the order of the model's outputs; words are numbered in the order of their names without it" },
	{ .name = "image-size", OPTION_TEXT, "HxW", .help = "a folder of images: bring them to that size; the model's unless given" },
	{ .name = "scale", OPTION_TEXT, "FACTOR", .help = "multiply the inputs by it first: 1/255 where the program did so outside the model" },
	{ .name = "normalize", OPTION_TEXT, "MEAN,STD",
		.help = "then subtract the mean and divide by the deviation; or a mean for each channel and then a deviation for each" },
	{ .name = "layout", OPTION_CHOICE, "NAME", "auto", .choices = { .words = "auto nchw nhwc" },
		.help = "how the files order images, channels first or last; brought to the model's order" },
	{ .name = "output", OPTION_TEXT, "NAME", .help = "the output of the model that the labels are for, when it has several" },
	{ 0 },
};

/* The images of a folder have their labels with them. */
static bool is_folder(const char *path)
{
	struct stat about;
	const char *equals = strchr(path, '=');
	if (stat(path, &about) != 0 && (!equals || stat(equals + 1, &about) != 0))
		return false;
	return S_ISDIR(about.st_mode);
}

/* "ids=a.npy" into name and path; a file that has such a name as a whole is a path. false: the name is too long. */
static bool split_name(const char *value, char name[256], const char **path)
{
	const char *equals = strchr(value, '=');
	*path = value;
	name[0] = 0;
	if (!equals || equals == value || !equals[1] || access(value, F_OK) == 0)
		return true;
	if (equals - value >= 256)
		return false;
	memcpy(name, value, (size_t)(equals - value));
	name[equals - value] = 0;
	*path = equals + 1;
	return true;
}

static int choose_inputs(const parsed_options *options, const char *command, tests_choice *out)
{
	const char *value, *path;
	size_t count = 0;
	for (; option_given(options, "inputs") && (value = option_each(options, "inputs", count)); count++) {
		if (count == TESTS_INPUTS || !split_name(value, out->names[count], &path))
			return complain(CODE_USAGE, "%s: --inputs: at most %d inputs with names of at most 255 bytes", command, TESTS_INPUTS);
		out->inputs[count] = (dlg_input){ .name = out->names[count][0] ? out->names[count] : NULL, .path = path };
		out->files[count] = path;
	}
	bool named = count > 1 || (count == 1 && out->names[0][0]);
	for (size_t i = 0; count > 1 && i < count; i++)
		if (!out->names[i][0])
			return complain(CODE_USAGE, "%s: with several --inputs each says whose it is: --inputs NAME=%s", command, out->inputs[i].path);
	if (count == 1 && !named)
		out->source.inputs_path = out->inputs[0].path;
	out->source.named = named ? out->inputs : NULL;
	out->source.named_count = named ? count : 0;
	return CODE_DONE;
}

/* Labels by output: those of the output that was asked for; a single name asks for it. */
static int choose_labels(const parsed_options *options, const char *command, tests_choice *out)
{
	const char *asked = option_text(options, "output"), *value, *path;
	size_t count = 0;
	char name[256];
	for (; option_given(options, "labels") && (value = option_each(options, "labels", count)); count++) {
		if (!split_name(value, name, &path))
			return complain(CODE_USAGE, "%s: --labels: the name of the output is too long", command);
		if (name[0] && asked && strcmp(name, asked) != 0)
			continue;
		if (out->source.labels_path && !name[0])
			return complain(CODE_USAGE, "%s: labels are given twice: %s and %s", command, out->source.labels_path, path);
		if (out->source.labels_path)
			return complain(CODE_USAGE, "%s: labels are given for several outputs; say which one to look at: --output %s", command, name);
		out->source.labels_path = path;
		memcpy(out->output_name, name, sizeof name);
	}
	if (count && !out->source.labels_path)
		return complain(CODE_USAGE, "%s: no labels are given for the output %s; add --labels %s=FILE", command, asked, asked);
	out->output = asked ? asked : out->output_name[0] ? out->output_name : NULL;
	return CODE_DONE;
}

int tests_choose(const parsed_options *options, const char *command, bool needs_labels, tests_choice *out)
{
	*out = (tests_choice){ .source.size = sizeof out->source };
	out->source.classes = option_text(options, "classes");
	out->source.image_size = option_text(options, "image-size");
	out->source.scale = option_text(options, "scale");
	out->source.normalize = option_text(options, "normalize");
	out->source.layout = option_text(options, "layout");
	if (!option_given(options, "inputs") || (needs_labels && !option_given(options, "labels") && !is_folder(option_text(options, "inputs"))))
		return complain(CODE_USAGE, "%s: tests are needed: --inputs x.npy%s", command, needs_labels ? " --labels y.npy" : "");
	int code = choose_inputs(options, command, out);
	if (code == CODE_DONE)
		code = choose_labels(options, command, out);
	size_t at = 0;
	while (out->files[at])
		at++;
	out->files[at] = out->source.labels_path;
	return code;
}

dlg_status tests_open(const tests_choice *choice, const char *model_path, dlg_model **model, dlg_tests **tests, dlg_error *err)
{
	dlg_status status = dlg_model_open(model_path, model, err);
	if (status == DLG_OK && choice->output) {
		status = dlg_model_choose_output(*model, choice->output, err);
		const size_t length = strlen(err->message);
		if (status != DLG_OK && strpbrk(choice->output, "./")) /* other tools call the file so */
			snprintf(err->message + length, sizeof err->message - length, "; to write to a file say -o FILE");
	}
	return status == DLG_OK ? dlg_tests_open(&choice->source, tests, err) : status;
}
