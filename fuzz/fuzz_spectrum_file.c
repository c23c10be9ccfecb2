/* Any bytes as a spectrum file: what is accepted can be ranked, and every refusal has a sentence. */
#include "method/method.h"
#include "spectrum/spectrum_file.h"
#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	gd_error err = { 0 };
	gd_spectrum *spectrum = NULL;
	if (gd_spectrum_load_bytes("fuzz", bytes, size, &spectrum, &err) != GD_OK) {
		if (!err.message[0] || spectrum)
			abort();
		return 0;
	}
	gd_options options;
	gd_options_init(&options);
	gd_method_input input = { .spectrum = spectrum, .options = &options };
	gd_ranking *ranking = NULL;
	options.text[GD_OPTION_METHOD] = "guider";
	if (gd_rank(&input, &ranking, &err) == GD_OK)
		for (size_t i = 0; i < ranking->layer_count; i++)
			if (!isfinite(ranking->layers[i].score))
				abort();
	gd_ranking_free(ranking);
	gd_spectrum_free(spectrum);
	return 0;
}
