#include "cli/system.h"

#include "base/log.h"
#include "base/timestamp.h"
#include "cli/ask_schema.h"
#include "cli/fetch.h"
#include "cli/servers.h"
#include "federation/compose.h"
#include "json/json.h"
#include "services/seed.h"
#include "subgraph/migrate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_PATIENCE_US (60 * US_PER_SEC)
#define STOP_PATIENCE_US (15 * US_PER_SEC)
#define POLL_US 20000

int service_port(const struct place *p, const struct service *s)
{
    return p->port_base + (int)s->port - 4000;
}

int router_port(const struct place *p)
{
    return p->port_base;
}

/* ---- waiting ---- */

static bool interrupted(void)
{
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM);
}

/* Takes in children that have ended. False when one ended that is being started. */
static bool reap(struct system *s, struct err *err)
{
    char report[512];
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        children_exited(s->children, s->n_children, pid, status, report, sizeof report);
        if (report[0])
            log_error("%s", report);
    }
    for (size_t i = 0; i < s->n_children; i++)
        if (s->children[i]->starting && s->children[i]->state != CHILD_RUNNING) {
            char line[256];
            log_last_line(s->children[i]->log, line, sizeof line);
            err_set(err, "START", "%s did not start: %s", s->children[i]->name, line);
            return false;
        }
    return true;
}

static int start_and_wait(struct system *s, struct child *c, int (*ready)(struct system *s, struct child *c),
                          struct err *err)
{
    s->children[s->n_children++] = c;
    c->starting = true;
    if (child_start(c, err) < 0)
        return -1;
    for (int64_t until = clock_monotonic_us() + READY_PATIENCE_US; !ready(s, c); usleep(POLL_US)) {
        if (!reap(s, err))
            return -1;
        if (interrupted())
            return err_set(err, "INTERRUPTED", "interrupted while %s was starting", c->name);
        if (clock_monotonic_us() > until)
            return err_set(err, "START", "%s is not ready after %lld s; its log is %s", c->name,
                           (long long)(READY_PATIENCE_US / US_PER_SEC), c->log);
    }
    c->starting = false;
    return 0;
}

static int postgres_is_ready(struct system *s, struct child *c)
{
    return postgres_ready(&s->place);
}

static int redis_is_ready(struct system *s, struct child *c)
{
    return redis_ready(&s->place);
}

static int http_is_ready(struct system *s, struct child *c)
{
    struct arena *a = arena_new(0);
    struct str reply;
    struct str url = arena_printf(a, "http://127.0.0.1:%d/health", c->port);
    long status = fetch(a, url.p, STR_NONE, NULL, &reply, NULL);
    arena_free(&a);
    return status == 200;
}

/* ---- steps ---- */

static int check_port(const struct place *p, int port, const char *who, struct err *err)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    int rc = bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 1) < 0 ? errno : 0;
    close(fd);
    if (rc)
        return err_set(err, "PORT_TAKEN",
                       "port %d, which the %s needs, cannot be used (%s): stop the program that has it, or pass "
                       "--port-base with another number than %d",
                       port, who, strerror(rc), p->port_base);
    return 0;
}

static int check_ports(struct system *s, struct err *err)
{
    if (check_port(&s->place, router_port(&s->place), "router", err) < 0)
        return -1;
    for (int i = 0; SERVICES[i]; i++)
        if (check_port(&s->place, service_port(&s->place, SERVICES[i]), SERVICES[i]->name, err) < 0)
            return -1;
    return 0;
}

static int start_servers(struct system *s, struct err *err)
{
    if (postgres_prepare(&s->place, &s->postgres, err) < 0 || redis_prepare(&s->place, &s->redis, err) < 0)
        return -1;
    if (start_and_wait(s, &s->postgres, postgres_is_ready, err) < 0)
        return -1;
    return start_and_wait(s, &s->redis, redis_is_ready, err);
}

static int migrate_all(struct system *s, struct err *err)
{
    struct str conninfo = str_c(postgres_conninfo(&s->place));
    for (int i = 0; SERVICES[i]; i++) {
        unsigned applied = 0;
        if (migrate_create_database(conninfo, SERVICES[i], err) < 0 ||
            migrate_up(conninfo, SERVICES[i], &applied, err) < 0)
            return err_prefix(err, "database %s", SERVICES[i]->database);
        if (applied)
            log_info("%s: %u migrations applied", SERVICES[i]->database, applied);
    }
    return 0;
}

/* A bar on a terminal, a line at every tenth elsewhere. */
static void show_progress(void *arg, const char *what, size_t done, size_t total)
{
    static const char *last_what;
    static size_t last_tenth;
    size_t tenth = total ? done * 10 / total : 10;

    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, "\r  demo data: %-28s %3zu %%%s", what, total ? done * 100 / total : 100,
                done == total ? "\n" : "");
        fflush(stderr);
    } else if (what != last_what || (tenth != last_tenth && tenth % 5 == 0)) {
        fprintf(stderr, "  demo data: %s %zu %%\n", what, tenth * 10);
    }
    last_what = what;
    last_tenth = tenth;
}

static int load_demo_data(struct system *s, struct err *err)
{
    const char *mark = place_server_path(&s->place, "postgres/paintbox-seeded");
    int64_t begin = clock_monotonic_us();

    if (!s->seed || access(mark, F_OK) == 0)
        return 0;
    log_info("loading the demo data, once");
    if (seed_load(str_c(postgres_conninfo(&s->place)), show_progress, NULL, err) < 0)
        return err_prefix(err, "demo data");
    log_info("demo data loaded in %.1f s", (double)(clock_monotonic_us() - begin) / 1e6);
    s->seeded = true;
    return file_write(mark, STR("loaded\n"), 0644, err);
}

static void describe_subgraph(struct system *s, struct child *c, const struct service *service)
{
    struct arena *a = s->place.arena;
    int port = service_port(&s->place, service);
    *c = (struct child){
        .name = service->name,
        .argv = {s->program, service->name, "--listen", arena_printf(a, "127.0.0.1:%d", port).p, "--database",
                 postgres_conninfo(&s->place), "--redis", redis_address(&s->place), "--service-token-file",
                 place_path(&s->place, "secrets/service-token"), NULL},
        .log = place_path(&s->place, "log/%s.log", service->name),
        .uid = geteuid(),
        .gid = getegid(),
        .stop_signal = SIGTERM,
        .port = port,
    };
}

static int start_subgraphs(struct system *s, struct err *err)
{
    for (int i = 0; SERVICES[i]; i++) {
        describe_subgraph(s, &s->subgraphs[i], SERVICES[i]);
        if (start_and_wait(s, &s->subgraphs[i], http_is_ready, err) < 0)
            return -1;
    }
    return 0;
}

static int compose_supergraph(struct system *s, struct err *err)
{
    struct arena *a = s->place.arena;
    struct compose_subgraph in[SYSTEM_SUBGRAPHS];
    struct str token = place_service_token(&s->place, err);
    const char *headers[] = {arena_printf(a, "paintbox-service-token: %.*s", STR_ARG(token)).p, NULL};

    if (!token.p)
        return -1;
    for (int i = 0; SERVICES[i]; i++) {
        struct str url = arena_printf(a, "http://127.0.0.1:%d/graphql", s->subgraphs[i].port);
        in[i] = (struct compose_subgraph){
            .name = str_c(SERVICES[i]->name), .url = url, .sdl = ask_schema_with(a, url.p, headers, err)};
        if (!in[i].sdl.p)
            return -1;
    }
    struct compose_result r = compose(a, in, SYSTEM_SUBGRAPHS);
    for (size_t i = 0; i < r.n_errors; i++)
        log_error("composition: %.*s: %.*s", STR_ARG(r.errors[i].code), STR_ARG(r.errors[i].message));
    if (r.n_errors)
        return err_set(err, "COMPOSITION", "the subgraphs do not compose (%zu errors above)", r.n_errors);
    return file_write(place_path(&s->place, "supergraph.graphql"), r.supergraph, 0644, err);
}

static int start_router(struct system *s, struct err *err)
{
    struct arena *a = s->place.arena;
    int port = router_port(&s->place);
    s->router = (struct child){
        .name = "router",
        .argv = {s->program, "router", "--supergraph", place_path(&s->place, "supergraph.graphql"), "--listen",
                 arena_printf(a, "127.0.0.1:%d", port).p, "--jwks", place_path(&s->place, "secrets/jwks.json"),
                 "--service-token-file", place_path(&s->place, "secrets/service-token"), NULL},
        .log = place_path(&s->place, "log/router.log"),
        .uid = geteuid(),
        .gid = getegid(),
        .stop_signal = SIGTERM,
        .port = port,
    };
    return start_and_wait(s, &s->router, http_is_ready, err);
}

/* ---- the whole ---- */

int system_start(struct system *s, struct err *err)
{
    static const struct {
        const char *what;
        int (*run)(struct system *s, struct err *err);
    } STEPS[] = {
        {"checking ports", check_ports},
        {"starting PostgreSQL and Redis", start_servers},
        {"migrating the databases", migrate_all},
        {"loading the demo data", load_demo_data},
        {"starting the subgraphs", start_subgraphs},
        {"composing the supergraph", compose_supergraph},
        {"starting the router", start_router},
    };

    if (place_secrets(&s->place, err) < 0)
        return -1;
    for (size_t i = 0; i < sizeof STEPS / sizeof STEPS[0]; i++) {
        log_debug("%s", STEPS[i].what);
        if (!interrupted() && STEPS[i].run(s, err) == 0)
            continue;
        if (interrupted())
            err_set(err, "INTERRUPTED", "interrupted while %s", STEPS[i].what);
        system_stop(s);
        return -1;
    }
    return 0;
}

void system_stop(struct system *s)
{
    while (s->n_children > 0)
        child_stop(s->children[--s->n_children], STOP_PATIENCE_US);
}

void system_watch(struct system *s)
{
    sigset_t wanted;
    struct err err;

    sigemptyset(&wanted);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGCHLD);
    for (;;) {
        int64_t wait_us = children_restart(s->children, s->n_children);
        struct timespec patience = {.tv_sec = 60};
        if (wait_us >= 0)
            patience = (struct timespec){.tv_sec = wait_us / US_PER_SEC, .tv_nsec = wait_us % US_PER_SEC * 1000};
        int signo = sigtimedwait(&wanted, NULL, &patience);
        if (signo == SIGINT || signo == SIGTERM)
            return;
        reap(s, &err);
    }
}
