/* spectrum_file.h - a spectrum in a file, to be ranked again without model and tests.
 *
 * 16 bytes: magic "dlgspec\n", u32 version, u32 0x01020304. All numbers have the byte order of the machine that wrote them,
 * which the last of these tells; another order is refused. Then records, each on a multiple of 8: u32 tag, u32 CRC-32
 * (zlib's) of the payload, u64 payload bytes, payload, zeros up to a multiple of 8. In this order: HEAD, ENTR, TEST, then
 * ACTV or GRAD, then END. Text is u32 length and bytes. Reading trusts nothing: sizes are checked before use, numbers must
 * be finite and in range, unused bits 0, names known to this version.
 */
#ifndef GD_SPECTRUM_FILE_H
#define GD_SPECTRUM_FILE_H
#include "spectrum/spectrum.h"

GD_MUST_USE gd_status gd_spectrum_save(const gd_spectrum *spectrum, const char *path, gd_error *err);
GD_MUST_USE gd_status gd_spectrum_load(const char *path, gd_spectrum **out, gd_error *err);
/* The same from bytes (fuzzing); path is only for messages. */
GD_MUST_USE gd_status gd_spectrum_load_bytes(const char *path, const void *bytes, size_t size, gd_spectrum **out, gd_error *err);

#endif
