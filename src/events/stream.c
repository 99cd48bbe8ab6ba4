#include "events/stream.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <time.h>

#define STEPS 10 /* in which events_kept is removed */

int stream_compare(const char *a, const char *b)
{
    char *ra, *rb;
    uint64_t x = strtoull(a, &ra, 10), y = strtoull(b, &rb, 10);
    if (x == y) {
        x = *ra == '-' ? strtoull(ra + 1, NULL, 10) : 0;
        y = *rb == '-' ? strtoull(rb + 1, NULL, 10) : 0;
    }
    return (x > y) - (x < y);
}

/* ---- commands ---- */

static redisReply *failed(struct events_thread *t, redisReply *r, struct err *err)
{
    err_set(err, "REDIS_UNAVAILABLE", "%s", r && r->type == REDIS_REPLY_ERROR ? r->str : t->redis->errstr);
    if (r)
        freeReplyObject(r);
    else
        events_redis_close(t);
    return NULL;
}

/* NULL with *err for what is no answer. Errors that Redis answers are in the reply, for the caller to read. */
static redisReply *command(struct events_thread *t, struct err *err, const char *format, ...)
{
    va_list args;
    if (!events_redis_open(t, err))
        return NULL;
    va_start(args, format);
    redisReply *r = redisvCommand(t->redis, format, args);
    va_end(args);
    return r ? r : failed(t, NULL, err);
}

/* The same when only `type` will do; it is returned for reading and freed by the caller. */
static redisReply *expect(struct events_thread *t, redisReply *r, int type, struct err *err)
{
    return !r || r->type == type ? r : failed(t, r, err);
}

static bool done(struct events_thread *t, redisReply *r, struct err *err)
{
    if (r && r->type == REDIS_REPLY_ERROR)
        r = failed(t, r, err);
    if (r)
        freeReplyObject(r);
    return r != NULL;
}

static struct str service(const struct events_thread *t)
{
    return t->options->service;
}

/* ---- the publisher's side ---- */

#define KEY STREAM_PREFIX "%b"
#define KEY_OF(t) service(t).p, service(t).len

bool stream_add(struct events_thread *t, uint64_t commit, uint64_t index, struct str event, struct err *err)
{
    char id[STREAM_ID_MAX];
    snprintf(id, sizeof id, "%" PRIu64 "-%" PRIu64, commit, index);
    redisReply *r = command(t, err, "XADD " KEY " %s e %b", KEY_OF(t), id, event.p, event.len);
    if (r && r->type == REDIS_REPLY_ERROR && strstr(r->str, "equal or smaller")) {
        freeReplyObject(r);
        return true;
    }
    return done(t, r, err);
}

bool stream_end(struct events_thread *t, uint64_t *end, struct err *err)
{
    redisReply *r = command(t, err, "XINFO STREAM " KEY, KEY_OF(t));
    *end = 0;
    if (r && r->type == REDIS_REPLY_ERROR && strstr(r->str, "no such key")) {
        freeReplyObject(r);
        return true;
    }
    if (!(r = expect(t, r, REDIS_REPLY_ARRAY, err)))
        return false;
    for (size_t i = 0; i + 1 < r->elements; i += 2)
        if (r->element[i]->str && r->element[i + 1]->str && strcmp(r->element[i]->str, "last-generated-id") == 0)
            *end = strtoull(r->element[i + 1]->str, NULL, 10);
    freeReplyObject(r);
    return true;
}

bool stream_drop(struct events_thread *t, struct err *err)
{
    return done(t, command(t, err, "DEL " KEY " " KEY ":trimmed", KEY_OF(t), KEY_OF(t)), err);
}

unsigned stream_trim_step(const struct events_thread *t)
{
    return t->options->events_kept < STEPS ? 1 : t->options->events_kept / STEPS;
}

static bool stream_length(struct events_thread *t, long long *n, struct err *err)
{
    redisReply *r = expect(t, command(t, err, "XLEN " KEY, KEY_OF(t)), REDIS_REPLY_INTEGER, err);
    if (!r)
        return false;
    *n = r->integer;
    freeReplyObject(r);
    return true;
}

/* The least position of the readers that are alive; empty when there is none. */
static bool slowest_reader(struct events_thread *t, char *id, struct err *err)
{
    redisReply *r = expect(t, command(t, err, "HVALS " KEY ":readers", KEY_OF(t)), REDIS_REPLY_ARRAY, err);
    *id = 0;
    if (!r)
        return false;
    for (size_t i = 0; i < r->elements; i++) {
        char at[STREAM_ID_MAX];
        long long seconds;
        if (sscanf(r->element[i]->str, "%47s %lld", at, &seconds) != 2 || time(NULL) - seconds > STREAM_READER_S)
            continue;
        if (!*id || stream_compare(at, id) < 0)
            memcpy(id, at, sizeof at);
    }
    freeReplyObject(r);
    return true;
}

/* The id of the n-th entry, or of the last when there are fewer; empty for an empty stream. */
static bool nth_entry(struct events_thread *t, unsigned n, char *id, struct err *err)
{
    redisReply *r = expect(t, command(t, err, "XRANGE " KEY " - + COUNT %u", KEY_OF(t), n), REDIS_REPLY_ARRAY, err);
    *id = 0;
    if (!r)
        return false;
    if (r->elements && r->element[r->elements - 1]->elements)
        snprintf(id, STREAM_ID_MAX, "%s", r->element[r->elements - 1]->element[0]->str);
    freeReplyObject(r);
    return true;
}

/* `trimmed` first: a crash in between makes a reader ask for too much, never miss anything. */
static bool trim_to(struct events_thread *t, const char *id, struct err *err)
{
    return done(t, command(t, err, "SET " KEY ":trimmed %s", KEY_OF(t), id), err) &&
           done(t, command(t, err, "XTRIM " KEY " MINID %s", KEY_OF(t), id), err);
}

bool stream_trim(struct events_thread *t, bool *ahead, struct err *err)
{
    unsigned kept = t->options->events_kept;
    char slowest[STREAM_ID_MAX], oldest[STREAM_ID_MAX];
    long long n = 0;
    *ahead = false;
    while (stream_length(t, &n, err)) {
        if (n <= kept)
            return true;
        if (!slowest_reader(t, slowest, err) || !nth_entry(t, stream_trim_step(t), oldest, err))
            return false;
        if (*slowest && stream_compare(slowest, oldest) < 0) {
            *ahead = n > (long long)kept * STREAM_AHEAD;
            return true;
        }
        if (!trim_to(t, oldest, err))
            return false;
    }
    return false;
}

bool stream_replay_asked(struct events_thread *t, bool *asked, struct err *err)
{
    redisReply *r = expect(t, command(t, err, "EXISTS " KEY ":replay", KEY_OF(t)), REDIS_REPLY_INTEGER, err);
    *asked = r && r->integer;
    if (r)
        freeReplyObject(r);
    return r != NULL;
}

bool stream_replay_taken(struct events_thread *t, struct err *err)
{
    return done(t, command(t, err, "DEL " KEY ":replay", KEY_OF(t)), err);
}

/* ---- a reader's side ---- */

bool stream_reader_at(struct events_thread *t, const char *source, const char *id, struct err *err)
{
    char at[STREAM_ID_MAX + 24];
    snprintf(at, sizeof at, "%s %lld", id, (long long)time(NULL));
    return done(t, command(t, err, "HSET " STREAM_PREFIX "%s:readers %b %s", source, KEY_OF(t), at), err);
}

bool stream_reader_check(struct events_thread *t, const char *source, const char *id, struct err *err)
{
    redisReply *r = command(t, err, "GET " STREAM_PREFIX "%s:trimmed", source);
    if (!r || r->type == REDIS_REPLY_ERROR)
        return done(t, r, err);
    bool gone = r->type == REDIS_REPLY_STRING && stream_compare(r->str, id) > 0;
    freeReplyObject(r);
    if (!gone)
        return true;
    log_warn("%.*s was away for longer than the events of %s are kept: they are asked for again", STR_ARG(service(t)),
             source);
    return done(t, command(t, err, "SET " STREAM_PREFIX "%s:replay %b", source, KEY_OF(t)), err);
}
