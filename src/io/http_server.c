#include "io/http_server.h"

#include "base/panic.h"
#include "io/fiber_private.h"
#include "io/http_server_private.h"

#include <stdlib.h>

/* ---- what a request needs ---- */

static struct http_work *work_take(struct http_server *s)
{
    struct http_work *w = s->works;
    if (w) {
        s->works = w->next;
        s->n_works--;
        return w;
    }
    w = xcalloc(1, sizeof *w);
    w->arena = arena_new(0);
    buf_init(&w->in, s->options.body_max + 4 * HTTP_HEAD_BYTES_MAX + HTTP_READ_MAX);
    return w;
}

static void work_free(struct http_work *w)
{
    arena_free(&w->arena);
    buf_free(&w->in);
    free(w);
}

static void work_give(struct http_server *s, struct http_work *w)
{
    if (s->n_works >= HTTP_WORKS_POOLED || w->in.cap > HTTP_WORK_BUFFER_KEPT) {
        work_free(w);
        return;
    }
    buf_clear(&w->in);
    w->next = s->works;
    s->works = w;
    s->n_works++;
}

/* ---- connections ---- */

static bool client_event(void *arg, bool hangup);

static void connection_free(struct http_connection *c)
{
    struct http_server *s = c->server;
    stream_close(&c->stream);
    loop_timer_clear(s->loop, &c->idle);
    if (c->work)
        work_give(s, c->work);
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    s->n_connections--;
    c->magic = 0;
    free(c);
    if (s->closing && s->n_connections == 0)
        fiber_done(&s->drained);
}

static void idle_fired(struct loop_timer *t)
{
    struct http_connection *c = PB_CONTAINER_OF(t, struct http_connection, idle);
    PB_CHECK_MAGIC(c, HTTP_CONN_MAGIC);
    struct http_server *s = c->server;
    int64_t now = loop_now_us(s->loop);
    int64_t due = (c->state == HTTP_CONN_REST ? c->used_us : now) + s->options.idle_timeout_us;
    if (due <= now)
        connection_free(c);
    else
        loop_timer_set(s->loop, t, due); /* it is not moved at each request */
}

/* ---- reading ---- */

/* After an answer to something half read: a close with unread data would reset the connection, and the client might
 * never see the answer. */
static void linger(struct http_connection *c)
{
    stream_shutdown(c->stream);
    int64_t old = fiber_deadline_push(loop_now_us(c->server->loop) + HTTP_LINGER_US);
    char sink[4096];
    size_t total = 0;
    ssize_t n;
    while (total < HTTP_LINGER_BYTES && (n = stream_read(c->stream, sink, sizeof sink, NULL)) > 0)
        total += (size_t)n;
    fiber_deadline_pop(old);
}

static void exchange_init(struct http_connection *c)
{
    struct http_work *w = c->work;
    w->x = (struct http_exchange){
        .arena = w->arena,
        .peer = stream_peer(c->stream),
        .started_us = c->used_us,
        .connection = c,
        .request = {.minor_version = 1},
    };
}

static void refuse(struct http_connection *c, int status, const char *code, const char *message)
{
    c->server->bad_requests++;
    c->state = HTTP_CONN_WRITING;
    c->close = true;
    exchange_init(c);
    http_reply_json_error(&c->work->x, status, code, "%s", message);
    if (http_response_send(c) == 0)
        linger(c);
    arena_reset(c->work->arena);
}

/* One read into the buffer: bytes, 0 at the end, -1. */
static ssize_t read_more(struct http_connection *c, struct err *err)
{
    struct http_work *w = c->work;
    size_t expected = http_parser_expected(&w->parser);
    size_t room = expected > w->in.len ? expected - w->in.len : 0;
    room = room > HTTP_READ_MAX ? HTTP_READ_MAX : room < HTTP_READ_MIN ? HTTP_READ_MIN : room;
    if (!w->in.p)
        room = HTTP_READ_FIRST;
    char *to = buf_reserve(&w->in, room);
    PB_ASSERT(to); /* the parser has refused what is too large */
    ssize_t n = stream_read(c->stream, to, w->in.cap - w->in.len, err);
    if (n > 0)
        buf_advance(&w->in, (size_t)n);
    return n;
}

static int send_continue(struct http_connection *c)
{
    c->work->parser.expect_continue = false;
    return stream_write(c->stream, STR("HTTP/1.1 100 Continue\r\n\r\n"), NULL);
}

enum read_outcome { READ_REQUEST, READ_MORE, READ_CLOSE };

/* Parses what is there. */
static enum read_outcome parse_request(struct http_connection *c)
{
    struct http_work *w = c->work;
    switch (w->in.len ? http_parser_feed(&w->parser, w->in.p, &w->in.len) : HTTP_NEED_MORE) {
    case HTTP_DONE:
        return READ_REQUEST;
    case HTTP_BAD:
        refuse(c, w->parser.status, "BAD_REQUEST", w->parser.message);
        return READ_CLOSE;
    case HTTP_NEED_MORE:
        break;
    }
    return READ_MORE;
}

static enum read_outcome read_failed(struct http_connection *c, const struct err *err)
{
    if (c->work->in.len > 0 && strcmp(err->code, "TIMEOUT") == 0) {
        fiber_deadline_pop(INT64_MAX);
        refuse(c, 408, "REQUEST_TIMEOUT", "the request did not arrive in time");
    } else if (c->work->in.len > 0) {
        c->server->bad_requests++;
    }
    return READ_CLOSE;
}

static enum read_outcome read_request(struct http_connection *c)
{
    struct http_work *w = c->work;
    struct err err = {0};
    c->state = HTTP_CONN_READING;
    http_parser_init_request(&w->parser, &(struct http_limits){.body_max = c->server->options.body_max});
    c->used_us = loop_now_us(c->server->loop);
    int64_t old = fiber_deadline_push(c->used_us + c->server->options.header_timeout_us);
    enum read_outcome outcome;
    while ((outcome = parse_request(c)) == READ_MORE) {
        if (w->parser.expect_continue && http_parser_head_done(&w->parser) && send_continue(c) < 0) {
            outcome = READ_CLOSE;
            break;
        }
        ssize_t n = read_more(c, &err);
        if (n <= 0) {
            outcome = read_failed(c, &err);
            break;
        }
    }
    fiber_deadline_pop(old);
    return outcome;
}

/* ---- running ---- */

static void run_handler(struct http_connection *c)
{
    struct http_server *s = c->server;
    struct http_exchange *x = &c->work->x;
    exchange_init(c);
    http_parser_request(&c->work->parser, x->arena, c->work->in.p, &x->request);
    c->close = !x->request.keep_alive || s->closing;
    c->state = HTTP_CONN_RUNNING;
    s->requests++;
    s->running++;
    stream_watch(c->stream, client_event, c);
    int64_t old = fiber_deadline_push(loop_now_us(s->loop) + s->options.request_timeout_us);
    s->handler(x, s->arg);
    bool late = fiber_deadline() <= loop_now_us(s->loop);
    fiber_deadline_pop(old);
    fiber_set_local(NULL);
    s->running--;
    if (c->stream)
        stream_watch(c->stream, NULL, NULL);
    if (x->status == 0 && late)
        http_reply_json_error(x, 503, "REQUEST_TIMEOUT", "the request took longer than the server allows");
    else if (x->status == 0)
        http_reply_json_error(x, 500, "INTERNAL_SERVER_ERROR", "the request was not answered");
}

static void send_response(struct http_connection *c)
{
    struct http_exchange *x = &c->work->x;
    c->close |= c->server->closing;
    if (c->state == HTTP_CONN_STREAMING) {
        if (http_response_end_stream(c) < 0)
            c->gone = true;
    } else if (c->state == HTTP_CONN_RUNNING && !c->gone) {
        c->state = HTTP_CONN_WRITING;
        http_response_send(c);
    }
    if (x->release)
        x->release(x->release_arg);
}

/* One request that has been read. False when the connection cannot go on. */
static bool serve(struct http_connection *c)
{
    struct http_work *w = c->work;
    run_handler(c);
    send_response(c);
    buf_consume(&w->in, w->parser.consumed);
    arena_reset(w->arena);
    c->used_us = loop_now_us(c->server->loop);
    return !c->gone && !c->close && c->stream;
}

static void connection_fiber(void *arg)
{
    struct http_connection *c = arg;
    struct http_server *s = c->server;
    PB_CHECK_MAGIC(c, HTTP_CONN_MAGIC);
    c->fiber = fiber_self();
    if (!c->work)
        c->work = work_take(s);
    bool rest = false;
    while (!rest && read_request(c) == READ_REQUEST && serve(c)) {
        rest = c->work->in.len == 0 && stream_idle_ok(c->stream);
        if (!rest)
            fiber_yield(); /* else who sends faster than it is answered would have the loop for itself */
    }
    c->fiber = NULL;
    if (!rest || s->closing) {
        connection_free(c);
        return;
    }
    work_give(s, c->work);
    c->work = NULL;
    c->state = HTTP_CONN_REST;
    stream_watch(c->stream, client_event, c);
}

/* At rest: the next request, or the end. While the handler runs: the client has gone, or sends the next request
 * early. */
static bool client_event(void *arg, bool hangup)
{
    struct http_connection *c = arg;
    PB_CHECK_MAGIC(c, HTTP_CONN_MAGIC);
    if (c->state == HTTP_CONN_REST) {
        stream_watch(c->stream, NULL, NULL);
        c->state = HTTP_CONN_READING;
        c->fiber = fiber_start(c->server->loop, connection_fiber, c); /* known at once, so that it can be cancelled */
        if (c->fiber)
            return true;
        connection_free(c);
        return false;
    }
    if (hangup || stream_at_end(c->stream)) {
        c->gone = true;
        fiber_cancel(c->fiber);
    }
    return false;
}

/* ---- accepting ---- */

static void too_many(struct stream *s)
{
    stream_write(s, STR("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\n"
                        "Connection: close\r\n\r\n"), NULL);
    stream_close(&s);
}

static void accepted(struct stream *stream, void *arg)
{
    struct http_server *s = arg;
    PB_CHECK_MAGIC(s, HTTP_SERVER_MAGIC);
    if (s->closing || s->n_connections >= s->options.connections_max) {
        too_many(stream);
        return;
    }
    struct http_connection *c = xcalloc(1, sizeof *c);
    *c = (struct http_connection){
        .magic = HTTP_CONN_MAGIC, .server = s, .stream = stream, .next = s->connections, .link = &s->connections};
    if (c->next)
        c->next->link = &c->next;
    s->connections = c;
    s->n_connections++;
    c->used_us = loop_now_us(s->loop);
    c->idle.fn = idle_fired;
    loop_timer_set(s->loop, &c->idle, c->used_us + s->options.idle_timeout_us);
    connection_fiber(c);
}

/* ---- the server ---- */

void http_server_trim(struct http_server *s)
{
    for (struct http_work *w = s->works, *next; w; w = next) {
        next = w->next;
        work_free(w);
    }
    s->works = NULL;
    s->n_works = 0;
}

static void server_free(struct http_server *s)
{
    loop_hook_remove(&s->hook);
    listener_close(&s->listener);
    http_server_trim(s);
    s->magic = 0;
    free(s);
}

static void server_loop_ends(struct loop_hook *hook)
{
    struct http_server *s = PB_CONTAINER_OF(hook, struct http_server, hook);
    s->closing = false;
    while (s->connections)
        connection_free(s->connections);
    server_free(s);
}

struct http_server *http_server_open(struct loop *loop, const struct http_server_options *options, http_handler handler,
                                     void *arg, struct err *err)
{
    struct http_server *s = xcalloc(1, sizeof *s);
    s->magic = HTTP_SERVER_MAGIC;
    s->loop = loop;
    s->options = *options;
    s->handler = handler;
    s->arg = arg;
    struct http_server_options *o = &s->options;
    o->body_max = o->body_max ? o->body_max : HTTP_BODY_MAX_DEFAULT;
    o->idle_timeout_us = o->idle_timeout_us ? o->idle_timeout_us : 75 * US_PER_SEC;
    o->header_timeout_us = o->header_timeout_us ? o->header_timeout_us : 30 * US_PER_SEC;
    o->request_timeout_us = o->request_timeout_us ? o->request_timeout_us : 60 * US_PER_SEC;
    o->connections_max = o->connections_max ? o->connections_max : 10000;
    s->listener = listener_open(loop, o->listen, o->reuse_port, accepted, s, err);
    if (!s->listener) {
        free(s);
        return NULL;
    }
    s->hook.fn = server_loop_ends;
    loop_hook_add(loop, &s->hook);
    return s;
}

struct str http_server_address(const struct http_server *s)
{
    return listener_address(s->listener);
}

static void close_connections_at_rest(struct http_server *s)
{
    for (struct http_connection *c = s->connections, *next; c; c = next) {
        next = c->next;
        if (c->state == HTTP_CONN_REST)
            connection_free(c);
    }
}

void http_server_close(struct http_server **server, int64_t grace_us)
{
    struct http_server *s = *server;
    if (!s)
        return;
    PB_CHECK_MAGIC(s, HTTP_SERVER_MAGIC);
    *server = NULL;
    listener_close(&s->listener);
    s->closing = true;
    close_connections_at_rest(s);
    int64_t old = fiber_deadline_push(loop_now_us(s->loop) + grace_us);
    while (s->n_connections > 0 && fiber_await(&s->drained) == WAIT_OK) {
    }
    fiber_deadline_pop(old);
    for (struct http_connection *c = s->connections; c; c = c->next)
        if (c->fiber)
            fiber_cancel(c->fiber);
    while (s->n_connections > 0)
        fiber_await_shielded(&s->drained);
    server_free(s);
}

void http_server_stats(const struct http_server *s, struct http_server_stats *out)
{
    *out = (struct http_server_stats){
        .connections = s->n_connections,
        .running = s->running,
        .requests = s->requests,
        .bad_requests = s->bad_requests,
    };
}
