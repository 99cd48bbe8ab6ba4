/* On a real server: test/with-redis gives one in PAINTBOX_TEST_REDIS. */
#include "base/test.h"
#include "io/loop.h"
#include "io/redis.h"
#include "io/stream.h"

struct run {
    struct redis *redis;
    struct arena *arena;
    void (*scenario)(struct run *r);
};

static void in_fiber(void *arg)
{
    struct run *r = arg;
    r->scenario(r);
    redis_free(&r->redis);
}

static void run_with(void (*scenario)(struct run *r), const char *address)
{
    struct loop *loop = loop_new();
    if (!address && !getenv("PAINTBOX_TEST_REDIS")) {
        loop_free(&loop);
        skip();
    }
    struct run r = {redis_new(loop, str_c(address ? address : getenv("PAINTBOX_TEST_REDIS"))), arena_new(0), scenario};
    assert_true(loop_go(loop, in_fiber, &r));
    loop_run(loop);
    loop_free(&loop);
    arena_free(&r.arena);
}

#define CALL(r, err, ...)                                                 \
    redis_call((r)->redis, (r)->arena, (const struct str[]){__VA_ARGS__}, \
               sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str), (err))

static void commands(struct run *r)
{
    struct err err;
    struct redis_reply *reply = CALL(r, &err, STR("PING"));
    assert_non_null(reply);
    assert_int_equal(reply->kind, REDIS_STATUS);
    assert_str(reply->text, "PONG");
    assert_true(redis_connected(r->redis));
    assert_non_null(CALL(r, &err, STR("SET"), STR("k"), str_mem("a\0b\r\n", 5)));
    reply = CALL(r, &err, STR("GET"), STR("k"));
    assert_true(str_eq(reply->text, str_mem("a\0b\r\n", 5)));
    assert_int_equal(CALL(r, &err, STR("GET"), STR("absent"))->kind, REDIS_NIL);
    assert_int_equal(CALL(r, &err, STR("INCRBY"), STR("n"), STR("41"))->integer, 41);
    reply = CALL(r, &err, STR("MGET"), STR("k"), STR("absent"), STR("n"));
    assert_int_equal(reply->n, 3);
    assert_int_equal(reply->items[1].kind, REDIS_NIL);
    assert_str(reply->items[2].text, "41");
    assert_null(CALL(r, &err, STR("NOSUCH")));
    assert_string_equal(err.code, "REDIS_ERROR");
}
static void replies_have_kinds(void **state)
{
    run_with(commands, NULL);
}

struct one {
    struct run *r;
    int64_t got;
};

static void one_increment(void *arg)
{
    struct one *o = arg;
    struct err err;
    struct redis_reply *reply = CALL(o->r, &err, STR("INCR"), STR("shared"));
    o->got = reply ? reply->integer : -1;
}

static void together(struct run *r)
{
    struct one ones[200];
    struct fiber_group g;
    fiber_group_init(&g);
    for (int i = 0; i < 200; i++) {
        ones[i] = (struct one){r, 0};
        fiber_group_go(&g, one_increment, &ones[i]);
    }
    fiber_group_wait(&g);
    for (int i = 0; i < 200; i++)
        assert_int_equal(ones[i].got, i + 1);
}
static void fibers_share_a_connection_in_order(void **state)
{
    run_with(together, NULL);
}

static void too_slow(struct run *r)
{
    struct err err;
    assert_non_null(CALL(r, &err, STR("PING")));
    int64_t old = fiber_deadline_push(loop_now_us(loop_current()) + 100 * US_PER_MS);
    assert_null(CALL(r, &err, STR("BLPOP"), STR("nothing"), STR("1")));
    fiber_deadline_pop(old);
    assert_string_equal(err.code, "REDIS_TIMEOUT");
    assert_non_null(CALL(r, &err, STR("PING"))); /* the late answer goes nowhere */
}
static void a_deadline_ends_the_wait(void **state)
{
    run_with(too_slow, NULL);
}

static void killed(struct run *r)
{
    struct err err;
    assert_non_null(CALL(r, &err, STR("PING")));
    CALL(r, &err, STR("CLIENT"), STR("KILL"), STR("TYPE"), STR("normal"), STR("SKIPME"), STR("no"));
    struct redis_reply *reply = NULL;
    for (int i = 0; i < 50 && !reply; i++) {
        reply = CALL(r, &err, STR("PING"));
        fiber_sleep(20 * US_PER_MS);
    }
    assert_non_null(reply);
}
static void it_comes_back_after_a_break(void **state)
{
    run_with(killed, NULL);
}

static void nobody(struct run *r)
{
    struct err err;
    int64_t start = loop_now_us(loop_current());
    for (int i = 0; i < 50; i++) {
        assert_null(CALL(r, &err, STR("PING")));
        assert_string_equal(err.code, "REDIS_UNAVAILABLE");
    }
    assert_true(loop_now_us(loop_current()) - start < US_PER_SEC);
    assert_false(redis_connected(r->redis));
}
static void an_absent_server_is_said_at_once(void **state)
{
    run_with(nobody, "unix:/nowhere/socket");
    run_with(nobody, "127.0.0.1:1");
}

struct silent {
    struct redis *redis;
    struct arena *arena;
    struct listener *listener;
    struct stream *stream;
    struct err err;
};

static void keep(struct stream *s, void *arg)
{
    ((struct silent *)arg)->stream = s;
}

static void ask(void *arg)
{
    struct silent *s = arg;
    assert_null(redis_call(s->redis, s->arena, (const struct str[]){STR("PING")}, 1, &s->err));
}

static void free_while_waiting(void *arg)
{
    struct silent *s = arg;
    struct fiber_group g;
    s->listener = listener_open(loop_current(), STR("127.0.0.1:0"), false, keep, s, NULL);
    s->redis = redis_new(loop_current(), listener_address(s->listener));
    fiber_group_init(&g);
    fiber_group_go(&g, ask, s);
    fiber_sleep(20000);
    redis_free(&s->redis);
    assert_int_equal(fiber_group_wait(&g), WAIT_OK);
    assert_string_equal(s->err.code, "REDIS_UNAVAILABLE");
    stream_close(&s->stream);
    listener_close(&s->listener);
}

/* A server that takes connections and says nothing. */
static void waiting_calls_survive_the_end(void **state)
{
    struct silent s = {.arena = arena_new(0)};
    struct loop *loop = loop_new();
    loop_go(loop, free_while_waiting, &s);
    loop_run(loop);
    loop_free(&loop);
    arena_free(&s.arena);
}

int main(void)
{
    return RUN_TESTS(waiting_calls_survive_the_end, replies_have_kinds, fibers_share_a_connection_in_order,
                     a_deadline_ends_the_wait, it_comes_back_after_a_break, an_absent_server_is_said_at_once);
}
