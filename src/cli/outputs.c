#include "outputs.h"
#include "command.h"
#include <string.h>

/* Length of the ending of `path` that is one of the words of `endings`; a folder's ending is the slash. */
static size_t ending_length(const char *path, const char *endings)
{
	size_t most = 0, length = strlen(path);
	while (*endings) {
		size_t word = strcspn(endings, " ");
		bool dotted = *endings != '/';
		if (length > word && strncmp(path + length - word, endings, word) == 0 && (!dotted || path[length - word - 1] == '.') && word > most)
			most = word;
		endings += word + (endings[word] == ' ');
	}
	return most;
}

static const char *format_by_ending(const char *path)
{
	dlg_choice report = { .size = sizeof report };
	const char *found = NULL;
	size_t longest = 0;
	for (size_t i = 0; dlg_list_get(DLG_REPORTS, i, &report); i++) {
		size_t length = ending_length(path, report.text);
		if (length > longest) {
			longest = length;
			found = report.name;
		}
	}
	return found;
}

static const char *format_of(const parsed_options *options, const char *path)
{
	const char *asked = option_flag(options, "json") ? "json" : option_given(options, "format") ? option_text(options, "format") : NULL;
	const char *ending = format_by_ending(path), *first = asked, *second = ending;
	if (option_each(options, "out", 1)) {
		first = ending;
		second = asked;
	}
	return first ? first : second ? second : "table";
}

static bool is_folder(const char *format)
{
	dlg_choice report = { .size = sizeof report };
	for (size_t i = 0; dlg_list_get(DLG_REPORTS, i, &report); i++)
		if (strcmp(report.name, format) == 0)
			return strcmp(report.text, "/") == 0;
	return false;
}

int outputs_check(const parsed_options *options, const char *const *inputs, size_t count)
{
	const char *path, *other;
	for (size_t i = 0; (path = option_each(options, "out", i)); i++) {
		const char *format = format_of(options, path);
		if (would_overwrite(path, inputs, count))
			return CODE_USAGE;
		if (is_folder(format) && strcmp(path, "-") == 0)
			return complain(CODE_USAGE, "rank: --format %s writes a folder: -o FOLDER", format);
		if (!is_folder(format) && path[0] && path[strlen(path) - 1] == '/')
			return complain(CODE_USAGE, "rank: --format %s writes a file, and %s names a folder", format, path);
		for (size_t k = 0; k < i && (other = option_each(options, "out", k)); k++)
			if (strcmp(path, other) == 0)
				return complain(CODE_USAGE, "rank: two outputs name the same file %s", path);
	}
	return CODE_DONE;
}

dlg_status outputs_write(rank_job *job)
{
	const parsed_options *options = job->options;
	dlg_status status = DLG_OK;
	const char *path;
	for (size_t i = 0; status == DLG_OK && (path = option_each(options, "out", i)); i++) {
		const char *format = format_of(options, path);
		dlg_page page = terminal_page(options, path);
		page.top = (int)option_number(options, "top");
		page.fail_above = option_number(options, "fail-on");
		status = is_folder(format) ? dlg_ranking_write_folder(job->ranking, job->spectrum, format, path, &job->err)
								   : dlg_ranking_write(job->ranking, format, &page, path, &job->err);
	}
	return status;
}
