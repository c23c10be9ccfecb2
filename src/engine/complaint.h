/* complaint.h - what the engine says when it fails, as dlguider says it: one of our statuses and one sentence without
 * source paths, C++ signatures or line breaks. For this room only; pure.
 */
#ifndef GD_ENGINE_COMPLAINT_H
#define GD_ENGINE_COMPLAINT_H
#include "base/error.h"
#include <stddef.h>

typedef enum { GD_WHILE_STARTING, GD_WHILE_LOADING, GD_WHILE_RUNNING } gd_engine_stage;

/* code: an OrtErrorCode; text: the engine's message. */
gd_status gd_complaint(gd_engine_stage stage, unsigned code, const char *text, gd_error *err);

/* The engine's message without "/a/b.cc:12 ns::function(args) " pieces and absolute paths, cut to size. */
void gd_complaint_clean(const char *text, char *out, size_t size);

#endif
