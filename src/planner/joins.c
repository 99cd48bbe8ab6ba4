/* Questions to the supergraph: can this subgraph resolve that field there? */
#include "planner/work.h"

bool is_interface_object(const struct supergraph *s, const struct gql_type *t, uint32_t subgraph)
{
    return t->kind == GQL_INTERFACE && bits_has(s->types[t->id].interface_object, subgraph);
}

bool is_reentrant(const struct supergraph *s, const struct gql_type *t)
{
    return t == s->full->query || t == s->full->mutation;
}

const struct sg_field_join *join_at(const struct supergraph *s, uint32_t subgraph,
                                    const struct gql_type *t, struct str field)
{
    if (!t->n_fields)
        return NULL;
    const struct gql_field *f = map_get(&t->field_by_name, field);
    const struct sg_field *sf = f ? supergraph_field(s, f) : NULL;
    return sf ? sg_field_in(sf, subgraph) : NULL;
}

bool join_usable(const struct work *w, const struct sg_field_join *j)
{
    if (j->label < 0)
        return !j->overridden;
    bool on = w->req->labels && bits_has(w->req->labels, (uint32_t)j->label);
    return on == (j->override_from.p != NULL);
}

bool subgraph_yields(const struct supergraph *s, uint32_t subgraph, const struct gql_type *decl,
                     uint32_t type_id)
{
    if (decl->kind == GQL_OBJECT_TYPE)
        return decl->id == type_id;
    if (is_interface_object(s, decl, subgraph))
        return bits_has(decl->possible, type_id);
    const struct bits *possible = s->types[decl->id].possible_in[subgraph];
    return possible && bits_has(possible, type_id);
}

static bool set_provides(const struct gql_selection_set *set, const struct gql_schema *schema,
                         uint32_t type_id, struct str name)
{
    for (uint32_t i = 0; i < set->n; i++) {
        const struct gql_selection *item = set->items[i];
        if (item->kind == GQL_FIELD && str_eq(item->name.s, name))
            return true;
        if (item->kind != GQL_INLINE_FRAGMENT)
            continue;
        const struct gql_type *on = item->on.s.p ? gql_schema_type(schema, item->on.s) : NULL;
        if ((!on || type_fits(on, type_id)) &&
            set_provides(item->selections, schema, type_id, name))
            return true;
    }
    return false;
}

/* The subgraph's join when it can resolve the field for records of type `t` that came this way. A
 * field with @requires counts: the caller looks at j->requires. */
const struct sg_field_join *source_resolves(const struct work *w, const struct source *src,
                                            const struct gql_type *t, struct str name)
{
    uint32_t g = src->entry->subgraph;
    const struct gql_type *at = t;

    if (src->decl) {
        if (!subgraph_yields(w->s, g, src->decl, t->id))
            return NULL;
        if (is_interface_object(w->s, src->decl, g))
            at = src->decl;
    }
    const struct sg_field_join *j = join_at(w->s, g, at, name);
    if (!j || !join_usable(w, j))
        return NULL;
    if (!j->external || j->key_external)
        return j;
    for (const struct provided *p = src->provided; p; p = p->next)
        if (set_provides(p->set, w->s->full, t->id, name))
            return j;
    return NULL;
}

static const struct provided *provided_add(struct work *w, const struct provided *list,
                                           const struct gql_selection_set *set)
{
    struct provided *p = arena_new_of(w->a, struct provided);
    *p = (struct provided){set, list};
    return p;
}

static const struct provided *collect_below(struct work *w, const struct gql_selection_set *set,
                                            uint32_t type_id, struct str name,
                                            const struct provided *list)
{
    for (uint32_t i = 0; i < set->n; i++) {
        const struct gql_selection *item = set->items[i];
        if (item->kind == GQL_FIELD && str_eq(item->name.s, name) && item->selections)
            list = provided_add(w, list, item->selections);
        if (item->kind != GQL_INLINE_FRAGMENT)
            continue;
        const struct gql_type *on = item->on.s.p ? gql_schema_type(w->s->full, item->on.s) : NULL;
        if (!on || type_fits(on, type_id))
            list = collect_below(w, item->selections, type_id, name, list);
    }
    return list;
}

const struct provided *provided_below(struct work *w, const struct source *src,
                                      const struct gql_type *t, struct str name,
                                      const struct sg_field_join *j)
{
    const struct provided *list = NULL;
    for (const struct provided *p = src->provided; p; p = p->next)
        list = collect_below(w, p->set, t->id, name, list);
    return j->provides ? provided_add(w, list, j->provides) : list;
}

static bool set_is_local(struct work *w, const struct source *src, const struct gql_type *t,
                         const struct gql_selection_set *set);

static bool below_is_local(struct work *w, const struct source *src, const struct gql_type *t,
                           const struct gql_selection *sel, const struct sg_field_join *j)
{
    struct source below = {src->entry, gql_tref_named(j->type),
                           provided_below(w, src, t, sel->name.s, j)};
    for (uint32_t i = 0; i < w->s->full->n_types; i++)
        if (w->s->full->types[i]->kind == GQL_OBJECT_TYPE &&
            subgraph_yields(w->s, src->entry->subgraph, below.decl, i) &&
            !set_is_local(w, &below, w->s->full->types[i], sel->selections))
            return false;
    return true;
}

static bool set_is_local(struct work *w, const struct source *src, const struct gql_type *t,
                         const struct gql_selection_set *set)
{
    for (uint32_t i = 0; i < set->n; i++) {
        const struct gql_selection *sel = set->items[i];
        if (sel->kind == GQL_INLINE_FRAGMENT) {
            const struct gql_type *on = sel->on.s.p ? gql_schema_type(w->s->full, sel->on.s) : NULL;
            if ((!on || type_fits(on, t->id)) && !set_is_local(w, src, t, sel->selections))
                return false;
            continue;
        }
        if (str_eq_c(sel->name.s, "__typename"))
            continue;
        const struct sg_field_join *j = source_resolves(w, src, t, sel->name.s);
        if (!j || j->requires || j->n_contexts || (sel->selections && !below_is_local(w, src, t, sel, j)))
            return false;
    }
    return true;
}

/* Does the subgraph have by itself, on this path, what the field requires (a @provides brought it)?
 */
bool requires_is_local(struct work *w, const struct source *src, const struct gql_type *t,
                       const struct sg_field_join *j)
{
    return set_is_local(w, src, t, j->requires);
}
