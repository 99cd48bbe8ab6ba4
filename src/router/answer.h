/* Runs an operation and answers: the last stage.
 *
 * Equal queries of equal callers that are in flight in one worker are executed once and get the same bytes
 * (docs/decisions/0008). Private to the room.
 */
#ifndef PAINTBOX_ROUTER_ANSWER_H
#define PAINTBOX_ROUTER_ANSWER_H

#include "router/exchange.h"

#define ANSWER_ARENAS_POOLED 16u

/* What one worker's answers share. */
struct answers {
    struct worker *worker;
    struct inflight_table flights;
    struct arena *pool[ANSWER_ARENAS_POOLED];
    unsigned n_pool;
};

struct answers *answers_new(struct worker *worker);
void answers_trim(struct answers *a); /* frees what is kept for the next requests */
void answers_free(struct answers **a); /* parks until what was abandoned has ended */

enum flow stage_execute(struct exchange *x);
/* When the response has been written. */
void answer_release(struct answer **a);

#endif
