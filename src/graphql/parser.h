/* Text → tree.
 *
 *     struct gql_errors errors = {0};
 *     struct gql_document *doc = gql_parse(arena, text, &(struct gql_parse_options){0}, &errors);
 *     if (!doc) report(errors.v[0]); // exactly one error: the first
 *
 * The grammar is the September 2025 specification's: executable and type-system documents, descriptions on executable
 * definitions, block strings, variable-width unicode escapes, @oneOf needs no grammar. Messages and positions agree
 * with the `graphql` npm package, which is the oracle in test/conformance/.
 *
 * Limits: the depth of nesting is bounded (GQL_DEPTH_MAX) so that no text overflows the stack, and the number of tokens
 * by max_tokens.
 */
#ifndef PAINTBOX_GRAPHQL_PARSER_H
#define PAINTBOX_GRAPHQL_PARSER_H

#include "graphql/ast.h"

#define GQL_DEPTH_MAX 200
#define GQL_TOKENS_MAX_DEFAULT 15000 /* for operations; type systems pass 0 */

struct gql_parse_options {
    uint32_t max_tokens; /* 0: no limit */
};

/* `text` must outlive the document. NULL with one error on a syntax error. */
struct gql_document *gql_parse(struct arena *a, struct str text, const struct gql_parse_options *options,
                               struct gql_errors *errors);

/* A selection set with or without its outer braces, as in @key(fields: "id organization { id }"). NULL with one error. */
struct gql_selection_set *gql_parse_field_set(struct arena *a, struct str text, struct gql_errors *errors);

/* One value; constants only, no variables. */
struct gql_value *gql_parse_const_value(struct arena *a, struct str text, struct gql_errors *errors);

/* One type reference, e.g. `[ID!]!`. */
struct gql_type_ref *gql_parse_type_ref(struct arena *a, struct str text, struct gql_errors *errors);

#endif
