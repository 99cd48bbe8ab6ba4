/* Fibers: code that waits and still reads from top to bottom.
 *
 * A fiber is a small stack (FIBER_STACK bytes, guard page below it, pooled per loop) that parks when it has to wait
 * and is resumed by its loop. Fibers of one loop never run at the same time, so they need no locks among themselves;
 * they may interleave at every call that is documented to park.
 *
 * Structured concurrency: fibers started in a group end before the group's owner goes on. Deadlines and cancellation go
 * down the tree: a fiber has the deadline of whoever started it, or an earlier one; cancelling wakes every wait
 * below with WAIT_CANCELLED.
 *
 *     struct fiber_group g;
 *     fiber_group_init(&g);
 *     for (…) fiber_group_go(&g, fetch, &fetches[i]);
 *     fiber_group_wait(&g);
 *
 * AddressSanitizer, ThreadSanitizer and valgrind are told of every switch. Stack use is bounded: no recursion on input
 * without a depth limit, no large arrays on the stack.
 */
#ifndef PAINTBOX_IO_FIBER_H
#define PAINTBOX_IO_FIBER_H

#include "io/loop.h"

#define FIBER_STACK (128u << 10) /* four times that under a sanitizer */
#define FIBERS_MAX 100000        /* per loop; starting one more fails, as when the system gives no stack */

struct fiber;

enum wait_result {
    WAIT_OK = 0,
    WAIT_DEADLINE = -1,  /* the fiber's deadline passed */
    WAIT_CANCELLED = -2, /* its group, request or loop was cancelled */
};
/* For messages: "deadline exceeded", "cancelled". */
const char *wait_result_text(enum wait_result r);

/* Starts a fiber that nobody waits for. It begins after the caller has parked. It outlives the caller, so it inherits
 * nothing: no deadline, no local value. False at FIBERS_MAX. */
bool loop_go(struct loop *loop, void (*fn)(void *arg), void *arg);

struct fiber *fiber_self(void); /* NULL outside of a fiber */

/* One thing that one fiber waits for. Zeroed memory is ready for use. */
struct fiber_wait {
    struct fiber *fiber; /* NULL when nobody waits */
    bool done;
};
/* Parks until fiber_done(&w), the deadline or a cancellation. With done already set it returns at once; done is
 * cleared, so a wait can be used again. A cancelled fiber, or one past its deadline, does not park. */
enum wait_result fiber_await(struct fiber_wait *w);
/* Same thread only. Safe when nobody waits: the next fiber_await() returns at once. */
void fiber_done(struct fiber_wait *w);

/* Ends one fiber's waits, this one and all later ones, with WAIT_CANCELLED. Same thread; `f` must not have ended. */
void fiber_cancel(struct fiber *f);
bool fiber_cancelled(void); /* the running one */

enum wait_result fiber_sleep(int64_t us);
/* Lets the other ready fibers run first. */
void fiber_yield(void);

/* The deadline of this fiber, loop time in µs; INT64_MAX for none. Children started later inherit it. */
int64_t fiber_deadline(void);
/* Sets an earlier deadline (a later one is ignored) and gives the old one, to be restored. */
int64_t fiber_deadline_push(int64_t at_us);
void fiber_deadline_pop(int64_t old);

/* A value that travels with a fiber and is inherited by those it starts: the request. */
void *fiber_local(void);
void fiber_set_local(void *value);

struct fiber_group {
    unsigned running;
    bool cancelled;
    struct fiber_wait wait;
    struct fiber *first;
};
void fiber_group_init(struct fiber_group *g);
/* Starts a fiber in the group. At FIBERS_MAX it runs `fn` at once in the caller. */
void fiber_group_go(struct fiber_group *g, void (*fn)(void *arg), void *arg);
/* Parks until all have ended. On the owner's deadline or cancellation the rest is cancelled, and it still waits for
 * them: when it returns, none of them runs. WAIT_OK when the owner itself may go on, also after fiber_group_cancel().
 * */
enum wait_result fiber_group_wait(struct fiber_group *g);
void fiber_group_cancel(struct fiber_group *g);

/* Runs `fn(arg)` on a helper thread and parks until it is done (cancellation does not interrupt it): DNS, files,
 * planning. Under the simulator it runs at once. */
void fiber_offload(void (*fn)(void *arg), void *arg);

/* For libraries that own their sockets (libpq, hiredis). The wait parks until `fd` is readable (1), writable (2) or
 * either (3) as asked; gives what is ready, or a negative wait_result. One fiber waits at a time. The watcher is kept
 * for the next call, so that asking for the same again costs no system call. NULL when the fd cannot be watched, and
 * under the simulator. */
struct fd_watch;
struct fd_watch *fd_watch_new(struct loop *loop, int fd);
int fd_watch_wait(struct fd_watch *w, int events);
void fd_watch_free(struct fd_watch **w); /* before the fd is closed */

/* A lock between fibers of one loop, first come first served. */
struct fiber_mutex {
    bool held;
    struct fiber_waiter *head;
};
enum wait_result fiber_mutex_lock(struct fiber_mutex *m);
void fiber_mutex_unlock(struct fiber_mutex *m);

/* Gives the stacks of ended fibers back to the system: for a loop that has become idle. Same thread. */
void loop_trim(struct loop *loop);

struct fiber_stats {
    unsigned running, stacks_pooled;
    uint64_t started, switches;
};
void loop_fiber_stats(struct loop *loop, struct fiber_stats *out);

#endif
