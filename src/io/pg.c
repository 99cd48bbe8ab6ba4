#include "io/pg.h"

#include "base/log.h"
#include "base/panic.h"
#include "io/pg_private.h"

#define CONNECTIONS_DEFAULT 4u
#define CONNECTIONS_MAX 64u
#define STATEMENT_TIMEOUT_DEFAULT_US (30 * US_PER_SEC)
#define BACKOFF_MIN_US (100 * US_PER_MS)
#define BACKOFF_MAX_US (5 * US_PER_SEC)
#define ATTEMPTS_MAX 8 /* every connection may be one that the server has just ended */

/* ---- the pool ---- */

static void hook_fired(struct loop_hook *hook)
{
    struct pg_pool *p = PB_CONTAINER_OF(hook, struct pg_pool, hook);
    pg_pool_free(&p);
}

static char *copy_text(struct str s)
{
    if (!s.len)
        return NULL;
    char *p = xmalloc(s.len + 1);
    memcpy(p, s.p, s.len);
    p[s.len] = 0;
    return p;
}

struct pg_pool *pg_pool_new(struct loop *loop, const struct pg_options *options)
{
    struct pg_pool *p = xcalloc(1, sizeof *p);
    unsigned n = options->connections ? options->connections : CONNECTIONS_DEFAULT;
    p->magic = PG_POOL_MAGIC;
    p->loop = loop;
    p->arena = arena_new(0);
    p->conninfo = copy_text(options->conninfo);
    p->database = copy_text(options->database);
    p->max = n < 2 ? 2 : n > CONNECTIONS_MAX ? CONNECTIONS_MAX : n;
    p->statement_timeout_us =
        options->statement_timeout_us ? options->statement_timeout_us : STATEMENT_TIMEOUT_DEFAULT_US;
    p->unnamed = options->unnamed_statements;
    p->conns = xcalloc(p->max, sizeof *p->conns);
    p->waiters_end = &p->waiters;
    p->refs = 1;
    err_set(&p->last_err, "PG_UNAVAILABLE", "too many fibers: no connection could be opened");
    p->hook.fn = hook_fired;
    loop_hook_add(loop, &p->hook);
    return p;
}

void pg_pool_unref(struct pg_pool *p)
{
    PB_CHECK_MAGIC(p, PG_POOL_MAGIC);
    if (--p->refs > 0)
        return;
    p->magic = 0;
    for (struct pg_call *call = p->free_calls, *next; call; call = next) {
        next = call->next;
        free(call);
    }
    arena_free(&p->arena);
    free(p->conninfo);
    free(p->database);
    free(p->conns);
    free(p);
}

void pg_pool_free(struct pg_pool **pool)
{
    struct pg_pool *p = *pool;
    if (!p)
        return;
    PB_CHECK_MAGIC(p, PG_POOL_MAGIC);
    *pool = NULL;
    loop_hook_remove(&p->hook);
    p->closing = true;
    while (p->n_conns > 0)
        pg_conn_break(p->conns[0], "the pool is closed");
    pg_pool_wake(p);
    pg_pool_unref(p);
}

void pg_pool_stats(const struct pg_pool *p, struct pg_stats *out)
{
    *out = (struct pg_stats){
        .open = p->n_conns, .statements = p->statements_sent, .errors = p->errors, .reconnects = p->reconnects};
    for (unsigned i = 0; i < p->n_conns; i++)
        out->busy += p->conns[i]->depth > 0 || p->conns[i]->tx != NULL;
    for (const struct pg_waiter *w = p->waiters; w; w = w->next)
        out->waiting++;
}

static struct pg_call *call_new(struct pg_pool *p, struct arena *a)
{
    struct pg_call *call = p->free_calls;
    if (call)
        p->free_calls = call->next;
    else
        call = xmalloc(sizeof *call);
    call->next = NULL;
    call->wait = (struct fiber_wait){0};
    call->arena = a;
    call->prepared = NULL;
    call->result = NULL;
    call->failed = call->preparing = call->commits = call->retry = false;
    call->before = 0;
    return call;
}

void pg_call_free(struct pg_pool *p, struct pg_call *call)
{
    call->next = p->free_calls;
    p->free_calls = call;
}

/* ---- opening ---- */

struct open_job {
    struct pg_pool *pool;
    PGconn *pq;
    struct err err;
    bool failed;
};

static void silent(void *arg, const char *message) {}

/* What every session of ours has: texts of times and numbers that are read back the same. */
static int set_up_session(PGconn *pq, int64_t timeout_us, struct err *err)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "set datestyle = 'ISO, MDY'; set timezone = 'UTC'; set intervalstyle = 'iso_8601';"
             " set client_encoding = 'UTF8'; set statement_timeout = %lld",
             (long long)(timeout_us / US_PER_MS));
    PGresult *r = PQexec(pq, sql);
    bool ok = PQresultStatus(r) == PGRES_COMMAND_OK;
    PQclear(r);
    return ok ? 0 : err_set(err, "PG_UNAVAILABLE", "%s", PQerrorMessage(pq));
}

/* On a helper thread: libpq resolves names and shakes hands without the loop. */
static void open_blocking(void *arg)
{
    struct open_job *job = arg;
    const char *keys[] = {"dbname", "connect_timeout", "application_name", job->pool->database ? "dbname" : NULL, NULL};
    const char *values[] = {job->pool->conninfo, "5", "paintbox", job->pool->database, NULL};
    job->pq = PQconnectdbParams(keys, values, 1);
    PQsetNoticeProcessor(job->pq, silent, NULL);
    if (PQstatus(job->pq) != CONNECTION_OK) {
        struct str message = str_trim(str_c(PQerrorMessage(job->pq)));
        err_set(&job->err, "PG_UNAVAILABLE", "PostgreSQL cannot be reached: %.*s", STR_ARG(message));
        job->failed = true;
    } else {
        job->failed = set_up_session(job->pq, job->pool->statement_timeout_us, &job->err) != 0;
    }
}

static void open_failed(struct pg_pool *p, const struct err *err)
{
    int64_t pause = BACKOFF_MIN_US << (p->failures < 6 ? p->failures : 6);
    uint32_t noise;
    loop_random(p->loop, &noise, sizeof noise);
    p->failures++;
    p->last_err = *err;
    if (pause > BACKOFF_MAX_US)
        pause = BACKOFF_MAX_US;
    p->retry_at_us = loop_now_us(p->loop) + pause / 2 + noise % (pause / 2);
    if (p->failures == 1)
        log_warn("%s", err->msg);
}

static void open_fiber(void *arg)
{
    struct open_job *job = arg;
    struct pg_pool *p = job->pool;
    fiber_offload(open_blocking, job);
    p->opening--;
    if (p->closing || job->failed) {
        PQfinish(job->pq);
    } else {
        struct pg_conn *c = pg_conn_new(p, job->pq, &job->err);
        job->failed = c == NULL;
        if (c)
            p->conns[p->n_conns++] = c;
    }
    if (job->failed)
        open_failed(p, &job->err);
    else
        p->failures = 0;
    pg_pool_wake(p);
    pg_pool_unref(p);
    free(job);
}

static bool may_open(const struct pg_pool *p)
{
    return !p->closing && p->opening == 0 && p->n_conns < p->max &&
           (!p->failures || loop_now_us(p->loop) >= p->retry_at_us);
}

static void open_one(struct pg_pool *p)
{
    struct open_job *job = xcalloc(1, sizeof *job);
    job->pool = p;
    p->opening++;
    p->refs++;
    if (!loop_go(p->loop, open_fiber, job)) {
        p->opening--;
        p->refs--;
        free(job);
    }
}

/* ---- choosing a connection ---- */

static struct pg_conn *pick_for_read(struct pg_pool *p)
{
    struct pg_conn *best = NULL;
    for (unsigned i = 0; i < p->n_conns; i++) {
        struct pg_conn *c = p->conns[i];
        if (c->state != PG_CONN_READY || c->tx)
            continue;
        if (!best || c->depth < best->depth)
            best = c;
        if (best->depth == 0 || p->tx_waiting) /* who waits for a transaction gets the others when they are idle */
            break;
    }
    return best;
}

static struct pg_conn *pick_for_tx(struct pg_pool *p)
{
    if (p->n_tx + 1 >= p->max)
        return NULL;
    for (unsigned i = p->n_conns; i-- > 0;) {
        struct pg_conn *c = p->conns[i];
        if (c->state == PG_CONN_READY && !c->tx && c->depth == 0)
            return c;
    }
    return NULL;
}

void pg_pool_wake(struct pg_pool *p)
{
    struct pg_waiter *w = p->waiters;
    p->waiters = NULL;
    p->waiters_end = &p->waiters;
    for (struct pg_waiter *next; w; w = next) {
        next = w->next;
        w->next = NULL;
        fiber_done(&w->wait);
    }
}

static void waiter_leave(struct pg_pool *p, struct pg_waiter *w)
{
    for (struct pg_waiter **at = &p->waiters; *at; at = &(*at)->next) {
        if (*at == w) {
            *at = w->next;
            if (p->waiters_end == &w->next)
                p->waiters_end = at;
            return;
        }
    }
}

static int wait_error(enum wait_result r, struct err *err, const char *what)
{
    return r == WAIT_DEADLINE ? err_set(err, "PG_TIMEOUT", "%s: the deadline passed", what)
                              : err_set(err, "PG_CANCELLED", "%s: cancelled", what);
}

static int wait_for_connection(struct pg_pool *p, bool tx, struct err *err)
{
    struct pg_waiter w = {.tx = tx};
    *p->waiters_end = &w;
    p->waiters_end = &w.next;
    p->tx_waiting += tx;
    enum wait_result r = fiber_await(&w.wait);
    p->tx_waiting -= tx;
    if (r == WAIT_OK)
        return 0;
    waiter_leave(p, &w);
    return wait_error(r, err, "waiting for a database connection");
}

static struct pg_conn *acquire(struct pg_pool *p, bool tx, struct err *err)
{
    for (;;) {
        if (p->closing) {
            err_set(err, "PG_UNAVAILABLE", "the database pool is closed");
            return NULL;
        }
        struct pg_conn *c = tx ? pick_for_tx(p) : pick_for_read(p);
        bool busy = !c || c->depth > 0;
        if (busy && may_open(p))
            open_one(p);
        if (c)
            return c;
        if (p->n_conns == 0 && p->opening == 0) {
            *err = p->last_err;
            return NULL;
        }
        if (wait_for_connection(p, tx, err) != 0)
            return NULL;
    }
}

/* ---- queries ---- */

static struct pg_prepared *prepared_of(struct pg_pool *p, const struct pg_statement *st)
{
    struct pg_prepared *s = map_get(&p->statements, st->sql);
    if (s)
        return s;
    s = arena_new_of(p->arena, struct pg_prepared);
    struct str text = arena_str(p->arena, st->sql);
    s->sql = text.p;
    s->id = (unsigned)p->statements.n;
    if (!p->unnamed && s->id < PG_STATEMENTS_MAX)
        snprintf(s->name, sizeof s->name, "pb%016llx", (unsigned long long)str_hash(text));
    map_put(p->arena, &p->statements, text, s);
    return s;
}

static int text_params(struct arena *a, const struct pg_param *params, unsigned n, const char **out, struct err *err)
{
    if (n > PG_PARAMS_MAX)
        return err_set(err, "54000", "%u parameters: at most %u", n, PG_PARAMS_MAX);
    for (unsigned i = 0; i < n; i++) {
        struct str s = params[i].text;
        if (s.p && s.len && memchr(s.p, 0, s.len))
            return err_set(err, "22021", "parameter $%u contains a NUL character", i + 1);
        out[i] = s.p ? arena_cstr(a, s) : NULL;
    }
    return 0;
}

/* Parks until the answer; 0 or -1. `*retry`: the server did not run it. */
static int run(struct pg_conn *c, struct arena *a, const struct pg_send *what, struct pg_result **result, bool *retry,
               struct err *err)
{
    struct pg_pool *p = c->pool;
    struct pg_call *call = call_new(p, a);
    pg_conn_send(c, call, what);
    bool commits = call->commits;
    enum wait_result w = fiber_await(&call->wait);
    if (w != WAIT_OK) { /* so the call is still in the queue, and the connection is there */
        call->arena = NULL;
        if (c->head == call && !commits)
            pg_conn_cancel(c);
        pg_conn_retire(c);
        if (commits)
            return err_set(err, "PG_COMMIT_UNKNOWN", "%s while the server committed", wait_result_text(w));
        return wait_error(w, err, "database query");
    }
    bool failed = call->failed;
    if (failed)
        *err = call->err;
    *result = call->result;
    *retry = call->retry;
    pg_call_free(p, call);
    return failed ? -1 : 0;
}

static struct pg_result *run_until_answered(struct pg_pool *p, struct arena *a, const struct pg_send *what,
                                            struct err *err)
{
    bool retry = true;
    for (int attempt = 0; retry && attempt < ATTEMPTS_MAX; attempt++) {
        struct pg_conn *c = acquire(p, false, err);
        if (!c)
            return NULL;
        struct pg_result *r;
        retry = false;
        if (run(c, a, what, &r, &retry, err) == 0)
            return r;
    }
    return NULL;
}

struct pg_result *pg_query(struct pg_pool *p, struct arena *a, const struct pg_statement *st,
                           const struct pg_param *params, unsigned n_params, struct err *err)
{
    PB_CHECK_MAGIC(p, PG_POOL_MAGIC);
    const char *texts[PG_PARAMS_MAX];
    struct err ignored;
    struct err *e = err ? err : &ignored;
    if (text_params(a, params, n_params, texts, e) != 0)
        return NULL;
    p->refs++; /* pg_pool_free() may come while this waits */
    struct pg_send what = {.prepared = prepared_of(p, st), .params = texts, .n_params = n_params};
    struct pg_result *r = run_until_answered(p, a, &what, e);
    pg_pool_unref(p);
    return r;
}

/* ---- transactions ---- */

struct pg_tx *pg_begin(struct pg_pool *p, struct arena *a, struct err *err)
{
    PB_CHECK_MAGIC(p, PG_POOL_MAGIC);
    struct err ignored;
    p->refs++; /* the transaction's, until it ends */
    struct pg_conn *c = acquire(p, true, err ? err : &ignored);
    if (!c) {
        pg_pool_unref(p);
        return NULL;
    }
    struct pg_tx *tx = arena_new_of(a, struct pg_tx);
    *tx = (struct pg_tx){.pool = p, .conn = c, .arena = a};
    c->tx = tx;
    p->n_tx++;
    return tx;
}

static void tx_end(struct pg_tx **tx)
{
    struct pg_pool *p = (*tx)->pool;
    if ((*tx)->conn)
        (*tx)->conn->tx = NULL;
    (*tx)->conn = NULL;
    p->n_tx--;
    *tx = NULL;
    pg_pool_wake(p);
    pg_pool_unref(p);
}

static int tx_run(struct pg_tx *tx, struct pg_send *what, struct pg_result **result, struct err *err)
{
    bool retry;
    if (!tx->conn || tx->conn->state != PG_CONN_READY) {
        tx->failed = true;
        return err_set(err, "PG_UNAVAILABLE", "the transaction has lost its connection");
    }
    /* BEGIN travels with the first statement. */
    what->begin = tx->begun ? NULL : "begin";
    tx->begun = true;
    if (run(tx->conn, tx->arena, what, result, &retry, err) == 0)
        return 0;
    tx->failed = true;
    return -1;
}

struct pg_result *pg_tx_query(struct pg_tx *tx, const struct pg_statement *st, const struct pg_param *params,
                              unsigned n_params, struct err *err)
{
    const char *texts[PG_PARAMS_MAX];
    struct err ignored;
    struct err *e = err ? err : &ignored;
    if (text_params(tx->arena, params, n_params, texts, e) != 0) {
        tx->failed = true;
        return NULL;
    }
    struct pg_send what = {.prepared = prepared_of(tx->pool, st), .params = texts, .n_params = n_params};
    struct pg_result *r;
    return tx_run(tx, &what, &r, e) == 0 ? r : NULL;
}

static int commit_with(struct pg_tx **tx, struct pg_send *what, struct err *err)
{
    struct err ignored;
    struct err *e = err ? err : &ignored;
    struct pg_result *r;
    if ((*tx)->failed) {
        pg_rollback(tx);
        return err_set(e, "25P02", "the transaction has failed and was rolled back");
    }
    if (tx_run(*tx, what, &r, e) != 0) {
        pg_rollback(tx);
        return -1;
    }
    tx_end(tx);
    return 0;
}

int pg_commit(struct pg_tx **tx, struct err *err)
{
    if (!(*tx)->begun && !(*tx)->failed) {
        tx_end(tx);
        return 0;
    }
    return commit_with(tx, &(struct pg_send){.end = "commit"}, err);
}

int pg_commit_with(struct pg_tx **tx, const struct pg_statement *st, const struct pg_param *params, unsigned n_params,
                   struct err *err)
{
    const char *texts[PG_PARAMS_MAX];
    if (text_params((*tx)->arena, params, n_params, texts, err) != 0) {
        pg_rollback(tx);
        return -1;
    }
    struct pg_send what = {
        .prepared = prepared_of((*tx)->pool, st), .params = texts, .n_params = n_params, .end = "commit"};
    return commit_with(tx, &what, err);
}

void pg_rollback(struct pg_tx **tx)
{
    struct pg_conn *c = (*tx)->conn;
    if (c && (*tx)->begun && c->state == PG_CONN_READY)
        pg_conn_send(c, call_new(c->pool, NULL), &(struct pg_send){.end = "rollback"});
    tx_end(tx);
}

/* ---- names of columns ---- */

int pg_column_index(const struct pg_result *r, struct str name)
{
    for (unsigned i = 0; i < r->n_columns; i++) {
        if (str_eq(r->columns[i].name, name))
            return (int)i;
    }
    return -1;
}
