/* window.h - a mutator for files made of offsets (zip, HDF5): one window of the bytes changes and keeps its length, so
 * that what lies behind it stays where the file says. One run in eight mutates as libFuzzer does by itself. */
#ifndef FUZZ_WINDOW_H
#define FUZZ_WINDOW_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	static const uint8_t lengths[] = { 1, 2, 4, 8, 16, 32, 64, 255 };
	if (size < 256 || seed % 8 == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	for (unsigned round = 0; round <= seed / 8 % 3; round++) {
		seed = seed * 1664525u + 1013904223u;
		size_t length = lengths[seed >> 24 & 7], from = (seed >> 4) % (size - length);
		uint8_t window[256];
		memcpy(window, data + from, length);
		size_t left = LLVMFuzzerMutate(window, length, length);
		memcpy(data + from, window, left < length ? left : length);
	}
	return size;
}

#endif
