#include "subgraph/page.h"

#include "base/encoding.h"
#include "subgraph/kit.h"

struct page_run {
    struct batch *b;
    const struct page_request *request;
    const struct page_order *order;
    bool backward;
    int64_t wanted;
    struct str cursor_key, cursor_id; /* p NULL: from the beginning */
    struct str keys;                  /* keyed pages: the array */
    const struct pg_result *rows;
    const struct pg_result *counts;
    int key_column, id_column;
    bool with_edges, with_nodes, with_info, with_count;
    const char *edge_type, *node_type;
};

/* ---- cursors: base64url of "STATEMENT|ORDER|id|key" ---- */

static struct str cursor_make(const struct page_run *p, size_t row)
{
    struct arena *a = p->b->exec->arena;
    struct str key = pg_get(p->rows, row, (unsigned)p->key_column), id = pg_get(p->rows, row, (unsigned)p->id_column);
    return base64url_encode(a, arena_printf(a, "%s|%s%c|%.*s|%.*s", p->request->query->name, p->order->name,
                                            p->request->descending ? '-' : '+', STR_ARG(id), STR_ARG(key)));
}

static bool cursor_read(struct page_run *p, const char *argument)
{
    struct arena *a = p->b->exec->arena;
    struct str text = batch_arg_str(p->b, argument), plain, name, order, id;
    if (!text.p)
        return true;
    struct str expected = arena_printf(a, "%s%c", p->order->name, p->request->descending ? '-' : '+');
    if (base64_decode(a, text, &plain) && str_split(&plain, '|', &name) && str_split(&plain, '|', &order) &&
        str_split(&plain, '|', &id) && str_eq_c(name, p->request->query->name) && str_eq(order, expected)) {
        p->cursor_id = id;
        p->cursor_key = plain.p ? plain : STR("");
        return true;
    }
    batch_fail_all(p->b, "BAD_USER_INPUT", "\"%s\" is no cursor of this list in this order", argument);
    return false;
}

/* ---- arguments ---- */

static bool fail_argument(struct page_run *p, const char *argument, const char *problem)
{
    batch_fail_all(p->b, "BAD_USER_INPUT", "\"%s\" %s", argument, problem);
    return false;
}

static bool read_size(struct page_run *p, const char *argument)
{
    if (!batch_arg_i64(p->b, argument, &p->wanted))
        return true;
    if (p->wanted >= 0 && p->wanted <= PAGE_MAX)
        return true;
    batch_fail_all(p->b, "BAD_USER_INPUT", "\"%s\" is %lld: it must be from 0 to %d", argument, (long long)p->wanted,
                   PAGE_MAX);
    return false;
}

static bool given(struct batch *b, const char *name)
{
    const struct json *v = batch_arg(b, name);
    return v && v->kind != JSON_NULL;
}

static bool read_arguments(struct page_run *p)
{
    struct batch *b = p->b;
    /* A default of `first` stays when `last` is given, so `last` decides. */
    p->backward = given(b, "last");
    p->wanted = p->request->default_first;
    if (p->backward && given(b, "after"))
        return fail_argument(p, "after", "goes with \"first\", not with \"last\"");
    if (!p->backward && given(b, "before"))
        return fail_argument(p, "before", "goes with \"last\"");
    return read_size(p, p->backward ? "last" : "first") && cursor_read(p, p->backward ? "before" : "after");
}

static bool find_order(struct page_run *p)
{
    const struct page_query *q = p->request->query;
    p->order = p->request->order ? NULL : &q->orders[0];
    for (unsigned i = 0; !p->order && i < q->n_orders; i++) {
        if (strcmp(q->orders[i].name, p->request->order) == 0)
            p->order = &q->orders[i];
    }
    if (!p->order)
        batch_fail_all(p->b, "INTERNAL_SERVER_ERROR", "%s has no order %s", q->name, p->request->order);
    return p->order != NULL;
}

static bool check_params(struct page_run *p)
{
    const struct page_query *q = p->request->query;
    unsigned n = p->request->n_params + (q->key != NULL);
    if (n != q->n_params)
        batch_fail_all(p->b, "INTERNAL_SERVER_ERROR", "%s takes %u parameters from $3 on and was given %u", q->name,
                       q->n_params, n);
    return n == q->n_params;
}

/* ---- statements ---- */

static const struct query *statement_of(const struct page_run *p)
{
    bool descending = p->request->descending != p->backward;
    if (p->cursor_id.p)
        return descending ? &p->order->desc_after : &p->order->asc_after;
    return descending ? &p->order->desc : &p->order->asc;
}

static unsigned put_params(const struct page_run *p, struct pg_param *out)
{
    unsigned n = 0;
    if (p->request->query->key)
        out[n++].text = p->keys;
    for (unsigned i = 0; i < p->request->n_params; i++)
        out[n++] = p->request->params[i];
    return n;
}

static void run_count(void *arg)
{
    struct page_run *p = arg;
    const struct query *q = p->request->query->count;
    struct pg_param *params = arena_array(p->b->exec->arena, struct pg_param, p->request->n_params + 1);
    put_params(p, params);
    p->counts = batch_query(p->b, q, params, q->n_params);
}

static bool run_statements(struct page_run *p)
{
    struct arena *a = p->b->exec->arena;
    struct pg_param *params = arena_array(a, struct pg_param, p->request->n_params + 4);
    struct fiber_group group;
    params[0].text = p->cursor_key;
    params[1].text = p->cursor_id;
    unsigned n = 2 + put_params(p, params + 2);
    params[n++].text = arena_printf(a, "%lld", (long long)p->wanted + 1);
    fiber_group_init(&group);
    if (p->with_count)
        fiber_group_go(&group, run_count, p);
    p->rows = batch_query(p->b, statement_of(p), params, n);
    if (p->with_count)
        fiber_group_wait(&group);
    if (!p->rows || (p->with_count && !p->counts))
        return false;
    p->key_column = pg_column_index(p->rows, STR("page_key"));
    p->id_column = pg_column_index(p->rows, STR("page_id"));
    if (p->key_column >= 0 && p->id_column >= 0)
        return true;
    batch_fail_all(p->b, "INTERNAL_SERVER_ERROR", "%s does not give the cursor's columns", p->request->query->name);
    return false;
}

/* ---- the connection ---- */

static const char *named_type_of(struct batch *b, const struct gql_type *t, const char *field)
{
    const struct gql_field *f = t ? map_get(&t->field_by_name, str_c(field)) : NULL;
    return f ? arena_cstr(b->exec->arena, gql_tref_named(f->type)->name) : NULL;
}

static void read_selection(struct page_run *p)
{
    struct batch *b = p->b;
    const struct gql_type *connection = b->plan->info->named;
    p->edge_type = named_type_of(b, connection, "edges");
    p->node_type = named_type_of(b, connection, "nodes");
    if (!p->node_type && p->edge_type)
        p->node_type = named_type_of(b, gql_schema_type(b->exec->graph->schema, str_c(p->edge_type)), "node");
    p->with_edges = batch_selects(b, "edges");
    p->with_nodes = batch_selects(b, "nodes");
    p->with_info = batch_selects(b, "pageInfo");
    p->with_count = p->request->query->count && batch_selects(b, "totalCount");
}

static struct object *page_info(struct page_run *p, const size_t *rows, size_t n, bool more)
{
    struct object *info = object_new(p->b, "PageInfo");
    object_put(info, "hasNextPage", cell_bool(p->backward ? p->cursor_id.p != NULL : more));
    object_put(info, "hasPreviousPage", cell_bool(p->backward ? more : p->cursor_id.p != NULL));
    object_put(info, "startCursor", n ? cell_text(cursor_make(p, rows[0])) : cell_null());
    object_put(info, "endCursor", n ? cell_text(cursor_make(p, rows[n - 1])) : cell_null());
    return info;
}

/* `rows`: of one connection, in the statement's order, with the one more. */
static struct object *connection(struct page_run *p, size_t *rows, size_t n, struct cell count)
{
    struct batch *b = p->b;
    struct arena *a = b->exec->arena;
    bool more = n > (size_t)p->wanted;
    n -= more;
    for (size_t i = 0; p->backward && i < n / 2; i++) {
        size_t swap = rows[i];
        rows[i] = rows[n - 1 - i];
        rows[n - 1 - i] = swap;
    }
    struct cell *edges = arena_array(a, struct cell, n), *nodes = arena_array(a, struct cell, n);
    for (size_t i = 0; i < n && (p->with_edges || p->with_nodes); i++) {
        nodes[i] = cell_object(object_of_row(b, p->node_type, p->rows, rows[i]));
        if (!p->with_edges)
            continue;
        struct object *edge = object_new(b, p->edge_type);
        object_put(edge, "cursor", cell_text(cursor_make(p, rows[i])));
        object_put(edge, "node", nodes[i]);
        if (p->request->edge)
            p->request->edge(b, edge, p->rows, rows[i]);
        edges[i] = cell_object(edge);
    }
    struct object *o = object_new(b, NULL);
    object_put(o, "edges", cell_list(edges, n));
    object_put(o, "nodes", cell_list(nodes, n));
    object_put(o, "totalCount", count);
    if (p->with_info)
        object_put(o, "pageInfo", cell_object(page_info(p, rows, n, more)));
    return o;
}

static struct cell count_cell(struct str text)
{
    int64_t n = 0;
    str_to_i64(text, &n);
    return cell_int(n);
}

static void answer_root(struct page_run *p)
{
    size_t n = p->rows->n_rows;
    size_t *rows = arena_array(p->b->exec->arena, size_t, n);
    struct cell count = cell_null();
    for (size_t i = 0; i < n; i++)
        rows[i] = i;
    if (p->counts)
        count = p->counts->n_rows ? count_cell(pg_get(p->counts, 0, 0)) : cell_int(0);
    batch_set_all(p->b, cell_object(connection(p, rows, n, count)));
}

/* ---- keyed pages ---- */

struct key_rows {
    VEC(size_t) rows;
    struct cell count;
};

static struct str *distinct_keys(struct page_run *p, struct map *by_key, struct str *of_parent)
{
    struct batch *b = p->b;
    struct arena *a = b->exec->arena;
    struct str *keys = arena_array(a, struct str, b->n);
    bool uuids = str_find(statement_of(p)->st.sql, STR("$3::uuid[]")) >= 0;
    for (size_t i = 0; i < b->n; i++) {
        of_parent[i] = batch_column(b, i, p->request->parent_column);
        if (uuids)
            of_parent[i] = canonical_uuid(a, of_parent[i]);
        if (!of_parent[i].p || map_has(by_key, of_parent[i]))
            continue;
        struct key_rows *k = arena_new_of(a, struct key_rows);
        k->count = cell_int(0);
        keys[by_key->n] = of_parent[i];
        map_put(a, by_key, of_parent[i], k);
    }
    return keys;
}

static bool spread(struct page_run *p, const struct map *by_key)
{
    const struct page_query *q = p->request->query;
    int column = pg_column_index(p->rows, str_c(q->key));
    if (column < 0)
        batch_fail_all(p->b, "INTERNAL_SERVER_ERROR", "%s has no column %s, its key", q->name, q->key);
    for (size_t i = 0; column >= 0 && i < p->rows->n_rows; i++) {
        struct key_rows *k = map_get(by_key, pg_get(p->rows, i, (unsigned)column));
        if (k)
            vec_push(p->b->exec->arena, &k->rows, i);
    }
    for (size_t i = 0; p->counts && p->counts->n_columns > 1 && i < p->counts->n_rows; i++) {
        struct key_rows *k = map_get(by_key, pg_get(p->counts, i, 0));
        if (k)
            k->count = count_cell(pg_get(p->counts, i, 1));
    }
    return column >= 0;
}

static void answer_keyed(struct page_run *p)
{
    struct batch *b = p->b;
    struct map by_key = {0};
    struct str *of_parent = arena_array(b->exec->arena, struct str, b->n);
    struct str *keys = distinct_keys(p, &by_key, of_parent);
    if (b->failures)
        return;
    p->keys = pg_array(b->exec->arena, keys, by_key.n);
    if (!run_statements(p) || !spread(p, &by_key))
        return;
    for (size_t i = 0; i < b->n; i++) {
        struct key_rows *k = of_parent[i].p ? map_get(&by_key, of_parent[i]) : NULL;
        struct key_rows none = {.count = cell_int(0)};
        if (!k)
            k = &none;
        size_t *rows = arena_memdup(b->exec->arena, k->rows.v, k->rows.n * sizeof *rows);
        batch_set(b, i, cell_object(connection(p, rows, k->rows.n, p->with_count ? k->count : cell_null())));
    }
}

void batch_resolve_page(struct batch *b, const struct page_request *request)
{
    struct page_run *p = arena_new_of(b->exec->arena, struct page_run);
    p->b = b;
    p->request = request;
    if (!find_order(p) || !check_params(p) || !read_arguments(p))
        return;
    read_selection(p);
    if (request->query->key)
        answer_keyed(p);
    else if (run_statements(p))
        answer_root(p);
}
