/* Any text as a model's configuration, its weights all zero: what is accepted becomes ONNX bytes, which are read again.
 * A text that begins with a blank stands for one that Keras 2 wrote.
 *
 * The mutator knows JSON: it changes values, names, and where parts stand, so that most of what it makes can be parsed. */
#include "look.h"
#include "model/keras/keras.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

static const gd_model_limits limits = { 1 << 20, 1 << 20, 1000, 1 << 20 };

static void read_again(gd_bytes bytes)
{
	gd_model *model = NULL;
	gd_error err = { 0 };
	if (gd_model_open_bytes("fuzz.onnx", bytes, &limits, &model, &err) != GD_OK && !err.message[0])
		abort();
	gd_model_close(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	gd_model model = { .path = "fuzz", .producer = "" };
	gd_error err = { 0 };
	gd_text text = { 0 };
	gd_keras k = { .model = &model, .limits = &limits, .err = &err, .weights = GD_WEIGHTS_ZERO };
	k.version = size && bytes[0] == ' ' ? 2 : 3;
	gd_status status = gd_keras_read_config(&k, (const char *)bytes, size, NULL);
	if (status == GD_OK)
		status = gd_onnx_encode(&model.graph, &text, &err);
	if (status == GD_OK)
		status = gd_model_group(&model, &err);
	if (status == GD_OK) {
		look_at_model(&model);
		read_again((gd_bytes){ text.bytes, text.length });
	} else {
		check_refusal(status, &err);
	}
	gd_text_free(&text);
	gd_arena_free(&model.arena);
	return 0;
}

typedef struct {
	unsigned seed;
	json_t *places[2048]; /* containers, one for every value they hold */
	size_t indexes[2048];
	size_t count;
} mutation;

static unsigned roll(mutation *m, size_t below)
{
	m->seed = m->seed * 1664525u + 1013904223u;
	return below ? (unsigned)((m->seed >> 8) % below) : 0;
}

static size_t size_of(const json_t *container)
{
	return json_is_object(container) ? json_object_size(container) : json_array_size(container);
}

static void *iterator_at(json_t *object, size_t at)
{
	void *i = json_object_iter(object);
	while (i && at--)
		i = json_object_iter_next(object, i);
	return i;
}

static json_t *value_at(json_t *container, size_t at)
{
	return json_is_object(container) ? json_object_iter_value(iterator_at(container, at)) : json_array_get(container, at);
}

static void collect(mutation *m, json_t *container, int depth)
{
	for (size_t i = 0; i < size_of(container) && depth < 40 && m->count < 2048; i++) {
		json_t *value = value_at(container, i);
		m->places[m->count] = container;
		m->indexes[m->count++] = i;
		collect(m, value, depth + 1);
	}
}

static json_t *odd_value(mutation *m)
{
	static const double numbers[] = { 0, 1, 2, 3, 4, 7, -1, -2, 64, 0.5, -0.5, 1e-3, 1e30, 4294967296.0, 1 << 24, 9.3e18 };
	static const char *const texts[] = { "", "same", "valid", "causal", "channels_first", "channels_last", "relu", "softmax", "bool", "int32",
		"float32", "sum", "concat", "ave", "linear", "dense", "nearest", "bilinear", "Lambda", "glu", "hard_sigmoid" };
	double number = numbers[roll(m, sizeof numbers / sizeof numbers[0])];
	switch (roll(m, 8)) {
	case 0:
		return json_null();
	case 1:
		return json_boolean(roll(m, 2));
	case 2:
		return json_array();
	case 3:
		return json_object();
	case 4:
		return json_string(texts[roll(m, sizeof texts / sizeof texts[0])]);
	case 5:
		return json_real(number);
	default:
		return number < 9e18 && number > -9e18 ? json_integer((json_int_t)number) : json_integer(INT64_MAX);
	}
}

static json_t *class_name(mutation *m)
{
	size_t count = 0;
	while (gd_keras_family_at(count))
		count++;
	return json_string(gd_keras_family_at(roll(m, count))->name);
}

static json_t *changed(mutation *m, const json_t *value)
{
	if (json_is_integer(value) && roll(m, 2))
		return json_integer((json_int_t)((uint64_t)json_integer_value(value) + roll(m, 5) - 2));
	if (!json_is_string(value) || roll(m, 2))
		return odd_value(m);
	uint8_t text[128];
	size_t size = json_string_length(value) < 64 ? json_string_length(value) : 64;
	memcpy(text, json_string_value(value), size);
	size = LLVMFuzzerMutate(text, size, sizeof text);
	json_t *string = json_stringn((const char *)text, size);
	return string ? string : json_string("a");
}

/* Puts a value (its reference is taken) where another stands. */
static void set(json_t *container, size_t at, json_t *value)
{
	if (json_is_object(container))
		(void)json_object_set_new(container, json_object_iter_key(iterator_at(container, at)), value);
	else
		(void)json_array_set_new(container, at, value);
}

static void delete(json_t *container, size_t at)
{
	if (json_is_object(container))
		(void)json_object_del(container, json_object_iter_key(iterator_at(container, at)));
	else
		(void)json_array_remove(container, at);
}

static void mutate(mutation *m, json_t *root)
{
	m->count = 0;
	collect(m, root, 0);
	if (m->count == 0)
		return;
	size_t one = roll(m, m->count), other = roll(m, m->count);
	json_t *container = m->places[one], *value = value_at(container, m->indexes[one]);
	json_t *copy = json_deep_copy(value_at(m->places[other], m->indexes[other]));
	const char *key = json_is_object(container) ? json_object_iter_key(iterator_at(container, m->indexes[one])) : "";
	unsigned what = roll(m, 10);
	if (strcmp(key, "class_name") == 0 && what < 7)
		set(container, m->indexes[one], class_name(m));
	else if (what == 0)
		delete(container, m->indexes[one]);
	else if (what == 1)
		set(container, m->indexes[one], json_incref(copy));
	else if (what == 2 && json_is_array(container))
		(void)json_array_insert(container, m->indexes[one], copy);
	else if (what == 3 && json_is_array(value))
		(void)json_array_append(value, copy);
	else
		set(container, m->indexes[one], changed(m, value));
	json_decref(copy);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	json_error_t error;
	json_t *root = seed % 16 ? json_loadb((const char *)data, size, 0, &error) : NULL;
	if (!root)
		return LLVMFuzzerMutate(data, size, max_size);
	mutation *m = calloc(1, sizeof *m);
	bool old = size && data[0] == ' ';
	size_t length = 0;
	if (m) {
		m->seed = seed;
		for (unsigned rounds = 1 + roll(m, 3); rounds > 0; rounds--)
			mutate(m, root);
		old = roll(m, 20) ? old : !old;
		if (old)
			data[0] = ' ';
		if (max_size > 1)
			length = json_dumpb(root, (char *)data + old, max_size - old, JSON_COMPACT) + old;
	}
	free(m);
	json_decref(root);
	return length > old && length <= max_size ? length : LLVMFuzzerMutate(data, size, max_size);
}
