#include "federation/compose_config.h"

#include "base/file.h"
#include "json/settings.h"

static const struct str KEYS[] = {
    STR_INIT("federation_version"),      STR_INIT("subgraphs.*.routing_url"),
    STR_INIT("subgraphs.*.schema.file"), STR_INIT("subgraphs.*.schema.subgraph_url"),
    STR_INIT("subgraphs.*.schema.sdl"),  STR_INIT("subgraphs.*.schema.introspection_headers.*"),
    STR_INIT("contracts[].name"),        STR_INIT("contracts[].include"),
    STR_INIT("contracts[].exclude"),     STR_INIT("contracts[].keep_unreachable"),
    STR_INIT("contracts[].output"),      STR_INIT("contracts[].api_schema"),
};

static struct str beside(struct arena *a, const char *config, struct str file)
{
    const char *slash = strrchr(config, '/');
    if (!slash || file.p[0] == '/')
        return arena_str(a, file);
    return arena_printf(a, "%.*s/%.*s", (int)(slash - config), config, STR_ARG(file));
}

/* What one entry of `subgraphs` may hold. */
struct entry {
    struct str name, routing_url, file, sdl, ask_url;
    const struct json *headers;
};

static int read_headers(struct arena *a, const struct json *value, struct entry *e, struct err *err)
{
    e->headers = settings_get(value, "schema.introspection_headers");
    for (uint32_t i = 0; e->headers && e->headers->kind == JSON_OBJECT && i < e->headers->n; i++)
        if (e->headers->members[i].value->kind != JSON_STRING)
            return err_set(err, "SETTINGS_INVALID", "%.*s: the header %.*s must be a text",
                           STR_ARG(settings_place(a, e->headers->members[i].value)),
                           STR_ARG(e->headers->members[i].name));
    if (!e->headers || (e->headers->kind == JSON_OBJECT && e->ask_url.p))
        return 0;
    return err_set(err, "SETTINGS_INVALID",
                   "%.*s: introspection_headers are a mapping of names to texts, and go with subgraph_url",
                   STR_ARG(settings_place(a, e->headers)));
}

static int read_entry(struct arena *a, const struct json_member *m, struct entry *e, struct err *err)
{
    *e = (struct entry){.name = m->name};
    if (settings_string(m->value, "routing_url", &e->routing_url, err) < 0 ||
        settings_string(m->value, "schema.file", &e->file, err) < 0 ||
        settings_string(m->value, "schema.sdl", &e->sdl, err) < 0 ||
        settings_string(m->value, "schema.subgraph_url", &e->ask_url, err) < 0 || read_headers(a, m->value, e, err) < 0)
        return -1;
    if ((e->file.p != NULL) + (e->sdl.p != NULL) + (e->ask_url.p != NULL) != 1)
        return err_set(
            err, "SETTINGS_INVALID",
            "%.*s: subgraph \"%.*s\" needs schema: {file: PATH}, {subgraph_url: URL} or {sdl: TEXT}, one of them",
            STR_ARG(settings_place(a, m->value)), STR_ARG(m->name));
    return 0;
}

static int read_subgraph(struct arena *a, const char *path, const struct json_member *m, compose_ask *ask,
                         struct compose_subgraph *out, struct str *file, struct err *err)
{
    struct entry e;
    if (read_entry(a, m, &e, err) < 0)
        return -1;
    *out = (struct compose_subgraph){.name = m->name, .url = e.routing_url.p ? e.routing_url : STR(""), .sdl = e.sdl};
    *file = STR_NONE;
    if (e.file.p) {
        *file = beside(a, path, e.file);
        out->sdl = file_read(a, file->p, COMPOSE_SCHEMA_MAX, err);
    } else if (e.ask_url.p) {
        out->url = e.routing_url.p ? e.routing_url : e.ask_url;
        out->sdl = ask(a, e.ask_url, e.headers, err);
    }
    return out->sdl.p ? 0 : err_prefix(err, "subgraph \"%.*s\"", STR_ARG(m->name));
}

static int read_subgraphs(struct arena *a, const char *path, const struct json *root, compose_ask *ask,
                          struct compose_config *out, struct err *err)
{
    struct json *list = settings_get(root, "subgraphs");
    if (!list || list->kind != JSON_OBJECT || list->n == 0)
        return err_set(err, "SETTINGS_INVALID", "%s: `subgraphs` must be a mapping of names to {routing_url, schema}",
                       path);
    out->n_subgraphs = list->n;
    out->subgraphs = arena_array(a, struct compose_subgraph, list->n);
    out->files = arena_array(a, struct str, list->n);
    for (uint32_t i = 0; i < list->n; i++)
        if (read_subgraph(a, path, &list->members[i], ask, &out->subgraphs[i], &out->files[i], err) < 0)
            return -1;
    return 0;
}

static int read_tags(struct arena *a, const struct json *contract, const char *key, const struct str **out, uint32_t *n,
                     struct err *err)
{
    struct json *list = settings_get(contract, key);
    if (!list)
        return 0;
    struct str *tags = arena_array(a, struct str, list->kind == JSON_ARRAY ? list->n : 0);
    for (uint32_t i = 0; list->kind == JSON_ARRAY && i < list->n; i++)
        if (list->items[i]->kind == JSON_STRING)
            tags[(*n)++] = list->items[i]->text;
    if (list->kind != JSON_ARRAY || *n != list->n)
        return err_set(err, "SETTINGS_INVALID", "%.*s: `%s` must be a list of tags, such as [internal, beta]",
                       STR_ARG(settings_place(a, list)), key);
    *out = tags;
    return 0;
}

static int read_contract(struct arena *a, const char *path, const struct json *v, struct contract_config *out,
                         struct err *err)
{
    struct contract *c = &out->contract;
    struct str output = STR_NONE, api = STR_NONE;
    if (settings_string(v, "name", &c->name, err) < 0 || settings_string(v, "output", &output, err) < 0 ||
        settings_string(v, "api_schema", &api, err) < 0 ||
        settings_bool(v, "keep_unreachable", &c->keep_unreachable, err) < 0 ||
        read_tags(a, v, "include", &c->include, &c->n_include, err) < 0 ||
        read_tags(a, v, "exclude", &c->exclude, &c->n_exclude, err) < 0)
        return -1;
    if (!c->name.len || !output.len)
        return err_set(err, "SETTINGS_INVALID",
                       "%.*s: a contract needs `name` and `output`, the file for its supergraph",
                       STR_ARG(settings_place(a, v)));
    out->output = beside(a, path, output);
    if (api.len)
        out->api_schema = beside(a, path, api);
    return 0;
}

static int read_contracts(struct arena *a, const char *path, const struct json *root, struct compose_config *out,
                          struct err *err)
{
    struct json *list = settings_get(root, "contracts");
    if (!list)
        return 0;
    if (list->kind != JSON_ARRAY)
        return err_set(err, "SETTINGS_INVALID", "%.*s: `contracts` must be a list of {name, include, exclude, output}",
                       STR_ARG(settings_place(a, list)));
    out->contracts = arena_array(a, struct contract_config, list->n);
    for (uint32_t i = 0; i < list->n; i++) {
        struct str name;
        if (list->items[i]->kind != JSON_OBJECT)
            return err_set(err, "SETTINGS_INVALID", "%.*s: a contract is a mapping {name, include, exclude, output}",
                           STR_ARG(settings_place(a, list->items[i])));
        if (read_contract(a, path, list->items[i], &out->contracts[i], err) < 0)
            return -1;
        name = out->contracts[i].contract.name;
        for (uint32_t k = 0; k < i; k++)
            if (str_eq(out->contracts[k].contract.name, name))
                return err_set(err, "SETTINGS_INVALID", "%.*s: two contracts are called \"%.*s\": rename one",
                               STR_ARG(settings_place(a, list->items[i])), STR_ARG(name));
    }
    out->n_contracts = list->n;
    return 0;
}

int compose_config_read(struct arena *a, const char *path, compose_ask *ask, struct compose_config *out,
                        struct err *err)
{
    struct json *root = settings_read_file(a, path, err);
    *out = (struct compose_config){0};
    if (!root || settings_check(root, KEYS, sizeof KEYS / sizeof *KEYS, err) < 0)
        return -1;
    return read_subgraphs(a, path, root, ask, out, err) < 0 ? -1 : read_contracts(a, path, root, out, err);
}
