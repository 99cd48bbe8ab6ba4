/* Which recorded operations a change concerns.
 *
 *     struct usage u = usage_find(arena, old, new, &changes, &operations);
 *     u.changes[i].n         // operations that use what changes.v[i] takes away or makes different
 *     u.operations[k].state  // BROKEN, AFFECTED, UNAFFECTED
 *
 * An operation uses a change when it could notice it, by what it says, its recorded variables, or, when none are
 * recorded, any value that its variables' types allow: it selects the field, gives the argument, sends the enum
 * value or input field, names the type, selects from the union … A field of an interface counts for all objects
 * behind it. Only changes that are BREAKING or DANGEROUS are looked at.
 *
 * An operation that is valid for the old schema but not for the new one is BROKEN, whatever the cause; so is one
 * whose recorded variables no longer fit. */
#ifndef PAINTBOX_CHECK_USAGE_H
#define PAINTBOX_CHECK_USAGE_H

#include "check/diff.h"
#include "check/operations.h"

enum operation_state {
    OPERATION_UNAFFECTED,
    OPERATION_AFFECTED, /* stays valid, but uses a change */
    OPERATION_BROKEN,
    OPERATION_INVALID, /* not valid for the old schema: says nothing */
};

struct index_vec VEC_BODY(uint32_t);

struct operation_impact {
    const struct operation *operation;
    struct str label; /* the operation's name, or the beginning of its text */
    enum operation_state state;
    struct gql_errors errors;  /* BROKEN, INVALID: why */
    struct index_vec changes;  /* that it uses: indexes */
};

struct usage {
    struct operation_impact *operations; /* parallel to the list of operations */
    struct index_vec *changes;           /* parallel to the changes: operations that use it */
    uint32_t states[4];                  /* how many operations, by state */
};

struct usage usage_find(struct arena *a, const struct gql_schema *from, const struct gql_schema *to,
                        const struct change_vec *changes, const struct operations *operations);

#endif
