#include "io/http_client.h"

#include "base/panic.h"
#include "io/fiber_private.h"
#include "io/http_codec.h"
#include "io/http_put.h"
#include "io/loop_private.h"

#include <stdlib.h>

#define FIRST_READ_MIN (4u << 10)
#define FIRST_READ_MAX (256u << 10) /* how far the size of the last response is trusted for the next one */
#define READ_SPARE 64u               /* a read that does not fill its buffer has emptied the socket, which need not be asked again */
#define SIZES_KNOWN 16u              /* sizes of responses that are remembered of one address, by path */
#define PIECES_ON_STACK 32u
#define INTERIM_MAX 16 /* 1xx responses before the real one */

struct waiting {
    struct fiber_wait wait;
    struct waiting *next;
};

struct connection {
    struct connection *next;
    struct stream *stream;
    int64_t idle_since_us;
};

/* All connections to one address. */
struct pool {
    struct pool *next;
    struct connection *idle; /* the one used last comes first */
    unsigned n_idle, n_open; /* n_open counts those in use and those being opened, too */
    struct waiting *waiting;
    size_t last_size[SIZES_KNOWN]; /* of a response; 0: none yet */
    size_t address_len;
    char address[];
};

struct http_client {
    struct loop *loop;
    struct loop_hook hook;
    struct loop_timer sweep;
    struct http_client_options options;
    struct pool *pools;
};

/* ---- URLs ---- */

static int parse_unix_target(struct arena *a, struct str rest, struct http_target *out, struct err *err)
{
    ptrdiff_t mark = str_find(rest, STR("?path="));
    struct str file = mark < 0 ? rest : str_sub(rest, 0, (size_t)mark);
    out->path = mark < 0 ? STR("/") : str_sub(rest, (size_t)mark + 6, SIZE_MAX);
    out->host = STR("localhost");
    out->address = arena_printf(a, "unix:%.*s", STR_ARG(file));
    if (file.len == 0 || file.p[0] != '/' || out->path.len == 0 || out->path.p[0] != '/')
        return err_set(err, "BAD_URL", "\"%.*s\": write unix:///path/to.sock?path=/graphql", STR_ARG(out->url));
    return 0;
}

static bool url_chars_ok(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] <= ' ' || s.p[i] >= 0x7f)
            return false;
    return true;
}

int http_target_parse(struct arena *a, struct str url, struct http_target *out, struct err *err)
{
    url = arena_str(a, url);
    *out = (struct http_target){.url = url};
    if (!url_chars_ok(url))
        return err_set(err, "BAD_URL", "\"%.*s\" contains characters that must be percent-encoded", STR_ARG(url));
    if (str_starts(url, STR("unix://")))
        return parse_unix_target(a, str_sub(url, 7, SIZE_MAX), out, err);
    if (!str_starts(url, STR("http://")))
        return err_set(err, "BAD_URL", "\"%.*s\": only http:// and unix:// URLs can be asked", STR_ARG(url));
    struct str rest = str_sub(url, 7, SIZE_MAX);
    size_t host_len = 0;
    while (host_len < rest.len && rest.p[host_len] != '/' && rest.p[host_len] != '?' && rest.p[host_len] != '#')
        host_len++;
    out->host = str_sub(rest, 0, host_len);
    out->path = str_sub(rest, host_len, SIZE_MAX);
    ptrdiff_t fragment = str_find_char(out->path, '#');
    if (fragment >= 0)
        out->path = str_sub(out->path, 0, (size_t)fragment);
    if (out->path.len == 0 || out->path.p[0] != '/')
        out->path = arena_printf(a, "/%.*s", STR_ARG(out->path));
    if (host_len == 0 || str_find_char(out->host, '@') >= 0)
        return err_set(err, "BAD_URL", "\"%.*s\" must name a host, and no user", STR_ARG(url));
    ptrdiff_t bracket = str_find_char(out->host, ']');
    bool has_port = str_find_char(str_sub(out->host, bracket < 0 ? 0 : (size_t)bracket, SIZE_MAX), ':') >= 0;
    out->address = has_port ? out->host : arena_printf(a, "%.*s:80", STR_ARG(out->host));
    return 0;
}

/* ---- the pool ---- */

static struct pool *pool_of(struct http_client *c, struct str address)
{
    for (struct pool *p = c->pools; p; p = p->next)
        if (str_eq(address, str_mem(p->address, p->address_len)))
            return p;
    struct pool *p = xcalloc(1, sizeof *p + address.len);
    memcpy(p->address, address.p, address.len);
    p->address_len = address.len;
    p->next = c->pools;
    c->pools = p;
    return p;
}

static void connection_free(struct connection *conn)
{
    stream_close(&conn->stream);
    free(conn);
}

/* One connection less: whoever waits may open one. */
static void pool_closed_one(struct pool *p)
{
    p->n_open--;
    struct waiting *first = p->waiting;
    if (first) {
        p->waiting = first->next;
        fiber_done(&first->wait);
    }
}

static void sweep_fired(struct loop_timer *t)
{
    struct http_client *c = PB_CONTAINER_OF(t, struct http_client, sweep);
    int64_t now = loop_now_us(c->loop), next = INT64_MAX;
    for (struct pool *p = c->pools; p; p = p->next) {
        for (struct connection **link = &p->idle, *conn; (conn = *link);) {
            int64_t due = conn->idle_since_us + c->options.idle_timeout_us;
            if (due > now && stream_idle_ok(conn->stream)) {
                next = due < next ? due : next;
                link = &conn->next;
                continue;
            }
            *link = conn->next;
            p->n_idle--;
            connection_free(conn);
            pool_closed_one(p);
        }
    }
    if (next != INT64_MAX)
        loop_timer_set(c->loop, t, next);
}

static void pool_give(struct http_client *c, struct pool *p, struct connection *conn, bool reusable)
{
    if (!reusable || p->n_idle >= c->options.idle_max) {
        connection_free(conn);
        pool_closed_one(p);
        return;
    }
    conn->idle_since_us = loop_now_us(c->loop);
    conn->next = p->idle;
    p->idle = conn;
    p->n_idle++;
    if (!c->sweep.place)
        loop_timer_set(c->loop, &c->sweep, conn->idle_since_us + c->options.idle_timeout_us);
    struct waiting *first = p->waiting;
    if (first) {
        p->waiting = first->next;
        fiber_done(&first->wait);
    }
}

static struct connection *take_idle(struct pool *p)
{
    while (p->idle) {
        struct connection *conn = p->idle;
        p->idle = conn->next;
        p->n_idle--;
        if (stream_idle_ok(conn->stream))
            return conn;
        connection_free(conn);
        p->n_open--;
    }
    return NULL;
}

static int wait_for_room(struct pool *p, struct err *err)
{
    struct waiting me = {0}, **link = &p->waiting;
    while (*link)
        link = &(*link)->next;
    *link = &me;
    enum wait_result r = fiber_await(&me.wait);
    if (r == WAIT_OK)
        return 0;
    for (link = &p->waiting; *link != &me;)
        link = &(*link)->next;
    *link = me.next;
    return err_set(err, r == WAIT_DEADLINE ? "TIMEOUT" : "CANCELLED", "waiting for a connection to %.*s: %s",
                   (int)p->address_len, p->address, wait_result_text(r));
}

static struct connection *open_new(struct http_client *c, struct pool *p, struct err *err)
{
    p->n_open++;
    int64_t outer = fiber_deadline();
    int64_t old = fiber_deadline_push(loop_now_us(c->loop) + c->options.connect_timeout_us);
    struct stream *s = stream_connect(str_mem(p->address, p->address_len), err);
    fiber_deadline_pop(old);
    if (!s) {
        if (err && strcmp(err->code, "TIMEOUT") == 0 && loop_now_us(c->loop) < outer)
            err_set(err, "CONNECT_FAILED", "cannot connect to %.*s: no answer", (int)p->address_len, p->address);
        pool_closed_one(p);
        return NULL;
    }
    struct connection *conn = xcalloc(1, sizeof *conn);
    conn->stream = s;
    return conn;
}

/* An idle connection, or a new one (then *fresh). */
static struct connection *pool_take(struct http_client *c, struct pool *p, bool *fresh, struct err *err)
{
    for (;;) {
        struct connection *conn = *fresh ? NULL : take_idle(p);
        if (conn)
            return conn;
        if (p->n_open < c->options.connections_max) {
            *fresh = true;
            return open_new(c, p, err);
        }
        if (*fresh && (conn = take_idle(p))) { /* a fresh one is wanted and there is no room: make room */
            connection_free(conn);
            p->n_open--;
            continue;
        }
        if (wait_for_room(p, err) < 0)
            return NULL;
    }
}

/* ---- a call ---- */

static int send_request(struct connection *conn, struct arena *a, const struct http_call *call, struct err *err)
{
    const struct http_target *t = call->target;
    uint64_t length = 0;
    for (unsigned i = 0; i < call->n_body; i++)
        length += call->body[i].iov_len;
    size_t size = call->method.len + t->path.len + t->host.len + 96;
    char *head = arena_alloc_raw(a, size);
    char *p = http_put(head, call->method);
    *p++ = ' ';
    p = http_put(p, t->path);
    p = http_put(p, STR(" HTTP/1.1\r\nHost: "));
    p = http_put(p, t->host);
    p = http_put(p, STR("\r\nContent-Length: "));
    p = http_put_u64(p, length);
    p = http_put(p, STR("\r\n"));
    PB_ASSERT((size_t)(p - head) <= size);
    struct iovec few[PIECES_ON_STACK], *iov = few;
    if (call->n_body + 4 > PIECES_ON_STACK)
        iov = arena_alloc_raw(a, (call->n_body + 4) * sizeof *iov);
    iov[0] = (struct iovec){.iov_base = head, .iov_len = (size_t)(p - head)};
    iov[1] = (struct iovec){.iov_base = (char *)call->header_block.p, .iov_len = call->header_block.len};
    iov[2] = (struct iovec){.iov_base = (char *)call->extra_headers.p, .iov_len = call->extra_headers.len};
    iov[3] = (struct iovec){.iov_base = (char *)"\r\n", .iov_len = 2};
    for (unsigned i = 0; i < call->n_body; i++)
        iov[4 + i] = call->body[i];
    return stream_writev(conn->stream, iov, call->n_body + 4, err);
}

/* A response as it comes in: `data` is in the caller's arena, and grows by moving. */
struct incoming {
    struct http_parser parser;
    struct arena *arena;
    char *data;
    size_t len, cap, max;
    unsigned interim; /* responses that were stepped over */
};

static int make_room(struct incoming *in, struct err *err)
{
    size_t want = http_parser_expected(&in->parser);
    if (in->len < in->cap && want <= in->cap)
        return 0;
    want = want <= in->cap ? in->cap * 2 : want + READ_SPARE;
    if (want > in->max)
        want = in->max;
    if (want <= in->len)
        return err_set(err, "RESPONSE_TOO_LARGE", "the response is larger than %zu bytes", in->max);
    char *data = arena_alloc_raw(in->arena, want);
    memcpy(data, in->data, in->len);
    in->data = data;
    in->cap = want;
    return 0;
}

static int bad_response(const struct incoming *in, struct err *err)
{
    bool large = in->parser.status == 413;
    return err_set(err, large ? "RESPONSE_TOO_LARGE" : "BAD_RESPONSE", "the response is not acceptable: %s",
                   in->parser.message);
}

/* Steps over 100 Continue and its like. True when the real response is still to come. */
static bool skip_interim(struct incoming *in, const struct http_limits *limits, bool head)
{
    if (in->parser.response_status >= 200 || in->parser.response_status == 101)
        return false;
    size_t used = in->parser.consumed;
    in->interim++;
    in->len -= used;
    memmove(in->data, in->data + used, in->len);
    http_parser_init_response(&in->parser, limits, head);
    return true;
}

/* 1 done, 0 more bytes are needed, -1 bad. */
static int parse_response(struct incoming *in, const struct http_limits *limits, bool head, struct err *err)
{
    while (in->len > 0) {
        enum http_parse_state st = http_parser_feed(&in->parser, in->data, &in->len);
        if (st == HTTP_NEED_MORE)
            return 0;
        if (st == HTTP_BAD)
            return bad_response(in, err);
        if (in->interim > INTERIM_MAX)
            return err_set(err, "BAD_RESPONSE", "the server sends interim responses without end");
        if (!skip_interim(in, limits, head))
            return in->parser.response_status == 101
                       ? err_set(err, "BAD_RESPONSE", "the server switched to another protocol without being asked")
                       : 1;
    }
    return 0;
}

static int read_response(struct connection *conn, struct incoming *in, bool head, struct err *err)
{
    struct http_limits limits = {.body_max = in->max};
    http_parser_init_response(&in->parser, &limits, head);
    in->max += HTTP_HEAD_BYTES_MAX + FIRST_READ_MAX; /* with the head, and what chunks need */
    for (;;) {
        if (make_room(in, err) < 0)
            return -1;
        ssize_t n = stream_read(conn->stream, in->data + in->len, in->cap - in->len, err);
        if (n < 0)
            return -1;
        if (n == 0)
            return in->len == 0 ? err_set(err, "CONNECTION_RESET", "the server closed the connection without a reply")
                   : http_parser_end(&in->parser, in->len) == HTTP_DONE ? 0
                                                                        : bad_response(in, err);
        in->len += (size_t)n;
        int rc = parse_response(in, &limits, head, err);
        if (rc != 0)
            return rc < 0 ? -1 : 0;
    }
}

static bool is_reset(const struct err *err)
{
    return strcmp(err->code, "CONNECTION_RESET") == 0;
}

/* How much to read at first, going by the last response. */
static size_t first_read(size_t last_size)
{
    size_t n = last_size + READ_SPARE;
    return n < FIRST_READ_MIN ? FIRST_READ_MIN : n > FIRST_READ_MAX ? FIRST_READ_MAX : n;
}

/* One try. On failure *untouched tells whether no byte of a reply had come. */
static int call_once(struct http_client *c, struct pool *p, struct arena *a, const struct http_call *call, bool *fresh,
                     bool *untouched, struct http_response *out, struct err *err)
{
    *untouched = false;
    struct connection *conn = pool_take(c, p, fresh, err);
    if (!conn)
        return -1;
    bool head = str_eq(call->method, STR("HEAD"));
    size_t *last_size = &p->last_size[str_hash(call->target->path) % SIZES_KNOWN];
    struct incoming in = {.arena = a, .cap = first_read(*last_size), .max = c->options.response_max};
    int rc = send_request(conn, a, call, err);
    if (rc == 0)
        rc = stream_wait(conn->stream, err);
    if (rc == 0) {
        in.data = arena_alloc_raw(a, in.cap);
        rc = read_response(conn, &in, head, err);
    }
    if (rc == 0) {
        http_parser_response(&in.parser, a, in.data, out);
        *last_size = in.len;
    }
    *untouched = rc < 0 && in.len == 0 && in.interim == 0;
    bool all_read = rc == 0 && in.parser.consumed == in.len;
    pool_give(c, p, conn, rc == 0 && out->keep_alive && all_read && stream_idle_ok(conn->stream));
    return rc;
}

int http_call(struct http_client *c, struct arena *a, const struct http_call *call, struct http_response *out,
              struct err *err)
{
    struct err mine = {0};
    struct pool *p = pool_of(c, call->target->address);
    bool fresh = false, untouched;
    int rc = call_once(c, p, a, call, &fresh, &untouched, out, &mine);
    if (rc < 0 && !fresh && untouched && is_reset(&mine) && !call->once) {
        fresh = true; /* the kept connection was stale */
        rc = call_once(c, p, a, call, &fresh, &untouched, out, &mine);
    }
    if (rc < 0 && err)
        *err = mine;
    return rc;
}

/* ---- the client ---- */

static void client_free(struct http_client *c)
{
    loop_hook_remove(&c->hook);
    loop_timer_clear(c->loop, &c->sweep);
    for (struct pool *p = c->pools, *next; p; p = next) {
        next = p->next;
        PB_ASSERT(p->n_open == p->n_idle && !p->waiting);
        for (struct connection *conn = p->idle, *after; conn; conn = after) {
            after = conn->next;
            connection_free(conn);
        }
        free(p);
    }
    free(c);
}

static void client_loop_ends(struct loop_hook *hook)
{
    client_free(PB_CONTAINER_OF(hook, struct http_client, hook));
}

struct http_client *http_client_new(struct loop *loop, const struct http_client_options *options)
{
    struct http_client *c = xcalloc(1, sizeof *c);
    c->loop = loop;
    if (options)
        c->options = *options;
    struct http_client_options *o = &c->options;
    o->connections_max = o->connections_max ? o->connections_max : 256;
    o->idle_max = o->idle_max ? o->idle_max : o->connections_max;
    o->idle_timeout_us = o->idle_timeout_us ? o->idle_timeout_us : 30 * US_PER_SEC;
    o->connect_timeout_us = o->connect_timeout_us ? o->connect_timeout_us : 5 * US_PER_SEC;
    o->response_max = o->response_max ? o->response_max : 64u << 20;
    c->sweep.fn = sweep_fired;
    c->hook.fn = client_loop_ends;
    loop_hook_add(loop, &c->hook);
    return c;
}

void http_client_free(struct http_client **c)
{
    if (!*c)
        return;
    client_free(*c);
    *c = NULL;
}
