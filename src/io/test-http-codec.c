#include "base/panic.h"
#include "io/http_codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define H "Host: a\r\n"
#define POST "POST / HTTP/1.1\r\n" H

/* `status` 0: accepted; then body, path and query are compared when they are given. */
static const struct request_case {
    const char *in;
    int status;
    const char *body, *path, *query;
    int keep_alive; /* 0: not looked at, 1: yes, -1: no */
} REQUESTS[] = {
    {"GET / HTTP/1.1\r\n" H "\r\n", 0, "", "/", "", 1},
    {"GET /a/b?c=d&e HTTP/1.1\r\n" H "\r\n", 0, "", "/a/b", "c=d&e"},
    {"GET http://host:1/a?b HTTP/1.1\r\n" H "\r\n", 0, "", "/a", "b"},
    {"GET http://host?b HTTP/1.1\r\n" H "\r\n", 0, "", "/", "b"},
    {"OPTIONS * HTTP/1.1\r\n" H "\r\n", 0, "", "*"},
    {"\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n", 0},
    {"GET / HTTP/1.1\r\n" H "Connection: close\r\n\r\n", .keep_alive = -1},
    {"GET / HTTP/1.1\r\n" H "Connection: x, Close\r\n\r\n", .keep_alive = -1},
    {"GET / HTTP/1.0\r\n\r\n", .keep_alive = -1},
    {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", .keep_alive = 1},
    {POST "Content-Length: 5\r\n\r\nhello", 0, "hello"},
    {POST "content-length:5\r\n\r\nhello", 0, "hello"},
    {POST "Content-Length: 0\r\n\r\n", 0, ""},
    {POST "Content-Length: 005\r\n\r\nhello", 0, "hello"},
    {POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 0, "hello"},
    {POST "transfer-encoding: CHUNKED\r\n\r\n1\r\nh\r\n004\r\nello\r\n0\r\nX: y\r\n\r\n", 0, "hello"},
    {POST "Transfer-Encoding: chunked\r\n\r\n5;a=b;c\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n", 0, "hello0123456789"},
    {POST "X: a\tb \xc3\xa4 \t \r\n\r\n", 0},
    {POST "X:\r\n\r\n", 0},
    /* first lines */
    {"GET /\r\n\r\n", 400},
    {"\x16\x03\x01\x02", 400},
    {"GET  / HTTP/1.1\r\n" H "\r\n", 400},
    {" GET / HTTP/1.1\r\n" H "\r\n", 400},
    {"GET / HTTP/1.1 \r\n" H "\r\n", 400},
    {"GET / http/1.1\r\n" H "\r\n", 400},
    {"GET / HTTP/1.1\n" H "\r\n", 400},
    {"GET / HTTP/11\r\n" H "\r\n", 400},
    {"GET / HTTP/2.0\r\n" H "\r\n", 505},
    {"GET / HTTP/1.2\r\n" H "\r\n", 505},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"GET a HTTP/1.1\r\n" H "\r\n", 400},
    {"GET * HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /#x HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /\x01 HTTP/1.1\r\n" H "\r\n", 400},
    {"GET /\xc3\xa4 HTTP/1.1\r\n" H "\r\n", 400},
    {"G@T / HTTP/1.1\r\n" H "\r\n", 400},
    {"CONNECT a:1 HTTP/1.1\r\n" H "\r\n", 501},
    {"\r\n\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n", 400},
    {"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ", 400},
    /* headers */
    {"GET / HTTP/1.1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H H "\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H "X : y\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H " X: y\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H "X: y\r\n z\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H ": y\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H "X\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H "X: a\rb\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H "X: a\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H "X: \x7f\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" H "X: y\r\n\n", 400},
    {"GET / HTTP/1.1\r\n" H "Expect: magic\r\n\r\n", 417},
    /* framing */
    {POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400},
    {POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 400},
    {POST "Content-Length: 5, 5\r\n\r\nhello", 400},
    {POST "Content-Length: +5\r\n\r\nhello", 400},
    {POST "Content-Length: -5\r\n\r\nhello", 400},
    {POST "Content-Length: 0x5\r\n\r\nhello", 400},
    {POST "Content-Length: \r\n\r\n", 400},
    {POST "Content-Length: 1001\r\n\r\n", 413},
    {POST "Content-Length: 99999999999999999999999999\r\n\r\n", 413},
    {POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
    {POST "Transfer-Encoding: identity\r\n\r\n", 501},
    {POST "Transfer-Encoding: xchunked\r\n\r\n", 501},
    {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\n\r\n-1\r\nhello\r\n0\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\n\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\n\r\n0;a=\"b;\\\"c\";d\r\n\r\n", 0, ""},
    {POST "Transfer-Encoding: chunked\r\n\r\n0;\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\n\r\n0;a=\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\n\r\n0;=b\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\n\r\n0;a=\"b\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\n\r\n0;a=\"b\\\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\n\r\n0;a=\"b\"c\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r0\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\n\r\n0\r\nX y\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 1\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFF\r\n", 413},
    {POST "Transfer-Encoding: chunked\r\n\r\n3e8\r\n", -1},
    {POST "Transfer-Encoding: chunked\r\n\r\n3e9\r\n", 413},
    {"GET / HTTP/1.1\r\n" H, -1},
    {POST "Content-Length: 5\r\n\r\nhell", -1},
};

/* Feeds `step` bytes at a time into memory that is exactly as long as what has come. */
static enum http_parse_state feed(struct http_parser *p, struct str in, size_t step, char **data, size_t *len)
{
    enum http_parse_state st = HTTP_NEED_MORE;
    *data = NULL;
    *len = 0;
    for (size_t at = 0; at < in.len && st == HTTP_NEED_MORE; at += step) {
        size_t n = in.len - at < step ? in.len - at : step;
        char *moved = xmalloc(*len + n);
        if (*len)
            memcpy(moved, *data, *len);
        memcpy(moved + *len, in.p + at, n);
        free(*data);
        *data = moved;
        *len += n;
        st = http_parser_feed(p, *data, len);
    }
    return st;
}

static void check_request(const struct request_case *c, size_t step)
{
    struct http_parser p;
    struct http_request r;
    char *data;
    size_t len;
    struct arena *a = arena_new(0);
    http_parser_init_request(&p, &(struct http_limits){.body_max = 1000});
    enum http_parse_state st = feed(&p, str_c(c->in), step, &data, &len);
    enum http_parse_state expected = c->status == 0 ? HTTP_DONE : c->status < 0 ? HTTP_NEED_MORE : HTTP_BAD;
    if (st != expected || (st == HTTP_BAD && p.status != c->status))
        fail_msg("state %d status %d (%s) for step %zu of: %s", st, p.status, p.message ? p.message : "", step, c->in);
    if (st == HTTP_DONE) {
        http_parser_request(&p, a, data, &r);
        assert_int_equal(p.consumed, len);
        assert_true(!c->body || str_eq_c(r.body, c->body));
        assert_true(!c->path || str_eq_c(r.path, c->path));
        assert_true(!c->query || str_eq_c(r.query, c->query));
        assert_true(!c->keep_alive || r.keep_alive == (c->keep_alive > 0));
    }
    free(data);
    arena_free(&a);
}

static void test_requests(void **state)
{
    for (size_t i = 0; i < PB_ARRAY_LEN(REQUESTS); i++)
        for (size_t step = 1; step < 400; step += step < 5 ? 1 : 61)
            check_request(&REQUESTS[i], step);
}

static const struct response_case {
    const char *in;
    bool to_head;
    int status; /* 0: not acceptable; -1: needs more */
    const char *body;
    bool ends, keep_alive; /* ends: the connection is closed after `in` */
} RESPONSES[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", false, 200, "hi", false, true},
    {"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", false, 200, "hi", false, true},
    {"HTTP/1.1 200 \r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi", false, 200, "hi", false, false},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", false, 200, "hi", false, true},
    {"HTTP/1.1 200 OK\r\n\r\nhi", false, 200, "hi", true, false},
    {"HTTP/1.1 200 OK\r\n\r\n", false, 200, "", true, false},
    {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", false, 200, "hi", false, false},
    {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", true, 200, "", false, true},
    {"HTTP/1.1 204 No Content\r\n\r\n", false, 204, "", false, true},
    {"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", false, 304, "", false, true},
    {"HTTP/1.1 100 Continue\r\n\r\n", false, 100, "", false, true},
    {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi", false, 0, NULL, true, false},
    {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi", false, -1, NULL, false, false},
    {"HTTP/1.1 2000 OK\r\n\r\n", false, 0},
    {"HTTP/1.1 600 OK\r\n\r\n", false, 0},
    {"HTTP/3.0 200 OK\r\n\r\n", false, 0},
    {"HTTP/1.1  200 OK\r\n\r\n", false, 0},
    {"SSH-2.0-OpenSSH_9.2p1\r\n", false, 0},
    {"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", false, 0},
    {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", false, 0},
};

static void check_response(const struct response_case *c, size_t step)
{
    struct http_parser p;
    struct http_response r;
    char *data;
    size_t len;
    struct arena *a = arena_new(0);
    http_parser_init_response(&p, &(struct http_limits){.body_max = 1000}, c->to_head);
    enum http_parse_state st = feed(&p, str_c(c->in), step, &data, &len);
    if (st == HTTP_NEED_MORE && c->ends)
        st = http_parser_end(&p, len);
    if (st != (c->status > 0 ? HTTP_DONE : c->status < 0 ? HTTP_NEED_MORE : HTTP_BAD))
        fail_msg("state %d (%s) for step %zu of: %s", st, p.message ? p.message : "", step, c->in);
    if (st == HTTP_DONE) {
        http_parser_response(&p, a, data, &r);
        assert_int_equal(r.status, c->status);
        assert_true(str_eq_c(r.body, c->body));
        assert_int_equal(r.keep_alive, c->keep_alive);
    }
    free(data);
    arena_free(&a);
}

static void test_responses(void **state)
{
    for (size_t i = 0; i < PB_ARRAY_LEN(RESPONSES); i++)
        for (size_t step = 1; step < 200; step += step < 5 ? 1 : 31)
            check_response(&RESPONSES[i], step);
}

static int status_of_long(const char *before, size_t n, const char *unit, const char *after)
{
    struct buf b;
    buf_init(&b, 1u << 20);
    buf_add_c(&b, before);
    for (size_t i = 0; i < n; i++)
        buf_add_c(&b, unit);
    buf_add_c(&b, after);
    struct http_parser p;
    http_parser_init_request(&p, &(struct http_limits){.body_max = 1000});
    size_t len = b.len;
    enum http_parse_state st = http_parser_feed(&p, b.p, &len);
    buf_free(&b);
    return st == HTTP_BAD ? p.status : st == HTTP_DONE ? 0 : -1;
}

static void test_limits(void **state)
{
    static const char END[] = " HTTP/1.1\r\n" H "\r\n";
    assert_int_equal(status_of_long("GET /", HTTP_TARGET_MAX - 1, "x", END), 0);
    assert_int_equal(status_of_long("GET /", HTTP_TARGET_MAX, "x", END), 414);
    assert_int_equal(status_of_long("GET /", HTTP_TARGET_MAX + 100, "x", ""), 414);
    assert_int_equal(status_of_long("GET /", 70000, "x", END), 414);
    assert_int_equal(status_of_long("GET / HTTP/1.1\r\n" H, 99, "X: y\r\n", "\r\n"), 0);
    assert_int_equal(status_of_long("GET / HTTP/1.1\r\n" H, 100, "X: y\r\n", "\r\n"), 431);
    assert_int_equal(status_of_long("GET / HTTP/1.1\r\n" H "X: ", 32000, "y", "\r\n\r\n"), 0);
    assert_int_equal(status_of_long("GET / HTTP/1.1\r\n" H "X: ", 33000, "y", "\r\n\r\n"), 431);
    assert_int_equal(status_of_long("GET / HTTP/1.1\r\n" H "X: ", 33000, "y", ""), 431);
    assert_int_equal(status_of_long("GET / HTTP/1.1\r\n" H "X: ", 90000, "y", "\r\n\r\n"), 431);
    assert_int_equal(status_of_long(POST "Transfer-Encoding: chunked\r\n\r\n1;x", 300, "x", ""), 400);
    assert_int_equal(status_of_long(POST "Transfer-Encoding: chunked\r\n\r\n0\r\n", 9000, "X: y\r\n", ""), 431);
    assert_int_equal(status_of_long(POST "Transfer-Encoding: chunked\r\n\r\n", 1000, "1\r\nx\r\n", "0\r\n\r\n"), 0);
    assert_int_equal(status_of_long(POST "Transfer-Encoding: chunked\r\n\r\n", 1001, "1\r\nx\r\n", "0\r\n\r\n"), 413);
}

static void test_pipelined(void **state)
{
    char data[] = POST "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\nGET /2 HTTP/1.1\r\n" H "\r\n";
    size_t len = sizeof data - 1;
    struct http_parser p;
    struct http_limits limits = {.body_max = 1000};
    http_parser_init_request(&p, &limits);
    assert_int_equal(http_parser_feed(&p, data, &len), HTTP_DONE);
    char *second = data + p.consumed;
    len -= p.consumed;
    http_parser_init_request(&p, &limits);
    assert_int_equal(http_parser_feed(&p, second, &len), HTTP_DONE);
    assert_int_equal(p.consumed, len);
    struct arena *a = arena_new(0);
    struct http_request r;
    http_parser_request(&p, a, second, &r);
    assert_true(str_eq_c(r.path, "/2"));
    assert_true(str_eq_c(http_header_get(&r.headers, STR("hOST")), "a"));
    assert_null(http_header_get(&r.headers, STR("none")).p);
    arena_free(&a);
}

static void test_query(void **state)
{
    struct arena *a = arena_new(0);
    bool bad;
    struct str q = STR("a=1&b=%7B%22x%22%3A+1%7d&c&%64=e&z=%zz");
    assert_true(str_eq_c(http_query_param(a, q, STR("a"), &bad), "1"));
    assert_true(str_eq_c(http_query_param(a, q, STR("b"), &bad), "{\"x\": 1}"));
    assert_true(str_eq_c(http_query_param(a, q, STR("c"), &bad), ""));
    assert_non_null(http_query_param(a, q, STR("c"), &bad).p);
    assert_true(str_eq_c(http_query_param(a, q, STR("d"), &bad), "e"));
    assert_null(http_query_param(a, q, STR("y"), &bad).p);
    assert_false(bad);
    assert_null(http_query_param(a, q, STR("z"), &bad).p);
    assert_true(bad);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests), cmocka_unit_test(test_responses), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_pipelined), cmocka_unit_test(test_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
