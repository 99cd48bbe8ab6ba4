/* Server and client on the simulated network: whatever is delayed, split, reset or cancelled, every call ends, with
 * the right answer or a clear error, nothing is left over, and the same seed runs the same way. */
#include "base/panic.h"
#include "io/http_client.h"
#include "io/http_server.h"
#include "io/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define CALLERS 8
#define CALLS_EACH 10
#define ADDRESS "10.0.0.1:80"

struct scene {
    struct sim *sim;
    struct http_server *server;
    struct http_client *client;
    struct http_target target;
    struct arena *arena;
    bool trouble; /* calls may fail */
    unsigned ok, failed, handled, cancelled, released;
    int64_t call_deadline_us;
};

static void released(void *arg)
{
    ((struct scene *)arg)->released++;
}

/* Answers with the body it got, after a while. */
static void echo(struct http_exchange *x, void *arg)
{
    struct scene *s = arg;
    s->handled++;
    x->release = released;
    x->release_arg = s;
    uint8_t dice;
    loop_random(loop_current(), &dice, 1);
    if (fiber_sleep(dice * 20) == WAIT_CANCELLED)
        s->cancelled++;
    http_reply(x, 200, STR("text/plain"), STR("<"));
    vec_push(x->arena, &x->out_body, x->request.body);
    vec_push(x->arena, &x->out_body, STR(">"));
}

static void check_reply(const struct http_response *r, struct str body)
{
    assert_int_equal(r->status, 200);
    assert_int_equal(r->body.len, body.len + 2);
    assert_true(str_eq(str_sub(r->body, 1, body.len), body));
    assert_true(str_eq_c(http_header_get(&r->headers, STR("content-type")), "text/plain"));
}

static void call_one(struct scene *s, struct arena *a)
{
    uint16_t n;
    loop_random(loop_current(), &n, sizeof n);
    n &= n & 1 ? 0xfff : 0x3f;
    char *text = arena_alloc(a, n + 1u);
    memset(text, 'a' + n % 26, n);
    struct iovec body = {.iov_base = text, .iov_len = n};
    struct http_call call = {.target = &s->target, .method = STR("POST"), .body = &body, .n_body = 1};
    struct http_response r;
    struct err err = {0};
    int64_t old = fiber_deadline_push(loop_now_us(loop_current()) + s->call_deadline_us);
    if (http_call(s->client, a, &call, &r, &err) == 0) {
        check_reply(&r, str_mem(text, n));
        s->ok++;
    } else {
        if (!s->trouble)
            fail_msg("%s: %s", err.code, err.msg);
        assert_true(err.code[0] && err.msg[0]);
        s->failed++;
        fiber_sleep(10000);
    }
    fiber_deadline_pop(old);
}

static void caller(void *arg)
{
    struct scene *s = arg;
    struct arena *a = arena_new(0);
    for (int i = 0; i < CALLS_EACH; i++) {
        call_one(s, a);
        arena_reset(a);
    }
    arena_free(&a);
}

static void partitioner(void *arg)
{
    struct scene *s = arg;
    fiber_sleep(20000);
    sim_partition(s->sim, STR(ADDRESS));
    fiber_sleep(20000);
    sim_heal(s->sim, STR(ADDRESS));
}

static void play(void *arg)
{
    struct scene *s = arg;
    struct err err;
    struct http_server_options o = {.listen = STR(ADDRESS)};
    s->server = http_server_open(loop_current(), &o, echo, s, &err);
    assert_non_null(s->server);
    s->client = http_client_new(loop_current(), &(struct http_client_options){.connections_max = 5, .idle_max = 3});
    s->arena = arena_new(0);
    assert_int_equal(http_target_parse(s->arena, STR("http://" ADDRESS "/echo"), &s->target, &err), 0);
    struct fiber_group g;
    fiber_group_init(&g);
    for (int i = 0; i < CALLERS; i++)
        fiber_group_go(&g, caller, s);
    if (s->trouble)
        fiber_group_go(&g, partitioner, s);
    fiber_group_wait(&g);
    struct http_server_stats stats;
    http_server_stats(s->server, &stats);
    assert_int_equal(stats.requests, s->handled);
    http_client_free(&s->client);
    http_server_close(&s->server, 50000);
    assert_int_equal(s->released, s->handled);
    arena_free(&s->arena);
}

static uint64_t run_scene(uint64_t seed, struct scene *s)
{
    s->sim = sim_new(seed);
    struct sim *sim = s->sim;
    s->call_deadline_us = 60 * US_PER_SEC;
    sim->latency_us_max = (int64_t)(seed % 5 * 1000);
    sim->segment_max = seed % 3 == 0 ? 0 : seed % 3 == 1 ? 7 : 1000;
    if (s->trouble) {
        sim->connect_failure = 0.02;
        sim->reset = seed % 3 == 1 ? 0.0001 : 0.004;
        s->call_deadline_us = seed % 2 ? 25000 : 60 * US_PER_SEC;
    }
    loop_go(sim_loop(sim), play, s);
    loop_run(sim_loop(sim));
    assert_false(sim_stuck(sim));
    struct fiber_stats stats;
    loop_fiber_stats(sim_loop(sim), &stats);
    assert_int_equal(stats.running, 0);
    uint64_t print = sim_fingerprint(sim);
    sim_free(&s->sim);
    return print;
}

static void test_calm(void **state)
{
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct scene s = {0};
        run_scene(seed, &s);
        assert_int_equal(s.ok, CALLERS * CALLS_EACH);
    }
}

static void test_trouble(void **state)
{
    unsigned failed = 0, ok = 0, cancelled = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct scene s = {.trouble = true};
        run_scene(seed, &s);
        assert_int_equal(s.ok + s.failed, CALLERS * CALLS_EACH);
        failed += s.failed;
        ok += s.ok;
        cancelled += s.cancelled;
    }
    print_message("%u calls answered, %u failed, %u handlers cancelled\n", ok, failed, cancelled);
    assert_true(failed > 100 && ok > 1000); /* the trouble was real, and not everything */
    assert_true(cancelled > 0);             /* handlers learnt that their client had gone */
}

static void test_same_seed_same_run(void **state)
{
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct scene a = {.trouble = true}, b = a, c = a;
        uint64_t first = run_scene(seed, &a);
        assert_true(first == run_scene(seed, &b));
        assert_true(first != run_scene(seed + 100, &c));
        assert_int_equal(a.ok, b.ok);
    }
}

static void waits_for_ever(void *arg)
{
    struct fiber_wait w = {0};
    *(int *)arg = fiber_await(&w);
}

static void sleeps_a_year(void *arg)
{
    fiber_sleep(INT64_C(365) * 86400 * US_PER_SEC);
    *(int64_t *)arg = loop_now_us(loop_current());
}

static void test_time(void **state)
{
    struct sim *sim = sim_new(1);
    int64_t start = loop_now_us(sim_loop(sim)), end = 0;
    loop_go(sim_loop(sim), sleeps_a_year, &end);
    loop_run(sim_loop(sim));
    assert_int_equal(end - start, INT64_C(365) * 86400 * US_PER_SEC);
    assert_false(sim_stuck(sim));
    int result = 1;
    loop_go(sim_loop(sim), waits_for_ever, &result);
    loop_run(sim_loop(sim));
    assert_true(sim_stuck(sim));
    loop_stop(sim_loop(sim));
    loop_run(sim_loop(sim));
    assert_int_equal(result, WAIT_CANCELLED);
    sim_free(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_calm),
        cmocka_unit_test(test_trouble),
        cmocka_unit_test(test_same_seed_same_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
