/* SARIF 2.1.0 (OASIS), within the limits of GitHub's code scanning: results for the layers that stand out only, each on the
 * line that made the layer, or on the model file. GitHub reads neither rank nor logical locations, so the message says them
 * too. Rules are the evidence that speaks loudest for each result. */
#include "base/json_writer.h"
#include "report/line_hash.h"
#include "report/rules.h"
#include "report/source.h"
#include "report/standing.h"
#include <ctype.h>
#include <math.h>
#include <string.h>

enum { MOST_RESULTS = 25, MOST_EVIDENCE = 5 };

typedef struct {
	const gd_ranking *ranking;
	const gd_page *page;
	size_t at[MOST_RESULTS]; /* places in the ranking */
	size_t count;
	const char *rules[MOST_RESULTS]; /* ids, each once */
	size_t rule_count;
	bool outside; /* one result more, for the model as a whole */
} sarif;

static const char outside_id[] = "outside.layers";

static const char *rule_id_of(const gd_ranked_entry *entry)
{
	const gd_evidence_item *reason = gd_standing_reason(entry);
	return reason ? reason->id : "ranking.suspicious-layer";
}

static size_t add_rule(sarif *s, const char *id)
{
	size_t at = 0;
	while (at < s->rule_count && strcmp(s->rules[at], id) != 0)
		at++;
	if (at == s->rule_count)
		s->rules[s->rule_count++] = id;
	return at;
}

static void choose(sarif *s)
{
	for (size_t i = 0; i < s->ranking->layer_count && s->count < MOST_RESULTS - 1; i++)
		if (gd_standing_of(s->ranking, i, s->page) != GD_STANDS_IN_LINE)
			s->at[s->count++] = i;
	s->outside = strcmp(s->ranking->verdict, "outside") == 0;
	if (s->outside)
		add_rule(s, outside_id);
	for (size_t i = 0; i < s->count; i++)
		add_rule(s, rule_id_of(&s->ranking->layers[s->at[i]]));
}

/* "settings.softmax-inside" as "SettingsSoftmaxInside". */
static void put_rule_name(gd_json *json, const char *id)
{
	char name[120];
	size_t length = 0;
	bool upper = true;
	for (; *id && length + 1 < sizeof name; id++) {
		bool letter = isalnum((unsigned char)*id) != 0;
		if (letter)
			name[length++] = upper ? (char)toupper((unsigned char)*id) : *id;
		upper = !letter;
	}
	name[length] = 0;
	gd_json_put_string(json, "name", name);
}

static void put_text_object(gd_json *json, const char *key, const char *text)
{
	gd_json_put_object(json, key);
	gd_json_put_string(json, "text", text);
	gd_json_end(json, '}');
}

static void put_rule(gd_json *json, const char *id)
{
	const gd_rule *rule = gd_rule_of(id);
	gd_json_object(json);
	gd_json_put_string(json, "id", id);
	put_rule_name(json, id);
	put_text_object(json, "shortDescription", rule->brief);
	put_text_object(json, "fullDescription", rule->help);
	gd_json_put_object(json, "help");
	gd_json_put_string(json, "text", rule->help);
	gd_text markdown = { 0 };
	gd_text_printf(&markdown, "**%s** (`%s`)\n\n%s\n\n`dlguider explain MODEL LAYER` shows all evidence for and against a layer.", rule->brief, id, rule->help);
	gd_json_put_string(json, "markdown", markdown.bytes ? markdown.bytes : "");
	gd_text_free(&markdown);
	gd_json_end(json, '}');
	gd_json_put_object(json, "defaultConfiguration");
	gd_json_put_string(json, "level", rule->is_rule ? "error" : "warning");
	gd_json_end(json, '}');
	gd_json_put_object(json, "properties");
	gd_json_put_array(json, "tags");
	gd_json_string(json, "deep-learning");
	gd_json_string(json, "model");
	gd_json_end(json, ']');
	gd_json_put_string(json, "precision", rule->is_rule ? "high" : "medium");
	gd_json_put_string(json, "problem.severity", rule->is_rule ? "error" : "warning");
	gd_json_end(json, '}');
	gd_json_end(json, '}');
}

static void put_tool(gd_json *json, const sarif *s)
{
	gd_json_put_object(json, "tool");
	gd_json_put_object(json, "driver");
	gd_json_put_string(json, "name", "dlguider");
	gd_json_put_string(json, "semanticVersion", DLGUIDER_VERSION);
	put_text_object(json, "shortDescription", "Says which layer of a trained model is most likely at fault.");
	gd_json_put_array(json, "rules");
	for (size_t i = 0; i < s->rule_count; i++)
		put_rule(json, s->rules[i]);
	gd_json_end(json, ']');
	gd_json_end(json, '}');
	gd_json_end(json, '}');
}

/* A path as a URI reference; relative paths stay relative to where the command ran, as GitHub wants them. */
static void put_uri(gd_json *json, const char *path)
{
	gd_text uri = { 0 };
	while (path[0] == '.' && path[1] == '/')
		path += 2;
	if (*path == '/')
		gd_text_put(&uri, "file://");
	for (; *path; path++) {
		if (isalnum((unsigned char)*path) || strchr("-._~/", *path))
			gd_text_add(&uri, path, 1);
		else
			gd_text_printf(&uri, "%%%02X", (unsigned)(unsigned char)*path);
	}
	gd_json_put_string(json, "uri", uri.bytes ? uri.bytes : "");
	gd_text_free(&uri);
}

/* line NULL: the file as a whole, which GitHub shows on its first line. */
static void put_physical(gd_json *json, const gd_ranking *ranking, const char *path, const gd_line *line)
{
	bool exact = line && gd_source_has(ranking, line) && line->column > 0 && line->end_line > 0 && line->end_column > 0;
	int first = line ? line->line : 1, last = exact ? line->end_line : first;
	gd_source_line from = gd_source_line_at(ranking, first), to = gd_source_line_at(ranking, last);
	gd_json_put_object(json, "physicalLocation");
	gd_json_put_object(json, "artifactLocation");
	put_uri(json, path);
	gd_json_end(json, '}');
	gd_json_put_object(json, "region");
	gd_json_put_integer(json, "startLine", first);
	gd_json_put_integer(json, "startColumn", exact ? gd_source_column(from, line->column) : 1);
	gd_json_put_integer(json, "endLine", last);
	gd_json_put_integer(json, "endColumn", exact ? gd_source_column(to, line->end_column) : 2);
	gd_json_end(json, '}');
	gd_json_end(json, '}');
}

static void put_logical(gd_json *json, const gd_ranking *ranking, const gd_ranked_entry *entry)
{
	gd_text full = { 0 };
	gd_text_put_safe(&full, gd_base_name(ranking->model_path), 0);
	gd_text_put(&full, "/");
	gd_text_put_safe(&full, entry->name, 0);
	gd_json_put_array(json, "logicalLocations");
	gd_json_object(json);
	gd_json_put_string(json, "name", entry->name);
	gd_json_put_string(json, "fullyQualifiedName", full.bytes ? full.bytes : "");
	gd_json_put_string(json, "kind", "layer");
	gd_json_end(json, '}');
	gd_json_end(json, ']');
	gd_text_free(&full);
}

/* Messages give a meaning to brackets and braces, so what comes from a file must not bring its own. */
static void add_escaped(gd_text *to, const char *text)
{
	gd_text safe = { 0 };
	gd_text_put_safe(&safe, text, 0);
	for (size_t i = 0; i < safe.length; i++) {
		if (strchr("[]\\", safe.bytes[i]))
			gd_text_put(to, "\\");
		if (strchr("{}", safe.bytes[i]))
			gd_text_add(to, &safe.bytes[i], 1);
		gd_text_add(to, &safe.bytes[i], 1);
	}
	if (safe.failed)
		to->failed = true;
	gd_text_free(&safe);
}

static void put_message(gd_json *json, const sarif *s, size_t at)
{
	const gd_ranked_entry *entry = &s->ranking->layers[at];
	const gd_evidence_item *reason = gd_standing_reason(entry);
	gd_text text = { 0 };
	gd_text_put(&text, "Layer ");
	add_escaped(&text, entry->name);
	gd_text_printf(&text, " is suspect %zu of %zu", at + 1, s->ranking->layer_count);
	if (s->ranking->is_probability)
		gd_text_printf(&text, ", at fault with a probability of %.0f %%", 100 * entry->score);
	if (reason) {
		gd_text said = { 0 };
		gd_standing_say(&said, reason);
		gd_text_put(&text, ": ");
		add_escaped(&text, said.bytes ? said.bytes : "");
		gd_text_free(&said);
	}
	gd_text_put(&text, ".");
	if (reason && reason->mend) {
		gd_text_put(&text, " Usual mend: ");
		add_escaped(&text, reason->mend);
		gd_text_put(&text, ".");
	}
	gd_text_printf(&text, " %lld of %lld tests fail.", (long long)s->ranking->failed, (long long)s->ranking->tests);
	put_text_object(json, "message", text.bytes ? text.bytes : "");
	gd_text_free(&text);
}

/* The line's hash is what GitHub goes by; the layer's name tells apart what one line made in a loop. */
static gd_status put_fingerprints(gd_json *json, const gd_ranking *ranking, const gd_ranked_entry *entry, gd_error *err)
{
	const gd_line *line = gd_standing_line(entry);
	char hash[GD_LINE_HASH_TEXT] = "";
	gd_status status = GD_OK;
	if (gd_source_has(ranking, line))
		status = gd_line_hash(ranking->program_text, ranking->program_length, line->line, hash, err);
	gd_json_put_object(json, "partialFingerprints");
	if (hash[0])
		gd_json_put_string(json, "primaryLocationLineHash", hash);
	gd_json_put_string(json, "dlguiderLayer/v1", entry->name);
	gd_json_end(json, '}');
	return status;
}

static void put_properties(gd_json *json, const gd_ranked_entry *entry, size_t at)
{
	gd_json_put_object(json, "properties");
	gd_json_put_number(json, "score", entry->score);
	gd_json_put_integer(json, "place", (int64_t)at + 1);
	gd_json_put_array(json, "evidence");
	for (size_t i = 0; i < entry->evidence_count && i < MOST_EVIDENCE; i++) {
		gd_json_object(json);
		gd_json_put_string(json, "id", entry->evidence[i].id);
		gd_json_put_number(json, "term", entry->evidence[i].term);
		gd_json_put_string(json, "message", entry->evidence[i].message);
		gd_json_end(json, '}');
	}
	gd_json_end(json, ']');
	gd_json_end(json, '}');
}

static gd_status put_result(gd_json *json, sarif *s, size_t at, gd_error *err)
{
	static const char *const levels[] = { [GD_STANDS_IN_LINE] = "none", [GD_STANDS_NEAR] = "note", [GD_STANDS_OUT] = "warning",
		[GD_STANDS_ALONE] = "error" };
	const gd_ranked_entry *entry = &s->ranking->layers[at];
	const char *rule = rule_id_of(entry);
	const gd_line *line = gd_standing_line(entry);
	bool located = line->line > 0 && line->file;
	gd_json_object(json);
	gd_json_put_string(json, "ruleId", rule);
	gd_json_put_integer(json, "ruleIndex", (int64_t)add_rule(s, rule));
	gd_json_put_string(json, "level", levels[gd_standing_of(s->ranking, at, s->page)]);
	gd_json_put_number(json, "rank", 100 * gd_standing_share(s->ranking, at));
	put_message(json, s, at);
	gd_json_put_array(json, "locations");
	gd_json_object(json);
	put_physical(json, s->ranking, located ? line->file : s->ranking->model_path, located ? line : NULL);
	put_logical(json, s->ranking, entry);
	gd_json_end(json, '}');
	gd_json_end(json, ']');
	gd_status status = put_fingerprints(json, s->ranking, entry, err);
	put_properties(json, entry, at);
	gd_json_end(json, '}');
	return status;
}

static void put_outside(gd_json *json, sarif *s)
{
	gd_json_object(json);
	gd_json_put_string(json, "ruleId", outside_id);
	gd_json_put_integer(json, "ruleIndex", (int64_t)add_rule(s, outside_id));
	gd_json_put_string(json, "level", "warning");
	put_text_object(json, "message", "The cause of the failing tests seems to lie outside the layers: look at the scale of the tests, at their labels, "
		"and at how the model was trained.");
	gd_json_put_array(json, "locations");
	gd_json_object(json);
	put_physical(json, s->ranking, s->ranking->program ? s->ranking->program : s->ranking->model_path, NULL);
	gd_json_end(json, '}');
	gd_json_end(json, ']');
	gd_json_put_object(json, "partialFingerprints");
	gd_json_put_string(json, "dlguiderVerdict/v1", "outside");
	gd_json_end(json, '}');
	gd_json_end(json, '}');
}

static void put_invocation(gd_json *json, const gd_ranking *ranking)
{
	gd_json_put_array(json, "invocations");
	gd_json_object(json);
	gd_json_put_bool(json, "executionSuccessful", true);
	gd_json_put_array(json, "toolExecutionNotifications");
	for (size_t i = 0; i < ranking->note_count; i++) {
		gd_json_object(json);
		gd_json_put_string(json, "level", "note");
		gd_text note = { 0 };
		add_escaped(&note, ranking->notes[i]);
		put_text_object(json, "message", note.bytes ? note.bytes : "");
		gd_text_free(&note);
		gd_json_end(json, '}');
	}
	gd_json_end(json, ']');
	gd_json_end(json, '}');
	gd_json_end(json, ']');
}

static void put_artifact(gd_json *json, const gd_ranking *ranking)
{
	gd_json_put_array(json, "artifacts");
	gd_json_object(json);
	gd_json_put_object(json, "location");
	put_uri(json, ranking->model_path);
	gd_json_end(json, '}');
	gd_json_put_array(json, "roles");
	gd_json_string(json, "analysisTarget");
	gd_json_end(json, ']');
	gd_json_put_object(json, "hashes");
	gd_json_put_string(json, "sha-256", ranking->sha256);
	gd_json_end(json, '}');
	gd_json_end(json, '}');
	gd_json_end(json, ']');
}

static gd_status put_run(gd_json *json, sarif *s, gd_error *err)
{
	gd_status status = GD_OK;
	gd_text category = { 0 };
	gd_json_object(json);
	put_tool(json, s);
	gd_json_put_string(json, "columnKind", "unicodeCodePoints");
	gd_text_put(&category, "dlguider/");
	gd_text_put_safe(&category, gd_base_name(s->ranking->model_path), 0);
	gd_text_put(&category, "/"); /* no run id */
	gd_json_put_object(json, "automationDetails");
	gd_json_put_string(json, "id", category.bytes ? category.bytes : "");
	gd_json_end(json, '}');
	gd_text_free(&category);
	put_invocation(json, s->ranking);
	put_artifact(json, s->ranking);
	gd_json_put_array(json, "results");
	if (s->outside)
		put_outside(json, s);
	for (size_t i = 0; i < s->count && status == GD_OK; i++)
		status = put_result(json, s, s->at[i], err);
	gd_json_end(json, ']');
	gd_json_end(json, '}');
	return status;
}

gd_status gd_report_sarif(const gd_ranking *ranking, const gd_page *page, gd_text *out, gd_error *err)
{
	sarif s = { .ranking = ranking, .page = page };
	gd_json json;
	choose(&s);
	gd_json_start(&json, out, true);
	gd_json_object(&json);
	gd_json_put_string(&json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	gd_json_put_string(&json, "version", "2.1.0");
	gd_json_put_array(&json, "runs");
	gd_status status = put_run(&json, &s, err);
	gd_json_end(&json, ']');
	gd_json_end(&json, '}');
	gd_text_put(out, "\n");
	if (status != GD_OK)
		return status;
	return out->failed ? gd_fail_memory(err, "writing the SARIF report") : GD_OK;
}
