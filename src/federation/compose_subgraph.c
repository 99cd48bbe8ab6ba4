#include "federation/compose_subgraph.h"

#include "federation/compose_define.h"
#include "federation/compose_fieldset.h"
#include "federation/compose_spec.h"
#include "graphql/sdl.h"

#define SDL_MAX (64u << 20)

static struct where here(struct fed_subgraph *sg, struct gql_loc loc)
{
    return (struct where){sg, NULL, loc};
}

/* What to do about `Unknown directive "@shareable".` */
static struct str directive_advice(struct fed_subgraph *sg, struct str message)
{
    struct arena *a = sg->schema->arena;
    if (!str_starts(message, STR("Unknown directive \"@")))
        return STR_NONE;
    struct str name = str_sub(message, 20, message.len);
    ptrdiff_t quote = str_find_char(name, '"');
    const struct spec_directive *d =
        quote < 0 ? NULL : spec_directive_named(STR("federation"), str_sub(name, 0, (size_t)quote));
    if (!d)
        return STR_NONE;
    if (!sg->fed2)
        return arena_printf(a,
                            " It is a directive of Federation 2: extend the schema with "
                            "@link(url: \"" LINK_SPEC_PREFIX "federation/v2.%u\", import: [\"@%s\"]).",
                            FED_VERSION_LATEST.minor, d->name);
    if (link_version_cmp(d->since, sg->version) > 0)
        return arena_printf(a, " @%s came with federation v%u.%u and this schema links v%u.%u: link the newer one.",
                            d->name, d->since.major, d->since.minor, sg->version.major, sg->version.minor);
    return arena_printf(
        a,
        " In this schema it is called \"@%.*s\": add \"@%s\" to the imports of federation's @link to use it "
        "without prefix.",
        STR_ARG(sg->dir_name[d->id]), d->name);
}

/* What to do about an error of the language's own rules; they only say what is wrong. */
static struct str advice(struct fed_subgraph *sg, struct str message)
{
    static const struct {
        const char *part, *advice;
    } KNOWN[] = {
        {"Syntax Error", " Correct the SDL at this place."},
        {"Unknown type", " Define it in this subgraph, or correct its name."},
        {"Unknown directive", " Define it in this subgraph, or correct its name."},
        {"Unknown argument", " Delete it, or correct its name."},
        {"may not be used on", " Delete it here."},
        {"must define one or more", " Add one, or delete the type."},
        {"There can be only one", " Delete one of them."},
        {"can only be defined once", " Delete one of them."},
        {"was not provided", " Add it."},
    };
    struct str about = directive_advice(sg, message);
    if (about.p)
        return about;
    size_t i = 0;
    while (i < sizeof KNOWN / sizeof *KNOWN && str_find(message, str_c(KNOWN[i].part)) < 0)
        i++;
    if (i < sizeof KNOWN / sizeof *KNOWN)
        return str_c(KNOWN[i].advice);
    return str_ends(message, STR(".")) ? STR(" Correct it.") : STR(": correct it.");
}

/* Next to a wrong definition only what cannot follow from it: directives that nobody defines, types in the wrong place.
 */
static bool stands_alone(struct str message)
{
    return str_starts(message, STR("Unknown directive")) ||
           (str_starts(message, STR("The type of")) && !str_starts(message, STR("The type of @")));
}

static void report_graphql(struct fed_subgraph *sg, struct messages *m, const struct gql_errors *errors)
{
    bool all = !sg->broken;
    for (size_t i = 0; i < errors->n; i++) {
        const struct gql_error *e = &errors->v[i];
        if (!all && !stands_alone(e->message))
            continue;
        struct gql_loc loc = e->n_locs ? e->locs[0] : (struct gql_loc){0};
        msg_error(m, here(sg, loc), "INVALID_GRAPHQL", "%.*s%.*s", STR_ARG(e->message),
                  STR_ARG(advice(sg, e->message)));
    }
    sg->broken = true;
}

/* ---- Federation 1 or 2 ---- */

/* Federation 1 knows its directives without @link; they are imported under their own names. */
static void link_federation_1(struct fed_subgraph *sg)
{
    struct arena *a = sg->schema->arena;
    struct link_feature *f = arena_new_of(a, struct link_feature);
    *f = (struct link_feature){
        STR(LINK_SPEC_PREFIX "federation"), STR("federation"), FED_VERSION_UPGRADE, STR("federation"), {0}, {0}};
    for (int i = 0; i < FED_DIRS; i++) {
        const struct spec_directive *d = spec_directive((enum fed_dir)i);
        if (!spec_has(f, d))
            continue;
        struct str name = arena_printf(a, "@%s", d->name);
        vec_push(a, &f->imports, (struct link_import){name, name});
    }
    vec_push(a, &f->imports, (struct link_import){STR("FieldSet"), STR("_FieldSet")});
    vec_push(a, &sg->links, f);
    sg->version = FED_VERSION_UPGRADE;
    subgraph_forget_old_definition(sg, "key");
    subgraph_forget_old_definition(sg, "requires");
    subgraph_forget_old_definition(sg, "provides");
}

/* False when it makes no sense to look further. */
static bool decide_version(struct fed_subgraph *sg, struct messages *m)
{
    struct link_feature *f = link_find_spec(&sg->links, STR("federation"));
    if (!f) {
        link_federation_1(sg);
        subgraph_define(sg, m, (struct link_version){1, 0}, (struct link_version){1, 0});
        return true;
    }
    if (!spec_federation_known(f->version)) {
        msg_error(m, here(sg, f->loc), "UNKNOWN_FEDERATION_LINK_VERSION",
                  "federation v%u.%u is not known: link a version from 2.0 to 2.%u", f->version.major, f->version.minor,
                  FED_VERSION_LATEST.minor);
        sg->broken = true;
        subgraph_check_link(sg, m);
        return false;
    }
    sg->fed2 = true;
    sg->version = f->version;
    subgraph_define(sg, m, (struct link_version){0, 0}, f->version);
    return true;
}

void subgraph_link_upgrade(struct fed_subgraph *sg, struct messages *m)
{
    sg->fed2 = sg->upgraded = true;
    link_check_added(sg, m, link_find_spec(&sg->links, STR("federation")));
    if (!sg->broken)
        subgraph_define(sg, m, (struct link_version){2, 0}, FED_VERSION_UPGRADE);
}

/* ---- names ---- */

static void defined_twice(struct fed_subgraph *sg, struct messages *m, const struct fed_elem *e,
                          const struct fed_elem *last)
{
    if (e == last)
        return;
    struct str at = fed_coordinate(m->arena, e);
    msg_error(m, (struct where){sg, last, {0}}, "INVALID_GRAPHQL",
              "\"%.*s\" is defined twice, the first time in line %u: delete one", STR_ARG(at), e->loc.line);
    sg->broken = true;
}

static void check_not_extended(struct fed_subgraph *sg, struct messages *m, const struct fed_type *t)
{
    if (t->n_extensions == 0 || !fed_is_builtin_scalar(t->e.name))
        return;
    msg_error(m, (struct where){sg, &t->e, t->extension_loc}, "INVALID_GRAPHQL",
              "\"%.*s\" is a scalar of GraphQL itself and cannot be extended: define a scalar of your own",
              STR_ARG(t->e.name));
    sg->broken = true;
}

static void check_types_once(struct fed_subgraph *sg, struct messages *m)
{
    struct map defined = {0};
    for (uint32_t i = 0; i < sg->doc->n; i++) {
        struct gql_definition *d = sg->doc->definitions[i], *first;
        if (!gql_definition_is_type(d) || d->extend)
            continue;
        if ((first = map_get(&defined, d->name.s))) {
            msg_error(m, here(sg, d->loc), "INVALID_GRAPHQL",
                      "type \"%.*s\" is defined twice, the first time in line %u: delete one", STR_ARG(d->name.s),
                      first->loc.line);
            sg->broken = true;
        }
        map_put(m->arena, &defined, d->name.s, d);
    }
}

static bool mentions(const struct gql_value *v, struct str name)
{
    if (v->kind == GQL_STRING || v->kind == GQL_ENUM)
        return str_eq(v->text, name);
    for (uint32_t i = 0; (v->kind == GQL_LIST || v->kind == GQL_OBJECT) && i < v->n; i++)
        if (mentions(v->kind == GQL_LIST ? v->items[i] : v->fields[i].value, name))
            return true;
    return false;
}

/* The types of features are known when @link has been read: names with a prefix, and imports. */
static bool may_be_feature(const struct fed_schema *s, struct str name)
{
    if (name.p[0] == '_' || str_find(name, STR("__")) >= 0)
        return true;
    for (size_t i = 0; i < s->e.applied.n; i++)
        for (uint32_t j = 0; j < s->e.applied.v[i].n_args; j++)
            if (mentions(s->e.applied.v[i].args[j].value, name))
                return true;
    return false;
}

static void check_type_known(struct fed_subgraph *sg, struct messages *m, const struct fed_elem *at,
                             const struct gql_type_ref *type)
{
    struct str name = fed_ref_base(type)->name;
    if (fed_schema_type(sg->schema, name) || fed_is_builtin_scalar(name) || may_be_feature(sg->schema, name))
        return;
    msg_error(m, (struct where){sg, at, {0}}, "INVALID_GRAPHQL",
              "Unknown type \"%.*s\". Define it in this subgraph, or correct its name.", STR_ARG(name));
    sg->broken = true;
}

static void check_inputs_known(struct fed_subgraph *sg, struct messages *m, const struct fed_input_vec *v)
{
    for (size_t i = 0; i < v->n; i++)
        check_type_known(sg, m, &v->v[i]->e, v->v[i]->type);
}

static void check_types_known(struct fed_subgraph *sg, struct messages *m)
{
    for (size_t i = 0; i < sg->schema->types.n; i++) {
        const struct fed_type *t = sg->schema->types.v[i];
        for (size_t j = 0; j < t->fields.n; j++) {
            check_type_known(sg, m, &t->fields.v[j]->e, t->fields.v[j]->type);
            check_inputs_known(sg, m, &t->fields.v[j]->args);
        }
        check_inputs_known(sg, m, &t->inputs);
    }
}

/* Whole types that cannot be: before anything else is asked. */
static void check_definitions(struct fed_subgraph *sg, struct messages *m)
{
    check_types_once(sg, m);
    for (size_t i = 0; i < sg->schema->types.n; i++)
        check_not_extended(sg, m, sg->schema->types.v[i]);
}

/* The model finds elements by name, so what has a name twice is reported before their rules are asked. */
static void check_names(struct fed_subgraph *sg, struct messages *m)
{
    for (size_t i = 0; i < sg->schema->types.n; i++) {
        const struct fed_type *t = sg->schema->types.v[i];
        for (size_t j = 0; fed_type_has_fields(t) && j < t->fields.n; j++)
            defined_twice(sg, m, &t->fields.v[j]->e, &fed_type_field(t, t->fields.v[j]->e.name)->e);
        for (size_t j = 0; t->kind == GQL_INPUT_OBJECT && j < t->inputs.n; j++)
            defined_twice(sg, m, &t->inputs.v[j]->e, &fed_type_input(t, t->inputs.v[j]->e.name)->e);
        for (size_t j = 0; t->kind == GQL_ENUM_TYPE && j < t->values.n; j++)
            defined_twice(sg, m, &t->values.v[j]->e, &fed_type_value(t, t->values.v[j]->e.name)->e);
    }
}

/* ---- type rules ---- */

static void misused_scalar_name(struct fed_subgraph *sg, struct messages *m, const struct fed_type *t,
                                const struct fed_elem *at, const char *what)
{
    msg_error(m, (struct where){sg, at, {0}}, "INVALID_GRAPHQL",
              "type \"%.*s\" %s, and it has the name of a scalar of GraphQL itself: rename it", STR_ARG(t->e.name),
              what);
    sg->broken = true;
}

static void check_scalar_use(struct fed_subgraph *sg, struct messages *m, const struct fed_elem *at,
                             const struct gql_type_ref *type, bool output)
{
    const struct fed_type *t = fed_ref_type(sg->schema, type);
    if (!t || !fed_is_builtin_scalar(t->e.name))
        return;
    if (output && t->kind == GQL_INPUT_OBJECT)
        misused_scalar_name(sg, m, t, at, "is an input object, which no field can return");
    else if (!output && fed_type_is_composite(t))
        misused_scalar_name(sg, m, t, at, "is no input type");
}

static void check_scalar_inputs(struct fed_subgraph *sg, struct messages *m, struct fed_input *const *inputs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        check_scalar_use(sg, m, &inputs[i]->e, inputs[i]->type, false);
}

/* The language's own rules look at its scalars, not at types with their names: what is reported here comes before the
 * name itself, which the merge refuses. */
static void check_scalar_names(struct fed_subgraph *sg, struct messages *m)
{
    const struct fed_schema *s = sg->schema;
    for (size_t i = 0; i < s->types.n; i++) {
        const struct fed_type *t = s->types.v[i];
        bool empty = t->fields.n + t->members.n + t->values.n + t->inputs.n == 0 && t->kind != GQL_SCALAR;
        if (empty && fed_is_builtin_scalar(t->e.name))
            misused_scalar_name(sg, m, t, &t->e, "is empty");
        for (size_t j = 0; j < t->fields.n; j++) {
            const struct fed_field *f = t->fields.v[j];
            check_scalar_use(sg, m, &f->e, f->type, true);
            check_scalar_inputs(sg, m, f->args.v, f->args.n);
        }
        check_scalar_inputs(sg, m, t->inputs.v, t->inputs.n);
    }
    for (size_t i = 0; i < s->directives.n; i++)
        if (s->directives.v[i]->e.loc.line)
            check_scalar_inputs(sg, m, s->directives.v[i]->args.v, s->directives.v[i]->args.n);
}

static void check_types(struct fed_subgraph *sg, struct messages *m)
{
    struct gql_errors errors = {0};
    struct gql_schema_options options = {
        .allow_no_query = true, .allow_orphan_extensions = true, .allow_deprecated_alone = true};
    if (!gql_schema_build(sg->schema->arena, sg->doc, &options, &errors))
        report_graphql(sg, m, &errors);
}

/* The values of directive arguments, which the language's own rules leave unchecked in type systems. */
static void check_applied(struct fed_subgraph *sg, struct messages *m, const struct fed_elem *e)
{
    for (size_t i = 0; i < e->applied.n; i++) {
        const struct fed_applied *d = &e->applied.v[i];
        const struct fed_directive *def = fed_schema_directive(sg->schema, d->name);
        for (uint32_t j = 0; def && j < d->n_args; j++) {
            const struct fed_input *arg = fed_directive_def_arg(def, d->args[j].name.s);
            if (!arg || fed_value_fits(sg->schema, arg->type, d->args[j].value))
                continue;
            msg_error(m, (struct where){sg, e, d->loc}, "INVALID_GRAPHQL",
                      "%.*s is no valid value for \"%.*s\" of type \"%.*s\" on \"%.*s\": write one of that type",
                      STR_ARG(fed_value_str(sg->schema->arena, d->args[j].value)),
                      STR_ARG(fed_coordinate(sg->schema->arena, &arg->e)),
                      STR_ARG(fed_ref_str(sg->schema->arena, arg->type)),
                      STR_ARG(fed_coordinate(sg->schema->arena, e)));
            sg->broken = true;
        }
    }
}

static void check_all_applied(struct fed_subgraph *sg, struct messages *m)
{
    check_applied(sg, m, &sg->schema->e);
    for (size_t i = 0; i < sg->schema->types.n; i++) {
        struct fed_type *t = sg->schema->types.v[i];
        check_applied(sg, m, &t->e);
        for (size_t j = 0; j < t->fields.n; j++) {
            check_applied(sg, m, &t->fields.v[j]->e);
            for (size_t k = 0; k < t->fields.v[j]->args.n; k++)
                check_applied(sg, m, &t->fields.v[j]->args.v[k]->e);
        }
        for (size_t j = 0; j < t->inputs.n; j++)
            check_applied(sg, m, &t->inputs.v[j]->e);
        for (size_t j = 0; j < t->values.n; j++)
            check_applied(sg, m, &t->values.v[j]->e);
    }
}

/* ---- roots ---- */

static const struct {
    const char *name, *code, *kind;
} ROOTS[] = {
    [GQL_QUERY] = {"Query", "ROOT_QUERY_USED", "query"},
    [GQL_MUTATION] = {"Mutation", "ROOT_MUTATION_USED", "mutation"},
    [GQL_SUBSCRIPTION] = {"Subscription", "ROOT_SUBSCRIPTION_USED", "subscription"},
};

/* Also next to a schema definition that leaves them out: roots take these names in the supergraph. */
static void default_roots(struct fed_schema *s)
{
    for (int k = 0; k < 3; k++) {
        struct fed_type *t = fed_schema_type(s, str_c(ROOTS[k].name));
        if (!s->root_name[k].p && t && t->kind == GQL_OBJECT_TYPE)
            s->root_name[k] = t->e.name;
    }
}

/* Roots have their usual names in the supergraph. */
static void rename_roots(struct fed_subgraph *sg, struct messages *m)
{
    for (int k = 0; k < 3; k++) {
        struct str want = str_c(ROOTS[k].name), have = sg->schema->root_name[k];
        struct fed_type *t = have.p ? fed_schema_type(sg->schema, have) : NULL;
        if (!t || str_eq(have, want))
            continue;
        struct fed_type *other = fed_schema_type(sg->schema, want);
        if (other) {
            msg_error(m, (struct where){sg, &other->e, {0}}, ROOTS[k].code,
                      "type \"%.*s\" is not the %s root, \"%.*s\" is: rename it, the root takes the name \"%.*s\" in "
                      "the supergraph",
                      STR_ARG(want), ROOTS[k].kind, STR_ARG(have), STR_ARG(want));
            sg->broken = other->displaced = true;
            continue;
        }
        fed_schema_rename_type(sg->schema, t, want);
    }
}

/* `_entities` and `_service` are for the router and not part of the graph. */
static void drop_federation_fields(struct fed_schema *s)
{
    struct fed_type *query = s->root_name[GQL_QUERY].p ? fed_schema_type(s, s->root_name[GQL_QUERY]) : NULL;
    struct fed_field *f;
    if (query && (f = fed_type_field(query, STR("_entities"))))
        fed_type_remove_field(s, query, f);
    if (query && (f = fed_type_field(query, STR("_service"))))
        fed_type_remove_field(s, query, f);
}

/* Every subgraph has a query root, if only for the router. */
static void add_query(struct fed_schema *s)
{
    if (s->root_name[GQL_QUERY].p || fed_schema_type(s, STR("Query")))
        return;
    fed_schema_add_type(s, GQL_OBJECT_TYPE, STR("Query"))->has_definition = true;
    s->root_name[GQL_QUERY] = STR("Query");
}

static void refuse_operations(struct fed_subgraph *sg, struct messages *m)
{
    for (uint32_t i = 0; i < sg->doc->n; i++) {
        const struct gql_definition *d = sg->doc->definitions[i];
        if (d->kind != GQL_OPERATION && d->kind != GQL_FRAGMENT)
            continue;
        msg_error(m, here(sg, d->loc), "INVALID_GRAPHQL", "a schema has no operations or fragments: delete this one");
        sg->broken = true;
    }
}

static void check_subgraph_name(struct fed_subgraph *sg, struct messages *m)
{
    if (!str_eq(sg->name, STR("_")) && sg->name.len > 0)
        return;
    msg_error(m, (struct where){sg, NULL, {0}}, "INVALID_SUBGRAPH_NAME",
              "a subgraph cannot be called \"%.*s\": choose another name", STR_ARG(sg->name));
    sg->broken = true;
}

static bool parse(struct fed_subgraph *sg, struct messages *m)
{
    struct gql_errors errors = {0};
    bool too_large = sg->sdl.len > SDL_MAX;
    sg->doc = too_large ? NULL : gql_parse(m->arena, sg->sdl, &(struct gql_parse_options){0}, &errors);
    if (too_large)
        msg_error(m, here(sg, (struct gql_loc){0}), "INVALID_GRAPHQL",
                  "the schema is larger than %u MB: split the subgraph", SDL_MAX >> 20);
    report_graphql(sg, m, &errors);
    sg->broken = sg->doc == NULL;
    return sg->doc;
}

/* Each stage stands on the ones before it; the first that finds errors is the last. */
void subgraph_load(struct fed_subgraph *sg, struct messages *m)
{
    sg->schema = fed_schema_new(m->arena);
    if (!parse(sg, m))
        return;
    fed_schema_add_document(sg->schema, sg->doc);
    default_roots(sg->schema);
    check_definitions(sg, m);
    if (sg->broken)
        return;
    link_read(sg, m);
    if (sg->broken)
        subgraph_check_link(sg, m);
    check_names(sg, m);
    check_types_known(sg, m);
    if (sg->broken || !decide_version(sg, m))
        return;
    fed_settle_values(sg->schema);
    refuse_operations(sg, m);
    bool defined = !sg->broken;
    check_types(sg, m);
    if (defined) {
        check_scalar_names(sg, m);
        link_check_shadowed(sg, m);
    }
    if (!sg->broken)
        check_all_applied(sg, m);
    if (!sg->broken)
        check_subgraph_name(sg, m);
    if (sg->broken)
        return;
    size_t before = m->errors.n;
    rename_roots(sg, m);
    add_query(sg->schema);
    drop_federation_fields(sg->schema);
    fed_meta_compute(sg);
    if (sg->fed2)
        subgraph_check_rules(sg, m, before);
}
