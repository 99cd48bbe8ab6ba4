/* The scheduler's side of a fiber. */
#ifndef PAINTBOX_IO_FIBER_PRIVATE_H
#define PAINTBOX_IO_FIBER_PRIVATE_H

#include "io/loop_private.h"

enum fiber_state {
    FIBER_READY,   /* in the ready list */
    FIBER_RUNNING, /* on its stack now */
    FIBER_PARKED,  /* waits for fiber_done(), its timer or a cancellation */
    FIBER_ENDED,   /* pooled */
};

#define FIBER_MAGIC 0x66696272u

struct fiber {
    uint32_t magic;
    enum fiber_state state;
    struct loop *loop;
    void *sp;
    char *map; /* the guard page, then the stack */
    size_t map_size;
    void (*fn)(void *arg);
    void *arg;

    struct fiber *next;            /* in the ready list or the pool */
    struct fiber *all_next, **all_link;
    struct fiber_group *group;
    struct fiber *group_next, **group_link;

    struct fiber_wait *wait;
    struct loop_timer timer;
    enum wait_result result;
    bool shielded; /* this wait is not ended by a cancellation */
    bool cancelled;
    int64_t deadline_us;
    void *local;

    void *asan_fake, *tsan;
    unsigned valgrind_id;
};

/* NULL at FIBERS_MAX or when no stack can be mapped. */
struct fiber *fiber_start(struct loop *loop, void (*fn)(void *arg), void *arg);
/* Runs ready fibers, at most LOOP_RUNS_PER_TURN or as many as were ready. */
void fibers_run(struct loop *loop);
void fibers_cancel_all(struct loop *loop);
void fibers_free(struct loop *loop);
/* Takes the fiber at `index` out of the ready list: for backends that choose. */
struct fiber *fiber_ready_take(struct loop *loop, unsigned index);
/* Like fiber_await(), but neither deadline nor cancellation end it. */
void fiber_await_shielded(struct fiber_wait *w);

#endif
