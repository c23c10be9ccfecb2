/* json_writer.h - JSON as a stream into a gd_text: keys keep the order they are written in, numbers have 17 significant
 * digits, non-finite numbers become null, strings are valid UTF-8 whatever the bytes were (bad bytes become U+FFFD).
 * Misuse (a key outside an object, more than 32 levels) is a programming fault and asserted.
 */
#ifndef GD_JSON_WRITER_H
#define GD_JSON_WRITER_H
#include "base/text.h"
#include <stdint.h>

typedef struct {
	gd_text *out;
	int depth;
	bool pretty;        /* one member a line, two blanks a level */
	bool filled[33];    /* has the level a member already */
	bool after_key;
} gd_json;

void gd_json_start(gd_json *json, gd_text *out, bool pretty);
void gd_json_object(gd_json *json); /* opens; also gd_json_array */
void gd_json_array(gd_json *json);
void gd_json_end(gd_json *json, char closer); /* '}' or ']' */
void gd_json_key(gd_json *json, const char *key);
void gd_json_string(gd_json *json, const char *value); /* NULL becomes null */
void gd_json_number(gd_json *json, double value);
void gd_json_integer(gd_json *json, int64_t value);
void gd_json_bool(gd_json *json, bool value);
void gd_json_null(gd_json *json);

/* The same as a member of an object: key and value, or key and opening bracket. */
void gd_json_put_string(gd_json *json, const char *key, const char *value);
void gd_json_put_number(gd_json *json, const char *key, double value);
void gd_json_put_integer(gd_json *json, const char *key, int64_t value);
void gd_json_put_bool(gd_json *json, const char *key, bool value);
void gd_json_put_null(gd_json *json, const char *key);
void gd_json_put_object(gd_json *json, const char *key);
void gd_json_put_array(gd_json *json, const char *key);

#endif
