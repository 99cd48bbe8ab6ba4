/* What publisher and consumer share: a thread with two blocking connections. */
#ifndef PAINTBOX_EVENTS_PRIVATE_H
#define PAINTBOX_EVENTS_PRIVATE_H

#include "base/buf.h"
#include "base/panic.h"
#include "events/events.h"

#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <stdatomic.h>

#define EVENT_BYTES_MAX (64u << 20)
#define STREAM_PREFIX "paintbox:events:"

struct events_thread {
    const struct events_options *options;
    atomic_bool *stop;
    PGconn *pg;
    redisContext *redis;
};

void publisher_run(struct events_thread *t);
void consumer_run(struct events_thread *t);

/* Sleeps in small steps; false when the thread is to end. */
bool events_sleep(const struct events_thread *t, int64_t ms);
/* Opens a connection to the service's database; `more` is added to the conninfo ("replication=database"). */
PGconn *events_pg_open(const struct events_thread *t, const char *more, struct err *err);
/* False with *err, and the connection closed, when Redis is away. */
bool events_redis_open(struct events_thread *t, struct err *err);
void events_redis_close(struct events_thread *t);
/* NULL with *err unless the result is `expected`; otherwise the caller clears it. */
PGresult *events_pg_check(PGconn *pg, PGresult *r, ExecStatusType expected, struct err *err);
PGresult *events_pg_exec(PGconn *pg, const char *sql, unsigned n, const char *const *params, struct err *err);
bool events_pg_do(PGconn *pg, const char *sql, unsigned n, const char *const *params, struct err *err);

#endif
