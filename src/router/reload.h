/* Watches the supergraph's file and swaps the graph when a good one is there.
 *
 * The file is looked at twice a second: whoever replaces it may rename another over it or write into it. It is read
 * once it has looked the same twice, so half-written ones are left alone, and at once on SIGHUP. Reading, checking and
 * warming (warm.h) happen on a helper thread. A file that cannot be used changes nothing; what is wrong with it is
 * logged once.
 */
#ifndef PAINTBOX_ROUTER_RELOAD_H
#define PAINTBOX_ROUTER_RELOAD_H

#include "io/loop.h"
#include "router/warm.h"

struct reload_options {
    struct str path;
    bool watch; /* false: SIGHUP only */
    struct graph_options graph;
    struct warm_options warm; /* `stop` is the reload's own */
    /* Called in a fiber of the loop, with the graph from now on; takes references of its own. Parks until nobody begins
     * on the one before. */
    void (*adopt)(void *arg, struct graph *g);
    void *arg;
};

struct reload;

/* Reads the first graph, blocking. NULL with *err. */
struct reload *reload_new(const struct reload_options *options, struct err *err);
/* The graph that was adopted last. */
struct graph *reload_graph(struct reload *r);
/* From now on; `loop` runs as long as this does. */
int reload_start(struct reload *r, struct loop *loop, struct err *err);
/* Any thread: ends a warming that is going on. */
void reload_stop(struct reload *r);
/* After the loop has ended and everybody has given the graphs back. */
void reload_free(struct reload **r);

#endif
