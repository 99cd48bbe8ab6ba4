/* Streams over real sockets, where what the kernel reports and what somebody waits for do not go together. */
#include "io/stream.h"

#include "base/panic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define LARGE (8u << 20)

struct scene {
    struct listener *listener;
    struct fiber_wait accepted;
    struct stream *server;
};

static void take(struct stream *s, void *arg)
{
    struct scene *scene = arg;
    scene->server = s;
    fiber_done(&scene->accepted);
}

static struct stream *begin(struct scene *scene)
{
    struct err err;
    *scene = (struct scene){0};
    scene->listener = listener_open(loop_current(), STR("127.0.0.1:0"), false, take, scene, &err);
    if (!scene->listener)
        fail_msg("%s", err.msg);
    struct stream *s = stream_connect(listener_address(scene->listener), &err);
    assert_non_null(s);
    assert_int_equal(fiber_await(&scene->accepted), WAIT_OK);
    return s;
}

static void end(struct scene *scene, struct stream **client)
{
    stream_close(client);
    stream_close(&scene->server);
    listener_close(&scene->listener);
}

static size_t read_all(struct stream *s)
{
    static char sink[64 << 10];
    size_t total = 0;
    for (ssize_t n; (n = stream_read(s, sink, sizeof sink, NULL)) > 0;)
        total += (size_t)n;
    return total;
}

/* Speaks first, and listens only when the other's write has long been waiting. */
static void rude_server(void *arg)
{
    struct scene *scene = arg;
    fiber_sleep(20000);
    assert_int_equal(stream_write(scene->server, STR("early"), NULL), 0);
    fiber_sleep(20000);
    assert_int_equal(read_all(scene->server), LARGE);
}

static void write_while_data_comes(void *arg)
{
    struct scene scene;
    struct err err = {0};
    struct fiber_group g;
    struct stream *client = begin(&scene);
    char *data = calloc(1, LARGE);
    fiber_group_init(&g);
    fiber_group_go(&g, rude_server, &scene);
    int64_t old = fiber_deadline_push(loop_now_us(loop_current()) + 5 * US_PER_SEC);
    if (stream_write(client, str_mem(data, LARGE), &err) < 0)
        fail_msg("%s", err.msg);
    fiber_deadline_pop(old);
    stream_shutdown(client);
    assert_int_equal(fiber_group_wait(&g), WAIT_OK);
    free(data);
    end(&scene, &client);
}

struct watch {
    unsigned events, hangups;
};

static bool count(void *arg, bool hangup)
{
    struct watch *w = arg;
    w->events += !hangup;
    w->hangups += hangup;
    return false;
}

static void many_naps(int n)
{
    for (int i = 0; i < n; i++)
        fiber_sleep(2000);
}

/* A blocked write must not make the watcher blind for the peer's end, nor be called for it without end. */
static void watch_while_writing(void *arg)
{
    struct scene scene;
    struct watch w = {0};
    struct stream *client = begin(&scene);
    stream_watch(scene.server, count, &w);
    assert_int_equal(stream_write(client, STR("nobody reads this"), NULL), 0);
    many_naps(5);
    assert_int_equal(w.events, 1);
    char *data = calloc(1, LARGE);
    int64_t old = fiber_deadline_push(loop_now_us(loop_current()) + 20000);
    assert_int_equal(stream_write(scene.server, str_mem(data, LARGE), NULL), -1);
    fiber_deadline_pop(old);
    stream_shutdown(client);
    many_naps(10);
    assert_int_equal(w.hangups, 1);
    free(data);
    end(&scene, &client);
}

static void run(void (*fn)(void *arg))
{
    struct loop *loop = loop_new();
    loop_go(loop, fn, NULL);
    loop_run(loop);
    loop_free(&loop);
}

static void test_write_while_data_comes(void **state)
{
    run(write_while_data_comes);
}

static void test_watch_while_writing(void **state)
{
    run(watch_while_writing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_while_data_comes),
        cmocka_unit_test(test_watch_while_writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
