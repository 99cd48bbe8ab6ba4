#include "federation/supergraph_private.h"

#include "graphql/parser.h"

/* The features of Apollo's supergraph format that this reader understands. What `cacheTag` says is for caches of
 * subgraphs' replies, and no reply is kept here. */
static const char *const KNOWN[] = {"link", "join",          "core",           "inaccessible",
                                    "tag",  "authenticated", "requiresScopes", "policy",
                                    "cost", "federation",    "connect",        "context",
                                    "cacheTag"};

#define SPECS "https://specs.apollo.dev/"

struct feature {
    struct str name, version, as, purpose;
    const struct gql_value *imports;
};

/* `https://specs.apollo.dev/join/v0.5` → join, v0.5 */
static bool split_url(struct str url, struct feature *f)
{
    struct str rest = url, part, last = STR_NONE, before = STR_NONE;
    while (str_split(&rest, '/', &part)) {
        if (!part.len)
            continue;
        before = last;
        last = part;
    }
    f->name = before;
    f->version = last;
    return before.len > 0 && last.len > 1 && last.p[0] == 'v';
}

/* Others may give their own features the same names. */
static bool is_known(struct str url, struct str name)
{
    if (!str_starts(url, STR(SPECS)) || !str_starts(str_sub(url, strlen(SPECS), url.len), name))
        return false;
    for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++)
        if (str_eq_c(name, KNOWN[i]))
            return true;
    return false;
}

static const struct gql_value *object_get(const struct gql_value *object, struct str name)
{
    for (uint32_t i = 0; i < object->n; i++)
        if (str_eq(object->fields[i].name.s, name))
            return object->fields[i].value;
    return NULL;
}

/* The name in this document of the feature's directive `directive` (without @). */
static struct str local_name(struct sg_loader *l, const struct feature *f, struct str directive)
{
    for (uint32_t i = 0; f->imports && f->imports->kind == GQL_LIST && i < f->imports->n; i++) {
        const struct gql_value *item = f->imports->items[i];
        bool object = item->kind == GQL_OBJECT;
        const struct gql_value *name = object ? object_get(item, STR("name")) : item;
        const struct gql_value *as = object ? object_get(item, STR("as")) : NULL;
        if (!name || name->text.len < 1 || !str_eq(str_sub(name->text, 1, SIZE_MAX), directive))
            continue;
        return as && as->text.len ? str_sub(as->text, 1, SIZE_MAX) : directive;
    }
    struct str prefix = f->as.p ? f->as : f->name;
    if (str_eq(directive, f->name))
        return prefix;
    return arena_printf(l->a, "%.*s__%.*s", STR_ARG(prefix), STR_ARG(directive));
}

static void check_join(struct sg_loader *l, const struct feature *f, struct gql_loc loc)
{
    static const char *const versions[] = {"v0.1", "v0.2", "v0.3", "v0.4", "v0.5"};
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
        if (str_eq_c(f->version, versions[i]))
            return;
    sg_fail(
        l, loc,
        "The supergraph is written in join/%.*s; this program reads join/v0.1 to join/v0.5: compose it again",
        STR_ARG(f->version));
}

static void load_feature(struct sg_loader *l, const struct gql_directive *d, bool *has_join)
{
    struct feature f = {.as = sg_string_arg(d, STR("as")),
                        .purpose = sg_string_arg(d, STR("for")),
                        .imports = gql_directive_arg(d, STR("import"))};
    struct str url = sg_string_arg(d, STR("url"));

    if (!url.p)
        url = sg_string_arg(d, STR("feature")); /* @core, the older spelling of @link */
    if (!url.p || !split_url(url, &f))
        return;
    bool known = is_known(url, f.name);
    if (!known && f.purpose.p) {
        gql_error_add(
            l->scratch, l->errors, STR("UNSUPPORTED_LINKED_FEATURE"), &d->loc, 1,
            "The supergraph links \"%.*s\" for %.*s, a feature that this program does not know: without it the graph "
            "would be served wrongly",
            STR_ARG(url), STR_ARG(f.purpose));
        return;
    }
    vec_push(l->a, &l->features, (struct sg_feature){f.as.p ? f.as : f.name, f.imports});
    if (!known)
        return;
    if (str_eq_c(f.name, "join")) {
        *has_join = true;
        check_join(l, &f, d->loc);
    }
    struct {
        const char *feature;
        struct str *name;
    } wanted[] = {{"inaccessible", &l->names.inaccessible},
                  {"authenticated", &l->names.authenticated},
                  {"requiresScopes", &l->names.requires_scopes},
                  {"policy", &l->names.policy},
                  {"context", &l->names.context}};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (str_eq_c(f.name, wanted[i].feature))
            *wanted[i].name = local_name(l, &f, f.name);
}

void sg_load_links(struct sg_loader *l)
{
    bool has_join = false;
    struct gql_loc loc = {0};

    for (uint32_t i = 0; i < l->doc->n; i++) {
        const struct gql_definition *def = l->doc->definitions[i];
        if (def->kind != GQL_SCHEMA_DEF)
            continue;
        loc = def->loc;
        for (uint32_t k = 0; k < def->directives.n; k++) {
            const struct gql_directive *d = &def->directives.v[k];
            if (str_eq_c(d->name.s, "link") || str_eq_c(d->name.s, "core"))
                load_feature(l, d, &has_join);
        }
    }
    if (!has_join && !l->errors->n)
        sg_fail(
            l, loc,
            "This is no supergraph: its schema definition does not link https://specs.apollo.dev/join. "
            "Make one from the subgraphs with `paintbox compose`");
}

bool sg_is_machinery_type(struct str name)
{
    return str_starts(name, STR("join__")) || str_starts(name, STR("link__")) ||
           str_starts(name, STR("core__")) || str_starts(name, STR("federation__")) ||
           str_starts(name, STR("requiresScopes__")) || str_starts(name, STR("policy__")) ||
           str_starts(name, STR("context__"));
}

bool sg_is_machinery_directive(const struct sg_loader *l, struct str name)
{
    static const char *const names[] = {"link",          "core",           "tag",
                                        "cost",          "listSize",       "inaccessible",
                                        "authenticated", "requiresScopes", "policy",
                                        "context"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_eq_c(name, names[i]))
            return true;
    return sg_is_machinery_type(name) || str_starts(name, STR("tag__")) ||
           str_starts(name, STR("cost__")) ||
           (name.len &&
            (str_eq(name, l->names.inaccessible) || str_eq(name, l->names.authenticated) ||
             str_eq(name, l->names.requires_scopes) || str_eq(name, l->names.policy) ||
             str_eq(name, l->names.context)));
}

static bool is_imported(const struct sg_feature *f, bool directive, struct str name)
{
    for (uint32_t i = 0; f->imports && f->imports->kind == GQL_LIST && i < f->imports->n; i++) {
        const struct gql_value *item = f->imports->items[i], *as = item;
        if (item->kind == GQL_OBJECT) {
            as = object_get(item, STR("as"));
            as = as ? as : object_get(item, STR("name"));
        }
        bool at = as && str_starts(as->text, STR("@"));
        if (as && at == directive && str_eq(str_sub(as->text, at, SIZE_MAX), name))
            return true;
    }
    return false;
}

bool sg_is_feature_element(const struct sg_loader *l, bool directive, struct str name)
{
    for (size_t i = 0; i < l->features.n; i++) {
        const struct sg_feature *f = &l->features.v[i];
        struct str rest = str_starts(name, f->prefix) ? str_sub(name, f->prefix.len, SIZE_MAX) : STR_NONE;
        if (str_starts(rest, STR("__")) || (directive && str_eq(name, f->prefix)) || is_imported(f, directive, name))
            return true;
    }
    return false;
}
