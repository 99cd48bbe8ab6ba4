/* paintbox up: the whole system on one machine. */
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/servers.h"
#include "cli/system.h"

#include "base/log.h"
#include "base/timestamp.h"
#include "json/json.h"
#include "security/jwt.h"
#include "services/seed.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOKEN_LIFETIME_US (24 * 3600 * US_PER_SEC)

/* ---- what is where ---- */

static struct str owner_token(struct place *p, struct err *err)
{
    struct jwt_keys *keys = jwt_keys_load(str_c(place_path(p, "secrets/jwks.json")), err);
    struct identity owner = {.signed_in = true, .user = STR(SEED_OWNER_ID), .role = ROLE_OWNER};
    struct str token =
        keys ? jwt_sign(keys, p->arena, &owner, STR_NONE, STR_NONE, clock_wall_us(), TOKEN_LIFETIME_US, err) : STR_NONE;
    jwt_keys_unref(&keys);
    return token;
}

static void print_summary(struct system *s, int64_t took_us)
{
    struct place *p = &s->place;
    struct err err;
    struct str token = owner_token(p, &err);

    printf("\nPaintbox is up (%.1f s).\n\n", (double)took_us / 1e6);
    printf("  %-13s http://127.0.0.1:%d/          GraphiQL in a browser; GraphQL at /graphql\n", "router",
           router_port(p));
    for (int i = 0; SERVICES[i]; i++)
        printf("  %-13s http://127.0.0.1:%d/graphql   database %s\n", SERVICES[i]->name, service_port(p, SERVICES[i]),
               SERVICES[i]->database);
    printf("  %-13s %s\n", "data, logs", p->dir);
    printf("  %-13s psql \"%s dbname=paintbox_customers\"\n\n", "SQL", postgres_conninfo(p));
    printf("Try it (an owner's token, good for a day):\n\n");
    printf("  curl -s http://127.0.0.1:%d/graphql -H 'content-type: application/json' \\\n    -H 'authorization: Bearer %.*s' \\\n"
           "    -d '{\"query\":\"{ customers(first: 3) { nodes { number displayName totalEstimateValue activeProjectsCount } } }\"}'\n\n",
           router_port(p), STR_ARG(token));
    printf("`paintbox token --role PAINTER` makes others.\n");
    fflush(stdout);
}

static int write_state(struct system *s, struct err *err)
{
    struct buf b;
    buf_init(&b, 64 << 10);
    struct json_writer w = json_writer(&b);

    jw_begin_object(&w);
    jw_name(&w, STR("pid"));
    jw_i64(&w, getpid());
    jw_name(&w, STR("portBase"));
    jw_i64(&w, s->place.port_base);
    jw_name(&w, STR("startedAt"));
    jw_i64(&w, clock_wall_us());
    jw_name(&w, STR("children"));
    jw_begin_array(&w);
    for (size_t i = 0; i < s->n_children; i++) {
        jw_begin_object(&w);
        jw_name(&w, STR("name"));
        jw_string(&w, str_c(s->children[i]->name));
        jw_name(&w, STR("port"));
        jw_i64(&w, s->children[i]->port);
        jw_end_object(&w);
    }
    jw_end_array(&w);
    jw_end_object(&w);
    int rc = file_write(place_path(&s->place, "state.json"), buf_str(&b), 0644, err);
    buf_free(&b);
    return rc;
}

/* ---- running ---- */

static void block_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static void take_pending_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    while (sigtimedwait(&set, NULL, &(struct timespec){0}) > 0)
        ;
}

/* Starts, reports readiness through `ready_fd` (-1: none), watches, stops. */
static int run(struct system *s, int ready_fd)
{
    struct err err = {0};
    int64_t begin = clock_monotonic_us();
    pid_t other;

    block_signals();
    if (place_lock(&s->place, &other, &err) < 0 || system_start(s, &err) < 0 || write_state(s, &err) < 0) {
        system_stop(s);
        take_pending_signals();
        fprintf(stderr, "paintbox up: %s\n", err.msg);
        return strcmp(err.code, "INTERRUPTED") == 0 ? 130 : 1;
    }
    print_summary(s, clock_monotonic_us() - begin);
    if (ready_fd >= 0) {
        int log = open(place_path(&s->place, "log/up.log"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (write(ready_fd, "K", 1) != 1)
            log_warn("nobody waits for the start any more");
        close(ready_fd);
        dup2(log, STDOUT_FILENO);
        dup2(log, STDERR_FILENO);
    } else {
        printf("Ctrl-C stops everything and keeps the data.\n");
        fflush(stdout);
    }
    system_watch(s);
    log_info("stopping");
    system_stop(s);
    unlink(place_path(&s->place, "state.json"));
    log_info("stopped; the data are in %s", s->place.dir);
    return 0;
}

/* The child becomes the system; the parent returns once everything runs, or with what went wrong. */
static int run_detached(struct system *s)
{
    int ready[2], status = 1;
    char byte;

    if (pipe2(ready, O_CLOEXEC) < 0) {
        perror("paintbox up");
        return 1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(ready[0]);
        setsid();
        int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        dup2(null, STDIN_FILENO);
        int rc = run(s, ready[1]);
        place_close(&s->place);
        _exit(rc);
    }
    close(ready[1]);
    if (pid > 0 && read(ready[0], &byte, 1) == 1)
        return 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : 1;
}

int cmd_up(int argc, char **argv)
{
    const char *data = "var";
    long port_base = 4000;
    bool no_seed = false, detach = false;
    const struct option_def DEFS[] = {
        {"data", OPTION_TEXT, &data, "DIR", "where data, logs and secrets live (var)", 0, 0},
        {"port-base", OPTION_INT, &port_base, "N", "router on N, subgraphs on N+2 … N+5 (4000)", 1024, 65000},
        {"no-seed", OPTION_FLAG, &no_seed, NULL, "start with empty databases", 0, 0},
        {"detach", OPTION_FLAG, &detach, NULL, "return once everything runs", 0, 0},
        {0},
    };
    char program[PATH_MAX];
    struct system s = {.seed = true};
    struct err err;

    int rc = options_parse(argc, argv, "paintbox up [options]", DEFS, NULL);
    if (rc >= 0)
        return rc;
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    program[n > 0 ? n : 0] = '\0';
    s.program = program;
    s.seed = !no_seed;
    log_set_name("up");
    if (place_open(&s.place, data, (int)port_base, &err) < 0) {
        fprintf(stderr, "paintbox up: %s\n", err.msg);
        return 1;
    }
    rc = detach ? run_detached(&s) : run(&s, -1);
    place_close(&s.place);
    return rc;
}
