#include "api/api.h"
#include "api/handles.h"
#include <stdlib.h>
#include <string.h>

static const gd_option *find(const char *name)
{
	for (size_t i = 0; name && i < GD_OPTIONS; i++)
		if (strcmp(gd_option_table[i].name, name) == 0)
			return &gd_option_table[i];
	return NULL;
}

int dlg_option_get(size_t at, dlg_option *out)
{
	static const dlg_option_kind kinds[] = { [GD_OPTION_CHOICE] = DLG_OPTION_CHOICE, [GD_OPTION_NUMBER] = DLG_OPTION_NUMBER,
		[GD_OPTION_WHOLE] = DLG_OPTION_WHOLE };
	static const dlg_option_group groups[] = { [GD_OPTION_OF_METHOD] = DLG_OPTION_OF_METHOD, [GD_OPTION_OF_PASS] = DLG_OPTION_OF_PASS,
		[GD_OPTION_OF_RUN] = DLG_OPTION_OF_RUN };
	if (!out || at >= GD_OPTIONS)
		return 0;
	const gd_option *row = &gd_option_table[at];
	dlg_option filled = {
		.name = row->name,
		.help = row->help,
		.standard = row->standard,
		.automatic = row->automatic,
		.kind = kinds[row->kind],
		.group = groups[row->group],
		.low = row->low,
		.high = row->high,
	};
	return api_fill(out, out->size, &filled, sizeof filled, sizeof filled);
}

int dlg_option_choice(const char *option, size_t at, dlg_choice *out)
{
	const gd_option *row = find(option);
	const char *name = row && row->choice ? row->choice(at) : NULL;
	if (!out || !name)
		return 0;
	const char *about = row->choice_about ? row->choice_about(at) : NULL;
	dlg_choice filled = { .name = name, .about = about ? about : "", .text = "", .origin = "" };
	return api_fill(out, out->size, &filled, sizeof filled, sizeof filled);
}

dlg_options *dlg_options_new(void)
{
	dlg_options *made = calloc(1, sizeof *made);
	if (made)
		gd_options_init(&made->options);
	return made;
}

dlg_status dlg_options_set(dlg_options *options, const char *name, const char *value, dlg_error *err)
{
	if (!options || !name || !value)
		return api_usage(err, "dlg_options_set needs options, a name and a value");
	gd_error inner = { 0 };
	return api_pass(gd_options_set(&options->options, name, value, &inner), &inner, err);
}

void dlg_options_free(dlg_options *options)
{
	free(options);
}
