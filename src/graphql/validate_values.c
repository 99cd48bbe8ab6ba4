#include "graphql/literal.h"
#include "graphql/rules.h"
#include "graphql/suggest.h"

/* What a value is put into. */
struct slot {
    const struct gql_tref *type;   /* NULL: not known */
    const struct gql_type *object; /* the input object whose field it is */
    bool has_default;
};

static void
add_usage(struct gql_validation *v, struct gql_part *part, const struct gql_value *variable, struct slot slot)
{
    struct gql_usage usage = {variable->text, variable->loc, slot.type, slot.object, slot.has_default};
    vec_push(v->a, &part->usages, usage);
}

static void check_field_names(struct gql_validation *v, const struct gql_value *object)
{
    struct map seen = {0};
    for (uint32_t i = 0; i < object->n; i++) {
        struct gql_name *name = &object->fields[i].name, *before = map_get(&seen, name->s);
        if (before)
            GQL_REPORT(v, GQL_AT(before->loc, name->loc), "There can be only one input field named \"%.*s\".",
                       STR_ARG(name->s));
        else
            map_put(v->a, &seen, name->s, name);
    }
}

/* Notes the variables and checks the names of fields. The parser bounds the depth of a value. */
static void walk_value(struct gql_validation *v, struct gql_part *part, const struct gql_value *value, struct slot slot)
{
    if (value->kind == GQL_VARIABLE) {
        add_usage(v, part, value, slot);
    } else if (value->kind == GQL_LIST) {
        const struct gql_tref *list = slot.type;
        if (list && list->kind == GQL_REF_NON_NULL)
            list = list->of;
        struct slot item = {list && list->kind == GQL_REF_LIST ? list->of : NULL, NULL, false};
        for (uint32_t i = 0; i < value->n; i++)
            walk_value(v, part, value->items[i], item);
    } else if (value->kind == GQL_OBJECT) {
        const struct gql_type *object = slot.type ? gql_tref_named(slot.type) : NULL;
        if (value->n > 1)
            check_field_names(v, value);
        for (uint32_t i = 0; i < value->n; i++) {
            const struct gql_object_field *f = &value->fields[i];
            const struct gql_input *def = object ? map_get(&object->input_by_name, f->name.s) : NULL;
            struct slot inside = {NULL, object, false};
            if (def)
                inside = (struct slot){def->type, object, def->default_value != NULL};
            walk_value(v, part, f->value, inside);
        }
    }
}

static void check_type(struct gql_validation *v, const struct gql_value *value, const struct gql_tref *type)
{
    if (value->kind == GQL_VARIABLE || !type)
        return;
    struct gql_literal_errors errors = {0};
    gql_check_literal(v->a, value, type, NULL, &errors);
    for (size_t i = 0; i < errors.n; i++)
        GQL_REPORT(v, GQL_AT(errors.v[i].loc), "%.*s", STR_ARG(errors.v[i].message));
}

void gql_rule_const(struct gql_validation *v, const struct gql_value *value, const struct gql_tref *type)
{
    struct gql_part nowhere = {0};
    walk_value(v, &nowhere, value, (struct slot){type, NULL, false});
    check_type(v, value, type);
}

static const struct gql_input *find_input(const struct gql_input *defs, uint32_t n, struct str name)
{
    for (uint32_t i = 0; i < n; i++)
        if (str_eq(defs[i].name, name))
            return &defs[i];
    return NULL;
}

void gql_rule_arguments(struct gql_validation *v, const struct gql_place *at, const struct gql_input *defs,
                        uint32_t n_defs, const struct gql_argument *args, uint32_t n)
{
    for (uint32_t i = 0; i < n && !v->stopped; i++) {
        const struct gql_input *def = find_input(defs, n_defs, args[i].name.s);
        struct slot slot = {def ? def->type : NULL, NULL, def && def->default_value};
        walk_value(v, at->part, args[i].value, slot);
        check_type(v, args[i].value, slot.type);
    }
}

static bool is_given(const struct gql_argument *args, uint32_t n, struct str name)
{
    for (uint32_t i = 0; i < n; i++)
        if (str_eq(args[i].name.s, name))
            return true;
    return false;
}

void gql_rule_required_args(struct gql_validation *v, struct str owner, const struct gql_input *defs, uint32_t n_defs,
                            const struct gql_argument *args, uint32_t n, struct gql_loc loc)
{
    for (uint32_t i = 0; i < n_defs; i++)
        if (gql_input_required(&defs[i]) && !is_given(args, n, defs[i].name))
            GQL_REPORT(v, GQL_AT(loc),
                       "Argument \"%.*s(%.*s:)\" of type \"%.*s\" is required, but it was not provided.",
                       STR_ARG(owner), STR_ARG(defs[i].name), STR_ARG(gql_tref_str(v->a, defs[i].type)));
}

/* ---- directives ---- */

static void
unknown_argument(struct gql_validation *v, const struct gql_directive_type *def, const struct gql_argument *arg)
{
    struct str_vec names = {0};
    for (uint32_t i = 0; i < def->n_args; i++)
        vec_push(v->a, &names, def->args[i].name);
    struct str hint = gql_suggest(v->a, "", arg->name.s, &names);
    GQL_REPORT(v, GQL_AT(arg->name.loc), "Unknown argument \"%.*s\" on directive \"@%.*s\".%.*s", STR_ARG(arg->name.s),
               STR_ARG(def->name), STR_ARG(hint));
}

static void check_known(struct gql_validation *v, const struct gql_directive_type *def, const struct gql_directive *d,
                        enum gql_directive_location where)
{
    if (!(def->locations & 1u << where))
        GQL_REPORT(v, GQL_AT(d->loc), "Directive \"@%.*s\" may not be used on %.*s.", STR_ARG(d->name.s),
                   STR_ARG(gql_directive_location_name(where)));
    for (uint32_t i = 0; i < d->n_args; i++)
        if (!find_input(def->args, def->n_args, d->args[i].name.s))
            unknown_argument(v, def, &d->args[i]);
    if (def->n_args)
        gql_rule_required_args(v, arena_printf(v->a, "@%.*s", STR_ARG(def->name)), def->args, def->n_args, d->args,
                               d->n_args, d->loc);
}

static void check_repeated(struct gql_validation *v, const struct gql_directive_list *list, uint32_t i)
{
    for (uint32_t j = 0; j < i; j++)
        if (str_eq(list->v[j].name.s, list->v[i].name.s)) {
            GQL_REPORT(v, GQL_AT(list->v[j].loc, list->v[i].loc),
                       "The directive \"@%.*s\" can only be used once at this location.", STR_ARG(list->v[i].name.s));
            return;
        }
}

void gql_rule_directives(struct gql_validation *v, const struct gql_place *at, const struct gql_directive_list *list,
                         enum gql_directive_location where)
{
    for (uint32_t i = 0; i < list->n && !v->stopped; i++) {
        const struct gql_directive *d = &list->v[i];
        const struct gql_directive_type *def = gql_schema_directive(v->s, d->name.s);
        struct gql_name_list args = GQL_NAME_LIST(d->args, d->n_args);
        gql_rule_unique(v, args, STR("There can be only one argument named \""));
        gql_rule_label(v, d);
        if (def) {
            check_known(v, def, d, where);
            if (!def->repeatable)
                check_repeated(v, list, i);
        } else {
            GQL_REPORT(v, GQL_AT(d->loc), "Unknown directive \"@%.*s\".", STR_ARG(d->name.s));
        }
        /* graphql-js takes the arguments of an unknown directive for those of the field around it. */
        const struct gql_field *f = at->field;
        gql_rule_arguments(v, at, def ? def->args : f ? f->args : NULL, def ? def->n_args : f ? f->n_args : 0, d->args,
                           d->n_args);
    }
}
