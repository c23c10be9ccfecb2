/* half.h - float16 and bfloat16 bits as float. Exact; pure. */
#ifndef GD_HALF_H
#define GD_HALF_H
#include <stdint.h>
#include <string.h>

static inline float gd_bits_to_float(uint32_t bits)
{
	float value;
	memcpy(&value, &bits, sizeof value);
	return value;
}

static inline float gd_bfloat_to_float(uint16_t bits)
{
	return gd_bits_to_float((uint32_t)bits << 16);
}

static inline float gd_half_to_float(uint16_t bits)
{
	uint32_t sign = (uint32_t)(bits & 0x8000u) << 16, exponent = (bits >> 10) & 0x1fu, mantissa = bits & 0x3ffu;
	if (exponent == 0x1f)
		return gd_bits_to_float(sign | 0x7f800000u | mantissa << 13);
	if (exponent == 0) { /* subnormal: mantissa x 2^-24 */
		float value = (float)mantissa * 5.9604644775390625e-8f;
		return sign ? -value : value;
	}
	return gd_bits_to_float(sign | (exponent + 112) << 23 | mantissa << 13);
}

#endif
