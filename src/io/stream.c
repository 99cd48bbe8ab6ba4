#include "io/stream.h"

#include "base/log.h"
#include "base/panic.h"
#include "io/stream_private.h"

#include <errno.h>
#include <stdlib.h>

#define IOV_BATCH 64u    /* pieces per write once a write has been cut short */
#define IOV_SYSTEM 1024u /* what one system call takes (IOV_MAX) */

void stream_init(struct stream *s, const struct stream_ops *ops, struct loop *loop)
{
    s->magic = STREAM_MAGIC;
    s->ops = ops;
    s->loop = loop;
}

static int fail_wait(struct err *err, enum wait_result r, const struct stream *s, const char *what)
{
    if (r == WAIT_DEADLINE)
        return err_set(err, "TIMEOUT", "%s %s: deadline exceeded", what, s->peer);
    return err_set(err, "CANCELLED", "%s %s: cancelled", what, s->peer);
}

static int fail_errno(struct err *err, int e, const struct stream *s, const char *what)
{
    return err_set(err, "CONNECTION_RESET", "%s %s: %s", what, s->peer, strerror(e));
}

int stream_wait(struct stream *s, struct err *err)
{
    PB_CHECK_MAGIC(s, STREAM_MAGIC);
    if (s->try_read)
        return 0;
    s->ops->want(s, STREAM_READ);
    s->reading = true;
    enum wait_result r = fiber_await(&s->rd);
    s->reading = false;
    return r == WAIT_OK ? 0 : fail_wait(err, r, s, "reading from");
}

ssize_t stream_read(struct stream *s, void *buf, size_t n, struct err *err)
{
    PB_CHECK_MAGIC(s, STREAM_MAGIC);
    PB_ASSERT(!s->reading && n > 0);
    for (;;) {
        if (s->try_read) {
            ssize_t got = s->ops->read(s, buf, n);
            if (got > 0)
                s->try_read = (size_t)got == n; /* a short read has emptied the socket */
            if (got >= 0)
                return got;
            if (got != -EAGAIN)
                return fail_errno(err, (int)-got, s, "reading from");
            s->try_read = false;
        }
        if (stream_wait(s, err) < 0)
            return -1;
    }
}

static int wait_writable(struct stream *s, struct err *err)
{
    s->ops->want(s, STREAM_WRITE);
    s->writing = true;
    enum wait_result r = fiber_await(&s->wr);
    s->writing = false;
    return r == WAIT_OK ? 0 : fail_wait(err, r, s, "writing to");
}

/* One system call from piece *i, byte *off on, and moves both. Bytes written or a negative errno. */
static ssize_t write_some(struct stream *s, const struct iovec *iov, unsigned n, unsigned *i, size_t *off)
{
    struct iovec part[IOV_BATCH];
    const struct iovec *from = iov + *i;
    unsigned count = n - *i < IOV_SYSTEM ? n - *i : IOV_SYSTEM;
    if (*off > 0) {
        count = count < IOV_BATCH ? count : IOV_BATCH;
        memcpy(part, from, count * sizeof *part);
        part[0].iov_base = (char *)part[0].iov_base + *off;
        part[0].iov_len -= *off;
        from = part;
    }
    ssize_t done = s->ops->writev(s, from, count);
    if (done < 0)
        return done;
    size_t left = (size_t)done + *off;
    while (*i < n && left >= iov[*i].iov_len)
        left -= iov[(*i)++].iov_len;
    *off = left;
    return done;
}

int stream_writev(struct stream *s, const struct iovec *iov, unsigned n, struct err *err)
{
    PB_CHECK_MAGIC(s, STREAM_MAGIC);
    PB_ASSERT(!s->writing);
    unsigned i = 0;
    size_t off = 0;
    while (i < n) {
        if (iov[i].iov_len == 0) {
            i++;
            continue;
        }
        ssize_t done = write_some(s, iov, n, &i, &off);
        if (done == -EAGAIN) {
            if (wait_writable(s, err) < 0)
                return -1;
        } else if (done < 0) {
            return fail_errno(err, (int)-done, s, "writing to");
        }
    }
    return 0;
}

int stream_write(struct stream *s, struct str data, struct err *err)
{
    struct iovec iov = {.iov_base = (char *)data.p, .iov_len = data.len};
    return stream_writev(s, &iov, 1, err);
}

int stream_ready(struct stream *s, int events)
{
    PB_CHECK_MAGIC(s, STREAM_MAGIC);
    int keep = STREAM_READ;
    if (events & STREAM_WRITE && s->writing) {
        s->writing = false;
        fiber_done(&s->wr);
    }
    if (s->writing)
        keep |= STREAM_WRITE;
    if (!(events & (STREAM_READ | STREAM_HANGUP)))
        return keep;
    s->try_read = true;
    if (s->reading) {
        s->reading = false;
        fiber_done(&s->rd);
        return keep;
    }
    /* The watcher may close the stream; then nothing of it may be touched. A fiber it starts runs later. */
    if (s->watch && s->watch(s->watch_arg, (events & STREAM_HANGUP) != 0))
        return keep;
    return keep & ~STREAM_READ;
}

void stream_watch(struct stream *s, bool (*fn)(void *arg, bool hangup), void *arg)
{
    PB_CHECK_MAGIC(s, STREAM_MAGIC);
    s->watch = fn;
    s->watch_arg = arg;
    if (fn)
        s->ops->want(s, STREAM_READ);
}

bool stream_at_end(struct stream *s)
{
    PB_CHECK_MAGIC(s, STREAM_MAGIC);
    ssize_t there = s->ops->peek(s);
    return there <= 0 && there != -EAGAIN;
}

bool stream_idle_ok(struct stream *s)
{
    PB_CHECK_MAGIC(s, STREAM_MAGIC);
    if (s->try_read && s->ops->peek(s) == -EAGAIN)
        s->try_read = false; /* the last read was exactly as long as what was there */
    return !s->try_read;
}

struct str stream_peer(const struct stream *s)
{
    return str_c(s->peer);
}

void stream_shutdown(struct stream *s)
{
    PB_CHECK_MAGIC(s, STREAM_MAGIC);
    s->ops->shutdown(s);
}

void stream_close(struct stream **s)
{
    if (!*s)
        return;
    PB_CHECK_MAGIC(*s, STREAM_MAGIC);
    PB_ASSERT(!(*s)->rd.fiber && !(*s)->wr.fiber);
    (*s)->magic = 0;
    (*s)->ops->close(*s);
    *s = NULL;
}

struct stream *stream_connect(struct str address, struct err *err)
{
    struct loop *loop = loop_current();
    PB_ASSERT(loop);
    return loop->backend->connect(loop, address, err);
}

/* ---- listeners ---- */

struct listener *listener_open(struct loop *loop, struct str address, bool reuse_port,
                               void (*accepted)(struct stream *s, void *arg), void *arg, struct err *err)
{
    return loop->backend->listen(loop, address, reuse_port, accepted, arg, err);
}

/* A stream on its way to its fiber. */
struct accepted {
    struct listener *listener; /* NULL once that is closed */
    struct stream *stream;
    struct accepted *next, **link;
};

static void accepted_unlink(struct accepted *a)
{
    *a->link = a->next;
    if (a->next)
        a->next->link = a->link;
}

static void accepted_fiber(void *arg)
{
    struct accepted a = *(struct accepted *)arg;
    if (a.listener)
        accepted_unlink(arg);
    free(arg);
    if (a.listener)
        a.listener->accepted(a.stream, a.listener->arg);
}

void listener_accept(struct listener *l, struct stream *s)
{
    struct accepted *a = xmalloc(sizeof *a);
    *a = (struct accepted){.listener = l, .stream = s};
    if (!loop_go(l->loop, accepted_fiber, a)) {
        log_warn("%s: a connection was closed: too many fibers", l->address);
        free(a);
        stream_close(&s);
        return;
    }
    a->next = l->pending;
    a->link = &l->pending;
    if (a->next)
        a->next->link = &a->next;
    l->pending = a;
}

struct str listener_address(const struct listener *l)
{
    return str_c(l->address);
}

void listener_close(struct listener **l)
{
    if (!*l)
        return;
    PB_CHECK_MAGIC(*l, LISTENER_MAGIC);
    while ((*l)->pending) { /* what `arg` points to may go away with the listener */
        struct accepted *a = (*l)->pending;
        accepted_unlink(a);
        a->listener = NULL;
        stream_close(&a->stream);
    }
    (*l)->magic = 0;
    (*l)->ops->close(*l);
    *l = NULL;
}
