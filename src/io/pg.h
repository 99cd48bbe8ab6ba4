/* PostgreSQL over libpq, without blocking: a pool of connections per loop, pipeline mode, prepared statements.
 *
 * Reads outside of a transaction share connections: queries of several fibers are pipelined on one connection, each
 * with its own sync point, so that a request of n statements costs about one round trip. A transaction has a connection
 * for itself. Parameters and results are text. Statements are prepared once per connection, under a name made from
 * their text.
 *
 *     static const struct pg_statement BY_ID = {
 *         .name = "customer_by_id", .sql = STR_INIT("select … where id = $1::uuid")};
 *     struct pg_result *r = pg_query(pool, arena, &BY_ID, params, 1, &err);
 *     for (size_t i = 0; i < r->n_rows; i++)
 *         use(pg_get(r, i, 0));
 *
 * Errors: code is the SQLSTATE ("23505"), or PG_UNAVAILABLE, PG_TIMEOUT, PG_CANCELLED, PG_COMMIT_UNKNOWN. A broken
 * connection is dropped and opened again when it is next needed, with back-off; queries that were on it fail and are
 * never sent twice, except those outside of a transaction of which the server says that it has not run them or has
 * rolled them back. On the fiber's deadline a cancel request is sent and the connection is dropped from the pool as
 * soon as the queries of others on it have been answered.
 */
#ifndef PAINTBOX_IO_PG_H
#define PAINTBOX_IO_PG_H

#include "base/arena.h"
#include "io/fiber.h"

struct pg_pool;

struct pg_options {
    struct str conninfo;          /* libpq's "host=… dbname=…" or a URI */
    struct str database;          /* takes the place of the one in conninfo; may be empty */
    unsigned connections;         /* per loop, 2 … 64; 0: 4. One of them is never used for transactions */
    int64_t statement_timeout_us; /* 0: 30 s */
    bool unnamed_statements;      /* true behind a PgBouncer older than 1.21 */
};

/* Connects when the first query comes. */
struct pg_pool *pg_pool_new(struct loop *loop, const struct pg_options *options);
/* On the loop's thread, or after the loop has ended. Queries and transactions that still run fail with
 * PG_UNAVAILABLE. */
void pg_pool_free(struct pg_pool **p);

struct pg_statement {
    const char *name;
    struct str sql;
};

/* NULL text (p == NULL) is SQL NULL. */
struct pg_param {
    struct str text;
};

struct pg_column {
    struct str name;
    uint32_t oid;
};

/* In the arena; cells are slices of one copy of the reply, each followed by a NUL. */
struct pg_result {
    size_t n_rows;
    unsigned n_columns;
    const struct pg_column *columns; /* the pool's, for as long: one for all results of a statement */
    struct str *cells;               /* row by row; p == NULL is NULL */
    int64_t affected;                /* rows changed; -1 when the statement says nothing */
};

static inline struct str pg_get(const struct pg_result *r, size_t row, unsigned column)
{
    return r->cells[row * r->n_columns + column];
}
int pg_column_index(const struct pg_result *r, struct str name); /* -1 when absent */

/* Parks. NULL on error. */
struct pg_result *pg_query(struct pg_pool *p, struct arena *a, const struct pg_statement *st,
                           const struct pg_param *params, unsigned n_params, struct err *err);

struct pg_tx;
struct pg_tx *pg_begin(struct pg_pool *p, struct arena *a, struct err *err);
struct pg_result *pg_tx_query(struct pg_tx *tx, const struct pg_statement *st, const struct pg_param *params,
                              unsigned n_params, struct err *err);
/* After an error the transaction can only be rolled back. Commit and rollback null the pointer. A commit whose answer
 * was lost is PG_COMMIT_UNKNOWN: it may or may not have happened. Rollback does not park. */
int pg_commit(struct pg_tx **tx, struct err *err);
void pg_rollback(struct pg_tx **tx);
/* A last statement and the commit in one round trip. */
int pg_commit_with(struct pg_tx **tx, const struct pg_statement *st, const struct pg_param *params, unsigned n_params,
                   struct err *err);

/* An array parameter: '{"a","b"}' from texts; p == NULL becomes NULL. */
struct str pg_array(struct arena *a, const struct str *items, size_t n);
/* The elements of a one-dimensional array in text form. False when it is malformed. */
bool pg_array_parse(struct arena *a, struct str text, struct str **items, size_t *n);

struct pg_stats {
    unsigned open, busy, waiting;
    uint64_t statements, errors, reconnects;
};
void pg_pool_stats(const struct pg_pool *p, struct pg_stats *out);

#endif
