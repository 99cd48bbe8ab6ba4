/* Gives memory back to the system after a burst.
 *
 * While there is traffic everything that was needed once is kept for the next request: arenas, buffers, stacks, and
 * what malloc() holds. When hardly anything has come for TRIM_QUIET_US, all of it goes; the next requests take it anew.
 * Private to the room.
 */
#ifndef PAINTBOX_ROUTER_TRIM_H
#define PAINTBOX_ROUTER_TRIM_H

#include "router/exchange.h"

#define TRIM_LOOK_US (2 * US_PER_SEC)
#define TRIM_QUIET_LOOKS 3     /* in a row */
#define TRIM_QUIET_REQUESTS 20 /* of all workers between two looks */

struct trim {
    struct worker *workers;
    unsigned n;
};

/* A fiber of the main loop, which ends with it; `arg` is a struct trim. */
void trim_when_quiet(void *arg);

#endif
