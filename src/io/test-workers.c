#include "base/panic.h"
#include "io/http_client.h"
#include "io/http_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define N 3
#define POSTS 1000

static atomic_uint sums[N];
static unsigned unshared[N]; /* touched by one worker each */

struct post {
    struct workers *all;
    unsigned to, hops;
};

static void hop(void *arg)
{
    struct post *p = arg;
    unshared[p->to]++;
    atomic_fetch_add(&sums[p->to], 1);
    fiber_yield();
    if (p->hops-- == 0) {
        free(p);
        return;
    }
    p->to = (p->to + 1) % N;
    loop_post(workers_loop(p->all, p->to), hop, p);
}

static int start_one(struct loop *loop, unsigned index, void *arg, struct err *err)
{
    fiber_sleep(1000);
    return loop == loop_current() ? 0 : err_set(err, "WRONG_LOOP", "worker %u", index);
}

static void test_posts(void **state)
{
    struct err err;
    struct workers *w = workers_start(N, start_one, NULL, &err);
    assert_non_null(w);
    assert_int_equal(workers_count(w), N);
    for (unsigned i = 0; i < POSTS; i++) {
        struct post *p = xmalloc(sizeof *p);
        *p = (struct post){.all = w, .to = i % N, .hops = 2};
        loop_post(workers_loop(w, p->to), hop, p);
    }
    while (atomic_load(&sums[0]) + atomic_load(&sums[1]) + atomic_load(&sums[2]) < POSTS * N)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    workers_stop(&w);
    assert_null(w);
    assert_int_equal(unshared[0] + unshared[1] + unshared[2], POSTS * N);
}

static int fail_second(struct loop *loop, unsigned index, void *arg, struct err *err)
{
    return index == 1 ? err_set(err, "NO_LUCK", "worker %u has none", index) : 0;
}

static void test_failed_start(void **state)
{
    struct err err;
    assert_null(workers_start(N, fail_second, NULL, &err));
    assert_string_equal(err.code, "NO_LUCK");
    assert_string_equal(err.msg, "worker 1 has none");
    assert_null(workers_start(0, fail_second, NULL, &err));
    assert_string_equal(err.code, "BAD_WORKERS");
}

static void sleep_long(void *arg)
{
    *(int *)arg = fiber_sleep(3600 * US_PER_SEC);
}

static int start_sleeper(struct loop *loop, unsigned index, void *arg, struct err *err)
{
    return loop_go(loop, sleep_long, arg) ? 0 : -1;
}

static void test_stop_cancels(void **state)
{
    int result = 1;
    struct workers *w = workers_start(1, start_sleeper, &result, NULL);
    workers_stop(&w);
    assert_int_equal(result, WAIT_CANCELLED);
}

/* ---- one server per worker on one port ---- */

static struct http_server *servers[N]; /* each written by its own worker, before workers_start() returns */
static char shared_address[32];
static atomic_uint answered[N];

static void answer(struct http_exchange *x, void *arg)
{
    atomic_fetch_add((atomic_uint *)arg, 1);
    http_reply(x, 200, STR("text/plain"), x->request.path);
}

static int start_server(struct loop *loop, unsigned index, void *arg, struct err *err)
{
    struct http_server_options o = {.listen = str_c(shared_address), .reuse_port = true};
    servers[index] = http_server_open(loop, &o, answer, &answered[index], err);
    return servers[index] ? 0 : -1;
}

static void ask(void *arg)
{
    struct arena *a = arena_new(0);
    struct http_client *c = arg;
    struct http_target t;
    struct http_response r;
    struct err err;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(http_target_parse(a, arena_printf(a, "http://%s/%d", shared_address, i), &t, &err), 0);
        if (http_call(c, a, &(struct http_call){.target = &t, .method = STR("GET")}, &r, &err) < 0)
            fail_msg("%s", err.msg);
        assert_true(str_eq(r.body, t.path));
    }
    arena_free(&a);
}

static void ask_all(void *arg)
{
    struct http_client *c = http_client_new(loop_current(), NULL);
    struct fiber_group g;
    fiber_group_init(&g);
    for (int i = 0; i < 50; i++)
        fiber_group_go(&g, ask, c);
    fiber_group_wait(&g);
    http_client_free(&c);
}

/* A port that is free: taken with SO_REUSEPORT as the workers will, and given back. */
static void find_port(void)
{
    struct loop *loop = loop_new();
    struct listener *l = listener_open(loop, STR("127.0.0.1:0"), true, NULL, NULL, NULL);
    assert_non_null(l);
    snprintf(shared_address, sizeof shared_address, "%.*s", STR_ARG(listener_address(l)));
    listener_close(&l);
    loop_free(&loop);
}

static void test_shared_port(void **state)
{
    struct err err;
    find_port();
    struct workers *w = workers_start(N, start_server, NULL, &err);
    if (!w)
        fail_msg("%s", err.msg);
    struct loop *loop = loop_new();
    loop_go(loop, ask_all, NULL);
    loop_run(loop);
    loop_free(&loop);
    workers_stop(&w); /* with connections at rest, and servers that nobody has closed */
    unsigned sum = 0, used = 0;
    for (unsigned i = 0; i < N; i++) {
        sum += answered[i];
        used += answered[i] > 0;
    }
    assert_int_equal(sum, 250);
    assert_true(used > 1); /* the kernel has spread them */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_posts),
        cmocka_unit_test(test_failed_start),
        cmocka_unit_test(test_stop_cancels),
        cmocka_unit_test(test_shared_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
