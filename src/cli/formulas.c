#include "command.h"
#include "terminal.h"
#include <string.h>

const option_row formulas_options[] = {
	{ .name = "markdown", OPTION_FLAG, .group = "Form", .help = "as a Markdown table" },
	{ 0 },
};

static void put_cell(const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			putchar('\\');
		putchar(*text);
	}
}

static void put_markdown(void)
{
	dlg_choice row = { .size = sizeof row };
	puts("| name | score | origin | about |\n| --- | --- | --- | --- |");
	for (size_t i = 0; dlg_list_get(DLG_FORMULAS, i, &row); i++) {
		printf("| `%s` | `", row.name);
		put_cell(row.text);
		fputs("` | ", stdout);
		put_cell(row.origin);
		fputs(" | ", stdout);
		put_cell(row.about);
		puts(" |");
	}
}

int formulas_run(const parsed_options *options)
{
	dlg_choice row = { .size = sizeof row };
	if (option_flag(options, "markdown")) {
		put_markdown();
		return CODE_DONE;
	}
	puts("ef, ep: weight of the failed, passed tests in which a neuron is active; nf, np: in which it is not.\n");
	for (size_t i = 0; dlg_list_get(DLG_FORMULAS, i, &row); i++)
		printf("%-18s %s\n%-18s %s; %s\n", row.name, row.text, "", row.about, row.origin);
	return CODE_DONE;
}
