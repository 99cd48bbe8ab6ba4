/* Private to seed: rows in PostgreSQL's COPY text format, and a connection that takes them. */
#ifndef PAINTBOX_SERVICES_SEED_COPY_H
#define PAINTBOX_SERVICES_SEED_COPY_H

#include "base/buf.h"
#include "base/err.h"
#include "services/seed/world.h"

#include <libpq-fe.h>

#define COPY_BYTES_MAX (256u << 20)

void row_str(struct buf *b, struct str s); /* p NULL: SQL NULL */
void row_c(struct buf *b, const char *s);  /* NULL: SQL NULL */
void row_int(struct buf *b, int64_t n);
void row_bool(struct buf *b, bool v);
void row_double(struct buf *b, double d);
void row_time(struct buf *b, int64_t us); /* 0: SQL NULL */
void row_day(struct buf *b, int64_t us);
void row_id(struct buf *b, enum seed_kind kind, uint64_t n);
void row_null(struct buf *b);
void row_end(struct buf *b);

/* Connects, refuses a database that has rows in `table`, and turns off triggers and foreign keys when the role may. */
PGconn *copy_open(struct str conninfo, const char *database, const char *table, struct err *err);
int copy_run(PGconn *conn, const char *sql, struct err *err);
/* Sends the rows into "table (columns)" and empties the buffer. */
int copy_rows(PGconn *conn, const char *table_and_columns, struct buf *rows, struct err *err);

#endif
