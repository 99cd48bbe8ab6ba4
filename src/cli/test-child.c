#include "base/test.h"
#include "base/timestamp.h"
#include "cli/child.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static char log_path[] = "/tmp/paintbox-child-XXXXXX";

static struct child shell(const char *script)
{
    return (struct child){.name = "shell",
                          .argv = {"/bin/sh", "-c", script, NULL},
                          .log = log_path,
                          .uid = geteuid(),
                          .gid = getegid(),
                          .stop_signal = SIGTERM};
}

static void exits(struct child *c, char *report, size_t size)
{
    int status;
    pid_t pid = c->pid;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    children_exited(&(struct child *const){c}, 1, pid, status, report, size);
}

static void a_program_that_fails_says_its_last_words(void **state)
{
    struct err err;
    const char *const good[] = {"/bin/true", NULL},
                      *const bad[] = {"/bin/sh", "-c", "echo first; echo; echo why >&2; echo; exit 3", NULL},
                      *const none[] = {"/no/such/program", NULL};
    assert_int_equal(child_run(good, log_path, geteuid(), getegid(), &err), 0);
    assert_int_equal(child_run(bad, log_path, geteuid(), getegid(), &err), -1);
    assert_non_null(strstr(err.msg, "/bin/sh failed: why"));
    assert_int_equal(child_run(none, log_path, geteuid(), getegid(), &err), -1);
    assert_non_null(strstr(err.msg, "cannot run /no/such/program: No such file or directory"));
}

/* 0.5 s, 1 s, 2 s … 30 s; and 0.5 s again after a minute of running. */
static void restarts_wait_longer_each_time(void **state)
{
    struct child c = shell("exit 1");
    struct err err;
    char report[256];
    int64_t expected = CHILD_BACKOFF_MIN_US;
    for (int i = 0; i < 9; i++) {
        assert_int_equal(child_start(&c, &err), 0);
        int64_t begin = clock_monotonic_us();
        exits(&c, report, sizeof report);
        assert_int_equal(c.state, CHILD_WAITING);
        assert_int_equal(c.backoff_us, expected);
        assert_true(c.restart_at_us >= begin + expected);
        expected = expected * 2 > CHILD_BACKOFF_MAX_US ? CHILD_BACKOFF_MAX_US : expected * 2;
    }
    assert_non_null(strstr(report, "shell ended with status 1 and starts again in 30.0 s"));
    assert_int_equal(child_start(&c, &err), 0);
    c.started_us -= 61 * US_PER_SEC;
    exits(&c, report, sizeof report);
    assert_int_equal(c.backoff_us, CHILD_BACKOFF_MIN_US);
}

static void who_waits_is_started_when_its_time_has_come(void **state)
{
    struct child c = shell("exec sleep 60");
    struct child *const list[] = {&c};
    c.state = CHILD_WAITING;
    c.restart_at_us = clock_monotonic_us() + 100000;
    int64_t next = children_restart(list, 1);
    assert_in_range(next, 1, 100000);
    assert_int_equal(c.state, CHILD_WAITING);
    usleep((unsigned)next + 1000);
    assert_int_equal(children_restart(list, 1), -1);
    assert_int_equal(c.state, CHILD_RUNNING);
    assert_int_equal(c.restarts, 1);
    child_stop(&c, US_PER_SEC);
    assert_int_equal(c.state, CHILD_STOPPED);
}

static void an_end_while_starting_is_no_crash(void **state)
{
    struct child c = shell("exit 7");
    struct err err;
    char report[256];
    c.starting = true;
    assert_int_equal(child_start(&c, &err), 0);
    exits(&c, report, sizeof report);
    assert_int_equal(c.state, CHILD_STOPPED);
    assert_non_null(strstr(report, "ended with status 7 while starting"));
    children_exited(&(struct child *const){&c}, 1, 1, 0, report, sizeof report);
    assert_string_equal(report, "");
}

/* With everything it has started itself. */
static void who_does_not_stop_is_killed(void **state)
{
    struct child c = shell("trap '' TERM; sleep 60 & echo $!; while :; do sleep 0.1; done");
    struct err err;
    char line[64];
    assert_int_equal(truncate(log_path, 0), 0);
    assert_int_equal(child_start(&c, &err), 0);
    do {
        usleep(10000);
        log_last_line(log_path, line, sizeof line);
    } while (atoi(line) <= 0);
    pid_t grandchild = atoi(line);
    int64_t begin = clock_monotonic_us();
    child_stop(&c, 200000);
    assert_true(clock_monotonic_us() - begin < 5 * US_PER_SEC);
    for (int i = 0; i < 100 && kill(grandchild, 0) == 0; i++) {
        char state_path[64], text[256] = "";
        snprintf(state_path, sizeof state_path, "/proc/%d/stat", (int)grandchild);
        FILE *f = fopen(state_path, "r");
        bool zombie = f && fgets(text, sizeof text, f) && strstr(text, ") Z");
        if (f)
            fclose(f);
        if (zombie || !f)
            return;
        usleep(20000);
    }
    assert_int_equal(kill(grandchild, 0), -1);
}

int main(void)
{
    int fd = mkstemp(log_path);
    if (fd < 0)
        return 1;
    close(fd);
    int rc = RUN_TESTS(a_program_that_fails_says_its_last_words, restarts_wait_longer_each_time,
                       who_waits_is_started_when_its_time_has_come, an_end_while_starting_is_no_crash,
                       who_does_not_stop_is_killed);
    unlink(log_path);
    return rc;
}
