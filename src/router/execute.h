/* Runs a plan: a graph of fetches, each started as soon as those it waits for have ended.
 *
 *     struct buf out;
 *     execute(arena, &(struct execution){.plan = plan, .transport = t, .variables = vars, …}, &out);
 *
 * Always writes a complete GraphQL response. What goes wrong in a subgraph becomes an error at the fields it should
 * have brought; the rest of the response is as good as ever.
 */
#ifndef PAINTBOX_ROUTER_EXECUTE_H
#define PAINTBOX_ROUTER_EXECUTE_H

#include "router/response.h"
#include "router/transport.h"

#define EXECUTION_REPLIES_MAX (64u << 20) /* bytes of all replies to one request */

struct execution {
    const struct plan *plan;
    struct transport *transport;
    const struct gql_type *const *api_types;
    const struct gql_variables *variables;
    struct str headers;          /* for subgraphs, "Name: value\r\n" lines */
    struct str identity;         /* of those, what replies may depend on: the caller */
    int64_t subgraph_timeout_us; /* of one fetch */
    struct response_pieces *pieces; /* NULL: everything is copied into the response */
    bool alone;                  /* no reply is one that another request waits for */
};

struct execution_stats {
    uint32_t fetches;  /* sent */
    uint32_t failed;
    uint32_t timeouts; /* of those */
    uint64_t bytes_in; /* of replies */
};

/* Parks. Appends the response to `out`, whose pieces, if it may have some, belong between; everything else lives in
 * `a`. */
void execute(struct arena *a, const struct execution *x, struct buf *out, struct execution_stats *stats);

/* For struct execution and result_init(): the API type of each type of `full`, in the supergraph's own arena order. */
const struct gql_type *const *execute_api_types(struct arena *a, const struct supergraph *s);

#endif
