#include "terminal.h"
#include "interrupt.h"
#include "command.h"
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *variable(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

static bool wants_color(const parsed_options *options, bool terminal)
{
	const char *when = option_text(options, "color");
	if (strcmp(when, "auto") != 0)
		return strcmp(when, "always") == 0;
	if (variable("NO_COLOR"))
		return false;
	const char *force = variable("CLICOLOR_FORCE");
	if ((force && strcmp(force, "0") != 0) || variable("FORCE_COLOR"))
		return true;
	const char *kind = variable("TERM");
	return terminal && !(kind && strcmp(kind, "dumb") == 0);
}

static bool locale_is_utf8(void)
{
	const char *locale = variable("LC_ALL");
	locale = locale ? locale : variable("LC_CTYPE");
	locale = locale ? locale : variable("LANG");
	return locale && (strstr(locale, "UTF-8") || strstr(locale, "utf8") || strstr(locale, "UTF8") || strstr(locale, "utf-8"));
}

static int terminal_width(void)
{
	const char *columns = variable("COLUMNS");
	long asked = columns ? strtol(columns, NULL, 10) : 0;
	struct winsize size;
	if (asked <= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		asked = size.ws_col;
	return asked < 40 ? 80 : asked > 200 ? 200 : (int)asked;
}

dlg_page terminal_page(const parsed_options *options, const char *path)
{
	bool terminal = (!path || strcmp(path, "-") == 0) && isatty(STDOUT_FILENO);
	dlg_page page = { .size = sizeof page, .width = terminal ? terminal_width() : 80 };
	page.color = wants_color(options, terminal);
	page.utf8 = locale_is_utf8();
	return page;
}

int complain(int code, const char *format, ...)
{
	char sentence[1400], safe[3000];
	va_list list;
	va_start(list, format);
	vsnprintf(sentence, sizeof sentence, format, list);
	va_end(list);
	dlg_escape(sentence, 0, safe, sizeof safe);
	fprintf(stderr, "dlguider: %s\n", safe);
	return code;
}

int complain_error(const dlg_error *err)
{
	if ((int)err->status == CODE_INTERRUPTED && interrupt_by_time())
		return CODE_INTERRUPTED;
	return complain(err->status ? (int)err->status : CODE_INTERNAL, "%s", err->message);
}

/* FILE, or FILE:PART of it. */
static bool stat_file(const char *path, struct stat *out)
{
	char file[4096];
	const char *colon = strrchr(path, ':');
	if (stat(path, out) == 0)
		return true;
	if (!colon || (size_t)(colon - path) >= sizeof file)
		return false;
	snprintf(file, sizeof file, "%.*s", (int)(colon - path), path);
	return stat(file, out) == 0;
}

bool would_overwrite(const char *path, const char *const *inputs, size_t count)
{
	struct stat out, in;
	if (!path || strcmp(path, "-") == 0 || stat(path, &out) != 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!inputs[i] || !stat_file(inputs[i], &in) || in.st_dev != out.st_dev || in.st_ino != out.st_ino)
			continue;
		complain(CODE_USAGE, "the output would overwrite the input %s; choose another name", inputs[i]);
		return true;
	}
	return false;
}

int finish(int code)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return complain(CODE_INTERNAL, "cannot write to standard output: %s", strerror(errno));
	return code;
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

progress_bar progress_start(const parsed_options *options)
{
	const char *kind = variable("TERM");
	bool dumb = kind && strcmp(kind, "dumb") == 0;
	return (progress_bar){ .wanted = isatty(STDERR_FILENO) && !dumb && !option_flag(options, "quiet"), .began = now() };
}

void progress_show(void *state, const char *stage, int64_t done, int64_t total)
{
	enum { CELLS = 30 };
	progress_bar *bar = state;
	if (!bar->wanted || total <= 0)
		return;
	double time = now();
	if (time - bar->began < 1.0 || time - bar->shown < 0.1)
		return;
	bar->shown = time;
	bar->drawn = true;
	int full = (int)((double)done / (double)total * (double)CELLS);
	fprintf(stderr, "\r\x1b[K%s [%.*s%*s] %d %%", stage, full, "##############################", CELLS - full, "",
		(int)((double)done * 100 / (double)total));
	fflush(stderr);
}

void progress_clear(progress_bar *bar)
{
	if (bar->drawn)
		fprintf(stderr, "\r\x1b[K");
	bar->drawn = false;
}
