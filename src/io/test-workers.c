#include "base/panic.h"
#include "io/fiber.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_posts),
        cmocka_unit_test(test_failed_start),
        cmocka_unit_test(test_stop_cancels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
