/* What the federation directives of a subgraph say about each of its fields. */
#include "federation/compose_fieldset.h"
#include "federation/compose_subgraph.h"

struct fed_selections *fed_meta_fields(const struct fed_subgraph *sg, struct fed_type *target,
                                       const struct fed_applied *d)
{
    struct str text = fed_applied_str(d, STR("fields"));
    return text.p && target && fed_type_is_composite(target) ? fieldset_parse_lenient(sg->schema, target, text) : NULL;
}

static void clear(struct fed_schema *s)
{
    for (size_t i = 0; i < s->types.n; i++)
        for (size_t j = 0; j < s->types.v[i]->fields.n; j++) {
            struct fed_field *f = s->types.v[i]->fields.v[j];
            f->external = f->fake_external = f->provided = f->used = f->shareable = false;
        }
}

/* ---- external ---- */

static void mark_fake(struct fed_field *f, void *data)
{
    const struct fed_subgraph *sg = data;
    if (fed_has(sg, &f->e, FED_EXTERNAL))
        f->fake_external = true;
}

static void mark_provided(struct fed_field *f, void *data)
{
    f->provided = true;
}

static void find_fake_externals(struct fed_subgraph *sg, struct fed_type *t)
{
    bool extends = fed_has(sg, &t->e, FED_EXTENDS);
    for (size_t i = 0; i < t->e.applied.n; i++) {
        struct fed_applied *d = &t->e.applied.v[i];
        if (str_eq(d->name, sg->dir_name[FED_KEY]) && (extends || d->ext > 0))
            fieldset_each(fed_meta_fields(sg, t, d), false, mark_fake, sg);
    }
}

static void find_externals(struct fed_subgraph *sg, struct fed_type *t)
{
    bool whole = sg->fed2 && t->kind == GQL_OBJECT_TYPE && fed_has(sg, &t->e, FED_EXTERNAL);
    for (size_t i = 0; i < t->fields.n; i++) {
        struct fed_field *f = t->fields.v[i];
        f->external = (whole || fed_has(sg, &f->e, FED_EXTERNAL)) && !f->fake_external;
    }
}

/* ---- used ---- */

static void mark_used(struct fed_field *f, void *data)
{
    f->used = true;
}

static void find_used_by_contexts(struct fed_subgraph *sg, const struct fed_input *arg)
{
    const struct fed_applied *d = fed_find(sg, &arg->e, FED_FROM_CONTEXT);
    struct str name, selection;
    if (!d || !context_split(fed_applied_str(d, STR("field")), &name, &selection))
        return;
    for (size_t i = 0; i < sg->schema->types.n; i++) {
        struct fed_type *t = sg->schema->types.v[i];
        for (size_t j = 0; j < t->e.applied.n; j++)
            if (str_eq(t->e.applied.v[j].name, sg->dir_name[FED_CONTEXT]) &&
                str_eq(fed_applied_str(&t->e.applied.v[j], STR("name")), name))
                fieldset_each(fieldset_parse_lenient(sg->schema, t, selection), true, mark_used, NULL);
    }
}

static void find_used_by_field(struct fed_subgraph *sg, struct fed_field *f)
{
    for (size_t i = 0; i < f->e.applied.n; i++) {
        struct fed_applied *d = &f->e.applied.v[i];
        if (str_eq(d->name, sg->dir_name[FED_REQUIRES]))
            fieldset_each(fed_meta_fields(sg, f->parent, d), true, mark_used, NULL);
        if (!str_eq(d->name, sg->dir_name[FED_PROVIDES]))
            continue;
        struct fed_selections *set = fed_meta_fields(sg, fed_ref_type(sg->schema, f->type), d);
        fieldset_each(set, true, mark_used, NULL);
        fieldset_each(set, true, mark_provided, NULL);
    }
    if (sg->dir_name[FED_FROM_CONTEXT].p)
        for (size_t i = 0; i < f->args.n; i++)
            find_used_by_contexts(sg, f->args.v[i]);
}

static void find_used_by_interface(struct fed_type *itf)
{
    for (size_t i = 0; i < itf->fields.n; i++)
        for (size_t j = 0; j < itf->possible.n; j++) {
            struct fed_field *f = fed_type_field(itf->possible.v[j], itf->fields.v[i]->e.name);
            if (f)
                f->used = true;
        }
}

/* ---- shareable ---- */

static void mark_shareable(struct fed_field *f, void *data)
{
    f->shareable = true;
}

static void mark_external_shareable(struct fed_field *f, void *data)
{
    if (f->external)
        f->shareable = true;
}

static bool shareable_by_type(const struct fed_subgraph *sg, const struct fed_field *f)
{
    const struct fed_applied_vec *applied = &f->parent->e.applied;
    for (size_t i = 0; i < applied->n; i++)
        if (str_eq(applied->v[i].name, sg->dir_name[FED_SHAREABLE]) && applied->v[i].ext == f->ext)
            return true;
    return false;
}

static void find_shareable(struct fed_subgraph *sg, struct fed_type *t)
{
    for (size_t i = 0; i < t->e.applied.n; i++)
        if (str_eq(t->e.applied.v[i].name, sg->dir_name[FED_KEY]))
            fieldset_each(fed_meta_fields(sg, t, &t->e.applied.v[i]), true, mark_shareable, NULL);
    if (t->kind != GQL_OBJECT_TYPE)
        return;
    for (size_t i = 0; i < t->fields.n; i++) {
        struct fed_field *f = t->fields.v[i];
        if (sg->fed2 && (fed_has(sg, &f->e, FED_SHAREABLE) || shareable_by_type(sg, f)))
            f->shareable = true;
        const struct fed_applied *provides = fed_find(sg, &f->e, FED_PROVIDES);
        if (provides)
            fieldset_each(fed_meta_fields(sg, fed_ref_type(sg->schema, f->type), provides), true,
                          mark_external_shareable, NULL);
    }
}

void fed_meta_compute(struct fed_subgraph *sg)
{
    struct fed_schema *s = sg->schema;
    fed_schema_index(s);
    clear(s);
    for (size_t i = 0; i < s->types.n; i++) {
        struct fed_type *t = s->types.v[i];
        t->interface_object = t->kind == GQL_OBJECT_TYPE && fed_has(sg, &t->e, FED_INTERFACE_OBJECT);
        find_fake_externals(sg, t);
    }
    for (size_t i = 0; i < s->types.n; i++)
        find_externals(sg, s->types.v[i]);
    for (size_t i = 0; i < s->types.n; i++) {
        struct fed_type *t = s->types.v[i];
        for (size_t j = 0; j < t->e.applied.n; j++)
            if (str_eq(t->e.applied.v[j].name, sg->dir_name[FED_KEY]))
                fieldset_each(fed_meta_fields(sg, t, &t->e.applied.v[j]), true, mark_used, NULL);
        for (size_t j = 0; j < t->fields.n; j++)
            find_used_by_field(sg, t->fields.v[j]);
        if (t->kind == GQL_INTERFACE)
            find_used_by_interface(t);
        find_shareable(sg, t);
    }
}
