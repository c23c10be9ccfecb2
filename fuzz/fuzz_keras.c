/* Any bytes as a .keras archive: what is accepted is looked at whole. */
#include "look.h"
#include "window.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const gd_model_limits limits = { 1 << 20, 1 << 20, 1000, 1 << 20 };
	gd_model *model = NULL;
	gd_error err = { 0 };
	if (size < 4 || memcmp(bytes, "PK", 2) != 0)
		return -1;
	gd_status status = gd_model_open_bytes("fuzz.keras", (gd_bytes){ bytes, size }, &limits, &model, &err);
	if (status == GD_OK)
		look_at_model(model);
	else
		check_refusal(status, &err);
	gd_model_close(model);
	return 0;
}
