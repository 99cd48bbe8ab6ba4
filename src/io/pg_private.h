/* One PostgreSQL connection in pipeline mode, as the pool sees it. Nobody outside of src/io/pg*.c includes this. */
#ifndef PAINTBOX_IO_PG_PRIVATE_H
#define PAINTBOX_IO_PG_PRIVATE_H

#include "base/map.h"
#include "io/loop_uv.h"
#include "io/pg.h"

#include <libpq-fe.h>

#define PG_STATEMENTS_MAX 4096 /* per pool; statements past it are sent without a name */
#define PG_PARAMS_MAX 64

/* A statement's text, once per pool. */
struct pg_prepared {
    unsigned id;
    char name[24];
    const char *sql;
    const struct pg_column *columns; /* of the last result */
    unsigned n_columns;
};

/* A query on its way. Malloced, because it outlives a caller that gave up. */
struct pg_call {
    struct pg_call *next;
    struct fiber_wait wait;
    struct arena *arena; /* NULL: nobody waits any more */
    struct pg_prepared *prepared;
    struct pg_result *result;
    struct err err;
    bool failed;
    bool preparing;  /* a Parse goes before it */
    bool commits;    /* the last result must be COMMIT */
    bool retry;      /* the server did not run it: it may be sent again */
    unsigned before; /* results that precede the wanted one: BEGIN, Parse */
};

enum pg_state {
    PG_CONN_READY,   /* takes queries */
    PG_CONN_RETIRED, /* answers what it has, takes no more, is closed then */
    PG_CONN_CLOSED,  /* no socket any more */
};

#define PG_CONN_MAGIC 0x7067636fu

struct pg_conn {
    uint32_t magic;
    enum pg_state state;
    struct pg_pool *pool;
    PGconn *pq;
    uv_poll_t poll;
    int events;
    struct pg_call *head, *tail;
    unsigned depth;                            /* calls in the queue */
    struct pg_tx *tx;                          /* whose transaction has it */
    bool dying;                                /* the server has said that it ends the session */
    bool cancelling;                           /* a cancel request is out: it may hit the wrong query */
    uint64_t prepared[PG_STATEMENTS_MAX / 64]; /* ids that this connection knows */
};

#define PG_POOL_MAGIC 0x7067706fu

struct pg_tx {
    struct pg_pool *pool;
    struct pg_conn *conn; /* NULL: lost */
    struct arena *arena;
    bool begun, failed;
};

struct pg_waiter {
    struct fiber_wait wait;
    bool tx;
    struct pg_waiter *next;
};

struct pg_pool {
    uint32_t magic;
    struct loop *loop;
    struct loop_hook hook;
    struct arena *arena; /* statements and columns */
    char *conninfo, *database;
    unsigned max;
    int64_t statement_timeout_us;
    bool unnamed, closing;
    unsigned refs; /* the owner, queries, transactions, and fibers that open or cancel */

    struct pg_conn **conns;
    unsigned n_conns, opening, n_tx;
    struct pg_waiter *waiters, **waiters_end;
    unsigned tx_waiting;

    unsigned failures; /* connects in a row */
    int64_t retry_at_us;
    struct err last_err;

    struct map statements; /* text → struct pg_prepared */
    struct pg_call *free_calls;
    uint64_t statements_sent, errors, reconnects;
};

void pg_pool_unref(struct pg_pool *p);
/* Somebody who waits for a connection looks again. */
void pg_pool_wake(struct pg_pool *p);
void pg_call_free(struct pg_pool *p, struct pg_call *call);

/* Takes over an open connection. NULL with *err. */
struct pg_conn *pg_conn_new(struct pg_pool *pool, PGconn *pq, struct err *err);

struct pg_send {
    const char *begin;            /* a statement before the wanted one; NULL: none */
    struct pg_prepared *prepared; /* NULL: none */
    const char *const *params;
    unsigned n_params;
    const char *end; /* "commit" or "rollback" after it; NULL: nothing */
};
/* Puts the call into the queue and its messages on the wire. On failure the connection is closed and the call failed.
 */
void pg_conn_send(struct pg_conn *c, struct pg_call *call, const struct pg_send *what);
/* Takes no more queries; closed when the last one has been answered, at once when there is none. */
void pg_conn_retire(struct pg_conn *c);
/* Fails what is in the queue and closes. */
void pg_conn_break(struct pg_conn *c, const char *why);
/* Asks the server, from a helper thread, to stop what the connection runs. */
void pg_conn_cancel(struct pg_conn *c);

#endif
