/* Is this operation valid for this schema? All rules of the specification's chapter 5, with the messages and positions
 * of graphql-js (the oracle in test/conformance/). The cost is linear in the size of the document, except for
 * overlapping fields, which is bounded by memoisation and by GQL_OVERLAP_MAX comparisons. */
#ifndef PAINTBOX_GRAPHQL_VALIDATE_H
#define PAINTBOX_GRAPHQL_VALIDATE_H

#include "graphql/schema.h"

#define GQL_ERRORS_MAX 100 /* validation stops after so many */
#define GQL_OVERLAP_MAX 200000

/* True when there are no errors. */
bool gql_validate(struct arena *a, const struct gql_schema *schema, const struct gql_document *doc,
                  struct gql_errors *errors);

/* The operation to run: by name, or the only one when `name` is STR_NONE. NULL with one error
 * (OPERATION_RESOLUTION_FAILURE). */
const struct gql_definition *gql_document_operation(struct arena *a, const struct gql_document *doc, struct str name,
                                                    struct gql_errors *errors);
/* NULL when absent. */
const struct gql_definition *gql_document_fragment(const struct gql_document *doc, struct str name);

#endif
