/* The parts of fuzz-answer.c. */
#ifndef PAINTBOX_ROUTER_FUZZ_ANSWER_H
#define PAINTBOX_ROUTER_FUZZ_ANSWER_H

#include "base/rng.h"
#include "graphql/coerce.h"
#include "json/json.h"
#include "planner/plan.h"

/* Takes the next part off the front of `rest`: from a line `--- WORD more` up to the next such line. */
bool fuzz_next_part(struct str *rest, struct str *word, struct str *more, struct str *text);

/* fuzz-answer-reply.c: a reply that fits the fetch, mostly, with lists of fewer than `items`. `body` is the request. In
 * `a`. */
struct str fuzz_reply(struct arena *a, const struct plan *plan, const struct plan_fetch *fetch, struct str body,
                      struct rng *rng, uint32_t items);

/* fuzz-answer-check.c: panics unless `text` is a response that the specification allows for the operation. */
void fuzz_check(struct arena *a, const struct gql_schema *api, const struct gql_document *doc,
                const struct gql_definition *operation, const struct gql_variables *vars, struct str text);

#endif
