/* Does a service fit its database? Asked by a test, so that a misspelt column fails there and not in a request. */
#include "subgraph/kit.h"
#include "subgraph/migrate_private.h"

struct check {
    PGconn *conn;
    struct subgraph *graph;
    struct err *err;
    unsigned problems;
};

static void problem(struct check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void problem(struct check *c, const char *fmt, ...)
{
    size_t n = c->problems++ ? strlen(c->err->msg) : 0;
    va_list ap;
    va_start(ap, fmt);
    if (n && n + 1 < sizeof c->err->msg)
        c->err->msg[n++] = '\n';
    vsnprintf(c->err->msg + n, sizeof c->err->msg - n, fmt, ap);
    va_end(ap);
}

/* The columns that the statement gives; NULL when the server refuses it. */
static PGresult *describe(struct check *c, const struct query *q)
{
    PGresult *r = PQprepare(c->conn, "", q->st.sql.p, 0, NULL);
    bool ok = PQresultStatus(r) == PGRES_COMMAND_OK;
    if (!ok)
        problem(c, "%s: %s", q->st.name, PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY));
    PQclear(r);
    return ok ? PQdescribePrepared(c->conn, "") : NULL;
}

static void check_query(struct check *c, const struct query *q)
{
    PGresult *r = describe(c, q);
    if (r && q->key && PQfnumber(r, q->key) < 0)
        problem(c, "%s: its key %s is not among its columns", q->st.name, q->key);
    if (r && (unsigned)PQnparams(r) != q->n_params)
        problem(c, "%s: the server counts %d parameters, not %u", q->st.name, PQnparams(r), q->n_params);
    PQclear(r);
}

static bool comes_from_column(const struct subgraph *g, const struct gql_type *t, const struct gql_field *f,
                              const struct entity *e)
{
    return !g->fields[t->id][f->index].resolve && !gql_directive_find(&f->directives, STR("external")) &&
           !str_eq_c(f->name, e->key);
}

static void check_entity(struct check *c, const struct entity *e)
{
    const struct gql_type *t = gql_schema_type(c->graph->schema, str_c(e->type));
    PGresult *r = e->by_key ? describe(c, e->by_key) : NULL;
    for (uint32_t i = 0; r && i < t->n_fields; i++) {
        const char *column = c->graph->fields[t->id][i].column.p;
        if (comes_from_column(c->graph, t, &t->fields[i], e) && PQfnumber(r, column) < 0)
            problem(c, "%s.%.*s has no resolver, and %s has no column %s", e->type, STR_ARG(t->fields[i].name),
                    e->by_key->st.name, column);
    }
    PQclear(r);
}

int service_check(struct str conninfo, const struct service *s, struct err *err)
{
    struct check c = {.err = err, .graph = subgraph_new(s, err)};
    if (!c.graph)
        return -1;
    c.conn = migrate_connect(conninfo, s->database, err);
    if (c.conn) {
        err->msg[0] = 0;
        for (const struct query *const *q = s->queries; *q; q++)
            check_query(&c, *q);
        for (const struct entity *e = s->entities; e && e->type; e++)
            check_entity(&c, e);
        if (c.problems)
            memcpy(err->code, "SERVICE_INVALID", sizeof "SERVICE_INVALID");
    }
    bool ok = c.conn && !c.problems;
    PQfinish(c.conn);
    subgraph_free(&c.graph);
    return ok ? 0 : -1;
}
