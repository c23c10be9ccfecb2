/* outputs.h - where a ranking goes: each -o with its format. One output takes --format; without that, and where there are
 * several, the ending of the file says it (the library's list of reports knows the endings), and --format or a table serves
 * what has none of them. */
#ifndef OUTPUTS_H
#define OUTPUTS_H
#include "job.h"

/* What cannot be meant; inputs: that must not be overwritten (NULLs are skipped). Complains. */
int outputs_check(const parsed_options *options, const char *const *inputs, size_t count);
/* Writes all of them; each is complete or untouched. On failure job->err is filled. */
dlg_status outputs_write(rank_job *job);

#endif
