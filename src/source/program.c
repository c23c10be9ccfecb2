#include "source/program.h"
#include "base/file.h"
#include "base/utf8.h"
#include "source/walk.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const TSLanguage *tree_sitter_python(void);

/* CPython's own limits: nothing that runs is lost, and the grammar's scanner is not safe much beyond them. */
enum { MOST_BYTES = 4 << 20, MOST_INDENTS = 100, MOST_BRACKETS = 200 };

typedef struct {
	size_t levels[MOST_INDENTS + 1];
	int level, brackets;
	char quote; /* of the string one is in; 0: none */
	bool triple;
} nesting;

/* Skips a string's text and comments; returns the next place to look at. */
static size_t scan_one(nesting *n, const char *t, size_t i, size_t length)
{
	if (n->quote) {
		if (t[i] == '\\')
			return i + 2;
		bool three = i + 2 < length && t[i] == n->quote && t[i + 1] == n->quote && t[i + 2] == n->quote;
		if (t[i] == n->quote && (!n->triple || three)) {
			n->quote = 0;
			return i + (n->triple ? 3 : 1);
		}
		if (t[i] == '\n' && !n->triple)
			n->quote = 0;
		return i + 1;
	}
	if (t[i] == '#') {
		while (i < length && t[i] != '\n')
			i++;
		return i;
	}
	if (t[i] == '"' || t[i] == '\'') {
		n->quote = t[i];
		n->triple = i + 2 < length && t[i + 1] == t[i] && t[i + 2] == t[i];
		return i + (n->triple ? 3 : 1);
	}
	if (strchr("([{", t[i]))
		n->brackets++;
	else if (strchr(")]}", t[i]) && n->brackets > 0)
		n->brackets--;
	return i + 1;
}

/* False: indented too deep. */
static bool indent(nesting *n, const char *t, size_t *i, size_t length)
{
	size_t width = 0;
	while (*i < length && (t[*i] == ' ' || t[*i] == '\t' || t[*i] == '\f')) {
		width += t[*i] == '\t' ? 8 : 1;
		(*i)++;
	}
	if (*i >= length || t[*i] == '\n' || t[*i] == '#' || t[*i] == '\r' || n->quote || n->brackets)
		return true;
	while (n->level > 0 && n->levels[n->level] > width)
		n->level--;
	if (width > n->levels[n->level]) {
		if (n->level == MOST_INDENTS - 1)
			return false;
		n->levels[++n->level] = width;
	}
	return true;
}

static const char *too_deep(const char *t, size_t length)
{
	nesting n = { 0 };
	bool fresh = true;
	for (size_t i = 0; i < length;) {
		if (fresh && !indent(&n, t, &i, length))
			return "it is indented deeper than Python itself allows";
		if (i >= length)
			break;
		fresh = t[i] == '\n';
		i = scan_one(&n, t, i, length);
		if (n.brackets > MOST_BRACKETS)
			return "it has more open brackets than Python itself allows";
	}
	return NULL;
}

static gd_status check_text(const char *path, const char *text, size_t length, gd_error *err)
{
	if (length > MOST_BYTES)
		return gd_fail(err, GD_E_LIMIT, "%s: the program has %zu bytes; the limit is 4 MiB", path, length);
	for (size_t i = 0; i < length;) {
		uint32_t code;
		size_t step = gd_utf8_next(text + i, length - i, &code);
		if (step == 0)
			return gd_fail(err, GD_E_INPUT, "%s: is not UTF-8 at byte %zu; save it as UTF-8", path, i);
		if (code == 0)
			return gd_fail(err, GD_E_INPUT, "%s: holds a NUL at byte %zu, so it is no Python program", path, i);
		i += step;
	}
	return GD_OK;
}

/* The first node that tree-sitter could not make sense of, by an iterative walk. */
static int first_error_line(TSNode root)
{
	if (!ts_node_has_error(root))
		return 0;
	TSTreeCursor cursor = ts_tree_cursor_new(root);
	int line = 0;
	for (bool more = true; more && !line;) {
		TSNode node = ts_tree_cursor_current_node(&cursor);
		if (ts_node_is_error(node) || ts_node_is_missing(node)) {
			line = (int)ts_node_start_point(node).row + 1;
			break;
		}
		if (ts_node_has_error(node) && ts_tree_cursor_goto_first_child(&cursor))
			continue;
		while (!ts_tree_cursor_goto_next_sibling(&cursor))
			if (!(more = ts_tree_cursor_goto_parent(&cursor)))
				break;
	}
	ts_tree_cursor_delete(&cursor);
	return line;
}

static gd_status walk_text(gd_program *program, const char *text, size_t length, gd_error *err)
{
	TSParser *parser = ts_parser_new();
	TSTree *tree = NULL;
	if (parser && ts_parser_set_language(parser, tree_sitter_python()))
		tree = ts_parser_parse_string(parser, NULL, text, (uint32_t)length);
	gd_status status = tree ? GD_OK : gd_fail_memory(err, "parsing the program");
	if (tree) {
		TSNode root = ts_tree_root_node(tree);
		walk w = { .program = program, .text = text, .length = length, .work = MOST_WORK };
		program->syntax_error_line = first_error_line(root);
		scope *global = gd_scope_new(&w, NULL);
		if (global)
			gd_walk_block(&w, global, root);
		if (w.failed)
			status = gd_fail_memory(err, "reading the program");
		else if (w.work <= 0)
			program->gave_up = "it would take too long to follow it to its end";
	}
	ts_tree_delete(tree);
	ts_parser_delete(parser);
	return status;
}

gd_status gd_program_open_bytes(const char *path, const char *text, size_t length, gd_program **out, gd_error *err)
{
	gd_status status = check_text(path, text, length, err);
	if (status != GD_OK)
		return status;
	gd_program *program = calloc(1, sizeof *program);
	if (!program)
		return gd_fail_memory(err, "reading the program");
	program->path = gd_arena_text(&program->arena, path, strlen(path));
	program->source = gd_arena_text(&program->arena, text, length);
	program->source_length = length;
	program->gave_up = too_deep(text, length);
	if (!program->path || !program->source)
		status = gd_fail_memory(err, "reading the program");
	else if (!program->gave_up)
		status = walk_text(program, text, length, err);
	if (status == GD_OK)
		*out = program;
	else
		gd_program_free(program);
	return status;
}

gd_status gd_program_open(const char *path, gd_program **out, gd_error *err)
{
	gd_map map;
	gd_status status = gd_map_open(path, 0, &map, err);
	if (status != GD_OK)
		return status;
	status = gd_program_open_bytes(path, (const char *)map.bytes, map.size, out, err);
	gd_map_close(&map);
	return status;
}

const char *gd_program_line(gd_program *program, int line)
{
	const char *at = program->source, *end = at + program->source_length;
	for (int i = 1; i < line; i++) {
		const char *next = memchr(at, '\n', (size_t)(end - at));
		if (!next)
			return NULL;
		at = next + 1;
	}
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return gd_arena_text(&program->arena, at, strcspn(at, "\r\n"));
}

void gd_program_free(gd_program *program)
{
	if (!program)
		return;
	gd_arena_free(&program->arena);
	free(program);
}

const gd_argument *gd_constructor_argument(const gd_constructor *c, const char *name, size_t position)
{
	size_t place = 0;
	for (size_t i = 0; i < c->argument_count; i++) {
		const gd_argument *a = &c->arguments[i];
		if (a->name ? strcmp(a->name, name) == 0 : place++ == position)
			return a;
	}
	return NULL;
}
