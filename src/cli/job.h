/* job.h - what rank, explain and mend share: from files to a ranking. */
#ifndef JOB_H
#define JOB_H
#include "terminal.h"
#include "supervisor.h"
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

/* Model, tests, and the pass over them. On failure err is filled. */
dlg_status job_collect(rank_job *job, const char *model_path);
/* The request of that pass, with a progress bar; job_quiet takes the bar away. */
dlg_collect job_request(rank_job *job);
void job_quiet(rank_job *job);
/* Model, tests or saved spectrum, ranking; model_path NULL: none. The options are those of rank. On failure err is filled. */
dlg_status job_rank(rank_job *job, const char *model_path);
void job_release(rank_job *job); /* but for choices */
/* The given options into choices, then the work under the supervisor, with the job as its state; the exit code. */
int job_run(rank_job *job, int (*work)(void *), const supervisor_limits *limits);

#endif
