/* demo: writes the packed example (a faulty digit classifier, its tests and its program) to a folder and ranks it. */
#include "command.h"
#include "terminal.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const option_row demo_options[] = { { 0 } };

enum { PATH_SIZE = 4096 };
static const char *const example_files[] = { "model.keras", "x.npy", "y.npy", "train.py" };

/* The example lies at a fixed place from the command, in the installed tree or in the source tree. */
static bool find_example(char *folder, size_t size)
{
	static const char *const places[] = { "../share/dlguider/examples/digits", "../../examples/digits" };
	char self[PATH_SIZE];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	if (length <= 0)
		return false;
	self[length] = 0;
	char *slash = strrchr(self, '/');
	if (!slash)
		return false;
	*slash = 0;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		char model[PATH_SIZE + 40];
		int written = snprintf(folder, size, "%s/%s", self, places[i]);
		if (written < 0 || (size_t)written >= size)
			continue;
		snprintf(model, sizeof model, "%s/%s", folder, example_files[0]);
		if (access(model, R_OK) == 0)
			return true;
	}
	return false;
}

static bool copy_stream(FILE *from, FILE *to)
{
	char bytes[65536];
	size_t got;
	while ((got = fread(bytes, 1, sizeof bytes, from)) > 0)
		if (fwrite(bytes, 1, got, to) != got)
			return false;
	return !ferror(from);
}

static int copy_file(const char *from_folder, const char *to_folder, const char *name)
{
	char from_path[PATH_SIZE + 40], to_path[PATH_SIZE + 40];
	snprintf(from_path, sizeof from_path, "%s/%s", from_folder, name);
	snprintf(to_path, sizeof to_path, "%s/%s", to_folder, name);
	FILE *from = fopen(from_path, "rb"), *to = from ? fopen(to_path, "wbx") : NULL;
	bool fine = to && copy_stream(from, to);
	int cause = errno;
	if (to && fclose(to) != 0) {
		fine = false;
		cause = errno;
	}
	if (from)
		fclose(from);
	return fine ? CODE_DONE : complain(CODE_INTERNAL, "%s: cannot write: %s", to_path, strerror(cause));
}

static int rank_example(const char *folder)
{
	char model[PATH_SIZE + 40], inputs[PATH_SIZE + 40], labels[PATH_SIZE + 40], program[PATH_SIZE + 40], message[1000];
	snprintf(model, sizeof model, "%s/model.keras", folder);
	snprintf(inputs, sizeof inputs, "%s/x.npy", folder);
	snprintf(labels, sizeof labels, "%s/y.npy", folder);
	snprintf(program, sizeof program, "%s/train.py", folder);
	char *words[] = { model, (char[]){ "--inputs" }, inputs, (char[]){ "--labels" }, labels, (char[]){ "--program" }, program };
	const command_row *rank = command_find("rank");
	option_table table;
	parsed_options options;
	command_options(rank, &table);
	fprintf(stderr, "+ dlguider rank %s --inputs %s --labels %s --program %s\n", model, inputs, labels, program);
	if (!options_parse(&table, sizeof words / sizeof *words, words, &options, message, sizeof message))
		return complain(CODE_INTERNAL, "%s", message);
	return rank->run(&options);
}

int demo_run(const parsed_options *options)
{
	const char *folder = options->operand_count ? options->operands[0] : "dlguider-demo";
	char example[PATH_SIZE], safe[200];
	dlg_escape(folder, 0, safe, sizeof safe);
	if (strlen(folder) > 2000 || strcmp(safe, folder) != 0)
		return complain(CODE_USAGE, "demo: choose a plain and shorter name for the folder than \"%s\"", safe);
	if (!find_example(example, sizeof example))
		return complain(CODE_INTERNAL, "the example is not where it was installed; reinstall dlguider, or see examples/ of its source");
	if (mkdir(folder, 0777) != 0)
		return complain(CODE_USAGE, "demo: cannot make the folder %s: %s; choose another: dlguider demo FOLDER", folder, strerror(errno));
	for (size_t i = 0; i < sizeof example_files / sizeof *example_files; i++) {
		int code = copy_file(example, folder, example_files[i]);
		if (code)
			return code;
	}
	return rank_example(folder);
}
