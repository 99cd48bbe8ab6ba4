/* usage.c asks each operation, usage_walk.c collects what it uses, usage_rules.c says which changes that are. */
#ifndef PAINTBOX_CHECK_USAGE_PRIVATE_H
#define PAINTBOX_CHECK_USAGE_PRIVATE_H

#include "check/usage.h"

/* What an operation uses, as keys of a map:
 *
 *     T          the type is named, selected from, received or sent
 *     !T         fields of the object or interface are selected
 *     T.f        the field is selected
 *     T.f(a:)    with the argument       ?T.f(a:)  given by a variable or as null       -T.f(a:)  without it
 *     I.f E.V    the input field or enum value may be sent
 *     >T         a value of the input object or enum may be sent
 *     <E         a value of the enum is received
 *     @d @d(a:)  the directive stands somewhere, with the argument
 *     ~0 ~1 ~2   it is a query, mutation, subscription */
struct uses {
    struct arena *a; /* scratch of one operation */
    const struct gql_schema *schema;
    const struct gql_document *doc;
    const struct json *variables; /* as recorded, or NULL */
    struct map keys;
};

void uses_collect(struct uses *u, const struct gql_definition *operation);

/* ---- usage_rules.c ---- */

struct key_vec VEC_BODY(struct str);

/* When an operation uses a change: it has one of `any`, and one of `also` unless that is empty. */
struct use_rule {
    struct key_vec any, also;
};

struct use_rule use_rule_of(struct arena *a, const struct gql_schema *from, const struct change *c);

#endif
