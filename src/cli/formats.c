#include "command.h"
#include "terminal.h"
#include <string.h>

const option_row formats_options[] = {
	{ .name = "markdown", OPTION_FLAG, .group = "Form", .help = "the layer classes as a Markdown table" },
	{ 0 },
};

static void put_markdown(void)
{
	dlg_choice row = { .size = sizeof row };
	puts("| class | in a model | earlier names | limits, reason |\n| --- | --- | --- | --- |");
	for (size_t i = 0; dlg_list_get(DLG_KERAS_CLASSES, i, &row); i++)
		printf("| `%s` | %s | %s | %s |\n", row.name, row.text, row.origin, row.about);
}

/* All classes of one status, in lines of 80 columns; those with a reason one to a line. */
static void put_classes(const char *title, const char *status, bool reasons)
{
	dlg_choice row = { .size = sizeof row };
	size_t column = 0;
	puts(title);
	for (size_t i = 0; dlg_list_get(DLG_KERAS_CLASSES, i, &row); i++) {
		if (strcmp(row.text, status) != 0)
			continue;
		if (reasons) {
			printf("  %s: %s\n", row.name, row.about);
			continue;
		}
		size_t length = strlen(row.name);
		bool fits = column > 0 && column + 1 + length <= 80;
		printf("%s%s", fits ? " " : column ? "\n  " : "  ", row.name);
		column = fits ? column + 1 + length : 2 + length;
	}
	puts(reasons ? "" : "\n");
}

int formats_run(const parsed_options *options)
{
	if (option_flag(options, "markdown")) {
		put_markdown();
		return CODE_DONE;
	}
	puts("Models: .keras, whole models in .h5 (Keras 1, 2, 3), .onnx (opset 7 and newer).\n"
		 "Tests: .npy, .npz, HDF5, IDX, CSV; `dlguider help rank` says how.\n");
	put_classes("Layers of Keras that are computed:", "computed", false);
	put_classes("Layers that change nothing in a trained model:", "no effect", false);
	put_classes("Layers that are refused, and why (an ONNX export may help):", "refused", true);
	return CODE_DONE;
}
