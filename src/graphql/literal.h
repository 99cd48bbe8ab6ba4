/* Does a literal fit the type of its place? Private to the room: defaults of a type system, arguments of an operation
 * and arguments at run time all ask here, so that they all answer the same. */
#ifndef PAINTBOX_GRAPHQL_LITERAL_H
#define PAINTBOX_GRAPHQL_LITERAL_H

#include "graphql/coerce.h"

struct gql_literal_error {
    struct str message;
    struct gql_loc loc;
    struct str path; /* ` at .input.items[2]`, or empty */
};

struct gql_literal_errors VEC_BODY(struct gql_literal_error);

/* `vars` NULL: the values of variables are not known yet, and a variable fits everywhere. */
void gql_check_literal(struct arena *a, const struct gql_value *v, const struct gql_tref *type,
                       const struct gql_variables *vars, struct gql_literal_errors *errors);

/* A step on the way from the outermost value to the one at hand; lives on the stack of whoever walks. */
struct gql_value_path {
    const struct gql_value_path *up;
    struct str field; /* .p == NULL: an item of a list */
    uint32_t index;
};

struct str gql_value_path_text(struct arena *a, const struct gql_value_path *path);

/* The suggestions at the end of messages about unknown names. */
struct str gql_suggest_value(struct arena *a, const struct gql_type *enum_type, struct str given);
struct str gql_suggest_input(struct arena *a, const struct gql_type *input_type, struct str given);

enum gql_builtin_scalar {
    GQL_SCALAR_CUSTOM,
    GQL_SCALAR_INT,
    GQL_SCALAR_FLOAT,
    GQL_SCALAR_STRING,
    GQL_SCALAR_BOOLEAN,
    GQL_SCALAR_ID
};
enum gql_builtin_scalar gql_scalar_kind(const struct gql_type *t);

#endif
