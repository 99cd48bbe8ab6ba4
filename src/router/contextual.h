/* Contexts: arguments of entities that objects above them fill in (planner/plan.h).
 *
 * Records of one selection are told apart by the values that the objects above give them: one rep_set for each tuple of
 * values, with an alias and variables of its own. Up to CONTEXTUAL_SETS_MAX of them go in one request.
 */
#ifndef PAINTBOX_ROUTER_CONTEXTUAL_H
#define PAINTBOX_ROUTER_CONTEXTUAL_H

#include "router/represent.h"

#define CONTEXTUAL_SETS_MAX 100u /* selections in one request; with more tuples of values there are several requests */

struct rep_set_vec VEC_BODY(struct rep_set);

/* Walks from the root to the targets and adds one set for each tuple of values. Records without a value that they need
 * are left out, as those without a key are. */
void contextual_collect(struct result *r, const struct plan_entities *entities, struct rep_set_vec *out);

/* The document of a request with these sets as a JSON string, in `a`: fetch->document_json when each selection has one
 * set. */
struct str contextual_document(struct arena *a, const struct plan_fetch *fetch, const struct rep_set *sets, size_t n);
/* Is `fetch->variables[index]` one of its variables? */
bool contextual_uses_variable(const struct rep_set *sets, size_t n, uint32_t index);

#endif
