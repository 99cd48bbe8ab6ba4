#include "io/loop.h"

#include "base/panic.h"
#include "io/fiber_private.h"

#include <stdlib.h>

static __thread struct loop *current;

struct loop *loop_current(void)
{
    return current;
}

void loop_init(struct loop *loop, const struct loop_backend *backend)
{
    loop->magic = LOOP_MAGIC;
    loop->backend = backend;
    pthread_mutex_init(&loop->posts_lock, NULL);
    loop->now_us = backend->now_us(loop);
}

void loop_deinit(struct loop *loop)
{
    PB_CHECK_MAGIC(loop, LOOP_MAGIC);
    PB_ASSERT(current != loop);
    while (loop->hooks) {
        struct loop_hook *hook = loop->hooks;
        loop_hook_remove(hook);
        hook->fn(hook);
    }
    loop->backend->destroy(loop);
    fibers_free(loop);
    timer_heap_free(&loop->timers);
    for (struct loop_post_item *p = loop->posts_head, *next; p; p = next) {
        next = p->next;
        free(p);
    }
    pthread_mutex_destroy(&loop->posts_lock);
    loop->magic = 0;
}

void loop_hook_add(struct loop *loop, struct loop_hook *hook)
{
    hook->next = loop->hooks;
    hook->link = &loop->hooks;
    if (hook->next)
        hook->next->link = &hook->next;
    loop->hooks = hook;
}

void loop_hook_remove(struct loop_hook *hook)
{
    if (!hook->link)
        return;
    *hook->link = hook->next;
    if (hook->next)
        hook->next->link = hook->link;
    hook->link = NULL;
}

/* ---- posts ---- */

void loop_post(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    struct loop_post_item *item = xmalloc(sizeof *item);
    *item = (struct loop_post_item){.fn = fn, .arg = arg};
    pthread_mutex_lock(&loop->posts_lock);
    if (loop->posts_tail)
        loop->posts_tail->next = item;
    else
        loop->posts_head = item;
    loop->posts_tail = item;
    atomic_store(&loop->has_posts, true);
    loop->backend->wake(loop); /* inside the lock: the loop may be freed as soon as the item has run */
    pthread_mutex_unlock(&loop->posts_lock);
}

/* Too many fibers: the posts wait for the next turn, before those that have come meanwhile. */
static void return_posts(struct loop *loop, struct loop_post_item *first)
{
    struct loop_post_item *last = first;
    while (last->next)
        last = last->next;
    pthread_mutex_lock(&loop->posts_lock);
    last->next = loop->posts_head;
    loop->posts_head = first;
    if (!loop->posts_tail)
        loop->posts_tail = last;
    atomic_store(&loop->has_posts, true);
    pthread_mutex_unlock(&loop->posts_lock);
}

static void take_posts(struct loop *loop)
{
    if (!atomic_load_explicit(&loop->has_posts, memory_order_relaxed))
        return;
    pthread_mutex_lock(&loop->posts_lock);
    struct loop_post_item *item = loop->posts_head;
    loop->posts_head = loop->posts_tail = NULL;
    atomic_store(&loop->has_posts, false);
    pthread_mutex_unlock(&loop->posts_lock);
    while (item && fiber_start(loop, item->fn, item->arg)) {
        struct loop_post_item *next = item->next;
        free(item);
        item = next;
    }
    if (item)
        return_posts(loop, item);
}

/* ---- running ---- */

static void fire_timers(struct loop *loop)
{
    for (;;) {
        struct loop_timer *t = timer_heap_first(&loop->timers);
        if (!t || t->at_us > loop->now_us)
            return;
        timer_heap_clear(&loop->timers, t);
        t->fn(t);
    }
}

/* True when the loop has to end now. */
static bool stop_now(struct loop *loop)
{
    if (!loop->stopping) {
        loop->stopping = true;
        loop->stop_until_us = loop->now_us + LOOP_STOP_GRACE_US;
        fibers_cancel_all(loop);
    }
    return loop->n_fibers == 0 || loop->now_us >= loop->stop_until_us;
}

static int64_t next_event_us(struct loop *loop)
{
    if (loop->n_ready > 0 || atomic_load_explicit(&loop->has_posts, memory_order_relaxed))
        return INT64_MIN;
    struct loop_timer *t = timer_heap_first(&loop->timers);
    int64_t at = t ? t->at_us : INT64_MAX;
    return loop->stopping && loop->stop_until_us < at ? loop->stop_until_us : at;
}

void loop_run(struct loop *loop)
{
    PB_CHECK_MAGIC(loop, LOOP_MAGIC);
    if (current)
        PB_PANIC("loop_run() inside of a loop");
    current = loop;
    loop->stuck = false;
    for (;;) {
        loop->now_us = loop->backend->now_us(loop);
        take_posts(loop);
        fire_timers(loop);
        fibers_run(loop);
        if (atomic_load(&loop->stop) && stop_now(loop))
            break;
        if (loop->n_fibers == 0 && !atomic_load(&loop->has_posts) && !loop->backend->alive(loop))
            break;
        if (!loop->backend->poll(loop, next_event_us(loop))) {
            loop->stuck = loop->n_fibers > 0;
            break;
        }
    }
    loop->stopping = false;
    atomic_store(&loop->stop, false);
    current = NULL;
}

void loop_stop(struct loop *loop)
{
    atomic_store(&loop->stop, true);
    loop->backend->wake(loop);
}

int64_t loop_now_us(struct loop *loop)
{
    return loop->now_us;
}

int64_t loop_wall_us(struct loop *loop)
{
    return loop->backend->wall_us(loop);
}

void loop_random(struct loop *loop, void *out, size_t n)
{
    loop->backend->random(loop, out, n);
}
