/* Introspection: answers __schema and __type(name:) from a schema, as JSON text. The same selections with the same
 * schema give what graphql-js gives, byte for byte after JSON.stringify. */
#ifndef PAINTBOX_GRAPHQL_INTROSPECT_H
#define PAINTBOX_GRAPHQL_INTROSPECT_H

#include "graphql/coerce.h"

/* `field` is a __schema or __type selection of the validated document. Writes its value (an object or null). */
void gql_introspect(struct buf *out, struct arena *a, const struct gql_schema *schema, const struct gql_document *doc,
                    const struct gql_selection *field, const struct gql_variables *vars);

#endif
