/* digest.h - SHA-256 as text, to name a model file in results. */
#ifndef GD_DIGEST_H
#define GD_DIGEST_H
#include "base/error.h"
#include <stddef.h>

enum { GD_SHA256_TEXT = 65 }; /* 64 hex digits and a NUL */

GD_MUST_USE gd_status gd_sha256(const void *bytes, size_t size, char out[GD_SHA256_TEXT], gd_error *err);

#endif
