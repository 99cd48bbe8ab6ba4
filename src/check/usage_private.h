/* usage.c decides, usage_walk.c collects what an operation uses. */
#ifndef PAINTBOX_CHECK_USAGE_PRIVATE_H
#define PAINTBOX_CHECK_USAGE_PRIVATE_H

#include "check/usage.h"

/* What an operation uses, as keys of a map:
 *
 *     T          the type is named, selected from, received or sent      T.f      the field is selected
 *     T.f(a:)    the argument is given                                   -T.f(a:) the field is selected without it
 *     ?T.f(a:)   it is given by a variable or as null
 *     I.f, E.V   the input field or enum value may be sent               >T       a value of the input type may be sent
 *     <E         a value of the enum is received                         !T       fields of the object are selected
 *     @d, @d(a:) the directive stands there, with the argument           ~0 ~1 ~2 it is a query, mutation, subscription */
struct uses {
    struct arena *a; /* scratch of one operation */
    const struct gql_schema *schema;
    const struct gql_document *doc;
    const struct json *variables; /* as recorded, or NULL */
    struct map keys;
};

void uses_collect(struct uses *u, const struct gql_definition *operation);

#endif
