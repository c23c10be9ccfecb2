/* interrupt.h - SIGINT, SIGTERM, SIGHUP, and the supervisor's SIGXCPU, set a flag that the library looks at between batches. */
#ifndef INTERRUPT_H
#define INTERRUPT_H
#include <stdbool.h>

/* The flag; handlers are set at the first call. */
const volatile int *interrupt_flag(void);
/* The time limit ran out: the supervisor says so, and nobody else. */
bool interrupt_by_time(void);

#endif
