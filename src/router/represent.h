/* Representations: records → the `representations` variable of an entity fetch.
 *
 * Equal representations are sent once; the answer then belongs to all records that made it. Which records those are is
 * remembered here, so that replies land without a second walk.
 */
#ifndef PAINTBOX_ROUTER_REPRESENT_H
#define PAINTBOX_ROUTER_REPRESENT_H

#include "router/result.h"

struct rep_entry {
    struct record *first;
    struct record_vec others; /* records with the same representation */
    uint32_t offset, len;     /* of its JSON in rep_set.json */
    uint64_t hash;
    const struct plan_rep *flat; /* made of leaves only, by this: compared by them; NULL: compared by its text */
    bool null;                /* the subgraph answered null for it */
};

struct rep_set {
    const struct plan_entities *entities;
    struct str alias, variable; /* of this copy of the selection */
    uint32_t copy;
    struct str values;          /* of contexts: `,"c0_0":…` */
    struct buf json; /* `[{…},{…}]` */
    VEC(struct rep_entry) entries;
    int answer;                 /* JSON kind of what the subgraph said; -1: nothing */
    size_t n_answered;          /* items of that, when it was a list */
};

/* Collects the representations of all targets (of a re-entry: no text, and all records in one entry). Records that lack
 * a key are left out; when it is lacking because of an error, the fields that the fetch would have brought carry that
 * error too. Free with rep_set_free(). */
void rep_set_collect(struct result *r, const struct plan_entities *entities, struct rep_set *out);
void rep_set_free(struct rep_set *set);

/* The same record by record, for contextual.h. */
struct rep_collector;
struct rep_collector *rep_collector_new(struct result *r);
void rep_set_begin(const struct plan_entities *entities, struct rep_set *set);
void rep_set_add(struct result *r, struct rep_set *set, struct rep_collector *c, struct record *rec,
                 const struct plan_rep *rep);
void rep_set_end(struct rep_set *set);

/* Why a record is not sent. */
struct rep_lack {
    struct error_link *cause; /* what it should say is null because of these errors */
    bool unknown;             /* nobody has brought that; else it is null */
};
/* The fields that the fetch would have brought are null for the same reason. */
void rep_leave_out(struct result *r, struct record *rec, const struct plan_shape *shape, const struct rep_lack *lack);

/* The first that takes the record's runtime type, or NULL. */
const struct plan_rep *rep_for(const struct plan_rep *reps, uint32_t n, const struct record *rec);

#endif
