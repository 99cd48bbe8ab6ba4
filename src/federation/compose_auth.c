/* Whoever reads a field with @requires or a context must be allowed to read what it is made of. */
#include "federation/compose_fieldset.h"
#include "federation/compose_merge.h"
#include "federation/compose_subgraph.h"

struct auth {
    bool authenticated;
    const struct gql_value *scopes, *policies; /* NULL: none needed */
};

static struct auth needed_for(const struct merge *mg, const struct fed_elem *e)
{
    return (struct auth){
        fed_applied_find(e, mg->auth_name[0]) != NULL,
        fed_applied_arg(fed_applied_find(e, mg->auth_name[1]), STR("scopes")),
        fed_applied_arg(fed_applied_find(e, mg->auth_name[2]), STR("policies")),
    };
}

static const struct gql_value *together(struct arena *a, const struct gql_value *x, const struct gql_value *y)
{
    if (!x || !y)
        return x ? x : y;
    struct gql_value *const both[] = {(struct gql_value *)x, (struct gql_value *)y};
    const struct gql_value *all = dnf_and(a, both, 2);
    return all ? all : x;
}

struct auth_check {
    struct merge *mg;
    struct fed_subgraph *sg;
    const struct fed_field *field; /* of the subgraph */
    const struct fed_applied *at;
    const char *directive;
    struct auth has;
};

static bool satisfied(struct auth_check *c, const struct fed_elem *e)
{
    struct auth need = needed_for(c->mg, e);
    return (c->has.authenticated || !need.authenticated) && dnf_implies(c->mg->a, c->has.scopes, need.scopes) &&
           dnf_implies(c->mg->a, c->has.policies, need.policies);
}

static bool refuse(struct auth_check *c, const struct fed_elem *e)
{
    msg_error(c->mg->m, (struct where){c->sg, &c->field->e, c->at->loc}, "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
              "%s of \"%.*s\" reads \"%.*s\", which is guarded more strictly: repeat its @authenticated, "
              "@requiresScopes and @policy "
              "on \"%.*s\"",
              c->directive, STR_ARG(fed_coordinate(c->mg->a, &c->field->e)), STR_ARG(fed_coordinate(c->mg->a, e)),
              STR_ARG(fed_coordinate(c->mg->a, &c->field->e)));
    return false;
}

/* One message for a field set is enough. */
static bool check_set(struct auth_check *c, const struct fed_selections *set)
{
    for (uint32_t i = 0; set && i < set->n; i++) {
        const struct fed_selection *s = &set->v[i];
        if (s->condition && !satisfied(c, &s->condition->e))
            return refuse(c, &s->condition->e);
        if (s->field) {
            struct fed_type *type = fed_ref_type(c->mg->out, s->field->type);
            if (!satisfied(c, &s->field->e) || (type && !satisfied(c, &type->e)))
                return refuse(c, &s->field->e);
        }
        if (!check_set(c, s->sub))
            return false;
    }
    return true;
}

static void check_context(struct auth_check *c, struct str name, struct str selection)
{
    for (size_t i = 0; i < c->sg->schema->types.n; i++) {
        const struct fed_type *t = c->sg->schema->types.v[i];
        struct fed_type *merged = fed_schema_type(c->mg->out, t->e.name);
        for (size_t j = 0; merged && j < t->e.applied.n; j++) {
            if (!str_eq(t->e.applied.v[j].name, c->sg->dir_name[FED_CONTEXT]) ||
                !str_eq(fed_applied_str(&t->e.applied.v[j], STR("name")), name))
                continue;
            if (!satisfied(c, &merged->e))
                refuse(c, &merged->e);
            else
                check_set(c, fieldset_parse_lenient(c->mg->out, merged, selection));
        }
    }
}

static void check_field(struct merge *mg, struct fed_subgraph *sg, const struct fed_field *f)
{
    struct fed_type *merged = fed_schema_type(mg->out, f->parent->e.name);
    struct fed_field *mf = merged && fed_type_has_fields(merged) ? fed_type_field(merged, f->e.name) : NULL;
    struct auth_check c = {.mg = mg, .sg = sg, .field = f};
    if (!mf)
        return;
    struct auth of_type = needed_for(mg, &merged->e), of_field = needed_for(mg, &mf->e);
    c.has =
        (struct auth){of_type.authenticated || of_field.authenticated, together(mg->a, of_type.scopes, of_field.scopes),
                      together(mg->a, of_type.policies, of_field.policies)};
    c.at = fed_find(sg, &f->e, FED_REQUIRES);
    c.directive = "@requires";
    if (c.at)
        check_set(&c, fieldset_parse_lenient(mg->out, merged, fed_applied_str(c.at, STR("fields"))));
    c.directive = "@fromContext";
    for (size_t i = 0; sg->dir_name[FED_FROM_CONTEXT].p && i < f->args.n; i++) {
        struct str name, selection;
        c.at = fed_find(sg, &f->args.v[i]->e, FED_FROM_CONTEXT);
        if (c.at && context_split(fed_applied_str(c.at, STR("field")), &name, &selection))
            check_context(&c, name, selection);
    }
}

void merge_check_auth(struct merge *mg)
{
    if (!mg->auth_name[0].p && !mg->auth_name[1].p && !mg->auth_name[2].p)
        return;
    for (uint32_t i = 0; i < mg->n; i++)
        for (size_t j = 0; j < mg->sg[i].schema->types.n; j++) {
            struct fed_type *t = mg->sg[i].schema->types.v[j];
            for (size_t k = 0; k < t->fields.n; k++)
                check_field(mg, &mg->sg[i], t->fields.v[k]);
        }
}
