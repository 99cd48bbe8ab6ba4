#include "federation/compose_link.h"

#include "federation/compose_fieldset.h"
#include "federation/compose_msg.h"
#include "federation/compose_spec.h"
#include "graphql/suggest.h"

#include <ctype.h>

/* ---- URLs ---- */

int link_version_cmp(struct link_version a, struct link_version b)
{
    if (a.major != b.major)
        return a.major < b.major ? -1 : 1;
    return a.minor == b.minor ? 0 : a.minor < b.minor ? -1 : 1;
}

static bool read_number(struct str s, uint32_t *out)
{
    uint64_t n;
    if (!str_to_u64(s, &n) || n > 1000000 || s.p[0] == '+')
        return false;
    *out = (uint32_t)n;
    return true;
}

bool link_version_parse(struct str text, struct link_version *out)
{
    ptrdiff_t dot = str_find_char(text, '.');
    if (text.len < 4 || text.p[0] != 'v' || dot < 2)
        return false;
    return read_number(str_sub(text, 1, (size_t)dot - 1), &out->major) &&
           read_number(str_sub(text, (size_t)dot + 1, text.len), &out->minor);
}

static ptrdiff_t find_last(struct str s, char c)
{
    for (size_t i = s.len; i-- > 0;)
        if (s.p[i] == c)
            return (ptrdiff_t)i;
    return -1;
}

static struct str without_query(struct str url)
{
    for (size_t i = 0; i < url.len; i++)
        if (url.p[i] == '?' || url.p[i] == '#')
            return str_sub(url, 0, i);
    return url;
}

bool link_url_parse(struct arena *a, struct str url, struct link_url *out, const char **problem)
{
    struct str base = without_query(url);
    ptrdiff_t scheme = str_find(base, STR("://"));
    if (scheme <= 0) {
        *problem = "it is not a URL";
        return false;
    }
    size_t host = (size_t)scheme + 3;
    ptrdiff_t path = str_find_char(str_sub(base, host, base.len), '/');
    if (path < 0 || host + (size_t)path + 1 >= base.len) {
        *problem = "its path is missing";
        return false;
    }
    ptrdiff_t slash = find_last(base, '/');
    if (!link_version_parse(str_sub(base, (size_t)slash + 1, base.len), &out->version)) {
        *problem = "its path does not end in a version such as v1.0";
        return false;
    }
    out->identity = str_sub(base, 0, (size_t)slash);
    ptrdiff_t before = find_last(out->identity, '/');
    out->name = str_sub(out->identity, (size_t)before + 1, out->identity.len);
    if ((size_t)before + 1 <= host || out->name.len == 0) {
        *problem = "the name of the feature is missing before the version";
        return false;
    }
    return true;
}

/* ---- names ---- */

struct link_feature *link_find(const struct link_features *links, struct str identity)
{
    for (size_t i = 0; i < links->n; i++)
        if (str_eq(links->v[i]->identity, identity))
            return links->v[i];
    return NULL;
}

static bool is_spec(struct str identity, struct str name)
{
    struct str prefix = STR(LINK_SPEC_PREFIX);
    return str_starts(identity, prefix) && str_eq(str_sub(identity, prefix.len, identity.len), name);
}

struct link_feature *link_find_spec(const struct link_features *links, struct str name)
{
    for (size_t i = 0; i < links->n; i++)
        if (is_spec(links->v[i]->identity, name))
            return links->v[i];
    return NULL;
}

static struct str without_at(struct str s)
{
    return s.len && s.p[0] == '@' ? str_sub(s, 1, s.len) : s;
}
static bool is_directive(struct str s)
{
    return s.len && s.p[0] == '@';
}

static const struct link_import *find_import(const struct link_feature *f, bool directive, struct str name)
{
    for (size_t i = 0; i < f->imports.n; i++)
        if (is_directive(f->imports.v[i].name) == directive && str_eq(without_at(f->imports.v[i].name), name))
            return &f->imports.v[i];
    return NULL;
}

struct str link_directive_name(struct arena *a, const struct link_feature *f, struct str name)
{
    const struct link_import *i = find_import(f, true, name);
    if (i)
        return without_at(i->as);
    if (str_eq(name, f->name))
        return f->alias;
    return arena_printf(a, "%.*s__%.*s", STR_ARG(f->alias), STR_ARG(name));
}

struct str link_type_name(struct arena *a, const struct link_feature *f, struct str name)
{
    const struct link_import *i = find_import(f, false, name);
    return i ? i->as : arena_printf(a, "%.*s__%.*s", STR_ARG(f->alias), STR_ARG(name));
}

static bool default_name(const struct link_feature *f, bool directive, struct str name, struct str *in_feature)
{
    if (directive && str_eq(name, f->alias)) {
        *in_feature = f->name;
        return true;
    }
    if (name.len <= f->alias.len + 2 || !str_starts(name, f->alias))
        return false;
    if (!str_starts(str_sub(name, f->alias.len, name.len), STR("__")))
        return false;
    *in_feature = str_sub(name, f->alias.len + 2, name.len);
    return true;
}

struct link_feature *link_source(const struct link_features *links, bool directive, struct str name,
                                 struct str *in_feature)
{
    for (size_t i = 0; i < links->n; i++) {
        struct link_feature *f = links->v[i];
        for (size_t j = 0; j < f->imports.n; j++)
            if (is_directive(f->imports.v[j].as) == directive && str_eq(without_at(f->imports.v[j].as), name)) {
                *in_feature = without_at(f->imports.v[j].name);
                return f;
            }
    }
    for (size_t i = 0; i < links->n; i++)
        if (default_name(links->v[i], directive, name, in_feature)) {
            if (find_import(links->v[i], directive, *in_feature))
                *in_feature = STR_NONE;
            return links->v[i];
        }
    return NULL;
}

/* ---- reading @link ---- */

struct link_reader {
    struct fed_subgraph *sg;
    struct messages *m;
    struct arena *a;
    const struct fed_applied *at;
    bool itself, known; /* @link has linked itself, in a version that is known */
    bool failed;
};

#define USAGE "INVALID_LINK_DIRECTIVE_USAGE"

#define link_error(r, code, ...)                                                                          \
    do {                                                                                                  \
        msg_error((r)->m, (struct where){(r)->sg, &(r)->sg->schema->e, (r)->at->loc}, code, __VA_ARGS__); \
        (r)->failed = true;                                                                               \
    } while (0)

static bool is_import_name(struct str s)
{
    struct str n = without_at(s);
    if (n.len == 0 || !(isalpha((unsigned char)n.p[0]) || n.p[0] == '_'))
        return false;
    for (size_t i = 1; i < n.len; i++)
        if (!isalnum((unsigned char)n.p[i]) && n.p[i] != '_')
            return false;
    return true;
}

static bool read_import_member(struct link_reader *r, const struct gql_object_field *f, struct link_import *out)
{
    bool name = str_eq(f->name.s, STR("name")), as = str_eq(f->name.s, STR("as"));
    if (!name && !as) {
        link_error(r, USAGE,
                   "@link(import:) has an unknown member \"%.*s\": write a name in quotes or "
                   "{name: \"@x\", as: \"@y\"}",
                   STR_ARG(f->name.s));
        return false;
    }
    if (f->value->kind != GQL_STRING || !is_import_name(f->value->text)) {
        link_error(
            r, USAGE,
            "\"%s\" in @link(import:) is no name: write a GraphQL name in quotes, with @ in front for a directive",
            name ? "name" : "as");
        return false;
    }
    *(name ? &out->name : &out->as) = f->value->text;
    return true;
}

static bool read_import(struct link_reader *r, const struct gql_value *v, struct link_import *out)
{
    if (v->kind == GQL_STRING || v->kind == GQL_ENUM) {
        out->name = out->as = v->text;
        return true;
    }
    if (v->kind != GQL_OBJECT) {
        link_error(
            r, USAGE,
            "@link(import:) has a value that is no import: write a name in quotes or {name: \"@x\", as: \"@y\"}");
        return false;
    }
    for (uint32_t i = 0; i < v->n; i++)
        if (!read_import_member(r, &v->fields[i], out))
            return false;
    if (!out->name.p) {
        link_error(r, USAGE, "an import of @link has no \"name\": write {name: \"@x\", as: \"@y\"}");
        return false;
    }
    if (!out->as.p) {
        out->as = out->name;
    } else if (is_directive(out->name) != is_directive(out->as)) {
        link_error(r, USAGE,
                   "@link imports \"%.*s\" as \"%.*s\": write both with @ for a directive, and without for a type",
                   STR_ARG(out->name), STR_ARG(out->as));
        return false;
    }
    return true;
}

static void check_import_known(struct link_reader *r, const struct link_feature *f, struct str name)
{
    struct str_vec known = {0};
    if (!spec_elements(r->a, f, &known))
        return;
    for (size_t i = 0; i < known.n; i++)
        if (str_eq(known.v[i], name))
            return;
    struct str hint = gql_suggest(r->a, "", name, &known);
    link_error(r, USAGE,
               "%.*s v%u.%u has no element \"%.*s\" to import: correct the name, or link a version that has it.%.*s",
               STR_ARG(f->name), f->version.major, f->version.minor, STR_ARG(name), STR_ARG(hint));
}

static void read_imports(struct link_reader *r, struct link_feature *f)
{
    const struct gql_value *list = fed_applied_arg(r->at, STR("import"));
    if (!list || list->kind == GQL_NULL)
        return;
    uint32_t n = list->kind == GQL_LIST ? list->n : 1;
    for (uint32_t i = 0; i < n; i++) {
        struct link_import import = {0};
        if (!read_import(r, list->kind == GQL_LIST ? list->items[i] : list, &import))
            continue;
        check_import_known(r, f, import.name);
        vec_push(r->a, &f->imports, import);
    }
}

/* Would `name` (in the schema, with @ for a directive) be taken for an element of `other` by its prefix? */
static bool looks_like(const struct link_feature *other, struct str name)
{
    struct str in_feature;
    return default_name(other, is_directive(name), without_at(name), &in_feature);
}

static bool tag_or_inaccessible(struct str identity)
{
    return is_spec(identity, STR("tag")) || is_spec(identity, STR("inaccessible"));
}

static void report_conflict(struct link_reader *r, const struct link_feature *a, const struct link_feature *b,
                            struct str name)
{
    const struct link_feature *fed = is_spec(a->identity, STR("federation")) ? a : b, *other = fed == a ? b : a;
    if (is_spec(fed->identity, STR("federation")) && tag_or_inaccessible(other->identity))
        link_error(r, USAGE,
                   "import \"@%.*s\" from the federation feature and drop the @link to %.*s: linked twice they "
                   "would be two different directives",
                   STR_ARG(other->name), STR_ARG(other->identity));
    else
        link_error(r, USAGE,
                   "\"%.*s\" would be an element of both %.*s and %.*s: import or link one of them under another name "
                   "with \"as\"",
                   STR_ARG(name), STR_ARG(a->identity), STR_ARG(b->identity));
}

static void check_import_conflicts(struct link_reader *r, const struct link_feature *f, const struct link_import *i)
{
    struct str in_feature;
    if (default_name(f, is_directive(i->as), without_at(i->as), &in_feature) &&
        !str_eq(in_feature, without_at(i->name)))
        link_error(r, USAGE,
                   "\"%.*s\" imported as \"%.*s\" takes the name of another element of %.*s: choose another \"as\"",
                   STR_ARG(i->name), STR_ARG(i->as), STR_ARG(f->identity));
    for (size_t j = 0; j < f->imports.n && &f->imports.v[j] != i; j++)
        if (str_eq(f->imports.v[j].name, i->name) != str_eq(f->imports.v[j].as, i->as))
            link_error(r, USAGE, "\"%.*s\" of %.*s is imported twice, as \"%.*s\" and as \"%.*s\": keep one",
                       STR_ARG(i->name), STR_ARG(f->identity), STR_ARG(f->imports.v[j].as), STR_ARG(i->as));
    for (size_t k = 0; k < r->sg->links.n; k++) {
        const struct link_feature *other = r->sg->links.v[k];
        if (looks_like(other, i->as)) {
            report_conflict(r, other, f, i->as);
            return;
        }
        for (size_t j = 0; j < other->imports.n; j++)
            if (str_eq(other->imports.v[j].as, i->as)) {
                report_conflict(r, other, f, i->as);
                return;
            }
    }
}

static void check_alias(struct link_reader *r, const struct link_feature *f)
{
    bool federated = tag_or_inaccessible(f->identity) && f->imports.n == 0 && str_starts(f->alias, STR("federation__"));
    if ((str_find(f->alias, STR("__")) >= 0 && !federated) || str_ends(f->alias, STR("_")) ||
        !is_import_name(f->alias) || is_directive(f->alias))
        link_error(r, USAGE,
                   "\"%.*s\" cannot be the prefix of %.*s: choose a GraphQL name without __ inside or _ at the end "
                   "with \"as\"",
                   STR_ARG(f->alias), STR_ARG(f->identity));
    for (size_t k = 0; k < r->sg->links.n; k++) {
        const struct link_feature *other = r->sg->links.v[k];
        if (str_eq(other->alias, f->alias)) {
            report_conflict(r, other, f, f->alias);
            return;
        }
        for (size_t j = 0; j < other->imports.n; j++)
            if (looks_like(f, other->imports.v[j].as)) {
                report_conflict(r, other, f, other->imports.v[j].as);
                return;
            }
    }
}

static void read_link(struct link_reader *r, struct str url)
{
    struct link_url u;
    const char *problem = NULL;
    if (!link_url_parse(r->a, url, &u, &problem)) {
        link_error(r, "INVALID_LINK_IDENTIFIER",
                   "cannot read the feature URL \"%.*s\", since %s: write one such as https://example.com/name/v1.0",
                   STR_ARG(url), problem);
        return;
    }
    if (link_find(&r->sg->links, u.identity)) {
        link_error(r, USAGE, "%.*s is linked twice: keep one @link", STR_ARG(u.identity));
        return;
    }
    struct link_feature *f = arena_new_of(r->a, struct link_feature);
    struct str as = fed_applied_str(r->at, STR("as"));
    *f = (struct link_feature){u.identity, u.name, u.version, as.p ? as : u.name, r->at->loc, {0}};
    bool before = r->failed;
    r->failed = false;
    read_imports(r, f);
    if (!r->failed)
        check_alias(r, f);
    for (size_t i = 0; !r->failed && i < f->imports.n; i++)
        check_import_conflicts(r, f, &f->imports.v[i]);
    if (!r->failed)
        vec_push(r->a, &r->sg->links, f);
    r->failed |= before;
}

static bool is_string(const struct fed_input *arg)
{
    const struct gql_type_ref *t = arg->type;
    if (t->kind == GQL_REF_NON_NULL && str_eq(arg->e.name, STR("url")))
        t = t->of;
    return t->kind == GQL_REF_NAMED && str_eq(t->name, STR("String"));
}

/* Can the directive `name` link the link feature? A definition is added for @link alone, and another directive of that
 * name is none. */
static bool is_link(const struct fed_schema *s, struct str name)
{
    const struct fed_directive *d = fed_schema_directive(s, name);
    if (!d)
        return str_eq(name, STR("link"));
    const struct fed_input *url = fed_directive_def_arg(d, STR("url")), *as = fed_directive_def_arg(d, STR("as"));
    return d->repeatable && d->locations == 1u << GQL_ON_SCHEMA && url && is_string(url) && (!as || is_string(as));
}

static bool known_version(struct link_version v)
{
    return v.major == 1 && v.minor == 0;
}

/* Does `d` link the link feature, under its own name? */
static bool links_itself(const struct fed_schema *s, const struct fed_applied *d, struct link_version *version)
{
    struct link_url u;
    const char *problem;
    struct str url = fed_applied_str(d, STR("url")), as = fed_applied_str(d, STR("as"));
    if (!url.p || !link_url_parse(s->arena, url, &u, &problem) || !is_spec(u.identity, STR("link")))
        return false;
    *version = u.version;
    return str_eq(d->name, as.p ? as : STR("link")) && is_link(s, d->name);
}

/* The application of @link that links itself. */
static const struct fed_applied *find_itself(const struct fed_schema *s)
{
    struct link_version version;
    for (size_t i = 0; i < s->e.applied.n; i++)
        if (links_itself(s, &s->e.applied.v[i], &version))
            return &s->e.applied.v[i];
    return NULL;
}

const struct fed_directive *link_own_definition(const struct fed_schema *s)
{
    struct link_version version;
    for (size_t i = 0; i < s->e.applied.n; i++)
        if (links_itself(s, &s->e.applied.v[i], &version) && known_version(version))
            return fed_schema_directive(s, s->e.applied.v[i].name);
    return NULL;
}

/* A schema has features when it links the link feature itself or federation; otherwise its @link applications mean
 * nothing to composition. */
static bool has_features(const struct fed_schema *s, const struct fed_applied *itself)
{
    for (size_t i = 0; !itself && i < s->e.applied.n; i++) {
        struct str url = fed_applied_str(&s->e.applied.v[i], STR("url"));
        if (str_eq(s->e.applied.v[i].name, STR("link")) && str_starts(url, STR(LINK_SPEC_PREFIX "federation")))
            return true;
    }
    return itself;
}

static struct link_feature *add_link_itself(struct link_reader *r, struct str name)
{
    struct link_feature *f = arena_new_of(r->a, struct link_feature);
    *f = (struct link_feature){STR(LINK_SPEC_PREFIX "link"), STR("link"), {1, 0}, name, {0}, {0}};
    vec_push(r->a, &r->sg->links, f);
    return f;
}

/* The application that links the link feature itself. */
static void read_itself(struct link_reader *r, struct link_feature *f, struct link_version version)
{
    bool known = known_version(version);
    if (r->itself && (known || r->known)) {
        link_error(r, USAGE, LINK_SPEC_PREFIX "link is linked twice: keep one @link");
        return;
    }
    bool before = r->failed;
    r->itself = true;
    r->known = known;
    r->failed = false;
    read_imports(r, f);
    if (!r->failed && !known)
        link_error(r, "UNKNOWN_LINK_VERSION", "@link v%u.%u is not known: use " LINK_SPEC_PREFIX "link/v1.0",
                   version.major, version.minor);
    r->failed |= before;
}

/* @core came before @link, and Federation 2 does not read it. A schema that defines it means it. */
static void refuse_core(struct link_reader *r)
{
    const struct fed_elem *e = &r->sg->schema->e;
    for (size_t i = 0; i < e->applied.n; i++) {
        r->at = &e->applied.v[i];
        if (!str_starts(fed_applied_str(r->at, STR("feature")), STR(LINK_SPEC_PREFIX "core/")) ||
            !fed_schema_directive(r->sg->schema, r->at->name))
            continue;
        link_error(r, USAGE, "@%.*s was replaced by @link: write @link(url: …) where this schema has @%.*s(feature: …)",
                   STR_ARG(r->at->name), STR_ARG(r->at->name));
        return;
    }
}

void link_read(struct fed_subgraph *sg, struct messages *m)
{
    struct link_reader r = {.sg = sg, .m = m, .a = sg->schema->arena};
    struct fed_elem *e = &sg->schema->e;
    const struct fed_applied *by_itself = find_itself(sg->schema);
    struct str name = by_itself ? by_itself->name : STR("link");
    refuse_core(&r);
    sg->broken |= r.failed;
    if (!has_features(sg->schema, by_itself))
        return;
    struct link_feature *itself = add_link_itself(&r, name);
    for (size_t i = 0; i < e->applied.n; i++) {
        r.at = &e->applied.v[i];
        if (!str_eq(r.at->name, name))
            continue;
        struct str url = fed_applied_str(r.at, STR("url"));
        struct link_url u;
        const char *problem;
        if (!url.p) {
            link_error(&r, USAGE, "@link has no url: write one such as \"" LINK_SPEC_PREFIX "federation/v2.9\"");
            continue;
        }
        if (link_url_parse(r.a, url, &u, &problem) && is_spec(u.identity, STR("link")))
            read_itself(&r, itself, u.version);
        else
            read_link(&r, url);
    }
    sg->broken |= r.failed;
}

/* ---- names with a prefix beside imports ---- */

/* The import under another name of what `name` would mean by its prefix, or NULL. */
static const struct link_import *shadowing(const struct fed_subgraph *sg, bool directive, struct str name)
{
    struct str in_feature;
    for (size_t i = 0; i < sg->links.n; i++) {
        if (!default_name(sg->links.v[i], directive, name, &in_feature))
            continue;
        const struct link_import *import = find_import(sg->links.v[i], directive, in_feature);
        return import && !str_eq(without_at(import->as), name) ? import : NULL;
    }
    return NULL;
}

static void note_type(struct arena *a, struct map *used, const struct gql_type_ref *type)
{
    map_put(a, used, fed_ref_base(type)->name, used);
}

static void note_types_of(const struct fed_type *t, struct arena *a, struct map *used)
{
    for (size_t i = 0; i < t->interfaces.n; i++)
        map_put(a, used, t->interfaces.v[i], used);
    for (size_t i = 0; i < t->members.n; i++)
        map_put(a, used, t->members.v[i], used);
    for (size_t i = 0; i < t->inputs.n; i++)
        note_type(a, used, t->inputs.v[i]->type);
    for (size_t i = 0; i < t->fields.n; i++) {
        note_type(a, used, t->fields.v[i]->type);
        for (size_t j = 0; j < t->fields.v[i]->args.n; j++)
            note_type(a, used, t->fields.v[i]->args.v[j]->type);
    }
}

static struct map used_types(const struct fed_subgraph *sg)
{
    const struct fed_schema *s = sg->schema;
    struct map used = {0};
    for (int k = 0; k < 3; k++)
        if (s->root_name[k].p)
            map_put(s->arena, &used, s->root_name[k], &used);
    for (size_t i = 0; i < s->types.n; i++)
        if (!shadowing(sg, false, s->types.v[i]->e.name))
            note_types_of(s->types.v[i], s->arena, &used);
    for (size_t i = 0; i < s->directives.n; i++)
        for (size_t j = 0; j < s->directives.v[i]->args.n && !shadowing(sg, true, s->directives.v[i]->e.name); j++)
            note_type(s->arena, &used, s->directives.v[i]->args.v[j]->type);
    return used;
}

static void check_shadowed(struct fed_subgraph *sg, struct messages *m, const struct fed_elem *e,
                           const struct map *used)
{
    const struct link_import *import = shadowing(sg, e->elem_kind == FED_ELEM_DIRECTIVE, e->name);
    if (!import || !map_has(used, e->name))
        return;
    msg_error(
        m, (struct where){sg, e, {0}}, USAGE,
        "\"%.*s\" is imported as \"%.*s\", and \"%.*s\" is defined and used besides: use the imported name, and delete "
        "the definition",
        STR_ARG(import->name), STR_ARG(import->as), STR_ARG(fed_coordinate(m->arena, e)));
    sg->broken = true;
}

void link_check_shadowed(struct fed_subgraph *sg, struct messages *m)
{
    const struct fed_schema *s = sg->schema;
    struct map types = used_types(sg), directives = fed_schema_used(m->arena, s);
    for (size_t i = 0; i < s->types.n; i++)
        check_shadowed(sg, m, &s->types.v[i]->e, &types);
    for (size_t i = 0; i < s->directives.n; i++)
        check_shadowed(sg, m, &s->directives.v[i]->e, &directives);
}

/* What is added imports its elements by name, through the @link that the schema defines. */
static void check_can_import(struct fed_subgraph *sg, struct messages *m)
{
    const struct fed_directive *link = link_own_definition(sg->schema);
    if (!link)
        return;
    const struct fed_input *arg = fed_directive_def_arg(link, STR("import"));
    struct gql_value name = {.kind = GQL_STRING, .text = STR("@key")}, *names[] = {&name};
    struct gql_value list = {.kind = GQL_LIST, .items = names, .n = 1};
    if (arg && fed_value_fits(sg->schema, arg->type, &list))
        return;
    msg_error(m, (struct where){sg, &link->e, {0}}, "INVALID_GRAPHQL",
              "this schema of Federation 1 defines @%.*s without an argument \"import\" that takes names: delete the "
              "definition, it is added for you",
              STR_ARG(link->e.name));
    sg->broken = true;
}

void link_check_added(struct fed_subgraph *sg, struct messages *m, struct link_feature *f)
{
    struct fed_applied first = {0};
    if (sg->links.n)
        first.loc = sg->schema->e.applied.n ? sg->schema->e.applied.v[0].loc : sg->schema->e.loc;
    struct link_reader r = {.sg = sg, .m = m, .a = sg->schema->arena, .at = &first};
    struct link_features all = sg->links;
    sg->links.n = 0;
    for (size_t i = 0; i < all.n; i++)
        if (all.v[i] != f)
            sg->links.v[sg->links.n++] = all.v[i];
    check_alias(&r, f);
    for (size_t i = 0; !r.failed && i < f->imports.n; i++)
        check_import_conflicts(&r, f, &f->imports.v[i]);
    sg->links.v[sg->links.n++] = f;
    sg->broken |= r.failed;
    check_can_import(sg, m);
}
