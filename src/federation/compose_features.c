/* Which features the supergraph links, and which directives are carried into it: those of the specifications that are
 * used, and custom ones that @composeDirective asks for. */
#include "federation/compose_merge.h"

static const char *const BUILTIN[] = {"deprecated", "specifiedBy", "skip", "include"};

static struct merged_directive *merged(const struct merge *mg, struct str name)
{
    return map_get(&mg->directives, name);
}

bool merge_is_merged(const struct merge *mg, const struct fed_subgraph *sg, struct str name)
{
    const struct merged_directive *d = merged(mg, name);
    if (d && d->composed_by && bits_has(d->composed_by, sg->index))
        return true;
    if (d && d->spec)
        return d->spec->id != FED_CACHE_TAG;
    for (size_t i = 0; i < sizeof BUILTIN / sizeof *BUILTIN; i++)
        if (str_eq_c(name, BUILTIN[i]))
            return true;
    return false;
}

/* ---- versions ---- */

static struct link_version version_of(struct merge *mg, struct fed_subgraph *sg)
{
    struct link_version v = sg->version;
    const struct link_feature *cause = NULL;
    for (size_t i = 0; i < sg->links.n; i++) {
        struct link_version min = spec_minimum_federation(sg->links.v[i]);
        if (link_version_cmp(min, v) > 0) {
            v = min;
            cause = sg->links.v[i];
        }
    }
    if (cause)
        msg_hint(mg->m, COMPOSE_INFO, (struct where){sg, NULL, cause->loc}, "IMPLICITLY_UPGRADED_FEDERATION_VERSION",
                 "the feature %.*s needs federation v%u.%u: this subgraph, which links v%u.%u, is taken as such",
                 STR_ARG(cause->identity), v.major, v.minor, sg->version.major, sg->version.minor);
    return v;
}

/* ---- features of the specifications ---- */

static struct link_feature *supergraph_feature(struct merge *mg, struct str name, struct link_version version,
                                               const char *purpose)
{
    struct link_feature *f = link_find_spec(&mg->features, name);
    if (f)
        return f;
    f = arena_new_of(mg->a, struct link_feature);
    *f = (struct link_feature){
        arena_printf(mg->a, LINK_SPEC_PREFIX "%.*s", STR_ARG(name)), name, version, name, {0}, {0}};
    vec_push(mg->a, &mg->features, f);
    vec_push(mg->a, &mg->purposes, purpose ? str_c(purpose) : STR_NONE);
    return f;
}

/* The connectors are only noted for the router, with the newest version in use: at least the newest that is stable. */
static void carry_connect(struct merge *mg)
{
    struct link_version version = {0, 3};
    bool used = false;
    for (uint32_t i = 0; i < mg->n; i++) {
        const struct link_feature *f = link_find_spec(&mg->sg[i].links, STR("connect"));
        if (!f || !spec_is_connect(f))
            continue;
        used = true;
        if (link_version_cmp(f->version, version) > 0)
            version = f->version;
    }
    if (used)
        supergraph_feature(mg, STR("connect"), version, "EXECUTION");
}

static struct str text_of_name(struct arena *a, const struct source *s, const void *data)
{
    return arena_printf(a, "\"@%.*s\"", STR_ARG(s->elem->name));
}

/* One name for one directive: the same in all subgraphs that use it. */
static bool agree_on_name(struct merge *mg, const struct spec_directive *d, const struct sources *s)
{
    struct str name = s->v[0].elem->name;
    for (uint32_t i = 1; i < s->n; i++) {
        if (str_eq(s->v[i].elem->name, name))
            continue;
        msg_error(mg->m, (struct where){.coordinate = arena_printf(mg->a, "@%s", d->name)}, "LINK_IMPORT_NAME_MISMATCH",
                  "@%s has different names: it is %.*s. Import it under one name", d->name,
                  STR_ARG(sources_describe(mg->a, s, STR_NONE, text_of_name, NULL, false)));
        return false;
    }
    return true;
}

static void carry(struct merge *mg, const struct spec_directive *d, struct str name)
{
    struct merged_directive *m = arena_new_of(mg->a, struct merged_directive);
    m->name = name;
    m->spec = d;
    map_put(mg->a, &mg->directives, name, m);
    struct link_feature *f = supergraph_feature(mg, str_c(d->feature), d->feature_version, d->purpose);
    if (d->id != FED_CACHE_TAG && !str_eq(link_directive_name(mg->a, f, str_c(d->name)), name))
        vec_push(
            mg->a, &f->imports,
            (struct link_import){arena_printf(mg->a, "@%s", d->name), arena_printf(mg->a, "@%.*s", STR_ARG(name))});
    if (d->id == FED_INACCESSIBLE)
        mg->inaccessible = name;
    if (d->id == FED_AUTHENTICATED || d->id == FED_REQUIRES_SCOPES || d->id == FED_POLICY)
        mg->auth_name[d->id - FED_AUTHENTICATED] = name;
}

/* The directive's definition in a subgraph that uses it, whichever feature it is linked with. */
static void find_uses(struct merge *mg, const struct spec_directive *d, struct fed_subgraph *sg, const struct map *used,
                      struct sources *out)
{
    for (size_t i = 0; i < sg->links.n; i++) {
        if (!spec_has(sg->links.v[i], d))
            continue;
        struct str name = link_directive_name(mg->a, sg->links.v[i], str_c(d->name));
        struct fed_directive *def = fed_schema_directive(sg->schema, name);
        if (def && map_has(used, name))
            out->v[out->n++] = (struct source){sg, &def->e};
    }
}

static void carry_spec_directives(struct merge *mg)
{
    struct map *used = arena_array(mg->a, struct map, mg->n);
    for (uint32_t i = 0; i < mg->n; i++)
        used[i] = fed_schema_used(mg->a, mg->sg[i].schema);
    for (int id = 0; id < FED_DIRS; id++) {
        const struct spec_directive *d = spec_directive((enum fed_dir)id);
        if (!d->feature)
            continue;
        struct sources s = {arena_array(mg->a, struct source, 2 * mg->n), 0};
        for (uint32_t i = 0; i < mg->n; i++)
            find_uses(mg, d, &mg->sg[i], &used[i], &s);
        if (s.n && agree_on_name(mg, d, &s))
            carry(mg, d, s.v[0].elem->name);
    }
}

/* ---- @composeDirective ---- */

#define COMPOSE_CODE "DIRECTIVE_COMPOSITION_ERROR"

struct composed {
    struct fed_subgraph *sg;
    const struct fed_applied *at;
    struct link_feature *feature;
    struct str name, name_in_feature;
};
struct composed_vec VEC_BODY(struct composed);

#define compose_error(mg, c, ...) \
    msg_error((mg)->m, (struct where){(c)->sg, &(c)->sg->schema->e, (c)->at->loc}, COMPOSE_CODE, __VA_ARGS__)

static bool is_specification(const struct link_feature *f)
{
    static const char *const NAMES[] = {"core",         "join",       "link",          "tag",
                                        "inaccessible", "federation", "authenticated", "requiresScopes",
                                        "connect",      "context",    "cost"};
    if (!str_starts(f->identity, STR(LINK_SPEC_PREFIX)))
        return false;
    struct str name = str_sub(f->identity, sizeof LINK_SPEC_PREFIX - 1, f->identity.len);
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (str_eq_c(name, NAMES[i]))
            return true;
    return false;
}

static void refuse_federation_directive(struct merge *mg, const struct composed *c)
{
    static const enum fed_dir ALWAYS[] = {FED_TAG,    FED_INACCESSIBLE, FED_AUTHENTICATED, FED_REQUIRES_SCOPES,
                                          FED_POLICY, FED_CONTEXT};
    for (size_t i = 0; i < sizeof ALWAYS / sizeof *ALWAYS; i++)
        if (str_eq(c->name, c->sg->dir_name[ALWAYS[i]])) {
            msg_hint(mg->m, COMPOSE_INFO, (struct where){c->sg, &c->sg->schema->e, c->at->loc},
                     "DIRECTIVE_COMPOSITION_INFO", "@%.*s is composed in any case: @composeDirective can be deleted",
                     STR_ARG(c->name));
            return;
        }
    compose_error(mg, c, "@%.*s is a directive of federation itself and cannot be composed: delete @composeDirective",
                  STR_ARG(c->name));
}

static bool taken_by(struct merge *mg, const struct composed *c, enum fed_dir dir)
{
    for (uint32_t i = 0; i < mg->n; i++)
        if (str_eq(mg->sg[i].dir_name[dir], c->name)) {
            compose_error(
                mg, c,
                "@%.*s cannot be composed: in subgraph \"%.*s\" this is the name of federation's @%s. Import one of "
                "them under another name",
                STR_ARG(c->name), STR_ARG(mg->sg[i].name), spec_directive(dir)->name);
            return true;
        }
    return false;
}

static bool read_composed(struct merge *mg, struct composed *c)
{
    struct str arg = fed_applied_str(c->at, STR("name"));
    if (arg.len == 0 || arg.p[0] != '@') {
        compose_error(mg, c, "@composeDirective(name: \"%.*s\") names no directive: write its name with the @",
                      STR_ARG(arg));
        return false;
    }
    c->name = str_sub(arg, 1, arg.len);
    if (!fed_schema_directive(c->sg->schema, c->name)) {
        struct str_vec names = {0};
        for (size_t i = 0; i < c->sg->schema->directives.n; i++)
            vec_push(mg->a, &names, c->sg->schema->directives.v[i]->e.name);
        compose_error(mg, c, "@composeDirective names @%.*s, which is not defined: define it, or correct the name.%.*s",
                      STR_ARG(c->name), STR_ARG(gql_suggest(mg->a, "", c->name, &names)));
        return false;
    }
    c->feature = link_source(&c->sg->links, true, c->name, &c->name_in_feature);
    if (!c->feature) {
        compose_error(mg, c,
                      "@%.*s cannot be composed, since it belongs to no feature: give it one with @link(url:, import:)",
                      STR_ARG(c->name));
        return false;
    }
    if (!c->name_in_feature.p) {
        compose_error(mg, c, "@%.*s cannot be composed under this name: name it as it is imported", STR_ARG(c->name));
        return false;
    }
    if (is_specification(c->feature)) {
        refuse_federation_directive(mg, c);
        return false;
    }
    return !taken_by(mg, c, FED_TAG) && !taken_by(mg, c, FED_INACCESSIBLE);
}

static struct composed_vec read_all_composed(struct merge *mg)
{
    struct composed_vec out = {0};
    for (uint32_t i = 0; i < mg->n; i++) {
        struct fed_elem *e = &mg->sg[i].schema->e;
        for (size_t j = 0; j < e->applied.n; j++) {
            struct composed c = {.sg = &mg->sg[i], .at = &e->applied.v[j]};
            if (str_eq(c.at->name, mg->sg[i].dir_name[FED_COMPOSE_DIRECTIVE]) && read_composed(mg, &c))
                vec_push(mg->a, &out, c);
        }
    }
    return out;
}

static bool composes(const struct composed_vec *all, const struct fed_subgraph *sg, struct str identity)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->v[i].sg == sg && str_eq(all->v[i].feature->identity, identity))
            return true;
    return false;
}

/* The newest version that a composing subgraph links. NULL when major versions differ. */
static struct link_feature *newest_version(struct merge *mg, const struct composed_vec *all, struct str identity)
{
    struct link_feature *best = NULL;
    bool best_composed = false, hinted = false;
    for (uint32_t i = 0; i < mg->n; i++) {
        struct link_feature *f = link_find(&mg->sg[i].links, identity);
        bool composed = f && composes(all, &mg->sg[i], identity);
        if (!f)
            continue;
        if (best && best->version.major != f->version.major && best_composed && composed) {
            msg_error(mg->m, (struct where){&mg->sg[i], NULL, f->loc}, COMPOSE_CODE,
                      "%.*s is composed in two major versions, %u and %u: use one", STR_ARG(identity),
                      best->version.major, f->version.major);
            return NULL;
        }
        if (best && best->version.major != f->version.major && !hinted) {
            msg_hint(mg->m, COMPOSE_INFO, (struct where){&mg->sg[i], NULL, f->loc}, "DIRECTIVE_COMPOSITION_INFO",
                     "%.*s is linked in two major versions; only one is composed", STR_ARG(identity));
            hinted = true;
        }
        bool other_major = best && best->version.major != f->version.major;
        if (!best || (composed && !best_composed) ||
            (composed == best_composed && (other_major || f->version.minor >= best->version.minor))) {
            best = f;
            best_composed = composed;
        }
    }
    return best_composed ? best : NULL;
}

static void check_consistent(struct merge *mg, const struct composed_vec *all, const struct composed *c)
{
    for (size_t i = 0; i < all->n && &all->v[i] != c; i++) {
        const struct composed *o = &all->v[i];
        bool same_name = str_eq(o->name, c->name), same_directive = str_eq(o->name_in_feature, c->name_in_feature);
        bool same_feature = str_eq(o->feature->identity, c->feature->identity);
        if (same_name && !same_directive)
            compose_error(mg, c,
                          "@%.*s is another directive in subgraph \"%.*s\": import one of them under another name",
                          STR_ARG(c->name), STR_ARG(o->sg->name));
        else if (same_name && !same_feature)
            compose_error(
                mg, c, "@%.*s belongs to another feature in subgraph \"%.*s\": import one of them under another name",
                STR_ARG(c->name), STR_ARG(o->sg->name));
        else if (same_directive && !same_name && same_feature)
            compose_error(mg, c, "@%.*s is composed as @%.*s in subgraph \"%.*s\": give it one name", STR_ARG(c->name),
                          STR_ARG(o->name), STR_ARG(o->sg->name));
        else
            continue;
        return;
    }
}

/* The definition is taken from the last subgraph that links the newest version. */
static void find_definition(struct merge *mg, const struct composed *c, const struct link_feature *newest,
                            struct merged_directive *out)
{
    for (uint32_t i = mg->n; i-- > 0;) {
        struct link_feature *f = link_find(&mg->sg[i].links, newest->identity);
        if (!f || link_version_cmp(f->version, newest->version) != 0)
            continue;
        out->defined_by = &mg->sg[i];
        out->definition = fed_schema_directive(mg->sg[i].schema, link_directive_name(mg->a, f, c->name_in_feature));
        if (out->definition)
            return;
    }
    compose_error(mg, c, "version v%u.%u of %.*s has no definition of @%.*s: add one to a subgraph that links it",
                  newest->version.major, newest->version.minor, STR_ARG(newest->identity), STR_ARG(c->name));
}

static void hint_other_names(struct merge *mg, const struct composed *c)
{
    for (uint32_t i = 0; i < mg->n; i++) {
        struct link_feature *f = link_find(&mg->sg[i].links, c->feature->identity);
        for (size_t j = 0; f && j < f->imports.n; j++)
            if (str_eq(str_sub(f->imports.v[j].name, 1, 1000), c->name_in_feature) &&
                !str_eq(str_sub(f->imports.v[j].as, 1, 1000), c->name)) {
                msg_hint(mg->m, COMPOSE_WARN, (struct where){&mg->sg[i], NULL, f->loc}, "DIRECTIVE_COMPOSITION_WARN",
                         "@%.*s has another name in this subgraph, which does not compose it", STR_ARG(c->name));
                return;
            }
    }
}

static void carry_custom(struct merge *mg, const struct composed *c, struct link_feature *newest)
{
    struct merged_directive *m = merged(mg, c->name);
    if (m && m->composed_by) {
        bits_set(m->composed_by, c->sg->index);
        return;
    }
    m = arena_new_of(mg->a, struct merged_directive);
    m->name = c->name;
    m->composed_by = bits_new(mg->a, mg->n);
    find_definition(mg, c, newest, m);
    bits_set(m->composed_by, c->sg->index);
    map_put(mg->a, &mg->directives, c->name, m);
    hint_other_names(mg, c);
    struct link_feature *f = link_find(&mg->features, newest->identity);
    if (!f) {
        f = arena_memdup(mg->a, newest, sizeof *f);
        f->alias = f->name;
        memset(&f->imports, 0, sizeof f->imports);
        vec_push(mg->a, &mg->features, f);
        vec_push(mg->a, &mg->purposes, STR_NONE);
    }
    vec_push(mg->a, &f->imports,
             (struct link_import){arena_printf(mg->a, "@%.*s", STR_ARG(c->name_in_feature)),
                                  arena_printf(mg->a, "@%.*s", STR_ARG(c->name))});
}

static void carry_custom_directives(struct merge *mg)
{
    struct composed_vec all = read_all_composed(mg);
    for (size_t i = 0; i < all.n; i++)
        check_consistent(mg, &all, &all.v[i]);
    if (mg->m->errors.n)
        return;
    struct map newest = {0}; /* by identity; NULL: seen, and not composed */
    for (uint32_t i = 0; i < mg->n; i++)
        for (size_t j = 0; j < mg->sg[i].links.n; j++) {
            struct str identity = mg->sg[i].links.v[j]->identity;
            if (!map_has(&newest, identity))
                map_put(mg->a, &newest, identity, newest_version(mg, &all, identity));
        }
    for (size_t i = 0; i < all.n; i++) {
        struct link_feature *f = map_get(&newest, all.v[i].feature->identity);
        if (f)
            carry_custom(mg, &all.v[i], f);
    }
}

/* ---- names of subgraphs in the supergraph ---- */

static bool word_char(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A GraphQL name in capitals that cannot collide with the numbers that are appended to equal names. */
static struct str enum_name(struct arena *a, struct str name)
{
    struct buf out;
    buf_init(&out, 1 << 16);
    if (name.p[0] >= '0' && name.p[0] <= '9')
        buf_add_char(&out, '_');
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.p[i];
        if ((c & 0xC0) == 0x80)
            continue; /* one underscore for one character */
        buf_add_char(&out, !word_char((char)c) ? '_' : c >= 'a' && c <= 'z' ? (char)(c - 32) : (char)c);
    }
    size_t digits = 0;
    while (digits < out.len && out.p[out.len - 1 - digits] >= '0' && out.p[out.len - 1 - digits] <= '9')
        digits++;
    if (digits && digits < out.len && out.p[out.len - 1 - digits] == '_')
        buf_add_char(&out, '_');
    struct str s = arena_str(a, buf_str(&out));
    buf_free(&out);
    return s;
}

static void name_subgraphs(struct merge *mg)
{
    struct str *names = arena_array(mg->a, struct str, mg->n);
    for (uint32_t i = 0; i < mg->n; i++)
        names[i] = enum_name(mg->a, mg->sg[i].name);
    for (uint32_t i = 0; i < mg->n; i++) {
        uint32_t same = 0, before = 0;
        for (uint32_t j = 0; j < mg->n; j++)
            if (str_eq(names[i], names[j])) {
                same++;
                before += j < i;
            }
        mg->sg[i].enum_name = same == 1 ? names[i] : arena_printf(mg->a, "%.*s_%u", STR_ARG(names[i]), before + 1);
    }
}

void merge_features(struct merge *mg)
{
    for (uint32_t i = 0; i < mg->n; i++) {
        struct link_version v = version_of(mg, &mg->sg[i]);
        if (link_version_cmp(v, mg->version) > 0)
            mg->version = v;
    }
    name_subgraphs(mg);
    carry_spec_directives(mg);
    carry_connect(mg);
    carry_custom_directives(mg);
    merge_choose_prefixes(mg);
}
