/* The line of the author's program in what exporters write down of the run that they followed. */
#include "model/onnx/layer_kind.h"
#include <stdlib.h>
#include <string.h>

/* Files of frameworks and of Python itself, by parts of their paths; the last by how they begin. */
static bool is_library(const char *path, size_t length)
{
	static const char *const marks[] = { "site-packages", "dist-packages", "<frozen", "<string>", "<eval", "/lib/python3" };
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		for (size_t at = 0; at + strlen(marks[i]) <= length; at++)
			if (memcmp(path + at, marks[i], strlen(marks[i])) == 0)
				return true;
	return length > 6 && memcmp(path, "torch/", 6) == 0;
}

static bool take_line(const char *path, size_t length, const char *digits, gd_arena *arena, const char **file, int *line)
{
	char *end;
	long number = strtol(digits, &end, 10);
	if (end == digits || number < 1 || number > 100000000 || length == 0 || memchr(path, '\n', length) || is_library(path, length))
		return false;
	const char *kept = gd_arena_text(arena, path, length);
	*file = kept ? kept : *file;
	*line = (int)number;
	return kept != NULL;
}

/* PyTorch's newer exporter: a Python traceback, the outermost call first. */
static bool last_of_traceback(const char *trace, gd_arena *arena, const char **file, int *line)
{
	bool found = false;
	for (const char *at = trace; (at = strstr(at, "File \"")); at += 6) {
		const char *path = at + 6, *end = strstr(path, "\", line ");
		if (end && take_line(path, (size_t)(end - path), end + 8, arena, file, line))
			found = true;
	}
	return found;
}

/* Its older one, told to be verbose: "net.py(12): forward", the innermost call first. */
static bool first_of_calls(const char *trace, gd_arena *arena, const char **file, int *line)
{
	for (const char *at = trace; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		size_t length = strcspn(at, "\n"), bracket = length;
		while (bracket > 0 && at[bracket - 1] != '(')
			bracket--;
		const char *close = bracket ? memchr(at + bracket, ')', length - bracket) : NULL;
		if (close && close[1] == ':' && take_line(at, bracket - 1, at + bracket, arena, file, line))
			return true;
	}
	return false;
}

bool gd_onnx_line_of(const char *trace, gd_arena *arena, const char **file, int *line)
{
	return last_of_traceback(trace, arena, file, line) || first_of_calls(trace, arena, file, line);
}
