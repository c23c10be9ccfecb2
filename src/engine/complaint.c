#include "engine/complaint.h"
#include "engine/ort_abi.h"
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static const unsigned ANY = 99;

/* The first row that fits wins: its code (or ANY) and its piece of text (or NULL). Texts as of 1.21 to 1.28. */
static const struct {
	unsigned code;
	const char *text;
	gd_status status;
	const char *sentence; /* what it means and the mend */
} meanings[] = {
	{ ANY, "terminate flag", GD_E_INTERRUPTED, "the run was stopped" },
	{ ANY, "Failed to allocate", GD_E_LIMIT, "not enough memory for the model; use a smaller batch or fewer threads" },
	{ ANY, "bad_alloc", GD_E_LIMIT, "not enough memory for the model; use a smaller batch or fewer threads" },
	{ ANY, "Allocation of", GD_E_LIMIT, "not enough memory for the model; use a smaller batch or fewer threads" },
	{ ANY, "Resource temporarily unavailable", GD_E_LIMIT, "the system gives no more threads or memory; use fewer threads" },
	{ ORT_ABI_INVALID_PROTOBUF, NULL, GD_E_INPUT, "the model is no valid ONNX protobuf" },
	{ ANY, "No graph was found", GD_E_INPUT, "the model holds no graph" },
	{ ANY, "is not a registered function/op", GD_E_UNSUPPORTED, "the model uses an operator the engine does not know" },
	{ ANY, "No Op registered", GD_E_UNSUPPORTED, "the model uses an operator that its opset or the engine does not know" },
	{ ANY, "model IR version", GD_E_UNSUPPORTED, "the model is of a newer ONNX version than the engine knows; export it with an older one" },
	{ ANY, "opset", GD_E_UNSUPPORTED, "the model is of an opset the engine does not know; export it with another" },
	{ ANY, "Opset", GD_E_UNSUPPORTED, "the model is of an opset the engine does not know; export it with another" },
	{ ORT_ABI_NOT_IMPLEMENTED, NULL, GD_E_UNSUPPORTED, "the engine cannot compute a part of the model" },
	{ ORT_ABI_INVALID_GRAPH, NULL, GD_E_INPUT, "the model's graph contradicts itself" },
	{ ANY, "ShapeInferenceError", GD_E_INPUT, "the shapes inside the model contradict each other" },
	{ ANY, "Type Error", GD_E_INPUT, "the types inside the model contradict each other" },
	{ ANY, "nvalid model", GD_E_INPUT, "the model's graph contradicts itself" },
	{ ANY, "while running", GD_E_INPUT, "the model cannot compute these tests: their numbers or shape do not suit it, or it contradicts itself" },
};

static const char *skip_blanks(const char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

/* "/a/b/model.cc:181 " : the length of such a place in the engine's source, 0 when text does not start with one. */
static size_t place_length(const char *text)
{
	size_t length = strcspn(text, " \t\n");
	for (size_t i = 0; *text == '/' && i < length; i++)
		if (text[i] == ':' && i > 2 && isdigit((unsigned char)text[i + 1]) && (!strncmp(text + i - 3, ".cc", 3) || !strncmp(text + i - 2, ".h", 2)))
			return length;
	return 0;
}

/* After a place stands a C++ signature, up to the parenthesis that closes its parameters (and "const", "[with ...]").
 * Text that has none is left alone. */
static const char *skip_signature(const char *text)
{
	const char *at = text + strcspn(text, "(\n");
	if (*at != '(')
		return text;
	int depth = 0;
	do {
		depth += (*at == '(') - (*at == ')');
		at++;
	} while (*at && depth > 0);
	at = skip_blanks(at);
	if (!strncmp(at, "const ", 6))
		at = skip_blanks(at + 6);
	if (!strncmp(at, "[with ", 6) && strchr(at, ']'))
		at = strchr(at, ']') + 1;
	return at;
}

void gd_complaint_clean(const char *text, char *out, size_t size)
{
	size_t used = 0;
	bool word_starts = true;
	text = skip_blanks(text);
	while (*text && used + 1 < size) {
		size_t place = word_starts ? place_length(text) : 0;
		if (place) {
			text = skip_blanks(skip_signature(skip_blanks(text + place)));
		} else if (isspace((unsigned char)*text)) {
			text = skip_blanks(text);
			if (*text)
				out[used++] = ' ';
			word_starts = true;
		} else if (word_starts && *text == '/' && text[1]) {
			text += strcspn(text, " \t\n");
			out[used++] = '~'; /* stands for a path */
		} else {
			word_starts = *text == '"' || *text == '\'' || *text == '(' || *text == '[' || *text == ':';
			out[used++] = *text++;
		}
	}
	while (used && isspace((unsigned char)out[used - 1]))
		used--;
	out[used] = 0;
	if (*text && used > 4)
		memcpy(out + used - 3, "...", 3);
}

gd_status gd_complaint(gd_engine_stage stage, unsigned code, const char *text, gd_error *err)
{
	static const char *const doing[] = { "the engine did not start", "the engine refuses the model", "the engine failed while running the model" };
	char clean[500];
	gd_complaint_clean(text ? text : "", clean, sizeof clean);
	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
		bool fits = meanings[i].code == ANY || meanings[i].code == code;
		if (fits && (!meanings[i].text || (text && strstr(text, meanings[i].text))))
			return gd_fail(err, meanings[i].status, "%s (the engine says: %s)", meanings[i].sentence, clean);
	}
	return gd_fail(err, GD_E_INTERNAL, "%s (it says: %s)", doing[stage], clean);
}
