#include "base/panic.h"
#include "io/loop_uv.h"

#define FD_WATCH_MAGIC 0x66647761u

_Static_assert(UV_READABLE == 1 && UV_WRITABLE == 2, "the numbers of fd_watch_wait()");

struct fd_watch {
    uint32_t magic;
    uv_poll_t poll;
    struct fiber_wait wait;
    bool waiting;
    int armed, ready;
};

static void fd_ready(uv_poll_t *poll, int status, int events)
{
    struct fd_watch *w = PB_CONTAINER_OF(poll, struct fd_watch, poll);
    PB_CHECK_MAGIC(w, FD_WATCH_MAGIC);
    if (!w->waiting) { /* level-triggered: it would be called again and again */
        uv_poll_stop(poll);
        w->armed = 0;
        return;
    }
    w->ready = status < 0 ? w->armed : events; /* an error shows when the library reads or writes */
    w->waiting = false;
    fiber_done(&w->wait);
}

struct fd_watch *fd_watch_new(struct loop *loop, int fd)
{
    struct uv_loop_s *uv = loop_uv(loop);
    if (!uv)
        return NULL;
    struct fd_watch *w = xcalloc(1, sizeof *w);
    w->magic = FD_WATCH_MAGIC;
    if (uv_poll_init(uv, &w->poll, fd) < 0) {
        free(w);
        return NULL;
    }
    uv_unref((uv_handle_t *)&w->poll);
    return w;
}

int fd_watch_wait(struct fd_watch *w, int events)
{
    PB_CHECK_MAGIC(w, FD_WATCH_MAGIC);
    PB_ASSERT(!w->waiting && events > 0 && events <= 3);
    w->wait.done = false;
    if (w->armed != events) {
        if (uv_poll_start(&w->poll, events, fd_ready) < 0)
            return events; /* the library finds out what is wrong with its socket */
        w->armed = events;
    }
    w->waiting = true;
    enum wait_result r = fiber_await(&w->wait);
    w->waiting = false;
    return r == WAIT_OK ? w->ready : (int)r;
}

static void fd_closed(uv_handle_t *handle)
{
    free(PB_CONTAINER_OF(handle, struct fd_watch, poll));
}

void fd_watch_free(struct fd_watch **w)
{
    if (!*w)
        return;
    PB_CHECK_MAGIC(*w, FD_WATCH_MAGIC);
    PB_ASSERT(!(*w)->waiting);
    (*w)->magic = 0;
    uv_close((uv_handle_t *)&(*w)->poll, fd_closed);
    *w = NULL;
}
