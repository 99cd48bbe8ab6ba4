#include "base/panic.h"
#include "io/pg_private.h"

/* ---- results ---- */

static bool columns_equal(const struct pg_prepared *p, const PGresult *r, unsigned n)
{
    if (!p->columns || p->n_columns != n)
        return false;
    for (unsigned i = 0; i < n; i++) {
        if (p->columns[i].oid != PQftype(r, (int)i) || strcmp(p->columns[i].name.p, PQfname(r, (int)i)) != 0)
            return false;
    }
    return true;
}

static const struct pg_column *columns_of(struct pg_pool *pool, struct pg_prepared *p, const PGresult *r, unsigned n)
{
    if (columns_equal(p, r, n))
        return p->columns;
    struct pg_column *columns = arena_array(pool->arena, struct pg_column, n);
    for (unsigned i = 0; i < n; i++) {
        columns[i].name = arena_str(pool->arena, str_c(PQfname(r, (int)i)));
        columns[i].oid = PQftype(r, (int)i);
    }
    p->columns = columns;
    p->n_columns = n;
    return columns;
}

static void copy_cells(struct arena *a, struct pg_result *out, const PGresult *r)
{
    size_t total = 0, n = out->n_rows * out->n_columns;
    out->cells = arena_alloc_raw(a, arena_size(sizeof *out->cells, n));
    for (size_t row = 0, k = 0; row < out->n_rows; row++) {
        for (unsigned col = 0; col < out->n_columns; col++, k++) {
            bool null = PQgetisnull(r, (int)row, (int)col);
            out->cells[k] =
                null ? STR_NONE
                     : str_mem(PQgetvalue(r, (int)row, (int)col), (size_t)PQgetlength(r, (int)row, (int)col));
            total += out->cells[k].len + 1;
        }
    }
    char *copy = arena_alloc_raw(a, total);
    for (size_t k = 0; k < n; k++) {
        struct str *cell = &out->cells[k];
        if (!cell->p)
            continue;
        memcpy(copy, cell->p, cell->len + 1);
        cell->p = copy;
        copy += cell->len + 1;
    }
}

static struct pg_result *make_result(struct pg_conn *c, struct pg_call *call, PGresult *r)
{
    struct pg_result *out = arena_new_of(call->arena, struct pg_result);
    const char *affected = PQcmdTuples(r);
    if (!*affected || !str_to_i64(str_c(affected), &out->affected))
        out->affected = -1;
    out->n_rows = (size_t)PQntuples(r);
    out->n_columns = (unsigned)PQnfields(r);
    if (out->n_columns && call->prepared)
        out->columns = columns_of(c->pool, call->prepared, r, out->n_columns);
    copy_cells(call->arena, out, r);
    return out;
}

/* ---- calls ---- */

static void call_fail(struct pg_call *call, const char *code, const char *message)
{
    if (call->failed)
        return; /* the first error is the cause of the others */
    call->failed = true;
    struct str m = str_trim(str_c(message));
    err_set(&call->err, code, "%.*s", STR_ARG(m));
}

static void call_finish(struct pg_conn *c)
{
    struct pg_call *call = c->head;
    c->head = call->next;
    if (!c->head)
        c->tail = NULL;
    c->depth--;
    if (call->commits && !call->failed)
        call_fail(call, "PG_COMMIT_UNKNOWN", "the server did not confirm the commit");
    c->pool->errors += call->failed;
    if (call->arena)
        fiber_done(&call->wait);
    else
        pg_call_free(c->pool, call);
}

static void forget_prepared(struct pg_conn *c, const struct pg_prepared *p)
{
    c->prepared[p->id / 64] &= ~(UINT64_C(1) << (p->id % 64));
}

static void take_error(struct pg_conn *c, struct pg_call *call, const PGresult *r)
{
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    if (!state)
        state = "PG_UNAVAILABLE";
    if (call->preparing && call->before > 0)
        forget_prepared(c, call->prepared);
    bool gone = strcmp(state, "26000") == 0 && call->prepared; /* a pooler or DISCARD took the statement away */
    if (gone)
        forget_prepared(c, call->prepared);
    bool stray_cancel = c->cancelling && strcmp(state, "57014") == 0 && call->arena;
    const char *severity = PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);
    bool fatal = severity && strcmp(severity, "ERROR") != 0;
    c->dying = c->dying || fatal;
    /* A session that is ended before the statement is complete has rolled it back. */
    call->retry = !call->failed && !call->result && !c->tx && (gone || stray_cancel || fatal);
    call_fail(call, state, message ? message : PQresultErrorMessage(r));
}

static void take_result(struct pg_conn *c, PGresult *r)
{
    struct pg_call *call = c->head;
    switch (PQresultStatus(r)) {
    case PGRES_PIPELINE_SYNC: call_finish(c); break;
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
        if (call->before > 0)
            call->before--;
        else if (call->commits && strcmp(PQcmdStatus(r), "COMMIT") == 0)
            call->commits = false;
        else if (call->arena && !call->result)
            call->result = make_result(c, call, r);
        break;
    case PGRES_FATAL_ERROR:
    case PGRES_BAD_RESPONSE: take_error(c, call, r); break;
    case PGRES_EMPTY_QUERY: call_fail(call, "42601", "the statement is empty"); break;
    case PGRES_PIPELINE_ABORTED:
    case PGRES_NONFATAL_ERROR: break;
    default: /* COPY and single rows are not asked for */
        pg_conn_break(c, "the server answered with COPY, which is not used here");
    }
}

/* Every statement's results end with a NULL; two NULLs in a row mean that there is nothing more to take. */
static void take_results(struct pg_conn *c)
{
    bool was_null = false;
    while (c->head && c->state != PG_CONN_CLOSED && !PQisBusy(c->pq)) {
        PGresult *r = PQgetResult(c->pq);
        if (!r && was_null)
            break;
        was_null = !r;
        if (r)
            take_result(c, r);
        PQclear(r);
    }
}

/* ---- the socket ---- */

static void on_socket(uv_poll_t *poll, int status, int events);

static void watch(struct pg_conn *c, int events)
{
    if (c->events == events)
        return;
    c->events = events;
    if (uv_poll_start(&c->poll, events, on_socket) < 0)
        pg_conn_break(c, "its socket cannot be watched");
}

static void flush(struct pg_conn *c)
{
    int rest = PQflush(c->pq);
    if (rest < 0)
        pg_conn_break(c, PQerrorMessage(c->pq));
    else
        watch(c, rest ? UV_READABLE | UV_WRITABLE : UV_READABLE);
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
    struct pg_conn *c = PB_CONTAINER_OF(poll, struct pg_conn, poll);
    PB_CHECK_MAGIC(c, PG_CONN_MAGIC);
    if (c->state == PG_CONN_CLOSED)
        return;
    bool alive = PQconsumeInput(c->pq);
    take_results(c); /* also when it is dead: the server's last words may be an answer */
    if (c->state == PG_CONN_CLOSED)
        return;
    if (!alive || c->dying) {
        pg_conn_break(c, c->dying ? "the server ends the session" : PQerrorMessage(c->pq));
        return;
    }
    if (c->events & UV_WRITABLE)
        flush(c);
    if (c->state == PG_CONN_RETIRED && !c->head)
        pg_conn_break(c, "retired");
    else if (!c->head)
        pg_pool_wake(c->pool);
}

static void poll_closed(uv_handle_t *handle)
{
    struct pg_conn *c = PB_CONTAINER_OF((uv_poll_t *)handle, struct pg_conn, poll);
    PB_CHECK_MAGIC(c, PG_CONN_MAGIC);
    c->magic = 0;
    free(c);
}

struct pg_conn *pg_conn_new(struct pg_pool *pool, PGconn *pq, struct err *err)
{
    struct pg_conn *c = xcalloc(1, sizeof *c);
    c->magic = PG_CONN_MAGIC;
    c->pool = pool;
    c->pq = pq;
    if (PQsetnonblocking(pq, 1) != 0 || !PQenterPipelineMode(pq) ||
        uv_poll_init(loop_uv(pool->loop), &c->poll, PQsocket(pq)) < 0) {
        err_set(err, "PG_UNAVAILABLE", "the connection cannot be used: %s", PQerrorMessage(pq));
        PQfinish(pq);
        free(c);
        return NULL;
    }
    uv_unref((uv_handle_t *)&c->poll);
    c->events = UV_READABLE;
    uv_poll_start(&c->poll, UV_READABLE, on_socket);
    return c;
}

static void leave_pool(struct pg_conn *c)
{
    struct pg_pool *p = c->pool;
    for (unsigned i = 0; i < p->n_conns; i++) {
        if (p->conns[i] == c) {
            p->conns[i] = p->conns[--p->n_conns];
            return;
        }
    }
}

void pg_conn_break(struct pg_conn *c, const char *why)
{
    struct pg_pool *pool = c->pool;
    if (c->state == PG_CONN_CLOSED)
        return;
    c->state = PG_CONN_CLOSED;
    leave_pool(c);
    if (c->tx)
        c->tx->conn = NULL;
    pool->reconnects++;
    char message[600];
    struct str reason = str_trim(str_c(why));
    snprintf(message, sizeof message, "the connection to PostgreSQL was lost: %.*s",
             (int)(reason.len < 500 ? reason.len : 500), reason.p);
    while (c->head) {
        call_fail(c->head, c->head->commits ? "PG_COMMIT_UNKNOWN" : "PG_UNAVAILABLE", message);
        c->head->commits = false;
        call_finish(c);
    }
    uv_poll_stop(&c->poll);
    PQfinish(c->pq);
    c->pq = NULL;
    uv_close((uv_handle_t *)&c->poll, poll_closed);
    pg_pool_wake(pool);
}

void pg_conn_retire(struct pg_conn *c)
{
    if (c->state != PG_CONN_READY)
        return;
    c->state = PG_CONN_RETIRED;
    if (!c->head)
        pg_conn_break(c, "retired");
}

/* ---- sending ---- */

static bool send_command(struct pg_conn *c, const char *sql)
{
    return PQsendQueryParams(c->pq, sql, 0, NULL, NULL, NULL, NULL, 0);
}

static bool send_prepared(struct pg_conn *c, struct pg_call *call, const struct pg_send *w)
{
    struct pg_prepared *p = w->prepared;
    if (!*p->name)
        return PQsendQueryParams(c->pq, p->sql, (int)w->n_params, NULL, w->params, NULL, NULL, 0);
    uint64_t bit = UINT64_C(1) << (p->id % 64);
    if (!(c->prepared[p->id / 64] & bit)) {
        c->prepared[p->id / 64] |= bit;
        call->preparing = true;
        call->before++;
        if (!PQsendPrepare(c->pq, p->name, p->sql, 0, NULL))
            return false;
    }
    return PQsendQueryPrepared(c->pq, p->name, (int)w->n_params, w->params, NULL, NULL, 0);
}

static bool send_all(struct pg_conn *c, struct pg_call *call, const struct pg_send *w)
{
    call->before = w->begin != NULL;
    call->commits = w->end && strcmp(w->end, "commit") == 0;
    if (w->begin && !send_command(c, w->begin))
        return false;
    if (w->prepared && !send_prepared(c, call, w))
        return false;
    if (w->end && !send_command(c, w->end))
        return false;
    return PQpipelineSync(c->pq);
}

void pg_conn_send(struct pg_conn *c, struct pg_call *call, const struct pg_send *what)
{
    PB_CHECK_MAGIC(c, PG_CONN_MAGIC);
    PB_ASSERT(c->state == PG_CONN_READY);
    call->next = NULL;
    call->prepared = what->prepared;
    *(c->tail ? &c->tail->next : &c->head) = call;
    c->tail = call;
    c->depth++;
    c->pool->statements_sent++;
    if (!send_all(c, call, what))
        pg_conn_break(c, PQerrorMessage(c->pq));
    else
        flush(c);
}

/* ---- cancelling ---- */

struct cancel_job {
    struct pg_pool *pool;
    PGcancel *cancel;
};

static void cancel_blocking(void *arg)
{
    struct cancel_job *job = arg;
    char error[256];
    PQcancel(job->cancel, error, sizeof error); /* best effort: the statement has a timeout too */
}

static void cancel_fiber(void *arg)
{
    struct cancel_job *job = arg;
    fiber_offload(cancel_blocking, job);
    PQfreeCancel(job->cancel);
    pg_pool_unref(job->pool);
    free(job);
}

void pg_conn_cancel(struct pg_conn *c)
{
    PGcancel *cancel = c->cancelling || !c->pq ? NULL : PQgetCancel(c->pq);
    if (!cancel)
        return;
    struct cancel_job *job = xcalloc(1, sizeof *job);
    *job = (struct cancel_job){c->pool, cancel};
    c->cancelling = true;
    c->pool->refs++;
    if (!loop_go(c->pool->loop, cancel_fiber, job)) {
        PQfreeCancel(cancel);
        c->pool->refs--;
        free(job);
    }
}
