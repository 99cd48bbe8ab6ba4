/* Slots → the response, in one walk: the client's order and names, null propagation and error paths as the GraphQL
 * specification demands (§6.4.4, §7.1).
 *
 * Leaves are copied from the subgraphs' bytes. When a non-null place turns out null the walk goes back to where its nearest
 * nullable parent began. Errors are written with the client's path when the walk passes the slot they hang at.
 */
#ifndef PAINTBOX_ROUTER_RESPONSE_H
#define PAINTBOX_ROUTER_RESPONSE_H

#include "graphql/coerce.h"
#include "router/result.h"

#define RESPONSE_BYTES_MAX (256u << 20)
#define RESPONSE_ERRORS_MAX 1000 /* the rest is counted in one more error */
#define RESPONSE_ERRORS_BYTES_MAX (4u << 20) /* after so many bytes no further one is shown */

/* Appends `{"data":…}` or `{"data":…,"errors":[…]}`. `variables` are for introspection. */
void response_write(struct buf *out, struct result *r, const struct gql_variables *variables);

/* Appends `{"errors":[…]}` for requests that never ran. */
void response_write_request_errors(struct buf *out, const struct gql_errors *errors);

#endif
