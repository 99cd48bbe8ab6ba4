/* A whole check: does the new schema compose, what has changed for clients, who uses it, and is that good enough?
 *
 *     struct check c = check_run(arena, &old, &new, operations, &options);
 *     check_report_text(&out, &c);
 *     return c.failed ? 1 : 0;
 */
#ifndef PAINTBOX_CHECK_CHECK_H
#define PAINTBOX_CHECK_CHECK_H

#include "check/diff.h"
#include "check/input.h"
#include "check/usage.h"

struct check_options {
    bool strict;              /* a breaking change fails even when no operation uses it */
    bool fail_on_dangerous;
    bool ignore_descriptions; /* they are not listed */
};

/* What becomes of a change. */
enum check_fate {
    CHECK_FINE,
    CHECK_WARNS,  /* dangerous */
    CHECK_UNUSED, /* breaking, but no recorded operation uses it */
    CHECK_FAILS,
};

struct check {
    const struct check_input *from, *to;
    struct check_options options;
    struct change_vec changes; /* the most severe first, otherwise in the schema's order; empty when `to` has errors */
    enum check_fate *fates;    /* parallel */
    const struct operations *operations; /* NULL: none were given */
    struct usage usage;        /* with operations */
    uint32_t levels[3];        /* changes by level, without those that are implied by others */
    uint32_t n_implied;
    uint32_t n_failing, n_unused;
    bool failed;
};

/* `operations` may be NULL. Both inputs must live as long as the check; `from` has a schema. */
struct check check_run(struct arena *a, const struct check_input *from, const struct check_input *to,
                       const struct operations *operations, const struct check_options *options);

#endif
