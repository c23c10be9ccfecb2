#include "base/json_writer.h"
#include "evidence/evidence.h"

static void put_entry(gd_json *json, const gd_evidence_entry *entry, const gd_spectrum_entry *about)
{
	gd_json_object(json);
	gd_json_put_string(json, "name", about->name);
	gd_json_put_array(json, "members");
	for (size_t k = 0; k < about->member_count; k++)
		gd_json_string(json, about->members[k]);
	gd_json_end(json, ']');
	gd_json_put_integer(json, "before", entry->before);
	gd_json_put_integer(json, "after", entry->after);
	gd_json_put_integer(json, "kernel_before", entry->kernel_before);
	gd_json_put_integer(json, "kernel_after", entry->kernel_after);
	gd_json_put_object(json, "figures");
	for (size_t k = 0; k < GD_FIGURES; k++)
		gd_json_put_number(json, gd_figures[k].name, entry->of[k]);
	gd_json_end(json, '}');
	gd_json_put_array(json, "findings");
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
	gd_json_put_string(&json, "schema", "dlguider.evidence/1");
	gd_json_put_object(&json, "outside");
	for (size_t k = 0; k < GD_OUTSIDES; k++)
		gd_json_put_number(&json, gd_outsides[k], evidence->outside[k]);
	gd_json_end(&json, '}');
	gd_json_put_array(&json, "entries");
	for (size_t i = 0; i < evidence->entry_count; i++)
		put_entry(&json, &evidence->entries[i], &spectrum->entries[i]);
	gd_json_end(&json, ']');
	gd_json_end(&json, '}');
	gd_text_put(out, "\n");
	return out->failed ? gd_fail_memory(err, "writing evidence") : GD_OK;
}
