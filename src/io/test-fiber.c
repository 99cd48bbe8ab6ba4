#include "base/panic.h"
#include "io/fiber.h"
#include "io/fiber_private.h"
#include "io/stream.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Runs one fiber on a loop of its own until nothing is left. */
static void run(void (*fn)(void *), void *arg)
{
    struct loop *loop = loop_new();
    assert_true(loop_go(loop, fn, arg));
    loop_run(loop);
    struct fiber_stats stats;
    loop_fiber_stats(loop, &stats);
    assert_int_equal(stats.running, 0);
    loop_free(&loop);
    assert_null(loop);
}

static char trace[256];
static void note(const char *what)
{
    strncat(trace, what, sizeof trace - strlen(trace) - 1);
}

static void say(void *arg)
{
    note(arg);
    fiber_yield();
    note(arg);
}

static void three_talk(void *arg)
{
    struct fiber_group g;
    fiber_group_init(&g);
    fiber_group_go(&g, say, (void *)"a");
    fiber_group_go(&g, say, (void *)"b");
    fiber_group_go(&g, say, (void *)"c");
    note("0");
    assert_int_equal(fiber_group_wait(&g), WAIT_OK);
    note("1");
    fiber_group_go(&g, say, (void *)"d"); /* a group can be used again */
    assert_int_equal(fiber_group_wait(&g), WAIT_OK);
    note("2");
}

static void test_group(void **state)
{
    trace[0] = 0;
    run(three_talk, NULL);
    assert_string_equal(trace, "0abcabc1dd2");
}

static struct fiber_wait shared_wait;
static void finisher(void *arg)
{
    fiber_sleep(2000);
    fiber_done(&shared_wait);
}

static void waiter(void *arg)
{
    shared_wait = (struct fiber_wait){0};
    loop_go(loop_current(), finisher, NULL);
    assert_int_equal(fiber_await(&shared_wait), WAIT_OK);
    fiber_done(&shared_wait); /* nobody waits: kept */
    assert_int_equal(fiber_await(&shared_wait), WAIT_OK);

    int64_t start = loop_now_us(loop_current());
    int64_t old = fiber_deadline_push(start + 3000);
    assert_int_equal(old, INT64_MAX);
    assert_int_equal(fiber_deadline_push(start + 900000), start + 3000);
    assert_int_equal(fiber_deadline(), start + 3000);
    assert_int_equal(fiber_await(&shared_wait), WAIT_DEADLINE);
    assert_true(loop_now_us(loop_current()) >= start + 3000);
    assert_int_equal(fiber_sleep(10), WAIT_DEADLINE); /* it has passed */
    fiber_done(&shared_wait);
    assert_int_equal(fiber_await(&shared_wait), WAIT_OK); /* no need to wait */
    fiber_deadline_pop(old);
    assert_int_equal(fiber_sleep(1000), WAIT_OK);
}

static void test_await_and_deadline(void **state)
{
    run(waiter, NULL);
}

static void sleeper(void *arg)
{
    int *result = arg;
    *result = fiber_sleep(60 * US_PER_SEC);
}

static void canceller(void *arg)
{
    fiber_group_cancel(arg);
}

static void inner_group(void *arg)
{
    struct fiber_group g;
    fiber_group_init(&g);
    fiber_group_go(&g, sleeper, arg);
    assert_int_equal(fiber_group_wait(&g), WAIT_CANCELLED);
}

static void cancels(void *arg)
{
    int results[3] = {1, 1, 1};
    struct fiber_group g;
    fiber_group_init(&g);
    fiber_group_go(&g, sleeper, &results[0]);
    fiber_group_go(&g, inner_group, &results[1]); /* goes down the tree */
    fiber_group_go(&g, canceller, &g);
    fiber_group_go(&g, sleeper, &results[2]); /* had not even begun */
    assert_int_equal(fiber_group_wait(&g), WAIT_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(results[i], WAIT_CANCELLED);
}

static void owner_deadline(void *arg)
{
    int result = 1;
    struct fiber_group g;
    fiber_group_init(&g);
    fiber_group_go(&g, sleeper, &result); /* has no deadline itself */
    int64_t old = fiber_deadline_push(loop_now_us(loop_current()) + 2000);
    assert_int_equal(fiber_group_wait(&g), WAIT_DEADLINE);
    assert_int_equal(result, WAIT_CANCELLED);
    fiber_group_go(&g, sleeper, &result); /* inherits the deadline that has passed and the group's end */
    fiber_group_wait(&g);
    assert_int_equal(result, WAIT_CANCELLED);
    fiber_deadline_pop(old);
}

static void test_cancel(void **state)
{
    run(cancels, NULL);
    run(owner_deadline, NULL);
}

static void see_local(void *arg)
{
    *(void **)arg = fiber_local();
}

static void locals(void *arg)
{
    void *in_child = NULL, *in_stranger = &in_child;
    fiber_set_local(trace);
    struct fiber_group g;
    fiber_group_init(&g);
    fiber_group_go(&g, see_local, &in_child);
    fiber_group_wait(&g);
    loop_go(loop_current(), see_local, &in_stranger);
    fiber_yield();
    assert_ptr_equal(in_child, trace);
    assert_null(in_stranger);
}

static void test_local(void **state)
{
    run(locals, NULL);
    assert_null(fiber_self());
}

static struct fiber_mutex mutex;
static void locker(void *arg)
{
    if (*(char *)arg == 'x')
        fiber_deadline_push(loop_now_us(loop_current()) + 1000);
    if (fiber_mutex_lock(&mutex) != WAIT_OK) {
        note("-");
        return;
    }
    note(arg);
    fiber_sleep(3000);
    note(arg);
    fiber_mutex_unlock(&mutex);
}

static void lock_all(void *arg)
{
    struct fiber_group g;
    fiber_group_init(&g);
    for (const char *const *who = (const char *const[]){"a", "b", "x", "c", NULL}; *who; who++)
        fiber_group_go(&g, locker, (void *)*who);
    fiber_group_wait(&g);
    assert_false(mutex.held);
    assert_null(mutex.head);
}

static void test_mutex(void **state)
{
    trace[0] = 0;
    run(lock_all, NULL);
    assert_string_equal(trace, "a-abbcc");
}

static void compute(void *arg)
{
    usleep(2000);
    *(int *)arg = 42;
}

static void offloads(void *arg)
{
    int answer = 0;
    fiber_cancel(fiber_self()); /* does not interrupt it */
    fiber_offload(compute, &answer);
    assert_int_equal(answer, 42);
    assert_true(fiber_cancelled());
}

static void test_offload(void **state)
{
    run(offloads, NULL);
}

static int pipe_fd[2];
static void pipe_writer(void *arg)
{
    for (int i = 0; i < 3; i++) {
        fiber_sleep(1000);
        assert_int_equal(write(pipe_fd[1], "x", 1), 1);
    }
}

static void watches(void *arg)
{
    assert_int_equal(pipe(pipe_fd), 0);
    struct fd_watch *r = fd_watch_new(loop_current(), pipe_fd[0]), *w = fd_watch_new(loop_current(), pipe_fd[1]);
    assert_int_equal(fd_watch_wait(w, 2), 2);
    loop_go(loop_current(), pipe_writer, NULL);
    char c;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(fd_watch_wait(r, 1), 1);
        assert_int_equal(read(pipe_fd[0], &c, 1), 1);
    }
    int64_t old = fiber_deadline_push(loop_now_us(loop_current()) + 1000);
    assert_int_equal(fd_watch_wait(r, 1), WAIT_DEADLINE);
    fiber_deadline_pop(old);
    fd_watch_free(&r);
    fd_watch_free(&w);
    assert_null(r);
    close(pipe_fd[0]);
    close(pipe_fd[1]);
}

static void test_fd_watch(void **state)
{
    run(watches, NULL);
}

static unsigned ended;
static void short_one(void *arg)
{
    fiber_sleep((intptr_t)arg % 7 * 100);
    ended++;
}

static void many(void *arg)
{
    struct fiber_group g;
    fiber_group_init(&g);
    for (int round = 0; round < 3; round++) {
        for (intptr_t i = 0; i < 2000; i++)
            fiber_group_go(&g, short_one, (void *)i);
        fiber_group_wait(&g);
    }
    struct fiber_stats stats;
    loop_fiber_stats(loop_current(), &stats);
    assert_int_equal(stats.started, 6001);
    assert_true(stats.stacks_pooled <= LOOP_STACKS_POOLED);
}

static void test_many(void **state)
{
    ended = 0;
    run(many, NULL);
    assert_int_equal(ended, 6000);
}

static void endless(void *arg)
{
    while (fiber_sleep(US_PER_SEC) == WAIT_OK) {
    }
    ended++;
}

static void stopper(void *arg)
{
    fiber_sleep(1000);
    loop_stop(loop_current());
}

static void test_stop(void **state)
{
    struct loop *loop = loop_new();
    ended = 0;
    loop_go(loop, endless, NULL);
    loop_go(loop, endless, NULL);
    loop_go(loop, stopper, NULL);
    loop_run(loop);
    assert_int_equal(ended, 2);
    loop_go(loop, short_one, NULL); /* a loop can run again */
    loop_run(loop);
    assert_int_equal(ended, 3);
    loop_free(&loop);
}

static int stop_signo;
static void stop_signal(struct loop *loop, int signo, void *arg)
{
    stop_signo = signo;
    loop_stop(loop);
}

static void test_signal(void **state)
{
    struct loop *loop = loop_new();
    struct err err;
    assert_int_equal(loop_on_stop_signal(loop, stop_signal, NULL, &err), 0);
    assert_int_equal(loop_on_stop_signal(loop, stop_signal, NULL, &err), -1);
    loop_go(loop, endless, NULL);
    raise(SIGTERM);
    loop_run(loop);
    assert_int_equal(stop_signo, SIGTERM);
    loop_free(&loop);
}

static __attribute__((noinline)) int overflow(int n)
{
    volatile char frame[4096];
    frame[0] = (char)n;
    return n > 1000000 ? 0 : overflow(n + 1) + frame[0];
}

static void overflowing(void *arg)
{
    _exit(overflow(0) ? 1 : 2);
}

/* The guard page turns an overflow into a signal instead of corruption. */
static void test_guard_page(void **state)
{
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGSEGV, SIG_DFL);
        signal(SIGBUS, SIG_DFL);
        if (!freopen("/dev/null", "w", stderr))
            _exit(3);
        run(overflowing, NULL);
        _exit(4);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    bool sanitizer_exit = WIFEXITED(status) && WEXITSTATUS(status) > 4;
    assert_true(WIFSIGNALED(status) || sanitizer_exit);
}

static void set_errno(void *arg)
{
    errno = (int)(intptr_t)arg;
    fiber_yield();
    assert_int_equal(errno, (int)(intptr_t)arg);
}

static void test_errno(void **state)
{
    struct loop *loop = loop_new();
    loop_go(loop, set_errno, (void *)ENOENT);
    loop_go(loop, set_errno, (void *)EPIPE);
    loop_run(loop);
    loop_free(&loop);
}

static void posted_that_waits(void *arg)
{
    fiber_sleep(1);
    note(arg);
}

static void post_when_full(void *arg)
{
    struct loop *loop = loop_current();
    loop->n_fibers += FIBERS_MAX; /* as if so many were there */
    loop_post(loop, posted_that_waits, (void *)"a");
    loop_post(loop, posted_that_waits, (void *)"b");
    for (int i = 0; i < 10; i++)
        fiber_yield();
    fiber_sleep(2000);
    note("0");
    loop_post(loop, posted_that_waits, (void *)"c");
    loop->n_fibers -= FIBERS_MAX;
}

/* What is posted always runs in a fiber, if need be later, and in order. */
static void test_post_when_full(void **state)
{
    trace[0] = 0;
    run(post_when_full, NULL);
    assert_string_equal(trace, "0abc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_group),    cmocka_unit_test(test_await_and_deadline),
        cmocka_unit_test(test_cancel),   cmocka_unit_test(test_local),
        cmocka_unit_test(test_mutex),    cmocka_unit_test(test_offload),
        cmocka_unit_test(test_fd_watch), cmocka_unit_test(test_many),
        cmocka_unit_test(test_stop),     cmocka_unit_test(test_signal),
        cmocka_unit_test(test_errno),    cmocka_unit_test(test_guard_page),
        cmocka_unit_test(test_post_when_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
