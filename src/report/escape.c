#include "report/escape.h"

typedef struct {
	char character;
	const char *instead;
} pair;

static void put(gd_text *out, const char *text, size_t columns, const pair *pairs, size_t count)
{
	gd_text safe = { 0 };
	gd_text_put_safe(&safe, text ? text : "", columns);
	if (safe.failed)
		out->failed = true;
	for (size_t i = 0; i < safe.length; i++) {
		size_t k = 0;
		while (k < count && pairs[k].character != safe.bytes[i])
			k++;
		if (safe.bytes[i] == ':' && (i + 1 == safe.length || safe.bytes[i + 1] == ' '))
			k = count; /* an ordinary colon */
		if (k < count)
			gd_text_put(out, pairs[k].instead);
		else
			gd_text_add(out, &safe.bytes[i], 1);
	}
	gd_text_free(&safe);
}

void gd_escape_markup(gd_text *out, const char *text, size_t columns)
{
	static const pair pairs[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&#39;" } };
	put(out, text, columns, pairs, sizeof pairs / sizeof *pairs);
}

void gd_escape_markdown(gd_text *out, const char *text, size_t columns)
{
	static const pair pairs[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '|', "\\|" }, { '`', "\\`" }, { '*', "\\*" }, { '_', "\\_" },
		{ '[', "\\[" }, { ']', "\\]" }, { '\\', "\\\\" }, { '~', "\\~" }, { '!', "\\!" }, { '@', "@<!-- -->" }, { '#', "#<!-- -->" },
		{ ':', ":<!-- -->" } /* no links, no emoji */ };
	put(out, text, columns, pairs, sizeof pairs / sizeof *pairs);
}

void gd_escape_code(gd_text *out, const char *text, size_t columns)
{
	static const pair pairs[] = { { '`', "'" }, { '|', "\\|" } };
	gd_text_put(out, "`");
	put(out, text && *text ? text : " ", columns, pairs, sizeof pairs / sizeof *pairs);
	gd_text_put(out, "`");
}
