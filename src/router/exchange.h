/* One request on its way through the stages (pipeline.c). Private to the room. */
#ifndef PAINTBOX_ROUTER_EXCHANGE_H
#define PAINTBOX_ROUTER_EXCHANGE_H

#include "io/http_server.h"
#include "router/execute.h"
#include "router/operation.h"
#include "router/router.h"
#include "security/jwt.h"

/* What all workers share. */
struct router {
    const struct router_options *options;
    struct reload *reload; /* the main loop's */
    uint64_t writes; /* atomic: mutations that have ended */
    struct jwt_keys *keys; /* NULL: no authentication configured */
    uint32_t keys_generation; /* atomic; callers remembered from an earlier one are verified again */
};

/* What one worker has for itself. */
struct worker {
    struct router *router;
    struct loop *loop;
    struct graph *graph;      /* for requests that begin now */
    struct graph *next_graph; /* atomic; waits to be taken over by the worker's loop */
    struct http_server *server;
    struct transport_http *transport;
    struct answers *answers;
    struct caller_cache *callers;
    uint64_t next_request_id;
    uint64_t requests; /* atomic, written by the worker only */
    char id_prefix[17]; /* random, so that ids of workers and restarts differ */
};

/* A caller with everything that follows from the identity. */
struct caller {
    struct identity identity;
    const struct bits *auth;     /* requirements of the supergraph that the identity satisfies */
    struct str header;           /* "paintbox-caller: {…}\r\n", or empty */
};

/* GraphQL-over-HTTP parameters. */
struct parameters {
    struct str query;
    struct str operation_name; /* STR_NONE without */
    const struct json *variables; /* NULL or an object */
};

enum media { MEDIA_JSON, MEDIA_GRAPHQL_RESPONSE };

struct exchange {
    struct worker *worker;
    struct http_exchange *http;
    struct arena *arena;
    struct graph *graph; /* from beginning to end */
    struct str request_id;
    enum media media;
    const struct caller *caller;
    struct parameters params;
    struct operation *operation;
    struct gql_variables variables;
    struct plan *plan;
    bool alone; /* nothing of it is shared with other requests */
    struct execution_stats stats;
    struct answer *answer; /* holds what is sent, when it is shared */
    struct buf out;
    struct response_pieces pieces; /* of `out`, when it is an executed response */
};

enum flow { FLOW_NEXT, FLOW_REPLIED };

/* ---- stages, in their files ---- */

enum flow stage_cors(struct exchange *x);         /* cors.c */
enum flow stage_authenticate(struct exchange *x); /* caller.c */
enum flow stage_parameters(struct exchange *x);   /* parameters.c */

/* ---- replies (parameters.c) ---- */

/* A request that cannot be run: `{"errors":[…]}` with that status. */
enum flow reply_error(struct exchange *x, int status, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* The same for errors of GraphQL itself: 400, or 200 for clients that only know application/json. */
enum flow reply_graphql_errors(struct exchange *x, const struct gql_errors *errors);
/* Sends that text with its pieces between, all of which live until exchange_release (pipeline.c). */
enum flow reply_pieces(struct exchange *x, int status, struct str text, const struct response_pieces *pieces);
/* Sends what is in x->out. */
enum flow reply_out(struct exchange *x, int status);

/* ---- labels of progressive @overrides (labels.c) ---- */

/* Which labels are on for this request: by the header, else by the configuration, else by the roll of percent(N). NULL:
 * none that the operation touches. */
const struct bits *labels_choose(struct exchange *x);
/* Names what the configuration sets and the supergraph does not have: most likely a typing error. */
void labels_report_unknown(const struct router_options *options, const struct supergraph *s);

/* ---- callers (caller.c) ---- */

struct caller_cache *caller_cache_new(void);
void caller_cache_free(struct caller_cache **c);

#endif
