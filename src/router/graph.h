/* A supergraph with everything that is made from it: planner, addresses of its subgraphs, operations with their plans.
 * A reload makes a new one and swaps the whole (reload.h); a request keeps the one it began with until it has been
 * answered.
 */
#ifndef PAINTBOX_ROUTER_GRAPH_H
#define PAINTBOX_ROUTER_GRAPH_H

#include "io/http_client.h"
#include "planner/planner.h"

#define SUPERGRAPH_BYTES_MAX (64u << 20)

struct operation_cache;

/* Immutable and shared by all workers, except for what the operation cache guards itself. */
struct graph {
    int refs;
    struct arena *arena;
    struct supergraph *supergraph;
    struct planner *planner;
    const struct gql_type *const *api_types;
    struct http_target *targets; /* by subgraph id; NULL without urls */
    struct operation_cache *operations;
};

struct graph_options {
    /* Gives the URL of a subgraph, or STR_NONE for the one that the supergraph says. NULL: no targets are made. */
    struct str (*url)(const void *arg, struct str subgraph);
    const void *url_arg;
    uint32_t operations_max; /* 0: OPERATIONS_MAX_DEFAULT */
};

/* From SDL. `options` may be NULL. NULL with *err: what is wrong, and on which line. Takes long for a large supergraph:
 * not on a loop that serves. */
struct graph *graph_new(struct str sdl, const struct graph_options *options, struct err *err);
/* The same from a file; the error names it. */
struct graph *graph_read(struct str path, const struct graph_options *options, struct err *err);
struct graph *graph_ref(struct graph *g);
void graph_unref(struct graph **g);
/* True when nobody but the caller has a reference. */
bool graph_is_last(const struct graph *g);

#endif
