/* What to compose, from a file: rover's supergraph.yaml, and our list of contracts.
 *
 *     federation_version: 2            # read and ignored: the subgraphs say which version they use
 *     subgraphs:
 *       customers:
 *         routing_url: http://localhost:4003/graphql
 *         schema: {file: customers.graphql}
 *       projects:
 *         schema:                       # the running subgraph is asked; it is routed to unless there is a routing_url
 *           subgraph_url: http://localhost:4004/graphql
 *           introspection_headers: {Authorization: "Bearer ${env.TOKEN}"}
 *       estimates:
 *         routing_url: http://localhost:4002/graphql
 *         schema: {sdl: "type Query { … }"}
 *     contracts:
 *       - name: partners
 *         include: [partner]
 *         exclude: [internal]
 *         keep_unreachable: false       # default
 *         output: partners.graphql      # the contract's supergraph
 *         api_schema: partners-api.graphql   # optional: what its clients see
 *
 * Paths count from the folder of the file. */
#ifndef PAINTBOX_FEDERATION_COMPOSE_CONFIG_H
#define PAINTBOX_FEDERATION_COMPOSE_CONFIG_H

#include "base/err.h"
#include "federation/contract.h"
#include "json/json.h"

#define COMPOSE_SCHEMA_MAX ((size_t)64 << 20) /* bytes of a schema file */

/* How a running subgraph is asked for its schema: { _service { sdl } } of the Federation specification. `headers` is an
 * object whose values are strings, or NULL. The schema lives in `a`; .p NULL with *err. */
typedef struct str compose_ask(struct arena *a, struct str url, const struct json *headers, struct err *err);

struct contract_config {
    struct contract contract;
    struct str output, api_schema; /* paths; api_schema.p NULL without */
};

struct compose_config {
    struct compose_subgraph *subgraphs; /* schemas are read */
    struct str *files;                  /* parallel: where they were read from; .p NULL for one that is no file */
    uint32_t n_subgraphs;
    struct contract_config *contracts;
    uint32_t n_contracts;
};

/* -1 with *err: SETTINGS_INVALID, SETTINGS_UNKNOWN_KEY, FILE_UNREADABLE, or what `ask` says. Everything lives in `a`.
 */
int compose_config_read(struct arena *a, const char *path, compose_ask *ask, struct compose_config *out,
                        struct err *err);

#endif
