/* Objects of a reply that can be written to the client as they stand (plan_shape_field.verbatim): their bytes are
 * checked as closely as when records are made of them, but nothing is made.
 */
#ifndef PAINTBOX_ROUTER_VERBATIM_H
#define PAINTBOX_ROUTER_VERBATIM_H

#include "json/json.h"
#include "planner/plan.h"

/* Takes the value at the reader. False when it is not exactly what the client may get — other members or another order,
 * white space, a null in a non-null place, a value of the wrong type —: the reader is then of no use. */
bool verbatim_take(struct json_reader *r, const struct plan_shape_field *field, const struct plan_slot *slot,
                   const struct gql_type *const *api_types, struct str *raw);

#endif
