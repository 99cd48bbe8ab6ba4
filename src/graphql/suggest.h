/* "Did you mean …?": the end of a message about an unknown name; private to the room. */
#ifndef PAINTBOX_GRAPHQL_SUGGEST_H
#define PAINTBOX_GRAPHQL_SUGGEST_H

#include "base/vec.h"

struct str_vec VEC_BODY(struct str);

/* ` Did you mean "a", "b", or "c"?` with those names that are near to `input`, the nearest first; empty without one.
 * `what` ("the enum value ", or "") goes before the names. */
struct str gql_suggest(struct arena *a, const char *what, struct str input, const struct str_vec *names);
/* The same for names that were chosen already. */
struct str gql_did_you_mean(struct arena *a, const char *what, const struct str_vec *names);

/* `a`, `a and b`, `a, b, and c`. */
struct str gql_join_list(struct arena *a, const char *conjunction, const struct str_vec *items);

/* The order of names in messages: digits count as numbers. <0, 0, >0. */
int gql_natural_cmp(struct str a, struct str b);

#endif
