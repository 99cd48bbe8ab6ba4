/* How one stack is left for another. A few instructions on x86-64 and aarch64, ucontext elsewhere (or with
 * PAINTBOX_UCONTEXT defined). Knows no fibers; tells no sanitizer (fiber.c does). */
#ifndef PAINTBOX_IO_FIBER_SWITCH_H
#define PAINTBOX_IO_FIBER_SWITCH_H

#include <stddef.h>

/* Prepares an unused stack so that the first switch to the returned pointer calls entry(arg), which must not return. */
void *fiber_stack_prepare(void *stack, size_t size, void (*entry)(void *arg), void *arg);

/* Saves where we are into *save and goes on at `to`; returns when somebody switches to *save. */
void fiber_stack_switch(void **save, void *to);

#endif
