#include "base/panic.h"
#include "io/sim_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum segment_kind {
    SEGMENT_DATA,
    SEGMENT_FIN,
    SEGMENT_RESET,
    SEGMENT_WINDOW, /* the peer has read: writing may go on */
    SEGMENT_POKE,   /* from the end to itself: there was something to read when it asked */
};

/* On its way to one end. */
struct segment {
    struct loop_timer timer;
    struct sim_end *to;
    struct segment *next, **link;
    enum segment_kind kind;
    size_t len;
    char data[];
};

struct sim_end {
    struct stream stream;
    struct sim_loop *sim;
    struct sim_end *peer; /* NULL once that has closed */
    struct sim_end *next, **link;
    struct segment *coming;
    int64_t last_arrival_us; /* segments keep their order */
    size_t in_flight;        /* bytes of `coming` */
    struct buf rx;
    bool fin, reset;   /* have come */
    bool fin_sent, blocked, poked;
    char address[SIM_ADDRESS_MAX]; /* of the listener, at both ends */
};

struct sim_listener {
    struct listener listener;
    struct sim_listener *next;
};

static struct sim_end *end_of(struct stream *s)
{
    return PB_CONTAINER_OF(s, struct sim_end, stream);
}

static int64_t latency(struct sim_loop *s)
{
    struct sim *sim = s->sim;
    return sim->latency_us_max > sim->latency_us_min ? rng_range(&sim->rng, sim->latency_us_min, sim->latency_us_max)
                                                     : sim->latency_us_min;
}

/* ---- segments ---- */

static void segment_free(struct segment *g)
{
    loop_timer_clear(&g->to->sim->loop, &g->timer);
    g->to->in_flight -= g->len;
    *g->link = g->next;
    if (g->next)
        g->next->link = g->link;
    free(g);
}

static void segment_arrived(struct loop_timer *t)
{
    struct segment *g = PB_CONTAINER_OF(t, struct segment, timer);
    struct sim_end *e = g->to;
    int events = STREAM_READ;
    sim_note(e->sim, (uint64_t)g->kind << 32 | g->len);
    switch (g->kind) {
    case SEGMENT_DATA:
        if (!e->reset)
            buf_add_mem(&e->rx, g->data, g->len);
        break;
    case SEGMENT_FIN:
        e->fin = true;
        break;
    case SEGMENT_RESET:
        e->reset = true;
        events |= STREAM_WRITE;
        break;
    case SEGMENT_WINDOW:
        events = STREAM_WRITE;
        break;
    case SEGMENT_POKE:
        e->poked = false;
        break;
    }
    if ((e->fin || e->reset) && e->rx.len > 0)
        events |= STREAM_HANGUP;
    segment_free(g);
    stream_ready(&e->stream, events);
}

static void segment_send(struct sim_end *to, enum segment_kind kind, const void *data, size_t len, int64_t delay_us)
{
    struct segment *g = xcalloc(1, sizeof *g + len);
    g->timer.fn = segment_arrived;
    g->to = to;
    g->kind = kind;
    g->len = len;
    if (len)
        memcpy(g->data, data, len);
    g->next = to->coming;
    g->link = &to->coming;
    if (g->next)
        g->next->link = &g->next;
    to->coming = g;
    to->in_flight += len;
    int64_t at = to->sim->now_us + delay_us;
    if (kind <= SEGMENT_FIN) {
        at = at > to->last_arrival_us ? at : to->last_arrival_us;
        to->last_arrival_us = at;
    }
    loop_timer_set(&to->sim->loop, &g->timer, at);
}

/* Both ends learn that the connection is broken. */
static void break_connection(struct sim_end *e, int64_t delay_us)
{
    if (e->peer)
        segment_send(e->peer, SEGMENT_RESET, NULL, 0, delay_us);
    segment_send(e, SEGMENT_RESET, NULL, 0, delay_us);
}

/* ---- streams ---- */

static ssize_t sim_peek(struct stream *s)
{
    struct sim_end *e = end_of(s);
    return e->rx.len ? (ssize_t)e->rx.len : e->reset ? -ECONNRESET : e->fin ? 0 : -EAGAIN;
}

static ssize_t sim_read(struct stream *s, void *buf, size_t n)
{
    struct sim_end *e = end_of(s);
    ssize_t there = sim_peek(s);
    if (there <= 0)
        return there;
    n = (size_t)there < n ? (size_t)there : n;
    memcpy(buf, e->rx.p, n);
    buf_consume(&e->rx, n);
    if (e->peer && e->peer->blocked) {
        e->peer->blocked = false;
        segment_send(e->peer, SEGMENT_WINDOW, NULL, 0, latency(e->sim));
    }
    return (ssize_t)n;
}

static void send_pieces(struct sim_end *e, const char *p, size_t n)
{
    struct sim *sim = e->sim->sim;
    while (n > 0) {
        size_t len = sim->segment_max && sim->segment_max < n ? sim->segment_max : n;
        if (sim->segment_max)
            len = (size_t)rng_range(&sim->rng, 1, (int64_t)len);
        if (rng_chance(&sim->rng, sim->reset)) {
            break_connection(e, latency(e->sim));
            return;
        }
        segment_send(e->peer, SEGMENT_DATA, p, len, latency(e->sim));
        p += len;
        n -= len;
    }
}

static ssize_t sim_writev(struct stream *s, const struct iovec *iov, unsigned n)
{
    struct sim_end *e = end_of(s);
    if (e->reset || e->fin_sent)
        return -EPIPE;
    if (!e->peer) { /* the answer to data for a closed socket */
        segment_send(e, SEGMENT_RESET, NULL, 0, latency(e->sim));
        return iov[0].iov_len ? (ssize_t)iov[0].iov_len : -EAGAIN;
    }
    size_t used = e->peer->in_flight + e->peer->rx.len, done = 0;
    size_t room = used < SIM_WINDOW ? SIM_WINDOW - used : 0;
    if (room == 0) {
        e->blocked = true;
        return -EAGAIN;
    }
    for (unsigned i = 0; i < n && room > 0; i++) {
        size_t take = iov[i].iov_len < room ? iov[i].iov_len : room;
        send_pieces(e, iov[i].iov_base, take);
        done += take;
        room -= take;
    }
    return (ssize_t)done;
}

static void sim_want(struct stream *s, int events)
{
    struct sim_end *e = end_of(s);
    if (!(events & STREAM_READ) || e->poked || sim_peek(s) == -EAGAIN)
        return;
    e->poked = true;
    segment_send(e, SEGMENT_POKE, NULL, 0, 0);
}

static void sim_shutdown(struct stream *s)
{
    struct sim_end *e = end_of(s);
    if (e->fin_sent || e->reset)
        return;
    e->fin_sent = true;
    if (e->peer)
        segment_send(e->peer, SEGMENT_FIN, NULL, 0, latency(e->sim));
}

static void end_free(struct sim_end *e)
{
    while (e->coming)
        segment_free(e->coming);
    if (e->peer)
        e->peer->peer = NULL;
    *e->link = e->next;
    if (e->next)
        e->next->link = e->link;
    buf_free(&e->rx);
    free(e);
}

static void sim_close(struct stream *s)
{
    struct sim_end *e = end_of(s);
    if (e->rx.len > 0 && e->peer) /* as the kernel does with unread data */
        segment_send(e->peer, SEGMENT_RESET, NULL, 0, latency(e->sim));
    else
        sim_shutdown(s);
    if (e->peer && e->peer->blocked)
        segment_send(e->peer, SEGMENT_RESET, NULL, 0, latency(e->sim));
    end_free(e);
}

static const struct stream_ops SIM_OPS = {
    .read = sim_read,
    .writev = sim_writev,
    .peek = sim_peek,
    .want = sim_want,
    .shutdown = sim_shutdown,
    .close = sim_close,
};

static struct sim_end *end_new(struct sim_loop *s, const char *address, const char *peer)
{
    struct sim_end *e = xcalloc(1, sizeof *e);
    stream_init(&e->stream, &SIM_OPS, &s->loop);
    snprintf(e->stream.peer, sizeof e->stream.peer, "%.*s", (int)sizeof e->stream.peer - 1, peer);
    snprintf(e->address, sizeof e->address, "%s", address);
    e->sim = s;
    buf_init(&e->rx, SIM_WINDOW);
    e->next = s->ends;
    e->link = &s->ends;
    if (e->next)
        e->next->link = &e->next;
    s->ends = e;
    return e;
}

/* ---- connecting ---- */

static bool is_cut(const struct sim_loop *s, struct str address)
{
    for (const struct sim_cut *c = s->cuts; c; c = c->next)
        if (str_eq_c(address, c->address))
            return true;
    return false;
}

static struct sim_listener *listener_at(struct sim_loop *s, struct str address)
{
    for (struct sim_listener *l = s->listeners; l; l = l->next)
        if (str_eq_c(address, l->listener.address))
            return l;
    return NULL;
}

struct stream *sim_net_connect(struct loop *loop, struct str address, struct err *err)
{
    struct sim_loop *s = sim_loop_of(loop);
    enum wait_result r = fiber_sleep(latency(s));
    if (r != WAIT_OK) {
        err_set(err, r == WAIT_DEADLINE ? "TIMEOUT" : "CANCELLED", "connecting to %.*s: %s", STR_ARG(address),
                wait_result_text(r));
        return NULL;
    }
    struct sim_listener *l = listener_at(s, address);
    if (!l || is_cut(s, address) || rng_chance(&s->sim->rng, s->sim->connect_failure)) {
        err_set(err, "CONNECT_FAILED", "cannot connect to %.*s: %s", STR_ARG(address), strerror(ECONNREFUSED));
        return NULL;
    }
    char from[32];
    snprintf(from, sizeof from, "127.0.0.1:%u", s->next_port++);
    struct sim_end *client = end_new(s, l->listener.address, l->listener.address);
    struct sim_end *server = end_new(s, l->listener.address, from);
    client->peer = server;
    server->peer = client;
    sim_note(s, s->next_port);
    listener_accept(&l->listener, &server->stream);
    return &client->stream;
}

/* ---- listening ---- */

static void sim_listener_close(struct listener *listener)
{
    struct sim_listener *l = PB_CONTAINER_OF(listener, struct sim_listener, listener);
    struct sim_listener **link = &sim_loop_of(listener->loop)->listeners;
    while (*link != l)
        link = &(*link)->next;
    *link = l->next;
    free(l);
}

static const struct listener_ops SIM_LISTENER_OPS = {.close = sim_listener_close};

struct listener *sim_net_listen(struct loop *loop, struct str address, bool reuse_port,
                                void (*accepted)(struct stream *s, void *arg), void *arg, struct err *err)
{
    struct sim_loop *s = sim_loop_of(loop);
    if (address.len + 6 >= SIM_ADDRESS_MAX) {
        err_set(err, "BAD_ADDRESS", "an address of %zu bytes is too long", address.len);
        return NULL;
    }
    if (listener_at(s, address)) {
        err_set(err, "PORT_TAKEN", "cannot listen on %.*s: another program does", STR_ARG(address));
        return NULL;
    }
    struct sim_listener *l = xcalloc(1, sizeof *l);
    l->listener = (struct listener){
        .magic = LISTENER_MAGIC, .ops = &SIM_LISTENER_OPS, .loop = loop, .accepted = accepted, .arg = arg};
    if (str_ends(address, STR(":0")))
        snprintf(l->listener.address, sizeof l->listener.address, "%.*s%u", (int)address.len - 1, address.p,
                 s->next_port++);
    else
        snprintf(l->listener.address, sizeof l->listener.address, "%.*s", STR_ARG(address));
    l->next = s->listeners;
    s->listeners = l;
    return &l->listener;
}

/* ---- partitions ---- */

void sim_partition(struct sim *sim, struct str address)
{
    struct sim_loop *s = sim->private;
    if (is_cut(s, address))
        return;
    struct sim_cut *c = xcalloc(1, sizeof *c);
    snprintf(c->address, sizeof c->address, "%.*s", STR_ARG(address));
    c->next = s->cuts;
    s->cuts = c;
    for (struct sim_end *e = s->ends; e; e = e->next)
        if (str_eq_c(address, e->address))
            segment_send(e, SEGMENT_RESET, NULL, 0, 0);
}

void sim_heal(struct sim *sim, struct str address)
{
    struct sim_loop *s = sim->private;
    for (struct sim_cut **link = &s->cuts; *link;) {
        struct sim_cut *c = *link;
        if (!str_eq_c(address, c->address)) {
            link = &c->next;
            continue;
        }
        *link = c->next;
        free(c);
    }
}

/* Ends that are still open belong to somebody who has forgotten them; they are not hidden from the leak check. */
void sim_net_free(struct sim_loop *s)
{
    for (struct sim_end *e = s->ends; e; e = e->next)
        while (e->coming)
            segment_free(e->coming);
    while (s->cuts)
        sim_heal(s->sim, str_c(s->cuts->address));
}
