#include "check/input.h"

#include "base/file.h"
#include "graphql/parser.h"

#define INPUT_MAX ((size_t)512 << 20)

static bool is_config(struct str path)
{
    return str_ends(path, STR(".yaml")) || str_ends(path, STR(".yml")) || str_ends(path, STR(".json"));
}

static void add_errors(struct arena *a, struct compose_result *r, const struct gql_errors *errors)
{
    r->errors = arena_array(a, struct compose_message, errors->n);
    r->n_errors = errors->n;
    for (size_t i = 0; i < errors->n; i++) {
        const struct gql_error *e = &errors->v[i];
        struct gql_loc at = e->n_locs ? e->locs[0] : (struct gql_loc){0};
        r->errors[i] =
            (struct compose_message){.code = e->code, .message = e->message, .line = at.line, .column = at.column};
    }
}

/* ---- SDL ---- */

/* A supergraph says so: it links the join feature. */
static bool is_supergraph(const struct gql_document *doc)
{
    for (uint32_t i = 0; i < doc->n; i++) {
        const struct gql_definition *def = doc->definitions[i];
        for (uint32_t k = 0; def->kind == GQL_SCHEMA_DEF && k < def->directives.n; k++) {
            const struct gql_directive *d = &def->directives.v[k];
            const struct gql_value *url = gql_directive_arg(d, STR("url"));
            url = url ? url : gql_directive_arg(d, STR("feature"));
            if (url && url->kind == GQL_STRING && str_find(url->text, STR("specs.apollo.dev/join/")) >= 0)
                return true;
        }
    }
    return false;
}

/* Routers take @defer whether the schema says so or not: an operation may have it, and it is never a change. */
static void build_in_defer(const struct supergraph *s)
{
    struct gql_directive_type *defer = gql_schema_directive(s->api, STR("defer"));
    if (!gql_schema_directive(s->full, STR("defer")))
        defer->builtin = true;
}

static void load_supergraph(struct arena *a, struct str sdl, struct check_input *out)
{
    struct gql_errors errors = {0};
    out->loaded = supergraph_load_with(sdl, &(struct supergraph_options){.defer = true}, a, &errors);
    out->schema = out->loaded ? out->loaded->api : NULL;
    if (out->loaded)
        build_in_defer(out->loaded);
    out->result.supergraph = out->loaded ? sdl : STR_NONE;
    if (!out->loaded)
        add_errors(a, &out->result, &errors);
}

static int read_sdl(struct arena *a, struct check_input *out, struct err *err)
{
    struct gql_errors errors = {0};
    struct str sdl = file_read(a, out->path, INPUT_MAX, err);
    if (!sdl.p)
        return -1;
    struct gql_document *doc = gql_parse(a, sdl, &(struct gql_parse_options){0}, &errors);
    out->has_places = true;
    if (doc && is_supergraph(doc)) {
        load_supergraph(a, sdl, out);
        return 0;
    }
    out->schema = doc ? gql_schema_build(a, doc, &(struct gql_schema_options){0}, &errors) : NULL;
    if (!out->schema)
        add_errors(a, &out->result, &errors);
    return 0;
}

/* ---- subgraphs ---- */

static int replace(struct arena *a, struct compose_config *c, const struct check_replacement *r, struct err *err)
{
    struct str sdl = file_read(a, r->file, COMPOSE_SCHEMA_MAX, err);
    uint32_t i = 0;
    if (!sdl.p)
        return err_prefix(err, "subgraph \"%.*s\"", STR_ARG(r->name));
    while (i < c->n_subgraphs && !str_eq(c->subgraphs[i].name, r->name))
        i++;
    if (i == c->n_subgraphs) {
        struct compose_subgraph *more = arena_array(a, struct compose_subgraph, i + 1);
        struct str *files = arena_array(a, struct str, i + 1);
        memcpy(more, c->subgraphs, i * sizeof *more);
        memcpy(files, c->files, i * sizeof *files);
        more[i] = (struct compose_subgraph){.name = r->name, .url = STR("")};
        c->subgraphs = more;
        c->files = files;
        c->n_subgraphs++;
    }
    c->subgraphs[i].sdl = sdl;
    c->files[i] = str_c(r->file);
    return 0;
}

static int read_config(struct arena *a, compose_ask *ask, const struct check_replacement *replaced, size_t n,
                       struct check_input *out, struct err *err)
{
    out->composed = true;
    if (compose_config_read(a, out->path, ask, &out->config, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (replace(a, &out->config, &replaced[i], err) < 0)
            return -1;
    out->result = compose(a, out->config.subgraphs, out->config.n_subgraphs);
    if (out->result.supergraph.p)
        load_supergraph(a, out->result.supergraph, out);
    return 0;
}

int check_input_read(struct arena *a, const char *path, compose_ask *ask, const struct check_replacement *replaced,
                     size_t n, struct check_input *out, struct err *err)
{
    *out = (struct check_input){.path = path};
    if (is_config(str_c(path)))
        return read_config(a, ask, replaced, n, out, err);
    if (n)
        return err_set(err, "CHECK_INPUT",
                       "%s: --subgraph needs a configuration of subgraphs (a .yaml file), since the rest must be "
                       "composed with it",
                       path);
    return read_sdl(a, out, err);
}

void check_input_free(struct check_input *in)
{
    supergraph_unref(&in->loaded);
}
