/* Classes of runtime types, ways into subgraphs, and the closure over what keys and @requires need.
 *
 * Types of a spot that every subgraph treats alike, as far as this operation can tell, are one
 * class: an interface with a hundred alike implementations is planned as if it had one. */
#include "planner/work.h"

/* ---- classes ---- */

static void sign_pointer(const struct planner *p, struct buf *b,
                         const struct gql_selection_set *set)
{
    buf_add_u64(b, set ? (uint64_t)(uintptr_t)map_get(&p->set_ids, str_mem(&set, sizeof set)) : 0);
    buf_add_char(b, ',');
}

static void sign_field(struct work *w, struct buf *b, const struct gql_type *t, struct str name)
{
    const struct gql_field *f = map_get(&t->field_by_name, name);
    const struct sg_field *sf = f ? supergraph_field(w->s, f) : NULL;

    buf_add(b, sf ? STR("+") : STR("-"));
    if (!sf)
        return;
    gql_tref_print(b, f->type);
    for (uint32_t i = 0; i < sf->n_joins; i++) {
        const struct sg_field_join *j = &sf->joins[i];
        buf_printf(b, "|%u%d%d%d", j->subgraph, join_usable(w, j), j->external, j->key_external);
        gql_tref_print(b, j->type);
        sign_pointer(w->p, b, j->requires);
        sign_pointer(w->p, b, j->provides);
        for (uint32_t k = 0; k < j->n_contexts; k++)
            buf_printf(b, "c%u:%.*s:%.*s", j->contexts[k].context, STR_ARG(j->contexts[k].type),
                       STR_ARG(j->contexts[k].text));
    }
}

static void sign_keys(struct work *w, struct buf *b, const struct gql_type *t)
{
    const struct sg_type *st = &w->s->types[t->id];
    for (uint32_t i = 0; i < st->n_keys; i++) {
        buf_printf(b, "k%u%d", st->keys[i].subgraph, st->keys[i].resolvable);
        buf_add(b, st->keys[i].text);
    }
    for (size_t i = 0; i < t->interfaces.n; i++)
        if (!bits_empty(w->s->types[t->interfaces.v[i]->id].interface_object))
            buf_printf(b, "i%u", t->interfaces.v[i]->id);
}

static void sign_membership(struct work *w, struct buf *b, const struct spot *spot,
                            uint32_t type_id)
{
    for (uint32_t i = 0; i < w->s->n_contexts; i++)
        buf_add_char(b, bits_has(w->s->contexts[i].types, type_id) ? '1' : '0');
    for (size_t i = 0; i < w->p->conditions.n; i++)
        buf_add_char(b, type_fits(w->p->conditions.v[i], type_id) ? '1' : '0');
    for (size_t i = 0; i < spot->decls.n; i++)
        for (uint32_t g = 0; g < w->s->n_subgraphs; g++)
            buf_add_char(b, subgraph_yields(w->s, g, spot->decls.v[i], type_id) ? '1' : '0');
}

static struct str signature(struct work *w, const struct spot *spot, const struct gql_type *t)
{
    struct buf b;
    buf_init(&b, 16u << 20);
    w->effort += spot->slots.n + spot->occs.n + w->p->input_names.n;
    for (size_t i = 0; i < spot->slots.n; i++)
        if (bits_has(spot->slots.v[i]->types, t->id)) {
            buf_printf(&b, "s%zu:", i);
            sign_field(w, &b, t, spot->slots.v[i]->name);
        }
    for (size_t i = 0; i < spot->occs.n; i++)
        if (str_eq_c(spot->occs.v[i].name, "__typename"))
            buf_add_char(&b, bits_has(spot->occs.v[i].types, t->id) ? 'T' : 't');
    for (size_t i = 0; i < w->p->input_names.n; i++)
        sign_field(w, &b, t, w->p->input_names.v[i]);
    sign_keys(w, &b, t);
    if (is_reentrant(w->s, t))
        buf_add(&b, t->name);
    sign_membership(w, &b, spot, t->id);
    struct str text = arena_str(w->a, buf_str(&b));
    buf_free(&b);
    return text;
}

static struct klass *klass_new(struct work *w, struct spot *spot, const struct gql_type *first)
{
    struct klass *c = arena_new_of(w->a, struct klass);
    *c = (struct klass){.types = bits_new(w->a, w->s->full->n_types), .first = first};
    bits_set(c->types, first->id);
    vec_push(w->a, &spot->classes, c);
    return c;
}

static void partition(struct work *w, struct spot *spot)
{
    struct map by_signature = {0};
    bool single = bits_count(spot->types) == 1;

    for (int t = bits_next(spot->types, 0); t >= 0; t = bits_next(spot->types, (uint32_t)t + 1)) {
        const struct gql_type *type = w->s->full->types[t];
        struct str sig = single ? STR("") : signature(w, spot, type);
        struct klass *c = map_get(&by_signature, sig);
        if (c)
            bits_set(c->types, (uint32_t)t);
        else
            map_put(w->a, &by_signature, sig, klass_new(w, spot, type));
    }
}

/* ---- needs ---- */

static void demand_set(struct work *w, struct spot *spot, struct klass *c,
                       const struct gql_selection_set *set);
static void need(struct work *w, struct spot *spot, struct klass *c, struct slot *slot, bool goal);

static struct slot *input_slot(struct work *w, struct spot *spot, const struct klass *c,
                               const struct gql_selection *sel)
{
    const struct gql_field *f = map_get(&c->first->field_by_name, sel->name.s);
    if (!f)
        return NULL;
    struct str args = arguments_text(w, sel);
    struct slot *slot = spot_slot(spot, f->name, args, STR_NONE, c->first->id);
    for (size_t i = 0; i < spot->slots.n && !slot; i++) {
        struct slot *other = spot->slots.v[i];
        if (!other->client && str_eq(other->name, f->name) && str_eq(other->args, args) &&
            slot_fits(other, f))
            slot = other;
    }
    if (!slot)
        slot = slot_new(w, spot, sel, f, args);
    bits_or(slot->types, c->types);
    return slot;
}

static uint32_t repeats_of(const struct spot *spot)
{
    uint32_t n = 0;
    for (const struct spot *up = spot->parent; up->input_depth; up = up->parent)
        n += up->parent->type == spot->parent->type && str_eq(up->input_of, spot->input_of);
    return n > spot->parent->repeats ? n : spot->parent->repeats;
}

static void input_child(struct work *w, struct spot *spot, struct slot *slot, const struct klass *c)
{
    if (!slot->child) {
        slot->child = spot_new(w, spot, slot->named);
        slot->child->input_depth = spot->input_depth + 1;
        slot->child->input_of = slot->name;
        slot->child->repeats = repeats_of(slot->child);
    }
    if (slot->child->client)
        return;
    /* A later class may bring further types; they become classes of their own. */
    struct bits *before = bits_copy(w->a, slot->child->types);
    for (int t = bits_next(c->types, 0); t >= 0; t = bits_next(c->types, (uint32_t)t + 1))
        spot_add_types(w, slot->child, w->s->full->types[t], slot->name);
    struct bits *all = slot->child->types;
    if (bits_equal(before, all))
        return;
    struct bits *fresh = bits_copy(w->a, all);
    bits_minus(fresh, before);
    slot->child->types = fresh;
    partition(w, slot->child);
    slot->child->types = all;
}

static bool set_selects_of(const struct work *w, const struct klass *c, const struct gql_selection_set *set)
{
    for (uint32_t i = 0; i < set->n; i++) {
        const struct gql_selection *sel = set->items[i];
        if (sel->kind == GQL_FIELD && !str_eq_c(sel->name.s, "__typename"))
            return true;
        if (sel->kind != GQL_INLINE_FRAGMENT)
            continue;
        const struct gql_type *on = sel->on.s.p ? gql_schema_type(w->s->full, sel->on.s) : NULL;
        if ((!on || type_fits(on, c->first->id)) && set_selects_of(w, c, sel->selections))
            return true;
    }
    return false;
}

bool set_selects(const struct work *w, const struct spot *spot, const struct gql_selection_set *set)
{
    for (size_t i = 0; i < spot->classes.n; i++)
        if (set_selects_of(w, spot->classes.v[i], set))
            return true;
    return false;
}

static void demand_below(struct work *w, struct spot *child, const struct gql_selection_set *set)
{
    bool any = set_selects(w, child, set);
    for (size_t i = 0; i < child->classes.n; i++) {
        child->classes.v[i]->input_existence |= !any;
        demand_set(w, child, child->classes.v[i], set);
    }
}

static void demand_field(struct work *w, struct spot *spot, struct klass *c,
                         const struct gql_selection *sel)
{
    if (str_eq_c(sel->name.s, "__typename"))
        return;
    struct slot *slot = input_slot(w, spot, c, sel);
    w->effort++;
    w->cut |= spot->input_depth >= PLANNER_INPUT_DEPTH_MAX;
    if (!slot || spot->input_depth >= PLANNER_INPUT_DEPTH_MAX)
        return;
    if (!slot->leaf)
        input_child(w, spot, slot, c);
    need(w, spot, c, slot, false);
    if (sel->selections && !slot->leaf)
        demand_below(w, slot->child, sel->selections);
}

static void demand_set(struct work *w, struct spot *spot, struct klass *c,
                       const struct gql_selection_set *set)
{
    for (uint32_t i = 0; i < set->n; i++) {
        const struct gql_selection *sel = set->items[i];
        if (sel->kind == GQL_FIELD) {
            demand_field(w, spot, c, sel);
        } else if (sel->kind == GQL_INLINE_FRAGMENT) {
            const struct gql_type *on = sel->on.s.p ? gql_schema_type(w->s->full, sel->on.s) : NULL;
            if (!on || type_fits(on, c->first->id))
                demand_set(w, spot, c, sel->selections);
        }
    }
}

static bool has_way(const struct klass *c, uint32_t subgraph, const struct gql_type *as)
{
    for (size_t i = 0; i < c->ways.n; i++)
        if (c->ways.v[i].subgraph == subgraph && c->ways.v[i].as == as)
            return true;
    return false;
}

/* Opens the way into `subgraph` by the resolvable keys that `owner` has there, and asks for what
 * the keys need. */
static void open_way(struct work *w, struct spot *spot, struct klass *c, uint32_t subgraph,
                     const struct gql_type *owner, const struct gql_type *as)
{
    const struct sg_type *st = &w->s->types[owner->id];
    bool any = false;

    if (has_way(c, subgraph, as))
        return;
    for (uint32_t i = 0; i < st->n_keys; i++)
        any |= st->keys[i].subgraph == subgraph && st->keys[i].resolvable;
    if (!any)
        return;
    vec_push(w->a, &c->ways, (struct way){.subgraph = subgraph, .as = as, .owner = owner});
    for (uint32_t i = 0; i < st->n_keys; i++)
        if (st->keys[i].subgraph == subgraph && st->keys[i].resolvable)
            demand_set(w, spot, c, st->keys[i].fields);
}

static void open_root(struct work *w, struct klass *c, uint32_t subgraph)
{
    if (!has_way(c, subgraph, NULL))
        vec_push(w->a, &c->ways,
                 (struct way){.subgraph = subgraph, .reentry = true, .owner = c->first});
}

static bool resolves_at(struct work *w, uint32_t subgraph, const struct gql_type *t,
                        struct str name)
{
    const struct sg_field_join *j = join_at(w->s, subgraph, t, name);
    return j && join_usable(w, j) && (!j->external || j->key_external);
}

static void ways_for(struct work *w, struct spot *spot, struct klass *c, struct str field)
{
    const struct gql_type *t = c->first;

    if (!spot->parent)
        return;
    for (uint32_t g = 0; g < w->s->n_subgraphs; g++) {
        if (resolves_at(w, g, t, field) && is_reentrant(w->s, t))
            open_root(w, c, g);
        else if (resolves_at(w, g, t, field))
            open_way(w, spot, c, g, t, NULL);
        for (size_t i = 0; i < t->interfaces.n; i++) {
            const struct gql_type *iface = t->interfaces.v[i];
            bool object = is_interface_object(w->s, iface, g);
            if ((object || spot->unknown_type) && resolves_at(w, g, iface, field))
                open_way(w, spot, c, g, iface, iface);
        }
    }
}

/* May inputs of what is needed there be looked for? */
static bool unfolds(struct work *w, const struct spot *spot)
{
    bool repeats = spot->input_depth > PLANNER_INPUT_DEPTH_FREE && spot->repeats > w->reach.repeats;
    size_t most = w->reach.spots + w->n_client * (PLANNER_INPUT_SPOTS_EACH + 1);
    if (!spot->input_depth || (!repeats && w->spots.n < most))
        return true;
    w->cut = true;
    return false;
}

/* Where an @interfaceObject brought the record, some subgraph that knows the interface has to say
 * what it is. */
static void ways_to_typename(struct work *w, struct spot *spot, struct klass *c)
{
    const struct gql_type *t = c->first;
    if (!unfolds(w, spot))
        return;
    for (uint32_t g = 0; g < w->s->n_subgraphs; g++)
        for (size_t i = 0; i < t->interfaces.n; i++) {
            const struct gql_type *iface = t->interfaces.v[i];
            if (bits_has(w->s->types[iface->id].subgraphs, g) &&
                !is_interface_object(w->s, iface, g))
                open_way(w, spot, c, g, iface, iface);
        }
}

static void demand_requires(struct work *w, struct spot *spot, struct klass *c,
                            const struct gql_type *t, struct str name)
{
    const struct gql_field *f = t->n_fields ? map_get(&t->field_by_name, name) : NULL;
    const struct sg_field *sf = f ? supergraph_field(w->s, f) : NULL;
    for (uint32_t i = 0; sf && i < sf->n_joins; i++)
        if (sf->joins[i].requires && join_usable(w, &sf->joins[i]) &&
            (t == c->first || is_interface_object(w->s, t, sf->joins[i].subgraph)))
            demand_set(w, spot, c, sf->joins[i].requires);
}

/* Objects above may set the context: the nearest that does, on each way up. */
static void demand_context(struct work *w, struct spot *spot, const struct sg_context_arg *arg)
{
    bool left = true;
    for (struct spot *below = spot; left && below->parent; below = below->parent) {
        struct spot *up = below->parent;
        const struct slot *link = slot_towards(up, below);
        left = false;
        for (size_t i = 0; i < up->classes.n; i++) {
            struct klass *c = up->classes.v[i];
            if (!bits_overlap(link->types, c->types))
                continue;
            if (context_set_by(w, arg, c->first->id))
                demand_set(w, up, c, arg->selection);
            else
                left = true;
        }
    }
}

static void demand_contexts(struct work *w, struct spot *spot, const struct gql_type *t, struct str name)
{
    const struct gql_field *f = w->s->n_contexts && t->n_fields ? map_get(&t->field_by_name, name) : NULL;
    const struct sg_field *sf = f ? supergraph_field(w->s, f) : NULL;
    for (uint32_t i = 0; sf && i < sf->n_joins; i++)
        for (uint32_t k = 0; k < sf->joins[i].n_contexts && join_usable(w, &sf->joins[i]); k++)
            demand_context(w, spot, &sf->joins[i].contexts[k]);
}

static void need(struct work *w, struct spot *spot, struct klass *c, struct slot *slot, bool goal)
{
    for (size_t i = 0; i < c->needs.n; i++)
        if (c->needs.v[i].slot == slot) {
            c->needs.v[i].goal |= goal;
            return;
        }
    vec_push(w->a, &c->needs, (struct need){slot, goal});
    vec_push(w->a, &w->wanted, (struct wanted){spot, c, slot});
}

static void inputs_for(struct work *w, struct spot *spot, struct klass *c, struct str name)
{
    w->effort += w->s->n_subgraphs;
    if (!unfolds(w, spot))
        return;
    demand_requires(w, spot, c, c->first, name);
    demand_contexts(w, spot, c->first, name);
    for (size_t i = 0; i < c->first->interfaces.n; i++)
        demand_requires(w, spot, c, c->first->interfaces.v[i], name);
    ways_for(w, spot, c, name);
}

/* What is near comes before what is far, so that the reach is not used up by one branch. */
static void find_inputs(struct work *w)
{
    for (size_t i = 0; i < w->wanted.n; i++) {
        struct wanted it = w->wanted.v[i];
        inputs_for(w, it.spot, it.klass, it.slot->name);
    }
    w->wanted.n = 0;
}

/* ---- the client's part ---- */

static bool selections_differ(const struct spot *spot)
{
    for (size_t i = 0; i < spot->occs.n; i++)
        if (str_eq_c(spot->occs.v[i].name, "__typename") ||
            !bits_subset(spot->types, spot->occs.v[i].types))
            return true;
    return false;
}

static void client_class(struct work *w, struct spot *spot, struct klass *c, size_t n_client)
{
    for (size_t i = 0; i < n_client; i++) {
        struct slot *slot = spot->slots.v[i];
        if (bits_has(slot->types, c->first->id))
            need(w, spot, c, slot, true);
    }
    for (size_t i = 0; spot->of && i < spot->of->parts.n; i++)
        c->wants_existence |= !class_wants(spot, c, spot->of->parts.v[i]);
    c->wants_typename = spot->unknown_type && selections_differ(spot);
}

static void client_spot(struct work *w, struct spot *spot)
{
    size_t n_client = 0;

    while (n_client < spot->slots.n && spot->slots.v[n_client]->client)
        n_client++;
    for (size_t i = 0; i < spot->classes.n; i++)
        client_class(w, spot, spot->classes.v[i], n_client);
}

static void typename_ways(struct work *w, struct spot *spot)
{
    for (size_t i = 0; spot->unknown_type && i < spot->classes.n; i++)
        ways_to_typename(w, spot, spot->classes.v[i]);
}

/* Classes come first everywhere: a need at one spot asks for fields at the spots below it. */
void needs_build(struct work *w)
{
    size_t n = w->n_client = w->spots.n;

    for (size_t i = 0; i < n; i++)
        partition(w, w->spots.v[i]);
    for (size_t i = 0; i < n; i++)
        client_spot(w, w->spots.v[i]);
    find_inputs(w);
    for (size_t i = 0; i < w->spots.n; i++) {
        typename_ways(w, w->spots.v[i]);
        find_inputs(w);
    }
}
