#include "base/log.h"
#include "base/panic.h"
#include "base/uuid.h"
#include "subgraph/kit.h"

/* What one statement with one set of further parameters has given so far. */
struct loader {
    const struct query *query;
    const struct pg_param *extra;
    unsigned n_extra;
    bool uuid_keys;    /* others than UUIDs have no rows, and the server would refuse the whole array for them */
    struct map by_key; /* → struct loaded */
    struct load_waiter *waiters;
    struct loader *next;
};

struct load_waiter {
    struct fiber_wait wait;
    struct load_waiter *next;
};

struct pg_result *exec_query(struct exec *x, const struct query *q, const struct pg_param *params, unsigned n,
                             struct err *err)
{
    if (n != q->n_params) {
        err_set(err, "INTERNAL_SERVER_ERROR", "statement %s takes %u parameters and was given %u", q->st.name,
                q->n_params, n);
        return NULL;
    }
    x->request.statements++;
    return pg_query(x->request.pg, x->arena, &q->st, params, n, err);
}

static bool same_extra(const struct loader *l, const struct pg_param *extra, unsigned n)
{
    if (l->n_extra != n)
        return false;
    for (unsigned i = 0; i < n; i++) {
        if (!l->extra[i].text.p != !extra[i].text.p || !str_eq(l->extra[i].text, extra[i].text))
            return false;
    }
    return true;
}

static struct loader *loader_of(struct exec *x, const struct query *q, const struct pg_param *extra, unsigned n_extra)
{
    struct loader *l = x->loaders;
    while (l && (l->query != q || !same_extra(l, extra, n_extra)))
        l = l->next;
    if (l)
        return l;
    l = arena_new_of(x->arena, struct loader);
    *l = (struct loader){.query = q,
                         .extra = n_extra ? arena_memdup(x->arena, extra, n_extra * sizeof *extra) : NULL,
                         .n_extra = n_extra,
                         .uuid_keys = str_find(q->st.sql, STR("$1::uuid[]")) >= 0,
                         .next = x->loaders};
    x->loaders = l;
    return l;
}

void loaders_forget(struct exec *x)
{
    x->loaders = NULL;
}

/* Is it a UUID as the server writes them? Most keys come from the server. */
static bool is_canonical_uuid(struct str s)
{
    if (s.len != UUID_LEN)
        return false;
    for (size_t i = 0; i < UUID_LEN; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        char c = s.p[i];
        if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return true;
}

struct str canonical_uuid(struct arena *a, struct str key)
{
    struct uuid u;
    if (is_canonical_uuid(key))
        return key;
    if (!key.p || !uuid_parse(key, &u))
        return STR_NONE;
    char *text = arena_alloc_raw(a, UUID_LEN + 1);
    uuid_format(&u, text);
    return str_mem(text, UUID_LEN);
}

/* Rows to keys: counts, then fills. Rows of one key mostly stand together. */
static bool spread_rows(struct exec *x, struct loader *l, const struct pg_result *r, struct err *err)
{
    int column = pg_column_index(r, str_c(l->query->key));
    if (column < 0 && r->n_rows) {
        err_set(err, "INTERNAL_SERVER_ERROR", "statement %s has no column %s, its key", l->query->st.name,
                l->query->key);
        return false;
    }
    struct loaded **of = arena_alloc_raw(x->arena, arena_size(sizeof *of, r->n_rows));
    for (size_t i = 0; i < r->n_rows; i++) {
        struct str key = pg_get(r, i, (unsigned)column);
        bool same = i > 0 && str_eq(key, pg_get(r, i - 1, (unsigned)column));
        of[i] = same ? of[i - 1] : map_get(&l->by_key, key);
        if (of[i] && of[i]->done)
            of[i] = NULL; /* a row that was not asked for */
        if (of[i])
            of[i]->n++;
    }
    for (size_t i = 0; i < r->n_rows; i++) {
        struct loaded *k = of[i];
        if (!k)
            continue;
        if (!k->rows) {
            k->rows = r;
            k->index = arena_alloc_raw(x->arena, arena_size(sizeof *k->index, k->n));
            k->n = 0;
        }
        k->index[k->n++] = (uint32_t)i;
    }
    return true;
}

static void wake_all(struct loader *l)
{
    struct load_waiter *w = l->waiters;
    l->waiters = NULL;
    for (struct load_waiter *next; w; w = next) {
        next = w->next;
        fiber_done(&w->wait);
    }
}

static bool fetch(struct exec *x, struct loader *l, struct loaded **fresh, const struct str *keys, size_t n,
                  struct err *err)
{
    struct pg_param *params = arena_array(x->arena, struct pg_param, 1 + l->n_extra);
    params[0].text = pg_array(x->arena, keys, n);
    if (l->n_extra)
        memcpy(params + 1, l->extra, l->n_extra * sizeof *params);
    struct pg_result *r = exec_query(x, l->query, params, 1 + l->n_extra, err);
    bool ok = r && spread_rows(x, l, r, err);
    for (size_t i = 0; i < n; i++) {
        fresh[i]->done = true;
        fresh[i]->failed = !ok;
    }
    wake_all(l);
    return ok;
}

static bool wait_for(struct loader *l, const struct loaded *k, struct err *err)
{
    while (!k->done) {
        struct load_waiter w = {.next = l->waiters};
        l->waiters = &w;
        enum wait_result r = fiber_await(&w.wait);
        if (r == WAIT_OK)
            continue;
        for (struct load_waiter **at = &l->waiters; *at; at = &(*at)->next) {
            if (*at == &w) {
                *at = w.next;
                break;
            }
        }
        err_set(err, r == WAIT_DEADLINE ? "PG_TIMEOUT" : "PG_CANCELLED", "waiting for rows: %s", wait_result_text(r));
        return false;
    }
    if (k->failed)
        err_set(err, "PG_UNAVAILABLE", "the statement %s has failed", l->query->st.name);
    return !k->failed;
}

bool loader_load(struct exec *x, const struct query *q, const struct str *keys, size_t n, const struct pg_param *extra,
                 unsigned n_extra, struct loaded **out, struct err *err)
{
    struct loader *l = loader_of(x, q, extra, n_extra);
    struct loaded **fresh = arena_alloc_raw(x->arena, arena_size(sizeof *fresh, n));
    struct str *fresh_keys = arena_alloc_raw(x->arena, arena_size(sizeof *fresh_keys, n));
    size_t n_fresh = 0;
    for (size_t i = 0; i < n; i++) {
        struct str key = l->uuid_keys ? canonical_uuid(x->arena, keys[i]) : keys[i];
        out[i] = key.p ? map_get(&l->by_key, key) : NULL;
        if (out[i] || !key.p)
            continue;
        out[i] = fresh[n_fresh] = arena_new_of(x->arena, struct loaded);
        fresh_keys[n_fresh++] = key;
        map_put(x->arena, &l->by_key, key, out[i]);
    }
    if (n_fresh && !fetch(x, l, fresh, fresh_keys, n_fresh, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (out[i] && (!out[i]->done || out[i]->failed) && !wait_for(l, out[i], err))
            return false;
    }
    return true;
}

bool loader_load_entity(struct exec *x, const struct entity *e, const struct str *keys, size_t n, struct loaded **out,
                        struct err *err)
{
    unsigned n_rule = e->rule ? e->by_key->n_params - 1 : 0;
    struct pg_param *rule = arena_array(x->arena, struct pg_param, n_rule);
    if (n_rule)
        e->rule(&x->request, rule);
    return loader_load(x, e->by_key, keys, n, rule, n_rule, out, err);
}

void batch_fail_sql(struct batch *b, const struct query *q, const struct err *err)
{
    if (strcmp(err->code, "PG_TIMEOUT") == 0 || strcmp(err->code, "57014") == 0) {
        batch_fail_all(b, "TIMEOUT", "the database did not answer in time");
        return;
    }
    if (strcmp(err->code, "PG_CANCELLED") == 0) {
        batch_fail_all(b, "CANCELLED", "the request was cancelled");
        return;
    }
    /* Class 22: a value that the statement's types refuse; it came from an argument. */
    if (strncmp(err->code, "22", 2) == 0) {
        batch_fail_all(b, "BAD_USER_INPUT", "%s", err->msg);
        return;
    }
    const char *name = q ? q->st.name : "that loads an entity";
    log_error("statement %s: %s: %s", name, err->code, err->msg);
    /* Ours, the session ended (57P0x), too many connections and the like (53). */
    if (strncmp(err->code, "PG_", 3) == 0 || strncmp(err->code, "57P0", 4) == 0 || strncmp(err->code, "53", 2) == 0)
        batch_fail_all(b, "SERVICE_UNAVAILABLE", "the database is not available: try again");
    else
        batch_fail_all(b, "INTERNAL_SERVER_ERROR", "the statement %s has failed (SQLSTATE %s)", name, err->code);
}
