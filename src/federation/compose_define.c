#include "federation/compose_define.h"

#include "federation/compose_spec.h"

#define EXTRA_MAX (1u << 20)

/* Definitions that SDL need not write: collected as text, parsed once, added to model and document. */
struct additions {
    struct fed_subgraph *sg;
    struct messages *m;
    struct arena *a;
    struct buf sdl;
    struct map directives; /* names of those in `sdl` */
    struct map others;     /* names of the types there that are no scalars */
};

#define define_error(ad, elem, code, ...)                                               \
    do {                                                                                \
        msg_error((ad)->m, (struct where){(ad)->sg, (elem), {0}}, (code), __VA_ARGS__); \
        (ad)->sg->broken = true;                                                        \
    } while (0)

/* ---- directives that the schema defines itself ---- */

static bool custom_scalar(const struct additions *ad, struct str name)
{
    const struct fed_type *t = fed_schema_type(ad->sg->schema, name);
    return !fed_is_builtin_scalar(name) && (t ? t->kind == GQL_SCALAR : !map_has(&ad->others, name));
}

/* May an argument that should be `want` be declared as `have`? A stricter nullability and a built-in scalar in place of
 * a feature's own scalar are harmless. */
static bool arg_type_ok(const struct additions *ad, const struct gql_type_ref *want, const struct gql_type_ref *have)
{
    if (have->kind == GQL_REF_NON_NULL && want->kind != GQL_REF_NON_NULL)
        have = have->of;
    if (want->kind != have->kind)
        return false;
    if (want->kind != GQL_REF_NAMED)
        return arg_type_ok(ad, want->of, have->of);
    return str_eq(want->name, have->name) || (custom_scalar(ad, want->name) && !custom_scalar(ad, have->name));
}

static void check_argument(struct additions *ad, const struct fed_directive *have, const struct fed_input *want)
{
    struct fed_input *arg = fed_directive_def_arg(have, want->e.name);
    if (!arg) {
        if (fed_input_required(want))
            define_error(
                ad, &have->e, "DIRECTIVE_DEFINITION_INVALID",
                "@%.*s is defined without its required argument \"%.*s\": delete the definition, it is added for you",
                STR_ARG(have->e.name), STR_ARG(want->e.name));
        return;
    }
    if (!arg_type_ok(ad, want->type, arg->type))
        define_error(ad, &have->e, "DIRECTIVE_DEFINITION_INVALID",
                     "argument \"%.*s\" of @%.*s is of type \"%.*s\": make it \"%.*s\"", STR_ARG(arg->e.name),
                     STR_ARG(have->e.name), STR_ARG(fed_ref_str(ad->a, arg->type)),
                     STR_ARG(fed_ref_str(ad->a, want->type)));
    else if (arg->type->kind != GQL_REF_NON_NULL && !fed_value_equal(want->default_value, arg->default_value))
        define_error(ad, &have->e, "DIRECTIVE_DEFINITION_INVALID",
                     "argument \"%.*s\" of @%.*s has another default than the specification: %s%.*s",
                     STR_ARG(arg->e.name), STR_ARG(have->e.name), want->default_value ? "make it " : "delete it",
                     STR_ARG(want->default_value ? fed_value_str(ad->a, want->default_value) : STR("")));
}

static struct fed_schema *parse_definition(struct additions *ad, struct str sdl)
{
    struct gql_errors errors = {0};
    struct fed_schema *spec = fed_schema_new(ad->a);
    fed_schema_add_document(spec, gql_parse(ad->a, sdl, &(struct gql_parse_options){0}, &errors));
    return spec;
}

/* Who defines a directive has to define the types of its arguments, too: none is added for it. */
static bool knows_types(struct additions *ad, const struct fed_directive *have)
{
    bool all = true;
    for (size_t i = 0; i < have->args.n; i++) {
        struct str name = fed_ref_base(have->args.v[i]->type)->name;
        if (fed_is_builtin_scalar(name) || fed_schema_type(ad->sg->schema, name))
            continue;
        define_error(ad, &have->args.v[i]->e, "INVALID_GRAPHQL",
                     "Unknown type \"%.*s\". Define it in this subgraph, or correct its name.", STR_ARG(name));
        all = false;
    }
    return all;
}

/* A directive that the schema defines itself must be the one of the specification. */
static void check_directive(struct additions *ad, const struct fed_directive *have, struct str sdl)
{
    if (!knows_types(ad, have))
        return;
    const struct fed_directive *want = vec_last(&parse_definition(ad, sdl)->directives);
    for (size_t i = 0; i < want->args.n; i++)
        check_argument(ad, have, want->args.v[i]);
    for (size_t i = 0; i < have->args.n; i++)
        if (!fed_directive_def_arg(want, have->args.v[i]->e.name))
            define_error(ad, &have->e, "DIRECTIVE_DEFINITION_INVALID", "@%.*s has no argument \"%.*s\": delete it",
                         STR_ARG(have->e.name), STR_ARG(have->args.v[i]->e.name));
    if (have->repeatable && !want->repeatable)
        define_error(ad, &have->e, "DIRECTIVE_DEFINITION_INVALID",
                     "@%.*s may stand once: delete \"repeatable\" from its definition", STR_ARG(have->e.name));
    if (have->locations & ~want->locations)
        define_error(ad, &have->e, "DIRECTIVE_DEFINITION_INVALID",
                     "@%.*s is defined for places it cannot stand: write %.*s", STR_ARG(have->e.name),
                     STR_ARG(str_trim(sdl)));
}

/* Adds the definition of @name, or compares it with the one that the schema has. */
static void define_directive(struct additions *ad, struct str name, struct str sdl)
{
    const struct fed_directive *have = fed_schema_directive(ad->sg->schema, name);
    if (have) {
        check_directive(ad, have, sdl);
        return;
    }
    if (map_has(&ad->directives, name))
        return;
    map_put(ad->a, &ad->directives, name, ad);
    buf_add(&ad->sdl, sdl);
}

/* ---- types that the schema defines itself ---- */

static bool same_values(const struct fed_type *a, const struct fed_type *b)
{
    for (size_t i = 0; i < a->values.n; i++)
        if (!fed_type_value(b, a->values.v[i]->e.name))
            return false;
    return a->values.n == b->values.n;
}

static void check_inputs(struct additions *ad, const struct fed_type *have, const struct fed_type *want)
{
    for (size_t i = 0; i < want->inputs.n; i++) {
        const struct fed_input *w = want->inputs.v[i], *h = fed_type_input(have, w->e.name);
        if (!h && fed_input_required(w))
            define_error(ad, &have->e, "TYPE_DEFINITION_INVALID",
                         "\"%.*s\" lacks the required field \"%.*s\": delete the definition, it is added for you",
                         STR_ARG(have->e.name), STR_ARG(w->e.name));
        else if (h && !arg_type_ok(ad, w->type, h->type))
            define_error(ad, &h->e, "TYPE_DEFINITION_INVALID", "\"%.*s.%.*s\" is of type \"%.*s\": make it \"%.*s\"",
                         STR_ARG(have->e.name), STR_ARG(h->e.name), STR_ARG(fed_ref_str(ad->a, h->type)),
                         STR_ARG(fed_ref_str(ad->a, w->type)));
    }
    for (size_t i = 0; i < have->inputs.n; i++)
        if (!fed_type_input(want, have->inputs.v[i]->e.name))
            define_error(ad, &have->inputs.v[i]->e, "TYPE_DEFINITION_INVALID",
                         "the specification of \"%.*s\" has no field \"%.*s\": delete it", STR_ARG(have->e.name),
                         STR_ARG(have->inputs.v[i]->e.name));
}

static void check_type(struct additions *ad, const struct link_feature *f, const struct fed_type *have, struct str sdl)
{
    static const char *const KINDS[] = {
        [GQL_SCALAR] = "a scalar", [GQL_ENUM_TYPE] = "an enum", [GQL_INPUT_OBJECT] = "an input object"};
    const struct fed_type *want = vec_last(&parse_definition(ad, sdl)->types);
    if (have->kind != want->kind)
        define_error(ad, &have->e, "TYPE_DEFINITION_INVALID",
                     "\"%.*s\" is the name of %s of %.*s: rename your type, or import the other one under another name",
                     STR_ARG(have->e.name), KINDS[want->kind], STR_ARG(f->identity));
    else if (!same_values(have, want))
        define_error(ad, &have->e, "TYPE_DEFINITION_INVALID",
                     "enum \"%.*s\" has other values than its specification: write %.*s", STR_ARG(have->e.name),
                     STR_ARG(str_trim(sdl)));
    else
        check_inputs(ad, have, want);
}

static void define_type(struct additions *ad, const struct link_feature *f, struct str name, struct str sdl)
{
    const struct fed_type *have = fed_schema_type(ad->sg->schema, name);
    if (have) {
        check_type(ad, f, have, sdl);
        return;
    }
    if (!str_starts(sdl, STR("scalar")))
        map_put(ad->a, &ad->others, name, ad);
    buf_add(&ad->sdl, sdl);
}

/* ---- whole features ---- */

static size_t word_length(const char *p)
{
    return strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

/* $Type and @directive become the names that the feature's elements have in this schema. */
static struct str in_schema(struct arena *a, const struct link_feature *f, const char *sdl)
{
    struct buf out;
    buf_init(&out, EXTRA_MAX);
    for (const char *p = sdl; *p;) {
        size_t n = word_length(p + 1);
        if (*p == '$')
            buf_add(&out, link_type_name(a, f, str_mem(p + 1, n)));
        else if (*p == '@')
            buf_printf(&out, "@%.*s", STR_ARG(link_directive_name(a, f, str_mem(p + 1, n))));
        else
            n = 0, buf_add_char(&out, *p);
        p += n + 1;
    }
    buf_add_char(&out, '\n');
    struct str s = arena_str(a, buf_str(&out));
    buf_free(&out);
    return s;
}

/* Definitions as SDL: `scalar $Name …`, `enum $Name …`, `input $Name …`, `directive @name …`. */
static void define_all(struct additions *ad, const struct link_feature *f, const char *const *definitions)
{
    for (; *definitions; definitions++) {
        const char *name = strpbrk(*definitions, "$@") + 1;
        struct str in_feature = str_mem(name, word_length(name)), sdl = in_schema(ad->a, f, *definitions);
        if (name[-1] == '@')
            define_directive(ad, link_directive_name(ad->a, f, in_feature), sdl);
        else
            define_type(ad, f, link_type_name(ad->a, f, in_feature), sdl);
    }
}

static void define_link(struct additions *ad)
{
    static const char *const LINK[] = {
        "enum $Purpose { SECURITY EXECUTION }", "scalar $Import",
        "directive @link(url: String, as: String, for: $Purpose, import: [$Import]) repeatable on SCHEMA", NULL};
    static const struct link_feature UNLINKED = {
        .identity = STR(LINK_SPEC_PREFIX "link"), .name = STR("link"), .version = {1, 0}, .alias = STR("link")};
    const struct link_feature *f = link_find_spec(&ad->sg->links, STR("link"));
    if (link_own_definition(ad->sg->schema))
        return;
    bool taken = fed_schema_directive(ad->sg->schema, STR("link")); /* by a definition that cannot link itself */
    if (f || !taken)
        define_all(ad, f && !taken ? f : &UNLINKED, LINK);
}

/* A scalar of a feature, of which there may be one with the same name already. */
static void define_scalars(struct additions *ad, const struct link_feature *f)
{
    struct str_vec names = {0};
    spec_scalars(ad->a, f, &names);
    for (size_t i = 0; i < names.n; i++) {
        struct str name = link_type_name(ad->a, f, names.v[i]);
        define_type(ad, f, name, arena_printf(ad->a, "scalar %.*s\n", STR_ARG(name)));
    }
}

static void define_feature(struct additions *ad, const struct link_feature *f, struct link_version from,
                           struct link_version federation)
{
    if (spec_is_connect(f)) {
        define_all(ad, f, spec_connect_definitions());
        return;
    }
    define_scalars(ad, f);
    for (int i = 0; i < FED_DIRS; i++) {
        const struct spec_directive *d = spec_directive((enum fed_dir)i);
        if (!spec_has(f, d) || link_version_cmp(d->since, from) < 0)
            continue;
        struct str name = link_directive_name(ad->a, f, str_c(d->name));
        struct buf sdl;
        buf_init(&sdl, EXTRA_MAX);
        spec_write_directive(&sdl, ad->a, d, name, f, federation);
        define_directive(ad, name, arena_str(ad->a, buf_str(&sdl)));
        buf_free(&sdl);
    }
}

/* A query root without fields is not empty: the router's own fields are in it. */
static void define_query_fields(struct additions *ad)
{
    const struct fed_schema *s = ad->sg->schema;
    struct str name = s->root_name[GQL_QUERY];
    const struct fed_type *query = name.p ? fed_schema_type(s, name) : NULL;
    if (query && query->kind == GQL_OBJECT_TYPE && query->fields.n == 0)
        buf_printf(&ad->sdl, "extend type %.*s { _service: String }\n", STR_ARG(name));
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
    size_t types = ad->sg->schema->types.n, directives = ad->sg->schema->directives.n;
    fed_schema_add_document(ad->sg->schema, extra);
    for (size_t i = types; i < ad->sg->schema->types.n; i++)
        ad->sg->schema->types.v[i]->e.loc = (struct gql_loc){0};
    for (size_t i = directives; i < ad->sg->schema->directives.n; i++)
        ad->sg->schema->directives.v[i]->e.loc = (struct gql_loc){0};
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
    bool linked = link_find_spec(&sg->links, STR("link"));
    static const char *const MACHINERY[] = {"link", "core", "federation", "join", "connect"};
    for (size_t i = 0; i < sg->schema->types.n; i++) {
        struct fed_type *t = sg->schema->types.v[i];
        const struct link_feature *f = link_source(&sg->links, false, t->e.name, &in_feature);
        for (size_t j = 0; f && j < sizeof MACHINERY / sizeof *MACHINERY; j++)
            t->feature |= str_eq_c(f->name, MACHINERY[j]) && str_starts(f->identity, STR(LINK_SPEC_PREFIX));
        t->feature |= str_eq(t->e.name, STR("_Any")) || str_eq(t->e.name, STR("_Service")) ||
                      str_eq(t->e.name, STR("_Entity")) || str_eq(t->e.name, STR("_FieldSet")) ||
                      str_starts(t->e.name, STR("__")) || (!linked && str_starts(t->e.name, STR("link__")));
    }
    for (size_t i = 0; i < sg->schema->directives.n; i++) {
        struct fed_directive *d = sg->schema->directives.v[i];
        d->feature = link_source(&sg->links, true, d->e.name, &in_feature) != NULL;
    }
}

void subgraph_define(struct fed_subgraph *sg, struct messages *m, struct link_version from, struct link_version upto)
{
    struct additions ad = {.sg = sg, .m = m, .a = sg->schema->arena};
    bool first = from.major < 2;
    buf_init(&ad.sdl, EXTRA_MAX);
    if (first) {
        define_link(&ad);
        define_query_fields(&ad);
    }
    for (size_t i = 0; i < sg->links.n; i++) {
        struct link_feature f = *sg->links.v[i];
        bool federation = link_find_spec(&sg->links, STR("federation")) == sg->links.v[i];
        if (federation && link_version_cmp(upto, f.version) < 0)
            f.version = upto;
        if (federation || first)
            define_feature(&ad, &f, federation ? from : (struct link_version){0, 0}, upto);
    }
    add_collected(&ad);
    name_directives(sg, link_find_spec(&sg->links, STR("federation")), upto);
    mark_features(sg);
}

void subgraph_check_link(struct fed_subgraph *sg, struct messages *m)
{
    struct additions ad = {.sg = sg, .m = m, .a = sg->schema->arena};
    buf_init(&ad.sdl, EXTRA_MAX);
    define_link(&ad);
    buf_free(&ad.sdl);
}

/* ---- definitions of old tools ---- */

static bool written_by_old_tools(const struct fed_directive *d)
{
    if (d->args.n == 0)
        return true;
    const struct gql_type_ref *t = d->args.v[0]->type;
    return d->args.n == 1 && str_eq(d->args.v[0]->e.name, STR("fields")) && t->kind == GQL_REF_NAMED &&
           (str_eq(t->name, STR("String")) || str_eq(t->name, STR("_FieldSet")) || str_eq(t->name, STR("FieldSet")));
}

void subgraph_forget_old_definition(struct fed_subgraph *sg, const char *name)
{
    struct fed_schema *s = sg->schema;
    struct fed_directive *d = fed_schema_directive(s, str_c(name));
    size_t n = 0;
    if (!d || !written_by_old_tools(d))
        return;
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
