/* The nodes of a document: what the entries bring, as a graph of selections. */
#include "planner/document.h"

static void sig_type(struct buf *b, const struct gql_tref *t)
{
    if (t->kind == GQL_REF_NON_NULL) {
        sig_type(b, t->of);
        buf_add_char(b, '!');
    } else if (t->kind == GQL_REF_LIST) {
        buf_add_char(b, '[');
        sig_type(b, t->of);
        buf_add_char(b, ']');
    } else {
        buf_add(b, gql_type_is_composite(t->type) ? STR("{}") : t->type->name);
    }
}

struct str signature_of(struct doc *d, const struct gql_type *at, struct str field)
{
    const struct sg_field_join *j = join_at(d->w->s, d->subgraph, at, field);
    struct buf b;
    if (!j)
        return STR_NONE;
    buf_init(&b, 4096);
    sig_type(&b, j->type);
    struct str text = arena_str(d->w->a, buf_str(&b));
    buf_free(&b);
    return text;
}

static const struct sg_field_join *contextual_at(struct doc *d, const struct gql_type *at, struct str field)
{
    const struct sg_field_join *j = join_at(d->w->s, d->subgraph, at, field);
    return j && j->n_contexts ? j : NULL;
}

static bool same_arguments(const struct sg_field_join *a, const struct sg_field_join *b)
{
    if (!a || !b || a->n_contexts != b->n_contexts)
        return a == b;
    for (uint32_t i = 0; i < a->n_contexts; i++)
        if (!str_eq(a->contexts[i].name, b->contexts[i].name) ||
            !same_context_args(&a->contexts[i], &b->contexts[i]))
            return false;
    return true;
}

static bool same_item(const struct item *a, const struct item *b)
{
    return a->slot == b->slot && a->child == b->child && str_eq(a->sig, b->sig) &&
           same_arguments(a->contextual, b->contextual);
}

static void add_item(struct doc *d, struct node *n, const struct klass *c, struct slot *slot,
                     struct node *child)
{
    const struct gql_type *at =
        n->decl && is_interface_object(d->w->s, n->decl, d->subgraph) ? n->decl : c->first;
    struct item fresh = {.slot = slot,
                         .types = bits_copy(d->w->a, c->types),
                         .sig = signature_of(d, at, slot->name),
                         .contextual = contextual_at(d, at, slot->name),
                         .child = child};
    for (size_t i = 0; i < n->items.n; i++)
        if (same_item(&n->items.v[i], &fresh)) {
            bits_or(n->items.v[i].types, c->types);
            return;
        }
    vec_push(d->w->a, &n->items, fresh);
}

struct node *node_new(struct doc *d, const struct place *p, struct spot *spot,
                             const struct gql_type *decl)
{
    struct node *n = arena_new_of(d->w->a, struct node);
    *n = (struct node){
        .place = p, .spot = spot, .decl = decl, .here = bits_new(d->w->a, d->w->s->full->n_types)};
    return n;
}

void node_types_here(struct doc *d, struct node *n)
{
    for (int t = bits_next(n->spot->types, 0); t >= 0;
         t = bits_next(n->spot->types, (uint32_t)t + 1))
        if (subgraph_yields(d->w->s, d->subgraph, n->decl, (uint32_t)t))
            bits_set(n->here, (uint32_t)t);
}

static struct node *node_get(struct doc *d, const struct entry *e, struct place *p)
{
    const struct gql_type *decl = NULL;
    if (p == e->place || !p->parents.n)
        return d->top;
    if (p->node_below == d->top)
        return p->node;
    for (size_t i = 0; i < p->sources.n; i++)
        if (p->sources.v[i].entry == e->origin)
            decl = p->sources.v[i].decl;
    struct node *n = node_new(d, p, p->spot, decl);
    p->node = n;
    p->node_below = d->top;
    node_types_here(d, n);
    for (size_t i = 0; i < p->parents.n; i++) {
        const struct place_parent *up = &p->parents.v[i];
        add_item(d, node_get(d, e, up->place), up->place->spot->classes.v[up->klass],
                 up->place->spot->slots.v[up->slot], n);
    }
    return n;
}

void node_add_entry(struct doc *d, const struct entry *e)
{
    for (size_t i = 0; i < e->brings.n; i++) {
        const struct atom *a = e->brings.v[i];
        struct node *n = node_get(d, e, a->place);
        if (a->slot >= 0)
            add_item(d, n, a->place->spot->classes.v[a->klass], a->place->spot->slots.v[a->slot],
                     NULL);
    }
}

/* ---- equal nodes ---- */

static bool same_content(const struct node *a, const struct node *b)
{
    if (a->spot != b->spot || a->decl != b->decl || a->items.n != b->items.n ||
        !bits_equal(a->here, b->here))
        return false;
    for (size_t i = 0; i < a->items.n; i++)
        if (!same_item(&a->items.v[i], &b->items.v[i]) ||
            !bits_equal(a->items.v[i].types, b->items.v[i].types))
            return false;
    return true;
}

/* In the client's order, with inputs behind. */
static void sort_items(struct node *n)
{
    for (size_t i = 1; i < n->items.n; i++) {
        struct item it = n->items.v[i];
        size_t k = i;
        for (; k > 0 && n->items.v[k - 1].slot->index > it.slot->index; k--)
            n->items.v[k] = n->items.v[k - 1];
        n->items.v[k] = it;
    }
}

/* Items that differ only in types become one. */
static void merge_items(struct node *n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n->items.n; i++) {
        size_t k = 0;
        while (k < kept && !same_item(&n->items.v[k], &n->items.v[i]))
            k++;
        if (k < kept)
            bits_or(n->items.v[k].types, n->items.v[i].types);
        else
            n->items.v[kept++] = n->items.v[i];
    }
    n->items.n = kept;
}

struct node *node_unify(struct doc *d, struct node *n)
{
    if (n->same)
        return n->same;
    for (size_t i = 0; i < n->items.n; i++)
        if (n->items.v[i].child)
            n->items.v[i].child = node_unify(d, n->items.v[i].child);
    merge_items(n);
    sort_items(n);
    if (n->spot->unified_below != d->top) {
        n->spot->unified_below = d->top;
        n->spot->unified = NULL;
    }
    for (struct node *other = n->spot->unified; other; other = other->next)
        if (same_content(other, n))
            return n->same = other;
    n->next = n->spot->unified;
    n->spot->unified = n;
    return n->same = n;
}
