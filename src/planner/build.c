/* Layouts, fetches and representations of the plan. */
#include "planner/work.h"

#define FETCHES_MAX 1024

/* ---- fetches of a segment ---- */

static enum gql_operation_kind operation_of(const struct work *w, const struct entry *e)
{
    if (e->root)
        return w->req->operation->operation;
    return e->reentry && e->owner == w->s->full->mutation ? GQL_MUTATION : GQL_QUERY;
}

static struct fetch *fetch_of(struct work *w, struct segment *seg, const struct entry *e)
{
    enum gql_operation_kind operation = operation_of(w, e);
    for (size_t i = 0; i < w->fetches.n; i++) {
        struct fetch *f = w->fetches.v[i];
        if (f->segment == seg && f->part == e->part && f->level == e->level &&
            f->subgraph == e->subgraph && f->operation == operation)
            return f;
    }
    struct fetch *f = arena_new_of(w->a, struct fetch);
    *f = (struct fetch){.id = (uint32_t)w->fetches.n,
                        .subgraph = e->subgraph,
                        .level = e->level,
                        .part = e->part,
                        .operation = operation,
                        .segment = seg,
                        .after = bits_new(w->a, FETCHES_MAX)};
    vec_push(w->a, &w->fetches, f);
    return f;
}

static void inputs_after(struct bits *after, const struct entry *e)
{
    for (size_t i = 0; i < e->from.n; i++)
        bits_set(after, e->from.v[i]->fetch->id);
}

static struct bits *inputs_from(struct work *w, const struct entry *e)
{
    struct bits *from = bits_new(w->a, FETCHES_MAX);
    inputs_after(from, e);
    return from;
}

/* Would the two ask for a field of the same name with different arguments? */
static bool sets_conflict(const struct gql_selection_set *a, const struct gql_selection_set *b)
{
    for (uint32_t i = 0; a && b && i < a->n; i++)
        for (uint32_t k = 0; k < b->n; k++)
            if (a->items[i]->kind == GQL_FIELD && b->items[k]->kind == GQL_FIELD &&
                (a->items[i]->n_args || b->items[k]->n_args) &&
                str_eq(a->items[i]->name.s, b->items[k]->name.s))
                return true;
    return false;
}

static bool share_a_class(const struct entry *a, const struct entry *b)
{
    for (size_t i = 0; i < b->classes.n; i++)
        if (entry_serves(a, b->classes.v[i]))
            return true;
    return false;
}

/* Where the runtime type may be unknown, classes cannot be told apart before the subgraph has
 * answered for the interface. */
static bool same_rep(const struct entity_group *g, const struct entry *a, const struct entry *b)
{
    if (g->spot->unknown_type && a->as)
        return true;
    return share_a_class(a, b);
}

/* Does the subgraph know the interface only as an @interfaceObject? What it is asked of one type in a
 * group it is asked of all, so all have to bring what that @requires. */
static bool sees_no_types(struct work *w, const struct entry *e)
{
    return e->as && is_interface_object(w->s, e->as, e->subgraph);
}

static bool same_contexts(const struct entry *a, const struct entry *b)
{
    if (a->contexts.n != b->contexts.n)
        return false;
    for (size_t i = 0; i < a->contexts.n; i++)
        if (!same_context_args(a->contexts.v[i], b->contexts.v[i]))
            return false;
    return true;
}

/* Entries share a representation when the same fetches feed them: then one failing takes down no
 * more than it has to. Types apart never meet in one record, so they always may share. */
static bool can_join(struct work *w, const struct entity_group *g, const struct entry *e)
{
    struct bits *from = inputs_from(w, e);
    if (g->spot != e->place->spot || g->entries.v[0]->as != e->as ||
        g->entries.v[0]->reentry != e->reentry)
        return false;
    if (e->reentry)
        return true;
    if (!same_contexts(g->entries.v[0], e))
        return false;
    for (size_t i = 0; i < g->entries.n; i++) {
        const struct entry *other = g->entries.v[i];
        if (other->requires != e->requires && sees_no_types(w, e) && !share_a_class(other, e))
            return false;
        if (!same_rep(g, other, e))
            continue;
        if (!bits_equal(from, inputs_from(w, other)) || sets_conflict(other->requires, e->requires))
            return false;
        if (other->requires && e->requires &&
            (sets_conflict(other->requires, e->chosen->key) ||
             sets_conflict(e->requires, other->chosen->key)))
            return false;
    }
    return true;
}

static void group_entry(struct work *w, struct fetch *f, struct entry *e)
{
    for (size_t i = 0; i < f->groups.n; i++)
        if (can_join(w, f->groups.v[i], e)) {
            vec_push(w->a, &f->groups.v[i]->entries, e);
            return;
        }
    struct entity_group *g = arena_new_of(w->a, struct entity_group);
    g->spot = e->place->spot;
    g->spot->target = true;
    vec_push(w->a, &g->entries, e);
    vec_push(w->a, &f->groups, g);
}

static void mark_place(struct place *p)
{
    for (size_t i = 0; i < p->parents.n; i++) {
        struct slot *slot = p->parents.v[i].place->spot->slots.v[p->parents.v[i].slot];
        bool before = slot->used;
        slot->used = true;
        if (!before)
            mark_place(p->parents.v[i].place);
    }
}

static void mark_used(const struct segment *seg)
{
    for (size_t i = 0; i < seg->given.n; i++)
        for (size_t k = 0; k < seg->given.v[i]->brings.n; k++) {
            const struct atom *a = seg->given.v[i]->brings.v[k];
            if (a->slot >= 0)
                a->place->spot->slots.v[a->slot]->used = true;
            mark_place(a->place);
        }
}

void fetches_build(struct work *w, struct segment *seg, bool serial)
{
    size_t before = w->fetches.n;
    uint32_t levels = 0;

    mark_used(seg);
    for (size_t i = 0; i < seg->given.n; i++)
        if (seg->given.v[i]->level > levels)
            levels = seg->given.v[i]->level;
    for (uint32_t part = 0; part < w->parts.n; part++)
        for (uint32_t level = 1; level <= levels; level++)
            for (size_t i = 0; i < seg->given.n; i++) {
                struct entry *e = seg->given.v[i];
                if (e->part != part || e->level != level)
                    continue;
                e->fetch = fetch_of(w, seg, e);
                vec_push(w->a, &e->fetch->entries, e);
            }
    w->too_big |= w->fetches.n > FETCHES_MAX;
    for (size_t i = before; i < w->fetches.n && !w->too_big; i++) {
        struct fetch *f = w->fetches.v[i];
        for (size_t k = 0; k < f->entries.n; k++) {
            inputs_after(f->after, f->entries.v[k]);
            if (!f->entries.v[k]->root)
                group_entry(w, f, f->entries.v[k]);
        }
        for (uint32_t k = 0; serial && f->level == 1 && k < before; k++)
            if (w->fetches.v[k]->part == 0)
                bits_set(f->after, k);
    }
}

/* ---- layouts ---- */

static enum plan_leaf leaf_kind(const struct gql_type *t)
{
    static const struct {
        const char *name;
        enum plan_leaf leaf;
    } builtin[] = {{"Int", PLAN_LEAF_INT},
                   {"Float", PLAN_LEAF_FLOAT},
                   {"String", PLAN_LEAF_STRING},
                   {"Boolean", PLAN_LEAF_BOOLEAN},
                   {"ID", PLAN_LEAF_ID}};
    if (t->kind == GQL_ENUM_TYPE)
        return PLAN_LEAF_ENUM;
    for (size_t i = 0; i < sizeof builtin / sizeof builtin[0]; i++)
        if (str_eq_c(t->name, builtin[i].name))
            return builtin[i].leaf;
    return PLAN_LEAF_CUSTOM;
}

static struct plan_layout *layout_new(struct work *w, struct spot *spot, struct plan_layout *parent,
                                      uint32_t parent_slot)
{
    struct plan_layout *l = arena_new_of(w->plan_arena, struct plan_layout);
    *l = (struct plan_layout){.id = w->plan->n_layouts++,
                              .type = spot->type,
                              .parent = parent,
                              .parent_slot = parent_slot,
                              .is_target = spot->target};
    if (bits_count(spot->types) == 1)
        l->concrete = w->s->full->types[bits_next(spot->types, 0)];
    spot->layout = l;
    w->plan->layouts[l->id] = l;
    for (size_t i = 0; i < spot->slots.n; i++)
        if (spot->slots.v[i]->used || spot->slots.v[i]->client)
            spot->slots.v[i]->final = l->n_slots++;
    l->slots = arena_array(w->plan_arena, struct plan_slot, l->n_slots);
    for (size_t i = 0; i < spot->slots.n; i++) {
        struct slot *s = spot->slots.v[i];
        if (!s->used && !s->client)
            continue;
        l->slots[s->final] =
            (struct plan_slot){.field = s->name, .list_depth = s->list_depth, .named = s->named};
        if (s->leaf)
            l->slots[s->final].leaf = leaf_kind(s->named);
        else
            l->slots[s->final].child = layout_new(w, s->child, l, s->final);
    }
    return l;
}

void layouts_build(struct work *w)
{
    w->plan->layouts = arena_array(w->plan_arena, struct plan_layout *, w->spots.n);
    layout_new(w, w->spots.v[0], NULL, 0);
}

/* ---- representations ---- */

struct rep_sets VEC_BODY(const struct gql_selection_set *);

struct rep_builder {
    struct work *w;
    const struct gql_selection_set *key; /* its fields, at the top, must be there */
};

static struct plan_rep rep_of(struct rep_builder *b, const struct place *p, uint32_t k,
                              const struct rep_sets *sets);

static bool is_named_in(const struct gql_selection_set *set, struct str name)
{
    for (uint32_t i = 0; set && i < set->n; i++)
        if (set->items[i]->kind == GQL_FIELD && str_eq(set->items[i]->name.s, name))
            return true;
    return false;
}

static void rep_children(struct rep_builder *b, struct plan_rep_field *f, const struct place *child,
                         const struct rep_sets *sets)
{
    uint32_t n = 0;
    struct rep_builder below = {.w = b->w};
    for (uint32_t k = 0; k < child->spot->classes.n; k++)
        n += child->classes[k].present;
    f->children = arena_array(b->w->plan_arena, struct plan_rep, n);
    for (uint32_t k = 0; k < child->spot->classes.n; k++) {
        if (!child->classes[k].present)
            continue;
        struct plan_rep *rep = &f->children[f->n_children++];
        *rep = rep_of(&below, child, k, sets);
        rep->types = n == 1 ? NULL : bits_copy(b->w->plan_arena, child->spot->classes.v[k]->types);
        rep->with_typename = bits_count(child->spot->types) != 1;
    }
}

struct rep_fields VEC_BODY(struct plan_rep_field);

/* Every selection of `name` in the sets that concerns this class. */
static void gather(struct rep_builder *b, uint32_t type_id, const struct gql_selection_set *set,
                   struct str name, struct rep_sets *below)
{
    for (uint32_t i = 0; i < set->n; i++) {
        const struct gql_selection *sel = set->items[i];
        if (sel->kind == GQL_FIELD && str_eq(sel->name.s, name) && sel->selections)
            vec_push(b->w->a, below, sel->selections);
        if (sel->kind != GQL_INLINE_FRAGMENT)
            continue;
        const struct gql_type *on = sel->on.s.p ? gql_schema_type(b->w->s->full, sel->on.s) : NULL;
        if (!on || type_fits(on, type_id))
            gather(b, type_id, sel->selections, name, below);
    }
}

static void rep_field(struct rep_builder *b, const struct place *p, uint32_t k,
                      const struct rep_sets *sets, const struct gql_selection *sel,
                      struct rep_fields *out)
{
    const struct klass *c = p->spot->classes.v[k];
    const struct gql_field *field = map_get(&c->first->field_by_name, sel->name.s);
    struct slot *slot =
        spot_slot(p->spot, sel->name.s, arguments_text(b->w, sel), STR_NONE, c->first->id);

    if (!slot || !field)
        return;
    for (size_t i = 0; i < out->n; i++)
        if (out->v[i].slot == slot->final)
            return;
    struct plan_rep_field *f = vec_add(b->w->a, out);
    *f = (struct plan_rep_field){
        .key_json = arena_printf(b->w->plan_arena, "\"%.*s\":", STR_ARG(slot->name)),
        .slot = slot->final,
        .nullable = field->type->kind != GQL_REF_NON_NULL && !is_named_in(b->key, slot->name)};
    if (slot->leaf)
        return;
    struct rep_sets below = {0};
    for (size_t i = 0; i < sets->n; i++)
        gather(b, c->first->id, sets->v[i], slot->name, &below);
    rep_children(b, f, p->classes[k].children[slot->index], &below);
}

static void rep_set(struct rep_builder *b, const struct place *p, uint32_t k,
                    const struct rep_sets *sets, const struct gql_selection_set *set,
                    struct rep_fields *out)
{
    uint32_t type_id = p->spot->classes.v[k]->first->id;
    for (uint32_t i = 0; i < set->n; i++) {
        const struct gql_selection *sel = set->items[i];
        if (sel->kind == GQL_FIELD && !str_eq_c(sel->name.s, "__typename"))
            rep_field(b, p, k, sets, sel, out);
        if (sel->kind != GQL_INLINE_FRAGMENT)
            continue;
        const struct gql_type *on = sel->on.s.p ? gql_schema_type(b->w->s->full, sel->on.s) : NULL;
        if (!on || type_fits(on, type_id))
            rep_set(b, p, k, sets, sel->selections, out);
    }
}

static struct plan_rep rep_of(struct rep_builder *b, const struct place *p, uint32_t k,
                              const struct rep_sets *sets)
{
    struct rep_fields fields = {0};
    for (size_t i = 0; i < sets->n; i++)
        rep_set(b, p, k, sets, sets->v[i], &fields);
    return (struct plan_rep){
        .fields = arena_memdup(b->w->plan_arena, fields.v, sizeof *fields.v * fields.n),
        .n_fields = (uint32_t)fields.n};
}

struct plan_rep rep_of_selection(struct work *w, const struct place *p, uint32_t klass,
                                 const struct gql_selection_set *sel)
{
    struct rep_builder b = {.w = w};
    struct rep_sets sets = {0};
    vec_push(w->a, &sets, sel);
    return rep_of(&b, p, klass, &sets);
}

/* One representation for all entries of the group that stand for class `k`. */
static struct plan_rep group_rep(struct work *w, const struct entity_group *g,
                                 const struct entry *e, uint32_t k)
{
    struct rep_sets sets = {0};
    struct rep_builder b = {.w = w, .key = e->chosen->key};
    const struct klass *c = g->spot->classes.v[k];
    bool any_type = g->spot->unknown_type && e->as;

    for (size_t i = 0; i < g->entries.n; i++)
        if (any_type || entry_serves(g->entries.v[i], k))
            vec_push(w->a, &sets, g->entries.v[i]->chosen->key);
    for (size_t i = 0; i < g->entries.n; i++)
        if ((any_type || entry_serves(g->entries.v[i], k)) && g->entries.v[i]->requires)
            vec_push(w->a, &sets, g->entries.v[i]->requires);
    struct plan_rep rep = rep_of(&b, e->place, k, &sets);
    rep.with_typename = true;
    if (e->as)
        rep.typename_json = arena_printf(w->plan_arena, "\"%.*s\"", STR_ARG(e->as->name));
    else if (bits_count(c->types) == 1)
        rep.typename_json = arena_printf(w->plan_arena, "\"%.*s\"", STR_ARG(c->first->name));
    rep.types =
        bits_equal(c->types, g->spot->types) ? NULL : bits_copy(w->plan_arena, c->types);
    return rep;
}

static bool reps_read_alike(const struct plan_rep *a, const struct plan_rep *b)
{
    if (a->n_fields != b->n_fields)
        return false;
    for (uint32_t i = 0; i < a->n_fields; i++) {
        const struct plan_rep_field *f = &a->fields[i], *g = &b->fields[i];
        if (f->slot != g->slot || f->nullable != g->nullable || f->n_children != g->n_children)
            return false;
        for (uint32_t k = 0; k < f->n_children; k++)
            if (!reps_read_alike(&f->children[k], &g->children[k]))
                return false;
    }
    return true;
}

/* Of records that may have no type yet. What brought those has filled the slots of every class; where
 * classes keep a field in different slots, a record whose type is known reads its own. */
static void merge_untyped(struct plan_entities *out)
{
    bool alike = true;
    for (uint32_t i = 1; i < out->n_reps; i++)
        alike = alike && reps_read_alike(&out->reps[0], &out->reps[i]);
    uint32_t last = alike ? 0 : out->n_reps;
    out->reps[last] = out->reps[0];
    out->reps[last].types = NULL;
    out->n_reps = last + 1;
}

static void build_reps(struct work *w, const struct entity_group *g, struct plan_entities *out)
{
    struct bits *done = bits_new(w->a, (uint32_t)g->spot->classes.n);

    out->reps = arena_array(w->plan_arena, struct plan_rep, g->spot->classes.n + 1);
    for (size_t i = 0; i < g->entries.n; i++) {
        const struct entry *e = g->entries.v[i];
        for (size_t k = 0; k < e->classes.n; k++) {
            if (bits_has(done, e->classes.v[k]))
                continue;
            bits_set(done, e->classes.v[k]);
            out->reps[out->n_reps++] = group_rep(w, g, e, e->classes.v[k]);
        }
    }
    if (g->spot->unknown_type && g->entries.v[0]->as)
        merge_untyped(out);
}

/* ---- the plan's fetches ---- */

static bool is_client_variable(const struct work *w, struct str name)
{
    for (uint32_t i = 0; i < w->plan->operation->n_variables; i++)
        if (str_eq(w->plan->operation->variables[i].name.s, name))
            return true;
    return false;
}

static struct str free_variable(struct work *w, struct str name)
{
    while (is_client_variable(w, name))
        name = arena_printf(w->plan_arena, "_%.*s", STR_ARG(name));
    return name;
}

struct reasons VEC_BODY(struct str);

static void add_reason(struct work *w, struct reasons *reasons, struct str reason)
{
    for (size_t i = 0; i < reasons->n; i++)
        if (str_eq(reasons->v[i], reason))
            return;
    vec_push(w->a, reasons, reason);
}

static struct str reason_of_entry(struct work *w, const struct entry *e)
{
    const struct klass *c = e->place->spot->classes.v[e->classes.v[0]];
    struct str name = e->as ? e->as->name : c->first->name;

    if (e->reentry)
        return arena_printf(w->a, "%.*s again, below a field", STR_ARG(name));
    if (e->requires)
        return arena_printf(w->a, "%.*s by key, with what %.*s requires", STR_ARG(name),
                            STR_ARG(e->requiring->name));
    if (e->contexts.n)
        return arena_printf(w->a, "%.*s by key, with the context %.*s", STR_ARG(name),
                            STR_ARG(w->s->contexts[e->contexts.v[0]->context].name));
    return arena_printf(w->a, "%.*s by key", STR_ARG(name));
}

static struct str reason_of(struct work *w, const struct fetch *f)
{
    static const char *const ROOTS[] = {"fields of the query", "fields of the mutation",
                                        "field of the subscription"};
    struct reasons reasons = {0};
    struct buf b;

    if (f->level == 1)
        return str_c(ROOTS[f->operation]);
    for (size_t i = 0; i < f->entries.n; i++)
        add_reason(w, &reasons, reason_of_entry(w, f->entries.v[i]));
    buf_init(&b, 1u << 20);
    for (size_t i = 0; i < reasons.n; i++)
        buf_printf(&b, "%s%.*s", i ? "; " : "", STR_ARG(reasons.v[i]));
    struct str text = arena_str(w->plan_arena, buf_str(&b));
    buf_free(&b);
    return text;
}

/* Root fields again: the one representation says only which records they are for. */
static void build_reentry(struct work *w, const struct entity_group *g, struct plan_entities *out)
{
    const struct gql_type *root = g->entries.v[0]->owner;
    out->reentry = true;
    out->n_reps = 1;
    out->reps = arena_new_of(w->plan_arena, struct plan_rep);
    if (bits_count(g->spot->types) > 1) {
        struct bits *types = bits_new(w->plan_arena, w->s->full->n_types);
        bits_set(types, root->id);
        out->reps->types = types;
    }
}

static void build_entities(struct work *w, const struct fetch *f, struct plan_fetch *out)
{
    out->kind = PLAN_FETCH_ENTITIES;
    out->n_entities = (uint32_t)f->groups.n;
    out->entities = arena_array(w->plan_arena, struct plan_entities, out->n_entities);
    for (uint32_t i = 0; i < out->n_entities; i++) {
        struct plan_entities *e = &out->entities[i];
        bool one = out->n_entities == 1 && !f->groups.v[i]->entries.v[0]->contexts.n;
        e->target = f->groups.v[i]->spot->layout;
        if (f->groups.v[i]->entries.v[0]->reentry) {
            build_reentry(w, f->groups.v[i], e);
            continue;
        }
        e->alias = one ? STR("_entities") : arena_printf(w->plan_arena, "_e%u", i);
        e->variable =
            free_variable(w, one ? STR("representations") : arena_printf(w->plan_arena, "r%u", i));
        build_reps(w, f->groups.v[i], e);
        contexts_build(w, f->groups.v[i], i, e);
    }
    document_entities(w, f, out);
}

static void build_fetch(struct work *w, const struct fetch *f, struct plan_fetch *out)
{
    *out = (struct plan_fetch){.id = f->id,
                               .part = f->part,
                               .subgraph = f->subgraph,
                               .n_after = bits_count(f->after),
                               .reason = reason_of(w, f)};
    out->after = arena_array(w->plan_arena, uint32_t, out->n_after);
    out->n_after = 0;
    for (int k = bits_next(f->after, 0); k >= 0; k = bits_next(f->after, (uint32_t)k + 1))
        out->after[out->n_after++] = (uint32_t)k;
    if (f->level == 1)
        out->shape = document_root(w, f, out);
    else
        build_entities(w, f, out);
}

static uint32_t longest_chain(const struct plan *p)
{
    uint32_t longest = 0;
    uint32_t depth[FETCHES_MAX];
    for (uint32_t i = 0; i < p->n_fetches; i++) {
        depth[i] = 1;
        for (uint32_t k = 0; k < p->fetches[i].n_after; k++)
            if (depth[p->fetches[i].after[k]] + 1 > depth[i])
                depth[i] = depth[p->fetches[i].after[k]] + 1;
        if (depth[i] > longest)
            longest = depth[i];
    }
    return longest;
}

void plan_fetches_build(struct work *w)
{
    struct plan *p = w->plan;
    p->n_fetches = (uint32_t)w->fetches.n;
    p->fetches = arena_array(w->plan_arena, struct plan_fetch, p->n_fetches);
    for (size_t i = 0; i < w->fetches.n; i++)
        build_fetch(w, w->fetches.v[i], &p->fetches[i]);
    p->depth = longest_chain(p);
}
