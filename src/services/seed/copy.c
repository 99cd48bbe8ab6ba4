#include "services/seed/copy.h"

#define SEND_CHUNK (1 << 20)

static void tab(struct buf *b)
{
    if (b->len && b->p[b->len - 1] != '\n')
        buf_add_char(b, '\t');
}

void row_str(struct buf *b, struct str s)
{
    tab(b);
    if (!s.p) {
        buf_add(b, STR("\\N"));
        return;
    }
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        if (c == '\\' || c == '\t' || c == '\n' || c == '\r')
            buf_add_char(b, '\\');
        buf_add_char(b, c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : c);
    }
}

void row_c(struct buf *b, const char *s)
{
    row_str(b, str_c(s));
}

void row_int(struct buf *b, int64_t n)
{
    tab(b);
    buf_add_i64(b, n);
}

void row_bool(struct buf *b, bool v)
{
    tab(b);
    buf_add_char(b, v ? 't' : 'f');
}

void row_double(struct buf *b, double d)
{
    tab(b);
    buf_printf(b, "%.6f", d);
}

void row_time(struct buf *b, int64_t us)
{
    char text[TIMESTAMP_RFC3339_LEN + 1];
    if (us == 0) {
        row_null(b);
        return;
    }
    timestamp_format(us, text);
    row_c(b, text);
}

void row_day(struct buf *b, int64_t us)
{
    char text[11];
    date_format((int32_t)(us / DAY_US), text);
    row_c(b, text);
}

void row_id(struct buf *b, enum seed_kind kind, uint64_t n)
{
    char id[UUID_LEN + 1];
    seed_id(kind, n, id);
    row_c(b, id);
}

void row_null(struct buf *b)
{
    row_str(b, STR_NONE);
}

void row_end(struct buf *b)
{
    buf_add_char(b, '\n');
}

static int refused(PGconn *conn, const char *what, struct err *err)
{
    return err_set(err, "SEED_FAILED", "%s: %s", what, PQerrorMessage(conn));
}

int copy_run(PGconn *conn, const char *sql, struct err *err)
{
    PGresult *r = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(r);
    PQclear(r);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? 0 : refused(conn, sql, err);
}

static int check_empty(PGconn *conn, const char *database, const char *table, struct err *err)
{
    char sql[128];
    snprintf(sql, sizeof sql, "select exists (select 1 from %s)", table);
    PGresult *r = PQexec(conn, sql);
    bool known = PQresultStatus(r) == PGRES_TUPLES_OK, empty = known && PQgetvalue(r, 0, 0)[0] == 'f';
    PQclear(r);
    if (!known)
        return err_set(err, "SEED_FAILED", "%s is not migrated: run `paintbox migrate up` first (%s)", database,
                       PQerrorMessage(conn));
    if (!empty)
        return err_set(err, "SEED_NOT_EMPTY", "%s already has rows in %s: demo data goes into empty databases only",
                       database, table);
    return 0;
}

/* The server's notices are for its log. */
static void quiet(void *arg, const char *message) {}

PGconn *copy_open(struct str conninfo, const char *database, const char *table, struct err *err)
{
    char text[2048];
    snprintf(text, sizeof text, "%.*s dbname=%s application_name=paintbox-seed", STR_ARG(conninfo), database);
    PGconn *conn = PQconnectdb(text);
    if (PQstatus(conn) != CONNECTION_OK) {
        err_set(err, "PG_UNAVAILABLE", "%s: %s", database, PQerrorMessage(conn));
        PQfinish(conn);
        return NULL;
    }
    PQsetNoticeProcessor(conn, quiet, NULL);
    PQclear(PQexec(conn, "set session_replication_role = replica"));
    PQclear(PQexec(conn, "set synchronous_commit = off"));
    if (table && check_empty(conn, database, table, err) < 0) {
        PQfinish(conn);
        return NULL;
    }
    return conn;
}

static int send_rows(PGconn *conn, const struct buf *rows)
{
    for (size_t at = 0; at < rows->len; at += SEND_CHUNK) {
        size_t n = rows->len - at < SEND_CHUNK ? rows->len - at : SEND_CHUNK;
        if (PQputCopyData(conn, rows->p + at, (int)n) != 1)
            return -1;
    }
    return PQputCopyEnd(conn, NULL) == 1 ? 0 : -1;
}

int copy_rows(PGconn *conn, const char *table_and_columns, struct buf *rows, struct err *err)
{
    char sql[1024];
    snprintf(sql, sizeof sql, "copy %s from stdin", table_and_columns);
    if (buf_overflowed(rows))
        return err_set(err, "SEED_FAILED", "%s: the rows do not fit into the buffer", table_and_columns);
    PGresult *r = PQexec(conn, sql);
    bool ready = PQresultStatus(r) == PGRES_COPY_IN;
    PQclear(r);
    if (!ready || send_rows(conn, rows) < 0)
        return refused(conn, sql, err);
    bool ok = true;
    while ((r = PQgetResult(conn))) {
        ok = ok && PQresultStatus(r) == PGRES_COMMAND_OK;
        PQclear(r);
    }
    buf_clear(rows);
    return ok ? 0 : refused(conn, sql, err);
}
