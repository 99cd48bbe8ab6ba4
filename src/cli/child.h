/* Child processes of `up`: started, watched, started again when they crash, stopped in order.
 *
 * A child dies with its parent (PR_SET_PDEATHSIG), so nothing is left behind when `up` itself is killed. Output goes to
 * its log. A child that ends without being asked is started again after 0.5 s, doubling up to 30 s; after a minute of
 * running the delay is forgotten.
 */
#ifndef PAINTBOX_CLI_CHILD_H
#define PAINTBOX_CLI_CHILD_H

#include "base/err.h"

#include <sys/types.h>

#define CHILD_ARGS_MAX 48
#define CHILD_BACKOFF_MIN_US INT64_C(500000)
#define CHILD_BACKOFF_MAX_US INT64_C(30000000)

enum child_state {
    CHILD_STOPPED,  /* not started, or stopped because we asked */
    CHILD_RUNNING,
    CHILD_WAITING,  /* ended by itself; starts again at `restart_at_us` */
};

struct child {
    const char *name;
    const char *argv[CHILD_ARGS_MAX]; /* NULL-terminated */
    const char *log;                  /* path, appended to */
    uid_t uid;                        /* who it runs as; only root can choose */
    gid_t gid;
    int stop_signal;                  /* how it is asked to stop: SIGTERM; PostgreSQL: SIGINT */
    int port;                         /* for `status`; 0: none */

    enum child_state state;
    pid_t pid;
    int64_t started_us, restart_at_us, backoff_us; /* monotonic */
    unsigned restarts;
    bool starting; /* being started for the first time: its end is a failure, not a crash to be mended */
};

int child_start(struct child *c, struct err *err);
/* Asks and waits up to `patience_us`, then kills. */
void child_stop(struct child *c, int64_t patience_us);

/* Runs a program to its end with its output in `log`. 0 when it exits with 0; -1 with the last line of its output. */
int child_run(const char *const *argv, const char *log, uid_t uid, gid_t gid, struct err *err);

/* Takes the exit of `pid` in; *report gets one line for people, or is empty when it was no child of ours. */
void children_exited(struct child *const *list, size_t n, pid_t pid, int status, char *report, size_t report_size);
/* Starts those whose time has come. Gives µs until the next one, or -1. */
int64_t children_restart(struct child *const *list, size_t n);

/* The last non-empty line of a log, for messages. */
void log_last_line(const char *path, char *out, size_t size);

#endif
