/* Any bytes as a spectrum file: what is accepted can be ranked, and every refusal has a sentence. */
#include "method/method.h"
#include "spectrum/spectrum_file.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room, unsigned seed);

/* Puts right the checksums of all records that can be walked, so that mutations reach what lies behind them. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room, unsigned seed)
{
	size = LLVMFuzzerMutate(bytes, size, room);
	for (size_t at = 16; seed % 8 && size - at >= 16 && size >= at;) {
		uint64_t length;
		memcpy(&length, bytes + at + 8, sizeof length);
		if (length > size - at - 16)
			break;
		uint32_t crc = (uint32_t)crc32(crc32(0, NULL, 0), bytes + at + 16, (uInt)length);
		memcpy(bytes + at + 4, &crc, sizeof crc);
		at += 16 + (size_t)((length + 7) / 8 * 8);
	}
	return size;
}

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
