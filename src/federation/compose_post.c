/* Rules on the merged whole: interfaces are implemented, field sets still hold. */
#include "federation/compose_fieldset.h"
#include "federation/compose_merge.h"
#include "federation/compose_subgraph.h"

/* ---- interfaces ---- */

static bool has_field(const struct fed_subgraph *sg, const struct fed_type *itf, struct str name)
{
    struct fed_type *t = fed_schema_type(sg->schema, itf->e.name);
    return t && t->kind == GQL_INTERFACE && fed_type_field(t, name);
}

static void check_field(struct merge *mg, const struct fed_type *t, const struct fed_type *itf,
                        const struct fed_field *f)
{
    struct fed_name_vec with = {0}, without = {0};
    for (uint32_t i = 0; i < mg->n; i++) {
        struct fed_type *here = fed_schema_type(mg->sg[i].schema, t->e.name);
        if (has_field(&mg->sg[i], itf, f->e.name))
            vec_push(mg->a, &with, mg->sg[i].name);
        if (here && fed_type_implements(here, itf->e.name))
            vec_push(mg->a, &without, mg->sg[i].name);
    }
    msg_error(mg->m, in_supergraph(&t->e), "INTERFACE_FIELD_NO_IMPLEM",
              "interface \"%.*s\" has field \"%.*s\" in %.*s, but \"%.*s\", which implements it in %.*s, has no such "
              "field: add it there",
              STR_ARG(itf->e.name), STR_ARG(f->e.name),
              STR_ARG(msg_names(mg->a, "subgraph", "subgraphs", with.v, with.n)), STR_ARG(t->e.name),
              STR_ARG(msg_names(mg->a, "subgraph", "subgraphs", without.v, without.n)));
}

void merge_check_interfaces(struct merge *mg)
{
    for (size_t i = 0; i < mg->out->types.n; i++) {
        const struct fed_type *t = mg->out->types.v[i];
        for (size_t j = 0; fed_type_has_fields(t) && j < t->interfaces.n; j++) {
            const struct fed_type *itf = fed_schema_type(mg->out, t->interfaces.v[j]);
            for (size_t k = 0; itf && k < itf->fields.n; k++)
                if (!fed_type_field(t, itf->fields.v[k]->e.name))
                    check_field(mg, t, itf, itf->fields.v[k]);
        }
    }
}

/* ---- @requires: arguments that are written in the field set must exist in the supergraph ---- */

static void check_field_requires(struct merge *mg, struct fed_subgraph *sg, const struct fed_field *f)
{
    const struct fed_applied *d = fed_find(sg, &f->e, FED_REQUIRES);
    struct fed_type *merged = fed_schema_type(mg->out, f->parent->e.name);
    struct str problem = STR_NONE;
    if (!d || !merged || fieldset_parse(mg->out, merged, fed_applied_str(d, STR("fields")), &problem))
        return;
    msg_error(mg->m, (struct where){sg, &f->e, d->loc}, "REQUIRES_INVALID_FIELDS",
              "@requires(fields: \"%.*s\") on \"%.*s\" is not valid for the supergraph: %.*s. Other subgraphs have "
              "other arguments: "
              "make them the same",
              STR_ARG(fed_applied_str(d, STR("fields"))), STR_ARG(fed_coordinate(mg->a, &f->e)), STR_ARG(problem));
}

void merge_check_requires(struct merge *mg)
{
    for (uint32_t i = 0; i < mg->n; i++)
        for (size_t j = 0; j < mg->sg[i].schema->types.n; j++) {
            struct fed_type *t = mg->sg[i].schema->types.v[j];
            for (size_t k = 0; k < t->fields.n; k++)
                check_field_requires(mg, &mg->sg[i], t->fields.v[k]);
        }
}
