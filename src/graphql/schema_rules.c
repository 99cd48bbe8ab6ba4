#include "base/panic.h"
#include "graphql/literal.h"
#include "graphql/sdl.h"
#include "graphql/suggest.h"

struct check {
    const struct gql_sdl *sdl;
    const struct gql_schema *s;
    struct arena *a;
};

struct places VEC_BODY(struct gql_loc);

#define AT(...) ((struct gql_loc[]){__VA_ARGS__})
#define REPORT(c, places, ...) report((c), (places), PB_ARRAY_LEN(places), __VA_ARGS__)

/* Places that the program made itself (line 0) are left out. */
static void __attribute__((format(printf, 4, 5))) report(const struct check *c, const struct gql_loc *locs, size_t n,
                                                         const char *fmt, ...)
{
    struct places known = {0};
    for (size_t i = 0; i < n; i++)
        if (locs[i].line)
            vec_push(c->a, &known, locs[i]);
    va_list ap;
    va_start(ap, fmt);
    struct str message = arena_vprintf(c->a, fmt, ap);
    va_end(ap);
    gql_error_add(c->a, c->sdl->errors, GQL_CODE_SCHEMA, known.v, (uint32_t)known.n, "%.*s", STR_ARG(message));
}

static struct str text_of(const struct check *c, const struct gql_tref *t) { return gql_tref_str(c->a, t); }

static void check_name(const struct check *c, struct str name, struct gql_loc loc)
{
    if (str_starts(name, STR("__")))
        REPORT(c, AT(loc), "Name \"%.*s\" must not begin with \"__\", which is reserved by GraphQL introspection.",
               STR_ARG(name));
}

/* The definition and its extensions, in this order. */
static const struct gql_definition *part(const struct gql_type *t, uint32_t i)
{
    return i == 0 ? t->ast : t->extensions[i - 1];
}

static void add_parts(const struct check *c, const struct gql_type *t, struct places *places)
{
    for (uint32_t i = 0; t->ast && i <= t->n_extensions; i++)
        vec_push(c->a, places, part(t, i)->loc);
}

static void add_implements(const struct check *c, const struct gql_type *t, struct str iface, struct places *places)
{
    for (uint32_t i = 0; t->ast && i <= t->n_extensions; i++)
        for (uint32_t j = 0; j < part(t, i)->n_interfaces; j++)
            if (str_eq(part(t, i)->interfaces[j].s, iface))
                vec_push(c->a, places, part(t, i)->interfaces[j].loc);
}

static void add_members(const struct check *c, const struct gql_type *t, struct str member, struct places *places)
{
    for (uint32_t i = 0; t->ast && i <= t->n_extensions; i++)
        for (uint32_t j = 0; j < part(t, i)->n_members; j++)
            if (str_eq(part(t, i)->members[j].s, member))
                vec_push(c->a, places, part(t, i)->members[j].loc);
}

static struct gql_loc deprecated_loc(const struct gql_directive_list *directives)
{
    const struct gql_directive *d = gql_directive_find(directives, STR("deprecated"));
    return d ? d->loc : (struct gql_loc){0};
}

static void empty_type(const struct check *c, const struct gql_type *t, const char *kind, const char *members)
{
    struct places places = {0};
    add_parts(c, t, &places);
    report(c, places.v, places.n, "%s %.*s must define one or more %s.", kind, STR_ARG(t->name), members);
}

/* ---- arguments, input fields, their defaults ---- */

static void check_default(const struct check *c, const struct gql_input *input, struct str where)
{
    if (!input->default_value || !gql_type_is_input(gql_tref_named(input->type)))
        return;
    struct gql_literal_errors errors = {0};
    gql_check_literal(c->a, input->default_value, input->type, NULL, &errors);
    for (size_t i = 0; i < errors.n; i++)
        REPORT(c, AT(errors.v[i].loc), "%.*s has invalid default value%.*s: %.*s", STR_ARG(where),
               STR_ARG(errors.v[i].path), STR_ARG(errors.v[i].message));
}

/* The arguments of the built-in directives that give the schema its meaning; others are their owner's matter. */
static void check_builtin_directive(const struct check *c, const struct gql_directive_list *list, struct str name,
                                    struct str arg)
{
    const struct gql_directive *d = gql_directive_find(list, name);
    const struct gql_value *v = d ? gql_directive_arg(d, arg) : NULL;
    if (!v)
        return;
    struct gql_tref string = {.kind = GQL_REF_NAMED, .type = gql_schema_type(c->s, STR("String"))};
    struct gql_tref type = {.kind = GQL_REF_NON_NULL, .of = &string};
    struct gql_literal_errors errors = {0};
    gql_check_literal(c->a, v, &type, NULL, &errors);
    for (size_t i = 0; i < errors.n; i++)
        REPORT(c, AT(errors.v[i].loc), "Argument \"@%.*s(%.*s:)\" has invalid value%.*s: %.*s", STR_ARG(name),
               STR_ARG(arg), STR_ARG(errors.v[i].path), STR_ARG(errors.v[i].message));
}

static void check_deprecation(const struct check *c, const struct gql_directive_list *list)
{
    if (list->n)
        check_builtin_directive(c, list, STR("deprecated"), STR("reason"));
}

/* `what`: "argument", "input field". */
static void check_input(const struct check *c, const struct gql_input *input, struct str where, const char *what,
                        struct gql_loc type_loc)
{
    check_name(c, input->name, input->ast->loc);
    if (!gql_type_is_input(gql_tref_named(input->type)))
        REPORT(c, AT(type_loc), "The type of %.*s must be Input Type but got: %.*s.", STR_ARG(where),
               STR_ARG(text_of(c, input->type)));
    struct str reason;
    if (gql_input_required(input) && gql_deprecated(&input->directives, &reason))
        REPORT(c, AT(deprecated_loc(&input->directives), input->ast->type->loc),
               "Required %s %.*s cannot be deprecated.", what, STR_ARG(where));
    check_deprecation(c, &input->directives);
    check_default(c, input, where);
}

static void check_directive_types(const struct check *c)
{
    for (size_t i = 0; i < c->s->directive_by_name.n; i++) {
        const struct gql_directive_type *d = c->s->directive_by_name.entries[i].value;
        if (d->builtin)
            continue;
        check_name(c, d->name, d->ast->loc);
        for (uint32_t j = 0; j < d->n_args; j++) {
            struct str where = arena_printf(c->a, "@%.*s(%.*s:)", STR_ARG(d->name), STR_ARG(d->args[j].name));
            check_input(c, &d->args[j], where, "argument", d->args[j].ast->loc);
        }
    }
}

/* ---- fields ---- */

static struct str arg_text(const struct check *c, const struct gql_field *f, const struct gql_input *arg)
{
    return arena_printf(c->a, "%.*s.%.*s(%.*s:)", STR_ARG(f->parent->name), STR_ARG(f->name), STR_ARG(arg->name));
}

static void check_fields(const struct check *c, const struct gql_type *t)
{
    if (!t->n_fields)
        empty_type(c, t, "Type", "fields");
    for (uint32_t i = 0; i < t->n_fields; i++) {
        const struct gql_field *f = &t->fields[i];
        check_name(c, f->name, f->ast->loc);
        check_deprecation(c, &f->directives);
        if (gql_tref_named(f->type)->kind == GQL_INPUT_OBJECT)
            REPORT(c, AT(f->ast->type->loc), "The type of %.*s.%.*s must be Output Type but got: %.*s.",
                   STR_ARG(t->name), STR_ARG(f->name), STR_ARG(text_of(c, f->type)));
        for (uint32_t j = 0; j < f->n_args; j++)
            check_input(c, &f->args[j], arg_text(c, f, &f->args[j]), "argument", f->args[j].ast->type->loc);
    }
}

/* ---- interfaces ---- */

static bool implements(const struct gql_type *t, const struct gql_type *iface, size_t before)
{
    for (size_t i = 0; i < t->interfaces.n && i < before; i++)
        if (t->interfaces.v[i] == iface)
            return true;
    return false;
}

/* An argument of the interface's field has its equal in the implementing field. */
static void check_interface_arg(const struct check *c, const struct gql_field *own, const struct gql_field *inherited,
                                const struct gql_input *arg)
{
    const struct gql_input *mine = gql_field_arg(own, arg->name);
    struct str text = arg_text(c, inherited, arg);
    if (!mine)
        REPORT(c, AT(arg->ast->loc, own->ast->loc),
               "Interface field argument %.*s expected but %.*s.%.*s does not provide it.", STR_ARG(text),
               STR_ARG(own->parent->name), STR_ARG(own->name));
    else if (!gql_tref_equal(arg->type, mine->type))
        REPORT(c, AT(arg->ast->type->loc, mine->ast->type->loc),
               "Interface field argument %.*s expects type %.*s but %.*s is type %.*s.", STR_ARG(text),
               STR_ARG(text_of(c, arg->type)), STR_ARG(arg_text(c, own, mine)), STR_ARG(text_of(c, mine->type)));
}

/* What the implementing field adds to the arguments must be optional. */
static void check_added_arg(const struct check *c, const struct gql_field *own, const struct gql_field *inherited,
                            const struct gql_input *arg)
{
    if (gql_input_required(arg) && !gql_field_arg(inherited, arg->name))
        REPORT(c, AT(arg->ast->loc, inherited->ast->loc),
               "Argument \"%.*s\" must not be required type \"%.*s\" if not provided by the Interface field "
               "\"%.*s.%.*s\".",
               STR_ARG(arg_text(c, own, arg)), STR_ARG(text_of(c, arg->type)), STR_ARG(inherited->parent->name),
               STR_ARG(inherited->name));
}

static void
check_inherited_deprecation(const struct check *c, const struct gql_field *own, const struct gql_field *inherited)
{
    struct str reason;
    if (!c->sdl->options->allow_deprecated_alone && gql_deprecated(&own->directives, &reason) &&
        !gql_deprecated(&inherited->directives, &reason))
        REPORT(c, AT(deprecated_loc(&own->directives), own->ast->type->loc),
               "Interface field %.*s.%.*s is not deprecated, so implementation field %.*s.%.*s must not be deprecated.",
               STR_ARG(inherited->parent->name), STR_ARG(inherited->name), STR_ARG(own->parent->name),
               STR_ARG(own->name));
}

static void check_inherited_field(const struct check *c, const struct gql_type *t, const struct gql_field *inherited)
{
    struct str iface = inherited->parent->name;
    const struct gql_field *own = map_get(&t->field_by_name, inherited->name);
    if (!own) {
        struct places places = {0};
        vec_push(c->a, &places, inherited->ast->loc);
        add_parts(c, t, &places);
        report(c, places.v, places.n, "Interface field %.*s.%.*s expected but %.*s does not provide it.",
               STR_ARG(iface), STR_ARG(inherited->name), STR_ARG(t->name));
        return;
    }
    if (!gql_tref_is_subtype(c->s, own->type, inherited->type))
        REPORT(c, AT(inherited->ast->type->loc, own->ast->type->loc),
               "Interface field %.*s.%.*s expects type %.*s but %.*s.%.*s is type %.*s.", STR_ARG(iface),
               STR_ARG(inherited->name), STR_ARG(text_of(c, inherited->type)), STR_ARG(t->name), STR_ARG(own->name),
               STR_ARG(text_of(c, own->type)));
    for (uint32_t i = 0; i < inherited->n_args; i++)
        check_interface_arg(c, own, inherited, &inherited->args[i]);
    for (uint32_t i = 0; i < own->n_args; i++)
        check_added_arg(c, own, inherited, &own->args[i]);
    check_inherited_deprecation(c, own, inherited);
}

static void check_ancestors(const struct check *c, const struct gql_type *t, const struct gql_type *iface)
{
    for (size_t i = 0; i < iface->interfaces.n; i++) {
        const struct gql_type *ancestor = iface->interfaces.v[i];
        if (implements(t, ancestor, SIZE_MAX))
            continue;
        struct places places = {0};
        add_implements(c, iface, ancestor->name, &places);
        add_implements(c, t, iface->name, &places);
        if (ancestor == t)
            report(c, places.v, places.n,
                   "Type %.*s cannot implement %.*s because it would create a circular reference.", STR_ARG(t->name),
                   STR_ARG(iface->name));
        else
            report(c, places.v, places.n, "Type %.*s must implement %.*s because it is implemented by %.*s.",
                   STR_ARG(t->name), STR_ARG(ancestor->name), STR_ARG(iface->name));
    }
}

static void check_interface(const struct check *c, const struct gql_type *t, size_t i)
{
    const struct gql_type *iface = t->interfaces.v[i];
    struct places places = {0};
    add_implements(c, t, iface->name, &places);
    if (iface->kind != GQL_INTERFACE) {
        report(c, places.v, places.n, "Type %.*s must only implement Interface types, it cannot implement %.*s.",
               STR_ARG(t->name), STR_ARG(iface->name));
    } else if (t == iface) {
        report(c, places.v, places.n,
               "Type %.*s cannot implement itself because it would create a circular reference.", STR_ARG(t->name));
    } else if (implements(t, iface, i)) {
        report(c, places.v, places.n, "Type %.*s can only implement %.*s once.", STR_ARG(t->name),
               STR_ARG(iface->name));
    } else {
        check_ancestors(c, t, iface);
        for (uint32_t j = 0; j < iface->n_fields; j++)
            check_inherited_field(c, t, &iface->fields[j]);
    }
}

/* ---- unions, enums, input objects ---- */

static void check_union(const struct check *c, const struct gql_type *t)
{
    if (!t->members.n)
        empty_type(c, t, "Union type", "member types");
    struct map seen = {0};
    for (size_t i = 0; i < t->members.n; i++) {
        struct gql_type *member = t->members.v[i];
        struct places places = {0};
        bool again = map_put(c->a, &seen, member->name, member) != NULL;
        if (again || member->kind != GQL_OBJECT_TYPE)
            add_members(c, t, member->name, &places);
        if (again)
            report(c, places.v, places.n, "Union type %.*s can only include type %.*s once.", STR_ARG(t->name),
                   STR_ARG(member->name));
        else if (member->kind != GQL_OBJECT_TYPE)
            report(c, places.v, places.n, "Union type %.*s can only include Object types, it cannot include %.*s.",
                   STR_ARG(t->name), STR_ARG(member->name));
    }
}

static void check_enum(const struct check *c, const struct gql_type *t)
{
    if (!t->n_values)
        empty_type(c, t, "Enum type", "values");
    for (uint32_t i = 0; i < t->n_values; i++) {
        check_name(c, t->values[i].name, t->values[i].ast->loc);
        check_deprecation(c, &t->values[i].directives);
    }
}

static void check_input_object(const struct check *c, const struct gql_type *t)
{
    if (!t->n_inputs)
        empty_type(c, t, "Input Object type", "fields");
    for (uint32_t i = 0; i < t->n_inputs; i++) {
        const struct gql_input *f = &t->inputs[i];
        struct str where = arena_printf(c->a, "%.*s.%.*s", STR_ARG(t->name), STR_ARG(f->name));
        check_input(c, f, where, "input field", f->ast->type->loc);
        if (t->one_of && f->type->kind == GQL_REF_NON_NULL)
            REPORT(c, AT(f->ast->type->loc), "OneOf input field %.*s must be nullable.", STR_ARG(where));
        if (t->one_of && f->default_value)
            REPORT(c, AT(f->ast->loc), "OneOf input field %.*s cannot have a default value.", STR_ARG(where));
    }
}

static void check_type(const struct check *c, const struct gql_type *t)
{
    check_name(c, t->name, t->ast->loc);
    switch (t->kind) {
    case GQL_SCALAR:
        check_builtin_directive(c, &t->directives, STR("specifiedBy"), STR("url"));
        break;
    case GQL_OBJECT_TYPE:
    case GQL_INTERFACE:
        check_fields(c, t);
        for (size_t i = 0; i < t->interfaces.n; i++)
            check_interface(c, t, i);
        break;
    case GQL_UNION:
        check_union(c, t);
        break;
    case GQL_ENUM_TYPE:
        check_enum(c, t);
        break;
    case GQL_INPUT_OBJECT:
        check_input_object(c, t);
        break;
    }
}

/* ---- roots ---- */

/* Where the schema names its root type, or where that type is defined. */
static struct gql_loc root_loc(const struct check *c, enum gql_operation_kind kind, bool or_type)
{
    for (int extend = 0; extend < 2; extend++)
        for (uint32_t i = 0; i < c->sdl->doc->n; i++) {
            const struct gql_definition *d = c->sdl->doc->definitions[i];
            for (uint32_t j = 0; d->kind == GQL_SCHEMA_DEF && d->extend == (bool)extend && j < d->n_roots; j++)
                if (d->roots[j].kind == kind)
                    return d->roots[j].type.loc;
        }
    const struct gql_type *t = gql_schema_root(c->s, kind);
    return or_type && t->ast ? t->ast->loc : (struct gql_loc){0};
}

static struct gql_loc schema_loc(const struct check *c)
{
    for (uint32_t i = 0; i < c->sdl->doc->n; i++)
        if (c->sdl->doc->definitions[i]->kind == GQL_SCHEMA_DEF && !c->sdl->doc->definitions[i]->extend)
            return c->sdl->doc->definitions[i]->loc;
    return (struct gql_loc){0};
}

/* Reports a type once, at its first use as a root, when it is used for several. */
static void check_shared_root(const struct check *c, enum gql_operation_kind first)
{
    static const struct str WORDS[] = {STR_INIT("query"), STR_INIT("mutation"), STR_INIT("subscription")};
    const struct gql_type *t = gql_schema_root(c->s, first);
    struct str_vec words = {0};
    struct places places = {0};
    for (int kind = GQL_QUERY; kind <= GQL_SUBSCRIPTION; kind++) {
        if (gql_schema_root(c->s, kind) != t)
            continue;
        if (kind < (int)first)
            return;
        vec_push(c->a, &words, WORDS[kind]);
        vec_push(c->a, &places, root_loc(c, kind, false));
    }
    if (words.n > 1)
        report(c, places.v, places.n, "All root types must be different, \"%.*s\" type is used as %.*s root types.",
               STR_ARG(t->name), STR_ARG(gql_join_list(c->a, "and", &words)));
}

static void check_roots(const struct check *c)
{
    static const char *const WORDS[] = {"Query", "Mutation", "Subscription"};
    if (!c->s->query && !c->sdl->options->allow_no_query)
        REPORT(c, AT(schema_loc(c)), "Query root type must be provided.");
    for (int kind = GQL_QUERY; kind <= GQL_SUBSCRIPTION; kind++) {
        const struct gql_type *t = gql_schema_root(c->s, kind);
        if (!t)
            continue;
        if (t->kind != GQL_OBJECT_TYPE)
            REPORT(c, AT(root_loc(c, kind, true)), "%s root type must be Object type%s, it cannot be %.*s.",
                   WORDS[kind], kind == GQL_QUERY ? "" : " if provided", STR_ARG(t->name));
        else
            check_shared_root(c, kind);
    }
}

void gql_schema_check(const struct gql_sdl *sdl, const struct gql_schema *s)
{
    struct check c = {.sdl = sdl, .s = s, .a = sdl->arena};
    check_roots(&c);
    check_directive_types(&c);
    gql_schema_check_directives(sdl, s);
    for (uint32_t i = 0; i < s->n_types; i++)
        if (!s->types[i]->builtin)
            check_type(&c, s->types[i]);
    gql_schema_check_inputs(sdl, s);
}
