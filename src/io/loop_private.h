/* What the files of this room know about a loop: its scheduler's state and the backend below it (libuv or the
 * simulator). Nobody outside of src/io includes this. */
#ifndef PAINTBOX_IO_LOOP_PRIVATE_H
#define PAINTBOX_IO_LOOP_PRIVATE_H

#include "io/fiber.h"
#include "io/timer_heap.h"

#include <pthread.h>
#include <stdatomic.h>

struct stream;
struct listener;

/* What differs between the machine and the simulator. Streams have a table of their own (stream_private.h). */
struct loop_backend {
    int64_t (*now_us)(struct loop *loop);
    int64_t (*wall_us)(struct loop *loop);
    void (*random)(struct loop *loop, void *out, size_t n);
    /* Waits for events until `until_us`, not at all when that has passed, for ever with INT64_MAX. False when no
     * event can ever come. */
    bool (*poll)(struct loop *loop, int64_t until_us);
    /* True while something besides fibers keeps the loop running: a listener, a helper thread. */
    bool (*alive)(struct loop *loop);
    void (*wake)(struct loop *loop); /* from any thread */
    /* Takes one fiber from the ready list; NULL here: the first. */
    struct fiber *(*pick)(struct loop *loop);
    void (*offload)(struct loop *loop, void (*fn)(void *arg), void *arg);
    struct stream *(*connect)(struct loop *loop, struct str address, struct err *err);
    struct listener *(*listen)(struct loop *loop, struct str address, bool reuse_port,
                               void (*accepted)(struct stream *s, void *arg), void *arg, struct err *err);
    void (*destroy)(struct loop *loop); /* after the hooks, before the stacks */
};

/* Called by loop_free(), for what lives as long as its loop (servers, clients). */
struct loop_hook {
    void (*fn)(struct loop_hook *hook);
    struct loop_hook *next, **link;
};
void loop_hook_add(struct loop *loop, struct loop_hook *hook);
void loop_hook_remove(struct loop_hook *hook);

struct loop_post_item {
    struct loop_post_item *next;
    void (*fn)(void *arg);
    void *arg;
};

#define LOOP_MAGIC 0x6c6f6f70u
#define LOOP_STOP_GRACE_US (5 * US_PER_SEC) /* fibers that ignore their cancellation are left behind after that */
#define LOOP_RUNS_PER_TURN 256u             /* fibers run between two looks at the sockets */
#define LOOP_STACKS_POOLED 1024u

struct loop {
    uint32_t magic;
    const struct loop_backend *backend;
    int64_t now_us;
    struct timer_heap timers;
    struct loop_hook *hooks;

    struct fiber *fibers; /* all that have not ended */
    unsigned n_fibers;
    struct fiber *ready_head, *ready_tail;
    unsigned n_ready;
    struct fiber *running;
    struct fiber *pool; /* ended ones with their stacks */
    unsigned n_pool;
    uint64_t started, switches;
    void *main_sp; /* where fibers return to */
    void *main_asan_stack, *main_tsan;
    size_t main_asan_size;

    atomic_bool stop;
    bool stopping, stuck;
    int64_t stop_until_us;
    pthread_mutex_t posts_lock;
    struct loop_post_item *posts_head, *posts_tail;
    atomic_bool has_posts;
};

void loop_init(struct loop *loop, const struct loop_backend *backend);
/* Hooks, backend, stacks: the common part of loop_free() and sim_free(). The memory of `loop` itself is the
 * backend's. */
void loop_deinit(struct loop *loop);

static inline void loop_timer_set(struct loop *loop, struct loop_timer *t, int64_t at_us)
{
    timer_heap_set(&loop->timers, t, at_us);
}
static inline void loop_timer_clear(struct loop *loop, struct loop_timer *t)
{
    timer_heap_clear(&loop->timers, t);
}

#endif
