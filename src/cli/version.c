#include "command.h"
#include "terminal.h"

const option_row version_options[] = { { 0 } };

int version_run(const parsed_options *options)
{
	(void)options;
	dlg_engine engine = { .size = sizeof engine };
	dlg_error err = { 0 };
	char path[1100];
	printf("dlguider %s\n", dlg_version());
	if (dlg_engine_info(&engine, &err) != DLG_OK) {
		puts("engine: none found; inspect, formulas and ranking again from a spectrum work without one");
		return CODE_DONE;
	}
	dlg_escape(engine.path, 0, path, sizeof path);
	printf("engine: %s %s (%s)\n", engine.name, engine.version, path);
	return CODE_DONE;
}
