/* The timers of one loop: a binary heap ordered by time, then by the order in which they were set.
 *
 * One heap per loop and one timer of libuv below it, because a fiber sets and clears a deadline at nearly every wait.
 * A timer is embedded in its owner; zeroed memory is a timer that is not set.
 */
#ifndef PAINTBOX_IO_TIMER_HEAP_H
#define PAINTBOX_IO_TIMER_HEAP_H

#include <stdbool.h>
#include <stdint.h>

struct loop_timer {
    void (*fn)(struct loop_timer *t);
    int64_t at_us;
    uint64_t seq;
    uint32_t place; /* in the heap, from 1; 0 when not set */
};

struct timer_heap {
    struct loop_timer **v;
    uint32_t n, cap;
    uint64_t seq;
};

/* Sets or moves. */
void timer_heap_set(struct timer_heap *h, struct loop_timer *t, int64_t at_us);
/* Nothing happens when it is not set. */
void timer_heap_clear(struct timer_heap *h, struct loop_timer *t);
/* The first one, or NULL. It stays in. */
struct loop_timer *timer_heap_first(const struct timer_heap *h);
void timer_heap_free(struct timer_heap *h);

#endif
