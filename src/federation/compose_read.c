/* Can a field set be read from a place? What @key, @requires and contexts need is collected on the way to where it is
 * needed, over as many subgraphs as it takes. */
#include "federation/compose_graph.h"

/* Where one can be after a selection. */
struct ways {
    bool leaf;                  /* it was a leaf */
    bool nothing;               /* there may be no such object, so that nothing has to be read */
    struct place_set any;       /* one can go on from any of these */
    VEC(struct ways_vec *) all; /* or from all of these at once: the types that an object may have, each in its way */
};
struct ways_vec VEC_BODY(struct ways);

/* A field of an abstract place that is being read through its types: a proof that needs itself is none. */
struct attempt {
    const struct attempt *outer;
    const struct place *place;
    struct str field;
};

static bool somewhere(const struct ways *w)
{
    return w->leaf || w->any.n || w->all.n;
}

static void add_places(struct graph *g, struct ways *to, const struct place_set *from)
{
    to->leaf |= from->n == 0;
    for (uint32_t i = 0; i < from->n; i++)
        place_set_add(g->a, &to->any, from->v[i]);
}

/* Adds an alternative in which all `parts` must go on; those that are never there need not. */
static void add_parts(struct graph *g, struct ways *to, const struct ways_vec *parts)
{
    struct ways_vec *kept = arena_new_of(g->a, struct ways_vec);
    for (size_t i = 0; i < parts->n; i++)
        if (somewhere(&parts->v[i]))
            vec_push(g->a, kept, parts->v[i]);
    if (kept->n == 0)
        to->nothing = true;
    else if (kept->n == 1 && !kept->v[0].nothing && kept->v[0].all.n == 0 && !kept->v[0].leaf)
        add_places(g, to, &kept->v[0].any);
    else
        vec_push(g->a, &to->all, kept);
}

/* ---- fields ---- */

static void field_from(struct graph *g, uint32_t id, const struct fed_selection *s, struct approach how,
                       struct ways *out);

static const struct fed_type *object_asked(const struct fed_selection *s)
{
    return s->parent->kind == GQL_OBJECT_TYPE && !s->parent->interface_object ? s->parent : NULL;
}

/* Through each type that the object can have here; only the one that the field is asked of, when that is known. */
static void through_types(struct graph *g, const struct place *p, const struct fed_selection *s, struct approach how,
                          struct ways *out)
{
    struct str name = s->ast->name.s;
    const struct fed_type *asked = object_asked(s);
    struct ways_vec parts = {0};
    for (const struct attempt *a = g->attempts; a; a = a->outer)
        if (a->place == p && str_eq(a->field, name))
            return;
    struct attempt here = {g->attempts, p, name};
    bool ok = p->type->possible.n > 0;
    g->attempts = &here;
    for (size_t i = 0; ok && i < p->type->possible.n; i++) {
        struct fed_type *t = p->type->possible.v[i];
        struct ways part = {0};
        if (asked && !str_eq(asked->e.name, t->e.name))
            continue;
        field_from(g, graph_cast_place(g, p, t), s, how, &part);
        ok = somewhere(&part);
        vec_push(g->a, &parts, part);
    }
    g->attempts = here.outer;
    if (ok && parts.n)
        add_parts(g, out, &parts);
}

static void field_at(struct graph *g, const struct place *p, const struct fed_selection *s, struct approach how,
                     struct ways *out)
{
    struct str name = s->ast->name.s;
    struct place_set behind = {0};
    bool alone = false;
    if (p->type->kind == GQL_OBJECT_TYPE) {
        if (graph_object_field(g, p, name, &how, &behind))
            add_places(g, out, &behind);
        return;
    }
    const struct fed_type *asked = object_asked(s);
    bool own = !asked || str_eq(asked->e.name, p->type->e.name);
    if (own && graph_abstract_field(g, p, name, &alone, &behind))
        add_places(g, out, &behind);
    if (!alone && !str_eq(name, STR("__typename")))
        through_types(g, p, s, how, out);
}

/* From a place, and from everywhere one can move to from there. */
static void field_from(struct graph *g, uint32_t id, const struct fed_selection *s, struct approach how,
                       struct ways *out)
{
    struct place_set reach = g->places.v[id]->reach;
    field_at(g, g->places.v[id], s, how, out);
    how.by_key = true;
    for (uint32_t i = 0; i < reach.n; i++)
        field_at(g, g->places.v[reach.v[i]], s, how, out);
}

/* ---- fragments ---- */

static bool has_type(const struct fed_type *t, struct str name)
{
    for (size_t i = 0; t && i < t->possible.n; i++)
        if (str_eq(t->possible.v[i]->e.name, name))
            return true;
    return false;
}

/* Can the abstract type of a place be left for another one as a whole? When it can have at least two types of the other
 * and nothing that is such a type elsewhere only. */
static bool crosses(const struct graph *g, const struct place *p, const struct fed_type *to)
{
    const struct fed_type *merged = fed_schema_type(g->mg->out, to->e.name);
    uint32_t common = 0;
    if (to->kind == GQL_UNION || !merged)
        return false;
    for (size_t i = 0; i < to->possible.n; i++)
        common += has_type(p->type, to->possible.v[i]->e.name);
    for (size_t i = 0; i < merged->possible.n; i++) {
        struct str name = merged->possible.v[i]->e.name;
        if (has_type(p->type, name) && !has_type(to, name))
            return false;
    }
    return common >= 2;
}

static void abstract_to(struct graph *g, const struct place *p, struct str name, struct ways *out)
{
    const struct fed_type *merged = fed_schema_type(g->mg->out, name);
    struct fed_type *own = fed_schema_type(p->sg->schema, name);
    struct ways_vec parts = {0};
    if (own && own->kind != GQL_OBJECT_TYPE && crosses(g, p, own)) {
        place_set_add(g->a, &out->any, graph_place(g, p->sg, own, NULL));
        return;
    }
    for (size_t i = 0; i < p->type->possible.n; i++) {
        struct ways part = {0};
        if (!has_type(merged, p->type->possible.v[i]->e.name))
            continue;
        place_set_add(g->a, &part.any, graph_cast_place(g, p, p->type->possible.v[i]));
        vec_push(g->a, &parts, part);
    }
    add_parts(g, out, &parts);
}

static void fragment_at(struct graph *g, uint32_t id, struct str name, struct ways *out)
{
    const struct place *p = g->places.v[id];
    const struct fed_type *merged = fed_schema_type(g->mg->out, name);
    if (str_eq(p->type->e.name, name))
        place_set_add(g->a, &out->any, id);
    else if (p->type->kind != GQL_OBJECT_TYPE)
        abstract_to(g, p, name, out);
    else if (merged && merged->kind != GQL_OBJECT_TYPE && has_type(merged, p->type->e.name))
        place_set_add(g->a, &out->any, id);
    else if (p->type->interface_object && has_type(fed_schema_type(g->mg->out, p->type->e.name), name)) {
        if (graph_knows_typename(g, p))
            place_set_add(g->a, &out->any, id);
    } else
        out->nothing = true;
}

/* ---- selections ---- */

static void select_from(struct graph *g, const struct ways *from, const struct fed_selection *s, bool start,
                        struct ways *out);

static void select_from_parts(struct graph *g, const struct ways_vec *from, const struct fed_selection *s,
                              struct ways *out)
{
    struct ways_vec parts = {0};
    for (size_t i = 0; i < from->n; i++) {
        struct ways part = {.nothing = from->v[i].nothing};
        select_from(g, &from->v[i], s, false, &part);
        if (!somewhere(&part) && !part.nothing)
            return;
        vec_push(g->a, &parts, part);
    }
    add_parts(g, out, &parts);
}

static void select_from(struct graph *g, const struct ways *from, const struct fed_selection *s, bool start,
                        struct ways *out)
{
    bool field = s->ast->kind == GQL_FIELD;
    for (uint32_t i = 0; i < from->any.n; i++)
        if (field)
            field_from(g, from->any.v[i], s, (struct approach){.start = start}, out);
        else
            fragment_at(g, from->any.v[i], s->ast->on.s, out);
    for (size_t i = 0; i < from->all.n; i++)
        select_from_parts(g, from->all.v[i], s, out);
}

static bool can_read(struct graph *g, const struct ways *from, const struct fed_selections *set, bool start)
{
    for (uint32_t i = 0; i < set->n; i++) {
        const struct fed_selection *s = &set->v[i];
        bool plain =
            s->ast->kind != GQL_FIELD && !s->condition; /* no type, or one that its own subgraph does not know */
        struct ways behind = {0};
        if (!plain)
            select_from(g, from, s, start, &behind);
        if (!plain && !somewhere(&behind))
            return false;
        if (s->sub && !can_read(g, plain ? from : &behind, s->sub, plain && start))
            return false;
    }
    return true;
}

bool graph_can_read(struct graph *g, uint32_t place, const struct fed_selections *set)
{
    struct ways from = {0};
    place_set_add(g->a, &from.any, place);
    return can_read(g, &from, set, true);
}
