/* Values of a layer's configuration, each checked against the range that makes sense. */
#include "model/keras/keras.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

gd_status gd_keras_fail(gd_keras *k, gd_status status, const char *format, ...)
{
	if (k->status != GD_OK)
		return k->status;
	char text[900];
	va_list list;
	va_start(list, format);
	(void)vsnprintf(text, sizeof text, format, list);
	va_end(list);
	k->status = status;
	if (k->now)
		return gd_fail(k->err, status, "layer %.100s: %s", k->now->name, text);
	return gd_fail(k->err, status, "%s", text);
}

gd_status gd_keras_memory(gd_keras *k)
{
	if (k->status == GD_OK)
		k->status = gd_fail_memory(k->err, "reading the Keras model");
	return k->status;
}

void *gd_keras_new(gd_keras *k, size_t count, size_t size)
{
	void *fresh = gd_arena_new(&k->model->arena, count ? count : 1, size);
	if (!fresh)
		(void)gd_keras_memory(k);
	return fresh;
}

const char *gd_keras_text(gd_keras *k, const char *text)
{
	const char *copy = gd_arena_text(&k->model->arena, text, strlen(text));
	if (!copy)
		(void)gd_keras_memory(k);
	return copy;
}

/* Settings that were called something else in Keras 1 and 2. */
static const struct {
	const char *now, *then;
} renamed[] = {
	{ "units", "output_dim" }, { "filters", "nb_filter" }, { "kernel_size", "filter_length" }, { "padding", "border_mode" },
	{ "strides", "subsample" }, { "strides", "subsample_length" }, { "strides", "stride" }, { "pool_size", "pool_length" },
	{ "use_bias", "bias" }, { "rate", "p" }, { "data_format", "dim_ordering" }, { "recurrent_activation", "inner_activation" },
	{ "negative_slope", "alpha" }, { "threshold", "theta" }, { "size", "length" }, { "batch_shape", "batch_input_shape" },
	{ "dilation_rate", "atrous_rate" }, { "stddev", "sigma" }, { "input_dtype", "dtype" },
};

json_t *gd_keras_get(const gd_keras_layer *layer, const char *key)
{
	json_t *value = json_object_get(layer->config, key);
	for (size_t i = 0; !value && i < sizeof renamed / sizeof renamed[0]; i++)
		if (strcmp(renamed[i].now, key) == 0)
			value = json_object_get(layer->config, renamed[i].then);
	return json_is_null(value) ? NULL : value;
}

/* A value as it stands in the file, short enough for a message. */
static void show(const json_t *value, char *text, size_t size)
{
	char *dump = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	(void)snprintf(text, size, "%.60s%s", dump ? dump : "nothing", dump && strlen(dump) > 60 ? "..." : "");
	json_free_t release;
	json_get_alloc_funcs(NULL, &release);
	if (dump)
		release(dump);
}

static void group(int64_t value, char *out, size_t size)
{
	char digits[32];
	int length = snprintf(digits, sizeof digits, "%lld", (long long)value), at = 0, start = digits[0] == '-';
	size_t to = 0;
	for (; at < length && to + 2 < size; at++) {
		if (at > start && (length - at) % 3 == 0)
			out[to++] = ',';
		out[to++] = digits[at];
	}
	out[to] = 0;
}

int64_t gd_keras_whole_of(gd_keras *k, const char *what, const json_t *value, int64_t low, int64_t high)
{
	double real = json_is_real(value) ? json_real_value(value) : NAN;
	int64_t whole = json_is_integer(value) ? json_integer_value(value) : 0;
	bool good = json_is_integer(value);
	if (real >= -9e15 && real <= 9e15 && floor(real) == real) { /* 8.0 is fine */
		whole = (int64_t)real;
		good = true;
	}
	if (good && whole >= low && whole <= high)
		return whole;
	char seen[80], from[32], to[32];
	show(value, seen, sizeof seen);
	group(low, from, sizeof from);
	group(high, to, sizeof to);
	(void)gd_keras_fail(k, GD_E_INPUT, "%s must be a whole number from %s to %s, found %s", what, from, to, seen);
	return low;
}

int64_t gd_keras_whole(gd_keras *k, const char *key, int64_t low, int64_t high)
{
	json_t *value = gd_keras_get(k->now, key);
	if (json_is_array(value) && json_array_size(value) == 1)
		value = json_array_get(value, 0);
	return gd_keras_whole_of(k, key, value, low, high);
}

int64_t gd_keras_whole_or(gd_keras *k, const char *key, int64_t otherwise, int64_t low, int64_t high)
{
	return gd_keras_get(k->now, key) ? gd_keras_whole(k, key, low, high) : otherwise;
}

double gd_keras_number_or(gd_keras *k, const char *key, double otherwise)
{
	json_t *value = gd_keras_get(k->now, key);
	/* An array that was saved as such: {"class_name": "__numpy__", "config": {"value": 0.1}}. */
	while (json_is_object(value))
		value = json_object_get(value, json_object_get(value, "config") ? "config" : "value");
	if (!value)
		return otherwise;
	if (json_is_number(value) && fabs(json_number_value(value)) <= 3.4e38)
		return json_number_value(value);
	char seen[80];
	show(value, seen, sizeof seen);
	(void)gd_keras_fail(k, GD_E_INPUT, "%s must be a number, found %s", key, seen);
	return otherwise;
}

bool gd_keras_flag(gd_keras *k, const char *key, bool otherwise)
{
	json_t *value = gd_keras_get(k->now, key);
	if (!value)
		return otherwise;
	if (json_is_boolean(value))
		return json_is_true(value);
	if (json_is_integer(value) && (json_integer_value(value) == 0 || json_integer_value(value) == 1))
		return json_integer_value(value) == 1;
	char seen[80];
	show(value, seen, sizeof seen);
	(void)gd_keras_fail(k, GD_E_INPUT, "%s must be true or false, found %s", key, seen);
	return otherwise;
}

int gd_keras_choice(gd_keras *k, const char *key, const char *const *choices, int otherwise)
{
	json_t *value = gd_keras_get(k->now, key);
	if (!value)
		return otherwise;
	for (int i = 0; choices[i] && json_is_string(value); i++)
		if (strcmp(choices[i], json_string_value(value)) == 0)
			return i;
	char seen[80], known[200] = "";
	show(value, seen, sizeof seen);
	for (int i = 0; choices[i]; i++) {
		size_t used = strlen(known);
		(void)snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", choices[i]);
	}
	(void)gd_keras_fail(k, GD_E_UNSUPPORTED, "%s is %s; dlguider knows %s", key, seen, known);
	return otherwise;
}

void gd_keras_sizes(gd_keras *k, const char *key, int count, int64_t otherwise, int64_t low, int64_t high, int64_t *out)
{
	json_t *value = gd_keras_get(k->now, key);
	bool list = json_is_array(value);
	for (int i = 0; i < count; i++)
		out[i] = otherwise;
	if (list && json_array_size(value) != (size_t)count) {
		(void)gd_keras_fail(k, GD_E_INPUT, "%s has %zu numbers, expected %d", key, json_array_size(value), count);
		return;
	}
	for (int i = 0; value && i < count; i++)
		out[i] = gd_keras_whole_of(k, key, list ? json_array_get(value, (size_t)i) : value, low, high);
}

int gd_keras_list(gd_keras *k, const char *key, int64_t low, int64_t high, int64_t *out)
{
	json_t *value = gd_keras_get(k->now, key);
	if (!json_is_array(value)) {
		out[0] = gd_keras_whole_of(k, key, value, low, high);
		return 1;
	}
	if (json_array_size(value) > GD_MAX_RANK) {
		(void)gd_keras_fail(k, GD_E_INPUT, "%s has %zu numbers, at most %d make sense", key, json_array_size(value), GD_MAX_RANK);
		return 0;
	}
	for (size_t i = 0; i < json_array_size(value); i++)
		out[i] = gd_keras_whole_of(k, key, json_array_get(value, i), low, high);
	return (int)json_array_size(value);
}

bool gd_keras_channels_last(gd_keras *k)
{
	static const char *const formats[] = { "channels_last", "channels_first", "tf", "th", "default", NULL };
	int format = gd_keras_choice(k, "data_format", formats, 0);
	return format != 1 && format != 3;
}

int gd_keras_axis(gd_keras *k, const char *key, int64_t axis, int rank)
{
	int64_t from_front = axis < 0 ? axis + rank : axis;
	if (from_front >= 0 && from_front < rank)
		return (int)from_front;
	(void)gd_keras_fail(k, GD_E_INPUT, "%s is %lld, but the value has %d dimensions", key, (long long)axis, rank);
	return rank - 1;
}
