#include "federation/compose_graph.h"

#include "federation/compose_subgraph.h"

/* ---- sets ---- */

static uint32_t find(const struct place_set *s, uint32_t id)
{
    uint32_t lo = 0, hi = s->n;
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        if (s->v[mid] < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool place_set_has(const struct place_set *s, uint32_t id)
{
    uint32_t i = find(s, id);
    return i < s->n && s->v[i] == id;
}

bool place_set_add(struct arena *a, struct place_set *s, uint32_t id)
{
    uint32_t i = find(s, id);
    if (i < s->n && s->v[i] == id)
        return false;
    if (s->n == s->cap) {
        uint32_t cap = s->cap ? s->cap * 2 : 8;
        uint32_t *v = arena_array(a, uint32_t, cap);
        if (s->n)
            memcpy(v, s->v, s->n * sizeof *v);
        s->v = v;
        s->cap = cap;
    }
    memmove(s->v + i + 1, s->v + i, (s->n - i) * sizeof *s->v);
    s->v[i] = id;
    s->n++;
    return true;
}

bool place_set_subset(const struct place_set *small, const struct place_set *big)
{
    uint32_t j = 0;
    for (uint32_t i = 0; i < small->n; i++) {
        while (j < big->n && big->v[j] < small->v[i])
            j++;
        if (j == big->n || big->v[j] != small->v[i])
            return false;
    }
    return true;
}

/* ---- places ---- */

void graph_init(struct graph *g, struct merge *mg)
{
    *g = (struct graph){.mg = mg, .a = mg->a};
    g->base = arena_array(g->a, uint32_t *, mg->n);
    for (uint32_t i = 0; i < mg->n; i++)
        g->base[i] = arena_array(g->a, uint32_t, mg->sg[i].schema->types.n);
}

static uint32_t add_place(struct graph *g, struct fed_subgraph *sg, struct fed_type *type, struct view *view)
{
    struct place *p = arena_new_of(g->a, struct place);
    p->id = (uint32_t)g->places.n;
    p->sg = sg;
    p->type = type;
    p->view = view;
    vec_push(g->a, &g->places, p);
    return p->id;
}

uint32_t graph_place(struct graph *g, struct fed_subgraph *sg, struct fed_type *type, struct view *view)
{
    if (!view) {
        uint32_t *slot = &g->base[sg->index][type->id];
        if (!*slot)
            *slot = add_place(g, sg, type, NULL) + 1;
        return *slot - 1;
    }
    for (size_t i = 0; i < view->places.n; i++)
        if (g->places.v[view->places.v[i]]->type == type)
            return view->places.v[i];
    uint32_t id = add_place(g, sg, type, view);
    vec_push(g->a, &view->places, id);
    return id;
}

/* ---- views ---- */

static struct view *view_of_field(struct graph *g, const struct place *p, struct fed_field *f)
{
    const struct fed_applied *d = fed_find(p->sg, &f->e, FED_PROVIDES);
    if (!d)
        return NULL;
    struct str key = arena_str(g->a, str_mem(&f, sizeof f));
    struct view *v = map_get(&g->views, key);
    if (v)
        return v;
    v = arena_new_of(g->a, struct view);
    v->set = fed_meta_fields(p->sg, fed_ref_type(p->sg->schema, f->type), d);
    map_put(g->a, &g->views, key, v);
    return v->set ? v : NULL;
}

static struct view *view_step(struct graph *g, struct view *v, struct str name, const struct fed_selections *set)
{
    for (size_t i = 0; i < v->steps.n; i++)
        if (str_eq(v->step_names.v[i], name))
            return v->steps.v[i];
    struct view *step = arena_new_of(g->a, struct view);
    step->set = set;
    vec_push(g->a, &v->step_names, name);
    vec_push(g->a, &v->steps, step);
    return step;
}

/* The provided selection of a field, looking into fragments that do not narrow the type. */
static const struct fed_selection *provided(const struct fed_selections *set, const struct fed_type *type,
                                            struct str field)
{
    for (uint32_t i = 0; set && i < set->n; i++) {
        const struct fed_selection *s = &set->v[i];
        if (s->field && str_eq(s->field->e.name, field))
            return s;
        if (!s->field && s->sub && (!s->condition || s->condition == type)) {
            const struct fed_selection *inner = provided(s->sub, type, field);
            if (inner)
                return inner;
        }
    }
    return NULL;
}

static const struct fed_selections *provided_cast(const struct fed_selections *set, const struct fed_type *type)
{
    for (uint32_t i = 0; set && i < set->n; i++) {
        const struct fed_selection *s = &set->v[i];
        if (!s->field && s->sub && s->condition == type)
            return s->sub;
        const struct fed_selections *inner = !s->field && s->sub && !s->condition ? provided_cast(s->sub, type) : NULL;
        if (inner)
            return inner;
    }
    return NULL;
}

/* ---- one field ---- */

static bool label_allows(const struct fed_field *f, const struct approach *how)
{
    if (!f->label.p)
        return true;
    for (uint32_t i = 0; i < how->n_choices; i++)
        if (str_eq(how->choices[i].label, f->label))
            return how->choices[i].on == f->label_on;
    return false;
}

static bool selects_external(const struct fed_selections *set)
{
    for (uint32_t i = 0; set && i < set->n; i++)
        if ((set->v[i].field && set->v[i].field->external) || selects_external(set->v[i].sub))
            return true;
    return false;
}

bool graph_has_own_key(const struct fed_subgraph *sg, const struct fed_type *t)
{
    for (size_t i = 0; i < t->e.applied.n; i++)
        if (str_eq(t->e.applied.v[i].name, sg->dir_name[FED_KEY]) &&
            !selects_external(fed_meta_fields(sg, (struct fed_type *)t, &t->e.applied.v[i])))
            return true;
    return false;
}

static bool requires_met(const struct place *p, const struct fed_field *f, const struct approach *how)
{
    if (!fed_has(p->sg, &f->e, FED_REQUIRES))
        return true;
    for (size_t i = 0; i < p->required.n; i++)
        if (p->required.v[i].field == f)
            return p->required.v[i].ok && (how->by_key || how->start || graph_has_own_key(p->sg, p->type));
    return false;
}

static void add_behind(struct graph *g, const struct place *p, const struct fed_field *f, struct view *view,
                       struct place_set *out)
{
    struct fed_type *t = fed_ref_type(p->sg->schema, f->type);
    if (t && fed_type_is_composite(t))
        place_set_add(g->a, out, graph_place(g, p->sg, t, view));
}

bool graph_object_field(struct graph *g, const struct place *p, struct str name, const struct approach *how,
                        struct place_set *out)
{
    struct fed_field *f = fed_type_field(p->type, name);
    const struct fed_selection *s = p->view ? provided(p->view->set, p->type, name) : NULL;
    if (str_eq(name, STR("__typename")))
        return !p->type->interface_object;
    if (!f)
        return false;
    if (s && (f->external || f->overridden)) {
        add_behind(g, p, f, s->sub ? view_step(g, p->view, name, s->sub) : NULL, out);
        return true;
    }
    if (f->external || f->overridden || !label_allows(f, how) || !requires_met(p, f, how))
        return false;
    struct view *view = view_of_field(g, p, f);
    if (!view && s && s->sub)
        view = view_step(g, p->view, name, s->sub);
    add_behind(g, p, f, view, out);
    return true;
}

/* An interface's field can be read at once when every type behind it has it without conditions. */
static bool interface_has(const struct graph *g, const struct place *p, struct str name)
{
    struct fed_field *f = fed_type_field(p->type, name);
    const struct fed_type *merged = fed_schema_type(g->mg->out, p->type->e.name);
    if (!f || f->external || !merged)
        return false;
    for (size_t i = 0; i < merged->possible.n; i++) {
        struct fed_type *t = fed_schema_type(p->sg->schema, merged->possible.v[i]->e.name);
        struct fed_field *own = t && fed_type_has_fields(t) ? fed_type_field(t, name) : NULL;
        if (t && (!own || own->external || own->overridden || fed_has(p->sg, &own->e, FED_REQUIRES)))
            return false;
    }
    return true;
}

uint32_t graph_cast_place(struct graph *g, const struct place *p, struct fed_type *type)
{
    const struct fed_selections *set = p->view ? provided_cast(p->view->set, type) : NULL;
    return graph_place(g, p->sg, type, set ? view_step(g, p->view, type->e.name, set) : NULL);
}

bool graph_is_shared(const struct fed_type *t, const struct fed_field *f)
{
    uint32_t joins = 0, resolving = 0, types = 0;
    for (size_t i = 0; i < f->e.applied.n; i++) {
        const struct fed_applied *d = &f->e.applied.v[i];
        if (!str_eq(d->name, STR("join__field")))
            continue;
        joins++;
        resolving += !fed_applied_bool(d, STR("external"), false) && !fed_applied_bool(d, STR("usedOverridden"), false);
    }
    for (size_t i = 0; i < t->e.applied.n; i++)
        types += str_eq(t->e.applied.v[i].name, STR("join__type"));
    return joins ? resolving > 1 : types > 1;
}

static bool is_shared(const struct graph *g, const struct fed_field *f)
{
    const struct fed_type *t = fed_schema_type(g->mg->out, f->parent->e.name);
    const struct fed_field *merged = t ? fed_type_field(t, f->e.name) : NULL;
    return merged && !f->external && !f->overridden && graph_is_shared(t, merged);
}

static bool leaves_only(const struct fed_subgraph *sg, const struct fed_type *t)
{
    for (size_t i = 0; i < t->fields.n; i++) {
        const struct fed_type *f = fed_ref_type(sg->schema, t->fields.v[i]->type);
        if (f && fed_type_is_composite(f))
            return false;
    }
    return true;
}

static bool all_fields_in(const struct fed_type *small, const struct fed_type *big)
{
    for (size_t i = 0; i < small->fields.n; i++)
        if (!fed_type_field(big, small->fields.v[i]->e.name))
            return false;
    return true;
}

/* Does some other subgraph give more behind the shared field `f`, an object of leaves? */
static bool other_gives_more(const struct graph *g, const struct place *p, const struct fed_field *f,
                             const struct fed_type *type)
{
    for (uint32_t i = 0; i < g->mg->n; i++) {
        const struct fed_subgraph *sg = &g->mg->sg[i];
        const struct fed_type *t = sg == p->sg ? NULL : fed_schema_type(sg->schema, f->parent->e.name);
        const struct fed_field *other = t && fed_type_has_fields(t) ? fed_type_field(t, f->e.name) : NULL;
        const struct fed_type *behind = other && is_shared(g, other) ? fed_ref_type(sg->schema, other->type) : NULL;
        if (behind &&
            (!str_eq(behind->e.name, type->e.name) || !fed_type_has_fields(behind) || !all_fields_in(type, behind)))
            return true;
    }
    return false;
}

/* Can going through the types of an interface, one by one, lead to more than its own field does? */
static bool types_give_more(const struct graph *g, const struct place *p, struct str name)
{
    for (size_t i = 0; i < p->type->possible.n; i++) {
        const struct fed_type *t = p->type->possible.v[i];
        const struct fed_field *f = fed_has(p->sg, &t->e, FED_KEY) ? fed_type_field(t, name) : NULL;
        const struct fed_type *type = f && is_shared(g, f) ? fed_ref_type(p->sg->schema, f->type) : NULL;
        if (type && fed_type_is_composite(type))
            return type->kind != GQL_OBJECT_TYPE || !leaves_only(p->sg, type) || other_gives_more(g, p, f, type);
    }
    return false;
}

static bool type_provides(const struct place *p, struct str name)
{
    for (size_t i = 0; i < p->type->possible.n; i++) {
        const struct fed_field *f = fed_type_field(p->type->possible.v[i], name);
        if (f && fed_has(p->sg, &f->e, FED_PROVIDES))
            return true;
    }
    return false;
}

bool graph_abstract_field(struct graph *g, const struct place *p, struct str name, bool *alone, struct place_set *out)
{
    *alone = true;
    if (str_eq(name, STR("__typename")))
        return true;
    const struct fed_selection *s = p->view ? provided(p->view->set, p->type, name) : NULL;
    bool own = p->type->kind == GQL_INTERFACE && interface_has(g, p, name);
    *alone = own && !type_provides(p, name) && !types_give_more(g, p, name);
    if (s || own)
        add_behind(g, p, fed_type_field(p->type, name), s && s->sub ? view_step(g, p->view, name, s->sub) : NULL, out);
    return s || own;
}

bool graph_direct(struct graph *g, const struct place *p, const struct fed_type *type, struct str field,
                  struct approach how, struct place_set *out)
{
    if (p->type->kind == GQL_OBJECT_TYPE)
        return (p->type->interface_object || str_eq(p->type->e.name, type->e.name)) &&
               graph_object_field(g, p, field, &how, out);
    struct fed_type *own = fed_schema_type(p->sg->schema, type->e.name);
    if (!own || !fed_type_can_be(p->type, own))
        return false;
    return graph_object_field(g, g->places.v[graph_cast_place(g, p, own)], field, &how, out);
}

bool graph_knows_typename(const struct graph *g, const struct place *p)
{
    for (uint32_t i = 0; i < p->reach.n; i++)
        if (!g->places.v[p->reach.v[i]]->type->interface_object)
            return true;
    return false;
}

static void cast_direct(struct graph *g, uint32_t id, struct str type, struct place_set *out)
{
    const struct place *p = g->places.v[id];
    struct fed_type *own = fed_schema_type(p->sg->schema, type);
    if (str_eq(p->type->e.name, type) || (p->type->interface_object && graph_knows_typename(g, p)))
        place_set_add(g->a, out, id);
    else if (p->type->kind != GQL_OBJECT_TYPE && own && fed_type_can_be(p->type, own))
        place_set_add(g->a, out, graph_cast_place(g, p, own));
}

void graph_cast(struct graph *g, uint32_t id, struct str type, struct place_set *out)
{
    struct place_set reach = g->places.v[id]->reach;
    cast_direct(g, id, type, out);
    for (uint32_t i = 0; i < reach.n; i++)
        cast_direct(g, reach.v[i], type, out);
}

/* ---- moves ---- */

static void add_moves_to(struct graph *g, struct place *p, struct fed_subgraph *sg, struct fed_type *t)
{
    for (size_t i = 0; i < t->e.applied.n; i++) {
        struct fed_applied *d = &t->e.applied.v[i];
        if (!str_eq(d->name, sg->dir_name[FED_KEY]) || !fed_applied_bool(d, STR("resolvable"), true))
            continue;
        const struct fed_selections *key = fed_meta_fields(sg, t, d);
        if (key)
            vec_push(g->a, &p->moves,
                     (struct key_move){graph_place(g, sg, t, NULL), key, fed_applied_str(d, STR("fields")), false});
    }
}

static void add_root_move(struct graph *g, struct place *p, struct fed_subgraph *sg, struct fed_type *t)
{
    static const struct fed_selections NOTHING = {0};
    vec_push(g->a, &p->moves, (struct key_move){graph_place(g, sg, t, NULL), &NOTHING, STR_NONE, false});
}

static void expand_moves(struct graph *g, struct place *p)
{
    const struct fed_type *merged = fed_schema_type(g->mg->out, p->type->e.name);
    bool root = fed_type_is_any_root(p->sg->schema, p->type);
    for (uint32_t i = 0; merged && i < g->mg->n; i++) {
        struct fed_subgraph *sg = &g->mg->sg[i];
        if (sg == p->sg)
            continue;
        struct fed_type *same = fed_schema_type(sg->schema, p->type->e.name);
        if (same && root && fed_type_is_any_root(sg->schema, same) && same->fields.n)
            add_root_move(g, p, sg, same);
        else if (same && fed_type_has_fields(same))
            add_moves_to(g, p, sg, same);
        for (size_t j = 0; p->type->kind == GQL_OBJECT_TYPE && !p->type->interface_object && j < merged->interfaces.n;
             j++) {
            struct fed_type *itf = fed_schema_type(sg->schema, merged->interfaces.v[j]);
            if (itf && itf->interface_object)
                add_moves_to(g, p, sg, itf);
        }
    }
}

static void expand(struct graph *g, struct place *p)
{
    p->expanded = true;
    if (fed_type_has_fields(p->type))
        expand_moves(g, p);
    for (size_t i = 0; i < p->type->fields.n; i++) {
        struct fed_field *f = p->type->fields.v[i];
        const struct fed_applied *d = fed_find(p->sg, &f->e, FED_REQUIRES);
        const struct fed_selections *set = d ? fed_meta_fields(p->sg, p->type, d) : NULL;
        if (set)
            vec_push(g->a, &p->required, (struct required){f, set, false});
    }
}

/* One never moves back to the subgraph one came from. */
static bool reach_through(struct graph *g, struct place *p, const struct place *via)
{
    bool grew = false;
    for (size_t i = 0; i < via->moves.n; i++) {
        const struct key_move *m = &via->moves.v[i];
        if (m->ok && g->places.v[m->target]->sg != p->sg)
            grew |= place_set_add(g->a, &p->reach, m->target);
    }
    return grew;
}

static bool improve(struct graph *g, struct place *p)
{
    bool changed = false;
    if (!p->expanded) {
        expand(g, p);
        changed = true;
    }
    for (size_t i = 0; i < p->moves.n; i++)
        if (!p->moves.v[i].ok && graph_can_read(g, p->id, p->moves.v[i].key))
            p->moves.v[i].ok = changed = true;
    for (size_t i = 0; i < p->required.n; i++)
        if (!p->required.v[i].ok && graph_can_read(g, p->id, p->required.v[i].set))
            p->required.v[i].ok = changed = true;
    changed |= reach_through(g, p, p);
    for (uint32_t i = 0; i < p->reach.n; i++)
        changed |= reach_through(g, p, g->places.v[p->reach.v[i]]);
    return changed;
}

void graph_solve(struct graph *g)
{
    bool changed = g->solved < g->places.n;
    while (changed) {
        changed = false;
        for (size_t i = g->solved; i < g->places.n; i++)
            changed |= improve(g, g->places.v[i]);
    }
    g->solved = (uint32_t)g->places.n;
}
