#include "interrupt.h"
#include <signal.h>
#include <stddef.h>

/* The one piece of state in the process that C leaves no other place for. */
static volatile sig_atomic_t stop;
_Static_assert(sizeof(sig_atomic_t) == sizeof(int), "the flag is read as an int");

static void note_stop(int number)
{
	stop = number;
}

const volatile int *interrupt_flag(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGXCPU };
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		struct sigaction before, action = { .sa_handler = note_stop };
		sigemptyset(&action.sa_mask);
		if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
	return &stop;
}

bool interrupt_by_time(void)
{
	return stop == SIGXCPU;
}
