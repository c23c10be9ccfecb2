/* interrupt.h - SIGINT and SIGTERM set a flag that the library looks at between batches. */
#ifndef INTERRUPT_H
#define INTERRUPT_H

/* The flag; handlers are set at the first call. */
const volatile int *interrupt_flag(void);

#endif
