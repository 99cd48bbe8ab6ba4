#include "base/log.h"
#include "base/panic.h"
#include "io/fiber_private.h"
#include "io/http_put.h"
#include "io/http_server_private.h"
#include "json/json.h"

#include <stdarg.h>
#include <stdio.h>

#define HEAD_FIXED 256u /* status line, Date, Content-Length, Connection */
#define IOV_ON_STACK 16u

void http_add_header(struct http_exchange *x, struct str name, struct str value)
{
    if (!http_name_ok(name) || !http_value_ok(value)) {
        log_warn("a response header was dropped: its name or value contains a forbidden character");
        return;
    }
    struct http_header h = {.name = name, .value = value};
    vec_push(x->arena, &x->out_headers, h);
}

void http_reply(struct http_exchange *x, int status, struct str content_type, struct str body)
{
    x->status = status;
    http_add_header(x, STR("Content-Type"), content_type);
    vec_push(x->arena, &x->out_body, body);
}

void http_reply_json_error(struct http_exchange *x, int status, const char *code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct str message = arena_vprintf(x->arena, fmt, ap);
    va_end(ap);
    struct buf b;
    buf_init(&b, HTTP_HEAD_BYTES_MAX + 8 * message.len);
    buf_add(&b, STR("{\"errors\":[{\"message\":"));
    json_write_string(&b, message);
    buf_add(&b, STR(",\"extensions\":{\"code\":"));
    json_write_string(&b, str_c(code));
    buf_add(&b, STR("}}]}"));
    http_reply(x, status, STR("application/json; charset=utf-8"), arena_str(x->arena, buf_str(&b)));
    buf_free(&b);
}

/* ---- the head ---- */

/* "Sun, 22 Nov 2026 15:47:10 GMT", made once per second. */
static struct str server_date(struct http_server *s)
{
    static const char DAYS[] = "SunMonTueWedThuFriSat", MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t second = loop_wall_us(s->loop) / US_PER_SEC;
    if (second != s->date_second) {
        s->date_second = second;
        time_t t = (time_t)second;
        struct tm tm;
        gmtime_r(&t, &tm);
        snprintf(s->date, sizeof s->date, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT", DAYS + 3 * tm.tm_wday,
                 (unsigned)tm.tm_mday % 100, MONTHS + 3 * tm.tm_mon, (unsigned)(tm.tm_year + 1900) % 10000,
                 (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
    }
    return str_c(s->date);
}

static char *put_connection(char *p, const struct http_connection *c)
{
    if (c->state == HTTP_CONN_UPGRADED)
        return http_put(p, STR("Connection: Upgrade\r\n"));
    if (c->close)
        return http_put(p, STR("Connection: close\r\n"));
    if (c->work->x.request.minor_version == 0)
        return http_put(p, STR("Connection: keep-alive\r\n"));
    return p; /* HTTP/1.1 keeps alive without a word */
}

struct str http_response_head(struct http_connection *c, int64_t length, bool chunked)
{
    struct http_exchange *x = &c->work->x;
    struct str reason = str_c(http_status_text(x->status));
    size_t size = HEAD_FIXED + reason.len;
    for (size_t i = 0; i < x->out_headers.n; i++)
        size += x->out_headers.v[i].name.len + x->out_headers.v[i].value.len + 4;
    char *head = arena_alloc_raw(x->arena, size), *p = http_put(head, STR("HTTP/1.1 "));
    p = http_put_u64(p, (uint64_t)x->status);
    *p++ = ' ';
    p = http_put(p, reason);
    p = http_put(p, STR("\r\n"));
    p = http_put_header(p, STR("Date"), server_date(c->server));
    for (size_t i = 0; i < x->out_headers.n; i++)
        p = http_put_header(p, x->out_headers.v[i].name, x->out_headers.v[i].value);
    if (length >= 0) {
        p = http_put(p, STR("Content-Length: "));
        p = http_put_u64(p, (uint64_t)length);
        p = http_put(p, STR("\r\n"));
    }
    if (chunked)
        p = http_put(p, STR("Transfer-Encoding: chunked\r\n"));
    p = put_connection(p, c);
    p = http_put(p, STR("\r\n"));
    PB_ASSERT((size_t)(p - head) <= size);
    return str_mem(head, (size_t)(p - head));
}

/* ---- writing ---- */

static int write_pieces(struct http_connection *c, const struct iovec *iov, unsigned n, struct err *err)
{
    struct fiber *f = fiber_self();
    int64_t old = f->deadline_us, allowed = HTTP_WRITE_TIMEOUT_US;
    for (unsigned i = 0; i < n; i++)
        allowed += (int64_t)iov[i].iov_len * (US_PER_SEC / HTTP_WRITE_RATE_MIN);
    f->deadline_us = loop_now_us(c->server->loop) + allowed; /* the request's own may have passed */
    int rc = stream_writev(c->stream, iov, n, err);
    f->deadline_us = old;
    if (rc < 0)
        c->gone = true;
    return rc;
}

static bool is_head(const struct http_exchange *x)
{
    return str_eq(x->request.method, STR("HEAD"));
}

static bool status_has_body(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

int http_response_send(struct http_connection *c)
{
    struct http_exchange *x = &c->work->x;
    int64_t length = 0;
    for (size_t i = 0; i < x->out_body.n; i++)
        length += (int64_t)x->out_body.v[i].len;
    bool has_body = status_has_body(x->status);
    struct str head = http_response_head(c, has_body ? length : -1, false);
    struct iovec few[IOV_ON_STACK], *iov = few;
    if (x->out_body.n + 1 > IOV_ON_STACK)
        iov = arena_alloc_raw(x->arena, (x->out_body.n + 1) * sizeof *iov);
    iov[0] = (struct iovec){.iov_base = (char *)head.p, .iov_len = head.len};
    unsigned n = 1;
    for (size_t i = 0; i < x->out_body.n && has_body && !is_head(x); i++)
        iov[n++] = (struct iovec){.iov_base = (char *)x->out_body.v[i].p, .iov_len = x->out_body.v[i].len};
    return write_pieces(c, iov, n, NULL);
}

/* ---- streaming ---- */

static int client_gone(struct err *err)
{
    return err_set(err, "CONNECTION_RESET", "the client has gone");
}

int http_stream_begin(struct http_exchange *x, struct err *err)
{
    struct http_connection *c = x->connection;
    PB_CHECK_MAGIC(c, HTTP_CONN_MAGIC);
    PB_ASSERT(c->state == HTTP_CONN_RUNNING);
    if (c->gone)
        return client_gone(err);
    if (!x->status)
        x->status = 200;
    c->state = HTTP_CONN_STREAMING;
    c->chunked = x->request.minor_version > 0;
    c->close |= !c->chunked;
    fiber_deadline_pop(INT64_MAX);
    struct str head = http_response_head(c, -1, c->chunked);
    struct iovec iov = {.iov_base = (char *)head.p, .iov_len = head.len};
    return write_pieces(c, &iov, 1, err);
}

int http_stream_chunk(struct http_exchange *x, struct str data, struct err *err)
{
    struct http_connection *c = x->connection;
    PB_CHECK_MAGIC(c, HTTP_CONN_MAGIC);
    PB_ASSERT(c->state == HTTP_CONN_STREAMING);
    if (c->gone)
        return client_gone(err);
    if (data.len == 0 || is_head(x))
        return 0; /* a chunk of no bytes would end the body */
    if (!c->chunked) {
        struct iovec iov = {.iov_base = (char *)data.p, .iov_len = data.len};
        return write_pieces(c, &iov, 1, err);
    }
    char size[24];
    int n = snprintf(size, sizeof size, "%zx\r\n", data.len);
    struct iovec iov[] = {
        {.iov_base = size, .iov_len = (size_t)n},
        {.iov_base = (char *)data.p, .iov_len = data.len},
        {.iov_base = (char *)"\r\n", .iov_len = 2},
    };
    return write_pieces(c, iov, 3, err);
}

int http_response_end_stream(struct http_connection *c)
{
    if (c->gone || !c->chunked || is_head(&c->work->x))
        return c->gone ? -1 : 0;
    struct iovec iov = {.iov_base = (char *)"0\r\n\r\n", .iov_len = 5};
    return write_pieces(c, &iov, 1, NULL);
}

struct stream *http_upgrade(struct http_exchange *x, struct str *rest, struct err *err)
{
    struct http_connection *c = x->connection;
    PB_CHECK_MAGIC(c, HTTP_CONN_MAGIC);
    PB_ASSERT(c->state == HTTP_CONN_RUNNING);
    if (c->gone) {
        client_gone(err);
        return NULL;
    }
    x->status = 101;
    c->state = HTTP_CONN_UPGRADED;
    c->close = true;
    struct str head = http_response_head(c, -1, false);
    struct iovec iov = {.iov_base = (char *)head.p, .iov_len = head.len};
    if (write_pieces(c, &iov, 1, err) < 0)
        return NULL;
    fiber_deadline_pop(INT64_MAX);
    const struct buf *in = &c->work->in;
    size_t used = c->work->parser.consumed;
    *rest = arena_str(x->arena, str_mem(in->p + used, in->len - used));
    struct stream *s = c->stream;
    stream_watch(s, NULL, NULL);
    c->stream = NULL;
    return s;
}
