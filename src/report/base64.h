/* base64.h - bytes as text, for what a page carries inside (RFC 4648, with padding). */
#ifndef GD_BASE64_H
#define GD_BASE64_H
#include "base/text.h"

void gd_base64_put(gd_text *out, const void *bytes, size_t size);

#endif
