#include "cli/child.h"

#include "base/log.h"
#include "base/timestamp.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define STABLE_US (60 * US_PER_SEC)
#define EXIT_EXEC_FAILED 127

/* ---- in the child ---- */

static void become(uid_t uid, gid_t gid)
{
    if (geteuid() != 0 || uid == 0)
        return;
    if (setgroups(0, NULL) < 0 || setgid(gid) < 0 || setuid(uid) < 0) {
        dprintf(STDERR_FILENO, "cannot become user %d: %s\n", (int)uid, strerror(errno));
        _exit(EXIT_EXEC_FAILED);
    }
}

static _Noreturn void exec_child(const char *const *argv, const char *log, uid_t uid, gid_t gid, int death_signal,
                                 pid_t parent)
{
    int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    int in = open("/dev/null", O_RDONLY);
    sigset_t none;

    if (out >= 0) {
        dup2(out, STDOUT_FILENO);
        dup2(out, STDERR_FILENO);
    }
    if (in >= 0)
        dup2(in, STDIN_FILENO);
    setpgid(0, 0); /* Ctrl-C reaches `up` only, which stops its children in order */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    become(uid, gid);
    prctl(PR_SET_PDEATHSIG, death_signal);
    if (getppid() != parent)
        _exit(EXIT_EXEC_FAILED);
    execv(argv[0], (char *const *)argv);
    dprintf(STDERR_FILENO, "cannot run %s: %s\n", argv[0], strerror(errno));
    _exit(EXIT_EXEC_FAILED);
}

static pid_t spawn(const char *const *argv, const char *log, uid_t uid, gid_t gid, int death_signal, struct err *err)
{
    pid_t parent = getpid(), pid = fork();
    if (pid < 0)
        return err_set(err, "PROCESS", "cannot start %s: %s", argv[0], strerror(errno));
    if (pid == 0)
        exec_child(argv, log, uid, gid, death_signal, parent);
    return pid;
}

/* ---- in the parent ---- */

void log_last_line(const char *path, char *out, size_t size)
{
    char line[512];
    FILE *f = fopen(path, "r");

    snprintf(out, size, "see %s", path);
    if (!f)
        return;
    if (fseek(f, -8192, SEEK_END) < 0)
        rewind(f);
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0])
            snprintf(out, size, "%s", line);
    }
    fclose(f);
}

int child_start(struct child *c, struct err *err)
{
    pid_t pid = spawn(c->argv, c->log, c->uid, c->gid, c->stop_signal, err);
    if (pid < 0)
        return -1;
    c->pid = pid;
    c->state = CHILD_RUNNING;
    c->started_us = clock_monotonic_us();
    return 0;
}

static bool ended_within(pid_t pid, int64_t us)
{
    for (int64_t until = clock_monotonic_us() + us; clock_monotonic_us() < until; usleep(5000))
        if (waitpid(pid, NULL, WNOHANG) != 0)
            return true;
    return false;
}

void child_stop(struct child *c, int64_t patience_us)
{
    if (c->state == CHILD_RUNNING) {
        kill(c->pid, c->stop_signal);
        if (!ended_within(c->pid, patience_us)) {
            log_warn("%s did not stop in time and is killed", c->name);
            kill(-c->pid, SIGKILL);
            waitpid(c->pid, NULL, 0);
        }
    }
    c->state = CHILD_STOPPED;
    c->pid = 0;
}

int child_run(const char *const *argv, const char *log, uid_t uid, gid_t gid, struct err *err)
{
    int status;
    char line[512];
    pid_t pid = spawn(argv, log, uid, gid, SIGKILL, err);

    if (pid < 0)
        return -1;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    log_last_line(log, line, sizeof line);
    return err_set(err, "PROCESS", "%s failed: %s (more in %s)", argv[0], line, log);
}

static void end_text(int status, char *out, size_t size)
{
    if (WIFSIGNALED(status))
        snprintf(out, size, "was killed by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(out, size, "ended with status %d", WEXITSTATUS(status));
}

static void plan_restart(struct child *c)
{
    int64_t now = clock_monotonic_us();
    if (now - c->started_us > STABLE_US)
        c->backoff_us = 0;
    c->backoff_us = c->backoff_us ? c->backoff_us * 2 : CHILD_BACKOFF_MIN_US;
    if (c->backoff_us > CHILD_BACKOFF_MAX_US)
        c->backoff_us = CHILD_BACKOFF_MAX_US;
    c->restart_at_us = now + c->backoff_us;
    c->state = CHILD_WAITING;
}

void children_exited(struct child *const *list, size_t n, pid_t pid, int status, char *report, size_t report_size)
{
    char how[96];

    report[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        struct child *c = list[i];
        if (c->pid != pid || c->state != CHILD_RUNNING)
            continue;
        end_text(status, how, sizeof how);
        c->pid = 0;
        if (c->starting) {
            c->state = CHILD_STOPPED;
            snprintf(report, report_size, "%s %s while starting; its log is %s", c->name, how, c->log);
            return;
        }
        plan_restart(c);
        snprintf(report, report_size, "%s %s and starts again in %.1f s; its log is %s", c->name, how,
                 (double)c->backoff_us / 1e6, c->log);
        return;
    }
}

int64_t children_restart(struct child *const *list, size_t n)
{
    int64_t now = clock_monotonic_us(), next = -1;
    struct err err;

    for (size_t i = 0; i < n; i++) {
        struct child *c = list[i];
        if (c->state != CHILD_WAITING)
            continue;
        if (c->restart_at_us <= now) {
            c->restarts++;
            if (child_start(c, &err) < 0) {
                log_error("%s", err.msg);
                plan_restart(c);
            } else {
                log_info("%s runs again (process %d)", c->name, (int)c->pid);
            }
        }
        if (c->state == CHILD_WAITING && (next < 0 || c->restart_at_us - now < next))
            next = c->restart_at_us - now;
    }
    return next;
}
