/* Access control when types are merged: what interfaces take from the types that implement them, and the logic of
 * scopes. */
#include "federation/compose_merge.h"

/* ---- interfaces ---- */

static void add_extra(struct merge *mg, int dir, struct str coordinate, struct fed_subgraph *sg, struct fed_elem *e)
{
    struct source_vec *list = map_get(&mg->auth_extra[dir], coordinate);
    if (!list) {
        list = arena_new_of(mg->a, struct source_vec);
        map_put(mg->a, &mg->auth_extra[dir], coordinate, list);
    }
    vec_push(mg->a, list, (struct source){sg, e});
}

static struct str member(struct merge *mg, struct str type, struct str field)
{
    return arena_printf(mg->a, "%.*s.%.*s", STR_ARG(type), STR_ARG(field));
}

/* A guarded field of an interface object guards that field of all implementations, and of their other interfaces. */
static void spread_interface_object(struct merge *mg, int dir, struct fed_subgraph *sg, struct fed_field *f,
                                    const struct fed_type *itf)
{
    struct map others = {0};
    for (size_t i = 0; i < itf->possible.n; i++) {
        const struct fed_type *impl = itf->possible.v[i];
        add_extra(mg, dir, member(mg, impl->e.name, f->e.name), sg, &f->e);
        for (size_t j = 0; j < impl->interfaces.n; j++)
            if (!str_eq(impl->interfaces.v[j], itf->e.name))
                map_put(mg->a, &others, impl->interfaces.v[j], &others);
    }
    for (size_t i = 0; i < others.n; i++)
        add_extra(mg, dir, member(mg, others.entries[i].key, f->e.name), sg, &f->e);
}

static void collect_type(struct merge *mg, int dir, struct fed_subgraph *sg, struct fed_type *t)
{
    struct str name = sg->dir_name[FED_AUTHENTICATED + dir];
    const struct fed_type *merged = fed_schema_type(mg->out, t->e.name);
    if (t->kind != GQL_OBJECT_TYPE || !merged)
        return;
    bool guarded = fed_applied_find(&t->e, name) != NULL;
    for (size_t j = 0; guarded && merged->kind == GQL_OBJECT_TYPE && j < merged->interfaces.n; j++)
        add_extra(mg, dir, merged->interfaces.v[j], sg, &t->e);
    for (size_t i = 0; i < t->fields.n; i++) {
        struct fed_field *f = t->fields.v[i];
        if (f->external || !fed_applied_find(&f->e, name))
            continue;
        if (t->interface_object)
            spread_interface_object(mg, dir, sg, f, merged);
        else
            for (size_t j = 0; j < merged->interfaces.n; j++)
                add_extra(mg, dir, member(mg, merged->interfaces.v[j], f->e.name), sg, &f->e);
    }
}

void merge_collect_auth(struct merge *mg)
{
    for (uint32_t i = 0; i < mg->n; i++)
        for (int dir = 0; dir < 3; dir++)
            for (size_t j = 0;
                 mg->sg[i].dir_name[FED_AUTHENTICATED + dir].p && mg->auth_name[dir].p && j < mg->sg[i].schema->types.n;
                 j++)
                collect_type(mg, dir, &mg->sg[i], mg->sg[i].schema->types.v[j]);
}

/* ---- scopes in disjunctive normal form: any of the lists, each of them entirely ---- */

static int cmp_text(const void *a, const void *b)
{
    return str_cmp((*(struct gql_value *const *)a)->text, (*(struct gql_value *const *)b)->text);
}

static int cmp_lists(const struct gql_value *a, const struct gql_value *b)
{
    for (uint32_t i = 0; i < a->n && i < b->n; i++) {
        int c = str_cmp(a->items[i]->text, b->items[i]->text);
        if (c)
            return c;
    }
    return a->n == b->n ? 0 : a->n < b->n ? -1 : 1;
}

static int cmp_alternatives(const void *a, const void *b)
{
    return cmp_lists(*(struct gql_value *const *)a, *(struct gql_value *const *)b);
}

static int cmp_length(const struct gql_value *a, const struct gql_value *b)
{
    return a->n == b->n ? cmp_lists(a, b) : a->n < b->n ? -1 : 1;
}

static int cmp_by_length(const void *a, const void *b)
{
    return cmp_length(*(struct gql_value *const *)a, *(struct gql_value *const *)b);
}

/* A copy in which all is sorted; no alternative at all means no condition: one empty list. */
static struct gql_value *dnf_sorted(struct arena *a, const struct gql_value *v)
{
    uint32_t n = v->kind == GQL_LIST ? v->n : 0;
    struct gql_value **items = arena_array(a, struct gql_value *, n ? n : 1);
    for (uint32_t i = 0; i < n; i++) {
        const struct gql_value *inner = v->items[i];
        uint32_t count = inner->kind == GQL_LIST ? inner->n : 1;
        struct gql_value **texts = arena_array(a, struct gql_value *, count);
        for (uint32_t j = 0; j < count; j++)
            texts[j] = inner->kind == GQL_LIST ? inner->items[j] : (struct gql_value *)inner;
        if (count)
            qsort(texts, count, sizeof *texts, cmp_text);
        items[i] = fed_value_list(a, texts, count);
    }
    if (n == 0)
        items[n++] = fed_value_list(a, NULL, 0);
    qsort(items, n, sizeof *items, cmp_alternatives);
    return fed_value_list(a, items, n);
}

static bool has_text(const struct gql_value *list, struct str text)
{
    for (uint32_t i = 0; i < list->n; i++)
        if (str_eq(list->items[i]->text, text))
            return true;
    return false;
}

static bool includes(const struct gql_value *more, const struct gql_value *less)
{
    for (uint32_t i = 0; i < less->n; i++)
        if (!has_text(more, less->items[i]->text))
            return false;
    return true;
}

static struct gql_value *both(struct arena *a, const struct gql_value *x, const struct gql_value *y)
{
    struct gql_value **items = arena_array(a, struct gql_value *, x->n + y->n);
    uint32_t n = 0;
    for (uint32_t i = 0; i < x->n; i++)
        items[n++] = x->items[i];
    for (uint32_t i = 0; i < y->n; i++)
        if (!has_text(x, y->items[i]->text))
            items[n++] = y->items[i];
    if (n)
        qsort(items, n, sizeof *items, cmp_text);
    return fed_value_list(a, items, n);
}

/* Drops alternatives that ask for more than another one does. */
static struct gql_value *without_subsumed(struct arena *a, struct gql_value **items, uint32_t n)
{
    struct gql_value **kept = arena_array(a, struct gql_value *, n);
    uint32_t count = 0;
    qsort(items, n, sizeof *items, cmp_by_length);
    for (uint32_t i = 0; i < n; i++) {
        bool redundant = false;
        for (uint32_t j = 0; j < count && !redundant; j++)
            redundant = includes(items[i], kept[j]);
        if (!redundant)
            kept[count++] = items[i];
    }
    return fed_value_list(a, kept, count);
}

/* Each alternative of one list goes with each of the other: the number multiplies. */
#define DNF_ALTERNATIVES_MAX 2000

struct gql_value *dnf_and(struct arena *a, struct gql_value *const *values, size_t n)
{
    struct gql_value *result = dnf_sorted(a, values[0]);
    for (size_t i = 1; i < n; i++) {
        struct gql_value *next = dnf_sorted(a, values[i]);
        if (fed_value_equal(result, next))
            continue;
        if ((uint64_t)result->n * next->n > DNF_ALTERNATIVES_MAX)
            return NULL;
        struct gql_value **items = arena_array(a, struct gql_value *, arena_size(result->n, next->n));
        uint32_t count = 0;
        for (uint32_t x = 0; x < result->n; x++)
            for (uint32_t y = 0; y < next->n; y++)
                items[count++] = both(a, result->items[x], next->items[y]);
        result = without_subsumed(a, items, count);
    }
    return result;
}

bool dnf_implies(struct arena *a, const struct gql_value *have, const struct gql_value *need)
{
    struct gql_value *empty = fed_value_list(a, NULL, 0);
    struct gql_value *x = dnf_sorted(a, have ? have : empty), *y = dnf_sorted(a, need ? need : empty);
    for (uint32_t i = 0; i < x->n; i++) {
        bool ok = false;
        for (uint32_t j = 0; j < y->n && !ok; j++)
            ok = includes(x->items[i], y->items[j]);
        if (!ok)
            return false;
    }
    return true;
}
