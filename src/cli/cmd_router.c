/* paintbox router: the router as a process, configured by paintbox.yaml and the command line. */
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/place.h"

#include "base/embed.h"
#include "base/timestamp.h"
#include "json/settings.h"
#include "router/router.h"
#include "router/warm.h"

EMBEDDED_FILES(defaults); /* paintbox.yaml */
EMBEDDED_FILES(web);      /* graphiql.html, when it was built */

static const struct str KEYS[] = {
    STR_INIT("router.supergraph.listen"), STR_INIT("router.supergraph.path"), STR_INIT("router.supergraph.introspection"),
    STR_INIT("router.workers"), STR_INIT("router.homepage.enabled"), STR_INIT("router.limits.http_max_request_bytes"),
    STR_INIT("router.traffic_shaping.router.timeout"), STR_INIT("router.traffic_shaping.all.timeout"),
    STR_INIT("router.query_planning.cache_size"), STR_INIT("router.authentication.router.jwt.jwks[].url"),
    STR_INIT("router.authentication.router.jwt.jwks[].issuer"), STR_INIT("router.authentication.router.jwt.jwks[].audience"),
    STR_INIT("router.cors.allow_any_origin"), STR_INIT("router.cors.origins[]"), STR_INIT("router.cors.allow_credentials"),
    STR_INIT("router.cors.allow_headers[]"), STR_INIT("router.cors.max_age"), STR_INIT("router.override_subgraph_url.*"),
    STR_INIT("router.service_token"), STR_INIT("router.supergraph.hot_reload"), STR_INIT("router.sharing.subgraph"),
    STR_INIT("router.sharing.inbound"), STR_INIT("router.override_labels.*"), STR_INIT("router.override_labels_header"),
    STR_INIT("router.query_planning.warmed_up_queries"), STR_INIT("router.query_planning.warm_up_timeout"),
};

static struct json *read_settings(struct arena *a, const char *path, struct err *err)
{
    struct json *defaults = settings_parse(a, "paintbox.yaml (built in)", defaults_files[0].data, err);
    struct json *own = defaults && path ? settings_read_file(a, path, err) : NULL;

    if (!path || !defaults)
        return defaults;
    if (!own || settings_check(own, KEYS, sizeof KEYS / sizeof KEYS[0], err) < 0)
        return NULL;
    return settings_merge(a, defaults, own);
}

static int take_jwks(struct arena *a, const struct json *s, struct router_options *o, struct err *err)
{
    const struct json *list = settings_get(s, "router.authentication.router.jwt.jwks");
    if (!list || list->n == 0)
        return 0;
    if (list->kind != JSON_ARRAY || list->n > 1)
        return err_set(err, "SETTINGS_INVALID",
                       "%.*s: router.authentication.router.jwt.jwks has to be a list of one key set",
                       STR_ARG(settings_place(a, list)));
    const struct json *item = list->items[0];
    if (settings_string(item, "url", &o->jwks, err) < 0 || settings_string(item, "issuer", &o->issuer, err) < 0 ||
        settings_string(item, "audience", &o->audience, err) < 0)
        return -1;
    return 0;
}

static int take_texts(struct arena *a, const struct json *s, const char *key, struct str **out, unsigned *n,
                      struct err *err)
{
    const struct json *list = settings_get(s, key);
    if (!list)
        return 0;
    if (list->kind != JSON_ARRAY)
        return err_set(err, "SETTINGS_INVALID", "%.*s: %s has to be a list", STR_ARG(settings_place(a, list)), key);
    *out = arena_array(a, struct str, list->n);
    for (uint32_t i = 0; i < list->n; i++)
        (*out)[(*n)++] = list->items[i]->text;
    return 0;
}

static int take_cors(struct arena *a, const struct json *s, struct router_cors *cors, struct err *err)
{
    struct str *headers = NULL;
    unsigned n_headers = 0;
    int64_t max_age_us = 0;

    if (settings_bool(s, "router.cors.allow_any_origin", &cors->any_origin, err) < 0 ||
        settings_bool(s, "router.cors.allow_credentials", &cors->credentials, err) < 0 ||
        settings_duration(s, "router.cors.max_age", 0, 86400 * US_PER_SEC, &max_age_us, err) < 0 ||
        take_texts(a, s, "router.cors.origins", &cors->origins, &cors->n_origins, err) < 0 ||
        take_texts(a, s, "router.cors.allow_headers", &headers, &n_headers, err) < 0)
        return -1;
    cors->max_age_s = max_age_us / US_PER_SEC;
    for (unsigned i = 0; i < n_headers; i++)
        cors->allow_headers =
            arena_printf(a, "%.*s%s%.*s", STR_ARG(cors->allow_headers), i ? ", " : "", STR_ARG(headers[i]));
    return 0;
}

static int take_urls(struct arena *a, const struct json *s, struct map *urls, struct err *err)
{
    const struct json *map = settings_get(s, "router.override_subgraph_url");
    for (uint32_t i = 0; map && map->kind == JSON_OBJECT && i < map->n; i++) {
        const struct json *url = map->members[i].value;
        if (url->kind != JSON_STRING)
            return err_set(err, "SETTINGS_INVALID", "%.*s: the URL of a subgraph has to be text",
                           STR_ARG(settings_place(a, url)));
        map_put(a, urls, map->members[i].name, arena_memdup(a, &url->text, sizeof url->text));
    }
    return 0;
}

/* on, off, or the share of requests: 12.5% */
static bool percent_of(const struct json *v, double *out)
{
    struct str text = v->kind == JSON_STRING ? v->text : v->raw;
    char digits[32], *end;

    if (str_eq(text, STR("on")) || str_eq(text, STR("off"))) {
        *out = str_eq(text, STR("on")) ? 100 : 0;
        return true;
    }
    if (v->kind != JSON_STRING || text.len < 2 || text.len > sizeof digits || text.p[text.len - 1] != '%')
        return false;
    memcpy(digits, text.p, text.len - 1);
    digits[text.len - 1] = '\0';
    *out = strtod(digits, &end);
    return digits[0] >= '0' && digits[0] <= '9' && *end == '\0' && *out <= 100;
}

static int take_labels(struct arena *a, const struct json *s, struct router_options *o, struct err *err)
{
    const struct json *map = settings_get(s, "router.override_labels");
    if (settings_string(s, "router.override_labels_header", &o->labels_header, err) < 0)
        return -1;
    if (!map || map->kind != JSON_OBJECT)
        return 0;
    o->labels = arena_array(a, struct router_label, map->n);
    for (uint32_t i = 0; i < map->n; i++) {
        struct router_label *label = &o->labels[o->n_labels++];
        label->label = map->members[i].name;
        if (!percent_of(map->members[i].value, &label->percent))
            return err_set(err, "SETTINGS_INVALID", "%.*s: router.override_labels: \"%.*s\" has to be on, off, or a share of requests like 12.5%%",
                           STR_ARG(settings_place(a, map->members[i].value)), STR_ARG(label->label));
    }
    return 0;
}

static int take_numbers(const struct json *s, struct router_options *o, struct err *err)
{
    int64_t workers = 0, body = 0, cache = 0, warmed = 0;
    if (settings_int(s, "router.workers", 0, ROUTER_WORKERS_MAX, &workers, err) < 0 ||
        settings_int(s, "router.query_planning.cache_size", 1, 1000000, &cache, err) < 0 ||
        settings_int(s, "router.query_planning.warmed_up_queries", 0, WARM_OPERATIONS_MAX, &warmed, err) < 0 ||
        settings_duration(s, "router.query_planning.warm_up_timeout", US_PER_MS, 600 * US_PER_SEC, &o->warm_timeout_us,
                          err) < 0 ||
        settings_bytes(s, "router.limits.http_max_request_bytes", 1024, 1 << 30, &body, err) < 0 ||
        settings_duration(s, "router.traffic_shaping.router.timeout", US_PER_MS, 3600 * US_PER_SEC,
                          &o->request_timeout_us, err) < 0 ||
        settings_duration(s, "router.traffic_shaping.all.timeout", US_PER_MS, 3600 * US_PER_SEC,
                          &o->subgraph_timeout_us, err) < 0)
        return -1;
    o->workers = (unsigned)workers;
    o->body_max = (size_t)body;
    o->operations_max = (uint32_t)cache;
    o->warm_operations = (uint32_t)warmed;
    return 0;
}

static int take_settings(struct arena *a, const struct json *s, struct router_options *o, struct err *err)
{
    bool homepage = true;
    if (settings_string(s, "router.supergraph.listen", &o->listen, err) < 0 ||
        settings_string(s, "router.supergraph.path", &o->path, err) < 0 ||
        settings_bool(s, "router.supergraph.introspection", &o->introspection, err) < 0 ||
        settings_bool(s, "router.supergraph.hot_reload", &o->hot_reload, err) < 0 ||
        settings_bool(s, "router.sharing.subgraph", &o->share_subgraph, err) < 0 ||
        settings_bool(s, "router.sharing.inbound", &o->share_inbound, err) < 0 ||
        settings_bool(s, "router.homepage.enabled", &homepage, err) < 0 ||
        settings_string(s, "router.service_token", &o->service_token, err) < 0 || take_numbers(s, o, err) < 0 ||
        take_jwks(a, s, o, err) < 0 || take_cors(a, s, &o->cors, err) < 0 ||
        take_urls(a, s, &o->override_urls, err) < 0 || take_labels(a, s, o, err) < 0)
        return -1;
    if (homepage && web_files_count > 0)
        o->page = web_files[0].data;
    return 0;
}

int cmd_router(int argc, char **argv)
{
    const char *supergraph = NULL, *listen = NULL, *config = NULL, *jwks = NULL, *token_file = NULL;
    long workers = -1;
    const struct option_def DEFS[] = {
        {"supergraph", OPTION_TEXT, &supergraph, "FILE", "the supergraph SDL", 0, 0},
        {"listen", OPTION_TEXT, &listen, "HOST:PORT", "where to listen (127.0.0.1:4000)", 0, 0},
        {"config", OPTION_TEXT, &config, "FILE", "settings, see paintbox.yaml", 0, 0},
        {"jwks", OPTION_TEXT, &jwks, "FILE|URL", "keys that tokens are checked with", 0, 0},
        {"service-token-file", OPTION_TEXT, &token_file, "FILE", "what is shown to subgraphs", 0, 0},
        {"workers", OPTION_INT, &workers, "N", "threads; 0: one for each core", 0, ROUTER_WORKERS_MAX},
        {0},
    };
    struct arena *a = arena_new(0);
    struct router_options options = {0};
    struct err err = {0};

    int rc = options_parse(argc, argv, "paintbox router --supergraph FILE [options]", DEFS, NULL);
    if (rc < 0 && !supergraph) {
        fprintf(stderr, "paintbox router: --supergraph FILE is missing: `paintbox compose` makes one\n");
        rc = 2;
    }
    if (rc < 0) {
        struct json *settings = read_settings(a, config, &err);
        if (!settings || take_settings(a, settings, &options, &err) < 0)
            rc = 1;
    }
    if (rc < 0 && token_file) {
        options.service_token = str_trim(file_read(a, token_file, 0, &err));
        rc = options.service_token.p ? -1 : 1;
    }
    if (rc == 1)
        fprintf(stderr, "paintbox router: %s\n", err.msg);
    if (rc < 0) {
        options.supergraph = str_c(supergraph);
        options.listen = listen ? str_c(listen) : options.listen;
        options.jwks = jwks ? str_c(jwks) : options.jwks;
        options.workers = workers >= 0 ? (unsigned)workers : options.workers;
        rc = router_main(&options);
    }
    arena_free(&a);
    return rc;
}
