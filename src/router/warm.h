/* Prepares a new graph for traffic: the operations that were used most on the old one are parsed, validated and planned
 * before the first request comes, with the values of @skip and @include and the permissions that were used most. */
#ifndef PAINTBOX_ROUTER_WARM_H
#define PAINTBOX_ROUTER_WARM_H

#include "router/graph.h"

#define WARM_OPERATIONS_MAX 10000
#define WARM_NAMES_MAX 5 /* named in the report */

struct warm_options {
    uint32_t operations;   /* at most; 0: none */
    int64_t timeout_us;    /* looked at between two operations */
    const bool *stop;      /* atomic; set by another thread: end now. NULL: nobody will */
};

struct warm_report {
    uint32_t hottest; /* operations that were to be prepared */
    uint32_t ready;
    uint32_t plans;
    uint32_t invalid; /* do not validate any more, or cannot be planned */
    struct str invalid_names; /* the first WARM_NAMES_MAX of them */
    bool out_of_time;
};

/* Blocks: on a helper thread. */
void graph_warm(struct graph *to, const struct graph *from, const struct warm_options *options, struct arena *a,
                struct warm_report *report);

#endif
