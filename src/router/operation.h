/* Operations that the router knows: parsed, validated, planned once and used by every worker.
 *
 * Keys are whole: text and operation name select an operation, the values of its @skip/@include variables and the
 * caller's permissions (of those requirements that it touches) and the labels of progressive @overrides that are on
 * select its plan. A hash only finds the place where whole keys are compared.
 *
 * What is not cached is prepared on a helper thread, so that no loop waits. Two requests that miss at the same time
 * both prepare; the first to finish is kept. Least recently used entries go first.
 */
#ifndef PAINTBOX_ROUTER_OPERATION_H
#define PAINTBOX_ROUTER_OPERATION_H

#include "router/graph.h"

#define OPERATIONS_MAX_DEFAULT 4096
#define OPERATION_PLANS_MAX 64 /* per operation: one more makes room for itself */

/* How often something was used lately: a count that halves with each OPERATION_HEAT_HALVING look-ups of the cache. */
#define OPERATION_HEAT_HALVING (1u << 16)
struct heat {
    uint32_t count;
    uint32_t age; /* of the count: look-ups of the cache / OPERATION_HEAT_HALVING */
};

/* Immutable once made, except for its plans and heat, which its cache guards. */
struct operation {
    int refs;
    struct arena *arena;
    struct str text, name;
    const struct gql_document *document;
    const struct gql_definition *definition;
    struct str *conditions; /* variables in @skip and @include */
    uint32_t n_conditions;
    struct bits *auth_used; /* requirements that its fields touch */
    struct bits *labels_used; /* of progressive @overrides */
    const struct gql_selection *introspection; /* the first __schema or __type; NULL without */
    struct operation_plans *plans;
    struct heat heat;
    struct operation *newer, *older; /* the cache's order of use */
    struct operation *next_in_bucket;
    uint64_t hash;
};

struct operation_cache;
struct operation_cache *operation_cache_new(const struct graph *g, uint32_t max); /* belongs to the graph */
void operation_cache_free(struct operation_cache **c);

struct operation_cache_stats {
    uint64_t hits, misses, plan_hits, plan_misses, evicted;
    uint32_t entries;
};
void operation_cache_stats(struct operation_cache *c, struct operation_cache_stats *out);

/* One reference, or NULL with errors (syntax, validation, no such operation). Parks on a miss. */
struct operation *operation_get(struct operation_cache *c, struct str text, struct str name, struct arena *error_arena,
                                struct gql_errors *errors);
struct operation *operation_ref(struct operation *o); /* atomic */
void operation_unref(struct operation **o);

/* One reference, or NULL with errors. `auth`: which requirements of the supergraph the caller satisfies; `labels`:
 * which labels of it are on (NULL: none). Parks on a miss. */
struct plan *operation_plan(struct operation_cache *c, struct operation *o, const struct gql_variables *variables,
                            const struct bits *auth, const struct bits *labels, struct arena *error_arena,
                            struct gql_errors *errors);

/* ---- moving to another graph (warm.h), on helper threads ---- */

#define OPERATION_SCAN_MAX 16384 /* the hottest are looked for among those used last */
#define HOT_PLANS_MAX 8          /* of one operation */

struct hot_plan {
    const char *conditions;     /* '0' or '1' for each of operation->conditions */
    const struct bits *granted; /* of operation->auth_used */
    const struct bits *labels;  /* of operation->labels_used */
};

struct hot_operation {
    struct operation *operation; /* a reference */
    uint32_t heat;
    struct hot_plan plans[HOT_PLANS_MAX]; /* hottest first */
    uint32_t n_plans;
};

/* At most `max`, the hottest first, in `a`. */
uint32_t operation_cache_hottest(struct operation_cache *c, struct arena *a, uint32_t max, struct hot_operation **out);
/* operation_get() and operation_plan() without a fiber and without counting: the operation gets that heat. */
struct operation *operation_warm(struct operation_cache *c, struct str text, struct str name, uint32_t heat,
                                 struct arena *error_arena, struct gql_errors *errors);
bool operation_warm_plan(struct operation_cache *c, struct operation *o, const struct gql_variables *variables,
                         const struct bits *auth, const struct bits *labels, struct arena *error_arena,
                         struct gql_errors *errors);

#endif
