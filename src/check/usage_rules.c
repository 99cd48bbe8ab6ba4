#include "check/usage_private.h"

/* A rule that is being made, and the change it is for. */
struct making {
    struct arena *a;
    const struct gql_schema *from;
    const struct change *c;
    struct use_rule rule;
};

static void key(struct making *m, struct key_vec *v, const char *mark, struct str name)
{
    vec_push(m->a, v, arena_printf(m->a, "%s%.*s", mark, STR_ARG(name)));
}

static void any(struct making *m, const char *mark, struct str name)
{
    key(m, &m->rule.any, mark, name);
}

static const struct gql_type *type_of(const struct making *m)
{
    return m->c->type.p ? gql_schema_type(m->from, m->c->type) : NULL;
}

/* An object is also there when its data are asked for through an interface. */
static void selected_from(struct making *m, struct key_vec *v, struct str name)
{
    const struct gql_type *t = gql_schema_type(m->from, name);
    key(m, v, "!", name);
    key(m, v, "", name);
    for (size_t i = 0; t && i < t->interfaces.n; i++)
        key(m, v, "!", t->interfaces.v[i]->name);
}

static void field_selected(struct making *m)
{
    const struct gql_type *t = type_of(m);
    any(m, "", arena_printf(m->a, "%.*s.%.*s", STR_ARG(m->c->type), STR_ARG(m->c->member)));
    for (size_t i = 0; t && i < t->interfaces.n; i++)
        any(m, "", arena_printf(m->a, "%.*s.%.*s", STR_ARG(t->interfaces.v[i]->name), STR_ARG(m->c->member)));
}

/* The argument with a mark: given, given unsurely, or left out. An interface may not have it: then it is left out. */
static void argument(struct making *m, const char *mark)
{
    const struct gql_type *t = type_of(m);
    any(m, mark, m->c->coordinate);
    for (size_t i = 0; t && i < t->interfaces.n; i++) {
        const struct gql_type *above = t->interfaces.v[i];
        const struct gql_field *f = map_get(&above->field_by_name, m->c->member);
        struct str at = arena_printf(m->a, "%.*s.%.*s", STR_ARG(above->name), STR_ARG(m->c->member));
        if (f && gql_field_arg(f, m->c->argument))
            any(m, mark, arena_printf(m->a, "%.*s(%.*s:)", STR_ARG(at), STR_ARG(m->c->argument)));
        else if (f && *mark == '-')
            any(m, "", at);
    }
}

/* `T` became `T!`: whoever writes a value there is not concerned. */
static bool only_non_null(const struct change *c)
{
    return c->is.len == c->was.len + 1 && str_starts(c->is, c->was) && str_ends(c->is, STR("!"));
}

static void argument_type(struct making *m)
{
    if (only_non_null(m->c)) {
        argument(m, "-");
        argument(m, "?");
    } else if (m->c->required) {
        field_selected(m);
    } else {
        argument(m, "");
    }
}

/* A directive was put on the element or taken from it. */
static void element(struct making *m)
{
    const struct gql_type *t = type_of(m);
    if (!t)
        return;
    if (m->c->argument.p)
        argument(m, "");
    else if (m->c->member.p && (t->kind == GQL_OBJECT_TYPE || t->kind == GQL_INTERFACE))
        field_selected(m);
    else
        any(m, "", m->c->coordinate);
    if (m->c->member.p && t->kind == GQL_ENUM_TYPE)
        any(m, "<", m->c->type);
}

static void make(struct making *m)
{
    const struct change *c = m->c;
    switch (c->kind) {
    case TYPE_REMOVED:
    case TYPE_KIND_CHANGED: selected_from(m, &m->rule.any, c->type); break;
    case SCHEMA_QUERY_TYPE_CHANGED: any(m, "~", STR("0")); break;
    case SCHEMA_MUTATION_TYPE_CHANGED: any(m, "~", STR("1")); break;
    case SCHEMA_SUBSCRIPTION_TYPE_CHANGED: any(m, "~", STR("2")); break;
    case OBJECT_TYPE_INTERFACE_ADDED: any(m, "", c->subject); break;
    case OBJECT_TYPE_INTERFACE_REMOVED:
        any(m, "", c->subject);
        selected_from(m, &m->rule.also, c->type);
        break;
    case UNION_MEMBER_ADDED: any(m, "", c->type); break;
    case UNION_MEMBER_REMOVED:
        any(m, "", c->type);
        selected_from(m, &m->rule.also, c->subject);
        break;
    case FIELD_REMOVED:
    case FIELD_TYPE_CHANGED:
    case FIELD_ARGUMENT_ADDED: field_selected(m); break;
    case FIELD_ARGUMENT_TYPE_CHANGED: argument_type(m); break;
    case FIELD_ARGUMENT_DEFAULT_CHANGED: argument(m, "-"); break;
    case FIELD_ARGUMENT_REMOVED: argument(m, ""); break;
    case ENUM_VALUE_ADDED: any(m, "<", c->type); break;
    case INPUT_FIELD_ADDED:
    case INPUT_FIELD_DEFAULT_VALUE_CHANGED:
    case DIRECTIVE_USAGE_INPUT_OBJECT_ADDED:
    case DIRECTIVE_USAGE_INPUT_OBJECT_REMOVED: any(m, ">", c->type); break;
    case INPUT_FIELD_TYPE_CHANGED: any(m, c->required ? ">" : "", c->required ? c->type : c->coordinate); break;
    case ENUM_VALUE_REMOVED:
    case INPUT_FIELD_REMOVED:
    case DIRECTIVE_ARGUMENT_REMOVED: any(m, "", c->coordinate); break;
    case DIRECTIVE_ARGUMENT_TYPE_CHANGED:
        any(m, c->required ? "@" : "", c->required ? c->directive : c->coordinate);
        break;
    default:
        if (c->directive.p)
            any(m, "@", c->directive);
        else
            element(m);
    }
}

struct use_rule use_rule_of(struct arena *a, const struct gql_schema *from, const struct change *c)
{
    struct making m = {.a = a, .from = from, .c = c};
    _Static_assert(GQL_QUERY == 0 && GQL_MUTATION == 1 && GQL_SUBSCRIPTION == 2, "the keys of roots are written out");
    if (c->level != CHANGE_SAFE)
        make(&m);
    return m.rule;
}
