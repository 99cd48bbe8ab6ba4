#include "federation/compose_spec.h"

#define EVERYWHERE                                                                                                    \
    "FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT" \
    " | INPUT_FIELD_DEFINITION"
#define GUARDED "FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM"

/* In the order of enum fed_dir. */
/* clang-format off */
static const struct spec_directive SPECS[FED_DIRS] = {
    {FED_KEY, "key", {1, 0}, true, "OBJECT | INTERFACE", {{"fields", "$FieldSet!"}, {"resolvable", "Boolean", "true"}}},
    {FED_REQUIRES, "requires", {1, 0}, false, "FIELD_DEFINITION", {{"fields", "$FieldSet!"}}},
    {FED_PROVIDES, "provides", {1, 0}, false, "FIELD_DEFINITION", {{"fields", "$FieldSet!"}}},
    {FED_EXTERNAL, "external", {1, 0}, false, "OBJECT | FIELD_DEFINITION", {{"reason", "String"}}},
    {FED_TAG, "tag", {1, 0}, true, EVERYWHERE " | SCHEMA", {{"name", "String!"}}, "tag", {0, 3}},
    {FED_EXTENDS, "extends", {1, 0}, false, "OBJECT | INTERFACE", {{0}}},
    {FED_SHAREABLE, "shareable", {2, 0}, true, "OBJECT | FIELD_DEFINITION", {{0}}},
    {FED_INACCESSIBLE, "inaccessible", {2, 0}, false, EVERYWHERE, {{0}}, "inaccessible", {0, 2}, "SECURITY"},
    {FED_OVERRIDE, "override", {2, 0}, false, "FIELD_DEFINITION", {{"from", "String!"}, {"label", "String"}}},
    {FED_COMPOSE_DIRECTIVE, "composeDirective", {2, 1}, true, "SCHEMA", {{"name", "String"}}},
    {FED_INTERFACE_OBJECT, "interfaceObject", {2, 3}, false, "OBJECT", {{0}}},
    {FED_AUTHENTICATED, "authenticated", {2, 5}, false, GUARDED, {{0}}, "authenticated", {0, 1}, "SECURITY"},
    {FED_REQUIRES_SCOPES, "requiresScopes", {2, 5}, false, GUARDED,
     {{"scopes", "[[$Scope!]!]!", NULL, SPEC_MERGE_DNF}}, "requiresScopes", {0, 1}, "SECURITY"},
    {FED_POLICY, "policy", {2, 6}, false, GUARDED,
     {{"policies", "[[$Policy!]!]!", NULL, SPEC_MERGE_DNF}}, "policy", {0, 1}, "SECURITY"},
    {FED_CONTEXT, "context", {2, 8}, true, "INTERFACE | OBJECT | UNION",
     {{"name", "String!"}}, "context", {0, 1}, "SECURITY"},
    {FED_FROM_CONTEXT, "fromContext", {2, 8}, false, "ARGUMENT_DEFINITION", {{"field", "$ContextFieldValue"}}},
    {FED_COST, "cost", {2, 9}, false,
     "ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR",
     {{"weight", "Int!", NULL, SPEC_MERGE_MAX}}, "cost", {0, 1}},
    {FED_LIST_SIZE, "listSize", {2, 9}, false, "FIELD_DEFINITION",
     {{"assumedSize", "Int", NULL, SPEC_MERGE_NULLABLE_MAX},
      {"slicingArguments", "[String!]", NULL, SPEC_MERGE_NULLABLE_UNION},
      {"sizedFields", "[String!]", NULL, SPEC_MERGE_NULLABLE_UNION},
      {"requireOneSlicingArgument", "Boolean", "true", SPEC_MERGE_NULLABLE_AND}}, "cost", {0, 1}},
    {FED_CACHE_TAG, "cacheTag", {2, 12}, true, "OBJECT | FIELD_DEFINITION", {{"format", "String!"}}, "cacheTag", {0, 1},
     "EXECUTION"},
};
/* clang-format on */

static const struct spec_type {
    const char *name, *feature; /* of which feature besides federation */
    struct link_version since;
} TYPES[] = {
    {"FieldSet", NULL, {1, 0}},
    {"Scope", "requiresScopes", {2, 5}},
    {"Policy", "policy", {2, 6}},
    {"ContextFieldValue", "context", {2, 8}},
};

/* Versions of the features that can also be linked by themselves. */
static const struct spec_version {
    const char *name;
    struct link_version version, minimum_federation;
} VERSIONS[] = {
    {"tag", {0, 1}},
    {"tag", {0, 2}},
    {"tag", {0, 3}, {2, 0}},
    {"inaccessible", {0, 1}},
    {"inaccessible", {0, 2}, {2, 0}},
    {"authenticated", {0, 1}, {2, 5}},
    {"requiresScopes", {0, 1}},
    {"policy", {0, 1}},
    {"context", {0, 1}},
    {"cost", {0, 1}, {2, 9}},
    {"connect", {0, 1}, {2, 10}},
    {"connect", {0, 2}, {2, 11}},
    {"connect", {0, 3}, {2, 12}},
    {"connect", {0, 4}, {2, 13}},
};

static const char *const CONNECT[] = {
    "scalar $URLPathTemplate",
    "scalar $JSONSelection",
    "input $ConnectorErrors { message: $JSONSelection extensions: $JSONSelection }",
    "input $HTTPHeaderMapping { name: String! from: String value: String }",
    "input $ConnectBatch { maxSize: Int }",
    "input $SourceHTTP { baseURL: String! headers: [$HTTPHeaderMapping!] path: $JSONSelection"
    " queryParams: $JSONSelection }",
    "input $ConnectHTTP { GET: $URLPathTemplate POST: $URLPathTemplate PUT: $URLPathTemplate PATCH: $URLPathTemplate"
    " DELETE: $URLPathTemplate body: $JSONSelection headers: [$HTTPHeaderMapping!] path: $JSONSelection"
    " queryParams: $JSONSelection }",
    "directive @connect(source: String, id: String, http: $ConnectHTTP, batch: $ConnectBatch, errors: $ConnectorErrors,"
    " selection: $JSONSelection!, entity: Boolean = false, isSuccess: $JSONSelection)"
    " repeatable on FIELD_DEFINITION | OBJECT",
    "directive @source(name: String!, http: $SourceHTTP!, errors: $ConnectorErrors, isSuccess: $JSONSelection)"
    " repeatable on SCHEMA",
    NULL};

#define COUNT(a) (sizeof(a) / sizeof *(a))

const struct spec_directive *spec_directive(enum fed_dir id)
{
    return &SPECS[id];
}

static bool is_federation(const struct link_feature *f)
{
    return str_eq(f->identity, STR(LINK_SPEC_PREFIX "federation"));
}

static const struct spec_version *find_version(const struct link_feature *f)
{
    if (!str_starts(f->identity, STR(LINK_SPEC_PREFIX)) || f->identity.len != sizeof LINK_SPEC_PREFIX - 1 + f->name.len)
        return NULL;
    for (size_t i = 0; i < COUNT(VERSIONS); i++)
        if (str_eq_c(f->name, VERSIONS[i].name) && link_version_cmp(f->version, VERSIONS[i].version) == 0)
            return &VERSIONS[i];
    return NULL;
}

bool spec_is_connect(const struct link_feature *f)
{
    const struct spec_version *v = find_version(f);
    return v && strcmp(v->name, "connect") == 0;
}

const char *const *spec_connect_definitions(void)
{
    return CONNECT;
}

/* fromContext is defined with context but not composed. */
static bool belongs_to(const struct spec_directive *d, struct str feature)
{
    if (d->id == FED_FROM_CONTEXT)
        return str_eq(feature, STR("context"));
    return d->feature && d->id != FED_CACHE_TAG && str_eq_c(feature, d->feature);
}

bool spec_has(const struct link_feature *f, const struct spec_directive *d)
{
    if (is_federation(f))
        return link_version_cmp(f->version, d->since) >= 0;
    return find_version(f) && belongs_to(d, f->name);
}

const struct spec_directive *spec_directive_named(struct str feature, struct str name)
{
    bool federation = str_eq(feature, STR("federation"));
    for (size_t i = 0; i < FED_DIRS; i++)
        if (str_eq_c(name, SPECS[i].name) && (federation || belongs_to(&SPECS[i], feature)))
            return &SPECS[i];
    return NULL;
}

bool spec_federation_known(struct link_version v)
{
    return v.major == 2 && v.minor <= FED_VERSION_LATEST.minor;
}

static bool type_in(const struct spec_type *t, const struct link_feature *f)
{
    if (is_federation(f))
        return link_version_cmp(f->version, t->since) >= 0;
    return t->feature && find_version(f) && str_eq_c(f->name, t->feature);
}

bool spec_elements(struct arena *a, const struct link_feature *f, struct str_vec *names)
{
    bool link = str_eq(f->identity, STR(LINK_SPEC_PREFIX "link"));
    if (!link && !(is_federation(f) && spec_federation_known(f->version)) && !find_version(f))
        return false;
    if (link) {
        vec_push(a, names, STR("@link"));
        vec_push(a, names, STR("Purpose"));
        vec_push(a, names, STR("Import"));
    }
    for (const char *const *d = CONNECT; spec_is_connect(f) && *d; d++) {
        const char *name = strpbrk(*d, "$@");
        size_t n = 1 + strspn(name + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
        vec_push(a, names, str_mem(name + (*name == '$'), n - (*name == '$')));
    }
    for (size_t i = 0; i < FED_DIRS; i++)
        if (spec_has(f, &SPECS[i]))
            vec_push(a, names, arena_printf(a, "@%s", SPECS[i].name));
    spec_scalars(a, f, names);
    return true;
}

struct link_version spec_minimum_federation(const struct link_feature *f)
{
    const struct spec_version *v = find_version(f);
    return v ? v->minimum_federation : (struct link_version){0, 0};
}

/* ---- SDL ---- */

static void write_type(struct buf *out, struct arena *a, const char *type, const struct link_feature *f)
{
    const char *dollar = strchr(type, '$');
    if (!dollar) {
        buf_add_c(out, type);
        return;
    }
    size_t n = strspn(dollar + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    buf_add_mem(out, type, (size_t)(dollar - type));
    buf_add(out, link_type_name(a, f, str_mem(dollar + 1, n)));
    buf_add_c(out, dollar + 1 + n);
}

/* Arguments and locations that came later than the directive itself. */
static bool arg_in(const struct spec_directive *d, const struct spec_arg *arg, struct link_version federation)
{
    return !(d->id == FED_OVERRIDE && strcmp(arg->name, "label") == 0 && federation.minor < 7);
}

static const char *locations_in(const struct spec_directive *d, struct link_version federation)
{
    return d->id == FED_TAG && federation.minor < 3 ? EVERYWHERE : d->locations;
}

void spec_write_directive(struct buf *out, struct arena *a, const struct spec_directive *d, struct str name,
                          const struct link_feature *f, struct link_version federation)
{
    buf_printf(out, "directive @%.*s", STR_ARG(name));
    bool any = false;
    for (const struct spec_arg *arg = d->args; arg < d->args + COUNT(d->args) && arg->name; arg++) {
        if (!arg_in(d, arg, federation))
            continue;
        buf_printf(out, "%s%s: ", any ? ", " : "(", arg->name);
        any = true;
        write_type(out, a, arg->type, f);
        if (arg->default_value)
            buf_printf(out, " = %s", arg->default_value);
    }
    bool repeatable = d->repeatable && !(d->id == FED_SHAREABLE && federation.minor < 2);
    buf_printf(out, "%s%s on %s\n", any ? ")" : "", repeatable ? " repeatable" : "", locations_in(d, federation));
}

void spec_scalars(struct arena *a, const struct link_feature *f, struct str_vec *names)
{
    for (size_t i = 0; i < COUNT(TYPES); i++)
        if (type_in(&TYPES[i], f))
            vec_push(a, names, str_c(TYPES[i].name));
}

void spec_write_types(struct buf *out, struct arena *a, const struct link_feature *f, const struct fed_schema *existing)
{
    struct str_vec names = {0};
    spec_scalars(a, f, &names);
    for (size_t i = 0; i < names.n; i++) {
        struct str name = link_type_name(a, f, names.v[i]);
        if (!existing || !fed_schema_type(existing, name))
            buf_printf(out, "scalar %.*s\n", STR_ARG(name));
    }
}
