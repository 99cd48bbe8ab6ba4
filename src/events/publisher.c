#include "base/log.h"
#include "events/private.h"
#include "events/stream.h"
#include "json/json.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <time.h>

#define RETRY_MS 2000
#define SLOT_TAKEN "55006"
#define FEEDBACK_MS 5000
#define PRUNE_MS (3600 * 1000)
#define POLL_MS 200
#define AHEAD_PAUSE_MS 500
#define COLUMNS_MAX 64
#define TYPE_BIGINT 20
#define TYPE_JSONB 3802

struct column {
    char name[64];
    uint32_t type;
};

struct publisher {
    struct events_thread *t;
    char slot[64];
    PGconn *plain;            /* for what is not replication */
    struct column columns[COLUMNS_MAX];
    unsigned n_columns;
    uint64_t commit, index;   /* of the transaction that is being read: its position, how many of its rows were seen */
    uint64_t accepted;        /* everything before this was accepted by Redis */
    uint64_t last, saved;     /* the commit that was added last, and what of it the database knows */
    bool following;           /* the log is being sent */
    unsigned untrimmed;       /* entries since the stream was looked at */
    int64_t feedback_ms, prune_ms;
    struct buf event;
};

static bool send_feedback(struct publisher *p, struct err *err);

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the stream ---- */

/* Waits while readers that are alive have too much before them; the server of the log hears of us meanwhile. */
static bool wait_for_readers(struct publisher *p, struct err *err)
{
    for (bool ahead = true; ahead;) {
        if (!stream_trim(p->t, &ahead, err))
            return false;
        if (!ahead)
            break;
        if (!events_sleep(p->t, AHEAD_PAUSE_MS))
            return false;
        if (p->following && now_ms() - p->feedback_ms > FEEDBACK_MS && !send_feedback(p, err))
            return false;
    }
    p->untrimmed = 0;
    return true;
}

static bool add(struct publisher *p, uint64_t commit, uint64_t index, struct str event, struct err *err)
{
    if (++p->untrimmed >= stream_trim_step(p->t) && !wait_for_readers(p, err))
        return false;
    if (!stream_add(p->t, commit, index, event, err))
        return false;
    p->last = commit;
    return true;
}

/* A stream that is ahead of a new slot was made from another database cluster: Redis would refuse all that comes now. */
static bool drop_strange_stream(struct publisher *p, uint64_t point, struct err *err)
{
    uint64_t end;
    if (!stream_end(p->t, &end, err))
        return false;
    if (end < point - 1)
        return true;
    log_warn("the events of %.*s in Redis are from another database: they are dropped",
             STR_ARG(p->t->options->service));
    return stream_drop(p->t, err);
}

/* False with *err when all has to be published again: Redis came back without what it had accepted, or a reader needs
 * what is no longer there. */
static bool still_there(struct publisher *p, struct err *err)
{
    uint64_t end;
    bool asked;
    if (!stream_end(p->t, &end, err))
        return false;
    if (end < p->last)
        return err_set(err, "REDIS_LOST", "Redis has lost what it had accepted") == 0;
    if (!stream_replay_asked(p->t, &asked, err) || !asked)
        return !asked;
    if (!events_pg_do(p->plain, "delete from event_publisher", 0, NULL, err) || !stream_replay_taken(p->t, err))
        return false;
    return err_set(err, "EVENTS_AGAIN", "a reader was away for longer than the stream keeps") == 0;
}

/* ---- the slot ---- */

static bool save_last(struct publisher *p, struct err *err)
{
    char text[32];
    const char *params[] = {text};
    if (p->saved == p->last)
        return true;
    snprintf(text, sizeof text, "%" PRIu64, p->last);
    if (!events_pg_do(p->plain, "update event_publisher set last = $1::numeric", 1, params, err))
        return false;
    p->saved = p->last;
    return true;
}

static bool publish_backlog(struct publisher *p, const char *snapshot, uint64_t point, struct err *err)
{
    char sql[256];
    snprintf(sql, sizeof sql, "set transaction snapshot '%s'", snapshot);
    if (!events_pg_do(p->plain, "begin isolation level repeatable read", 0, NULL, err) ||
        !events_pg_do(p->plain, sql, 0, NULL, err) ||
        !events_pg_do(p->plain,
                      "declare backlog cursor for select to_jsonb(o)::text from outbox o order by created_at, id", 0,
                      NULL, err))
        return false;
    for (uint64_t index = 0, rows = 1; rows;) {
        PGresult *r = events_pg_exec(p->plain, "fetch 500 from backlog", 0, NULL, err);
        rows = r ? (uint64_t)PQntuples(r) : 0;
        bool ok = r != NULL;
        for (uint64_t i = 0; ok && i < rows; i++)
            ok = !atomic_load(p->t->stop) && add(p, point - 1, index++, str_c(PQgetvalue(r, (int)i, 0)), err);
        PQclear(r);
        if (!ok)
            return false;
    }
    return events_pg_do(p->plain, "commit", 0, NULL, err);
}

/* Published by the slot's snapshot: only then is the slot noted as begun, so that a crash in between begins again. */
static bool make_slot(struct publisher *p, struct err *err)
{
    char sql[256];
    unsigned high, low;
    snprintf(sql, sizeof sql, "CREATE_REPLICATION_SLOT \"%s\" LOGICAL pgoutput (SNAPSHOT 'export')", p->slot);
    PGresult *r = events_pg_check(p->t->pg, PQexec(p->t->pg, sql), PGRES_TUPLES_OK, err);
    if (!r)
        return false;
    bool ok = PQntuples(r) == 1 && PQnfields(r) >= 3 && sscanf(PQgetvalue(r, 0, 1), "%X/%X", &high, &low) == 2;
    if (!ok)
        err_set(err, "PG_PROTOCOL", "CREATE_REPLICATION_SLOT has another answer");
    uint64_t point = ok ? (uint64_t)high << 32 | low : 0;
    ok = ok && drop_strange_stream(p, point, err) && publish_backlog(p, PQgetvalue(r, 0, 2), point, err) &&
         events_pg_do(p->plain, "insert into event_publisher (slot) values (true)", 0, NULL, err);
    PQclear(r);
    p->saved = 0;
    return ok && save_last(p, err);
}

/* Bookkeeping is not a migration: it belongs to the publisher, and a database without one needs none of it. */
static bool make_tables(struct publisher *p, struct err *err)
{
    static const char *const SQL[] = {
        "create table if not exists event_publisher (slot boolean primary key check (slot), last numeric not null default 0)",
        "do $$ begin create publication paintbox_events for table outbox with (publish = 'insert'); "
        "exception when duplicate_object then null; end $$"};
    for (size_t i = 0; i < PB_ARRAY_LEN(SQL); i++)
        if (!events_pg_do(p->plain, SQL[i], 0, NULL, err))
            return false;
    return true;
}

/* Makes the slot when there is none that can go on where Redis ends. */
static bool ready_slot(struct publisher *p, struct err *err)
{
    const char *params[] = {p->slot};
    uint64_t end;
    if (!make_tables(p, err) || !stream_end(p->t, &end, err))
        return false;
    PGresult *r = events_pg_exec(p->plain,
                                 "select s.slot_name is not null, coalesce(s.active, false), coalesce(s.wal_status = 'lost', false), "
                                 "e.slot is not null, coalesce(e.last, 0) from (select 1) x left join pg_replication_slots s on "
                                 "s.slot_name = $1 left join event_publisher e on true",
                                 1, params, err);
    if (!r)
        return false;
    bool there = *PQgetvalue(r, 0, 0) == 't', active = *PQgetvalue(r, 0, 1) == 't', lost = *PQgetvalue(r, 0, 2) == 't',
         begun = *PQgetvalue(r, 0, 3) == 't';
    uint64_t last = strtoull(PQgetvalue(r, 0, 4), NULL, 10);
    PQclear(r);
    p->saved = p->last = last;
    if (active) {
        err_set(err, SLOT_TAKEN, "another process publishes");
        return false;
    }
    if (there && begun && !lost && end >= last)
        return true;
    if (there)
        log_warn("events of %.*s are published again: %s", STR_ARG(p->t->options->service),
                 lost    ? "the write-ahead log was cut off before they were read"
                 : begun ? "Redis has lost what it had accepted"
                         : "a reader asked for it, or the first publication was interrupted");
    return events_pg_do(p->plain, "delete from event_publisher", 0, NULL, err) &&
           (!there || events_pg_do(p->plain, "select pg_drop_replication_slot($1)", 1, params, err)) &&
           make_slot(p, err);
}

/* ---- pgoutput ---- */

struct reader {
    const unsigned char *p, *end;
    bool bad;
};

static uint64_t read_int(struct reader *r, unsigned bytes)
{
    uint64_t v = 0;
    if ((size_t)(r->end - r->p) < bytes) {
        r->bad = true;
        r->p = r->end;
        return 0;
    }
    while (bytes--)
        v = v << 8 | *r->p++;
    return v;
}

static struct str read_bytes(struct reader *r, size_t n)
{
    struct str s = str_mem((const char *)r->p, n);
    if ((size_t)(r->end - r->p) < n) {
        r->bad = true;
        return STR("");
    }
    r->p += n;
    return s;
}

static struct str read_text(struct reader *r)
{
    const unsigned char *nul = memchr(r->p, 0, (size_t)(r->end - r->p));
    struct str s = read_bytes(r, nul ? (size_t)(nul - r->p) : SIZE_MAX);
    read_int(r, 1);
    return s;
}

static void read_relation(struct publisher *p, struct reader *r)
{
    read_int(r, 4);
    read_text(r);
    read_text(r);
    read_int(r, 1);
    uint64_t n = read_int(r, 2);
    r->bad |= n > COLUMNS_MAX;
    for (p->n_columns = 0; !r->bad && p->n_columns < n; p->n_columns++) {
        struct column *c = &p->columns[p->n_columns];
        read_int(r, 1);
        struct str name = read_text(r);
        snprintf(c->name, sizeof c->name, "%.*s", STR_ARG(name));
        c->type = (uint32_t)read_int(r, 4);
        read_int(r, 4);
    }
}

static bool read_insert(struct publisher *p, struct reader *r, struct err *err)
{
    buf_clear(&p->event);
    struct json_writer w = json_writer(&p->event);
    read_int(r, 4);
    r->bad |= read_int(r, 1) != 'N';
    uint64_t n = read_int(r, 2);
    r->bad |= n != p->n_columns;
    jw_begin_object(&w);
    for (uint64_t i = 0; i < n && !r->bad; i++) {
        const struct column *c = &p->columns[i];
        char kind = (char)read_int(r, 1);
        jw_name(&w, str_c(c->name));
        if (kind != 't') {
            jw_null(&w);
            continue;
        }
        struct str value = read_bytes(r, read_int(r, 4));
        if (c->type == TYPE_BIGINT || c->type == TYPE_JSONB)
            jw_raw(&w, value);
        else
            jw_string(&w, value);
    }
    jw_end_object(&w);
    if (r->bad || buf_overflowed(&p->event)) {
        err_set(err, "PG_PROTOCOL", "the write-ahead log has a row that cannot be read");
        return false;
    }
    return add(p, p->commit, p->index++, buf_str(&p->event), err);
}

static bool read_change(struct publisher *p, struct reader *r, struct err *err)
{
    switch (read_int(r, 1)) {
    case 'B':
        p->commit = read_int(r, 8);
        p->index = 0;
        return true;
    case 'R':
        read_relation(p, r);
        if (r->bad)
            err_set(err, "PG_PROTOCOL", "the outbox has columns that cannot be read");
        return !r->bad;
    case 'I':
        return read_insert(p, r, err);
    case 'C':
        read_int(r, 1);
        read_int(r, 8);
        p->accepted = read_int(r, 8);
        return true;
    default:
        return true;
    }
}

/* ---- the stream of the write-ahead log ---- */

static void put_u64(char *to, uint64_t v)
{
    for (int i = 7; i >= 0; i--, v >>= 8)
        to[i] = (char)v;
}

/* Written, flushed and applied are one: what Redis has accepted. */
static bool send_feedback(struct publisher *p, struct err *err)
{
    char m[34] = {'r'};
    for (int i = 0; i < 3; i++)
        put_u64(m + 1 + i * 8, p->accepted);
    p->feedback_ms = now_ms();
    if (!save_last(p, err))
        return false;
    if (PQputCopyData(p->t->pg, m, sizeof m) == 1 && PQflush(p->t->pg) == 0)
        return true;
    err_set(err, "PG_UNAVAILABLE", "%s", PQerrorMessage(p->t->pg));
    return false;
}

static bool prune(struct publisher *p, struct err *err)
{
    if (p->prune_ms && now_ms() - p->prune_ms < PRUNE_MS)
        return true;
    p->prune_ms = now_ms();
    return events_pg_do(p->plain, "delete from outbox where created_at < now() - interval '7 days'", 0, NULL, err);
}

/* A keepalive comes when all that was committed has been sent, so the slot may move on past other databases' log. */
static bool read_keepalive(struct publisher *p, struct reader *r, struct err *err)
{
    uint64_t end = read_int(r, 8);
    if (end > p->accepted)
        p->accepted = end;
    read_int(r, 8);
    return (!read_int(r, 1) || send_feedback(p, err)) && prune(p, err);
}

static bool read_message(struct publisher *p, const char *m, int n, struct err *err)
{
    struct reader r = {(const unsigned char *)m, (const unsigned char *)m + n, false};
    uint64_t kind = read_int(&r, 1);
    if (kind == 'k')
        return read_keepalive(p, &r, err);
    read_bytes(&r, 24);
    return kind != 'w' || read_change(p, &r, err);
}

/* True when there may be more at once. */
static bool wait_log(struct publisher *p, struct err *err)
{
    struct pollfd fd = {.fd = PQsocket(p->t->pg), .events = POLLIN};
    if (poll(&fd, 1, POLL_MS) < 0 && errno != EINTR)
        return err_set(err, "PG_UNAVAILABLE", "poll: %s", strerror(errno)) == 0;
    if (PQconsumeInput(p->t->pg))
        return true;
    err_set(err, "PG_UNAVAILABLE", "%s", PQerrorMessage(p->t->pg));
    return false;
}

static bool follow_log(struct publisher *p, struct err *err)
{
    for (;;) {
        char *m = NULL;
        int n = atomic_load(p->t->stop) ? 0 : PQgetCopyData(p->t->pg, &m, 1);
        bool ok = true;
        if (n > 0)
            ok = read_message(p, m, n, err);
        else if (n < 0)
            ok = err_set(err, "PG_UNAVAILABLE", "%s", PQerrorMessage(p->t->pg)) == 0;
        PQfreemem(m);
        bool idle = n == 0, stop = atomic_load(p->t->stop);
        bool due = now_ms() - p->feedback_ms > FEEDBACK_MS;
        if (ok && (stop || due || (idle && p->saved != p->last)))
            ok = send_feedback(p, err) && (!due || still_there(p, err));
        if (!ok || stop)
            return ok;
        if (idle && !wait_log(p, err))
            return false;
    }
}

static bool follow(struct publisher *p, struct err *err)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "START_REPLICATION SLOT \"%s\" LOGICAL 0/0 (proto_version '1', publication_names 'paintbox_events')",
             p->slot);
    PGresult *r = events_pg_check(p->t->pg, PQexec(p->t->pg, sql), PGRES_COPY_BOTH, err);
    if (!r)
        return false;
    PQclear(r);
    p->feedback_ms = now_ms();
    p->accepted = 0;
    p->following = true;
    bool ok = follow_log(p, err);
    p->following = false;
    return ok;
}

static bool publish_once(struct publisher *p, struct err *err)
{
    p->t->pg = events_pg_open(p->t, "database", err);
    p->plain = p->t->pg ? events_pg_open(p->t, "", err) : NULL;
    bool ok = p->plain && ready_slot(p, err) && follow(p, err);
    PQfinish(p->t->pg);
    PQfinish(p->plain);
    p->t->pg = p->plain = NULL;
    events_redis_close(p->t);
    return ok;
}

void publisher_run(struct events_thread *t)
{
    struct publisher p = {.t = t};
    struct err err;
    char said[sizeof err.code] = "";
    snprintf(p.slot, sizeof p.slot, "%.*s_events", STR_ARG(t->options->database));
    buf_init(&p.event, EVENT_BYTES_MAX);
    do {
        if (publish_once(&p, &err))
            break;
        if (strcmp(err.code, SLOT_TAKEN) != 0 && strcmp(err.code, said) != 0 && !atomic_load(t->stop))
            log_warn("events of %.*s wait in the database: %s", STR_ARG(t->options->service), err.msg);
        snprintf(said, sizeof said, "%s", err.code);
    } while (events_sleep(t, RETRY_MS));
    buf_free(&p.event);
}
