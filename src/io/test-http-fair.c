/* Servers and clients that want more than their share of the other. */
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

#define REQUEST "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define PIPELINED 1000

struct scene {
    unsigned handled, longest_run;
    bool done;
};

static void handle(struct http_exchange *x, void *arg)
{
    ((struct scene *)arg)->handled++;
    if (str_eq(x->request.path, STR("/sleep")))
        fiber_sleep(3600 * US_PER_SEC);
    x->status = 204;
}

static struct http_server *open_server(struct scene *scene)
{
    struct err err;
    struct http_server_options o = {.listen = STR("127.0.0.1:0")};
    *scene = (struct scene){0};
    struct http_server *s = http_server_open(loop_current(), &o, handle, scene, &err);
    if (!s)
        fail_msg("%s", err.msg);
    return s;
}

/* How many requests are served between two of its turns? */
static void bystander(void *arg)
{
    struct scene *scene = arg;
    while (!scene->done) {
        unsigned before = scene->handled;
        fiber_yield();
        if (scene->handled - before > scene->longest_run)
            scene->longest_run = scene->handled - before;
    }
}

static void pipelining_gives_way(void *arg)
{
    struct scene scene;
    struct fiber_group g;
    struct http_server *s = open_server(&scene);
    struct stream *client = stream_connect(http_server_address(s), NULL);
    static char requests[PIPELINED * (sizeof REQUEST - 1) + 1], sink[64 << 10];
    for (int i = 0; i < PIPELINED; i++)
        memcpy(requests + (size_t)i * (sizeof REQUEST - 1), REQUEST, sizeof REQUEST);
    fiber_group_init(&g);
    fiber_group_go(&g, bystander, &scene);
    assert_int_equal(stream_write(client, str_c(requests), NULL), 0);
    while (scene.handled < PIPELINED)
        assert_true(stream_read(client, sink, sizeof sink, NULL) > 0);
    scene.done = true;
    assert_int_equal(fiber_group_wait(&g), WAIT_OK);
    assert_in_range(scene.longest_run, 1, 2);
    stream_close(&client);
    http_server_close(&s, US_PER_SEC);
}

/* A request whose bytes have come but whose fiber has not begun is cancelled like the others. */
static void close_as_a_request_comes(void *arg)
{
    struct scene scene;
    char sink[1000];
    struct http_server *s = open_server(&scene);
    struct stream *client = stream_connect(http_server_address(s), NULL);
    assert_int_equal(stream_write(client, STR(REQUEST), NULL), 0);
    assert_true(stream_read(client, sink, sizeof sink, NULL) > 0);
    int64_t before = loop_now_us(loop_current());
    assert_int_equal(stream_write(client, STR("GET /sleep HTTP/1.1\r\nHost: a\r\n\r\n"), NULL), 0);
    fiber_sleep(1000); /* the latency: both come in one turn, in an order that the seed chooses */
    http_server_close(&s, 0);
    assert_true(loop_now_us(loop_current()) - before < US_PER_SEC);
    stream_close(&client);
}

static void speak_of_continuing(struct stream *s, void *arg)
{
    while (stream_write(s, STR("HTTP/1.1 100 Continue\r\n\r\n"), NULL) == 0)
        fiber_sleep(1000);
    stream_close(&s);
}

/* A server that only ever says that the answer is to come, slowly. */
static void interim_responses_end(void *arg)
{
    struct err err;
    struct arena *a = arena_new(0);
    struct http_target target;
    struct http_response response;
    struct listener *l = listener_open(loop_current(), STR("127.0.0.1:0"), false, speak_of_continuing, NULL, &err);
    struct http_client *c = http_client_new(loop_current(), NULL);
    struct str url = arena_printf(a, "http://%.*s/", STR_ARG(listener_address(l)));
    assert_int_equal(http_target_parse(a, url, &target, &err), 0);
    fiber_deadline_push(loop_now_us(loop_current()) + 5 * US_PER_SEC);
    assert_int_equal(http_call(c, a, &(struct http_call){.target = &target, .method = STR("GET")}, &response, &err),
                     -1);
    assert_string_equal(err.code, "BAD_RESPONSE");
    http_client_free(&c);
    listener_close(&l);
    arena_free(&a);
}

static void test_interim_responses_end(void **state)
{
    struct sim *sim = sim_new(1);
    loop_go(sim_loop(sim), interim_responses_end, NULL);
    loop_run(sim_loop(sim));
    sim_free(&sim);
}

static void test_pipelining_gives_way(void **state)
{
    struct loop *loop = loop_new();
    loop_go(loop, pipelining_gives_way, NULL);
    loop_run(loop);
    loop_free(&loop);
}

static void test_close_as_a_request_comes(void **state)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct sim *sim = sim_new(seed);
        sim->latency_us_min = sim->latency_us_max = 1000;
        loop_go(sim_loop(sim), close_as_a_request_comes, NULL);
        loop_run(sim_loop(sim));
        assert_false(sim_stuck(sim));
        sim_free(&sim);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pipelining_gives_way),
        cmocka_unit_test(test_close_as_a_request_comes),
        cmocka_unit_test(test_interim_responses_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
