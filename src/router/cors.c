/* Cross-origin requests (Fetch standard, §3.2). A browser may call from the origins that the configuration names;
 * everybody else's pages get no CORS headers and so no answer. Requests that could be sent without a preflight cannot
 * change anything: POST has to be JSON (parameters.c) and GET runs queries only. */
#include "router/exchange.h"

static bool origin_allowed(const struct router_cors *cors, struct str origin)
{
    if (cors->any_origin)
        return true;
    for (unsigned i = 0; i < cors->n_origins; i++)
        if (str_eq(cors->origins[i], origin))
            return true;
    return false;
}

static enum flow preflight(struct exchange *x, const struct router_cors *cors, bool allowed)
{
    struct str asked = http_header_get(&x->http->request.headers, STR("access-control-request-headers"));

    if (allowed) {
        http_add_header(x->http, STR("Access-Control-Allow-Methods"), STR("GET, POST, OPTIONS"));
        struct str headers = cors->allow_headers.len ? cors->allow_headers : asked;
        if (headers.len)
            http_add_header(x->http, STR("Access-Control-Allow-Headers"), headers);
        if (cors->max_age_s > 0)
            http_add_header(x->http, STR("Access-Control-Max-Age"),
                            arena_printf(x->arena, "%lld", (long long)cors->max_age_s));
    }
    x->http->status = 204;
    return FLOW_REPLIED;
}

enum flow stage_cors(struct exchange *x)
{
    const struct router_cors *cors = &x->worker->router->options->cors;
    struct str origin = http_header_get(&x->http->request.headers, STR("origin"));
    bool allowed = origin.p && origin_allowed(cors, origin);

    if (origin.p)
        http_add_header(x->http, STR("Vary"), STR("Origin"));
    if (allowed) {
        bool wildcard = cors->any_origin && !cors->credentials;
        http_add_header(x->http, STR("Access-Control-Allow-Origin"), wildcard ? STR("*") : origin);
        if (cors->credentials)
            http_add_header(x->http, STR("Access-Control-Allow-Credentials"), STR("true"));
    }
    if (str_eq(x->http->request.method, STR("OPTIONS")))
        return preflight(x, cors, allowed);
    return FLOW_NEXT;
}
