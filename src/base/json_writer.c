#include "base/json_writer.h"
#include "base/utf8.h"
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void gd_json_start(gd_json *json, gd_text *out, bool pretty)
{
	*json = (gd_json){ .out = out, .pretty = pretty };
}

static void new_line(gd_json *json)
{
	if (!json->pretty)
		return;
	gd_text_put(json->out, "\n");
	for (int i = 0; i < json->depth; i++)
		gd_text_put(json->out, "  ");
}

static void before_member(gd_json *json)
{
	if (json->after_key) {
		json->after_key = false;
		return;
	}
	if (json->depth == 0)
		return;
	if (json->filled[json->depth])
		gd_text_put(json->out, ",");
	json->filled[json->depth] = true;
	new_line(json);
}

static void open_level(gd_json *json, const char *opener)
{
	before_member(json);
	gd_text_put(json->out, opener);
	json->depth++;
	assert(json->depth <= 32);
	json->filled[json->depth] = false;
}

void gd_json_object(gd_json *json)
{
	open_level(json, "{");
}

void gd_json_array(gd_json *json)
{
	open_level(json, "[");
}

void gd_json_end(gd_json *json, char closer)
{
	assert(json->depth > 0 && !json->after_key);
	bool filled = json->filled[json->depth];
	json->depth--;
	if (filled)
		new_line(json);
	gd_text_add(json->out, &closer, 1);
}

static void quoted(gd_text *out, const char *value)
{
	size_t left = strlen(value);
	gd_text_put(out, "\"");
	while (left) {
		uint32_t code;
		size_t length = gd_utf8_next(value, left, &code);
		if (length == 0) {
			gd_text_put(out, "\xef\xbf\xbd");
			length = 1;
		} else if (code == '"' || code == '\\') {
			gd_text_printf(out, "\\%c", (char)code);
		} else if (code == '\n') {
			gd_text_put(out, "\\n");
		} else if (code <= 0xffff && gd_utf8_is_hidden(code)) {
			gd_text_printf(out, "\\u%04x", (unsigned)code);
		} else {
			gd_text_add(out, value, length);
		}
		value += length;
		left -= length;
	}
	gd_text_put(out, "\"");
}

void gd_json_key(gd_json *json, const char *key)
{
	assert(!json->after_key);
	before_member(json);
	quoted(json->out, key);
	gd_text_put(json->out, json->pretty ? ": " : ":");
	json->after_key = true;
}

void gd_json_string(gd_json *json, const char *value)
{
	if (!value) {
		gd_json_null(json);
		return;
	}
	before_member(json);
	quoted(json->out, value);
}

void gd_json_number(gd_json *json, double value)
{
	if (!isfinite(value)) {
		gd_json_null(json);
		return;
	}
	char text[40];
	snprintf(text, sizeof text, "%.17g", value);
	char *comma = strchr(text, ','); /* a host program may have set a locale */
	if (comma)
		*comma = '.';
	before_member(json);
	gd_text_put(json->out, text);
}

void gd_json_integer(gd_json *json, int64_t value)
{
	before_member(json);
	gd_text_printf(json->out, "%" PRId64, value);
}

void gd_json_bool(gd_json *json, bool value)
{
	before_member(json);
	gd_text_put(json->out, value ? "true" : "false");
}

void gd_json_null(gd_json *json)
{
	before_member(json);
	gd_text_put(json->out, "null");
}

void gd_json_put_string(gd_json *json, const char *key, const char *value)
{
	gd_json_key(json, key);
	gd_json_string(json, value);
}

void gd_json_put_number(gd_json *json, const char *key, double value)
{
	gd_json_key(json, key);
	gd_json_number(json, value);
}

void gd_json_put_integer(gd_json *json, const char *key, int64_t value)
{
	gd_json_key(json, key);
	gd_json_integer(json, value);
}

void gd_json_put_bool(gd_json *json, const char *key, bool value)
{
	gd_json_key(json, key);
	gd_json_bool(json, value);
}

void gd_json_put_null(gd_json *json, const char *key)
{
	gd_json_key(json, key);
	gd_json_null(json);
}

void gd_json_put_object(gd_json *json, const char *key)
{
	gd_json_key(json, key);
	gd_json_object(json);
}

void gd_json_put_array(gd_json *json, const char *key)
{
	gd_json_key(json, key);
	gd_json_array(json);
}
