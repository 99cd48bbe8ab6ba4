#include "graphql/printer.h"
#include "graphql/rules.h"

static void check_input_type(struct gql_validation *v, const struct gql_variable_definition *var)
{
    const struct gql_type_ref *named = var->type;
    while (named->kind != GQL_REF_NAMED)
        named = named->of;
    const struct gql_type *t = gql_rule_type(v, named->name);
    if (!t) {
        gql_rule_known_type(v, named->name, named->loc);
    } else if (!gql_type_is_input(t)) {
        struct buf type;
        buf_init(&type, 1u << 16);
        gql_print_type_ref(&type, var->type);
        GQL_REPORT(v, GQL_AT(var->type->loc), "Variable \"$%.*s\" cannot be non-input type \"%.*s\".",
                   STR_ARG(var->name.s), STR_ARG(buf_str(&type)));
        buf_free(&type);
    }
}

/* NULL when it is not known or no type of input. */
static struct gql_tref *input_type(struct gql_validation *v, const struct gql_variable_definition *var)
{
    struct gql_tref *t = gql_rule_type_ref(v, var->type);
    return t && gql_type_is_input(gql_tref_named(t)) ? t : NULL;
}

void gql_rule_variable_definitions(struct gql_validation *v, struct gql_part *part)
{
    const struct gql_definition *d = part->def;
    struct gql_place at = {.part = part};
    struct gql_name_list names = GQL_NAME_LIST(d->variables, d->n_variables);
    gql_rule_unique(v, names, STR("There can be only one variable named \"$"));
    for (uint32_t i = 0; i < d->n_variables && !v->stopped; i++) {
        const struct gql_variable_definition *var = &d->variables[i];
        check_input_type(v, var);
        if (var->default_value)
            gql_rule_const(v, var->default_value, input_type(v, var));
        gql_rule_directives(v, &at, &var->directives, GQL_ON_VARIABLE_DEFINITION);
    }
}

/* ---- definitions and usages ---- */

struct variable {
    const struct gql_variable_definition *def;
    struct gql_tref *type; /* NULL: not known */
    bool used;
};

struct check {
    struct gql_validation *v;
    const struct gql_definition *operation;
    struct map variables; /* → struct variable; of two with one name the last */
};

/* May a value of the variable stand there (AllowedVariableUsage)? */
static bool fits(struct check *c, const struct variable *var, const struct gql_usage *u)
{
    const struct gql_tref *place = u->type;
    const struct gql_value *default_value = var->def->default_value;
    if (place->kind == GQL_REF_NON_NULL && var->type->kind != GQL_REF_NON_NULL) {
        if (!u->has_default && (!default_value || default_value->kind == GQL_NULL))
            return false;
        place = place->of;
    }
    return gql_tref_is_subtype(c->v->s, var->type, place);
}

static void undefined(struct check *c, const struct gql_usage *u)
{
    struct str name = c->operation->name.s;
    if (name.p)
        GQL_REPORT(c->v, GQL_AT(u->loc, c->operation->loc), "Variable \"$%.*s\" is not defined by operation \"%.*s\".",
                   STR_ARG(u->name), STR_ARG(name));
    else
        GQL_REPORT(c->v, GQL_AT(u->loc, c->operation->loc), "Variable \"$%.*s\" is not defined.", STR_ARG(u->name));
}

static void check_usage(struct check *c, const struct gql_usage *u)
{
    struct variable *var = map_get(&c->variables, u->name);
    if (!var) {
        undefined(c, u);
        return;
    }
    var->used = true;
    if (!u->type || !var->type)
        return;
    struct arena *a = c->v->a;
    if (!fits(c, var, u))
        GQL_REPORT(c->v, GQL_AT(var->def->loc, u->loc),
                   "Variable \"$%.*s\" of type \"%.*s\" used in position expecting type \"%.*s\".", STR_ARG(u->name),
                   STR_ARG(gql_tref_str(a, var->type)), STR_ARG(gql_tref_str(a, u->type)));
    if (u->object && u->object->one_of && var->type->kind != GQL_REF_NON_NULL)
        GQL_REPORT(c->v, GQL_AT(var->def->loc, u->loc),
                   "Variable \"$%.*s\" is of type \"%.*s\" but must be non-nullable to be used for OneOf Input Object "
                   "\"%.*s\".",
                   STR_ARG(u->name), STR_ARG(gql_tref_str(a, var->type)), STR_ARG(u->object->name));
}

static void check_usages(struct check *c, const struct gql_part *part)
{
    for (size_t i = 0; i < part->usages.n && !c->v->stopped; i++)
        check_usage(c, &part->usages.v[i]);
}

static void check_unused(struct check *c)
{
    struct str name = c->operation->name.s;
    for (uint32_t i = 0; i < c->operation->n_variables; i++) {
        const struct gql_variable_definition *def = &c->operation->variables[i];
        const struct variable *var = map_get(&c->variables, def->name.s);
        if (var->used)
            continue;
        if (name.p)
            GQL_REPORT(c->v, GQL_AT(def->loc), "Variable \"$%.*s\" is never used in operation \"%.*s\".",
                       STR_ARG(def->name.s), STR_ARG(name));
        else
            GQL_REPORT(c->v, GQL_AT(def->loc), "Variable \"$%.*s\" is never used.", STR_ARG(def->name.s));
    }
}

void gql_rule_variables(struct gql_validation *v, struct gql_part *part)
{
    struct check c = {.v = v, .operation = part->def};
    for (uint32_t i = 0; i < part->def->n_variables; i++) {
        struct variable *var = arena_new_of(v->a, struct variable);
        var->def = &part->def->variables[i];
        var->type = gql_rule_type_ref(v, var->def->type);
        map_put(v->a, &c.variables, var->def->name.s, var);
    }
    struct gql_part_vec reached = {0};
    gql_rule_reached(v, part, &reached);
    check_usages(&c, part);
    for (size_t i = 0; i < reached.n; i++)
        check_usages(&c, reached.v[i]);
    check_unused(&c);
}
