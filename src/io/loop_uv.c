#include "io/loop_uv.h"

#include "base/random.h"
#include "base/log.h"
#include "base/panic.h"
#include "io/fiber_private.h"
#include "io/socket.h"

#include <signal.h>
#include <stdlib.h>

/* Who is called for a signal. */
struct on_signal {
    void (*fn)(struct loop *loop, int signo, void *arg);
    void *arg;
};

/* One turn of loop_run() is one uv_run(UV_RUN_ONCE), so one epoll_wait. Deadlines are in the loop's own heap; a
 * single uv_timer_t stands for the earliest of them. */
struct uv_backed_loop {
    struct loop loop;
    uv_loop_t uv;
    uv_async_t async; /* referenced: uv_run() would not poll without an active handle */
    uv_timer_t timer;
    int64_t timer_at_us; /* what the timer is set to; INT64_MAX when it is not */
    bool held;
    uv_signal_t signals[3];
    struct on_signal stop, reload;
};

static struct uv_backed_loop *backed(struct loop *loop)
{
    return PB_CONTAINER_OF(loop, struct uv_backed_loop, loop);
}

static int64_t uv_backend_now(struct loop *loop)
{
    return clock_monotonic_us();
}

static int64_t uv_backend_wall(struct loop *loop)
{
    return clock_wall_us();
}

static void uv_backend_random(struct loop *loop, void *out, size_t n)
{
    random_bytes(out, n);
}

/* loop_run() looks at its heap. uv_run() of libuv before 1.45 calls this before it waits, when the time has passed
 * meanwhile, and would then wait without an end: uv_stop() keeps it from that, and holds for this one uv_run() only. */
static void timer_fired(uv_timer_t *t)
{
    struct uv_backed_loop *u = PB_CONTAINER_OF(t, struct uv_backed_loop, timer);
    u->timer_at_us = INT64_MAX;
    uv_stop(&u->uv);
}

static void async_fired(uv_async_t *a)
{
    /* Waking up was all: loop_run() takes the posts. */
}

static void set_timer(struct uv_backed_loop *u, int64_t until_us)
{
    if (until_us >= u->timer_at_us || until_us == INT64_MAX)
        return; /* an early wake-up is harmless */
    int64_t wait_us = until_us - u->loop.now_us;
    uv_update_time(&u->uv);
    uv_timer_start(&u->timer, timer_fired, wait_us > 0 ? (uint64_t)(wait_us + US_PER_MS - 1) / US_PER_MS : 0, 0);
    u->timer_at_us = until_us;
}

static bool uv_backend_poll(struct loop *loop, int64_t until_us)
{
    struct uv_backed_loop *u = backed(loop);
    if (until_us <= loop->now_us) {
        uv_run(&u->uv, UV_RUN_NOWAIT);
        return true;
    }
    set_timer(u, until_us);
    uv_run(&u->uv, UV_RUN_ONCE);
    return true;
}

static bool uv_backend_alive(struct loop *loop)
{
    struct uv_backed_loop *u = backed(loop);
    uv_unref((uv_handle_t *)&u->async);
    bool alive = u->held || uv_loop_alive(&u->uv);
    uv_ref((uv_handle_t *)&u->async);
    return alive;
}

static void uv_backend_wake(struct loop *loop)
{
    uv_async_send(&backed(loop)->async);
}

void loop_uv_hold(struct loop *loop)
{
    backed(loop)->held = true;
}

/* ---- helper threads ---- */

struct offload {
    uv_work_t work;
    void (*fn)(void *arg);
    void *arg;
    struct fiber_wait done;
};

static void offload_work(uv_work_t *work)
{
    struct offload *o = PB_CONTAINER_OF(work, struct offload, work);
    o->fn(o->arg);
}

static void offload_after(uv_work_t *work, int status)
{
    fiber_done(&PB_CONTAINER_OF(work, struct offload, work)->done);
}

static void uv_backend_offload(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    struct offload o = {.fn = fn, .arg = arg}; /* on this fiber's stack, which stays until it is done */
    if (uv_queue_work(&backed(loop)->uv, &o.work, offload_work, offload_after) != 0) {
        fn(arg);
        return;
    }
    fiber_await_shielded(&o.done);
}

/* ---- signals ---- */

static void signal_fired(uv_signal_t *s, int signo)
{
    struct uv_backed_loop *u = s->data;
    struct on_signal *on = signo == SIGHUP ? &u->reload : &u->stop;
    if (signo != SIGHUP)
        uv_signal_stop(s); /* once */
    on->fn(&u->loop, signo, on->arg);
}

static int watch_signal(struct uv_backed_loop *u, uv_signal_t *s, int signo, struct err *err)
{
    uv_signal_init(&u->uv, s);
    s->data = u;
    uv_unref((uv_handle_t *)s);
    int rc = uv_signal_start(s, signal_fired, signo);
    return rc < 0 ? err_set(err, "NO_SIGNALS", "cannot watch signal %d: %s", signo, uv_strerror(rc)) : 0;
}

int loop_on_stop_signal(struct loop *loop, void (*fn)(struct loop *loop, int signo, void *arg), void *arg,
                        struct err *err)
{
    if (!loop_uv(loop))
        return err_set(err, "NO_SIGNALS", "a simulated loop has no signals");
    struct uv_backed_loop *u = backed(loop);
    if (u->stop.fn)
        return err_set(err, "SIGNALS_TAKEN", "this loop already has a function for SIGINT and SIGTERM");
    u->stop = (struct on_signal){fn, arg};
    return watch_signal(u, &u->signals[0], SIGINT, err) < 0 ? -1 : watch_signal(u, &u->signals[1], SIGTERM, err);
}

int loop_on_reload_signal(struct loop *loop, void (*fn)(struct loop *loop, int signo, void *arg), void *arg,
                          struct err *err)
{
    if (!loop_uv(loop))
        return err_set(err, "NO_SIGNALS", "a simulated loop has no signals");
    struct uv_backed_loop *u = backed(loop);
    if (u->reload.fn)
        return err_set(err, "SIGNALS_TAKEN", "this loop already has a function for SIGHUP");
    u->reload = (struct on_signal){fn, arg};
    return watch_signal(u, &u->signals[2], SIGHUP, err);
}

/* ---- life ---- */

static void close_handle(uv_handle_t *handle, void *arg)
{
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void uv_backend_destroy(struct loop *loop)
{
    struct uv_backed_loop *u = backed(loop);
    uv_walk(&u->uv, close_handle, NULL);
    uv_run(&u->uv, UV_RUN_DEFAULT); /* close callbacks, and helper threads that still work */
    int rc = uv_loop_close(&u->uv);
    if (rc < 0)
        log_warn("a loop was left with open handles: %s", uv_strerror(rc));
}

static const struct loop_backend UV_BACKEND = {
    .now_us = uv_backend_now,
    .wall_us = uv_backend_wall,
    .random = uv_backend_random,
    .poll = uv_backend_poll,
    .alive = uv_backend_alive,
    .wake = uv_backend_wake,
    .offload = uv_backend_offload,
    .connect = socket_connect,
    .listen = socket_listen,
    .destroy = uv_backend_destroy,
};

struct loop *loop_new(void)
{
    signal(SIGPIPE, SIG_IGN); /* a broken connection is an error of its write */
    struct uv_backed_loop *u = xcalloc(1, sizeof *u);
    int rc = uv_loop_init(&u->uv);
    if (rc == 0)
        rc = uv_async_init(&u->uv, &u->async, async_fired);
    if (rc == 0)
        rc = uv_timer_init(&u->uv, &u->timer);
    if (rc < 0)
        PB_PANIC("cannot make an event loop: %s", uv_strerror(rc));
    uv_unref((uv_handle_t *)&u->timer);
    u->timer_at_us = INT64_MAX;
    loop_init(&u->loop, &UV_BACKEND);
    return &u->loop;
}

void loop_free(struct loop **loop)
{
    if (!*loop)
        return;
    struct uv_backed_loop *u = backed(*loop);
    loop_deinit(*loop);
    free(u);
    *loop = NULL;
}

struct uv_loop_s *loop_uv(struct loop *loop)
{
    return loop->backend == &UV_BACKEND ? &backed(loop)->uv : NULL;
}
