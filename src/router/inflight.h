/* Work that several fibers of one loop wait for: begun by the first who wants it, joined by those who want the same
 * while it lasts.
 *
 * The work runs in a fiber of its own, so it belongs to none of its participants. One who leaves early (its client has
 * gone, its time is over) disturbs nobody; when the last one leaves, the work is cancelled. What it has made lives
 * until the last reference is given back.
 *
 * Nobody joins work that began before a mutation ended: who reads after a write must not get an answer from before it.
 */
#ifndef PAINTBOX_ROUTER_INFLIGHT_H
#define PAINTBOX_ROUTER_INFLIGHT_H

#include "io/fiber.h"

#define INFLIGHT_BUCKETS 1024u

struct inflight_waiter;
struct inflight_table;

/* The head of whatever is worked on. Zeroed, with `key`, `run` and `destroy` filled in. */
struct inflight {
    struct str key; /* compared whole; lives as long as this */
    void (*run)(struct inflight *f);     /* in its own fiber */
    void (*destroy)(struct inflight *f); /* nobody has a reference any more */

    /* the table's */
    struct inflight_table *table;
    struct inflight *next, **link; /* in its bucket; link NULL: cannot be joined */
    struct fiber *fiber;           /* NULL before and after */
    struct inflight_waiter *waiters, *last_waiter; /* in the order in which they came */
    unsigned refs;
    int64_t began_us;
    uint64_t hash, writes;
    bool ended, abandoned;
};

struct inflight_table {
    struct loop *loop;
    const uint64_t *writes; /* atomic: mutations that have ended, in all workers */
    struct inflight *buckets[INFLIGHT_BUCKETS];
    unsigned n; /* that have not ended */
    uint64_t begun, joined;
};

/* One to join that has this key and began at `since_us` or later; NULL without. Takes a reference. */
struct inflight *inflight_find(struct inflight_table *t, struct str key, int64_t since_us);
/* Begins: the caller's reference is the first. False, and nothing has changed, when there is no fiber to be had. */
bool inflight_begin(struct inflight_table *t, struct inflight *f);
/* Takes part until the work has ended (WAIT_OK) or the caller's own time is over; then it has left. Parks. */
enum wait_result inflight_wait(struct inflight *f);
void inflight_unref(struct inflight *f);
/* Parks until what nobody waits for any more has ended. */
void inflight_drain(struct inflight_table *t);

#endif
