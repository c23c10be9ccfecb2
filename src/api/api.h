/* api.h - what the files of this room share: errors and structs cross the border between dlg_ and gd_ here. Nothing else
 * happens in this room: arguments are checked, calls passed on. */
#ifndef GD_API_H
#define GD_API_H
#include "base/error.h"
#include "dlguider.h"
#include "report/report.h"
#include <stdbool.h>

/* Copies the inner error to the caller's and returns its status. */
dlg_status api_pass(gd_status status, const gd_error *inner, dlg_error *err);
dlg_status api_usage(dlg_error *err, const char *format, ...) GD_PRINTF(2, 3);
/* Copies the first `size` bytes (the caller's idea of the struct) of a filled struct; false when size is no sensible one. */
bool api_fill(void *out, size_t size, const void *filled, size_t full_size, size_t least);
gd_page api_page(const dlg_page *page);
/* Text to a file, complete or not at all. */
gd_status api_write(const char *path, const gd_text *text, gd_error *err);
/* Hands the text over to the caller, or frees it when status is no success; length may be NULL. Returns status. */
dlg_status api_give(dlg_status status, gd_text *text, char **out, size_t *length);

#endif
