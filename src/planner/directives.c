/* The client's directives that only subgraphs understand. Composition keeps an executable directive when every subgraph
 * defines it, so it can stand in any request: at the fields where the client wrote it, and at the operation. What
 * fragments select is spread over requests and merged with what others select; a directive at a fragment has no place
 * there and is not passed on. */
#include "planner/work.h"

static bool is_ours(struct str name)
{
    return str_eq_c(name, "skip") || str_eq_c(name, "include") || str_eq_c(name, "defer") || str_eq_c(name, "stream");
}

struct directives directives_at(struct work *w, const struct gql_directive_list *all, enum gql_directive_location where)
{
    struct directives out = {0};
    for (uint32_t i = 0; i < all->n; i++) {
        const struct gql_directive_type *type =
            is_ours(all->v[i].name.s) ? NULL : gql_schema_directive(w->s->full, all->v[i].name.s);
        if (type && type->locations >> where & 1)
            vec_push(w->a, &out, &all->v[i]);
    }
    return out;
}

static void print(struct buf *out, const struct gql_directive *d)
{
    buf_printf(out, "@%.*s", STR_ARG(d->name.s));
    arguments_print(out, d->args, d->n_args);
}

struct str directives_text(struct work *w, const struct directives *list)
{
    struct buf b;
    if (!list->n)
        return STR_NONE;
    buf_init(&b, 1u << 20);
    for (size_t i = 0; i < list->n; i++)
        print(&b, list->v[i]);
    struct str text = arena_str(w->a, buf_str(&b));
    buf_free(&b);
    return text;
}

/* ---- several fields under one key ---- */

/* What may stand at a field once: the directive or, of a repeatable one, the directive with these arguments. */
static struct str identity(struct work *w, const struct gql_directive *d)
{
    struct directives one = {.v = &d, .n = 1};
    return gql_schema_directive(w->s->full, d->name.s)->repeatable ? directives_text(w, &one) : d->name.s;
}

/* The directives of the first field, and of the others what those before have not. */
static struct directives joined(struct work *w, const struct cell *cell)
{
    struct directives out = {0};
    struct map known = {0};
    for (size_t i = 0; i < cell->occs.n; i++) {
        const struct directives *its = &cell->occs.v[i]->directives;
        size_t before = out.n;
        for (size_t k = 0; k < its->n; k++)
            if (!map_has(&known, identity(w, its->v[k])))
                vec_push(w->a, &out, its->v[k]);
        for (size_t k = before; k < out.n; k++)
            map_put(w->a, &known, identity(w, out.v[k]), w);
    }
    return out;
}

static void join_cells(struct work *w, struct cells *cells)
{
    for (size_t i = 0; i < cells->n; i++) {
        cells->v[i].directives = joined(w, &cells->v[i]);
        cells->v[i].directives_text = directives_text(w, &cells->v[i].directives);
    }
}

/* One copy of the field for each group of types for which the same fields stand under its key. */
static void add_copies(struct work *w, struct occurrences *to, const struct occurrence *o, const struct cells *cells)
{
    for (size_t i = 0; i < cells->n; i++) {
        if (!bits_overlap(cells->v[i].types, o->types))
            continue;
        struct occurrence *copy = vec_add(w->a, to);
        *copy = *o;
        copy->types = bits_copy(w->a, cells->v[i].types);
        copy->directives = cells->v[i].directives;
        copy->directives_text = cells->v[i].directives_text;
    }
}

void directives_join(struct work *w, struct occurrences *occs)
{
    struct occurrences out = {.begin = occs->begin};
    struct map by_key = {0};

    for (size_t i = 0; i < occs->n; i++) {
        struct cells *cells = map_get(&by_key, occs->v[i].key);
        if (!cells) {
            cells = arena_new_of(w->a, struct cells);
            map_put(w->a, &by_key, occs->v[i].key, cells);
        }
        cells_split(w, cells, &occs->v[i]);
    }
    for (size_t i = 0; i < by_key.n; i++)
        join_cells(w, by_key.entries[i].value);
    for (size_t i = 0; i < occs->n; i++)
        add_copies(w, &out, &occs->v[i], map_get(&by_key, occs->v[i].key));
    *occs = out;
}
