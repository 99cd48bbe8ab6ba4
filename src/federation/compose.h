/* Composition: subgraph SDLs → one supergraph SDL.
 *
 *     struct compose_subgraph in[] = {{.name = STR("customers"), .url = STR("http://…"), .sdl = text}, …};
 *     struct compose_result r = compose(arena, in, n);
 *     if (r.n_errors) for each: r.errors[i].code, .message
 *
 * Reads Federation 1 and 2 SDL, follows the merge rules of Federation 2 and writes Apollo's join/link format so that
 * other routers can run the result. Output is sorted and stable: the same subgraphs in any order give the same text.
 * All errors that can be found are reported at once, in a stable order; codes are those of the Federation
 * documentation.
 */
#ifndef PAINTBOX_FEDERATION_COMPOSE_H
#define PAINTBOX_FEDERATION_COMPOSE_H

#include "base/arena.h"

#define COMPOSE_SUBGRAPHS_MAX 1000

struct compose_subgraph {
    struct str name, url, sdl;
};

enum compose_level { COMPOSE_ERROR, COMPOSE_WARN, COMPOSE_INFO, COMPOSE_DEBUG };

/* A message names the subgraph, the coordinate and the line, and says what to do. */
struct compose_message {
    enum compose_level level;
    struct str code; /* e.g. FIELD_TYPE_MISMATCH; hints: INCONSISTENT_DESCRIPTION */
    struct str message;
    struct str subgraph, coordinate; /* .p NULL when it concerns no single one */
    uint32_t line, column;           /* in that subgraph's SDL; 0 when unknown */
};

struct compose_result {
    struct str supergraph; /* .p NULL when there are errors */
    struct compose_message *errors;
    size_t n_errors;
    struct compose_message *hints;
    size_t n_hints;
};

/* Everything in the result lives in `a`. */
struct compose_result compose(struct arena *a, const struct compose_subgraph *subgraphs, size_t n);

#endif
