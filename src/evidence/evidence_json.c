#include "base/json_writer.h"
#include "evidence/evidence.h"

static void put_number(gd_json *json, const char *key, double value)
{
	gd_json_key(json, key);
	gd_json_number(json, value);
}

static void put_index(gd_json *json, const char *key, int value)
{
	gd_json_key(json, key);
	gd_json_integer(json, value);
}

static void put_entry(gd_json *json, const gd_evidence_entry *entry, const gd_spectrum_entry *about)
{
	gd_json_object(json);
	gd_json_key(json, "name");
	gd_json_string(json, about->name);
	gd_json_key(json, "members");
	gd_json_array(json);
	for (size_t k = 0; k < about->member_count; k++)
		gd_json_string(json, about->members[k]);
	gd_json_end(json, ']');
	put_index(json, "before", entry->before);
	put_index(json, "after", entry->after);
	put_index(json, "kernel_before", entry->kernel_before);
	put_index(json, "kernel_after", entry->kernel_after);
	gd_json_key(json, "figures");
	gd_json_object(json);
	for (size_t k = 0; k < GD_FIGURES; k++)
		put_number(json, gd_figures[k].name, entry->of[k]);
	gd_json_end(json, '}');
	gd_json_key(json, "findings");
	gd_json_array(json);
	for (size_t k = 0; k < entry->finding_count; k++)
		gd_json_string(json, entry->findings[k].id);
	gd_json_end(json, ']');
	gd_json_end(json, '}');
}

gd_status gd_evidence_write(const gd_evidence *evidence, const gd_spectrum *spectrum, gd_text *out, gd_error *err)
{
	gd_json json;
	gd_json_start(&json, out, false);
	gd_json_object(&json);
	gd_json_key(&json, "schema");
	gd_json_string(&json, "dlguider.evidence/1");
	gd_json_key(&json, "outside");
	gd_json_object(&json);
	for (size_t k = 0; k < GD_OUTSIDES; k++)
		put_number(&json, gd_outsides[k], evidence->outside[k]);
	gd_json_end(&json, '}');
	gd_json_key(&json, "entries");
	gd_json_array(&json);
	for (size_t i = 0; i < evidence->entry_count; i++)
		put_entry(&json, &evidence->entries[i], &spectrum->entries[i]);
	gd_json_end(&json, ']');
	gd_json_end(&json, '}');
	gd_text_put(out, "\n");
	return out->failed ? gd_fail_memory(err, "writing evidence") : GD_OK;
}
