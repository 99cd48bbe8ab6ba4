#include "io/fiber.h"

#include "base/panic.h"
#include "io/fiber_private.h"
#include "io/fiber_switch.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIBER_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define FIBER_TSAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define FIBER_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__)
#define FIBER_TSAN 1
#endif

#ifdef FIBER_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#define FIBER_STACK_BYTES (4u * FIBER_STACK) /* red zones make frames several times larger */
#elif defined(FIBER_TSAN)
#include <sanitizer/tsan_interface.h>
#define FIBER_STACK_BYTES (4u * FIBER_STACK)
#else
#define FIBER_STACK_BYTES FIBER_STACK
#endif

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(start, end) 0
#define VALGRIND_STACK_DEREGISTER(id) (void)(id)
#endif

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* ---- switching ---- */

/* Called on a stack that has just been entered from another. */
static void switch_finish(void *fake, struct loop *left_main)
{
#ifdef FIBER_ASAN
    __sanitizer_finish_switch_fiber(fake, left_main ? (const void **)&left_main->main_asan_stack : NULL,
                                    left_main ? &left_main->main_asan_size : NULL);
#else
    (void)fake;
    (void)left_main;
#endif
}

static void enter_fiber(struct loop *loop, struct fiber *f)
{
    void *fake = NULL;
#ifdef FIBER_ASAN
    __sanitizer_start_switch_fiber(&fake, f->map + page_size(), FIBER_STACK_BYTES);
#endif
#ifdef FIBER_TSAN
    loop->main_tsan = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(f->tsan, 0);
#endif
    fiber_stack_switch(&loop->main_sp, f->sp);
    switch_finish(fake, NULL);
}

/* Back to the scheduler. Returns when the fiber is resumed; never when it has ended. */
static void leave_fiber(struct fiber *f)
{
    struct loop *loop = f->loop;
    int saved_errno = errno; /* belongs to the thread, not to the fiber */
#ifdef FIBER_ASAN
    __sanitizer_start_switch_fiber(f->state == FIBER_ENDED ? NULL : &f->asan_fake, loop->main_asan_stack,
                                   loop->main_asan_size);
#endif
#ifdef FIBER_TSAN
    __tsan_switch_to_fiber(loop->main_tsan, 0);
#endif
    fiber_stack_switch(&f->sp, loop->main_sp);
    switch_finish(f->asan_fake, loop);
    errno = saved_errno;
}

static void fiber_main(void *arg)
{
    struct fiber *f = arg;
    switch_finish(NULL, f->loop);
    f->fn(f->arg);
    f->state = FIBER_ENDED;
    leave_fiber(f);
    PB_PANIC("a fiber that had ended was resumed");
}

/* ---- stacks ---- */

static struct fiber *stack_new(struct loop *loop)
{
    size_t guard = page_size();
    size_t size = guard + FIBER_STACK_BYTES;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK;
    char *map = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (map == MAP_FAILED)
        return NULL;
    if (mprotect(map, guard, PROT_NONE) < 0) {
        munmap(map, size);
        return NULL;
    }
    struct fiber *f = xcalloc(1, sizeof *f);
    f->magic = FIBER_MAGIC;
    f->loop = loop;
    f->map = map;
    f->map_size = size;
    f->valgrind_id = VALGRIND_STACK_REGISTER(map + guard, map + size);
#ifdef FIBER_ASAN
    __lsan_register_root_region(map + guard, FIBER_STACK_BYTES);
#endif
    return f;
}

static void stack_free(struct fiber *f)
{
#ifdef FIBER_ASAN
    __lsan_unregister_root_region(f->map + page_size(), FIBER_STACK_BYTES);
    __asan_unpoison_memory_region(f->map + page_size(), FIBER_STACK_BYTES);
#endif
    VALGRIND_STACK_DEREGISTER(f->valgrind_id);
    munmap(f->map, f->map_size);
    f->magic = 0;
    free(f);
}

static struct fiber *stack_take(struct loop *loop)
{
    struct fiber *f = loop->pool;
    if (!f)
        return stack_new(loop);
    loop->pool = f->next;
    loop->n_pool--;
    return f;
}

/* ---- the ready list ---- */

static void ready_push(struct loop *loop, struct fiber *f)
{
    f->state = FIBER_READY;
    f->next = NULL;
    if (loop->ready_tail)
        loop->ready_tail->next = f;
    else
        loop->ready_head = f;
    loop->ready_tail = f;
    loop->n_ready++;
}

struct fiber *fiber_ready_take(struct loop *loop, unsigned index)
{
    struct fiber *before = NULL, *f = loop->ready_head;
    while (index-- > 0) {
        before = f;
        f = f->next;
    }
    if (before)
        before->next = f->next;
    else
        loop->ready_head = f->next;
    if (loop->ready_tail == f)
        loop->ready_tail = before;
    loop->n_ready--;
    return f;
}

/* ---- life ---- */

static void timer_fired(struct loop_timer *t);

struct fiber *fiber_start(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    PB_CHECK_MAGIC(loop, LOOP_MAGIC);
    if (loop->n_fibers >= FIBERS_MAX)
        return NULL;
    struct fiber *f = stack_take(loop);
    if (!f)
        return NULL;
    f->fn = fn;
    f->arg = arg;
    f->group = NULL;
    f->wait = NULL;
    f->timer = (struct loop_timer){.fn = timer_fired};
    f->cancelled = loop->stopping;
    f->deadline_us = INT64_MAX;
    f->local = NULL;
    f->asan_fake = NULL;
    f->sp = fiber_stack_prepare(f->map + page_size(), FIBER_STACK_BYTES, fiber_main, f);
#ifdef FIBER_TSAN
    f->tsan = __tsan_create_fiber(0);
#endif
    f->all_next = loop->fibers;
    f->all_link = &loop->fibers;
    if (f->all_next)
        f->all_next->all_link = &f->all_next;
    loop->fibers = f;
    loop->n_fibers++;
    loop->started++;
    ready_push(loop, f);
    return f;
}

/* The group may be gone after this: its owner is made ready. */
static void group_left(struct fiber *f)
{
    struct fiber_group *g = f->group;
    *f->group_link = f->group_next;
    if (f->group_next)
        f->group_next->group_link = f->group_link;
    f->group = NULL;
    if (--g->running == 0)
        fiber_done(&g->wait);
}

static void fiber_ended(struct loop *loop, struct fiber *f)
{
#ifdef FIBER_TSAN
    __tsan_destroy_fiber(f->tsan);
#endif
    *f->all_link = f->all_next;
    if (f->all_next)
        f->all_next->all_link = f->all_link;
    loop->n_fibers--;
    if (f->group)
        group_left(f);
    if (loop->n_pool >= LOOP_STACKS_POOLED) {
        stack_free(f);
        return;
    }
    f->next = loop->pool;
    loop->pool = f;
    loop->n_pool++;
}

void fibers_run(struct loop *loop)
{
    unsigned runs = loop->n_ready > LOOP_RUNS_PER_TURN ? loop->n_ready : LOOP_RUNS_PER_TURN;
    while (loop->n_ready > 0 && runs-- > 0) {
        struct fiber *f = loop->backend->pick ? loop->backend->pick(loop) : fiber_ready_take(loop, 0);
        PB_CHECK_MAGIC(f, FIBER_MAGIC);
        f->state = FIBER_RUNNING;
        loop->running = f;
        loop->switches++;
        enter_fiber(loop, f);
        loop->running = NULL;
        if (f->state == FIBER_ENDED)
            fiber_ended(loop, f);
    }
}

void loop_trim(struct loop *loop)
{
    for (struct fiber *f = loop->pool, *next; f; f = next) {
        next = f->next;
        stack_free(f);
    }
    loop->pool = NULL;
    loop->n_pool = 0;
}

void fibers_free(struct loop *loop)
{
    for (struct fiber *f = loop->fibers, *next; f; f = next) {
        next = f->all_next;
#ifdef FIBER_TSAN
        __tsan_destroy_fiber(f->tsan);
#endif
        stack_free(f);
    }
    loop->fibers = NULL;
    loop_trim(loop);
}

bool loop_go(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    return fiber_start(loop, fn, arg) != NULL;
}

struct fiber *fiber_self(void)
{
    struct loop *loop = loop_current();
    return loop ? loop->running : NULL;
}

static struct fiber *self(void)
{
    struct fiber *f = fiber_self();
    if (!f)
        PB_PANIC("a call that waits was made outside of a fiber");
    return f;
}

/* ---- waiting ---- */

const char *wait_result_text(enum wait_result r)
{
    switch (r) {
    case WAIT_OK:
        return "ok";
    case WAIT_DEADLINE:
        return "deadline exceeded";
    case WAIT_CANCELLED:
        return "cancelled";
    }
    return "unknown";
}

static void wake(struct fiber *f, enum wait_result result)
{
    PB_CHECK_MAGIC(f, FIBER_MAGIC);
    PB_ASSERT(f->state == FIBER_PARKED);
    loop_timer_clear(f->loop, &f->timer);
    if (f->wait) {
        f->wait->fiber = NULL;
        f->wait = NULL;
    }
    f->result = result;
    ready_push(f->loop, f);
}

static void timer_fired(struct loop_timer *t)
{
    wake(PB_CONTAINER_OF(t, struct fiber, timer), WAIT_DEADLINE);
}

static enum wait_result park(struct fiber *f, struct fiber_wait *w, int64_t until_us, bool shielded)
{
    if (w) {
        PB_ASSERT(!w->fiber);
        w->fiber = f;
    }
    f->wait = w;
    f->shielded = shielded;
    f->state = FIBER_PARKED;
    if (until_us != INT64_MAX)
        loop_timer_set(f->loop, &f->timer, until_us);
    leave_fiber(f);
    return f->result;
}

enum wait_result fiber_await(struct fiber_wait *w)
{
    struct fiber *f = self();
    enum wait_result r = WAIT_OK;
    if (!w->done) {
        if (f->cancelled)
            return WAIT_CANCELLED;
        if (f->deadline_us <= f->loop->now_us)
            return WAIT_DEADLINE;
        r = park(f, w, f->deadline_us, false);
    }
    if (w->done) { /* also when it came between the timer and this fiber's turn */
        w->done = false;
        return WAIT_OK;
    }
    return r;
}

void fiber_await_shielded(struct fiber_wait *w)
{
    struct fiber *f = self();
    if (!w->done)
        park(f, w, INT64_MAX, true);
    w->done = false;
}

void fiber_done(struct fiber_wait *w)
{
    w->done = true;
    if (w->fiber)
        wake(w->fiber, WAIT_OK);
}

enum wait_result fiber_sleep(int64_t us)
{
    struct fiber *f = self();
    if (f->cancelled)
        return WAIT_CANCELLED;
    int64_t now = f->loop->now_us;
    if (f->deadline_us <= now)
        return WAIT_DEADLINE;
    int64_t until = us < INT64_MAX - now ? now + (us > 0 ? us : 0) : INT64_MAX;
    bool deadline_first = f->deadline_us < until;
    enum wait_result r = park(f, NULL, deadline_first ? f->deadline_us : until, false);
    return r == WAIT_DEADLINE && !deadline_first ? WAIT_OK : r;
}

void fiber_yield(void)
{
    struct fiber *f = self();
    ready_push(f->loop, f);
    leave_fiber(f);
}

void fiber_cancel(struct fiber *f)
{
    PB_CHECK_MAGIC(f, FIBER_MAGIC);
    f->cancelled = true;
    if (f->state == FIBER_PARKED && !f->shielded)
        wake(f, WAIT_CANCELLED);
}

bool fiber_cancelled(void)
{
    return self()->cancelled;
}

void fibers_cancel_all(struct loop *loop)
{
    for (struct fiber *f = loop->fibers; f; f = f->all_next)
        fiber_cancel(f);
}

/* ---- what a fiber carries ---- */

int64_t fiber_deadline(void)
{
    return self()->deadline_us;
}

int64_t fiber_deadline_push(int64_t at_us)
{
    struct fiber *f = self();
    int64_t old = f->deadline_us;
    if (at_us < old)
        f->deadline_us = at_us;
    return old;
}

void fiber_deadline_pop(int64_t old)
{
    self()->deadline_us = old;
}

void *fiber_local(void)
{
    struct fiber *f = fiber_self();
    return f ? f->local : NULL;
}

void fiber_set_local(void *value)
{
    self()->local = value;
}

/* ---- groups ---- */

void fiber_group_init(struct fiber_group *g)
{
    *g = (struct fiber_group){0};
}

void fiber_group_go(struct fiber_group *g, void (*fn)(void *arg), void *arg)
{
    struct fiber *owner = self();
    struct fiber *f = fiber_start(owner->loop, fn, arg);
    if (!f) {
        fn(arg);
        return;
    }
    f->cancelled |= g->cancelled || owner->cancelled;
    f->deadline_us = owner->deadline_us;
    f->local = owner->local;
    f->group = g;
    f->group_next = g->first;
    f->group_link = &g->first;
    if (g->first)
        g->first->group_link = &f->group_next;
    g->first = f;
    g->running++;
}

enum wait_result fiber_group_wait(struct fiber_group *g)
{
    enum wait_result r = WAIT_OK;
    while (g->running > 0 && r == WAIT_OK)
        r = fiber_await(&g->wait);
    if (g->running > 0) {
        fiber_group_cancel(g);
        while (g->running > 0)
            fiber_await_shielded(&g->wait);
    }
    g->wait.done = false;
    return r;
}

void fiber_group_cancel(struct fiber_group *g)
{
    g->cancelled = true;
    for (struct fiber *f = g->first; f; f = f->group_next)
        fiber_cancel(f);
}

/* ---- mutex ---- */

struct fiber_waiter {
    struct fiber_wait wait;
    struct fiber_waiter *next;
};

enum wait_result fiber_mutex_lock(struct fiber_mutex *m)
{
    if (!m->held) {
        m->held = true;
        return WAIT_OK;
    }
    struct fiber_waiter me = {0};
    struct fiber_waiter **link = &m->head;
    while (*link)
        link = &(*link)->next;
    *link = &me;
    enum wait_result r = fiber_await(&me.wait);
    if (r != WAIT_OK) {
        for (link = &m->head; *link != &me;)
            link = &(*link)->next;
        *link = me.next;
    }
    return r;
}

void fiber_mutex_unlock(struct fiber_mutex *m)
{
    PB_ASSERT(m->held);
    struct fiber_waiter *first = m->head;
    if (!first) {
        m->held = false;
        return;
    }
    m->head = first->next; /* it stays held: the first one in the queue has it now */
    fiber_done(&first->wait);
}

/* ---- others ---- */

void fiber_offload(void (*fn)(void *arg), void *arg)
{
    struct fiber *f = fiber_self();
    if (f)
        f->loop->backend->offload(f->loop, fn, arg);
    else
        fn(arg);
}

void loop_fiber_stats(struct loop *loop, struct fiber_stats *out)
{
    *out = (struct fiber_stats){
        .running = loop->n_fibers,
        .stacks_pooled = loop->n_pool,
        .started = loop->started,
        .switches = loop->switches,
    };
}
