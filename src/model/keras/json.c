/* JSON text from a file to jansson's values: no duplicate keys, a limit on depth. */
#include "model/keras/keras.h"
#include <string.h>

/* Levels of brackets outside strings; stops counting above the limit. */
static int depth_of(const char *text, size_t size)
{
	int depth = 0, deepest = 0;
	bool quoted = false;
	for (size_t i = 0; i < size && deepest <= GD_KERAS_MAX_DEPTH; i++) {
		char c = text[i];
		if (quoted) {
			i += c == '\\';
			quoted = c != '"';
		} else if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			depth++;
			deepest = depth > deepest ? depth : deepest;
		} else if (c == '}' || c == ']') {
			depth--;
		}
	}
	return deepest;
}

json_t *gd_keras_parse(gd_keras *k, const char *what, const char *text, size_t size)
{
	if (size > k->limits->max_config_bytes) {
		(void)gd_keras_fail(k, GD_E_LIMIT, "%s has %zu bytes; the limit is %zu", what, size, k->limits->max_config_bytes);
		return NULL;
	}
	if (depth_of(text, size) > GD_KERAS_MAX_DEPTH) {
		(void)gd_keras_fail(k, GD_E_LIMIT, "%s is nested deeper than %d levels", what, GD_KERAS_MAX_DEPTH);
		return NULL;
	}
	json_error_t error;
	json_t *value = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
	if (value)
		return value;
	if (json_error_code(&error) == json_error_out_of_memory)
		(void)gd_keras_memory(k);
	else
		(void)gd_keras_fail(k, GD_E_INPUT, "%s is not valid JSON at byte %d: %s", what, error.position, error.text);
	return NULL;
}
