#include "spectrum/collect.h"
#include "spectrum/unprepared.h"
#include "base/checked.h"
#include "base/digest.h"
#include <math.h>
#include <string.h>

typedef struct {
	const gd_collect *request;
	gd_arena arena;
	gd_session *session;
	gd_oracle oracle;
	gd_spectrum *spectrum;
	int64_t tests, batch;
	const gd_array *rows; /* of the present batch, lent by the feed */
	gd_array *outputs; /* the model's output, entries, extra probes */
	gd_verdict *verdicts;
	const float **neurons;
	float *kept;        /* tests x neurons, when they fit and coverage scales per neuron */
	gd_bounds *bounds;  /* of every neuron, when coverage scales per neuron */
	int64_t done, work; /* tests times passes, for progress */
} pass;

static gd_status open_session(pass *p, gd_error *err)
{
	const gd_collect *request = p->request;
	const gd_model *model = request->model;
	size_t count = model->entry_count + request->extra_count;
	gd_probe *entries = gd_session_entry_probes(model, request->options.reduce, &p->arena);
	gd_probe *probes = gd_arena_new(&p->arena, count + 1, sizeof *probes);
	p->outputs = gd_arena_new(&p->arena, count + 1, sizeof *p->outputs);
	p->neurons = gd_arena_new(&p->arena, model->entry_count + 1, sizeof *p->neurons);
	if (!entries || !probes || !p->outputs || !p->neurons)
		return gd_fail_memory(err, "preparing the probes");
	memcpy(probes, entries, model->entry_count * sizeof *probes);
	if (request->extra_count)
		memcpy(probes + model->entry_count, request->extra, request->extra_count * sizeof *probes);
	return gd_session_open(model, probes, count, request->options.threads, &p->session, err);
}

static gd_status run_batch(pass *p, int64_t first, int64_t count, gd_error *err)
{
	gd_status status = gd_feed_read(p->request->inputs, first, count, &p->rows, err);
	return status ? status : gd_session_run(p->session, p->rows, p->outputs, err);
}

static gd_status report_progress(pass *p, int64_t count, gd_error *err)
{
	p->done += count;
	if (!p->request->progress || p->request->progress(p->request->progress_state, p->done, p->work))
		return GD_OK;
	return gd_fail(err, GD_E_INTERRUPTED, "stopped after %lld of %lld tests", (long long)p->done, (long long)p->work);
}

static int64_t batch_at(const pass *p, int64_t first)
{
	return p->tests - first < p->batch ? p->tests - first : p->batch;
}

/* The range of all outputs, where the graph does not tell how to read them. */
static gd_status survey_outputs(pass *p, gd_error *err)
{
	double low = INFINITY, high = -INFINITY;
	bool one = true;
	p->work += p->tests;
	for (int64_t first = 0; first < p->tests; first += p->batch) {
		int64_t count = batch_at(p, first);
		gd_status status = run_batch(p, first, count, err);
		if (!status)
			status = report_progress(p, count, err);
		if (status)
			return status;
		const float *values = p->outputs[0].data;
		size_t places = p->oracle.places * (size_t)count, block = p->oracle.units * p->oracle.inner;
		for (size_t place = 0; place < places; place++) {
			const float *unit = values + place / p->oracle.inner * block + place % p->oracle.inner;
			double sum = 0;
			for (size_t u = 0; u < p->oracle.units; u++, unit += p->oracle.inner) {
				sum += (double)*unit;
				if (isfinite(*unit)) {
					low = fmin(low, (double)*unit);
					high = fmax(high, (double)*unit);
				}
			}
			one = one && !(fabs(sum - 1) > 1e-3);
		}
	}
	gd_oracle_set_range(&p->oracle, low <= high ? low : 0, low <= high ? high : 0, one);
	return GD_OK;
}

static const char *copy(gd_spectrum *spectrum, const char *text)
{
	return gd_arena_text(&spectrum->arena, text, strlen(text));
}

static gd_status digest_of(const gd_model *model, char digest[GD_SHA256_TEXT], gd_error *err)
{
	return model->map.bytes ? gd_sha256(model->map.bytes, model->map.size, digest, err)
							: gd_sha256(model->onnx.bytes, model->onnx.size, digest, err);
}

gd_status gd_spectrum_check_model(const gd_spectrum *spectrum, const gd_model *model, gd_error *err)
{
	char digest[GD_SHA256_TEXT];
	gd_status status = digest_of(model, digest, err);
	if (status == GD_OK && strcmp(digest, spectrum->sha256) != 0)
		return gd_fail(err, GD_E_INPUT, "the spectrum was made from another model than %s (sha256 differs); it was %s", model->path,
			spectrum->model_path);
	return status;
}

static gd_status describe(pass *p, gd_error *err)
{
	const gd_model *model = p->request->model;
	gd_spectrum *spectrum = p->spectrum;
	char digest[GD_SHA256_TEXT];
	gd_status status = digest_of(model, digest, err);
	if (status)
		return status;
	spectrum->model_path = copy(spectrum, model->path);
	spectrum->model_format = gd_format_name(model->format);
	spectrum->sha256 = copy(spectrum, digest);
	spectrum->parameters = model->parameters;
	spectrum->task = p->request->labels->task;
	spectrum->threshold = p->request->options.threshold;
	if (isnan(spectrum->threshold))
		spectrum->threshold = spectrum->coverage->threshold;
	spectrum->tolerance = spectrum->task == GD_TASK_REGRESSION ? p->oracle.tolerance : 0;
	spectrum->reduction = p->request->options.reduce == GD_REDUCE_MAX ? "max" : "mean";
	spectrum->form = gd_form_name(p->oracle.form);
	const gd_rows_info *labels = gd_rows_about(p->request->labels->rows);
	bool fine = spectrum->model_path && spectrum->sha256;
	if (fine && labels->class_count)
		fine = gd_spectrum_name_classes(spectrum, labels->class_names, labels->class_count);
	for (size_t i = 0; fine && i < model->note_count; i++)
		fine = gd_spectrum_note(spectrum, "%s", model->notes[i]);
	for (size_t i = 0; fine && i < p->request->labels->note_count; i++)
		fine = gd_spectrum_note(spectrum, "%s", p->request->labels->notes[i]);
	if (fine && p->oracle.note[0])
		fine = gd_spectrum_note(spectrum, "%s", p->oracle.note);
	return fine ? GD_OK : gd_fail_memory(err, "describing the model");
}

/* Names and members of the model's entries, units as the probes gave them. */
static gd_status make_spectrum(pass *p, gd_error *err)
{
	const gd_model *model = p->request->model;
	gd_spectrum_entry *entries = gd_arena_new(&p->arena, model->entry_count + 1, sizeof *entries);
	if (!entries)
		return gd_fail_memory(err, "listing the entries");
	for (size_t i = 0; i < model->entry_count; i++) {
		const gd_entry *from = &model->entries[i];
		const gd_array *values = &p->outputs[i + 1];
		entries[i] = (gd_spectrum_entry){ .name = model->layers[from->head].name,
			.kind = model->layers[from->head].kind,
			.member_count = from->member_count,
			.is_output = from->is_output };
		entries[i].members = gd_arena_new(&p->arena, from->member_count + 1, sizeof *entries[i].members);
		if (!entries[i].members)
			return gd_fail_memory(err, "listing the entries");
		for (size_t k = 0; k < from->member_count; k++)
			entries[i].members[k] = model->layers[from->members[k]].name;
		if (!gd_shape_count(&values->shape, 1, &entries[i].units) || values->type != GD_F32)
			return gd_fail(err, GD_E_INTERNAL, "the values of layer \"%s\" have no countable units", entries[i].name);
	}
	gd_spectrum_size size = { entries, model->entry_count, p->tests, p->request->options.coverage };
	gd_status status = gd_spectrum_new(&size, &p->spectrum, err);
	return status ? status : describe(p, err);
}

/* Room for what scaling per neuron needs. */
static gd_status prepare_bounds(pass *p, gd_error *err)
{
	if (p->request->options.coverage->scale != GD_SCALE_NEURON)
		return GD_OK;
	size_t neurons = p->spectrum->neuron_count, numbers, bytes;
	size_t budget = p->request->options.keep_bytes ? p->request->options.keep_bytes : (size_t)256 << 20;
	p->bounds = gd_arena_new(&p->arena, neurons + 1, sizeof *p->bounds);
	if (!p->bounds)
		return gd_fail_memory(err, "scaling the neurons");
	for (size_t i = 0; i < neurons; i++)
		p->bounds[i] = gd_bounds_none;
	if (gd_mul_size(neurons, (size_t)p->tests, &numbers) && gd_mul_size(numbers, sizeof(float), &bytes) &&
		bytes <= budget)
		p->kept = gd_arena_new(&p->arena, numbers + 1, sizeof *p->kept);
	if (!p->kept)
		p->work += p->tests; /* a second pass */
	return GD_OK;
}

/* The first batch tells shapes; then everything of the right size is made. */
static gd_status prepare(pass *p, gd_error *err)
{
	gd_status status = open_session(p, err);
	if (!status)
		status = run_batch(p, 0, batch_at(p, 0), err);
	if (status)
		return status;
	p->verdicts = gd_arena_new(&p->arena, (size_t)p->batch, sizeof *p->verdicts);
	if (!p->verdicts)
		return gd_fail_memory(err, "judging the tests");
	gd_oracle_request request = { p->request->model, p->request->labels, &p->outputs[0].shape,
		p->request->options.tolerance, p->batch };
	status = gd_oracle_open(&request, &p->arena, &p->oracle, err);
	if (!status && p->oracle.form == GD_FORM_UNKNOWN)
		status = survey_outputs(p, err);
	if (!status && p->oracle.form != GD_FORM_UNKNOWN && p->done)
		status = run_batch(p, 0, batch_at(p, 0), err); /* shapes of the first batch again */
	if (!status)
		status = make_spectrum(p, err);
	return status ? status : prepare_bounds(p, err);
}

static void store_verdicts(pass *p, int64_t first, int64_t count)
{
	gd_spectrum *spectrum = p->spectrum;
	for (int64_t i = 0; i < count; i++) {
		const gd_verdict *verdict = &p->verdicts[i];
		int64_t t = first + i;
		spectrum->failing[t / 64] |= (uint64_t)verdict->failed << (t % 64);
		spectrum->failed += verdict->failed;
		spectrum->unsound += !verdict->finite;
		spectrum->error[t] = verdict->error;
		spectrum->expected[t] = verdict->expected;
		spectrum->predicted[t] = verdict->predicted;
		for (int kind = 0; kind < GD_CONFIDENCES; kind++)
			spectrum->confidence[kind][t] = verdict->confidence.of[kind];
	}
}

/* Activity at once, or values and bounds for later. */
static void store_activity(pass *p, int64_t first, int64_t count)
{
	gd_spectrum *spectrum = p->spectrum;
	for (size_t entry = 0; entry < spectrum->entry_count; entry++) {
		size_t units = spectrum->entries[entry].units, from = spectrum->entries[entry].first;
		for (int64_t i = 0; i < count; i++) {
			const float *values = p->neurons[entry] + (size_t)i * units;
			if (!p->bounds) {
				gd_spectrum_set_active(spectrum, entry, first + i, values, NULL);
				continue;
			}
			for (size_t n = 0; n < units; n++)
				gd_bounds_add(&p->bounds[from + n], values[n]);
			if (p->kept && units)
				memcpy(p->kept + (size_t)(first + i) * spectrum->neuron_count + from, values, units * sizeof *values);
		}
	}
}

static gd_status check_outputs(pass *p, int64_t count, gd_error *err)
{
	size_t numbers = (size_t)count * p->oracle.units * p->oracle.places;
	bool fits = p->outputs[0].type == GD_F32 && p->outputs[0].bytes == numbers * sizeof(float);
	for (size_t i = 0; i < p->spectrum->entry_count; i++) {
		fits = fits && p->outputs[i + 1].bytes == (size_t)count * p->spectrum->entries[i].units * sizeof(float);
		p->neurons[i] = p->outputs[i + 1].data;
	}
	return fits ? GD_OK
				: gd_fail(err, GD_E_UNSUPPORTED, "%s: the model changes the shape of its values from batch to batch",
					  p->request->model->path);
}

static gd_status observe(pass *p, int64_t first, int64_t count, gd_error *err)
{
	const gd_collect *request = p->request;
	gd_batch_view view = { .first = first,
		.count = count,
		.total = p->tests,
		.oracle = &p->oracle,
		.outputs = p->outputs[0].data,
		.verdicts = p->verdicts,
		.neurons = p->neurons,
		.entries = p->spectrum->entries,
		.entry_count = p->spectrum->entry_count,
		.rows = p->rows,
		.row_count = gd_feed_inputs(request->inputs),
		.extra = p->outputs + 1 + p->spectrum->entry_count,
		.extra_count = request->extra_count };
	gd_status status = GD_OK;
	for (size_t i = 0; !status && i < request->observer_count; i++)
		status = request->observers[i].batch(request->observers[i].state, &view, err);
	return status;
}

static gd_status main_pass(pass *p, gd_error *err)
{
	for (int64_t first = 0; first < p->tests; first += p->batch) {
		int64_t count = batch_at(p, first);
		gd_status status = run_batch(p, first, count, err);
		if (!status)
			status = check_outputs(p, count, err);
		if (!status)
			status = gd_oracle_judge(&p->oracle, first, count, p->outputs[0].data, p->verdicts, err);
		if (status)
			return status;
		store_verdicts(p, first, count);
		store_activity(p, first, count);
		status = observe(p, first, count, err);
		if (!status)
			status = report_progress(p, count, err);
		if (status)
			return status;
	}
	return GD_OK;
}

static void activate_kept(pass *p)
{
	for (int64_t t = 0; t < p->tests; t++)
		for (size_t entry = 0; entry < p->spectrum->entry_count; entry++) {
			size_t from = p->spectrum->entries[entry].first;
			const float *values = p->kept + (size_t)t * p->spectrum->neuron_count + from;
			gd_spectrum_set_active(p->spectrum, entry, t, values, p->bounds + from);
		}
}

static gd_status second_pass(pass *p, gd_error *err)
{
	for (int64_t first = 0; first < p->tests; first += p->batch) {
		int64_t count = batch_at(p, first);
		gd_status status = run_batch(p, first, count, err);
		if (!status)
			status = check_outputs(p, count, err);
		if (!status)
			status = report_progress(p, count, err);
		if (status)
			return status;
		for (size_t entry = 0; entry < p->spectrum->entry_count; entry++)
			for (int64_t i = 0; i < count; i++)
				gd_spectrum_set_active(p->spectrum, entry, first + i,
					p->neurons[entry] + (size_t)i * p->spectrum->entries[entry].units,
					p->bounds + p->spectrum->entries[entry].first);
	}
	return GD_OK;
}

/* What the report must say of NaN and infinite values. */
static gd_status note_unsound(pass *p, gd_error *err)
{
	gd_spectrum *spectrum = p->spectrum;
	bool fine = true;
	if (spectrum->unsound)
		fine = gd_spectrum_note(spectrum,
			"the output is NaN or infinite in %lld of %lld tests; they count as failed, with confidence 0",
			(long long)spectrum->unsound, (long long)spectrum->tests);
	for (size_t i = 0; fine && i < spectrum->entry_count; i++)
		if (spectrum->entries[i].unsound) {
			fine = gd_spectrum_note(spectrum,
				"NaN or infinite values first appear in layer \"%s\", in %lld of %lld tests; they are left out",
				spectrum->entries[i].name, (long long)spectrum->entries[i].unsound, (long long)spectrum->tests);
			break;
		}
	return fine ? GD_OK : gd_fail_memory(err, "noting NaN values");
}

static gd_status check_request(const gd_collect *request, gd_error *err)
{
	const gd_rows_info *info = gd_feed_about(request->inputs, 0);
	if (info->count < 1)
		return gd_fail(err, GD_E_INPUT, "%s: there are no tests; at least one is needed", info->path);
	if (request->labels->count != info->count)
		return gd_fail(err, GD_E_INPUT, "%s: there are %lld tests but %lld labels", info->path, (long long)info->count,
			(long long)request->labels->count);
	if (request->model->entry_count == 0)
		return gd_fail(err, GD_E_UNSUPPORTED, "%s: the model has no layer that computes, so there is nothing to rank",
			request->model->path);
	return GD_OK;
}

gd_status gd_spectrum_collect(const gd_collect *request, gd_spectrum **out, gd_error *err)
{
	gd_status status = check_request(request, err);
	if (status)
		return status;
	pass p = { .request = request, .tests = gd_feed_tests(request->inputs) };
	p.batch = request->options.batch > 0 ? request->options.batch : gd_session_pick_batch(request->model);
	p.batch = p.batch < p.tests ? p.batch : p.tests;
	p.work = p.tests;
	status = prepare(&p, err);
	if (!status)
		status = main_pass(&p, err);
	if (!status && p.kept)
		activate_kept(&p);
	else if (!status && p.bounds)
		status = second_pass(&p, err);
	if (!status)
		status = note_unsound(&p, err);
	if (!status)
		status = gd_unprepared_note(
			&(gd_unprepared){ request->inputs, p.session, &p.oracle, p.outputs, p.verdicts, p.spectrum, p.batch }, err);
	gd_session_close(p.session);
	gd_arena_free(&p.arena);
	if (status)
		gd_spectrum_free(p.spectrum);
	else
		*out = p.spectrum;
	return status;
}
