#include "base/panic.h"
#include "graphql/names.h"
#include "graphql/printer.h"
#include "graphql/sdl.h"
#include "graphql/suggest.h"

struct check {
    const struct gql_sdl *sdl;
    struct arena *a;
    struct map types;      /* → struct gql_definition, not extensions */
    struct map orphans;    /* → struct gql_definition: the first extension of what is not defined */
    struct map directives; /* → struct gql_definition, built-in ones too */
    struct map seen_schema_directives;
    struct map seen_type_directives; /* type → struct map */
    struct map members;              /* type → struct map of fields or values, → struct gql_name */
};

#define REPORT(c, places, ...) report((c), (places), PB_ARRAY_LEN(places), __VA_ARGS__)
#define AT(...) ((struct gql_loc[]){__VA_ARGS__})

static void __attribute__((format(printf, 4, 5))) report(struct check *c, const struct gql_loc *locs, uint32_t n,
                                                         const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct str message = arena_vprintf(c->a, fmt, ap);
    va_end(ap);
    gql_error_add(c->a, c->sdl->errors, GQL_CODE_SCHEMA, locs, n, "%.*s", STR_ARG(message));
}

static struct map *submap(struct check *c, struct map *m, struct str key)
{
    struct map *sub = map_get(m, key);
    if (!sub)
        map_put(c->a, m, key, sub = arena_new_of(c->a, struct map));
    return sub;
}

/* ---- types that are referred to ---- */

static bool is_builtin_type(const struct check *c, struct str name)
{
    const struct gql_document *doc = c->sdl->builtin;
    for (uint32_t i = 0; i < doc->n; i++)
        if (gql_definition_is_type(doc->definitions[i]) && str_eq(doc->definitions[i]->name.s, name))
            return !str_eq(name, STR("__Meta"));
    return false;
}

static void add_type_names(struct check *c, const struct map *types, struct str_vec *names)
{
    for (size_t i = 0; i < types->n; i++)
        vec_push(c->a, names, types->entries[i].key);
}

static void check_type_name(struct check *c, struct str name, struct gql_loc loc)
{
    if (map_has(&c->types, name) || map_has(&c->orphans, name) || is_builtin_type(c, name))
        return;
    struct str_vec names = {0};
    const struct gql_document *builtin = c->sdl->builtin;
    for (uint32_t i = 0; i < builtin->n; i++)
        if (is_builtin_type(c, builtin->definitions[i]->name.s))
            vec_push(c->a, &names, builtin->definitions[i]->name.s);
    add_type_names(c, &c->types, &names);
    add_type_names(c, &c->orphans, &names);
    struct str hint = gql_suggest(c->a, "", name, &names);
    REPORT(c, AT(loc), "Unknown type \"%.*s\".%.*s", STR_ARG(name), STR_ARG(hint));
}

static void check_type_ref(struct check *c, const struct gql_type_ref *ref)
{
    while (ref->kind != GQL_REF_NAMED)
        ref = ref->of;
    check_type_name(c, ref->name, ref->loc);
}

static void check_type_names(struct check *c, const struct gql_name *names, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        check_type_name(c, names[i].s, names[i].loc);
}

/* ---- values ---- */

/* The parser bounds the depth of a value. */
static void check_value(struct check *c, const struct gql_value *v)
{
    if (v->kind == GQL_LIST)
        for (uint32_t i = 0; i < v->n; i++)
            check_value(c, v->items[i]);
    if (v->kind != GQL_OBJECT)
        return;
    struct map seen = {0};
    for (uint32_t i = 0; i < v->n; i++) {
        struct gql_name *name = &v->fields[i].name, *before = map_get(&seen, name->s);
        if (before)
            REPORT(c, AT(before->loc, name->loc), "There can be only one input field named \"%.*s\".",
                   STR_ARG(name->s));
        else
            map_put(c->a, &seen, name->s, name);
        check_value(c, v->fields[i].value);
    }
}

/* ---- directives ---- */

static const struct gql_input_value_definition *find_arg(const struct gql_definition *def, struct str name)
{
    for (uint32_t i = 0; i < def->n_inputs; i++)
        if (str_eq(def->inputs[i].name.s, name))
            return &def->inputs[i];
    return NULL;
}

static void unknown_argument(struct check *c, const struct gql_definition *def, const struct gql_argument *arg)
{
    struct str_vec names = {0};
    for (uint32_t i = 0; i < def->n_inputs; i++)
        vec_push(c->a, &names, def->inputs[i].name.s);
    struct str hint = gql_suggest(c->a, "", arg->name.s, &names);
    REPORT(c, AT(arg->name.loc), "Unknown argument \"%.*s\" on directive \"@%.*s\".%.*s", STR_ARG(arg->name.s),
           STR_ARG(def->name.s), STR_ARG(hint));
}

static void check_arguments(struct check *c, const struct gql_definition *def, const struct gql_directive *d)
{
    for (uint32_t i = 0; i < d->n_args; i++)
        if (!find_arg(def, d->args[i].name.s))
            unknown_argument(c, def, &d->args[i]);
    for (uint32_t i = 0; i < def->n_inputs; i++) {
        const struct gql_input_value_definition *arg = &def->inputs[i];
        if (arg->type->kind != GQL_REF_NON_NULL || arg->default_value || gql_directive_arg(d, arg->name.s))
            continue;
        struct buf type;
        buf_init(&type, 1u << 16);
        gql_print_type_ref(&type, arg->type);
        REPORT(c, AT(d->loc), "Argument \"@%.*s(%.*s:)\" of type \"%.*s\" is required, but it was not provided.",
               STR_ARG(def->name.s), STR_ARG(arg->name.s), STR_ARG(buf_str(&type)));
        buf_free(&type);
    }
}

static bool allows(const struct gql_definition *def, enum gql_directive_location where)
{
    for (uint32_t i = 0; i < def->n_locations; i++)
        if (str_eq(def->locations[i].s, gql_directive_location_name(where)))
            return true;
    return false;
}

static void check_directive(struct check *c, const struct gql_directive *d, enum gql_directive_location where,
                            struct map *seen)
{
    struct gql_name_list args = GQL_NAME_LIST(d->args, d->n_args);
    gql_check_unique(c->a, c->sdl->errors, GQL_CODE_SCHEMA, args, STR("There can be only one argument named \""),
                     STR("\"."));
    for (uint32_t i = 0; i < d->n_args; i++)
        check_value(c, d->args[i].value);

    const struct gql_definition *def = map_get(&c->directives, d->name.s);
    if (!def) {
        if (!c->sdl->options->allow_unknown_directives)
            REPORT(c, AT(d->loc), "Unknown directive \"@%.*s\".", STR_ARG(d->name.s));
        return;
    }
    if (!allows(def, where))
        REPORT(c, AT(d->loc), "Directive \"@%.*s\" may not be used on %.*s.", STR_ARG(d->name.s),
               STR_ARG(gql_directive_location_name(where)));
    check_arguments(c, def, d);
    if (def->repeatable)
        return;
    struct gql_directive *before = map_get(seen, d->name.s);
    if (before)
        REPORT(c, AT(before->loc, d->loc), "The directive \"@%.*s\" can only be used once at this location.",
               STR_ARG(d->name.s));
    else
        map_put(c->a, seen, d->name.s, (void *)d);
}

/* `seen`: what was applied before at the same place; NULL when the list is all there is. */
static void check_directives(struct check *c, const struct gql_directive_list *list, enum gql_directive_location where,
                             struct map *seen)
{
    struct map own = {0};
    for (uint32_t i = 0; i < list->n; i++)
        check_directive(c, &list->v[i], where, seen ? seen : &own);
}

/* ---- definitions ---- */

static void check_inputs(struct check *c, const struct gql_input_value_definition *inputs, uint32_t n,
                         enum gql_directive_location where)
{
    for (uint32_t i = 0; i < n; i++) {
        check_type_ref(c, inputs[i].type);
        if (inputs[i].default_value)
            check_value(c, inputs[i].default_value);
        check_directives(c, &inputs[i].directives, where, NULL);
    }
}

static void
check_unique_args(struct check *c, struct str owner, const struct gql_input_value_definition *args, uint32_t n)
{
    struct gql_name_list list = GQL_NAME_LIST(args, n);
    struct str before = arena_printf(c->a, "Argument \"%.*s(", STR_ARG(owner));
    gql_check_unique(c->a, c->sdl->errors, GQL_CODE_SCHEMA, list, before, STR(":)\" can only be defined once."));
}

/* Fields or values of one type, wherever they stand. */
static void check_member(struct check *c, struct str type, const struct gql_name *name, const char *what)
{
    struct map *members = submap(c, &c->members, type);
    struct gql_name *before = map_get(members, name->s);
    if (before)
        REPORT(c, AT(before->loc, name->loc), "%s \"%.*s.%.*s\" can only be defined once.", what, STR_ARG(type),
               STR_ARG(name->s));
    else
        map_put(c->a, members, name->s, (void *)name);
}

static void check_fields(struct check *c, const struct gql_definition *d)
{
    for (uint32_t i = 0; i < d->n_fields; i++) {
        const struct gql_field_definition *f = &d->fields[i];
        check_member(c, d->name.s, &f->name, "Field");
        if (f->n_args > 1)
            check_unique_args(c, arena_printf(c->a, "%.*s.%.*s", STR_ARG(d->name.s), STR_ARG(f->name.s)), f->args,
                              f->n_args);
        check_type_ref(c, f->type);
        check_inputs(c, f->args, f->n_args, GQL_ON_ARGUMENT_DEFINITION);
        check_directives(c, &f->directives, GQL_ON_FIELD_DEFINITION, NULL);
    }
}

static void check_values(struct check *c, const struct gql_definition *d)
{
    for (uint32_t i = 0; i < d->n_values; i++) {
        check_member(c, d->name.s, &d->values[i].name, "Enum value");
        check_directives(c, &d->values[i].directives, GQL_ON_ENUM_VALUE, NULL);
    }
}

static enum gql_directive_location location_of(const struct gql_definition *d)
{
    switch (d->kind) {
    case GQL_SCHEMA_DEF:
        return GQL_ON_SCHEMA;
    case GQL_SCALAR_DEF:
        return GQL_ON_SCALAR;
    case GQL_OBJECT_DEF:
        return GQL_ON_OBJECT;
    case GQL_INTERFACE_DEF:
        return GQL_ON_INTERFACE;
    case GQL_UNION_DEF:
        return GQL_ON_UNION;
    case GQL_ENUM_DEF:
        return GQL_ON_ENUM;
    case GQL_INPUT_DEF:
        return GQL_ON_INPUT_OBJECT;
    default:
        PB_PANIC("definition %d takes no directives", (int)d->kind);
    }
}

static const char *kind_text(enum gql_definition_kind kind)
{
    static const char *const TEXTS[] = {
        [GQL_SCALAR_DEF] = "scalar", [GQL_OBJECT_DEF] = "object", [GQL_INTERFACE_DEF] = "interface",
        [GQL_UNION_DEF] = "union",   [GQL_ENUM_DEF] = "enum",     [GQL_INPUT_DEF] = "input object",
    };
    return TEXTS[kind];
}

static void check_extension(struct check *c, const struct gql_definition *d)
{
    struct gql_definition *main_part = map_get(&c->types, d->name.s);
    if (!main_part)
        main_part = map_get(&c->orphans, d->name.s);
    if (!main_part) {
        struct str_vec names = {0};
        add_type_names(c, &c->types, &names);
        struct str hint = gql_suggest(c->a, "", d->name.s, &names);
        REPORT(c, AT(d->name.loc), "Cannot extend type \"%.*s\" because it is not defined.%.*s", STR_ARG(d->name.s),
               STR_ARG(hint));
    } else if (main_part->kind != d->kind) {
        REPORT(c, AT(main_part->loc, d->loc), "Cannot extend non-%s type \"%.*s\".", kind_text(d->kind),
               STR_ARG(d->name.s));
    }
}

static void check_type_definition(struct check *c, const struct gql_definition *d)
{
    if (d->extend)
        check_extension(c, d);
    check_directives(c, &d->directives, location_of(d), submap(c, &c->seen_type_directives, d->name.s));
    check_type_names(c, d->interfaces, d->n_interfaces);
    check_type_names(c, d->members, d->n_members);
    check_fields(c, d);
    check_values(c, d);
    for (uint32_t i = 0; i < d->n_inputs; i++)
        check_member(c, d->name.s, &d->inputs[i].name, "Field");
    check_inputs(c, d->inputs, d->n_inputs, GQL_ON_INPUT_FIELD_DEFINITION);
}

static void check_directive_definition(struct check *c, const struct gql_definition *d)
{
    if (d->n_inputs > 1)
        check_unique_args(c, arena_printf(c->a, "@%.*s", STR_ARG(d->name.s)), d->inputs, d->n_inputs);
    check_inputs(c, d->inputs, d->n_inputs, GQL_ON_ARGUMENT_DEFINITION);
}

static void check_schema_definitions(struct check *c)
{
    static const char *const KINDS[] = {"query", "mutation", "subscription"};
    const struct gql_root_type *seen[3] = {NULL};
    bool defined = false;
    for (uint32_t i = 0; i < c->sdl->doc->n; i++) {
        const struct gql_definition *d = c->sdl->doc->definitions[i];
        if (d->kind != GQL_SCHEMA_DEF)
            continue;
        if (!d->extend && defined)
            REPORT(c, AT(d->loc), "Must provide only one schema definition.");
        defined |= !d->extend;
        for (uint32_t j = 0; j < d->n_roots; j++) {
            const struct gql_root_type *root = &d->roots[j];
            check_type_name(c, root->type.s, root->type.loc);
            if (seen[root->kind])
                REPORT(c, AT(seen[root->kind]->loc, root->loc), "There can be only one %s type in schema.",
                       KINDS[root->kind]);
            else
                seen[root->kind] = root;
        }
        check_directives(c, &d->directives, GQL_ON_SCHEMA, &c->seen_schema_directives);
    }
}

/* ---- who is defined ---- */

/* The last definition of a name counts for the other rules, as in graphql-js; the first one is the place to show. */
static void collect_definitions(struct check *c)
{
    struct map first_types = {0}, first_directives = {0};
    const struct gql_document *doc = c->sdl->doc;
    for (uint32_t i = 0; i < doc->n; i++) {
        struct gql_definition *d = doc->definitions[i];
        bool is_type = gql_definition_is_type(d) && !d->extend;
        if (!is_type && d->kind != GQL_DIRECTIVE_DEF)
            continue;
        struct map *first = is_type ? &first_types : &first_directives;
        const struct gql_definition *before = map_get(first, d->name.s);
        if (!before)
            map_put(c->a, first, d->name.s, d);
        else
            REPORT(c, AT(before->name.loc, d->name.loc), "There can be only one %s named \"%s%.*s\".",
                   is_type ? "type" : "directive", is_type ? "" : "@", STR_ARG(d->name.s));
        map_put(c->a, is_type ? &c->types : &c->directives, d->name.s, d);
    }
}

static void collect_orphans(struct check *c)
{
    const struct gql_document *doc = c->sdl->doc;
    for (uint32_t i = 0; c->sdl->options->allow_orphan_extensions && i < doc->n; i++) {
        struct gql_definition *d = doc->definitions[i];
        if (gql_definition_is_type(d) && !map_has(&c->types, d->name.s) && !map_has(&c->orphans, d->name.s))
            map_put(c->a, &c->orphans, d->name.s, d);
    }
}

void gql_sdl_check(const struct gql_sdl *sdl)
{
    struct check c = {.sdl = sdl, .a = sdl->arena};
    for (uint32_t i = 0; i < sdl->builtin->n; i++)
        if (sdl->builtin->definitions[i]->kind == GQL_DIRECTIVE_DEF)
            map_put(c.a, &c.directives, sdl->builtin->definitions[i]->name.s, sdl->builtin->definitions[i]);
    collect_definitions(&c);
    collect_orphans(&c);
    check_schema_definitions(&c);
    for (uint32_t i = 0; i < sdl->doc->n; i++) {
        const struct gql_definition *d = sdl->doc->definitions[i];
        if (gql_definition_is_type(d))
            check_type_definition(&c, d);
        else if (d->kind == GQL_DIRECTIVE_DEF)
            check_directive_definition(&c, d);
    }
}
