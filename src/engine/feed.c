#include "engine/feed.h"
#include "base/checked.h"
#include "engine/tokens.h"
#include <stdlib.h>
#include <string.h>

/* One input of the model and the rows that fill it. */
typedef struct {
	const gd_value *value;
	const char *name; /* that people know it by */
	gd_rows *rows;
	const gd_rows_info *info;
	gd_tokens tokens;
	bool prepares;       /* its numbers are scaled and normalized */
	bool moves;          /* its channels change their place */
	size_t rows_of_test, columns_of_test; /* of one test as the file has it, where channels move: channels are rows or columns */
	size_t channels, after; /* where normalized by channel: their number, and numbers from one to the next */
} place;

struct gd_feed {
	gd_arena arena;
	const gd_model *model;
	place *places;
	gd_array *arrays;
	size_t count;
	int64_t room; /* tests that the arrays have room for */
	gd_preparation preparation;
	void *unmoved; /* room for one test as the file has it */
};

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* "serving_default_ids:0" is also called ids' by the part before the colon. */
static bool is_called(const place *p, const char *name)
{
	const size_t stem = strcspn(p->value->name, ":");
	return strcmp(p->value->name, name) == 0 || strcmp(p->name, name) == 0 ||
		   (p->value->name[stem] && strlen(name) == stem && strncmp(p->value->name, name, stem) == 0);
}

/* "ids, mask and segment" */
static void list_names(const gd_feed *feed, gd_text *out)
{
	for (size_t i = 0; i < feed->count; i++)
		gd_text_printf(out, "%s%.80s", i == 0 ? "" : i + 1 < feed->count ? ", " : " and ", feed->places[i].name);
}

static gd_status refuse_name(const gd_feed *feed, const gd_feed_source *source, gd_error *err)
{
	gd_text names = { 0 };
	list_names(feed, &names);
	const char *path = gd_rows_about(source->rows)->path, *list = names.bytes ? names.bytes : "";
	gd_status status =
		source->name
			? gd_fail(err, GD_E_USAGE, "%s: the model has no input \"%.80s\"; %s %s", path, source->name,
				  feed->count == 1 ? "its only one is" : "its inputs are", list)
			: gd_fail(err, GD_E_USAGE, "%s: the model has %zu inputs, %s; say whose tests these are: --inputs %.80s=%s", path,
				  feed->count, list, feed->places[0].name, path);
	gd_text_free(&names);
	return status;
}

static gd_status refuse_missing(const gd_feed *feed, const place *missing, gd_error *err)
{
	gd_text names = { 0 };
	list_names(feed, &names);
	gd_status status = gd_fail(err, GD_E_USAGE, "nothing is given for the model's input \"%.80s\"; it has %s: add --inputs %.80s=FILE",
		missing->name, names.bytes ? names.bytes : "", missing->name);
	gd_text_free(&names);
	return status;
}

static gd_status place_rows(gd_feed *feed, const gd_feed_source *source, gd_error *err)
{
	place *found = NULL;
	for (size_t i = 0; source->name && i < feed->count; i++)
		if (is_called(&feed->places[i], source->name))
			found = &feed->places[i];
	if (!source->name && feed->count == 1)
		found = &feed->places[0];
	if (!found)
		return refuse_name(feed, source, err);
	if (found->rows)
		return gd_fail(err, GD_E_USAGE, "the model's input \"%.80s\" is given twice: %s and %s", found->name, found->info->path,
			gd_rows_about(source->rows)->path);
	found->rows = source->rows;
	found->info = gd_rows_about(source->rows);
	return GD_OK;
}

/* ---- shapes and types -------------------------------------------------------------------------------------------- */

/* The shape the model wants where it differs from the file's by dimensions of 1 only: (n) for (n, 1), (n, 28, 28) for
 * (n, 28, 28, 1); else the file's. */
static gd_shape shape_of_rows(const gd_rows_info *info, const gd_shape *wanted)
{
	gd_shape shape = { .rank = info->rank + 1 > GD_MAX_RANK ? GD_MAX_RANK : info->rank + 1 };
	for (int i = 1; i < shape.rank; i++)
		shape.dim[i] = info->dim[i - 1];
	if (wanted->rank < 1 || wanted->rank == shape.rank)
		return shape;
	int at = 1;
	for (int i = 1; i < wanted->rank; i++) {
		while (at < shape.rank && shape.dim[at] == 1 && wanted->dim[i] != 1)
			at++;
		if (at < shape.rank && wanted->dim[i] == shape.dim[at])
			at++;
		else if (wanted->dim[i] != 1)
			return shape;
	}
	for (; at < shape.rank; at++)
		if (shape.dim[at] != 1)
			return shape;
	return *wanted;
}

static bool fits(const gd_shape *seen, const gd_shape *wanted)
{
	bool same = wanted->rank < 0 || wanted->rank == seen->rank;
	for (int i = 1; same && i < wanted->rank; i++)
		same = wanted->dim[i] < 0 || wanted->dim[i] == seen->dim[i];
	return same;
}

/* Images with their channels at the other end: last is where they are to be. */
static gd_rows_info moved(const gd_rows_info *info, bool last)
{
	gd_rows_info to = *info;
	for (int i = 0; i < info->rank; i++)
		to.dim[i] = info->dim[(i + (last ? 1 : info->rank - 1)) % info->rank];
	return to;
}

/* What the shapes say when the file's images only have their channels elsewhere. */
static const char *layout_hint(const place *p)
{
	const gd_rows_info last = moved(p->info, true), first = moved(p->info, false);
	if (p->info->rank < 3 || p->info->rank >= GD_MAX_RANK)
		return "reshape the tests or choose others";
	const gd_shape as_last = shape_of_rows(&last, &p->value->shape), as_first = shape_of_rows(&first, &p->value->shape);
	if (fits(&as_last, &p->value->shape))
		return "the file seems to have channels first: try --layout nchw";
	return fits(&as_first, &p->value->shape) ? "the file seems to have channels last: try --layout nhwc" : "reshape the tests or choose others";
}

static gd_status refuse_shape(const place *p, gd_error *err)
{
	gd_arena arena = { 0 };
	gd_shape rows = shape_of_rows(p->info, &(gd_shape){ .rank = -1 });
	rows.dim[0] = p->info->count;
	const char *one = gd_shape_text(&rows, &arena), *other = gd_shape_text(&p->value->shape, &arena);
	gd_status status = gd_fail(err, GD_E_INPUT,
		"%s: the tests have shape %s, but the model's input \"%.80s\" takes %s; %s", p->info->path, one ? one : "?", p->name,
		other ? other : "?", layout_hint(p));
	gd_arena_free(&arena);
	return status;
}

static gd_type type_of_rows(gd_type wanted)
{
	return wanted == GD_F64 ? GD_F64 : wanted == GD_I64 || wanted == GD_I32 ? GD_I64 : GD_F32;
}

/* Where both layouts fit, Keras counts channels last and ONNX first. */
static void settle_layout(gd_feed *feed, size_t at)
{
	place *p = &feed->places[at];
	const gd_layout given = p->info->images ? GD_LAYOUT_LAST : feed->preparation.layout;
	if (given == GD_LAYOUT_AUTO || p->info->rank < 3)
		return;
	const gd_rows_info to = moved(p->info, given == GD_LAYOUT_FIRST);
	const gd_shape shape = shape_of_rows(&to, &p->value->shape);
	const gd_layout models = feed->model->format == GD_FORMAT_ONNX ? GD_LAYOUT_FIRST : GD_LAYOUT_LAST;
	if (!fits(&shape, &p->value->shape) || (fits(&feed->arrays[at].shape, &p->value->shape) && models == given))
		return;
	p->moves = true;
	p->rows_of_test = given == GD_LAYOUT_FIRST ? (size_t)p->info->dim[0] : p->info->width / (size_t)p->info->dim[p->info->rank - 1];
	p->columns_of_test = p->info->width / p->rows_of_test;
	feed->arrays[at].shape = shape;
}

/* The axis that counts as many channels as numbers were given for. */
static gd_status settle_channels(gd_feed *feed, size_t at, gd_error *err)
{
	place *p = &feed->places[at];
	const gd_shape *shape = &feed->arrays[at].shape;
	const size_t given = feed->preparation.channels;
	const bool first = shape->rank > 2 && (size_t)shape->dim[1] == given, last = (size_t)shape->dim[shape->rank - 1] == given;
	p->channels = given;
	p->after = 1;
	if (given < 2 || (last && !(first && feed->model->format == GD_FORMAT_ONNX)))
		return GD_OK;
	for (int i = 2; i < shape->rank; i++)
		p->after *= (size_t)shape->dim[i];
	if (first)
		return GD_OK;
	gd_arena arena = { 0 };
	const char *text = gd_shape_text(shape, &arena);
	gd_status status = gd_fail(err, GD_E_USAGE, "--normalize has means for %zu channels, but the tests of \"%.80s\" have shape %s", given, p->name,
		text ? text : "?");
	gd_arena_free(&arena);
	return status;
}

/* The model's own size, and its channels, for a folder of images. */
static gd_status size_images(const gd_feed *feed, const place *p, gd_error *err)
{
	const gd_shape *wanted = &p->value->shape;
	const bool onnx = feed->model->format == GD_FORMAT_ONNX;
	if (wanted->rank != 4 && wanted->rank != 3)
		return refuse_shape(p, err);
	const bool is_last = wanted->dim[wanted->rank - 1] == 1 || wanted->dim[wanted->rank - 1] == 3, is_first = wanted->dim[1] == 1 || wanted->dim[1] == 3;
	const bool first = wanted->rank == 4 && (onnx ? is_first || !is_last : is_first && !is_last);
	const int64_t channels = wanted->rank == 3 ? 1 : wanted->dim[first ? 1 : 3];
	const int64_t height = p->info->dim[0] ? p->info->dim[0] : wanted->dim[first ? 2 : 1];
	const int64_t width = p->info->dim[1] ? p->info->dim[1] : wanted->dim[first ? 3 : 2];
	if (height < 0 || width < 0)
		return gd_fail(err, GD_E_USAGE, "%s: the model takes images of any size; say which one these have in the program: --image-size HxW", p->info->path);
	return gd_rows_size_images(p->rows, height, width, channels < 0 ? 3 : channels, err);
}

static gd_status settle(gd_feed *feed, size_t at, gd_error *err)
{
	place *p = &feed->places[at];
	if (p->info->class_count)
		return gd_fail(err, GD_E_INPUT, "%s: holds words (\"%.60s\" ...), but the inputs of a model are numbers; encode them as the program does",
			p->info->path, p->info->class_names[0]);
	if (p->info->rank + 1 > GD_MAX_RANK)
		return gd_fail(err, GD_E_INPUT, "%s: the tests have %d dimensions; at most %d are read", p->info->path, p->info->rank + 1, GD_MAX_RANK);
	if (p->info->count != feed->places[0].info->count)
		return gd_fail(err, GD_E_INPUT, "%s has %lld tests, but %s has %lld; all inputs must hold the same tests in the same order",
			p->info->path, (long long)p->info->count, feed->places[0].info->path, (long long)feed->places[0].info->count);
	gd_status sized = p->info->images ? size_images(feed, p, err) : GD_OK;
	if (sized != GD_OK)
		return sized;
	feed->arrays[at] = (gd_array){ .type = type_of_rows(p->value->type), .shape = shape_of_rows(p->info, &p->value->shape) };
	settle_layout(feed, at);
	if (!fits(&feed->arrays[at].shape, &p->value->shape))
		return refuse_shape(p, err);
	return p->prepares ? settle_channels(feed, at, err) : GD_OK;
}

/* ---- opening and reading ----------------------------------------------------------------------------------------- */

static gd_status bind(gd_feed *feed, const gd_feed_source *sources, size_t count, gd_error *err)
{
	const gd_graph *graph = &feed->model->graph;
	feed->count = graph->input_count;
	if (feed->count == 0)
		return gd_fail(err, GD_E_UNSUPPORTED, "%s: the model has no input, so tests cannot be run", feed->model->path);
	feed->places = gd_arena_new(&feed->arena, feed->count, sizeof *feed->places);
	feed->arrays = gd_arena_new(&feed->arena, feed->count, sizeof *feed->arrays);
	if (!feed->places || !feed->arrays)
		return gd_fail_memory(err, "reading the tests");
	for (size_t i = 0; i < feed->count; i++)
		feed->places[i] = (place){ .value = &graph->inputs[i], .name = gd_model_input_name(feed->model, i), .tokens = gd_tokens_of(feed->model, graph->inputs[i].name) };
	for (size_t i = 0; i < feed->count; i++)
		feed->places[i].prepares = !feed->places[i].tokens.layer && type_of_rows(graph->inputs[i].type) != GD_I64;
	gd_status status = GD_OK;
	for (size_t i = 0; i < count && status == GD_OK; i++)
		status = place_rows(feed, &sources[i], err);
	for (size_t i = 0; i < feed->count && status == GD_OK; i++)
		if (!feed->places[i].rows)
			status = refuse_missing(feed, &feed->places[i], err);
	for (size_t i = 0; i < feed->count && status == GD_OK; i++)
		status = settle(feed, i, err);
	return status;
}

gd_status gd_feed_open(const gd_model *model, const gd_feed_source *sources, size_t count, const gd_preparation *preparation, gd_feed **out,
	gd_error *err)
{
	gd_feed *feed = calloc(1, sizeof *feed);
	if (!feed)
		return gd_fail_memory(err, "reading the tests");
	feed->model = model;
	if (preparation)
		feed->preparation = *preparation;
	gd_status status = bind(feed, sources, count, err);
	if (status == GD_OK)
		*out = feed;
	else
		gd_feed_close(feed);
	return status;
}

int64_t gd_feed_tests(const gd_feed *feed)
{
	return feed->places[0].info->count;
}

size_t gd_feed_inputs(const gd_feed *feed)
{
	return feed->count;
}

bool gd_feed_is_prepared(const gd_feed *feed)
{
	return feed->preparation.scales || feed->preparation.normalizes;
}

const gd_rows_info *gd_feed_about(const gd_feed *feed, size_t input)
{
	return feed->places[input].info;
}

static gd_status make_room(gd_feed *feed, int64_t tests, gd_error *err)
{
	for (size_t i = 0; i < feed->count && tests > feed->room; i++) {
		const gd_rows_info *info = feed->places[i].info;
		size_t numbers, bytes;
		if (!gd_mul_size(info->width ? info->width : 1, (size_t)tests, &numbers) ||
			!gd_mul_size(numbers, gd_type_bytes(feed->arrays[i].type), &bytes))
			return gd_fail(err, GD_E_LIMIT, "%s: a batch of %lld tests is too large; choose a smaller one", info->path, (long long)tests);
		free(feed->arrays[i].data);
		feed->arrays[i].data = malloc(bytes);
		if (!feed->arrays[i].data) {
			feed->room = 0;
			return gd_fail_memory(err, "reading the tests");
		}
	}
	feed->room = tests > feed->room ? tests : feed->room;
	return GD_OK;
}

static gd_status check_tokens(const place *p, const gd_array *read, int64_t first, gd_error *err)
{
	const size_t count = p->tokens.layer ? read->bytes / gd_type_bytes(read->type) : 0;
	for (size_t i = 0; i < count; i++) {
		const double token = read->type == GD_F32	? (double)((const float *)read->data)[i]
							 : read->type == GD_F64 ? ((const double *)read->data)[i]
													: (double)((const int64_t *)read->data)[i];
		if (!(token >= (double)p->tokens.least && token < (double)p->tokens.rows))
			return gd_fail(err, GD_E_INPUT,
				"%s: test %lld holds the number %.9g, but layer \"%.80s\" has a table of %lld rows (0 to %lld); are they tokens of another vocabulary?",
				p->info->path, (long long)(first + (int64_t)(i / p->info->width)), token, p->tokens.layer, (long long)p->tokens.rows,
				(long long)p->tokens.rows - 1);
	}
	return GD_OK;
}

/* Channels to the other end, test by test: a matrix turned round. */
static gd_status move_channels(gd_feed *feed, const place *p, gd_array *to, gd_error *err)
{
	const size_t size = gd_type_bytes(to->type), test = p->info->width * size, rows = p->rows_of_test, columns = p->columns_of_test;
	void *room = realloc(feed->unmoved, test);
	if (!room)
		return gd_fail_memory(err, "reading the tests");
	feed->unmoved = room;
	for (unsigned char *at = to->data; at < (unsigned char *)to->data + to->bytes; at += test) {
		memcpy(room, at, test);
		for (size_t r = 0; r < rows; r++)
			for (size_t c = 0; c < columns; c++)
				memcpy(at + (c * rows + r) * size, (unsigned char *)room + (r * columns + c) * size, size);
	}
	return GD_OK;
}

static gd_status prepare(gd_feed *feed, const place *p, gd_array *to, gd_error *err)
{
	gd_status status = p->moves ? move_channels(feed, p, to, err) : GD_OK;
	if (status == GD_OK && p->prepares)
		gd_preparation_apply(&feed->preparation, to->data, to->type == GD_F64, to->bytes / gd_type_bytes(to->type), p->channels, p->after);
	return status;
}

gd_status gd_feed_read(gd_feed *feed, int64_t first, int64_t count, const gd_array **out, gd_error *err)
{
	gd_status status = make_room(feed, count, err);
	for (size_t i = 0; i < feed->count && status == GD_OK; i++) {
		gd_array *to = &feed->arrays[i];
		gd_rows *rows = feed->places[i].rows;
		to->shape.dim[0] = count;
		to->bytes = feed->places[i].info->width * (size_t)count * gd_type_bytes(to->type);
		status = to->type == GD_F64	  ? gd_rows_doubles(rows, first, count, to->data, err)
				 : to->type == GD_I64 ? gd_rows_integers(rows, first, count, to->data, err)
									  : gd_rows_floats(rows, first, count, to->data, err);
		if (status == GD_OK)
			status = check_tokens(&feed->places[i], to, first, err);
		if (status == GD_OK)
			status = prepare(feed, &feed->places[i], to, err);
	}
	*out = feed->arrays;
	return status;
}

void gd_feed_close(gd_feed *feed)
{
	if (!feed)
		return;
	for (size_t i = 0; feed->arrays && i < feed->count; i++)
		free(feed->arrays[i].data);
	free(feed->unmoved);
	gd_arena_free(&feed->arena);
	free(feed);
}
