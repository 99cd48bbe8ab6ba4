#include "federation/contract_private.h"

#include "federation/compose_merge.h"
#include "federation/supergraph.h"
#include "graphql/printer.h"

#define CONTRACT_SDL_MAX ((size_t)512 << 20)

/* ---- reading ---- */

static void report(struct messages *m, const char *before, const struct gql_errors *errors)
{
    for (size_t i = 0; i < errors->n; i++) {
        const struct gql_error *e = &errors->v[i];
        struct gql_loc loc = e->n_locs ? e->locs[0] : (struct gql_loc){0};
        msg_error(m, (struct where){.loc = loc}, "INVALID_FEDERATION_SUPERGRAPH", "%s%.*s", before,
                  STR_ARG(e->message));
    }
}

static bool load(struct arena *a, struct str sdl, struct supergraph **out, struct messages *m, const char *before)
{
    struct gql_errors errors = {0};
    *out = supergraph_load(sdl, a, &errors);
    if (!*out)
        report(m, before, &errors);
    return *out != NULL;
}

static struct str directive_of(struct contract_work *w, const char *spec)
{
    struct link_feature *f = link_find_spec(&w->links, str_c(spec));
    return f ? link_directive_name(w->a, f, str_c(spec)) : STR_NONE;
}

/* False with an error. */
static bool read_names(struct contract_work *w, struct messages *m)
{
    struct fed_subgraph sg = {.schema = w->schema};
    link_read(&sg, m);
    w->links = sg.links;
    if (m->errors.n == 0 && !link_find_spec(&w->links, STR("link")))
        msg_error(m, (struct where){0}, "INVALID_FEDERATION_SUPERGRAPH",
                  "contracts need a supergraph that uses @link: compose it with Federation 2");
    w->tag = directive_of(w, "tag");
    w->inaccessible = directive_of(w, "inaccessible");
    if (!w->inaccessible.p) {
        w->inaccessible = STR("inaccessible");
        if (fed_schema_directive(w->schema, w->inaccessible))
            msg_error(m, (struct where){0}, "INVALID_FEDERATION_SUPERGRAPH",
                      "the supergraph has a directive @inaccessible of its own, which contracts need: rename it");
    }
    return m->errors.n == 0;
}

/* ---- the document with its marks ---- */

static bool is_hidden(const struct contract_work *w, struct str coordinate)
{
    return map_has(&w->why, coordinate);
}

static void mark(struct contract_work *w, struct gql_directive_list *list, struct str coordinate)
{
    if (!is_hidden(w, coordinate))
        return;
    struct gql_directive *v = arena_array(w->a, struct gql_directive, list->n + 1);
    if (list->n)
        memcpy(v, list->v, list->n * sizeof *v);
    v[list->n] = (struct gql_directive){.name = {.s = w->inaccessible}};
    *list = (struct gql_directive_list){v, list->n + 1};
}

#define COPY_OF(w, items, n) ((n) ? arena_memdup((w)->a, (items), (n) * sizeof *(items)) : NULL)

static void mark_field(struct contract_work *w, struct str type, struct gql_field_definition *f)
{
    struct str at = arena_printf(w->a, "%.*s.%.*s", STR_ARG(type), STR_ARG(f->name.s));
    mark(w, &f->directives, at);
    f->args = COPY_OF(w, f->args, f->n_args);
    for (uint32_t i = 0; i < f->n_args; i++)
        mark(w, &f->args[i].directives, arena_printf(w->a, "%.*s(%.*s:)", STR_ARG(at), STR_ARG(f->args[i].name.s)));
}

static struct gql_definition *marked(struct contract_work *w, const struct gql_definition *source)
{
    struct gql_definition *def = arena_memdup(w->a, source, sizeof *source);
    struct str name = def->name.s;
    bool directive = def->kind == GQL_DIRECTIVE_DEF;
    if (!directive && !def->extend)
        mark(w, &def->directives, name);
    def->fields = COPY_OF(w, def->fields, def->n_fields);
    for (uint32_t i = 0; i < def->n_fields; i++)
        mark_field(w, name, &def->fields[i]);
    def->values = COPY_OF(w, def->values, def->n_values);
    for (uint32_t i = 0; i < def->n_values; i++)
        mark(w, &def->values[i].directives,
             arena_printf(w->a, "%.*s.%.*s", STR_ARG(name), STR_ARG(def->values[i].name.s)));
    def->inputs = COPY_OF(w, def->inputs, def->n_inputs);
    for (uint32_t i = 0; i < def->n_inputs; i++)
        mark(w, &def->inputs[i].directives,
             arena_printf(w->a, directive ? "@%.*s(%.*s:)" : "%.*s.%.*s", STR_ARG(name),
                          STR_ARG(def->inputs[i].name.s)));
    return def;
}

#define INACCESSIBLE_SDL                                                                                              \
    "schema @link(url: \"https://specs.apollo.dev/inaccessible/v0.2\", for: SECURITY) { query: Query } "              \
    "directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM " \
    "| ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION"

/* Links the feature when the supergraph does not yet: gives the directive's definition, or NULL. */
static struct gql_definition *link_inaccessible(struct contract_work *w, struct gql_definition **defs, uint32_t n)
{
    if (w->why.n == 0 || link_find_spec(&w->links, STR("inaccessible")))
        return NULL;
    struct gql_errors none = {0};
    struct gql_document *doc = gql_parse(w->a, STR(INACCESSIBLE_SDL), &(struct gql_parse_options){0}, &none);
    struct gql_directive link = doc->definitions[0]->directives.v[0];
    link.name.s = link_directive_name(w->a, link_find_spec(&w->links, STR("link")), STR("link"));
    for (uint32_t i = 0; i < n; i++) {
        struct gql_directive_list *list = &defs[i]->directives;
        if (defs[i]->kind != GQL_SCHEMA_DEF || defs[i]->extend)
            continue;
        struct gql_directive *v = arena_array(w->a, struct gql_directive, list->n + 1);
        memcpy(v, list->v, list->n * sizeof *v);
        v[list->n] = link;
        *list = (struct gql_directive_list){v, list->n + 1};
    }
    return doc->definitions[1];
}

static struct str print(struct contract_work *w, const struct gql_document *source)
{
    struct gql_document doc = *source;
    doc.definitions = arena_array(w->a, struct gql_definition *, source->n + 1);
    for (uint32_t i = 0; i < source->n; i++)
        doc.definitions[i] = marked(w, source->definitions[i]);
    struct gql_definition *added = link_inaccessible(w, doc.definitions, source->n);
    if (added)
        doc.definitions[doc.n++] = added;
    struct buf out;
    buf_init(&out, CONTRACT_SDL_MAX);
    gql_print_document(&out, &doc, GQL_PRINT_PRETTY);
    buf_add_char(&out, '\n');
    struct str sdl = arena_str(w->a, buf_str(&out));
    buf_free(&out);
    return sdl;
}

/* ---- the whole ---- */

static void hint_unknown_tags(struct messages *m, const char *list, const struct str *tags, const bool *seen,
                              uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!seen[i])
            msg_hint(
                m, COMPOSE_WARN, (struct where){0}, "CONTRACT_TAG_UNKNOWN",
                "the contract %ss \"%.*s\", but nothing in the supergraph has @tag(name: \"%.*s\"): check the name",
                list, STR_ARG(tags[i]), STR_ARG(tags[i]));
}

/* The API schema must pass the language's own rules, whoever wrote the supergraph. */
static void check_api(struct arena *a, struct str sdl, struct messages *m)
{
    struct supergraph *s;
    struct gql_errors errors = {0};
    struct buf out;
    if (!load(a, sdl, &s, m, "the contract is no supergraph: "))
        return;
    buf_init(&out, CONTRACT_SDL_MAX);
    supergraph_print_api(&out, s);
    supergraph_unref(&s);
    struct str api = arena_str(a, buf_str(&out));
    buf_free(&out);
    struct gql_document *doc = gql_parse(a, api, &(struct gql_parse_options){0}, &errors);
    if (doc)
        gql_schema_build(a, doc, &(struct gql_schema_options){.allow_deprecated_alone = true}, &errors);
    report(m, "what the contract leaves is not a valid schema: ", &errors);
}

static struct str make(struct contract_work *w, struct str sdl, struct messages *m)
{
    struct supergraph *source;
    struct gql_errors none = {0};
    if (!load(w->a, sdl, &source, m, ""))
        return STR_NONE;
    supergraph_unref(&source);
    struct gql_document *doc = gql_parse(w->a, sdl, &(struct gql_parse_options){0}, &none);
    fed_schema_add_document(w->schema, doc);
    if (!read_names(w, m))
        return STR_NONE;
    contract_hide(w);
    hint_unknown_tags(m, "include", w->c->include, w->include_seen, w->c->n_include);
    hint_unknown_tags(m, "exclude", w->c->exclude, w->exclude_seen, w->c->n_exclude);
    struct merge mg = {.a = w->a, .m = m, .out = w->schema, .inaccessible = w->inaccessible, .hidden_why = &w->why};
    merge_check_inaccessible(&mg);
    if (m->errors.n)
        return STR_NONE;
    struct str out = print(w, doc);
    check_api(w->a, out, m);
    return m->errors.n ? STR_NONE : out;
}

/* Says which contract it is about. */
static void name_messages(struct arena *a, struct str contract, struct message_vec *v)
{
    for (size_t i = 0; contract.len && i < v->n; i++)
        v->v[i].message = arena_printf(a, "contract \"%.*s\": %.*s", STR_ARG(contract), STR_ARG(v->v[i].message));
}

struct compose_result contract_make(struct arena *a, struct str supergraph, const struct contract *c)
{
    struct messages m = {.arena = a};
    struct contract_work w = {.a = a,
                              .c = c,
                              .schema = fed_schema_new(a),
                              .include_seen = arena_array(a, bool, c->n_include),
                              .exclude_seen = arena_array(a, bool, c->n_exclude)};
    struct str sdl = make(&w, supergraph, &m);
    name_messages(a, c->name, &m.errors);
    name_messages(a, c->name, &m.hints);
    return (struct compose_result){
        .supergraph = sdl, .errors = m.errors.v, .n_errors = m.errors.n, .hints = m.hints.v, .n_hints = m.hints.n};
}
