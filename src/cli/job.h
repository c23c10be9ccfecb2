/* job.h - what rank and explain share: from files to a ranking. */
#ifndef JOB_H
#define JOB_H
#include "terminal.h"
#include "tests.h"

typedef struct {
	const parsed_options *options;
	tests_choice choice;
	dlg_options *choices;
	dlg_model *model;
	dlg_tests *tests;
	dlg_spectrum *spectrum;
	dlg_ranking *ranking;
	progress_bar bar;
	dlg_error err;
} rank_job;

/* The given options into choices; false on a refusal, with err filled. */
bool job_choose(rank_job *job);
/* Model, tests, and the pass over them. On failure err is filled. */
dlg_status job_collect(rank_job *job, const char *model_path);
/* The request of that pass, with a progress bar; job_quiet takes the bar away. */
dlg_collect job_request(rank_job *job);
void job_quiet(rank_job *job);
/* Model, tests or saved spectrum, ranking; model_path NULL: none. The options are those of rank. On failure err is filled. */
dlg_status job_rank(rank_job *job, const char *model_path);
void job_release(rank_job *job); /* but for choices */

#endif
