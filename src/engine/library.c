#define _GNU_SOURCE /* dladdr, sched_getaffinity */
#include "engine/library.h"
#include <dlfcn.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SONAME "libonnxruntime.so.1"

static const char ADVICE[] = "install the package libonnxruntime1.21 or newer, or set DLGUIDER_ONNXRUNTIME to the full path of a "
							 SONAME;

/* Function and data pointers are of one size where dlsym exists; ISO C only lacks the words for it. */
static void (*find_symbol(void *handle, const char *name))(void)
{
	void *symbol = dlsym(handle, name);
	void (*function)(void) = NULL;
	memcpy(&function, &symbol, sizeof function);
	return function;
}

static bool name_of_function(void (*function)(void), char *path, size_t size)
{
	void *address;
	memcpy(&address, &function, sizeof address);
	Dl_info place;
	if (!dladdr(address, &place) || !place.dli_fname)
		return false;
	int length = snprintf(path, size, "%s", place.dli_fname);
	return length > 0 && (size_t)length < size;
}

static gd_status open_api(void *handle, const char *path, const ort_api **api, gd_engine_info *info, gd_error *err)
{
	ort_get_base get_base = (ort_get_base)find_symbol(handle, "OrtGetApiBase");
	const ort_base *base = get_base ? get_base() : NULL;
	if (!base)
		return gd_fail(err, GD_E_INTERNAL, "%s is no ONNX Runtime library (it lacks OrtGetApiBase); %s", path, ADVICE);
	*info = (gd_engine_info){ 0 };
	snprintf(info->version, sizeof info->version, "%s", base->GetVersionString());
	if (!name_of_function((void (*)(void))get_base, info->path, sizeof info->path))
		snprintf(info->path, sizeof info->path, "%.*s", (int)sizeof info->path - 1, path);
	*api = base->GetApi(ORT_ABI_VERSION);
	if (!*api)
		return gd_fail(err, GD_E_INTERNAL, "%s is ONNX Runtime %s, which is too old: 1.%d or newer is needed; %s", info->path,
			info->version, ORT_ABI_VERSION, ADVICE);
	return GD_OK;
}

static gd_status try_path(const char *path, const ort_api **api, gd_engine_info *info, gd_error *err)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!handle) {
		const char *why = dlerror();
		return gd_fail(err, GD_E_INTERNAL, "cannot open the engine %s (%s); %s", path, why ? why : "unknown reason", ADVICE);
	}
	gd_status status = open_api(handle, path, api, info, err);
	dlclose(handle); /* RTLD_NODELETE: gives back the handle, not the library */
	return status;
}

/* Writes the path of an existing file FOLDER/below into path. */
static bool exists_below(const char *folder, size_t length, const char *below, char *path, size_t size)
{
	int written = snprintf(path, size, "%.*s/%s/%s", (int)length, folder, below, SONAME);
	return written > 0 && (size_t)written < size && access(path, R_OK) == 0;
}

static bool find_beside(char *path, size_t size)
{
	static const char *const places[] = { "dlguider", "../lib/dlguider", "engine", "../engine" /* of a build tree */ };
	char self[512];
	if (!name_of_function((void (*)(void))gd_library_open, self, sizeof self))
		return false;
	const char *slash = strrchr(self, '/');
	for (size_t i = 0; slash && i < sizeof places / sizeof *places; i++)
		if (exists_below(self, (size_t)(slash - self), places[i], path, size))
			return true;
	return false;
}

gd_status gd_library_open(const ort_api **api, gd_engine_info *info, gd_error *err)
{
	const char *silence = getenv("ORT_DISABLE_TELEMETRY"); /* set once only: other threads may be reading the environment */
	if ((!silence || strcmp(silence, "1") != 0) && setenv("ORT_DISABLE_TELEMETRY", "1", 1) != 0)
		return gd_fail_memory(err, "setting up the engine");
	const char *chosen = getenv("DLGUIDER_ONNXRUNTIME");
	if (chosen && *chosen)
		return try_path(chosen, api, info, err);
	char path[1024];
	if (find_beside(path, sizeof path))
		return try_path(path, api, info, err);
	void *handle = dlopen(SONAME, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!handle)
		return gd_fail(err, GD_E_INTERNAL, "no engine found: running a model needs the library %s of ONNX Runtime; %s", SONAME,
			ADVICE);
	gd_status status = open_api(handle, SONAME, api, info, err);
	dlclose(handle);
	return status;
}

int gd_library_processors(void)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof set, &set) != 0)
		return 1;
	int count = CPU_COUNT(&set);
	return count > 0 ? count : 1;
}
