#include "base/log.h"
#include "events/private.h"

#include <pthread.h>
#include <time.h>

#define REDIS_TIMEOUT_S 5
#define SLEEP_STEP_MS 100

struct events {
    struct events_options options;
    atomic_bool stop;
    unsigned n;
    struct events_thread threads[2];
    pthread_t ids[2];
};

bool events_sleep(const struct events_thread *t, int64_t ms)
{
    const struct timespec step = {.tv_nsec = SLEEP_STEP_MS * 1000000};
    for (; ms > 0 && !atomic_load(t->stop); ms -= SLEEP_STEP_MS)
        nanosleep(&step, NULL);
    return !atomic_load(t->stop);
}

/* ---- PostgreSQL ---- */

PGresult *events_pg_check(PGconn *pg, PGresult *r, ExecStatusType expected, struct err *err)
{
    if (PQresultStatus(r) == expected)
        return r;
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorMessage(r);
    err_set(err, state ? state : "PG_UNAVAILABLE", "%.*s",
            (int)str_trim(str_c(*message ? message : PQerrorMessage(pg))).len, *message ? message : PQerrorMessage(pg));
    PQclear(r);
    return NULL;
}

PGresult *events_pg_exec(PGconn *pg, const char *sql, unsigned n, const char *const *params, struct err *err)
{
    PGresult *r = PQexecParams(pg, sql, (int)n, NULL, params, NULL, NULL, 0);
    return events_pg_check(pg, r, PQresultStatus(r) == PGRES_COMMAND_OK ? PGRES_COMMAND_OK : PGRES_TUPLES_OK, err);
}

bool events_pg_do(PGconn *pg, const char *sql, unsigned n, const char *const *params, struct err *err)
{
    PGresult *r = events_pg_exec(pg, sql, n, params, err);
    PQclear(r);
    return r != NULL;
}

static void quiet(void *arg, const PGresult *r)
{
    (void)arg;
    (void)r;
}

PGconn *events_pg_open(const struct events_thread *t, const char *more, struct err *err)
{
    struct buf b;
    buf_init(&b, 1u << 16);
    /* The whole conninfo goes into dbname, where libpq expands it; the names after it win over what it says. */
    buf_add(&b, t->options->conninfo);
    buf_add_char(&b, 0);
    struct buf database;
    buf_init(&database, 1u << 10);
    buf_add(&database, t->options->database);
    buf_add_char(&database, 0);
    const char *names[] = {"dbname", "dbname", "connect_timeout", "application_name", *more ? "replication" : NULL,
                           NULL};
    const char *values[] = {b.p, database.p, "5", "paintbox events", more, NULL};
    PGconn *pg = PQconnectdbParams(names, values, 1);
    buf_free(&b);
    buf_free(&database);
    if (PQstatus(pg) == CONNECTION_OK) {
        PQsetNoticeReceiver(pg, quiet, NULL);
        return pg;
    }
    err_set(err, "PG_UNAVAILABLE", "%.*s", (int)str_trim(str_c(PQerrorMessage(pg))).len, PQerrorMessage(pg));
    PQfinish(pg);
    return NULL;
}

/* ---- Redis ---- */

void events_redis_close(struct events_thread *t)
{
    if (t->redis)
        redisFree(t->redis);
    t->redis = NULL;
}

static redisContext *connect_redis(struct str address)
{
    const struct timeval timeout = {.tv_sec = REDIS_TIMEOUT_S};
    char host[256] = "";
    int64_t port = 6379;
    struct str rest = address;
    if (str_starts(address, STR("unix:"))) {
        snprintf(host, sizeof host, "%.*s", (int)(address.len - 5), address.p + 5);
        return redisConnectUnixWithTimeout(host, timeout);
    }
    const char *colon = memrchr(address.p, ':', address.len);
    if (colon) {
        rest = str_mem(address.p, (size_t)(colon - address.p));
        str_to_i64(str_mem(colon + 1, address.len - rest.len - 1), &port);
    }
    snprintf(host, sizeof host, "%.*s", STR_ARG(rest));
    return redisConnectWithTimeout(host, (int)port, timeout);
}

bool events_redis_open(struct events_thread *t, struct err *err)
{
    const struct timeval timeout = {.tv_sec = REDIS_TIMEOUT_S};
    if (t->redis)
        return true;
    t->redis = connect_redis(t->options->redis);
    if (t->redis && !t->redis->err && redisSetTimeout(t->redis, timeout) == REDIS_OK)
        return true;
    err_set(err, "REDIS_UNAVAILABLE", "%s", t->redis ? t->redis->errstr : "no memory");
    events_redis_close(t);
    return false;
}

/* ---- threads ---- */

static void *publish(void *arg)
{
    publisher_run(arg);
    return NULL;
}
static void *consume(void *arg)
{
    consumer_run(arg);
    return NULL;
}

struct events *events_start(const struct events_options *options, struct err *err)
{
    struct events *e = xcalloc(1, sizeof *e);
    unsigned n = options->handlers && options->handlers[0].source ? 2 : 1;
    e->options = *options;
    if (!e->options.events_kept)
        e->options.events_kept = EVENTS_KEPT;
    atomic_init(&e->stop, false);
    for (; e->n < n; e->n++) {
        struct events_thread *t = &e->threads[e->n];
        *t = (struct events_thread){.options = &e->options, .stop = &e->stop};
        if (pthread_create(&e->ids[e->n], NULL, e->n ? consume : publish, t) == 0)
            continue;
        err_set(err, "THREAD", "the system gives no thread for events");
        events_stop(&e);
        return NULL;
    }
    return e;
}

void events_stop(struct events **e)
{
    if (!*e)
        return;
    atomic_store(&(*e)->stop, true);
    for (unsigned i = 0; i < (*e)->n; i++)
        pthread_join((*e)->ids[i], NULL);
    free(*e);
    *e = NULL;
}
