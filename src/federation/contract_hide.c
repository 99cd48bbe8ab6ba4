#include "federation/contract_private.h"

/* ---- marks ---- */

static bool hidden(const struct contract_work *w, const struct fed_elem *e)
{
    return fed_applied_find(e, w->inaccessible) != NULL;
}

static void hide(struct contract_work *w, struct fed_elem *e, struct str why)
{
    if (hidden(w, e))
        return;
    fed_elem_apply(w->a, e, w->inaccessible);
    map_put(w->a, &w->why, fed_coordinate(w->a, e), arena_memdup(w->a, &why, sizeof why));
}

static bool is_core(const struct contract_work *w, bool directive, struct str name)
{
    struct str in_feature;
    return link_source(&w->links, directive, name, &in_feature) != NULL;
}

static bool filterable(const struct contract_work *w, const struct fed_type *t)
{
    return !t->builtin && !is_core(w, false, t->e.name);
}

/* ---- tags ---- */

/* What an element is tagged with, by itself or by what it stands in. */
struct tagged {
    struct str excluded; /* the excluded tag; .p NULL without one */
    struct str from;     /* the coordinate that has it */
    bool included;
};

static int find(const struct str *list, uint32_t n, struct str tag)
{
    for (uint32_t i = 0; i < n; i++)
        if (str_eq(list[i], tag))
            return (int)i;
    return -1;
}

static struct tagged tags_of(struct contract_work *w, const struct fed_elem *e, struct tagged outer)
{
    for (size_t i = 0; w->tag.p && i < e->applied.n; i++) {
        const struct fed_applied *d = &e->applied.v[i];
        struct str name = str_eq(d->name, w->tag) ? fed_applied_str(d, STR("name")) : STR_NONE;
        int in = find(w->c->include, w->c->n_include, name), ex = find(w->c->exclude, w->c->n_exclude, name);
        if (in >= 0)
            outer.included = w->include_seen[in] = true;
        if (ex < 0)
            continue;
        w->exclude_seen[ex] = true;
        if (!outer.excluded.p) {
            outer.excluded = name;
            outer.from = fed_coordinate(w->a, e);
        }
    }
    return outer;
}

static void exclude(struct contract_work *w, struct fed_elem *e, struct tagged t)
{
    struct str own = fed_coordinate(w->a, e);
    if (!t.excluded.p)
        return;
    if (str_eq(own, t.from))
        hide(w, e, arena_printf(w->a, "tagged \"%.*s\", which the contract excludes", STR_ARG(t.excluded)));
    else
        hide(w, e,
             arena_printf(w->a, "tagged \"%.*s\" with \"%.*s\", which the contract excludes", STR_ARG(t.excluded),
                          STR_ARG(t.from)));
}

static void exclude_or_not_included(struct contract_work *w, struct fed_elem *e, struct tagged t)
{
    exclude(w, e, t);
    if (w->c->n_include && !t.included)
        hide(w, e, STR("without any tag that the contract includes"));
}

static bool all_inputs_hidden(const struct contract_work *w, const struct fed_input_vec *v)
{
    for (size_t i = 0; i < v->n; i++)
        if (!hidden(w, &v->v[i]->e))
            return false;
    return true;
}

static void filter_field(struct contract_work *w, struct fed_field *f, struct tagged type)
{
    struct tagged own = tags_of(w, &f->e, type);
    for (size_t i = 0; i < f->args.n; i++)
        exclude_or_not_included(w, &f->args.v[i]->e, tags_of(w, &f->args.v[i]->e, own));
    exclude(w, &f->e, own);
    if (all_inputs_hidden(w, &f->args))
        exclude_or_not_included(w, &f->e, own);
}

static void filter_type(struct contract_work *w, struct fed_type *t)
{
    struct tagged own = tags_of(w, &t->e, (struct tagged){0});
    if (t->kind == GQL_UNION || t->kind == GQL_SCALAR)
        exclude_or_not_included(w, &t->e, own);
    else
        exclude(w, &t->e, own);
    for (size_t i = 0; i < t->fields.n; i++)
        filter_field(w, t->fields.v[i], own);
    for (size_t i = 0; i < t->values.n; i++)
        exclude_or_not_included(w, &t->values.v[i]->e, tags_of(w, &t->values.v[i]->e, own));
    for (size_t i = 0; i < t->inputs.n; i++)
        exclude_or_not_included(w, &t->inputs.v[i]->e, tags_of(w, &t->inputs.v[i]->e, own));
}

#define EXECUTABLE ((1u << (GQL_ON_VARIABLE_DEFINITION + 1)) - 1)

/* Arguments of directives that can stand in schemas cannot be hidden. */
static void filter_directive(struct contract_work *w, struct fed_directive *d)
{
    if (d->builtin || (d->locations & ~EXECUTABLE) || is_core(w, true, d->e.name))
        return;
    for (size_t i = 0; i < d->args.n; i++)
        exclude_or_not_included(w, &d->args.v[i]->e, tags_of(w, &d->args.v[i]->e, (struct tagged){0}));
}

/* ---- what is left empty ---- */

static void hide_interface_fields(struct contract_work *w, struct fed_type *itf)
{
    for (size_t i = 0; itf->possible.n && i < itf->fields.n; i++) {
        struct fed_field *f = itf->fields.v[i];
        bool left = false;
        for (size_t k = 0; !left && k < itf->possible.n; k++) {
            const struct fed_type *object = itf->possible.v[k];
            const struct fed_field *own = fed_type_field(object, f->e.name);
            left = !hidden(w, &object->e) && (!own || !hidden(w, &own->e));
        }
        if (!left)
            hide(w, &f->e, STR("hidden in every object that implements it"));
    }
}

static bool all_fields_hidden(const struct contract_work *w, const struct fed_type *t)
{
    for (size_t i = 0; i < t->fields.n; i++)
        if (!hidden(w, &t->fields.v[i]->e))
            return false;
    for (size_t i = 0; i < t->values.n; i++)
        if (!hidden(w, &t->values.v[i]->e))
            return false;
    return all_inputs_hidden(w, &t->inputs);
}

static bool all_members_hidden(const struct contract_work *w, const struct fed_type *t)
{
    for (size_t i = 0; i < t->possible.n; i++)
        if (!hidden(w, &t->possible.v[i]->e))
            return false;
    return true;
}

static void hide_if_empty(struct contract_work *w, struct fed_type *t)
{
    if (t->kind == GQL_UNION ? all_members_hidden(w, t) : t->kind != GQL_SCALAR && all_fields_hidden(w, t))
        hide(w, &t->e,
             t->kind == GQL_UNION       ? STR("all its members are hidden")
             : t->kind == GQL_ENUM_TYPE ? STR("all its values are hidden")
                                        : STR("all its fields are hidden"));
}

/* ---- what cannot be reached ---- */

struct reach {
    struct contract_work *w;
    struct fed_type_vec queue; /* visited types, in order */
    struct fed_type_vec unions;
    struct bits *seen;
};

static void reach_type(struct reach *r, struct fed_type *t)
{
    if (!t || hidden(r->w, &t->e) || bits_has(r->seen, t->id))
        return;
    bits_set(r->seen, t->id);
    vec_push(r->w->a, &r->queue, t);
}

static void reach_inputs(struct reach *r, const struct fed_input_vec *v)
{
    for (size_t i = 0; i < v->n; i++)
        if (!hidden(r->w, &v->v[i]->e))
            reach_type(r, fed_ref_type(r->w->schema, v->v[i]->type));
}

static void reach_from(struct reach *r, const struct fed_type *t)
{
    for (size_t i = 0; i < t->fields.n; i++) {
        if (hidden(r->w, &t->fields.v[i]->e))
            continue;
        reach_type(r, fed_ref_type(r->w->schema, t->fields.v[i]->type));
        reach_inputs(r, &t->fields.v[i]->args);
    }
    reach_inputs(r, &t->inputs);
    for (size_t i = 0; i < t->interfaces.n; i++)
        reach_type(r, fed_schema_type(r->w->schema, t->interfaces.v[i]));
    for (size_t i = 0; i < t->possible.n; i++)
        reach_type(r, t->possible.v[i]);
    /* An object may be asked for as a member of its unions too. */
    for (size_t i = 0; t->kind == GQL_OBJECT_TYPE && i < r->unions.n; i++)
        if (fed_type_has_member(r->unions.v[i], t->e.name))
            reach_type(r, r->unions.v[i]);
}

static void hide_unreachable(struct contract_work *w)
{
    struct fed_schema *s = w->schema;
    struct reach r = {.w = w, .seen = bits_new(w->a, (uint32_t)s->types.n)};
    for (size_t i = 0; i < s->types.n; i++)
        if (s->types.v[i]->kind == GQL_UNION)
            vec_push(w->a, &r.unions, s->types.v[i]);
    for (int k = 0; k < 3; k++)
        if (s->root_name[k].p)
            reach_type(&r, fed_schema_type(s, s->root_name[k]));
    for (size_t i = 0; i < s->directives.n; i++)
        reach_inputs(&r, &s->directives.v[i]->args);
    for (size_t i = 0; i < s->types.n; i++)
        if (tags_of(w, &s->types.v[i]->e, (struct tagged){0}).included)
            reach_type(&r, s->types.v[i]);
    for (size_t i = 0; i < r.queue.n; i++)
        reach_from(&r, r.queue.v[i]);
    for (size_t i = 0; i < s->types.n; i++)
        if (filterable(w, s->types.v[i]) && !bits_has(r.seen, s->types.v[i]->id))
            hide(w, &s->types.v[i]->e, STR("no root type of the contract leads to it"));
}

void contract_hide(struct contract_work *w)
{
    struct fed_type_vec types = {0};
    fed_schema_index(w->schema);
    for (size_t i = 0; i < w->schema->types.n; i++)
        if (filterable(w, w->schema->types.v[i]))
            vec_push(w->a, &types, w->schema->types.v[i]);
    for (size_t i = 0; i < types.n; i++)
        filter_type(w, types.v[i]);
    for (size_t i = 0; i < w->schema->directives.n; i++)
        filter_directive(w, w->schema->directives.v[i]);
    for (size_t i = 0; i < types.n; i++)
        if (types.v[i]->kind == GQL_INTERFACE)
            hide_interface_fields(w, types.v[i]);
    for (size_t i = 0; i < types.n; i++)
        if (types.v[i]->kind != GQL_UNION)
            hide_if_empty(w, types.v[i]);
    for (size_t i = 0; i < types.n; i++)
        if (types.v[i]->kind == GQL_UNION)
            hide_if_empty(w, types.v[i]);
    if (!w->c->keep_unreachable)
        hide_unreachable(w);
}
