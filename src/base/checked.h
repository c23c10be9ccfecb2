/* checked.h - arithmetic on sizes that come from a file. Each returns false when the result does not fit, and then
 * leaves *out alone. Readers use nothing else on values they read. */
#ifndef GD_CHECKED_H
#define GD_CHECKED_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool gd_add_size(size_t a, size_t b, size_t *out)
{
	size_t sum;
	if (__builtin_add_overflow(a, b, &sum))
		return false;
	*out = sum;
	return true;
}

static inline bool gd_mul_size(size_t a, size_t b, size_t *out)
{
	size_t product;
	if (__builtin_mul_overflow(a, b, &product))
		return false;
	*out = product;
	return true;
}

/* True when [offset, offset + length) lies within size bytes; adds nothing, so cannot wrap. */
static inline bool gd_fits(size_t offset, size_t length, size_t size)
{
	return length <= size && offset <= size - length;
}

#endif
