/* A subgraph's reply → slots, in one pass over its bytes.
 *
 * The shape says which member goes where; members that nobody asked for are checked and skipped. Leaves are checked
 * against their type and stay slices of the body. What does not fit (a string where an Int belongs, an object where a
 * list belongs, an unknown enum value) becomes an error at that place and null; it never spoils its neighbours.
 */
#ifndef PAINTBOX_ROUTER_REPLY_H
#define PAINTBOX_ROUTER_REPLY_H

#include "router/represent.h"
#include "router/result.h"

#define REPLY_ERRORS_MAX 1000u /* of one reply; the rest is counted in one more error */
#define REPLY_PATH_BYTES_MAX (16u << 10) /* of one error; with a longer path it has no place */
#define REPLY_MEMORY_MAX (40u << 20) /* for what is made of one reply, beside its bytes */

/* `body` must live as long as the result. `sets` are the representations that were sent; none for
 * root fetches. Always leaves the result consistent: on a broken body everything that the fetch should have brought is
 * an error. */
void reply_read(struct result *r, const struct plan_fetch *fetch, struct rep_set *sets, size_t n_sets,
                struct str body);

/* The fetch brought nothing: the error hangs at everything it should have filled. */
void reply_fail(struct result *r, const struct plan_fetch *fetch, struct rep_set *sets, size_t n_sets,
                struct result_error *e);

#endif
