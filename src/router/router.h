/* The router: one GraphQL endpoint in front of all subgraphs.
 *
 *     struct router_options o = {.supergraph = STR("supergraph.graphql"), .listen = STR("127.0.0.1:4000")};
 *     return router_main(&o);
 *
 * GET and POST /graphql by the GraphQL-over-HTTP specification, /health (200 once ready), / (GraphiQL). It needs no
 * database. The stages of a request stand in one table, in order, in pipeline.c.
 */
#ifndef PAINTBOX_ROUTER_ROUTER_H
#define PAINTBOX_ROUTER_ROUTER_H

#include "base/err.h"
#include "base/map.h"

#define ROUTER_BODY_MAX_DEFAULT (2u << 20)
#define ROUTER_WORKERS_MAX 64

struct router_cors {
    bool any_origin;
    struct str *origins; /* exact: scheme://host[:port] */
    unsigned n_origins;
    bool credentials;
    struct str allow_headers; /* comma separated; empty: what the browser asks for */
    int64_t max_age_s;
};

/* Progressive @overrides: what is set for one label. */
struct router_label {
    struct str label;
    double percent; /* of requests for which it is on: 0 off, 100 on */
};

struct router_options {
    struct str supergraph;      /* path of the SDL */
    struct str listen;          /* HOST:PORT */
    struct str path;            /* of the endpoint; empty: /graphql */
    unsigned workers;           /* 0: one per core */
    size_t body_max;            /* 0: ROUTER_BODY_MAX_DEFAULT */
    int64_t request_timeout_us; /* 0: 30 s */
    int64_t subgraph_timeout_us; /* 0: 15 s */
    uint32_t operations_max;    /* cached operations; 0: OPERATIONS_MAX_DEFAULT */
    bool hot_reload;            /* watch the supergraph's file; SIGHUP reads it in any case */
    uint32_t warm_operations;   /* the hottest ones, prepared before a new supergraph gets traffic; 0: none */
    int64_t warm_timeout_us;
    bool share_subgraph;        /* equal requests to subgraphs in flight are sent once */
    bool share_inbound;         /* equal queries of equal callers in flight are executed once */
    bool introspection;
    struct str page;            /* HTML at /, GraphiQL; empty: none */
    struct str service_token;   /* shown to subgraphs */
    struct str jwks;            /* path or URL of the keys; empty: every caller is anonymous, and a token is refused */
    struct str issuer, audience; /* what tokens must say; .p NULL: anything */
    struct router_cors cors;
    struct router_label *labels; /* unnamed ones go by percent(N), or are off */
    unsigned n_labels;
    struct str labels_header;   /* requests may set labels in this header; empty: they may not */
    struct map override_urls;   /* subgraph name → struct str *: wins over the supergraph's URL */
};

/* Blocks until a stop signal. The exit status of the process: 0, or 1 after a message on stderr. */
int router_main(const struct router_options *options);

#endif
