/* Server, client and streams, each scene on real sockets and on the simulated network. */
#include "base/panic.h"
#include "io/http_client.h"
#include "io/http_server.h"
#include "io/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define H "Host: a\r\n"

/* What the handler was told and what became of it. */
struct seen {
    struct http_server *server;
    struct str address;
    unsigned handled, released;
    int wait_result;
    char paths[64];
    struct stream *upgraded;
};

static void released(void *arg)
{
    ((struct seen *)arg)->released++;
}

static void stream_reply(struct http_exchange *x)
{
    http_add_header(x, STR("Content-Type"), STR("text/event-stream"));
    assert_int_equal(http_stream_begin(x, NULL), 0);
    assert_int_equal(http_stream_chunk(x, STR("one"), NULL), 0);
    fiber_sleep(1000);
    assert_int_equal(http_stream_chunk(x, STR(""), NULL), 0);
    assert_int_equal(http_stream_chunk(x, STR("two, which is longer"), NULL), 0);
}

static void upgrade(struct http_exchange *x, struct seen *seen)
{
    struct str rest;
    http_add_header(x, STR("Upgrade"), STR("shout"));
    struct stream *s = http_upgrade(x, &rest, NULL);
    assert_non_null(s);
    assert_int_equal(stream_write(s, rest, NULL), 0);
    char c;
    while (stream_read(s, &c, 1, NULL) == 1 && c != '.') {
        c = (char)(c & ~0x20);
        assert_int_equal(stream_write(s, str_mem(&c, 1), NULL), 0);
    }
    stream_close(&s);
}

static void large_reply(struct http_exchange *x)
{
    size_t n = 3u << 20;
    char *p = arena_alloc_raw(x->arena, n);
    for (size_t i = 0; i < n; i++)
        p[i] = (char)('a' + i % 23);
    x->status = 200;
    for (size_t at = 0; at < n; at += 1000)
        vec_push(x->arena, &x->out_body, str_mem(p + at, n - at < 1000 ? n - at : 1000));
}

static void handle(struct http_exchange *x, void *arg)
{
    struct seen *seen = arg;
    seen->handled++;
    x->release = released;
    x->release_arg = seen;
    struct str path = x->request.path;
    strncat(seen->paths, path.p, path.len < sizeof seen->paths - strlen(seen->paths) - 1 ? path.len : 0);
    if (str_eq(path, STR("/slow")))
        seen->wait_result = fiber_sleep(3600 * US_PER_SEC);
    else if (str_eq(path, STR("/nap")))
        seen->wait_result = fiber_sleep(5000);
    if (str_eq(path, STR("/stream")))
        stream_reply(x);
    else if (str_eq(path, STR("/upgrade")))
        upgrade(x, seen);
    else if (str_eq(path, STR("/large")))
        large_reply(x);
    else if (str_eq(path, STR("/nothing")))
        x->status = 204;
    else if (!str_eq(path, STR("/silent")) && !str_eq(path, STR("/slow")))
        http_reply(x, 200, STR("text/plain"), x->request.body.len ? x->request.body : x->request.path);
}

static void open_server(struct seen *seen, const struct http_server_options *options)
{
    struct err err;
    struct http_server_options o = options ? *options : (struct http_server_options){0};
    if (!o.listen.p)
        o.listen = STR("127.0.0.1:0");
    *seen = (struct seen){.wait_result = 1};
    seen->server = http_server_open(loop_current(), &o, handle, seen, &err);
    if (!seen->server)
        fail_msg("%s", err.msg);
    seen->address = http_server_address(seen->server);
}

static void close_server(struct seen *seen)
{
    http_server_close(&seen->server, 20000);
    assert_int_equal(seen->released, seen->handled);
}

static struct stream *dial(const struct seen *seen)
{
    struct err err;
    struct stream *s = stream_connect(seen->address, &err);
    if (!s)
        fail_msg("%s", err.msg);
    return s;
}

static void send_text(struct stream *s, const char *text)
{
    assert_int_equal(stream_write(s, str_c(text), NULL), 0);
}

/* Reads until the text ends in `end` (NULL: until the stream ends). */
static void expect(struct stream *s, const char *begin, const char *end)
{
    char got[8192];
    size_t n = 0;
    int64_t old = fiber_deadline_push(loop_now_us(loop_current()) + 20 * US_PER_SEC);
    for (;;) {
        if (end && n >= strlen(end) && memcmp(got + n - strlen(end), end, strlen(end)) == 0)
            break;
        ssize_t r = stream_read(s, got + n, sizeof got - 1 - n, NULL);
        if (r <= 0)
            break;
        n += (size_t)r;
    }
    fiber_deadline_pop(old);
    got[n] = 0;
    if (strncmp(got, begin, strlen(begin)) != 0 || (end && !str_ends(str_c(got), str_c(end))))
        fail_msg("expected \"%s … %s\" but got \"%s\"", begin, end ? end : "", got);
}

static void expect_end(struct stream *s)
{
    char c;
    int64_t old = fiber_deadline_push(loop_now_us(loop_current()) + 20 * US_PER_SEC);
    assert_int_equal(stream_read(s, &c, 1, NULL), 0);
    fiber_deadline_pop(old);
}

/* ---- the server, byte by byte ---- */

static void scene_pipelining(void *arg)
{
    struct seen seen;
    open_server(&seen, NULL);
    struct stream *s = dial(&seen);
    send_text(s, "GET /1 HTTP/1.1\r\n" H "\r\nGET /nap HTTP/1.1\r\n" H "\r\nPOST /3 HTTP/1.1\r\n" H
                 "Content-Length: 4\r\n\r\nbodyGET /4 HT");
    expect(s, "HTTP/1.1 200 OK\r\n", "\r\n\r\nbody");
    send_text(s, "TP/1.1\r\nConnection: close\r\n" H "\r\n");
    expect(s, "HTTP/1.1 200 OK\r\n", "\r\n\r\n/4");
    expect_end(s);
    assert_string_equal(seen.paths, "/1/nap/3/4");
    assert_int_equal(seen.wait_result, WAIT_OK); /* data that comes early is not an end */
    stream_close(&s);
    close_server(&seen);
}

static void scene_methods(void *arg)
{
    struct seen seen;
    open_server(&seen, NULL);
    struct stream *s = dial(&seen);
    send_text(s, "HEAD /head HTTP/1.1\r\n" H "\r\n");
    expect(s, "HTTP/1.1 200 OK\r\n", "Content-Length: 5\r\n\r\n");
    send_text(s, "GET /nothing HTTP/1.1\r\n" H "\r\n");
    expect(s, "HTTP/1.1 204 No Content\r\n", "\r\n\r\n");
    send_text(s, "POST / HTTP/1.1\r\n" H "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    expect(s, "HTTP/1.1 100 Continue\r\n\r\n", "\r\n\r\n");
    send_text(s, "hi");
    expect(s, "HTTP/1.1 200 OK\r\n", "\r\n\r\nhi");
    send_text(s, "GET /silent HTTP/1.1\r\n" H "\r\n");
    expect(s, "HTTP/1.1 500 ", "\"code\":\"INTERNAL_SERVER_ERROR\"}}]}");
    send_text(s, "GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    expect(s, "HTTP/1.1 200 OK\r\n", "Connection: keep-alive\r\n\r\n/old");
    send_text(s, "GET /old HTTP/1.0\r\n\r\n");
    expect(s, "HTTP/1.1 200 OK\r\n", "Connection: close\r\n\r\n/old");
    expect_end(s);
    stream_close(&s);
    close_server(&seen);
}

static const struct refused {
    const char *in, *begin, *end;
} REFUSED[] = {
    {"GARBAGE\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n", "\"code\":\"BAD_REQUEST\"}}]}"},
    {"\x16\x03\x01", "HTTP/1.1 400 ", "}]}"},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 505 ", "}]}"},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 101\r\n\r\n", "HTTP/1.1 413 Content Too Large\r\n", "}]}"},
    {"POST / HTTP/1.1\r\n" H "Expect: 100-continue\r\nContent-Length: 101\r\n\r\n", "HTTP/1.1 413 ", "}]}"},
    {"POST / HTTP/1.1\r\n" H "Expect: the-best\r\n\r\n", "HTTP/1.1 417 ", "}]}"},
    {"POST / HTTP/1.1\r\n" H "Content-Len", "HTTP/1.1 408 Request Timeout\r\n", "}]}"},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 9\r\n\r\nhel", "HTTP/1.1 408 ", "}]}"},
    {"GET /slow HTTP/1.1\r\n" H "\r\n", "HTTP/1.1 503 Service Unavailable\r\n", "\"code\":\"REQUEST_TIMEOUT\"}}]}"},
};

static void scene_refused(void *arg)
{
    struct seen seen;
    struct http_server_options o = {
        .body_max = 100, .header_timeout_us = 30000, .request_timeout_us = 30000, .idle_timeout_us = 50000};
    open_server(&seen, &o);
    for (size_t i = 0; i < PB_ARRAY_LEN(REFUSED); i++) {
        struct stream *s = dial(&seen);
        send_text(s, REFUSED[i].in);
        expect(s, REFUSED[i].begin, REFUSED[i].end);
        if (i + 1 < PB_ARRAY_LEN(REFUSED))
            expect_end(s);
        stream_close(&s);
    }
    assert_int_equal(seen.wait_result, WAIT_DEADLINE);
    struct stream *quiet = dial(&seen);
    expect_end(quiet); /* who says nothing is not answered */
    stream_close(&quiet);
    quiet = dial(&seen);
    send_text(quiet, "GET / HTTP/1.1\r\n" H "\r\n");
    expect(quiet, "HTTP/1.1 200 ", "\r\n\r\n/");
    int64_t start = loop_now_us(loop_current());
    expect_end(quiet); /* the idle time-out */
    assert_true(loop_now_us(loop_current()) - start >= 40000);
    stream_close(&quiet);
    struct http_server_stats stats;
    http_server_stats(seen.server, &stats);
    assert_int_equal(stats.bad_requests, PB_ARRAY_LEN(REFUSED) - 1);
    close_server(&seen);
}

static void scene_disconnect(void *arg)
{
    struct seen seen;
    open_server(&seen, NULL);
    for (int pipelined = 0; pipelined < 2; pipelined++) {
        seen.wait_result = 1;
        struct stream *s = dial(&seen);
        send_text(s, "GET /slow HTTP/1.1\r\n" H "\r\n");
        fiber_sleep(3000);
        if (pipelined) {
            send_text(s, "GET /more HTTP/1.1\r\n" H "\r\n");
            fiber_sleep(3000);
        }
        struct http_server_stats stats;
        http_server_stats(seen.server, &stats);
        assert_int_equal(stats.running, 1);
        stream_close(&s);
        for (int i = 0; i < 1000 && seen.wait_result == 1; i++)
            fiber_sleep(1000);
        assert_int_equal(seen.wait_result, WAIT_CANCELLED);
    }
    close_server(&seen);
}

static void scene_streaming(void *arg)
{
    struct seen seen;
    open_server(&seen, NULL);
    struct stream *s = dial(&seen);
    send_text(s, "GET /stream HTTP/1.1\r\n" H "\r\n");
    expect(s, "HTTP/1.1 200 OK\r\n", "\r\n\r\n3\r\none\r\n14\r\ntwo, which is longer\r\n0\r\n\r\n");
    send_text(s, "GET /stream HTTP/1.0\r\n\r\n");
    expect(s, "HTTP/1.1 200 OK\r\n", "\r\n\r\nonetwo, which is longer");
    expect_end(s);
    stream_close(&s);
    close_server(&seen);
}

static void scene_upgrade(void *arg)
{
    struct seen seen;
    open_server(&seen, NULL);
    struct stream *s = dial(&seen);
    send_text(s, "GET /upgrade HTTP/1.1\r\n" H "Upgrade: shout\r\nConnection: Upgrade\r\n\r\nREST");
    expect(s, "HTTP/1.1 101 Switching Protocols\r\n", "Connection: Upgrade\r\n\r\nREST");
    send_text(s, "hello.");
    expect(s, "HELLO", NULL);
    stream_close(&s);
    close_server(&seen);
}

static void slow_call(void *arg)
{
    const struct seen *seen = arg;
    struct stream *s = dial(seen);
    send_text(s, "GET /slow HTTP/1.1\r\n" H "\r\n");
    char c;
    stream_read(s, &c, 1, NULL);
    stream_close(&s);
}

static void scene_close(void *arg)
{
    struct seen seen;
    open_server(&seen, &(struct http_server_options){.connections_max = 2});
    struct stream *idle = dial(&seen), *third;
    send_text(idle, "GET / HTTP/1.1\r\n" H "\r\n");
    expect(idle, "HTTP/1.1 200 OK\r\n", "\r\n\r\n/");
    struct fiber_group g;
    fiber_group_init(&g);
    fiber_group_go(&g, slow_call, &seen);
    fiber_sleep(10000);
    third = dial(&seen);
    expect(third, "HTTP/1.1 503 Service Unavailable\r\n", NULL);
    stream_close(&third);
    char text[160];
    snprintf(text, sizeof text, "%.*s", STR_ARG(seen.address));
    int64_t start = loop_now_us(loop_current());
    close_server(&seen); /* after the grace the slow one is cancelled */
    assert_true(loop_now_us(loop_current()) - start >= 20000);
    assert_int_equal(seen.wait_result, WAIT_CANCELLED);
    expect_end(idle);
    stream_close(&idle);
    fiber_group_wait(&g);
    struct err err;
    assert_null(stream_connect(str_c(text), &err));
    assert_string_equal(err.code, "CONNECT_FAILED");
}

/* ---- the client ---- */

static struct http_target target_of(struct arena *a, const struct seen *seen, const char *path)
{
    struct http_target t;
    struct err err;
    if (http_target_parse(a, arena_printf(a, "http://%.*s%s", STR_ARG(seen->address), path), &t, &err) < 0)
        fail_msg("%s", err.msg);
    return t;
}

static int call(struct http_client *c, struct arena *a, const struct seen *seen, const char *method, const char *path,
                struct http_response *r, struct err *err)
{
    struct http_target t = target_of(a, seen, path);
    return http_call(c, a, &(struct http_call){.target = &t, .method = str_c(method)}, r, err);
}

static void scene_client(void *arg)
{
    struct seen seen;
    struct err err = {0};
    struct http_response r;
    open_server(&seen, NULL);
    struct arena *a = arena_new(0);
    struct http_client *c = http_client_new(loop_current(), &(struct http_client_options){.response_max = 4u << 20});
    assert_int_equal(call(c, a, &seen, "GET", "/hello?x=y", &r, &err), 0);
    assert_true(str_eq_c(r.body, "/hello"));
    assert_int_equal(call(c, a, &seen, "HEAD", "/hello", &r, &err), 0);
    assert_int_equal(r.body.len, 0);
    assert_int_equal(call(c, a, &seen, "GET", "/stream", &r, &err), 0);
    assert_true(str_eq_c(r.body, "onetwo, which is longer"));
    assert_int_equal(call(c, a, &seen, "GET", "/large", &r, &err), 0);
    assert_int_equal(r.body.len, 3u << 20);
    for (size_t i = 0; i < r.body.len; i++)
        if (r.body.p[i] != (char)('a' + i % 23))
            fail_msg("byte %zu is wrong", i);
    struct http_server_stats stats;
    http_server_stats(seen.server, &stats);
    assert_int_equal(stats.connections, 1); /* all on one */
    assert_int_equal(call(c, a, &seen, "GET", "/upgrade", &r, &err), -1);
    assert_string_equal(err.code, "BAD_RESPONSE");
    int64_t old = fiber_deadline_push(loop_now_us(loop_current()) + 20000);
    assert_int_equal(call(c, a, &seen, "GET", "/slow", &r, &err), -1);
    assert_string_equal(err.code, "TIMEOUT");
    fiber_deadline_pop(old);
    http_client_free(&c);
    c = http_client_new(loop_current(), &(struct http_client_options){.response_max = 1u << 20});
    assert_int_equal(call(c, a, &seen, "GET", "/large", &r, &err), -1);
    assert_string_equal(err.code, "RESPONSE_TOO_LARGE");
    http_client_free(&c);
    close_server(&seen);
    assert_int_equal(seen.wait_result, WAIT_CANCELLED);
    arena_free(&a);
}

/* A kept connection that the server has closed in the meantime. */
static void scene_stale(void *arg)
{
    struct seen seen;
    struct err err = {0};
    struct http_response r;
    struct arena *a = arena_new(0);
    struct http_client *c = http_client_new(loop_current(), NULL);
    open_server(&seen, &(struct http_server_options){.idle_timeout_us = 10000});
    for (int i = 0; i < 3; i++) {
        assert_int_equal(call(c, a, &seen, "POST", "/", &r, &err), 0);
        fiber_sleep(10000 + i * 10000);
    }
    assert_int_equal(seen.handled, 3);
    char address[64];
    snprintf(address, sizeof address, "%.*s", STR_ARG(seen.address));
    close_server(&seen);
    seen.address = str_c(address);
    assert_int_equal(call(c, a, &seen, "POST", "/", &r, &err), -1);
    assert_string_equal(err.code, "CONNECT_FAILED");
    http_client_free(&c);
    arena_free(&a);
}

#define BURST 100

struct burst_call {
    struct http_client *client;
    const struct seen *seen;
};

static void burst_call(void *arg)
{
    const struct burst_call *b = arg;
    struct arena *a = arena_new(0);
    struct http_response r;
    struct err err = {0};
    assert_int_equal(call(b->client, a, b->seen, "POST", "/nap", &r, &err), 0);
    arena_free(&a);
}

/* What a burst has opened is there for the next one. */
static void scene_burst(void *arg)
{
    struct seen seen;
    struct http_server_stats stats;
    struct fiber_group group;
    struct http_client *c = http_client_new(loop_current(), NULL);
    struct burst_call one = {c, &seen};
    open_server(&seen, NULL);
    fiber_group_init(&group);
    for (int i = 0; i < BURST; i++)
        fiber_group_go(&group, burst_call, &one);
    fiber_group_wait(&group);
    fiber_sleep(20000);
    http_server_stats(seen.server, &stats);
    assert_int_equal(seen.handled, BURST);
    assert_int_equal(stats.connections, BURST);
    http_client_free(&c);
    close_server(&seen);
}

static void scene_left_open(void *arg)
{
    struct seen *seen = arg; /* nobody closes it: loop_free() does */
    open_server(seen, NULL);
    struct stream *s = dial(seen);
    send_text(s, "GET / HTTP/1.1\r\n" H "\r\n");
    expect(s, "HTTP/1.1 200 OK\r\n", "\r\n\r\n/");
    http_client_new(loop_current(), NULL);
    loop_stop(loop_current());
    stream_close(&s);
}

static void on_real_sockets(void (*scene)(void *))
{
    struct seen seen;
    struct loop *loop = loop_new();
    loop_go(loop, scene, &seen);
    loop_run(loop);
    loop_free(&loop);
}

static void on_the_simulator(void (*scene)(void *))
{
    struct seen seen;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct sim *sim = sim_new(seed);
        sim->latency_us_max = (int64_t)seed * 100;
        sim->segment_max = seed == 3 ? 5 : seed == 4 ? 100 : 0;
        loop_go(sim_loop(sim), scene, &seen);
        loop_run(sim_loop(sim));
        assert_false(sim_stuck(sim));
        sim_free(&sim);
    }
}

#define SCENE(name)                             \
    static void test_##name(void **state)       \
    {                                           \
        on_real_sockets(scene_##name);          \
        on_the_simulator(scene_##name);         \
    }
SCENE(pipelining)
SCENE(methods)
SCENE(refused)
SCENE(disconnect)
SCENE(streaming)
SCENE(upgrade)
SCENE(close)
SCENE(client)
SCENE(stale)
SCENE(burst)
SCENE(left_open)

/* ---- addresses, on real sockets only ---- */

static void addresses(void *arg)
{
    struct seen one, two;
    struct err err;
    char path[64], url[128];
    snprintf(path, sizeof path, "unix:/tmp/paintbox-test-%d.sock", getpid());
    open_server(&one, &(struct http_server_options){.listen = str_c(path)});
    assert_true(str_eq_c(one.address, path));
    struct arena *a = arena_new(0);
    struct http_client *c = http_client_new(loop_current(), NULL);
    struct http_target t;
    struct http_response r;
    snprintf(url, sizeof url, "unix:///%s?path=/over/unix", path + 6);
    assert_int_equal(http_target_parse(a, str_c(url), &t, &err), 0);
    assert_int_equal(http_call(c, a, &(struct http_call){.target = &t, .method = STR("GET")}, &r, &err), 0);
    assert_true(str_eq_c(r.body, "/over/unix"));
    struct http_server_options taken = {.listen = str_c(path)};
    assert_null(http_server_open(loop_current(), &taken, handle, NULL, &err));
    assert_string_equal(err.code, "PORT_TAKEN");
    close_server(&one);

    open_server(&two, &(struct http_server_options){.listen = STR("localhost:0")});
    taken.listen = two.address;
    assert_null(http_server_open(loop_current(), &taken, handle, NULL, &err));
    assert_string_equal(err.code, "PORT_TAKEN");
    struct str port = str_sub(two.address, (size_t)str_find_char(two.address, ':'), 9);
    snprintf(url, sizeof url, "http://localhost%.*s/", STR_ARG(port));
    assert_int_equal(http_target_parse(a, str_c(url), &t, &err), 0);
    assert_int_equal(http_call(c, a, &(struct http_call){.target = &t, .method = STR("GET")}, &r, &err), 0);
    close_server(&two);
    http_client_free(&c);
    arena_free(&a);
    static const char *const BAD[] = {"nohost", ":80", "a:b", "a:99999", "::1:80", "unix:"};
    for (size_t i = 0; i < PB_ARRAY_LEN(BAD); i++) {
        assert_null(stream_connect(str_c(BAD[i]), &err));
        assert_string_equal(err.code, "BAD_ADDRESS");
    }
}

static void test_addresses(void **state)
{
    struct loop *loop = loop_new();
    loop_go(loop, addresses, NULL);
    loop_run(loop);
    loop_free(&loop);
}

static void test_target_parse(void **state)
{
    static const struct {
        const char *url, *address, *host, *path; /* address NULL: refused */
    } CASES[] = {
        {"http://a", "a:80", "a", "/"},
        {"http://a:1/b?c#d", "a:1", "a:1", "/b?c"},
        {"http://a?b", "a:80", "a", "/?b"},
        {"http://[::1]:4/x", "[::1]:4", "[::1]:4", "/x"},
        {"http://[::1]/x", "[::1]:80", "[::1]", "/x"},
        {"unix:///run/a.sock", "unix:/run/a.sock", "localhost", "/"},
        {"unix:///run/a.sock?path=/g", "unix:/run/a.sock", "localhost", "/g"},
        {"unix:///run/a.sock?path=g", NULL},
        {"unix://a", NULL},
        {"https://a/", NULL},
        {"http:///x", NULL},
        {"http://u@a/", NULL},
        {"http://a/b c", NULL},
        {"http://a/\r\nX: y", NULL},
    };
    struct arena *a = arena_new(0);
    struct http_target t;
    struct err err;
    for (size_t i = 0; i < PB_ARRAY_LEN(CASES); i++) {
        int rc = http_target_parse(a, str_c(CASES[i].url), &t, &err);
        if (rc < 0 ? CASES[i].address != NULL
                   : !CASES[i].address || !str_eq_c(t.address, CASES[i].address) || !str_eq_c(t.host, CASES[i].host) ||
                         !str_eq_c(t.path, CASES[i].path))
            fail_msg("%s", CASES[i].url);
    }
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pipelining),   cmocka_unit_test(test_methods),   cmocka_unit_test(test_refused),
        cmocka_unit_test(test_disconnect),   cmocka_unit_test(test_streaming), cmocka_unit_test(test_upgrade),
        cmocka_unit_test(test_close),        cmocka_unit_test(test_client),    cmocka_unit_test(test_stale),
        cmocka_unit_test(test_burst),        cmocka_unit_test(test_left_open), cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_target_parse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
