/* How the model was trained: compile_config of a .keras, training_config of an .h5. */
#include "model/keras/keras.h"
#include <ctype.h>
#include <string.h>

/* Short names that Keras takes for losses. */
static const struct {
	const char *brief, *name;
} losses[] = {
	{ "mse", "mean_squared_error" }, { "mae", "mean_absolute_error" }, { "mape", "mean_absolute_percentage_error" },
	{ "msle", "mean_squared_logarithmic_error" }, { "bce", "binary_crossentropy" }, { "kld", "kl_divergence" },
	{ "kullback_leibler_divergence", "kl_divergence" }, { "logcosh", "log_cosh" },
};

/* "CategoricalCrossentropy" and "MSE" to "categorical_crossentropy" and "mean_squared_error". */
static const char *loss_name(gd_keras *k, const char *name)
{
	char text[128];
	size_t to = 0;
	for (size_t i = 0; name[i] && to + 3 < sizeof text; i++) {
		bool upper = isupper((unsigned char)name[i]);
		if (upper && i > 0 && islower((unsigned char)name[i - 1]))
			text[to++] = '_';
		text[to++] = (char)tolower((unsigned char)name[i]);
	}
	text[to] = 0;
	for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++)
		if (strcmp(losses[i].brief, text) == 0)
			return losses[i].name;
	return gd_keras_text(k, text);
}

static void read_loss(gd_keras *k, json_t *loss, int depth);

/* One of several; the first stands for the model until an output is chosen. */
static void read_each(gd_keras *k, json_t *loss, const char *output, int depth)
{
	gd_training *training = &k->model->training, before = *training;
	read_loss(k, loss, depth);
	training->each[training->each_count++] = (gd_output_loss){ output ? gd_keras_text(k, output) : NULL, training->loss, training->from_logits };
	if (training->each_count > 1) {
		training->loss = before.loss;
		training->from_logits = before.from_logits;
	}
}

/* A name, {"class_name": ..., "config": ...}, or a list or dictionary of them. */
static void read_loss(gd_keras *k, json_t *loss, int depth)
{
	json_t *config = json_object_get(loss, "config");
	const char *class_name = json_string_value(json_object_get(loss, "class_name"));
	gd_training *training = &k->model->training;
	training->from_logits = false;
	if (json_is_string(loss)) {
		training->loss = loss_name(k, json_string_value(loss));
	} else if (class_name) {
		bool function = json_is_string(config) && strcmp(class_name, "function") == 0;
		training->loss = loss_name(k, function ? json_string_value(config) : class_name);
		training->from_logits = json_is_true(json_object_get(config, "from_logits"));
	} else if (depth > 0) {
		training->loss = NULL; /* a list within a list: nothing that is known */
	} else if ((json_is_array(loss) && json_array_size(loss)) || (json_is_object(loss) && json_object_size(loss))) {
		const char *key;
		json_t *value;
		size_t count = json_is_array(loss) ? json_array_size(loss) : json_object_size(loss);
		training->each = gd_arena_new(&k->model->arena, count, sizeof *training->each);
		if (!training->each) {
			gd_keras_memory(k);
			return;
		}
		for (size_t i = 0; i < json_array_size(loss); i++)
			read_each(k, json_array_get(loss, i), NULL, depth + 1);
		json_object_foreach(loss, key, value)
			read_each(k, value, key, depth + 1);
	}
}

/* A number, or a schedule that starts with one. */
static void read_rate(gd_keras *k, json_t *optimizer)
{
	static const char *const keys[] = { "learning_rate", "lr" };
	static const char *const starts[] = { "initial_learning_rate", "learning_rate" };
	for (size_t i = 0; i < 2; i++) {
		json_t *rate = json_object_get(optimizer, keys[i]);
		for (size_t s = 0; json_is_object(rate) && s < 2; s++)
			if (json_object_get(json_object_get(rate, "config"), starts[s]))
				rate = json_object_get(json_object_get(rate, "config"), starts[s]);
		if (json_is_number(rate)) {
			k->model->training.learning_rate = json_number_value(rate);
			return;
		}
	}
}

gd_status gd_keras_training_read(gd_keras *k, json_t *compile)
{
	json_t *optimizer = json_object_get(compile, "optimizer");
	optimizer = optimizer ? optimizer : json_object_get(compile, "optimizer_config");
	const char *name = json_is_string(optimizer) ? json_string_value(optimizer) : json_string_value(json_object_get(optimizer, "class_name"));
	read_loss(k, json_object_get(compile, "loss"), 0);
	if (name)
		k->model->training.optimizer = gd_keras_text(k, name);
	read_rate(k, json_object_get(optimizer, "config"));
	return k->status;
}
