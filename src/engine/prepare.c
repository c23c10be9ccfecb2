#include "engine/prepare.h"
#include "base/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WORD = 64 };

static gd_status parse_scale(const char *text, gd_preparation *out, gd_error *err)
{
	char word[MAX_WORD];
	double above, below = 1;
	const char *slash = strchr(text, '/');
	const size_t length = slash ? (size_t)(slash - text) : strlen(text);
	bool fine = length < sizeof word;
	if (fine) {
		memcpy(word, text, length);
		word[length] = 0;
		fine = gd_text_number(word, &above) && (!slash || gd_text_number(slash + 1, &below)) && below != 0 && above != 0 && isfinite(above / below);
	}
	if (!fine)
		return gd_fail(err, GD_E_USAGE, "--scale takes a number that is not 0, or a fraction like 1/255, not \"%.60s\"", text);
	out->scales = true;
	out->scale = above / below;
	return GD_OK;
}

static gd_status parse_normalize(const char *text, gd_preparation *out, gd_error *err)
{
	double numbers[2 * GD_PREPARE_CHANNELS];
	size_t count = 0;
	bool fine = true;
	for (const char *at = text; fine; at += strcspn(at, ",") + 1) {
		char word[MAX_WORD];
		const size_t length = strcspn(at, ",");
		fine = length < sizeof word && count < sizeof numbers / sizeof numbers[0];
		if (fine) {
			memcpy(word, at, length);
			word[length] = 0;
			fine = gd_text_number(word, &numbers[count++]);
		}
		if (!at[length])
			break;
	}
	fine = fine && count > 0 && count % 2 == 0;
	for (size_t i = count / 2; fine && i < count; i++)
		fine = numbers[i] > 0;
	if (!fine)
		return gd_fail(err, GD_E_USAGE,
			"--normalize takes MEAN,STD, or a mean for each channel and then a deviation above 0 for each (up to %d channels), not \"%.80s\"",
			GD_PREPARE_CHANNELS, text);
	out->normalizes = true;
	out->channels = count / 2;
	memcpy(out->mean, numbers, out->channels * sizeof *numbers);
	memcpy(out->deviation, numbers + out->channels, out->channels * sizeof *numbers);
	return GD_OK;
}

static gd_status parse_layout(const char *text, gd_preparation *out, gd_error *err)
{
	static const char *const names[] = { [GD_LAYOUT_AUTO] = "auto", [GD_LAYOUT_FIRST] = "nchw", [GD_LAYOUT_LAST] = "nhwc" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(text, names[i]) == 0) {
			out->layout = (gd_layout)i;
			return GD_OK;
		}
	return gd_fail(err, GD_E_USAGE, "--layout takes nchw (channels first), nhwc (channels last) or auto, not \"%.60s\"", text);
}

gd_status gd_preparation_parse(const char *scale, const char *normalize, const char *layout, gd_preparation *out, gd_error *err)
{
	*out = (gd_preparation){ .scale = 1 };
	gd_status status = scale ? parse_scale(scale, out, err) : GD_OK;
	if (status == GD_OK && normalize)
		status = parse_normalize(normalize, out, err);
	return status == GD_OK && layout ? parse_layout(layout, out, err) : status;
}

void gd_preparation_apply(const gd_preparation *p, void *numbers, bool wide, size_t count, size_t axis, size_t after)
{
	if (!p->scales && !p->normalizes)
		return;
	for (size_t i = 0; i < count; i++) {
		const size_t channel = p->channels > 1 ? i / after % axis : 0;
		double value = wide ? ((double *)numbers)[i] : (double)((float *)numbers)[i];
		value *= p->scale;
		if (p->normalizes)
			value = (value - p->mean[channel]) / p->deviation[channel];
		if (wide)
			((double *)numbers)[i] = value;
		else
			((float *)numbers)[i] = (float)value;
	}
}
