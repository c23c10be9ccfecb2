#include "engine/convert.h"
#include <math.h>
#include <string.h>

uint16_t gd_float_to_half(float value)
{
	uint32_t bits;
	memcpy(&bits, &value, sizeof bits);
	uint32_t sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7fffffffu;
	if (magnitude >= 0x7f800000u) /* infinite, NaN: keep it a NaN */
		return (uint16_t)(sign | 0x7c00u | (magnitude > 0x7f800000u ? 0x200u | (magnitude >> 13 & 0x3ffu) : 0));
	if (magnitude >= 0x477ff000u) /* 65520 and more round to infinite */
		return (uint16_t)(sign | 0x7c00u);
	if (magnitude < 0x38800000u) { /* below 2^-14: a multiple of 2^-24, which the addition rounds to */
		float shifted = fabsf(value) + 0.5f;
		uint32_t rounded;
		memcpy(&rounded, &shifted, sizeof rounded);
		return (uint16_t)(sign | (rounded - 0x3f000000u));
	}
	uint32_t odd = magnitude >> 13 & 1u;
	return (uint16_t)(sign | ((magnitude - 0x38000000u + 0xfffu + odd) >> 13));
}

/* Whole-number types: what they hold, as doubles that are exact (the 64-bit ends are the nearest inside). */
static const struct {
	gd_type type;
	double least, most;
} ranges[] = {
	{ GD_BOOL, 0, 1 }, { GD_U8, 0, UINT8_MAX }, { GD_I8, INT8_MIN, INT8_MAX }, { GD_U16, 0, UINT16_MAX }, { GD_I16, INT16_MIN, INT16_MAX },
	{ GD_U32, 0, UINT32_MAX }, { GD_I32, INT32_MIN, INT32_MAX }, { GD_U64, 0, 9223372036854774784.0 },
	{ GD_I64, -9223372036854774784.0, 9223372036854774784.0 },
};

static double number_at(const void *from, gd_type type, size_t at)
{
	if (type == GD_F32)
		return (double)((const float *)from)[at];
	if (type == GD_F64)
		return ((const double *)from)[at];
	return (double)((const int64_t *)from)[at];
}

/* Two's complement, little end first: the low bytes are the narrower number. */
static void put_whole(void *to, size_t size, size_t at, int64_t value)
{
	memcpy((unsigned char *)to + at * size, &value, size);
}

static gd_status to_whole(const void *from, gd_type from_type, void *to, size_t range, size_t count, size_t width, gd_error *err)
{
	gd_type type = ranges[range].type;
	size_t size = gd_type_bytes(type);
	for (size_t i = 0; i < count; i++) {
		double value = number_at(from, from_type, i);
		if (!(value >= ranges[range].least && value <= ranges[range].most) || floor(value) < value)
			return gd_fail(err, GD_E_INPUT, "number %zu of test %zu of the batch is %.9g, but the model's input takes %s (whole numbers from %.0f to %.0f)",
				width ? i % width : i, width ? i / width : 0, value, gd_type_name(type), ranges[range].least, ranges[range].most);
		put_whole(to, size, i, from_type == GD_I64 ? ((const int64_t *)from)[i] : (int64_t)value);
	}
	return GD_OK;
}

static gd_status to_real(const void *from, gd_type from_type, void *to, gd_type to_type, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		double value = number_at(from, from_type, i);
		if (to_type == GD_F64)
			((double *)to)[i] = value;
		else if (to_type == GD_F32)
			((float *)to)[i] = (float)value;
		else
			((uint16_t *)to)[i] = gd_float_to_half((float)value);
	}
	return GD_OK;
}

gd_status gd_convert(const void *from, gd_type from_type, void *to, gd_type to_type, size_t count, size_t width, gd_error *err)
{
	if (from_type != GD_F32 && from_type != GD_F64 && from_type != GD_I64)
		return gd_fail(err, GD_E_INTERNAL, "tests come as float32, float64 or int64, not as %s", gd_type_name(from_type));
	if (from_type == to_type) {
		memcpy(to, from, count * gd_type_bytes(to_type));
		return GD_OK;
	}
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (ranges[i].type == to_type)
			return to_whole(from, from_type, to, i, count, width, err);
	if (to_type != GD_F32 && to_type != GD_F64 && to_type != GD_F16)
		return gd_fail(err, GD_E_UNSUPPORTED, "the model's input is of type %s, which dlguider cannot fill", gd_type_name(to_type));
	return to_real(from, from_type, to, to_type, count);
}
