/* supervisor.h - runs the command's work in a child process, so that whatever a stranger's model does to the engine ends
 * in an exit code and one sentence.
 *
 * The child inherits the streams, so what it prints needs no relay. It gets limits on memory and time, no core file, no
 * new privileges, and dies with its parent. The parent passes SIGINT, SIGTERM and SIGHUP on and returns:
 *   what work returned           when it returned
 *   5 (limit)                    memory or time ran out, or the system killed the child (its way to say: out of memory)
 *   6 (engine)                   the child died of any other signal
 *   (time: the child is sent SIGXCPU; it may clean up but leaves the sentence to the parent)
 *   130 (interrupted)            somebody asked to stop; the child has GRACE seconds to clean up, then it is killed
 * Call it while the process has one thread. No state is kept.
 */
#ifndef SUPERVISOR_H
#define SUPERVISOR_H
#include <stdbool.h>
#include <stdint.h>

typedef struct {
	const char *program;  /* begins the sentences on stderr: "dlguider" */
	uint64_t max_memory;  /* bytes the work may allocate, mapped input files not counted; 0: three quarters of the machine's */
	double max_seconds;   /* of wall time; 0: no limit */
	bool in_process;      /* no child and no limits, for debuggers */
} supervisor_limits;

int supervise(int (*work)(void *), void *state, const supervisor_limits *limits);

/* The default of max_memory on this machine, in bytes. */
uint64_t supervisor_default_memory(void);

#endif
