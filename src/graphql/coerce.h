/* Input coercion (specification §3.5–3.12, §6.1.2, §6.4.1): what the client sent becomes what a resolver gets.
 *
 * Coerced values are JSON trees: enums are JSON strings, defaults are filled in, lists of one are wrapped. Custom
 * scalars pass as they are. An absent value is NULL (the pointer), a given null is a JSON null.
 */
#ifndef PAINTBOX_GRAPHQL_COERCE_H
#define PAINTBOX_GRAPHQL_COERCE_H

#include "graphql/schema.h"
#include "json/json.h"

/* Coerced variables, in the order of the operation's definitions. */
struct gql_variable {
    struct str name;
    const struct gql_tref *type;
    struct json *value; /* NULL: absent and without a default */
};

struct gql_variables {
    struct gql_variable *v;
    uint32_t n;
};

const struct gql_variable *gql_variables_find(const struct gql_variables *vars, struct str name);

#define GQL_COERCE_ERRORS_MAX 50 /* of one request's variables */

/* `given` is the request's "variables" object or NULL. False with errors that name variable and path, e.g.
 * `Variable "$input" has invalid value at .qty: Int cannot represent non-integer value: "x"`. Code BAD_USER_INPUT. */
bool gql_coerce_variables(struct arena *a, const struct gql_schema *schema, const struct gql_definition *operation,
                          const struct json *given, struct gql_variables *out, struct gql_errors *errors);

/* A literal with variables put in. `out` is NULL when it was a variable without a value. False with one error. */
bool gql_coerce_literal(struct arena *a, const struct gql_schema *schema, const struct gql_tref *type,
                        const struct gql_value *value, const struct gql_variables *vars, struct json **out,
                        struct gql_errors *errors);

/* The arguments of a field or directive: a JSON object with one member for each argument that has a value. NULL with
 * errors. */
struct json *gql_coerce_arguments(struct arena *a, const struct gql_schema *schema, const struct gql_input *defs,
                                  uint32_t n_defs, const struct gql_argument *args, uint32_t n_args, struct gql_loc loc,
                                  const struct gql_variables *vars, struct gql_errors *errors);

/* @skip and @include with the variables' values: is the selection taken? */
bool gql_directives_include(const struct gql_directive_list *directives, const struct gql_variables *vars);

#endif
