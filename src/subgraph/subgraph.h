/* The kit: SDL + SQL + a few resolvers = a subgraph.
 *
 * A service is a folder: `schema.graphql`, `migrations/NNNN_name.{up,down}.sql`, `queries/<name>.sql` (named
 * statements) and a few .c files for what is logic. Execution is breadth first: a field is resolved once for all its
 * parents of that level, so a resolver gets a batch and N+1 cannot happen. Most fields need no C at all: a column
 * resolves to the field of its name
 * (`display_name` → `displayName`), a json column to a nested object or list, an array column to a list.
 *
 *     // Customer.projects: [Project!]!
 *     static void customer_projects(struct batch *b) { batch_resolve_lists(b, &PROJECTS_BY_CUSTOMER, "id"); }
 *
 *     const struct resolver PROJECTS_RESOLVERS[] = {
 *         {"Customer.projects", customer_projects},
 *         {"Query.project", query_project},
 *         {0}};
 *
 * A resolver runs in a fiber and may park (SQL, HTTP). Sibling fields run concurrently; root fields of a mutation one
 * after the other. All memory is the request's arena. Every read of one statement with one key happens once per
 * request: the loaders behind batch_resolve_* deduplicate and remember.
 *
 * Errors. batch_fail() puts an error on one parent's field (null there, the rest goes on); batch_fail_all() on all.
 * Expected failures of writes are data, not errors: see object_new() and write.h.
 */
#ifndef PAINTBOX_SUBGRAPH_SUBGRAPH_H
#define PAINTBOX_SUBGRAPH_SUBGRAPH_H

#include "base/embed.h"
#include "events/events.h"
#include "graphql/coerce.h"
#include "io/pg.h"
#include "security/identity.h"

struct batch;
struct object;
struct request;

/* ---- statements ----
 *
 * `queries/customers.sql` holds statements, each under a header; the build turns them into constants (queries.h of the
 * service), so that a misspelt name does not compile:
 *
 *     -- name: PROJECTS_BY_CUSTOMER
 *     -- key: customer_id            (optional: $1 is an array of keys, rows say in this column whose they are)
 *     select p.customer_id, p.* from projects p
 *      where p.customer_id = any($1::uuid[]) and p.deleted_at is null order by p.created_at
 *
 * Lists for connections have an order; see page.h. Comment lines are dropped; one whose first word ends in a colon
 * begins with two spaces. Every statement is prepared against the migrated schema in a test. In the service's
 * meson.build:
 *
 *     customers_queries = custom_target('customers-queries', input: files('queries/customers.sql', …),
 *       output: ['queries.h', 'queries.c'], command: [sqlgen_tool, '@OUTPUT0@', '@OUTPUT1@', 'CUSTOMERS', '@INPUT@'])
 *
 * add it to the sources, and `#include "services/customers/queries.h"`; CUSTOMERS_QUERIES is the table of all of them.
 */
struct query {
    struct pg_statement st;
    const char *key;   /* column, or NULL */
    unsigned n_params; /* the highest $n */
};

/* ---- a service ---- */

struct resolver {
    const char *coordinate; /* "Type.field" */
    void (*resolve)(struct batch *b);
};

/* How a reference to an entity becomes a row: `_entities` and lazy loading. An entity without a loader needs no row (a
 * stub of another service's entity): its representation is all there is. */
struct entity {
    const char *type;
    const struct query *by_key; /* keyed statement over `key` */
    const char *key;            /* field name in the representation, "id" */
    /* The parameters of `by_key` from $2 on, for a row rule: what the caller may not see is as if it were not there.
     * NULL: there are none. */
    void (*rule)(struct request *r, struct pg_param *params);
};

struct service {
    const char *name;     /* "customers" */
    const char *database; /* "paintbox_customers" */
    unsigned port;        /* 4003; with --port-base N it is N + (port - 4000) */
    struct str sdl;
    const struct embedded_file *migrations;
    size_t n_migrations;
    const struct query *const *queries; /* all of them, ends with NULL, for the test that prepares each */
    const struct resolver *resolvers;   /* ends with {0} */
    const struct entity *entities;      /* ends with {0} */
    const struct event_handler *events; /* of other services, ends with {0}; NULL: none. events/events.h */
};

/* At start every resolver must name a field of the schema and every root field must have a resolver; what is wrong is
 * said for all of them at once. service_check() (migrate.h) compares with the database, in a test. */

/* ---- the request ---- */

struct request {
    struct arena *arena;
    struct pg_pool *pg;
    const struct service *service;
    struct identity caller;
    struct str id;       /* the router's request id, for the audit log; p NULL for a query without one */
    unsigned statements; /* SQL statements so far; in `extensions.paintbox.statements` when asked for */
    void *private;
};

struct request *batch_request(struct batch *b);
struct arena *batch_arena(struct batch *b);

/* ---- what a resolver sees ---- */

/* How many parents. 1 for root fields. */
size_t batch_size(const struct batch *b);
/* A column of parent i, as text; p == NULL is SQL NULL. When the parent is a bare reference that lacks the column, rows
 * of all parents are loaded first (one statement). */
struct str batch_column(struct batch *b, size_t i, const char *column);
/* A member of the representation of parent i (what @requires brought), or NULL. */
const struct json *batch_required(struct batch *b, size_t i, const char *field);

/* Coerced arguments: the same for all parents. */
const struct json *batch_arg(struct batch *b, const char *name); /* NULL: not given; a JSON null: given as null */
struct str batch_arg_str(struct batch *b, const char *name);     /* STR_NONE when absent or null */
bool batch_arg_i64(struct batch *b, const char *name, int64_t *out);
bool batch_arg_bool(struct batch *b, const char *name, bool otherwise);
/* Is this path selected below the field? "totalCount", "edges.node". Aliases and fragments are seen through. */
bool batch_selects(struct batch *b, const char *path);

/* ---- what a resolver says ---- */

enum cell_kind { CELL_NULL, CELL_TEXT, CELL_INT, CELL_FLOAT, CELL_BOOL, CELL_JSON, CELL_OBJECT, CELL_LIST };
struct cell {
    enum cell_kind kind;
    union {
        struct str text; /* TEXT: as a string or enum value, escaped on output; JSON: raw JSON */
        int64_t i;
        double f;
        bool b;
        struct object *object;
        struct {
            struct cell *items;
            size_t n;
        } list;
    };
};
static inline struct cell cell_null(void)
{
    return (struct cell){.kind = CELL_NULL};
}
static inline struct cell cell_text(struct str s)
{
    return (struct cell){.kind = s.p ? CELL_TEXT : CELL_NULL, .text = s};
}
static inline struct cell cell_int(int64_t i)
{
    return (struct cell){.kind = CELL_INT, .i = i};
}
static inline struct cell cell_float(double f)
{
    return (struct cell){.kind = CELL_FLOAT, .f = f};
}
static inline struct cell cell_bool(bool v)
{
    return (struct cell){.kind = CELL_BOOL, .b = v};
}
static inline struct cell cell_json(struct str raw)
{
    return (struct cell){.kind = raw.p ? CELL_JSON : CELL_NULL, .text = raw};
}
static inline struct cell cell_object(struct object *o)
{
    return o ? (struct cell){.kind = CELL_OBJECT, .object = o} : cell_null();
}
static inline struct cell cell_list(struct cell *items, size_t n)
{
    return (struct cell){.kind = CELL_LIST, .list = {items, n}};
}

/* Parents without a set cell get null. */
void batch_set(struct batch *b, size_t i, struct cell value);
void batch_set_all(struct batch *b, struct cell value);
void batch_fail(struct batch *b, size_t i, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void batch_fail_all(struct batch *b, const char *code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Objects: a row, a reference, or made by hand. Type NULL: the field's type. */
struct object *object_of_row(struct batch *b, const char *type, const struct pg_result *rows, size_t row);
struct object *object_of_ref(struct batch *b, const char *type, const char *key, struct str value);
struct object *object_of_json(struct batch *b, const char *type, const struct json *value);
struct object *object_new(struct batch *b, const char *type);
void object_put(struct object *o, const char *field, struct cell value);

/* ---- the common resolvers ---- */

/* One list of rows for each parent: runs the keyed statement once with the distinct values of the parents' column. More
 * parameters follow from $2 on (`extra`, may be NULL). */
void batch_resolve_lists(struct batch *b, const struct query *q, const char *parent_column);
void batch_resolve_lists_with(struct batch *b, const struct query *q, const char *parent_column,
                              const struct pg_param *extra, unsigned n_extra);
/* At most one row for each parent. */
void batch_resolve_rows(struct batch *b, const struct query *q, const char *parent_column);
/* A reference to an entity of this or another service by the parents' column, e.g. `customer: Customer!` from
 * customer_id. */
void batch_resolve_refs(struct batch *b, const char *type, const char *key, const char *parent_column);
/* One value for each parent: column 1 of the keyed rows (column 0 is the key). Parents without a row get `otherwise`.
 */
void batch_resolve_values(struct batch *b, const struct query *q, const char *parent_column, struct cell otherwise);

/* A statement of its own, for root fields and writes. Counts; NULL after batch_fail_all() on an SQL error. */
struct pg_result *batch_query(struct batch *b, const struct query *q, const struct pg_param *params, unsigned n_params);
/* Loads entity rows by key through the request's loader. */
struct object *batch_load(struct batch *b, const char *type, struct str key); /* NULL when there is none */

/* ---- running ---- */

struct loop;
struct subgraph;

struct subgraph_options {
    struct str listen;        /* "127.0.0.1:4003" */
    struct str conninfo;      /* of the database, without dbname */
    struct str redis;         /* address; empty: none */
    struct str service_token; /* what the router must show */
    unsigned workers;         /* 0: 1 */
};

/* POST and GET /graphql, /health (200 when the database answers), /metrics. Blocks until a stop signal. Exit status. */
int subgraph_main(const struct service *s, const struct subgraph_options *options);

#endif
