#include "base/log.h"
#include "events/private.h"
#include "events/stream.h"
#include "json/json.h"

#include <inttypes.h>
#include <time.h>

#define RETRY_MS 1000
#define SOURCES_MAX 16
#define BATCH "100"
#define BLOCK_MS "500"
#define FIRST_PAUSE_MS 100
#define SAY_EVERY_S (STREAM_READER_S / 3)

struct source {
    const char *name;
    char key[96];  /* of its stream */
    char last[STREAM_ID_MAX]; /* the position in the database */
    char seen[STREAM_ID_MAX]; /* how far it was read: events without a handler move this alone */
};

struct consumer {
    struct events_thread *t;
    struct source sources[SOURCES_MAX];
    unsigned n;
    time_t said; /* when the streams' readers were last told of us */
};

struct delivery {
    struct source *source;
    const char *id;
    struct str kind, event;
};

static bool handles(const struct event_handler *h, const struct delivery *d)
{
    size_t n = strlen(h->kind);
    if (strcmp(h->source, d->source->name) != 0)
        return false;
    return n && h->kind[n - 1] == '*' ? str_starts(d->kind, str_mem(h->kind, n - 1)) : str_eq_c(d->kind, h->kind);
}

/* ---- the position ---- */

static bool make_tables(struct consumer *c, struct err *err)
{
    static const char *const SQL[] = {
        "create table if not exists event_positions (source text primary key, last_id text not null, "
        "updated_at timestamptz not null default now())",
        "create table if not exists event_failures (id bigint generated always as identity primary key, source text not null, "
        "event_id text not null, kind text, event text not null, error text not null, attempts int not null, "
        "at timestamptz not null default now())"};
    for (size_t i = 0; i < PB_ARRAY_LEN(SQL); i++)
        if (!events_pg_do(c->t->pg, SQL[i], 0, NULL, err))
            return false;
    return true;
}

static bool read_position(struct consumer *c, struct source *s, struct err *err)
{
    const char *params[] = {s->name};
    PGresult *r = NULL;
    if (events_pg_do(c->t->pg,
                     "insert into event_positions (source, last_id) values ($1, '0-0') on conflict do nothing", 1,
                     params, err))
        r = events_pg_exec(c->t->pg, "select last_id from event_positions where source = $1", 1, params, err);
    if (!r)
        return false;
    snprintf(s->last, sizeof s->last, "%s", PQgetvalue(r, 0, 0));
    snprintf(s->seen, sizeof s->seen, "%s", s->last);
    PQclear(r);
    return true;
}

/* Only from where this process believes it to be: of two processes that read one event, one applies it. */
static bool move_position(struct consumer *c, struct source *s, const char *id, struct err *err)
{
    const char *params[] = {s->name, id, s->last};
    PGresult *r = events_pg_exec(c->t->pg,
                                 "update event_positions set last_id = $2, updated_at = now() where source = $1 and last_id = $3", 3,
                                 params, err);
    if (!r)
        return false;
    bool moved = strcmp(PQcmdTuples(r), "1") == 0;
    PQclear(r);
    if (!moved)
        err_set(err, "EVENT_MOVED", "another process consumes");
    return moved;
}

static void moved_to(struct source *s, const char *id)
{
    size_t n = strnlen(id, STREAM_ID_MAX - 1);
    memmove(s->seen, id, n); /* which may be `seen` itself */
    s->seen[n] = 0;
    memcpy(s->last, s->seen, n + 1);
}

/* ---- one event ---- */

static bool run_handlers(struct consumer *c, const struct delivery *d, struct err *err)
{
    struct buf sql;
    const char *params[] = {d->event.p};
    bool ok = true;
    for (const struct event_handler *h = c->t->options->handlers; ok && h->source; h++) {
        if (!handles(h, d))
            continue;
        buf_init(&sql, 1u << 20);
        buf_add(&sql, h->run->sql);
        buf_add_char(&sql, 0);
        ok = events_pg_do(c->t->pg, sql.p, 1, params, err);
        buf_free(&sql);
    }
    return ok;
}

static bool apply(struct consumer *c, const struct delivery *d, struct err *err)
{
    if (events_pg_do(c->t->pg, "begin", 0, NULL, err) && move_position(c, d->source, d->id, err) &&
        run_handlers(c, d, err) && events_pg_do(c->t->pg, "commit", 0, NULL, err)) {
        moved_to(d->source, d->id);
        return true;
    }
    PQclear(PQexec(c->t->pg, "rollback"));
    return false;
}

static bool park(struct consumer *c, const struct delivery *d, const struct err *why, struct err *err)
{
    char kind[128], attempts[16];
    const char *params[] = {d->source->name, d->id, kind, d->event.p, why->msg, attempts};
    snprintf(kind, sizeof kind, "%.*s", STR_ARG(d->kind));
    snprintf(attempts, sizeof attempts, "%d", EVENT_ATTEMPTS);
    if (events_pg_do(c->t->pg, "begin", 0, NULL, err) && move_position(c, d->source, d->id, err) &&
        events_pg_do(c->t->pg,
                     "insert into event_failures (source, event_id, kind, event, error, attempts) values ($1, $2, $3, $4, $5, "
                     "$6::int)",
                     6, params, err) &&
        events_pg_do(c->t->pg, "commit", 0, NULL, err)) {
        log_error("event %s of %s (%s) is put aside: %s", d->id, d->source->name, kind, why->msg);
        moved_to(d->source, d->id);
        return true;
    }
    PQclear(PQexec(c->t->pg, "rollback"));
    return false;
}

/* False when the connection, not the event, is at fault, or the thread is to end. */
static bool deliver(struct consumer *c, const struct delivery *d, struct err *err)
{
    int64_t pause = FIRST_PAUSE_MS;
    for (int i = 0; i < EVENT_ATTEMPTS; i++, pause *= 2) {
        if (apply(c, d, err))
            return true;
        if (PQstatus(c->t->pg) != CONNECTION_OK || strcmp(err->code, "EVENT_MOVED") == 0)
            return false;
        if (i + 1 < EVENT_ATTEMPTS && !events_sleep(c->t, pause))
            return false;
    }
    struct err why = *err;
    return park(c, d, &why, err);
}

static bool wanted(struct consumer *c, const struct delivery *d)
{
    for (const struct event_handler *h = c->t->options->handlers; h->source; h++)
        if (handles(h, d))
            return true;
    return false;
}

static bool take_entry(struct consumer *c, struct source *s, const redisReply *entry, struct err *err)
{
    if (entry->elements != 2 || entry->element[1]->elements < 2) {
        err_set(err, "REDIS_PROTOCOL", "an entry of %s is no event", s->key);
        return false;
    }
    const redisReply *text = entry->element[1]->element[1];
    struct delivery d = {.source = s, .id = entry->element[0]->str, .event = str_mem(text->str, text->len)};
    struct arena *a = arena_new(EVENT_BYTES_MAX * 2);
    struct err bad;
    d.kind = json_get_str(json_parse(a, d.event, &bad), STR("kind"));
    bool ok = true;
    if (d.kind.p && wanted(c, &d))
        ok = deliver(c, &d, err);
    else
        snprintf(s->seen, sizeof s->seen, "%s", d.id);
    arena_free(&a);
    return ok;
}

/* ---- reading ---- */

static struct source *source_of_key(struct consumer *c, const char *key)
{
    for (unsigned i = 0; i < c->n; i++)
        if (strcmp(c->sources[i].key, key) == 0)
            return &c->sources[i];
    return NULL;
}

/* The publishers hear how far we are: they keep what a reader that is alive has not read. Who was silent for too long,
 * at the start or in a handler that waited, looks whether something went meanwhile; told first, so that what is there
 * then stays. */
static bool say_positions(struct consumer *c, struct err *err)
{
    time_t now = time(NULL), silent = now - c->said;
    bool ok = true;
    if (silent < SAY_EVERY_S)
        return true;
    for (unsigned i = 0; ok && i < c->n; i++)
        ok = stream_reader_at(c->t, c->sources[i].name, c->sources[i].last, err);
    for (unsigned i = 0; ok && silent >= STREAM_READER_S && i < c->n; i++)
        ok = stream_reader_check(c->t, c->sources[i].name, c->sources[i].last, err);
    c->said = now;
    return ok;
}

static redisReply *read_streams(struct consumer *c)
{
    const char *argv[6 + 2 * SOURCES_MAX] = {"XREAD", "COUNT", BATCH, "BLOCK", BLOCK_MS, "STREAMS"};
    for (unsigned i = 0; i < c->n; i++) {
        argv[6 + i] = c->sources[i].key;
        argv[6 + c->n + i] = c->sources[i].seen;
    }
    return redisCommandArgv(c->t->redis, (int)(6 + 2 * c->n), argv, NULL);
}

static bool take_batch(struct consumer *c, struct err *err)
{
    redisReply *r = read_streams(c);
    if (!r || r->type == REDIS_REPLY_ERROR) {
        err_set(err, "REDIS_UNAVAILABLE", "%s", r ? r->str : c->t->redis->errstr);
        if (r)
            freeReplyObject(r);
        return false;
    }
    bool ok = true;
    for (size_t i = 0; ok && r->type == REDIS_REPLY_ARRAY && i < r->elements; i++) {
        const redisReply *stream = r->element[i];
        struct source *s = source_of_key(c, stream->element[0]->str);
        for (size_t k = 0; ok && s && k < stream->element[1]->elements && !atomic_load(c->t->stop); k++)
            ok = take_entry(c, s, stream->element[1]->element[k], err);
        if (ok && s && strcmp(s->seen, s->last) != 0 && (ok = move_position(c, s, s->seen, err)))
            moved_to(s, s->seen);
    }
    freeReplyObject(r);
    return ok;
}

static bool consume_once(struct consumer *c, struct err *err)
{
    c->t->pg = events_pg_open(c->t, "", err);
    bool ok = c->t->pg && make_tables(c, err);
    for (unsigned i = 0; ok && i < c->n; i++)
        ok = read_position(c, &c->sources[i], err);
    ok = ok && events_redis_open(c->t, err);
    c->said = 0;
    while (ok && !atomic_load(c->t->stop))
        ok = say_positions(c, err) && take_batch(c, err);
    PQfinish(c->t->pg);
    c->t->pg = NULL;
    events_redis_close(c->t);
    return ok;
}

static void find_sources(struct consumer *c)
{
    for (const struct event_handler *h = c->t->options->handlers; h->source; h++) {
        bool known = false;
        for (unsigned i = 0; i < c->n; i++)
            known |= strcmp(c->sources[i].name, h->source) == 0;
        if (known || c->n == SOURCES_MAX)
            continue;
        struct source *s = &c->sources[c->n++];
        s->name = h->source;
        snprintf(s->key, sizeof s->key, STREAM_PREFIX "%s", s->name);
    }
}

void consumer_run(struct events_thread *t)
{
    struct consumer c = {.t = t};
    struct err err;
    char said[sizeof err.code] = "";
    find_sources(&c);
    do {
        if (consume_once(&c, &err))
            break;
        if (strcmp(err.code, said) != 0 && !atomic_load(t->stop))
            log_warn("events for %.*s wait: %s", STR_ARG(t->options->service), err.msg);
        snprintf(said, sizeof said, "%s", err.code);
    } while (events_sleep(t, RETRY_MS));
}
