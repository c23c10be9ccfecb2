#include "method/align_modules.h"
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Positional arguments of the classes that people write without keywords; configurations use the keyword. */
static const struct {
	const char *kind, *arguments[4];
} positions[] = {
	{ "Dense", { "units", "activation" } }, { "Conv1D", { "filters", "kernel_size", "strides", "padding" } },
	{ "Conv2D", { "filters", "kernel_size", "strides", "padding" } }, { "Conv3D", { "filters", "kernel_size", "strides", "padding" } },
	{ "SeparableConv1D", { "filters", "kernel_size", "strides", "padding" } }, { "SeparableConv2D", { "filters", "kernel_size", "strides", "padding" } },
	{ "Conv2DTranspose", { "filters", "kernel_size", "strides", "padding" } }, { "Conv1DTranspose", { "filters", "kernel_size", "strides", "padding" } },
	{ "DepthwiseConv2D", { "kernel_size", "strides", "padding" } }, { "LSTM", { "units", "activation" } }, { "GRU", { "units", "activation" } },
	{ "SimpleRNN", { "units", "activation" } }, { "Dropout", { "rate" } }, { "SpatialDropout1D", { "rate" } }, { "SpatialDropout2D", { "rate" } },
	{ "GaussianNoise", { "stddev" } }, { "Activation", { "activation" } }, { "Embedding", { "input_dim", "output_dim" } },
	{ "MaxPooling1D", { "pool_size", "strides", "padding" } }, { "MaxPooling2D", { "pool_size", "strides", "padding" } },
	{ "AveragePooling1D", { "pool_size", "strides", "padding" } }, { "AveragePooling2D", { "pool_size", "strides", "padding" } },
	{ "UpSampling1D", { "size" } }, { "UpSampling2D", { "size" } }, { "ZeroPadding2D", { "padding" } }, { "RepeatVector", { "n" } },
	{ "Reshape", { "target_shape" } }, { "Permute", { "dims" } }, { "MultiHeadAttention", { "num_heads", "key_dim" } },
};

/* The same for PyTorch, and what its names are called in the settings of layers. */
static const struct {
	const char *kind, *arguments[4];
} torch_positions[] = {
	{ "Linear", { "in_features", "out_features" } }, { "Conv1d", { "in_channels", "out_channels", "kernel_size", "stride" } },
	{ "Conv2d", { "in_channels", "out_channels", "kernel_size", "stride" } }, { "Conv3d", { "in_channels", "out_channels", "kernel_size", "stride" } },
	{ "ConvTranspose1d", { "in_channels", "out_channels", "kernel_size", "stride" } },
	{ "ConvTranspose2d", { "in_channels", "out_channels", "kernel_size", "stride" } }, { "LSTM", { "input_size", "hidden_size" } },
	{ "GRU", { "input_size", "hidden_size" } }, { "RNN", { "input_size", "hidden_size" } }, { "MaxPool1d", { "kernel_size", "stride" } },
	{ "MaxPool2d", { "kernel_size", "stride" } }, { "AvgPool1d", { "kernel_size", "stride" } }, { "AvgPool2d", { "kernel_size", "stride" } },
};
static const struct {
	const char *argument, *setting;
} torch_settings[] = { { "out_features", "units" }, { "out_channels", "filters" }, { "stride", "strides" }, { "dilation", "dilation_rate" },
	{ "hidden_size", "units" } };

/* Old and other names of one class. */
static const struct {
	const char *written, *kind;
} aliases[] = { { "Convolution1D", "Conv1D" }, { "Convolution2D", "Conv2D" }, { "MaxPool1D", "MaxPooling1D" }, { "MaxPool2D", "MaxPooling2D" },
	{ "AvgPool2D", "AveragePooling2D" }, { "GlobalAvgPool2D", "GlobalAveragePooling2D" }, { "GlobalMaxPool2D", "GlobalMaxPooling2D" },
	{ "Deconvolution2D", "Conv2DTranspose" }, { "Convolution2DTranspose", "Conv2DTranspose" }, { "SeparableConvolution2D", "SeparableConv2D" } };

static const char *kind_of(const char *written)
{
	for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
		if (strcmp(aliases[i].written, written) == 0)
			return aliases[i].kind;
	return written;
}

static bool is_torch(const gd_constructor *c)
{
	return strncmp(c->path, "torch.", 6) == 0;
}

static const char *setting_name(const gd_constructor *c, const char *argument)
{
	for (size_t i = 0; is_torch(c) && i < sizeof torch_settings / sizeof torch_settings[0]; i++)
		if (strcmp(torch_settings[i].argument, argument) == 0)
			return torch_settings[i].setting;
	return argument;
}

static const char *argument_name(const gd_constructor *c, size_t place)
{
	const char *kind = kind_of(c->kind);
	for (size_t i = 0; is_torch(c) && place < 4 && i < sizeof torch_positions / sizeof torch_positions[0]; i++)
		if (strcmp(torch_positions[i].kind, kind) == 0)
			return torch_positions[i].arguments[place];
	for (size_t i = 0; place < 4 && i < sizeof positions / sizeof positions[0]; i++)
		if (strcmp(positions[i].kind, kind) == 0)
			return positions[i].arguments[place];
	return NULL;
}

/* ---- how well one constructor fits one layer --------------------------------------------------------------------- */

enum { BASE = 4, AGREES = 3, DISAGREES = -6, SAME_NAME = 40, OTHER_NAME = -40 };

static bool same_text(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
	return *a == *b;
}

/* "(3, 3)" and 3 say the same of a window. */
static bool all_are(const char *list, double number)
{
	int seen = 0;
	for (const char *p = list; *p;) {
		char *end;
		double v = strtod(p, &end);
		if (end == p) {
			p++;
			continue;
		}
		if (v != number)
			return false;
		seen++;
		p = end;
	}
	return seen > 0;
}

/* 1 agrees, -1 does not, 0 cannot be compared. */
static int compare(const gd_setting *setting, const gd_argument *argument)
{
	if (!argument->known)
		return 0;
	if (argument->text && setting->text)
		return same_text(argument->text, setting->text) ? 1 : isalpha((unsigned char)*argument->text) && !isalpha((unsigned char)*setting->text) ? 0 : -1;
	if (!argument->text && !setting->text)
		return fabs(argument->number - setting->number) <= 1e-6 * fmax(1, fabs(setting->number)) ? 1 : -1;
	const char *list = argument->text ? argument->text : setting->text;
	if (*list != '(')
		return 0;
	return all_are(list, argument->text ? setting->number : argument->number) ? 1 : -1;
}

int gd_align_fit(const gd_layer *layer, const gd_constructor *c)
{
	int score = BASE;
	size_t place = 0;
	bool said_activation = false;
	for (size_t i = 0; i < c->argument_count; i++) {
		const gd_argument *a = &c->arguments[i];
		const char *name = a->name ? a->name : argument_name(c, place);
		place += a->name == NULL;
		if (!name)
			continue;
		if (strcmp(name, "name") == 0 && a->text) {
			score += strcmp(a->text, layer->name) == 0 ? SAME_NAME : OTHER_NAME;
			continue;
		}
		said_activation = said_activation || strcmp(name, "activation") == 0;
		const gd_setting *setting = gd_layer_setting(layer, setting_name(c, name));
		int agrees = setting ? compare(setting, a) : 0;
		score += agrees > 0 ? AGREES : agrees < 0 ? DISAGREES : 0;
	}
	/* a Dense without the argument is linear: that tells it from its neighbours */
	if (!said_activation && layer->activation && layer->family == GD_FAMILY_DENSE && !is_torch(c))
		score += strcmp(layer->activation, "linear") == 0 ? 1 : DISAGREES;
	return score;
}

/* An exporter names a torch layer by the attribute that holds it: "fc1", "features.0". */
static bool same_target(const gd_layer *layer, const gd_constructor *c)
{
	if (!c->target)
		return false;
	size_t n = strlen(layer->name), m = strlen(c->target);
	return n >= m && strcmp(layer->name + n - m, c->target) == 0 && (n == m || strchr("./_", layer->name[n - m - 1]));
}

gd_line gd_align_line(const gd_program *program, const gd_constructor *c, double confidence)
{
	return (gd_line){ program->path, c->text, c->line, c->column, c->end_line, c->end_column, confidence };
}

gd_line gd_align_doubt(int line, int other)
{
	return (gd_line){ .column = line, .end_line = other };
}

/* ---- the layers of one class in the order they were made ---------------------------------------------------------- */

typedef struct {
	int layer;
	long serial; /* of an automatic name: dense -> 0, dense_3 -> 3; -1: the user's own name */
} made;

/* Keras's automatic name is the class in snake case with a number. */
static long serial_of(const gd_layer *layer)
{
	char snake[128];
	size_t n = 0;
	for (const char *k = layer->kind; *k && n < sizeof snake - 2; k++) {
		bool upper = isupper((unsigned char)*k) != 0, before_lower = islower((unsigned char)k[1]) != 0;
		bool after_small = k > layer->kind && (islower((unsigned char)k[-1]) || isdigit((unsigned char)k[-1]));
		if (upper && k > layer->kind && (after_small ? !(isdigit((unsigned char)k[-1]) && !before_lower) : before_lower))
			snake[n++] = '_';
		snake[n++] = (char)tolower((unsigned char)*k);
	}
	snake[n] = 0;
	if (strncmp(layer->name, snake, n) != 0)
		return -1;
	if (!layer->name[n])
		return 0;
	char *end;
	long number = layer->name[n] == '_' && isdigit((unsigned char)layer->name[n + 1]) ? strtol(layer->name + n + 1, &end, 10) : -1;
	return number >= 0 && !*end ? number : -1;
}

static int by_serial(const void *a, const void *b)
{
	const made *p = a, *q = b;
	if (p->serial != q->serial)
		return p->serial < q->serial ? -1 : 1;
	return (p->layer > q->layer) - (p->layer < q->layer);
}

/* Sorted by number where every layer of the class has one; else as the model has them. */
static size_t layers_of(const gd_model *model, const char *kind, made *out)
{
	size_t n = 0;
	bool numbered = true;
	for (size_t i = 0; i < model->layer_count; i++)
		if (strcmp(model->layers[i].kind, kind) == 0) {
			out[n] = (made){ (int)i, serial_of(&model->layers[i]) };
			numbered = numbered && out[n++].serial >= 0;
		}
	if (numbered)
		qsort(out, n, sizeof *out, by_serial);
	return n;
}

/* ---- the matching ------------------------------------------------------------------------------------------------ */

typedef struct {
	const gd_model *model;
	const gd_program *program;
	made *layers;
	int *constructors;    /* of this class, indexes */
	size_t layer_count, constructor_count;
	int *best;            /* (layer_count + 1) x (constructor_count + 1): of the first i layers and j constructors */
	int *match;           /* per layer: constructor's place in the list; -1 */
} matching;

static int fit_at(const matching *m, size_t i, size_t j)
{
	const gd_layer *layer = &m->model->layers[m->layers[i].layer];
	const gd_constructor *c = &m->program->constructors[m->constructors[j]];
	return gd_align_fit(layer, c) + (same_target(layer, c) ? SAME_NAME : 0);
}

static int *cell(const matching *m, size_t i, size_t j)
{
	return &m->best[i * (m->constructor_count + 1) + j];
}

/* A constructor in a loop of unknown length may match several layers one after another. */
static int from_diagonal(const matching *m, size_t i, size_t j)
{
	int score = fit_at(m, i - 1, j - 1);
	if (score < 0)
		return -1;
	int before = *cell(m, i - 1, j - 1);
	if (m->program->constructors[m->constructors[j - 1]].repeated && *cell(m, i - 1, j) > before)
		before = *cell(m, i - 1, j);
	return before + score;
}

static void solve(matching *m)
{
	for (size_t i = 0; i <= m->layer_count; i++)
		for (size_t j = 0; j <= m->constructor_count; j++) {
			int best = 0;
			if (i && j) {
				int diagonal = from_diagonal(m, i, j), left = *cell(m, i, j - 1), up = *cell(m, i - 1, j);
				best = diagonal > left ? diagonal : left;
				best = up > best ? up : best;
			}
			*cell(m, i, j) = best;
		}
	size_t i = m->layer_count, j = m->constructor_count;
	while (i && j) {
		if (from_diagonal(m, i, j) == *cell(m, i, j) && fit_at(m, i - 1, j - 1) >= 0) {
			m->match[i - 1] = (int)j - 1;
			bool again = m->program->constructors[m->constructors[j - 1]].repeated && *cell(m, i - 1, j) > *cell(m, i - 1, j - 1);
			i--;
			j -= !again;
		} else if (*cell(m, i, j) == *cell(m, i, j - 1)) {
			j--;
		} else {
			i--;
		}
	}
}

/* Could a free constructor between the neighbours' on another line take its place at no loss? */
static int rival_of(const matching *m, size_t i)
{
	int mine = m->match[i], low = -1, high = (int)m->constructor_count;
	for (size_t k = 0; k < i; k++)
		low = m->match[k] > low ? m->match[k] : low;
	for (size_t k = m->layer_count; k-- > i + 1;)
		high = m->match[k] >= 0 && m->match[k] < high ? m->match[k] : high;
	for (int j = low + 1; j < high; j++) {
		const gd_constructor *other = &m->program->constructors[m->constructors[j]];
		if (j != mine && other->line != m->program->constructors[m->constructors[mine]].line && fit_at(m, i, (size_t)j) >= fit_at(m, i, (size_t)mine))
			return j;
	}
	return -1;
}

static void write_lines(const matching *m, gd_line *lines)
{
	for (size_t i = 0; i < m->layer_count; i++) {
		if (m->match[i] < 0)
			continue;
		const gd_constructor *c = &m->program->constructors[m->constructors[m->match[i]]];
		int rival = rival_of(m, i);
		gd_line *line = &lines[m->layers[i].layer];
		*line = rival >= 0 ? gd_align_doubt(c->line, m->program->constructors[m->constructors[rival]].line)
						   : gd_align_line(m->program, c, c->maybe || c->repeated ? 0.8 : 1.0);
	}
}

static gd_status align_kind(const gd_model *model, const gd_program *program, const char *kind, gd_arena *arena, gd_line *lines, gd_error *err)
{
	matching m = { .model = model, .program = program };
	m.layers = gd_arena_new(arena, model->layer_count, sizeof *m.layers);
	m.constructors = gd_arena_new(arena, program->constructor_count + 1, sizeof *m.constructors);
	if (!m.layers || !m.constructors)
		return gd_fail_memory(err, "finding the lines of the layers");
	m.layer_count = layers_of(model, kind, m.layers);
	for (size_t i = 0; i < program->constructor_count; i++)
		if (strcmp(kind_of(program->constructors[i].kind), kind) == 0)
			m.constructors[m.constructor_count++] = (int)i;
	if (m.constructor_count > 4096 || m.layer_count > 4096)
		return GD_OK; /* no program is written so; the table would take the memory */
	m.best = gd_arena_new(arena, (m.layer_count + 1) * (m.constructor_count + 1), sizeof *m.best);
	m.match = gd_arena_new(arena, m.layer_count + 1, sizeof *m.match);
	if (!m.best || !m.match)
		return gd_fail_memory(err, "finding the lines of the layers");
	for (size_t i = 0; i < m.layer_count; i++)
		m.match[i] = -1;
	solve(&m);
	write_lines(&m, lines);
	return GD_OK;
}

static bool seen_before(const gd_model *model, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(model->layers[i].kind, model->layers[at].kind) == 0)
			return true;
	return false;
}

/* What the exporter wrote down of the run: the place in forward. Where that is the program's own file, its text too. */
static gd_line traced_line(const gd_layer *layer, gd_program *program)
{
	gd_line line = { .file = layer->source_file, .line = layer->source_line, .confidence = 1.0 };
	const char *theirs = strrchr(layer->source_file, '/'), *ours = program ? strrchr(program->path, '/') : NULL;
	theirs = theirs ? theirs + 1 : layer->source_file;
	ours = ours ? ours + 1 : program ? program->path : "";
	if (strcmp(theirs, ours) == 0) {
		line.file = program->path;
		line.text = gd_program_line(program, layer->source_line);
	}
	return line;
}

/* First where modules are made that have the layers' names; then what the exporter wrote down; classes in order for what
 * has neither. */
gd_status gd_align(const gd_model *model, gd_program *program, gd_line *lines, gd_error *err)
{
	gd_status status = GD_OK;
	size_t modules = 0;
	for (size_t i = 0; i < model->layer_count; i++)
		lines[i] = (gd_line){ 0 };
	if (program && model->format == GD_FORMAT_ONNX)
		status = gd_align_modules(model, program, lines, &modules, err);
	for (size_t i = 0; i < model->layer_count && status == GD_OK; i++)
		if (model->layers[i].source_line > 0 && !lines[i].line)
			lines[i] = traced_line(&model->layers[i], program);
	for (size_t i = 0; i < model->layer_count && status == GD_OK && program && !modules; i++) {
		gd_arena arena = { 0 };
		if (!model->layers[i].source_line && !seen_before(model, i))
			status = align_kind(model, program, model->layers[i].kind, &arena, lines, err);
		gd_arena_free(&arena);
	}
	return status;
}

static const gd_line *line_of_entry(const gd_model *model, const gd_entry *entry, const gd_line *lines)
{
	if (lines[entry->head].line)
		return &lines[entry->head];
	if (lines[entry->head].end_line) /* ambiguous: a member's line would look like its own */
		return NULL;
	for (size_t k = 0; k < entry->member_count; k++)
		if (lines[entry->members[k]].line)
			return &lines[entry->members[k]];
	(void)model;
	return NULL;
}

static gd_line kept_line(gd_ranking *ranking, const gd_line *line)
{
	gd_line kept = *line;
	kept.file = line->file ? gd_arena_text(&ranking->arena, line->file, strlen(line->file)) : NULL;
	kept.text = line->text ? gd_arena_text(&ranking->arena, line->text, strlen(line->text)) : NULL;
	return kept;
}

/* Evidence about one member has the line of that member. */
static void set_member_lines(gd_ranking *ranking, size_t at, const gd_model *model, const gd_line *lines)
{
	gd_ranked_entry *entry = &ranking->layers[at];
	const gd_entry *members = &model->entries[entry->index];
	for (size_t i = 0; i < entry->evidence_count; i++)
		for (size_t k = 0; k < members->member_count; k++)
			if (entry->evidence[i].member == entry->members[k] && lines[members->members[k]].line)
				entry->evidence[i].line = kept_line(ranking, &lines[members->members[k]]);
}

/* Where no layer is blamed, the place that says how the model was trained is the next to look at. */
static bool say_where_training_is(gd_ranking *ranking, const gd_program *program)
{
	if (!program || !program->compile_line || !ranking->verdict || strcmp(ranking->verdict, "outside") != 0)
		return true;
	return gd_ranking_note(ranking, "%s:%d says how the model is trained: loss %.60s, optimizer %.60s", program->path, program->compile_line,
		program->loss ? program->loss : "not given", program->optimizer ? program->optimizer : "not given");
}

static bool say_what_is_missing(gd_ranking *ranking, const gd_model *model, const gd_program *program, const gd_line *lines)
{
	if (!program)
		return true;
	size_t heads = 0, found = 0;
	bool fine = true;
	for (size_t e = 0; e < model->entry_count && fine; e++) {
		const gd_line *line = &lines[model->entries[e].head];
		heads++;
		found += line->line > 0;
		if (!line->line && line->end_line)
			fine = gd_ranking_note(ranking, "the line of layer %s is ambiguous: lines %d and %d of %s fit equally well",
				model->layers[model->entries[e].head].name, line->column, line->end_line, program->path);
	}
	if (program->gave_up && fine)
		fine = gd_ranking_note(ranking, "%s: lines are not located: %s", program->path, program->gave_up);
	else if (program->syntax_error_line && fine)
		fine = gd_ranking_note(ranking, "%s: line %d could not be parsed; lines were found for %zu of %zu layers", program->path,
			program->syntax_error_line, found, heads);
	else if (found == 0 && fine)
		fine = gd_ranking_note(ranking, "%s has no constructor that fits a layer of this model; is it the program that made it?", program->path);
	return fine;
}

static bool keep_program(gd_ranking *ranking, const gd_program *program)
{
	if (!program)
		return true;
	ranking->program = gd_arena_text(&ranking->arena, program->path, strlen(program->path));
	ranking->program_text = gd_arena_text(&ranking->arena, program->source, program->source_length);
	ranking->program_length = program->source_length;
	return ranking->program && ranking->program_text;
}

gd_status gd_align_ranking(gd_ranking *ranking, const gd_model *model, gd_program *program, gd_error *err)
{
	gd_line *lines = calloc(model->layer_count + 1, sizeof *lines);
	if (!lines)
		return gd_fail_memory(err, "finding the lines of the layers");
	gd_status status = gd_align(model, program, lines, err);
	for (size_t i = 0; i < ranking->layer_count && status == GD_OK; i++) {
		const gd_line *line = line_of_entry(model, &model->entries[ranking->layers[i].index], lines);
		if (line)
			ranking->layers[i].line = kept_line(ranking, line);
		set_member_lines(ranking, i, model, lines);
	}
	if (status == GD_OK && (!keep_program(ranking, program) || !say_what_is_missing(ranking, model, program, lines) ||
							   !say_where_training_is(ranking, program)))
		status = gd_fail_memory(err, "finding the lines of the layers");
	free(lines);
	return status;
}
