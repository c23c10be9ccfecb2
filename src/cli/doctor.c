/* doctor: what dlguider finds on this machine, for people who ask why it does not run. */
#include "command.h"
#include "supervisor.h"
#include "terminal.h"
#include <stdlib.h>
#include <unistd.h>

const option_row doctor_options[] = { { 0 } };

static void put_variable(const char *name)
{
	char safe[400];
	const char *value = getenv(name);
	dlg_escape(value ? value : "not set", 100, safe, sizeof safe);
	printf("variable    %s: %s\n", name, safe);
}

int doctor_run(const parsed_options *options)
{
	dlg_engine engine = { .size = sizeof engine };
	dlg_error err = { 0 };
	char safe[3000];
	dlg_status status = dlg_engine_info(&engine, &err);
	dlg_page page = terminal_page(options, NULL);
	dlg_escape(status == DLG_OK ? engine.path : err.message, 0, safe, sizeof safe);
	printf("dlguider    %s\n", dlg_version());
	if (status == DLG_OK)
		printf("engine      %s %s, %s\n", engine.name, engine.version, safe);
	else
		printf("engine      none: %s\n", safe);
	printf("processors  %ld\n", sysconf(_SC_NPROCESSORS_ONLN));
	printf("memory      %llu MiB at most for a run, unless --max-memory says otherwise\n", (unsigned long long)(supervisor_default_memory() >> 20));
	printf("page        %d columns, %s, %s\n", page.width, page.color ? "colours" : "no colours", page.utf8 ? "UTF-8" : "ASCII");
	put_variable("DLGUIDER_ONNXRUNTIME");
	puts(status == DLG_OK ? "all is well" : "inspect, formulas and ranking again from a spectrum work; running tests does not");
	return status == DLG_OK ? CODE_DONE : (int)status;
}
