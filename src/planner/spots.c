/* The client's operation as a tree of spots. */
#include "planner/work.h"

#include "graphql/printer.h"
#include "graphql/validate.h"

bool is_introspection(struct str name)
{
    return str_eq_c(name, "__schema") || str_eq_c(name, "__type");
}

bool type_fits(const struct gql_type *condition, uint32_t type_id)
{
    return condition->kind == GQL_OBJECT_TYPE
               ? condition->id == type_id
               : condition->possible && bits_has(condition->possible, type_id);
}

void arguments_print(struct buf *out, const struct gql_argument *args, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        buf_add_char(out, i ? ',' : '(');
        buf_add(out, args[i].name.s);
        buf_add_char(out, ':');
        gql_print_value(out, args[i].value);
    }
    if (n)
        buf_add_char(out, ')');
}

struct str arguments_text(struct work *w, const struct gql_selection *sel)
{
    struct buf b;
    if (!sel || !sel->n_args)
        return STR_NONE;
    buf_init(&b, 1u << 20);
    arguments_print(&b, sel->args, sel->n_args);
    struct str text = arena_str(w->a, buf_str(&b));
    buf_free(&b);
    return text;
}

uint64_t field_hash(struct str name, struct str args)
{
    return str_hash(name) ^ (str_hash(args) * UINT64_C(0x9e3779b97f4a7c15));
}

static const struct sg_field *field_of(const struct work *w, const struct gql_type *t,
                                       struct str name)
{
    const struct gql_field *f = t->n_fields ? map_get(&t->field_by_name, name) : NULL;
    return f ? supergraph_field(w->s, f) : NULL;
}

bool field_refused(const struct work *w, const struct gql_type *t, struct str name)
{
    const struct sg_field *f = w->req->auth ? field_of(w, t, name) : NULL;
    return f && f->auth >= 0 && !bits_has(w->req->auth, (uint32_t)f->auth);
}

/* ---- what the client selects ---- */

struct collector {
    struct work *w;
    struct spot *spot;
    struct occurrences out;
    VEC(struct client_set)
    seen; /* fragments already taken, so that fragments in fragments do not multiply */
    bool directives; /* some are passed on */
};

static struct bits *narrowed(struct work *w, const struct bits *types, const struct gql_type *on)
{
    struct bits *out = bits_copy(w->a, types);
    if (on->kind == GQL_OBJECT_TYPE) {
        bool has = bits_has(types, on->id);
        bits_minus(out, types);
        if (has)
            bits_set(out, on->id);
    } else if (on->possible) {
        bits_and(out, on->possible);
    }
    return out;
}

static bool is_seen(const struct collector *c, const struct gql_selection_set *set,
                    const struct bits *types, uint32_t part)
{
    for (size_t i = 0; i < c->seen.n; i++)
        if (c->seen.v[i].set == set && c->seen.v[i].part == part &&
            bits_subset(types, c->seen.v[i].types))
            return true;
    return false;
}

static void collect_field(struct collector *c, const struct gql_selection *sel,
                          const struct bits *types, const struct gql_type *on, uint32_t part)
{
    struct occurrence *o = vec_add(c->w->a, &c->out);
    *o = (struct occurrence){.key = gql_response_key(sel),
                             .name = sel->name.s,
                             .args = arguments_text(c->w, sel),
                             .sel = sel,
                             .on = on,
                             .types = bits_copy(c->w->a, types),
                             .part = part};
    o->hash = field_hash(o->name, o->args);
    if (sel->directives.n)
        o->directives = directives_at(c->w, &sel->directives, GQL_ON_FIELD);
    c->directives |= o->directives.n > 0;
}

static void collect_set(struct collector *c, const struct gql_selection_set *set,
                        const struct bits *types, const struct gql_type *on, uint32_t part);

/* `sel` is the fragment, or the spread of one; `set` and `condition` are the fragment's. */
static void collect_fragment(struct collector *c, const struct gql_selection *sel,
                             const struct gql_selection_set *set, struct str condition,
                             const struct bits *types, const struct gql_type *on, uint32_t inside)
{
    const struct gql_type *narrower =
        condition.p ? gql_schema_type(c->w->s->full, condition) : NULL;
    if (narrower) {
        types = narrowed(c->w, types, narrower);
        on = narrower;
    }
    if (bits_empty(types) || is_seen(c, set, types, 0))
        return;
    uint32_t part = part_of_fragment(c->w, c->spot, sel, inside);
    if (is_seen(c, set, types, part))
        return;
    vec_push(c->w->a, &c->seen, (struct client_set){.set = set, .types = types, .part = part});
    if (part != inside)
        vec_push(c->w->a, &c->out.begin, (struct beginning){part, bits_copy(c->w->a, types)});
    collect_set(c, set, types, on, part);
}

static void collect_set(struct collector *c, const struct gql_selection_set *set,
                        const struct bits *types, const struct gql_type *on, uint32_t part)
{
    for (uint32_t i = 0; i < set->n; i++) {
        const struct gql_selection *sel = set->items[i];
        const struct gql_definition *fragment;
        if (!gql_directives_include(&sel->directives, c->w->req->variables))
            continue;
        switch (sel->kind) {
        case GQL_FIELD: collect_field(c, sel, types, on, part); break;
        case GQL_INLINE_FRAGMENT:
            collect_fragment(c, sel, sel->selections, sel->on.s, types, on, part);
            break;
        case GQL_FRAGMENT_SPREAD:
            fragment = gql_document_fragment(c->w->plan->document, sel->name.s);
            if (fragment)
                collect_fragment(c, sel, fragment->selections, fragment->on.s, types, on, part);
            break;
        }
    }
}

struct occurrences occurrences_collect(struct work *w, struct spot *spot,
                                       const struct client_sets *sets)
{
    struct collector c = {.w = w, .spot = spot};
    for (size_t i = 0; i < sets->n; i++)
        collect_set(&c, sets->v[i].set, sets->v[i].types, sets->v[i].on, sets->v[i].part);
    if (c.directives)
        directives_join(w, &c.out);
    return c.out;
}

/* ---- slots ---- */

static uint32_t list_depth_of(const struct gql_tref *t)
{
    uint32_t n = 0;
    for (; t->kind != GQL_REF_NAMED; t = t->of)
        n += t->kind == GQL_REF_LIST;
    return n;
}

static struct slot *chain_of(const struct spot *spot, uint64_t hash)
{
    return spot->n_chains ? spot->by_hash[hash & (spot->n_chains - 1)] : NULL;
}

static void chain_add(struct spot *spot, struct slot *s)
{
    struct slot **at = &spot->by_hash[s->hash & (spot->n_chains - 1)];
    while (*at)
        at = &(*at)->chain;
    *at = s;
}

static void spot_index(struct work *w, struct spot *spot, struct slot *s)
{
    if (spot->slots.n <= spot->n_chains) {
        chain_add(spot, s);
        return;
    }
    spot->n_chains = spot->n_chains ? spot->n_chains * 4 : 4;
    spot->by_hash = arena_array(w->a, struct slot *, spot->n_chains);
    for (size_t i = 0; i < spot->slots.n; i++) {
        spot->slots.v[i]->chain = NULL;
        chain_add(spot, spot->slots.v[i]);
    }
}

struct slot *spot_slot(const struct spot *spot, struct str name, struct str args, struct str key,
                       uint32_t type_id)
{
    uint64_t hash = field_hash(name, args);
    for (struct slot *s = chain_of(spot, hash); s; s = s->chain) {
        if (s->hash == hash && bits_has(s->types, type_id) && str_eq(s->name, name) &&
            str_eq(s->args, args) && str_eq(s->key, key))
            return s;
    }
    return NULL;
}

struct slot *slot_new(struct work *w, struct spot *spot, const struct gql_selection *sel,
                      const struct gql_field *f, struct str args)
{
    struct slot *s = arena_new_of(w->a, struct slot);
    *s = (struct slot){.index = (uint32_t)spot->slots.n,
                       .name = f->name,
                       .args = args,
                       .sel = sel,
                       .types = bits_new(w->a, w->s->full->n_types),
                       .named = gql_tref_named(f->type),
                       .list_depth = list_depth_of(f->type)};
    s->leaf = gql_type_is_leaf(s->named);
    s->hash = field_hash(f->name, args);
    vec_push(w->a, &spot->slots, s);
    spot_index(w, spot, s);
    return s;
}

/* Can values of this field stand in that slot? */
bool slot_fits(const struct slot *s, const struct gql_field *f)
{
    const struct gql_type *named = gql_tref_named(f->type);
    return s->list_depth == list_depth_of(f->type) && s->leaf == gql_type_is_leaf(named) &&
           (!s->leaf || s->named == named);
}

struct spot *spot_new(struct work *w, struct spot *parent, const struct gql_type *type)
{
    struct spot *spot = arena_new_of(w->a, struct spot);
    *spot =
        (struct spot){.type = type, .types = bits_new(w->a, w->s->full->n_types), .parent = parent};
    vec_push(w->a, &w->spots, spot);
    return spot;
}

/* ---- runtime types below a field ---- */

static void add_decl(struct work *w, struct spot *child, const struct gql_type *decl,
                     uint32_t subgraph)
{
    if (is_interface_object(w->s, decl, subgraph))
        child->unknown_type = true;
    for (size_t i = 0; i < child->decls.n; i++)
        if (child->decls.v[i] == decl)
            return;
    vec_push(w->a, &child->decls, (struct gql_type *)decl);
}

static struct bits *possible_of(struct work *w, const struct gql_type *decl, int subgraph)
{
    struct bits *out = bits_new(w->a, w->s->full->n_types);
    if (decl->kind == GQL_OBJECT_TYPE)
        bits_set(out, decl->id);
    else if (subgraph < 0 || is_interface_object(w->s, decl, (uint32_t)subgraph))
        bits_or(out, decl->possible);
    else if (w->s->types[decl->id].possible_in[subgraph])
        bits_or(out, w->s->types[decl->id].possible_in[subgraph]);
    return out;
}

/* Subgraphs that share a field must give values of types that all of them know, so where several
 * resolve it only the common types can occur. */
static void add_types_below(struct work *w, struct spot *child, const struct sg_field *f)
{
    struct bits *all = bits_new(w->a, w->s->full->n_types), *common = NULL;
    for (uint32_t i = 0; i < f->n_joins; i++) {
        const struct sg_field_join *j = &f->joins[i];
        const struct gql_type *decl = gql_tref_named(j->type);
        struct bits *here = possible_of(w, decl, (int)j->subgraph);
        add_decl(w, child, decl, j->subgraph);
        if (!join_usable(w, j))
            continue;
        bits_or(all, here);
        if (j->external)
            continue;
        if (common)
            bits_and(common, here);
        else
            common = here;
    }
    if (common && !bits_empty(common))
        bits_or(child->types, common);
    else if (!bits_empty(all))
        bits_or(child->types, all);
    else
        bits_or(child->types, possible_of(w, gql_tref_named(f->field->type), -1));
}

void spot_add_types(struct work *w, struct spot *child, const struct gql_type *parent,
                    struct str name)
{
    const struct sg_field *f = field_of(w, parent, name);
    if (!f)
        return;
    add_types_below(w, child, f);
    for (size_t i = 0; i < parent->interfaces.n; i++) {
        const struct sg_field *inherited = field_of(w, parent->interfaces.v[i], name);
        for (uint32_t k = 0; inherited && k < inherited->n_joins; k++) {
            const struct sg_field_join *j = &inherited->joins[k];
            if (is_interface_object(w->s, parent->interfaces.v[i], j->subgraph)) {
                add_decl(w, child, gql_tref_named(j->type), j->subgraph);
                if (!f->n_joins)
                    bits_or(child->types,
                            possible_of(w, gql_tref_named(j->type), (int)j->subgraph));
            }
        }
    }
}

/* ---- client slots ---- */

void cells_split(struct work *w, struct cells *cells, const struct occurrence *o)
{
    struct bits *rest = bits_copy(w->a, o->types);
    size_t n = cells->n;
    for (size_t i = 0; i < n; i++) {
        if (!bits_overlap(cells->v[i].types, o->types))
            continue;
        if (!bits_subset(cells->v[i].types, o->types)) {
            struct cell outside = {.types = bits_copy(w->a, cells->v[i].types)};
            bits_minus(outside.types, o->types);
            for (size_t k = 0; k < cells->v[i].occs.n; k++)
                vec_push(w->a, &outside.occs, cells->v[i].occs.v[k]);
            bits_and(cells->v[i].types, o->types);
            vec_push(w->a, cells, outside);
        }
        vec_push(w->a, &cells->v[i].occs, o);
        bits_minus(rest, cells->v[i].types);
    }
    if (!bits_empty(rest)) {
        struct cell *c = vec_add(w->a, cells);
        c->types = rest;
        vec_push(w->a, &c->occs, o);
    }
}

static struct client_sets sets_below(struct work *w, const struct cell *cell,
                                     const struct bits *types)
{
    struct client_sets sets = {0};
    for (size_t i = 0; i < cell->occs.n; i++) {
        const struct occurrence *o = cell->occs.v[i];
        const struct gql_field *f = gql_type_field(w->s->full, o->on, o->name);
        if (o->sel->selections && f)
            vec_push(w->a, &sets,
                     (struct client_set){o->sel->selections, types, gql_tref_named(f->type), o->part});
    }
    return sets;
}

static void spot_collect(struct work *w, struct spot *spot);

static void slot_child(struct work *w, struct spot *spot, struct slot *s, const struct cell *cell)
{
    struct spot *child = spot_new(w, spot, s->named);
    s->child = child;
    child->client = true;
    child->of = s;
    for (int t = bits_next(s->types, 0); t >= 0; t = bits_next(s->types, (uint32_t)t + 1))
        spot_add_types(w, child, w->s->full->types[t], s->name);
    child->sets = sets_below(w, cell, child->types);
    spot_collect(w, child);
}

/* A cell's types may still differ in the shape of the field: one slot for each shape. */
static void cell_slots(struct work *w, struct spot *spot, const struct cell *cell, struct str key)
{
    const struct occurrence *o = cell->occs.v[0];
    size_t first = spot->slots.n;
    for (int t = bits_next(cell->types, 0); t >= 0; t = bits_next(cell->types, (uint32_t)t + 1)) {
        const struct gql_field *f = map_get(&w->s->full->types[t]->field_by_name, o->name);
        struct slot *fit = NULL;
        if (!f)
            continue;
        for (size_t i = first; i < spot->slots.n && !fit; i++)
            if (slot_fits(spot->slots.v[i], f))
                fit = spot->slots.v[i];
        if (!fit) {
            fit = slot_new(w, spot, o->sel, f, o->args);
            fit->key = key;
            fit->directives = o->directives;
            fit->client = true;
            for (size_t i = 0; i < cell->occs.n; i++)
                part_add(w, &fit->parts, cell->occs.v[i]->part);
        }
        bits_set(fit->types, (uint32_t)t);
    }
    size_t end = spot->slots.n;
    for (size_t i = first; i < end; i++)
        if (!spot->slots.v[i]->leaf)
            slot_child(w, spot, spot->slots.v[i], cell);
}

/* What fails below a field makes it null, so one that has a selection is asked for anew under each name that the client
 * gives it. Inputs have part in the one under its own name, unless directives change it. A mutation's fields are asked
 * for as often as they stand there. */
struct str slot_key(const struct work *w, const struct spot *spot, const struct occurrence *o)
{
    bool serial = !spot->parent && w->req->operation->operation == GQL_MUTATION;
    struct str name = serial || (o->sel->selections && !str_eq(o->key, o->name)) ? o->key : STR_NONE;
    return o->directives.n ? arena_printf(w->a, "%.*s%.*s", STR_ARG(name), STR_ARG(o->directives_text)) : name;
}

static bool same_slot(const struct work *w, const struct spot *spot, const struct occurrence *a,
                      const struct occurrence *b)
{
    return a->hash == b->hash && str_eq(a->name, b->name) && str_eq(a->args, b->args) &&
           str_eq(slot_key(w, spot, a), slot_key(w, spot, b));
}

static void drop_refused(struct work *w, struct occurrence *o)
{
    if (!w->req->auth)
        return;
    bool all = o->on && field_refused(w, o->on, o->name);
    for (int t = bits_next(o->types, 0); t >= 0; t = bits_next(o->types, (uint32_t)t + 1))
        if (all || field_refused(w, w->s->full->types[t], o->name))
            bits_clear(o->types, (uint32_t)t);
}

static void spot_collect(struct work *w, struct spot *spot)
{
    /* Fragments in fragments multiply: a short text can stand for any number of places. */
    w->too_big |= w->spots.n > PLANNER_SPOTS_MAX || arena_exhausted(w->a);
    if (w->too_big)
        return;
    spot->occs = occurrences_collect(w, spot, &spot->sets);
    w->effort += spot->occs.n;
    for (size_t i = 0; i < spot->occs.n; i++)
        drop_refused(w, &spot->occs.v[i]);
    for (size_t i = 0; i < spot->occs.n; i++) {
        const struct occurrence *o = &spot->occs.v[i];
        struct cells cells = {0};
        bool first = true;
        if (str_eq_c(o->name, "__typename") || is_introspection(o->name))
            continue;
        for (size_t k = 0; k < i && first; k++)
            first = !same_slot(w, spot, &spot->occs.v[k], o);
        if (!first)
            continue;
        for (size_t k = i; k < spot->occs.n; k++)
            if (same_slot(w, spot, &spot->occs.v[k], o))
                cells_split(w, &cells, &spot->occs.v[k]);
        for (size_t k = 0; k < cells.n; k++)
            if (!bits_empty(cells.v[k].types))
                cell_slots(w, spot, &cells.v[k], slot_key(w, spot, o));
    }
}

struct spot *spots_build(struct work *w)
{
    const struct gql_type *type = gql_schema_root(w->s->full, w->req->operation->operation);
    struct spot *root = spot_new(w, NULL, type);

    root->client = true;
    bits_set(root->types, type->id);
    vec_push(w->a, &root->sets,
             (struct client_set){w->plan->operation->selections, root->types, type, 0});
    spot_collect(w, root);
    return root;
}
