/* Supergraph and operation → plan.
 *
 * The planner finds the cheapest plan under this cost, compared in order: the longest chain of fetches (depth), the
 * number of fetches, the number of fields fetched. It works on a graph that is built once per supergraph (planner_new)
 * with integer ids and bitsets; making a plan needs no lock, so any number of threads may plan at once.
 *
 * Limits: PLANNER_STEPS_MAX search steps. Beyond them the best plan found so far is used; there always is one. What is
 * too large or too deep is refused with code QUERY_PLANNING_LIMIT: docs/planner.md.
 */
#ifndef PAINTBOX_PLANNER_PLANNER_H
#define PAINTBOX_PLANNER_PLANNER_H

#include "graphql/coerce.h"
#include "planner/plan.h"

#define PLANNER_STEPS_MAX 3000000 /* each some ten nanoseconds */
#define PLANNER_MEMORY_MAX (256u << 20)
#define PLANNER_PARTS_MAX 64 /* further uses of @defer make no part of their own */

struct planner;

/* How much work may go into one plan. 0 is the default of each; less makes plans dearer, not wrong. */
struct planner_options {
    uint64_t steps;          /* PLANNER_STEPS_MAX */
    uint32_t places, entries; /* of a graph in which nothing is shared: docs/planner.md */
};

/* Both take a reference to the supergraph. */
struct planner *planner_new(struct supergraph *s);
struct planner *planner_new_with(struct supergraph *s, const struct planner_options *options);
void planner_free(struct planner **p);

struct plan_request {
    const struct gql_document *document; /* validated against supergraph->api */
    const struct gql_definition *operation;
    const struct gql_variables *variables; /* coerced; only those in @skip, @include and @defer are looked at */
    /* The client takes the response in parts: @defer makes some. Otherwise @defer changes nothing. */
    bool incremental;
    /* Which of supergraph->auth the caller satisfies. NULL: all. */
    const struct bits *auth;
    /* Which of supergraph->labels are on. NULL: none. */
    const struct bits *labels;
};

/* What belongs into the cache key beside the operation's text: the requirements of the fields that the operation
 * selects. */
void planner_auth_used(const struct planner *p, const struct gql_document *doc, const struct gql_definition *operation,
                       struct bits *used /* cap: supergraph->n_auth */);
/* The same for progressive @overrides: labels of the fields that the operation selects or that it may need as inputs. */
void planner_labels_used(const struct planner *p, const struct gql_document *doc, const struct gql_definition *operation,
                         struct bits *used /* cap: supergraph->n_labels */);
/* Names of the variables that stand in @skip and @include and, when the response may come in parts, in @defer. In `a`. */
uint32_t planner_condition_variables(struct arena *a, const struct gql_document *doc, const struct gql_definition *operation,
                                     bool incremental, struct str **names);

/* One reference for the caller, or NULL with errors. The plan keeps its own copy of what it needs of the document. */
struct plan *planner_plan(const struct planner *p, const struct plan_request *request, struct arena *error_arena,
                          struct gql_errors *errors);

#endif
