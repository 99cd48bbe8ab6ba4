/* What to compose, from a file: rover's supergraph.yaml, and our list of contracts.
 *
 *     federation_version: 2            # read and ignored: the subgraphs say which version they use
 *     subgraphs:
 *       customers:
 *         routing_url: http://localhost:4003/graphql
 *         schema: {file: customers.graphql}
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

#define COMPOSE_SCHEMA_MAX ((size_t)64 << 20) /* bytes of a schema file */

struct contract_config {
    struct contract contract;
    struct str output, api_schema; /* paths; api_schema.p NULL without */
};

struct compose_config {
    struct compose_subgraph *subgraphs; /* schemas are read */
    struct str *files;                  /* parallel: where they were read from */
    uint32_t n_subgraphs;
    struct contract_config *contracts;
    uint32_t n_contracts;
};

/* -1 with *err: SETTINGS_INVALID, SETTINGS_UNKNOWN_KEY, FILE_UNREADABLE. Everything lives in `a`. */
int compose_config_read(struct arena *a, const char *path, struct compose_config *out, struct err *err);

#endif
