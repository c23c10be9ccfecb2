#include "supervisor.h"
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CODE_LIMIT = 5, CODE_ENGINE = 6, CODE_INTERRUPTED = 130 };

static const double GRACE = 5.0; /* seconds between asking the child to stop and killing it */

typedef enum { RUNNING, STOPPED_BY_USER, STOPPED_BY_TIME } stop_reason;

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

uint64_t supervisor_default_memory(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	if (pages <= 0 || page <= 0)
		return UINT64_C(4) << 30;
	return (uint64_t)pages / 4 * 3 * (uint64_t)page;
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void lower(int resource, uint64_t value)
{
	struct rlimit limit;
	if (getrlimit(resource, &limit) != 0)
		return;
	if (limit.rlim_max == RLIM_INFINITY || value < limit.rlim_max)
		limit.rlim_max = (rlim_t)value;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(resource, &limit);
}

/* RLIMIT_DATA counts every private writable mapping and no file that is merely read, so that tests larger than the
 * memory can still be mapped; RLIMIT_AS could not tell them apart. The sanitizers' shadow memory bears neither. */
static void confine(const supervisor_limits *limits, pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* it died before the line above */
		_exit(CODE_ENGINE);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	lower(RLIMIT_CORE, 0);
	if (!SANITIZED)
		lower(RLIMIT_DATA, limits->max_memory ? limits->max_memory : supervisor_default_memory());
}

/* The signals the parent waits for. One that was ignored when the command started (nohup, a shell's background) stays so. */
static void choose_signals(sigset_t *set)
{
	static const int stops[] = { SIGINT, SIGTERM, SIGHUP };
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
		struct sigaction action;
		if (sigaction(stops[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(set, stops[i]);
	}
}

static struct timespec span(double seconds)
{
	if (!(seconds > 0))
		return (struct timespec){ 0 };
	if (seconds > 1e9)
		return (struct timespec){ .tv_sec = 1000000000 };
	time_t whole = (time_t)seconds;
	return (struct timespec){ .tv_sec = whole, .tv_nsec = (long)((seconds - (double)whole) * 1e9) };
}

/* Until the child has ended; returns how waitpid saw it. deadline is of the time limit first, of the grace later. */
static int watch(pid_t child, const sigset_t *set, double deadline, stop_reason *reason)
{
	int seen = -1; /* not known */
	for (;;) {
		pid_t ended = waitpid(child, &seen, WNOHANG);
		if (ended == child || (ended < 0 && errno != EINTR))
			return seen;
		struct timespec left = span(deadline - now());
		siginfo_t info;
		int number = sigtimedwait(set, &info, &left);
		if (number == SIGCHLD)
			continue;
		if (number > 0) {
			/* The terminal sends to the whole group: the child has it already, and twice may mean "at once". */
			if (info.si_code <= 0)
				kill(child, number);
			*reason = *reason == RUNNING ? STOPPED_BY_USER : *reason;
			deadline = now() + GRACE;
		} else if (errno == EAGAIN && now() >= deadline) {
			kill(child, *reason == RUNNING ? SIGXCPU : SIGKILL);
			*reason = *reason == RUNNING ? STOPPED_BY_TIME : *reason;
			deadline = now() + GRACE;
		}
	}
}

static int judge(int seen, stop_reason reason, const supervisor_limits *limits)
{
	if (reason == STOPPED_BY_USER)
		return CODE_INTERRUPTED;
	if (reason == STOPPED_BY_TIME) {
		fprintf(stderr, "%s: stopped after %g seconds, the limit of --max-seconds; raise it or use fewer tests\n",
			limits->program, limits->max_seconds);
		return CODE_LIMIT;
	}
	if (WIFEXITED(seen) && (WEXITSTATUS(seen) <= CODE_ENGINE || WEXITSTATUS(seen) == CODE_INTERRUPTED))
		return WEXITSTATUS(seen);
	if (WIFEXITED(seen)) { /* not our exit: the dynamic loader gives up like this when it gets no memory for a thread */
		fprintf(stderr, "%s: the work ended with status %d, most often because memory ran out; use fewer threads or a higher "
			"--max-memory\n", limits->program, WEXITSTATUS(seen));
		return CODE_LIMIT;
	}
	int number = WIFSIGNALED(seen) ? WTERMSIG(seen) : 0;
	if (number == SIGPIPE) /* nobody reads our output any more: nobody needs a sentence */
		return CODE_ENGINE;
	if (number == SIGINT || number == SIGTERM || number == SIGHUP)
		return CODE_INTERRUPTED;
	if (number == SIGKILL || number == SIGXCPU) {
		fprintf(stderr, "%s: the system stopped the work (signal %d), most often because memory ran out; use fewer threads, a "
			"smaller --batch or a smaller model\n", limits->program, number);
		return CODE_LIMIT;
	}
	fprintf(stderr, "%s: the engine stopped with signal %d (%s) on this model; nothing was written\n", limits->program, number,
		strsignal(number));
	return CODE_ENGINE;
}

int supervise(int (*work)(void *), void *state, const supervisor_limits *limits)
{
	if (limits->in_process)
		return work(state);
	sigset_t set, before;
	choose_signals(&set);
	struct sigaction plain = { .sa_handler = SIG_DFL };
	sigaction(SIGCHLD, &plain, NULL); /* inherited as ignored it would hide how the child ended */
	sigprocmask(SIG_BLOCK, &set, &before);
	fflush(NULL);
	double deadline = now() + (limits->max_seconds > 0 ? limits->max_seconds : INFINITY);
	pid_t parent = getpid();
	pid_t child = fork();
	if (child == 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		confine(limits, parent);
		exit(work(state));
	}
	int code = CODE_ENGINE;
	if (child < 0) {
		fprintf(stderr, "%s: cannot start a process for the work: %s; --in-process does without\n", limits->program, strerror(errno));
	} else {
		stop_reason reason = RUNNING;
		int seen = watch(child, &set, deadline, &reason);
		code = judge(seen, reason, limits);
	}
	/* The terminal's signal may have ended the child and still be on its way here: it must not end us in place of the code. */
	if (code != CODE_INTERRUPTED)
		sigprocmask(SIG_SETMASK, &before, NULL);
	return code;
}
