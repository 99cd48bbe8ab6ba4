/* Private to verbatim*.c: objects of a reply that are the text which the plan expects (plan_text).
 *
 * This is where a large reply that is handed on costs its time, hence verbatim_text.c is compiled for more than one
 * kind of processor. */
#ifndef PAINTBOX_ROUTER_VERBATIM_TEXT_H
#define PAINTBOX_ROUTER_VERBATIM_TEXT_H

#include "json/json.h"
#include "planner/plan.h"

#define VERBATIM_LENGTHS 32u

struct verbatim_check {
    struct json_reader *json;
    const struct gql_type *const *api_types;
    const struct plan_shape_field *taken;
    uint32_t plain, other; /* objects of `taken` that were the text which the plan expects, and that were not */
    const char *strange;   /* the last one that was not */
    uint32_t lengths[VERBATIM_LENGTHS]; /* of strings, at the step that found them (by its address; who shares a place
                                           guesses worse) */
};

/* Where the object that begins at p ends, when it is the text of c->taken; NULL when not. `several`: also those that
 * follow it, with commas. The reader stands anywhere, and may have failed. */
const char *verbatim_objects_end(struct verbatim_check *c, const char *p, bool several);

#if defined(__x86_64__) && !defined(VERBATIM_ONE_KIND)
#define VERBATIM_HAS_AVX2
const char *verbatim_objects_end_avx2(struct verbatim_check *c, const char *p, bool several);
#endif

/* Where the leaf of the step ends that begins at p, in whatever form it may have; NULL when there is none. */
const char *verbatim_leaf_end(struct verbatim_check *c, const struct plan_text_step *step, const char *p);

#endif
