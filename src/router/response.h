/* Slots → the response, in one walk: the client's order and names, null propagation and error paths as the GraphQL
 * specification demands (§6.4.4, §7.1).
 *
 * Leaves are copied from the subgraphs' bytes, unless they are long and may be sent from there. When a non-null place
 * turns out null the walk goes back to where its nearest nullable parent began. Errors are written with the client's
 * path when the walk passes the slot they hang at.
 */
#ifndef PAINTBOX_ROUTER_RESPONSE_H
#define PAINTBOX_ROUTER_RESPONSE_H

#include "graphql/coerce.h"
#include "router/result.h"

#define RESPONSE_BYTES_MAX (256u << 20)
#define RESPONSE_ERRORS_MAX 1000 /* the rest is counted in one more error */
#define RESPONSE_ERRORS_BYTES_MAX (4u << 20) /* after so many bytes no further one is shown */

#define RESPONSE_PIECE_MIN (16u << 10) /* shorter ones cost less when they are copied */

struct transport_lease;

/* Leaves that are not copied: each belongs before a byte of what is written. */
struct response_piece {
    size_t at;
    struct str text;
};
struct response_pieces {
    uint32_t min; /* of the length of one */
    VEC(struct response_piece) all;
    size_t bytes;    /* at most RESPONSE_BYTES_MAX, as `out` */
    bool overflowed; /* more of them were dropped */
    struct transport_lease *leases; /* of the replies they stand in, for the owner to release */
};

/* Appends `{"data":…}` or `{"data":…,"errors":[…]}`. `variables` are for introspection. Without `pieces` everything is
 * copied. */
void response_write(struct buf *out, struct response_pieces *pieces, struct result *r,
                    const struct gql_variables *variables);

/* Appends `{"errors":[…]}` for requests that never ran. */
void response_write_request_errors(struct buf *out, const struct gql_errors *errors);

#endif
