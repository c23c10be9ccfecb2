/* bytes.h - little- and big-endian numbers at any address, aligned or not. The caller has checked that they are there.
 */
#ifndef GD_BYTES_H
#define GD_BYTES_H
#include <stddef.h>
#include <stdint.h>

typedef struct {
	const void *bytes;
	size_t size;
} gd_bytes;

static inline uint16_t gd_le16(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t gd_le32(const unsigned char *p)
{
	return (uint32_t)gd_le16(p) | (uint32_t)gd_le16(p + 2) << 16;
}

static inline uint64_t gd_le64(const unsigned char *p)
{
	return (uint64_t)gd_le32(p) | (uint64_t)gd_le32(p + 4) << 32;
}

static inline uint32_t gd_be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

#endif
