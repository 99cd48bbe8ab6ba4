/* PostgreSQL over libpq, without blocking: a pool of connections per loop, pipeline mode, prepared statements.
 *
 * Reads outside of a transaction share connections: queries of several fibers are pipelined on one connection, each with
 * its own sync point, so that a request of n statements costs about one round trip. A transaction has a connection for
 * itself. Parameters and results are text. Statements are prepared once per connection, under a name made from their text.
 *
 *     static const struct pg_statement BY_ID = {.name = "customer_by_id", .sql = STR_INIT("select … where id = $1::uuid")};
 *     struct pg_result *r = pg_query(pool, arena, &BY_ID, params, 1, &err);
 *     for (size_t i = 0; i < r->n_rows; i++) use(pg_get(r, i, 0));
 *
 * Errors: code is the SQLSTATE ("23505"), or PG_UNAVAILABLE, PG_TIMEOUT, PG_CANCELLED. A broken connection is dropped and
 * opened again with back-off; queries that were on it fail, and are never sent twice. On the fiber's deadline a
 * cancel request is sent and the connection is dropped from the pool.
 */
#ifndef PAINTBOX_IO_PG_H
#define PAINTBOX_IO_PG_H

#include "base/arena.h"
#include "io/fiber.h"

struct pg_pool;

struct pg_options {
    struct str conninfo;    /* libpq's "host=… dbname=…" */
    unsigned connections;   /* per loop, 1 … 64; 0: 4 */
    int64_t statement_timeout_us; /* 0: 30 s */
    bool named_statements;  /* false behind a PgBouncer older than 1.21 */
};

struct pg_pool *pg_pool_new(struct loop *loop, const struct pg_options *options);
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

/* In the arena; cells are slices of one copy of the reply. */
struct pg_result {
    size_t n_rows;
    unsigned n_columns;
    struct pg_column *columns;
    struct str *cells;      /* row by row; p == NULL is NULL */
    int64_t affected;       /* rows changed; -1 when the statement says nothing */
};

static inline struct str pg_get(const struct pg_result *r, size_t row, unsigned column)
{
    return r->cells[row * r->n_columns + column];
}
int pg_column_index(const struct pg_result *r, struct str name); /* -1 when absent */

/* Parks. NULL on error. */
struct pg_result *pg_query(struct pg_pool *p, struct arena *a, const struct pg_statement *st, const struct pg_param *params,
                           unsigned n_params, struct err *err);

struct pg_tx;
struct pg_tx *pg_begin(struct pg_pool *p, struct arena *a, struct err *err);
struct pg_result *pg_tx_query(struct pg_tx *tx, const struct pg_statement *st, const struct pg_param *params, unsigned n_params,
                              struct err *err);
/* After an error the transaction can only be rolled back. Commit and rollback free it and null the pointer. */
int pg_commit(struct pg_tx **tx, struct err *err);
void pg_rollback(struct pg_tx **tx);

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
