#include "io/socket.h"

#include "base/log.h"
#include "base/panic.h"
#include "io/address.h"
#include "io/loop_uv.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/un.h>
#include <unistd.h>

#define ACCEPTS_PER_TURN 64
#define LISTEN_BACKLOG 1024
#define ACCEPT_PAUSE_US (100 * US_PER_MS) /* when the process has no file descriptors left */

_Static_assert(UV_READABLE == STREAM_READ && UV_WRITABLE == STREAM_WRITE, "same bits");
_Static_assert(UV_DISCONNECT == STREAM_HANGUP, "same bits");

/* The socket stays registered for reading while it lives: changing what libuv polls costs two system calls. Only when
 * data comes that nobody wants is it reduced to the hangup. */
struct socket {
    struct stream stream;
    int fd;
    uv_poll_t poll;
    int armed;
};

static struct socket *socket_of(struct stream *s)
{
    return PB_CONTAINER_OF(s, struct socket, stream);
}

static void socket_ready(uv_poll_t *poll, int status, int events);

static void socket_arm(struct socket *k, int events)
{
    if (k->armed == events)
        return;
    if ((events ? uv_poll_start(&k->poll, events, socket_ready) : uv_poll_stop(&k->poll)) == 0)
        k->armed = events;
}

static void socket_ready(uv_poll_t *poll, int status, int events)
{
    struct socket *k = PB_CONTAINER_OF(poll, struct socket, poll);
    if (status < 0) { /* libuv has stopped watching; the next read or write tells the error */
        k->armed = 0;
        events = STREAM_READ | STREAM_WRITE;
    }
    int keep = stream_ready(&k->stream, events);
    if (uv_is_closing((uv_handle_t *)poll))
        return;
    if (keep & STREAM_READ) {
        if (status == 0)
            socket_arm(k, keep);
        return;
    }
    /* Data that nobody wants now. The end behind it is told once, and a write that waits goes on waiting. */
    if (k->stream.watch && status == 0 && !(events & STREAM_HANGUP))
        keep |= STREAM_HANGUP;
    socket_arm(k, keep);
}

static ssize_t socket_read(struct stream *s, void *buf, size_t n)
{
    ssize_t got;
    do
        got = recv(socket_of(s)->fd, buf, n, 0);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

static ssize_t socket_writev(struct stream *s, const struct iovec *iov, unsigned n)
{
    struct msghdr m = {.msg_iov = (struct iovec *)iov, .msg_iovlen = n};
    ssize_t done;
    do
        done = sendmsg(socket_of(s)->fd, &m, MSG_NOSIGNAL);
    while (done < 0 && errno == EINTR);
    return done < 0 ? -errno : done;
}

static ssize_t socket_peek(struct stream *s)
{
    char c;
    ssize_t got;
    do
        got = recv(socket_of(s)->fd, &c, 1, MSG_PEEK);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

static void socket_want(struct stream *s, int events)
{
    struct socket *k = socket_of(s);
    int wanted = events | (k->armed & (STREAM_READ | STREAM_HANGUP));
    if (s->reading)
        wanted |= STREAM_READ;
    if (s->writing)
        wanted |= STREAM_WRITE;
    socket_arm(k, wanted);
}

static void socket_shutdown(struct stream *s)
{
    shutdown(socket_of(s)->fd, SHUT_WR);
}

static void socket_freed(uv_handle_t *handle)
{
    free(PB_CONTAINER_OF(handle, struct socket, poll));
}

static void socket_close(struct stream *s)
{
    struct socket *k = socket_of(s);
    uv_close((uv_handle_t *)&k->poll, socket_freed);
    close(k->fd);
}

static const struct stream_ops SOCKET_OPS = {
    .read = socket_read,
    .writev = socket_writev,
    .peek = socket_peek,
    .want = socket_want,
    .shutdown = socket_shutdown,
    .close = socket_close,
};

/* Takes the fd. NULL with errno. */
static struct socket *socket_new(struct loop *loop, int fd)
{
    struct socket *k = xcalloc(1, sizeof *k);
    int rc = uv_poll_init(loop_uv(loop), &k->poll, fd);
    if (rc < 0) {
        close(fd);
        free(k);
        errno = -rc;
        return NULL;
    }
    uv_unref((uv_handle_t *)&k->poll); /* fibers and listeners keep a loop running, connections at rest do not */
    stream_init(&k->stream, &SOCKET_OPS, loop);
    k->fd = fd;
    return k;
}

static void set_no_delay(int fd)
{
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
}

/* ---- connecting ---- */

static struct stream *connect_failed(struct err *err, const struct socket *k, int e)
{
    err_set(err, "CONNECT_FAILED", "cannot connect to %s: %s", k->stream.peer, strerror(e));
    return NULL;
}

static struct stream *connect_wait(struct socket *k, struct err *err)
{
    struct stream *s = &k->stream;
    socket_want(s, STREAM_WRITE);
    s->writing = true;
    enum wait_result r = fiber_await(&s->wr);
    s->writing = false;
    if (r != WAIT_OK) {
        err_set(err, r == WAIT_DEADLINE ? "TIMEOUT" : "CANCELLED", "connecting to %s: %s", s->peer,
                wait_result_text(r));
        return NULL;
    }
    int e = 0;
    socklen_t len = sizeof e;
    getsockopt(k->fd, SOL_SOCKET, SO_ERROR, &e, &len);
    if (e)
        return connect_failed(err, k, e);
    socket_arm(k, STREAM_READ);
    return s;
}

static struct stream *connect_one(struct loop *loop, const struct address *a, struct err *err)
{
    int fd = socket(a->sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct socket *k = fd < 0 ? NULL : socket_new(loop, fd);
    if (!k) {
        err_set(err, "CONNECT_FAILED", "cannot make a socket: %s", strerror(errno));
        return NULL;
    }
    address_format(&a->sa, a->len, k->stream.peer, sizeof k->stream.peer);
    if (a->sa.ss_family != AF_UNIX)
        set_no_delay(fd);
    struct stream *s = &k->stream, *connected = s;
    if (connect(fd, (const struct sockaddr *)&a->sa, a->len) < 0)
        connected = errno == EINPROGRESS ? connect_wait(k, err) : connect_failed(err, k, errno);
    if (!connected)
        stream_close(&s);
    return connected;
}

struct stream *socket_connect(struct loop *loop, struct str address, struct err *err)
{
    struct address_list list;
    if (address_resolve(address, &list, err) < 0)
        return NULL;
    struct stream *s = NULL;
    for (unsigned i = 0; i < list.n && !s; i++)
        s = connect_one(loop, &list.v[i], err);
    return s;
}

/* ---- listening ---- */

struct socket_listener {
    struct listener listener;
    int fd;
    uv_poll_t poll;
    struct loop_timer pause;
    char unlink_path[sizeof((struct sockaddr_un *)0)->sun_path + 1];
};

static void listener_ready(uv_poll_t *poll, int status, int events);

static void listener_resume(struct loop_timer *t)
{
    struct socket_listener *l = PB_CONTAINER_OF(t, struct socket_listener, pause);
    uv_poll_start(&l->poll, UV_READABLE, listener_ready);
}

static void listener_exhausted(struct socket_listener *l, int e)
{
    log_warn("%s: cannot accept a connection: %s", l->listener.address, strerror(e));
    uv_poll_stop(&l->poll);
    loop_timer_set(l->listener.loop, &l->pause, l->listener.loop->now_us + ACCEPT_PAUSE_US);
}

static void listener_ready(uv_poll_t *poll, int status, int events)
{
    struct socket_listener *l = PB_CONTAINER_OF(poll, struct socket_listener, poll);
    PB_CHECK_MAGIC(&l->listener, LISTENER_MAGIC);
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        struct sockaddr_storage sa = {0};
        socklen_t len = sizeof sa;
        int fd = accept4(l->fd, (struct sockaddr *)&sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (fd < 0 && errno == EAGAIN)
            return;
        struct socket *k = fd < 0 ? NULL : socket_new(l->listener.loop, fd);
        if (!k) {
            listener_exhausted(l, errno);
            return;
        }
        if (sa.ss_family != AF_UNIX)
            set_no_delay(fd);
        address_format(&sa, len, k->stream.peer, sizeof k->stream.peer);
        k->stream.try_read = true; /* the request has usually come with the connection */
        listener_accept(&l->listener, &k->stream);
    }
}

static void listener_freed(uv_handle_t *handle)
{
    free(PB_CONTAINER_OF(handle, struct socket_listener, poll));
}

static void socket_listener_close(struct listener *listener)
{
    struct socket_listener *l = PB_CONTAINER_OF(listener, struct socket_listener, listener);
    loop_timer_clear(listener->loop, &l->pause);
    uv_close((uv_handle_t *)&l->poll, listener_freed);
    close(l->fd);
    if (l->unlink_path[0])
        unlink(l->unlink_path);
}

static const struct listener_ops SOCKET_LISTENER_OPS = {.close = socket_listener_close};

/* A Unix socket outlives its server; when nobody answers it is removed. */
static void remove_stale_unix(const struct address *a)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (connect(fd, (const struct sockaddr *)&a->sa, a->len) < 0 && errno == ECONNREFUSED)
        unlink(((const struct sockaddr_un *)&a->sa)->sun_path);
    close(fd);
}

/* IPv4 before IPv6: "localhost" then is what most clients try. */
static const struct address *address_to_bind(const struct address_list *list)
{
    for (unsigned i = 0; i < list->n; i++)
        if (list->v[i].sa.ss_family == AF_INET)
            return &list->v[i];
    return &list->v[0];
}

/* A bound and listening fd, or -1 with *err. */
static int bind_address(const struct address *a, struct str text, bool reuse_port, struct err *err)
{
    int fd = socket(a->sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_set(err, "LISTEN_FAILED", "cannot make a socket for %.*s: %s", STR_ARG(text), strerror(errno));
    if (a->sa.ss_family == AF_UNIX)
        remove_stale_unix(a);
    else
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (reuse_port && a->sa.ss_family != AF_UNIX)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){1}, sizeof(int));
    if (bind(fd, (const struct sockaddr *)&a->sa, a->len) == 0 && listen(fd, LISTEN_BACKLOG) == 0)
        return fd;
    int e = errno;
    close(fd);
    if (e == EADDRINUSE)
        return err_set(err, "PORT_TAKEN",
                       "cannot listen on %.*s: another program does; stop it or choose another address", STR_ARG(text));
    return err_set(err, "LISTEN_FAILED", "cannot listen on %.*s: %s", STR_ARG(text), strerror(e));
}

static void note_bound_address(struct socket_listener *l)
{
    struct sockaddr_storage sa = {0};
    socklen_t len = sizeof sa;
    getsockname(l->fd, (struct sockaddr *)&sa, &len);
    address_format(&sa, len, l->listener.address, sizeof l->listener.address);
    if (sa.ss_family == AF_UNIX)
        memcpy(l->unlink_path, ((struct sockaddr_un *)&sa)->sun_path, sizeof l->unlink_path - 1);
}

struct listener *socket_listen(struct loop *loop, struct str address, bool reuse_port,
                               void (*accepted)(struct stream *s, void *arg), void *arg, struct err *err)
{
    struct address_list list;
    if (address_resolve(address, &list, err) < 0)
        return NULL;
    int fd = bind_address(address_to_bind(&list), address, reuse_port, err);
    if (fd < 0)
        return NULL;
    struct socket_listener *l = xcalloc(1, sizeof *l);
    l->listener = (struct listener){
        .magic = LISTENER_MAGIC, .ops = &SOCKET_LISTENER_OPS, .loop = loop, .accepted = accepted, .arg = arg};
    l->fd = fd;
    l->pause.fn = listener_resume;
    note_bound_address(l);
    int rc = uv_poll_init(loop_uv(loop), &l->poll, fd);
    if (rc == 0)
        rc = uv_poll_start(&l->poll, UV_READABLE, listener_ready);
    if (rc < 0)
        PB_PANIC("cannot watch the listener %s: %s", l->listener.address, uv_strerror(rc));
    return &l->listener;
}
