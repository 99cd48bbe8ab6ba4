/* A machine so busy that a deadline passes between setting the timer and waiting for it: the linker puts
 * __wrap_uv_run() before libuv's own
 * (`--wrap`, see meson.build). */
#include "io/fiber.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

#define STALL_MS 5
#define HUNG_S 20 /* the signal ends the test */

int __real_uv_run(uv_loop_t *loop, uv_run_mode mode);
int __wrap_uv_run(uv_loop_t *loop, uv_run_mode mode);

int __wrap_uv_run(uv_loop_t *loop, uv_run_mode mode)
{
    nanosleep(&(struct timespec){.tv_nsec = STALL_MS * 1000 * 1000}, NULL);
    return __real_uv_run(loop, mode);
}

static void sleep_shortly(void *arg)
{
    unsigned *slept = arg;
    while (*slept < 10 && fiber_sleep(US_PER_MS) == WAIT_OK)
        ++*slept;
}

static void test_deadline_passes_before_the_wait(void **state)
{
    struct loop *loop = loop_new();
    unsigned slept = 0;

    alarm(HUNG_S);
    loop_go(loop, sleep_shortly, &slept);
    loop_run(loop);
    alarm(0);
    assert_int_equal(slept, 10);
    loop_free(&loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deadline_passes_before_the_wait),
    };
    return cmocka_run_group_tests_name("loop-stalled", tests, NULL, NULL);
}
