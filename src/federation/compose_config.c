#include "federation/compose_config.h"

#include "base/file.h"
#include "json/settings.h"

static const struct str KEYS[] = {
    STR_INIT("federation_version"),      STR_INIT("subgraphs.*.routing_url"),
    STR_INIT("subgraphs.*.schema.file"), STR_INIT("subgraphs.*.schema.subgraph_url"),
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

static int read_subgraph(struct arena *a, const char *path, const struct json_member *m, struct compose_subgraph *out,
                         struct str *file, struct err *err)
{
    struct str name = STR_NONE;
    out->name = m->name;
    out->url = STR("");
    if (settings_string(m->value, "routing_url", &out->url, err) < 0 ||
        settings_string(m->value, "schema.file", &name, err) < 0)
        return -1;
    if (!name.p)
        return err_set(err, "SETTINGS_INVALID", "%.*s: subgraph \"%.*s\" needs schema: {file: PATH}",
                       STR_ARG(settings_place(a, m->value)), STR_ARG(m->name));
    *file = beside(a, path, name);
    out->sdl = file_read(a, file->p, COMPOSE_SCHEMA_MAX, err);
    return out->sdl.p ? 0 : err_prefix(err, "subgraph \"%.*s\"", STR_ARG(m->name));
}

static int read_subgraphs(struct arena *a, const char *path, const struct json *root, struct compose_config *out,
                          struct err *err)
{
    struct json *list = settings_get(root, "subgraphs");
    if (!list || list->kind != JSON_OBJECT || list->n == 0)
        return err_set(err, "SETTINGS_INVALID",
                       "%s: `subgraphs` must be a mapping of names to {routing_url, schema: {file}}", path);
    out->n_subgraphs = list->n;
    out->subgraphs = arena_array(a, struct compose_subgraph, list->n);
    out->files = arena_array(a, struct str, list->n);
    for (uint32_t i = 0; i < list->n; i++)
        if (read_subgraph(a, path, &list->members[i], &out->subgraphs[i], &out->files[i], err) < 0)
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

int compose_config_read(struct arena *a, const char *path, struct compose_config *out, struct err *err)
{
    struct json *root = settings_read_file(a, path, err);
    *out = (struct compose_config){0};
    if (!root || settings_check(root, KEYS, sizeof KEYS / sizeof *KEYS, err) < 0)
        return -1;
    return read_subgraphs(a, path, root, out, err) < 0 ? -1 : read_contracts(a, path, root, out, err);
}
