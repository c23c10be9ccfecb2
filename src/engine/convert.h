/* convert.h - numbers of one type as numbers of another, for what goes into a model. For this room only; pure.
 *
 * A number that the target cannot hold (1.5 as int64, 300 as uint8, NaN as bool) is refused with its place, never rounded
 * or wrapped. float16 rounds to nearest, ties to even.
 */
#ifndef GD_ENGINE_CONVERT_H
#define GD_ENGINE_CONVERT_H
#include "engine/engine.h"

/* count numbers at from (float32, float64, int64) to the caller's memory at to; width numbers make a test, for messages. */
GD_MUST_USE gd_status gd_convert(const void *from, gd_type from_type, void *to, gd_type to_type, size_t count, size_t width, gd_error *err);
uint16_t gd_float_to_half(float value);

#endif
