#include "federation/compose_subgraph.h"

#include "federation/compose_fieldset.h"
#include "federation/compose_spec.h"

#define SDL_MAX (64u << 20)
#define EXTRA_MAX (1u << 20)

static struct where here(struct fed_subgraph *sg, struct gql_loc loc)
{
    return (struct where){sg, NULL, loc};
}

static void report_graphql(struct fed_subgraph *sg, struct messages *m, const struct gql_errors *errors)
{
    for (size_t i = 0; i < errors->n; i++) {
        const struct gql_error *e = &errors->v[i];
        struct gql_loc loc = e->n_locs ? e->locs[0] : (struct gql_loc){0};
        msg_error(m, here(sg, loc), "INVALID_GRAPHQL", "%.*s", STR_ARG(e->message));
    }
    sg->broken = true;
}

/* ---- definitions the features bring ---- */

/* Definitions that SDL need not write: collected as text, parsed once, added to model and document. */
struct additions {
    struct fed_subgraph *sg;
    struct messages *m;
    struct arena *a;
    struct buf sdl;
};

static uint32_t spec_locations(const struct fed_directive *d)
{
    return d->locations;
}

static bool custom_scalar(const struct fed_schema *s, struct str name)
{
    static const char *const BUILTIN[] = {"Int", "Float", "String", "Boolean", "ID"};
    for (size_t i = 0; i < sizeof BUILTIN / sizeof *BUILTIN; i++)
        if (str_eq_c(name, BUILTIN[i]))
            return false;
    const struct fed_type *t = fed_schema_type(s, name);
    return !t || t->kind == GQL_SCALAR;
}

/* May an argument that should be `want` be declared as `have`? A stricter nullability and a built-in scalar in place of
 * a feature's own scalar are harmless. */
static bool arg_type_ok(const struct fed_schema *s, const struct gql_type_ref *want, const struct gql_type_ref *have)
{
    if (have->kind == GQL_REF_NON_NULL && want->kind != GQL_REF_NON_NULL)
        have = have->of;
    if (want->kind != have->kind)
        return false;
    if (want->kind != GQL_REF_NAMED)
        return want->kind == GQL_REF_LIST ? arg_type_ok(s, want->of, have->of) : arg_type_ok(s, want->of, have->of);
    return str_eq(want->name, have->name) || (custom_scalar(s, want->name) && !custom_scalar(s, have->name));
}

static void check_argument(struct additions *ad, const struct fed_directive *have, const struct fed_input *want)
{
    struct fed_input *arg = fed_directive_def_arg(have, want->e.name);
    struct where w = {ad->sg, &have->e, {0}};
    if (!arg) {
        if (fed_input_required(want))
            msg_error(
                ad->m, w, "DIRECTIVE_DEFINITION_INVALID",
                "@%.*s is defined without its required argument \"%.*s\"; delete the definition, it is added for you",
                STR_ARG(have->e.name), STR_ARG(want->e.name));
        return;
    }
    if (!arg_type_ok(ad->sg->schema, want->type, arg->type))
        msg_error(ad->m, w, "DIRECTIVE_DEFINITION_INVALID",
                  "argument \"%.*s\" of @%.*s must be of type \"%.*s\", not \"%.*s\"", STR_ARG(arg->e.name),
                  STR_ARG(have->e.name), STR_ARG(fed_ref_str(ad->a, want->type)),
                  STR_ARG(fed_ref_str(ad->a, arg->type)));
    else if (arg->type->kind != GQL_REF_NON_NULL && !fed_value_equal(want->default_value, arg->default_value))
        msg_error(ad->m, w, "DIRECTIVE_DEFINITION_INVALID", "argument \"%.*s\" of @%.*s must have the default %.*s",
                  STR_ARG(arg->e.name), STR_ARG(have->e.name),
                  STR_ARG(want->default_value ? fed_value_str(ad->a, want->default_value) : STR("of none")));
}

/* A directive that the schema defines itself must be the one of the specification. */
static void check_definition(struct additions *ad, const struct fed_directive *have, struct str sdl)
{
    struct gql_errors errors = {0};
    struct gql_document *doc = gql_parse(ad->a, sdl, &(struct gql_parse_options){0}, &errors);
    struct fed_schema *spec = fed_schema_new(ad->a);
    fed_schema_add_document(spec, doc);
    const struct fed_directive *want = spec->directives.v[0];
    struct where w = {ad->sg, &have->e, {0}};
    size_t before = ad->m->errors.n;
    for (size_t i = 0; i < want->args.n; i++)
        check_argument(ad, have, want->args.v[i]);
    for (size_t i = 0; i < have->args.n; i++)
        if (!fed_directive_def_arg(want, have->args.v[i]->e.name))
            msg_error(ad->m, w, "DIRECTIVE_DEFINITION_INVALID", "@%.*s has no argument \"%.*s\": delete it",
                      STR_ARG(have->e.name), STR_ARG(have->args.v[i]->e.name));
    if (have->repeatable && !want->repeatable)
        msg_error(ad->m, w, "DIRECTIVE_DEFINITION_INVALID", "@%.*s must not be repeatable", STR_ARG(have->e.name));
    if (spec_locations(have) & ~spec_locations(want))
        msg_error(ad->m, w, "DIRECTIVE_DEFINITION_INVALID", "@%.*s is defined for places it cannot stand; write: %.*s",
                  STR_ARG(have->e.name), STR_ARG(str_trim(sdl)));
    ad->sg->broken |= ad->m->errors.n > before;
}

static void add_directive(struct additions *ad, const struct link_feature *f, const struct spec_directive *d)
{
    struct str name = link_directive_name(ad->a, f, str_c(d->name));
    struct fed_directive *have = fed_schema_directive(ad->sg->schema, name);
    if (!have) {
        spec_write_directive(&ad->sdl, ad->a, d, name, f, ad->sg->version);
        return;
    }
    struct buf sdl;
    buf_init(&sdl, EXTRA_MAX);
    spec_write_directive(&sdl, ad->a, d, name, f, ad->sg->version);
    check_definition(ad, have, arena_str(ad->a, buf_str(&sdl)));
    buf_free(&sdl);
}

/* A type with the name of a feature's scalar must be that scalar. */
static void check_feature_types(struct additions *ad, const struct link_feature *f)
{
    struct str_vec names = {0};
    if (!spec_elements(ad->a, f, &names))
        return;
    for (size_t i = 0; i < names.n; i++) {
        if (names.v[i].p[0] == '@')
            continue;
        const struct fed_type *t = fed_schema_type(ad->sg->schema, link_type_name(ad->a, f, names.v[i]));
        if (!t || t->kind == GQL_SCALAR || str_eq(f->name, STR("link")))
            continue;
        msg_error(ad->m, (struct where){ad->sg, &t->e, {0}}, "TYPE_DEFINITION_INVALID",
                  "\"%.*s\" is the name of a scalar of %.*s: rename your type, or import the scalar under another name",
                  STR_ARG(t->e.name), STR_ARG(f->identity));
        ad->sg->broken = true;
    }
}

static void add_feature(struct additions *ad, const struct link_feature *f, struct link_version from)
{
    check_feature_types(ad, f);
    spec_write_types(&ad->sdl, ad->a, f, ad->sg->schema);
    for (int i = 0; i < FED_DIRS; i++) {
        const struct spec_directive *d = spec_directive((enum fed_dir)i);
        if (spec_has(f, d) && link_version_cmp(d->since, from) >= 0)
            add_directive(ad, f, d);
    }
}

static void add_link(struct additions *ad)
{
    const struct link_feature *f = link_find_spec(&ad->sg->links, STR("link"));
    if (!f)
        return;
    struct str purpose = link_type_name(ad->a, f, STR("Purpose")), import = link_type_name(ad->a, f, STR("Import"));
    if (!fed_schema_type(ad->sg->schema, purpose))
        buf_printf(&ad->sdl, "enum %.*s { SECURITY EXECUTION }\n", STR_ARG(purpose));
    if (!fed_schema_type(ad->sg->schema, import))
        buf_printf(&ad->sdl, "scalar %.*s\n", STR_ARG(import));
    if (!fed_schema_directive(ad->sg->schema, f->alias))
        buf_printf(&ad->sdl,
                   "directive @%.*s(url: String, as: String, for: %.*s, import: [%.*s]) repeatable on SCHEMA\n",
                   STR_ARG(f->alias), STR_ARG(purpose), STR_ARG(import));
}

/* Parses what was collected, adds it to the model and gives the whole as one document for the type rules. */
static void add_collected(struct additions *ad)
{
    struct gql_errors errors = {0};
    struct str text = arena_str(ad->a, buf_str(&ad->sdl));
    buf_free(&ad->sdl);
    if (text.len == 0)
        return;
    struct gql_document *extra = gql_parse(ad->a, text, &(struct gql_parse_options){0}, &errors);
    fed_schema_add_document(ad->sg->schema, extra);
    struct gql_document *all = arena_memdup(ad->a, ad->sg->doc, sizeof *all);
    all->n = ad->sg->doc->n + extra->n;
    all->definitions = arena_array(ad->a, struct gql_definition *, all->n);
    memcpy(all->definitions, ad->sg->doc->definitions, ad->sg->doc->n * sizeof *all->definitions);
    memcpy(all->definitions + ad->sg->doc->n, extra->definitions, extra->n * sizeof *all->definitions);
    ad->sg->doc = all;
}

static void name_directives(struct fed_subgraph *sg, const struct link_feature *federation, struct link_version upto)
{
    for (int i = 0; i < FED_DIRS; i++) {
        const struct spec_directive *d = spec_directive((enum fed_dir)i);
        bool known = link_version_cmp(d->since, upto) <= 0;
        sg->dir_name[i] = known ? link_directive_name(sg->schema->arena, federation, str_c(d->name)) : STR_NONE;
    }
}

/* What belongs to link and federation themselves is not merged. */
static void mark_features(struct fed_subgraph *sg)
{
    struct str in_feature;
    static const char *const MACHINERY[] = {"link", "core", "federation", "join", "connect"};
    for (size_t i = 0; i < sg->schema->types.n; i++) {
        struct fed_type *t = sg->schema->types.v[i];
        const struct link_feature *f = link_source(&sg->links, false, t->e.name, &in_feature);
        for (size_t j = 0; f && j < sizeof MACHINERY / sizeof *MACHINERY; j++)
            t->feature |= str_eq_c(f->name, MACHINERY[j]) && str_starts(f->identity, STR(LINK_SPEC_PREFIX));
        t->feature |= str_eq(t->e.name, STR("_Any")) || str_eq(t->e.name, STR("_Service")) ||
                      str_eq(t->e.name, STR("_Entity")) || str_eq(t->e.name, STR("_FieldSet")) ||
                      str_starts(t->e.name, STR("__"));
    }
    for (size_t i = 0; i < sg->schema->directives.n; i++) {
        struct fed_directive *d = sg->schema->directives.v[i];
        d->feature = link_source(&sg->links, true, d->e.name, &in_feature) != NULL;
    }
}

/* ---- Federation 1 or 2 ---- */

/* Definitions of @key and friends that old tools wrote with other types of arguments are taken for the right ones. */
static void forget_old_definition(struct fed_subgraph *sg, const char *name)
{
    struct fed_directive *d = fed_schema_directive(sg->schema, str_c(name));
    if (!d || d->args.n > 1)
        return;
    if (d->args.n == 1) {
        const struct gql_type_ref *t = d->args.v[0]->type;
        bool known =
            str_eq(d->args.v[0]->e.name, STR("fields")) && t->kind == GQL_REF_NAMED &&
            (str_eq(t->name, STR("String")) || str_eq(t->name, STR("_FieldSet")) || str_eq(t->name, STR("FieldSet")));
        if (!known)
            return;
    }
    struct fed_schema *s = sg->schema;
    size_t n = 0;
    s->directive_by_name = (struct map){0};
    for (size_t i = 0; i < s->directives.n; i++) {
        if (s->directives.v[i] == d)
            continue;
        s->directives.v[n++] = s->directives.v[i];
        map_put(s->arena, &s->directive_by_name, s->directives.v[n - 1]->e.name, s->directives.v[n - 1]);
    }
    s->directives.n = n;
    struct gql_document *doc = arena_memdup(s->arena, sg->doc, sizeof *doc);
    doc->definitions = arena_array(s->arena, struct gql_definition *, doc->n);
    doc->n = 0;
    for (uint32_t i = 0; i < sg->doc->n; i++)
        if (sg->doc->definitions[i]->kind != GQL_DIRECTIVE_DEF || !str_eq(sg->doc->definitions[i]->name.s, d->e.name))
            doc->definitions[doc->n++] = sg->doc->definitions[i];
    sg->doc = doc;
}

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
    forget_old_definition(sg, "key");
    forget_old_definition(sg, "requires");
    forget_old_definition(sg, "provides");
}

static void complete(struct fed_subgraph *sg, struct messages *m, struct link_version from, struct link_version upto)
{
    struct additions ad = {.sg = sg, .m = m, .a = sg->schema->arena};
    buf_init(&ad.sdl, EXTRA_MAX);
    if (from.major == 0 || from.major == 1)
        add_link(&ad);
    for (size_t i = 0; i < sg->links.n; i++) {
        struct link_feature f = *sg->links.v[i];
        bool federation = link_find_spec(&sg->links, STR("federation")) == sg->links.v[i];
        if (federation && link_version_cmp(upto, f.version) < 0)
            f.version = upto;
        add_feature(&ad, &f, federation ? from : (struct link_version){0, 0});
    }
    add_collected(&ad);
    name_directives(sg, link_find_spec(&sg->links, STR("federation")), upto);
    mark_features(sg);
}

static void decide_version(struct fed_subgraph *sg, struct messages *m)
{
    struct link_feature *f = link_find_spec(&sg->links, STR("federation"));
    if (!f) {
        link_federation_1(sg);
        complete(sg, m, (struct link_version){1, 0}, (struct link_version){1, 0});
        return;
    }
    if (!spec_federation_known(f->version)) {
        msg_error(m, here(sg, f->loc), "UNKNOWN_FEDERATION_LINK_VERSION",
                  "federation v%u.%u is not known: versions 2.0 to 2.%u are", f->version.major, f->version.minor,
                  FED_VERSION_LATEST.minor);
        sg->broken = true;
        return;
    }
    sg->fed2 = true;
    sg->version = f->version;
    complete(sg, m, (struct link_version){0, 0}, f->version);
}

void subgraph_link_upgrade(struct fed_subgraph *sg, struct messages *m)
{
    sg->fed2 = sg->upgraded = true;
    complete(sg, m, (struct link_version){2, 0}, FED_VERSION_UPGRADE);
}

/* ---- type rules ---- */

/* What to do about `Unknown directive "@shareable".` */
static struct str directive_advice(struct fed_subgraph *sg, struct str message)
{
    struct arena *a = sg->schema->arena;
    if (!str_starts(message, STR("Unknown directive \"@")))
        return STR("");
    struct str name = str_sub(message, 20, message.len);
    ptrdiff_t quote = str_find_char(name, '"');
    const struct spec_directive *d =
        quote < 0 ? NULL : spec_directive_named(STR("federation"), str_sub(name, 0, (size_t)quote));
    if (!d)
        return STR("");
    if (!sg->fed2)
        return arena_printf(a,
                            " It is a directive of Federation 2: extend the schema with "
                            "@link(url: \"" LINK_SPEC_PREFIX "federation/v2.%u\", import: [\"@%s\"]).",
                            FED_VERSION_LATEST.minor, d->name);
    if (link_version_cmp(d->since, sg->version) > 0)
        return arena_printf(a, " @%s came with federation v%u.%u and this schema links v%u.%u.", d->name,
                            d->since.major, d->since.minor, sg->version.major, sg->version.minor);
    return arena_printf(
        a,
        " In this schema it is called \"@%.*s\": add \"@%s\" to the imports of federation's @link to use it "
        "without prefix.",
        STR_ARG(sg->dir_name[d->id]), d->name);
}

static void check_types(struct fed_subgraph *sg, struct messages *m)
{
    struct gql_errors errors = {0};
    struct gql_schema_options options = {.allow_no_query = true, .allow_orphan_extensions = true};
    if (!gql_schema_build(sg->schema->arena, sg->doc, &options, &errors)) {
        for (size_t i = 0; i < errors.n; i++) {
            struct str advice = directive_advice(sg, errors.v[i].message);
            errors.v[i].message =
                arena_printf(sg->schema->arena, "%.*s%.*s", STR_ARG(errors.v[i].message), STR_ARG(advice));
        }
        report_graphql(sg, m, &errors);
    }
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
                      "%.*s is no valid value for \"%.*s\" of type \"%.*s\" on \"%.*s\"",
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

static void default_roots(struct fed_schema *s)
{
    if (s->has_schema_definition)
        return;
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
            sg->broken = true;
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

static void load_name(struct fed_subgraph *sg, struct messages *m)
{
    if (!str_eq(sg->name, STR("_")) && sg->name.len > 0)
        return;
    msg_error(m, (struct where){sg, NULL, {0}}, "INVALID_SUBGRAPH_NAME",
              "a subgraph cannot be called \"%.*s\": choose another name", STR_ARG(sg->name));
    sg->broken = true;
}

void subgraph_load(struct fed_subgraph *sg, struct messages *m)
{
    struct arena *a = m->arena;
    struct gql_errors errors = {0};
    load_name(sg, m);
    sg->schema = fed_schema_new(a);
    sg->doc = sg->sdl.len > SDL_MAX ? NULL : gql_parse(a, sg->sdl, &(struct gql_parse_options){0}, &errors);
    if (!sg->doc) {
        if (errors.n == 0)
            msg_error(m, here(sg, (struct gql_loc){0}), "INVALID_GRAPHQL", "the schema is larger than %u MB",
                      SDL_MAX >> 20);
        report_graphql(sg, m, &errors);
        return;
    }
    refuse_operations(sg, m);
    fed_schema_add_document(sg->schema, sg->doc);
    default_roots(sg->schema);
    link_read(sg, m);
    if (!sg->broken)
        decide_version(sg, m);
    if (sg->broken)
        return;
    check_types(sg, m);
    if (!sg->broken)
        check_all_applied(sg, m);
    if (sg->broken)
        return;
    rename_roots(sg, m);
    add_query(sg->schema);
    drop_federation_fields(sg->schema);
    fed_meta_compute(sg);
    if (sg->fed2)
        subgraph_check_rules(sg, m);
}
