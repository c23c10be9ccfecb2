#include "spectrum/spectrum.h"
#include "base/checked.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *keep(gd_spectrum *spectrum, const char *text)
{
	return gd_arena_text(&spectrum->arena, text, strlen(text));
}

static bool copy_entry(gd_spectrum *spectrum, const gd_spectrum_entry *from, gd_spectrum_entry *to)
{
	*to = (gd_spectrum_entry){ .units = from->units, .first = spectrum->neuron_count, .is_output = from->is_output };
	to->name = keep(spectrum, from->name);
	to->kind = keep(spectrum, from->kind);
	to->members = gd_arena_new(&spectrum->arena, from->member_count ? from->member_count : 1, sizeof *to->members);
	if (!to->name || !to->kind || !to->members)
		return false;
	for (; to->member_count < from->member_count; to->member_count++)
		if (!(to->members[to->member_count] = keep(spectrum, from->members[to->member_count])))
			return false;
	return true;
}

static bool copy_entries(gd_spectrum *spectrum, const gd_spectrum_size *size)
{
	spectrum->entries = gd_arena_new(&spectrum->arena, size->entry_count + 1, sizeof *spectrum->entries);
	spectrum->start = gd_arena_new(&spectrum->arena, size->entry_count + 1, sizeof *spectrum->start);
	if (!spectrum->entries || !spectrum->start)
		return false;
	for (size_t i = 0; i < size->entry_count; i++) {
		if (!copy_entry(spectrum, &size->entries[i], &spectrum->entries[i]) ||
			!gd_add_size(spectrum->neuron_count, size->entries[i].units, &spectrum->neuron_count))
			return false;
		spectrum->start[++spectrum->entry_count] = spectrum->neuron_count;
	}
	return true;
}

static bool make_room(gd_spectrum *spectrum, int64_t tests, const gd_coverage *coverage)
{
	gd_arena *arena = &spectrum->arena;
	size_t n = (size_t)tests, activity;
	spectrum->tests = tests;
	spectrum->coverage = coverage;
	spectrum->words = n / 64 + (n % 64 != 0);
	spectrum->failing = gd_arena_new(arena, spectrum->words + 1, sizeof *spectrum->failing);
	spectrum->error = gd_arena_new(arena, n + 1, sizeof *spectrum->error);
	spectrum->expected = gd_arena_new(arena, n + 1, sizeof *spectrum->expected);
	spectrum->predicted = gd_arena_new(arena, n + 1, sizeof *spectrum->predicted);
	if (!spectrum->failing || !spectrum->error || !spectrum->expected || !spectrum->predicted)
		return false;
	for (int kind = 0; kind < GD_CONFIDENCES; kind++)
		if (!(spectrum->confidence[kind] = gd_arena_new(arena, n + 1, sizeof(double))))
			return false;
	if (!gd_mul_size(spectrum->neuron_count, coverage->graded ? n : spectrum->words, &activity) ||
		!gd_add_size(activity, 1, &activity))
		return false;
	if (coverage->graded)
		return (spectrum->graded = gd_arena_new(arena, activity, sizeof *spectrum->graded)) != NULL;
	return (spectrum->active = gd_arena_new(arena, activity, sizeof *spectrum->active)) != NULL;
}

gd_status gd_spectrum_new(const gd_spectrum_size *size, gd_spectrum **out, gd_error *err)
{
	if (size->tests < 1)
		return gd_fail(err, GD_E_INPUT, "there are no tests; at least one is needed");
	gd_spectrum *spectrum = calloc(1, sizeof *spectrum);
	if (!spectrum || !copy_entries(spectrum, size) || !make_room(spectrum, size->tests, size->coverage)) {
		gd_spectrum_free(spectrum);
		return gd_fail(err, GD_E_LIMIT,
			"there is no memory for the activity of all neurons in %lld tests; use fewer tests%s",
			(long long)size->tests, size->coverage->graded ? ", or coverage that is not graded" : "");
	}
	spectrum->model_path = spectrum->model_format = spectrum->sha256 = spectrum->reduction = spectrum->form = "";
	*out = spectrum;
	return GD_OK;
}

void gd_spectrum_free(gd_spectrum *spectrum)
{
	if (!spectrum)
		return;
	gd_arena_free(&spectrum->arena);
	free(spectrum);
}

bool gd_spectrum_note(gd_spectrum *spectrum, const char *format, ...)
{
	char text[1024];
	va_list list;
	va_start(list, format);
	int length = vsnprintf(text, sizeof text, format, list);
	va_end(list);
	const char **notes = gd_arena_new(&spectrum->arena, spectrum->note_count + 1, sizeof *notes);
	const char *kept = length < 0 ? NULL : keep(spectrum, text);
	if (!notes || !kept)
		return false;
	if (spectrum->note_count)
		memcpy(notes, spectrum->notes, spectrum->note_count * sizeof *notes);
	notes[spectrum->note_count++] = kept;
	spectrum->notes = notes;
	return true;
}

void gd_spectrum_set_active(
	gd_spectrum *spectrum, size_t entry, int64_t at, const float *values, const gd_bounds *bounds)
{
	gd_spectrum_entry *owner = &spectrum->entries[entry];
	const gd_coverage *coverage = spectrum->coverage;
	gd_bounds shared = coverage->scale == GD_SCALE_LAYER ? gd_bounds_of(values, owner->units) : gd_bounds_none;
	bool sound = true;
	for (size_t i = 0; i < owner->units; i++) {
		bool finite = isfinite(values[i]);
		double value = coverage->scale == GD_SCALE_NONE ? (finite ? (double)values[i] : -INFINITY)
														: gd_scaled(values[i], bounds ? bounds[i] : shared);
		sound = sound && finite;
		if (coverage->graded)
			spectrum->graded[(owner->first + i) * (size_t)spectrum->tests + (size_t)at] =
				(uint8_t)floor(value * 255 + 0.5);
		else if (finite && value > spectrum->threshold)
			spectrum->active[(owner->first + i) * spectrum->words + (size_t)at / 64] |= (uint64_t)1 << (at % 64);
	}
	owner->unsound += !sound;
}

bool gd_spectrum_name_classes(gd_spectrum *spectrum, const char *const *names, size_t count)
{
	spectrum->classes = gd_arena_new(&spectrum->arena, count, sizeof *spectrum->classes);
	bool fine = spectrum->classes != NULL;
	for (size_t i = 0; fine && i < count; i++)
		fine = (spectrum->classes[i] = gd_arena_text(&spectrum->arena, names[i], strlen(names[i]))) != NULL;
	spectrum->class_count = fine ? count : 0;
	return fine;
}
