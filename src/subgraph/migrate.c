#include "subgraph/migrate_private.h"

#include "base/encoding.h"
#include "base/timestamp.h"

#define LOCK_KEY "8097869528108789624" /* "paintbox" as a number: one runner per database */
#define LOCK_TIMEOUT "60s"

EMBEDDED_FILES(kit_migrations);

struct migration {
    struct str name; /* "0001_customers" */
    struct str up, down;
    char hash[SHA256_HEX_LEN + 1];
    bool applied, changed, unknown;
    struct str applied_at;
};

struct runner {
    PGconn *conn;
    struct arena *arena;
    const struct service *service;
    VEC(struct migration) list; /* in order */
};

/* ---- PostgreSQL ---- */

static void silent(void *arg, const char *message) {}

PGconn *migrate_connect(struct str conninfo, const char *database, struct err *err)
{
    struct arena *a = arena_new(0);
    const char *base = arena_cstr(a, conninfo);
    const char *keys[] = {"dbname", "dbname", "application_name", "connect_timeout", NULL};
    const char *values[] = {base, database, "paintbox-migrate", "10", NULL};
    PGconn *conn = PQconnectdbParams(keys, values, 1);
    arena_free(&a);
    if (PQstatus(conn) != CONNECTION_OK) {
        struct str message = str_trim(str_c(PQerrorMessage(conn)));
        err_set(err, "PG_UNAVAILABLE", "database %s: %.*s", database, STR_ARG(message));
        PQfinish(conn);
        return NULL;
    }
    PQsetNoticeProcessor(conn, silent, NULL);
    return conn;
}

static unsigned line_of(struct str sql, const char *position)
{
    int64_t at;
    unsigned line = 1;
    if (!position || !str_to_i64(str_c(position), &at))
        return 0;
    /* The position counts characters; continuation bytes are not ones. */
    for (size_t i = 0; i < sql.len && at > 1; i++) {
        line += sql.p[i] == '\n';
        at -= i + 1 < sql.len && ((unsigned char)sql.p[i + 1] & 0xC0) != 0x80;
    }
    return line;
}

static int sql_error(const PGresult *r, PGconn *conn, struct str sql, struct err *err)
{
    const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
    const char *primary = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *hint = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL) : NULL;
    unsigned line = r ? line_of(sql, PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION)) : 0;
    struct str message = str_trim(str_c(primary ? primary : PQerrorMessage(conn)));
    char where[32] = "";
    if (line)
        snprintf(where, sizeof where, "line %u: ", line);
    return err_set(err, state ? state : "PG_UNAVAILABLE", "%s%.*s%s%s", where, STR_ARG(message), hint ? ": " : "",
                   hint ? hint : "");
}

/* Several statements may stand in `sql`. */
static int run(PGconn *conn, struct str sql, struct err *err)
{
    struct arena *a = arena_new(0);
    PGresult *r = PQexec(conn, arena_cstr(a, sql));
    ExecStatusType status = PQresultStatus(r);
    int result = 0;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
        result = sql_error(r, conn, sql, err);
    PQclear(r);
    arena_free(&a);
    return result;
}

static PGresult *ask(PGconn *conn, const char *sql, const char *const *params, int n, struct err *err)
{
    PGresult *r = PQexecParams(conn, sql, n, NULL, params, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return r;
    sql_error(r, conn, str_c(sql), err);
    PQclear(r);
    return NULL;
}

int migrate_create_database(struct str conninfo, const struct service *s, struct err *err)
{
    PGconn *conn = migrate_connect(conninfo, "postgres", err);
    if (!conn)
        return -1;
    int result = -1;
    PGresult *r = ask(conn, "select 1 from pg_database where datname = $1", &s->database, 1, err);
    if (r && PQntuples(r) == 0) {
        char sql[256], *name = PQescapeIdentifier(conn, s->database, strlen(s->database));
        int n = snprintf(sql, sizeof sql, "create database %s", name);
        PQfreemem(name);
        struct err e;
        result = run(conn, str_mem(sql, (size_t)n), &e);
        /* Somebody else was faster: that is what was wanted. */
        if (result && (strcmp(e.code, "42P04") == 0 || strcmp(e.code, "23505") == 0))
            result = 0;
        else if (result)
            err_set(err, e.code, "database %s cannot be created: %s", s->database, e.msg);
    } else if (r) {
        result = 0;
    }
    PQclear(r);
    PQfinish(conn);
    return result;
}

/* ---- the list ---- */

static int add_files(struct runner *m, const struct embedded_file *files, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        struct str file = files[i].name;
        ptrdiff_t slash = -1;
        for (size_t k = 0; k < file.len; k++)
            slash = file.p[k] == '/' ? (ptrdiff_t)k : slash;
        struct str base = str_sub(file, (size_t)(slash + 1), SIZE_MAX);
        if (!str_ends(base, STR(".up.sql")))
            continue;
        struct str name = str_sub(base, 0, base.len - strlen(".up.sql"));
        struct str stem = str_sub(file, 0, file.len - strlen(".up.sql"));
        const struct embedded_file *down =
            embedded_find(files, n, arena_printf(m->arena, "%.*s.down.sql", STR_ARG(stem)));
        if (!down)
            return err_set(err, "MIGRATION_INVALID", "migration %.*s has no .down.sql file", STR_ARG(name));
        if (m->list.n && str_cmp(m->list.v[m->list.n - 1].name, name) >= 0)
            return err_set(err, "MIGRATION_INVALID", "migration %.*s does not follow %.*s: number them 0001, 0002, …",
                           STR_ARG(name), STR_ARG(m->list.v[m->list.n - 1].name));
        struct migration x = {.name = name, .up = files[i].data, .down = down->data};
        sha256_hex(x.up, x.hash);
        vec_push(m->arena, &m->list, x);
    }
    return 0;
}

static struct migration *find(struct runner *m, struct str name)
{
    for (size_t i = 0; i < m->list.n; i++) {
        if (str_eq(m->list.v[i].name, name))
            return &m->list.v[i];
    }
    return NULL;
}

/* Puts what the database remembers beside what the program brings. */
static int read_applied(struct runner *m, struct err *err)
{
    PGresult *r = ask(m->conn,
                      "select name, hash, (extract(epoch from applied_at) * 1000000)::bigint from schema_migrations"
                      " order by name limit 1000",
                      NULL, 0, err);
    if (!r)
        return -1;
    for (int i = 0; i < PQntuples(r); i++) {
        struct str name = str_c(PQgetvalue(r, i, 0));
        struct migration *x = find(m, name);
        if (!x) {
            vec_push(m->arena, &m->list, (struct migration){.name = arena_str(m->arena, name), .unknown = true});
            x = &m->list.v[m->list.n - 1];
        }
        int64_t at = 0;
        char text[TIMESTAMP_RFC3339_LEN + 1];
        str_to_i64(str_c(PQgetvalue(r, i, 2)), &at);
        timestamp_format(at, text);
        x->applied = true;
        x->changed = !x->unknown && strcmp(PQgetvalue(r, i, 1), x->hash) != 0;
        x->applied_at = arena_str(m->arena, str_c(text));
    }
    PQclear(r);
    return 0;
}

static void runner_close(struct runner *m)
{
    PQfinish(m->conn); /* ends the advisory lock too */
    arena_free(&m->arena);
}

static int runner_prepare(struct runner *m, struct err *err)
{
    if (add_files(m, kit_migrations_files, kit_migrations_files_count, err) != 0 ||
        add_files(m, m->service->migrations, m->service->n_migrations, err) != 0)
        return -1;
    if (run(m->conn, STR("set lock_timeout = '" LOCK_TIMEOUT "'"), err) != 0)
        return -1;
    if (run(m->conn, STR("select pg_advisory_lock(" LOCK_KEY ")"), err) != 0)
        return err_prefix(err, "another migration of %s has been running for " LOCK_TIMEOUT, m->service->database);
    if (run(m->conn,
            STR("create table if not exists schema_migrations (name text primary key, hash text not null,"
                " applied_at timestamptz not null default now())"),
            err) != 0)
        return -1;
    return read_applied(m, err);
}

static int runner_open(struct runner *m, struct str conninfo, const struct service *s, struct err *err)
{
    *m = (struct runner){.service = s};
    m->conn = migrate_connect(conninfo, s->database, err);
    if (!m->conn)
        return -1;
    m->arena = arena_new(0);
    if (runner_prepare(m, err) == 0)
        return 0;
    runner_close(m);
    return -1;
}

/* ---- up and down ---- */

static int check_history(const struct runner *m, struct err *err)
{
    bool pending = false;
    for (size_t i = 0; i < m->list.n; i++) {
        const struct migration *x = &m->list.v[i];
        if (x->unknown)
            return err_set(err, "MIGRATION_UNKNOWN",
                           "database %s has migration %.*s, which this program does not know: a newer "
                           "version has migrated it",
                           m->service->database, STR_ARG(x->name));
        if (x->changed)
            return err_set(err, "MIGRATION_CHANGED",
                           "migration %.*s was changed after it ran in %s at %.*s: restore its text and "
                           "put the change into a new migration",
                           STR_ARG(x->name), m->service->database, STR_ARG(x->applied_at));
        if (x->applied && pending)
            return err_set(err, "MIGRATION_ORDER",
                           "migration %.*s ran in %s before an earlier one: give the new migration a higher "
                           "number",
                           STR_ARG(x->name), m->service->database);
        pending = pending || !x->applied;
    }
    return 0;
}

/* The SQL and its remembrance, in one transaction. */
static int run_one(struct runner *m, const struct migration *x, bool up, struct err *err)
{
    const char *params[] = {arena_cstr(m->arena, x->name), x->hash};
    if (run(m->conn, STR("begin"), err) != 0)
        return -1;
    if (run(m->conn, up ? x->up : x->down, err) != 0) {
        err_prefix(err, "%s: %.*s.%s.sql", m->service->database, STR_ARG(x->name), up ? "up" : "down");
        run(m->conn, STR("rollback"), NULL);
        return -1;
    }
    PGresult *r = up ? ask(m->conn, "insert into schema_migrations (name, hash) values ($1, $2)", params, 2, err)
                     : ask(m->conn, "delete from schema_migrations where name = $1", params, 1, err);
    PQclear(r);
    if (!r) {
        run(m->conn, STR("rollback"), NULL);
        return -1;
    }
    return run(m->conn, STR("commit"), err);
}

int migrate_up(struct str conninfo, const struct service *s, unsigned *applied, struct err *err)
{
    struct runner m;
    *applied = 0;
    if (runner_open(&m, conninfo, s, err) != 0)
        return -1;
    int result = check_history(&m, err);
    for (size_t i = 0; result == 0 && i < m.list.n; i++) {
        if (m.list.v[i].applied)
            continue;
        result = run_one(&m, &m.list.v[i], true, err);
        *applied += result == 0;
    }
    runner_close(&m);
    return result;
}

int migrate_down(struct str conninfo, const struct service *s, unsigned count, unsigned *reverted, struct err *err)
{
    struct runner m;
    *reverted = 0;
    if (runner_open(&m, conninfo, s, err) != 0)
        return -1;
    int result = check_history(&m, err);
    for (size_t i = m.list.n; result == 0 && i-- > 0 && *reverted < count;) {
        if (!m.list.v[i].applied)
            continue;
        result = run_one(&m, &m.list.v[i], false, err);
        *reverted += result == 0;
    }
    runner_close(&m);
    return result;
}

int migrate_status(struct str conninfo, const struct service *s, struct arena *a, struct migration_status **list,
                   size_t *n, struct err *err)
{
    struct runner m;
    if (runner_open(&m, conninfo, s, err) != 0)
        return -1;
    *n = m.list.n;
    *list = arena_array(a, struct migration_status, m.list.n);
    for (size_t i = 0; i < m.list.n; i++) {
        const struct migration *x = &m.list.v[i];
        (*list)[i] = (struct migration_status){.name = arena_str(a, x->name),
                                               .applied = x->applied,
                                               .changed = x->changed,
                                               .unknown = x->unknown,
                                               .applied_at = STR_NONE};
        if (x->applied)
            (*list)[i].applied_at = arena_str(a, x->applied_at);
    }
    runner_close(&m);
    return 0;
}
